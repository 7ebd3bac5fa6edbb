"""Hosts whose answers are bombs, never end, or are no HTTP; their good stories must not be lost."""

import gzip
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import brotli
import zstandard

from tests.crawler.loopback import Answer, Asked, Send, endless, raw, reply, slow
from tests.newsweb.traps.making import HTML, Trap, beside, feed, first, moved, page, robots, trap

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
_STORY = b"<html><body><p>A story.</p></body></html>"

BOMB_BYTES = 40_000_000
"""What a bomb of the trap web unfolds to: a hundred times what its crawl may keep."""

_MEGABYTE = b" " * 1_000_000


def _folded(coding: str, size: int) -> bytes:
    """So many spaces, folded piece by piece: a bomb is not to hurt those who lay it."""
    folder: Any
    if coding == "br":
        folder = brotli.Compressor(quality=1)
        fold, end = folder.process, folder.finish
    elif coding == "zstd":
        folder = zstandard.ZstdCompressor(level=1).compressobj()
        fold, end = folder.compress, folder.flush
    else:
        folder = zlib.compressobj(1, wbits=31 if coding == "gzip" else 15)
        fold, end = folder.compress, folder.flush
    pieces = [fold(_MEGABYTE) for _ in range(size // len(_MEGABYTE))]
    return b"".join((*pieces, end()))


_AGAIN: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


@lru_cache(maxsize=16)
def bomb(coding: str, size: int = BOMB_BYTES) -> Answer:
    """A small answer that unfolds to so many bytes; codings one upon the other by ", "."""
    first_coding, *others = coding.split(", ")
    body = _folded(first_coding, size)
    for name in others:
        body = _AGAIN[name](body)
    return reply(body, Content_Type=HTML, Content_Encoding=coding)


def bombs() -> tuple[Trap, ...]:
    """One host for each coding, and for codings upon codings."""
    codings = {one: one for one in ("gzip", "deflate", "br", "zstd")}
    codings |= {"twice": "gzip, gzip", "mixed": "gzip, br, zstd"}
    members = gzip.compress(b"") * 20_000 + _folded("gzip", BOMB_BYTES)
    several = reply(members, Content_Type=HTML, Content_Encoding="gzip")
    made = [
        beside(f"{name}bomb", {"/bomb": bomb(coding)}, once=(f"{name}bomb.example/bomb",))
        for name, coding in codings.items()
    ]
    return (*made, beside("members", {"/bomb": several}, once=("members.example/bomb",)))


def listing_bombs() -> tuple[Trap, ...]:
    """A feed that is a bomb, and a sitemap that is one twice: by name and by coding."""
    inner = gzip.compress(b"<urlset>") + _folded("gzip", 120_000_000)
    sitemap = reply(gzip.compress(inner), Content_Encoding="gzip", Content_Type="application/gzip")
    answers = {"/robots.txt": robots("Sitemap: /map.xml.gz"), "/map.xml.gz": sitemap}
    return (
        trap("feedbomb", {"/rss": bomb("gzip")}, at_most=4),
        beside("mapbomb", {"/story": page()} | answers, most_bytes=16_000_000),
    )


def endless_bodies() -> tuple[Trap, ...]:
    """Answers that go on for ever: fast, by drops, in chunks, in headers, in greetings."""
    flood = b"x" * 65_536
    crumbs = b"1\r\nx\r\n" * 10_000
    answers: dict[str, Answer] = {
        "flood": endless(_HEAD + b"\r\n", flood),
        "chunks": endless(
            _HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n%s\r\n" % flood
        ),
        "crumbs": endless(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", crumbs),
        "extended": endless(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", flood),
        "drip": endless(_HEAD + b"\r\n", b"x", pause=0.05),
        "headers": endless(_HEAD, b"X-More: %s\r\n" % (b"y" * 1_000)),
        "header": endless(_HEAD + b"X-Long: ", flood),
        "slowheaders": endless(_HEAD, b"X-More: y\r\n", pause=0.05),
        "greetings": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000),
        "hints": endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", pause=0.05),
    }
    return tuple(
        beside(name, {"/endless": answer}, most_bytes=16_000_000, most_seconds=7.0)
        for name, answer in answers.items()
    )


def hanging() -> tuple[Trap, ...]:
    """Hosts that accept and say nothing, or stop in the middle."""

    def stops(asked: Asked, send: Send) -> None:
        send(_HEAD + b"Content-Length: 5000\r\n\r\n<p>And then")
        slow(30, page())(asked, send)

    return (
        beside("hang", {"/hang": slow(30, page())}),
        beside("stops", {"/stops": stops}),
        trap("allhang", {"/rss": slow(30, feed())}, at_most=2 * 4),
    )


def broken_answers() -> tuple[Trap, ...]:
    """What is no HTTP, or HTTP that contradicts itself."""
    chunked = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    answers: dict[str, Answer] = {
        "hugeheader": raw(_HEAD + b"X: " + b"y" * 2_000_000 + b"\r\n\r\n" + _STORY),
        "manyheaders": raw(_HEAD + b"X: y\r\n" * 100_000 + b"\r\n" + _STORY),
        "nohttp": raw(_STORY),
        "noise": raw(b"\x00\x01\xff" * 5_000),
        "icy": raw(b"ICY 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n" + b"\xff" * 5_000),
        "version": raw(b"HTTP/3.7 200 OK\r\n\r\n" + _STORY),
        "status": raw(b"HTTP/1.1 999 Whatever\r\nContent-Length: 0\r\n\r\n"),
        "switching": raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: tea\r\n\r\n" + b"t" * 999),
        "tooshort": raw(_HEAD + b"Content-Length: 9000\r\n\r\n" + _STORY),
        "toolong": raw(_HEAD + b"Content-Length: 12\r\n\r\n" + _STORY),
        "lengths": raw(_HEAD + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\n" + _STORY),
        "negative": raw(_HEAD + b"Content-Length: -5\r\n\r\n" + _STORY),
        "chunkgarbage": raw(chunked + b"zz\r\nwhat\r\n"),
        "chunkcut": raw(chunked + b"400\r\n<p>And then"),
        "chunkhuge": raw(chunked + b"f" * 40 + b"\r\n" + _STORY),
        "falsegzip": reply(_STORY, Content_Type=HTML, Content_Encoding="gzip"),
        "unknown": reply(_STORY, Content_Type=HTML, Content_Encoding="rot13"),
        "cutgzip": reply(gzip.compress(_STORY * 99)[:40], Content_Encoding="gzip"),
        "unasked304": reply(status=304, ETag='"x"'),
        "nothing": reply(status=204),
    }
    return tuple(beside(name, {"/broken": answer}) for name, answer in answers.items())


def after_hints() -> Trap:
    """A story behind two informational answers, which are none (RFC 9110, 15.2)."""
    hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    story = raw(hints + _HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(_STORY), _STORY))
    return beside("early", {"/early": story}, tries=1)


def surplus() -> tuple[Trap, ...]:
    """Answers followed by more on the same connection: another page, junk, a word to the idle."""
    sized = _HEAD + b"Content-Length: %d\r\n" % len(_STORY)
    story, other = sized + b"\r\n" + _STORY, sized + b'ETag: "other"\r\n\r\n' + _STORY
    idle = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"
    empty = b"HTTP/1.1 204 No Content\r\n\r\n"

    def followed(first_part: bytes, more: bytes, pause: float = 0.0) -> Answer:
        def answer(asked: Asked, send: Send) -> None:
            send(first_part if pause else first_part + more)
            slow(pause, lambda _, send: send(more if pause else b""))(asked, send)

        return answer

    answers = {
        "another": followed(story, other), "later": followed(story, other, 0.05),
        "junk": followed(story, _STORY), "idle": followed(story, idle, 0.05),
        "full204": followed(empty, _STORY),
    }  # fmt: skip
    return tuple(
        beside(
            f"{name}surplus",
            {"/more": answer},
            healthy=3,
            tries=1,
            plain=tuple(f"{name}surplus.example/{path}" for path in ("more", "0", "1", "2")),
        )
        for name, answer in answers.items()
    )


def once_reset() -> Trap:
    """Connections that break off once in the middle: asked again, the story is there."""
    half = raw(_HEAD + b"Content-Length: 900\r\n\r\n<p>And then")
    answers = {f"/{n}": first(half, page(f"Story {n}.")) for n in range(3)}
    return trap("halves", {"/rss": feed(*answers), **answers}, tries=2)


def redirects() -> tuple[Trap, ...]:
    """Chains that end well, chains without end, loops, and places that are none."""
    chain = {f"/c{n}": moved(f"/c{n + 1}", 301) for n in range(5)} | {"/c5": page("At last.")}
    chain |= {f"/d{n}": moved(f"/d{n + 1}") for n in range(20)}
    chain |= {"/rss": feed("/c0", "/d0", "/story"), "/story": page()}

    def spiral(asked: Asked, send: Send) -> None:
        number = int(asked.path.rpartition("n=")[2])
        moved(f"/spiral?n={number + 1}")(asked, send)

    def walled(asked: Asked, send: Send) -> None:
        reply(status=302, Location=asked.path, Set_Cookie="seen=1; Path=/")(asked, send)

    nowhere = {
        f"/bad{n}": moved(place)
        for n, place in enumerate(
            ("http://[::1", "http:///", "//", "https://", "http://a b/", "http://x.example:99999/")
        )
    }
    schemes = {
        f"/way{n}": moved(place)
        for n, place in enumerate(
            ("javascript:alert(1)", "mailto:a@b.example", "data:text/html,x", "file:///etc/passwd",
             "ftp://hops.example/1", "gopher://hops.example/1", "http://" + "a" * 9_000)
        )
    }  # fmt: skip
    return (
        trap("chain", chain, wanted=("chain.example/c5", "chain.example/story"), at_most=2 * 25),
        trap("spiral", {"/rss": feed("/spiral?n=0"), "/spiral*": spiral}, at_most=2 * 13 + 2),
        beside("walled", {"/walled": walled}, once=("walled.example/walled",)),
        beside("badplaces", nowhere, once=("badplaces.example/bad",)),
        beside("badways", schemes, once=("badways.example/way",)),
        trap("bare", {"/rss": feed("/0", "/1"), "/0": reply(status=302), "/1": page()}, tries=1),
    )
