"""Pages that print two stories whole: copies of neither, or of the longer one only.

In: texts, and the compared pairs. Out: for each pair whether one of its texts is a page that the other one
is kept from. Containment alone cannot tell "news in brief" from a story of which an excerpt exists: of
both pages the other text is part. So what stands beside a page is compared with each other: two texts that
have neither words nor names in common are two stories. A page with two stories of like length is a
compilation (`corpus.roundups` finds those that open three or more); one that is mostly one story stays a
copy of it, and no longer draws in what was printed below.
"""

from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from corpus.engines import Engine
from corpus.pairs import Figures, Floats
from corpus.rows import (
    Index,
    Rows,
    among,
    both_ends,
    either_end,
    found_among,
    in_batches,
    kept,
    owners,
    places,
    starts_of,
    taken,
)
from corpus.spotting import masks
from corpus.tables import OpenTable
from corpus.text import IS_LONG
from corpus.verifying import as_figures
from crawler.records import Record

Bools = NDArray[np.bool_]


class PartingSettings(Record, forbid_unknown_fields=True):
    """The `[parting]` table of dedup.toml.

    A text stands beside a page with `grams` 5-grams in common that cover at most `most` of the page, which
    would be its copy otherwise. A page prints it whole if it has `lead` 5-grams of its lead and `whole` of
    all of them, in half with `half` of them. Two texts are strangers with at most `few` of the page's
    5-grams in common, and at most `kin` of the names and numbers of the text that has fewer, if both have
    `facts` of them. Of two strangers on a page, both whole, or in half and each at most `small` of the page,
    the page is parted from the one of which it has less, and from both where that is at least `ratio` of the
    other. The `looked_at` longest passages of a page count.
    """

    grams: int
    most: float
    lead: int
    whole: float
    half: float
    small: float
    few: int
    kin: float
    facts: int
    ratio: float
    looked_at: int


class Words(NamedTuple):
    """What is asked of texts, by their numbers: their 5-grams, their names and numbers."""

    grams: Callable[[Index], Rows]
    names: Callable[[Index], Rows]


class Parted(NamedTuple):
    """By pair whether the left text is a page parted from the right one, or the other way round.

    `pages` marks the texts that are parted from two stories.
    """

    left: Bools
    right: Bools
    pages: Bools


def parted(
    texts: Words, pairs: Index, found: Figures, asked: Bools, settings: PartingSettings
) -> Parted:
    """What the pages among the texts that are asked are parted from."""
    none = np.zeros(len(pairs), bool)
    answer = Parted(none, none.copy(), np.zeros(len(asked), bool))
    beside = _beside(pairs, found, asked, settings)
    beside = beside.at(np.lexsort((beside.other, -beside.shared, beside.page)))
    beside = beside.at(_rank(beside.page) < settings.looked_at)
    halves = beside.at(beside.half)
    beside = beside.at(_of_strangers(halves, texts, len(asked), settings)[beside.page])
    held = _Held.of(texts, np.unique(np.append(beside.page, beside.other)))
    bounds = np.flatnonzero(np.diff(beside.page, prepend=-1, append=-1))
    for begin, end in pairwise(bounds.tolist()):
        near = beside.at(slice(begin, end))
        away, several = _away(near, held, settings)
        answer.pages[near.page[0]] = several
        answer.left[near.number[away & near.is_left]] = True
        answer.right[near.number[away & ~near.is_left]] = True
    return answer


class _Beside(NamedTuple):
    """What stands beside pages: the pair's number, whether the page is its left text, common 5-grams.

    `whole` marks texts that the page prints whole, `half` those and the ones that it prints in half.
    """

    page: Index
    other: Index
    number: Index
    is_left: Bools
    shared: Floats
    whole: Bools
    half: Bools

    def at(self, places: Index | Bools | slice) -> "_Beside":
        """Some of them."""
        page, other, number, is_left, shared, whole, half = self
        page, other, number = page[places], other[places], number[places]
        marks = is_left[places], shared[places], whole[places], half[places]
        return _Beside(page, other, number, *marks)


def _beside(pairs: Index, found: Figures, asked: Bools, settings: PartingSettings) -> _Beside:
    """Those of pages that print two texts, at least in half."""
    sides = []
    for is_left in (True, False):
        page, other = pairs.T if is_left else pairs.T[::-1]
        size, length = (found.left, found.right) if is_left else (found.right, found.left)
        opened = found.opened_right if is_left else found.opened_left
        near = (found.shared >= settings.grams) & (found.shared <= settings.most * size)
        number = np.flatnonzero(near & asked[page])
        shared, opens = found.shared[number], opened[number] >= settings.lead
        whole, half = (
            opens & (shared >= share * length[number]) for share in (settings.whole, settings.half)
        )
        marks = np.full(len(number), is_left)
        sides.append((page[number], other[number], number, marks, shared, whole, half))
    beside = _Beside(*(np.concatenate(columns) for columns in zip(*sides, strict=True)))
    return beside.at((np.bincount(beside.page, beside.half, len(asked)) >= 2)[beside.page])


