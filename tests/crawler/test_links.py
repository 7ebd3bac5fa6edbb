import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.links import Link, article_likeness, facet_of, feed_links, section_links

URL = "https://www.news.example/world/"


def links(html: str | bytes) -> list[tuple[str, str]]:
    return [(link.url, link.text) for link in section_links(html, URL)]


def test_links_stand_in_document_order_with_their_text() -> None:
    html = """<p><a href="/b"> The <b>ferry</b>
      runs </a><a href='a#comments'>A</a><a name=x>none</a><a href="">top</a>"""
    assert links(html) == [
        ("https://www.news.example/b", "The ferry runs"),
        ("https://www.news.example/world/a", "A"),
    ]


def test_an_address_counts_once_with_its_longest_text() -> None:
    html = '<a href="/a"><img src=x></a><a href="/b">B</a><a href="/a#x">Ferry runs</a><a href="/a">More</a>'
    assert links(html) == [
        ("https://www.news.example/a", "Ferry runs"),
        ("https://www.news.example/b", "B"),
    ]


def test_a_link_without_text_has_its_title() -> None:
    assert links('<a href="/a" title="Ferry runs"><img src=x alt=no></a>') == [
        ("https://www.news.example/a", "Ferry runs")
    ]


def test_the_base_of_the_page_is_honoured() -> None:
    html = '<base target=x><base href="//m.news.example/x/"><base href="/y/"><a href="a">A</a>'
    assert links(html) == [("https://m.news.example/x/a", "A")]


def test_only_the_pages_own_site_is_followed_unless_told_otherwise() -> None:
    html = '<a href="https://sport.news.example/a">A</a><a href="https://other.example/b">B</a>'
    assert links(html) == [("https://sport.news.example/a", "A")]
    found = section_links(html, URL, lambda url: "other" in url)
    assert [link.url for link in found] == ["https://other.example/b"]


@pytest.mark.parametrize(
    "href",
    ["mailto:x@news.example", "javascript:go()", "http://[x/", "data:,x", "#top", "ftp://x/"],
)
def test_what_is_no_page_is_no_link(href: str) -> None:
    assert links(f'<a href="{href}">x</a>') == []


def test_a_meta_refresh_is_not_followed() -> None:
    assert links('<meta http-equiv=refresh content="0; url=/elsewhere">') == []


def test_nofollow_is_noted() -> None:
    html = '<a rel="nofollow ugc" href="/a">A</a><a rel=NoFollow href="/b">B</a><a href="/b">B</a>'
    assert [(link.url[-1], link.nofollow) for link in section_links(html, URL)] == [
        ("a", True),
        ("b", False),
    ]
    page = '<meta name="Robots" content="noindex, NOFOLLOW"><a href="/a">A</a>'
    assert [link.nofollow for link in section_links(page, URL)] == [True]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_bytes_are_read_by_their_encoding(codec: str) -> None:
    html = '<meta charset="windows-1252"><a href="/a">Élection</a>'.encode(codec)
    assert links(html) == [("https://www.news.example/a", "Élection")]


def test_a_charset_of_nobodys_is_passed_over() -> None:
    for codec in ("x-none", "punycode", "rot13", "iso-8859-12", "windows-1259"):
        page = f'<meta charset="{codec}"><a href="/a">Élection</a>'.encode("windows-1252")
        assert links(page) == [("https://www.news.example/a", "Élection")]


def test_no_more_links_than_asked_for() -> None:
    html = "".join(f'<a href="/{n}">{n}</a>' for n in range(20))
    assert len(section_links(html, URL, max_links=5)) == 5


@pytest.mark.parametrize("attribute", ["a{}=1", "a{}", 'a{}="x y"', "a{} = 'x'"])
def test_an_element_of_any_number_of_attributes_has_no_links(attribute: str) -> None:
    many = " ".join(attribute.format(n) for n in range(300_000))  # minutes, were they read
    assert section_links(f"<div {many}><a href='/1'>A</a>", "https://a.example/") == ()


def test_an_element_of_one_very_long_attribute_is_read() -> None:
    state = "a word and another " * 20_000
    html = f"""<div data-state="{state}" class='x'><a href="/1">A</a>"""
    assert [link.url for link in section_links(html, "https://a.example/")] == [
        "https://a.example/1"
    ]


@pytest.mark.parametrize("tag", ["<div>", "<b>", "<a href=/x><table><tr><td>"])
def test_a_page_of_unclosed_tags_has_no_links(tag: str) -> None:
    html = "".join(f"{tag}<a href=/{n}>" for n in range(30_000))
    assert section_links(html, URL) == ()


