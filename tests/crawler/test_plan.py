"""`--dry-run`: what a run would ask for, what robots.txt says of it, and when it could be over."""

from datetime import datetime
from pathlib import Path

import msgspec

from crawler.config import Config
from crawler.lanes import RobotsCopy
from crawler.plan import UNKNOWN, Planned, plan
from crawler.records import Due, HostNote, Place, Source
from crawler.state import State, Visit
from tests.crawler.test_run import SETTINGS

NOW = 1_795_500_000.0
ROBOTS = b"User-agent: *\nDisallow: /private\nCrawl-delay: 5\n"


def planned(
    tmp_path: Path,
    *urls: str,
    robots: bytes | None = ROBOTS,
    held: HostNote | None = None,
    **crawl: object,
) -> Planned:
    """The plan for a source whose feed and these articles are due."""
    state = State(tmp_path / "state.sqlite")
    for number, url in enumerate(urls):
        state.announce(Due(url, "article", "a", NOW - number), 0.0, NOW - 9)
    if robots is not None:
        copy = RobotsCopy(robots, NOW - 60)
        state.keep_robots("http://a.example", "a.example", copy)
    if held:
        state.hold_host(held)
    state.commit()
    state.close()
    source = Source(id="a", feeds=("http://a.example/rss",))
    settings = msgspec.structs.replace(SETTINGS, delay=2.0, allow_networks=(), **crawl)
    (row,) = plan(Config(tmp_path / "w.toml", tmp_path, settings, (source,), {}), NOW)
    return row


def finish(row: Planned) -> float:
    """Seconds from now to the earliest finish."""
    return datetime.fromisoformat(row.earliest_finish).timestamp() - NOW


def test_each_url_is_shown_with_the_line_that_decides_and_when_that_was_read(
    tmp_path: Path,
) -> None:
    row = planned(tmp_path, "http://a.example/1", "http://a.example/private/2")
    assert [one.robots.allowed for one in row.urls] == [True, True, False]
    refused = row.urls[2]
    assert refused.fate == "refused: Disallow: /private"
    assert refused.robots.checked_at == "2026-11-24T05:59:00Z"
    assert (row.listings, row.articles, row.refused, row.put_off) == (1, 2, 1, 0)


def test_where_robots_txt_was_not_read_the_verdict_is_not_known_yet(tmp_path: Path) -> None:
    row = planned(tmp_path, "http://a.example/1", robots=None)
    assert {one.robots for one in row.urls} == {UNKNOWN}
    assert row.refused == 0


def test_the_earliest_finish_is_the_hosts_pace_times_its_requests(tmp_path: Path) -> None:
    links = ["http://a.example/1", "http://a.example/private/2", "http://a.example/3"]
    # robots.txt, the feed and two stories: three gaps.
    assert finish(planned(tmp_path / "1", *links)) == 3 * 5.0
    assert finish(planned(tmp_path / "2", *links, robots=None)) == 4 * 2.0


def test_hosts_of_one_domain_take_turns(tmp_path: Path) -> None:
    row = planned(tmp_path, "http://www.a.example/1", robots=None)
    assert finish(row) == 3 * 2.0


def test_a_host_that_asked_for_a_pause_is_put_off_or_waited_for(tmp_path: Path) -> None:
    long = HostNote("a.example", "answers 429 with Retry-After 86400 s", NOW + 86_400)
    row = planned(tmp_path / "1", "http://a.example/1", held=long)
    assert (row.put_off, finish(row)) == (2, 0.0)
    assert "until 2026-11-25T06:00:00Z" in row.urls[0].fate
    short = HostNote("a.example", "", NOW + 60)
    assert finish(planned(tmp_path / "2", "http://a.example/1", held=short)) == 60 + 2 * 5.0


def test_a_host_that_is_only_on_trial_is_asked(tmp_path: Path) -> None:
    held = HostNote("a.example", "5 failures in a row", NOW + 3_000)
    row = planned(tmp_path, "http://a.example/1", held=held)
    assert (row.put_off, finish(row)) == (0, 2 * 5.0)


def test_a_crawl_delay_over_the_cap_puts_the_host_off(tmp_path: Path) -> None:
    row = planned(tmp_path, max_crawl_delay=4.0)
    assert row.urls[0].put_off == "asks for a Crawl-delay of 5 s"


def test_repeats_that_may_be_left_to_their_next_visit_are_told_apart(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite", (3_600.0, 86_400.0))
    urls = [f"http://a.example/{n}" for n in range(9)]
    for number, url in enumerate(urls):
        state.announce(Due(url, "article", "a", NOW - 1e7 - number), 0.0, NOW - 4_000)
        place = Place("w", 0, 1)
        visit = Visit(url, "article", "a", NOW - 4_000, 200, "", "", "then", f"{number}", place)
        state.visit(visit)
    state.commit()
    state.close()
    row = planned(tmp_path, robots=None, revisit=("1h", "1d"))
    assert [one.url for one in row.urls if one.waits] == urls[6:]
    assert (row.articles, row.waiting) == (9, 3)
    # robots.txt, the feed and the six others.
    assert finish(row) == 7 * 2.0
