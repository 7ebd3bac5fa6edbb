"""The doctor finds what would make a run fail, and says what to do."""

from pathlib import Path

from corpus.doctor import examine


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
