"""Killed at twenty moments, then left alone: what was lost, and what was asked for twice.

    python -m tests.bench.kills [SEED [KILLS]]

The main job on the made-up web, killed with SIGKILL at moments drawn by chance, while it crawls and while it
builds; then a run to the end. Told from the servers' log, the archive and the articles alone.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from warcio.checker import Checker

from crawler.archive import read_captures
from crawler.records import Capture
from tests.commands import arguments, articles, wirecorpus, write_config
from tests.newsweb import NewsWeb
from tests.newsweb.truth import truth, url_key

SEED = 20261123
KILLS = 20
# Seconds after a run's first request; each asks for listings first.
_LATEST = 1.5
_DELAY = 0.15
# Seconds: so slow that most hosts have a request in flight at any moment.
_LATENCY = 0.1
# Seconds: one that asks for nothing in that time is killed, too.
_PATIENCE = 5.0


class Life(NamedTuple):
    """A killed run: what it asked for, and which of that it could not have told anybody of."""

    seconds: float
    asked: frozenset[str]


def main(seed: int = SEED, kills: int = KILLS) -> None:
    """Print what was seen, and the bars."""
    stories = {url_key(url) for t in truth() if t.expect != "never" for url in (t.url, *t.urls)}
    with NewsWeb() as web, tempfile.TemporaryDirectory(prefix="wirecorpus-bench-") as folder:
        config = write_config(Path(folder), web, delay=_DELAY, revisit=["1h", "7d"])
        chance = random.Random(seed)
        for name in web.resolve:
            web.slow_host(name.removesuffix(":80"), _LATENCY)
        lives = [killed(web, config, chance.uniform(0.0, _LATEST), stories) for _ in range(kills)]
        before = len(list(web.requests()))
        done = wirecorpus("run", "--config", config)
        last = {url_key(a.host + a.path) for a in list(web.requests())[before:]} & stories
        asked = Counter(url_key(a.host + a.path) for a in web.requests())
        data = Path(folder) / "data"
        print(
            f"kills: {kills} (seed {seed}) up to {max(one.seconds for one in lives):.1f} s after the first"
            f" request, {sum(bool(one.asked) for one in lives)} of them among stories; then a run that"
            f" ended with {done.code}"
        )
        in_flight = len(web.resolve)
        again = [
            len(one.asked & frozenset().union(last, *(o.asked for o in lives[n + 1 :])))
            for n, one in enumerate(lives)
        ]
        repeats = sum(asked[url] - 1 for url in stories if url in asked)
        print(
            f"  bar: {repeats} stories asked for again in all, {max(again)} after one kill at most;"
            f" {in_flight} can be in flight"
        )
        for line in (covered(data, asked, stories), doubles(data)):
            print(f"  bar: {line}")


def killed(web: NewsWeb, config: Path, seconds: float, stories: set[str]) -> Life:
    """Start a run and kill it, workers and all, so many seconds after its first request."""
    before = len(list(web.requests()))
    running = subprocess.Popen(
        arguments("run", "--config", config),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    late = time.monotonic() + _PATIENCE
    while len(web.log) == before and time.monotonic() < late and running.poll() is None:
        time.sleep(0.005)
    time.sleep(seconds)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    time.sleep(0.1)  # what was on its way reaches the log
    asked = {url_key(a.host + a.path) for a in list(web.requests())[before:]}
    return Life(seconds, frozenset(asked & stories))


def covered(data: Path, asked: Counter[str], stories: set[str]) -> str:
    """Whether every page was asked for, and every story is an article."""
    known = truth()
    unasked = [t for t in known if t.expect != "never" and not _keys(t.url, t.urls) & set(asked)]
    found = {url_key(u) for a in articles(data) for u in (a["url"], a["final_url"])}
    lost = [t for t in known if t.expect == "article" and not _keys(t.url, t.urls) & found]
    forbidden = [t for t in known if t.expect == "never" and asked[url_key(t.url)]]
    return (
        f"{len(stories)} addresses of stories, {len(unasked)} pages not asked for,"
        f" {len(lost)} stories lost, {len(forbidden)} asked for against robots.txt"
    )


def doubles(data: Path) -> str:
    """Whether the archive is whole, and holds nothing twice; whether an article does."""
    files = sorted(data.glob("warc/*/*.warc.gz"))
    bad = Checker(Namespace(inputs=list(map(str, files)), verbose=False)).process_all()
    captures = [one for file in files for one in read_captures(file, str(file.relative_to(data)))]
    held = Counter(
        one.final_url
        for one in captures
        if isinstance(one, Capture) and one.kind == "article" and one.status == 200
    )
    damaged = sum(not isinstance(one, Capture) for one in captures)
    versions = Counter((a["id"], a["version"]) for a in articles(data))
    return (
        f"{len(files)} WARC files, {damaged} places damaged, warcio check says {bad};"
        f" {sum(n - 1 for n in held.values())} stories archived twice,"
        f" {sum(n - 1 for n in versions.values())} article lines twice,"
        f" {sum(version > 1 for _, version in versions)} versions of what never changed"
    )


def _keys(url: str, others: tuple[str, ...]) -> set[str]:
    return {url_key(one) for one in (url, *others)}


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
