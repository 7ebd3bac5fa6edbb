from crawler.discovery import Found, Site, found_in
from crawler.feeds import Unreadable
from crawler.likeness import Likeness
from crawler.links import Shape
from crawler.records import CaptureKind, Source
from crawler.urls import UrlRules

HOME = "https://www.times.example/"
NOON = 1_795_176_000.0  # 2026-11-20T12:00:00Z
OLDEST = 1_700_000_000.0  # 2023-11-14T22:13:20Z
STORY = "https://www.times.example/world/2023/11/15/mayor-opens-new-bridge-over-river"


def site(**more: object) -> Site:
    return Site(Source(**{"id": "times", "home": HOME} | more), UrlRules())  # type: ignore[arg-type]


def found(kind: CaptureKind, body: str, of: Site, depth: int = 0) -> list[tuple[str, str]]:
    listed = found_in(kind, body.encode(), HOME + "listing", "", of, depth=depth, oldest=OLDEST)
    assert not isinstance(listed, Unreadable)
    return [(one.kind, one.url) for one in listed]


def feed(*links: str, date: str = "") -> str:
    stamp = f"<pubDate>{date}</pubDate>" if date else ""
    items = "".join(f"<item><title>t</title><link>{link}</link>{stamp}</item>" for link in links)
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'
    )


