"""What two texts have in common, passage by passage: the figures by which descent is judged.

In: sketches, what each word weighs, and pairs of rows. Out: `Figures`, one value a pair, worked out in
batches. A passage is matched with the one or two passages after each other that share most of its
weight. What both quote counts for nothing there, since two reporters in one room write down the same
words, though they choose others of them; what one quotes and the other tells in its own words does count.
Both ways are measured alike: swapping the texts swaps the figures. Whether a pair is one story is
decided in `corpus.stories`; two single texts are laid side by side in `corpus.align`.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.matching import Matches
from corpus.rows import Index, Rows, differing, kept, owners, places, sort_rows, starts_of, taken
from corpus.terms import NAME, NUMBER, QUOTED, SLIP, STEM, Reader, Sketches
from corpus.words import U32, Bools
from crawler.records import Record

Floats = NDArray[np.float64]

AT_ONCE = 100_000
"""Pairs whose texts are laid out together: about 300 MB where all differ."""

BATCH = 200_000
"""Terms compared at a time: what the cache holds."""

_SHIFT = np.uint64(32)
_MANY = 20  # words whose order says something
_QUOTED = np.uint8(QUOTED)
_UNSURE = (
    5.0  # a share starts as half of one heavy word, so that a single shared number is no whole
)


class AlignSettings(Record, forbid_unknown_fields=True):
    """The `[stories.align]` table of dedup.toml.

    A word that is not in the table of known words weighs `heaviest`. Words in more than `often` passages of
    a text place nothing. A passage is matched from `matched` of its weight and `words` shared words on;
    the first `lead` passages are a text's lead.
    """

    heaviest: float
    often: int
    matched: float
    words: int
    lead: int


class Weights(NamedTuple):
    """What words weigh: the stems of the known ones, ascending, and how rare each is.

    They are counted on other pages, once and for all: so what a pair shares depends on no third text.
    """

    stems: U32
    values: Floats
    settings: AlignSettings

    def of(self, stems: U32) -> Floats:
        """The weight of each of the stems."""
        at, known = self._places(stems)
        weights: Floats = np.where(known, self.values[at], self.settings.heaviest)
        return weights

    def knows(self, stems: U32) -> Bools:
        """Which of the stems are common words'."""
        return self._places(stems)[1]

    def _places(self, stems: U32) -> tuple[Index, Bools]:
        at = np.minimum(np.searchsorted(self.stems, stems), len(self.stems) - 1)
        return at, self.stems[at] == stems


def weights_of(reader: Reader, known: Mapping[str, str], settings: AlignSettings) -> Weights:
    """The weights of words that are given by weight, as in `WordSettings.known`."""
    lightest: dict[int, float] = {}
    for weight, words in known.items():
        for word in words.split():
            stem = reader.term(word)
            lightest[stem] = min(lightest.get(stem, float(weight)), float(weight))
    stems = sorted(lightest) or [0]
    values = [lightest.get(stem, settings.heaviest) for stem in stems]
    return Weights(np.array(stems, np.uint32), np.array(values), settings)


class Figures(NamedTuple):
    """What of a text outside its quotations the other has; one value a pair, `_left` and `_right`.

    `told` is the share of a text's weight that stands in matching passages of the other, `lead` what is
    told of its first passages; `names`, `numbers` and `words` are shares of weight
    wherever it stands. `runs` is the share of pairs of neighbouring words, of the text that has fewer.
    `order` is the share of steps from one matched passage to the next
    that go forward in the other; `passages` how many are matched. `course` is how far words that either text
    has in one passage only come in the same order in both: their correlation, less where they are few.
    `quotes` is how much of what either quotes both do, a half where one of them quotes nothing; `slips` how
    many doubled words both have.
    """

    told_left: Floats
    told_right: Floats
    lead_left: Floats
    lead_right: Floats
    names_left: Floats
    names_right: Floats
    numbers_left: Floats
    numbers_right: Floats
    words_left: Floats
    words_right: Floats
    length_left: Floats
    length_right: Floats
    passages_left: Floats
    passages_right: Floats
    order: Floats
    course: Floats
    runs: Floats
    quotes: Floats
    slips: Floats


