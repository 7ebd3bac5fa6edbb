"""What changed among texts since the run before: which are new, which are gone, and which pairs meet now.

In: texts in an order that each one's own name decides, the same of the run before, and what makes texts
meet. Out: the pairs that meet, worked out for those texts only of which something near in the order changed.
The pairs are those of a run that begins with nothing.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.meeting import Changed, Meeting, Met
from corpus.rows import U64, Index, among, looked_up

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
    was: Index


def renewed(meets: Meets, now: Named, then: Named, met: Met, changes: Since) -> Renewed:
    """The pairs that meet now; `met` are those that did before."""
    if 2 * np.count_nonzero(changes.new) >= len(now.names):
        fresh = meets.met(now.texts)
        return Renewed(fresh.pairs, fresh.shared, _places(met.pairs, changes, fresh.pairs))
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
    stays, codes = _staying(met.pairs, changes, np.append(where[~still], was[was >= 0]))
    # Texts that stay keep their order, so their pairs ascend.
    at = np.searchsorted(codes, fresh.pairs) + np.arange(len(fresh.pairs))
    held = np.ones(len(codes) + len(fresh.pairs), bool)
    held[at] = False
    both = (codes, fresh.pairs), (shared[stays], fresh.shared), (stays, was)
    return Renewed(*(_merged(held, at, *columns) for columns in both))


def _merged(held: Bools, at: Index, values: NDArray[Any], more: NDArray[Any]) -> NDArray[Any]:
    """The values at the places that are `held`, and more of them at the others."""
    merged = np.empty(len(held), values.dtype)
    merged[held], merged[at] = values, more
    return merged


def _meet_still(meets: Meets, now: Named, codes: U64) -> Bools:
    """Which of the pairs meet by some key: those that own them are asked."""
    if not len(codes):
        return np.zeros(0, bool)
    left, right = _ends(codes)
    dated = np.count_nonzero(~np.isnan(now.texts.first))
    owners = np.zeros(len(now.names), bool)
    owners[np.where(right < dated, left, right)] = True
    return among(codes, meets.met(now.texts, owners).pairs)


def _staying(codes: U64, changes: Since, over: Index) -> tuple[Index, U64]:
    """The pairs of before whose texts are still there, and as they are coded now; some are over."""
    left, right = (changes.new_of_old[side] for side in _ends(codes))
    stays = (left | right) >= 0
    stays[over] = False
    return np.flatnonzero(stays), _coded(left[stays], right[stays])


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
    stood = np.append(kept_then, False)[now.was]
    gone = np.append(kept_then, False)
    gone[np.where(kept, now.was, -1)] = False
    return Turned(kept & ~stood, gone[:-1])


def ends_now(codes: U64, changes: Since) -> Index:
    """Where the texts of pairs of before stand now, -1 where they are no more."""
    return np.stack([changes.new_of_old[side] for side in _ends(codes)], axis=1)
