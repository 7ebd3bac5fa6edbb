"""A page as an article."""

import hashlib
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.extract import extract, load_rules
from corpus.pages import Page, decode
from corpus.records import Article, Rejection, Rights, article_id
from corpus.rulebook import load_rulebook
from crawler.archive import load_url_rules
from tests.corpus.made_up import story

FILES = load_rulebook().files
RULES = load_rules(FILES, min_words=25)
URLS = load_url_rules(FILES["urls.toml"], "urls.toml")
GOLDEN = Path(__file__).parent.parent / "golden" / "article-bridge.json"
URL = "https://www.times.example/2026/11/17/bridge?utm_source=feed"

STORY = (
    "OSTBY, Nov. 17 (AP) — The council of Ostby opened its second bridge Monday, after nine years of work.",
    "“The toll will be as low as we promised,” Mayor Ann Example told several hundred people in the rain.",
    "Nobody at the old mill, which the road to the bridge now passes, had been asked before the work began.",
    "What comes next",
    "A third bridge would cost twice as much, and the council has not yet found anybody to pay for it.",
)
PAGE = f"""<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>Ostby opens its second bridge | Example Times</title>
<link rel="canonical" href="/2026/11/17/bridge">
<meta property="og:site_name" content="Example Times"><meta property="og:type" content="article">
<meta name="description" content="Nine years late, the bridge is open.">
<meta name="robots" content="index,noarchive">
<script type="application/ld+json">{{"@type":"NewsArticle","headline":"Ostby opens its second bridge",
"datePublished":"2026-11-17T09:20:00+01:00","dateModified":"2026-11-17T10:00:00+01:00",
"articleSection":"World","author":{{"@type":"Organization","name":"Associated Press"}},
"isAccessibleForFree":true,"image":{{"@type":"ImageObject","creditText":"Reuters"}}}}</script></head>
<body><nav><a href="/">Home</a> <a href="/world">World</a></nav>
<div class="topline">Friday, November 20, 2026 <time datetime="2026-11-20">today</time> 14.1 C</div>
<main><article><h1>Ostby opens its second bridge</h1><p class="byline">By Associated Press</p>
<figure><img src="b.jpg" alt=""><figcaption>The bridge at night. Photo: Max Sample/dpa</figcaption></figure>
<p>{STORY[0]}</p><p>{STORY[1]}</p>
<p>Read also: <a href="/2026/11/16/mill">Old mill sold to bank</a></p>
<p>{STORY[2]}</p><h2>{STORY[3]}</h2><p>{STORY[4]}</p>
<p><a href="/2026/11/15/toll">How high is the toll of the other bridge?</a></p>
<p>#Ostby #bridge</p></article>
<aside><h3>Latest stories</h3><ul><li><a href="/a">Market opens</a></li>
<li><a href="/b">Rain stays (Reuters)</a></li></ul></aside>
</main><footer><p>© 2026 Example Times. Reuters content is licensed.</p></footer></body></html>"""


def read(html: str = PAGE, url: str = URL, **fields: object) -> Article | Rejection:
    known: dict[str, object] = {
        "capture_id": "k_1",
        "url": url,
        "final_url": url,
        "source_id": "example-times",
        "fetched_at": "2026-11-20T12:00:00Z",
        "run_id": "r1",
    }
    return extract(Page(html=html, **(known | fields)), RULES, URLS)  # type: ignore[arg-type]


def article(html: str = PAGE, url: str = URL, **fields: object) -> Article:
    answer = read(html, url, **fields)
    assert isinstance(answer, Article), answer
    return answer


def plain(*paragraphs: str, head: str = "", title: str = "Bridge") -> str:
    body = "".join(f"<p>{p}</p>" for p in paragraphs or STORY)
    return f"<html><head><title>{title}</title>{head}</head><body><article>{body}</article></body></html>"


def test_the_invented_page_gives_the_golden_article() -> None:
    found = article()
    steady = msgspec.structs.replace(found.extraction, version="", settings_digest="")
    line = json.loads(msgspec.json.encode(msgspec.structs.replace(found, extraction=steady)))
    assert line == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_the_story_alone_is_the_text_and_the_rest_is_kept_beside_it() -> None:
    found = article()
    assert found.text == "\n\n".join(STORY)
    assert {(s.kind, s.after_paragraph) for s in found.stripped} >= {("related", 1), ("tags", 4)}
    assert found.text_sha256 == hashlib.sha256(found.text.encode()).hexdigest()
    assert found.char_count == len(found.text)


