"""Hosts whose feeds, sitemaps and sections lead on and on, or into a parser's pit."""

import gzip
from itertools import count

import msgspec

from tests.crawler.loopback import Answer, Asked, Send, reply, slow
from tests.newsweb.traps.making import (
    HTML,
    Trap,
    feed,
    index,
    page,
    robots,
    source,
    stories,
    trap,
    urlset,
)


def dead_listings() -> Trap:
    """An index whose sitemaps are gone, and a feed that is."""
    answers = {"/robots.txt": robots("Sitemap: /index.xml"), "/rss": reply(b"no", 410)}
    answers |= {"/index.xml": index("/a.xml", "/b.xml"), "/a.xml": reply(b"no", 404)}
    answers |= {"/b.xml": reply(b"no", 403)}
    once = ("dead.example/rss", "dead.example/a.xml", "dead.example/b.xml")
    return trap("dead", answers, once=once)


def shared_listings() -> Trap:
    """One feed that two sources name, a third by a redirect, a fourth by its home page."""
    host = "http://shared.example"
    home = f'<link rel="alternate" type="application/rss+xml" href="{host}/rss"><p>Home.</p>'
    answers = stories(3) | {"/old": slow(0.3, reply(status=301, Location="/rss"))}
    answers |= {"/": slow(0.3, reply(home.encode(), Content_Type=HTML))}
    made = trap("shared", answers, tries=1)
    more = (
        source("shared.example", id="second"),
        source("shared.example", id="third", feeds=(f"{host}/old",)),
        source("shared.example", id="fourth", feeds=()),
    )
    return msgspec.structs.replace(made, sources=(*made.sources, *more))


def endless_calendar() -> Trap:
    """A section of calendars, facets and session ids: each page leads to more of the same."""
    visits = count()

    def section(asked: Asked, send: Send) -> None:
        visit = next(visits)
        story = "/2026/11/20/the-long-story-of-a-small-town-by-the-sea-48151"
        links = [
            f"{story}?PHPSESSID={visit:032x}",
            f"{story}?sid={visit * 7919:08x}f1e2d3c4b5a69788",
        ]
        links += [
            f"/calendar/{year}/{month:02}/" for year in range(2020, 2040) for month in range(1, 13)
        ]
        links += [
            f"/events/2031-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)
        ]
        links += [f"/news?sort={a}&page={b}&tag={a}" for a in range(12) for b in range(12)]
        links += [f"/search?q=a+long+story+about+{n}" for n in range(50)]
        links += ["/deeper" * 900, "/a" * 5_000]
        body = "".join(f'<a href="{link}">A headline of some words, {link}</a>' for link in links)
        reply(f"<html><body>{body}</body></html>".encode(), Content_Type=HTML)(asked, send)

    pages = {"/": section, "/2026/11/20/the-long-story-of-a-small-town-by-the-sea-48151": page()}
    made = trap("calendar", pages, at_most=2 * 3 + 1)
    return msgspec.structs.replace(made, sources=(source("calendar.example", feeds=()),))


def endless_facets() -> Trap:
    """A section that links one story in ever new colours and sizes."""
    visits = count()
    story = "/news/the-long-story-of-a-small-town-by-the-sea-48151"

    def section(asked: Asked, send: Send) -> None:
        visit = next(visits)
        links = [f"{story}?color={a}&size={visit}-{b}" for a in range(20) for b in range(20)]
        body = "".join(f'<a href="{link}">A headline of some words, {link}</a>' for link in links)
        reply(f"<html><body>{body}</body></html>".encode(), Content_Type=HTML)(asked, send)

    made = trap("facets", {"/": section, f"{story}*": page()}, at_most=2 * (3 + 3))
    return msgspec.structs.replace(made, sources=(source("facets.example", feeds=()),))


def unfolding_section() -> Trap:
    """A section whose unclosed elements a parser of HTML repeats in every paragraph, to three gigabytes."""
    unclosed = "".join(f"<b id={n}>" for n in range(450))
    body = f"<html><body><p>{unclosed}{'<p>x' * 18_000}</body></html>".encode()
    made = trap("unfolding", {"/": reply(body, Content_Type=HTML)} | stories(2))
    home = "http://unfolding.example/"
    listed = source("unfolding.example", sections=(home,))
    wanted = ("unfolding.example/", "unfolding.example/1")
    house = msgspec.structs.replace(made.house, wanted=wanted)
    return msgspec.structs.replace(made, sources=(listed,), house=house)


