"""What a run takes from its listings and redirects, and what the next run knows of it."""

import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive import read_captures
from crawler.records import Capture, Source
from crawler.run import crawl
from tests.crawler.loopback import Answer, Loopback, raw, reply, slow, validated
from tests.crawler.test_run import (
    ROBOTS,
    articles,
    config,
    feed,
    run,
    small_web,
    source,
    started,
    story,
    toml,
    wait_for,
)

HOME = "http://a.example"


def urlset(*paths: str) -> Answer:
    rows = "".join(f"<url><loc>{HOME}{path}</loc></url>" for path in paths)
    return validated(f"<urlset>{rows}</urlset>".encode(), f'"{paths}"', "application/xml")


def index(*paths: str) -> Answer:
    rows = "".join(f"<sitemap><loc>{HOME}{path}</loc></sitemap>" for path in paths)
    text = f"<sitemapindex>{rows}</sitemapindex>"
    return validated(text.encode(), f'"{paths}"', "application/xml")


def web_of(*stories: str, **more: Answer) -> dict[str, Answer]:
    """robots.txt, these stories, and what else by name."""
    answers = {"/robots.txt": reply(ROBOTS.encode())} | {path: story(path) for path in stories}
    return answers | {f"/{name}": answer for name, answer in more.items()}


def part_of_site(name: str) -> Source:
    """A source of one section; all have one sitemap."""
    return source(feeds=(), sitemaps=(f"{HOME}/map",), id=name, include=(f"/{name}/",))


def make_due(data: Path) -> None:
    """Let every article be due that will be due at some time."""
    with closing(sqlite3.connect(data / "state.sqlite")) as db, db:
        db.execute("UPDATE urls SET next_due = 0 WHERE next_due IS NOT NULL")


# ---------------------------------------------------------------------------------------- robots


def test_a_good_robots_txt_stands_in_for_more_than_one_run_that_cannot_have_it(
    tmp_path: Path,
) -> None:
    answers = small_web() | {"/rss": feed("/0", "/private/1"), "/private/1": story("private")}
    with Loopback(answers) as web:
        settings = config(tmp_path, web.address)
        run(settings)
        web.answers["/robots.txt"] = reply(b"busy", status=503)
        for number in (2, 3):
            report = run(settings, number)
            assert report.sources[0].listings == 1, "the copy stands in"
        assert "/private/1" not in web.asked()


# -------------------------------------------------------------------------------------- listings


def test_sitemaps_of_an_unchanged_index_are_read_again(tmp_path: Path) -> None:
    answers = web_of("/1", "/2", index=index("/child"), child=urlset("/1"))
    with Loopback(answers) as web:
        settings = config(tmp_path, web.address, source(feeds=(), sitemaps=(f"{HOME}/index",)))
        run(settings)
        web.answers["/child"] = urlset("/1", "/2")
        web.log.clear()
        assert run(settings, 2).sources[0].new == 1
        listings = [asked for asked in web.log if asked.path in ("/index", "/child")]
        assert len(listings) == 2
        assert all("if-none-match" in asked.headers for asked in listings)


def test_a_sitemap_that_failed_once_is_asked_again_though_its_index_is_unchanged(
    tmp_path: Path,
) -> None:
    answers = web_of("/1", index=index("/child"), child=reply(status=500))
    with Loopback(answers) as web:
        settings = config(tmp_path, web.address, source(feeds=(), sitemaps=(f"{HOME}/index",)))
        assert run(settings).sources[0].listings_failed == 1
        web.answers["/child"] = urlset("/1")
        assert run(settings, 2).sources[0].new == 1


def test_a_sitemap_that_an_index_names_no_more_is_forgotten(tmp_path: Path) -> None:
    answers = web_of("/1", index=index("/old"), old=urlset("/1"), new=urlset("/1"))
    with Loopback(answers) as web:
        settings = config(tmp_path, web.address, source(feeds=(), sitemaps=(f"{HOME}/index",)))
        run(settings)
        web.answers["/index"] = index("/new")
        run(settings, 2)
        web.log.clear()
        run(settings, 3)
        assert web.asked()[1:3] == ["/index", "/new"]
        assert "/old" not in web.asked()


def test_feeds_that_an_unchanged_home_page_names_are_read_again(tmp_path: Path) -> None:
    head = b'<link rel="alternate" type="application/rss+xml" href="/rss">'
    answers = small_web(1) | {"/": validated(head, '"home"')}
    with Loopback(answers) as web:
        settings = config(tmp_path, web.address, source(feeds=()))
        run(settings)
        web.answers |= {"/rss": feed("/0", "/1"), "/1": story(1)}
        assert run(settings, 2).sources[0].new == 1


