"""Pairs verified in batches, each once: figures and log-odds are kept by what the two texts are.

In: pairs of nodes. Out: for each its row in the table of pairs. What the figures mean is said in
`corpus.pairs`; they are kept as 32-bit floats, from which log-odds are worked out, so that it does not
matter when a pair was verified.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.engines import Engine
from corpus.nodes import texts_at
from corpus.pairs import Figures, Floats, PairModel, figures, log_odds
from corpus.rows import U64, Index, in_batches, looked_up, mixed
from corpus.tables import Column, Layout, OpenTable, Table

PAIRS: Layout = {
    "key": Column("u8"),  # of the two nodes' keys, in their order
    "odds": Column("f8"),
    "figures": Column("f4", width=len(Figures._fields)),
}

_AT_ONCE = 500_000  # hashes on both sides of a batch of pairs


class _Verified(NamedTuple):
    odds: Floats
    figures: NDArray[np.float32]


class Verifier:
    """Figures and log-odds of pairs of rows of the table of nodes, as a step of an engine."""

    def __init__(self, nodes: OpenTable, model: PairModel) -> None:
        self._nodes, self._model = nodes, model

    def __call__(self, pairs: Index) -> _Verified:
        """The figures of a batch."""
        rows, places = np.unique(pairs, return_inverse=True)
        with self._nodes.opened() as table:
            texts = texts_at(table, rows)
            found = figures(texts, places.reshape(-1, 2))
        held = np.stack(found, axis=1).astype(np.float32)
        return _Verified(log_odds(as_figures(held), self._model), held)


def as_figures(held: NDArray[np.float32]) -> Figures:
    """Rows of the table's figures as verification has them."""
    return Figures(*held.astype(np.float64).T)


def verified(
    table: Table, nodes: Table, steps: tuple[Engine, Verifier], keys: U64, at: Index, pairs: Index
) -> Index:
    """The row of each pair in the table of pairs, to which those that it lacked were added.

    `keys` and `at` say of the texts that `pairs` names what they are, and where they stand in `nodes`.
    """
    engine, verifier = steps
    names = mixed(keys[pairs[:, 0]], keys[pairs[:, 1]])
    found = looked_up(names, table.column("key"))
    missing = np.flatnonzero(found < 0)
    found[missing] = table.rows + np.arange(len(missing))
    lengths = nodes.ragged("grams").lengths + 50

    def parts() -> Iterator[Index]:
        rows = at[pairs[missing]]
        for batch in in_batches(lengths[rows].sum(axis=1), _AT_ONCE):
            yield rows[batch]

    begin = 0
    for answer in engine.each(verifier, parts()):
        some = missing[begin : begin + len(answer.odds)]
        begin += len(some)
        table.append({"key": names[some], "odds": answer.odds, "figures": answer.figures})
    if len(missing):
        table.seal()
    return found
