import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from crawler.archive import read_captures
from crawler.cli import exit_code
from crawler.config import Config
from crawler.errors import ConfigError, DamagedArchive
from crawler.records import (
    Capture,
    CrawlProgress,
    CrawlReport,
    CrawlSettings,
    Source,
    SourceOutcome,
)
from crawler.run import crawl
from tests.crawler.loopback import Answer, Loopback, endless, reply, slow, validated
from tests.crawler.test_recorder import check
from tests.newsweb.content import outlets
from tests.newsweb.demo import sources_of
from tests.newsweb.server import NewsWeb
from tests.newsweb.site import resources

ROBOTS = "User-agent: *\nDisallow: /private/\n"
SETTINGS = CrawlSettings(
    contact="crawler@uni.example",
    delay=0.02,
    allow_networks=("127.31.0.0/16", "127.10.0.0/16"),
    first_byte_timeout=2.0,
    total_timeout=3.0,
    max_page_bytes=200_000,
    revisit=("0s", "1s"),
    tdm="off",
)


def config(
    data: Path, web: str, *sources: Source, hosts: tuple[str, ...] = ("a.example",), **crawl: object
) -> Config:
    settings = msgspec.structs.replace(SETTINGS, resolve=dict.fromkeys(hosts, web), **crawl)
    listed = sources or tuple(source(host) for host in hosts)
    return Config(data / "wirecorpus.toml", data, settings, listed, {})


def source(host: str = "a.example", **more: object) -> Source:
    listed: dict[str, object] = {"feeds": (f"http://{host}/rss",), "home": f"http://{host}/"}
    listed["id"] = host.partition(".")[0]
    return Source(**(listed | more))  # type: ignore[arg-type]


def feed(*paths: str) -> Answer:
    items = "".join(f"<item><title>t</title><link>{path}</link></item>" for path in paths)
    text = (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'
    )
    return validated(text.encode(), f'"{hash(paths)}"', "application/rss+xml")


def story(number: object = 1) -> Answer:
    return validated(f"<html><p>Story {number}.</p></html>".encode(), f'"s{number}"')


def small_web(pages: int = 3, **more: Answer) -> dict[str, Answer]:
    """robots.txt, a feed of so many stories, and whatever else by path."""
    paths = [f"/{n}" for n in range(pages)]
    web: dict[str, Answer] = {"/robots.txt": reply(ROBOTS.encode()), "/rss": feed(*paths)}
    return web | {path: story(path) for path in paths} | more


def run(settings: Config, number: int = 1, **limits: int) -> CrawlReport:
    return crawl(settings, run_id=f"20261123T060000Z-{number:04}", **limits)  # type: ignore[arg-type]


def archived(data: Path) -> list[Capture]:
    """All captures of the folder; every file is whole, and clean to warcio."""
    found: list[Capture] = []
    for path in sorted(data.glob("warc/*/*.warc.gz")):
        assert check(path) == 0
        for one in read_captures(path, str(path.relative_to(data))):
            assert isinstance(one, Capture)
            found.append(one)
    return found


def articles(data: Path) -> Counter[str]:
    return Counter(c.final_url for c in archived(data) if c.kind == "article" and c.status == 200)


# ---------------------------------------------------------------------------------- what is asked


def test_a_first_run_reads_robots_feed_and_stories_and_archives_them_all(tmp_path: Path) -> None:
    with Loopback(small_web()) as web:
        report = run(config(tmp_path, web.address))
        assert web.asked() == ["/robots.txt", "/rss", "/0", "/1", "/2"]
    (outcome,) = report.sources
    assert (outcome.new, outcome.listings, outcome.failed_source) == (3, 1, False)
    assert (report.requests, report.stopped) == (5, "")
    assert [c.kind for c in archived(tmp_path)] == [
        "robots",
        "feed",
        "article",
        "article",
        "article",
    ]
    story_one = archived(tmp_path)[2]
    assert (story_one.source_id, story_one.run_id) == ("a", report.run_id)
    assert story_one.robots.allowed is True
    assert list(report.warc_files) == [
        f"warc/{report.started_at[:10]}/{report.run_id}-00001.warc.gz"
    ]


