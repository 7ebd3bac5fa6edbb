"""What changed among texts since the run before: which are new, which are gone, and which pairs meet now.

In: texts in an order that each one's own name decides, the same of the run before, and what makes texts
meet. Out: the pairs that meet, worked out for those texts only of which something near in the order changed.
The pairs are those of a run that begins with nothing.
"""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.meeting import Changed, Meeting, Met
from corpus.rows import U64, Index, among, looked_up

Bools = NDArray[np.bool_]
I32 = NDArray[np.int32]


class Named(NamedTuple):
    """Texts in their order: by first day, those without one last, and then by name."""

    names: U64
    texts: Meeting


class Since(NamedTuple):
    """Where each text stood before, and where those stand now; -1: it was not, or is no more."""

    old_of_new: Index
    new_of_old: Index

    @property
    def new(self) -> Bools:
        """Which texts are new."""
        return self.old_of_new < 0


def since(now: Named, then: Named) -> Since:
    """Texts are the same that have one name, row and days."""
    at = looked_up(now.names, then.names)
    for one, other in zip(now.texts[:3], then.texts[:3], strict=True):
        found = np.flatnonzero(at >= 0)
        left, right = (
            np.nan_to_num(column, nan=np.inf) for column in (one[found], other[at[found]])
        )
        at[found[left != right]] = -1
    back = np.full(len(then.names), -1)
    found = np.flatnonzero(at >= 0)
    back[at[found]] = found
    return Since(at, back)


class Meets(Protocol):
    """What makes texts meet."""

    @property
    def counts(self) -> bool:
        """Whether it is told how many keys pairs share."""
        ...

    def met(self, texts: Meeting, owners: Bools | None = None) -> Met:
        """The pairs that meet, of some owners or of all."""
        ...

    def changed(self, texts: Meeting, new: Bools, gone: Bools) -> Changed:
        """What changes where some of the texts are new, and some are gone."""
        ...

    def enough(self, texts: Meeting, pairs: U64, shared: Index) -> Bools:
        """Which of the pairs meet, where so many keys are shared."""
        ...


class Renewed(NamedTuple):
    """The pairs that meet, ascending, what they share, and their places among those of before (-1: new)."""

    pairs: U64
    shared: Index
    was: I32


def renewed(meets: Meets, now: Named, then: Named, met: Met, changes: Since) -> Renewed:
    """The pairs that meet now; `met` are those that did before."""
    if 2 * np.count_nonzero(changes.new) >= len(now.names):
        fresh = meets.met(now.texts)
        was = _places(met.pairs, changes, fresh.pairs)
        return Renewed(fresh.pairs, fresh.shared, was.astype(np.int32))
    fresh, fewer = _changed(meets, now, then, changes)
    where = _places(met.pairs, changes, fewer.pairs)
    known = where >= 0
    fewer, where = Met(fewer.pairs[known], fewer.shared[known]), where[known]
    shared = met.shared
    if meets.counts:
        shared = shared.copy()
        shared[where] += fewer.shared
        still = meets.enough(now.texts, fewer.pairs, shared[where])
    else:
        still = _meet_still(meets, now, fewer.pairs)
    was = _places(met.pairs, changes, fresh.pairs)
    over = np.zeros(len(met.pairs), bool)
    over[where[~still]], over[was[was >= 0]] = True, True
    pairs, places = _merged(met.pairs, changes, over, fresh.pairs, was)
    if not meets.counts:
        return Renewed(pairs, np.zeros(len(pairs), np.int64), places)
    counts = np.append(shared, 0)[places]
    counts[np.searchsorted(pairs, fresh.pairs)] = fresh.shared
    return Renewed(pairs, counts, places)


