"""Verification: whether one of two texts is a copy of the other, and the figures that say so.

In: texts as rows of hashes, and candidate pairs. Out: for each pair its figures (`Figures`, set
intersections in batches) and log-odds from a small logistic model, whose numbers are data in
configs/dedup.toml, made by tests/bench/fit_pairs.py. No pair is proposed and no cluster formed here.
"""

from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from corpus.errors import RuleError
from corpus.matching import Matches
from corpus.rows import Index, Rows, owners
from corpus.text import FILLED, IS_LONG, IS_NAME, IS_NUMBER, IS_PLACE
from corpus.words import U8
from crawler.records import Record

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_BATCH = 300_000  # hashes compared at a time: what is worked out of them fits into a cache


class Texts(NamedTuple):
    """As `corpus.text.Shingles` has them: 5-grams with marks; names, numbers, long words.

    `opens` marks the 5-grams of a text's lead.
    """

    grams: Rows
    plain: Bools
    opens: Bools
    names: Rows


class Figures(NamedTuple):
    """What verification measures; one value a pair, counts of distinct hashes.

    `plain_*` count 5-grams that stand outside quotations in both texts, or in the one that has them:
    what one of them prints without marks may be a quotation all the same. `words` are long ones.
    `opened_*` are the 5-grams of a text's lead that the other one has. `places_shared` are places of names
    and numbers in both texts, `filled_shared` those where the same stands.
    """

    left: Floats
    right: Floats
    shared: Floats
    plain_left: Floats
    plain_right: Floats
    plain_shared: Floats
    names_left: Floats
    names_right: Floats
    names_shared: Floats
    numbers_left: Floats
    numbers_right: Floats
    numbers_shared: Floats
    words_left: Floats
    words_right: Floats
    words_shared: Floats
    opened_left: Floats
    opened_right: Floats
    places_shared: Floats
    filled_shared: Floats

    @property
    def jaccard(self) -> Floats:
        """The share of all 5-grams that both have."""
        return _share(self.shared, self.left + self.right - self.shared)

    @property
    def containment(self) -> Floats:
        """The share of the smaller text's 5-grams that the larger has."""
        return _share(self.shared, np.minimum(self.left, self.right))


class PairModel(Record, forbid_unknown_fields=True):
    """The `[pairs]` table of dedup.toml: log-odds = intercept + weights * features.

    Each of `FEATURES` enters once as it is and once for each of `knots`, as what it exceeds the knot
    by. Log-odds are kept within +-`limit`.
    """

    intercept: float
    knots: tuple[float, ...]
    weights: dict[str, tuple[float, ...]]
    limit: float


FEATURES = (
    "jaccard",
    "containment",
    "plain_containment",
    "plain_least",
    "least_containment",
    "evidence",
    "names_most",
    "names_least",
    "facts_least",
    "words_most",
    "words_least",
    "vocabulary",
    "refilled",
)
"""The model's features.

`containment` and `plain_containment` (outside quotations) are of the smaller text in the larger, and
`least_containment` is the lesser of the two; `*_most` and `*_least` are of the shares both ways the
larger and the lesser; `evidence` grows with the number of 5-grams that the plain share rests on.
`facts` are names and numbers; `vocabulary` is the lesser of the larger shares of facts and of words.
`refilled` is above 0 where the words are much more alike than the facts, and as high at most as other
facts stand in the same places: a form filled in anew. What was put in has places of its own, and a text
that was damaged has other words as well.
Lengths are left out: they would tell a simulation's templates, and cost real copies.
"""


