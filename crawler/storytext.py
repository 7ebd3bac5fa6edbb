"""Whether two captures of a page tell the same story, though their bytes differ: rendered anew, or edited.

In: the bytes of both. Out: same, edited, or that it is not certain. This only decides how soon a page is
asked for again; what its story is, is read by the corpus.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import Literal

from crawler.records import Record
from crawler.tags import Head

Comparison = Literal["same", "edited", "unsure"]

# Bytes of a page that are looked at; it takes 1 ms for 100,000.
_MOST_BYTES = 1_000_000
# A block of the story is worth its words less this: labels and teasers come to nothing. A story whose
# blocks have together less words than that is not told from what stands around it.
_COST = 16
_LEAST_WORDS = 40
# Words from which on an edited passage is told from another one.
_PROSE = 8
_MOST_PASSAGES = 100
_MOST_WORDS = 100

_MARKUP = re.compile(rb"<!--|<(/?)([a-zA-Z][^\s/>]{0,40})[^>]*>?")
_UNSEEN = frozenset(b"script style title template noscript textarea select svg iframe".split())
_INLINE = frozenset(
    b"a abbr b bdi cite code em font i ins mark q s small span strong sub sup time u wbr".split()
)
_ENDS_SENTENCE = tuple(end.encode() for end in (*".!?:;)\"'”’»“", "…"))
_MODIFIED = re.compile(
    rb"(?:\"dateModified\"\s{0,9}:\s{0,9}|modified_time[\"'][^<>]{0,20}content\s?=\s?)"
    rb"[\"']([^\"'<>]{4,40})"
)


def compared(before: bytes, now: bytes) -> Comparison:
    """Whether both have the same headline, story text and time of modification.

    "edited" also where a passage anywhere on the page came in place of one much like it. "unsure" where
    no story stands out; so it is with pages without spaces between words, and those in UTF-16.
    """
    before, now = before[:_MOST_BYTES], now[:_MOST_BYTES]
    one, other = tuple(_blocks(before)), tuple(_blocks(now))
    if _stamps(before) != _stamps(now) or _has_edits(one, other):
        return "edited"
    story, told = _story(one), _story(other)
    if story == told:
        return "same" if story else "unsure"
    in_common = len(set(story) & set(told))
    return "edited" if 2 * in_common >= min(len(story), len(told)) > 0 else "unsure"


class _Block(Record):
    """The text between two elements that break lines; `free` are its words that are no link's."""

    words: tuple[bytes, ...]
    free: int

    @property
    def is_text(self) -> bool:
        """Whether this is no link, nor a link with a teaser."""
        return 4 * self.free > 3 * len(self.words)

    @property
    def is_prose(self) -> bool:
        """Whether this reads like a sentence; a masthead's date, say, has no full stop."""
        return self.free >= _PROSE and self.words[-1].endswith(_ENDS_SENTENCE)


def _stamps(page: bytes) -> tuple[str, bytes]:
    """The page's headline, and when it says that it was changed."""
    modified = _MODIFIED.search(page)
    return Head(page).text(b"h1"), modified[1] if modified else b""


def _blocks(page: bytes) -> Iterator[_Block]:
    folded = page.lower()
    words: list[bytes] = []
    free = at = 0
    in_link = False
    while markup := _MARKUP.search(page, at):
        text = page[at : markup.start()].split()
        words += text
        free += 0 if in_link else len(text)
        at = markup.end()
        name = (markup[2] or b"").lower()
        if not name or (name in _UNSEEN and not markup[1]):
            end = folded.find(b"</" + name if name else b"-->", at)
            at = end if end >= 0 else len(page)
        elif name == b"a":
            in_link = not markup[1]
        elif name not in _INLINE and words:
            yield _Block(tuple(words), free)
            words, free = [], 0
    words += page[at:].split()
    if words:
        yield _Block(tuple(words), free)


def _story(blocks: tuple[_Block, ...]) -> tuple[tuple[bytes, ...], ...]:
    """The texts of the stretch of blocks with most of it, () where it is short."""
    best = worth = start = 0
    stretch = slice(0, 0)
    for n, block in enumerate(blocks):
        if worth <= 0:
            worth, start = 0, n
        worth += (block.free if block.is_text else 0) - _COST
        if worth > best:
            best, stretch = worth, slice(start, n + 1)
    texts = [block for block in blocks[stretch] if block.is_text]
    return tuple(b.words for b in texts) if sum(b.free for b in texts) >= _LEAST_WORDS else ()


def _has_edits(before: tuple[_Block, ...], now: tuple[_Block, ...]) -> bool:
    """Whether a passage is gone for which one came that has half of its words."""
    one = {block.words for block in before if block.is_prose}
    other = {block.words for block in now if block.is_prose}
    gone, came = sorted(one - other)[:_MOST_PASSAGES], sorted(other - one)[:_MOST_PASSAGES]
    pairs = product(map(_start, gone), tuple(map(_start, came)))
    return any(2 * len(a & b) >= min(len(a), len(b)) for a, b in pairs)


def _start(words: tuple[bytes, ...]) -> frozenset[bytes]:
    return frozenset(words[:_MOST_WORDS])
