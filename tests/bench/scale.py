"""A million articles through `wirecorpus cluster`: time, CPU and memory of all its processes, growth.

    python -m tests.bench.scale [ARTICLES ...] [--noise words|copies] [--texts N] [--add ARTICLES]

The simulated newsroom of ../shared is repeated with noise. With "words" each repetition has words of its
own for half of the vocabulary, so that copies stay copies inside it and nothing else is one; with
"copies" one word in ten of each article is another one, so that the repetitions of an article are near
copies, in clusters of hundreds. An article has 280 words; with `--texts 2` it is made of two repetitions
and has nearly 600. `--add` clusters the last set into an index, adds so many articles more,
and measures that.

Memory is told in three ways, all of them read from Linux's /proc while the command runs:

- "own" is what the processes need and the kernel cannot take back: the highest sum, at any one moment, of
  their anonymous and shared memory (Pss_Anon and Pss_Shmem of smaps_rollup).
- "with mapped files" adds the pages of the tables' files that were mapped at that moment (Pss): a page that
  several processes have counts once. The kernel has them anyway, as its cache of the files, maps those
  around the one that is asked for as well, and drops them for others that need memory.
- "sum of peaks" adds up each process's highest resident size (VmHWM), whenever that was: it counts a page
  of a file once for each process. It is the largest of the three, and missed by no sampling.

The first two are sampled three times a second at most, and miss what lasts shorter than that.
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
from typing import NamedTuple
from zlib import crc32

SIMULATION = Path(__file__).parents[3] / "shared" / "data" / "clusters" / "sim-dev.jsonl.gz"
SAMPLE_SECONDS = 0.3
# The kernel looks at every page of a process to sum them up: this much of a core goes into that at most.
SAMPLING_SHARE = 0.05


class Memory(NamedTuple):
    """The memory of a process and of all below it, in KiB, as the module says."""

    own: int = 0
    with_files: int = 0
    peaks: int = 0


class Cost(NamedTuple):
    """Seconds on the clock, CPU seconds, peaks of memory, lines written."""

    wall: float
    cpu: float
    memory: Memory
    lines: int


def articles(count: int, noise: str, begin: int = 0, texts: int = 1) -> Iterator[bytes]:
    """Input lines `begin` to `begin + count` of the endless repetition, each of so many texts."""
    with gzip.open(SIMULATION) as file:
        rows = [json.loads(line) for line in file]
    for n in range(begin, begin + count):
        repeat, row = n // len(rows), rows[n % len(rows)]
        told = (_text(row["text"], n, texts * repeat + k, noise) for k in range(texts))
        fields = {"id": f"{repeat:04}-{row['id']}", "text": "\n".join(told)}
        yield json.dumps(row | fields, ensure_ascii=False).encode() + b"\n"


def _text(text: str, n: int, repeat: int, noise: str) -> str:
    lines = text.split("\n")
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
    return "\n".join(changed)


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
        watch = _Watch(running.pid)
        watch.start()
        usage = _wait(running)
        wall = time.perf_counter() - start
        watch.ended.set()
        watch.join()
        answers.seek(0)
        count = sum(1 for _ in answers)
    return Cost(wall, usage, watch.memory, count)


def _wait(running: "subprocess.Popen[bytes]") -> float:
    import os

    _, status, usage = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0
    return usage.ru_utime + usage.ru_stime


class _Watch(threading.Thread):
    """Watches the memory of a process and its children."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.memory, self.ended, self._pid = Memory(), threading.Event(), pid

    def run(self) -> None:
        pause = SAMPLE_SECONDS
        while not self.ended.wait(pause):
            started = time.perf_counter()
            self.memory = Memory(*map(max, self.memory, _memory(self._pid)))
            took = time.perf_counter() - started
            pause = max(SAMPLE_SECONDS, took / SAMPLING_SHARE)


def _memory(pid: int) -> Memory:
    """What a process and those below it have now; nothing of one that has ended."""
    try:
        peak = _figures(pid, "status").get("VmHWM", 0)
        pages = _figures(pid, "smaps_rollup")
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(n) for task in tasks for n in (task / "children").read_text().split()]
    except OSError:
        return Memory()
    own = Memory(pages["Pss_Anon"] + pages["Pss_Shmem"], pages["Pss"], peak)
    return Memory(*map(sum, zip(own, *map(_memory, children), strict=True)))


def _figures(pid: int, name: str) -> dict[str, int]:
    """The figures in KiB of a file of /proc."""
    rows = map(str.split, Path(f"/proc/{pid}/{name}").read_text().splitlines())
    return {row[0].rstrip(":"): int(row[1]) for row in rows if row[-1] == "kB"}


def _told(what: str, count: int, cost: Cost) -> str:
    own, with_files, peaks = (f"{kib / 1024:.0f} MiB" for kib in cost.memory)
    return (
        f"{what} {count:9,}: {cost.wall:7.1f} s  {cost.cpu:7.1f} CPU s  "
        f"{count / cost.cpu:6.0f} a CPU second  memory {own} own, {with_files} with mapped files,"
        f" sum of peaks {peaks}  {cost.lines} lines"
    )


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("articles", type=int, nargs="*", default=[10_000, 100_000])
    options.add_argument("--noise", choices=["words", "copies"], default="words")
    options.add_argument("--texts", type=int, default=1)
    options.add_argument("--add", type=int, default=0)
    options.add_argument("--workers", default="0")
    given = options.parse_args()
    words = ["--workers", given.workers]
    costs = []
    with tempfile.TemporaryDirectory(prefix="wirecorpus-bench-") as folder:
        held, more = Path(folder) / "articles.jsonl", Path(folder) / "more.jsonl"
        for count in given.articles:
            with held.open("wb") as file:
                file.writelines(articles(count, given.noise, texts=given.texts))
            index = ["--index", str(Path(folder) / "index")] if given.add else []
            costs.append(measure([*words, *index], held))
            print(_told("cluster", count, costs[-1]), flush=True)
        if len(costs) > 1:
            print(f"growth of the time: {costs[-1].wall / costs[0].wall:.1f} times")
        if given.add:
            with more.open("wb") as file:
                begin = given.articles[-1]
                file.writelines(articles(given.add, given.noise, begin, given.texts))
            print(_told("added  ", given.add, measure([*words, *index], more)))


if __name__ == "__main__":
    main()