def sitemap_of_everything() -> Trap:
    """A sitemap with front page, lists, files and imprint besides a story; a feed that was stored gzipped."""
    others = (
        "/",
        "/tag/ferries",
        "/author/jane-doe",
        "/about-us",
        "/map.pdf",
        "/2026/11/20/",
    )
    answers = {"/robots.txt": robots("Sitemap: /map.xml"), "/0": page("Zero."), "/1": page("One.")}
    answers |= {
        "/map.xml": urlset(*(f"http://everything.example{path}" for path in (*others, "/0")))
    }
    stored = b"<rss><channel><item><link>/1</link></item></channel></rss>"
    answers |= {"/rss": reply(gzip.compress(stored), Content_Type="application/gzip")}
    return trap(
        "everything",
        answers,
        never=tuple(f"everything.example{path}" for path in others),
        wanted=("everything.example/0", "everything.example/1"),
    )


def endless_sitemaps() -> Trap:
    """An index of indexes without end, each with others."""
    host = "deep.example"

    def deeper(asked: Asked, send: Send) -> None:
        stem = asked.path.removesuffix(".xml")
        index(*(f"http://{host}{stem}{n}.xml" for n in range(9)))(asked, send)

    answers = {"/robots.txt": robots("Sitemap: /map.xml"), "/rss": feed()}
    stems = ["/map"]
    for _ in range(4):
        answers |= {f"{stem}.xml": deeper for stem in stems}
        stems = [f"{stem}{n}" for stem in stems for n in range(9)][:81]
    return trap("deep", answers, at_most=2 * (30 + 2))


def recursive_sitemaps() -> Trap:
    """An index that names itself, another that names it, and a sitemap of pages as a sitemap of sitemaps."""
    answers = {"/robots.txt": robots("Sitemap: /a.xml\nSitemap: /a.xml?again"), "/rss": feed("/0")}
    answers |= {"/a.xml": index("/a.xml", "/b.xml"), "/a.xml?again": index("/a.xml")}
    answers |= {"/b.xml": index("/a.xml", "/b.xml"), "/0": page()}
    return trap("circular", answers, wanted=("circular.example/0",), tries=1)


def huge_sitemap() -> Trap:
    """A sitemap of far more URLs than a sitemap may have, most of them years old."""
    rows = "".join(
        f"<url><loc>http://wide.example/old/{n}</loc><lastmod>2001-01-01</lastmod></url>"
        for n in range(60_000)
    )
    body = f"<urlset><url><loc>http://wide.example/0</loc></url>{rows}</urlset>".encode()
    answers = {"/rss": feed(), "/robots.txt": robots("Sitemap: /map.xml"), "/0": page()}
    answers |= {"/map.xml": reply(body, Content_Type="application/xml"), "/old/*": page()}
    return trap("wide", answers, private=("wide.example/old",), wanted=("wide.example/0",))


def foreign_sitemap() -> Trap:
    """A sitemap, a feed and an index that name pages and sitemaps of other people's hosts."""
    other = tuple(f"http://victim.example/{n}" for n in range(20))
    answers = {"/rss": feed("/0", *other), "/robots.txt": robots("Sitemap: /map.xml")}
    answers |= {"/map.xml": index("http://victim.example/map.xml", "/own.xml"), "/0": page()}
    answers |= {"/own.xml": urlset("/1", *other), "/1": page(), "victim.example/*": page()}
    wanted = ("foreign.example/0", "foreign.example/1")
    return trap("foreign", answers, "victim.example", private=("victim.example/",), wanted=wanted)


_BILLION = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "laughlaughlaugh">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
_EXTERNAL = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">'
    '<!ENTITY b SYSTEM "http://entities.example/stolen">'
    '<!ENTITY % c SYSTEM "http://entities.example/dtd">%c;]>'
)


def entities() -> Trap:
    """Feeds and sitemaps whose entities unfold to gigabytes, or name files and hosts to be read."""
    item = "<item><link>/0</link><title>&i;&a;&b;</title></item>"
    rss = f'{_BILLION}<rss version="2.0"><channel><title>&i;</title>{item}</channel></rss>'
    outer = f'{_EXTERNAL}<rss version="2.0"><channel><title>&a;</title>{item}</channel></rss>'
    urls = f"{_EXTERNAL}<urlset><url><loc>http://entities.example/&b;1</loc></url></urlset>"
    more = f"{_BILLION}<urlset><url><loc>http://entities.example/2</loc><n>&i;</n></url></urlset>"
    answers = {"/rss": reply(rss.encode()), "/outer": reply(outer.encode()), "/0": page()}
    answers |= {"/robots.txt": robots("Sitemap: /one.xml\nSitemap: /two.xml"), "/story": page()}
    answers |= {"/one.xml": reply(urls.encode()), "/two.xml": reply(more.encode())}
    answers |= {"/good": feed("/story")}
    host = "http://entities.example"
    forbidden = tuple(f"entities.example/{name}" for name in ("stolen", "dtd"))
    made = trap("entities", answers, private=forbidden, wanted=("entities.example/story",))
    feeds = (f"{host}/rss", f"{host}/outer", f"{host}/good")
    return msgspec.structs.replace(made, sources=(source("entities.example", feeds=feeds),))


