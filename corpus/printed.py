"""The stories that pages print, in part or whole: compilations, and what they contain.

In: texts, what stands beside each (`corpus.roundups`), clusters. Out: which texts quote several stories; and,
after the clusters have settled, which stories each compilation contains, with the pair that shows it. What a
page has of another text is a number with a bit for each of its 5-grams: unions and counts cost little.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import msgspec
import numpy as np

from corpus.pairs import Figures, Texts
from corpus.roundups import (
    Beside,
    Bools,
    RoundupSettings,
    no_copies_of_stories,
    of_several,
    openers,
    stories_beside,
)
from corpus.rows import Index, Rows, kept, taken
from corpus.spotting import masks, spots
from corpus.text import IS_LONG


class Held(NamedTuple):
    """Texts that are read when they are asked for, by number: 5-grams, names and numbers, leads."""

    grams: Callable[[Index], Rows]
    names: Callable[[Index], Rows]
    leads: Callable[[Index], Rows]

    @classmethod
    def of(cls, texts: Texts, leads: Rows) -> "Held":
        """Those that have been read."""
        return cls(*(partial(taken, rows) for rows in (texts.grams, texts.names, leads)))


class Contents(NamedTuple):
    """What the compilations contain: a row a story, by compilation, the longest quoted first.

    `stories` is the text that shows most of it, `evidence` the number of that pair among those
    compared, `own` how many 5-grams of the compilation stand in it and in no shorter quoted story,
    `lead` how many of the text's lead.
    """

    compilations: Index
    stories: Index
    evidence: Index
    own: Index
    lead: Index


def compilations(
    texts: Texts,
    leads: Rows,
    labels: Index,
    pairs: Index,
    found: Figures,
    settings: RoundupSettings,
) -> Bools:
    """Which of the texts are compilations."""
    beside = stories_beside(pairs, found, settings)
    (may,) = openers(beside, texts.grams, leads, (labels,), settings)
    held = Held.of(texts, leads)
    (marks,) = quoting(beside.of(may), held, ((labels, may),), settings)
    return no_copies_of_stories(marks, pairs[found.jaccard > settings.copy])


def quoting(
    beside: Beside, held: Held, asked: Iterable[tuple[Index, Bools]], settings: RoundupSettings
) -> list[Bools]:
    """Which of the pages quote `stories` stories, in each round that has clusters and pages of its own."""
    rounds = list(asked)
    found = [np.zeros(len(labels), bool) for labels, _ in rounds]
    for number, page, _ in _quotes(beside, held, rounds, settings.stories, settings):
        found[number][page] = True
    return found


def contents(
    held: Held,
    labels: Index,
    pairs: Index,
    found: Figures,
    marks: Bools,
    settings: RoundupSettings,
) -> Contents:
    """The stories in each compilation that `marks` names, by the clusters that were formed at last.

    What is no compilation was found to be none by then, however much of the page it makes up.
    """
    settings = msgspec.structs.replace(settings, share=1.0, copy=1.0)
    beside = stories_beside(pairs, found, settings).of(marks)
    beside = beside.only(~marks[beside.other])
    rows: list[tuple[int, ...]] = []
    for _, page, quotes in _quotes(beside, held, [(labels, marks)], 1, settings):
        ranked = sorted(quotes, key=lambda quote: (-quote.own, quote.text))
        rows += [(page, *quote) for quote in ranked]
    columns = np.array(rows, np.int64).reshape(-1, 5)
    return Contents(*columns.T)


class _Quote(NamedTuple):
    """A story in a page: the text that shows most of it, their pair, the 5-grams not counted yet.

    `lead` are 5-grams of the text's lead.
    """

    text: int
    pair: int
    own: int
    lead: int


def _quotes(
    beside: Beside,
    held: Held,
    rounds: Sequence[tuple[Index, Bools]],
    least: int,
    settings: RoundupSettings,
) -> Iterator[tuple[int, int, list[_Quote]]]:
    """The stories in the pages of each round, with its number and the page, where there are `least`."""
    beside = beside.only(np.lexsort((beside.other, -beside.shared, beside.page)))
    reading = _Reading(beside, held)
    lead = reading.leads()
    opens, of_rounds = lead >= settings.lead, []
    for labels, pages in rounds:
        few = _few_of_each(beside.page, labels[beside.other]) & pages[beside.page]
        several = of_several(beside.only(few & opens), labels, least)
        of_rounds.append(few & several[beside.page])
    reading.read(np.flatnonzero(opens & np.logical_or.reduce(of_rounds)))
    shown = [
        _first_of_each(beside, few & opens, labels)
        for few, (labels, _) in zip(of_rounds, rounds, strict=True)
    ]
    reading.read_facts(np.concatenate(shown))
    found = []
    for nth, ((labels, _), few) in enumerate(zip(rounds, of_rounds, strict=True)):
        rows = np.flatnonzero(few)
        page, label = beside.page[rows], labels[beside.other[rows]]
        bounds = np.flatnonzero(np.diff(page, prepend=-1, append=-1)).tolist()
        for begin, end in pairwise(bounds):
            near = _Near(nth, rows[begin:end].tolist(), label[begin:end].tolist())
            quotes = _quoted(reading, near, lead, settings)
            if len(quotes) >= least:
                found.append((near, quotes))
    reading.read(np.unique(np.concatenate([_NONE, *(near.rows for near, _ in found)])))
    for near, quotes in found:
        if not _mostly_one(reading, near, quotes, settings.share):
            number = int(beside.page[near.rows[0]])
            yield near.round, number, [quote for quote, _ in quotes.values()]


class _Near(NamedTuple):
    """The texts beside a page that count in a round, the longest passage first, and their clusters.

    They are told by their numbers in `Beside`.
    """

    round: int
    rows: list[int]
    labels: list[int]


_NONE = np.zeros(0, np.int64)


class _Reading:
    """What pages have of the texts beside them, by the number of the page and the text in `beside`."""

    def __init__(self, beside: Beside, held: Held) -> None:
        self.beside, self._held = beside, held
        pages, self._page = np.unique(beside.page, return_inverse=True)
        self._grams = held.grams(pages)
        self.spans: dict[
            int, int
        ] = {}  # of each text that was read, a bit for each 5-gram of the page
        self._facts: dict[int, frozenset[int]] = {}

    def leads(self) -> Index:
        """How many 5-grams of each text's lead stand in the page."""
        others, which = np.unique(self.beside.other, return_inverse=True)
        both = np.stack((which, self._page), axis=1)
        pair, _ = spots(self._held.leads(others), self._grams, both)
        return np.bincount(pair, minlength=len(both)).astype(np.int64)

    def read(self, some: Index) -> None:
        """Look up what pages have of these texts, all at once."""
        missing = some[[n not in self.spans for n in some.tolist()]]
        others, which = np.unique(self.beside.other[missing], return_inverse=True)
        both = np.stack((which, self._page[missing]), axis=1)
        found = masks(self._held.grams(others), self._grams, both)
        self.spans.update(zip(missing.tolist(), found, strict=True))

    def length(self, n: int) -> int:
        """How many 5-grams the page has."""
        return int(self._grams.starts[self._page[n] + 1] - self._grams.starts[self._page[n]])

    def read_facts(self, some: Index) -> None:
        """Read the names and numbers of these texts, all at once."""
        self._texts = np.unique(self.beside.other[some])
        names = self._held.names(self._texts)
        self._names = kept(names, names.values & np.uint32(3) < IS_LONG)

    def kindred(self, text: int, others: Iterable[int], most: float) -> bool:
        """Whether the text has more than so much of its names and numbers from one of the others."""
        facts = self._facts_of(text)
        return any(len(facts & self._facts_of(other)) > most * len(facts) for other in others)

    def _facts_of(self, text: int) -> frozenset[int]:
        if text not in self._facts:
            row = self._names.row(int(np.searchsorted(self._texts, text)))
            self._facts[text] = frozenset(row.tolist())
        return self._facts[text]


