import sqlite3
from pathlib import Path

import msgspec
import pytest

from crawler.errors import DamagedArchive
from crawler.lanes import RobotsCopy
from crawler.records import Due, HostNote, Place
from crawler.state import SCHEMA, State, Visit, next_visit

NOW = 1_700_000_000.0
HOUR, DAY = 3_600.0, 86_400.0
REVISIT = (HOUR, 6 * HOUR, DAY)
URL = "https://a.example/1"


def opened(tmp_path: Path) -> State:
    return State(tmp_path / "data" / "state.sqlite", REVISIT)


def due(url: str = URL, date: float = 0.0) -> Due:
    return Due(url, "article", "times", date)


def visit(at: float = NOW, sha256: str = "a" * 64, **more: object) -> Visit:
    made = Visit(
        url=URL,
        kind="article",
        source_id="times",
        at=at,
        status=200 if sha256 else 304,
        etag='"1"',
        last_modified="",
        captured_at="2023-11-14T22:13:20Z",
        sha256=sha256,
        place=Place("warc/x.warc.gz", 10, 20),
    )
    return msgspec.structs.replace(made, **more)


def test_what_a_listing_names_is_due_at_once_and_remembered(tmp_path: Path) -> None:
    state = opened(tmp_path)
    assert state.announce(due(), 0.0, NOW) == due(date=NOW)
    state.commit()
    state.close()
    again = opened(tmp_path)
    assert again.due_articles("times", NOW, 10) == (due(date=NOW),)
    assert again.due_articles("post", NOW, 10) == ()
    again.close()


def test_articles_are_due_newest_first_up_to_the_limit(tmp_path: Path) -> None:
    state = opened(tmp_path)
    for n, date in enumerate((3.0, 1.0, 2.0)):
        state.announce(due(f"{URL}{n}", date), 0.0, NOW)
    assert [d.date for d in state.due_articles("times", NOW, 2)] == [3.0, 2.0]
    state.close()