def test_only_those_who_wrote_it_are_credited() -> None:
    found = article()
    assert found.wire.agencies == ("AP",)
    assert {e.signal for e in found.wire.evidence} == {"dateline", "byline", "json_ld"}
    assert (found.dateline.place, found.dateline.agency, found.dateline.date) == (
        "OSTBY",
        "AP",
        "Nov. 17",
    )


def test_every_piece_of_evidence_stands_at_its_place() -> None:
    found = article()
    places = {
        "text": found.text,
        "byline": found.byline,
        "json_ld": PAGE,
        "meta": PAGE,
        "url": found.final_url,
    }
    places |= {f"stripped[{n}]": s.text for n, s in enumerate(found.stripped)}
    assert found.wire.evidence
    for proof in found.wire.evidence:
        assert places[proof.where][proof.start : proof.end] == proof.text


def test_a_tail_beside_the_story_is_kept_and_credited() -> None:
    tail = '<div class="source">Source: AFP</div>'
    found = article(PAGE.replace("</article>", tail + "</article>"))
    assert found.wire.agencies == ("AP", "AFP")
    (proof,) = (e for e in found.wire.evidence if e.agency == "AFP")
    kept = found.stripped[int(proof.where.removeprefix("stripped[").removesuffix("]"))]
    assert kept.text[proof.start : proof.end] == "AFP"


def test_the_canonical_url_is_the_pages_own_word_within_its_site() -> None:
    assert article().canonical_url == "https://www.times.example/2026/11/17/bridge"
    assert article().id == article_id("https://www.times.example/2026/11/17/bridge")


def test_a_front_page_or_another_site_is_no_canonical_url() -> None:
    own = "https://a.example/bridge"
    front = plain(head='<link rel="canonical" href="https://a.example/">')
    assert article(front, own).canonical_url == own
    found = article(plain(head='<link rel="canonical" href="https://wire.test/story">'), own)
    assert found.canonical_url == own
    assert found.extraction.warnings == ("canonical_elsewhere: https://wire.test/story",)


def test_a_site_under_a_country_code_is_told_from_its_neighbours() -> None:
    own = "https://news.a.co.uk/bridge"
    sister = plain(head='<link rel="canonical" href="https://www.a.co.uk/bridge">')
    assert article(sister, own).canonical_url == "https://www.a.co.uk/bridge"
    stranger = plain(head='<link rel="canonical" href="https://www.b.co.uk/bridge">')
    assert article(stranger, own).canonical_url == own


def test_a_page_without_url_is_known_by_its_id() -> None:
    found = article(plain(), "")
    assert (found.canonical_url, found.id) == ("", article_id("k_1"))


def test_dates_come_from_the_article_never_from_the_page_header() -> None:
    found = article()
    assert (found.date_published, found.date_modified) == (
        "2026-11-17T08:20:00Z",
        "2026-11-17T09:00:00Z",
    )
    header = '<div>Friday, <time datetime="2026-11-20">November 20</time></div>'
    assert (
        article(
            plain().replace("<article>", header + "<article>"), "https://a.example/x"
        ).date_published
        is None
    )


def test_what_the_capture_knew_of_rights_is_kept_and_joined() -> None:
    found = article(rights=Rights(robots_allowed=True, x_robots_tag=("noai",)))
    assert found.rights.meta_robots == ("index", "noarchive")
    assert (found.rights.robots_allowed, found.rights.x_robots_tag) == (True, ("noai",))


def test_the_declared_language_stands_beside_the_detected_one() -> None:
    found = article()
    assert (found.language, found.language_declared) == ("en", "en")
    wrong = article(plain().replace("<html>", '<html lang="de">'))
    assert (wrong.language, wrong.language_declared) == ("en", "de")


@pytest.mark.parametrize("wrapper", ["form", 'div class="has-sidebar"', 'div class="sticky-nav"'])
def test_what_the_whole_page_is_wrapped_in_does_not_hide_its_date(wrapper: str) -> None:
    body = "".join(f"<p>{p}</p>" for p in STORY)
    html = f"""<html><head><title>Ostby opens its second bridge</title></head><body><{wrapper}>
        <div><h1>Ostby opens its second bridge</h1><time datetime="2026-11-17T09:20:00+01:00">
        three days ago</time>{body}</div></{wrapper.split(maxsplit=1)[0]}></body></html>"""
    found = article(html, url="https://www.times.example/bridge")
    assert (found.date_published, found.date_source) == ("2026-11-17T08:20:00Z", "time")


def test_an_address_that_cannot_be_taken_apart_costs_no_page() -> None:
    assert article(url="http://[::1").headline == "Ostby opens its second bridge"


def test_a_paywalled_page_with_little_text_says_so() -> None:
    head = '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":false}</script>'
    assert article(plain(head=head)).body_status == "paywalled"
    assert article().body_status == "full"


