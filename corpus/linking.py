"""Clusters by average link, a component at a time, and only where something changed.

In: texts, verified pairs and their log-odds, what people said of some, the clusters before. Out: the
cluster of each text. How a component is linked is said in `corpus.cluster`; here components are told
apart and handed out, and clusters known to be as they were.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from corpus import cluster
from corpus.engines import Engine
from corpus.obeying import Said
from corpus.pairs import Bools, Floats
from corpus.rows import Index, among, both_ends, either_end, in_batches, places, starts_of
from corpus.since import Since

_AT_ONCE = 40_000  # pairs linked in one part


class Alike(NamedTuple):
    """Verified pairs of texts, their log-odds, which are of texts that hardly differ, and which count."""

    pairs: Index
    odds: Floats
    twins: Bools
    counts: Bools

    def among(self, texts: Bools) -> "Alike":
        """The pairs that count with both ends among these texts."""
        some = np.flatnonzero(both_ends(texts, self.pairs) & self.counts)
        return Alike(self.pairs[some], self.odds[some], self.twins[some], self.counts[some])


class _Part(NamedTuple):
    """Some components: texts by their numbers in them, their pairs, and what people said of them."""

    weights: Index
    pairs: Index
    odds: Floats
    twins: Bools
    must: Index
    cannot: Index


class Linker:
    """Average link of some components, as a step of an engine."""

    def __init__(self, settings: cluster.ClusterSettings) -> None:
        self._settings = settings

    def __call__(self, part: _Part) -> Index:
        """The cluster of each text of the part."""
        return cluster.average_link(
            part.weights,
            part.pairs,
            part.odds,
            self._settings,
            same=part.pairs[part.twins],
            must=part.must,
            cannot=part.cannot,
        )


class _Pairs(NamedTuple):
    """Pairs of texts by component, and where each one's start."""

    pairs: Index
    starts: Index


class _Components(NamedTuple):
    """Components of two texts or more: the members, where each one's start, the pairs inside; so marks."""

    members: Index
    member_starts: Index
    compared: _Pairs
    odds: Floats
    twins: Bools
    must: _Pairs
    cannot: _Pairs


class Renewal(NamedTuple):
    """The clusters before; what changed since: texts by weight or by what people said, and pairs.

    A pair that turned is new, or is no more (-1 stands for a text that is no more, too).
    """

    before: Index
    changes: Since
    changed: Bools
    pairs: Index
    odds: Floats


def linked(
    engine: Engine,
    settings: cluster.ClusterSettings,
    weights: Index,
    alike: Alike,
    said: Said,
    renewal: Renewal,
) -> Index:
    """The cluster of each text: the smallest number of a text in it.

    Clusters in which something changed are formed anew, among those beside them: clusters that a pair
    above `weak` leads to. Where one of these comes out as it was, nothing beyond it can differ: a cluster is
    what its own texts come to, and joins of it and of those beyond stand in the same order as before.
    Where it does not, it counts as changed as well.
    """
    links = alike.counts & (alike.odds > settings.weak)
    label, before, asked = _carried(renewal, alike.pairs, links, settings.weak)
    last = _Last(np.zeros(len(weights), bool), label.copy())
    for _ in range(_ROUNDS):
        near = np.zeros(len(renewal.changes.new_of_old) + 1, bool)
        near[before[alike.pairs[either_end(asked, alike.pairs) & links]]] = True
        beside = ~asked & near[before]
        some = np.flatnonzero(asked | beside)
        found = _formed(engine, settings, weights, alike, said, some, last)
        last.formed[some], last.label[some] = True, some[found]
        moved = _moved(found[beside[some]], label[beside], found)
        if not moved.any():
            label[some] = some[found]
            return label
        torn = np.zeros(len(near), bool)
        torn[before[beside][moved]] = True
        asked |= ~asked & torn[before]
    some = np.flatnonzero(_connected(asked, alike.pairs[links]))
    label[some] = some[_formed(engine, settings, weights, alike, said, some, last)]
    return label


class _Last(NamedTuple):
    """What was formed in the round before: which texts, and the cluster of each."""

    formed: Bools
    label: Index


_ROUNDS = 6  # after which all that is connected is formed anew


def _carried(
    renewal: Renewal, pairs: Index, links: Bools, weak: float
) -> tuple[Index, Index, Bools]:
    """The labels of texts as they were, the clusters' numbers before, and which texts are asked again.

    New texts were in a cluster beyond all others. A pair that speaks against a join says nothing where
    there is none to be made: between clusters that no link connects; `links` marks those among the pairs.
    """
    then, (old, new) = renewal.before, renewal.changes
    label, before = np.arange(len(old)), np.full(len(old), len(new))
    still = np.flatnonzero(old >= 0)
    before[still] = then[old[still]]
    asked = renewal.changed | (old < 0)
    joins = renewal.pairs[renewal.odds > weak].ravel()
    asked[joins[joins >= 0]] = True
    parts = renewal.pairs[(renewal.odds <= weak) & (renewal.pairs >= 0).all(axis=1)]
    asked[parts[_linked_before(before, parts, pairs, links)]] = True
    torn = np.zeros(len(new) + 1, bool)
    torn[then[new < 0]] = True
    torn[before[still[asked[still]]]] = True
    asked[still] |= torn[before[still]]
    kept = np.flatnonzero(~asked)
    label[kept] = new[before[kept]]
    return label, before, asked


