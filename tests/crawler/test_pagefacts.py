import pytest

from crawler.config import default_file
from crawler.errors import ConfigError
from crawler.manners import page_rules
from crawler.pagefacts import PageRule, load_page_rules, page_facts
from crawler.records import PageFacts

RULES = page_rules()
URL = "http://a.example/world/1"
ROW = '[[rule]]\nid="a"\nwhere="title"\n'
STORY = "<p>The council met on Monday and decided nothing.</p>"


def facts(
    page: str | bytes, content_type: str = "text/html", url: str = URL, **headers: str
) -> PageFacts:
    body = page if isinstance(page, bytes) else page.encode()
    given = {"Content-Type": content_type, **headers}
    return page_facts(body, given.items(), url, RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_a_near_miss_and_a_label(rule: PageRule) -> None:
    assert rule.examples
    assert rule.near_misses
    assert rule.label not in ("", "not_html")


def test_a_page_names_its_other_addresses_by_link_elements() -> None:
    found = facts(
        '<!doctype html><HTML><head><LINK href="/world/2?a=1&amp;b=2#top" rel="Canonical">'
        "<link rel=amphtml href=//amp.a.example/1><link rel='alternate' hreflang=de href='/de/1'>"
        '<link rel="alternate" hreflang="x-default" href="http://a.example/"></head>'
        "<h1>The <em>council</em> decides</h1>" + STORY
    )
    assert found == PageFacts(
        headline="The council decides",
        canonical="http://a.example/world/2?a=1&b=2",
        amp="http://amp.a.example/1",
        alternates=(("de", "http://a.example/de/1"), ("x-default", "http://a.example/")),
    )


def test_a_page_with_a_time_of_publication_says_that_it_is_a_story() -> None:
    meta = '<meta property="Article:published_time" content="2026-11-23T06:00:00Z">'
    assert facts(f"<!doctype html><head>{meta}</head>{STORY}").is_story
    assert not facts("<!doctype html><head><meta property=og:type content=article></head>").is_story


def test_a_page_names_its_other_addresses_by_header() -> None:
    link = (
        '</1.css>; rel=preload; as=style, </2>; rel="canonical", </de>; rel=alternate; hreflang=de'
    )
    found = facts(STORY, Link=link)
    assert (found.canonical, found.alternates) == (
        "http://a.example/2",
        (("de", "http://a.example/de"),),
    )


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "/a\r\nrobots_allowed: true",
        "",
        "mailto:a@b.example",
        "/" + "a" * 3_000,
    ],
)
def test_an_address_that_is_none_is_not_kept(href: str) -> None:
    assert facts(f'<link rel="canonical" href="{href}">').canonical == ""


@pytest.mark.parametrize("root", ["<html amp>", "<html ⚡ lang=en>", '<HTML lang="en" AMP="">'])
def test_an_amp_page_says_so(root: str) -> None:
    assert facts(f"<!doctype html>{root}<head></head>").is_amp
    assert not facts("<!doctype html><html lang=en class=amp><head></head>").is_amp


@pytest.mark.parametrize(
    ("page", "label"),
    [
        ("<title>Page not found</title><p>Sorry.", "soft_404"),
        ("<title>The Example Times</title><h1>404</h1>", "soft_404"),
        ("<h1><span>Seite</span> nicht gefunden</h1>", "soft_404"),
        ("<title>Before you continue</title><button>Agree</button>", "consent"),
        ('<script type="application/ld+json">{"isAccessibleForFree": false}</script>', "paywall"),
        ("<title>Subscribe to read | Times</title>", "paywall"),
        ("<title>Page not found</title>" + STORY * 40, ""),
        ("<title>Council decides nothing</title>" + STORY, ""),
    ],
)
def test_what_is_no_whole_story_is_labelled(page: str, label: str) -> None:
    assert facts("<!doctype html>" + page).label == label


@pytest.mark.parametrize(
    "piece", [b"<", b"</", b"<a ", b"<!--", b"<script ", b"<script>", b"<template></template"]
)
def test_a_crowd_of_tags_that_nothing_closes_is_read_like_any_page(piece: bytes) -> None:
    page = b"<html><title>404 Page not found</title>" + piece * (3_000_000 // len(piece))
    assert page_facts(page, (), "https://a.example/x", page_rules()).label == "soft_404"


def test_a_wall_is_known_by_its_address() -> None:
    assert facts(STORY, url="http://a.example/consent?return=/1").label == "consent"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 90, "text/html"),
        (b"%PDF-1.7 <html>", "text/html; charset=utf-8"),
        (b'{"a": 1}', "text/html"),
        (b"some words", "text/plain"),
        (b"", "application/octet-stream"),
    ],
)
def test_what_is_no_page_is_labelled_whatever_its_type(body: bytes, content_type: str) -> None:
    assert facts(body, content_type).label == "not_html"


def test_a_page_of_a_type_that_says_nothing_is_a_page() -> None:
    assert facts("<!doctype html><title>A town</title>" + STORY, "").label == ""
    assert facts("<html><p>x".encode("utf-16"), "text/html").label == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('label = "soft_404"', "unknown key"),
        (
            '[[rule]]\nid="a"\nlabel="consent"\nwhere="title"\npattern="("\nexamples=["x"]',
            "regular expression",
        ),
        ('[[rule]]\nid="a"\nlabel="consent"\nwhere="title"\npattern="x"', "no examples"),
        ('[[rule]]\nid="a"\nlabel="consent"\nwhere="title"\npattern="x"\nexamples=["y"]', "'y'"),
        ('[[rule]]\nid="a"\nlabel="none"\nwhere="title"\npattern="x"\nexamples=["x"]', "label"),
    ],
)
def test_a_table_that_does_not_hold_says_where(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load_page_rules(text, "pages.toml")


def test_the_table_is_the_one_of_the_configuration() -> None:
    text = default_file("pages.toml").read_text(encoding="utf-8")
    assert load_page_rules(text, "pages.toml") == RULES
