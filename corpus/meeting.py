"""Which pairs of texts are worth comparing: those that share a key, near in time.

In: rows of keys (bands of signatures, 5-grams of the sample, rare words), each row's days. Out: pairs of
row numbers. The sample finds briefs and cuts, which hardly resemble the whole. A hot key stays linear: by
it a text meets only the next ones in the rows' order. What is hot is counted inside the date window, so
that a text that is added changes the pairs of its neighbours in time only (`corpus.neighbours`). Nothing is
verified.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.rows import U64, Index, in_batches

_MEETINGS_AT_ONCE = 8_000_000  # pairs with a key in common, counted at a time; about 300 MB

U32 = NDArray[np.uint32]
Days = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Meeting(NamedTuple):
    """The texts that meet: rows of their table in the order of their first days, and their days.

    An unknown day (NaN) is near to anything; such texts come last.
    """

    at: Index
    first: Days
    last: Days
    window: float


class Caps(NamedTuple):
    """Entries of one key: up to `limit` later ones all are met; where there are more, `reach`."""

    limit: int
    reach: int


class Banded(NamedTuple):
    """A kind of keys: some columns, of which one in common is enough, for rows that have 5-grams."""

    column: str
    bands: slice
    caps: Caps


class Sampled(NamedTuple):
    """A kind of keys: a ragged column, of which so many in common are enough, and that share of the fewer."""

    column: str
    caps: Caps
    least: tuple[int, float]


Kind = Banded | Sampled


class Met(NamedTuple):
    """Pairs coded `left << 32 | right`, ascending, and how many values each shares (0: not counted)."""

    pairs: U64
    shared: Index


class Changed(NamedTuple):
    """What changes where texts come and go.

    Fresh are the pairs with a new text, and those of others that meet by more keys than before; `fewer` may
    meet no more: its `shared` says how many keys (below 0) are lost, by each kind of keys for itself.
    """

    fresh: Met
    fewer: Met


def met_by(postings: U64, near: "Near", caps: Caps, owners: Bools | None = None) -> U64:
    """The pairs of rows that have a key in common, ascending."""
    met = near.met(postings, caps, near.followed(postings, owners))
    return ascending([*met, *near.met_undated(postings, caps, owners)])


def ascending(codes: list[U64]) -> U64:
    """All the codes, each once, ascending."""
    code = np.concatenate([_NONE, *codes])
    code.sort()
    once: U64 = code[np.append(True, code[1:] != code[:-1])[: len(code)]]
    return once


def nearest(codes: U64, most: int) -> Bools:
    """Marks of each left row's first so many pairs: those with the next rows."""
    left = codes.view("<u4")[1::2]
    few = np.ones(len(codes), bool)
    few[most:] = left[most:] != left[: max(len(left) - most, 0)]
    return few


def paired(codes: U64) -> Index:
    """The pairs that are coded."""
    return codes.view("<u4").reshape(-1, 2)[:, ::-1].astype(np.int64, order="C")


_SHIFT, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_NONE = np.zeros(0, np.uint64)


