"""One host's lane: its queue, its clock, and what its robots.txt says; and all lanes in order.

In: URLs that are due. Out: the first of them, by kind and date, and when the lane may start, which is the
word of its clock and of its neighbours'. Whether a URL may be asked for at all is the frontier's.
"""

import heapq
import math
from collections.abc import Iterator

from crawler.hosts import registrable_domain
from crawler.politeness import HostClock
from crawler.records import CaptureKind, Due, Record, Signals
from crawler.rights import TdmRule, tdm_rule
from crawler.robots import Robots
from crawler.urls import host_of


class RobotsCopy(Record):
    """The last good robots.txt of an origin ("https://host:port"), and when it was read.

    `url` is where redirects led to it, and whose its validators are; "" means the origin's own address.
    """

    body: bytes
    read_at: float
    etag: str = ""
    last_modified: str = ""
    captured_at: str = ""
    url: str = ""


NO_COPY = RobotsCopy(b"", -math.inf)

# "other" is what a site says of itself, to be known before its articles are asked for.
_RANK: dict[CaptureKind, int] = {"robots": 0, "feed": 1, "sitemap": 2, "section": 3, "other": 4}


class Rules(Record):
    """An origin's robots.txt, and when it was read (a copy that stands in is older than our asking)."""

    robots: Robots
    read_at: float


class Lane:
    """One host's queue, clock and rules; all ports of a name are one host.

    `neighbours` are the lanes of one registrable domain, this one among them: news.example and
    www.news.example are likely one machine. `address` is where the host was met, "" before that.
    """

    def __init__(self, host: str, index: int, clock: HostClock, neighbours: list["Lane"]) -> None:
        self.host = host
        self.index = index
        self.clock = clock
        self.neighbours = neighbours
        self.address = ""
        neighbours.append(self)
        self.queue: list[tuple[tuple[int, int, float, int], Due]] = []
        self.rules: dict[str, Rules] = {}
        self.copies: dict[str, RobotsCopy] = {}
        self.asking: set[str] = set()
        self.tdm: dict[str, tuple[TdmRule, ...]] = {}
        self.left = ""
        self.left_until = -math.inf
        self.plea = ""
        self.broken = ""
        self.slow_told = False
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

    def ready_at(self) -> float:
        """The earliest start of the next request; infinite while that is not known.

        Hosts of one domain share a gap, unless they were met at different addresses.
        """
        ready = self.clock.ready_at()
        for other in self.neighbours:
            if other is not self and self._may_be_at(other.address):
                gap = max(self.clock.delay, other.clock.gap)
                ready = max(ready, other.clock.last_start + gap)
        return ready

    def _may_be_at(self, address: str) -> bool:
        return not (self.address and address) or self.address == address

    def signals(self, url: str, robots: Robots, user_agent: str) -> Signals:
        """What the host's files say of mining the URL."""
        origin = origin_of(url)
        rule = tdm_rule(self.tdm.get(origin, ()), url[len(origin) :])
        return Signals(
            tdm_reservation=rule.reservation if rule else "",
            tdm_policy=rule.policy if rule else "",
            content_usage=robots.content_usage(url, user_agent),
            ai_refused=robots.ai_refused(url),
        )

    def push(self, due: Due) -> None:
        """Queue a URL: robots.txt, feeds, sitemaps, sections, rights, then articles, newest first.

        What is asked for once more comes after what was not asked for yet, lest some bad pages open the
        breaker before the good ones have had their turn.
        """
        self._pushed += 1
        rank = (_RANK.get(due.kind, 5), due.attempt, -due.date, self._pushed)
        heapq.heappush(self.queue, (rank, due))

    def pop(self) -> Due:
        """Take the first."""
        return heapq.heappop(self.queue)[-1]


class Lanes:
    """All lanes of a run, in the order in which they may start; each is made when it is first asked for.

    `delay` and `per_host` are what a new lane's clock begins with.
    """

    def __init__(self, delay: float, per_host: int) -> None:
        self._delay = delay
        self._per_host = per_host
        self._by_host: dict[str, Lane] = {}
        self._domains: dict[str, list[Lane]] = {}
        self._ready: list[tuple[float, float, int, int, Lane]] = []

    def __iter__(self) -> Iterator[Lane]:
        return iter(self._by_host.values())

    def of(self, host: str) -> Lane:
        """The lane of this host."""
        lane = self._by_host.get(host)
        if lane is None:
            clock = HostClock(delay=self._delay, per_host=self._per_host)
            domain = self._domains.setdefault(registrable_domain(host), [])
            lane = self._by_host[host] = Lane(host, len(self._by_host), clock, domain)
        return lane

    def schedule(self, lane: Lane) -> None:
        """Put the lane where its next start belongs; what stood there before is void."""
        lane.version += 1
        ready_at = lane.ready_at()
        if not lane.blocked and ready_at < math.inf:
            turn = lane.clock.last_start  # of neighbours, who waited longest
            heapq.heappush(self._ready, (ready_at, turn, lane.index, lane.version, lane))

    def schedule_around(self, lane: Lane) -> None:
        """The same for all hosts of its domain: they share a gap."""
        for one in lane.neighbours:
            self.schedule(one)

    def first(self) -> Lane | None:
        """The lane that may start first; None where none may before something ends."""
        while self._ready:
            ready_at, _, _, version, lane = self._ready[0]
            if version == lane.version:
                if lane.ready_at() <= ready_at:
                    return lane
                self.schedule(lane)  # a neighbour was asked meanwhile
                continue
            heapq.heappop(self._ready)
        return None


def lane_of(url: str) -> str:
    """The lane's name: the host's, whatever the port. A machine is not asked faster by its doors."""
    host = host_of(url)
    name, _, port = host.rpartition(":")
    return name if name and port.isdigit() else host


def origin_of(url: str) -> str:
    """Scheme and authority of a canonical URL; robots.txt rules these, not host names (RFC 9309 2.3)."""
    return url[: url.index("/", len("https://"))]
