"""Pairs verified in batches, each once: figures and log-odds are kept by what the two texts are.

In: pairs of nodes. Out: for each its row in the table of pairs. What the figures mean is said in
`corpus.pairs`; they are kept as 32-bit floats, from which log-odds are worked out, so that it does not
matter when a pair was verified. What later steps ask of every pair stands in columns of its own.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus import cluster
from corpus.engines import Engine
from corpus.nodes import texts_at
from corpus.pairs import Figures, PairModel, figures, log_odds
from corpus.remembering import Columns, remembered
from corpus.roundups import Passages, RoundupSettings, passages
from corpus.rows import U64, Index, mixed
from corpus.tables import Column, Layout, OpenTable, Table

PAIRS: Layout = {
    "key": Column("u8"),  # of the two nodes' keys, in their order
    "odds": Column("f8"),
    "containment": Column("f8"),
    "twins": Column("?"),  # texts that hardly differ
    **{name: Column("?") for name in Passages._fields},
    "figures": Column("f4", width=len(Figures._fields)),
}

_AT_ONCE = 4_000_000  # hashes on both sides of a batch of pairs: its texts are read once


class Rules(NamedTuple):
    """What pairs are judged by."""

    model: PairModel
    cluster: cluster.ClusterSettings
    roundups: RoundupSettings


class Verifier:
    """The columns of pairs of rows of the table of nodes, as a step of an engine."""

    def __init__(self, nodes: OpenTable, rules: Rules) -> None:
        self._nodes, self._rules = nodes, rules

    def __call__(self, pairs: Index) -> Columns:
        """The columns of a batch, but for the key."""
        rows, places = np.unique(pairs, return_inverse=True)
        with self._nodes.opened() as table:
            texts = texts_at(table, rows)
            held = np.stack(figures(texts, places.reshape(-1, 2)), axis=1).astype(np.float32)
        found, rules = as_figures(held), self._rules
        odds = log_odds(found, rules.model)
        return {
            "odds": odds,
            "containment": found.containment,
            "twins": cluster.twins(odds, found.jaccard, rules.cluster),
            **passages(found, rules.roundups)._asdict(),
            "figures": held,
        }


def as_figures(held: NDArray[np.float32]) -> Figures:
    """Rows of the table's figures as verification has them."""
    return Figures(*held.astype(np.float64).T)


class Pairing(NamedTuple):
    """The tables of nodes and of pairs, and what verifies the pairs that are new."""

    nodes: Table
    pairs: Table
    engine: Engine
    verifier: Verifier


def verified(step: Pairing, keys: U64, at: Index, pairs: Index) -> Index:
    """The row of each pair in the table of pairs, to which those that it lacked were added.

    `keys` and `at` say of the texts that `pairs` names what they are, and where they stand in the table
    of nodes.
    """
    lengths = step.nodes.ragged("grams").lengths + 50

    def work(batches: Iterable[Index]) -> Iterator[Columns]:
        return step.engine.each(step.verifier, (at[pairs[batch]] for batch in batches))

    def size_of(places: Index) -> Index:
        sizes: Index = lengths[at[pairs[places]]].sum(axis=1)
        return sizes

    names = mixed(keys[pairs[:, 0]], keys[pairs[:, 1]])
    return remembered(step.pairs, names, size_of, _AT_ONCE, work)
