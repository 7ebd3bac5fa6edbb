"""Values that both rows of a pair have, for many pairs of rows at once.

In: rows of distinct 32-bit hashes, each ascending, and pairs of row numbers. Out: the matches. Hashes are
spread evenly, so where one stands in a row is nearly known from its highest bits: each row that is searched
has a table of where the values of each such stretch begin. What the hashes mean is not known here.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.rows import Index, Rows, concatenated, starts_of

_WIDTH = 32
_ROOM = 2  # stretches are an eighth to a quarter of a value long


class Matches:
    """The values that both rows of each pair have: by pair, in the order of the wanted row.

    Row `pairs[:, 1]` of the wanted ones, which may stand in any order, is looked up in row `pairs[:, 0]` of
    those held: it is quickest if these are few, and the pairs of each stand together. `pair` is the number
    of each match's pair.
    """

    def __init__(self, held: Rows, wanted: Rows, pairs: Index) -> None:
        used = np.flatnonzero(held.lengths[pairs[:, 0]])  # in an empty row nothing is found
        self._starts, self._wanted = wanted.starts, pairs[used, 1]
        self._held = _Stretches(held, pairs[used, 0])
        counts = wanted.lengths[self._wanted]
        self._here, self._there = self._held.found(self._of_wanted(wanted.values), counts)
        self.pair = np.repeat(used, counts).take(self._here)

    def of_held(self, values: NDArray[Any]) -> NDArray[Any]:
        """What stands at each match in the row that is held; `values` stand beside those of all rows."""
        return self._held.beside(values).take(self._there)

    def of_wanted(self, values: NDArray[Any]) -> NDArray[Any]:
        """What stands at each match in the wanted row."""
        return self._of_wanted(values).take(self._here)

    def _of_wanted(self, values: NDArray[Any]) -> NDArray[Any]:
        return concatenated(values, self._starts[self._wanted], self._starts[self._wanted + 1])


class _Stretches:
    """The rows that are searched, once each, and where each stretch of their values begins.

    Behind each row its last value stands again, as of the last stretch: where a row has no value from some
    stretch on, that is what is met there, and is smaller than what is looked for.
    """

    def __init__(self, rows: Rows, wanted: Index) -> None:
        used = np.zeros(len(rows.starts) - 1, bool)
        used[wanted] = True
        self._each, self._starts = np.flatnonzero(used), rows.starts
        self._number = (np.cumsum(used) - 1)[wanted]
        self._values = self.beside(rows.values)
        count, lengths = len(self._each), rows.lengths[self._each] + 1
        mean = len(self._values) // max(count, 1)
        self._bits = min(mean.bit_length() + _ROOM, _WIDTH - 1)
        slots = np.repeat(np.arange(count) << self._bits, lengths)
        slots += self._highest(self._values)
        slots[np.cumsum(lengths) - 1] = (np.arange(1, count + 1) << self._bits) - 1
        self._begins = starts_of(np.bincount(slots, minlength=count << self._bits))

    def _highest(self, values: NDArray[np.uint32]) -> NDArray[np.uint32]:
        return values >> np.uint32(_WIDTH - self._bits)

    def beside(self, values: NDArray[Any]) -> NDArray[Any]:
        """What stands beside the values of these rows."""
        begins, ends = self._starts[self._each], self._starts[self._each + 1]
        both = np.stack((begins, ends - 1), axis=1).ravel(), np.repeat(ends, 2)
        return concatenated(values, *both)

    def found(self, wanted: NDArray[np.uint32], counts: Index) -> tuple[Index, Index]:
        """Which of the wanted values stand in their rows, and where; there are so many of each pair."""
        slots = np.repeat(self._number << self._bits, counts)
        slots += self._highest(wanted)
        at = self._begins.take(slots)
        values = self._values.take(at)
        same = values == wanted
        rest = np.flatnonzero(values < wanted)
        low, high = at.take(rest) + 1, self._begins.take(slots.take(rest) + 1)
        open_ = np.flatnonzero(low < high)
        while len(open_):
            rest, low, high = rest.take(open_), low.take(open_), high.take(open_)
            middle = (low + high) >> 1
            values, sought = self._values.take(middle), wanted.take(rest)
            met = np.flatnonzero(values == sought)
            same[rest.take(met)], at[rest.take(met)] = True, middle.take(met)
            low = np.where(values < sought, middle + 1, low)
            high = np.where(values > sought, middle, high)
            open_ = np.flatnonzero((low < high) & (values != sought))
        here = np.flatnonzero(same)
        return here, at.take(here)
