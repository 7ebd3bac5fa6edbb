"""`make bench`: prints figures, asserts nothing.

In: the made-up web, and `../shared/data` where it stands beside the project. Out: lines of figures on
standard output; CPU seconds are of the command and its workers, start-up included.
"""

import gzip
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.bench import (
    conformance,
    copies,
    crawling,
    equality,
    kills,
    memory,
    next_day,
    reading,
    stories,
)
from tests.commands import arguments, write_config
from tests.newsweb import NewsWeb

SHARED = Path(__file__).parents[3] / "shared" / "data"
MIB = 1 << 20
# As many as are clustered in a minute or two; `python -m tests.bench.scale` takes any number.
ARTICLES = 10_000, 50_000


class Cost(NamedTuple):
    """What a command took: seconds on the clock, CPU seconds, the largest process's peak in MiB."""

    wall: float
    cpu: float
    peak: float
    lines: int


def measure(words: list[str], given: Iterable[bytes] = ()) -> Cost:
    """Run a command with lines on its standard input; count the lines that it writes."""
    wrapper = (
        "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr); sys.exit(code)"
    )
    started = time.perf_counter()
    with tempfile.TemporaryFile() as answers, tempfile.TemporaryFile() as said:
        running = subprocess.Popen(
            [sys.executable, "-c", wrapper, *words],
            stdin=subprocess.PIPE,
            stdout=answers,
            stderr=said,
        )
        assert running.stdin
        for line in given:
            running.stdin.write(line)
        running.stdin.close()
        running.wait()
        wall = time.perf_counter() - started
        answers.seek(0)
        said.seek(0)
        cpu, peak = map(float, said.read().split(b"\n")[-2].split())
        return Cost(wall, cpu, peak / 1024, sum(1 for _ in answers))


def crawl_and_build() -> None:
    """The main job on the made-up web: first run, second run, a build with nothing to do."""
    folder = Path(tempfile.mkdtemp())
    with NewsWeb() as web:
        config = write_config(folder, web)
        for name, verb in (("first run", "run"), ("second run", "run"), ("idle build", "build")):
            cost = measure(arguments(verb, "--config", config))
            print(
                f"newsweb {name:<11} {cost.wall:6.2f} s  {cost.cpu:6.2f} CPU s  {cost.peak:5.0f} MiB"
            )
    shutil.rmtree(folder)


def extract(name: str, times: int) -> None:
    """Real pages through the `extract` filter, the set so many times over."""
    pages = list(_lines(SHARED / "extraction" / f"{name}.jsonl.gz"))
    size = sum(map(len, pages)) * times / MIB
    cost = measure(arguments("extract", "-", "--quiet"), (p for _ in range(times) for p in pages))
    count = len(pages) * times
    print(
        f"extract {name} x {times}: {count} pages, {size:.0f} MiB, {cost.wall:.1f} s, "
        f"{1000 * cost.cpu / count:.1f} CPU ms a page, peak of a process {cost.peak:.0f} MiB"
    )


def cluster(name: str) -> None:
    """A set of texts through the `cluster` filter."""
    texts = list(_lines(SHARED / "clusters" / f"{name}.jsonl.gz"))
    cost = measure(arguments("cluster", "-", "--quiet"), texts)
    print(
        f"cluster {name}: {cost.lines} texts, {cost.wall:.1f} s, "
        f"{cost.lines / cost.cpu:.0f} a CPU second, peak {cost.peak:.0f} MiB"
    )


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as file:
        for n, line in enumerate(file):
            row = json.loads(line)
            yield json.dumps(row | {"id": f"{n}-{row['id']}"}).encode() + b"\n"


def main() -> None:
    """All figures, the quick ones first."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    print(
        f"python {sys.version.split()[0]}, started with {own.ru_maxrss / 1024:.0f} MiB", flush=True
    )
    conformance.main()
    crawling.main()
    reading.main()
    memory.main()
    next_day.main()
    kills.main()
    crawl_and_build()
    if not SHARED.is_dir():
        print("../shared is not here: the figures on real pages and texts are left out")
        return
    for name in ("pages-n4k", "pages-fundus"):
        extract(name, 1)
    extract("pages-n4k", 20)
    for name in ("sim-dev", "fnc1-dev"):
        cluster(name)
    copies.main()
    stories.main()
    equality.main()
    command = [sys.executable, "-m", "tests.bench.scale", *map(str, ARTICLES)]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
