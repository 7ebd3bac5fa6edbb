"""Which document stands for each cluster, and what is counted of each: all clusters at once.

In: the cluster of each document as columns, and what is known of the documents. Out: the columns of
`corpus.describe`. Nothing is compared here, and no record made.
"""

import numpy as np
from numpy.typing import NDArray

from corpus.describe import Groups, Held, Reasons, came
from corpus.pairs import Figures, Floats
from corpus.rows import Index

Bools = NDArray[np.bool_]


def grouped(labels: Index, days: Floats, seen: Floats) -> Groups:
    """The documents by cluster, clusters by their first documents; heads are not chosen yet.

    The founder is the document that came first, of several the first by its key.
    """
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    ranked = np.argsort(first)
    number = np.empty(len(ranked), np.int64)
    number[ranked] = np.arange(len(ranked))
    cluster = number[inverse]
    order = np.argsort(cluster, kind="stable")
    starts = np.searchsorted(cluster[order], np.arange(len(ranked) + 1))
    founder = _best(cluster, np.argsort(came(days, seen), kind="stable"))
    return Groups(cluster, order, starts, _best(cluster, published_order(days, seen)), founder)


def published_order(days: Floats, seen: Floats) -> Index:
    """The documents by publication, the undated last; then by when they were seen, then by key."""
    unknown = np.where(np.isnan(days), np.inf, days)
    return np.lexsort((seen, unknown))


def represented(
    groups: Groups, order: Index, common: Index, length: Index, credited: Bools, complete: float
) -> tuple[Groups, Reasons]:
    """The complete member that adds least and credits an agency, the first in `order` of several.

    `common` counts each document's 5-grams that another member has, `length` all of them.
    """
    cluster, own = groups.cluster, length - common
    best = _most(common, groups)
    full = common >= complete * best[cluster]
    least = -_most(np.where(full, -own, -np.iinfo(np.int64).max), groups) + (1 - complete) * best
    plain = full & (own <= least[cluster])
    named = plain & credited
    any_named = _count(named, groups) > 0
    candidates = np.where(any_named[cluster], named, plain)
    head = _best(cluster, order[candidates[order]])
    reasons = Reasons(
        words=best > 0,
        complete=_count(full, groups),
        least=_count(plain, groups) < _count(full, groups),
        credited=any_named,
        several=_count(candidates, groups) > 1,
    )
    return groups._replace(head=head), reasons


_LONG = 1.5
_LEAST = 60
"""5-grams: a shorter text is a teaser, and says too little of its story."""


def told_by(groups: Groups, order: Index, length: Index) -> Index:
    """The document of each cluster by which its story is told apart from others'.

    That is its representative, unless this one has more than `_LONG` times the 5-grams of the member of
    middle length: then it prints more than the story, as a page with two stories or a fact check does, and
    the one of middle length speaks, the first in `order` of several. Members of fewer than `_LEAST`
    5-grams have no say.
    """
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    whole = np.flatnonzero(length >= _LEAST)
    whole = whole[np.lexsort((rank[whole], length[whole], groups.cluster[whole]))]
    starts = np.searchsorted(groups.cluster[whole], np.arange(len(groups.head) + 1))
    some = np.flatnonzero(np.diff(starts))
    middle = whole[(starts[some] + starts[some + 1] - 1) // 2]
    told = groups.head.copy()
    longer = length[told[some]] > _LONG * length[middle]
    told[some[longer]] = middle[longer]
    return told


def held_together(count: int, texts: tuple[Index, Index], pairs: tuple[Index, Floats]) -> Held:
    """How well each of `count` clusters holds; identical texts count as 1.

    `texts` are the nodes' clusters and weights; `pairs` the nodes of pairs found
    alike inside a cluster, and their containment.
    """
    cluster, weights = texts
    alike, containment = pairs
    of = cluster[alike[:, 0]]
    times = (weights[alike[:, 0]] * weights[alike[:, 1]]).astype(float)
    identical = _total(cluster, weights * (weights - 1) / 2, count)
    lowest = np.ones(count)
    np.minimum.at(lowest, of, containment)
    return Held(
        pairs=_total(of, times, count) + identical,
        lowest=lowest,
        summed=_total(of, times * containment, count) + identical,
    )


def turned(found: Figures, which: Bools) -> Figures:
    """The figures with left and right exchanged where `which` says so."""
    names = dict(zip(found._fields, found, strict=True))

    def other(name: str) -> str:
        swaps = {"left": "right", "right": "left"}
        return "_".join(swaps.get(word, word) for word in name.split("_"))

    return Figures(
        **{
            name: np.where(which, names[other(name)], values) if other(name) in names else values
            for name, values in names.items()
        }
    )


def _total(of: Index, values: Floats, count: int) -> Floats:
    return np.bincount(of, values, minlength=count).astype(np.float64)


def _best(cluster: Index, order: Index) -> Index:
    """Of each cluster the first of its documents in the order."""
    _, first = np.unique(cluster[order], return_index=True)
    best: Index = order[first]
    return best


def _most(values: Index, groups: Groups) -> Index:
    if not len(values):
        return values
    most: Index = np.maximum.reduceat(values[groups.order], groups.starts[:-1])
    return most


def _count(marks: Bools, groups: Groups) -> Index:
    return np.bincount(groups.cluster[marks], minlength=len(groups.head)).astype(np.int64)
