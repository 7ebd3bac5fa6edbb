import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from corpus.cli.summary import RunSummary, render
from crawler.config import Config
from crawler.metrics import metrics
from crawler.records import CrawlReport, SourceOutcome
from tests.crawler.loopback import Answer, Asked, Loopback, Send, reply, validated
from tests.crawler.test_run import config, run, source
from tests.crawler.test_storytext import STORY, page

STORIES = [f"/story-{n}" for n in range(9)]
NEWER, OLDER = STORIES[:6], STORIES[6:]


def section(paths: list[str]) -> Answer:
    """A page that lists these stories without a date."""
    return reply("".join(f'<a href="{path}">A story</a>' for path in paths).encode())


def anew(*paragraphs: str) -> Answer:
    """A page whose furniture, and so its ETag, is another one each time."""
    renderings = count()

    def answer(asked: Asked, send: Send) -> None:
        n = next(renderings)
        body = page(*paragraphs, headline=asked.path, furniture=f"<li>{n} °C in Saltmere</li>")
        reply(body, ETag=f'"{n}"', Content_Type="text/html")(asked, send)

    return answer


def atom(published: str = "2020-02-2{}T06:00:00Z", **updated: str) -> Answer:
    """A feed of all stories, newest first; some with a time at which they were updated."""
    entries = "".join(
        f'<entry><id>{path}</id><title>t</title><link href="{path}"/>'
        f"<published>{published.format(9 - n)}</published>"
        f"<updated>{updated.get(path[1:].replace('-', '_'), '2020-03-01T06:00:00Z')}</updated></entry>"
        for n, path in enumerate(STORIES)
    )
    text = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{entries}</feed>'
    return reply(text.encode(), Content_Type="application/atom+xml")


def rendering_web(**more: Answer) -> dict[str, Answer]:
    """A site that renders every page anew."""
    return {"/rss": atom(), **{path: anew(*STORY) for path in STORIES}, **more}


def settings_of(
    tmp_path: Path, web: Loopback, revisit: tuple[str, ...] = ("1s", "1h"), how: str = "stretch"
) -> Config:
    return config(tmp_path, web.address, source(), revisit=revisit, revisit_unchanged=how)


def again(
    web: Loopback, settings: Config, number: int = 2, **limits: int
) -> tuple[list[str], SourceOutcome]:
    """The stories asked for by a further run, and what it did."""
    before = len(web.log)
    report = run(settings, number, **limits)
    return [one for one in web.asked()[before:] if one in STORIES], report.sources[0]


def test_where_pages_are_rendered_anew_visits_to_older_stories_are_left_out_and_counted(
    tmp_path: Path,
) -> None:
    with Loopback(rendering_web()) as web:
        settings = settings_of(tmp_path, web)
        run(settings)
        time.sleep(1.1)
        asked, told = again(web, settings)
        assert asked == NEWER
        assert (told.changed, told.same_story, told.left_out, told.put_off) == (6, 6, 3, 0)
        assert again(web, settings, 3)[0] == []


def test_the_summary_and_the_metrics_tell_what_was_left_out() -> None:
    report = CrawlReport(
        "r", *2 * ("2026-11-23T06:00:00Z",), sources=(SourceOutcome("a", left_out=3),)
    )
    told = render(RunSummary(run_id="r", crawl=report), Path())
    assert "a: 3 older stories left to their next visit" in told
    assert 'wirecorpus_articles{source="a",outcome="left_out"} 3' in metrics(report, 0)


def test_who_was_left_out_once_is_asked_at_the_next_step(tmp_path: Path) -> None:
    with Loopback(rendering_web()) as web:
        settings = settings_of(tmp_path, web, revisit=("1s", "3s", "1h"))
        run(settings)
        time.sleep(1.1)
        assert again(web, settings)[0] == NEWER
        time.sleep(2.0)
        asked, told = again(web, settings, 3)
        assert set(OLDER) <= set(asked)
        assert sorted(asked) == sorted(NEWER[:4] + OLDER)
        assert told.left_out == 2


def test_no_visit_is_left_out_at_the_last_step(tmp_path: Path) -> None:
    with Loopback(rendering_web()) as web:
        settings = settings_of(tmp_path, web, revisit=("1s",))
        run(settings)
        time.sleep(1.1)
        assert again(web, settings)[0] == STORIES


def test_one_edited_story_has_all_others_of_its_host_asked_for(tmp_path: Path) -> None:
    with Loopback(rendering_web()) as web:
        settings = settings_of(tmp_path, web)
        run(settings)
        time.sleep(1.1)
        web.answers[NEWER[2]] = anew(*STORY[:3], STORY[3].replace("twice", "once"))
        asked, told = again(web, settings)
    assert sorted(asked) == STORIES
    assert (told.changed, told.same_story, told.left_out) == (9, 8, 0)


def test_where_one_page_is_as_it_was_all_are_asked_for(tmp_path: Path) -> None:
    with Loopback(rendering_web(**{NEWER[0]: validated(page(*STORY), '"1"')})) as web:
        settings = settings_of(tmp_path, web)
        run(settings)
        time.sleep(1.1)
        asked, told = again(web, settings)
    assert sorted(asked) == STORIES
    assert (told.unchanged, told.left_out) == (1, 0)


