"""What rows of hashes have in common with sets: looked up for many pairs of a row and a set at once.

In: rows, and pairs of a row and of a set. Out: for each pair the values that both have, by their places in
the set, or as a number with a bit for each. How they are looked up is said in `corpus.matching`.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from corpus.matching import Matches
from corpus.rows import Index, Rows, in_batches, starts_of

_AT_ONCE = 150_000  # values looked up at a time: what is worked out of them fits into a cache
_BITS_AT_ONCE = 4_000_000


class Spots(NamedTuple):
    """A value that a pair has in common: the pair's number, and the value's place among those of the sets."""

    pair: Index
    place: Index


def spots(rows: Rows, sets: Rows, pairs: Index) -> Spots:
    """For each pair the values of row `pairs[:, 0]` that set `pairs[:, 1]` has.

    They come by pair, in the order of the row; what stands there twice comes twice. The values of a set
    ascend. Pairs of one set best stand together.
    """
    places = np.arange(len(sets.values))
    found = [Spots(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for batch in in_batches(rows.lengths[pairs[:, 0]], _AT_ONCE):
        same = Matches(sets, rows, pairs[batch, ::-1])
        found.append(Spots(same.pair + batch.start, same.of_held(places)))
    return Spots(*(np.concatenate(columns) for columns in zip(*found, strict=True)))


def masks(rows: Rows, sets: Rows, pairs: Index) -> list[int]:
    """For each pair a number that has bit n where value n of the set stands in the row."""
    pair, place = spots(rows, sets, pairs)
    place -= sets.starts[pairs[pair, 1]]
    lengths, ends = sets.lengths[pairs[:, 1]], np.searchsorted(pair, np.arange(len(pairs) + 1))
    found: list[int] = []
    for batch in in_batches(lengths, _BITS_AT_ONCE):
        begins = starts_of(-(-lengths[batch] // 8))
        bits, here = np.zeros(8 * int(begins[-1]), bool), slice(ends[batch.start], ends[batch.stop])
        bits[8 * begins[pair[here] - batch.start] + place[here]] = True
        packed = np.packbits(bits, bitorder="little").tobytes()
        found += [int.from_bytes(packed[a:b], "little") for a, b in pairwise(begins.tolist())]
    return found