def test_killed_between_an_index_and_its_sitemap_the_next_run_reads_it(tmp_path: Path) -> None:
    answers = web_of("/1", index=index("/child"), child=slow(30, urlset("/1")), rss=feed())
    hosts = ("a.example", "b.example")
    listed = source(feeds=(), sitemaps=(f"{HOME}/index",))
    answers["b.example/rss"] = slow(1.2, feed("/b"))  # its end makes the run commit the index
    with Loopback(answers) as web:
        settings = config(tmp_path, web.address, listed, source("b.example"), hosts=hosts)
        process: subprocess.Popen[bytes] = started(toml(settings))
        wait_for(web, 6, process)
        time.sleep(0.3)
        process.kill()
        process.communicate()
        web.answers["/child"] = urlset("/1")
        run(config(tmp_path / "data", web.address, listed, hosts=hosts), 2)
    assert articles(tmp_path / "data")[f"{HOME}/1"] == 1


def test_sources_that_share_a_listing_have_it_asked_once_and_each_read_its_own(
    tmp_path: Path,
) -> None:
    world, sport = (part_of_site(name) for name in ("world", "sport"))
    answers = web_of("/world/1", "/sport/1", map=urlset("/world/1", "/sport/1"))
    with Loopback(answers) as web:
        first = run(config(tmp_path, web.address, world, sport))
        assert Counter(web.asked())["/map"] == 1
        assert [(one.new, one.listings) for one in first.sources] == [(1, 1), (1, 1)]


def test_a_source_that_is_new_to_an_unchanged_listing_reads_it_all_the_same(tmp_path: Path) -> None:
    world, sport = (part_of_site(name) for name in ("world", "sport"))
    answers = web_of("/world/1", "/sport/1", map=urlset("/world/1", "/sport/1"))
    with Loopback(answers) as web:
        run(config(tmp_path, web.address, world))
        second = run(config(tmp_path, web.address, world, sport), 2)
        assert [one.new for one in second.sources] == [0, 1]
        web.log.clear()
        run(config(tmp_path, web.address, world, sport), 3)
        asked = [one for one in web.log if one.path == "/map"]
        assert ["if-none-match" in one.headers for one in asked] == [True]


@pytest.mark.parametrize("order", [("old", "rss"), ("rss", "old")])
def test_a_feed_that_redirects_to_another_listed_one_does_not_double_it(
    tmp_path: Path, order: tuple[str, str]
) -> None:
    answers = small_web() | {"/old": reply(status=301, Location="/rss")}
    with Loopback(answers) as web:
        feeds = tuple(f"{HOME}/{name}" for name in order)
        report = run(config(tmp_path, web.address, source(feeds=feeds)))
        assert Counter(web.asked())["/rss"] == 1
    assert (report.sources[0].new, report.sources[0].failed_source) == (3, False)


def test_news_is_asked_for_before_a_backlog_of_revisits(tmp_path: Path) -> None:
    def dated(day: int, *paths: str) -> Answer:
        items = "".join(
            f"<item><title>t</title><link>{path}</link><pubDate>{day} Nov 2025 06:00:00 GMT</pubDate></item>"
            for path in paths
        )
        text = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>"
        return reply(text.encode(), Content_Type="application/rss+xml")

    answers = web_of("/old1", "/old2", "/new", rss=dated(15, "/old1", "/old2"))
    with Loopback(answers) as web:
        settings = config(tmp_path, web.address, source(max_pages=2), revisit=("0s", "1h"))
        run(settings)
        make_due(tmp_path)
        web.answers["/rss"] = dated(22, "/new")
        web.log.clear()
        assert run(settings, 2).sources[0].new == 1
        assert web.asked()[2] == "/new"


def test_undated_entries_do_not_push_out_dated_news(tmp_path: Path) -> None:
    today = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    rows = "".join(f"<url><loc>{HOME}/undated{n}</loc></url>" for n in range(5))
    rows += f"<url><loc>{HOME}/new</loc><lastmod>{today}</lastmod></url>"
    answers = web_of("/new", map=reply(f"<urlset>{rows}</urlset>".encode()))
    with Loopback(answers) as web:
        listed = source(feeds=(), sitemaps=(f"{HOME}/map",), max_pages=2)
        run(config(tmp_path, web.address, listed))
        assert web.asked()[2:] == ["/new", "/undated0"]


