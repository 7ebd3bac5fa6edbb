"""Compilations: pages that quote several stories and are copies of none.

In: clusters as they were first formed, and the compared pairs. Out: which texts are compilations, and
after the clusters have settled which stories each contains, with the pair that shows it. A compilation
joins nothing it quotes, else it would draw unrelated stories into one cluster; copies of one
compilation may still be a cluster. Links between clusters are made in `corpus.containing`.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from corpus.pairs import Figures, Floats, Texts
from corpus.rows import Index, Rows, among, found_among, owners, taken
from corpus.text import IS_LONG
from crawler.records import Record

Bools = NDArray[np.bool_]


class RoundupSettings(Record, forbid_unknown_fields=True):
    """The `[roundups]` table of dedup.toml.

    A compilation opens the stories of `stories` clusters. To open one, it has `lead` 5-grams of a
    text's lead and `grams` of its 5-grams that stand apart from the other stories', all of the text
    or a part of it. Stories of one page share at most `kin` of their names and numbers:
    sources of one report share more. No cluster makes up more than `share` of a compilation. 5-grams
    that open `common` clusters are a standing phrase. Texts with more than `copy` of all 5-grams in
    common are copies of it, not stories in it; and a copy of a story is no compilation.
    """

    stories: int
    lead: int
    grams: int
    kin: float
    share: float
    common: int
    copy: float


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
    (marks,) = quoting(beside.of(may), texts, leads, ((labels, may),), settings)
    return no_copies_of_stories(marks, pairs[found.jaccard > settings.copy])


def openers(
    beside: "Beside",
    grams: Rows,
    leads: Rows,
    rounds: Iterable[Index],
    settings: RoundupSettings,
) -> list[Bools]:
    """Which texts open `stories` clusters, of each round; all its compilations are among them.

    Of `grams` the rows of the pages are looked at, of `leads` those of the others.
    """
    rounds, likely = list(rounds), opening(beside, settings)
    several = np.logical_or.reduce([of_several(likely, each, settings.stories) for each in rounds])
    several = likely.of(several)
    several = several.only(np.argsort(several.page, kind="stable"))  # what is looked up lies near
    opened = found_among(leads, grams, np.stack((several.other, several.page), axis=1))
    enough = np.flatnonzero(opened.lengths >= settings.lead)
    several, opened = several.only(enough), taken(opened, enough)
    places = _places_of_lead(several, opened)
    found = []
    for labels in rounds:
        own = _own_lead(several, places, labels, settings)
        found.append(of_several(several.only(own), labels, settings.stories))
    return found


def quoting(
    beside: "Beside",
    texts: Texts,
    leads: Rows,
    asked: Iterable[tuple[Index, Bools]],
    settings: RoundupSettings,
) -> list[Bools]:
    """Which of the pages quote `stories` stories, in each round that has clusters and pages of its own."""
    rounds = [(labels, pages, np.zeros(len(labels), bool)) for labels, pages in asked]
    for page in _by_page(beside, texts, leads):
        for labels, pages, marks in rounds:
            if pages[page.number]:
                quotes = _quoted(page, texts, labels, settings)
                marks[page.number] = len(quotes) >= settings.stories
    return [marks for _, _, marks in rounds]


def no_copies_of_stories(marks: Bools, copies: Index) -> Bools:
    """The marks without those of texts of which a copy has none; `copies` are pairs of texts."""
    of_stories = copies[marks[copies[:, 0]] != marks[copies[:, 1]]]
    left = marks.copy()
    left[of_stories.ravel()] = False
    return left


def contents(
    texts: Texts,
    leads: Rows,
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
    rows: list[tuple[int, ...]] = []
    beside = stories_beside(pairs, found, settings).of(marks)
    beside = beside.only(~marks[beside.other])
    for page in _by_page(beside, texts, leads):
        quotes = _quoted(page, texts, labels, settings)
        rows += [(page.number, *quote) for quote in quotes]
    columns = np.array(rows, np.int64).reshape(-1, 5)
    return Contents(*columns.T)


def joinable(pairs: Index, copies: Bools, marks: Bools) -> Bools:
    """The pairs that may join: of two stories, or of two that are `copies` of one compilation."""
    left, right = marks[pairs[:, 0]], marks[pairs[:, 1]]
    allowed: Bools = (~left & ~right) | (left & right & copies)
    return allowed


class Beside(NamedTuple):
    """Each pair of texts that share a passage and are no copies, from either side, and its number.

    `shared` are their common 5-grams, `opened` those of the other's lead.
    """

    page: Index
    other: Index
    number: Index
    shared: Floats
    opened: Floats

    def only(self, keep: Bools | Index) -> "Beside":
        """Those that are marked, or stand at these places."""
        page, other, number, shared, opened = self
        return Beside(page[keep], other[keep], number[keep], shared[keep], opened[keep])

    def of(self, pages: Bools) -> "Beside":
        """Those of the marked pages."""
        return self.only(pages[self.page])


class Passages(NamedTuple):
    """Of pairs of texts: which are copies; which others share a passage; where one opens the other."""

    copies: Bools
    beside: Bools
    left_opens: Bools
    right_opens: Bools

    @property
    def opens(self) -> tuple[Bools, Bools]:
        """Where the left text opens the right one, and where the right one opens the left."""
        return self.left_opens, self.right_opens


def passages(found: Figures, settings: RoundupSettings) -> Passages:
    """What pairs with these figures have in common."""
    copies = found.jaccard > settings.copy
    beside = (found.shared >= settings.grams) & ~copies
    least = settings.lead / 2
    left_opened = beside & (found.opened_left >= least)
    right_opened = beside & (found.opened_right >= least)
    return Passages(copies, beside, right_opened, left_opened)


def stories_beside(pairs: Index, found: Figures, settings: RoundupSettings) -> Beside:
    """What stands beside each text."""
    used = np.flatnonzero((found.shared >= settings.grams) & (found.jaccard <= settings.copy))
    one, other = pairs[used].T
    shared = found.shared[used]
    return Beside(
        np.append(one, other),
        np.append(other, one),
        np.tile(used, 2),
        np.tile(shared, 2),
        np.append(found.opened_right[used], found.opened_left[used]),
    )


def opening(beside: Beside, settings: RoundupSettings) -> Beside:
    """Those whose page opens the other text."""
    least = settings.lead / 2  # the others may be furniture
    return beside.only(beside.opened >= least)


def of_several(beside: Beside, labels: Index, least: int) -> Bools:
    """Which texts stand beside texts of so many clusters."""
    page = once(beside.page, labels[beside.other])
    many: Bools = np.bincount(page, minlength=len(labels)) >= least
    return many


def once(numbers: Index, labels: Index) -> Index:
    """The number of each distinct pair of a number and a label."""
    code = np.sort(numbers << 32 | labels)
    once: Index = code[np.append(True, code[1:] != code[:-1])[: len(code)]] >> 32
    return once


class _Places(NamedTuple):
    """5-grams of others' leads that a page has, by page and 5-gram: the pair, and the place's number."""

    pair: Index
    number: Index


def _places_of_lead(beside: Beside, opened: Rows) -> _Places:
    pair = owners(opened.starts)
    place = beside.page[pair].astype(np.uint64) << np.uint64(32) | opened.values
    order = np.argsort(place)
    place = place[order]
    return _Places(pair[order], np.cumsum(np.append(False, place[1:] != place[:-1])[: len(place)]))


def _own_lead(beside: Beside, places: _Places, labels: Index, settings: RoundupSettings) -> Bools:
    """Where enough 5-grams of the other text's lead that the page has open few clusters there."""
    pair, number = places
    few = np.bincount(once(number, labels[beside.other[pair]]))[number] < settings.common
    many: Bools = np.bincount(pair[few], minlength=len(beside.page)) >= settings.lead
    return many


