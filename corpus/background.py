"""Texts that share nothing but a passage of background: posts of one event with the same paragraph below.

In: the compared pairs of texts. Out: those that have no more in common than a third text has of both. A story
with a new top is no such case: what it shares with the old ones is most of it, and these share more with
each other. Which texts are pages with several stories is found in `corpus.parting`.
"""

from typing import NamedTuple

import numpy as np

from corpus.pairs import Bools, Floats
from corpus.rows import Index, in_batches, places, starts_of
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
    starts = starts_of(counts)
    codes = pairs[:, 0] << 32 | pairs[:, 1]

    def shares_as_much(wanted: Index) -> Bools:
        """Of each pair of a first text with one of the wanted ones, whether the third text has as much."""
        at, begins = places(starts, pairs[wanted, 0])
        near = order[at]  # the pairs of each wanted pair's first text, by their ends
        of = np.repeat(np.arange(len(wanted)), np.diff(begins))
        third, other = pairs[near // 2, 1 - near % 2], pairs[wanted[of], 1]
        closing = np.minimum(other, third) << 32 | np.maximum(other, third)
        there = np.minimum(np.searchsorted(codes, closing), len(codes) - 1)
        as_much, own = codes[there] == closing, shared[wanted[of]]
        for shares in (shared[near // 2], shared[there]):
            as_much &= (shares <= settings.alike * own) & (own <= settings.alike * shares)
        return np.asarray(np.bincount(of, as_much, len(wanted)) > 0, bool)

    for batch in in_batches(counts[pairs[wanted, 0]], _AT_ONCE):
        answer[some[wanted[batch]]] = shares_as_much(wanted[batch])
    return answer


_AT_ONCE = 4_000_000  # pairs beside the wanted ones, looked at at a time; about 200 MB