def _rank(owner: Index) -> Index:
    """The place of each row among those of its owner, which stand together."""
    begins = np.flatnonzero(np.diff(owner, prepend=-1))
    return np.arange(len(owner)) - np.repeat(begins, np.diff(np.append(begins, len(owner))))


def _of_strangers(halves: _Beside, texts: Words, count: int, settings: PartingSettings) -> Bools:
    """Which of so many texts are pages with two strangers beside them, of those printed in half."""
    pages, page = np.unique(halves.page, return_inverse=True)
    others, other = np.unique(halves.other, return_inverse=True)
    spans = masks(texts.grams(others), texts.grams(pages), np.stack((other, page), axis=1))
    bounds = np.flatnonzero(np.diff(page, prepend=-1, append=-1)).tolist()
    apart = [
        (one, two)
        for begin, end in pairwise(bounds)
        for one, two in combinations(range(begin, end), 2)
        if (spans[one] & spans[two]).bit_count() <= settings.few
    ]
    both = np.array(apart, np.int64).reshape(-1, 2)
    named, place = np.unique(other[both], return_inverse=True)
    facts, place = _facts(texts.names(others[named])), place.reshape(-1, 2)
    sizes = facts.lengths[place]
    common = found_among(facts, facts, place).lengths
    strange = (sizes >= settings.facts).all(axis=1)
    strange &= common / np.maximum(sizes.min(axis=1, initial=_MANY), 1) <= settings.kin
    found = np.zeros(count, bool)
    found[halves.page[both[strange, 0]]] = True
    return found


_MANY = np.iinfo(np.int64).max


class _Held(NamedTuple):
    """Texts that were read: their numbers, ascending, 5-grams, names and numbers."""

    numbers: Index
    grams: Rows
    names: Rows

    @classmethod
    def of(cls, texts: Words, numbers: Index) -> Self:
        """The texts with these numbers."""
        return cls(numbers, texts.grams(numbers), texts.names(numbers))

    def at(self, texts: Index) -> Index:
        """Where these texts stand."""
        return np.searchsorted(self.numbers, texts)


def _away(beside: _Beside, texts: _Held, settings: PartingSettings) -> tuple[Bools, bool]:
    """Which of the texts beside a page it is parted from, and whether they are two stories."""
    away, several = np.zeros(len(beside.other), bool), False
    mine = texts.grams.row(int(texts.at(beside.page[:1])[0]))
    strangers, akin, spans = _relations(mine, texts.at(beside.other), texts, settings)
    small = settings.small * len(mine)
    for one, other in np.argwhere(strangers & beside.half[:, None] & beside.half).tolist():
        # What is akin to both, as another copy of the page, speaks for neither.
        kept, side = akin[one] & strangers[other], akin[other] & strangers[one]
        more, less = (int(spans[some].any(axis=0).sum()) for some in (kept, side))
        whole = bool(beside.whole[[one, other]].all())
        if more >= settings.ratio * less and (whole or max(more, less) <= small):
            away |= side
            several |= less >= settings.ratio * more
    return away, several


def _relations(
    mine: NDArray[np.uint32], others: Index, texts: _Held, settings: PartingSettings
) -> tuple[Bools, Bools, Bools]:
    """Which of the texts beside a page are strangers, which are akin, and what each has of the page's."""
    spans = _spans_of(mine, taken(texts.grams, others))
    common = spans.astype(np.float32) @ spans.T.astype(np.float32)
    strangers = common <= settings.few
    if strangers.any():
        kin, known = _kin(_facts(taken(texts.names, others)), settings.facts)
        strangers &= (kin <= settings.kin) & known[:, None] & known
        akin = ~strangers & ((common >= settings.grams) | (kin > settings.kin))
    else:
        akin = common >= settings.grams
    np.fill_diagonal(akin, True)
    return strangers, akin, spans


def _spans_of(mine: NDArray[np.uint32], held: Rows) -> Bools:
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


def _facts(names: Rows) -> Rows:
    """The names and numbers that tell stories apart."""
    return kept(names, names.values & np.uint32(3) < IS_LONG)


