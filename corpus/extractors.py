"""What general extractors say a page's story is: the door of trafilatura and Resiliparse.

In: a page's HTML. Out: an answer, one line a block, "" for none. An answer only votes on the page's
blocks (`corpus.votes`); none of its text goes into an article. No answer depends on another page.
"""

import logging
from copy import deepcopy
from typing import Any

from corpus.dom import parse
from corpus.outline import walk
from corpus.votes import FIRST

# Elements inside each other: Resiliparse's time grows with the square of it (19,000: five seconds).
MAX_NESTED = 2_000

# What no extractor looks at. Cut out first, it makes trafilatura, which copies the tree several times, a
# seventh faster; its scores on the development pages stay the same.
_NO_STORY = (
    "script",
    "style",
    "svg",
    "link",
    "meta",
    "iframe",
    "nav",
    "noscript",
    "template",
    "select",
    "option",
    "input",
    "textarea",
    "dialog",
    "footer",
)


def answers(html: str, nested: int = 0) -> dict[str, str]:
    """Three extractors' answers by name; trafilatura's is the first. `nested` is the page's depth.

    Of its precision mode its own comparison of extractors is left out, which costs a half of the whole
    and says what Readability says here by itself; it is asked only where the rest finds nothing.
    """
    from lxml.etree import strip_elements

    tree = _load(html)
    if tree is None:
        return {}
    strip_elements(tree, *_NO_STORY, with_tail=False)
    first = _trafilatura(deepcopy(tree), fast=True)
    if not first.strip():
        # An unclosed `nav` can swallow the story, and was cut out with it: then the whole page is asked.
        first = _trafilatura(deepcopy(tree)) or _trafilatura(html)
    second = _resiliparse(html) if nested <= MAX_NESTED else ""
    return {FIRST: first, "resiliparse": second, "readability": _readability(tree)}


def _trafilatura(page: Any, *, fast: bool = False) -> str:
    from trafilatura import extract

    found = extract(
        page,
        fast=fast,
        favor_precision=True,
        include_comments=False,
        deduplicate=False,
        with_metadata=False,
    )
    return found or ""


def _resiliparse(html: str) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    text: str = extract_plain_text(html, main_content=True, alt_texts=False, list_bullets=False)
    return text


def _readability(tree: Any) -> str:
    """Readability's answer for a tree, which is spent afterwards."""
    from lxml.etree import LxmlError
    from trafilatura.readability_lxml import Document

    try:
        summary = parse(Document(tree).summary())
    except (LxmlError, ValueError, AssertionError):
        return ""  # it gives up on trees that its own pruning emptied
    if summary is None or summary.body is None:
        return ""
    return "\n".join(block.text for block in walk(summary, chrome=False).outline.blocks)


def _load(html: str) -> Any:
    from trafilatura.utils import load_html

    # It reports unreadable pages on the root logger's terms; here they are rejections.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    return load_html(html) if html.strip() else None
