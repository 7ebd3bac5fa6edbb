"""Many arrays of differing length as one: row n of `Rows` is `values[starts[n]:starts[n + 1]]`.

In and out: NumPy arrays. This is what keeps a million texts' hashes out of Python objects. Values
are not sorted or made unique here.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]
Index = NDArray[np.int64]


class Rows(NamedTuple):
    """Rows of one element type, end to end."""

    values: NDArray[np.uint32]
    starts: Index

    def row(self, n: int) -> NDArray[np.uint32]:
        """Row n."""
        return self.values[self.starts[n] : self.starts[n + 1]]

    @property
    def lengths(self) -> Index:
        """How many values each row has."""
        return np.diff(self.starts)


def rows_of(arrays: Iterable[NDArray[np.uint32]]) -> Rows:
    """The arrays as rows, in their order."""
    held = list(arrays)
    starts = starts_of(np.fromiter(map(len, held), np.int64, len(held)))
    return Rows(np.concatenate([np.zeros(0, np.uint32), *held]), starts)


def starts_of(lengths: Index) -> Index:
    """Where each row starts, and after the last one the end."""
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)))


def places(starts: Index, wanted: Index) -> tuple[Index, Index]:
    """The positions in `values` of the wanted rows, end to end, and where each of them starts there."""
    lengths = starts[wanted + 1] - starts[wanted]
    begin = starts_of(lengths)
    return np.arange(begin[-1]) + np.repeat(starts[wanted] - begin[:-1], lengths), begin


def kept(rows: Rows, keep: NDArray[np.bool_]) -> Rows:
    """The rows with only the values that `keep` marks."""
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(keep, dtype=np.int64)))
    return Rows(rows.values[keep], before[rows.starts])


def owners(starts: Index) -> Index:
    """The row that each value belongs to."""
    return np.repeat(np.arange(len(starts) - 1), np.diff(starts))


def taken(rows: Rows, wanted: Index) -> Rows:
    """The wanted rows, in the order asked for."""
    at, starts = places(rows.starts, wanted)
    return Rows(rows.values[at], starts)


def among(values: Array, sorted_values: Array) -> NDArray[np.bool_]:
    """Which of the values stand in a sorted array: `np.isin` without sorting anew."""
    if not len(sorted_values):
        return np.zeros(len(values), bool)
    at = np.searchsorted(sorted_values, values)
    at[at == len(sorted_values)] = 0
    found: NDArray[np.bool_] = sorted_values[at] == values
    return found
