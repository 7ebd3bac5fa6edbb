"""Clusters by average link, each component worked out once: it is known again by all that decides it.

In: nodes, verified pairs and their log-odds, what people said of some. Out: the cluster of each node. How
a component is linked is said in `corpus.cluster`; here components are told apart, recognised, and
handed out.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from corpus import cluster
from corpus.engines import Engine
from corpus.obeying import Said
from corpus.pairs import Bools, Floats
from corpus.rows import (
    U64,
    Index,
    Rows,
    in_batches,
    looked_up,
    mixed,
    places,
    starts_of,
    summed,
    taken,
)
from corpus.tables import Column, Layout, Table

LINKED: Layout = {
    "key": Column("u8"),  # of a component's texts, pairs and log-odds
    "labels": Column("u4", ragged=True),  # each member's cluster, as a place among the members
}

_AT_ONCE = 40_000  # pairs linked in one part


class Alike(NamedTuple):
    """Verified pairs of texts, their log-odds, and which are of texts that hardly differ."""

    pairs: Index
    odds: Floats
    twins: Bools

    def only(self, keep: Bools) -> "Alike":
        """The pairs that are marked."""
        return Alike(self.pairs[keep], self.odds[keep], self.twins[keep])


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
    """Components of two texts or more: the members, where each one's start, the pairs inside."""

    members: Index
    member_starts: Index
    compared: _Pairs
    odds: Floats
    twins: Bools
    must: _Pairs
    cannot: _Pairs


def linked(
    memo: Table,
    engine: Engine,
    settings: cluster.ClusterSettings,
    texts: tuple[U64, Index],
    alike: Alike,
    said: Said,
) -> Index:
    """The cluster of each text: the smallest number of a text in it.

    `texts` are each one's name and weight; texts stand in an order that names decide.
    """
    names, weights = texts
    parts = _components(len(names), alike, said, settings.weak)
    keys = summed(mixed(names, weights)[parts.members], parts.member_starts)
    keys = mixed(keys, _digests(parts, names))
    at = looked_up(keys, memo.column("key"))
    missing = np.flatnonzero(at < 0)
    at[missing] = memo.rows + np.arange(len(missing))
    answers = engine.each(Linker(settings), _parts(parts, missing, weights))
    batches = in_batches(_sizes(parts)[missing], _AT_ONCE)
    for batch, labels in zip(batches, answers, strict=True):
        some = missing[batch]
        starts = starts_of(np.diff(parts.member_starts)[some])
        places = labels - np.repeat(starts[:-1], np.diff(starts))
        memo.append({"key": keys[some], "labels": Rows(places.astype(np.uint32), starts)})
    if len(missing):
        memo.seal()
    return _labels(len(names), parts, memo.ragged("labels"), at)


def _digests(parts: _Components, names: U64) -> U64:
    """Of each component's pairs, what was found of them, and what people said."""
    pairs, starts = parts.compared
    found = summed(mixed(*names[pairs].T, parts.odds, parts.twins), starts)
    for kind, (some, begins) in enumerate((parts.must, parts.cannot)):
        found = found + summed(mixed(*names[some].T, np.full(len(some), kind)), begins)
    return found


def _sizes(parts: _Components) -> Index:
    """What each component costs."""
    return np.diff(parts.compared.starts) + np.diff(parts.must.starts) + 1


def _labels(count: int, parts: _Components, held: Rows, at: Index) -> Index:
    """Places among the members of a component as numbers of texts."""
    label = np.arange(count)
    begins = np.repeat(parts.member_starts[:-1], np.diff(parts.member_starts))
    label[parts.members] = parts.members[begins + taken(held, at).values.astype(np.int64)]
    return label


def _components(count: int, alike: Alike, said: Said, weak: float) -> _Components:
    joined = np.concatenate((alike.pairs[alike.odds > weak], said.must))
    part = cluster.components(count, joined[:, 0], joined[:, 1])
    several = np.flatnonzero(np.bincount(part, minlength=count)[part] > 1)
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
    (must, must_starts), (cannot, cannot_starts) = inside(said.must), inside(said.cannot)
    return _Components(
        members,
        np.append(begins, len(members)),
        _Pairs(alike.pairs[compared], starts),
        alike.odds[compared],
        alike.twins[compared],
        _Pairs(said.must[must], must_starts),
        _Pairs(said.cannot[cannot], cannot_starts),
    )


def _parts(parts: _Components, missing: Index, weights: Index) -> Iterator[_Part]:
    """The missing components, several at a time, their texts numbered from 0 in their order."""
    number = np.zeros(len(weights), np.int64)
    for batch in in_batches(_sizes(parts)[missing], _AT_ONCE):
        some = missing[batch]
        members = parts.members[places(parts.member_starts, some)[0]]
        at = places(parts.compared.starts, some)[0]
        number[members] = np.arange(len(members))
        said = (
            number[held.pairs[places(held.starts, some)[0]]] for held in (parts.must, parts.cannot)
        )
        yield _Part(
            weights[members],
            number[parts.compared.pairs[at]],
            parts.odds[at],
            parts.twins[at],
            *said,
        )
