"""What changed among texts since the run before: which are new, which are gone, and which pairs meet now.

In: texts in an order that each one's own name decides, the same of the run before, and what makes texts
meet. Out: the pairs that meet, worked out for those texts only of which something near in the order changed.
The pairs are those of a run that begins with nothing.
"""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.meeting import Meeting, Met
from corpus.rows import U64, Index, looked_up

Bools = NDArray[np.bool_]


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

    def met(self, texts: Meeting, owners: Bools | None = None, new: Bools | None = None) -> Met:
        """The pairs that meet, of some owners or of all, and those of new ones."""
        ...

    def touched(self, texts: Meeting, changed: Bools) -> Bools:
        """The unchanged texts that may own other pairs of such texts without those that changed, or with."""
        ...


class Renewed(NamedTuple):
    """The pairs that meet, ascending, what they share, and their places among those of before (-1: new)."""

    pairs: U64
    shared: Index
    was: Index


def renewed(meets: Meets, now: Named, then: Named, met: Met, changes: Since) -> Renewed:
    """The pairs that meet now; `met` are those that did before."""
    new, gone = np.flatnonzero(changes.new), np.flatnonzero(changes.new_of_old < 0)
    if 2 * len(new) >= len(now.names):
        fresh = meets.met(now.texts)
        return Renewed(fresh.pairs, fresh.shared, _places(met.pairs, changes, fresh.pairs))
    owners = changes.new.copy()
    owners[_touched(meets, now, then, new, gone)] = True
    fresh = meets.met(now.texts, owners, changes.new)
    left, right = (changes.new_of_old[side] for side in _ends(met.pairs))
    dated = int(np.count_nonzero(~np.isnan(now.texts.first)))
    owner = np.where(right < dated, left, right)
    stays = np.flatnonzero((left >= 0) & (right >= 0) & ~owners[owner])
    codes = left[stays].astype(np.uint64) << _SHIFT | right[stays].astype(np.uint64)
    pairs = np.concatenate((codes, fresh.pairs))
    order = np.argsort(pairs, kind="stable")
    was = np.append(stays, np.full(len(pairs) - len(stays), -1))[order]
    shared = np.append(met.shared[stays], fresh.shared)[order]
    pairs = pairs[order]
    # Of the owners that were asked again most pairs are as before.
    again = np.flatnonzero(was < 0)
    was[again] = _places(met.pairs, changes, pairs[again])
    return Renewed(pairs, shared, was)


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


def _touched(meets: Meets, now: Named, then: Named, new: Index, gone: Index) -> Index:
    """The texts of now that are not new, but near to one that is new or gone."""
    if not len(new) and not len(gone):
        return new
    names = np.append(now.names, then.names[gone])
    at, first, last = (
        np.append(one, other[gone])
        for one, other in zip(now.texts[:3], then.texts[:3], strict=True)
    )
    changed = np.zeros(len(names), bool)
    changed[new] = True
    changed[len(now.names) :] = True
    order = np.lexsort((names, first))
    both = Meeting(at[order], first[order], last[order], now.texts.window)
    found: Index = order[meets.touched(both, changed[order])]
    return found


class Turned(NamedTuple):
    """Pairs that are new, or are no more: of those that meet now, and of those that met before."""

    fresh: Bools
    gone: Bools


def turned(now: Renewed, kept: Bools, kept_then: Bools) -> Turned:
    """Which pairs turned; of those that meet only those count that are `kept`, and that were."""
    known = kept & (now.was >= 0)
    stood = known.copy()
    stood[known] = kept_then[now.was[known]]
    gone = kept_then.copy()
    gone[now.was[known]] = False
    return Turned(kept & ~stood, gone)


def ends_now(codes: U64, changes: Since) -> Index:
    """Where the texts of pairs of before stand now, -1 where they are no more."""
    return np.stack([changes.new_of_old[side] for side in _ends(codes)], axis=1)