def _kin(facts: Rows, least: int) -> tuple[Floats, Bools]:
    """What share of their names and numbers any two texts share, and which texts have enough of them."""
    values, column = np.unique(facts.values, return_inverse=True)
    held = np.zeros((len(facts.lengths), len(values)), np.float32)
    held[owners(facts.starts), column] = 1.0
    sizes = facts.lengths
    share: Floats = (held @ held.T) / np.maximum(np.minimum(sizes[:, None], sizes), 1)
    return share, sizes >= least


# ------------------------------------------------------------------------------------- a million texts


class Parting(NamedTuple):
    """Some pages with what stands beside them: rows of tables, marks, pairs and their figures' rows."""

    at: Index
    asked: Bools
    pairs: Index
    figures: Index


class Parter:
    """What some pages are parted from, as a step of an engine."""

    def __init__(self, nodes: OpenTable, pairs: OpenTable, settings: PartingSettings) -> None:
        self._nodes, self._pairs, self._settings = nodes, pairs, settings

    def __call__(self, part: Parting) -> Parted:
        """The marks of the part's pairs and texts."""
        with self._nodes.opened() as nodes, self._pairs.opened() as held:
            figures = as_figures(held.some("figures", part.figures))
            texts = Words(
                grams=lambda some: nodes.taken("grams", part.at[some]),
                names=lambda some: nodes.taken("names", part.at[some]),
            )
            return parted(texts, part.pairs, figures, part.asked, self._settings)


_AT_ONCE = 12_000  # pairs of the pages of a part


class Compared(NamedTuple):
    """Texts, by rows of the table of nodes, and their 5-grams; pairs in ascending order, by rows of theirs.

    Of each pair the common 5-grams, and whether they are many of the other text's lead.
    """

    at: Index
    lengths: Index
    pairs: Index
    held: Index
    shared: Floats
    left_opens: Bools
    right_opens: Bools


def parted_by(
    engine: Engine, parter: Parter, compared: Compared, asked: Bools, settings: PartingSettings
) -> Parted:
    """What the pages that are asked are parted from."""
    pairs, count = compared.pairs, len(compared.at)
    none = np.zeros(len(pairs), bool)
    answer = Parted(none, none.copy(), np.zeros(count, bool))
    pages = _with_strangers(compared, asked, settings)
    may = np.zeros(count, bool)
    may[pages] = True
    near = np.flatnonzero(either_end(may, pairs) & (compared.shared >= settings.grams))
    ends = pairs[near].ravel()
    order, counts = np.argsort(ends, kind="stable") // 2, np.bincount(ends, minlength=count)
    starts = starts_of(counts)
    batches = [pages[batch] for batch in in_batches(counts[pages], _AT_ONCE)]
    chosen = [near[np.unique(order[places(starts, batch)[0]])] for batch in batches]

    def parts() -> Iterator[Parting]:
        for batch, some in zip(batches, chosen, strict=True):
            texts, local = np.unique(pairs[some], return_inverse=True)
            marks = np.isin(texts, batch)
            yield Parting(compared.at[texts], marks, local.reshape(-1, 2), compared.held[some])

    for batch, some, part in zip(batches, chosen, engine.each(parter, parts()), strict=True):
        answer.left[some] |= part.left
        answer.right[some] |= part.right
        answer.pages[batch] = part.pages[np.isin(np.unique(pairs[some]), batch)]
    return answer


def _with_strangers(compared: Compared, asked: Bools, settings: PartingSettings) -> Index:
    """The pages that open two texts which no passage connects: of the copies of a story most are none.

    What a page opens is held against the shortest of it; excerpts of one story have that in common.
    """
    opened = []
    for is_left in (True, False):
        page, other = compared.pairs.T if is_left else compared.pairs.T[::-1]
        opens = compared.left_opens if is_left else compared.right_opens
        some = np.flatnonzero(opens & asked[page])
        shared = compared.shared[some]
        least = np.maximum(settings.half * compared.lengths[other[some]], settings.grams)
        some = some[shared >= least]
        opened.append((page[some], other[some], compared.shared[some]))
    pages, others, shared = (np.concatenate(columns) for columns in zip(*opened, strict=True))
    order = np.lexsort((others, shared, pages))
    pages, others = pages[order], others[order]
    begins = np.flatnonzero(np.diff(pages, prepend=-1))
    shortest = np.repeat(others[begins], np.diff(np.append(begins, len(pages))))
    both = np.sort(np.stack((others, shortest), axis=1), axis=1)
    ends = np.zeros(len(asked), bool)
    ends[both] = True
    met = compared.pairs[both_ends(ends, compared.pairs) & (compared.shared >= settings.grams)]
    strange = ~among(both[:, 0] << 32 | both[:, 1], met[:, 0] << 32 | met[:, 1])
    found: Index = np.unique(pages[strange & (others != shortest)])
    return found