def test_feeds_that_a_page_names() -> None:
    html = """<link rel="alternate" type="application/rss+xml" title=" World  news " href="/rss">
    <link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="atom">
    <link rel="alternate home" type="application/feed+json" href="https://f.example/j">
    <link rel="feed" href="/feed"><link rel=alternate type="application/rss+xml" href="/rss">
    <link rel="stylesheet" type="text/css" href="/s.css"><link rel=alternate hreflang=de href=/de>
    <link rel=alternate type="application/rss+xml">"""
    assert feed_links(html, URL) == (
        Link("https://www.news.example/rss", "World news"),
        Link("https://www.news.example/world/atom"),
        Link("https://f.example/j"),
        Link("https://www.news.example/feed"),
    )


PIECES = r"""
    <a_href= <base_href='// <link_rel=alternate_type=application/rss+xml_href=x> <a> </a> ' > http://[
    /a <!-- <script> <table> é %
"""
FRAGMENTS = st.sampled_from(
    [*(p.replace("_", " ") for p in PIECES.split()), '"', "\x00", "\ud800", " "]
)


@given(st.one_of(st.text(max_size=100), st.lists(FRAGMENTS).map("".join)), st.text(max_size=20))
def test_no_page_raises(html: str, url: str) -> None:
    for page in (html, html.encode("utf-8", "replace"), html.encode("utf-16", "replace")):
        for address in (url, URL):
            for link in (*section_links(page, address), *feed_links(page, address)):
                assert link.url.lower().startswith(("http://", "https://"))
                assert 0.0 <= article_likeness(link) <= 1.0


# ---------------------------------------------------------------------------------- likeness

STORIES = [
    "/2026/11/23/minister-resigns-after-storm",
    "/2026/nov/23/minister-resigns",
    "/news/article/2026-11-23/minister-quits",
    "/a/minister-resigns-after-long-row-12345.html",
    "/politik/ausland/ruecktritt-a-1234567.html",
    "/world/minister-resigns-after-two-years-of-rows-over-the-harbour",
    "/story.php?id=12345",
    "/news/%D0%BF%D0%B0%D1%80%D0%BE%D0%BC-%D1%81%D0%BD%D0%BE%D0%B2%D0%B0-%D1%85%D0%BE%D0%B4%D0%B8%D1%82-%D0%B2-%D0%BE%D1%81%D1%82",
    "/article/20261123-ferry-runs-again",
]
LISTS = [
    "/",
    "/world",
    "/world/europe/",
    "/2026/11/23/",
    "/2026/11",
    "/calendar/2027/01/05",
    "/calendar?month=2027-01",
    "/2026-11-23",
    "/tag/climate-change-and-the-sea",
    "/author/jane-doe",
    "/search?q=ferry",
    "/world?page=3",
    "/news/page/7",
    "/shop?color=red&size=4&sort=up",
    "/report-of-the-year-2026.pdf",
    "/picture-of-the-ferry-at-sea-12345.jpg",
    "/privacy-policy",
    "/a/a/a/b",
    "/login",
]


@pytest.mark.parametrize("path", STORIES)
def test_a_storys_address_looks_like_one(path: str) -> None:
    assert article_likeness(f"https://news.example{path}") > 0.5


@pytest.mark.parametrize("path", LISTS)
def test_a_lists_address_does_not(path: str) -> None:
    assert article_likeness(Link(f"https://news.example{path}")) < 0.3


def test_a_calendar_without_end_looks_less_like_a_story_than_any_story() -> None:
    days = [
        f"/events/{year}/{month:02}/{day:02}/"
        for year, month, day in [(2027, 1, 1), (2099, 12, 31)]
    ]
    worst_story = min(article_likeness(f"https://news.example{path}") for path in STORIES)
    assert max(article_likeness(f"https://news.example{path}") for path in days) < worst_story


def test_host_and_fragment_do_not_matter() -> None:
    path = "/2026/11/23/ferry-runs-again"
    assert article_likeness(f"https://a.example{path}") == article_likeness(
        f"http://b.example{path}#c"
    )


@pytest.mark.parametrize(
    ("url", "facet"),
    [
        ("https://a.example/news/the-ferry-is-back-48151?color=2&size=3", True),
        ("https://a.example/2026/11/20/the-ferry-is-back?visit=9", True),
        ("https://a.example/news/the-ferry-is-back-48151", False),
        ("https://a.example/story.php?id=48151", False),
        ("https://a.example/the-news-of-the-day/?article=48151", False),
        ("https://a.example/index.php?nr=7", False),
    ],
)
def test_a_query_behind_a_story_s_path_is_a_facet_unless_it_is_its_number(
    url: str, *, facet: bool
) -> None:
    assert facet_of(url) == (url.partition("?")[0] + "?" if facet else "")


@pytest.mark.parametrize("page", ["about-us", "kontakt", "privacy-policy", "ueber-uns.html"])
def test_static_pages_are_no_stories_also_where_stories_have_bare_slugs(page: str) -> None:
    assert article_likeness(f"https://a.example/{page}", lambda _: 5.0) < 0.5


@pytest.mark.parametrize("number", [500, 5_000])
def test_a_path_of_very_many_segments_is_no_story(number: int) -> None:
    assert article_likeness("https://a.example" + "/a" * number) == 0.0
