from pathlib import Path

import pytest

from crawler.alerts import alerts_of, quiet_for
from crawler.cli import exit_code
from crawler.records import HostNote, SourceOutcome
from tests.crawler.loopback import Loopback, reply
from tests.crawler.test_run import config, run, small_web

HOUR = 3_600.0
HOURLY = tuple(n * HOUR for n in range(40))


@pytest.mark.parametrize(("pause", "quiet"), [(1, False), (5, False), (7, True), (100, True)])
def test_a_source_is_quiet_by_its_own_rhythm(pause: int, quiet: bool) -> None:
    assert bool(quiet_for(HOURLY, HOURLY[-1] + pause * HOUR)) is quiet


def test_a_weekly_paper_is_not_quiet_after_ten_days() -> None:
    weekly = tuple(n * 7 * 24 * HOUR for n in range(20))
    assert not quiet_for(weekly, weekly[-1] + 10 * 24 * HOUR)
    assert quiet_for(weekly, weekly[-1] + 30 * 24 * HOUR)


def test_of_a_source_that_is_hardly_known_nothing_is_said() -> None:
    assert not quiet_for(HOURLY[:5], 1e9)


def test_a_story_ends_the_quiet() -> None:
    late = HOURLY[-1] + 90 * HOUR
    assert [a.kind for a in alerts_of(SourceOutcome("a"), HOURLY, (), late)] == ["quiet"]
    assert alerts_of(SourceOutcome("a", new=1), HOURLY, (), late) == ()


def test_a_host_that_only_refuses_is_told() -> None:
    notes = (HostNote("a.example", "5 refusals in a row"), HostNote("a.example", "answers slowly"))
    assert [a.kind for a in alerts_of(SourceOutcome("a"), (), notes, 0.0)] == ["all_refused"]


def test_a_source_whose_pages_turn_into_walls_is_told(tmp_path: Path) -> None:
    wall = reply(b"<html><title>Before you continue</title>", Content_Type="text/html")
    with Loopback(small_web(6) | {f"/{n}": wall for n in range(5)}) as web:
        report = run(config(tmp_path, web.address))
    (alert,) = report.alerts
    assert (alert.source_id, alert.kind) == ("a", "no_stories")
    assert alert.words == "5 of 6 pages are walls, error pages, or none"
    assert exit_code(report) == 3


def test_some_walls_among_many_stories_are_no_alert() -> None:
    few = (SourceOutcome("a", new=4, no_story=4), SourceOutcome("a", new=20, no_story=6))
    assert [alerts_of(one, (), (), 0.0) for one in few] == [(), ()]


def test_a_robots_txt_that_closes_raises_an_alert_and_the_exit_code(tmp_path: Path) -> None:
    with Loopback(small_web()) as web:
        settings = config(tmp_path, web.address)
        assert run(settings).alerts == ()
        web.answers["/robots.txt"] = reply(b"User-agent: *\nDisallow: /\n")
        report = run(settings, 2)
    (alert,) = report.alerts
    assert (alert.source_id, alert.kind) == ("a", "robots_closed")
    assert exit_code(report) in (3, 4)
