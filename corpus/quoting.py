"""Compilations among a million texts: each page is judged once for what it and its neighbours are.

In: nodes, their first clusters, the compared pairs. Out: which texts are compilations. How a page is
judged is said in `corpus.roundups`; here the pages that can be one are found, and recognised.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from corpus.engines import Engine
from corpus.nodes import texts_at
from corpus.pairs import Bools, Figures
from corpus.roundups import RoundupSettings, compilations
from corpus.rows import U64, Index, in_batches, looked_up, mixed, places, starts_of, taken
from corpus.tables import Column, Layout, OpenTable, Table
from corpus.verifying import as_figures

QUOTING: Layout = {
    "key": Column("u8"),  # of a page, its neighbours and their clusters
    "mark": Column("u1"),
}

_AT_ONCE = 40_000  # pairs of the pages of a part
_ROWS_AT_ONCE = 500_000


class _Part(NamedTuple):
    """Pages that may be compilations, and their pairs: rows of tables, numbers and clusters."""

    at: Index
    labels: Index
    pairs: Index
    figures: Index


class Judge:
    """Marks of some pages, as a step of an engine."""

    def __init__(self, nodes: OpenTable, pairs: OpenTable, settings: RoundupSettings) -> None:
        self._nodes, self._pairs, self._settings = nodes, pairs, settings

    def passages(self, rows: Index) -> "Passages":
        """What pairs at these rows of the table of pairs have in common."""
        found = [Passages(*np.zeros((3, 0), bool))]
        with self._pairs.opened() as held:
            for n in range(0, len(rows), _ROWS_AT_ONCE):
                figures = as_figures(held.column("figures")[rows[n : n + _ROWS_AT_ONCE]])
                found.append(_passages(figures, self._settings))
        return Passages(*(np.concatenate(column) for column in zip(*found, strict=True)))

    def __call__(self, part: _Part) -> Bools:
        """Which texts of the part are compilations."""
        with self._nodes.opened() as nodes, self._pairs.opened() as held:
            return compilations(
                texts_at(nodes, part.at),
                taken(nodes.ragged("lead"), part.at),
                part.labels,
                part.pairs,
                as_figures(held.column("figures")[part.figures]),
                self._settings,
            )


class Passages(NamedTuple):
    """Of pairs of texts: which are copies; of which others one text can open the other, and go on."""

    copies: Bools
    left_opens: Bools
    right_opens: Bools


def _passages(found: Figures, settings: RoundupSettings) -> Passages:
    copies = found.jaccard > settings.copy
    shared = (found.shared >= settings.grams) & ~copies
    left_goes_on = found.left - found.shared >= settings.rest
    right_goes_on = found.right - found.shared >= settings.rest
    return Passages(copies, shared & right_goes_on, shared & left_goes_on)


class Compared(NamedTuple):
    """The texts' names and rows in the table of nodes; pairs, and their rows in that of pairs."""

    names: U64
    at: Index
    pairs: Index
    figures: Index


def openers(pairs: Index, passages: Passages, labels: Index, stories: int) -> Bools:
    """Which texts open texts of so many clusters that go on elsewhere."""
    count = len(labels)
    ends = np.concatenate((pairs[passages.left_opens], pairs[passages.right_opens][:, ::-1]))
    many: Bools = (
        np.bincount(_distinct(ends[:, 0], labels[ends[:, 1]], count), minlength=count) >= stories
    )
    return many


def quoting(
    memo: Table,
    steps: tuple[Engine, Judge],
    compared: Compared,
    passages: Passages,
    labels: Index,
    stories: int,
) -> Bools:
    """Which of the texts are compilations; `stories` is the least number of clusters they open."""
    engine, judge = steps
    pairs, names = compared.pairs, compared.names
    count = len(labels)
    may = openers(pairs, passages, labels, stories)
    # A page that is a copy of another one is judged by that one's neighbours, too.
    copies = np.flatnonzero(passages.copies & may[pairs].any(axis=1))
    told = may.copy()
    told[pairs[copies].ravel()] = True
    own = np.zeros(count, np.uint64)
    for one, its in ((0, 1), (1, 0)):
        incident = np.flatnonzero(told[pairs[:, one]])
        other = pairs[incident, its]
        np.add.at(own, pairs[incident, one], mixed(names[other], names[labels[other]]))
    own = mixed(names, own)
    both = own.copy()
    for one, its in ((0, 1), (1, 0)):
        np.add.at(both, pairs[copies, one], mixed(own[pairs[copies, its]]))
    pages = np.flatnonzero(may)
    found = looked_up(both[pages], memo.column("key"))
    missing = pages[found < 0]
    marks = np.zeros(count, bool)
    if len(missing):
        marked = _judged(engine, judge, compared, labels, copies, missing)
        memo.append({"key": both[missing], "mark": marked[missing].astype(np.uint8)})
        memo.seal()
        found = looked_up(both[pages], memo.column("key"))
    marks[pages] = memo.column("mark")[found] == 1
    return marks


def _judged(
    engine: Engine, judge: Judge, compared: Compared, labels: Index, copies: Index, missing: Index
) -> Bools:
    """Marks of the missing pages; those of others are not whole."""
    alike = np.zeros(len(compared.pairs), bool)
    alike[copies] = True
    beside = Incident(compared.pairs, len(labels))
    missing = missing[np.argsort(labels[missing], kind="stable")]  # neighbours together
    batches = [missing[b] for b in in_batches(beside.counts[missing], _AT_ONCE)]
    members: list[Index] = []

    def parts() -> Iterator[_Part]:
        for pages in batches:
            incident = beside.of(pages)
            near = np.append(compared.pairs[incident[alike[incident]]].ravel(), pages)
            some = np.unique(beside.of(np.unique(near)))
            inside, local = np.unique(compared.pairs[some], return_inverse=True)
            members.append(inside)
            yield _Part(
                compared.at[inside], labels[inside], local.reshape(-1, 2), compared.figures[some]
            )

    marks = np.zeros(len(labels), bool)
    for n, found in enumerate(engine.each(judge, parts())):
        pages = batches[n]
        marks[pages] = found[np.searchsorted(members[n], pages)]
    return marks


class Incident:
    """The pairs that each text is in."""

    def __init__(self, pairs: Index, count: int) -> None:
        ends = pairs.ravel()
        self._order = np.argsort(ends, kind="stable") // 2
        self.counts = np.bincount(ends, minlength=count)
        self._starts = starts_of(self.counts)

    def of(self, texts: Index) -> Index:
        """The pairs with one of these texts."""
        return self._order[places(self._starts, texts)[0]]


def _distinct(page: Index, label: Index, count: int) -> Index:
    """The page of each distinct pair of a page and a cluster."""
    codes = np.unique(page.astype(np.uint64) * np.uint64(max(count, 1)) + label.astype(np.uint64))
    return (codes // np.uint64(max(count, 1))).astype(np.int64)