def test_what_a_listing_calls_changed_is_asked_for_all_the_same(tmp_path: Path) -> None:
    with Loopback(rendering_web()) as web:
        settings = settings_of(tmp_path, web)
        run(settings)
        time.sleep(2.1)
        web.answers["/rss"] = atom(story_7=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
        asked, told = again(web, settings)
    assert sorted(asked) == sorted([*STORIES[:6], STORIES[7]])
    assert told.left_out == 2


def test_no_visit_to_a_story_of_the_last_three_days_is_left_out(tmp_path: Path) -> None:
    day = datetime.fromtimestamp(time.time() - 2 * 86_400, UTC)
    with Loopback(rendering_web(**{"/rss": atom(f"{day:%Y-%m-%dT%H:%M:0{ {} }Z}")})) as web:
        settings = settings_of(tmp_path, web)
        run(settings)
        time.sleep(1.1)
        assert sorted(again(web, settings)[0]) == STORIES


@pytest.mark.parametrize(
    ("path", "left_out"), [("/world/2020/11/18/{}", 3), ("/world/{}-500010", 0)]
)
def test_what_a_section_lists_is_as_old_as_its_address_says_and_else_news(
    tmp_path: Path, path: str, left_out: int
) -> None:
    listed = [path.format(f"the-ferry-stays-in-harbour-until-{n}") for n in range(9)]
    with Loopback({"/world/": section(listed), **{one: anew(*STORY) for one in listed}}) as web:
        site = source(feeds=(), sections=("http://a.example/world/",))
        settings = config(tmp_path, web.address, site, revisit=("1s", "1h"))
        run(settings)
        time.sleep(1.1)
        assert run(settings, 2).sources[0].left_out == left_out
        assert set(web.asked()) - {"/robots.txt", "/world/"} == set(listed)


def test_where_few_pages_of_a_run_are_rendered_anew_none_is_left_out(tmp_path: Path) -> None:
    steady = [f"/{n}" for n in range(64)]
    stable = {path: validated(page(*STORY), '"1"') for path in steady}
    items = "".join(f"<item><link>{path}</link></item>" for path in steady)
    rss = reply(f"<rss><channel>{items}</channel></rss>".encode())
    of_b = {f"b.example{path}": answer for path, answer in ({"/rss": rss} | stable).items()}
    with Loopback(rendering_web(**of_b)) as web:
        sites = source(), source("b.example")
        settings = config(
            tmp_path, web.address, *sites, hosts=("a.example", "b.example"), revisit=("1s", "1h")
        )
        run(settings)
        time.sleep(1.1)
        asked, told = again(web, settings)
    assert set(asked) >= set(STORIES)
    assert (told.same_story, told.left_out) == (9, 0)


def test_a_slow_host_that_renders_anew_counts_as_well(tmp_path: Path) -> None:
    """Whichever host answers first, what waits is decided by all of them."""

    def slowly(answer: Answer) -> Answer:
        def later(asked: Asked, send: Send) -> None:
            time.sleep(0.1)
            answer(asked, send)

        return later

    steady = [f"/{n}" for n in range(64)]
    stable = {path: validated(page(*STORY), '"1"') for path in steady}
    items = "".join(f"<item><link>{path}</link></item>" for path in steady)
    rss = reply(f"<rss><channel>{items}</channel></rss>".encode())
    of_b = {f"b.example{path}": answer for path, answer in ({"/rss": rss} | stable).items()}
    slow = {"/rss": atom(), **{path: slowly(anew(*STORY)) for path in STORIES}}
    of_c = {f"c.example{path}": answer for path, answer in slow.items()}
    hosts = ("a.example", "b.example", "c.example")
    with Loopback(rendering_web(**of_b, **of_c)) as web:
        sites = [source(host) for host in hosts]
        settings = config(tmp_path, web.address, *sites, hosts=hosts, revisit=("1s", "1h"))
        run(settings)
        time.sleep(1.1)
        report = run(settings, 2)
    assert [told.left_out for told in report.sources] == [3, 0, 3]


def test_a_plain_plan_leaves_nothing_out(tmp_path: Path) -> None:
    with Loopback(rendering_web()) as web:
        settings = settings_of(tmp_path, web, how="plain")
        run(settings)
        time.sleep(1.1)
        assert again(web, settings)[0] == STORIES


def test_where_the_archive_was_taken_away_nothing_is_left_out(tmp_path: Path) -> None:
    with Loopback(rendering_web()) as web:
        settings = settings_of(tmp_path, web)
        run(settings)
        for file in tmp_path.glob("warc/*/*"):
            file.unlink()
        time.sleep(1.1)
        asked, told = again(web, settings)
    assert sorted(asked) == STORIES
    assert (told.changed, told.same_story) == (9, 0)


def test_what_waited_when_a_run_was_stopped_is_due_at_the_next(tmp_path: Path) -> None:
    with Loopback(rendering_web()) as web:
        settings = settings_of(tmp_path, web)
        run(settings)
        time.sleep(1.1)
        web.answers[NEWER[4]] = anew(*STORY[:3])
        asked, told = again(web, settings, max_pages=3)
        assert (asked, told.left_out) == (NEWER[:3], 0)
        assert sorted(again(web, settings, 3)[0]) == NEWER[3:] + OLDER
