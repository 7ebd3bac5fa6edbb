"""The crawler on hosts that invite bad manners, judged by the servers' log (tests/newsweb/traps.py)."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from crawler.config import Config
from crawler.records import CrawlReport, Source
from tests.crawler.loopback import Answer, Asked, Loopback, endless, reply, slow
from tests.crawler.test_run import SETTINGS, archived, ended, started, toml, wait_for
from tests.newsweb.judge import violations
from tests.newsweb.traps import Trap, crawl_delay, traps
from tests.newsweb.traps.__main__ import Crawled
from tests.newsweb.traps.bodies import bomb
from tests.newsweb.traps.making import feed, page, stories, trap

DELAY = 0.25
# MiB: the bar of the crawler with all traps on.
MOST_MEMORY = 400


def config_of(tmp_path: Path, web: Loopback, shown: tuple[Trap, ...], **crawl: object) -> Config:
    names = {key.partition("/")[0] for one in shown for key in one.answers}
    resolve = dict.fromkeys(names, web.address) | {"machine.example:8081": web.address}
    for one in shown:
        resolve |= one.resolve
    settings = msgspec.structs.replace(
        SETTINGS,
        delay=DELAY,
        resolve=resolve,
        max_runtime="60s",
        concurrency=30,  # the server is one process, too: its log must not lag
        first_byte_timeout=1.5,
        total_timeout=4.0,
        **crawl,
    )
    listed = tuple(Source(**row) for one in shown for row in one.sources)  # type: ignore[arg-type]
    return Config(tmp_path / "w.toml", tmp_path, settings, listed, {})


class Seen(msgspec.Struct):
    """What crawls asked for, how they ended, and who came inside."""

    asked: list[list[Asked]]
    crawls: list[Crawled]
    inside: list[float]

    @property
    def reports(self) -> list[CrawlReport]:
        return [one.report for one in self.crawls]


def crawls(
    tmp_path: Path, make: Callable[[int], tuple[Trap, ...]], runs: int = 2, **crawl: object
) -> tuple[tuple[Trap, ...], Seen]:
    """The traps and what was seen of runs over them, one right after the other."""
    seen = Seen([], [], [])
    tmp_path.mkdir(exist_ok=True)
    with Loopback({}) as web:
        address, _, port = web.address.partition(":")
        shown = make(int(port))
        web.answers |= {key: one for made in shown for key, one in made.answers.items()}
        path = toml(config_of(tmp_path, web, shown, **crawl))
        with Loopback({}, "127.0.0.1", int(port)) as inner, Loopback({}, "::1", int(port)) as six:
            for number in range(runs):
                program = [sys.executable, "-m", "tests.newsweb.traps", str(path)]
                told = subprocess.run(
                    [*program, f"20261123T060000Z-000{number}", address, str(99 * number)],
                    stdout=subprocess.PIPE, timeout=120, check=True,
                )  # fmt: skip
                seen.crawls.append(msgspec.json.decode(told.stdout, type=Crawled))
                seen.asked.append(list(web.log))
                web.log.clear()
            seen.inside += inner.connections + six.connections
    return shown, seen


def test_no_host_of_the_trap_web_has_anything_to_complain_of(tmp_path: Path) -> None:
    shown, seen = crawls(tmp_path, traps, per_host=2, tdm="record")
    reports = seen.reports
    assert [report.stopped for report in reports] == ["", ""], "nobody waits for ever"
    houses = [one.house for one in shown]
    assert violations(houses, seen.asked, DELAY, 2, seen.inside) == ()
    assert max(one.mebibytes for one in seen.crawls) < MOST_MEMORY
    assert archived(tmp_path / "data")
    done = {one.id: one for one in reports[0].sources}
    assert {done[name].new for name in ("shared", "patient", "busy")} == {3, 4}
    assert done["machine"].new == 6
    assert done["calendar"].new == 1
    assert {note.host for note in reports[0].hosts} >= {"eternal.example", "tomorrow.example"}


def test_killed_at_any_moment_no_host_is_asked_before_its_crawl_delay_is_over(
    tmp_path: Path,
) -> None:
    patient = crawl_delay()
    with Loopback(dict(patient.answers)) as web:
        path = toml(config_of(tmp_path, web, (patient,), revisit=("1h",)))
        for seen in (2, 2, 2):
            process = started(path)
            wait_for(web, len(web.log) + seen, process)
            process.kill()
            process.communicate()
        assert ended(started(path))[0] == 0
        unhurried = msgspec.structs.replace(patient.house, tries=9)
        assert violations([unhurried], [web.log], DELAY) == ()


def test_a_feed_that_takes_long_to_read_keeps_no_other_host_waiting(tmp_path: Path) -> None:
    body = b"<rss><channel><item><link>/0</link></item>" + b"<x>" * 40_000
    hostile = trap("deepfeed", {"/rss": reply(body), "/0": page()})
    healthy = trap("healthy", stories(12))
    _, seen = crawls(tmp_path, lambda _: (hostile, healthy), runs=1, max_page_bytes=1_000_000)
    order = [one.host + one.path for one in seen.asked[0]]
    served, read = order.index("deepfeed.example/rss"), order.index("deepfeed.example/0")
    assert sum(one.startswith("healthy") for one in order[served:read]) >= 3


def greedy() -> dict[str, Answer]:
    """Answers that take all the memory or time that they are given, by the name of their host."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    return {
        "bomb": bomb("br", 1_000_000_000),
        "gzipped": bomb("gzip", 300_000_000),
        "endless": endless(head, b"x" * 65_536),
        "drip": endless(head, b"x", pause=0.05),
        "hang": slow(30, page()),
    }


def test_a_bomb_an_endless_body_a_slow_drip_and_a_hanging_host_cost_only_themselves(
    tmp_path: Path,
) -> None:
    healthy = tuple(trap(f"healthy{n}", stories(8)) for n in range(20))
    hungry = greedy()
    hostile = tuple(
        trap(name, {"/rss": feed(*(f"/{n}" for n in range(3)))} | {f"/{n}": one for n in range(3)})
        for name, one in hungry.items()
    )
    _, seen_alone = crawls(tmp_path / "alone", lambda _: healthy, runs=1)
    shown, seen = crawls(tmp_path / "together", lambda _: (*hostile, *healthy), runs=1)
    stories_of = {one.id: (one.new, one.failed) for one in seen.reports[0].sources}
    assert {stories_of[f"healthy{n}"] for n in range(20)} == {(8, 0)}
    assert all(stories_of[name][0] == 0 for name in hungry)
    assert violations([one.house for one in shown], seen.asked, DELAY, 1, seen.inside) == ()
    # A long answer or two in memory, whatever they unfold to.
    assert seen.crawls[0].mebibytes < seen_alone.crawls[0].mebibytes + 60
    # Nobody waits for the greedy: all is read while they still have pages to be asked for.
    order = [one.host.startswith("healthy") for one in seen.asked[0]]
    assert max(n for n, healthy in enumerate(order) if healthy) < len(order) - 1
    assert len(order) == sum(map(len, seen_alone.asked)) + 3 * len(hungry) + 2 * len(hungry)
