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


class Crawl(NamedTuple):
    """What a command took (seconds, CPU seconds, MiB of its largest process), and what the server saw."""

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
        rows += [f'feeds = ["{home}{FEED}"]']
    path = folder / "wirecorpus.toml"
    path.write_text("\n".join([f"data = {json.dumps(str(folder / 'data'))}", *rows, ""]), "utf-8")
    return path


def ours(server: FastWeb, verb: str, config: Path) -> Crawl:
    """A verb of ours on a configuration."""
    return run(server, arguments(verb, "--config", config))


def theirs(server: FastWeb, python: str, names: list[str], *out: Path) -> Crawl:
    """The spider's crawl, with extraction where there is somewhere to write to."""
    feeds = "".join(f"http://{name}:{server.port}{FEED}\n" for name in names)
    words = [python, str(SPIDER), ADDRESS, str(PER_HOST), "0", *map(str, out)]
    return run(server, words, feeds.encode())


def run(server: FastWeb, words: list[str], given: bytes = b"", out: Path = NOWHERE) -> Crawl:
    """Run a command to its end; CPU and memory are of it and what it waited for. RuntimeError if it fails."""
    server.asked()
    words = [sys.executable, "-c", _MEASURED, *words]
    started = time.perf_counter()
    with out.open("wb") as answers:
        ended = subprocess.run(
            words, input=given, stdout=answers, stderr=subprocess.PIPE, check=False
        )
    wall = time.perf_counter() - started
    *said, figures = ended.stderr.decode(errors="replace").splitlines()
    if ended.returncode:
        raise RuntimeError("\n".join(said[-30:]))
    cpu, peak = map(float, figures.split())
    return Crawl(wall, cpu, peak / 1024, server.asked())
