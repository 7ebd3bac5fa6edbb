"""The distinct texts of a set of documents, freed of furniture.

In: the table of documents and which of its rows count. Out: `Nodes`, rows of the table of nodes.
Documents whose folded words are identical share a node, so that fifty thousand copies of one stub cost
what one costs; but not across a silence longer than the date window, nor where people said that two of them
are no copies. Nothing is compared here.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.engines import Engine
from corpus.freeing import Freed, standing
from corpus.minhash import CandidateSettings, SignatureSettings, band_keys, sampled, signatures
from corpus.pairs import Texts
from corpus.remembering import Columns, remembered
from corpus.rows import (
    U64,
    Index,
    Rows,
    first_with,
    kept,
    mixed,
    owners,
    ranked,
    starts_of,
    taken,
)
from corpus.signing import DOCUMENTS, GRAM_MARKS
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


class Nodes(NamedTuple):
    """The distinct texts in the order of their first days, those without a known day last.

    `node` is each document's text; `head` a text's first document by key, `source` the one that it
    was taken from, `weights` how many have it, `first` and `last` their days (NaN where none is
    known); `key` names a text and what it lost, `name` its spell as well. `digests` are by document.
    """

    node: Index
    head: Index
    source: Index
    weights: Index
    first: Days
    last: Days
    key: U64
    name: U64
    digests: U64


def texts_at(table: Table, rows: Index) -> Texts:
    """Rows of the table of nodes, as verification takes them."""
    columns: dict[str, Any] = {
        mark: table.taken(mark, rows).values for mark in (*GRAM_MARKS, "opens")
    }
    return Texts(grams=table.taken("grams", rows), names=table.taken("names", rows), **columns)


# ------------------------------------------------------------------------------------------ nodes


def nodes(documents: Table, rows: Index, given: Freed, kept_apart: Index, window: float) -> Nodes:
    """The distinct texts of the documents, which come in the order of their keys.

    `kept_apart` has a number for each document: those that differ in it never share a text.
    """
    digests, days = documents.column("digest")[rows], documents.column("day")[rows]
    same = _identical(digests, days, window)
    if kept_apart.any():
        same = first_with(mixed(same, kept_apart))
    first, last = np.full((2, len(days)), np.nan)
    np.fmin.at(first, same, days)
    np.fmax.at(last, same, days)
    heads, group = np.unique(same, return_inverse=True)
    # Furniture differs by host: the copy that lost least to it speaks for all identical ones.
    lost = given.left.max(initial=0) - given.left
    fullest = np.argsort(ranked((group, lost)), kind="stable")
    source = fullest[np.flatnonzero(np.diff(group[fullest], prepend=-1))]
    key = mixed(documents.column("text")[rows[source]], given.lost[source])
    name = mixed(key, first[heads], documents.column("key")[rows[heads]])
    order = np.lexsort((name, first[heads]))  # depends on no other text
    number = np.empty(len(heads), np.int64)
    number[order] = np.arange(len(heads))
    heads = heads[order]
    return Nodes(
        node=number[group],
        head=heads,
        source=source[order],
        weights=np.bincount(group, minlength=len(heads))[order].astype(np.int64),
        first=first[heads],
        last=last[heads],
        key=key[order],
        name=name[order],
        digests=digests,
    )


class _Wanted(NamedTuple):
    """Nodes to make: rows of the table of documents, and of their furniture in its table."""

    rows: Index
    set_of: Index


class NodeMaker:
    """Columns of the table of nodes, as a step of an engine."""

    def __init__(
        self,
        tables: tuple[OpenTable, OpenTable],
        signature: SignatureSettings,
        candidates: CandidateSettings,
    ) -> None:
        """The tables are those of documents and of furniture."""
        self._documents, self._furniture = tables
        self._signature, self._candidates = signature, candidates

    def __call__(self, wanted: _Wanted) -> Columns:
        """The columns of the wanted nodes, but for the key."""
        with self._furniture.opened() as table:
            sets, number = np.unique(wanted.set_of, return_inverse=True)
            number -= int(np.searchsorted(sets, 0))  # -1: none
            held_sets = taken(table.ragged("hashes"), sets[sets >= 0])
        with self._documents.opened() as table:
            held = table.taken("grams", wanted.rows)
            stays = ~standing(held, held_sets, number)
            columns: dict[str, NDArray[Any] | Rows] = {
                mark: table.taken(mark, wanted.rows).values[stays] for mark in GRAM_MARKS
            }
            own = ~standing(table.taken("name_grams", wanted.rows), held_sets, number)
            left = kept(held, stays)
            lines = signatures(left, self._signature)
            lead = table.taken("lead", wanted.rows)
            return columns | {
                "grams": left,
                "opens": _standing_in(left, lead),
                "names": _distinct(kept(table.taken("names", wanted.rows), own)),
                "lead": lead,
                "sample": sampled(left, self._candidates),
                "bands": band_keys(lines, self._candidates),
            }


def made(
    table: Table,
    found: Nodes,
    documents: Table,
    rows: Index,
    given: Freed,
    steps: tuple[Engine, NodeMaker],
) -> Index:
    """The row of each text in the table of nodes, to which those that it lacked were added."""
    engine, maker = steps
    order = np.argsort(rows[found.source])  # as they stand on the disk
    sources = found.source[order]
    lengths = documents.ragged("grams").lengths[rows[sources]] + 50

    def work(batches: Iterable[Index]) -> Iterator[Columns]:
        parts = (_Wanted(rows[sources[some]], given.set_of[sources[some]]) for some in batches)
        return engine.each(maker, parts)

    at = np.empty(len(order), np.int64)
    at[order] = remembered(table, found.key[order], lambda some: lengths[some], _AT_ONCE, work)
    return at


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
