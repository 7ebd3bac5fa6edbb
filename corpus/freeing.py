"""What each document lost to its site's furniture, among a million of them.

In: the table of documents, which of its rows count, what the run before found. Out: `Freed`. What furniture
is, is said in `corpus.repeats`; here the pages of a site that are seen from one block of days are known
again, and a page whose furniture changed is read again only where it has what changed.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from corpus.cluster import components
from corpus.engines import Engine
from corpus.remembering import Columns, remembered
from corpus.repeats import UNDATED, FurnitureSettings, blocks, furniture, marked
from corpus.rows import (
    U64,
    Index,
    Rows,
    among,
    first_with,
    in_batches,
    kept,
    mixed,
    places,
    rows_of,
    summed,
    sums_before,
    taken,
)
from corpus.tables import Column, Layout, OpenTable, Table

FURNITURE: Layout = {
    "key": Column("u8"),  # of the pages that it was found on
    "hashes": Column("u4", ragged=True),
    "digest": Column("u8"),  # of the hashes; 0: none
}

_AT_ONCE = 2_000_000  # hashes read at a time
_PAGES_AT_ONCE = 5_000
_NONE = -1

Bools = NDArray[np.bool_]


class Freed(NamedTuple):
    """What each document lost to its site's furniture, documents in the order asked for.

    `lost` is a digest of it (0: nothing) and `left` the number of 5-grams that stay; `set_of` is the row of
    its furniture in the table of furniture, -1 where it has none.
    """

    lost: U64
    left: Index
    set_of: Index


class Known(NamedTuple):
    """The same, by row of the table of documents, for the next run; `left` is -1 where it is unknown."""

    lost: U64
    left: Index
    set_of: Index

    @classmethod
    def nothing(cls) -> Self:
        """Before the first run."""
        none = np.zeros(0, np.int64)
        return cls(none.astype(np.uint64), none, none)

    def up_to(self, rows: int) -> "Known":
        """For so many rows of the table."""
        more = max(rows - len(self.lost), 0)
        unknown = np.full(more, -1, np.int64)
        return Known(
            np.append(self.lost, np.zeros(more, np.uint64)),
            np.append(self.left, unknown),
            np.append(self.set_of, unknown),
        )


def freed(
    documents: Table,
    rows: Index,
    window: float,
    memo: Table,
    steps: tuple[Engine, FurnitureSettings],
    before: Known,
) -> tuple[Freed, Known]:
    """What the documents lost, and the same for the next run."""
    engine, settings = steps
    opened = documents.opened()
    set_of = _sets(documents, rows, window, memo, (engine, FurnitureOf(opened, settings)))
    digest = np.append(memo.column("digest"), np.uint64(0))
    set_of[digest[set_of] == 0] = _NONE
    known = before.up_to(documents.rows)
    lengths = documents.ragged("grams").lengths[rows]
    lost, left = known.lost[rows], known.left[rows]
    bare = set_of == _NONE
    lost[bare], left[bare] = 0, lengths[bare]
    unknown = left < 0
    was = known.set_of[rows]
    turned = np.flatnonzero(~bare & ~unknown & (digest[set_of] != digest[was]))
    unknown[turned[_meets(documents, rows[turned], was[turned], set_of[turned], memo)]] = True
    asked = np.flatnonzero(unknown)
    asked = asked[np.argsort(set_of[asked], kind="stable")]
    parts = (
        _Asked(rows[asked[batch]], set_of[asked[batch]])
        for batch in in_batches(lengths[asked], _AT_ONCE)
    )
    held = memo.opened()
    begin = 0
    for answer in engine.each(Loser(opened, held), parts):
        some = asked[begin : begin + len(answer.lost)]
        begin += len(some)
        lost[some], left[some] = answer.lost, answer.left
    for column, values in zip(known, (lost, left, set_of), strict=True):
        column[rows] = values
    return Freed(lost, left, set_of), known


class _Seen(NamedTuple):
    """The pages that those of a block of days are compared with: rows, digests of pages and texts."""

    rows: Index
    page: U64
    text: U64


class FurnitureOf:
    """The furniture that pages of some blocks see, as a step of an engine."""

    def __init__(self, documents: OpenTable, settings: FurnitureSettings) -> None:
        self._documents, self.settings = documents, settings

    def __call__(self, blocks: list[_Seen]) -> Columns:
        """The columns of the table of furniture but for the key, a row a block.

        Pages that are seen from several of the blocks are read once.
        """
        drawn = [self._drawn(seen) for seen in blocks]
        pages = np.unique(np.concatenate([rows for rows, _ in drawn]))
        with self._documents.opened() as table:
            grams = table.taken("grams", pages)
        found = rows_of(
            furniture(taken(grams, np.searchsorted(pages, rows)), same, self.settings)
            for rows, same in drawn
        )
        return {"hashes": found, "digest": _digests(found)}

    def _drawn(self, seen: _Seen) -> tuple[Index, Index]:
        """The rows of pages that are looked at, and a number for each, the same for versions of a page.

        Of each text on the site one copy speaks for all. Texts are drawn by their digests: one that is
        added changes the sample by one at most.
        """
        count = len(seen.rows)
        page, text = first_with(seen.page), first_with(seen.text)
        every = np.arange(count)
        same = components(count, np.tile(every, 2), np.concatenate((page, text)))
        once = np.flatnonzero(text == every)
        drawn = once[np.argsort(seen.text[once])[: self.settings.sample]]
        return seen.rows[drawn], same[drawn]


def _sets(
    documents: Table, rows: Index, window: float, memo: Table, steps: tuple[Engine, FurnitureOf]
) -> Index:
    """The row of each document's furniture in its table, -1 for those of no site."""
    engine, step = steps
    site = documents.column("site")[rows]
    _, number, counts = np.unique(site, return_inverse=True, return_counts=True)
    several = np.flatnonzero((site != 0) & (counts[number] >= step.settings.pages))
    day, seen = (documents.column(name)[rows[several]] for name in ("day", "seen"))
    block = blocks(np.where(np.isnan(day) & np.isfinite(seen), seen, day), window)
    order = np.lexsort((block, number[several]))
    several, number, block = several[order], number[several[order]], block[order]
    page, text = (documents.column(name)[rows[several]] for name in ("page", "digest"))
    begins = np.flatnonzero((np.diff(number, prepend=-1) != 0) | (np.diff(block, prepend=-1) != 0))
    first, last = _seen_ranges(number, block, begins)
    sums = sums_before(mixed(page, text))
    keys = mixed(sums[last] - sums[first], (last - first).astype(np.uint64))

    def work(batches: Iterable[Index]) -> Iterator[Columns]:
        return engine.each(step, (list(map(seen_from, batch.tolist())) for batch in batches))

    def seen_from(group: int) -> _Seen:
        here = slice(int(first[group]), int(last[group]))
        return _Seen(rows[several[here]], page[here], text[here])

    drawn = np.minimum(last - first, step.settings.sample)
    at = remembered(memo, keys, lambda groups: drawn[groups], _PAGES_AT_ONCE, work)
    set_of = np.full(len(rows), _NONE)
    set_of[several] = np.repeat(at, np.diff(begins, append=len(several)))
    return set_of


