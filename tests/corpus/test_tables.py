import os
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import DamagedData
from corpus.rows import rows_of
from corpus.seals import DamagedTable, faults, recipe_of
from corpus.tables import Column, Table, text_of, text_rows

LAYOUT = {
    "key": Column("u8"),
    "grams": Column("u4", ragged=True),
    "plain": Column("?", beside="grams"),
    "bands": Column("u4", width=2),
    "name": Column("u1", ragged=True),
}


def fill(table: Table, *keys: int) -> None:
    grams = rows_of(np.arange(key, dtype=np.uint32) for key in keys)
    table.append(
        {
            "key": np.array(keys, np.uint64),
            "grams": grams,
            "plain": grams.values % 2 == 0,
            "bands": np.repeat(np.array(keys, np.uint32), 2).reshape(-1, 2),
            "name": text_rows([str(key).encode() for key in keys]),
        }
    )


def table_of(folder: Path, *keys: int) -> None:
    """A sealed table with these keys."""
    with Table(folder, LAYOUT, "r") as table:
        fill(table, *keys)
        table.seal()


def keys(folder: Path, recipe: str | None = "r") -> list[int]:
    with Table(folder, LAYOUT, recipe) as table:
        found: list[int] = table.column("key").tolist()
        return found


def test_rows_come_back_as_they_were_added(tmp_path: Path) -> None:
    with Table(tmp_path, LAYOUT, "r") as table:
        fill(table, 3, 0)
        table.seal()
        fill(table, 2)
        table.seal()
    with Table(tmp_path, LAYOUT) as table:
        assert table.rows == 3
        grams = table.ragged("grams")
        assert [grams.row(n).tolist() for n in range(3)] == [[0, 1, 2], [], [0, 1]]
        assert table.column("plain").tolist() == [True, False, True, True, False]
        assert table.column("bands").tolist() == [[3, 3], [0, 0], [2, 2]]
        assert [text_of(table.ragged("name"), n) for n in range(3)] == [b"3", b"0", b"2"]


@pytest.mark.parametrize("small", [0, 1 << 20])
@pytest.mark.parametrize(
    "wanted", [[], [2], [0, 1, 2, 3, 4], [4, 0, 3], [1, 2, 1, 2, 2], [3, 4, 0, 1], [1, 1]]
)
def test_rows_are_taken_in_the_order_asked_for(
    tmp_path: Path, wanted: list[int], small: int
) -> None:
    with Table(tmp_path, LAYOUT, "r", small=small) as table:
        fill(table, 3, 0, 300)
        fill(table, 2, 40)
        table.seal()
        at = np.array(wanted, np.int64)
        grams, plain = table.taken("grams", at), table.taken("plain", at)
        names = table.taken("name", at)
        key = [(3, 0, 300, 2, 40)[n] for n in wanted]
    rows = [grams.row(n).tolist() for n in range(len(wanted))]
    assert rows == [list(range(count)) for count in key]
    assert plain.values.tolist() == [n % 2 == 0 for row in rows for n in row]
    assert [str(taken.values.dtype) for taken in (grams, plain)] == ["uint32", "bool"]
    assert grams.starts.tolist() == plain.starts.tolist()
    assert [text_of(names, n) for n in range(len(wanted))] == [str(n).encode() for n in key]


def test_rows_that_were_added_later_are_taken_once_they_are_sealed(tmp_path: Path) -> None:
    with Table(tmp_path, LAYOUT, "r") as table:
        for key in (5, 6, 7):
            fill(table, key)
            table.seal()
            last = table.taken("grams", np.array([table.rows - 1]))
            assert last.values.tolist() == list(range(key))


def test_an_opened_table_keeps_no_large_file_open_after_its_block(tmp_path: Path) -> None:
    with Table(tmp_path, LAYOUT, "r", small=0) as table:
        fill(table, 5)
        table.seal()
        opened = table.opened()
    for _ in range(2):
        with opened.opened() as reading:
            assert reading.taken("grams", np.array([0])).values.tolist() == [0, 1, 2, 3, 4]
            assert is_open(tmp_path / "grams")
        assert not is_open(tmp_path / "grams")


def is_open(path: Path) -> bool:
    return path in {link.resolve() for link in Path("/proc/self/fd").iterdir()}


@pytest.mark.parametrize("small", [0, 1 << 20])
def test_a_file_that_is_cut_while_it_is_read_is_named(tmp_path: Path, small: int) -> None:
    with Table(tmp_path, LAYOUT, "r", small=small) as table:
        fill(table, 5, 9)
        table.seal()
        os.truncate(tmp_path / "grams", 30)
        with pytest.raises(DamagedData, match="grams is shorter than was sealed"):
            table.taken("grams", np.array([0, 1]))