def test_the_second_run_asks_with_validators_and_archives_revisits(tmp_path: Path) -> None:
    with Loopback(small_web()) as web:
        settings = config(tmp_path, web.address, revisit=("0s", "1s"))
        run(settings)
        time.sleep(1.1)
        web.log.clear()
        report = run(settings, 2)
        assert web.asked()[1:] == ["/rss", "/0", "/1", "/2"]
        assert all(asked.headers.get("if-none-match") for asked in web.log[1:])
    assert (report.sources[0].unchanged, report.sources[0].new) == (3, 0)
    assert Counter(c.status for c in archived(tmp_path)) == {200: 6, 304: 4}


def test_a_corrected_story_is_archived_again_and_counted_as_changed(tmp_path: Path) -> None:
    with Loopback(small_web()) as web:
        settings = config(tmp_path, web.address)
        run(settings)
        time.sleep(1.1)
        web.answers["/1"] = story("corrected")
        report = run(settings, 2)
    assert (report.sources[0].changed, report.sources[0].unchanged) == (1, 2)


def test_a_story_that_is_not_due_is_not_asked_for(tmp_path: Path) -> None:
    with Loopback(small_web()) as web:
        settings = config(tmp_path, web.address, revisit=("1h",))
        run(settings)
        web.log.clear()
        run(settings, 2)
        assert web.asked() == ["/robots.txt", "/rss"]


def test_what_robots_disallows_is_never_asked_and_is_counted(tmp_path: Path) -> None:
    answers = small_web() | {"/rss": feed("/0", "/private/1")}
    with Loopback(answers) as web:
        report = run(config(tmp_path, web.address))
        assert "/private/1" not in web.asked()
    assert (report.sources[0].new, report.sources[0].refused) == (1, 1)


@pytest.mark.parametrize("robots", [reply(status=503), reply(status=429)])
def test_a_host_whose_robots_cannot_be_had_is_asked_for_nothing_else(
    tmp_path: Path, robots: Answer
) -> None:
    with Loopback(small_web() | {"/robots.txt": robots}) as web:
        report = run(config(tmp_path, web.address))
        assert set(web.asked()) == {"/robots.txt"}
    assert report.sources[0].failed_source
    assert "robots.txt unreachable" in report.sources[0].error
    assert report.hosts[0].host == "a.example"


def test_nothing_is_asked_before_retry_after_is_over(tmp_path: Path) -> None:
    answers = small_web()
    busy = [True]

    def once(asked: object, send: object) -> None:
        answer = reply(status=429, Retry_After="1") if busy else story("late")
        busy.clear()
        answer(asked, send)  # type: ignore[arg-type]

    with Loopback(answers | {"/0": once}) as web:
        report = run(config(tmp_path, web.address))
        at = [asked.at for asked in web.log]
        first = web.asked().index("/0")
        assert at[first + 1] - at[first] >= 1.0
    assert report.sources[0].new == 3


def test_a_host_that_asks_for_a_long_pause_is_left_alone_by_the_next_run_too(
    tmp_path: Path,
) -> None:
    answers = small_web() | {"/0": reply(status=429, Retry_After="86400")}
    with Loopback(answers) as web:
        settings = config(tmp_path, web.address)
        report = run(settings)
        assert web.asked() == ["/robots.txt", "/rss", "/0"]
        assert report.sources[0].put_off == 3
        web.log.clear()
        again = run(settings, 2)
        assert web.asked() == []
    assert again.sources[0].failed_source
    assert "Retry-After" in again.hosts[0].note


def test_the_gap_between_starts_shows_in_the_hosts_own_log(tmp_path: Path) -> None:
    with Loopback(small_web(6)) as web:
        run(config(tmp_path, web.address, delay=0.1))
        seen = [asked.at for asked in web.log]
    # One gap of tolerance: a busy machine may let the server notice the first request late.
    assert seen[-1] - seen[0] >= 0.1 * (len(seen) - 2)


def test_a_redirect_target_is_known_by_itself_and_asked_once(tmp_path: Path) -> None:
    answers = small_web() | {"/rss": feed("/old", "/1"), "/old": reply(status=301, Location="/1")}
    with Loopback(answers) as web:
        report = run(config(tmp_path, web.address))
        assert Counter(web.asked())["/1"] == 1
    assert (report.sources[0].moved, report.sources[0].new) == (1, 1)


