"""From verified pairs to clusters: average-link on log-odds.

In: weighted texts and the log-odds of the pairs that were compared. Out: a cluster number for each
text. Connected components over weak pairs only partition the work; taken as clusters, they would
chain everything into a few giants. Inside a component the two clusters with the highest mean
log-odds are joined while it is above zero, and a pair that was never proposed counts against.
"""

import heapq
from collections import defaultdict
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from corpus.rows import Index
from crawler.records import Record

Floats = NDArray[np.float64]


class ClusterSettings(Record, forbid_unknown_fields=True):
    """The `[cluster]` table of dedup.toml.

    `absent` are the log-odds of a pair that was never proposed; a pair above `weak` puts two texts
    into one component.
    """

    absent: float
    weak: float


def average_link(weights: Index, pairs: Index, odds: Floats, settings: ClusterSettings) -> Index:
    """The cluster of each text: the smallest number of a text in it.

    `weights` say how many identical texts each stands for; each pair stands once, smaller first.
    """
    count = len(weights)
    strong = odds > settings.weak
    part = components(count, pairs[strong, 0], pairs[strong, 1])
    inside = part[pairs[:, 0]] == part[pairs[:, 1]]
    pairs, odds = pairs[inside], odds[inside]
    order = np.argsort(part[pairs[:, 0]], kind="stable")
    label = np.arange(count)
    bounds = np.flatnonzero(np.diff(part[pairs[order, 0]], prepend=-1, append=-1))
    for begin, end in pairwise(bounds.tolist()):
        rows = order[begin:end]
        _link(label, weights, pairs[rows], odds[rows], settings.absent)
    return label


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


def _link(label: Index, weights: Index, pairs: Index, odds: Floats, absent: float) -> None:
    """Average-link within one component; writes the members' clusters to `label`."""
    weight: dict[int, int] = {}
    excess: defaultdict[int, dict[int, float]] = defaultdict(dict)  # over what absence would give
    for (one, other), value in zip(pairs.tolist(), odds.tolist(), strict=True):
        weight[one], weight[other] = int(weights[one]), int(weights[other])
        more = (value - absent) * weight[one] * weight[other]
        excess[one][other] = excess[other][one] = more
    members = {one: [one] for one in weight}

    def mean(one: int, other: int) -> float:
        return excess[one][other] / (weight[one] * weight[other]) + absent

    queue = [(-mean(a, b), a, b) for a in excess for b in excess[a] if a < b and mean(a, b) > 0]
    heapq.heapify(queue)
    while queue:
        value, one, other = heapq.heappop(queue)
        if other not in excess.get(one, {}) or -value != mean(one, other):
            continue  # one of them has been joined with a third meanwhile
        for third, more in excess.pop(other).items():
            del excess[third][other]
            if third != one:
                excess[one][third] = excess[third][one] = excess[one].get(third, 0.0) + more
        weight[one] += weight.pop(other)
        members[one] += members.pop(other)
        for third in excess[one]:
            new = mean(one, third)
            if new > 0:
                heapq.heappush(queue, (-new, min(one, third), max(one, third)))
    for cluster in members.values():
        label[cluster] = min(cluster)
