import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from crawler.database import SCHEMA
from crawler.errors import ConfigError, DamagedArchive, Locked
from crawler.lanes import RobotsCopy
from crawler.records import Due, HostNote, Place
from crawler.state import State, Visit

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


def visited(
    tmp_path: Path,
    changed_at: tuple[float, ...] = (),
    *,
    stretch: bool = True,
    same_story: bool = False,
) -> list[float]:
    """The ages at which a page is visited that is asked for whenever it is due."""
    path, plan = tmp_path / "data" / "state.sqlite", (HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY)
    bodies, ages, now = iter("bcdef"), [], NOW
    state = State(path, plan, stretch=stretch)
    state.visit(visit())
    state.commit()
    state.close()
    while True:
        # Each visit is another run's.
        state = State(path, plan, stretch=stretch)
        later = [t for t in (NOW + step for step in plan) if t > now]
        now = next((t for t in later if state.due_articles("times", t, 1)), 0.0)
        if now:
            ages.append(now - NOW)
            new = next(bodies) * 64 if now - NOW in changed_at else ""
            state.visit(visit(now, sha256=new, same_story=same_story and bool(new)))
            state.commit()
        state.close()
        if not now:
            return ages


def test_a_page_that_stays_as_it_is_is_asked_for_less_often_but_at_the_end(tmp_path: Path) -> None:
    assert visited(tmp_path) == [HOUR, 6 * HOUR, 3 * DAY, 7 * DAY]


def test_a_page_is_asked_for_at_every_step_where_that_is_wanted(tmp_path: Path) -> None:
    assert visited(tmp_path, stretch=False) == [HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY]


@pytest.mark.parametrize("when", [HOUR, 6 * HOUR])
def test_a_page_that_changed_is_asked_for_at_every_step_again(tmp_path: Path, when: float) -> None:
    assert visited(tmp_path, (when,)) == [HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY]


def test_a_page_that_tells_the_same_story_in_other_bytes_stays_as_it_is(tmp_path: Path) -> None:
    plan = (HOUR, 6 * HOUR, 3 * DAY)
    assert visited(tmp_path, plan, same_story=True) == [*plan, 7 * DAY]


def test_such_a_visit_is_counted_as_changed_and_its_validators_are_the_new_ones(
    tmp_path: Path,
) -> None:
    state = opened(tmp_path)
    state.visit(visit())
    assert state.visit(visit(NOW + HOUR, "b" * 64, etag='"2"', same_story=True)) == "changed"
    assert state.known(due()).etag == '"2"'
    copy = state.copy_of(URL)
    assert copy is not None
    assert copy.sha256 == "b" * 64
    state.close()