def distinct(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The keys, each once, ascending: `np.unique`, which hashes, takes five times as long."""
    ordered = np.sort(keys)
    once: NDArray[np.uint64] = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(keys)]]
    return once


def figures(
    sketches: Sketches,
    weights: Weights,
    pairs: Index,
    at_once: int = AT_ONCE,
    terms_at_once: int = BATCH,
) -> Figures:
    """The figures of each pair of row numbers; so many pairs and terms are held `at_once`."""
    parts = [
        _batch(laid, local[batch], weights.settings)
        for begin in range(0, max(len(pairs), 1), at_once)
        for laid, local in (_laid_out(sketches, weights, pairs[begin : begin + at_once]),)
        for batch in _batches(laid, local, terms_at_once)
    ]
    return Figures(*(np.concatenate(column) for column in zip(*parts, strict=True)))


class _Laid(NamedTuple):
    """Texts made ready: the terms of each by stem, then by passage.

    `runs` and `quotes` are each text's neighbouring words and quoted words, distinct and ascending; `counts`
    says how many passages it has.
    """

    starts: Index
    stems: U32
    weights: Floats
    marks: NDArray[np.uint8]
    passages: NDArray[np.uint8]
    runs: Rows
    quotes: Rows
    language: NDArray[np.uint8]
    counts: Index


def _laid_out(sketches: Sketches, weights: Weights, pairs: Index) -> tuple[_Laid, Index]:
    """The texts of these pairs made ready, and the pairs as numbers of these."""
    rows, local = np.unique(pairs, return_inverse=True)
    terms, begins = taken(sketches.terms, rows), taken(sketches.passages, rows)
    owner, count = owners(terms.starts), len(rows)
    first = np.repeat(terms.starts[:-1], begins.lengths) + begins.values
    passage = np.cumsum(np.bincount(first, minlength=len(owner) + 1)[: len(owner)])
    passage -= begins.starts[owner] + 1
    stems, marks = terms.values & STEM, (terms.values & ~STEM).astype(np.uint8)
    quoted = (terms.values & QUOTED) > 0
    plain = np.flatnonzero(~quoted)
    keys = stems.astype(np.uint64) << _SHIFT | np.arange(len(stems), dtype=np.uint64)
    sort_rows(keys, terms.starts)
    order = keys.astype(np.uint32)  # within a text and stem, by passage
    near = (owner[plain[1:]] == owner[plain[:-1]]) & (np.diff(plain) == 1)
    near &= passage[plain[1:]] == passage[plain[:-1]]
    near &= ~(((marks[plain[1:]] & 3) > 0) & ((marks[plain[:-1]] & 3) > 0))
    mixed = stems[plain[:-1]] * np.uint32(0x85EBCA6B) ^ stems[plain[1:]]
    laid = _Laid(
        starts=terms.starts,
        stems=stems[order],
        weights=weights.of(stems[order]),
        marks=marks[order],
        passages=passage[order].astype(np.uint8),
        runs=_distinct(owner[plain[1:]][near], mixed[near], count),
        quotes=_distinct(owner[quoted], stems[quoted], count),
        language=sketches.language[rows],
        counts=begins.lengths,
    )
    return laid, local.reshape(-1, 2)


def _distinct(owner: Index, values: U32, count: int) -> Rows:
    """The values as rows, each once, ascending; owners ascend."""
    ordered, starts = values.copy(), starts_of(np.bincount(owner, minlength=count))
    sort_rows(ordered, starts)
    return kept(Rows(ordered, starts), differing(ordered, starts))


def _batches(laid: _Laid, pairs: Index, most: int) -> list[slice]:
    lengths = np.diff(laid.starts)
    sizes = np.cumsum(lengths[pairs].sum(axis=1)) if len(pairs) else np.zeros(1, np.int64)
    cuts = np.searchsorted(sizes, np.arange(most, sizes[-1], most)) + 1
    bounds = sorted({0, *map(int, cuts), len(pairs)})
    return [slice(a, b) for a, b in pairwise(bounds)] or [slice(0, 0)]


class _Side(NamedTuple):
    """One text of each pair, end to end, in the order of pair, stem and passage, quotations included.

    `stem_of` is the number of a term's pair and stem; `shared` the number that the same pair and stem
    have on the other side, -1 where it has none; `begins` where each starts, and the end. `counts` are the
    text's passages, by pair.
    """

    pair: Index
    weight: Floats
    marks: NDArray[np.uint8]
    passage: Index
    stem_of: Index
    shared: Index
    begins: Index
    counts: Index

    @property
    def is_told(self) -> Bools:
        """Which terms count for this side: those outside quotations."""
        told: Bools = (self.marks & _QUOTED) == 0
        return told


def _sides(laid: _Laid, pairs: Index, foreign: Bools) -> tuple[_Side, _Side]:
    one, other = (_terms(laid, rows, foreign) for rows in pairs.T)
    keys, others = one.keys[one.begins[:-1]], other.keys[other.begins[:-1]]
    at = np.minimum(np.searchsorted(others, keys), max(len(others) - 1, 0))
    same = np.flatnonzero(others[at] == keys) if len(others) else np.zeros(0, np.int64)
    forth, back = np.full(len(keys), -1), np.full(len(others), -1)
    forth[same], back[at[same]] = at[same], same
    return one.side(forth), other.side(back)


class _Terms(NamedTuple):
    keys: NDArray[np.uint64]
    at: Index
    pair: Index
    begins: Index
    counts: Index
    laid: _Laid

    def side(self, shared: Index) -> _Side:
        laid = self.laid
        return _Side(
            self.pair,
            laid.weights[self.at],
            laid.marks[self.at],
            laid.passages[self.at].astype(np.int64),
            np.repeat(np.arange(len(shared)), np.diff(self.begins)),
            shared,
            self.begins,
            self.counts,
        )


def _terms(laid: _Laid, rows: Index, foreign: Bools) -> _Terms:
    """The terms of these rows; of a pair in two languages names and numbers only."""
    at, starts = places(laid.starts, rows)
    pair = owners(starts)
    if foreign.any():
        used = ~foreign[pair] | ((laid.marks[at] & 3) > 0)
        at, pair = at[used], pair[used]
    keys = pair.astype(np.uint64) << _SHIFT | laid.stems[at]
    begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    return _Terms(keys, at, pair, np.append(begins, len(keys)), laid.counts[rows], laid)


def _batch(laid: _Laid, pairs: Index, settings: AlignSettings) -> Figures:
    count = len(pairs)
    left, right = _sides(laid, pairs, laid.language[pairs[:, 0]] != laid.language[pairs[:, 1]])
    one, other = _told(left, right, count, settings), _told(right, left, count, settings)
    mine, its = _shares(left, count), _shares(right, count)
    names, numbers, words = ((mine[:, kind], its[:, kind]) for kind in (int(NAME), int(NUMBER), 0))
    slips = left.marks[left.begins[:-1]] & 3 == int(SLIP)
    return Figures(
        one.told,
        other.told,
        one.lead,
        other.lead,
        *names,
        *numbers,
        *words,
        one.length,
        other.length,
        one.passages,
        other.passages,
        (one.order + other.order) / 2,
        _course(left, right, count),
        _least_share(laid.runs, pairs),
        _quotes(laid.quotes, pairs),
        _tally(left.pair[left.begins[:-1]][slips & (left.shared >= 0)], count),
    )


def _tally(pair: Index, count: int, weights: Floats | None = None) -> Floats:
    summed: Floats = np.bincount(pair, weights, minlength=count).astype(np.float64)
    return summed


def _least_share(rows: Rows, pairs: Index) -> Floats:
    """The share of values that both rows of a pair have, of the row with fewer."""
    share: Floats = _shared(rows, pairs) / np.maximum(rows.lengths[pairs].min(axis=1), 1.0)
    return share


_FEW_QUOTED = 10.0
"""Quoted words of which what is shared says half as much as of many."""


def _quotes(rows: Rows, pairs: Index) -> Floats:
    """The share of quoted words that both texts of a pair have, of the text with more.

    Everyone in the room hears the same words, but two reporters choose others of them. The fewer the words of
    the text that quotes less, the nearer to a half.
    """
    lengths = rows.lengths[pairs]
    share = _shared(rows, pairs) / np.maximum(lengths.max(axis=1), 1.0)
    fewer = lengths.min(axis=1)
    sure: Floats = 0.5 + fewer / (fewer + _FEW_QUOTED) * (share - 0.5)
    return sure


def _shared(rows: Rows, pairs: Index) -> Floats:
    """How many values both rows of a pair have."""
    return _tally(Matches(rows, rows, pairs).pair, len(pairs))


def _shares(side: _Side, count: int) -> Floats:
    """The share of the weight of one side's distinct terms that the other has at all: a column a kind."""
    told = np.flatnonzero(side.is_told)
    met = np.zeros(len(side.shared) << 2, bool)
    met[side.stem_of[told] << 2 | side.marks[told] & 3] = True
    each = np.flatnonzero(met)
    stem = each >> 2
    first = side.begins[stem]
    cells, weight = side.pair[first] << 2 | each & 3, side.weight[first]
    has = side.shared[stem] >= 0
    whole = np.bincount(cells, weight, minlength=count << 2).reshape(count, 4)
    part = np.bincount(cells[has], weight[has], minlength=count << 2).reshape(count, 4)
    shares: Floats = (part + _UNSURE / 2) / (whole + _UNSURE)
    return shares


def _course(left: _Side, right: _Side, count: int) -> Floats:
    """The correlation of the places of words that stand in one passage of each side."""
    other = np.append(right.begins, 0)
    once = np.flatnonzero((np.diff(left.begins) == 1) & (left.shared >= 0))
    there = left.shared[once]
    alone = other[there + 1] - other[there] == 1
    here, there = left.begins[once[alone]], other[there[alone]]
    pair, x, y = (
        left.pair[here],
        left.passage[here].astype(float),
        right.passage[there].astype(float),
    )
    n = np.maximum(_tally(pair, count), 1.0)
    mean_x, mean_y = _tally(pair, count, x) / n, _tally(pair, count, y) / n
    x, y = x - mean_x[pair], y - mean_y[pair]
    spread = np.sqrt(_tally(pair, count, x * x) * _tally(pair, count, y * y))
    found: Floats = (
        _tally(pair, count, x * y) / np.maximum(spread, 1e-9) * np.minimum(1.0, n / _MANY)
    )
    return found


class _Told(NamedTuple):
    told: Floats
    lead: Floats
    length: Floats
    passages: Floats
    order: Floats


class _Best(NamedTuple):
    """The best match of each passage that has any weight: its window, shared weight and words.

    Where no word is shared, there is no window, and a number below 0.
    """

    pair: Index
    passage: Index
    window: Index
    weight: Floats
    words: Index
    whole: Floats


def _told(side: _Side, other: _Side, count: int, settings: AlignSettings) -> _Told:
    best = _best(side, other, settings)
    enough = best.words >= settings.words
    hit = enough & (best.weight >= settings.matched * best.whole)
    told = np.where(enough, best.weight, 0.0)
    early = best.passage < settings.lead
    whole = np.maximum(_tally(best.pair, count, best.whole), 1e-9)
    lead = np.maximum(_tally(best.pair[early], count, best.whole[early]), 1e-9)
    pair, window = best.pair[hit], best.window[hit]
    same = pair[1:] == pair[:-1]
    forward = same & (window[1:] >= window[:-1])
    return _Told(
        told=_tally(best.pair, count, told) / whole,
        lead=_tally(best.pair[early], count, told[early]) / lead,
        length=whole,
        passages=_tally(pair, count),
        order=_tally(pair[1:][forward], count) / np.maximum(_tally(pair[1:][same], count), 1.0),
    )


def _best(side: _Side, other: _Side, settings: AlignSettings) -> _Best:
    """For each passage of one side the passages of the other that share most of its weight."""
    repeats, others = np.diff(side.begins), np.append(np.diff(other.begins), 0)[side.shared]
    usual = ((repeats <= settings.often) & (others <= settings.often))[side.stem_of]
    usual &= side.is_told
    told = np.flatnonzero(usual)
    # Each passage of each pair is a cell, each passage of the other text a window of the cell.
    begins = starts_of(side.counts)
    cells, weight = begins[side.pair[told]] + side.passage[told], side.weight[told]
    whole = _tally(cells, int(begins[-1]), weight)
    windows = starts_of(np.repeat(other.counts, side.counts))
    lengths = others[side.stem_of[told]]
    met = np.flatnonzero(lengths)
    lengths, weight, first = lengths[met], weight[met], windows[cells[met]]
    entry = np.repeat(np.arange(len(met)), lengths)
    ahead = other.begins[side.shared[side.stem_of[told[met]]]] - starts_of(lengths)[:-1]
    there = other.passage[np.arange(len(entry)) + np.repeat(ahead, lengths)]
    # A window is a passage and the next; a term that stands in both counts once.
    again = np.zeros(len(entry), bool)
    again[1:] = (entry[1:] == entry[:-1]) & (there[1:] == there[:-1] + 1)
    fresh = np.flatnonzero(~again & (there > 0))
    entries = np.concatenate((entry, entry[fresh]))
    coded = first[entries] + np.concatenate((there, there[fresh] - 1))
    summed, words = np.bincount(coded, weight[entries]), np.bincount(coded)
    window = np.flatnonzero(words)
    cell, rounded = owners(windows)[window], summed[window].round(6)
    starts = np.flatnonzero(np.diff(cell, prepend=-1) > 0)
    most = np.maximum.reduceat(rounded, starts) if len(starts) else rounded
    strongest = np.flatnonzero(rounded == np.repeat(most, np.diff(starts, append=len(cell))))
    chosen = strongest[np.diff(cell[strongest], prepend=-1) > 0]  # of equals the first
    best = np.full(len(whole), -1)
    best[cell[chosen]] = window[chosen]
    found = np.flatnonzero(whole > 0)
    at = best[found]
    has = np.flatnonzero(at >= 0)
    shared_weight, shared_words = np.zeros(len(found)), np.zeros(len(found), np.int64)
    shared_weight[has], shared_words[has] = summed[at[has]], words[at[has]]
    pair = owners(begins)[found]
    return _Best(
        pair=pair,
        passage=found - begins[pair],
        window=at - windows[found],
        weight=shared_weight,
        words=shared_words,
        whole=whole[found],
    )
