from pathlib import Path

from crawler.starts import NAME, Starts


def test_what_a_dead_run_noted_is_there_for_the_next(tmp_path: Path) -> None:
    with Starts(tmp_path) as starts:
        starts.note("a.example", 10.5)
        starts.note("a.example", 12.25)
        starts.note("b.example", 7.0)
    with Starts(tmp_path) as starts:
        assert starts.left() == {"a.example": 12.25, "b.example": 7.0}
        starts.clear()
        assert starts.left() == {}


def test_a_line_that_was_cut_short_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"a.example 10.5\nb.exam\nc.example")
    with Starts(tmp_path) as starts:
        assert starts.left() == {"a.example": 10.5}
