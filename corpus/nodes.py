"""The distinct texts of a set of documents, freed of furniture.

In: the table of documents and which of its rows count. Out: `Nodes`, rows of the table of nodes.
Documents whose folded words are identical share a node, so that fifty thousand copies of one stub cost
what one costs; but not across a silence longer than the date window, nor where people said that two of them
are no copies. Nothing is compared here.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.cluster import components
from corpus.minhash import CandidateSettings, SignatureSettings, band_keys, sampled, signatures
from corpus.pairs import Texts
from corpus.repeats import FurnitureSettings, blocks, furniture, marked, seen_from
from corpus.rows import (
    U64,
    Index,
    Rows,
    in_batches,
    kept,
    mixed,
    owners,
    places,
    rows_of,
    starts_of,
    summed,
    taken,
)
from corpus.signing import DOCUMENTS, GRAM_MARKS, Columns
from corpus.tables import Column, Layout, OpenTable, Table

Days = NDArray[np.float64]

_AT_ONCE = 2_000_000  # hashes read at a time


def nodes_layout(candidates: CandidateSettings) -> Layout:
    """The table of nodes: texts without furniture, with what proposes them."""
    return {
        "key": Column("u8"),  # of the text and of what it lost to furniture
        "grams": Column("u4", ragged=True),
        **{mark: DOCUMENTS[mark] for mark in GRAM_MARKS},
        "opens": Column("?", beside="grams"),  # which stand in the lead
        "names": Column("u4", ragged=True),
        "lead": Column("u4", ragged=True),
        "sample": Column("u4", ragged=True),
        "bands": Column("u4", width=candidates.bands),
    }


class Freed(NamedTuple):
    """What each document lost to its site's furniture, documents in the order asked for.

    `lost` is a digest of it (0: nothing) and `left` the number of 5-grams that stay; `sets` are sets of
    furniture and `set_of` says which one is a document's, -1 where it has none.
    """

    lost: U64
    left: Index
    sets: Rows
    set_of: Index


class Nodes(NamedTuple):
    """The distinct texts in the order of their first days, those without a known day last.

    `node` is each document's text; `head` a text's first document by key, `source` the one that it
    was taken from, `weights` how many have it, `first` and `last` their days (NaN where none is
    known); `key` names a text and what it lost. `digests` are by document.
    """

    node: Index
    head: Index
    source: Index
    weights: Index
    first: Days
    last: Days
    key: U64
    digests: U64


def texts_at(table: Table, rows: Index) -> Texts:
    """Rows of the table of nodes, as verification takes them."""
    grams = table.ragged("grams")
    at, starts = places(grams.starts, rows)
    columns: dict[str, Any] = {mark: table.column(mark)[at] for mark in (*GRAM_MARKS, "opens")}
    names = taken(table.ragged("names"), rows)
    return Texts(grams=Rows(grams.values[at], starts), names=names, **columns)


# -------------------------------------------------------------------------------------- furniture


class _Site(NamedTuple):
    """The documents of a site: rows of the table, days, digests of their pages and their texts."""

    rows: Index
    block: Index
    page: U64
    text: U64


class _Found(NamedTuple):
    """What `Freed` says, for the documents of one site."""

    lost: U64
    left: Index
    sets: Rows
    set_of: Index


class FurnitureOf:
    """The furniture of a site's pages, as a step of an engine."""

    def __init__(self, documents: OpenTable, settings: FurnitureSettings) -> None:
        self._documents, self._settings = documents, settings

    def __call__(self, site: _Site) -> _Found:
        """What each of the site's pages lost."""
        sets: list[NDArray[np.uint32]] = []
        lost = np.zeros(len(site.rows), np.uint64)
        set_of = np.full(len(site.rows), -1)
        with self._documents.opened() as table:
            grams = table.ragged("grams")
            left = grams.starts[site.rows + 1] - grams.starts[site.rows]
            for block in np.unique(site.block).tolist():
                found = self._seen_from(block, site, grams)
                mine = np.flatnonzero(site.block == block)
                for batch in in_batches(left[mine], _AT_ONCE) if len(found) else []:
                    some = mine[batch]
                    pages = taken(grams, site.rows[some])
                    removed = kept(pages, marked(pages.values, found))
                    lost[some] = summed(mixed(removed.values), removed.starts)
                    left[some] -= removed.lengths
                    set_of[some] = len(sets)
                sets.append(found)
        return _Found(lost, left, rows_of(sets), set_of)

    def _seen_from(self, block: int, site: _Site, grams: Rows) -> NDArray[np.uint32]:
        """The furniture that pages of a block see; of each text on a site one copy speaks for all.

        Texts are drawn by their digests: one that is added changes the sample by one at most.
        """
        seen = np.flatnonzero(seen_from(block, site.block))
        same = components(
            len(seen),
            np.tile(np.arange(len(seen)), 2),
            np.concatenate([_first_with(column[seen]) for column in (site.page, site.text)]),
        )
        _, one_of_each = np.unique(site.text[seen], return_index=True)
        drawn = one_of_each[: self._settings.sample]
        pages = taken(grams, site.rows[seen[drawn]])
        return furniture(pages, same[drawn], self._settings)


