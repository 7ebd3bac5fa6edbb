"""Hosts that a crawler can misbehave on, each with what its owner expects.

In: nothing. Out: for each trap the answers of its hosts, how it is announced, and the `House` by which it is
judged. The answers are those of `tests.crawler.loopback`, served by name on one loopback address.
"""

import time
from email.utils import formatdate
from itertools import count, pairwise

import msgspec

from tests.crawler.loopback import Answer, Asked, Send, raw, reply, slow
from tests.newsweb.judge import House

_HTML = "text/html; charset=utf-8"
_XML = "application/xml"


class Trap(msgspec.Struct, frozen=True, kw_only=True):
    """Hosts and what they answer, by "host/path" or "host:port/path"; the sources that name them."""

    answers: dict[str, Answer]
    house: House
    sources: tuple[dict[str, object], ...]


def page(text: str = "A story.") -> Answer:
    """A page of one paragraph."""
    return reply(f"<html><body><p>{text}</p></body></html>".encode(), Content_Type=_HTML)


def feed(*links: str, updated: str = "") -> Answer:
    """A feed of these links; `updated` stands in each entry."""
    dates = f"<a:updated>{updated}</a:updated>" if updated else ""
    items = "".join(f"<item><title>t</title><link>{one}</link>{dates}</item>" for one in links)
    text = (
        f'<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel>{items}</channel></rss>'
    )
    return reply(text.encode(), Content_Type="application/rss+xml")


def urlset(*links: str) -> Answer:
    """A sitemap of pages."""
    rows = "".join(f"<url><loc>{one}</loc></url>" for one in links)
    return reply(f"<urlset>{rows}</urlset>".encode(), Content_Type=_XML)


def index(*links: str) -> Answer:
    """A sitemap of sitemaps."""
    rows = "".join(f"<sitemap><loc>{one}</loc></sitemap>" for one in links)
    return reply(f"<sitemapindex>{rows}</sitemapindex>".encode(), Content_Type=_XML)


def robots(text: str = "") -> Answer:
    """A robots.txt for everybody."""
    return reply(f"User-agent: *\n{text}".encode(), Content_Type="text/plain")


def first(*answers: Answer) -> Answer:
    """These answers one after the other, the last for good."""
    turn = count()

    def answer(asked: Asked, send: Send) -> None:
        answers[min(next(turn), len(answers) - 1)](asked, send)

    return answer


def _source(host: str, **more: object) -> dict[str, object]:
    listed: dict[str, object] = {"id": host.partition(".")[0], "home": f"http://{host}/"}
    return listed | {"feeds": (f"http://{host}/rss",)} | more


def _trap(name: str, answers: dict[str, Answer], *names: str, **house: object) -> Trap:
    """A trap of one source; answers without a host are its own, names are further ones."""
    host = f"{name}.example"
    own = {key if not key.startswith("/") else host + key: one for key, one in answers.items()}
    own = {f"{host}/robots.txt": robots()} | own
    rules = House(names=(host, *names), **house)  # type: ignore[arg-type]
    return Trap(answers=own, house=rules, sources=(_source(host),))


def _stories(number: int) -> dict[str, Answer]:
    return {"/rss": feed(*(f"/{n}" for n in range(number)))} | {
        f"/{n}": page(f"Story {n}.") for n in range(number)
    }


def lasting_faults() -> Trap:
    """Pages that will not be there next time either, in a feed that calls everything new."""
    paths = ("/403", "/404", "/410", "/451", "/large", "/film", "/loop", "/nowhere")
    answers = {"/403": reply(b"no", 403), "/404": reply(b"no", 404), "/410": reply(b"no", 410)}
    answers |= {"/451": reply(b"no", 451), "/large": reply(b"x" * 300_000, Content_Type=_HTML)}
    answers |= {"/film": reply(b"x" * 90_000, Content_Type="video/mp4")}
    answers |= {
        "/loop": reply(status=302, Location="/loop2"),
        "/loop2": reply(status=302, Location="/loop"),
    }
    answers |= {"/nowhere": reply(status=302, Location="http://[::1")}

    def restless(asked: Asked, send: Send) -> None:
        updated = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(asked.at - 1))
        feed(*paths, updated=updated)(asked, send)

    once = tuple(f"lasting.example{path}" for path in paths if path != "/loop")
    return _trap("lasting", {"/rss": restless, **answers}, once=once)


def refused_everywhere() -> Trap:
    """A firewall that answers 403 to everything but robots.txt and the feed."""
    paths = [f"/{n}" for n in range(30)]
    answers = {"/rss": feed(*paths)} | {path: reply(b"no", 403) for path in paths}
    return _trap("firewall", answers, at_most=2 * 7 + 8)


def dead_listings() -> Trap:
    """An index whose sitemaps are gone, and a feed that is."""
    answers = {"/robots.txt": robots("Sitemap: /index.xml"), "/rss": reply(b"no", 410)}
    answers |= {"/index.xml": index("/a.xml", "/b.xml"), "/a.xml": reply(b"no", 404)}
    answers |= {"/b.xml": reply(b"no", 403)}
    once = ("dead.example/rss", "dead.example/a.xml", "dead.example/b.xml")
    return _trap("dead", answers, once=once)


def one_machine() -> Trap:
    """Two names of one domain, and two ports of one name, on one machine that wants to be asked gently."""
    second = "www.machine.example"
    links = [f"http://{second}/{n}" for n in range(3)] + ["http://machine.example:8081/port"]
    answers = {"/rss": feed("/1", "/2", *links), "/1": page("One."), "/2": page("Two.")}
    answers |= {f"{second}/{n}": page(f"Three {n}.") for n in range(3)}
    answers |= {f"{second}/robots.txt": robots(), "machine.example/port": page("A door.")}
    return _trap("machine", answers, second, tries=6)


