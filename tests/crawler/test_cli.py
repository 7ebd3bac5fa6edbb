import gc
import json
from pathlib import Path

import click
import pytest

from crawler.cli import (
    dry_run,
    exit_code,
    is_locked,
    load_config,
    run_crawl,
    schedule,
    sources,
    take_in,
    url_counts,
)
from crawler.errors import ConfigError
from crawler.records import CrawlProgress, CrawlReport, SourceOutcome
from tests.crawler.loopback import Answer, Loopback, reply
from tests.crawler.test_archive import three
from tests.crawler.test_run import config, small_web, toml


def call(command: click.Command, *arguments: str) -> int:
    return int(command.main(list(arguments), standalone_mode=False))


def report(stopped: str = "", *failed: bool) -> CrawlReport:
    outcomes = tuple(SourceOutcome(str(n), failed_source=f) for n, f in enumerate(failed))
    return CrawlReport("r", "", "", stopped, sources=outcomes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (report("", False, False), 0),
        (report("", True, False), 3),
        (report("", True, True), 4),
        (report("max_pages", False), 6),
        (report("max_runtime", False), 6),
        (report("disk_full", True, False), 6),
        (report("SIGTERM", True), 143),
        (report("SIGINT"), 130),
    ],
)
def test_exit_codes_say_how_it_went(what: CrawlReport, code: int) -> None:
    assert exit_code(what) == code


def test_a_crawl_reports_what_it_did_and_the_state_knows_its_urls(tmp_path: Path) -> None:
    with Loopback(small_web()) as web:
        found = run_crawl(load_config(toml(config(tmp_path, web.address)), None))
    assert found.sources[0].new == 3
    assert url_counts(tmp_path / "data") == (("done", 3),)


def test_a_crawl_leaves_the_collector_of_the_process_as_it_was(tmp_path: Path) -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    during = []

    def note(_: CrawlProgress) -> None:
        during.append(gc.get_threshold())

    with Loopback(small_web()) as web:
        run_crawl(load_config(toml(config(tmp_path, web.address)), None), progress=note)
    assert during
    assert during[0] != before[0]
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


def test_another_data_folder_takes_the_configured_ones_place(tmp_path: Path) -> None:
    with Loopback(small_web()) as web:
        path = toml(config(tmp_path, web.address))
        run_crawl(load_config(path, tmp_path / "there"))
    assert (tmp_path / "there" / "state.sqlite").exists()
    assert not (tmp_path / "data").exists()


def test_a_dry_run_asks_nobody_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Loopback(small_web()) as web:
        path = toml(config(tmp_path, web.address))
        assert dry_run(load_config(path, None), as_json=False) == 0
        assert web.log == []
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("a: 1 listings, 0 known articles due; not finished before 20")
    assert second == "  [unknown yet: robots.txt was not read]  http://a.example/rss"
    assert not (tmp_path / "data").exists()


