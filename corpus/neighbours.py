"""Which pairs of a table's texts meet, and whose pairs change where a text comes or goes.

In: a table, kinds of keys in its columns, an engine that looks at them, the texts that changed. Out: pairs as
`corpus.meeting` proposes them. Where a key is not hot, a text that comes or goes takes nobody else's
place: of its neighbours only the pairs with itself are other ones. Where it is hot, they are looked at anew.
"""

from collections.abc import Iterator

import numpy as np

from corpus.engines import Engine
from corpus.meeting import (
    U32,
    Banded,
    Bools,
    Caps,
    Kind,
    Meeting,
    Met,
    Near,
    Sampled,
    ascending,
    met_by,
    often,
    postings_of,
    shared_often,
    together,
)
from corpus.minhash import CandidateSettings
from corpus.rows import U64, Index, Rows, owners, taken
from corpus.tables import OpenTable

_BANDS_AT_ONCE = 4


class ByKeys:
    """What makes texts meet: kinds of keys in the columns of a table, looked at by an engine."""

    def __init__(self, table: OpenTable, kinds: list[Kind], engine: Engine) -> None:
        self._table, self._kinds, self._engine = table, kinds, engine

    def met(self, texts: Meeting, owners: Bools | None = None, new: Bools | None = None) -> Met:
        """The pairs of some owners, or all. Of a pair the left text is the owner, or an undated right one.

        Besides, of the texts that are `new`, which are owners, the pairs that others own.
        """
        found = [
            *self._engine.each(
                Meeter(self._table, texts.at, Near(*texts[1:]), owners, new), self._kinds
            )
        ]
        if len(found) == 1:
            return found[0]
        pairs = ascending([met.pairs for met in found])
        return Met(pairs, np.zeros(len(pairs), np.int64))

    def touched(self, texts: Meeting, changed: Bools) -> Bools:
        """The other texts that may own other pairs among themselves than without those that changed."""
        toucher = Toucher(self._table, texts.at, Near(*texts[1:]), changed)
        marks = np.zeros(len(changed), bool)
        for found in self._engine.each(toucher, self._kinds):
            marks |= found
        return marks


def texts_meet(nodes: OpenTable, settings: CandidateSettings, engine: Engine) -> ByKeys:
    """How texts of the table of nodes meet: by the sample, or by one of the bands."""
    hot, buckets = (
        Caps(limit, settings.reach) for limit in (settings.posting_limit, settings.bucket_limit)
    )
    kinds: list[Kind] = [Sampled("sample", hot, (settings.shared, settings.containment))]
    kinds += [
        Banded("bands", slice(n, n + _BANDS_AT_ONCE), buckets)
        for n in range(0, settings.bands, _BANDS_AT_ONCE)
    ]
    return ByKeys(nodes, kinds, engine)


class Meeter:
    """The pairs that a kind of keys proposes, as a step of an engine."""

    def __init__(
        self, table: OpenTable, at: Index, near: Near, owners: Bools | None, new: Bools | None
    ) -> None:
        """The texts are at these rows of the table, and `near` by their days."""
        self._table, self._at, self._near, self._owners, self._new = table, at, near, owners, new

    def __call__(self, kind: Kind) -> Met:
        """The pairs of the owners, and of the new texts."""
        near, found = self._near, []
        for postings in _postings(self._table, self._at, kind, self._owners):
            codes = []
            if self._owners is not None and self._new is not None:
                codes += [*joined(near, postings, self._new, self._owners, kind.caps)]
            if isinstance(kind, Sampled):
                with self._table.opened() as table:
                    sizes = table.ragged(kind.column).lengths[self._at]
                rule = near, kind.caps, kind.least, self._owners
                met = shared_often(postings, sizes, *rule)
                return together([met, often(codes, sizes, kind.least)])
            found += [met_by(postings, near, kind.caps, self._owners), *codes]
        pairs = ascending(found)
        return Met(pairs, np.zeros(len(pairs), np.int64))


class Toucher:
    """Whose pairs by a kind of keys those that changed may change, as a step of an engine."""

    def __init__(self, table: OpenTable, at: Index, near: Near, changed: Bools) -> None:
        """The texts are at these rows of the table, and `near` by their days."""
        self._table, self._at, self._near, self._changed = table, at, near, changed

    def __call__(self, kind: Kind) -> Bools:
        """Marks of the texts that did not change."""
        changed = self._changed
        marks = np.zeros(len(changed), bool)
        for postings in _postings(self._table, self._at, kind, changed):
            marks |= touched(self._near, postings, changed, kind.caps)
        return marks


def _postings(table: OpenTable, at: Index, kind: Kind, who: Bools | None) -> Iterator[U64]:
    """The postings of all keys that some texts have, or of all keys; of bands one after the other."""
    with table.opened() as opened:
        if isinstance(kind, Sampled):
            yield postings_of(*_entries(opened.ragged(kind.column), at, who))
            return
        filled = np.flatnonzero(opened.ragged("grams").lengths[at])
        keys = opened.column(kind.column)[at[filled], kind.bands]
    for column in keys.T:
        if who is None:
            yield postings_of(column, filled)
        else:
            likely = _likely(column[who[filled]], column)
            yield postings_of(column[likely], filled[likely])