def test_a_page_that_shows_only_its_description_is_a_teaser() -> None:
    long = " ".join(STORY[:2])
    assert (
        article(plain(long, head=f'<meta name="description" content="{long}">')).body_status
        == "teaser"
    )


@pytest.mark.parametrize(
    ("html", "url", "reason"),
    [
        ("", URL, "no_text"),
        ("<html><body><img src='b.jpg'></body></html>", URL, "no_text"),
        (plain("The council opened its second bridge on Monday, it said."), URL, "too_short"),
        (plain(), "https://a.example/", "not_an_article"),
    ],
)
def test_a_page_without_a_story_is_rejected_with_the_reason(
    html: str, url: str, reason: str
) -> None:
    answer = read(html, url)
    assert isinstance(answer, Rejection)
    assert (answer.reason, answer.record_id, answer.url, answer.run_id) == (
        reason,
        "k_1",
        url,
        "r1",
    )


def test_cards_of_other_stories_are_no_article() -> None:
    cards = [
        f"The council of the town opened its bridge number {n} on a wet Monday after..."
        for n in range(4)
    ]
    answer = read(plain(*cards))
    assert isinstance(answer, Rejection)
    assert answer.reason == "not_an_article"


def test_the_sites_name_is_cut_off_a_title_that_stands_on_the_page() -> None:
    html = plain(title="Example Times: Ostby opens its second bridge")
    titled = html.replace("<article>", "<article><p><b>Ostby opens its second bridge</b></p>")
    assert article(titled).headline == "Ostby opens its second bridge"
    assert article(html).headline == "Example Times: Ostby opens its second bridge"
    sections = titled.replace(
        "Example Times: Ostby opens its second bridge",
        "Ostby opens its second bridge | News | Times",
    )
    assert (
        article(sections, url="https://www.times.example/1").headline
        == "Ostby opens its second bridge"
    )


def test_a_headline_keeps_its_kicker_though_a_line_of_the_page_has_none() -> None:
    titled = plain(title="Bridges: Ostby opens its second bridge | Times")
    html = titled.replace("<article>", "<article><p><b>Ostby opens its second bridge</b></p>")
    found = article(html, url="https://www.times.example/1")
    assert found.headline == "Bridges: Ostby opens its second bridge"


def test_the_publisher_is_no_author_of_its_own_stories() -> None:
    named = {"@type": "Organization", "name": "Example Times"}
    node = json.dumps({"@type": "NewsArticle", "author": named, "publisher": named})
    found = article(plain(head=f'<script type="application/ld+json">{node}</script>'))
    assert (found.byline, found.authors) == ("", ())


def test_a_story_inside_unclosed_navigation_is_found() -> None:
    found = article("<html><body><nav><a href='/'>Home</a>" + plain().partition("<body>")[2])
    assert STORY[1] in found.text


def test_the_text_does_not_depend_on_the_pages_before_it() -> None:
    alone = article()
    for _ in range(4):
        article(plain())
        assert article() == alone


def test_other_rules_have_another_digest() -> None:
    other = load_rules(FILES, min_words=26)
    assert other.digest != RULES.digest == load_rules(FILES, min_words=25).digest
    assert article().extraction.settings_digest == RULES.digest


BITS = st.sampled_from(
    [
        *(f"<p>{p}</p>" for p in STORY),
        "<div class='byline'>By AFP</div>",
        "<p>(dpa/gem)</p>",
        "<p>Read also: <a href='/x'>Mill</a></p>",
        "<article>",
        "</article>",
        "<nav>",
        "<figure>",
        "</div>",
        "<h1>Bridge</h1>",
        "<p>e\u0301 \U0001f309 大桥开通。</p>",
        '<script type=\'application/ld+json\'>{"@type":"Article","author":["AP",{"name":5}]}</script>',
        "<br>\x00",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(BITS | st.text(max_size=30), max_size=14))
def test_no_html_makes_extraction_fail_and_every_offset_holds(bits: list[str]) -> None:
    html = "<html><body>" + "".join(bits).encode("utf-8", "replace").decode()
    rules = msgspec.structs.replace(RULES, min_words=1)
    page = Page(capture_id="k", html=html, final_url="https://a.example/x")
    found = extract(page, rules, URLS)
    if isinstance(found, Rejection):
        return
    paragraphs = [found.text[a:b] for a, b in found.paragraphs]
    assert "\n\n".join(paragraphs) == found.text
    assert all(paragraphs)
    assert found.text[found.dateline.start : found.dateline.end] == found.dateline.text
    places = {
        "text": found.text,
        "byline": found.byline,
        "json_ld": html,
        "meta": html,
        "url": found.final_url,
    }
    places |= {f"stripped[{n}]": s.text for n, s in enumerate(found.stripped)}
    for proof in found.wire.evidence:
        assert places[proof.where][proof.start : proof.end] == proof.text


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["text/html", "text/html; charset=utf-16"]))
def test_no_bytes_make_extraction_fail(body: bytes, content_type: str) -> None:
    html, _ = decode(b"<html><body>" + body, content_type)
    read(html)


