import sqlite3
import time
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from hypothesis import given
from hypothesis import strategies as st

from crawler.records import Signals
from crawler.rights import PATH, parse_tdmrep, reserved, signals_of_response, tdm_rule
from crawler.robots import parse_robots
from tests.crawler.loopback import Answer, Loopback, reply, validated
from tests.crawler.test_run import archived, articles, config, run, small_web

TDMREP = (
    b'[{"location": "/free/*", "tdm-reservation": 0},'
    b' {"location": "/", "tdm-reservation": 1, "tdm-policy": "https://a.example/terms"}]'
)


def noted(data: Path) -> dict[str, dict[str, str]]:
    """What the metadata records of a folder's archive say, by URL."""
    found = {}
    for path in data.glob("warc/*/*.warc.gz"):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, record_types=WarcRecordType.metadata):
                rows = record.reader.read().decode().splitlines()
                pairs = (row.partition(": ") for row in rows)
                found[record.headers["WARC-Target-URI"]] = {key: value for key, _, value in pairs}
    return found


def web_with(**more: Answer) -> dict[str, Answer]:
    return small_web(2) | {f"/{name}": answer for name, answer in more.items()}


# ------------------------------------------------------------------------------------ reading


def test_of_a_tdmrep_the_first_line_that_covers_a_path_counts() -> None:
    rules = parse_tdmrep(TDMREP)
    free, other = tdm_rule(rules, "/free/1"), tdm_rule(rules, "/news/1")
    assert free is not None
    assert other is not None
    assert (free.reservation, other.reservation) == ("0", "1")
    assert other.policy == "https://a.example/terms"


@pytest.mark.parametrize(
    ("location", "target", "covered"),
    [("/a", "/abc", True), ("/a$", "/abc", False), ("/a$", "/a", True), ("*.pdf$", "/x/y.pdf", True),
     ("*.pdf$", "/x/y.pdf?z", False), ("/a*c*e", "/abcde", True), ("/a*e*c", "/abcde", False),
     ("/aa*aa$", "/aaa", False), ("*" * 2000, "/" + "a" * 2000, True)],
)  # fmt: skip
def test_locations_are_patterns_as_in_robots_txt(location: str, target: str, covered: bool) -> None:
    rows = msgspec.json.encode([{"location": location, "tdm-reservation": 1}])
    assert (tdm_rule(parse_tdmrep(rows), target) is not None) == covered


@given(st.binary(max_size=200) | st.text(alphabet='[]{}",:01', max_size=60).map(str.encode))
def test_no_bytes_make_a_tdmrep_raise(body: bytes) -> None:
    parse_tdmrep(body)


def test_robots_txt_tells_preferences_and_which_ai_crawlers_it_refuses() -> None:
    robots = parse_robots(
        b"User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /free/ train-ai=y\nAllow: /\n"
        b"User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /news/\nUser-agent: ClaudeBot\nAllow: /\n"
    )
    url = "https://a.example/news/1"
    assert robots.content_usage(url, "WireCorpusBot") == "train-ai=n"
    assert robots.ai_refused(url) == ("gptbot", "ccbot")
    assert robots.ai_refused("https://a.example/free/1") == ()


def test_a_pages_own_word_goes_before_its_sites() -> None:
    known = Signals(tdm_reservation="1", content_usage="train-ai=n")
    html = b'<META content="noarchive" name=Robots><meta name="tdm-policy" content="https://a.example/t">'
    found = signals_of_response(
        known, (("TDM-Reservation", "0"), ("Content-Usage", "search=y")), html
    )
    assert (found.tdm_reservation, found.tdm_policy) == ("0", "https://a.example/t")
    assert found.content_usage == "train-ai=n; search=y"
    assert found.meta_robots == "noarchive"


@pytest.mark.parametrize(
    ("signals", "words"),
    [(Signals(), ""), (Signals(tdm_reservation="0"), ""), (Signals(ai_refused=("gptbot",)), ""),
     (Signals(tdm_reservation="1"), "TDM-Reservation: 1"),
     (Signals(content_usage="search=y, train-ai=n"), "Content-Usage: train-ai=n")],
)  # fmt: skip
def test_reserved_is_what_is_said_to_be(signals: Signals, words: str) -> None:
    assert reserved(signals) == words


# -------------------------------------------------------------------------------------- in a run