class _Page(NamedTuple):
    """A text with those beside it, the longest passage first, and the pairs' numbers.

    `lead` is how many 5-grams of each one's lead stand in it.
    """

    number: int
    others: Index
    pairs: Index
    lead: Index


def _by_page(beside: Beside, texts: Texts, leads: Rows) -> Iterator[_Page]:
    """Each text with those beside it."""
    order = np.lexsort((beside.other, -beside.shared, beside.page))
    pages, others, numbers = beside.page[order], beside.other[order], beside.number[order]
    lead = found_among(leads, texts.grams, np.stack((others, pages), axis=1)).lengths
    bounds = np.flatnonzero(np.diff(pages, prepend=-1, append=-1))
    for begin, end in pairwise(bounds.tolist()):
        here = slice(begin, end)
        yield _Page(int(pages[begin]), others[here], numbers[here], lead[here])


class _Quote(NamedTuple):
    """A story in a page: the text that shows most of it, their pair, the 5-grams not counted yet.

    `lead` are 5-grams of the text's lead.
    """

    text: int
    pair: int
    own: int
    lead: int


def _quoted(page: _Page, texts: Texts, labels: Index, settings: RoundupSettings) -> list[_Quote]:
    """The stories that the page opens; none where one cluster makes up too much of it."""
    few = _few_of_each(labels[page.others])
    others, numbers, lead = page.others[few], page.pairs[few], page.lead[few]
    length = int(texts.grams.lengths[page.number])
    spans = spans_of(texts.grams.row(page.number), taken(texts.grams, others))
    opens = lead >= settings.lead
    clusters, cluster = np.unique(labels[others], return_inverse=True)
    opened = _merged(spans & opens[:, None], cluster)
    own = opened & ~(opened.sum(axis=0) >= settings.common)
    quotes: dict[int, _Quote] = {}
    covered = np.zeros(spans.shape[1], bool)
    sizes = own.sum(axis=1)
    large = opens & (sizes[cluster] >= settings.grams)
    # The short ones first: another compilation, which has several of them, is no story then.
    for n in sorted(set(cluster[large].tolist()), key=lambda n: (int(sizes[n]), n)):
        fresh = int((own[n] & ~covered).sum())
        if fresh < settings.grams or fresh < _APART * sizes[n]:
            continue
        first = int(np.flatnonzero(opens & (cluster == n))[0])
        text = int(others[first])
        if not _kindred(text, quotes.values(), texts, settings.kin):
            covered |= own[n]
            quotes[n] = _Quote(text, int(numbers[first]), fresh, int(lead[first]))
    if not quotes:
        return []
    quoted = np.zeros(len(clusters), bool)
    quoted[list(quotes)] = True
    own &= quoted[:, None]
    elsewhere = own.sum(axis=0) - own > 0
    alone = (_merged(spans, cluster) & ~elsewhere).sum(axis=1)
    if (alone > settings.share * length).any():
        return []
    return sorted(quotes.values(), key=lambda quote: (-quote.own, quote.text))


