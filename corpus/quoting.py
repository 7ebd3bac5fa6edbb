"""Compilations among a million texts: each page is judged once for what it and its neighbours are.

In: nodes, their first clusters, the compared pairs. Out: which texts are compilations. How a page is
judged is said in `corpus.roundups`; here the pages that can be one are found, and recognised.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus import printed, roundups
from corpus.engines import Engine
from corpus.pairs import Bools
from corpus.remembering import Columns, remembered
from corpus.roundups import Passages, RoundupSettings
from corpus.rows import U64, Index, Rows, mixed, places, starts_of, taken
from corpus.tables import Column, Layout, OpenTable, Table
from corpus.verifying import as_figures

QUOTING: Layout = {
    "key": Column("u8"),  # of what is asked of a page, its neighbours and their clusters
    "marks": Column("u1"),  # a bit for each round
}

_AT_ONCE = 12_000  # pairs of the pages of a part
_ROUNDS_AT_MOST = np.uint64(256)  # a bit for each is one byte


class _Part(NamedTuple):
    """Pages that may be compilations, and their pairs: rows of tables, marks, clusters and numbers.

    The clusters are those of each round, and the pages those that are asked in it.
    """

    at: Index
    pages: tuple[Bools, ...]
    rounds: tuple[Index, ...]
    pairs: Index
    figures: Index

    @property
    def any_pages(self) -> Bools:
        """The pages that are asked in one of the rounds."""
        return _any(self.pages)

    def answered(self, found: list[Bools]) -> Columns:
        """What was found of the pages in each round."""
        bits = _bits([here & marks for here, marks in zip(self.pages, found, strict=True)])
        return {"marks": bits[self.any_pages]}


def _bits(marks: Sequence[Bools]) -> NDArray[np.uint8]:
    """A number for each text, with a bit for each of the marks."""
    bits: NDArray[np.uint8] = np.packbits(np.stack(marks), axis=0, bitorder="little")[0]
    return bits


def _any(marks: Sequence[Bools]) -> Bools:
    found: Bools = np.logical_or.reduce(marks)
    return found


class _Step:
    """What some pages are, by the texts that stand beside them."""

    def __init__(self, nodes: OpenTable, pairs: OpenTable, settings: RoundupSettings) -> None:
        self._nodes, self._pairs, self._settings = nodes, pairs, settings

    def _beside(self, part: _Part) -> roundups.Beside:
        with self._pairs.opened() as held:
            figures = as_figures(held.some("figures", part.figures))
        return roundups.stories_beside(part.pairs, figures, self._settings).of(part.any_pages)


class Opener(_Step):
    """Which pages open several stories, as a step of an engine."""

    def __call__(self, part: _Part) -> Columns:
        """The marks of the part's pages."""
        with self._nodes.opened() as nodes:
            leads = taken(nodes.ragged("lead"), part.at)
            grams = _of_marked(nodes, part.at, part.any_pages)
        found = roundups.openers(self._beside(part), grams, leads, part.rounds, self._settings)
        return part.answered(found)


class Judge(_Step):
    """Which pages quote several stories, as a step of an engine."""

    def __call__(self, part: _Part) -> Columns:
        """The marks of the part's pages."""
        with self._nodes.opened() as nodes:
            leads = taken(nodes.ragged("lead"), part.at)
            held = printed.Held(
                grams=lambda some: nodes.taken("grams", part.at[some]),
                names=lambda some: nodes.taken("names", part.at[some]),
                leads=lambda some: taken(leads, some),
            )
            asked = zip(part.rounds, part.pages, strict=True)
            found = printed.quoting(self._beside(part), held, asked, self._settings)
        return part.answered(found)


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


class Asked(NamedTuple):
    """Texts of which it is asked anew what they open, and what they quote; of others it is known."""

    opens: Bools
    quotes: Bools


class Turned(NamedTuple):
    """Pairs that are new, or that are no more: where their texts stand (-1: gone), and what they share."""

    pairs: Index
    passages: Passages

    def texts(self, new: Bools) -> Bools:
        """Texts that are new, and those of which a pair turned, whatever it says of them."""
        found = new.copy()
        found[self.pairs[self.pairs >= 0]] = True
        return found


def turned_of(turned: Turned, new: Bools) -> Asked:
    """Texts that are new, and those of which a pair turned.

    What a text opens rests on those pairs alone in which it opens the other one.
    """
    opens, quotes = new.copy(), new.copy()
    for side, counts in enumerate(turned.passages.opens):
        for found, here in ((opens, counts), (quotes, turned.passages.beside)):
            ends = turned.pairs[here, side]
            found[ends[ends >= 0]] = True
    return Asked(opens, quotes)


