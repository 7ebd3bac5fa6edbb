"""Texts that share nothing but a passage of background: posts of one event with the same paragraph below.

In: the compared pairs of texts. Out: those that have no more in common than a third text has of both. A story
with a new top is no such case: what it shares with the old ones is most of it, and these share more with
each other. Which texts are pages with several stories is found in `corpus.parting`.
"""

from typing import NamedTuple

import numpy as np

from corpus.pairs import Bools, Floats
from corpus.rows import Index, looked_up_by_order, places, starts_of
from crawler.records import Record


class BackgroundSettings(Record, forbid_unknown_fields=True):
    """The `[background]` table of dedup.toml.

    Two texts may share background only where neither opens the other and they have at most `most` of the
    shorter one in common; it is background where a third text, with as little of both, shares with each
    as much as they do with each other, give or take a factor of `alike`.
    """

    most: float
    alike: float


class Beside(NamedTuple):
    """Ascending pairs of texts of which neither opens the other: share of the shorter one, common 5-grams."""

    pairs: Index
    containment: Floats
    shared: Floats


def background(beside: Beside, asked: Bools, settings: BackgroundSettings) -> Bools:
    """Which of the pairs that are asked share background only."""
    some = np.flatnonzero(beside.containment <= settings.most)
    pairs, shared = beside.pairs[some], beside.shared[some]
    wanted = np.flatnonzero(asked[some])
    answer = np.zeros(len(beside.pairs), bool)
    if not len(wanted):
        return answer
    ends = pairs.ravel()
    order, counts = np.argsort(ends, kind="stable"), np.bincount(ends)
    at, starts = places(starts_of(counts), pairs[wanted, 0])
    near = order[at]  # the pairs of each wanted pair's first text, by their ends
    of = wanted[np.repeat(np.arange(len(wanted)), np.diff(starts))]
    third = pairs[near // 2, 1 - near % 2]
    other = pairs[of, 1]
    codes = (pairs[:, 0] << 32 | pairs[:, 1]).astype(np.uint64)
    closing = (np.minimum(other, third) << 32 | np.maximum(other, third)).astype(np.uint64)
    there = looked_up_by_order(closing, codes)
    as_much = there >= 0
    for shares in (shared[near // 2], shared[there]):
        as_much &= (shares <= settings.alike * shared[of]) & (shared[of] <= settings.alike * shares)
    answer[some[of[as_much]]] = True
    return answer
