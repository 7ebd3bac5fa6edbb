from pathlib import Path

import numpy as np
import pytest

from corpus.before import Before

ROWS = {"nodes": 3, "pairs": 5}


def left(file: Path) -> None:
    Before(file, {}, durable=True).write("recipe", ROWS, {"labels": np.arange(4)})


def test_what_was_left_by_the_same_recipe_is_read(tmp_path: Path) -> None:
    file = tmp_path / "before.npz"
    left(file)
    held = Before(file, {"nodes": 3, "pairs": 9}, durable=False)
    assert held.read("recipe")["labels"].tolist() == [0, 1, 2, 3]
    assert held.read("another") == {}
    assert [path.name for path in tmp_path.iterdir()] == ["before.npz"]


def test_there_is_nothing_before_the_first_run(tmp_path: Path) -> None:
    assert Before(tmp_path / "before.npz", ROWS, durable=True).read("recipe") == {}


@pytest.mark.parametrize("rows", [{"nodes": 3, "pairs": 4}, {"nodes": 3}])
def test_rows_that_are_no_more_void_it_for_good(tmp_path: Path, rows: dict[str, int]) -> None:
    file = tmp_path / "before.npz"
    left(file)
    assert Before(file, rows, durable=True).read("recipe") == {}
    assert Before(file, ROWS, durable=True).read("recipe") == {}


@pytest.mark.parametrize("keep", [0, 10, -30])
def test_a_damaged_file_is_as_none(tmp_path: Path, keep: int) -> None:
    file = tmp_path / "before.npz"
    left(file)
    file.write_bytes(file.read_bytes()[:keep])
    assert Before(file, ROWS, durable=True).read("recipe") == {}
    assert not file.exists()