def test_a_section_is_read_by_what_the_sites_feed_taught(tmp_path: Path) -> None:
    announced = [f"/a/xyz{n}" for n in range(100, 110)]
    links = ("/a/abc777", "/world", "/tag/climate", "/t/abc777", "/a/world")
    page = "".join(f'<a href="{link}">x</a>' for link in links)
    answers = web_of(*announced, "/a/abc777", rss=feed(*announced), front=reply(page.encode()))
    with Loopback(answers) as web:
        settings = config(tmp_path, web.address, source(sections=(f"{HOME}/front",)))
        run(settings)
        assert [path for path in web.asked() if path in links] == ["/a/abc777"]
        assert Counter(web.asked()).keys() >= set(announced)


def test_what_an_ordinary_sitemap_lists_teaches_nothing(tmp_path: Path) -> None:
    listed = [f"/a/xyz{n}" for n in range(100, 110)]
    answers = web_of(*listed, map=urlset(*listed), front=reply(b'<a href="/a/abc777">x</a>'))
    with Loopback(answers) as web:
        lists = source(feeds=(), sitemaps=(f"{HOME}/map",), sections=(f"{HOME}/front",))
        run(config(tmp_path, web.address, lists))
        assert "/a/xyz100" in web.asked()
        assert "/a/abc777" not in web.asked()


# ------------------------------------------------------------------------------------- redirects


def test_of_a_feed_that_is_too_long_the_beginning_is_read(tmp_path: Path) -> None:
    head = "<rss><channel>" + "".join(f"<item><link>/{n}</link></item>" for n in range(3))
    filler = "<item><description>" + "words " * 50_000 + "</description></item>"
    long = reply(f"{head}{filler}</channel></rss>".encode(), ETag='"long"')
    with Loopback(small_web() | {"/rss": long, "/noise": reply(b"\x00" * 300_000)}) as web:
        listed = source(feeds=(f"{HOME}/rss", f"{HOME}/noise"))
        settings = config(tmp_path, web.address, listed)
        told = run(settings).sources[0]
        assert (told.new, told.listings, told.listings_failed) == (3, 1, 1)
        run(settings, 2)
        again = [one for one in web.log if one.path == "/rss"][1]
        assert again.headers["if-none-match"] == '"long"'
        assert web.asked().count("/noise") == 1


def test_a_story_behind_a_temporary_redirect_is_asked_again(tmp_path: Path) -> None:
    answers = small_web(1) | {"/0": reply(status=302, Location="/down"), "/down": story("down")}
    with Loopback(answers) as web:
        settings = config(tmp_path, web.address, revisit=("1h",))
        run(settings)
        web.answers["/0"] = story(0)
        make_due(tmp_path)
        run(settings, 2)
    assert articles(tmp_path)[f"{HOME}/0"] == 1


def test_a_redirect_to_a_page_that_is_not_wanted_is_not_followed(tmp_path: Path) -> None:
    answers = small_web(1) | {"/0": reply(status=301, Location="/sponsored/1")}
    with Loopback(answers) as web:
        report = run(config(tmp_path, web.address, source(exclude=("/sponsored/",))))
        assert "/sponsored/1" not in web.asked()
    (failure,) = report.failures
    assert "not wanted" in failure[1]


@pytest.mark.parametrize("coding", ["utf-8", "latin-1"])
def test_a_redirect_whose_address_is_not_ascii_leads_where_it_says(
    tmp_path: Path, coding: str
) -> None:
    head = "HTTP/1.1 301 Moved\r\nLocation: /caf\u00e9\r\nContent-Length: 0\r\n\r\n"
    answers = small_web(1) | {"/0": raw(head.encode(coding)), "/caf%C3%A9": story("café")}
    with Loopback(answers) as web:
        assert run(config(tmp_path, web.address)).sources[0].new == 1


# ----------------------------------------------------------------------------- hosts and archive


def test_a_pause_that_a_host_asked_for_holds_though_the_run_is_killed(tmp_path: Path) -> None:
    hosts = ("a.example", "b.example")
    answers = small_web() | {"/0": reply(status=429, Retry_After="86400")}
    answers["b.example/rss"] = slow(30, feed())
    with Loopback(answers) as web:
        settings = config(tmp_path, web.address, hosts=hosts)
        process = started(toml(settings))
        wait_for(web, 5, process)
        time.sleep(0.3)
        process.kill()
        process.communicate()
        assert "/0" in web.asked()
        web.log.clear()
        report = run(config(tmp_path / "data", web.address), 2)
        assert web.log == []
    assert "Retry-After 86400" in report.hosts[0].note