def test_a_story_that_redirects_off_the_site_is_not_followed(tmp_path: Path) -> None:
    target = "http://b.example/1"
    answers = small_web() | {"/rss": feed("/old"), "/old": reply(status=301, Location=target)}
    with Loopback(answers) as web:
        report = run(config(tmp_path, web.address, source(), hosts=("a.example", "b.example")))
        assert web.asked("b.example") == []
    assert report.failures == (("http://a.example/old", f"redirects off the site, to {target}"),)


def test_a_feed_may_be_served_by_somebody_else(tmp_path: Path) -> None:
    answers = small_web() | {"/rss": reply(status=301, Location="http://b.example/feed")}
    answers["b.example/feed"] = feed("http://a.example/1", "http://b.example/2")
    with Loopback(answers) as web:
        run(config(tmp_path, web.address, source(), hosts=("a.example", "b.example")))
        assert web.asked("b.example") == ["/robots.txt", "/feed"]
        assert web.asked("a.example") == ["/robots.txt", "/rss", "/1"]


def test_a_capture_behind_a_redirect_names_what_was_asked_first(tmp_path: Path) -> None:
    answers = small_web() | {"/rss": feed("/old"), "/old": reply(status=301, Location="/1")}
    with Loopback(answers) as web:
        run(config(tmp_path, web.address))
    found = [(c.status, c.url, c.final_url) for c in archived(tmp_path) if c.kind == "article"]
    old, new = "http://a.example/old", "http://a.example/1"
    assert found == [(301, old, old), (200, old, new)]


def test_robots_sitemaps_and_indexes_are_read_and_old_entries_left(tmp_path: Path) -> None:
    index = "<sitemapindex><sitemap><loc>http://a.example/news.xml</loc></sitemap></sitemapindex>"
    news = (
        "<urlset><url><loc>http://a.example/1</loc></url><url><loc>http://a.example/2</loc>"
        "<lastmod>2001-01-01</lastmod></url></urlset>"
    )
    answers = small_web() | {
        "/robots.txt": reply(b"Sitemap: /index.xml\n"),
        "/rss": feed(),
        "/index.xml": reply(index.encode(), Content_Type="application/xml"),
        "/news.xml": reply(news.encode(), Content_Type="application/xml"),
    }
    with Loopback(answers) as web:
        run(config(tmp_path, web.address))
        assert web.asked() == ["/robots.txt", "/rss", "/index.xml", "/news.xml", "/1"]


