from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpus.formats import write_parquet
from corpus.snapshot import MemberRow, PairRow


def row(n: int, published_at: str | None = None) -> MemberRow:
    return MemberRow(
        snapshot="s",
        cluster_id="c_1",
        story_id="s_1",
        article_id=f"a_{n}",
        version=n,
        outlet="Post",
        published_at=published_at,
        seen_at="",
        role="member",
        relation="near",
        jaccard=0.5,
        containment=1.0,
        wire_share=0.0,
        through_id="",
        through_version=0,
    )


def test_rows_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "members.parquet"
    assert write_parquet(path, [row(1), row(2, "2026-11-01T00:00:00Z")], MemberRow) == 2
    found = pq.read_table(path).to_pylist()
    assert [r["version"] for r in found] == [1, 2]
    assert [r["published_at"] for r in found] == [None, "2026-11-01T00:00:00Z"]
    assert list(found[0]) == list(MemberRow.__struct_fields__)


def test_types_do_not_depend_on_the_values(tmp_path: Path) -> None:
    for record in (MemberRow, PairRow):
        write_parquet(tmp_path / "empty.parquet", [], record)
        schema = pq.read_schema(tmp_path / "empty.parquet")
        assert "null" not in {str(field.type) for field in schema}
    write_parquet(tmp_path / "full.parquet", [row(1)], MemberRow)
    write_parquet(tmp_path / "none.parquet", [], MemberRow)
    assert pq.read_schema(tmp_path / "full.parquet") == pq.read_schema(tmp_path / "none.parquet")


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_parquet(tmp_path / name, (row(n) for n in range(2000)), MemberRow)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_more_rows_than_one_batch_are_all_written(tmp_path: Path) -> None:
    path = tmp_path / "many.parquet"
    assert write_parquet(path, (row(n) for n in range(50_001)), MemberRow) == 50_001
    assert pq.read_metadata(path).num_rows == 50_001


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "members.parquet"
    write_parquet(path, [row(1)], MemberRow)
    before = path.read_bytes()

    def broken() -> Iterator[MemberRow]:
        yield row(2)
        raise ValueError("the rows ended early")

    with pytest.raises(ValueError, match="ended early"):
        write_parquet(path, broken(), MemberRow)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
