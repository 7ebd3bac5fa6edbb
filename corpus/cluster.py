"""From verified pairs to clusters: average-link on log-odds.

In: weighted texts and the log-odds of the pairs that were compared. Out: a cluster number for each
text. Connected components over weak pairs only partition the work; taken as clusters, they would
chain everything into a few giants. Inside a component the two clusters with the highest mean
log-odds are joined while it is above zero, and a pair that was never proposed counts against.
Texts that hardly differ are one from the start, and so ten thousand copies of one story cost what few
cost. People's corrections come first: what must be together is one, too, and clusters of which two
texts must not be together are never joined.
"""

import heapq
from collections import defaultdict
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from corpus.apart import NO_MARKS, Classes, at_odds, classes, torn
from corpus.rows import Index
from crawler.records import Record

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class ClusterSettings(Record, forbid_unknown_fields=True):
    """The `[cluster]` table of dedup.toml.

    `absent` are the log-odds of a pair that was never proposed; a pair above `weak` puts two texts
    into one component. Pairs above `twin_odds` that have `twin_jaccard` of all 5-grams in common are
    one text from the start. Of a crowd of copies a text meets only some in a hot bucket: so no cluster
    counts for more than `crowd` texts, and of two such ones the pairs that met stand for all.
    """

    absent: float
    weak: float
    twin_odds: float
    twin_jaccard: float
    crowd: int


_UNITS = 1_000_000  # of log-odds: sums of whole numbers do not depend on their order

_BITS = 32  # for the number of pairs, below their sum
_MANY = (1 << _BITS) - 1

NO_PAIRS: Index = np.zeros((0, 2), np.int64)


def average_link(
    weights: Index,
    pairs: Index,
    odds: Floats,
    settings: ClusterSettings,
    *,
    same: Index = NO_PAIRS,
    must: Index = NO_PAIRS,
    cannot: Index = NO_MARKS,
) -> Index:
    """The cluster of each text: the smallest number of a text in it.

    `weights` say how many identical texts each stands for; each pair stands once, smaller first.
    `same` are some of the pairs, by `twins`. `must` are pairs of texts that people said are copies, `cannot`
    marks (`corpus.apart`) of those that they said are none; where the two contradict, `must` holds.
    """
    count = len(weights)
    group = _groups(count, same, must, cannot)
    strong = odds > settings.weak
    part = components(count, *np.concatenate((pairs[strong], must)).T)
    inside = part[pairs[:, 0]] == part[pairs[:, 1]]
    absent = round(settings.absent * _UNITS)
    heavy = np.bincount(group, weights, minlength=count).astype(np.int64)
    counts = np.minimum(heavy, settings.crowd)
    edges, excess, compared = _between(
        group, pairs[inside], (odds - settings.absent)[inside], weights, counts
    )
    order = np.argsort(part[edges[:, 0]], kind="stable")
    edges, excess, compared = edges[order], excess[order], compared[order]
    apart = classes(group, cannot)
    label = np.arange(count)
    bounds = np.flatnonzero(np.diff(part[edges[:, 0]], prepend=-1, append=-1))
    for begin, end in pairwise(bounds.tolist()):
        batch = slice(begin, end)
        told = [
            (value << _BITS) + many
            for value, many in zip(excess[batch].tolist(), compared[batch].tolist(), strict=True)
        ]
        _link(label, counts, edges[batch], told, (absent, settings.crowd), apart)
    joined = label[group]
    lowest = np.full(count, count)
    np.minimum.at(lowest, joined, np.arange(count))
    return lowest[joined]


def twins(odds: Floats, jaccard: Floats, settings: ClusterSettings) -> Bools:
    """Which pairs are of texts that hardly differ."""
    found: Bools = (odds >= settings.twin_odds) & (jaccard >= settings.twin_jaccard)
    return found


def _groups(count: int, same: Index, must: Index, cannot: Index) -> Index:
    """What is one from the start; twins among which some cannot be together are left to the odds."""
    group = components(count, *np.concatenate((same, must)).T)
    apart = np.zeros(count, bool)
    apart[torn(group, components(count, *must.T), cannot)] = True
    whole = same[~apart[group[same[:, 0]]]]
    return components(count, *np.concatenate((whole, must)).T)


