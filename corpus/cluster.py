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
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

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
    graph = _between(group, pairs[inside], (odds - settings.absent)[inside], weights, counts)
    apart = classes(group, cannot)
    free = np.ones(count, bool)
    free[list(apart)] = False
    graph, head = _joined_surely(graph, absent, settings.crowd, free)
    label = np.arange(count)
    for some in _by_part(graph, part, absent):
        _link(label, some, (absent, settings.crowd), apart)
    joined = label[head[group]]
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


class _Graph(NamedTuple):
    """Groups and the pairs between them, smaller first, ascending, each once.

    `excess` is what a pair exceeds absence by in all, in whole units, `compared` of how many pairs of texts,
    `counts` for how many texts each group counts.
    """

    pairs: Index
    excess: Index
    compared: Index
    counts: Index

    def means(self, absent: int) -> Floats:
        """The mean of each pair, in units; fewer were compared than the groups count for."""
        both = self.counts[self.pairs[:, 0]] * self.counts[self.pairs[:, 1]]
        means: Floats = (self.excess + absent * both) / both
        return means

    def only(self, some: Index | slice) -> "_Graph":
        """Some of the pairs."""
        return _Graph(self.pairs[some], self.excess[some], self.compared[some], self.counts)

    def joined(self, one: Index, other: Index) -> "_Graph":
        """The graph with each of the others joined to one, which has the smaller number."""
        head, counts = np.arange(len(self.counts)), self.counts.copy()
        head[other] = one
        counts[one] += counts[other]
        ends = np.sort(head[self.pairs], axis=1)
        stays = np.flatnonzero(ends[:, 0] != ends[:, 1])
        coded, place = np.unique(ends[stays, 0] << 32 | ends[stays, 1], return_inverse=True)
        excess, compared = (
            np.bincount(place, column[stays], len(coded)).astype(np.int64)
            for column in (self.excess, self.compared)
        )
        pairs = np.stack((coded >> 32, coded & _MANY), axis=1)
        return _Graph(pairs, excess, compared, counts)


def _between(group: Index, pairs: Index, excess: Floats, weights: Index, counts: Index) -> _Graph:
    """The pairs between groups.

    What they exceed absence by is the mean of the pairs compared, times their number, or times what the
    groups count for.
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
    in_all = np.rint(summed / np.maximum(compared, 1.0) * many * _UNITS).astype(np.int64)
    return _Graph(joint, in_all, many.astype(np.int64), counts)


def _joined_surely(graph: _Graph, absent: int, crowd: int, free: Bools) -> tuple[_Graph, Index]:
    """The graph after many sure joins, and the group that each one is in by then."""
    head = np.arange(len(graph.counts))
    while len(graph.pairs):
        one, other = _sure(graph, absent, crowd, free)
        if _FEW * len(one) < len(graph.pairs):
            break
        step = np.arange(len(head))
        step[other] = one
        head, graph = step[head], graph.joined(one, other)
    return graph, head


_FEW = 200  # pairs for each join: with more of them a join costs less one by one


def _sure(graph: _Graph, absent: int, crowd: int, free: Bools) -> Index:
    """Pairs of groups that are joined in any case, and before either is joined with a third one.

    Each is the other's best. Before them only unions with higher means are formed, and of these unions one
    may be a neighbour. If it counts for all its texts, its mean is at most the best of its parts'. If it has
    more than `crowd`, its mean is at most what all its parts exceed absence by, over `crowd`; and only such
    groups are parts of it that have a mean as high with anything, by the same reckoning. Where neither bound
    reaches the pair's mean, nothing comes before it; and what it is joined to, once it is one, has no higher
    mean with it than with one of the two. So it does not matter when it is joined. Means that differ by less
    than a unit are left alone: of them rounding might hide which is higher.
    """
    left, right = graph.pairs.T
    count, means, place = len(graph.counts), graph.means(absent), np.arange(len(left))
    excess = np.maximum(graph.excess, 0).astype(float)
    best, first = np.full(count, -np.inf), np.full(count, len(left))
    for side in (left, right):
        np.maximum.at(best, side, means)
    likely = free.copy()
    for side in (left, right):
        highest = means == best[side]
        np.minimum.at(first, side[highest], place[highest])  # of equals the smallest numbers
        likely[side[(means > best[side] - 1) & ~highest]] = False
    room = np.maximum(graph.counts, 1) * crowd
    reach = np.bincount(left, excess, count) + np.bincount(right, excess, count)
    reach = np.maximum(best, absent + reach / room)
    early = [
        np.bincount(one, excess * (reach[other] > best[one] - 2), count)
        for one, other in ((left, right), (right, left))
    ]
    pair = np.flatnonzero((first[left] == place) & (first[right] == place))
    pair = pair[means[pair] > max(0, absent + 1)]
    one, other = left[pair], right[pair]
    sure = likely[one] & likely[other] & (graph.counts[one] + graph.counts[other] <= crowd)
    for group in (one, other):
        beside = early[0][group] + early[1][group] - excess[pair]
        sure &= absent + beside / room[group] < means[pair] - 1
    return np.stack((one[sure], other[sure]))


def _by_part(graph: _Graph, part: Index, absent: int) -> Iterator[_Graph]:
    """The graph by components, without those in which nothing is to be joined."""
    above = np.zeros(len(part), bool)
    above[part[graph.pairs[graph.means(absent) > 0, 0]]] = True
    some = np.flatnonzero(above[part[graph.pairs[:, 0]]])
    of = part[graph.pairs[some, 0]]
    order = np.argsort(of, kind="stable")
    for batch in pairwise(np.flatnonzero(np.diff(of[order], prepend=-1, append=-1)).tolist()):
        yield graph.only(some[order[slice(*batch)]])


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


def _link(label: Index, graph: _Graph, absence: tuple[int, int], apart: dict[int, Classes]) -> None:
    """Average-link within one component; writes the groups' clusters to `label`.

    `absence` are the log-odds of what was not compared, and for how many texts a cluster counts at most.
    Those at odds in `apart` are never joined, and it is changed on the way. Of two pairs of clusters with one
    mean that of the smaller numbers is joined first. So a cluster that comes out is what its own texts alone
    come to, and depends on no text that it has no pair with.
    """
    # What a pair exceeds absence by and of how many pairs of texts, in one number, are added at once.
    both = zip(graph.excess.tolist(), graph.compared.tolist(), strict=True)
    told = [(value << _BITS) + many for value, many in both]
    excess: defaultdict[int, dict[int, int]] = defaultdict(dict)
    absent, crowd = absence
    for (one, other), more in zip(graph.pairs.tolist(), told, strict=True):
        excess[one][other] = excess[other][one] = more
    weight = {one: int(graph.counts[one]) for one in excess}
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

    means = graph.means(absent)
    some = np.flatnonzero(means > 0)
    ends = graph.pairs[some].T.tolist()
    queue = list(zip((-means[some]).tolist(), *ends, *ends, strict=True))
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
