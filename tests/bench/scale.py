"""A million articles through `wirecorpus cluster`: time, CPU and memory of all its processes, growth.

    python -m tests.bench.scale [ARTICLES ...] [--noise words|copies] [--add ARTICLES]

The simulated newsroom of ../shared is repeated with noise. With "words" each repetition has words of its
own for half of the vocabulary, so that copies stay copies inside it and nothing else is one; with
"copies" one word in ten of each article is another one, so that the repetitions of an article are near
copies, in clusters of hundreds. `--add` clusters the last set into an index, adds so many articles more,
and measures that. Linux only: memory is read from /proc.
"""

import argparse
import gzip
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

SIMULATION = Path(__file__).parents[3] / "shared" / "data" / "clusters" / "sim-dev.jsonl.gz"
SAMPLE_SECONDS = 0.2


class Cost(NamedTuple):
    """Seconds on the clock, CPU seconds, the sum of all processes' peaks in MiB, lines written."""

    wall: float
    cpu: float
    peak: float
    lines: int


def articles(count: int, noise: str, begin: int = 0) -> Iterator[bytes]:
    """Input lines `begin` to `begin + count` of the endless repetition."""
    with gzip.open(SIMULATION) as file:
        rows = [json.loads(line) for line in file]
    for n in range(begin, begin + count):
        repeat, row = n // len(rows), rows[n % len(rows)]
        yield _line(row, n, repeat, noise)


def _line(row: dict[str, Any], n: int, repeat: int, noise: str) -> bytes:
    lines = row["text"].split("\n")
    if noise == "words":
        changed = [" ".join(_word(word, repeat) for word in line.split(" ")) for line in lines]
    else:
        chance = random.Random(n)
        changed = [
            " ".join(
                f"{w}{chance.choice('xyzq')}" if chance.random() < 0.1 else w
                for w in line.split(" ")
            )
            for line in lines
        ]
    fields = {"id": f"{repeat:04}-{row['id']}", "text": "\n".join(changed)}
    return json.dumps(row | fields, ensure_ascii=False).encode() + b"\n"


@lru_cache(maxsize=200_000)
def _word(word: str, repeat: int) -> str:
    own = crc32(f"{repeat} {word}".encode())
    return f"{word}{own:x}" if word.isalpha() and own % 2 else word


def measure(words: list[str], given: Path) -> Cost:
    """Run the command with a file on its standard input."""
    program = [sys.executable, "-m", "corpus.cli", "cluster", "-", "--quiet", *words]
    start = time.perf_counter()
    with given.open("rb") as lines, tempfile.TemporaryFile() as answers:
        running = subprocess.Popen(program, stdin=lines, stdout=answers)
        memory = _Memory(running.pid)
        memory.start()
        usage = _wait(running)
        wall = time.perf_counter() - start
        memory.ended.set()
        answers.seek(0)
        count = sum(1 for _ in answers)
    return Cost(wall, usage, memory.peak / 1024, count)


def _wait(running: "subprocess.Popen[bytes]") -> float:
    import os

    _, status, usage = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0
    return usage.ru_utime + usage.ru_stime


class _Memory(threading.Thread):
    """Watches the peaks of a process and its children, in KiB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak, self.ended, self._pid = 0, threading.Event(), pid

    def run(self) -> None:
        while not self.ended.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, _peak(self._pid))


def _peak(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        own = next((int(row.split()[1]) for row in status.splitlines() if "VmHWM" in row), 0)
        for task in Path(f"/proc/{pid}/task").iterdir():
            own += sum(_peak(int(child)) for child in (task / "children").read_text().split())
    except OSError:
        return 0
    return own


def _told(what: str, count: int, cost: Cost) -> str:
    return (
        f"{what} {count:9,}: {cost.wall:7.1f} s  {cost.cpu:7.1f} CPU s  "
        f"{count / cost.cpu:6.0f} a CPU second  peak {cost.peak:6.0f} MiB  {cost.lines} lines"
    )


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("articles", type=int, nargs="*", default=[10_000, 100_000])
    options.add_argument("--noise", choices=["words", "copies"], default="words")
    options.add_argument("--add", type=int, default=0)
    options.add_argument("--workers", default="0")
    given = options.parse_args()
    words = ["--workers", given.workers]
    costs = []
    with tempfile.TemporaryDirectory(prefix="wirecorpus-bench-") as folder:
        held, more = Path(folder) / "articles.jsonl", Path(folder) / "more.jsonl"
        for count in given.articles:
            with held.open("wb") as file:
                file.writelines(articles(count, given.noise))
            index = ["--index", str(Path(folder) / "index")] if given.add else []
            costs.append(measure([*words, *index], held))
            print(_told("cluster", count, costs[-1]), flush=True)
        if len(costs) > 1:
            print(f"growth of the time: {costs[-1].wall / costs[0].wall:.1f} times")
        if given.add:
            with more.open("wb") as file:
                file.writelines(articles(given.add, given.noise, given.articles[-1]))
            print(_told("added  ", given.add, measure([*words, *index], more)))


if __name__ == "__main__":
    main()
