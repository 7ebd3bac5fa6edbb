"""What extractors said of a page, kept: of the time that a page takes, they take most.

In: pages that are read in full, and what was kept of them, as far as it is at hand. Out: the extractors'
answers, asked for where they are not; and those packed, to be kept. A kept answer counts only for the very
HTML that it was given for. Where it is kept, and for how long, is `corpus.workbook`'s affair.
"""

import hashlib
from collections.abc import Callable

import msgspec

from corpus.extractors import MAX_NESTED, answers
from corpus.pages import Page
from crawler.records import Capture, Record

Ask = Callable[[Page, int], dict[str, str]]
"""The extractors' answers to a page, by their names, given how deep its elements stand in each other."""

Keep = Callable[[bytes, bytes], None]
"""Told a page's key and the packed answers to it."""

KEY = 16
"""Bytes of a key."""


class _Answered(Record):
    """The extractors' answers by their names, and a digest of all that they were told."""

    told: bytes
    texts: dict[str, str]


def key_of(page: Page | Capture) -> bytes:
    """Under which a page's answers are kept: a digest of its bytes and type, b"" where they are not known."""
    known = page if isinstance(page, Capture) else page.http
    if not known.sha256:
        return b""
    return _digest(f"{known.sha256} {known.content_type}")


class Asker:
    """Asks the extractors, unless what they said is at hand; without `keep` nothing is packed."""

    def __init__(self, keep: Keep | None = None) -> None:
        self._keep = keep
        self._at_hand: dict[bytes, bytes] = {}

    def hand(self, page: Page, packed: bytes) -> None:
        """What was kept of a page that will be asked about next, b"" for nothing."""
        if packed:
            self._at_hand[key_of(page)] = packed

    def clear(self) -> None:
        """Nothing is at hand any more."""
        self._at_hand.clear()

    def __call__(self, page: Page, nested: int) -> dict[str, str]:
        """The extractors' answers to a page whose elements stand so deep in each other."""
        key = key_of(page)
        told = _digest(f"{nested > MAX_NESTED} {page.html}")
        if key in self._at_hand:
            known = msgspec.msgpack.decode(self._at_hand[key], type=_Answered)
            if known.told == told:
                return known.texts
        texts = answers(page.html, nested)
        if key and self._keep:
            self._keep(key, msgspec.msgpack.encode(_Answered(told, texts)))
        return texts


ASK: Ask = Asker()
"""Always asks."""


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:KEY]
