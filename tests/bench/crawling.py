"""`wirecorpus crawl` against Scrapy, in the same minute and on the same server.

    python -m tests.bench.crawling [ROUNDS]

Fifty hosts with a feed and forty pages each, 50 ms away, two requests at once on a host, no delay;
robots.txt is obeyed by both. Ours keeps frontier, robots, state and WARC meanwhile. The order changes
from round to round, and the medians are told. CPU is of the whole command, start-up included.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from tests.bench.fastweb import Document, FastWeb, Web
from tests.bench.racing import FEED, PER_HOST, Crawl, feed, ours, packed, theirs, write_config
from tests.bench.rival import Rival, rival
from tests.corpus import made_up_site
from tests.corpus.made_up import story

HOSTS = 50
PAGES = 40
LATENCY = 0.05
ROUNDS = 3
MOST_CPU = 2.0
LEAST_TIMES = 1.3
_STORIES = 200


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
        FEED: feed(origin, [*paths, "/private/page.html"]),
    }
    for n, path in enumerate(paths):
        told = stories[(host * PAGES + n) % _STORIES].replace("Ostby", f"Ostby {host}-{n}")
        found[path] = packed("text/html; charset=utf-8", told.encode())
    return found


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
                own.append(_own(server, names))
            elif other.python:
                rivals.append(theirs(server, other.python, names))
    return own, rivals


def _own(server: FastWeb, names: list[str]) -> Crawl:
    with tempfile.TemporaryDirectory(prefix="wirecorpus-bench-") as folder:
        return ours(server, "crawl", write_config(Path(folder), names, server.port))


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
