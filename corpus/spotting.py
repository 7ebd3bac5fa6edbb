"""What rows of hashes have in common with sets: looked up for many pairs of a row and a set at once.

In: rows, and pairs of a row and of a set. Out: for each pair the values that both have, by their places in
the set, or as a number with a bit for each. Each set has some room in one table, in which its values stand
by their bits; what finds its place taken is looked up once more, by other bits. For short sets, each of them
in many pairs, that takes a third of the time of a search in one long row of all of them.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from corpus.rows import Index, Rows, in_batches, places, starts_of, taken

_AT_ONCE = 150_000  # values looked up at a time: more do not fit into a core's cache
_BITS_AT_ONCE = 4_000_000
_ROOM = 2  # bits more than a set's values need: four places for each, or more
_MIXES = np.cumprod(np.full(64, 0x9E3779B1, np.uint32), dtype=np.uint32)
"""Factors, one a round: each puts other bits first."""


class Spots(NamedTuple):
    """A value that a pair has in common: the pair's number, and the value's place among those of the sets."""

    pair: Index
    place: Index


def spots(rows: Rows, sets: Rows, pairs: Index) -> Spots:
    """For each pair the values of row `pairs[:, 0]` that set `pairs[:, 1]` has.

    They come by pair, in the order of the row; what stands there twice comes twice. No set has a value twice.
    Pairs of one set best stand together.
    """
    found = [Spots(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for batch in in_batches(rows.lengths[pairs[:, 0]], _AT_ONCE):
        pair, place = _spots(rows, sets, pairs[batch])
        found.append(Spots(pair + batch.start, place))
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


def _spots(rows: Rows, sets: Rows, pairs: Index) -> Spots:
    several, which = np.unique(pairs[:, 1], return_inverse=True)
    at, starts = places(sets.starts, several)
    held, sizes = sets.values[at], np.diff(starts)
    bits = np.ceil(np.log2(np.maximum(sizes, 1))).astype(np.int64) + _ROOM
    rooms, shifts = starts_of(1 << bits), (32 - bits).astype(np.uint32)
    asked = taken(rows, pairs[:, 0])
    found, table = np.full(len(asked.values), -1), np.full(int(rooms[-1]), -1)
    keys, key_set = np.arange(len(held)), np.repeat(np.arange(len(several)), sizes)
    left, left_set = np.arange(len(found)), np.repeat(which, asked.lengths)
    for mix in _MIXES:
        if not len(keys):
            break
        slots = rooms[key_set] + (held[keys] * mix >> shifts[key_set])
        table[slots] = keys
        lost = table[slots] != keys
        here = rooms[left_set] + (asked.values[left] * mix >> shifts[left_set])
        likely = table[here]
        same = (likely >= 0) & (held[likely] == asked.values[left])
        found[left[same]] = likely[same]
        table[slots] = -1
        crowded = slots[lost]
        table[crowded] = 0
        again = (table[here] == 0) & ~same
        table[crowded] = -1
        left, left_set, keys, key_set = left[again], left_set[again], keys[lost], key_set[lost]
    there = np.flatnonzero(found >= 0)
    return Spots(np.repeat(np.arange(len(pairs)), asked.lengths)[there], at[found[there]])
