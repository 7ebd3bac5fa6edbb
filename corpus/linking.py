"""Clusters by average link, each component worked out once: it is known again by all that decides it.

In: nodes, verified pairs and their log-odds. Out: the cluster of each node. How a component is linked is
said in `corpus.cluster`; here components are told apart, recognised, and handed out.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from corpus import cluster
from corpus.engines import Engine
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


class _Part(NamedTuple):
    """Some components: texts by their numbers in them, and their pairs."""

    weights: Index
    pairs: Index
    odds: Floats
    twins: Bools


class Linker:
    """Average link of some components, as a step of an engine."""

    def __init__(self, settings: cluster.ClusterSettings) -> None:
        self._settings = settings

    def __call__(self, part: _Part) -> Index:
        """The cluster of each text of the part."""
        same = part.pairs[part.twins]
        return cluster.average_link(part.weights, part.pairs, part.odds, self._settings, same=same)


class _Components(NamedTuple):
    """Components of two texts or more: the members, the pairs inside, where each one's start."""

    members: Index
    member_starts: Index
    pairs: Index
    odds: Floats
    twins: Bools
    pair_starts: Index


def linked(
    memo: Table,
    engine: Engine,
    settings: cluster.ClusterSettings,
    texts: tuple[U64, Index],
    alike: Alike,
) -> Index:
    """The cluster of each text: the smallest number of a text in it.

    `texts` are each one's name and weight; texts stand in an order that names decide.
    """
    names, weights = texts
    parts = _components(len(names), alike, settings.weak)
    keys = summed(mixed(names, weights)[parts.members], parts.member_starts)
    one, other = names[parts.pairs[:, 0]], names[parts.pairs[:, 1]]
    of_pairs = mixed(one, other, parts.odds, parts.twins)
    keys = mixed(keys, summed(of_pairs, parts.pair_starts))
    at = looked_up(keys, memo.column("key"))
    missing = np.flatnonzero(at < 0)
    at[missing] = memo.rows + np.arange(len(missing))
    answers = engine.each(Linker(settings), _parts(parts, missing, weights))
    batches = in_batches(np.diff(parts.pair_starts)[missing], _AT_ONCE)
    for batch, labels in zip(batches, answers, strict=True):
        some = missing[batch]
        starts = starts_of(np.diff(parts.member_starts)[some])
        places = labels - np.repeat(starts[:-1], np.diff(starts))
        memo.append({"key": keys[some], "labels": Rows(places.astype(np.uint32), starts)})
    if len(missing):
        memo.seal()
    return _labels(len(names), parts, memo.ragged("labels"), at)


def _labels(count: int, parts: _Components, held: Rows, at: Index) -> Index:
    """Places among the members of a component as numbers of texts."""
    label = np.arange(count)
    begins = np.repeat(parts.member_starts[:-1], np.diff(parts.member_starts))
    label[parts.members] = parts.members[begins + taken(held, at).values.astype(np.int64)]
    return label


def _components(count: int, alike: Alike, weak: float) -> _Components:
    pairs, odds = alike.pairs, alike.odds
    strong = odds > weak
    part = cluster.components(count, pairs[strong, 0], pairs[strong, 1])
    several = np.flatnonzero(np.bincount(part, minlength=count)[part] > 1)
    members = several[np.argsort(part[several], kind="stable")]
    begins = np.flatnonzero(np.diff(part[members], prepend=-1))
    inside = np.flatnonzero(part[pairs[:, 0]] == part[pairs[:, 1]])
    inside = inside[np.argsort(part[pairs[inside, 0]], kind="stable")]
    first = np.flatnonzero(np.diff(part[pairs[inside, 0]], prepend=-1))
    return _Components(
        members,
        np.append(begins, len(members)),
        pairs[inside],
        odds[inside],
        alike.twins[inside],
        np.append(first, len(inside)),
    )


def _parts(parts: _Components, missing: Index, weights: Index) -> Iterator[_Part]:
    """The missing components, several at a time, their texts numbered from 0 in their order."""
    sizes = np.diff(parts.pair_starts)[missing]
    number = np.zeros(len(weights), np.int64)
    for batch in in_batches(sizes, _AT_ONCE):
        members = _spans(parts.members, parts.member_starts, missing[batch])
        at = _spans(np.arange(len(parts.pairs)), parts.pair_starts, missing[batch])
        number[members] = np.arange(len(members))
        yield _Part(weights[members], number[parts.pairs[at]], parts.odds[at], parts.twins[at])


def _spans(values: Index, starts: Index, wanted: Index) -> Index:
    return values[places(starts, wanted)[0]]
