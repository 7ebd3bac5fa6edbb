"""Crawled and extracted: `wirecorpus crawl` and `extract` against Scrapy with trafilatura in its pipeline.

    python -m tests.bench.reading [ROUNDS]

Real pages of ../shared/data, served from where they are under their own names on loopback; both programs are
given the same two cores. Ours archives what it fetched and extracts from the archive, site profiles and
all; told is also the main job, which clusters the articles as well.
"""

import gzip
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.manners import url_rules
from crawler.urls import canonical_url
from tests.bench.fastweb import Document, FastWeb, Web
from tests.bench.racing import FEED, Crawl, feed, ours, packed, run, theirs, write_config
from tests.bench.rival import rival
from tests.commands import arguments

PAGES = Path(__file__).parents[3] / "shared" / "data" / "extraction"
SETS = ("n4k", "fundus", "sites")
ROUNDS = 2
CORES = 2
LEAST_TIMES = 1.5
LATENCY = 0.05


class Read(NamedTuple):
    """What a way of reading took, and how many articles came of it."""

    wall: float
    cpu: float
    articles: int


def web(port: int) -> Web:
    """The pages under their hosts and paths, and a feed for each host.

    Parameters that are dropped from addresses may be left out, as on the sites themselves.
    """
    found: dict[str, dict[str, Document]] = {}
    for url, html in pages():
        host, path = _place(url)
        page = packed("text/html; charset=utf-8", html.encode("utf-8", "replace"))
        found.setdefault(host, {})[path] = page
    rules = url_rules()
    for host, documents in found.items():
        listed = list(documents)
        for path in listed:
            plain = canonical_url(f"http://{host}{path}", rules)
            assert isinstance(plain, str)
            documents.setdefault(_place(plain)[1], documents[path])
        documents[FEED] = feed(f"http://{host}:{port}", listed)
        documents["/robots.txt"] = Document("text/plain", b"User-agent: *\nDisallow:\n")
    return found


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), f"{parts.path or '/'}?{parts.query}".removesuffix("?")


def pages() -> Iterator[tuple[str, str]]:
    """Address and HTML of each page."""
    for name in SETS:
        with gzip.open(PAGES / f"pages-{name}.jsonl.gz", "rt", encoding="utf-8") as rows:
            for row in map(json.loads, rows):
                yield row["url"], row["html"]


def _own(server: FastWeb, names: list[str], count: int) -> tuple[Read, Read]:
    """Crawl and extract; and the main job from its beginning."""
    with tempfile.TemporaryDirectory(prefix="wirecorpus-bench-") as name:
        folder = Path(name)
        config = write_config(folder, names, server.port)
        first = ours(server, "crawl", config)
        _check(first, names, count)
        out = folder / "articles.jsonl"
        archive = sorted(folder.glob("data/warc/*/*.warc.gz"))
        second = run(server, arguments("extract", *archive, "--quiet"), out=out)
        apart = Read(first.wall + second.wall, first.cpu + second.cpu, _lines(out))
    with tempfile.TemporaryDirectory(prefix="wirecorpus-bench-") as name:
        folder = Path(name)
        whole = ours(server, "run", write_config(folder, names, server.port))
        _check(whole, names, count)
        made = sum(map(_lines, folder.glob("data/articles/*/*.jsonl")))
    return apart, Read(whole.wall, whole.cpu, made)


def _theirs(server: FastWeb, names: list[str], count: int, python: str) -> Read:
    """The spider with its pipeline."""
    with tempfile.TemporaryDirectory(prefix="wirecorpus-bench-") as folder:
        out = Path(folder) / "articles.jsonl"
        crawl = theirs(server, python, names, out)
        _check(crawl, names, count)
        return Read(crawl.wall, crawl.cpu, _lines(out))


def _check(crawl: Crawl, names: list[str], count: int) -> None:
    found = crawl.asked.found - 2 * len(names)  # robots.txt and feed
    if found < count:
        print(f"  the server saw {found} of {count} pages")


def _lines(file: Path) -> int:
    with file.open("rb") as rows:
        return sum(1 for _ in rows)


def told(name: str, count: int, reads: list[Read]) -> str:
    """A line of medians."""
    wall = _wall(reads)
    cpu = statistics.median(one.cpu for one in reads)
    return (
        f"  {name:<28} {count / wall:6.1f} pages/s  {1000 * cpu / count:5.1f} CPU ms a page"
        f"  {reads[-1].articles} articles"
    )


def main(rounds: int = ROUNDS) -> None:
    """Print the figures and the bar."""
    if not PAGES.is_dir():
        print("fetch and extract: ../shared is not here: left out")
        return
    other = rival()
    mine: list[tuple[Read, Read]] = []
    rivals: list[Read] = []
    places = {_place(url) for url, _ in pages()}
    names, count = sorted({host for host, _ in places}), len(places)
    print(
        f"fetch and extract: {count} real pages of {len(names)} hosts on {CORES} cores, medians of"
        f" {rounds}; {other.words}",
        flush=True,
    )
    with (
        _cores(CORES),
        tempfile.TemporaryDirectory(prefix="wirecorpus-bench-") as folder,
        FastWeb(web, LATENCY, Path(folder)) as server,
    ):
        for n in range(rounds):
            for own in (True, False) if n % 2 else (False, True):
                if own:
                    mine.append(_own(server, names, count))
                elif other.python:
                    rivals.append(_theirs(server, names, count, other.python))
    print(told("ours: crawl, extract", count, [apart for apart, _ in mine]))
    print(told("ours: run, with clusters", count, [whole for _, whole in mine]))
    if rivals:
        print(told("Scrapy with trafilatura", count, rivals))
        times = _wall(rivals) / _wall([apart for apart, _ in mine])
        print(f"  bar: {times:.2f} times as fast, at least {LEAST_TIMES}")


@contextmanager
def _cores(count: int) -> Iterator[None]:
    """Let what is started run on so many cores, where the system can see to it."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _wall(reads: list[Read]) -> float:
    return statistics.median(one.wall for one in reads)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