def sites(
    documents: Table, rows: Index, window: float, least: int
) -> Iterator[tuple[Index, _Site]]:
    """The documents of each site with `least` of them: their places in `rows`, and the site."""
    site = documents.column("site")[rows]
    order = np.argsort(site, kind="stable")
    bounds = np.flatnonzero(np.diff(site[order], prepend=np.uint64(0), append=~np.uint64(0)))
    for begin, end in pairwise(bounds.tolist()):
        of = order[begin:end]
        if end - begin >= least:
            held = rows[of]
            day, seen = documents.column("day")[held], documents.column("seen")[held]
            anchor = np.where(np.isnan(day) & np.isfinite(seen), seen, day)
            text = documents.column("digest")[held]
            yield (
                of,
                _Site(held, blocks(anchor, window), documents.column("page")[held], text),
            )


def freed(places_of: list[Index], found: list[_Found], lengths: Index) -> Freed:
    """The sites' answers put together; documents of no site lost nothing."""
    lost, left = np.zeros(len(lengths), np.uint64), lengths.copy()
    set_of = np.full(len(lengths), -1)
    before = 0
    for of, answer in zip(places_of, found, strict=True):
        lost[of], left[of] = answer.lost, answer.left
        set_of[of] = np.where(answer.set_of >= 0, answer.set_of + before, -1)
        before += len(answer.sets.lengths)
    sets = rows_of(answer.sets.row(n) for answer in found for n in range(len(answer.sets.lengths)))
    return Freed(lost, left, sets, set_of)


# ------------------------------------------------------------------------------------------ nodes


def nodes(documents: Table, rows: Index, given: Freed, kept_apart: Index, window: float) -> Nodes:
    """The distinct texts of the documents, which come in the order of their keys.

    `kept_apart` has a number for each document: those that differ in it never share a text.
    """
    digests, days = documents.column("digest")[rows], documents.column("day")[rows]
    same = _identical(digests, days, window)
    if kept_apart.any():
        same = _first_with(mixed(same, kept_apart))
    first, last = np.full((2, len(days)), np.nan)
    np.fmin.at(first, same, days)
    np.fmax.at(last, same, days)
    heads = np.unique(same)
    heads = heads[np.argsort(first[heads], kind="stable")]
    number = np.zeros(len(days), np.int64)
    number[heads] = np.arange(len(heads))
    node = number[same]
    # Furniture differs by host: the copy that lost least to it speaks for all identical ones.
    fullest = np.lexsort((-given.left, node))
    source = fullest[np.flatnonzero(np.diff(node[fullest], prepend=-1))]
    return Nodes(
        node=node,
        head=heads,
        source=source,
        weights=np.bincount(node, minlength=len(heads)).astype(np.int64),
        first=first[heads],
        last=last[heads],
        key=mixed(documents.column("text")[rows[source]], given.lost[source]),
        digests=digests,
    )


class _Wanted(NamedTuple):
    """Nodes to make: their keys, rows of the table of documents, and their furniture."""

    key: U64
    rows: Index
    sets: Rows
    set_of: Index


