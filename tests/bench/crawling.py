"""`wirecorpus crawl` against Scrapy, in the same minute and on the same server.

    python -m tests.bench.crawling [ROUNDS]

Fifty hosts with a feed and forty pages each, 50 ms away, two requests at once on a host, no delay;
robots.txt is obeyed by both. Ours keeps frontier, robots, state and WARC meanwhile. The order changes
from round to round, and the medians are told. CPU is of the whole command, start-up included.
"""

import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.bench.fastweb import ADDRESS, Asked, Document, FastWeb, Web
from tests.bench.rival import SPIDER, Rival, rival
from tests.commands import arguments
from tests.corpus import made_up_site
from tests.corpus.made_up import story

HOSTS = 50
PAGES = 40
LATENCY = 0.05
PER_HOST = 2
ROUNDS = 3
MOST_CPU = 2.0
LEAST_TIMES = 1.3
_STORIES = 200


class Crawl(NamedTuple):
    """What a crawl took, and what the server saw of it."""

    wall: float
    cpu: float
    peak: float
    asked: Asked


def web(port: int) -> Web:
    """The hosts; each has a page that robots.txt keeps from everybody, in its feed all the same."""
    stories = [made_up_site.page(n, body=story(n, 12)) for n in range(_STORIES)]
    return {host: _documents(f"http://{host}:{port}", n, stories) for n, host in enumerate(hosts())}


def hosts() -> list[str]:
    """The hosts' names."""
    return [f"h{n:02}.example" for n in range(HOSTS)]


def _documents(origin: str, host: int, stories: list[str]) -> dict[str, Document]:
    paths = [f"/news/2026/11/story-{host}-{n}.html" for n in range(PAGES)]
    found = {
        "/robots.txt": Document("text/plain", b"User-agent: *\nDisallow: /private/\n"),
        "/feed.xml": feed(origin, [*paths, "/private/page.html"]),
    }
    for n, path in enumerate(paths):
        told = stories[(host * PAGES + n) % _STORIES].replace("Ostby", f"Ostby {host}-{n}")
        found[path] = packed("text/html; charset=utf-8", told.encode())
    return found


def feed(origin: str, paths: list[str]) -> Document:
    """A feed of these pages, newest first."""
    items = "".join(
        f"<item><title>Story {n}</title><link>{origin}{path.replace('&', '&amp;')}</link></item>"
        for n, path in enumerate(paths)
    )
    text = f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'
    return packed("application/rss+xml", text.encode())


def packed(content_type: str, body: bytes) -> Document:
    """A document that is sent gzipped."""
    return Document(content_type, body, gzip.compress(body, 6, mtime=0))


def write_config(folder: Path, names: list[str], port: int) -> Path:
    """Our settings: the same limits as the spider's."""
    rows = [
        "[crawl]",
        'contact = "bench@example.org"',
        f"delay = 0.0\nper_host = {PER_HOST}\nconcurrency = 100",
        f'allow_networks = ["{ADDRESS}/32"]',
        "[crawl.resolve]",
        *(f'"{name}:{port}" = "{ADDRESS}:{port}"' for name in names),
    ]
    for name in names:
        home = f"http://{name}:{port}"
        rows += ["[[source]]", f'id = "{name}"', f'home = "{home}/"']
        rows += [f'feeds = ["{home}/feed.xml"]']
    path = folder / "wirecorpus.toml"
    path.write_text("\n".join([f"data = {json.dumps(str(folder / 'data'))}", *rows, ""]), "utf-8")
    return path


def ours(server: FastWeb, names: list[str]) -> Crawl:
    """Our crawl, with a data folder of its own."""
    with tempfile.TemporaryDirectory(prefix="wirecorpus-bench-") as folder:
        config = write_config(Path(folder), names, server.port)
        return run(server, arguments("crawl", "--config", config))


def theirs(server: FastWeb, names: list[str], python: str) -> Crawl:
    """The spider's."""
    feeds = "".join(f"http://{name}:{server.port}/feed.xml\n" for name in names)
    return run(server, [python, str(SPIDER), ADDRESS, str(PER_HOST), "0"], feeds.encode())


def run(server: FastWeb, words: list[str], given: bytes = b"") -> Crawl:
    """Run a command to its end; CPU seconds and MiB are of it and what it waited for."""
    server.asked()
    started = time.perf_counter()
    with tempfile.TemporaryFile() as lines, tempfile.TemporaryFile() as said:
        lines.write(given)
        lines.seek(0)
        running = subprocess.Popen(words, stdin=lines, stdout=said, stderr=said)
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        if running.returncode:
            said.seek(0)
            raise RuntimeError(said.read().decode(errors="replace")[-2000:])
    return Crawl(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, server.asked())


def told(name: str, crawls: list[Crawl]) -> str:
    """A line of medians, and how the server saw it."""
    count = HOSTS * PAGES
    wall = statistics.median(one.wall for one in crawls)
    cpu = statistics.median(one.cpu for one in crawls) * 1000 / count
    last = crawls[-1].asked
    stories = {url for url in last.urls if "/news/" in url}
    private = sum("/private/" in url for url in last.urls)
    return (
        f"  {name:<8} {count / wall:6.0f} pages/s  {cpu:5.2f} CPU ms a page"
        f"  peak {max(one.peak for one in crawls):4.0f} MiB; the server saw {len(stories)} of {count}"
        f" pages, {last.repeats} repeats, {private} private ones, {last.most_at_once} at once on a host"
        f" at most, and was busy {100 * last.cpu / crawls[-1].wall:.0f} % of the time"
    )


def compared(rounds: int, other: Rival, server: FastWeb) -> tuple[list[Crawl], list[Crawl]]:
    """Our crawls and theirs, by turns."""
    names = hosts()
    own: list[Crawl] = []
    rivals: list[Crawl] = []
    for n in range(rounds):
        for mine in (True, False) if n % 2 else (False, True):
            if mine:
                own.append(ours(server, names))
            elif other.python:
                rivals.append(theirs(server, names, other.python))
    return own, rivals


def main(rounds: int = ROUNDS) -> None:
    """Print the figures and the bars."""
    other = rival()
    print(
        f"crawl: {HOSTS} hosts x {PAGES} pages, {1000 * LATENCY:.0f} ms away, {PER_HOST} at once on a"
        f" host, medians of {rounds}; {other.words}"
    )
    with (
        tempfile.TemporaryDirectory(prefix="wirecorpus-bench-") as folder,
        FastWeb(web, LATENCY, Path(folder)) as server,
    ):
        own, rivals = compared(rounds, other, server)
    print(told("ours", own))
    cpu = statistics.median(one.cpu for one in own) * 1000 / (HOSTS * PAGES)
    print(f"  bar: {cpu:.2f} CPU ms a page, at most {MOST_CPU}")
    if rivals:
        print(told("Scrapy", rivals))
        times = statistics.median(one.wall for one in rivals) / statistics.median(
            one.wall for one in own
        )
        print(f"  bar: {times:.2f} times Scrapy's pages a second, at least {LEAST_TIMES}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
