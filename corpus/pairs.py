"""Verification: whether one of two texts is a copy of the other, and the figures that say so.

In: texts as rows of hashes, and candidate pairs. Out: for each pair its figures (`Figures`, set
intersections in batches) and log-odds from a small logistic model, whose numbers are data in
configs/dedup.toml, made by tests/bench/fit_pairs.py. No pair is proposed and no cluster formed here.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.errors import RuleError
from corpus.rows import Index, Rows, places
from crawler.records import Record

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_BATCH = 2_000_000  # hashes compared at a time; about 100 MB


class Texts(NamedTuple):
    """The texts' sorted distinct 5-grams with their `plain` marks, and their names and numbers."""

    grams: Rows
    plain: Bools
    names: Rows


class Figures(NamedTuple):
    """What verification measures; one value a pair, counts of distinct hashes.

    `plain_*` count 5-grams outside quotations, `*_found` those of them that the other text has.
    """

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    shared: NDArray[np.float64]
    plain_left: NDArray[np.float64]
    plain_right: NDArray[np.float64]
    plain_left_found: NDArray[np.float64]
    plain_right_found: NDArray[np.float64]
    names_left: NDArray[np.float64]
    names_right: NDArray[np.float64]
    names_shared: NDArray[np.float64]
    numbers_left: NDArray[np.float64]
    numbers_right: NDArray[np.float64]
    numbers_shared: NDArray[np.float64]

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
    "names_most",
    "names_least",
    "numbers_most",
    "numbers_least",
    "least_containment",
    "evidence",
)
"""The model's features.

`containment` and `plain_containment` (outside quotations) are of the smaller text in the larger, and
`least_containment` is the lesser of the two; `*_most` and `*_least` are of the shares both ways the
larger and the lesser; `evidence` grows with the number of 5-grams that the plain share rests on.
"""


def figures(texts: Texts, pairs: Index) -> Figures:
    """The figures of each pair of row numbers."""
    parts = [_batch(texts, pairs[batch]) for batch in _batches(texts.grams, pairs)]
    return Figures(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def log_odds(found: Figures, model: PairModel) -> Floats:
    """How likely each pair is a copy, as log-odds within +-`limit`."""
    columns = design(found, model.knots)
    weights = np.concatenate([np.asarray(model.weights[name]) for name in FEATURES])
    odds: Floats = np.clip(columns @ weights + model.intercept, -model.limit, model.limit)
    return odds


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
    plain_left = _share(found.plain_left_found, found.plain_left)
    plain_right = _share(found.plain_right_found, found.plain_right)
    plain = np.where(left_is_smaller, plain_left, plain_right)
    rests_on = np.where(left_is_smaller, found.plain_left_found, found.plain_right_found)
    names = _both_ways(found.names_shared, found.names_left, found.names_right)
    numbers = _both_ways(found.numbers_shared, found.numbers_left, found.numbers_right, 1.0)
    return (
        found.jaccard,
        found.containment,
        plain,
        np.minimum(plain_left, plain_right),
        *names,
        *numbers,
        np.minimum(found.containment, plain),
        np.minimum(1.0, np.log2(1.0 + rests_on) / 8.0),  # 1 from 255 on
    )


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


def _share(part: Floats, whole: Floats, of_nothing: float = 0.0) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1.0), of_nothing)


def _both_ways(
    shared: Floats, left: Floats, right: Floats, of_nothing: float = 0.0
) -> tuple[Floats, Floats]:
    """The larger and the lesser of the two shares."""
    one, other = _share(shared, left, of_nothing), _share(shared, right, of_nothing)
    return np.maximum(one, other), np.minimum(one, other)


def _batches(grams: Rows, pairs: Index) -> list[slice]:
    sizes = np.cumsum(grams.lengths[pairs].sum(axis=1)) if len(pairs) else np.zeros(0)
    cuts = np.searchsorted(sizes, np.arange(_BATCH, (sizes[-1] if len(sizes) else 0), _BATCH))
    bounds = sorted({0, *(int(cut) + 1 for cut in cuts), len(pairs)})
    return [slice(a, b) for a, b in pairwise(bounds)] or [slice(0, 0)]


def _batch(texts: Texts, pairs: Index) -> Figures:
    left, right = pairs[:, 0], pairs[:, 1]
    count = len(pairs)
    one, other, at_one, at_other = _matches(texts.grams, left, right)
    names_one, names_other, name_at, _ = _matches(texts.names, left, right)
    numbers = (texts.names.values & np.uint32(1)).astype(bool)

    def tally(starts: Index, marks: Bools) -> Floats:
        before = np.concatenate((np.zeros(1), np.cumsum(marks, dtype=np.float64)))
        return before[starts[1:]] - before[starts[:-1]]

    def found(owner: Index, marks: Bools | None = None) -> Floats:
        return np.bincount(owner if marks is None else owner[marks], minlength=count).astype(float)

    lengths = texts.grams.lengths.astype(float)
    name_lengths = texts.names.lengths.astype(float)
    owner = one.pair[at_one]
    name_owner = names_one.pair[name_at]
    numbers_left = tally(names_one.starts, numbers[names_one.at])
    numbers_right = tally(names_other.starts, numbers[names_other.at])
    numbers_shared = found(name_owner, numbers[names_one.at][name_at])
    return Figures(
        left=lengths[left],
        right=lengths[right],
        shared=found(owner),
        plain_left=tally(one.starts, texts.plain[one.at]),
        plain_right=tally(other.starts, texts.plain[other.at]),
        plain_left_found=found(owner, texts.plain[one.at][at_one]),
        plain_right_found=found(owner, texts.plain[other.at][at_other]),
        names_left=name_lengths[left] - numbers_left,
        names_right=name_lengths[right] - numbers_right,
        names_shared=found(name_owner) - numbers_shared,
        numbers_left=numbers_left,
        numbers_right=numbers_right,
        numbers_shared=numbers_shared,
    )


class _Side(NamedTuple):
    """One side of each pair, end to end: the values' positions, their pair, the pairs' starts."""

    at: Index
    pair: Index
    starts: Index


def _matches(rows: Rows, left: Index, right: Index) -> tuple[_Side, _Side, Index, Index]:
    """Both sides, and where in each of them the values stand that both have."""
    one, other = _side(rows, left), _side(rows, right)
    shift = np.uint64(32)
    haystack = other.pair.astype(np.uint64) << shift | rows.values[other.at]
    needles = one.pair.astype(np.uint64) << shift | rows.values[one.at]
    at = np.searchsorted(haystack, needles)
    at[at == len(haystack)] = 0
    same = haystack[at] == needles if len(haystack) else np.zeros(len(needles), bool)
    return one, other, np.flatnonzero(same), at[same]


def _side(rows: Rows, wanted: Index) -> _Side:
    at, starts = places(rows.starts, wanted)
    return _Side(at, np.repeat(np.arange(len(wanted)), np.diff(starts)), starts)
