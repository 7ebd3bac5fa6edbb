"""Characters to tokens to codes, for many texts at once.

In: texts; which characters make up a token; what a token stands for. Out: the texts as one array of code
points, and a 64-bit code for each token of it. Each distinct token is spelt out and looked at once, and
known by a hash of its characters from then on. What a code means is not known here.
"""

import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.rows import U64, Index, starts_of

U8 = NDArray[np.uint8]
U32 = NDArray[np.uint32]
Bools = NDArray[np.bool_]


class Joined(NamedTuple):
    """Texts end to end, a line break before each of them and after the last.

    `points` are the code points of `text`. Text n lies between the breaks at `breaks[n]` and
    `breaks[n + 1]`.
    """

    text: str
    points: U32
    breaks: Index


def joined(texts: list[str]) -> Joined:
    """The texts as one."""
    text = "\n".join(["", *texts, ""])
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))
    lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
    return Joined(text, points.astype(np.uint32, copy=False), starts_of(lengths))


class Characters:
    """A number for each character: bit n says whether the n-th of the patterns matches it.

    Beyond the third plane there are no letters, and no bits. A stretch of code points is looked at when
    one of its characters is first met: to look at all takes longer than to hash a hundred texts.
    """

    def __init__(self, *classes: str) -> None:
        self._classes = [re.compile(f"(?:{pattern})+") for pattern in classes]
        self._bits = np.zeros(_POINTS, np.uint8)
        self._known = np.arange(0, _POINTS, _STRETCH) >= _LETTERS
        for stretch in range(_USUAL // _STRETCH):
            self._look_at(stretch)

    def of(self, points: U32) -> U8:
        """The numbers of the characters with these code points."""
        others = points[points >= _USUAL]
        if len(others):
            met = np.bincount(others // _STRETCH, minlength=len(self._known)) > 0
            for stretch in np.flatnonzero(met & ~self._known).tolist():
                self._look_at(stretch)
        return self._bits.take(points)

    def _look_at(self, stretch: int) -> None:
        first = stretch * _STRETCH
        every = np.arange(first, first + _STRETCH, dtype="<u4").tobytes()
        text = every.decode("utf-32-le", "surrogatepass")
        for bit, pattern in enumerate(self._classes):
            for match in pattern.finditer(text):
                self._bits[first + match.start() : first + match.end()] |= 1 << bit
        self._known[stretch] = True


_POINTS, _LETTERS = 0x110000, 0x40000
_STRETCH = 0x1000
_USUAL = 0x3000  # alphabets, punctuation, symbols


@cache
def character_classes(*classes: str) -> Characters:
    """The numbers of characters by these patterns, made once."""
    return Characters(*classes)


class Vocabulary:
    """The codes of tokens, which `coded` works out when one is met; they are kept while there is room.

    Two tokens pass for one if the 64-bit hash of their characters is the same: for two of a million
    words the odds are below one in ten million. Who sets out to make up such a pair can, and gains that
    one of them is read as the other.
    """

    def __init__(self, coded: Callable[[str], int]) -> None:
        self._coded = coded
        self._keys = np.zeros(_SLOTS, np.uint64)
        self._codes = np.zeros(_SLOTS, np.uint64)

    def codes(self, texts: Joined, starts: Index, ends: Index) -> U64:
        """The code of each token; they are given by their places, half-open and in order."""
        codes = np.empty(len(starts), np.uint64)
        begins = np.arange(0, len(texts.points), _BLOCK)
        edges = np.append(np.searchsorted(starts, begins), len(starts))
        for begin, (first, last) in zip(begins.tolist(), pairwise(edges.tolist()), strict=True):
            if first < last:
                here = slice(first, last)
                codes[here] = self._looked_up(texts, begin, starts[here], ends[here])
        return codes

    def _looked_up(self, texts: Joined, begin: int, starts: Index, ends: Index) -> U64:
        """The codes of tokens that start in the block of characters that begins there."""
        short = ends - starts <= _LONGEST
        block = texts.points[begin : begin + _BLOCK + _LONGEST]
        keys = _keys(block, starts - begin, np.where(short, ends, starts) - begin)
        slots = keys >> _SLOT_SHIFT
        codes: U64 = self._codes[slots]
        new = np.flatnonzero((self._keys[slots] != keys) & short)
        if len(new):
            met, first, which = np.unique(keys[new], return_index=True, return_inverse=True)
            found = self._spelt(texts.text, starts[new[first]], ends[new[first]])
            codes[new] = found[which]
            # A token takes the place of the one that had its slot: codes do not depend on what is kept.
            self._keys[met >> _SLOT_SHIFT] = met
            self._codes[met >> _SLOT_SHIFT] = found
        codes[~short] = self._spelt(texts.text, starts[~short], ends[~short])
        return codes

    def _spelt(self, text: str, starts: Index, ends: Index) -> U64:
        spans = zip(starts.tolist(), ends.tolist(), strict=True)
        return np.fromiter((self._coded(text[a:b]) for a, b in spans), np.uint64, len(starts))


_SLOTS = 1 << 20
_SLOT_SHIFT = np.uint64(64 - 20)
_LONGEST = 64  # characters of a token that is kept; hardly a word is longer
_BLOCK = 1 << 16  # characters whose sums are held at a time
_BASE = 0x9E3779B97F4A7C15
_SPREAD = np.uint64(0xFF51AFD7ED558CCD)


def _powers(base: int) -> U64:
    powers = np.full(_BLOCK + _LONGEST, base, np.uint64)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)


_POWERS = _powers(_BASE)
_INVERSE = _powers(pow(_BASE, -1, 1 << 64))


def _keys(points: U32, starts: Index, ends: Index) -> U64:
    """A hash of the characters of each token, never 0.

    It is the polynomial of the code points in `_BASE`: a difference of sums, taken back to where the
    token starts.
    """
    sums = np.zeros(len(points) + 1, np.uint64)
    np.cumsum(points * _POWERS[: len(points)], out=sums[1:])
    keys: U64 = (sums[ends] - sums[starts]) * _INVERSE[starts] * _SPREAD | np.uint64(1)
    return keys