def figures(texts: Texts, pairs: Index) -> Figures:
    """The figures of each pair of row numbers."""
    sizes, marks = _sizes(texts), _Marks.of(texts)
    turned = len(np.unique(pairs[:, 1])) < len(np.unique(pairs[:, 0]))  # the fewer are searched
    order = np.argsort(pairs[:, int(turned)], kind="stable")
    searched = pairs[order, ::-1] if turned else pairs[order]
    parts = [_batch(texts, marks, searched[batch]) for batch in _batches(texts.grams, searched)]
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    found = _Found(*(np.concatenate(column)[back] for column in zip(*parts, strict=True)))
    plain, opened = (
        (found.plain_first, found.plain_second),
        (found.opened_first, found.opened_second),
    )
    (plain_left, plain_right), (opened_left, opened_right) = (
        both[::-1] if turned else both for both in (plain, opened)
    )
    one, other = pairs[:, 0], pairs[:, 1]
    return Figures(
        left=sizes.grams[one],
        right=sizes.grams[other],
        shared=found.grams,
        plain_left=sizes.plain[one] - plain_left,
        plain_right=sizes.plain[other] - plain_right,
        plain_shared=found.plain,
        names_left=sizes.names[one],
        names_right=sizes.names[other],
        names_shared=found.names,
        numbers_left=sizes.numbers[one],
        numbers_right=sizes.numbers[other],
        numbers_shared=found.numbers,
        words_left=sizes.words[one],
        words_right=sizes.words[other],
        words_shared=found.words,
        opened_left=opened_left,
        opened_right=opened_right,
        places_shared=found.places,
        filled_shared=found.filled,
    )


def log_odds(found: Figures, model: PairModel) -> Floats:
    """How likely each pair is a copy, as log-odds within +-`limit`."""
    columns = design(found, model.knots)
    weights = np.concatenate([np.asarray(model.weights[name]) for name in FEATURES])
    odds: Floats = np.clip(columns @ weights + model.intercept, -model.limit, model.limit)
    return odds.round(6)  # a sum's last bits depend on how many pairs there are


def contributions(found: Figures, model: PairModel) -> Floats:
    """What each of `FEATURES` adds to the log-odds: a line a pair; the intercept comes on top."""
    weights = np.concatenate([np.asarray(model.weights[name]) for name in FEATURES])
    weighed = design(found, model.knots) * weights
    added: Floats = weighed.reshape(len(found.left), len(FEATURES), -1).sum(axis=2)
    return added


def design(found: Figures, knots: tuple[float, ...]) -> Floats:
    """The model's columns for these figures: each feature, and its excess over each knot."""
    columns = []
    for feature in features(found):
        columns.append(feature)
        columns.extend(np.maximum(feature - knot, 0.0) for knot in knots)
    return np.stack(columns, axis=1)


def features(found: Figures) -> tuple[Floats, ...]:
    """The values of `FEATURES`, in that order."""
    left_is_smaller = found.left <= found.right
    plain_left = _share(found.plain_shared, found.plain_left)
    plain_right = _share(found.plain_shared, found.plain_right)
    plain = np.where(left_is_smaller, plain_left, plain_right)
    words = _both_ways(found.words_shared, found.words_left, found.words_right)
    facts = _both_ways(
        found.names_shared + found.numbers_shared,
        found.names_left + found.numbers_left,
        found.names_right + found.numbers_right,
    )
    return (
        found.jaccard,
        found.containment,
        plain,
        np.minimum(plain_left, plain_right),
        np.minimum(found.containment, plain),
        np.minimum(1.0, np.log2(1.0 + found.plain_shared) / 8.0),  # 1 from 255 on
        *_both_ways(found.names_shared, found.names_left, found.names_right),
        facts[1],
        *words,
        np.minimum(words[0], facts[0]),
        _refilled(found, words[1]),
    )


_SMOOTHED = 4.0  # places: a single one that differs says little
_SLACK = 0.12  # by which words of a copy may be more alike than its facts: a figure is corrected


def _refilled(found: Figures, words_least: Floats) -> Floats:
    """How far one text looks like the other one with other names and numbers in the same places."""
    shared = found.names_shared + found.numbers_shared
    fewer = np.minimum(
        found.names_left + found.numbers_left, found.names_right + found.numbers_right
    )
    hollow = np.maximum(0.0, words_least - (shared + 1.0) / (fewer + 1.0) - _SLACK)
    other = np.maximum(0.0, found.places_shared - found.filled_shared)
    filled: Floats = np.minimum(2.0 * other / (found.places_shared + _SMOOTHED), hollow)
    return filled


def check(model: PairModel, where: str) -> None:
    """Refuse a model that does not fit the features."""
    for name in FEATURES:
        if name not in model.weights:
            raise RuleError(f"{where}: [pairs.weights] has no '{name}'; fit the model again")
        if len(model.weights[name]) != len(model.knots) + 1:
            raise RuleError(
                f"{where}: [pairs.weights] '{name}' has {len(model.weights[name])} numbers, but"
                f" {len(model.knots)} knots need {len(model.knots) + 1}"
            )
    for name in model.weights:
        if name not in FEATURES:
            raise RuleError(f"{where}: [pairs.weights] has an unknown feature '{name}'")