def test_every_capture_keeps_what_its_site_says_of_mining_it(tmp_path: Path) -> None:
    robots = (
        b"User-agent: *\nContent-Usage: train-ai=n\nAllow: /\nUser-agent: GPTBot\nDisallow: /\n"
    )
    answers = web_with(**{"robots.txt": reply(robots)}) | {PATH: reply(TDMREP)}
    answers["/1"] = reply(b"<p>One.</p>", Content_Type="text/html", X_Robots_Tag="noindex")
    with Loopback(answers) as web:
        run(config(tmp_path, web.address, tdm="record"))
        assert web.asked() == ["/robots.txt", "/rss", PATH, "/0", "/1"]
    told = noted(tmp_path)["http://a.example/1"]
    assert (told["tdm_reservation"], told["tdm_policy"]) == ("1", "https://a.example/terms")
    assert (told["content_usage"], told["ai_refused"]) == ("train-ai=n", "gptbot")
    assert told["x_robots_tag"] == "noindex"
    assert {c.tdm_reservation for c in archived(tmp_path) if c.kind == "article"} == {"1"}


def test_a_tdmrep_is_asked_for_once_a_day(tmp_path: Path) -> None:
    for answer in (reply(TDMREP), reply(status=404), reply(status=403)):
        data = tmp_path / str(id(answer))
        with Loopback(small_web(2) | {PATH: answer}) as web:
            settings = config(data, web.address, tdm="record", revisit=("0s",))
            for number in (1, 2):
                run(settings, number)
            assert web.asked().count(PATH) == 1


def test_a_tdmrep_that_is_not_there_is_looked_for_every_third_day(tmp_path: Path) -> None:
    with Loopback(small_web(1)) as web:
        settings = config(tmp_path, web.address, tdm="record", revisit=("0s",))
        for number, (days, asked) in enumerate(((0, 1), (2, 1), (4, 2)), 1):
            if number > 1:
                with closing(sqlite3.connect(tmp_path / "state.sqlite")) as db, db:
                    db.execute("UPDATE tdmrep SET read_at = ?", (time.time() - days * 86_400,))
                    db.execute("UPDATE urls SET next_due = 0")
            run(settings, number)
            assert web.asked().count(PATH) == asked


def test_a_day_later_a_tdmrep_is_asked_for_with_its_validators(tmp_path: Path) -> None:
    with Loopback(small_web(1) | {PATH: validated(TDMREP, '"t"')}) as web:
        settings = config(tmp_path, web.address, tdm="record", revisit=("0s", "1s"))
        run(settings)
        with closing(sqlite3.connect(tmp_path / "state.sqlite")) as db, db:
            db.execute("UPDATE tdmrep SET read_at = read_at - 90000")
            db.execute("UPDATE urls SET next_due = 0")
        web.answers["/0"] = reply(b"<p>Corrected.</p>", Content_Type="text/html")
        run(settings, 2)
        asked = [one.headers.get("if-none-match") for one in web.log if one.path == PATH]
        assert asked == [None, '"t"']
    assert noted(tmp_path)["http://a.example/0"]["tdm_reservation"] == "1", "what was, holds"
    assert [c.status for c in archived(tmp_path) if c.final_url.endswith(PATH)] == [200, 304]


def test_a_tdmrep_that_robots_txt_disallows_is_not_asked_for(tmp_path: Path) -> None:
    robots = reply(b"User-agent: *\nDisallow: /.well-known/\n")
    with Loopback(web_with(**{"robots.txt": robots})) as web:
        run(config(tmp_path, web.address, tdm="record"))
        assert PATH not in web.asked()
    assert len(articles(tmp_path)) == 2


def test_reserved_stories_are_left_alone_where_that_is_wanted(tmp_path: Path) -> None:
    answers = small_web(3) | {PATH: reply(b'[{"location": "/0", "tdm-reservation": 1}]')}
    answers["/1"] = reply(b"<p>One.</p>", Content_Type="text/html", TDM_Reservation="1")
    with Loopback(answers) as web:
        settings = config(tmp_path, web.address, tdm="skip", per_host=2)
        report = run(settings)
        assert web.asked() == ["/robots.txt", "/rss", PATH, "/1", "/2"]
        web.log.clear()
        run(settings, 2)
        assert not {"/0", "/1"} & set(web.asked())
    assert set(articles(tmp_path)) == {"http://a.example/2"}
    assert (report.sources[0].refused, report.sources[0].failed) == (1, 1)
