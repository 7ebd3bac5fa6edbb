"""Elements of a page's head, found by their names: a tenth of what a parser takes.

In: bytes of HTML. Out: the attributes of each such element by lower-case name, or the text of an element, in
document order. The case of letters is folded once, since patterns that ignore it are ten times as slow.
"""

import html
import re
from collections.abc import Iterator

HEAD_BYTES = 100_000
"""How far into a page its head is looked for."""

_MOST_ELEMENTS = 1_000
_LONGEST_ELEMENT = 2_000
_LONGEST_TEXT = 600
_ATTRIBUTE = re.compile(
    rb"""([a-zA-Z\xe2\x9a\xa1-]{1,20})(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?"""
)
_TAG = re.compile(rb"<[^>]*>")


class Head:
    """The beginning of a page."""

    def __init__(self, page: bytes) -> None:
        self._page = page[:HEAD_BYTES]
        self._folded = self._page.lower()

    def attributes(self, name: bytes) -> Iterator[dict[str, str]]:
        """Those of each element of this name, their entities read."""
        for start, end in self._places(name):
            yield {
                key.lower().decode("utf-8", "replace"): html.unescape(
                    (one or other or bare).decode("utf-8", "replace")
                )
                for key, one, other, bare in _ATTRIBUTE.findall(self._page, start, end)
            }

    def has(self, word: bytes) -> bool:
        """Whether this lower-case word stands anywhere in it."""
        return word in self._folded

    def text(self, name: bytes) -> str:
        """The text of the first element of this name that has some, in one line."""
        for _, end in self._places(name):
            close = self._folded.find(b"</" + name, end, end + _LONGEST_TEXT)
            if close >= 0:
                text = _TAG.sub(b" ", self._page[end + 1 : close]).decode("utf-8", "replace")
                return " ".join(html.unescape(text).split())
        return ""

    def _places(self, name: bytes) -> Iterator[tuple[int, int]]:
        """Where the attributes of this name's start tags begin and end."""
        opening = b"<" + name
        at = -1
        for _ in range(_MOST_ELEMENTS):
            at = self._folded.find(opening, at + 1)
            if at < 0:
                return
            end = self._folded.find(b">", at, at + _LONGEST_ELEMENT)
            if end >= 0 and self._folded[at + len(opening) : at + len(opening) + 1] in _ENDS_NAME:
                yield at + len(opening), end


_ENDS_NAME = (b" ", b"\t", b"\n", b"\r", b"\f", b">", b"/")
