"""The made-up web is what the other tests take it for: enough of it, true, and served as a site serves."""

import contextlib
import gzip
import http.client
import io
import json
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from corpus.records import Article, Cluster, Member, Representative, article_id, cluster_id
from crawler.config import load
from tests.newsweb import NewsWeb, demo
from tests.newsweb.__main__ import main
from tests.newsweb.content import COPY_FORMS, outlets
from tests.newsweb.score import body_f1, score, score_folder
from tests.newsweb.server import read_log
from tests.newsweb.site import resources
from tests.newsweb.truth import Truth, truth, url_key

DAY_ONE = truth(1)
DAY_TWO = truth(2)


@pytest.fixture(scope="module")
def web() -> Iterator[NewsWeb]:
    with NewsWeb() as web:
        yield web


def ask(
    web: NewsWeb, url: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One request for an http://host/path URL, sent to the web's own address."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(web.address, timeout=5)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers={"Host": parts.netloc, **named})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), body


def page(kind: str = "wire", outlet: str = "", form: str = "", day: int = 1) -> Truth:
    """The first page of that kind."""
    return next(
        t
        for t in truth(day)
        if t.kind == kind and outlet in ("", t.outlet) and (not form or form in t.forms)
    )


class Words(HTMLParser):
    """The text of a page, white space folded, scripts left out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)

    def __str__(self) -> str:
        return " ".join(" ".join(self.parts).split())


@cache
def shown_at(url: str, day: int) -> str:
    """The text that stands on the page as it is served on the day."""
    found = resources(day)[host_and_path(url)]
    charset = found.content_type.rpartition("=")[2]
    return str(Words(found.body.decode(charset)))


def shown(known: Truth, day: int = 1) -> str:
    return shown_at(known.url, day)


def host_and_path(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc, parts.path + (f"?{parts.query}" if parts.query else "")


# ------------------------------------------------------------------------------------- the content


def test_the_web_is_as_large_as_its_users_need() -> None:
    assert len(DAY_ONE) >= 200
    assert len({t.outlet for t in DAY_ONE}) >= 12
    assert len({t.template for t in DAY_ONE}) == 5
    assert {t.language for t in DAY_ONE} == {"en", "de", "es"}
    written = {t.story for t in DAY_ONE if t.kind in ("wire", "own", "teaser", "video")}
    assert len(written) >= 40
    assert min(Counter(t.outlet for t in DAY_ONE).values()) >= 8


def test_every_form_of_a_wire_story_occurs_often_enough() -> None:
    stories: dict[str, set[str]] = {}
    for t in DAY_ONE:
        for form in t.forms:
            stories.setdefault(form, set()).add(t.story)
    assert all(len(stories[form]) >= 5 for form in (*COPY_FORMS, "reworded"))
    assert len(stories["translated_back"]) >= 4
    for language in ("de", "es"):
        translated = {
            t.story for t in DAY_ONE if "translated" in t.forms and t.language == language
        }
        assert len(translated) >= 3


def test_every_agency_is_credited_in_its_own_way() -> None:
    signals = {(c.agency, c.signal) for t in DAY_ONE for c in t.credits}
    assert {
        ("AP", "dateline"),
        ("AP", "byline"),
        ("Reuters", "dateline"),
        ("Reuters", "tail"),
        ("AFP", "dateline"),
        ("PA", "byline"),
        ("dpa", "dateline"),
        ("dpa", "tail"),
        ("EFE", "dateline"),
    } <= signals
    assert {"source", "json_ld"} <= {signal for _, signal in signals}


def test_credits_stand_on_their_pages() -> None:
    for t in DAY_ONE:
        text = shown(t)
        for credit in t.credits:
            if credit.signal != "json_ld":
                assert credit.text in text, t.url


def test_clean_paragraphs_and_headline_stand_on_the_served_page() -> None:
    for day, known in ((1, DAY_ONE), (2, DAY_TWO)):
        for t in known:
            if t.expect == "gone":
                continue
            text = shown(t, day)
            assert " ".join(t.headline.split()) in text, t.url
            for paragraph in t.paragraphs:
                assert " ".join(paragraph.split()) in text, t.url


def test_urls_and_story_texts_are_told_apart() -> None:
    urls = [url_key(u) for t in DAY_ONE for u in (t.url, *t.urls)]
    assert len(urls) == len(set(urls))
    retold = [t.text for t in DAY_ONE if "reworded" in t.forms or t.kind == "own"]
    assert not any("{" in t.text for t in DAY_ONE)
    assert all(len(text.split()) > 15 for text in retold if text)


def test_copies_share_their_words_and_same_event_stories_do_not() -> None:
    grams = {t.url: five_grams(t.text) for t in DAY_ONE}

    def shared(a: Truth, b: Truth) -> float:
        least = min(len(grams[a.url]), len(grams[b.url]))
        return len(grams[a.url] & grams[b.url]) / least

    known = [t for t in DAY_ONE if t.expect == "article"]
    for a in known:
        copies = [
            b for b in known if a.copy_group and a.copy_group == b.copy_group and a.url != b.url
        ]
        assert not copies or max(shared(a, b) for b in copies) > 0.55, a.url
        others = [b for b in known if a.event and a.event == b.event and a.story != b.story]
        assert all(shared(a, b) < 0.15 for b in others), a.url
        retold = [b for b in known if a.story_group == b.story_group and not b.is_pair_scored]
        assert all(shared(a, b) < 0.15 for b in retold if a.url != b.url), a.url


def five_grams(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}


def test_a_photo_credit_is_never_the_only_ground_for_an_agency() -> None:
    photographed = [
        t for t in DAY_ONE if t.template == "semantic" and t.outlet == "harbour-gazette"
    ]
    own = [t for t in photographed if t.kind == "own" and not t.agencies and "PA" in shown(t)]
    assert own


# --------------------------------------------------------------------------------- days and bytes


def test_two_builds_give_the_same_bytes() -> None:
    first = {key: found.body for key, found in resources(1).items()}
    resources.cache_clear()
    assert {key: found.body for key, found in resources(1).items()} == first


def test_furniture_changes_from_day_to_day_where_the_outlet_is_volatile() -> None:
    volatile = {o.host for o in outlets() if o.volatile}
    fixed, changed = 0, 0
    corrected = {t.url for t in DAY_TWO if t.modified != t.published}
    for t in DAY_ONE:
        key = host_and_path(t.url)
        same = resources(1)[key].body == resources(2)[key].body
        if resources(2)[key].status == 200 and t.url not in corrected:
            assert same == (key[0] not in volatile), t.url
            fixed += same
            changed += not same
    assert fixed > 150
    assert changed > 30


def test_day_two_brings_news_corrections_and_withdrawals() -> None:
    before = {t.url: t for t in DAY_ONE}
    new = [t for t in DAY_TWO if t.url not in before]
    corrected = [t for t in DAY_TWO if t.url in before and t.text != before[t.url].text]
    gone = [t for t in DAY_TWO if t.expect == "gone"]
    assert 0.07 <= len(new) / len(DAY_ONE) <= 0.13
    assert len(corrected) >= 4
    assert len(gone) >= 3
    assert all(t.modified > before[t.url].modified for t in corrected)


# ------------------------------------------------------------------------------------- the server


def test_validators_give_304_and_a_changed_page_gives_200(web: NewsWeb) -> None:
    known = page(outlet="stanwick-post")
    status, headers, body = ask(web, known.url)
    assert status == 200
    assert body == resources(1)[host_and_path(known.url)].body
    assert ask(web, known.url, If_None_Match=headers["ETag"])[::2] == (304, b"")
    assert ask(web, known.url, If_Modified_Since=headers["Last-Modified"])[0] == 304
    assert (
        ask(web, known.url, If_None_Match='"other"', If_Modified_Since=headers["Last-Modified"])[0]
        == 200
    )
    web.set_day(2)
    assert ask(web, known.url, If_None_Match=headers["ETag"])[0] == 200
    web.set_day(1)


def test_gzip_is_sent_when_asked_for_and_has_a_validator_of_its_own(web: NewsWeb) -> None:
    known = page(outlet="bayline-daily")
    _, plain, body = ask(web, known.url)
    _, headers, packed = ask(web, known.url, Accept_Encoding="gzip, br")
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == body
    assert headers["ETag"] != plain["ETag"]
    assert ask(web, known.url, Accept_Encoding="gzip", If_None_Match=headers["ETag"])[0] == 304


def test_head_gives_headers_only(web: NewsWeb) -> None:
    status, headers, body = ask(web, page().url, method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 1000


def test_missing_moved_gone_and_unknown_places(web: NewsWeb) -> None:
    assert ask(web, f"http://{outlets()[0].host}{outlets()[0].dead[0]}")[0] == 404
    assert ask(web, "http://elsewhere.example/")[0] == 421
    moved = next(t for t in DAY_ONE if any("/node/" in u for u in t.urls))
    status, headers, _ = ask(web, moved.urls[0])
    assert (status, headers["Location"]) == (301, moved.url)
    withdrawn = next(t for t in DAY_TWO if t.expect == "gone")
    assert ask(web, withdrawn.url)[0] == 200
    web.set_day(2)
    assert ask(web, withdrawn.url)[0] == 410
    web.set_day(1)


def test_tracked_and_alias_urls_show_the_page_and_name_the_canonical_one(web: NewsWeb) -> None:
    known = page(outlet="harbour-gazette")
    assert ask(web, f"{known.url}?utm_source=rss&utm_medium=feed")[2] == ask(web, known.url)[2]
    aliased = next(t for t in DAY_ONE if any("/a/" in u for u in t.urls))
    assert f'<link rel="canonical" href="{aliased.url}">'.encode() in ask(web, aliased.urls[0])[2]
    by_query = page(outlet="colton-tribune")
    assert ask(web, f"{by_query.url}&utm_source=rss")[2] == ask(web, by_query.url)[2]


def test_robots_files_name_sitemaps_delays_and_what_is_forbidden(web: NewsWeb) -> None:
    robots = {o.id: ask(web, f"http://{o.host}/robots.txt") for o in outlets()}
    assert robots["coast-courier"][0] == 404
    texts = {outlet: body.decode() for outlet, (status, _, body) in robots.items() if status == 200}
    assert len(texts) == len(robots) - 1
    assert all("Disallow: /premium/" in text for text in texts.values())
    assert "Crawl-delay: 0.1" in texts["harbour-gazette"]
    assert "Sitemap: http://www.nationalledger.example/sitemap.xml" in texts["national-ledger"]
    forbidden = next(t for t in DAY_ONE if t.expect == "never")
    assert urlsplit(forbidden.url).path.startswith("/premium/")
    assert forbidden.url.encode() in ask(web, "http://www.harbour-gazette.example/feed.xml")[2]


def test_every_page_is_announced_where_the_configuration_says(web: NewsWeb) -> None:
    for day in (1, 2):
        web.set_day(day)
        announced: set[str] = set()
        for outlet in outlets():
            for urls in demo.sources_of(outlet).values():
                for url in urls:
                    announced |= {url_key(u) for u in links_of(web, url)}
        for t in truth(day):
            known = bool(announced & {url_key(u) for u in (t.url, *t.urls)})
            assert known == (t.expect != "gone"), t.url
    web.set_day(1)


def links_of(web: NewsWeb, url: str) -> Iterator[str]:
    """The links of a feed, sitemap or section page, sitemaps of an index followed."""
    status, headers, body = ask(web, url)
    assert status == 200, url
    if "json" in headers["Content-Type"]:
        yield from (item["url"] for item in json.loads(body)["items"])
        return
    if "html" in headers["Content-Type"]:
        yield from (
            f"http://{urlsplit(url).netloc}{link}" for link in hrefs(body.decode("latin-1"))
        )
        return
    for element in ET.fromstring(body).iter():
        tag, text = element.tag.rpartition("}")[2], element.text or ""
        if tag == "loc" and text.endswith(".xml"):
            yield from links_of(web, text)
        elif tag in ("loc", "link"):
            yield element.get("href") or text


def hrefs(html: str) -> list[str]:
    return [part.partition('"')[0] for part in html.split('href="')[1:] if part.startswith("/")]


def test_the_log_has_every_request_with_its_validators(tmp_path: Path) -> None:
    with NewsWeb(log_file=tmp_path / "log.jsonl") as web:
        ask(web, page().url, If_None_Match='"x"', User_Agent="Tester/1", From="a@b.example")
        ask(web, "http://www.bayline.example/")
        first, second = web.requests()
        assert (first.status, first.user_agent, first.from_) == (200, "Tester/1", "a@b.example")
        assert first.has_validators
        assert not second.has_validators
        assert list(web.requests(host="www.bayline.example")) == [second]
    assert read_log(tmp_path / "log.jsonl") == (first, second)


def test_a_broken_host_breaks_alone_and_can_be_mended() -> None:
    host = "www.bayline.example"
    with NewsWeb() as web:
        web.break_host(host, status=503, retry_after="7")
        assert ask(web, f"http://{host}/")[1]["Retry-After"] == "7"
        assert ask(web, "http://prairiesentinel.example/")[0] == 200
        web.break_host(host, status=500, prefix="/robots.txt")
        assert ask(web, f"http://{host}/robots.txt")[0] == 500
        assert ask(web, f"http://{host}/")[0] == 200
        web.break_host(host, reset=True)
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            ask(web, f"http://{host}/")
        web.slow_host(host, 0.01)
        assert ask(web, f"http://{host}/")[0] == 200
        web.mend_host(host)
        assert ask(web, f"http://{host}/robots.txt")[0] == 200


def test_a_connection_is_kept_for_several_requests(web: NewsWeb) -> None:
    connection = http.client.HTTPConnection(web.address, timeout=5)
    for path in ("/robots.txt", "/", "/nothing"):
        connection.request("GET", path, headers={"Host": "www.bayline.example"})
        answer = connection.getresponse()
        answer.read()
        assert not answer.will_close
    connection.close()


# ----------------------------------------------------------------------- configuration and scorer


def test_the_demo_configuration_is_what_the_outlets_say() -> None:
    assert demo.CONFIG.read_text(encoding="utf-8") == demo.config(), (
        "run `python -m tests.newsweb config > configs/demo.toml`"
    )
    config = load(demo.CONFIG)
    assert [s.id for s in config.sources] == [o.id for o in outlets()]
    assert set(config.crawl.resolve) == {f"{o.host}:80" for o in outlets()}


def article_of(known: Truth, text: str = "") -> Article:
    return Article(
        id=article_id(known.url),
        capture_id="",
        url=known.url,
        canonical_url=known.url,
        final_url=known.url,
        text=text or known.text,
        text_sha256="",
    )


def cluster_of(*members: Truth) -> Cluster:
    ids = [article_id(t.url) for t in members]
    return Cluster(
        snapshot="",
        id=cluster_id(ids[0], 1),
        story_id="",
        size=len(ids),
        outlet_count=len(ids),
        owner_count=1,
        representative=Representative(article_id=ids[0], version=1, reason=""),
        members=tuple(
            Member(
                article_id=i,
                version=1,
                outlet="",
                published_at=None,
                seen_at="",
                relation="near",
                jaccard=1.0,
                containment=1.0,
                wire_share=1.0,
                headline_changed=False,
            )
            for i in ids
        ),
    )


def gold_clusters(known: tuple[Truth, ...]) -> list[Cluster]:
    groups: dict[str, list[Truth]] = {}
    for t in known:
        if t.expect == "article":
            groups.setdefault(t.copy_group or t.url, []).append(t)
    return [cluster_of(*members) for members in groups.values()]


def test_a_perfect_answer_scores_one_and_a_worse_one_less() -> None:
    articles = [article_of(t) for t in DAY_ONE if t.expect == "article"]
    perfect = score(DAY_ONE, articles, gold_clusters(DAY_ONE))
    assert (perfect.pairs.f1, perfect.body_f1) == (1.0, 1.0)
    assert perfect.articles == perfect.expected == len(articles)

    apart = score(DAY_ONE, articles, [])
    assert (apart.pairs.f1, apart.pairs.precision, apart.pairs.recall) == (0.0, 1.0, 0.0)

    lumped = score(DAY_ONE, articles, [cluster_of(*(t for t in DAY_ONE if t.expect == "article"))])
    assert lumped.pairs.recall == 1.0
    assert lumped.pairs.precision < 0.05

    missing = score(DAY_ONE, articles[10:], gold_clusters(DAY_ONE))
    assert missing.pairs.f1 < 1.0
    assert missing.body_f1 < 0.96


def test_retold_stories_are_left_out_of_the_pair_score() -> None:
    articles = [article_of(t) for t in DAY_ONE if t.expect == "article"]
    by_story: dict[str, list[Truth]] = {}
    for t in DAY_ONE:
        if t.expect == "article":
            by_story.setdefault(t.story_group, []).append(t)
    assert any(not t.is_pair_scored for t in by_story["w01-ferry"])
    with_retold = [cluster_of(*members) for members in by_story.values()]
    assert score(DAY_ONE, articles, with_retold).pairs.f1 == 1.0


def test_body_score_forgives_optional_lines_and_nothing_else() -> None:
    known = next(t for t in DAY_ONE if t.optional)
    assert body_f1(known, f"{known.optional[0]}\n\n{known.text}") == 1.0
    assert body_f1(known, f"Latest from the quayside\n{known.text}") < 1.0
    assert body_f1(known, "") == 0.0


def test_a_data_folder_is_scored_by_its_newest_snapshot_and_newest_versions(tmp_path: Path) -> None:
    known = [t for t in DAY_ONE if t.expect == "article"]
    first = [msgspec.structs.replace(article_of(t), text="an earlier version") for t in known]
    second = [msgspec.structs.replace(article_of(t), version=2) for t in known]
    write_lines(tmp_path / "articles/date=2026-11-18/r1.jsonl", first)
    write_lines(tmp_path / "articles/date=2026-11-19/r2.jsonl", second)
    write_lines(tmp_path / "snapshots/2026-11-18T0600Z/clusters.jsonl", [])
    write_lines(tmp_path / "snapshots/2026-11-19T0600Z/clusters.jsonl", gold_clusters(DAY_ONE))
    found = score_folder(tmp_path, DAY_ONE)
    assert (found.pairs.f1, found.body_f1) == (1.0, 1.0)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert main(["score", str(tmp_path)]) == 0
    assert len(printed.getvalue().splitlines()) == 3


def write_lines(file: Path, records: list[Article] | list[Cluster]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(msgspec.json.encode(r) + b"\n" for r in records))


def test_a_folder_without_a_snapshot_and_a_taken_port_are_said_clearly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", str(tmp_path)]) == 2
    assert "no snapshot" in capsys.readouterr().err
    with NewsWeb() as web:
        port = web.address.rpartition(":")[2]
        assert main(["serve", "--port", port]) == 2
        assert "cannot be used" in capsys.readouterr().err
        assert demo.demo(port=int(port)) == 2
        assert "end what listens there" in capsys.readouterr().err