def _seen_ranges(number: Index, block: Index, begins: Index) -> tuple[Index, Index]:
    """For each block of each site the range of the pages that are seen from it.

    Pages come by site (`number`) and block; `begins` says where each block's start. Those are its own and
    the blocks' beside it; from pages without a day all of the site is seen, and they are seen by no others.
    """
    ends = np.append(begins[1:], len(number))
    site, day = number[begins], block[begins]
    beside = (site[1:] == site[:-1]) & (day[1:] != UNDATED) & (day[1:] - day[:-1] == 1)
    first = np.where(np.append(False, beside), np.append(0, begins[:-1]), begins)
    last = np.where(np.append(beside, False), np.append(ends[1:], 0), ends)
    whole = day == UNDATED
    first[whole] = np.searchsorted(number, site[whole])
    return first, last


def _meets(documents: Table, rows: Index, was: Index, now: Index, memo: Table) -> Bools:
    """Which of the documents have a 5-gram that is furniture now or was before, but not both.

    Whatever is furniture both times, or neither, they lost or have as before.
    """
    met = np.zeros(len(rows), bool)
    both, of = np.unique(np.stack((was, now), axis=1), axis=0, return_inverse=True)
    hashes = memo.ragged("hashes")
    none = np.zeros(0, np.uint32)
    turned = [
        np.setxor1d(hashes.row(a) if a >= 0 else none, hashes.row(b), assume_unique=True)
        for a, b in both.tolist()
    ]
    codes = [np.uint64(n) << np.uint64(32) | values for n, values in enumerate(turned)]
    wanted = np.sort(np.concatenate([np.zeros(0, np.uint64), *codes]))
    every = np.unique(np.concatenate([none, *turned]))
    lengths = documents.ragged("grams").lengths[rows]
    for batch in in_batches(lengths, _AT_ONCE):
        held = documents.taken("grams", rows[batch])
        likely = np.flatnonzero(marked(held.values, every))
        owner = np.searchsorted(held.starts, likely, "right") - 1
        code = of.ravel()[batch][owner].astype(np.uint64) << np.uint64(32) | held.values[likely]
        met[batch.start + owner[among(code, wanted)]] = True
    documents.release()
    return met


class _Asked(NamedTuple):
    """Rows of the table of documents, and of each one's furniture in its table."""

    rows: Index
    set_of: Index


class _Lost(NamedTuple):
    lost: U64
    left: Index


class Loser:
    """What some documents lost, as a step of an engine."""

    def __init__(self, documents: OpenTable, furniture: OpenTable) -> None:
        self._documents, self._furniture = documents, furniture

    def __call__(self, asked: _Asked) -> _Lost:
        """A digest of it, and the number of 5-grams that stay."""
        with self._documents.opened() as table, self._furniture.opened() as sets:
            pages = table.taken("grams", asked.rows)
            held = taken(sets.ragged("hashes"), np.unique(asked.set_of))
        _, number = np.unique(asked.set_of, return_inverse=True)
        removed = kept(pages, standing(pages, held, number))
        return _Lost(_digests(removed), pages.lengths - removed.lengths)


def _digests(rows: Rows) -> U64:
    """A digest of each row's hashes, 0 for none; a hash that is 0 counts as any other."""
    return summed(mixed(np.ones(len(rows.values), np.uint64), rows.values), rows.starts)


def standing(rows: Rows, sets: Rows, set_of: Index) -> Bools:
    """Which values are of their row's set; -1 is none."""
    marks = np.zeros(len(rows.values), bool)
    for number in np.unique(set_of[set_of >= 0]).tolist():
        at, _ = places(rows.starts, np.flatnonzero(set_of == number))
        marks[at] = marked(rows.values[at], sets.row(number))
    return marks