def test_what_was_left_out_is_not_due_before_its_next_step(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.visit(visit())
    until = state.step_after(URL, NOW + HOUR)
    assert until == NOW + 6 * HOUR
    state.leave_out(URL, until)
    assert state.due_articles("times", NOW + 6 * HOUR - 1, 1) == ()
    assert len(state.due_articles("times", NOW + 6 * HOUR, 1)) == 1
    assert state.step_after(URL, NOW + 6 * HOUR) is None
    state.close()


def test_visits_that_a_listing_asked_for_in_vain_leave_the_plan_as_it_is(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite", (HOUR, 6 * HOUR, DAY, 3 * DAY))
    state.visit(visit())
    for n in (1, 2, 3):
        state.visit(visit(NOW + n, sha256=""))
    assert len(state.due_articles("times", NOW + HOUR, 1)) == 1
    state.close()


def test_a_state_of_before_pages_were_seen_unchanged_is_gone_on_with(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.visit(visit())
    state.commit()
    state.close()
    with closing(sqlite3.connect(tmp_path / "data" / "state.sqlite")) as db, db:
        db.execute("ALTER TABLE urls DROP COLUMN unchanged")
    reading = State(tmp_path / "data" / "state.sqlite", read_only=True)
    assert len(reading.due_articles("times", NOW + HOUR, 1)) == 1
    reading.close()
    state = opened(tmp_path)
    assert state.visit(visit(NOW + HOUR, sha256="")) == "unchanged"
    assert len(state.due_articles("times", NOW + 6 * HOUR, 1)) == 1
    state.close()


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
    state.hold_host(note)
    assert state.held_hosts(NOW) == {"a.example": note}
    assert state.held_hosts(NOW + 61) == {}
    state.begin_run("r", NOW + 61)
    assert state.held_hosts(NOW) == {}, "forgotten"
    state.close()


def test_robots_copies_go_by_origin_and_are_found_by_host(tmp_path: Path) -> None:
    state = opened(tmp_path)
    there = "https://www.a.example/robots.txt"
    copy = RobotsCopy(b"User-agent: *", NOW, '"r"', "Mon", "2023-11-14T22:13:20Z", there)
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


def test_a_state_damaged_in_its_middle_is_told_as_damage(tmp_path: Path) -> None:
    state = opened(tmp_path)
    for n in range(200):
        state.announce(due(f"{URL}/{n}"), 0.0, NOW)
    state.commit()
    state.close()
    path = tmp_path / "data" / "state.sqlite"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xde\xad" * ((len(whole) - 4096) // 2))
    with pytest.raises(DamagedArchive, match="set the file aside"):
        opened(tmp_path)
    reading = State(path, read_only=True)
    with pytest.raises(DamagedArchive, match=r"state\.sqlite"):
        reading.url_counts()
    reading.close()


def test_a_state_that_another_program_writes_to_is_locked(tmp_path: Path) -> None:
    opened(tmp_path).close()
    other = sqlite3.connect(tmp_path / "data" / "state.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Locked, match="try again"):
        opened(tmp_path)
    other.close()


def test_a_state_that_may_not_be_opened_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "data" / "state.sqlite").mkdir(parents=True)
    with pytest.raises(ConfigError, match=r"state\.sqlite"):
        opened(tmp_path)


def test_reading_only_writes_nothing_and_finds_what_a_run_would(tmp_path: Path) -> None:
    path = tmp_path / "data" / "state.sqlite"
    nothing = State(path, read_only=True)
    assert nothing.due_articles("times", NOW, 10) == ()
    nothing.close()
    assert not path.exists()
    state = opened(tmp_path)
    for name in ("taken", "given up"):
        state.announce(due(URL + name), 0.0, NOW)
    state.lease(URL + "taken")
    for _ in range(6):
        state.failed(due(URL + "given up"), 500, NOW)
    state.commit()
    reading = State(path, read_only=True)
    assert [d.url for d in reading.due_articles("times", NOW + 99 * DAY, 10)] == [URL + "taken"]
    assert reading.url_counts() == (("due", 1), ("gone", 1))
    reading.close()
    state.close()


def test_what_leads_elsewhere_for_the_time_being_is_asked_again_by_its_age(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.announce(due(), 0.0, NOW)
    state.led_elsewhere(due(), 302, NOW)
    assert state.announce(due(), 0.0, NOW + HOUR - 1) is None
    assert state.announce(due(), 0.0, NOW + HOUR) is not None
    state.led_elsewhere(due(), 302, NOW + 2 * DAY)
    assert state.due_articles("times", NOW + 99 * DAY, 10) == (), "not for ever"
    state.close()


def test_only_who_read_the_copy_asks_with_its_validators(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.visit(visit(kind="feed"))
    state.read_by(URL, ["times"])
    due = Due(URL, "feed", "times")
    assert state.listing(due, ["times"]).etag == '"1"'
    assert state.listing(due, ["times", "post"]).etag == ""
    state.read_by(URL, ["post"])
    assert state.readers(URL) == {"post"}, "a newer copy"
    state.close()


def test_what_a_listing_names_replaces_what_it_named_before(tmp_path: Path) -> None:
    state = opened(tmp_path)
    old, new, newer = (Due(f"{URL}{n}", "sitemap", "times", float(n), depth=1) for n in range(3))
    state.names(URL, "times", [old, new])
    state.names(URL, "times", [new, newer])
    assert state.named(URL, "times") == (newer, new)
    assert state.named(URL, "post") == ()
    state.close()


def test_what_cannot_be_had_is_not_due_for_a_month_whatever_listings_say(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.visit(visit())
    state.shut(Due(URL, "article", "times"), 403, NOW)
    assert state.due_articles("times", NOW + 29 * 86_400, 9) == ()
    assert state.announce(Due(URL, "article", "times"), NOW + 500, NOW + 1_000) is None
    month = NOW + 31 * 86_400
    assert state.due_articles("times", month, 9)
    state.shut(Due(URL, "article", "times"), 403, month)
    state.shut(Due(URL, "article", "times"), 403, 2 * month)
    assert state.due_articles("times", 9 * month, 9) == (), "given up after three times"
    assert state.announce(Due(URL, "article", "times"), 9 * month - 1, 9 * month) is None
    state.close()


@pytest.mark.parametrize(
    ("status", "days", "asked"), [(404, 6, False), (404, 8, True), (410, 8, False)]
)
def test_a_page_that_is_gone_is_asked_again_for_news_of_it_after_a_week_if_at_all(
    tmp_path: Path, status: int, days: int, asked: bool
) -> None:
    state = opened(tmp_path)
    due, later = Due(URL, "article", "times"), NOW + days * 86_400
    state.gone(due, status, NOW)
    assert bool(state.announce(due, later - 5, later)) == asked
    state.close()


def test_a_listing_that_is_gone_is_left_for_an_hour_then_longer(tmp_path: Path) -> None:
    state = opened(tmp_path)
    due = Due(URL, "feed", "times")
    state.shut(due, 410, NOW)
    until, status = state.shut_until(URL, NOW + 1)
    assert (until, status) == (NOW + 3_000, 410)
    assert state.shut_until(URL, until + 1) == (0.0, 0)
    state.shut(due, 410, NOW)
    assert state.shut_until(URL, NOW + 1)[0] == NOW + 6_000
    state.close()
