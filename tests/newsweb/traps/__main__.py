"""One crawl in a process of its own, among names that `addresses.Names` answers for.

    python -m tests.newsweb.traps CONFIG RUN_ID GOOD_ADDRESS LOOK_UPS_BEFORE

Prints the report and the peak of memory as JSON. A process of its own, since the trap web's server would take
the crawler's processor time, and the crawler's memory is what a bomb is after.
"""

import re
import sys
import time
from pathlib import Path

import msgspec

from crawler.config import load
from crawler.records import CrawlReport
from crawler.run import crawl
from tests.newsweb.traps.addresses import Names


class Crawled(msgspec.Struct):
    """What a crawl reported, its peak of memory in MiB, and its processor time in seconds."""

    report: CrawlReport
    mebibytes: float
    seconds: float


def main(config: str, run_id: str, good: str, before: str) -> None:
    """Crawl and tell."""
    report = crawl(load(Path(config)), run_id=run_id, look_up=Names(good, int(before)))
    # Not ru_maxrss: a child begins with its parent's.
    peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    told = Crawled(report, int(peak[1]) / 1024 if peak else 0.0, time.process_time())
    sys.stdout.buffer.write(msgspec.json.encode(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
