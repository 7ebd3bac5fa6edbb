"""Compilations among a million texts: each page is judged once for what it and its neighbours are.

In: nodes, their first clusters, the compared pairs. Out: which texts are compilations. How a page is
judged is said in `corpus.roundups`; here the pages that can be one are found, and recognised.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from corpus import roundups
from corpus.engines import Engine
from corpus.nodes import texts_at
from corpus.pairs import Bools
from corpus.remembering import Columns, remembered
from corpus.roundups import Passages, RoundupSettings
from corpus.rows import U64, Index, Rows, mixed, places, starts_of, taken
from corpus.tables import Column, Layout, OpenTable, Table
from corpus.verifying import as_figures

QUOTING: Layout = {
    "key": Column("u8"),  # of what is asked of a page, its neighbours and their clusters
    "mark": Column("u1"),
}

_AT_ONCE = 40_000  # pairs of the pages of a part


class _Part(NamedTuple):
    """Pages that may be compilations, and their pairs: rows of tables, marks, clusters and numbers."""

    at: Index
    pages: Bools
    labels: Index
    pairs: Index
    figures: Index


class _Step:
    """What some pages are, by the texts that stand beside them."""

    def __init__(self, nodes: OpenTable, pairs: OpenTable, settings: RoundupSettings) -> None:
        self._nodes, self._pairs, self._settings = nodes, pairs, settings

    def _beside(self, part: _Part) -> roundups.Beside:
        with self._pairs.opened() as held:
            figures = as_figures(held.column("figures")[part.figures])
        return roundups.stories_beside(part.pairs, figures, self._settings).of(part.pages)


class Opener(_Step):
    """Which pages open several stories, as a step of an engine."""

    def __call__(self, part: _Part) -> Columns:
        """The marks of the part's pages."""
        with self._nodes.opened() as nodes:
            leads = taken(nodes.ragged("lead"), part.at)
            grams = _of_marked(nodes, part.at, part.pages)
        found = roundups.openers(self._beside(part), grams, leads, part.labels, self._settings)
        return {"mark": found[part.pages].astype(np.uint8)}


class Judge(_Step):
    """Which pages quote several stories, as a step of an engine."""

    def __call__(self, part: _Part) -> Columns:
        """The marks of the part's pages."""
        with self._nodes.opened() as nodes:
            texts, leads = texts_at(nodes, part.at), taken(nodes.ragged("lead"), part.at)
        found = roundups.quoting(self._beside(part), texts, leads, part.labels, self._settings)
        return {"mark": found[part.pages].astype(np.uint8)}


def _of_marked(nodes: Table, at: Index, marks: Bools) -> Rows:
    """The 5-grams of the texts at these places, empty where they are not marked."""
    held = nodes.taken("grams", at[marks])
    lengths = np.zeros(len(at), np.int64)
    lengths[marks] = held.lengths
    return Rows(held.values, starts_of(lengths))


class Compared(NamedTuple):
    """The texts' names and rows in the table of nodes; pairs, and their rows in that of pairs."""

    names: U64
    at: Index
    pairs: Index
    figures: Index


class Answers(NamedTuple):
    """What was found of each text: whether it may open several stories, does so, and quotes several."""

    may: Bools
    opens: Bools
    quotes: Bools

    def at(self, places: Index) -> "Answers":
        """Those of the texts at these places; of -1 nothing was found."""
        return Answers(*(np.append(marks, False)[places] for marks in self))


def may_quote(
    pairs: Index, passages: Passages, labels: Index, stories: int, asked: Bools, known: Bools
) -> Bools:
    """Which texts open texts of so many clusters; of texts not `asked` it is known."""
    one, other = pairs.T
    left = passages.left_opens & asked[one]
    right = passages.right_opens & asked[other]
    page = np.concatenate((one[left], other[right]))
    opened = labels[np.concatenate((other[left], one[right]))]
    many = np.bincount(roundups.once(page, opened), minlength=len(labels)) >= stories
    found: Bools = np.where(asked, many, known)
    return found


def unsettled(pairs: Index, passages: Passages, turned: Bools, relabelled: Bools) -> Bools:
    """Texts of which an answer may be another one than before.

    Those of which a pair `turned`, and that stand beside a text of another cluster than before.
    """
    found = turned.copy()
    near = pairs[passages.beside]
    for page, other in (near.T, near.T[::-1]):
        found[page[relabelled[other]]] = True
    return found


def quoting(
    memo: Table,
    steps: tuple[Engine, Opener, Judge],
    compared: Compared,
    passages: Passages,
    labels: Index,
    stories: int,
    known: Answers,
    asked: Bools,
) -> tuple[Bools, Answers]:
    """Which of the texts are compilations, and all that was found of them.

    `stories` is the least number of clusters that they open. Of the texts that are not `asked` it is `known`.
    """
    engine, opener, judge = steps
    may = may_quote(compared.pairs, passages, labels, stories, asked, known.may)
    opened = passages.left_opens | passages.right_opens
    opens = np.where(asked, False, known.opens)
    _ask(opens, memo, (engine, opener), compared, opened, labels, may & asked)
    quotes = np.where(asked, False, known.quotes)
    _ask(quotes, memo, (engine, judge), compared, passages.beside, labels, opens & asked)
    marks = roundups.no_copies_of_stories(quotes, compared.pairs[passages.copies])
    return marks, Answers(may, opens, quotes)


def _ask(
    marks: Bools,
    memo: Table,
    steps: tuple[Engine, Opener | Judge],
    compared: Compared,
    used: Bools,
    labels: Index,
    asked: Bools,
) -> None:
    """Mark what a step finds of the pages that are asked, by the pairs that are used."""
    engine, step = steps
    names = compared.names
    near = np.flatnonzero(used & asked[compared.pairs].any(axis=1))
    pairs, figures = compared.pairs[near], compared.figures[near]
    own = np.full(len(labels), isinstance(step, Judge), np.uint64)
    for one, other in (pairs.T, pairs.T[::-1]):
        np.add.at(own, one, mixed(names[other], names[labels[other]]))
    pages = np.flatnonzero(asked)
    pages = pages[np.argsort(labels[pages], kind="stable")]  # neighbours together
    beside = Incident(pairs, len(labels))

    def parts(batches: Iterable[Index]) -> Iterator[_Part]:
        for batch in batches:
            some = np.unique(beside.of(pages[batch]))
            inside, local = np.unique(
                np.append(pairs[some].ravel(), pages[batch]), return_inverse=True
            )
            judged = np.zeros(len(inside), bool)
            judged[local[2 * len(some) :]] = True
            ends = local[: 2 * len(some)].reshape(-1, 2)
            yield _Part(compared.at[inside], judged, labels[inside], ends, figures[some])

    def work(batches: Iterable[Index]) -> Iterator[Columns]:
        known = list(batches)
        for batch, found in zip(known, engine.each(step, parts(known)), strict=True):
            yield {"mark": found["mark"][np.argsort(np.argsort(pages[batch]))]}

    keys = mixed(names, own)[pages]
    at = remembered(memo, keys, lambda places: beside.counts[pages[places]], _AT_ONCE, work)
    marks[pages] = memo.column("mark")[at] == 1


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
