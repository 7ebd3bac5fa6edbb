"""Which pairs of a table's texts meet, and which of them change where a text comes or goes.

In: a table, kinds of keys in its columns, an engine that looks at them, the texts that changed. Out: pairs as
`corpus.meeting` proposes them. Of an addition only postings of keys are looked at that a changed text has;
all keys of the table are read once for it.
"""

from collections.abc import Iterator

import numpy as np

from corpus.displacing import displaced, joined, meeting_by, without
from corpus.engines import Engine
from corpus.meeting import (
    Banded,
    Bools,
    Caps,
    Changed,
    Kind,
    Meeting,
    Met,
    Near,
    Sampled,
    ascending,
    enough,
    met_by,
    often,
    paired,
    shared_often,
    together,
)
from corpus.minhash import CandidateSettings
from corpus.posting import postings_in, postings_with
from corpus.rows import U64, Index, among, found_among, owners
from corpus.tables import OpenTable

_BANDS_AT_ONCE = 4


class ByKeys:
    """What makes texts meet: kinds of keys in the columns of a table, looked at by an engine."""

    def __init__(self, table: OpenTable, kinds: list[Kind], engine: Engine) -> None:
        self._table, self._kinds, self._engine = table, kinds, engine

    def met(self, texts: Meeting, owners: Bools | None = None) -> Met:
        """The pairs of some owners, or all. Of a pair the left text is the owner, or an undated right one."""
        meeter = Meeter(self._table, texts.at, Near(*texts[1:]), owners)
        kinds = self._kinds if owners is not None else [*_parts(self._kinds)]
        return _any([*self._engine.each(meeter, kinds)])

    def changed(self, texts: Meeting, new: Bools, gone: Bools) -> Changed:
        """What changes where some of the texts are new, and some are no more."""
        changer = Changer(self._table, texts.at, Near(*texts[1:]), new, gone)
        found = [*self._engine.each(changer, self._kinds)]
        fewer = (
            np.concatenate(column) for column in zip(*(each.fewer for each in found), strict=True)
        )
        return Changed(_any([each.fresh for each in found]), Met(*fewer))

    @property
    def counts(self) -> bool:
        """Whether it is told how many keys pairs share."""
        return len(self._kinds) == 1 and isinstance(self._kinds[0], Sampled)

    def enough(self, texts: Meeting, pairs: U64, shared: Index) -> Bools:
        """Which of the pairs meet, where so many keys are shared."""
        (kind,) = self._kinds
        assert isinstance(kind, Sampled)
        with self._table.opened() as table:
            sizes = table.ragged(kind.column).lengths[texts.at]
        return enough(pairs, shared, sizes, kind.least)


def _any(found: list[Met]) -> Met:
    """The pairs that meet by any kind of keys."""
    if len(found) == 1:
        return found[0]
    pairs = ascending([met.pairs for met in found])
    return Met(pairs, np.zeros(len(pairs), np.int64))


def _parts(kinds: list[Kind]) -> Iterator[Kind]:
    """The kinds, a few bands at a time."""
    for kind in kinds:
        if isinstance(kind, Sampled):
            yield kind
        else:
            for begin in range(kind.bands.start, kind.bands.stop, _BANDS_AT_ONCE):
                end = min(begin + _BANDS_AT_ONCE, kind.bands.stop)
                yield kind._replace(bands=slice(begin, end))


def texts_meet(nodes: OpenTable, settings: CandidateSettings, engine: Engine) -> ByKeys:
    """How texts of the table of nodes meet: by the sample, or by one of the bands."""
    hot, buckets = (
        Caps(limit, settings.reach) for limit in (settings.posting_limit, settings.bucket_limit)
    )
    # What takes longer comes last: it is done here, where its table has been read before.
    kinds: list[Kind] = [
        Banded("bands", slice(0, settings.bands), buckets),
        Sampled("sample", hot, (settings.shared, settings.containment)),
    ]
    return ByKeys(nodes, kinds, engine)


_SHIFT = np.uint64(32)


class Meeter:
    """The pairs that a kind of keys proposes, as a step of an engine."""

    def __init__(self, table: OpenTable, at: Index, near: Near, owners: Bools | None) -> None:
        """The texts are at these rows of the table, and `near` by their days."""
        self._table, self._at, self._near, self._owners = table, at, near, owners

    def __call__(self, kind: Kind) -> Met:
        """The pairs of the owners."""
        near, postings = self._near, postings_in(self._table, self._at, kind, self._owners)
        if isinstance(kind, Sampled):
            sizes = _sizes(self._table, kind, self._at)
            return shared_often(next(postings), sizes, near, kind.caps, kind.least, self._owners)
        return _once([met_by(each, near, kind.caps, self._owners) for each in postings])


class Changer:
    """What new texts and those gone change by a kind of keys, as a step of an engine."""

    def __init__(self, table: OpenTable, at: Index, near: Near, new: Bools, gone: Bools) -> None:
        """The texts are at these rows of the table, and `near` by their days."""
        self._table, self._at, self._near = table, at, near
        self._new, self._gone = new, gone

    def __call__(self, kind: Kind) -> Changed:
        """The pairs of new texts, and what changes among others."""
        near, new, gone = self._near, self._new, self._gone
        (postings,) = postings_in(self._table, self._at, kind, new | gone)
        moved = displaced(near, postings, new, gone, kind.caps)
        less = moved.shared < 0
        fewer = Met(moved.pairs[less], moved.shared[less])
        more = moved.pairs[~less]
        now = without(postings, gone)
        theirs = [*joined(near, now, new, kind.caps)]
        if isinstance(kind, Banded):
            return Changed(_once([met_by(now, near, kind.caps, new), *theirs, more]), fewer)
        sizes = _sizes(self._table, kind, self._at)
        own = shared_often(now, sizes, near, kind.caps, kind.least, new)
        again = self._again(kind, now, sizes, more)
        return Changed(together([own, often(theirs, sizes, kind.least), again]), fewer)

    def _again(self, kind: Sampled, now: U64, sizes: Index, codes: U64) -> Met:
        """Which of some pairs of texts that stay meet now, and by how many keys.

        The postings are of keys of those that changed; of other keys that both have more are read.
        """
        at, pairs = self._at, paired(codes)
        with self._table.opened() as table:
            keys = table.ragged(kind.column)
            common = found_among(keys, keys, at[pairs])
            of = owners(common.starts)
            posted = common.values.astype(np.uint64) << _SHIFT
            ends = [posted | pairs[of, side].astype(np.uint64) for side in (0, 1)]
            known = among(ends[0], now)
            others = ~known
            lacking = np.unique(common.values[others])
            rest = postings_with(lacking, keys, at, ~self._gone) if len(lacking) else now
        meets = np.zeros(len(of), bool)
        for postings, some in ((now, known), (rest, others)):
            meets[some] = meeting_by(self._near, postings, ends[0][some], ends[1][some], kind.caps)
        shared = np.bincount(of[meets], minlength=len(codes))
        many = enough(codes, shared, sizes, kind.least)
        return Met(codes[many], shared[many])


def _once(codes: list[U64]) -> Met:
    pairs = ascending(codes)
    return Met(pairs, np.zeros(len(pairs), np.int64))


def _sizes(table: OpenTable, kind: Sampled, at: Index) -> Index:
    """How many keys each text has."""
    with table.opened() as opened:
        return opened.ragged(kind.column).lengths[at]
