"""The crawler's peak memory: on every trap at once, and with a hundred thousand known URLs.

    python -m tests.bench.memory

First the trap web of tests/newsweb, and beside it hosts that send what is largest, several of each kind at
the same time, under the limits of size that a user has by default: bombs of 1 GiB in every coding, bodies
without end, sitemaps of 50 MB. Then 500 sources, with few known URLs and with many. Told is the crawler's
process.
"""

import gzip
import hashlib
import tempfile
import time
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import brotli
import zstandard

from crawler.records import Due, Place
from crawler.state import State, Visit
from tests.bench.fastweb import Document, FastWeb, Web
from tests.bench.racing import FEED, feed, measure, settings_file, write_config
from tests.commands import arguments
from tests.crawler.loopback import Answer, Loopback, endless, reply
from tests.newsweb.traps import traps

MOST = 400
BOMB = 1 << 30
HOSTS_OF_EACH = 4
# More than can be asked at once ([crawl] concurrency).
CROWD = 120
SOURCES = 500
KNOWN = 100_000
FEW = 5_000
_ADDRESS = "127.31.0.1"
_DAY = 86_400.0
_REVISIT = (3_600.0, 6 * 3_600.0, _DAY, 3 * _DAY, 7 * _DAY)
_HTML = "text/html"
_XML = "application/xml"


def main() -> None:
    """Print the figures and the bars."""
    on_traps()
    with_known_urls()


# --------------------------------------------------------------------------------------- the traps


def on_traps() -> None:
    """One run over all traps and all large answers together; one in which every answer is without end."""
    shown = traps()
    answers: dict[str, Answer] = {key: one for trap in shown for key, one in trap.answers.items()}
    listed = [dict(row) for trap in shown for row in trap.sources]
    for name, answer in large().items():
        _add(answers, listed, name, answer, HOSTS_OF_EACH)
    others = {name: place for trap in shown for name, place in trap.resolve.items()}
    _crawl("traps and the largest answers", answers, listed, others)
    answers, listed = {}, []
    for name in ("endless", "deep"):
        _add(answers, listed, name, large()[name], CROWD // 2)
    _crawl("endless and of long pages", answers, listed)


def _add(
    answers: dict[str, Answer],
    listed: list[dict[str, object]],
    name: str,
    answer: dict[str, Answer],
    hosts: int,
) -> None:
    """Let so many hosts give these answers."""
    for n in range(hosts):
        host = f"{name}{n}.example"
        answers |= {f"{host}/{what}": one for what, one in answer.items()}
        source: dict[str, object] = {"id": host, "feeds": [f"http://{host}/rss"]}
        listed.append(source | {"sitemaps": [f"http://{host}/map.xml"]})


def _crawl(
    words: str,
    answers: dict[str, Answer],
    listed: list[dict[str, object]],
    others: Mapping[str, str] = {},
) -> None:
    """Crawl these hosts, all at one server but for the `others`."""
    with (
        tempfile.TemporaryDirectory(prefix="wirecorpus-bench-") as folder,
        Loopback(answers, _ADDRESS) as web,
    ):
        names = sorted({key.partition("/")[0] for key in answers})
        crawl: dict[str, object] = {"delay": 0.25, "per_host": 2, "max_runtime": "5m"}
        crawl |= {"first_byte_timeout": 2.0, "total_timeout": 20.0, "max_pages_per_source": 40}
        crawl |= {"allow_networks": [f"{_ADDRESS}/32"]}
        crawl |= {"resolve": dict.fromkeys(names, web.address) | dict(others)}
        cost = measure(arguments("crawl", "--config", settings_file(Path(folder), crawl, listed)))
        seen = len(web.log)
    print(
        f"memory, {len(names):3} hosts, {words}: peak {cost.peak:.0f} MiB, at most {MOST};"
        f" {seen} requests, {cost.wall:.0f} s, {cost.cpu:.0f} CPU s, exit {cost.code}",
        flush=True,
    )


@cache
def large() -> dict[str, dict[str, Answer]]:
    """Answers by name of host and path: each host has a feed and a sitemap, of which one is too much."""
    story = {"story": reply(b"<p>A story.</p>", Content_Type=_HTML)}
    usual = {"rss": _feed("/large", "/story"), "map.xml": reply(b"<urlset/>", Content_Type=_XML)}
    found: dict[str, dict[str, Answer]] = {
        f"{coding}bomb": usual | {"large": reply(body, Content_Type=_HTML, Content_Encoding=coding)}
        for coding, body in bombs().items()
    }
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    found["endless"] = usual | {"large": endless(head, b"<p>And so on. </p>" * 4000)}
    found["headers"] = usual | {"large": endless(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 4000)}
    found["deep"] = usual | {"large": reply(b"<div>" * 1_900_000, Content_Type=_HTML)}
    found["map"] = usual | {"map.xml": _sitemap(), "large": story["story"]}
    found["mapbomb"] = usual | {"map.xml": _packed(_XML), "large": story["story"]}
    found["feedbomb"] = usual | {"rss": _packed("application/rss+xml")}
    found["longfeed"] = usual | {"rss": _feed(*(f"/{n}-{'x' * 100}" for n in range(60_000)))}
    return {name: story | {"robots.txt": reply(status=404)} | one for name, one in found.items()}


@cache
def bombs() -> dict[str, bytes]:
    """A gibibyte of nothing by coding."""
    piece = b"\0" * (1 << 20)
    codings: dict[str, Any] = {
        "gzip": zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS),
        "deflate": zlib.compressobj(9),
        "zstd": zstandard.ZstdCompressor().compressobj(),
    }
    found = {
        name: b"".join(coder.compress(piece) for _ in range(BOMB >> 20)) + coder.flush()
        for name, coder in codings.items()
    }
    coder = brotli.Compressor(quality=1)
    found["br"] = b"".join(coder.process(piece) for _ in range(BOMB >> 20)) + coder.finish()
    return found