def _linked_before(before: Index, asked: Index, pairs: Index, links: Bools) -> Bools:
    """Which of those asked are inside a cluster of before, or between two that a link connects."""
    one, other = np.sort(before[asked], axis=1).T
    ends = np.zeros(int(before.max(initial=-1)) + 1, bool)
    ends[before[asked]] = True
    near = pairs[both_ends(ends[before], pairs) & links]
    low, high = np.sort(before[near], axis=1).T
    found: Bools = (one == other) | among(one << 32 | other, np.unique(low << 32 | high))
    return found


def _formed(
    engine: Engine,
    settings: cluster.ClusterSettings,
    weights: Index,
    alike: Alike,
    said: Said,
    some: Index,
    last: _Last,
) -> Index:
    """The clusters of some texts among themselves, by their places in `some`.

    A component of texts that were all formed in the round before comes out as it did.
    """
    number = np.full(len(weights), -1)
    number[some] = np.arange(len(some))
    mine = alike.among(number >= 0)
    mine = mine._replace(pairs=number[mine.pairs])
    told = said.numbered(number)
    joined = np.concatenate((mine.pairs[mine.odds > settings.weak], told.must))
    parts = _components(cluster.components(len(some), joined[:, 0], joined[:, 1]), mine, told)
    own = np.where(last.formed[some], number[last.label[some]], np.arange(len(some)))
    missing, place = _with_any(parts, ~last.formed[some]), 0
    redone = parts.members[places(parts.member_starts, missing)[0]]
    for labels in engine.each(Linker(settings), _parts(parts, missing, weights[some])):
        members = redone[place : place + len(labels)]
        own[members] = members[labels]
        place += len(labels)
    return own


def _with_any(parts: "_Components", marks: Bools) -> Index:
    """The components of which a text is marked."""
    before = starts_of(marks[parts.members].astype(np.int64))
    bounds = before[parts.member_starts]
    found: Index = np.flatnonzero(bounds[1:] > bounds[:-1])
    return found


def _moved(found: Index, before: Index, every: Index) -> Bools:
    """Which texts stand in another cluster than before; `every` has the clusters of all, `found` theirs.

    Theirs are as they were where the same texts have one label, and nobody else has it.
    """
    pairs = np.stack((found, before), axis=1)
    _, which, sizes = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
    sizes_now = np.bincount(every, minlength=len(every))[found]
    _, which_then, sizes_then = np.unique(before, return_inverse=True, return_counts=True)
    same = sizes[which.ravel()]
    moved: Bools = (same != sizes_now) | (same != sizes_then[which_then])
    return moved


def _connected(asked: Bools, links: Index) -> Bools:
    """The texts that are asked, and all that links lead to from them."""
    part = cluster.components(len(asked), links[:, 0], links[:, 1])
    wanted = np.zeros(len(asked), bool)
    wanted[part[asked]] = True
    return wanted[part]


def _sizes(parts: _Components) -> Index:
    """What each component costs."""
    return np.diff(parts.compared.starts) + np.diff(parts.must.starts) + 1


def _components(part: Index, alike: Alike, said: Said) -> _Components:
    """Those of two texts or more."""
    several = np.flatnonzero(np.bincount(part, minlength=len(part))[part] > 1)
    members = several[np.argsort(part[several], kind="stable")]
    begins = np.flatnonzero(np.diff(part[members], prepend=-1))
    heads = part[members[begins]]

    def inside(pairs: Index) -> tuple[Index, Index]:
        """Which of the pairs are inside a component, by component, and where each one's start."""
        found = np.flatnonzero(part[pairs[:, 0]] == part[pairs[:, 1]])
        found = found[np.argsort(part[pairs[found, 0]], kind="stable")]
        first = np.searchsorted(part[pairs[found, 0]], heads)
        return found, np.append(first, len(found))

    compared, starts = inside(alike.pairs)
    must, must_starts = inside(said.must)
    marks = said.cannot[np.isin(said.cannot[:, 0], several)]
    cannot, cannot_starts = inside(marks[:, [0, 0]])
    return _Components(
        members,
        np.append(begins, len(members)),
        _Pairs(alike.pairs[compared], starts),
        alike.odds[compared],
        alike.twins[compared],
        _Pairs(said.must[must], must_starts),
        _Pairs(marks[cannot], cannot_starts),
    )


def _parts(parts: _Components, missing: Index, weights: Index) -> Iterator[_Part]:
    """The missing components, several at a time, their texts numbered from 0 in their order."""
    number = np.zeros(len(weights), np.int64)
    for batch in in_batches(_sizes(parts)[missing], _AT_ONCE):
        some = missing[batch]
        members = parts.members[places(parts.member_starts, some)[0]]
        at = places(parts.compared.starts, some)[0]
        number[members] = np.arange(len(members))
        said = Said(
            *(held.pairs[places(held.starts, some)[0]] for held in (parts.must, parts.cannot))
        )
        yield _Part(
            weights[members],
            number[parts.compared.pairs[at]],
            parts.odds[at],
            parts.twins[at],
            *said.numbered(number),
        )
