"""What a crawl would ask for now: `crawl --dry-run`.

In: a `Config` and the state as it stands. Out: a row a source, with what the kept copies of robots.txt say of
each URL. Nobody is asked, nothing is written; what listings will announce is not known yet.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing

import msgspec

from crawler.config import Config, seconds
from crawler.discovery import Site
from crawler.hosts import registrable_domain
from crawler.lanes import lane_of, origin_of
from crawler.manners import allowance_of, check_ready, url_rules
from crawler.politeness import FLOOR, IN_A_ROW
from crawler.recorder import warc_date
from crawler.records import CaptureKind, CrawlSettings, HostNote, Record, RobotsVerdict
from crawler.repeats import parted_by_host
from crawler.robots import Robots, parse_robots, verdict
from crawler.state import State

_SHOWN = 5
UNKNOWN = RobotsVerdict(rule="unknown yet: robots.txt was not read")


class PlannedUrl(Record):
    """A URL that is due, and what the kept robots.txt says of it (`allowed` is null where there is none).

    `put_off` says why its host would not be asked in this run; `waits`, that whether it is asked for depends
    on what the host's newer stories show.
    """

    url: str
    kind: CaptureKind
    robots: RobotsVerdict
    put_off: str = ""
    waits: bool = False

    @property
    def fate(self) -> str:
        """What would become of it, and by which word."""
        if self.put_off:
            return f"put off: {self.put_off}"
        if self.waits:
            return "waits: newer stories of its host tell whether it is asked for now"
        said = {True: "allowed: ", False: "refused: ", None: ""}[self.robots.allowed]
        return said + self.robots.rule


class Planned(Record):
    """What is due for a source: listings, known articles, and the first URLs of both.

    `refused` and `put_off` are how many of all `urls` would not be asked for, `waiting` how many may be left
    to their next visit. `earliest_finish` is when the source's hosts could have answered the others, at their
    pace and ours (RFC 3339).
    """

    id: str
    listings: int
    articles: int
    first: tuple[str, ...]
    urls: tuple[PlannedUrl, ...] = ()
    refused: int = 0
    put_off: int = 0
    earliest_finish: str = ""
    waiting: int = 0


def plan(config: Config, now: float) -> tuple[Planned, ...]:
    """What is due of each source; articles that the listings will announce are not known yet."""
    check_ready(config)
    rules = url_rules()
    rows = []
    revisit = tuple(seconds(step, config.path.name) for step in config.crawl.revisit)
    stretch = config.crawl.revisit_unchanged == "stretch"
    path = config.data / "state.sqlite"
    with closing(State(path, revisit, stretch=stretch, read_only=True)) as state:
        known = _Known(state, config.crawl, now)
        for source in config.sources:
            seeds = [known.planned(one.url, one.kind) for one in Site(source, rules).seeds]
            limit = allowance_of(source, config.crawl).max_pages
            found = state.due_articles(source.id, now, limit)
            parts = parted_by_host(found, state, now)
            waiting = {due.url for _, waits in parts for due in waits}
            articles = (known.planned(due.url, due.kind, waits=due.url in waiting) for due in found)
            urls = (*seeds, *articles)
            row = Planned(
                id=source.id,
                listings=len(seeds),
                articles=len(found),
                first=tuple(one.url for one in urls[:_SHOWN]),
                urls=urls,
                refused=sum(one.robots.allowed is False for one in urls),
                put_off=sum(bool(one.put_off) for one in urls),
                waiting=sum(one.waits and not one.put_off for one in urls),
            )
            known.load(urls, source.delay or 0.0)
            rows.append(row)
    return tuple(
        msgspec.structs.replace(row, earliest_finish=warc_date(known.finish(row.urls)))
        for row in rows
    )


class _Known:
    """What the state knows of the hosts that a plan is about, and what the plan asks of them."""

    def __init__(self, state: State, settings: CrawlSettings, now: float) -> None:
        self._state = state
        self._settings = settings
        self._now = now
        self._held: Mapping[str, HostNote] = state.held_hosts(now)
        self._robots: dict[str, dict[str, tuple[Robots, float]]] = {}
        self._requests: Counter[str] = Counter()
        self._paces: dict[str, float] = {}
        self._seen: set[str] = set()

    def planned(self, url: str, kind: CaptureKind, *, waits: bool = False) -> PlannedUrl:
        """The URL with what is known of it and its host."""
        robots = self._copies(lane_of(url)).get(origin_of(url))
        if robots is None:
            return PlannedUrl(url, kind, UNKNOWN, self._put_off(url), waits)
        said = verdict(robots[0], url, self._settings.user_agent, warc_date(robots[1]))
        return PlannedUrl(url, kind, said, self._put_off(url), waits and said.allowed is not False)

    def load(self, urls: Iterable[PlannedUrl], delay: float) -> None:
        """Count the requests that these URLs stand for, robots.txt among them."""
        for one in urls:
            host, domain = lane_of(one.url), registrable_domain(lane_of(one.url))
            pace = max(delay, self._settings.delay, *self._crawl_delays(host), self._floor())
            self._paces[domain] = max(self._paces.get(domain, 0.0), pace)
            robots = origin_of(one.url) + "/robots.txt"
            asked = (robots, one.url) if _is_asked(one) else ()
            self._requests[domain] += len(set(asked) - self._seen)
            self._seen.update(asked)

    def finish(self, urls: Iterable[PlannedUrl]) -> float:
        """When the last of these could be asked for: hosts of one domain take turns."""
        ends = [self._now]
        for host in {lane_of(one.url) for one in urls if _is_asked(one)}:
            domain = registrable_domain(host)
            held = self._held.get(host)
            start = max(self._now, held.until if held and not held.note.endswith(IN_A_ROW) else 0)
            ends.append(start + max(0, self._requests[domain] - 1) * self._paces[domain])
        return max(ends)

    def _floor(self) -> float:
        return 0.0 if self._settings.allow_networks else FLOOR

    def _put_off(self, url: str) -> str:
        """Why the frontier would leave the host."""
        held = self._held.get(lane_of(url))
        longest = self._now + self._settings.max_retry_after
        if held and held.until > longest and not held.note.endswith(IN_A_ROW):
            return f"{held.note or 'is to be left alone'}, until {warc_date(held.until)}"
        slowest = max(self._crawl_delays(lane_of(url)))
        if slowest > self._settings.max_crawl_delay:
            return f"asks for a Crawl-delay of {slowest:g} s"
        return ""

    def _crawl_delays(self, host: str) -> tuple[float, ...]:
        agent = self._settings.user_agent
        delays = (robots.crawl_delay(agent) for robots, _ in self._copies(host).values())
        return (0.0, *(delay or 0.0 for delay in delays))

    def _copies(self, host: str) -> dict[str, tuple[Robots, float]]:
        """The kept robots.txt of each origin of the host, and when it was read."""
        if host not in self._robots:
            copies = self._state.robots_copies(host)
            self._robots[host] = {
                origin: (parse_robots(copy.body), copy.read_at) for origin, copy in copies.items()
            }
        return self._robots[host]


def _is_asked(one: PlannedUrl) -> bool:
    return one.robots.allowed is not False and not one.put_off and not one.waits
