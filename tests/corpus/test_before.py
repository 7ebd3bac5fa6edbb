from pathlib import Path

import numpy as np
import pytest

from corpus.before import Before

ROWS = {"nodes": 3, "pairs": 5}
ARRAYS = {
    "labels": np.arange(4),
    "several": np.array([True]),
    "rounds": np.arange(6, dtype=np.int32).reshape(2, 3).T,
    "said": np.zeros(0, np.uint64),
}


def left(file: Path) -> None:
    before = Before(file, {}, durable=True)
    before.write("recipe", ROWS, ARRAYS)
    before.close()


def test_what_was_left_by_the_same_recipe_is_read(tmp_path: Path) -> None:
    file = tmp_path / "before.npz"
    left(file)
    held = Before(file, {"nodes": 3, "pairs": 9}, durable=False)
    assert held.read("recipe")["labels"].tolist() == [0, 1, 2, 3]
    assert held.read("another") == {}
    assert [path.name for path in tmp_path.iterdir()] == ["before.npz"]


def test_arrays_come_back_as_they_were_and_are_mapped(tmp_path: Path) -> None:
    left(tmp_path / "before.npz")
    held = Before(tmp_path / "before.npz", ROWS, durable=True).read("recipe")
    for name, values in ARRAYS.items():
        assert np.array_equal(held[name], values)
        assert held[name].dtype == values.dtype
        assert held[name].flags.aligned
        assert not held[name].flags.owndata


def test_a_file_that_numpy_wrote_itself_is_read(tmp_path: Path) -> None:
    file = tmp_path / "before.npz"
    about = {"recipe": np.array("r"), "tables": np.array(["nodes"]), "rows": np.array([3])}
    np.savez(file, allow_pickle=False, **about, **ARRAYS)
    held = Before(file, ROWS, durable=True).read("r")
    assert all(np.array_equal(held[name], values) for name, values in ARRAYS.items())


def test_numpy_reads_the_file(tmp_path: Path) -> None:
    left(tmp_path / "before.npz")
    with np.load(tmp_path / "before.npz", allow_pickle=False) as held:
        assert held["rounds"].tolist() == ARRAYS["rounds"].tolist()


def test_a_bit_that_turned_voids_the_file(tmp_path: Path) -> None:
    file = tmp_path / "before.npz"
    left(file)
    content = file.read_bytes()
    at = content.index(ARRAYS["labels"].tobytes())
    file.write_bytes(content[:at] + b"\x01" + content[at + 1 :])
    assert Before(file, ROWS, durable=True).read("recipe") == {}


def test_what_could_not_be_left_is_told_when_the_file_is_closed(tmp_path: Path) -> None:
    before = Before(tmp_path / "nowhere" / "before.npz", ROWS, durable=True)
    before.write("recipe", ROWS, ARRAYS)
    with pytest.raises(FileNotFoundError):
        before.close()


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