FURNITURE = st.sampled_from(
    [
        "<div class='weather'>Tuesday, November 17, 2026 — 14.1 C</div>",
        "<div class='latest'><h3>Latest</h3><ul><li><a href='/n1'>Market opens early</a></li></ul></div>",
        "<aside><p>Subscribe to our newsletter</p></aside>",
        "<nav><a href='/'>Home</a><a href='/w'>World</a></nav>",
        "<ul class='share'><li>Share</li><li>Print</li></ul>",
        "<div class='comments'><p>12 comments</p></div>",
    ]
)


@settings(max_examples=25, deadline=None)
@given(st.lists(FURNITURE, max_size=4), st.lists(FURNITURE, max_size=4))
def test_two_fetches_that_differ_in_furniture_alone_give_one_text(
    before: list[str], after: list[str]
) -> None:
    def text_of(head: list[str], tail: list[str]) -> str:
        body = "".join(f"<p>{text}</p>" for text in story(3, 6))
        html = (
            f"<html><head><title>Bridge</title></head><body>{''.join(head)}<article><h1>Bridge</h1>"
            f"{body}</article>{''.join(tail)}</body></html>"
        )
        url = "https://a.example/news/bridge"
        found = extract(Page(capture_id="x", url=url, final_url=url, html=html), RULES, URLS)
        assert isinstance(found, Article)
        return found.text_sha256

    assert text_of(before, after) == text_of([], [])


def test_a_heading_with_the_sites_name_is_not_the_headline() -> None:
    html = PAGE.replace("<h1>Ostby opens its second bridge</h1>", "<h1>Example Times</h1>")
    found = read(html)
    assert isinstance(found, Article)
    assert found.headline == "Ostby opens its second bridge"


BODY = "\n".join(story(5, 4))


@pytest.mark.parametrize(("free", "found"), [("true", True), ("false", False)])
def test_a_story_that_stands_in_json_ld_alone_is_taken_from_there_unless_it_is_sold(
    free: str, found: bool
) -> None:
    told = json.dumps({"@type": "NewsArticle", "articleBody": BODY})
    told = told.replace("{", f'{{"isAccessibleForFree": {free}, ', 1)
    html = f'<script type="application/ld+json">{told}</script><p>Loading</p>'
    answer = read(f"<html><body>{html}</body></html>")
    assert isinstance(answer, Article) is found
    if isinstance(answer, Article):
        assert answer.text.split("\n\n") == BODY.split("\n")
        assert "body_from_json_ld" in answer.extraction.warnings
        assert [s.text for s in answer.stripped] == ["Loading"]


def test_an_author_that_is_the_site_a_desk_or_an_agency_gives_no_ground_to_say_who_wrote_it() -> (
    None
):
    def credited(author: str) -> bool | None:
        head = f'<meta name="author" content="{author}">'
        return article(plain(*STORY[1:], head=head)).wire.is_wire

    assert credited("Ann Example") is False
    assert credited("Redaktion, Ann Example") is False
    assert credited("Web Desk") is None
    assert credited("PAP") is None  # an agency on pages of another language
    assert credited("times.example") is None
    assert credited("Times") is None


@pytest.mark.parametrize(
    ("byline", "role"),
    [
        ("By Ann Example, AP Sports Writer", "sole"),
        ("By ANN EXAMPLE and JO EXAMPLE The Associated Press", "sole"),
        ("By Ann Example, Reuters", "sole"),
        ("By The Associated Press", "sole"),
        ("By Ann Example and The Associated Press", "mixed"),
        ("Ann Example with AFP", "mixed"),
        ("Ann Example/AFP", "mixed"),
    ],
)
def test_an_agencys_own_writer_is_no_writer_of_the_sites(byline: str, role: str) -> None:
    shown = f'<p class="byline">{byline}</p>'
    assert article(plain(shown, *STORY[1:])).wire.role == role


def test_two_credits_in_one_line_are_both_evidence() -> None:
    tail = (
        "©2026 Bloomberg News. Visit at bloomberg.com. Distributed by Tribune Content Agency, LLC."
    )
    wire = article(plain(*STORY[1:], tail)).wire
    assert set(wire.agencies) == {"TNS", "BLOOMBERG"}
