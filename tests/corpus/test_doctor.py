"""The doctor finds what would make a run fail, and says what to do."""

import sqlite3
from contextlib import closing
from pathlib import Path

from corpus.doctor import examine
from corpus.workbook import WORKBOOK, open_workbook


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
