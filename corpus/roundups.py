"""Compilations: pages that quote several stories and are copies of none.

In: clusters as they were first formed, and the compared pairs. Out: which texts are compilations, and
after the clusters have settled which stories each contains, with the pair that shows it. A compilation
joins nothing it quotes, else it would draw unrelated stories into one cluster; copies of one
compilation may still be a cluster. Links between clusters are written by `corpus.snapshot`.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.pairs import Figures, Texts
from corpus.rows import Index, Rows, among
from corpus.text import IS_LONG
from crawler.records import Record

Bools = NDArray[np.bool_]


class RoundupSettings(Record, forbid_unknown_fields=True):
    """The `[roundups]` table of dedup.toml.

    A compilation opens the stories of `stories` clusters. To open one, it has `lead` 5-grams of a
    text's lead and `grams` of its 5-grams that stand apart from the other stories', while `rest` of
    that text's stand outside it. Stories of one page share at most `kin` of their names and numbers:
    sources of one report share more. No cluster makes up more than `share` of a compilation. 5-grams
    that open `common` clusters are a standing phrase. Texts with more than `copy` of all 5-grams in
    common are copies of it, not stories in it; and a copy of a story is no compilation.
    """

    stories: int
    lead: int
    grams: int
    rest: int
    kin: float
    share: float
    common: int
    copy: float


class Contents(NamedTuple):
    """What the compilations contain: a row a story, by compilation, the longest quoted first.

    `stories` is the text that shows most of it, `evidence` the number of that pair among those
    compared, `own` how many 5-grams of the compilation stand in it and in no shorter quoted story.
    """

    compilations: Index
    stories: Index
    evidence: Index
    own: Index


def compilations(
    texts: Texts,
    leads: Rows,
    labels: Index,
    pairs: Index,
    found: Figures,
    settings: RoundupSettings,
) -> Bools:
    """Which of the texts are compilations."""
    marks = np.zeros(len(labels), bool)
    for page, others, numbers in _neighbours(pairs, found, settings):
        if len(np.unique(labels[others])) >= settings.stories:
            quotes = _quoted(page, others, numbers, texts, leads, labels, settings)
            marks[page] = len(quotes) >= settings.stories
    copies = pairs[found.jaccard > settings.copy]
    of_stories = copies[marks[copies[:, 0]] != marks[copies[:, 1]]]
    marks[of_stories.ravel()] = False
    return marks


def contents(
    texts: Texts,
    leads: Rows,
    labels: Index,
    pairs: Index,
    found: Figures,
    marks: Bools,
    settings: RoundupSettings,
) -> Contents:
    """The stories in each compilation that `marks` names, by the clusters that were formed at last."""
    rows: list[tuple[int, int, int, int]] = []
    one_is = marks[pairs[:, 0]] != marks[pairs[:, 1]]
    used = np.flatnonzero(one_is)
    among_used = Figures(*(column[used] for column in found))
    for page, others, numbers in _neighbours(pairs[used], among_used, settings):
        if marks[page]:
            quotes = _quoted(page, others, used[numbers], texts, leads, labels, settings)
            rows += [(page, quote.text, quote.pair, quote.own) for quote in quotes]
    columns = np.array(rows, np.int64).reshape(-1, 4)
    return Contents(*columns.T)


def joinable(pairs: Index, found: Figures, marks: Bools, settings: RoundupSettings) -> Bools:
    """The pairs that may join: of two stories, or of two copies of one compilation."""
    left, right = marks[pairs[:, 0]], marks[pairs[:, 1]]
    allowed: Bools = (~left & ~right) | (left & right & (found.jaccard > settings.copy))
    return allowed


def _neighbours(
    pairs: Index, found: Figures, settings: RoundupSettings
) -> Iterator[tuple[int, Index, Index]]:
    """Each text with those it shares a passage with, the longest first, and the pairs' numbers."""
    used = np.flatnonzero((found.shared >= settings.grams) & (found.jaccard <= settings.copy))
    pages = np.concatenate((pairs[used, 0], pairs[used, 1]))
    others = np.concatenate((pairs[used, 1], pairs[used, 0]))
    numbers = np.tile(used, 2)
    order = np.lexsort((others, -found.shared[numbers], pages))
    pages, others, numbers = pages[order], others[order], numbers[order]
    bounds = np.flatnonzero(np.diff(pages, prepend=-1, append=-1))
    for begin, end in pairwise(bounds.tolist()):
        yield int(pages[begin]), others[begin:end], numbers[begin:end]


class _Quote(NamedTuple):
    """A story in a page: the text that shows most of it, their pair, the 5-grams not counted yet."""

    text: int
    pair: int
    own: int


def _quoted(
    page: int,
    others: Index,
    numbers: Index,
    texts: Texts,
    leads: Rows,
    labels: Index,
    settings: RoundupSettings,
) -> list[_Quote]:
    """The stories that the page opens; none where one cluster makes up too much of it."""
    mine = texts.grams.row(page)
    nothing = np.zeros(len(mine), bool)
    whole: dict[int, Bools] = {}
    opened: dict[int, Bools] = {}
    shown: dict[int, tuple[int, int]] = {}
    going_on: set[int] = set()
    for other, number in zip(others.tolist(), numbers.tolist(), strict=True):
        label = int(labels[other])
        span = among(mine, texts.grams.row(other))
        whole[label] = whole.get(label, nothing) | span
        if among(leads.row(other), mine).sum() >= settings.lead:
            opened[label] = opened.get(label, nothing) | span
            shown.setdefault(label, (other, number))
            if len(texts.grams.row(other)) - span.sum() >= settings.rest:
                going_on.add(label)
    if not going_on:
        return []
    standing = np.sum(list(opened.values()), axis=0) >= settings.common
    spans = {label: opened[label] & ~standing for label in going_on}
    quotes: dict[int, _Quote] = {}
    covered = nothing
    # The short ones first: another compilation, which has several of them, is no story then.
    for label in sorted(spans, key=lambda label: (int(spans[label].sum()), label)):
        fresh = int((spans[label] & ~covered).sum())
        apart = fresh >= settings.grams and fresh >= _APART * spans[label].sum()
        if apart and not _kindred(shown[label][0], quotes.values(), texts, settings.kin):
            covered = covered | spans[label]
            quotes[label] = _Quote(*shown[label], fresh)
    for label, span in whole.items():
        elsewhere = sum((spans[other] for other in quotes if other != label), nothing)
        if (span & ~elsewhere).mean() > settings.share:
            return []
    return sorted(quotes.values(), key=lambda quote: (-quote.own, quote.text))


_APART = 0.7
"""So much of a story's span must be its own: two stories share a name in full, a standing phrase."""


def _kindred(text: int, quotes: Iterable[_Quote], texts: Texts, most: float) -> bool:
    """Whether the text has more than so much of its names and numbers from one quoted already."""
    facts = texts.names.row(text)
    facts = facts[facts & np.uint32(3) != IS_LONG]
    return any(
        among(facts, texts.names.row(quote.text)).sum() > most * len(facts) for quote in quotes
    )