def _merged(codes: U64, changes: Since, over: Bools, fresh: U64, was: Index) -> tuple[U64, I32]:
    """The pairs of before whose texts are still there, as they are coded now, and fresh ones; ascending.

    Some of those before are over. With each its place among them: of fresh ones `was` says it.
    """
    now = changes.new_of_old.astype(np.uint32)
    pairs = np.empty(len(codes) + len(fresh), np.uint64)
    places = np.empty(len(pairs), np.int32)
    done = end = 0
    for begin in range(0, len(codes), _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        ends = now[codes[some].view("<u4")]
        stays = (ends != _NO_MORE).view("<u2") == _BOTH
        stays &= ~over[some]
        # Texts that stay keep their order, so their pairs ascend.
        held = ends.view("<u8")[stays]
        last = int(np.searchsorted(fresh, held[-1])) if len(held) else done
        at = np.searchsorted(held, fresh[done:last]) + np.arange(last - done)
        here = slice(end, end + len(held) + last - done)
        stands = np.ones(here.stop - end, bool)
        stands[at] = False
        pairs[here][stands], pairs[here][at] = held, fresh[done:last]
        places[here][stands], places[here][at] = begin + np.flatnonzero(stays), was[done:last]
        done, end = last, here.stop
    whole = slice(end + len(fresh) - done)
    pairs[end : whole.stop], places[end : whole.stop] = fresh[done:], was[done:]
    return pairs[whole], places[whole]


_AT_ONCE = 1 << 18  # pairs that are looked at at a time: they stay in the processor's cache
_NO_MORE = np.uint32(0xFFFFFFFF)
_BOTH = 0x0101


def _meet_still(meets: Meets, now: Named, codes: U64) -> Bools:
    """Which of the pairs meet by some key: those that own them are asked."""
    if not len(codes):
        return np.zeros(0, bool)
    left, right = _ends(codes)
    dated = np.count_nonzero(~np.isnan(now.texts.first))
    owners = np.zeros(len(now.names), bool)
    owners[np.where(right < dated, left, right)] = True
    return among(codes, meets.met(now.texts, owners).pairs)


_SHIFT, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


def _ends(codes: U64) -> tuple[Index, Index]:
    return (codes >> _SHIFT).astype(np.int64), (codes & _LOW).astype(np.int64)


def _places(held: U64, changes: Since, codes: U64) -> Index:
    """Where these pairs stand among those held before, -1 where they do not."""
    left, right = (changes.old_of_new[side] for side in _ends(codes))
    both = np.flatnonzero((left >= 0) & (right >= 0))
    old = left[both].astype(np.uint64) << _SHIFT | right[both].astype(np.uint64)
    at = np.minimum(np.searchsorted(held, old), max(len(held) - 1, 0))
    found = np.full(len(codes), -1)
    if len(held):
        same = held[at] == old
        found[both[same]] = at[same]
    return found


def _changed(meets: Meets, now: Named, then: Named, changes: Since) -> Changed:
    """What changes among the texts of now: those that are gone are looked at among them."""
    gone = np.flatnonzero(changes.new_of_old < 0)
    names = np.append(now.names, then.names[gone])
    at, first, last = (
        np.append(one, other[gone])
        for one, other in zip(now.texts[:3], then.texts[:3], strict=True)
    )
    order = np.lexsort((names, first))
    is_gone = order >= len(now.names)
    is_new = np.append(changes.new, np.zeros(len(gone), bool))[order]
    both = Meeting(at[order], first[order], last[order], now.texts.window)
    found = meets.changed(both, is_new, is_gone)
    return Changed(
        *(Met(_coded(*(order[side] for side in _ends(pairs))), shared) for pairs, shared in found)
    )


def _coded(left: Index, right: Index) -> U64:
    """Pairs as `corpus.meeting` codes them."""
    codes = left.astype(np.uint64)
    codes <<= _SHIFT
    codes |= right.view(np.uint64)
    return codes


class Turned(NamedTuple):
    """Pairs that are new, or are no more: of those that meet now, and of those that met before."""

    fresh: Bools
    gone: Bools


def turned(now: Renewed, kept: Bools, kept_then: Bools) -> Turned:
    """Which pairs turned; of those that meet only those count that are `kept`, and that were."""
    then, fresh = np.append(kept_then, False), kept.copy()
    gone = then.copy()
    for begin in range(0, len(kept), _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        was, counts = now.was[some], kept[some]
        fresh[some] &= ~then[was]
        gone[was[counts]] = False
    return Turned(fresh, gone[:-1])


def ends_now(codes: U64, changes: Since) -> Index:
    """Where the texts of pairs of before stand now, -1 where they are no more."""
    return np.stack([changes.new_of_old[side] for side in _ends(codes)], axis=1)