def test_one_hostile_host_costs_only_itself(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    hosts = ("bomb.example", "drip.example", "hang.example", "good.example")
    answers: dict[str, Answer] = {}
    for host in hosts:
        answers |= {host + path: answer for path, answer in small_web().items()}
    answers["bomb.example/1"] = endless(head, b"x" * 65_536)
    answers["drip.example/1"] = endless(head, b"x", pause=0.05)
    answers["hang.example/rss"] = slow(9, reply())
    with Loopback(answers) as web:
        limits = {"first_byte_timeout": 0.2, "total_timeout": 0.4}
        report = run(config(tmp_path, web.address, hosts=hosts, **limits))
    new = {outcome.id: (outcome.new, outcome.failed) for outcome in report.sources}
    assert new == {"bomb": (2, 1), "drip": (2, 1), "hang": (0, 0), "good": (3, 0)}


def test_an_internal_address_is_not_reached_by_link_or_redirect(tmp_path: Path) -> None:
    with Loopback({"/secret": reply(b"!")}, address="127.0.0.1") as inner, Loopback({}) as web:
        target = f"http://{inner.address}/secret"
        web.answers = small_web() | {
            "/rss": feed("/0", target),
            "/0": reply(status=302, Location=target),
        }
        run(config(tmp_path, web.address))
        assert inner.log == []


# --------------------------------------------------------------------------------- limits and ends


def test_limits_end_the_run_and_the_next_goes_on(tmp_path: Path) -> None:
    with Loopback(small_web(6)) as web:
        settings = config(tmp_path, web.address, revisit=("1h",))
        first = run(settings, max_pages=2)
        assert (first.stopped, first.sources[0].new) == ("max_pages", 2)
        second = run(settings, 2)
    assert (second.stopped, second.sources[0].new) == ("", 4)
    assert set(articles(tmp_path).values()) == {1}


def test_a_source_keeps_to_its_budget(tmp_path: Path) -> None:
    with Loopback(small_web(6)) as web:
        report = run(config(tmp_path, web.address, source(max_pages=4)))
        assert len(web.asked()) == 2 + 4
    assert report.stopped == ""


def test_sources_that_cannot_be_read_say_why_and_others_are_not_held_up(tmp_path: Path) -> None:
    hosts = ("bad.example", "good.example")
    answers = {f"good.example{path}": answer for path, answer in small_web().items()}
    answers |= {
        "bad.example/robots.txt": reply(ROBOTS.encode()),
        "bad.example/rss": reply(status=500),
    }
    with Loopback(answers) as web:
        report = run(config(tmp_path, web.address, hosts=hosts))
    bad, good = report.sources
    assert (bad.failed_source, bad.error) == (True, "http://bad.example/rss: status 500")
    assert (good.failed_source, good.new) == (False, 3)


def test_a_listing_that_is_none_is_a_failure_of_its_source(tmp_path: Path) -> None:
    with Loopback(small_web() | {"/rss": reply(b"<html>Sorry</html>")}) as web:
        report = run(config(tmp_path, web.address))
    assert report.sources[0].failed_source
    assert "is no feed" in report.sources[0].error


@pytest.mark.parametrize("contact", ["", "  ", "you@example.org"])
def test_without_an_own_contact_nothing_is_asked(tmp_path: Path, contact: str) -> None:
    with Loopback(small_web()) as web:
        with pytest.raises(ConfigError, match="contact"):
            run(config(tmp_path, web.address, contact=contact))
        assert web.log == []
    assert list(tmp_path.iterdir()) == []


def test_a_state_that_cannot_be_read_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_bytes(b"no database" * 1000)
    with Loopback(small_web()) as web:
        with pytest.raises(DamagedArchive, match="set the file aside"):
            run(config(tmp_path, web.address))
        assert web.log == []


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[CrawlProgress] = []
    with Loopback(small_web()) as web:
        crawl(config(tmp_path, web.address), run_id="r", progress=told.append)
    assert told[-1].requests == 5
    assert told[-1].articles == 3


# ------------------------------------------------------------------------------ in another process


def toml(settings: Config) -> Path:
    """The configuration as a file, beside its data."""
    lines = ["data = 'data'", "[crawl]"]
    for key, value in msgspec.to_builtins(settings.crawl).items():
        if isinstance(value, dict):
            inner = ", ".join(f"{json.dumps(k)} = {json.dumps(v)}" for k, v in value.items())
            lines.append(f"{key} = {{ {inner} }}")
        else:
            lines.append(f"{key} = {json.dumps(value)}")
    for one in settings.sources:
        rows = msgspec.to_builtins(one).items()
        lines += ["[[source]]", *(f"{k} = {json.dumps(v)}" for k, v in rows if v not in (None, ()))]
    path = settings.data / "wirecorpus.toml"
    path.write_text("\n".join(lines))
    return path


_CRAWL = """
import sys
from pathlib import Path
from msgspec.json import encode
from crawler.cli import data_lock, exit_code, load_config, run_crawl
config = load_config(Path(sys.argv[1]), None)
with data_lock(config.data):
    report = run_crawl(config)
print(encode(report).decode())
sys.exit(exit_code(report))
"""


def started(path: Path, before: str = "") -> subprocess.Popen[bytes]:
    """A crawl in a process of its own; it prints its report."""
    return subprocess.Popen(
        [sys.executable, "-c", before + _CRAWL, str(path)], stdout=subprocess.PIPE
    )


def ended(process: subprocess.Popen[bytes]) -> tuple[int, CrawlReport]:
    """How the process ended, and its report."""
    out, _ = process.communicate(timeout=30)
    return process.returncode, msgspec.json.decode(out, type=CrawlReport)


def wait_for(web: Loopback, requests: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until so many requests were seen in all."""
    while len(web.log) < requests:
        assert process.poll() is None, "ended too early"
        time.sleep(0.002)


def test_killed_at_any_moment_the_next_run_goes_on_and_nothing_is_archived_twice(
    tmp_path: Path,
) -> None:
    hosts = tuple(f"h{n}.example" for n in range(5))
    pages = 20
    answers = {path: slow(0.005, answer) for path, answer in small_web(pages).items()}
    with Loopback(answers) as web:
        path = toml(config(tmp_path, web.address, hosts=hosts, delay=0.03, revisit=("1h",)))
        for seen in (8, 25, 40):
            process = started(path)
            wait_for(web, len(web.log) + seen, process)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        assert ended(started(path))[0] == 0
        asked = Counter(host + path for host, path in ((a.host, a.path) for a in web.log))
    found = articles(tmp_path / "data")
    assert set(found) == {f"http://{host}/{n}" for host in hosts for n in range(pages)}
    assert set(found.values()) == {1}
    repeats = sum(n - 1 for url, n in asked.items() if not url.endswith(("/robots.txt", "/rss")))
    assert repeats <= 3 * len(hosts)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_run_with_the_state_saved(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with Loopback(small_web(20) | {"/5": slow(0.3, story(5))}) as web:
        path = toml(config(tmp_path, web.address, revisit=("1h",)))
        process = started(path)
        wait_for(web, 8, process)
        process.send_signal(number)
        exit_status, report = ended(process)
        assert (exit_status, report.stopped) == (code, number.name)
        before = len(web.log)
        assert ended(started(path))[0] == 0
        again = Counter(asked.path for asked in web.log[before:])
        assert not {asked.path for asked in web.log[2:before]} & set(again)
    assert articles(tmp_path / "data") == Counter(f"http://a.example/{n}" for n in range(20))


def test_two_runs_at_once_never_meet(tmp_path: Path) -> None:
    from crawler.cli import data_lock, is_locked
    from crawler.errors import Locked

    with data_lock(tmp_path / "data"):
        assert is_locked(tmp_path / "data")
        with pytest.raises(Locked, match="another run"), data_lock(tmp_path / "data"):
            pass
    assert not is_locked(tmp_path / "data")


_NO_ROOM = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
"""


def test_a_full_disk_ends_the_run_and_loses_nothing(tmp_path: Path) -> None:
    answers = small_web(25)
    for n in range(25):
        answers[f"/{n}"] = reply(os.urandom(12_000), Content_Type="text/html")
    with Loopback(answers) as web:
        path = toml(config(tmp_path, web.address, revisit=("1h",)))
        exit_status, report = ended(started(path, _NO_ROOM))
        assert (exit_status, report.stopped) == (6, "disk_full")
        before = articles(tmp_path / "data")
        assert 0 < len(before) < 25
        assert ended(started(path))[0] == 0
    assert articles(tmp_path / "data") == Counter(f"http://a.example/{n}" for n in range(25))


def test_with_little_room_on_the_disk_nothing_is_asked_and_the_run_ends_in_order(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Loopback(small_web()) as web:
        settings = config(tmp_path, web.address, min_free_bytes=10**18)
        report = run(settings)
        assert (report.stopped, exit_code(report)) == ("disk_full", 6)
        assert web.log == []
        assert "less than [crawl] min_free_bytes" in caplog.text
        assert run(config(tmp_path, web.address), 2).sources[0].new == 3


# ------------------------------------------------------------------------------ the made-up news web


def newsweb_config(tmp_path: Path, web: NewsWeb) -> Config:
    listed = tuple(
        Source(id=outlet.id, home=f"http://{outlet.host}/", **sources_of(outlet))  # type: ignore[arg-type]
        for outlet in outlets()
    )
    settings = msgspec.structs.replace(
        SETTINGS, delay=0.005, max_age_days=36_500, resolve=web.resolve
    )
    return Config(tmp_path / "w.toml", tmp_path, settings, listed, {})


def test_the_newsweb_is_crawled_whole_and_the_second_run_only_asks_what_changed(
    tmp_path: Path,
) -> None:
    resources(1)  # made once, before anybody waits for it
    with NewsWeb() as web:
        settings = newsweb_config(tmp_path, web)
        first = run(settings)
        assert [s.id for s in first.sources if s.failed_source] == []
        assert sum(s.new for s in first.sources) >= 200
        assert _first_paths(web) == {"/robots.txt"}
        assert {access.from_ for access in web.requests()} == {"crawler@uni.example"}
        time.sleep(1.1)
        asked_before = len(list(web.requests()))
        second = run(settings, 2)
        again = list(web.requests())[asked_before:]
    known = Counter(_total(outcome) for outcome in second.sources)
    assert known
    assert [a.path for a in again if a.status == 200 and not a.has_validators] == []
    assert sum(s.new for s in second.sources) == 0


def _first_paths(web: NewsWeb) -> set[str]:
    first: dict[str, str] = {}
    for access in web.requests():
        first.setdefault(access.host, access.path)
    return set(first.values())


def _total(outcome: SourceOutcome) -> int:
    return outcome.new + outcome.changed + outcome.unchanged