def test_a_leased_url_is_not_announced_again_and_is_due_after_the_run_died(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.announce(due(), 0.0, NOW)
    state.lease(URL)
    assert state.announce(due(), 0.0, NOW) is None
    assert state.due_articles("times", NOW, 10) == ()
    state.commit()
    state.close()
    again = opened(tmp_path)
    assert len(again.due_articles("times", NOW, 10)) == 1
    again.close()


def test_an_end_of_a_run_gives_its_leases_back(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.begin_run("r", NOW)
    state.announce(due(), 0.0, NOW)
    state.lease(URL)
    state.end_run("r", NOW + 1, "SIGTERM")
    assert len(state.due_articles("times", NOW, 10)) == 1
    state.close()


def test_a_visit_is_new_then_unchanged_then_changed(tmp_path: Path) -> None:
    state = opened(tmp_path)
    assert state.visit(visit()) == "new"
    assert state.visit(visit(NOW + 1)) == "unchanged"
    assert state.visit(visit(NOW + 2, sha256="")) == "unchanged"
    assert state.visit(visit(NOW + 3, sha256="b" * 64)) == "changed"
    state.close()


def test_validators_of_the_copy_are_kept_through_a_304_that_brings_none(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.visit(visit(last_modified="Mon"))
    state.visit(visit(NOW + 1, sha256="", etag="", captured_at="later"))
    known = state.known(due())
    assert (known.etag, known.last_modified) == ('"1"', "Mon")
    assert known.captured_at == "2023-11-14T22:13:20Z"
    state.close()


def test_validators_of_an_older_copy_are_not_kept_for_a_new_one(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.visit(visit())
    state.visit(visit(NOW + 1, sha256="b" * 64, etag=""))
    assert state.known(due()).etag == ""
    state.close()


def test_a_page_is_due_again_by_its_age(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.announce(due(), 0.0, NOW)
    state.visit(visit())
    assert state.announce(due(), 0.0, NOW + HOUR - 1) is None
    again = state.announce(due(), 0.0, NOW + HOUR)
    assert again is not None
    assert again.etag == '"1"'
    assert len(state.due_articles("times", NOW + HOUR, 10)) == 1
    state.close()


@pytest.mark.parametrize(
    ("last", "following"),
    [(0, HOUR), (HOUR - 1, HOUR), (HOUR, 6 * HOUR), (7 * HOUR, DAY), (DAY, None)],
)
def test_the_next_visit_is_the_first_step_not_covered(last: float, following: float | None) -> None:
    expected = None if following is None else NOW + following
    assert next_visit(NOW, NOW + last, REVISIT) == expected


def test_a_page_that_a_listing_calls_changed_is_due_at_once(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.visit(visit())
    assert state.announce(due(), NOW - 5, NOW + 10) is None
    assert state.announce(due(), NOW + 99, NOW + 10) is None, "a date to come says nothing"
    assert state.announce(due(), NOW + 5, NOW + 10) is not None
    state.close()


def test_a_listing_that_cries_wolf_is_not_believed_for_good(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.visit(visit())
    believed = 0
    for n in range(1, 8):
        now = NOW + 10 * n
        believed += state.announce(due(), now - 1, now) is not None
        state.visit(visit(now, sha256=""))
    assert believed == 3
    state.close()


def test_what_fails_is_tried_later_and_later_and_then_given_up(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.announce(due(), 0.0, NOW)
    now, waits = NOW, []
    for _ in range(5):
        state.failed(due(), 500, now)
        wait = next(h for h in range(1, 100) if state.due_articles("times", now + h * HOUR, 1))
        waits.append(wait)
        now += wait * HOUR
    assert waits == [1, 2, 4, 8, 16]
    state.failed(due(), 500, now)
    assert state.announce(due(), 0.0, now + 1000 * DAY) is None
    state.close()


@pytest.mark.parametrize("how", ["gone", "moved"])
def test_what_is_gone_or_moved_is_not_asked_again(tmp_path: Path, how: str) -> None:
    state = opened(tmp_path)
    state.announce(due(), 0.0, NOW)
    getattr(state, how)(due(), 410, NOW)
    assert state.announce(due(), 0.0, NOW + 1000 * DAY) is None
    assert state.due_articles("times", NOW + 1000 * DAY, 10) == ()
    state.close()


def test_what_robots_refuses_is_looked_at_again_in_a_day(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.announce(due(), 0.0, NOW)
    state.lease(URL)
    state.refused(URL, NOW)
    assert state.announce(due(), 0.0, NOW + HOUR) is None
    assert state.announce(due(), 0.0, NOW + DAY) is not None
    state.close()


def test_what_was_not_asked_is_due_again_at_once(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.announce(due(), 0.0, NOW)
    state.lease(URL)
    state.release(URL)
    assert len(state.due_articles("times", NOW, 10)) == 1
    state.close()


def test_hosts_are_left_alone_until_their_time(tmp_path: Path) -> None:
    state = opened(tmp_path)
    note = HostNote("a.example", "asked for a pause", NOW + 60)
    state.put_off_until(note)
    assert state.put_off("a.example", NOW) == note
    assert state.put_off("a.example", NOW + 61) is None
    assert state.put_off("b.example", NOW) is None
    state.close()


def test_robots_copies_go_by_origin_and_are_found_by_host(tmp_path: Path) -> None:
    state = opened(tmp_path)
    copy = RobotsCopy(b"User-agent: *", NOW, '"r"', "Mon", "2023-11-14T22:13:20Z")
    state.keep_robots("https://a.example", "a.example", copy)
    state.confirm_robots("https://a.example", NOW + 5)
    found = state.robots_copies("a.example")
    assert found == {"https://a.example": msgspec.structs.replace(copy, read_at=NOW + 5)}
    assert state.robots_copies("b.example") == {}
    state.close()


def test_unfinished_warc_files_are_known_with_how_much_was_taken(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.taken("warc/1.warc.gz", 100)
    state.taken("warc/2.warc.gz", 5, sealed=True)
    state.taken("warc/1.warc.gz", 200)
    assert state.unsealed() == (("warc/1.warc.gz", 200),)
    state.close()


def test_what_was_not_committed_is_forgotten(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.announce(due(), 0.0, NOW)
    state.close()
    again = opened(tmp_path)
    assert again.due_articles("times", NOW, 10) == ()
    again.close()


def test_a_state_of_a_newer_program_is_refused_untouched(tmp_path: Path) -> None:
    opened(tmp_path).close()
    path = tmp_path / "data" / "state.sqlite"
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA + 2}")
    db.close()
    with pytest.raises(
        DamagedArchive, match=r"newer wirecorpus \(schema 3, this program knows 1\): upgrade"
    ):
        opened(tmp_path)


def test_a_file_that_is_no_state_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "data" / "state.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"This is no database." * 100)
    with pytest.raises(DamagedArchive, match="set the file aside"):
        opened(tmp_path)
