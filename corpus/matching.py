"""Values that both rows of a pair have, for many pairs of rows at once.

In: rows of distinct 32-bit hashes, each ascending, and pairs of row numbers. Out: the matches. Hashes are
spread evenly, so where one stands in a row is nearly known from its highest bits: each row that is searched
has a table of where the values of each such stretch begin. What the hashes mean is not known here.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.rows import Index, Rows, starts_of

_WIDTH = 32
_ROOM = 1  # stretches are a quarter to a half of a value long


class Matches(NamedTuple):
    """A match each: the pair, and where the value stands in the pair's first row and in its second."""

    pair: Index
    first: Index
    second: Index


def matches(rows: Rows, pairs: Index) -> Matches:
    """Of each value that both rows of a pair have the places, in no order; quickest if the first is short."""
    held = _Stretches(rows, pairs[:, 1])
    wanted = concatenated(rows, pairs[:, 0])
    starts = starts_of(rows.lengths[pairs[:, 0]])
    slots = held.slots(wanted, np.diff(starts))
    here, there = held.found(wanted, slots)
    pair = np.repeat(np.arange(len(pairs)), np.diff(starts)).take(here)
    here += (rows.starts[pairs[:, 0]] - starts[:-1]).take(pair)
    there += held.ahead.take(pair)
    return Matches(pair, here, there)


def concatenated(rows: Rows, wanted: Index) -> NDArray[np.uint32]:
    """The values of the wanted rows, end to end: quicker than to gather each where rows are long."""
    begins, ends = rows.starts[wanted].tolist(), rows.starts[wanted + 1].tolist()
    values = rows.values
    parts = [values[a:b] for a, b in zip(begins, ends, strict=True)]
    return np.concatenate(parts) if parts else values[:0]


class _Stretches:
    """The rows that are searched, once each, and where each stretch of their values begins.

    `ahead` is by pair how much further back its row stands among all rows.
    """

    def __init__(self, rows: Rows, wanted: Index) -> None:
        used = np.zeros(len(rows.starts) - 1, bool)
        used[wanted] = True
        each = np.flatnonzero(used)
        self._number = (np.cumsum(used) - 1)[wanted]
        values, starts = concatenated(rows, each), starts_of(rows.lengths[each])
        self.ahead = (rows.starts[each] - starts[:-1])[self._number]
        mean = len(values) // max(len(each), 1)
        self._bits = min(max(mean, 1).bit_length() + _ROOM, _WIDTH - 1)
        slots = np.repeat(np.arange(len(each)) << self._bits, np.diff(starts))
        slots += self._highest(values)
        self._begins = starts_of(np.bincount(slots, minlength=len(each) << self._bits))
        self._values = np.append(values, np.uint32(0))

    def _highest(self, values: NDArray[np.uint32]) -> NDArray[np.uint32]:
        return values >> np.uint32(_WIDTH - self._bits)

    def slots(self, wanted: NDArray[np.uint32], lengths: Index) -> Index:
        """The stretch that each value would stand in; there are so many of each pair."""
        slots = np.repeat(self._number << self._bits, lengths)
        slots += self._highest(wanted)
        return slots

    def found(self, wanted: NDArray[np.uint32], slots: Index) -> tuple[Index, Index]:
        """Which of the wanted values stand in their stretches, and where."""
        at = self._begins.take(slots)
        values = self._values.take(at)
        here = np.flatnonzero(values == wanted)
        there = at.take(here)
        inside = there < self._begins.take(slots.take(here) + 1)  # else it is of the row behind
        parts = [(here[inside], there[inside])]
        rest = np.flatnonzero(values < wanted)
        low, high = at.take(rest) + 1, self._begins.take(slots.take(rest) + 1)
        open_ = np.flatnonzero(low < high)
        while len(open_):
            rest, low, high = rest.take(open_), low.take(open_), high.take(open_)
            middle = (low + high) >> 1
            values, sought = self._values.take(middle), wanted.take(rest)
            same = np.flatnonzero(values == sought)
            parts.append((rest.take(same), middle.take(same)))
            low = np.where(values < sought, middle + 1, low)
            high = np.where(values > sought, middle, high)
            open_ = np.flatnonzero((low < high) & (values != sought))
        return np.concatenate([some for some, _ in parts]), np.concatenate([at for _, at in parts])
