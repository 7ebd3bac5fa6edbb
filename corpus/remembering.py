"""What was worked out once is remembered: rows of a table, found again by a key.

In: keys that tell things apart by all that decides the answer, and the work for those that are new. Out: the
row of each in the table. So what a new day does not touch is not done again, and the answer is that of a
table that begins with nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.rows import U64, Index, Rows, in_batches, looked_up
from corpus.tables import Table

Columns = Mapping[str, NDArray[Any] | Rows]
Work = Callable[[Iterable[Index]], Iterator[Columns]]
"""From batches of places among the keys to their columns, all but the key, in the order of the batches."""


def remembered(
    table: Table, keys: U64, size_of: Callable[[Index], Index], most: int, work: Work
) -> Index:
    """The row of each key in the table, to which those that it lacked are added and sealed.

    A key that stands several times is worked on once, where it stands first. `size_of` says what the
    work at some places costs; batches come to about `most`.
    """
    at = looked_up(keys, table.column("key"))
    missing = _numbered(at, keys, table.rows)
    batches = [missing[batch] for batch in in_batches(size_of(missing), most)]
    for batch, columns in zip(batches, work(batches), strict=True):
        table.append({"key": keys[batch], **columns})
    if batches:
        table.seal()
    return at


def _numbered(at: Index, keys: U64, rows: int) -> Index:
    """Give rows from `rows` on to the keys that have none (-1), and return where each stands first.

    They are numbered in the order in which they stand first.
    """
    missing = np.flatnonzero(at < 0)
    _, first, which = np.unique(keys[missing], return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    at[missing] = rows + rank[which]
    wanted: Index = missing[first[order]]
    return wanted