class Near:
    """Which rows lie within the date window of which, rows being in the order of their first days.

    Postings are as `postings_of` makes them; pairs are coded `left << 32 | right`. An entry looks
    only ahead: what it meets depends on no entry before it, nor on any beyond its window.
    """

    def __init__(self, first: Days, last: Days, window: float) -> None:
        self.count = len(first)
        self.dated = int(np.count_nonzero(~np.isnan(first)))
        latest = last[: self.dated] + window
        self._bound = np.searchsorted(first[: self.dated], latest, "right").astype(np.uint64)
        self.bounds = np.append(self._bound, np.zeros(self.count - self.dated, np.uint64))

    def followed(self, postings: U64, owners: Bools | None = None) -> Index:
        """The postings of dated rows (those of the owners) that have one with their key behind them."""
        row, key = postings.view("<u4")[::2], postings.view("<u4")[1::2]
        followed = key[1:] == key[:-1]
        followed &= row[:-1] < self.dated
        at = np.flatnonzero(followed)
        return at if owners is None else at[owners[row[at]]]

    def met(self, postings: U64, caps: Caps, at: Index) -> Iterator[U64]:
        """The pairs of dated rows whose left posting is one of these."""
        left = postings[at] & _LOW
        # The first posting that is too late.
        bound = (postings[at] & ~_LOW) | self._bound[left.astype(np.int64)]
        last = len(postings) - 1
        far = postings[np.minimum(at + caps.limit + 1, last)]
        reach = np.where(far < bound, caps.reach, caps.limit)
        step = 0
        while len(at):
            step += 1
            right = postings[np.minimum(at + step, last)]
            still = (right < bound) & (reach >= step)
            at, bound, reach, left = at[still], bound[still], reach[still], left[still]
            yield left << _SHIFT | right[still] & _LOW

    def met_undated(self, postings: U64, caps: Caps, owners: Bools | None = None) -> Iterator[U64]:
        """The pairs whose right row is undated (of the owners): it meets those before it with its key."""
        at = np.flatnonzero((postings & _LOW) >= self.dated)[:-1]
        if owners is not None:
            at = at[owners[(postings[at] & _LOW).astype(np.int64)]]
        key, right = postings[at] >> _SHIFT, postings[at] & _LOW

        def same(step: int) -> NDArray[np.bool_]:
            before = np.maximum(at - step, 0)
            alike: NDArray[np.bool_] = (at >= step) & (postings[before] >> _SHIFT == key)
            return alike

        reach = np.where(same(caps.limit + 1), caps.reach, caps.limit)
        step = 0
        while len(at):
            step += 1
            still = same(step) & (reach >= step)
            at, key, right, reach = at[still], key[still], right[still], reach[still]
            yield (postings[at - step] & _LOW) << _SHIFT | right


def postings_of(keys: U32, rows: Index) -> U64:
    """Sorted numbers `key << 32 | row`, and one after all of them that belongs to no row."""
    postings = np.full(len(keys) + 1, ~np.uint64(0))
    postings[:-1] = keys
    postings[:-1] <<= _SHIFT
    postings[:-1] |= rows.astype(np.uint64)
    postings.sort()
    return postings


def shared_often(
    postings: U64,
    sizes: Index,
    near: Near,
    caps: Caps,
    least: tuple[int, float],
    owners: Bools | None = None,
) -> Met:
    """The pairs that share keys: so many, and that share of the keys of the one that has fewer.

    They ascend. Those of some owners only, where these are named. A bounded number of meetings is counted
    at a time.
    """
    followed = near.followed(postings, owners)
    row = (postings[followed] & _LOW).astype(np.int64)
    found = []
    for batch in in_batches(_meetings(postings, followed, row, caps, near), _MEETINGS_AT_ONCE):
        mine = followed[(row >= batch.start) & (row < batch.stop)]
        found.append(often([*near.met(postings, caps, mine)], sizes, least))
    found.append(often([*near.met_undated(postings, caps, owners)], sizes, least))
    return together(found)


def together(found: list[Met]) -> Met:
    """All of these, ascending; none is in two of them."""
    pairs, shared = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(pairs, kind="stable")
    return Met(pairs[order], shared[order])


def often(codes: list[U64], sizes: Index, least: tuple[int, float]) -> Met:
    """The coded pairs that come so many times, and that share of the smaller row's size; ascending."""
    code = np.concatenate([_NONE, *codes])
    code.sort()
    begins = np.flatnonzero(np.append(True, code[1:] != code[:-1])[: len(code)])
    shared = np.diff(begins, append=len(code))
    code = code[begins]
    many = enough(code, shared, sizes, least)
    return Met(code[many], shared[many])


def enough(codes: U64, shared: Index, sizes: Index, least: tuple[int, float]) -> Bools:
    """Which of the pairs share so many, and that share of the smaller row's size."""
    one, other = (codes >> _SHIFT).astype(np.int64), (codes & _LOW).astype(np.int64)
    smaller = np.minimum(sizes[one], sizes[other])
    many: Bools = (shared >= least[0]) & (shared >= least[1] * smaller)
    return many


def _meetings(postings: U64, at: Index, row: Index, caps: Caps, near: Near) -> Index:
    """How many rows each dated row meets at most, the window left out of account."""
    key = postings.view("<u4")[1::2]
    ends = np.append(np.flatnonzero(key[1:] != key[:-1]), len(key) - 1)
    behind = ends[np.searchsorted(ends, at)] - at
    return np.bincount(row, np.minimum(behind, caps.limit), near.dated).astype(np.int64)
