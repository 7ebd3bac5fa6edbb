"""What general extractors say a page's story is: the door of trafilatura.

In: a page's HTML. Out: an answer, one line a block, "" for none. An answer only votes on the page's
blocks (`corpus.votes`); none of its text goes into an article. No answer depends on another page.
"""

import logging
from typing import Any

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


def precise(html: str) -> str:
    """trafilatura's answer in its precision mode."""
    from lxml.etree import strip_elements

    tree = _load(html)
    if tree is None:
        return ""
    strip_elements(tree, *_NO_STORY, with_tail=False)
    # An unclosed `nav` can swallow the story, and was cut out with it: then the whole page is asked.
    return _trafilatura(tree) or _trafilatura(html)


def _trafilatura(page: Any) -> str:
    from trafilatura import extract

    found = extract(
        page, favor_precision=True, include_comments=False, deduplicate=False, with_metadata=False
    )
    return found or ""


def readable(html: str) -> str:
    """Readability's answer."""
    from lxml import html as lxml_html
    from trafilatura.readability_lxml import Document

    tree = _load(html)
    if tree is None:
        return ""
    found = lxml_html.fromstring(Document(tree).summary())
    for element in found.iter("p", "div", "li", "br", "h1", "h2", "h3", "h4", "td", "blockquote"):
        element.tail = "\n" + (element.tail or "")
    return "\n".join(" ".join(line.split()) for line in found.text_content().split("\n"))


def _load(html: str) -> Any:
    from trafilatura.utils import load_html

    # It reports unreadable pages on the root logger's terms; here they are rejections.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    return load_html(html) if html.strip() else None