def test_a_file_that_was_cut_before_it_is_mapped_is_named(tmp_path: Path) -> None:
    with Table(tmp_path, LAYOUT, "r") as table:
        fill(table, 5, 9)
        table.seal()
        os.truncate(tmp_path / "key", 3)
        with pytest.raises(DamagedTable, match="key is shorter than was sealed"):
            table.column("key")


def test_what_was_not_sealed_does_not_count(tmp_path: Path) -> None:
    with Table(tmp_path, LAYOUT, "r") as table:
        fill(table, 1)
        table.seal()
        fill(table, 2)
    assert keys(tmp_path) == [1]
    with Table(tmp_path, LAYOUT, "r") as table:
        fill(table, 5)
        table.seal()
    assert keys(tmp_path) == [1, 5]


def test_a_table_of_another_recipe_begins_anew(tmp_path: Path) -> None:
    with Table(tmp_path, LAYOUT, "r") as table:
        fill(table, 1)
        table.seal()
    assert recipe_of(tmp_path) == "r"
    assert keys(tmp_path, "other") == []
    assert keys(tmp_path) == []


def test_a_table_that_was_cut_is_put_aside(tmp_path: Path) -> None:
    folder = tmp_path / "table"
    with Table(folder, LAYOUT, "r") as table:
        fill(table, 1, 2)
        table.seal()
    column = folder / "grams"
    column.write_bytes(column.read_bytes()[:-1])
    with Table(folder, LAYOUT, "r") as table:
        assert table.rows == 0
        assert table.began_anew == "grams is shorter than was sealed"
    assert (tmp_path / "table.damaged-1" / "grams").is_file()


def test_an_opened_table_shows_later_rows_to_whoever_opens_it_anew(tmp_path: Path) -> None:
    with Table(tmp_path, LAYOUT, "r") as table:
        fill(table, 1)
        table.seal()
        early = table.opened()
        fill(table, 2)
        table.seal()
        with table.opened().opened() as reading:
            assert reading.rows == 2
        with early.opened() as reading:
            assert reading.column("key")[:1].tolist() == [1]


def damage(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_damage_is_found_where_it_is_read_and_only_there(tmp_path: Path) -> None:
    table_of(tmp_path, 5, 6000, 6001)
    damage(tmp_path / "grams", 4 * 6005)  # the second 5-gram of the last row
    with Table(tmp_path, LAYOUT) as table:
        assert len(table.taken("grams", np.array([0])).values) == 5
        assert table.ragged("grams").lengths.tolist() == [5, 6000, 6001]
        with pytest.raises(DamagedTable, match="grams is not as it was written, at byte 20,480"):
            table.taken("grams", np.array([2]))
        with pytest.raises(DamagedTable):
            table.ragged("grams").row(0)


@pytest.mark.parametrize("name", ["key", "bands"])
def test_of_some_rows_damage_is_found_in_those_alone(tmp_path: Path, name: str) -> None:
    table_of(tmp_path, *range(600))
    damage(tmp_path / name, 8 * 550)
    with Table(tmp_path, LAYOUT) as table:
        assert table.some(name, np.array([40, 0, 0])).reshape(3, -1)[:, 0].tolist() == [40, 0, 0]
        with pytest.raises(DamagedTable, match=f"{name} is not as it was written"):
            table.some(name, np.array([0, 550]))


@pytest.mark.parametrize("name", ["key", "bands", "grams.ends", "name"])
def test_damage_in_what_is_read_whole_is_found(tmp_path: Path, name: str) -> None:
    table_of(tmp_path, 5, 6, 7)
    damage(tmp_path / name, 2)
    with Table(tmp_path, LAYOUT) as table, pytest.raises(DamagedTable, match=name):
        table.column("key")
        table.column("bands")
        table.taken("grams", np.array([0]))
        table.ragged("name").row(0)


def test_a_damaged_block_gets_no_new_checksum_by_what_is_added_to_it(tmp_path: Path) -> None:
    table_of(tmp_path, 5, 6)
    damage(tmp_path / "key", 0)
    with Table(tmp_path, LAYOUT, "r") as table, pytest.raises(DamagedTable, match="key"):
        fill(table, 7)


def test_what_was_added_to_a_table_is_whole_as_well(tmp_path: Path) -> None:
    for n in range(3):
        with Table(tmp_path, LAYOUT, "r") as table:
            fill(table, 1000 + n, 9)
            table.seal()
    assert list(faults(tmp_path)) == []
    damage(tmp_path / "plain", 2500)
    assert len(list(faults(tmp_path))) == 1


def test_a_table_that_is_not_kept_has_no_checksums(tmp_path: Path) -> None:
    with Table(tmp_path, LAYOUT, "r", durable=False) as table:
        fill(table, 5, 6)
        table.seal()
    damage(tmp_path / "key", 0)
    assert keys(tmp_path, None) == [4, 6]
