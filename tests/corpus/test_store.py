"""Shards appear whole and stamped, or not at all."""

import errno
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import store
from corpus.errors import DamagedShard, DiskFull
from corpus.records import Count

RECIPE = store.Recipe("count", "1", "settings", "input")


def write(path: Path, *counts: Count, recipe: store.Recipe = RECIPE) -> store.Stamp:
    with store.ShardWriter(path) as writer:
        for count in counts:
            writer.write(count)
        return writer.seal(recipe)


def test_a_sealed_shard_reads_back_and_is_current(tmp_path: Path) -> None:
    shard = tmp_path / "date=2026-11-23" / "run.jsonl"
    stamp = write(shard, Count("a", 1), Count("b", 2))
    assert list(store.read_shard(shard, Count)) == [Count("a", 1), Count("b", 2)]
    assert (stamp.lines, stamp.bytes) == (2, shard.stat().st_size)
    assert store.file_sha256(shard) == stamp.sha256
    assert store.is_current(shard, RECIPE, {})


def test_an_unsealed_shard_leaves_nothing_behind(tmp_path: Path) -> None:
    with store.ShardWriter(tmp_path / "run.jsonl") as writer:
        writer.write(Count("a", 1))
    assert list(tmp_path.iterdir()) == []


def test_a_failure_while_writing_keeps_the_shard_of_before(tmp_path: Path) -> None:
    shard = tmp_path / "run.jsonl"
    write(shard, Count("a", 1))
    with pytest.raises(ZeroDivisionError), store.ShardWriter(shard) as writer:
        writer.write(Count("b", 2))
        raise ZeroDivisionError
    assert list(store.read_shard(shard, Count)) == [Count("a", 1)]
    assert store.is_current(shard, RECIPE, {})


@pytest.mark.parametrize("field", ["stage", "version", "settings", "input"])
def test_any_other_recipe_makes_a_shard_due(tmp_path: Path, field: str) -> None:
    shard = tmp_path / "run.jsonl"
    write(shard, Count("a", 1))
    changed = {f: getattr(RECIPE, f) for f in RECIPE.__struct_fields__} | {field: "other"}
    assert not store.is_current(shard, store.Recipe(**changed), {})


def test_a_shard_is_due_when_a_part_it_took_over_changed(tmp_path: Path) -> None:
    shard = tmp_path / "run.jsonl"
    with store.ShardWriter(shard) as writer:
        writer.seal(RECIPE, (store.Dependency("source:a", "1"), store.Dependency("source:b", "")))
    assert store.is_current(shard, RECIPE, {"source:a": "1", "source:c": "9"})
    for parts in ({"source:a": "2"}, {}, {"source:a": "1", "source:b": "3"}):
        assert not store.is_current(shard, RECIPE, parts), "changed, taken out, added"


def test_a_torn_shard_is_not_current_and_is_kept_aside(tmp_path: Path) -> None:
    shard = tmp_path / "run.jsonl"
    write(shard, Count("a", 1), Count("b", 2))
    whole = shard.read_bytes()
    shard.write_bytes(whole[:-5])
    assert not store.is_current(shard, RECIPE, {})
    assert store.set_aside(shard).read_bytes() == whole[:-5]
    assert not shard.exists()


def test_a_torn_line_is_named_with_its_place_and_a_remedy(tmp_path: Path) -> None:
    shard = tmp_path / "run.jsonl"
    write(shard, Count("a", 1), Count("b", 2))
    shard.write_bytes(shard.read_bytes()[:-5])
    with pytest.raises(DamagedShard, match=r"run\.jsonl: line 2 .*line is torn.*wirecorpus build"):
        list(store.read_shard(shard, Count))


def test_a_shard_that_was_edited_in_its_length_is_found_when_it_is_read(tmp_path: Path) -> None:
    shard = tmp_path / "run.jsonl"
    write(shard, Count("a", 1), Count("b", 2))
    shard.write_bytes(shard.read_bytes().replace(b'"b"', b'"c"'))
    with pytest.raises(DamagedShard, match="changed after it was sealed"):
        list(store.read_shard(shard, Count))


def test_leftovers_of_a_killed_process_are_swept(tmp_path: Path) -> None:
    (tmp_path / "date=1").mkdir()
    (tmp_path / "date=1" / "run.jsonl.tmp").write_text("half")
    (tmp_path / "2026.tmp").mkdir()
    (tmp_path / "2026.tmp" / "clusters.jsonl").write_text("half")
    (tmp_path / "date=1" / "other.jsonl").write_text("whole")
    store.sweep(tmp_path)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["other.jsonl"]


def test_a_full_disk_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match="Make room"), store.disk_errors(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    with pytest.raises(DiskFull, match="Make room"), store.disk_errors(tmp_path):
        raise full
    with pytest.raises(PermissionError), store.disk_errors(tmp_path):
        raise PermissionError(errno.EACCES, "Permission denied")


@given(st.lists(st.tuples(st.text(max_size=20), st.integers(0, 9))))
def test_the_same_records_make_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("shards")
    records = [Count(name, n) for name, n in rows]
    one, two = write(folder / "1.jsonl", *records), write(folder / "2.jsonl", *records)
    assert one == two
    assert list(store.read_shard(folder / "1.jsonl", Count)) == records
