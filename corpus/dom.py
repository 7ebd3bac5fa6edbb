"""A page's tree as blocks of text with the path that leads to each, read by Lexbor alone.

In: HTML, or an element of a parsed page. Out: `Placed` blocks in reading order. A block is the text
between the borders of block-level elements or line breaks. Built for speed: this is all that a page of
a known site costs. What the blocks are is decided elsewhere (`corpus.serving`).
"""

import re
import unicodedata
from collections.abc import Iterable
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# A page of more blocks is no article; what stands behind is not looked at.
MAX_BLOCKS = 20_000
# Lexbor's time grows with the square of how deep `div`s are nested: 50,000 take six seconds.
MAX_TAGS = 20_000
# Characters. Here it is the number of attributes: 100,000 take twenty seconds.
_MOST_OF_A_TAG = 100_000
# Deeper elements are read as if they stood here: a path of a thousand steps tells nothing.
MAX_DEPTH = 60

# Between the steps of a path; each is a tag and up to three class names.
STEP = ">"


class Placed(NamedTuple):
    """One run of text, its white space folded: how much of it is link text, and where it stands.

    `href` is the target of its links where all of them have the same, else "". `path` are the
    block-level elements between the walk's root and the text; `node` is the innermost of them.
    """

    text: str
    link_chars: int
    href: str
    path: str
    node: "LexborNode"


def parse(html: str) -> "LexborHTMLParser | None":
    """The page as a tree; any text gives one, unless it has more tags than an article has."""
    from selectolax.lexbor import LexborHTMLParser

    return None if html.count("<") > MAX_TAGS or _has_endless_tag(html) else LexborHTMLParser(html)


def _has_endless_tag(html: str) -> bool:
    """Whether a tag is so long that its attributes alone would take seconds."""
    if len(html) <= _MOST_OF_A_TAG:
        return False
    longest = max(html.split(">"), key=len)
    start = longest.rfind("<")
    return len(longest) - start > _MOST_OF_A_TAG and longest[start + 1 : start + 2].isalpha()


def titles(tree: "LexborHTMLParser") -> tuple[str, ...]:
    """What the head calls the page: `title` and og:title, as far as they are there."""
    title = tree.css_first("title")
    shared = tree.css_first('meta[property="og:title"]')
    found = (
        title.text() if title is not None else "",
        (shared.attributes.get("content") or "") if shared is not None else "",
    )
    return tuple(dict.fromkeys(" ".join(text.split()) for text in found if text.strip()))


def walk(roots: Iterable["LexborNode"]) -> list[Placed]:
    """The blocks under these elements."""
    blocks: list[Placed] = []
    for root in roots:
        _Walk(root, blocks).run()
    return blocks


def is_block_level(tag: str) -> bool:
    """Whether an element of this tag starts and ends a block."""
    return tag not in _INLINE and tag not in _SKIP


def words(text: str) -> list[str]:
    """The lower-case words; characters of Chinese and Japanese count as one each."""
    low = text.lower()
    return _WORD.findall(low if low.isascii() else _CJK.sub(r" \g<0> ", low))


def fingerprint(text: str) -> bytes:
    """Eight bytes that are equal for two texts of the same words, whatever their case and marks."""
    folded = " ".join(_WORD.findall(text.lower()))
    return blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def is_cjk(character: str) -> bool:
    """Whether it is a single Chinese or Japanese character."""
    return bool(_CJK.fullmatch(character))


def wide_chars(text: str) -> int:
    """How many Chinese and Japanese characters the text has."""
    return 0 if text.isascii() else len(_CJK.findall(text))


_WORD = re.compile(r"\w+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")

_SKIPPED = (
    "-comment -doctype script style svg link meta iframe noscript template select option input textarea "
    "button dialog head title object canvas audio video map math datalist noindex"
)
_SKIP = frozenset(_SKIPPED.split())
_IN_A_LINE = (
    "a abbr acronym b bdi bdo big center cite code data del dfn em font i img ins kbd label mark nobr "
    "picture q rp rt ruby s samp small source span strike strong sub sup time tt u var wbr"
)
_INLINE = frozenset(_IN_A_LINE.split())
_DIGITS = re.compile(r"\d+")


class _Walk:
    """One pass over a tree, without recursion: trees can be thousands of levels deep."""

    def __init__(self, root: "LexborNode", blocks: list[Placed]) -> None:
        self.blocks = blocks
        # The block-level element that is being read, its path, and the link around what is read.
        self._holder = root
        self._path = ""
        self._link = ""
        # What to come back to: the next sibling, with the three above as they were.
        self._waiting: list[tuple[LexborNode | None, LexborNode, str, str]] = []
        self._steps: dict[tuple[str, str | None], str] = {}
        self._pieces: list[str] = []
        self._linked = 0
        self._hrefs: set[str] = set()

    def run(self) -> None:
        """Read everything under the root, up to the limit of blocks."""
        node = self._holder.first_child
        while len(self.blocks) < MAX_BLOCKS:
            if node is None:
                if not self._waiting:
                    break
                node = self._leave()
            elif node.is_text_node:
                self._add(node.text_content)
                node = node.next
            else:
                node = self._enter(node, node.tag or "")
        self._close()

    def _enter(self, node: "LexborNode", tag: str) -> "LexborNode | None":
        """What to read next: the element's first child, or its sibling."""
        if tag in _SKIP:
            return node.next
        inline = tag in _INLINE
        if not inline and self._pieces:
            self._close()
        inside = node.first_child
        if inside is None:
            return node.next
        self._waiting.append((node.next, self._holder, self._path, self._link))
        if not inline:
            self._holder = node
            if len(self._waiting) <= MAX_DEPTH:
                self._path = self._longer(tag, node.attrs.get("class"))
        elif tag == "a":
            self._link = node.attrs.get("href") or self._link
        return inside

    def _leave(self) -> "LexborNode | None":
        """What to read after an element whose children are all read."""
        node, holder, path, self._link = self._waiting.pop()
        if holder is not self._holder:
            if self._pieces:
                self._close()
            self._holder, self._path = holder, path
        return node

    def _longer(self, tag: str, classes: str | None) -> str:
        key = (tag, classes)
        step = self._steps.get(key)
        if step is None:
            step = self._steps[key] = _step(tag, classes)
        return self._path + STEP + step if self._path else step

    def _add(self, text: str | None) -> None:
        if text:
            self._pieces.append(text)
            if self._link:
                self._linked += len(text.strip())
                self._hrefs.add(self._link)

    def _close(self) -> None:
        """End the open block."""
        text = " ".join("".join(self._pieces).split())
        if text:
            if not text.isascii():
                text = unicodedata.normalize("NFC", text)
            href = next(iter(self._hrefs)) if len(self._hrefs) == 1 else ""
            linked = min(self._linked, len(text))
            self.blocks.append(Placed(text, linked, href, self._path, self._holder))
        self._pieces = []
        if self._linked:
            self._linked = 0
            self._hrefs = set()


def _step(tag: str, classes: str | None) -> str:
    """A step of a path: the tag with up to three class names in order, their digits as "#"."""
    if not classes:
        return tag
    names = sorted({_DIGITS.sub("#", name) for name in classes.replace(STEP, "").split()})
    return ".".join((tag, *names[:3]))