def _share(part: Floats, whole: Floats) -> Floats:
    return part / np.maximum(whole, 1.0)


def _both_ways(shared: Floats, left: Floats, right: Floats) -> tuple[Floats, Floats]:
    """The larger and the lesser of the two shares."""
    one, other = _share(shared, left), _share(shared, right)
    return np.maximum(one, other), np.minimum(one, other)


def _batches(grams: Rows, pairs: Index) -> list[slice]:
    sizes = np.cumsum(grams.lengths[pairs].sum(axis=1)) if len(pairs) else np.zeros(0)
    cuts = np.searchsorted(sizes, np.arange(_BATCH, (sizes[-1] if len(sizes) else 0), _BATCH))
    bounds = sorted({0, *(int(cut) + 1 for cut in cuts), len(pairs)})
    return [slice(a, b) for a, b in pairwise(bounds)] or [slice(0, 0)]


class _Sizes(NamedTuple):
    """How much there is of each kind, by text."""

    grams: Floats
    plain: Floats
    names: Floats
    numbers: Floats
    words: Floats


def _sizes(texts: Texts) -> _Sizes:
    kinds = texts.names.values & np.uint32(3)
    kinds_of = _tallies(owners(texts.names.starts), kinds, len(texts.names.starts) - 1, 2)
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(texts.plain, dtype=np.int64)))
    return _Sizes(
        texts.grams.lengths.astype(float),
        np.diff(before[texts.grams.starts]).astype(float),
        *(kinds_of[:, kind] for kind in (IS_NAME, IS_NUMBER, IS_LONG)),
    )


class _Marks(NamedTuple):
    """What is to be known of each 5-gram (plain; of the lead) and of each name, as a few bits."""

    grams: U8
    names: U8

    @classmethod
    def of(cls, texts: Texts) -> Self:
        """Those of all values of the texts."""
        names = (texts.names.values & np.uint32(7)).astype(np.uint8)
        return cls(texts.plain | texts.opens << np.uint8(1), names)


class _Found(NamedTuple):
    """How much of each kind both texts have, by pair; `plain_*` is quoted in the other one only.

    `opened_*` stands in the one's lead.
    """

    grams: Floats
    plain: Floats
    plain_first: Floats
    plain_second: Floats
    opened_first: Floats
    opened_second: Floats
    names: Floats
    numbers: Floats
    words: Floats
    places: Floats
    filled: Floats


def _batch(texts: Texts, marks: _Marks, pairs: Index) -> _Found:
    """What both texts of each pair have."""
    same = Matches(texts.grams, texts.grams, pairs)
    codes = same.of_held(marks.grams) | same.of_wanted(marks.grams) << np.uint8(2)
    grams = _tallies(same.pair, codes, len(pairs), 4)
    plain, opens, plain_other, opens_other = (np.arange(16) >> bit & 1 == 1 for bit in range(4))
    same = Matches(texts.names, texts.names, pairs)
    names = _tallies(same.pair, same.of_wanted(marks.names), len(pairs), 3)
    kinds, filled = np.arange(8) & 3, np.arange(8) & int(FILLED) > 0
    return _Found(
        grams=grams.sum(axis=1),
        plain=grams[:, plain & plain_other].sum(axis=1),
        plain_first=grams[:, plain & ~plain_other].sum(axis=1),
        plain_second=grams[:, plain_other & ~plain].sum(axis=1),
        opened_first=grams[:, opens].sum(axis=1),
        opened_second=grams[:, opens_other].sum(axis=1),
        names=names[:, kinds == IS_NAME].sum(axis=1),
        numbers=names[:, kinds == IS_NUMBER].sum(axis=1),
        words=names[:, kinds == IS_LONG].sum(axis=1),
        places=names[:, (kinds == IS_PLACE) & ~filled].sum(axis=1),
        filled=names[:, (kinds == IS_PLACE) & filled].sum(axis=1),
    )


def _tallies(owner: Index, codes: U8, count: int, bits: int) -> Floats:
    """How many values of each owner have each code: a line an owner, a column a code."""
    cells = (owner << bits) + codes
    found = np.bincount(cells, minlength=count << bits).reshape(count, 1 << bits)
    return found.astype(float)
