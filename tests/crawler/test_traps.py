"""The crawler on hosts that invite bad manners, judged by the servers' log (tests/newsweb/traps.py)."""

from pathlib import Path

import msgspec

from crawler.config import Config
from crawler.records import CrawlReport, Source
from tests.crawler.loopback import Answer, Asked, Loopback
from tests.crawler.test_run import SETTINGS, archived, ended, run, started, toml, wait_for
from tests.newsweb.judge import House, violations
from tests.newsweb.traps import Trap, crawl_delay, traps

DELAY = 0.25


def config_of(tmp_path: Path, web: Loopback, shown: tuple[Trap, ...], **crawl: object) -> Config:
    names = {key.partition("/")[0] for trap in shown for key in trap.answers}
    resolve = dict.fromkeys(names, web.address) | {"machine.example:8081": web.address}
    settings = msgspec.structs.replace(
        SETTINGS,
        delay=DELAY,
        resolve=resolve,
        max_runtime="60s",
        first_byte_timeout=0.5,
        total_timeout=1.0,
        **crawl,
    )
    listed = tuple(Source(**row) for trap in shown for row in trap.sources)  # type: ignore[arg-type]
    return Config(tmp_path / "w.toml", tmp_path, settings, listed, {})


def two_runs(
    tmp_path: Path, shown: tuple[Trap, ...], **crawl: object
) -> tuple[list[list[Asked]], list[CrawlReport]]:
    """What was asked in two runs, one right after the other, and what they reported."""
    answers: dict[str, Answer] = {key: one for trap in shown for key, one in trap.answers.items()}
    asked, reports = [], []
    with Loopback(answers) as web:
        settings = config_of(tmp_path, web, shown, **crawl)
        for number in (1, 2):
            reports.append(run(settings, number))
            asked.append(list(web.log))
            web.log.clear()
    return asked, reports


def test_no_host_of_the_trap_web_has_anything_to_complain_of(tmp_path: Path) -> None:
    shown = traps()
    asked, reports = two_runs(tmp_path, shown, per_host=2, tdm="record")
    assert [report.stopped for report in reports] == ["", ""], "nobody waits for ever"
    assert violations([trap.house for trap in shown], asked, DELAY) == ()
    assert archived(tmp_path)
    done = {one.id: one for one in reports[0].sources}
    assert {done[name].new for name in ("shared", "patient", "busy")} == {3, 4}
    assert done["machine"].new == 6
    assert done["calendar"].new == 1
    assert {note.host for note in reports[0].hosts} >= {"eternal.example", "tomorrow.example"}


def test_the_judge_sees_what_is_wrong() -> None:
    house = House(names=("a.example",), gap=1.0, private=("a.example/no",), once=("a.example/1",))
    log = [
        Asked(at, "a.example", path, {})
        for at, path in ((0.0, "/1"), (0.5, "/no"), (9.0, "/1"), (19.0, "/2"))
    ]
    found = violations([house], [log], 0.1)
    assert len(found) == 4
    assert violations([house], [[]], 0.1) == ()


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
