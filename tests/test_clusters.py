"""`wirecorpus clusters` as its user runs it, on a data folder of made-up articles."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands import Done, wirecorpus
from tests.corpus.made_up import story
from tests.corpus.made_up_data import article, clusters, snapshot, write_day


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two snapshots: two strangers; then a copy, a newcomer, and a word that the strangers are one."""
    folder = tmp_path_factory.mktemp("clusters") / "data"
    write_day(folder, article("one", story(1), "20"), article("two", story(2), "20"))
    snapshot(folder)
    write_day(folder, article("copy", story(1)[:6], "21"), article("new", story(3), "21"))
    (folder / "corrections.jsonl").write_text('{"must": ["one", "two"]}\n')
    snapshot(folder)
    return folder


OLDER, NEWER = "2026-11-20T0600Z", "2026-11-21T0600Z"


def ask(data: Path, *words: object) -> Done:
    return wirecorpus("clusters", *words, "--data", data)


def ids(data: Path, name: str) -> dict[str, str]:
    return {m.article_id: c.id for c in clusters(data, name) for m in c.members}


def test_diff_says_what_changed_in_words(data: Path) -> None:
    one, two, new = (ids(data, n)[k] for n, k in ((OLDER, "one"), (OLDER, "two"), (NEWER, "new")))
    done = ask(data, "diff")
    assert (done.code, done.err) == (0, "")
    merged = " + ".join(c.id for c in clusters(data, OLDER))
    assert {one, two} == set(merged.split(" + "))
    (kept,) = {one, two} & set(ids(data, NEWER).values())
    assert done.out.splitlines() == [
        f"{OLDER} -> {NEWER}",
        "  articles  2 -> 4",
        "  clusters  2 -> 2, 0 unchanged",
        "",
        "merged (1)",
        f"  {merged} -> {kept}  2 -> 3 articles (+1)  Headline of copy",
        "",
        "new (1)",
        f"  {new}  1 article  Headline of new",
    ]


def test_snapshots_may_be_named_or_pointed_at(data: Path) -> None:
    whole = ask(data, "diff", "--json")
    changes = [json.loads(line) for line in whole.out.splitlines()]
    assert [change["change"] for change in changes] == ["merged", "new"]
    assert json.loads(whole.err)["changes"] == [
        {"name": "merged", "count": 1},
        {"name": "new", "count": 1},
    ]
    older, newer = (data / "snapshots" / name for name in (OLDER, NEWER))
    assert ask(data, "diff", "--json", OLDER, "newest").out == whole.out
    assert wirecorpus("clusters", "diff", "--json", older, newer).out == whole.out
    assert wirecorpus("clusters", "diff", "--json", older / "clusters.jsonl", newer).out == (
        whole.out
    )


def test_a_snapshot_that_is_not_there_is_refused_with_those_that_are(data: Path) -> None:
    done = ask(data, "diff", "2020-01-01T0000Z", "newest")
    assert (done.code, done.out) == (2, "")
    assert f"2020-01-01T0000Z: is no snapshot of {data}" in done.err
    assert NEWER in done.err
    assert ask(data / "none", "diff").code == 2


def test_a_file_that_is_no_clusters_is_refused_and_nobody_told_to_delete_it(
    data: Path, tmp_path: Path
) -> None:
    (tmp_path / "news.jsonl").write_text('{"id": "c_1", "text": "A bridge."}\n')
    done = ask(data, "diff", tmp_path / "news.jsonl", "newest")
    assert (done.code, done.out) == (2, "")
    assert "news.jsonl: is no clusters.jsonl: line 1" in done.err
    assert "delete" not in done.err


def test_a_torn_clusters_file_is_damaged(data: Path, tmp_path: Path) -> None:
    whole = next((data / "snapshots").glob("*/clusters.jsonl")).read_text()
    (tmp_path / "clusters.jsonl").write_text(whole + '{"id": "c_1", "members": [')
    done = ask(data, "diff", tmp_path, "newest")
    assert (done.code, done.out) == (5, "")
    assert f"clusters.jsonl: line {whole.count(chr(10)) + 1}" in done.err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: edit(folder / "clusters.jsonl", lambda b: b[:-1]), "is missing or cut"),
        (lambda folder: (folder / "clusters.jsonl").unlink(), "is missing or cut"),
        (
            lambda folder: edit(
                folder / "clusters.jsonl", lambda b: b.replace(b"of one", b"of two")
            ),
            "was changed after it was made",
        ),
        (lambda folder: edit(folder / "manifest.json", lambda b: b[:-9]), "cannot be read"),
    ],
)
def test_a_snapshot_that_is_not_as_it_was_made_is_damaged(
    data: Path, tmp_path: Path, change: Callable[[Path], None], said: str
) -> None:
    copy = Path(shutil.copytree(data, tmp_path / "data"))
    change(copy / "snapshots" / NEWER)
    for words in (("diff",), ("show", "c_none"), ("diff", OLDER, NEWER)):
        done = ask(copy, *words)
        assert (done.code, done.out) == (5, "")
        assert f"{NEWER}: " in done.err
        assert f"{said}; delete this folder" in done.err


def edit(file: Path, change: Callable[[bytes], bytes]) -> None:
    before = file.read_bytes()
    file.write_bytes(change(before))
    assert file.read_bytes() != before


def test_show_finds_a_cluster_by_an_id_that_it_had(data: Path) -> None:
    now = ids(data, NEWER)["one"]
    (former,) = {ids(data, OLDER)[k] for k in ("one", "two")} - {now}
    done = ask(data, "show", former)
    assert done.code == 0
    assert (done.json["id"], done.json["merged_from"]) == (now, [former])
    assert ask(data, "show", now).json == done.json
    assert ask(data, "show", former, "--snapshot", "previous").json["id"] == former
    refused = ask(data, "show", "c_none")
    assert (refused.code, refused.out) == (2, "")
    assert "no cluster has the id 'c_none'" in refused.err


def test_show_finds_a_cluster_by_an_article_in_it(data: Path) -> None:
    now = ids(data, NEWER)
    for name in ("copy", "copy@1"):
        assert ask(data, "show", name).json["id"] == now["copy"]
    assert ask(data, "show", "copy@2").code == 2
