"""Clusters by average link, a component at a time, and only those in which something changed.

In: texts, verified pairs and their log-odds, what people said of some, what was linked before. Out: the
cluster of each text. How a component is linked is said in `corpus.cluster`; here components are told
apart, known to be as they were, and handed out.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from corpus import cluster
from corpus.engines import Engine
from corpus.obeying import Said
from corpus.pairs import Bools, Floats
from corpus.rows import Index, in_batches, places
from corpus.since import Since

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


class Linked(NamedTuple):
    """The cluster of each text, the smallest number of a text in it, and so the component."""

    label: Index
    part: Index


class Renewal(NamedTuple):
    """What was linked before, and the texts of which the weight, a pair or what people said changed."""

    before: Linked
    changes: Since
    changed: Bools


def linked(
    engine: Engine,
    settings: cluster.ClusterSettings,
    weights: Index,
    alike: Alike,
    said: Said,
    renewal: Renewal,
) -> Linked:
    """The clusters; components in which nothing changed are as they were."""
    label, part, asked = _carried(renewal)
    some = np.flatnonzero(asked)
    number = np.zeros(len(label), np.int64)
    number[some] = np.arange(len(some))
    inside = np.asarray(asked[alike.pairs].all(axis=1), bool)
    mine = alike.only(inside)._replace(pairs=number[alike.pairs[inside]])
    told = Said(*(number[pairs[asked[pairs].all(axis=1)]] for pairs in said))
    joined = np.concatenate((mine.pairs[mine.odds > settings.weak], told.must))
    part[some] = some[cluster.components(len(some), joined[:, 0], joined[:, 1])]
    parts = _components(number[part[some]], mine, told)
    every, place = np.arange(len(parts.member_starts) - 1), 0
    own = np.arange(len(some))
    for labels in engine.each(Linker(settings), _parts(parts, every, weights[some])):
        members = parts.members[place : place + len(labels)]
        own[members] = members[labels]
        place += len(labels)
    label[some] = some[own]
    return Linked(label, part)


def _carried(renewal: Renewal) -> tuple[Index, Index, Bools]:
    """The labels and components of texts that are as they were, and which texts must be asked again."""
    before, (old, new), changed = renewal
    label, part = np.arange(len(old)), np.arange(len(old))
    asked = changed | (old < 0)
    torn = np.zeros(len(new), bool)  # components, by their numbers before, of which a text changed
    torn[before.part[np.append(np.flatnonzero(new < 0), old[asked & (old >= 0)])]] = True
    still = np.flatnonzero(~asked)
    asked[still[torn[before.part[old[still]]]]] = True
    still = np.flatnonzero(~asked)
    label[still] = new[before.label[old[still]]]
    part[still] = new[before.part[old[still]]]
    return label, part, asked


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
