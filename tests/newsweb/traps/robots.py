"""Hosts whose robots.txt is hard to get, hard to read, or says no."""

import gzip
from itertools import pairwise

import msgspec

from tests.crawler.loopback import Answer, Asked, Send, endless, raw, reply, slow, validated
from tests.newsweb.traps.making import (
    Trap,
    feed,
    first,
    moved,
    page,
    robots,
    source,
    stories,
    trap,
    urlset,
)


def robots_behind_redirects() -> Trap:
    """A robots.txt five hops away, over three hosts."""
    hops = ["hops.example/robots.txt", "www.hops.example/robots.txt", "hopa.example/r1"]
    hops += ["hopa.example/r2", "hopb.example/r3", "hopb.example/r4"]
    answers = {one: reply(status=301, Location=f"http://{other}") for one, other in pairwise(hops)}
    answers[hops[-1]] = robots("Disallow: /private")
    answers["/rss"] = feed("/private/1", "/open")
    answers["/open"] = page("Open.")
    return trap("hops", answers, "www.hops.example", private=("hops.example/private",))


def robots_next_door() -> Trap:
    """A robots.txt that redirects to the one of www, which alone gives a validator."""
    rules = validated(b"User-agent: *\nDisallow: /private\n", '"r"', "text/plain")
    there = "www.nextdoor.example/robots.txt"
    answers = stories(1) | {"/robots.txt": moved(f"http://{there}", 301), there: rules}
    return trap(
        "nextdoor",
        answers | {"/rss": feed("/private/1", "/0")},
        "www.nextdoor.example",
        private=("nextdoor.example/private",),
        wanted=("nextdoor.example/0",),
        conditional=(there,),
        plain=("nextdoor.example/robots.txt",),
    )


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
        trap(
            name,
            stories(2) | {"/robots.txt": answer},
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
    return trap("elsewhere", answers, "feeds.example", "maps.example", private=private, apart=True)


_PRIVATE = "User-agent: *\nDisallow: /private\n"
_JUNK = "# nothing to read here, and there is a lot of it\n"


def robots_hard_to_read() -> tuple[Trap, ...]:
    """robots.txt in every dress: each forbids /private and nothing else."""
    plain = _PRIVATE.encode()
    own = "User-agent: *\nDisallow: /\n\nUser-agent: WireCorpusBot/9.9\nDisallow: /private\n"
    merged = (
        "User-agent: wirecorpusbot\nDisallow: /private/a\n\nUser-agent: Other\nDisallow: /\n\n"
        "User-agent: WIRECORPUSBOT\nDisallow: /private\n"
    )
    dressed: dict[str, Answer] = {
        "bom": reply(b"\xef\xbb\xbf" + plain, Content_Type="text/plain"),
        "crlines": reply(plain.replace(b"\n", b"\r"), Content_Type="text/plain"),
        "utf16": reply(_PRIVATE.encode("utf-16"), Content_Type="text/plain"),
        "utf16bare": reply(_PRIVATE.encode("utf-16-be"), Content_Type="text/plain"),
        "typed": reply(plain, Content_Type="video/mp4"),
        "asked": reply(plain, 203, Content_Type="text/html"),
        "stored": reply(gzip.compress(plain), Content_Type="text/plain"),
        "folded": reply(gzip.compress(plain), Content_Encoding="gzip"),
        "sliced": reply(plain, chunked=True),
        "long": reply(_JUNK.encode() * 9_000 + plain + _JUNK.encode() * 9_000),
        "owngroup": reply(own.encode()),
        "merged": reply(merged.encode()),
        "sloppy": reply(b"\xff\x00garbage\n" + b"  USER-AGENT :*\n disallow  :/private #x\n"),
        "letters": reply(b"User-agent: *\nDisallow: /%70rivate\n"),
        "retried": first(reply(b"oops", 503), reply(plain)),
        "bigfold": reply(
            gzip.compress(plain + b"\n" * 60_000_000, 1), Content_Encoding="gzip"
        ),
    }  # fmt: skip
    return tuple(
        trap(
            name,
            stories(1)
            | {"/robots.txt": answer, "/rss": feed("/private/a/1", "/private", "/0", "/public")}
            | {"/public": page("Public.")},
            private=(f"{name}.example/private",),
            wanted=(f"{name}.example/0", f"{name}.example/public"),
        )
        for name, answer in dressed.items()
    )


def longest_match() -> Trap:
    """Rules that overlap: the longest wins, Allow where they tie; wildcards, ends and queries."""
    rules = (
        "Disallow: /news\nAllow: /news/open\nDisallow: /news/open/not\nAllow: /tie\nDisallow: /tie\n"
        "Disallow: /*?print\nDisallow: /*.pdf$\nDisallow: /caf%C3%A9\nDisallow:\n"
    )
    shut = ("/news/1", "/news/open/not/1", "/a?print=1", "/b.pdf", "/caf%C3%A9/1")
    good = ("/news/open/1", "/tie/1", "/b.pdf?x=1", "/cafe/1")
    answers = {"/robots.txt": robots(rules), "/rss": feed(*shut, *good)}
    answers |= {path: page(path) for path in (*shut, *good)}
    return trap(
        "overlap",
        answers,
        private=tuple(f"overlap.example{path}" for path in shut if path != "/b.pdf"),
        never=("overlap.example/b.pdf",),
        wanted=tuple(f"overlap.example{path}" for path in good),
    )


def no_robots() -> tuple[Trap, ...]:
    """Hosts without a robots.txt: everything is allowed there (RFC 9309, 2.3.1.3)."""
    absent: dict[str, Answer] = {str(n): reply(b"no", n) for n in (401, 403, 404, 410)}
    absent |= {"html": page("Welcome."), "empty": reply(b"")}
    return tuple(
        trap(
            f"without{name}",
            stories(2) | {"/robots.txt": answer},
            wanted=(f"without{name}.example/0", f"without{name}.example/1"),
        )
        for name, answer in absent.items()
    )


def robots_that_change() -> tuple[Trap, ...]:
    """A robots.txt that closes after the first run, and one that breaks then: its copy stands in."""
    closing = first(robots(), robots("Disallow: /"))
    broken = first(robots("Disallow: /private"), reply(b"oops", 503))
    return (
        trap("closing", stories(3) | {"/robots.txt": closing}, closed_later=("closing.example/",)),
        trap(
            "breaking",
            stories(2) | {"/robots.txt": broken, "/rss": feed("/private/1", "/0", "/1")},
            private=("breaking.example/private",),
            wanted=("breaking.example/0", "breaking.example/1"),
        ),
    )


def robots_in_circles() -> tuple[Trap, ...]:
    """A robots.txt that redirects to itself over six hosts, and one that redirects for ever."""
    circle = [f"circle{n}.example/robots.txt" for n in range(6)]
    answers = {one: moved(f"http://{other}", 301) for one, other in pairwise([*circle, circle[0]])}
    answers |= {f"circle0.example{path}": answer for path, answer in stories(1).items()}

    def further(asked: Asked, send: Send) -> None:
        number = int(asked.path.partition("?")[2] or 0)
        moved(f"/robots.txt?{number + 1}")(asked, send)

    return (
        trap("circle0", answers, *(f"circle{n}.example" for n in range(1, 6)), apart=True, tries=2),
        trap(
            "further",
            stories(1) | {"/robots.txt": further, "/robots.txt*": further},
            at_most=2 * (11 + 2) + 1,  # and the tdmrep.json, once
        ),
    )


def endless_robots() -> Trap:
    """A robots.txt without end whose first lines say no."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + _PRIVATE.encode()
    answers = stories(1) | {"/robots.txt": endless(head, _JUNK.encode() * 1_000)}
    answers |= {"/rss": feed("/private/1", "/0")}
    return trap(
        "endlessrobots",
        answers,
        private=("endlessrobots.example/private",),
        wanted=("endlessrobots.example/0",),
        most_bytes=16_000_000,
    )


def busy_robots() -> Trap:
    """A robots.txt that asks for quiet until tomorrow."""
    answer = reply(b"busy", 503, Retry_After="86400")
    return trap("quiet", stories(2) | {"/robots.txt": answer}, at_most=1)


def own_delay() -> Trap:
    """A Crawl-delay for us alone, and a shorter one for everybody."""
    text = "User-agent: *\nCrawl-delay: 0.1\n\nUser-agent: wirecorpusbot\nCrawl-delay: .7\n"
    answers = stories(3) | {"/robots.txt": reply(text.encode())}
    return trap("owndelay", answers, gap=0.7, wanted=("owndelay.example/2",))


def slow_robots() -> Trap:
    """A robots.txt that takes its time, after which all is well."""
    wanted = ("slowrobots.example/0", "slowrobots.example/1")
    return trap("slowrobots", stories(2) | {"/robots.txt": slow(0.3, robots())}, wanted=wanted)


def no_handshake() -> Trap:
    """A host that answers a TLS greeting with words: nothing may be asked there without it either."""
    made = trap("tls", stories(2), at_most=0, shut=True)
    listed = source("tls.example", home="https://tls.example/", feeds=("https://tls.example/rss",))
    return msgspec.structs.replace(made, sources=(listed,))