def test_a_dry_run_names_known_articles_that_are_due(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Loopback(small_web()) as web:
        path = toml(config(tmp_path, web.address))
        run_crawl(load_config(path, None), max_pages=1)
    dry_run(load_config(path, None), as_json=True)
    (planned,) = json.loads(capsys.readouterr().out)
    assert planned["articles"] == 2


def test_no_time_at_all_means_that_nothing_is_asked(tmp_path: Path) -> None:
    with Loopback(small_web()) as web:
        found = run_crawl(load_config(toml(config(tmp_path, web.address)), None), max_runtime="0s")
        assert web.log == []
    assert (found.stopped, exit_code(found)) == ("max_runtime", 6)


def test_a_configuration_without_a_source_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.toml"
    path.write_text('sources = ["sourcez/*.toml"]\n[crawl]\ncontact = "me@uni.example"\n')
    with pytest.raises(ConfigError, match=r"w\.toml: names no sources"):
        run_crawl(load_config(path, None))
    with pytest.raises(ConfigError, match="names no sources"):
        dry_run(load_config(path, None), as_json=False)


def test_a_foreign_warc_is_taken_into_the_archive(tmp_path: Path) -> None:
    source = tmp_path / "CC-NEWS-1.warc.gz"
    source.write_bytes(three().bytes)
    place = take_in(source, tmp_path / "data")
    assert place.parent.parent == tmp_path / "data" / "warc"
    assert take_in(source, tmp_path / "data") == place


def test_a_folder_without_a_run_is_not_locked_and_knows_no_urls(tmp_path: Path) -> None:
    assert not is_locked(tmp_path)
    assert url_counts(tmp_path) == ()


# --------------------------------------------------------------------------------- sources check


def site(**more: Answer) -> dict[str, Answer]:
    page = b'<link rel="alternate" type="application/rss+xml" href="/rss"><a href="/x">x</a>'
    sitemap = (
        b"<urlset><url><loc>http://a.example/1</loc><lastmod>2026-11-22</lastmod></url></urlset>"
    )
    return small_web() | {
        "/": reply(page, Content_Type="text/html"),
        "/robots.txt": reply(b"Sitemap: http://a.example/news.xml\nUser-agent: *\nDisallow: /x"),
        "/news.xml": reply(sitemap, Content_Type="application/xml"),
    } | more  # fmt: skip


def test_sources_check_prints_a_row_that_loads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Loopback(site()) as web:
        path = toml(config(tmp_path, web.address))
        assert call(sources, "check", "--config", str(path), "http://a.example/") == 0
        assert sorted(web.asked()) == ["/", "/news.xml", "/robots.txt", "/rss"]
        assert web.asked()[0] == "/robots.txt"
    shown = capsys.readouterr().out
    row = tmp_path / "row.toml"
    row.write_text(shown)
    (found,) = load_config(row, None).sources
    assert (found.id, found.name) == ("a-example", "T")
    assert found.feeds == ("http://a.example/rss",)
    assert found.sitemaps == ("http://a.example/news.xml",)
    assert "# http://a.example/news.xml: 1 entries, newest 2026-11-22T00:00:00Z" in shown


def test_sources_check_obeys_robots_and_says_what_it_could_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = site() | {"/robots.txt": reply(b"User-agent: *\nDisallow: /")}
    with Loopback(answers) as web:
        path = toml(config(tmp_path, web.address))
        assert call(sources, "check", "--config", str(path), "http://a.example/", "--json") == 4
        assert web.asked() == ["/robots.txt"]
    (found,) = json.loads(capsys.readouterr().out)
    assert found["trouble"] == ["http://a.example/: Disallow: /"]


def test_sources_check_takes_any_address_that_robots_txt_and_pages_may_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = b"Sitemap: news.xml\nSitemap: http://me:word@a.example/1\nSitemap: mailto:x@a.example"
    page = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{address}">'
        for address in ("/rss#top", "javascript:x", "http://[::1", "HTTP://A.EXAMPLE:80/./rss")
    )
    answers = {
        "/robots.txt": reply(written),
        "/": reply(page.encode(), Content_Type="text/html"),
    }
    with Loopback(site() | answers) as web:
        path = toml(config(tmp_path, web.address))
        assert call(sources, "check", "--config", str(path), "http://a.example/") == 0
        assert sorted(web.asked()) == ["/", "/news.xml", "/robots.txt", "/rss"]
    assert 'sitemaps = ["http://a.example/news.xml"]' in capsys.readouterr().out


def test_sources_check_needs_a_contact_and_a_web_address(tmp_path: Path) -> None:
    path = tmp_path / "w.toml"
    path.write_text("")
    with pytest.raises(ConfigError, match="contact is missing"):
        call(sources, "check", "--config", str(path), "a.example")
    with pytest.raises(ConfigError, match="is no web address"):
        call(
            sources,
            "check",
            "--config",
            str(path),
            "--contact",
            "me@uni.example",
            "ftp://a.example",
        )


def test_outlets_of_the_catalogue_are_found_and_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wirecorpus.toml"
    path.write_text('[crawl]\ncontact = "desk@gazette.example"\n')
    assert call(sources, "search", "guardian") == 0
    assert "the-guardian" in capsys.readouterr().out
    assert call(sources, "search", "no such paper") == 4
    assert call(sources, "add", "the-guardian", "--config", str(path)) == 0
    assert [one.id for one in load_config(path, None).sources] == ["the-guardian"]


@pytest.mark.parametrize(("how", "words"), [("--cron", " * * * * "), ("--systemd", "[Timer]")])
def test_a_schedule_is_printed_and_not_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str, words: str
) -> None:
    path = tmp_path / "wirecorpus.toml"
    path.write_text('[crawl]\ncontact = "desk@gazette.example"\n')
    assert call(schedule, how, "--config", str(path)) == 0
    out = capsys.readouterr().out
    assert words in out
    assert "bin/wirecorpus run --config" in out
    assert [one.name for one in tmp_path.iterdir()] == ["wirecorpus.toml"]
