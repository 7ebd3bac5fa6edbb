"""The doctor finds what would make a run fail, and says what to do."""

import sqlite3
from contextlib import closing
from pathlib import Path

from corpus.clustering import held_alone
from corpus.doctor import CLUSTERS, Finding, examine, examine_index
from corpus.workbook import WORKBOOK, open_workbook
from tests.clustered import clustered
from tests.corpus.made_up import SETTINGS, document, story


def index(folder: Path) -> Path:
    """An index of two articles."""
    documents = [document("a", story(1)), document("b", story(1)[:5])]
    with clustered(documents, SETTINGS, 14, 1, folder):
        return folder


def damage(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes((content[-1] ^ 1,)))


def told(findings: list[Finding]) -> list[tuple[str, str, bool]]:
    return [(f.name, f.verdict, f.damage) for f in findings]


def test_an_index_is_whole_or_it_is_told_what_is_not(tmp_path: Path) -> None:
    held = index(tmp_path / "index")
    assert told(list(examine_index(held))) == [("index", "ok", False)]
    damage(held / "pairs" / "figures")
    damage(held / "before.npz")
    (derived,) = examine_index(held)
    assert told([derived]) == [("index", "fault", True)]
    assert derived.detail.startswith("pairs/figures is not as it was written")
    assert str(held / "pairs") in derived.remedy
    damage(held / "documents" / "packed")
    texts, derived = examine_index(held)
    assert texts.detail.startswith("documents/packed is not as it was written")
    assert "copy" in texts.remedy
    (held / "documents" / "sealed.json").unlink()
    assert next(examine_index(held)).detail == "documents/sealed.json is missing"


def test_what_the_last_run_left_is_looked_at_as_well(tmp_path: Path) -> None:
    held = index(tmp_path / "index")
    content = bytearray((held / "before.npz").read_bytes())
    content[content.index(b"NUMPY") + 20] ^= 1
    (held / "before.npz").write_bytes(content)
    (found,) = examine_index(held)
    assert found.detail.startswith("before.npz/")


def test_a_folder_that_is_no_index_or_busy_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert told(list(examine_index(tmp_path / "mine"))) == [("index", "fault", False)]
    held = index(tmp_path / "index")
    with held_alone(held):
        assert told(list(examine_index(held))) == [("index", "warning", False)]


def test_what_clustering_keeps_in_a_data_folder_can_be_made_again(tmp_path: Path) -> None:
    def found() -> Finding:
        (finding,) = (f for f in examine(tmp_path, None) if f.name == "clusters")
        return finding

    index(tmp_path / CLUSTERS)
    assert found().verdict == "ok"
    damage(tmp_path / CLUSTERS / "documents" / "grams")
    assert found().verdict == "warning"
    assert "the next build makes it again" in found().remedy


def test_a_fit_machine_has_no_fault(tmp_path: Path) -> None:
    findings = list(examine(tmp_path / "data", "someone@gazette.example"))
    assert [f for f in findings if f.verdict == "fault"] == []
    assert {"python", "packages", "workers", "locks", "sqlite", "disk"} <= {
        f.name for f in findings
    }
    assert list(tmp_path.iterdir()) == [], "looking leaves nothing behind"


def test_a_missing_contact_is_a_fault_with_a_remedy(tmp_path: Path) -> None:
    faults = [f for f in examine(tmp_path, "") if f.verdict == "fault"]
    assert [f.name for f in faults] == ["contact"]
    assert "contact =" in faults[0].remedy


def test_without_a_configuration_no_contact_is_asked_for(tmp_path: Path) -> None:
    assert "contact" not in {f.name for f in examine(tmp_path, None)}


def test_what_was_kept_is_counted_and_damage_in_it_told(tmp_path: Path) -> None:
    def found() -> str:
        (finding,) = (f for f in examine(tmp_path, None) if f.name == "workbook")
        return f"{finding.verdict}: {finding.detail}"

    path = tmp_path / WORKBOOK
    with open_workbook(path, "1") as book:
        for n in range(3):
            book.put(bytes((n,)), b"content")
    assert found().startswith("ok: 3 answers and lessons kept")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE content SET content = x'00' WHERE key = x'01'")
    assert found().startswith("warning: 3 answers and lessons kept")
    assert found().endswith("1 of them damaged")
    path.write_bytes(b"no database" * 4000)
    assert found().startswith("warning: file is not a database")