def unsettled(pairs: Index, passages: Passages, asked: Asked, relabelled: Bools) -> Asked:
    """Besides those asked already, texts that stand beside one of another cluster than before."""
    opens, quotes = asked.opens.copy(), asked.quotes.copy()
    for side, counts in enumerate(passages.opens):
        near = np.flatnonzero(relabelled[pairs[:, 1 - side]] & passages.beside)
        page = pairs[near, side]
        quotes[page] = True
        opens[page[counts[near]]] = True
    return Asked(opens, quotes)


def quoting(
    memo: Table,
    steps: tuple[Engine, Opener, Judge],
    compared: Compared,
    passages: Passages,
    rounds: Sequence[Index],
    stories: int,
    known: Sequence[Answers],
    asked: Asked,
) -> list[Answers]:
    """What was found of all texts in each round.

    `stories` is the least number of clusters that they open. Of the texts that are not `asked` it is `known`.
    """
    engine, opener, judge = steps
    may = [
        may_quote(compared.pairs, passages, labels, stories, asked.opens, then.may)
        for labels, then in zip(rounds, known, strict=True)
    ]
    opens = [np.where(asked.opens, False, then.opens) for then in known]
    used = passages.opens
    pages = [each & asked.opens for each in may]
    _ask(opens, memo, (engine, opener), compared, used, rounds, pages)
    quotes = [np.where(asked.quotes, False, then.quotes) for then in known]
    used = passages.beside, passages.beside
    pages = [each & asked.quotes for each in opens]
    _ask(quotes, memo, (engine, judge), compared, used, rounds, pages)
    return [Answers(*found) for found in zip(may, opens, quotes, strict=True)]


def compilations(pairs: Index, passages: Passages, answers: Iterable[Answers]) -> Bools:
    """The texts that quote several stories by one of the rounds, and are copies of none."""
    copies = pairs[passages.copies]
    return _any([roundups.no_copies_of_stories(found.quotes, copies) for found in answers])


def _ask(
    marks: Sequence[Bools],
    memo: Table,
    steps: tuple[Engine, Opener | Judge],
    compared: Compared,
    used: tuple[Bools, Bools],
    rounds: Sequence[Index],
    asked: Sequence[Bools],
) -> None:
    """Mark what a step finds of the pages that are asked in each round.

    It looks at the pairs that are `used`, of the left text and of the right one.
    """
    engine, step = steps
    names, every = compared.names, _any(asked)
    own = _bits(asked).astype(np.uint64) + np.uint64(isinstance(step, Judge)) * _ROUNDS_AT_MOST
    near = np.zeros(len(compared.pairs), bool)
    for side, counts in enumerate(used):
        mine = np.flatnonzero(counts & every[compared.pairs[:, side]])
        near[mine] = True
        page, other = compared.pairs[mine, side], compared.pairs[mine, 1 - side]
        np.add.at(own, page, mixed(names[other], *(names[labels[other]] for labels in rounds)))
    pairs, figures = compared.pairs[near], compared.figures[near]
    pages = np.flatnonzero(every)
    pages = pages[np.argsort(rounds[0][pages], kind="stable")]  # neighbours together
    beside = Incident(pairs, len(every))

    def parts(batches: Iterable[Index]) -> Iterator[_Part]:
        for batch in batches:
            some = np.unique(beside.of(pages[batch]))
            inside, local = np.unique(
                np.append(pairs[some].ravel(), pages[batch]), return_inverse=True
            )
            local_pages = local[2 * len(some) :]
            judged = np.zeros((len(asked), len(inside)), bool)
            judged[:, local_pages] = [marks[pages[batch]] for marks in asked]
            ends = local[: 2 * len(some)].reshape(-1, 2)
            labels = tuple(each[inside] for each in rounds)
            yield _Part(compared.at[inside], tuple(judged), labels, ends, figures[some])

    def work(batches: Iterable[Index]) -> Iterator[Columns]:
        known = list(batches)
        for batch, found in zip(known, engine.each(step, parts(known)), strict=True):
            yield {"marks": found["marks"][np.argsort(np.argsort(pages[batch]))]}

    keys = mixed(names, own)[pages]
    at = remembered(memo, keys, lambda places: beside.counts[pages[places]], _AT_ONCE, work)
    bits = memo.column("marks")[at]
    for n, (found, here) in enumerate(zip(marks, asked, strict=True)):
        found[pages[here[pages]]] = (bits >> n & 1)[here[pages]]


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