def test_the_gap_between_requests_is_kept_from_run_to_run(tmp_path: Path) -> None:
    with Loopback(small_web(0)) as web:
        settings = config(tmp_path, web.address, delay=0.6)
        run(settings)
        run(settings, 2)
        seen = [asked.at for asked in web.log]
    # As in a single run, one gap of tolerance for a server that was late to notice.
    assert seen[-1] - seen[0] >= 0.6 * (len(seen) - 2)
    assert seen[2] - seen[1] >= 0.4


def test_an_answer_whose_coding_is_broken_is_archived_as_it_came(tmp_path: Path) -> None:
    broken = reply(b"hello", Content_Encoding="br", Content_Type="text/html")
    with Loopback(small_web(1) | {"/0": broken}) as web:
        report = run(config(tmp_path, web.address))
    assert report.sources[0].failed == 1
    (path,) = tmp_path.glob("warc/*/*")
    found = [c for c in read_captures(path, "x") if isinstance(c, Capture) and c.kind == "article"]
    assert [(c.body, c.truncated) for c in found] == [(b"hello", True)]


def test_older_stories_are_found_where_they_are_wanted_though_their_sitemaps_are_unchanged(
    tmp_path: Path,
) -> None:
    def dated(path: str, day: str) -> str:
        return f"<url><loc>{HOME}{path}</loc><lastmod>{day}</lastmod></url>"

    today = time.strftime("%Y-%m-%d", time.gmtime())
    older = validated(f"<urlset>{dated('/2019', '2019-05-01')}</urlset>".encode(), '"19"')
    both = f"<urlset>{dated('/new', today)}{dated('/2018', '2018-05-01')}</urlset>"
    rows = (
        f"<sitemap><loc>{HOME}/s</loc></sitemap><sitemap><loc>{HOME}/s-2019-05.xml</loc></sitemap>"
    )
    answers = web_of("/new", "/2018", "/2019", s=validated(both.encode(), '"s"'))
    answers |= {
        "/s-2019-05.xml": older,
        "/i": validated(f"<sitemapindex>{rows}</sitemapindex>".encode(), '"i"'),
    }
    with Loopback(answers) as web:
        settings = config(
            tmp_path, web.address, source(feeds=(), sitemaps=(f"{HOME}/i",)), revisit=("1h",)
        )
        assert run(settings).sources[0].new == 1
        since = datetime(2019, 1, 1, tzinfo=UTC).timestamp()
        report = crawl(settings, run_id="20261123T060000Z-0002", since=since)
        assert report.sources[0].new == 1
        assert web.asked()[-1] == "/2019"
        assert "/2018" not in web.asked()


@pytest.mark.parametrize("target", ["/", "/section"])
def test_a_story_that_leads_to_a_front_page_is_gone_and_no_story(
    tmp_path: Path, target: str
) -> None:
    answers = small_web(1) | {"/0": reply(status=302, Location=target), target: story("all")}
    listed = source(sections=(f"{HOME}/section",))
    with Loopback(answers | {"/section": story("all")}) as web:
        report = run(config(tmp_path, web.address, listed))
        assert Counter(web.asked())[target] == (target == "/section")
    assert articles(tmp_path) == Counter()
    assert "lists stories" in report.failures[0][1]


def test_after_the_state_was_lost_nothing_that_is_archived_is_asked_again(tmp_path: Path) -> None:
    with Loopback(small_web()) as web:
        settings = config(tmp_path, web.address, revisit=("1h",))
        run(settings)
        for file in tmp_path.glob("state.sqlite*"):
            file.unlink()
        web.log.clear()
        assert run(settings, 2).sources[0].new == 0
        assert web.asked() == ["/robots.txt", "/rss"]


def test_the_further_down_its_section_an_undated_story_is_the_later_it_is_asked_for(
    tmp_path: Path,
) -> None:
    sections = {name: [f"/{name}/the-bandstand-appeal-{n}0012" for n in "123"] for name in "ab"}
    pages = {
        f"/{name}/": reply("".join(f'<a href="{path}">x</a>' for path in paths).encode())
        for name, paths in sections.items()
    }
    with Loopback(web_of(*sections["a"], *sections["b"]) | pages) as web:
        listed = source(feeds=(), sections=tuple(f"{HOME}/{name}/" for name in "ab"))
        run(config(tmp_path, web.address, listed))
        asked = [path for path in web.asked() if "bandstand" in path]
    assert [path[-5:-4] for path in asked] == ["1", "1", "2", "2", "3", "3"]
