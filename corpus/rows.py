"""Many arrays of differing length as one: row n of `Rows` is `values[starts[n]:starts[n + 1]]`.

In and out: NumPy arrays. This is what keeps a million texts' hashes out of Python objects. What the
values mean is not known here.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]
Index = NDArray[np.int64]


U64 = NDArray[np.uint64]


class Rows(NamedTuple):
    """Rows of one element type (hashes as a rule), end to end."""

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
    begins, ends = rows.starts[wanted], rows.starts[wanted + 1]
    starts = starts_of(ends - begins)
    if starts[-1] > _LONG * len(wanted):
        return Rows(concatenated(rows.values, begins, ends), starts)
    return Rows(rows.values[places(rows.starts, wanted)[0]], starts)


_LONG = 200  # values of a row that is sooner copied whole than gathered one by one


def concatenated(values: NDArray[Any], begins: Index, ends: Index) -> NDArray[Any]:
    """These stretches of the values, end to end."""
    values = np.asarray(values)  # of a mapped file each stretch takes several times longer
    bounds = zip(begins.tolist(), ends.tolist(), strict=True)
    return np.concatenate([values[:0], *(values[begin:end] for begin, end in bounds)])


def sort_rows(values: NDArray[np.uint32] | U64, starts: Index) -> None:
    """Sort the values of each row, in place."""
    # Many short sorts are several times faster than one with the rows' numbers in the keys.
    for a, b in pairwise(starts.tolist()):
        if b - a > 1:
            values[a:b].sort()


def differing(values: Array, starts: Index) -> NDArray[np.bool_]:
    """Which values are the first of their row, or differ from the one before."""
    first: NDArray[np.bool_] = np.append(True, values[1:] != values[:-1])[: len(values)]
    first[starts[:-1][np.diff(starts) > 0]] = True
    return first


def among(values: Array, sorted_values: Array) -> NDArray[np.bool_]:
    """Which of the values stand in a sorted array: `np.isin` without sorting anew."""
    if not len(sorted_values):
        return np.zeros(len(values), bool)
    at = np.searchsorted(sorted_values, values)
    at[at == len(sorted_values)] = 0
    found: NDArray[np.bool_] = sorted_values[at] == values
    return found


def found_among(wanted: Rows, sets: Rows, pairs: Index) -> Rows:
    """For each pair the values of row `pairs[:, 0]` of `wanted` that row `pairs[:, 1]` of `sets` has.

    The rows of `sets` ascend.
    """
    rows, place = np.unique(pairs[:, 1], return_inverse=True)
    held = taken(sets, rows)
    keys = owners(held.starts).astype(np.uint64) << np.uint64(32) | held.values
    asked = taken(wanted, pairs[:, 0])
    needles = place[owners(asked.starts)].astype(np.uint64) << np.uint64(32) | asked.values
    return kept(asked, among(needles, keys))


def mixed(*columns: NDArray[Any]) -> U64:
    """A 64-bit number for each row of the columns, the same for the same values in the same places."""
    total = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        bits = column.view(np.uint64) if column.dtype.itemsize == 8 else column.astype(np.uint64)
        total = total * np.uint64(0x9E3779B97F4A7C15) + bits
        total ^= total >> np.uint64(30)
        total *= np.uint64(0xBF58476D1CE4E5B9)
        total ^= total >> np.uint64(27)
        total *= np.uint64(0x94D049BB133111EB)
        total ^= total >> np.uint64(31)
    return total


def summed(values: U64, starts: Index) -> U64:
    """The sum of each row's numbers, modulo 2**64: a digest of them whatever their order."""
    before = sums_before(values)
    total: U64 = before[starts[1:]] - before[starts[:-1]]
    return total


def sums_before(values: U64) -> U64:
    """The sum of the values before each place, and of all at the end, modulo 2**64."""
    return np.concatenate((np.zeros(1, np.uint64), np.cumsum(values, dtype=np.uint64)))


def first_with(values: U64) -> Index:
    """For each value the place of the first one that equals it."""
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    return first[inverse]


def looked_up(wanted: U64, held: U64) -> Index:
    """Where each wanted number stands among those held, -1 where it does not; the last of several."""
    if 4 * len(wanted) < len(held):
        likely = _likely(wanted, held)
        found = looked_up_by_order(wanted, held[likely])
        there = found >= 0
        found[there] = likely[found[there]]
        return found
    return looked_up_by_order(wanted, held)


def looked_up_by_order(wanted: U64, held: U64) -> Index:
    """The same; all that is held is put in order, which takes longest."""
    order = np.argsort(held, kind="stable")
    ordered = held[order]
    at = np.searchsorted(ordered, wanted, "right") - 1
    found = np.full(len(wanted), -1, np.int64)
    if len(held):
        same = (at >= 0) & (ordered[at] == wanted)
        found[same] = order[at[same]]
    return found


_MOST_BITS = 24


def _likely(wanted: U64, held: U64) -> Index:
    """The places of those held that may be wanted: all that are, and few others."""
    bits = min(_MOST_BITS, max(10, (16 * len(wanted)).bit_length()))
    low = np.uint64((1 << bits) - 1)
    seen = np.zeros(1 << bits, bool)
    seen[wanted & low] = True
    likely: Index = np.flatnonzero(seen[held & low])
    return likely


def ranked(columns: tuple[Index, ...]) -> Index:
    """A number for each row of columns of whole numbers from 0 on, in the rows' order; the first counts most.

    The product of the columns' ranges must fit into 63 bits.
    """
    total = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        total *= int(column.max(initial=0)) + 1
        total += column
    return total


def in_batches(sizes: Index, most: int) -> list[slice]:
    """Consecutive runs whose sizes come to `most` or little more, each of one at least."""
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    cuts = np.searchsorted(ends, np.arange(most, total, most)) + 1
    bounds = sorted({0, *cuts.tolist(), len(sizes)})
    return [slice(a, b) for a, b in pairwise(bounds)]


def either_end(marks: NDArray[np.bool_], pairs: Index) -> NDArray[np.bool_]:
    """Which pairs of numbers have a marked one: many times sooner than `any` over rows of two."""
    found: NDArray[np.bool_] = marks[pairs[:, 0]]
    found |= marks[pairs[:, 1]]
    return found


def both_ends(marks: NDArray[np.bool_], pairs: Index) -> NDArray[np.bool_]:
    """Which pairs have two marked numbers."""
    found: NDArray[np.bool_] = marks[pairs[:, 0]]
    found &= marks[pairs[:, 1]]
    return found