def _between(
    group: Index, pairs: Index, excess: Floats, weights: Index, counts: Index
) -> tuple[Index, Index, Index]:
    """The pairs between groups, what they exceed absence by, in all, in whole units, and their number.

    That is the mean of the pairs compared, times their number, or times what the groups count for.
    """
    edges = np.sort(group[pairs], axis=1)
    apart = edges[:, 0] != edges[:, 1]
    times = (weights[pairs[:, 0]] * weights[pairs[:, 1]]).astype(float)[apart]
    total = np.int64(max(len(group), 1))
    coded, place = np.unique(edges[apart] @ np.array([total, 1]), return_inverse=True)
    summed = np.bincount(place, excess[apart] * times, len(coded)).astype(float)
    compared = np.bincount(place, times, len(coded)).astype(float)
    joint = np.stack(np.divmod(coded, total), axis=1)
    most = counts[joint[:, 0]] * counts[joint[:, 1]]
    many = np.minimum(compared, most)
    in_all = summed / np.maximum(compared, 1.0) * many
    return joint, np.rint(in_all * _UNITS).astype(np.int64), many.astype(np.int64)


def components(count: int, left: Index, right: Index) -> Index:
    """For each of `count` things the smallest that it is connected with."""
    label = np.arange(count)
    while True:
        lowest = np.minimum(label[left], label[right])
        before = label.copy()
        np.minimum.at(label, label[left], lowest)
        np.minimum.at(label, label[right], lowest)
        while not np.array_equal(label, label[label]):
            label = label[label]
        if np.array_equal(label, before):
            return label


def _link(
    label: Index,
    weights: Index,
    pairs: Index,
    compared: list[int],
    absence: tuple[int, int],
    apart: dict[int, Classes],
) -> None:
    """Average-link within one component; writes the members' clusters to `label`.

    `compared` has for each pair what it exceeds absence by and of how many texts' pairs, in one number
    (`_BITS`), so that both are added at once; `absence` are its log-odds, and for how many texts a cluster
    counts at most. Those at odds in `apart` are never joined, and it is changed on the way. Of two
    pairs of clusters with one mean that of the smaller numbers is joined first. So a cluster that comes
    out is what its own texts alone come to, and depends on no text that it has no pair with.
    """
    excess: defaultdict[int, dict[int, int]] = defaultdict(dict)
    absent, crowd = absence
    for (one, other), more in zip(pairs.tolist(), compared, strict=True):
        excess[one][other] = excess[other][one] = more
    weight = {one: int(weights[one]) for one in excess}
    members = {one: [one] for one in weight}
    name = {one: one for one in weight}  # the smallest number in each cluster

    def mean(one: int, other: int) -> float:
        both, met = weight[one] * weight[other], excess[one][other]
        many = met & _MANY
        if many > both:  # of large clusters more pairs were compared than they count for
            return (met >> _BITS) / many + absent
        return ((met >> _BITS) + absent * both) / both

    def entry(value: float, one: int, other: int) -> tuple[float, int, int, int, int]:
        if name[one] > name[other]:
            one, other = other, one
        return -value, name[one], name[other], one, other

    queue = [
        entry(value, a, b) for a in excess for b in excess[a] if a < b and (value := mean(a, b)) > 0
    ]
    heapq.heapify(queue)
    while queue:
        value, _, _, one, other = heapq.heappop(queue)
        if other not in excess.get(one, {}) or -value != mean(one, other):
            continue  # one of them has been joined with a third meanwhile
        if apart and at_odds(apart.get(one, {}), apart.get(other, {})):
            continue
        if len(excess[one]) < len(excess[other]):
            one, other = other, one  # the fewer neighbours move
        for third, more in excess.pop(other).items():
            del excess[third][other]
            if third != one:
                excess[one][third] = excess[third][one] = excess[one].get(third, 0) + more
        weight[one] = min(weight[one] + weight.pop(other), crowd)
        members[one] += members.pop(other)
        name[one] = min(name[one], name[other])
        if other in apart:
            apart[one] = apart.get(one, {}) | apart.pop(other)
        for third in excess[one]:
            new = mean(one, third)
            if new > 0:
                heapq.heappush(queue, entry(new, one, third))
    for cluster in members.values():
        label[cluster] = min(cluster)
