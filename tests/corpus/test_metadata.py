"""What a page's head says of its story."""

import json

from corpus.dom import parse
from corpus.metadata import Credit, DateClaim, Statement, statement

URL = "https://a.example/news/bridge"


def read(head: str, body: str = "", lang: str = "en") -> Statement:
    tree = parse(f'<html lang="{lang}"><head>{head}</head><body>{body}</body></html>')
    assert tree is not None
    return statement(tree, URL)


def ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


ARTICLE = {
    "@context": "https://schema.org",
    "@type": ["NewsArticle"],
    "headline": "Bridge &amp; tunnel open",
    "author": [
        {"@type": "Person", "name": "Ann Example"},
        {"@type": "Organization", "name": "AFP"},
    ],
    "datePublished": "2026-11-17T10:00:00Z",
    "dateModified": "2026-11-17T11:00:00Z",
    "articleSection": "World",
    "keywords": "bridge, tunnel",
    "isAccessibleForFree": "False",
    "image": {"@type": "ImageObject", "author": {"name": "Reuters"}, "creditText": "AP"},
    "publisher": {"@type": "Organization", "name": "Example Times"},
}


def test_json_ld_of_the_article_gives_its_fields() -> None:
    said = read(ld(ARTICLE))
    assert said.headline == "Bridge & tunnel open"
    assert said.credits == (
        Credit("json_ld", "author", "Ann Example"),
        Credit("json_ld", "author", "AFP"),
    )
    assert (said.section, said.keywords, said.is_accessible_for_free) == (
        "World",
        ("bridge", "tunnel"),
        False,
    )
    assert said.article_type == "NewsArticle"


def test_images_and_publishers_are_no_authors() -> None:
    names = {c.name for c in read(ld(ARTICLE)).credits}
    assert not names & {"Reuters", "AP", "Example Times"}


def test_the_pages_title_or_address_says_which_of_several_articles_counts() -> None:
    other = ARTICLE | {"headline": "Another story", "url": "https://a.example/news/other"}
    titled = ARTICLE | {"headline": "Titled story", "articleBody": "<p>Rain fell.</p>"}
    for title in (
        "<title>Titled story | Example</title>",
        '<meta property="og:title" content="Titled story">',
    ):
        said = read(title + ld([other, titled]))
        assert (said.headline, said.body) == ("Titled story", "Rain fell.")
    this = ARTICLE | {"headline": "This story", "mainEntityOfPage": {"@id": URL}}
    assert read(ld([other, this])).headline == "This story"


def test_broken_json_ld_is_a_warning_and_the_rest_is_read() -> None:
    broken = read(
        '<script type="application/ld+json">{"@type": </script><meta property="og:title" content="T">'
    )
    assert (broken.headline, broken.warnings) == ("T", ("json_ld_broken",))


def test_a_part_of_the_title_that_reads_like_the_host_is_the_sites_name() -> None:
    for url, title in {
        "https://www.exampletimes.test/a": "Bridge opens - by night | Example Times",
        "https://example-times.test/a": "Example Times – Bridge opens - by night",
        "https://www.times.co.test/a": "Bridge opens - by night - The Times",
        "https://times.test/a": "Bridge opens - by night · times.test",
    }.items():
        tree = parse(f"<title>{title}</title>")
        assert tree is not None
        assert statement(tree, url).headline == "Bridge opens - by night", title


def test_a_part_of_the_title_that_only_holds_the_hosts_name_stays() -> None:
    for title in (
        "Bridge opens | What the Example said",
        "A-rated | Bridge",
        "Example opens bridge",
        "A - B",
    ):
        assert read(f"<title>{title}</title>").headline == title


def test_a_page_named_after_a_film_was_published_when_it_was_uploaded_if_nothing_else_is_said() -> (
    None
):
    film = {"@type": "VideoObject", "name": "Bridge opens", "uploadDate": "2026-11-17"}
    title = "<title>Bridge opens | Example</title>"
    assert read(title + ld(film)).dates == (DateClaim("published", "json_ld", "2026-11-17"),)
    assert read("<title>Mill closes</title>" + ld(film)).dates == ()
    said = '<meta property="article:published_time" content="2026-11-18">'
    assert read(title + said + ld(film)).dates == (DateClaim("published", "meta", "2026-11-18"),)


def test_a_part_that_is_not_free_or_a_locked_tier_makes_a_page_not_free() -> None:
    part = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".rest"}
    node = {"@type": "NewsArticle", "headline": "Bridge opens"}
    assert read(ld(node | {"hasPart": part})).is_accessible_for_free is False
    assert read(ld(node | {"hasPart": [part]})).is_accessible_for_free is False
    assert (
        read(ld(node | {"hasPart": part, "isAccessibleForFree": True})).is_accessible_for_free
        is True
    )
    tiers = {"locked": False, "free": True, "metered": None}
    for tier, is_free in tiers.items():
        said = read(f'<meta property="article:content_tier" content="{tier}">')
        assert said.is_accessible_for_free is is_free


def test_meta_elements_are_read_by_property_name_and_itemprop() -> None:
    said = read(
        '<meta property="og:title" content="Bridge opens - Example Times">'
        '<meta property="og:site_name" content="Example Times"><meta name="Author" content="Ann Example">'
        '<meta name="news_keywords" content="bridge,toll"><meta property="article:section" content="World">'
        '<meta property="article:published_time" content="2026-11-17">'
        '<meta itemprop="dateModified" content="2026-11-18">'
        '<meta name="robots" content="NOINDEX, max-snippet:10"><meta name="tdm-reservation" content="1">'
        '<link rel="canonical" href="/news/bridge-1"><link rel="license" href="https://l.example/by">'
    )
    assert said.headline == "Bridge opens"
    assert said.credits == (Credit("meta", "author", "Ann Example"),)
    assert said.keywords == ("bridge", "toll")
    assert said.dates == (
        DateClaim("published", "meta", "2026-11-17"),
        DateClaim("modified", "meta", "2026-11-18"),
    )
    assert said.meta_robots == ("noindex", "max-snippet:10")
    assert (said.tdm_reservation, said.canonical) == ("1", "https://a.example/news/bridge-1")
    assert said.license == "https://l.example/by"


def test_an_author_that_is_an_address_or_handle_is_no_name() -> None:
    head = '<meta property="article:author" content="https://f.example/ann">'
    assert read(head + '<meta name="author" content="@ann">').credits == ()


def test_the_declared_language_is_a_primary_tag() -> None:
    assert read("", lang="de-AT").language == "de"
    assert read('<meta property="og:locale" content="pt_BR">', lang="").language == "pt"
    assert read("", lang="english").language == ""


def test_a_base_element_moves_relative_addresses() -> None:
    said = read('<base href="https://b.example/x/"><link rel="canonical" href="y">')
    assert said.canonical == "https://b.example/x/y"