def _packed(kind: str) -> Answer:
    return reply(bombs()["gzip"], Content_Type=kind, Content_Encoding="gzip")


def _feed(*paths: str) -> Answer:
    items = "".join(f"<item><title>t</title><link>{path}</link></item>" for path in paths)
    text = f'<rss version="2.0"><channel>{items}</channel></rss>'
    return reply(text.encode(), Content_Type="application/rss+xml")


def _sitemap() -> Answer:
    """As many URLs, and as many bytes, as sitemaps.org lets one have: 50,000 in 50 MB."""
    rows = "".join(
        f"<url><loc>http://map.example/{n}/{'a-long-headline-' * 50}</loc></url>\n"
        for n in range(50_000)
    )
    return reply(gzip.compress(f"<urlset>{rows}</urlset>".encode(), 1), Content_Encoding="gzip")


# ----------------------------------------------------------------------------------- known URLs


def with_known_urls() -> None:
    """Runs with the same feeds, and different numbers of URLs that earlier runs left."""
    with (
        tempfile.TemporaryDirectory(prefix="wirecorpus-bench-") as folder,
        FastWeb(feeds, 0.005, Path(folder)) as server,
    ):
        for words, known, due in (
            ("known", FEW, False),
            ("known", KNOWN, False),
            ("known and all due", KNOWN, True),
        ):
            with tempfile.TemporaryDirectory(prefix="wirecorpus-bench-") as name:
                config = write_config(Path(name), names(), server.port)
                remember(Path(name) / "data", server.port, known, due=due)
                cost = measure(arguments("crawl", "--config", config, "--max-pages", 2_000))
            seen = server.asked().requests
            print(
                f"memory, {SOURCES} sources, {known:7,} URLs {words:<18} peak {cost.peak:4.0f} MiB,"
                f" {cost.wall:5.1f} s, {cost.cpu:5.1f} CPU s, {seen} requests",
                flush=True,
            )


def names() -> list[str]:
    """The sources' hosts."""
    return [f"s{n:03}.example" for n in range(SOURCES)]


def feeds(port: int) -> Web:
    """Sources that announce thirty stories each."""
    return {
        host: {
            FEED: feed(f"http://{host}:{port}", [f"/news/story-{n}.html" for n in range(30)]),
            "/robots.txt": Document("text/plain", b"User-agent: *\nDisallow:\n"),
        }
        for host in names()
    }


def remember(data: Path, port: int, count: int, *, due: bool) -> None:
    """A state in which so many stories were fetched a month ago, and once more unless they are due."""
    state = State(data / "state.sqlite", _REVISIT)
    hosts, then = names(), time.time() - 30 * _DAY
    for n in range(count):
        host = hosts[n % SOURCES]
        url = f"http://{host}:{port}/news/2026/10/story-of-some-length-{n}.html"
        digest = hashlib.sha256(url.encode()).hexdigest()
        state.announce(Due(url, "article", host, then), 0.0, then)
        place = Place("warc/2026-10-01/20261001T000000Z-0001-00001.warc.gz", n * 3_000, 3_000)
        for at in (then,) if due else (then, then + _REVISIT[-1] + 1):
            validators = f'"{digest[:20]}"', "", "2026-10-01T00:00:00Z"
            state.visit(Visit(url, "article", host, at, 200, *validators, digest, place))
    state.commit()
    state.close()


if __name__ == "__main__":
    main()