class NodeMaker:
    """Columns of the table of nodes, as a step of an engine."""

    def __init__(
        self, documents: OpenTable, signature: SignatureSettings, candidates: CandidateSettings
    ) -> None:
        self._documents, self._signature, self._candidates = documents, signature, candidates

    def __call__(self, wanted: _Wanted) -> Columns:
        """The columns of the wanted nodes."""
        with self._documents.opened() as table:
            grams, names = table.ragged("grams"), table.ragged("names")
            at, starts = places(grams.starts, wanted.rows)
            held = Rows(grams.values[at], starts)
            stays = ~self._lost(held, wanted)
            columns: dict[str, NDArray[Any] | Rows] = {
                mark: table.column(mark)[at][stays] for mark in GRAM_MARKS
            }
            name_at, name_starts = places(names.starts, wanted.rows)
            opened = Rows(table.column("name_grams")[name_at], name_starts)
            own = ~self._lost(opened, wanted)
            left = kept(held, stays)
            lines = signatures(left, self._signature)
            lead = taken(table.ragged("lead"), wanted.rows)
            return columns | {
                "key": wanted.key,
                "grams": left,
                "opens": _standing_in(left, lead),
                "names": _distinct(kept(Rows(names.values[name_at], name_starts), own)),
                "lead": lead,
                "sample": sampled(left, self._candidates),
                "bands": band_keys(lines, self._candidates),
            }

    @staticmethod
    def _lost(rows: Rows, wanted: _Wanted) -> NDArray[np.bool_]:
        """Which values are of their document's furniture."""
        marks = np.zeros(len(rows.values), bool)
        for n in np.unique(wanted.set_of[wanted.set_of >= 0]).tolist():
            at, _ = places(rows.starts, np.flatnonzero(wanted.set_of == n))
            marks[at] = marked(rows.values[at], wanted.sets.row(n))
        return marks


def wanted_nodes(
    documents: Table, rows: Index, found: Nodes, given: Freed, missing: Index
) -> Iterator[_Wanted]:
    """The missing nodes in batches, each with the furniture it needs."""
    sources = found.source[missing]
    lengths = documents.ragged("grams").lengths[rows[sources]] + 50
    for batch in in_batches(lengths, _AT_ONCE):
        some = sources[batch]
        sets = np.unique(given.set_of[some])
        sets = sets[sets >= 0]
        at = np.where(given.set_of[some] >= 0, np.searchsorted(sets, given.set_of[some]), -1)
        yield _Wanted(found.key[missing[batch]], rows[some], taken(given.sets, sets), at)


def _identical(digests: U64, days: Days, window: float) -> Index:
    """For each document the first (by number) of those with its text, within reach in time."""
    order = np.lexsort((np.where(np.isnan(days), -np.inf, days), digests))
    digest, day = digests[order], days[order]
    starts_anew = np.ones(len(order), bool)
    silence = day[1:] - day[:-1] > window  # false where one of the days is unknown
    starts_anew[1:] = (digest[1:] != digest[:-1]) | (digest[1:] == 0) | silence
    begins = np.flatnonzero(starts_anew)
    lowest = np.minimum.reduceat(order, begins) if len(order) else order
    same = np.empty(len(order), np.int64)
    same[order] = np.repeat(lowest, np.diff(np.append(begins, len(order))))
    return same


def _first_with(values: U64) -> Index:
    """For each value the place of the first one that equals it."""
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    return first[inverse]


def _standing_in(grams: Rows, leads: Rows) -> NDArray[np.bool_]:
    """Which of each text's 5-grams, ascending, are of its lead."""
    marks = np.zeros(len(grams.values), bool)
    shift = np.uint64(32)
    keys = owners(grams.starts).astype(np.uint64) << shift | grams.values
    wanted = owners(leads.starts).astype(np.uint64) << shift | leads.values
    at = np.searchsorted(keys, wanted)
    inside = at < len(keys)
    at, wanted = at[inside], wanted[inside]
    marks[at[keys[at] == wanted]] = True
    return marks


def _distinct(rows: Rows) -> Rows:
    """Rows of ascending values, each value once."""
    owner = owners(rows.starts)
    keys = owner.astype(np.uint64) << np.uint64(32) | rows.values
    fresh = np.diff(keys.astype(np.int64), prepend=-1) != 0
    lengths = np.bincount(owner[fresh], minlength=len(rows.starts) - 1)
    return Rows(rows.values[fresh], starts_of(lengths))