def malformed_feeds() -> Trap:
    """Feeds that are cut, mixed up, of another type, in a false character set, or far too long."""
    host = "http://malformed.example"
    item = "<item><title>Ä &nbsp; & B</title><link>{}</link></item>"
    cut = f'<rss version="2.0"><channel>{item.format("/cut")}<item><title>And th'
    latin = f'<?xml version="1.0" encoding="utf-8"?><rss><channel>{item.format("/latin")}</channel></rss>'
    long = "".join(f"<item><link>/long/{n}</link></item>" for n in range(3_000))
    deep = "<rss><channel>" + "<x>" * 20_000
    bodies = {
        "long": f"<rss><channel>{long}</channel></rss>".encode(),
        "cut": cut.encode(), "latin": latin.encode("latin-1"), "deep": deep.encode(),
        "json": b'{"version": "https://jsonfeed.org/version/1", "items": [' + b'{"url": 5},' * 9,
        "nothing": b"", "html": b"<html><title>Feed</title></html>", "binary": b"\x00\xff" * 9_000,
    }  # fmt: skip
    answers = {
        f"/feed/{name}": reply(body, Content_Type="text/html") for name, body in bodies.items()
    }
    answers |= {"/cut": page(), "/latin": page(), "/long/*": page()}
    made = trap(
        "malformed",
        answers,
        wanted=("malformed.example/latin", "malformed.example/long/0"),
        at_most=2 * (len(bodies) + 16),
    )
    feeds = tuple(f"{host}/feed/{name}" for name in bodies)
    listed = source("malformed.example", feeds=feeds, max_pages=10)
    return msgspec.structs.replace(made, sources=(listed,))


def many_spellings() -> Trap:
    """One story under sixty addresses: trackers, sessions, fragments, ports, dots, escapes, case."""
    marks = ("utm_source=x", "fbclid=IwAR0", "PHPSESSID=0a1b2c3d4e5f", "gclid=1", "mc_cid=2")
    spellings = [f"http://spelt.example/story?{mark}{n}" for mark in marks for n in range(10)]
    spellings += [
        "/story#top",
        "/story#comments",
        "/./story",
        "/a/../story",
        "/%73tory",
        "//spelt.example/story",
    ]
    spellings += [
        "http://SPELT.Example/story",
        "http://spelt.example:80/story",
        "http://spelt.example./story",
    ]
    spellings += ["/story;jsessionid=ABC123", "/story?", "/story?&amp;utm_medium=rss"]
    answers = {"/rss": feed(*spellings), "/story*": page()}
    return trap("spelt", answers, wanted=("spelt.example/story",), at_most=2 * 3 + 1)


def lost_names() -> Trap:
    """A feed whose first stories are on forty names of the site's own domain that do not exist."""
    made = trap("lost", stories(1), wanted=("lost.example/0",))
    names = {f"n{n}.lost.example": f"n{n}.lost.invalid:80" for n in range(40)}
    listed = feed(*(f"http://{name}/" for name in names), "/0")
    return msgspec.structs.replace(
        made, answers=made.answers | {"lost.example/rss": listed}, resolve=names
    )


def endless_pages() -> Trap:
    """A feed and a section that always have a next page, and a story that has one as well."""
    host = "paging.example"

    def paged(asked: Asked, send: Send) -> None:
        number = int(asked.path.rpartition("=")[2] if "=" in asked.path else 1)
        links = f'<link rel="next" href="/?page={number + 1}"><a rel="next" href="/?page={number + 1}">More'
        links += (
            f'</a><a href="/page/{number + 1}/">Older stories from the archive of this site</a>'
        )
        links += (
            f'<a href="/news/page/{number + 1}">All of the older stories that we have ever had</a>'
        )
        reply(f"<html><body>{links}</body></html>".encode(), Content_Type=HTML)(asked, send)

    text = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="/atom?page=2"/>'
        '<entry><link href="/0"/></entry></feed>'
    )
    answers: dict[str, Answer] = {"/rss": reply(text.encode()), "/": paged, "/?page*": paged}
    answers |= {
        "/page/*": paged,
        "/news/page/*": paged,
        "/atom*": reply(text.encode()),
        "/0": paged,
    }
    made = trap("paging", answers, wanted=(f"{host}/0", f"{host}/"), at_most=2 * 4 + 1)
    listed = source(host, sections=(f"http://{host}/",))
    return msgspec.structs.replace(made, sources=(listed,))
