"""Two crawlers on one server: how either is started, given the same work and measured.

In: a running `FastWeb`, hosts with a feed each, a command. Out: what the command took, and what the server
saw. The settings are the same for both: two requests at once on a host, no delay, robots.txt obeyed.
"""

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.bench.fastweb import ADDRESS, Asked, Document, FastWeb
from tests.bench.rival import SPIDER
from tests.commands import arguments

PER_HOST = 2
FEED = "/feed.xml"
# A process of its own for the accounts: a child's peak begins with the size of whoever forked it.
_MEASURED = (
    "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]);"
    "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
    "print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr); sys.exit(code)"
)
NOWHERE = Path(os.devnull)


class Cost(NamedTuple):
    """What a command took (seconds, CPU seconds, MiB of its largest process), how it ended, what it said."""

    wall: float
    cpu: float
    peak: float
    code: int
    said: str


class Crawl(NamedTuple):
    """The same figures, and what the server saw."""

    wall: float
    cpu: float
    peak: float
    asked: Asked


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
    """Our settings for hosts on a `FastWeb`: the same limits as the spider's."""
    crawl: dict[str, object] = {"delay": 0.0, "per_host": PER_HOST, "concurrency": 100}
    crawl["allow_networks"] = [f"{ADDRESS}/32"]
    crawl["resolve"] = {f"{name}:{port}": f"{ADDRESS}:{port}" for name in names}
    homes = {name: f"http://{name}:{port}" for name in names}
    listed = [
        {"id": name, "home": f"{home}/", "feeds": [home + FEED]} for name, home in homes.items()
    ]
    return settings_file(folder, crawl, listed)


def settings_file(
    folder: Path, crawl: Mapping[str, object], sources: Iterable[Mapping[str, object]]
) -> Path:
    """A configuration with `folder`/data as its data folder."""
    rows = [f"data = {_toml(str(folder / 'data'))}", "[crawl]", 'contact = "bench@example.org"']
    rows += [f"{key} = {_toml(value)}" for key, value in crawl.items()]
    for source in sources:
        rows += ["[[source]]", *(f"{key} = {_toml(value)}" for key, value in source.items())]
    path = folder / "wirecorpus.toml"
    path.write_text("\n".join([*rows, ""]), "utf-8")
    return path


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    return json.dumps(value)


def ours(server: FastWeb, verb: str, config: Path) -> Crawl:
    """A verb of ours on a configuration."""
    return run(server, arguments(verb, "--config", config))


def theirs(server: FastWeb, python: str, names: list[str], *out: Path) -> Crawl:
    """The spider's crawl, with extraction where there is somewhere to write to."""
    feeds = "".join(f"http://{name}:{server.port}{FEED}\n" for name in names)
    words = [python, str(SPIDER), ADDRESS, str(PER_HOST), "0", *map(str, out)]
    return run(server, words, feeds.encode())


def run(server: FastWeb, words: list[str], given: bytes = b"", out: Path = NOWHERE) -> Crawl:
    """Run a command to its end. `RuntimeError` if it fails."""
    server.asked()
    cost = measure(words, given, out)
    if cost.code:
        raise RuntimeError(cost.said[-3000:])
    return Crawl(cost.wall, cost.cpu, cost.peak, server.asked())


def measure(words: list[str], given: bytes = b"", out: Path = NOWHERE) -> Cost:
    """What a command and those whom it waited for took; output goes to `out`."""
    started = time.perf_counter()
    with out.open("wb") as answers:
        ended = subprocess.run(
            [sys.executable, "-c", _MEASURED, *words],
            input=given,
            stdout=answers,
            stderr=subprocess.PIPE,
            check=False,
        )
    wall = time.perf_counter() - started
    said, _, figures = ended.stderr.decode(errors="replace").strip().rpartition("\n")
    cpu, peak = map(float, figures.split())
    return Cost(wall, cpu, peak / 1024, ended.returncode, said)
