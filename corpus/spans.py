"""What two texts have in common, word for word, and what only one of them has: for people to read.

In: two texts as they are. Out: shared spans with their offsets in both, and the names, numbers and
quotations that stand in one only. It takes time linear in the texts. No decision rests on it: that
is `corpus.pairs`, which compares sets.
"""

import re
from collections.abc import Callable, Iterator
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from corpus.folding import folded_text
from corpus.rows import Index, among
from corpus.text import Located, Normaliser
from crawler.records import Record

Bools = NDArray[np.bool_]
U64 = NDArray[np.uint64]

LEAST = 5
"""Words in a span; of a shorter text all."""

SHOWN = 100
"""So many spans, names or quotations at most."""


class Span(Record):
    """Words that both texts have, as the first writes them; offsets are half-open, in code points."""

    text: str
    words: int
    a_start: int
    a_end: int
    b_start: int
    b_end: int


class Differences(Record):
    """What stands in one text and not in the other, in its order there."""

    names: tuple[str, ...]
    quotations: tuple[str, ...]


def shared_spans(one: str, other: str, normaliser: Normaliser) -> tuple[Span, ...]:
    """The longest runs of common words that do not overlap in either text, longest first."""
    a, b = normaliser.located(one), normaliser.located(other)
    least = min(LEAST, len(a.words), len(b.words))
    if not least:
        return ()
    free_a, free_b = np.ones(len(a.words), bool), np.ones(len(b.words), bool)
    spans: list[Span] = []
    for at, to, length in _runs(a.words, b.words, least):
        begin, end = _free(free_a[at : at + length] & free_b[to : to + length])
        if end - begin >= least and len(spans) < SHOWN:
            free_a[at + begin : at + end] = free_b[to + begin : to + end] = False
            spans.append(_span(one, (a, at + begin), (b, to + begin), end - begin))
    return tuple(sorted(spans, key=lambda span: (-span.words, span.a_start)))


def differences(one: str, other: str, normaliser: Normaliser) -> Differences:
    """The names, numbers and quotations of the first text that the other does not have."""
    there = normaliser.located(other)
    words, runs = np.unique(there.words), np.unique(_windows(there.words, 3))
    names = (match[0] for match in _NAME.finditer(folded_text(one)))
    quotations = (" ".join(match[0].split()) for match in _QUOTATION.finditer(one))
    return Differences(
        _lacking(names, normaliser, lambda found: _has(words, found)),
        _lacking(quotations, normaliser, lambda found: _told(runs, found)),
    )


# A capital that does not open a sentence, or a digit.
_NAME = re.compile(r"(?<=[^\W_][\s,;:-] )[A-Z]\w+|(?<=[^\W_,;:][ ,-])[^\W\d_a-z]\w+|\b\d[\d.,]*\b")
_QUOTATION = re.compile(
    r"“[^“”\n]{12,2000}”|«[^«»\n]{12,2000}»|„[^„“\n]{12,2000}“|(?<!\w)\"[^\"\n]{12,2000}\"(?!\w)"
)


_LOOKED_UP_AT_ONCE = 1000  # names or quotations


def _lacking(
    found: Iterator[str], normaliser: Normaliser, has: Callable[[U64], bool]
) -> tuple[str, ...]:
    """The first ones, each once, whose words the other text does not have."""
    once, lacking = _distinct(found), list[str]()
    while len(lacking) < SHOWN and (some := list(islice(once, _LOOKED_UP_AT_ONCE))):
        located = normaliser.located("\n".join(some))  # no word goes beyond a line
        begins = np.cumsum([0, *(len(each) + 1 for each in some)])
        bounds = pairwise(np.searchsorted(located.starts, begins).tolist())
        lacking += [
            each for each, (a, b) in zip(some, bounds, strict=True) if not has(located.words[a:b])
        ]
    return tuple(lacking[:SHOWN])


def _distinct(found: Iterator[str]) -> Iterator[str]:
    seen = set[str]()
    for each in found:
        if each not in seen:
            seen.add(each)
            yield each


def _has(words: U64, wanted: U64) -> bool:
    return bool(among(wanted, words).all())


def _told(runs: U64, words: U64) -> bool:
    """Whether half of the words' runs of three stand there, too."""
    mine = _windows(words, 3)
    return bool(not len(mine) or among(mine, runs).mean() >= 0.5)


def _runs(a: U64, b: U64, least: int) -> list[tuple[int, int, int]]:
    """Maximal runs of common words as (place in a, place in b, words), longest first.

    A window of words that `b` has more than once is looked for at its first place only.
    """
    values, first = np.unique(_windows(b, least), return_index=True)
    windows = _windows(a, least)
    found = np.searchsorted(values, windows)
    found[found == len(values)] = 0
    at = np.flatnonzero(values[found] == windows)
    if not len(at):
        return []
    to = first[found[at]]
    starts = np.flatnonzero((np.diff(at, prepend=-9) != 1) | (np.diff(to, prepend=-9) != 1))
    lengths = np.diff(starts, append=len(at)) + least - 1
    order = np.lexsort((at[starts], -lengths))
    columns = (at[starts][order], to[starts][order], lengths[order])
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _windows(words: U64, size: int) -> U64:
    """A hash of every run of `size` words; none where there are fewer."""
    count = max(len(words) - size + 1, 0)
    rolled = np.zeros(count, np.uint64)
    for n in range(size):
        rolled = rolled * np.uint64(0x9E3779B97F4A7C15) + words[n : n + count]
    return rolled


def _free(marks: Bools) -> tuple[int, int]:
    """The longest stretch of true values, as (begin, end)."""
    edges: Index = np.flatnonzero(np.diff(marks.astype(np.int8), prepend=0, append=0))
    if not len(edges):
        return 0, 0
    begins, ends = edges[::2], edges[1::2]
    longest = int(np.argmax(ends - begins))
    return int(begins[longest]), int(ends[longest])


def _span(text: str, a: tuple[Located, int], b: tuple[Located, int], words: int) -> Span:
    (one, at), (other, to) = a, b
    begin, end = int(one.starts[at]), int(one.ends[at + words - 1])
    return Span(
        text=text[begin:end],
        words=words,
        a_start=begin,
        a_end=end,
        b_start=int(other.starts[to]),
        b_end=int(other.ends[to + words - 1]),
    )
