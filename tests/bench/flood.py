"""Many made-up pages through `wirecorpus extract`: pages a second, and the memory of its processes.

    python -m tests.bench.flood [PAGES [HOSTS]]

The pages are made while they are read, so that nothing but the command holds them. Of each host's
pages all but a few have stories of their own. Linux only: memory is read from /proc.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.corpus import made_up_site

SAMPLE_SECONDS = 0.5
# Distinct stories: the words are drawn by chance, which is slower than the command.
STORIES = 2_000


def main() -> None:
    """Print the figures."""
    pages = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    hosts = int(sys.argv[2]) if len(sys.argv) > 2 else max(1, pages // 200)
    command = [sys.executable, "-m", "corpus.cli", "extract", "-", "--quiet"]
    start = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        feeder = threading.Thread(target=_feed, args=(process, pages, hosts))
        feeder.start()
        memory = _Memory(process.pid)
        memory.start()
        answers, served = _count(process)
        feeder.join()
        memory.ended.set()
    seconds = time.perf_counter() - start
    print(
        f"{pages} pages of {hosts} hosts: {answers} articles, {served} by profile, {seconds:.0f} s"
    )
    halves = len(memory.totals) // 2
    print(
        f"  {pages / seconds:.0f} pages a second; all processes at most {max(memory.totals):.0f} MiB, "
        f"{max(memory.totals[:halves] or [0]):.0f} in the first half; the largest {memory.largest:.0f}"
    )


def lines(pages: int, hosts: int) -> Iterator[bytes]:
    """The page lines: hosts in turn, each with its own container, so that each learns its own."""
    stories = [made_up_site.page(n) for n in range(min(STORIES, pages))]
    for n in range(pages):
        host = n % hosts
        html = stories[(n // hosts + host * 200) % len(stories)].replace(
            "story-text", f"story-of-{host}x"
        )
        url = f"https://www{host}.example/{n}"
        yield json.dumps({"id": str(n), "url": url, "html": html}).encode() + b"\n"


def _feed(process: "subprocess.Popen[bytes]", pages: int, hosts: int) -> None:
    assert process.stdin is not None
    with process.stdin as target:
        for line in lines(pages, hosts):
            target.write(line)


def _count(process: "subprocess.Popen[bytes]") -> tuple[int, int]:
    assert process.stdout is not None
    answers = served = 0
    for line in process.stdout:
        answers += 1
        served += b'"method":"profile:' in line
    return answers, served


class _Memory(threading.Thread):
    """Samples the resident memory, in MiB, of a process and its children."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.totals: list[float] = [0.0]
        self.largest = 0.0
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(SAMPLE_SECONDS):
            sizes = [_resident(pid) for pid in (self.pid, *_children(self.pid))]
            self.totals.append(sum(sizes))
            self.largest = max(self.largest, *sizes)


def _children(pid: int) -> list[int]:
    try:
        return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


if __name__ == "__main__":
    main()