def _quoted(
    reading: _Reading, near: _Near, lead: Index, settings: RoundupSettings
) -> dict[int, tuple[_Quote, int]]:
    """The stories that a page quotes, by cluster, with what of the page is theirs."""
    opening: dict[int, list[int]] = {}
    for row, label in zip(near.rows, near.labels, strict=True):
        if lead[row] >= settings.lead:
            opening.setdefault(label, []).append(row)
    opened = {label: _joined(reading.spans[row] for row in rows) for label, rows in opening.items()}
    standing = _in_many(opened.values(), settings.common)
    own = {label: span & ~standing for label, span in opened.items()}
    sizes = {label: span.bit_count() for label, span in own.items()}
    quotes: dict[int, tuple[_Quote, int]] = {}
    covered = 0
    # The short ones first: another compilation, which has several of them, is no story then.
    for label in sorted(own, key=lambda label: (sizes[label], label)):
        fresh = (own[label] & ~covered).bit_count()
        if fresh < settings.grams or fresh < _APART * sizes[label]:
            continue
        first = opening[label][0]
        text, pair = (int(column[first]) for column in reading.beside[1:3])
        if not reading.kindred(text, (quote.text for quote, _ in quotes.values()), settings.kin):
            covered |= own[label]
            quotes[label] = _Quote(text, pair, fresh, int(lead[first])), own[label]
    return quotes


def _mostly_one(
    reading: _Reading, near: _Near, quotes: dict[int, tuple[_Quote, int]], share: float
) -> bool:
    """Whether a cluster alone makes up more than so much of the page: besides what is quoted of others."""
    own = {label: span for label, (_, span) in quotes.items()}
    every, twice = _joined(own.values()), _in_many(own.values(), 2)
    clusters: dict[int, int] = {}
    for row, label in zip(near.rows, near.labels, strict=True):
        clusters[label] = clusters.get(label, 0) | reading.spans[row]
    most = share * reading.length(near.rows[0])
    return any(
        (span & ~(twice | (every & ~own.get(label, 0)))).bit_count() > most
        for label, span in clusters.items()
    )


def _joined(spans: Iterable[int]) -> int:
    """What any of them has."""
    joined = 0
    for span in spans:
        joined |= span
    return joined


def _in_many(spans: Iterable[int], many: int) -> int:
    """What so many of them have."""
    in_more = [0] * many
    for span in spans:
        for n in range(many - 1, 0, -1):
            in_more[n] |= in_more[n - 1] & span
        in_more[0] |= span
    return in_more[-1]


_MOST = 8
"""Copies of one story that are looked at: those that share the longest passages."""

_APART = 0.7
"""So much of a story's span must be its own: two stories share a name in full, a standing phrase."""


def _few_of_each(pages: Index, labels: Index) -> Bools:
    """The first few texts of each cluster beside a page."""
    code = pages << 32 | labels
    order = np.argsort(code, kind="stable")
    begins = np.flatnonzero(np.diff(code[order], prepend=-1))
    rank = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
    few = np.zeros(len(order), bool)
    few[order[rank < _MOST]] = True
    return few


def _first_of_each(beside: Beside, marks: Bools, labels: Index) -> Index:
    """The first marked text of each cluster beside a page."""
    some = np.flatnonzero(marks)
    _, first = np.unique(beside.page[some] << 32 | labels[beside.other[some]], return_index=True)
    return some[first]
