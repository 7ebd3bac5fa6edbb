"""What compilations contain: each is read once for what it and its neighbours are.

In: the clusters that were formed at last, the marks of compilations, the compared pairs. Out: a row for
each story in each compilation, and of these the links from cluster to cluster, with the evidence in words.
How a page is read is said in `corpus.roundups`; nothing is joined or kept apart here.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from corpus.describe import Link
from corpus.engines import Engine
from corpus.pairs import Bools, Floats
from corpus.printed import Held, contents
from corpus.quoting import Compared, Incident
from corpus.remembering import Columns, remembered
from corpus.roundups import RoundupSettings
from corpus.rows import (
    U64,
    Index,
    Rows,
    looked_up,
    mixed,
    owners,
    places,
    starts_of,
    taken,
)
from corpus.tables import Column, Layout, OpenTable, Table
from corpus.verifying import as_figures

CONTENTS: Layout = {
    "key": Column("u8"),  # of a compilation, the stories beside it and their clusters
    "own": Column("u4", ragged=True),
    "lead": Column("u4", beside="own"),
    "leads": Column("u4", beside="own"),
    "odds": Column("f8", beside="own"),
    "story": Column("u8", beside="own"),  # the names of the texts that show its stories
}

_AT_ONCE = 12_000  # pairs of the compilations of a part


class Contained(NamedTuple):
    """A row a story in a compilation: both texts, and the figures of `corpus.roundups.Contents`.

    `lead` of the `leads` 5-grams of the story's lead stand in the page.
    """

    page: Index
    story: Index
    own: Index
    lead: Index
    leads: Index
    odds: Floats


class _Part(NamedTuple):
    """Some compilations and the stories beside them: rows of tables, marks, numbers and clusters."""

    at: Index
    marks: Bools
    labels: Index
    pairs: Index
    figures: Index


class Reader:
    """What some compilations contain, as a step of an engine."""

    def __init__(self, nodes: OpenTable, pairs: OpenTable, settings: RoundupSettings) -> None:
        self._nodes, self._pairs, self._settings = nodes, pairs, settings

    def __call__(self, part: _Part) -> Contained:
        """The stories in the part's compilations."""
        with self._nodes.opened() as nodes, self._pairs.opened() as held:
            leads = taken(nodes.ragged("lead"), part.at)
            texts = Held(
                grams=lambda some: nodes.taken("grams", part.at[some]),
                names=lambda some: nodes.taken("names", part.at[some]),
                leads=lambda some: taken(leads, some),
            )
            found = contents(
                texts,
                part.labels,
                part.pairs,
                as_figures(held.some("figures", part.figures)),
                part.marks,
                self._settings,
            )
            odds = held.some("odds", part.figures[found.evidence])
        whole = leads.lengths[found.stories]
        return Contained(found.compilations, found.stories, found.own, found.lead, whole, odds)


def containing(
    memo: Table, engine: Engine, reader: Reader, compared: Compared, labels: Index, marks: Bools
) -> Contained:
    """What the texts that `marks` names contain, in their order, the longest quoted story first."""
    names = compared.names
    beside = np.flatnonzero(marks[compared.pairs[:, 0]] != marks[compared.pairs[:, 1]])
    pairs, figures = compared.pairs[beside], compared.figures[beside]
    page = np.where(marks[pairs[:, 0]], pairs[:, 0], pairs[:, 1])
    other = pairs.sum(axis=1) - page
    neighbours = np.zeros(len(names), np.uint64)
    np.add.at(neighbours, page, mixed(names[other], names[labels[other]]))
    pages = np.flatnonzero(marks)
    quoted = Incident(pairs, len(labels))

    def inside(batch: Index) -> tuple[Index, Index]:
        """The pairs of some compilations, and all texts in them."""
        some = np.sort(quoted.of(pages[batch]))
        return some, np.unique(pairs[some])

    def part(batch: Index) -> _Part:
        some, texts = inside(batch)
        local = np.searchsorted(texts, pairs[some])
        return _Part(compared.at[texts], marks[texts], labels[texts], local, figures[some])

    def work(batches: Iterable[Index]) -> Iterator[Columns]:
        known = list(batches)
        for batch, found in zip(known, engine.each(reader, map(part, known)), strict=True):
            _, texts = inside(batch)
            place = np.searchsorted(pages[batch], texts[found.page])
            own = Rows(
                found.own.astype(np.uint32), starts_of(np.bincount(place, minlength=len(batch)))
            )
            yield {**found._asdict(), "own": own, "story": names[texts[found.story]]}

    keys = mixed(names, neighbours)[pages]
    at = remembered(memo, keys, lambda some: quoted.counts[pages[some]], _AT_ONCE, work)
    return _held(memo, at, pages, names)


def _held(memo: Table, at: Index, pages: Index, names: U64) -> Contained:
    """The rows of these pages, stories by their numbers."""
    place, starts = places(memo.ragged("own").starts, at)
    story = looked_up(memo.column("story")[place], names)
    own, lead, leads = (
        memo.column(name)[place].astype(np.int64) for name in ("own", "lead", "leads")
    )
    return Contained(pages[owners(starts)], story, own, lead, leads, memo.column("odds")[place])


def contains_links(
    found: Contained, lengths: Index, clusters: Index, name: Callable[[int], str]
) -> Iterator[Link]:
    """A link for each cluster of a compilation and each other one that it contains.

    `lengths` are the texts' 5-grams, `clusters` their clusters, `name` gives the id of a text's article.
    Of several pages that contain one story, the one that has most of it speaks.
    """
    source, target = clusters[found.page], clusters[found.story]
    ranked = np.lexsort((found.story, found.page, -found.odds, -found.own, target, source))
    ranked = ranked[source[ranked] != target[ranked]]
    both = np.stack((source, target), axis=1)[ranked]
    first = np.ones(len(ranked), bool)
    first[1:] = (np.diff(both, axis=0) != 0).any(axis=1)
    for n in ranked[first].tolist():
        page, story, own, lead, leads, odds = (column[n].item() for column in found)
        yield Link(
            int(source[n]),
            int(target[n]),
            "contains",
            f"{own} of the compilation's {lengths[page]} 5-grams stand in this story and in no shorter one;"
            f" {lead} of its lead's {leads}; log-odds {odds:.1f} ({name(page)} and {name(story)})",
        )
