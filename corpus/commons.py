"""How complete each text of a cluster is, each cluster worked out once.

In: nodes and their clusters. Out: for each the number of its 5-grams that another member has too, as
`corpus.members` counts them.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from corpus.engines import Engine
from corpus.members import completeness
from corpus.remembering import Columns, remembered
from corpus.rows import (
    U64,
    Index,
    Rows,
    mixed,
    places,
    starts_of,
    summed,
    taken,
)
from corpus.tables import Column, Layout, OpenTable, Table

COMMON: Layout = {
    "key": Column("u8"),  # of a cluster's texts in their order, and how many have each
    "counts": Column("u4", ragged=True),
}

_AT_ONCE = 2_000_000  # hashes read at a time


class _Part(NamedTuple):
    """Some clusters: rows of the table of nodes, their weights, their clusters."""

    at: Index
    weights: Index
    labels: Index


class Counter:
    """Completeness of some clusters' texts, as a step of an engine."""

    def __init__(self, nodes: OpenTable) -> None:
        self._nodes = nodes

    def __call__(self, part: _Part) -> Index:
        """The number of common 5-grams of each text."""
        with self._nodes.opened() as table:
            return completeness(table.taken("grams", part.at), part.weights, part.labels)


def commons(
    memo: Table,
    engine: Engine,
    counter: Counter,
    texts: tuple[U64, Index, Index, Index],
    labels: Index,
) -> Index:
    """How complete each text is; `texts` are their names, weights, table rows and lengths."""
    names, weights, at, lengths = texts
    counts = lengths.copy()
    several = np.flatnonzero(np.bincount(labels, minlength=len(labels))[labels] > 1)
    members = several[np.argsort(labels[several], kind="stable")]
    begins = np.flatnonzero(np.diff(labels[members], prepend=-1))
    starts = np.append(begins, len(members))
    place = np.arange(len(members)) - np.repeat(begins, np.diff(starts))
    keys = summed(mixed(names[members], weights[members], place), starts)
    sizes = np.diff(starts_of(lengths[members])[starts])

    def work(batches: Iterable[Index]) -> Iterator[Columns]:
        known = list(batches)
        for batch, answer in zip(known, engine.each(counter, map(part, known)), strict=True):
            of = starts_of(np.diff(starts)[batch])
            yield {"counts": Rows(answer.astype(np.uint32), of)}

    def part(batch: Index) -> _Part:
        some = members[places(starts, batch)[0]]
        _, local = np.unique(labels[some], return_inverse=True)
        return _Part(at[some], weights[some], local)

    found = remembered(memo, keys, lambda some: sizes[some], _AT_ONCE, work)
    counts[members] = taken(memo.ragged("counts"), found).values
    return counts
