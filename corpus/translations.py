"""Stories across languages: families of one language each, joined over translations.

In: families of texts, each of one language, and judged pairs of texts in two. Out: families that hold
translations together. A translation is known by names and numbers only, and a report by another newsroom
has those as well; words within one language tell more. So two families of one language, which their own
words kept apart, are not joined over a translation that resembles both: it goes to the one that it
resembles more. What makes a family is decided in `corpus.stories` and `corpus.lineage`.
"""

import heapq
from collections import defaultdict

import numpy as np

from corpus.apart import NO_MARKS, Classes, at_odds, classes
from corpus.overlap import Floats
from corpus.rows import Index
from corpus.words import U8

_UNITS = 1_000_000  # of log-odds: sums of whole numbers do not depend on their order
_PAIRS = 4
"""Pairs that two families should have: of large ones a text meets only those that resemble it most."""


def across(
    label: Index,
    language: U8,
    pairs: Index,
    odds: Floats,
    absent: float,
    apart: Index = NO_MARKS,
) -> Index:
    """The family of each text: the smallest number of a text in it; `label` are those before.

    `language` is each text's, 0 where it is not known: such families may come together. `absent` are the
    log-odds of pairs that were not judged. Families are joined by average link, highest mean first, of equals
    those with the smallest numbers. `apart` marks texts that people said cannot be together (`corpus.apart`).
    """
    families, means = _between(label, pairs, odds, absent)
    candidates = np.flatnonzero(means > 0)
    if not len(candidates):
        return label
    near = np.isin(families, families[candidates]).all(axis=1)
    kept_apart = classes(label, apart)
    joined = _linked(families[near], means[near], language, round(absent * _UNITS), kept_apart)
    head = label.copy()
    for one, first in joined.items():
        head[one] = first
    found: Index = head[label]
    return found


def _between(label: Index, pairs: Index, odds: Floats, absent: float) -> tuple[Index, Index]:
    """The pairs of families, and the mean of each in whole units; missing pairs count as absent."""
    ends = np.sort(label[pairs], axis=1)
    total = np.int64(max(len(label), 1))
    coded, place = np.unique(ends @ np.array([total, 1]), return_inverse=True)
    families = np.stack(np.divmod(coded, total), axis=1)
    units = np.rint(odds * _UNITS)
    summed = np.bincount(place, units, len(coded))
    judged = np.bincount(place, minlength=len(coded))
    sizes = np.bincount(label, minlength=len(label))[families]
    wanted = np.maximum(judged, np.minimum(sizes.prod(axis=1), _PAIRS))
    means = (summed + (wanted - judged) * round(absent * _UNITS)) / np.maximum(wanted, 1)
    return families, np.rint(means).astype(np.int64)


def _linked(
    families: Index, means: Index, language: U8, absent: int, apart: dict[int, Classes]
) -> dict[int, int]:
    """For each family that joins others the first of those; `apart` is changed on the way."""
    beside: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for (one, other), mean in zip(families.tolist(), means.tolist(), strict=True):
        beside[one][other] = beside[other][one] = mean - absent
    members = {one: [one] for one in beside}
    spoken = {one: {int(language[one])} - {0} for one in beside}

    def resemblance(one: int, other: int) -> float:
        return beside[one][other] / (len(members[one]) * len(members[other])) + absent

    queue = [
        (-value, a, b)
        for a in beside
        for b in beside[a]
        if a < b and (value := resemblance(a, b)) > 0
    ]
    heapq.heapify(queue)
    while queue:
        value, one, other = heapq.heappop(queue)
        if other not in beside.get(one, {}) or -value != resemblance(one, other):
            continue  # one of them has been joined with a third meanwhile
        if spoken[one] & spoken[other] or at_odds(apart.get(one, {}), apart.get(other, {})):
            continue
        for third, more in beside.pop(other).items():
            del beside[third][other]
            if third != one:
                beside[one][third] = beside[third][one] = beside[one].get(third, 0) + more
        members[one] += members.pop(other)
        spoken[one] |= spoken.pop(other)
        if other in apart:
            apart[one] = apart.get(one, {}) | apart.pop(other)
        for third in beside[one]:
            new = resemblance(one, third)
            if new > 0:
                heapq.heappush(queue, (-new, min(one, third), max(one, third)))
    return {one: first for first, held in members.items() for one in held}
