"""One host's lane: its queue, its clock, and what its robots.txt says.

In: URLs that are due. Out: the first of them, by kind and date. When it may start is the clock's word,
whether it may be asked for at all the frontier's.
"""

import heapq
import math

from crawler.politeness import HostClock
from crawler.records import CaptureKind, Due, Record
from crawler.robots import Robots


class RobotsCopy(Record):
    """The last good robots.txt of an origin ("https://host:port"), and when it was read."""

    body: bytes
    read_at: float
    etag: str = ""
    last_modified: str = ""
    captured_at: str = ""


NO_COPY = RobotsCopy(b"", -math.inf)

_RANK: dict[CaptureKind, int] = {"robots": 0, "feed": 1, "sitemap": 2, "section": 3}


class Rules(Record):
    """An origin's robots.txt, and when it was read (a copy that stands in is older than our asking)."""

    robots: Robots
    read_at: float


class Lane:
    """One host's queue, clock and rules."""

    def __init__(self, host: str, index: int, clock: HostClock) -> None:
        self.host = host
        self.index = index
        self.clock = clock
        self.queue: list[tuple[int, float, int, Due]] = []
        self.rules: dict[str, Rules] = {}
        self.copies: dict[str, RobotsCopy] = {}
        self.asking: set[str] = set()
        self.left = ""
        self.left_until = -math.inf
        self.plea = ""
        self.version = 0
        self._pushed = 0

    @property
    def top(self) -> Due:
        """The first in the queue."""
        return self.queue[0][-1]

    @property
    def blocked(self) -> bool:
        """Whether nothing may start before robots.txt has answered, or nothing is queued."""
        return not self.queue or (
            self.top.kind != "robots" and origin_of(self.top.url) in self.asking
        )

    def push(self, due: Due) -> None:
        """Queue a URL: robots.txt, feeds, sitemaps, sections, then articles, newest first."""
        self._pushed += 1
        heapq.heappush(self.queue, (_RANK.get(due.kind, 4), -due.date, self._pushed, due))

    def pop(self) -> Due:
        """Take the first."""
        return heapq.heappop(self.queue)[-1]


def origin_of(url: str) -> str:
    """Scheme and authority of a canonical URL; robots.txt rules these, not host names (RFC 9309 2.3)."""
    return url[: url.index("/", len("https://"))]
