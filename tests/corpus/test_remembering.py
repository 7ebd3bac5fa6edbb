from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from corpus.remembering import Columns, remembered
from corpus.rows import U64, Index
from corpus.tables import Column, Table

LAYOUT = {"key": Column("u8"), "square": Column("u8")}


class Squares:
    """Work that tells what it was asked for, and in which batches."""

    def __init__(self, keys: U64) -> None:
        self.keys, self.batches = keys, list[list[int]]()

    def __call__(self, batches: Iterable[Index]) -> Iterator[Columns]:
        for batch in batches:
            self.batches.append(self.keys[batch].tolist())
            yield {"square": self.keys[batch] ** 2}


def looked_up(folder: Path, keys: list[int], most: int = 100) -> tuple[list[int], list[list[int]]]:
    """The squares of the keys, and what was worked on."""
    wanted = np.array(keys, np.uint64)
    work = Squares(wanted)
    with Table(folder, LAYOUT, "squares") as table:
        at = remembered(table, wanted, np.ones_like, most, work)
        return table.column("square")[at].tolist(), work.batches


def test_what_is_remembered_is_not_worked_out_again(tmp_path: Path) -> None:
    assert looked_up(tmp_path, [3, 5]) == ([9, 25], [[3, 5]])
    assert looked_up(tmp_path, [5, 7, 3]) == ([25, 49, 9], [[7]])
    assert looked_up(tmp_path, [7, 5]) == ([49, 25], [])


def test_a_key_that_stands_several_times_is_worked_out_where_it_stands_first(
    tmp_path: Path,
) -> None:
    assert looked_up(tmp_path, [9, 4, 9, 2, 4]) == ([81, 16, 81, 4, 16], [[9, 4, 2]])


def test_work_comes_in_batches_of_a_size(tmp_path: Path) -> None:
    assert looked_up(tmp_path, [1, 2, 3, 4, 5], 2)[1] == [[1, 2], [3, 4], [5]]


def test_no_keys_are_no_rows(tmp_path: Path) -> None:
    assert looked_up(tmp_path, []) == ([], [])