_MOST = 8
"""Copies of one story that are looked at: those that share the longest passages."""


def _few_of_each(labels: Index) -> Index:
    """The places of the first few texts of each cluster."""
    order = np.argsort(labels, kind="stable")
    begins = np.flatnonzero(np.diff(labels[order], prepend=-1))
    rank = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
    few: Index = np.sort(order[rank < _MOST])
    return few


def spans_of(mine: NDArray[np.uint32], held: Rows) -> Bools:
    """Which of the page's 5-grams each text has: a line a text, a column for each that any has."""
    at = np.searchsorted(mine, held.values)
    at[at == len(mine)] = 0
    same = mine[at] == held.values
    at = at[same]
    any_has = np.zeros(len(mine), bool)
    any_has[at] = True
    column = np.cumsum(any_has) - 1
    spans = np.zeros((len(held.starts) - 1, int(any_has.sum())), bool)
    spans[owners(held.starts)[same], column[at]] = True
    return spans


def _merged(spans: Bools, cluster: Index) -> Bools:
    """For each cluster what any of its texts has."""
    order = np.argsort(cluster, kind="stable")
    begins = np.flatnonzero(np.diff(cluster[order], prepend=-1))
    merged: Bools = np.logical_or.reduceat(spans[order], begins, axis=0)
    return merged


_APART = 0.7
"""So much of a story's span must be its own: two stories share a name in full, a standing phrase."""


def _kindred(text: int, quotes: Iterable[_Quote], texts: Texts, most: float) -> bool:
    """Whether the text has more than so much of its names and numbers from one quoted already."""
    facts = texts.names.row(text)
    facts = facts[facts & np.uint32(3) < IS_LONG]
    return any(
        among(facts, texts.names.row(quote.text)).sum() > most * len(facts) for quote in quotes
    )