def crawl_delay() -> Trap:
    """A host that wants more patience than we have by ourselves."""
    return _trap("patient", {"/robots.txt": robots("Crawl-delay: 0.6"), **_stories(3)}, gap=0.6)


def crawl_delay_over_the_cap() -> Trap:
    """A host that wants more than anybody has."""
    return _trap("eternal", {"/robots.txt": robots("Crawl-delay: 7200"), **_stories(3)}, at_most=2)


def retry_after() -> Trap:
    """A host that asks for a second, then for two more by a date."""

    def dated(asked: Asked, send: Send) -> None:
        date = formatdate(asked.at + 2.9, usegmt=True)
        reply(b"busy", 503, Retry_After=date)(asked, send)

    answers = _stories(4)
    answers["/1"] = first(reply(b"busy", 429, Retry_After="1"), page("One."))
    answers["/2"] = first(dated, page("Two."))
    return _trap("busy", answers, pauses=(("/1", 1, 1.0), ("/2", 1, 1.9)))


def retry_after_a_day() -> Trap:
    """A host that asks to be left alone until tomorrow, in both runs."""
    answers = _stories(4) | {"/1": reply(b"busy", 429, Retry_After="86400")}
    return _trap("tomorrow", answers, pauses=(("/1", 1, 3600.0),))


def robots_behind_redirects() -> Trap:
    """A robots.txt five hops away, over three hosts."""
    hops = ["hops.example/robots.txt", "www.hops.example/robots.txt", "hopa.example/r1"]
    hops += ["hopa.example/r2", "hopb.example/r3", "hopb.example/r4"]
    answers = {one: reply(status=301, Location=f"http://{other}") for one, other in pairwise(hops)}
    answers[hops[-1]] = robots("Disallow: /private")
    answers["/rss"] = feed("/private/1", "/open")
    answers["/open"] = page("Open.")
    return _trap("hops", answers, "www.hops.example", private=("hops.example/private",))


def robots_out_of_reach() -> tuple[Trap, ...]:
    """Hosts whose robots.txt cannot be had: nothing else may be asked there."""
    broken: dict[str, Answer] = {
        "late": slow(30, robots()),
        "error": reply(b"oops", 500),
        "unavailable": reply(b"oops", 503),
        "toomany": reply(b"oops", 429),
        "reset": raw(b""),
        "garbage": raw(b"\x16\x03\x01 what?\r\n\r\n"),
        "half": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nUser-agent: *\nAllow"),
    }
    return tuple(
        _trap(
            name,
            _stories(2) | {"/robots.txt": answer},
            private=(f"{name}.example/rss", f"{name}.example/0"),
        )
        for name, answer in broken.items()
    )


def elsewhere() -> Trap:
    """A feed, a sitemap and a story that lead to hosts whose robots.txt says no."""
    answers = {"/robots.txt": robots("Sitemap: http://maps.example/map.xml")}
    answers |= {"/rss": reply(status=302, Location="http://feeds.example/private/rss")}
    answers |= {"feeds.example/robots.txt": robots("Disallow: /private")}
    answers |= {"feeds.example/private/rss": feed("http://elsewhere.example/1")}
    answers |= {"maps.example/robots.txt": robots("Disallow: /map")}
    answers |= {"maps.example/map.xml": urlset("http://elsewhere.example/2")}
    private = ("feeds.example/private", "maps.example/map")
    return _trap("elsewhere", answers, "feeds.example", "maps.example", private=private, apart=True)


def shared_listings() -> Trap:
    """One feed that two sources name, a third by a redirect, a fourth by its home page."""
    host = "http://shared.example"
    home = f'<link rel="alternate" type="application/rss+xml" href="{host}/rss"><p>Home.</p>'
    answers = _stories(3) | {"/old": slow(0.3, reply(status=301, Location="/rss"))}
    answers |= {"/": slow(0.3, reply(home.encode(), Content_Type=_HTML))}
    trap = _trap("shared", answers, tries=1)
    more = (
        _source("shared.example", id="second"),
        _source("shared.example", id="third", feeds=(f"{host}/old",)),
        _source("shared.example", id="fourth", feeds=()),
    )
    return msgspec.structs.replace(trap, sources=(*trap.sources, *more))


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
        body = "".join(f'<a href="{link}">A headline of some words, {link}</a>' for link in links)
        reply(f"<html><body>{body}</body></html>".encode(), Content_Type=_HTML)(asked, send)

    pages = {"/": section, "/2026/11/20/the-long-story-of-a-small-town-by-the-sea-48151": page()}
    trap = _trap("calendar", pages, at_most=2 * 3 + 1)
    return msgspec.structs.replace(trap, sources=(_source("calendar.example", feeds=()),))


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
    return _trap("deep", answers, at_most=2 * (30 + 2))


def failing() -> Trap:
    """A host that is down for everything but robots.txt."""
    answers: dict[str, Answer] = {f"/{n}": reply(b"oops", 500) for n in range(30)}
    return _trap("failing", {"/rss": feed(*answers), **answers}, at_most=2 * 9)


def traps() -> tuple[Trap, ...]:
    """Every trap, made anew."""
    return (
        lasting_faults(), refused_everywhere(), dead_listings(), one_machine(), crawl_delay(),
        crawl_delay_over_the_cap(), retry_after(), retry_after_a_day(), robots_behind_redirects(),
        *robots_out_of_reach(), elsewhere(), shared_listings(), endless_calendar(),
        endless_sitemaps(), failing(),
    )  # fmt: skip
