"""What a site says of itself in files of its own: robots.txt kept from run to run, tdmrep.json once a day.

In: how asking for them ended. Out: the state and the frontier further on, and what is to be asked for.
"""

from collections.abc import Callable, Iterator

from crawler import rights
from crawler.endings import Settled, validator
from crawler.frontier import ROBOTS_MAX_AGE, Frontier
from crawler.lanes import RobotsCopy, lane_of, origin_of
from crawler.recorder import warc_date
from crawler.records import Due
from crawler.state import State


class SiteFiles:
    """The files of one run's sites. `clock` gives unix seconds."""

    def __init__(self, frontier: Frontier, state: State, clock: Callable[[], float]) -> None:
        self._frontier = frontier
        self._state = state
        self._clock = clock
        self._tdm_asked: set[str] = set()

    def keep_robots(self, settled: Settled) -> None:
        """Keep a good copy."""
        origin = settled.due.url.removesuffix("/robots.txt")
        host = lane_of(settled.due.url)
        now = self._clock()
        outcome = settled.outcome
        if settled.ending == "fetched" and outcome is not None:
            copy = RobotsCopy(
                body=outcome.body,
                read_at=now,
                etag=validator(outcome.header("ETag")),
                last_modified=validator(outcome.header("Last-Modified")),
                captured_at=warc_date(outcome.started_at),
            )
            self._state.keep_robots(origin, host, copy)
        elif settled.ending == "gone":
            self._state.keep_robots(origin, host, RobotsCopy(b"", now))
        elif settled.ending == "not_modified":
            self._state.confirm_robots(origin, now)

    def want_tdmrep(self, article: Due) -> Iterator[Due]:
        """The tdmrep.json of the article's origin, where it is not known."""
        origin = origin_of(article.url)
        if origin in self._tdm_asked:
            return
        self._tdm_asked.add(origin)
        known = self._state.tdmrep(origin, self._clock() - ROBOTS_MAX_AGE)
        if known is None:
            yield Due(origin + rights.PATH, "other", article.source_id)
        else:
            self._frontier.reserve(origin, rights.parse_tdmrep(known))

    def take_tdmrep(self, settled: Settled) -> Iterator[Due]:
        """Let a tdmrep.json rule its origin; where there is none, or none to be had, nothing does."""
        if settled.hop:
            yield settled.hop
            return
        first = settled.due.via[0] if settled.due.via else settled.due.url
        origin = origin_of(first)
        fetched = settled.ending == "fetched" and settled.outcome is not None
        body = settled.outcome.body if fetched and settled.outcome else b""
        if settled.ending in ("fetched", "gone", "shut", "refused"):
            self._state.keep_tdmrep(origin, body, self._clock())
        self._frontier.reserve(origin, rights.parse_tdmrep(body))
