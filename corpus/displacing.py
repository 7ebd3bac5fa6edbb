"""What texts that come or go change by their keys: their own pairs, and those whose place they take or leave.

In: the postings of all keys that such texts have. Out: the pairs of new rows that others own; the pairs of
all other rows that now meet by more keys than before, or by fewer. Where a key is not hot nobody takes
another's place; where it is, those right before such a text reach less far, or further.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.meeting import Bools, Caps, Met, Near
from corpus.rows import U64, Index

_SHIFT, _LOW, _END = np.uint64(32), np.uint64(0xFFFFFFFF), ~np.uint64(0)
_NONE = np.zeros(0, np.uint64)
_AHEAD, _BACK = 1, -1


def without(postings: U64, marks: Bools) -> U64:
    """The postings of the rows that are not marked."""
    return _standing(postings, ~marks[_rows(postings)])


def joined(near: Near, postings: U64, new: Bools, caps: Caps) -> Iterator[U64]:
    """The pairs of new rows that others own, which are not new; once for each key."""
    is_new = np.flatnonzero(new[_rows(postings)])
    last = len(postings) - 1

    def row(at: Index) -> Index:
        return (postings[at] & _LOW).astype(np.int64)

    at, mine = is_new, postings[is_new]
    for step in range(1, caps.limit + 1):  # owned by dated rows before it
        at, mine = _with_key(postings, at - 1, mine)
        if not len(at):
            break
        own = row(at)
        bound = (mine & ~_LOW) | near.bounds[own]
        hot = postings[np.minimum(at + caps.limit + 1, last)] < bound
        meets = ~new[own] & (mine < bound)
        meets &= step <= np.where(hot, caps.reach, caps.limit)
        yield own[meets].astype(np.uint64) << _SHIFT | mine[meets] & _LOW
    at, mine = is_new, postings[is_new]
    for step in range(1, caps.limit + 1):  # owned by undated rows behind it
        at, mine = _with_key(postings, at + 1, mine)
        if not len(at):
            break
        own = row(at)
        hot = _reaches(postings, at - caps.limit - 1, mine & ~_LOW, _BACK)
        meets = ~new[own] & (own >= near.dated) & (step <= np.where(hot, caps.reach, caps.limit))
        yield (mine[meets] & _LOW) << _SHIFT | postings[at[meets]] & _LOW


def _with_key(postings: U64, at: Index, mine: U64) -> tuple[Index, U64]:
    """Of these places those whose key is that of the posting beside them, and this one."""
    inside = np.flatnonzero((at >= 0) & (at < len(postings) - 1))
    on = inside[postings[at[inside]] >> _SHIFT == mine[inside] >> _SHIFT]
    return at[on], mine[on]


def displaced(near: Near, postings: U64, new: Bools, gone: Bools, caps: Caps) -> Met:
    """The pairs of rows neither new nor gone that meet by more keys now, or fewer: `shared` says how many."""
    turned = (new + 2 * gone.astype(np.uint8))[_rows(postings)]
    stays = turned == 0
    place, still = np.flatnonzero(stays), _standing(postings, stays)
    changed = np.flatnonzero(turned)
    after = changed - np.arange(len(changed))  # the places among those that stay
    times = [_Time.without(postings, turned & bit > 0, place) for bit in (1, 2)]
    codes, by = [_NONE], [np.zeros(0, np.int64)]
    for side in (_AHEAD, _BACK)[: 1 + (near.dated < near.count)]:
        begin = after if side == _AHEAD else after - 1
        at = _crowded(near, postings, still, place, (begin, postings[changed]), caps, side)
        for code, more in _turned(still, at, _edges(near, still[at], side), times, caps, side):
            codes.append(code)
            by.append(more)
    return _summed(np.concatenate(codes), np.concatenate(by))


def meeting_by(near: Near, postings: U64, one: U64, other: U64, caps: Caps) -> Bools:
    """Whether pairs of rows meet by a key; `one` and `other` are their postings with it."""
    at, there = (np.searchsorted(postings, each) for each in (one, other))
    found: Bools = (postings[at] == one) & (postings[there] == other)
    for side in (_AHEAD, _BACK):
        own, far = (one, other) if side == _AHEAD else (other, one)
        place = at if side == _AHEAD else there
        edge = _edges(near, own, side)
        hot = _reaches(postings, place + side * (caps.limit + 1), edge, side)
        meets = there - at <= np.where(hot, caps.reach, caps.limit)
        meets &= _before(far, edge, side)
        found &= meets | (((other & _LOW) < near.dated) != (side == _AHEAD))
    return found


def _standing(postings: U64, which: Bools) -> U64:
    """Some of the postings, and the one after all of them."""
    standing: U64 = postings[np.append(which, True)]
    return standing


def _rows(postings: U64) -> Index:
    """The row of each posting, but for the last one, which has none."""
    return (postings[:-1] & _LOW).view(np.int64)


class _Time(NamedTuple):
    """The postings of one time; the places of those that stay, and how many up to each are absent."""

    postings: U64
    place: Index
    absent: NDArray[np.int32]

    @classmethod
    def without(cls, postings: U64, absent: Bools, place: Index) -> "_Time":
        """All but the absent ones."""
        return cls(_standing(postings, ~absent), place, np.cumsum(absent, dtype=np.int32))

    def rank(self, some: Index) -> Index:
        """Where among the postings some of those stand that stand before and now."""
        place = self.place[some]
        return place - self.absent[place]


def _edges(near: Near, own: U64, side: int) -> U64:
    """Where what these postings reach ends: dated ones reach ahead, those without a day back."""
    edge = own & ~_LOW
    return edge | near.bounds[(own & _LOW).astype(np.int64)] if side == _AHEAD else edge


def _crowded(
    near: Near,
    postings: U64,
    still: U64,
    place: Index,
    changed: tuple[Index, U64],
    caps: Caps,
    side: int,
) -> Index:
    """Those that stay of which one that changed takes or leaves a place: at times too many are in reach.

    Between such an owner and the other stand no more that stay than its limit, or its reach where it is hot
    by these alone.
    """
    marks = np.zeros(len(still), bool)
    at, mine = changed
    span = caps.limit + 1
    for step in range(1, span + 1):
        at, mine = _with_key(still, at - side, mine)
        if not len(at):
            break
        edge = _edges(near, still[at], side)
        owner = ((still[at] & _LOW) < near.dated) == (side == _AHEAD)
        owner &= _before(mine, edge, side)
        owner &= _reaches(postings, place[at] + side * span, edge, side)
        if step > caps.reach:
            owner &= ~_reaches(still, at + side * span, edge, side)
        marks[at[owner]] = True
    return np.flatnonzero(marks)


def _reaches(postings: U64, at: Index, edge: U64, side: int) -> Bools:
    """Whether the postings at these places, which may be none, are still before the edge."""
    if side == _AHEAD:
        return _before(postings[np.minimum(at, len(postings) - 1)], edge, side)
    return (at >= 0) & _before(postings[np.maximum(at, 0)], edge, side)


def _before(entries: U64, edge: U64, side: int) -> Bools:
    return entries < edge if side == _AHEAD else entries >= edge


def _turned(
    still: U64, at: Index, edge: U64, times: list[_Time], caps: Caps, side: int
) -> Iterator[tuple[U64, Index]]:
    """The pairs that owners meet by a key now and did not before (1), or the other way round (-1)."""
    reach = np.stack(
        [
            np.where(
                _reaches(time.postings, time.rank(at) + side * (caps.limit + 1), edge, side),
                caps.reach,
                caps.limit,
            )
            for time in times
        ]
    )
    step = 0
    while len(at):
        step += 1
        other = at + side * step
        inside = _reaches(still, other, edge, side)
        at, edge, other, reach = at[inside], edge[inside], other[inside], reach[:, inside]
        then, now = (
            np.abs(time.rank(other) - time.rank(at)) <= most
            for time, most in zip(times, reach, strict=True)
        )
        turned = then != now
        ends = still[at[turned]] & _LOW, still[other[turned]] & _LOW
        left, right = ends if side == _AHEAD else ends[::-1]
        yield left << _SHIFT | right, np.where(now[turned], 1, -1)
        on = then | now
        at, edge, reach = at[on], edge[on], reach[:, on]


def _summed(codes: U64, by: Index) -> Met:
    """Each code once, ascending, with the sum of what stands beside it; what comes to 0 is left out."""
    order = np.argsort(codes, kind="stable")
    codes = codes[order]
    begins = np.flatnonzero(np.append(True, codes[1:] != codes[:-1])[: len(codes)])
    total = np.add.reduceat(by[order], begins) if len(begins) else by
    return Met(codes[begins[total != 0]], total[total != 0])