def sitemap(*rows: tuple[str, str]) -> str:
    urls = "".join(
        f"<url><loc>{loc}</loc>{f'<lastmod>{date}</lastmod>' if date else ''}</url>"
        for loc, date in rows
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


def index(*rows: tuple[str, str]) -> str:
    maps = "".join(
        f"<sitemap><loc>{loc}</loc>{f'<lastmod>{date}</lastmod>' if date else ''}</sitemap>"
        for loc, date in rows
    )
    return (
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>'
    )


def test_a_source_is_read_by_what_it_lists() -> None:
    listed = site(feeds=(HOME + "rss",), sitemaps=(HOME + "map.xml",), sections=(HOME + "world/",))
    assert [(seed.kind, seed.url) for seed in listed.seeds] == [
        ("feed", HOME + "rss"),
        ("sitemap", HOME + "map.xml"),
        ("section", HOME + "world/"),
    ]


def test_a_source_that_lists_nothing_is_read_by_its_home_page() -> None:
    assert site().seeds == (Found(HOME, "section"),)


def test_a_site_is_its_registrable_domain_and_the_hosts_it_lists() -> None:
    own = site(feeds=("https://feeds.syndicate.example.com/times",))
    assert own.owns("https://m.times.example/1")
    assert own.owns("https://feeds.syndicate.example.com/1")
    assert not own.owns("https://www.example.com/1")
    assert not own.owns("https://times.example.evil.test/1")


def test_entries_off_the_site_are_not_followed() -> None:
    body = feed(STORY, "https://ads.example.net/1", "ftp://www.times.example/1")
    assert found("feed", body, site()) == [("article", STORY)]


def test_old_feed_entries_are_kept_since_the_feed_is_short() -> None:
    body = feed(STORY, date="Mon, 01 Jan 2001 00:00:00 GMT")
    assert found("feed", body, site()) == [("article", STORY)]


def test_feed_dates_say_when_a_story_came_and_when_it_changed() -> None:
    body = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><title>t</title>
        <link href="{STORY}"/><published>2023-11-15T00:00:00Z</published>
        <updated>2023-11-16T00:00:00Z</updated></entry></feed>"""
    (one,) = found_in("feed", body.encode(), HOME, "", site(), depth=0, oldest=OLDEST)  # type: ignore[misc]
    assert one.announced - one.date == 86_400


def test_include_and_exclude_choose_articles() -> None:
    body = feed(HOME + "world/1", HOME + "sport/2", HOME + "world/quiz-3")
    picky = site(include=("/world/",), exclude=("quiz",))
    assert found("feed", body, picky) == [("article", HOME + "world/1")]


def test_sitemap_entries_are_newest_first_dated_ones_within_the_window() -> None:
    rows = [("a", "2023-11-15"), ("b", "2023-11-01"), ("c", "2023-11-16"), ("d", "")]
    body = sitemap(*((HOME + name, date) for name, date in rows))
    assert [url.removeprefix(HOME) for _, url in found("sitemap", body, site())] == ["c", "a", "d"]


def test_of_a_sitemap_without_news_what_can_be_no_story_is_left_out() -> None:
    junk = ("", "tag/x", "author/jane-doe", "about-us", "map.pdf", "2023/11/15/")
    good = ("0", "2018", "page3.html", "weather/storm-is-near", "story.php?id=7")
    rows = sitemap(*((HOME + path, "") for path in (*junk, *good)))
    assert [url for _, url in found("sitemap", rows, site())] == [HOME + path for path in good]
    assert len(found("sitemap", rows, site(include=("/",)))) == len(junk) + len(good)


def test_sitemaps_of_an_index_are_newest_first_and_old_periods_are_skipped() -> None:
    rows = [
        ("undated.xml", ""),
        ("a.xml", "2023-11-15"),
        ("b.xml", "2023-11-17"),
        ("dated-2019-03.xml", ""),
        ("2023-11.xml", ""),
        ("years/2020.xml", ""),
        ("old.xml", "2020-01-01"),
    ]
    body = index(*((HOME + name, date) for name, date in rows))
    names = [url.removeprefix(HOME) for _, url in found("sitemap", body, site())]
    assert names == ["b.xml", "a.xml", "undated.xml", "2023-11.xml"]


def test_indexes_of_indexes_end_somewhere() -> None:
    body = index((HOME + "deeper.xml", ""))
    assert found("sitemap", body, site(), depth=3) == [("sitemap", HOME + "deeper.xml")]
    assert found("sitemap", body, site(), depth=4) == []


def test_links_of_a_section_page_that_look_like_articles_are_found() -> None:
    page = f"""<a href="{STORY}">Mayor opens new bridge</a> <a href="/tag/bridges">Bridges</a>
        <a href="/about">About</a> <a href="https://other.example.net/2023/11/15/a-story-of-others">x</a>
        <a rel="nofollow" href="/world/2023/11/15/paid-for-story-about-some-bank">ad</a>"""
    assert found("section", page, site(sections=(HOME,))) == [("article", STORY)]


def test_a_link_s_address_tells_the_day_of_its_story() -> None:
    listed = ("/2026/11/20/the-ferry-is-back-{}", "/world/20261120-the-ferry-is-back-{}")
    others = "/world/the-ferry-is-back-2026-{}", "/world/2026/the-ferry-is-back-{}"
    links = [one.format(n) for one in (*listed, *others) for n in (100_001, 100_002)]
    page = "".join(f'<a href="{link}">The ferry is back in Saltmere</a>' for link in links)
    read = found_in("section", page.encode(), HOME, "", site(sections=(HOME,)), depth=0, oldest=0.0)
    assert not isinstance(read, Unreadable)
    assert [one.date for one in read] == 4 * [NOON] + 4 * [0.0]


def test_where_include_says_what_an_article_is_nobody_guesses() -> None:
    page = '<a href="/a/17">x</a> <a href="/b/17">y</a>'
    picky = site(sections=(HOME,), include=("/a/",))
    assert found("section", page, picky) == [("article", HOME + "a/17")]


def test_feeds_that_a_home_page_names_are_read_where_none_is_listed() -> None:
    page = '<link rel="alternate" type="application/rss+xml" href="/rss">'
    assert found("section", page, site()) == [("feed", HOME + "rss")]
    assert found("section", page, site(sections=(HOME,))) == []


def test_what_cannot_be_read_says_why() -> None:
    listed = found_in("feed", b"<html></html>", HOME, "", site(), depth=0, oldest=OLDEST)
    assert isinstance(listed, Unreadable)
    assert listed.reason


class Fails(Likeness):
    """What a site taught, if that made us fail."""

    def log_odds(self, shape: Shape) -> float:
        raise OverflowError(shape.last)


def test_a_listing_on_which_a_reader_fails_says_so_and_where() -> None:
    page = f'<a href="{STORY}">A headline</a>'.encode()
    read = found_in(
        "section", page, HOME, "", site(sections=(HOME,)), depth=0, oldest=0.0, learned=Fails()
    )
    assert isinstance(read, Unreadable)
    assert "OverflowError in log_odds" in read.reason
