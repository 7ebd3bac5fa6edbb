"""What an element of a page is to the walk over it, by its tag and its attributes.

In: an element, or what is written on it. Out: whether it starts a block, what it says of its place, its
step of a path, the text of a label. How a page is walked is `corpus.outline`'s to say.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from corpus.blocks import names_place, role_place, tag_place
from corpus.dom import UNSEEN
from corpus.tokens import visible

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

# A byline or source line is not longer, in characters.
MAX_LABEL = 200

# Between the steps of a path; each is a tag and up to three class names.
STEP = ">"

# Elements in which no story is looked for; their text is kept as it is.
CHROME = frozenset(("nav", "select", "option", "datalist", "textarea", "dialog", "noindex"))
SKIP = frozenset((*UNSEEN, "-comment", "-doctype", "input"))
# Elements that hold nothing, and say nothing of what is beside them.
_VOID = frozenset(("br", "img", "hr", "wbr", "source"))
_IN_A_LINE = (
    "a abbr acronym b bdi bdo big center cite code data del dfn em font i img ins kbd label mark nobr "
    "picture q rp rt ruby s samp small source span strike strong sub sup time tt u var wbr"
)
_INLINE = frozenset(_IN_A_LINE.split())


_DIGITS = re.compile(r"\d+")
# The attributes whose words say what an element is for.
NAMES = frozenset(("class", "id", "itemprop", "data-testid", "data-component", "rel"))


def is_block_level(tag: str) -> bool:
    """Whether an element of this tag starts and ends a block."""
    return tag not in _INLINE and tag not in SKIP and tag not in CHROME


def place_of(attributes: dict[str, str | None]) -> int:
    """What an element's attributes say of its place."""
    names = " ".join([v for n, v in attributes.items() if v and n in NAMES])
    return names_place(names) | role_place(attributes.get("role"))


class Kind(NamedTuple):
    """An element's tag, how the walk takes such an element, and what the tag says of its place."""

    tag: str
    is_unseen: bool
    is_inline: bool
    is_void: bool
    place: int


# Lexbor's number for text; and the kinds by the numbers met, since a name takes four times as long to
# ask for. The numbers of elements that HTML does not know are each page's own, and large.
TEXT = 2
KINDS: dict[int, Kind] = {}
_KNOWN_TAGS = 1_000


def kind_of(node: "LexborNode") -> Kind:
    """The element's kind."""
    number = node.tag_id
    known = KINDS.get(number)
    if known:
        return known
    tag = node.tag or ""
    kind = Kind(tag, tag in SKIP, tag in _INLINE, tag in _VOID, tag_place(tag))
    if number < _KNOWN_TAGS:
        KINDS[number] = kind
    return kind


# Elements that hold one run of text; whatever HTML does not know in them is shown in the line.
_PARAGRAPHS = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6"))


def kind_at(node: "LexborNode", holder: str | None, is_open: bool) -> Kind:
    """The element's kind where it stands: in an element of tag `holder`, after text of its block or not.

    Components ("x-person") and what word processors leave ("st1:place") are part of a sentence that they
    stand in; elsewhere they are taken for blocks.
    """
    kind = kind_of(node)
    if kind.is_inline or not ("-" in kind.tag or ":" in kind.tag):
        return kind
    if holder in _PARAGRAPHS or (_holds_text(node) and (is_open or _is_text(node.next))):
        return kind._replace(is_inline=True)
    return kind


def _holds_text(node: "LexborNode") -> bool:
    """Whether there is one text in the element, and nothing else."""
    inside = node.first_child
    return inside is not None and inside.tag_id == TEXT and inside.next is None


def _is_text(node: "LexborNode | None") -> bool:
    return node is not None and node.tag_id == TEXT and not (node.text_content or "").isspace()


# Pixels: pictures that are no wider or no higher are signs of the page's own (logos, faces, counters).
_LEAST_SIDE = 120
_SIGN = re.compile(
    r"logo|avatar|icon|author|byline|profile|portrait|badge|pixel|spacer|tracking|emoji",
    re.IGNORECASE,
)


def is_photo(attributes: dict[str, str | None]) -> bool:
    """Whether an `img` shows what the story tells of, by what is written on it; a caption may follow."""
    for side in ("width", "height"):
        said = attributes.get(side) or ""
        if said.isascii() and said.isdigit() and int(said) <= _LEAST_SIDE:
            return False
    told = (attributes.get(name) or "" for name in ("class", "id", "src", "alt"))
    return _SIGN.search(" ".join(told)) is None


@lru_cache(maxsize=4096)
def step(tag: str, classes: str | None) -> str:
    """A step of a path: the tag with up to three class names in order, their digits as "#"."""
    if not classes:
        return tag
    names = sorted({_DIGITS.sub("#", name) for name in classes.replace(STEP, "").split()})
    return ".".join((tag, *names[:3]))


def has_elements(first: "LexborNode") -> bool:
    """Whether there is more than text among this node and its siblings."""
    node: LexborNode | None = first
    while node is not None:
        if not node.is_text_node:
            return True
        node = node.next
    return False


def label_text(node: "LexborNode") -> str:
    """The text of a marked element without its dates, "" where there is too much of it."""
    pieces: list[str] = []
    size = 0
    for text in _texts(node):
        pieces.append(text)
        size += len(text)
        if size > 4 * MAX_LABEL:
            return ""
    text = visible(" ".join(pieces)).replace(" ,", ",")
    return text if len(text) <= MAX_LABEL else ""


def _texts(node: "LexborNode") -> "Iterator[str]":
    """The text nodes below an element, without those of a `time` element."""
    waiting: list[LexborNode | None] = [node.first_child]
    while waiting:
        child = waiting.pop()
        while child is not None:
            if child.is_text_node:
                yield child.text_content or ""
            elif child.tag != "time" and child.first_child is not None:
                waiting.append(child.next)
                child = child.first_child
                continue
            child = child.next