def _entries(keys: Rows, at: Index, who: Bools | None) -> tuple[U32, Index]:
    """The keys of the texts at these rows of a table, each with its text.

    Where some texts are named, of the keys that they have; a few others may be there, too.
    """
    if who is None:
        held = taken(keys, at)
        return held.values, owners(held.starts)
    likely = _likely(taken(keys, at[who]).values, keys.values)
    text = np.full(len(keys.lengths), -1)
    text[at] = np.arange(len(at))
    # Spells of one text stand in one row: all but one of them are read by themselves.
    others = np.flatnonzero(text[at] != np.arange(len(at)))
    more = taken(keys, at[others])
    text = text[np.searchsorted(keys.starts, likely, "right") - 1]
    stands = text >= 0
    return (
        np.append(keys.values[likely[stands]], more.values),
        np.append(text[stands], others[owners(more.starts)]),
    )


def _likely(wanted: U32, keys: U32) -> Index:
    """The places of all keys that are wanted, and of a few others."""
    low = np.uint32((1 << max(10, (16 * len(wanted)).bit_length())) - 1)
    seen = np.zeros(int(low) + 1, bool)
    seen[wanted & low] = True
    likely: Index = np.flatnonzero(seen[keys & low])
    return likely


_SHIFT, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


def touched(near: Near, postings: U64, changed: Bools, caps: Caps) -> Bools:
    """The unchanged rows that may own other pairs of unchanged rows without the changed ones, or with them.

    That is so by hot keys alone. Between such an owner and what it meets stand no more unchanged entries
    than its limit, or its reach where it is hot by the unchanged ones alone.
    """
    marks = np.zeros(near.count, bool)
    row = (postings[:-1] & _LOW).astype(np.int64)
    turned = changed[row]
    entry, place = postings[:-1][turned], np.flatnonzero(~turned)
    still = np.append(postings[:-1][~turned], ~np.uint64(0))
    after = np.searchsorted(still, entry)  # the unchanged entry behind each changed one
    last, end = len(still) - 1, len(postings) - 1
    undated = (still & _LOW) >= near.dated

    def same_key(at: Index, other: U64) -> Bools:
        alike: Bools = still[np.clip(at, 0, last)] >> _SHIFT == other >> _SHIFT
        return alike & (at >= 0) & (at < last)

    at, mine = after, entry
    for step in range(1, caps.limit + 2):  # owners before it, dated ones
        at = at - 1
        on = same_key(at, mine)
        at, mine = at[on], mine[on]
        if not len(at):
            break
        own = (still[at] & _LOW).astype(np.int64)
        bound = (mine & ~_LOW) | near.bounds[own]
        hot = still[np.minimum(at + caps.limit + 1, last)] < bound
        by_any = postings[np.minimum(place[at] + caps.limit + 1, end)] < bound
        near_by = ~undated[at] & (mine < bound) & by_any & (~hot | (step <= caps.reach))
        marks[own[near_by]] = True
    at, mine = after - 1, entry
    for step in range(1, caps.limit + 2):  # owners behind it, undated ones
        at = at + 1
        on = same_key(at, mine)
        at, mine = at[on], mine[on]
        if not len(at):
            break
        hot = same_key(at - caps.limit - 1, mine)
        before = place[at] - caps.limit - 1
        by_any = (before >= 0) & (postings[np.maximum(before, 0)] >> _SHIFT == mine >> _SHIFT)
        near_by = undated[at] & by_any & (~hot | (step <= caps.reach))
        marks[(still[at[near_by]] & _LOW).astype(np.int64)] = True
    return marks


def joined(near: Near, postings: U64, new: Bools, owners: Bools, caps: Caps) -> Iterator[U64]:
    """The pairs of new rows that others own, which are none of the owners; once for each key."""
    row = (postings[:-1] & _LOW).astype(np.int64)
    is_new = np.flatnonzero(new[row])
    last = len(postings) - 1
    free = np.append(~owners[row], False)
    undated = np.append(row >= near.dated, False)
    key = postings >> _SHIFT

    at, mine = is_new, is_new
    for step in range(1, caps.limit + 1):  # owned by dated rows before it
        at = at - 1
        on = (at >= 0) & (key[at] == key[mine])
        at, mine = at[on], mine[on]
        if not len(at):
            break
        own = row[at]
        bound = (postings[at] & ~_LOW) | near.bounds[own]
        hot = postings[np.minimum(at + caps.limit + 1, last)] < bound
        meets = free[at] & ~undated[at] & ~undated[mine] & (postings[mine] < bound)
        meets &= step <= np.where(hot, caps.reach, caps.limit)
        yield own[meets].astype(np.uint64) << _SHIFT | postings[mine[meets]] & _LOW
    at, mine = is_new, is_new
    for step in range(1, caps.limit + 1):  # owned by undated rows behind it
        at = at + 1
        on = (at < last) & (key[np.minimum(at, last)] == key[mine])
        at, mine = at[on], mine[on]
        if not len(at):
            break
        before = at - caps.limit - 1
        hot = (before >= 0) & (key[np.maximum(before, 0)] == key[mine])
        meets = free[at] & undated[at] & (step <= np.where(hot, caps.reach, caps.limit))
        yield (postings[mine[meets]] & _LOW) << _SHIFT | postings[at[meets]] & _LOW
