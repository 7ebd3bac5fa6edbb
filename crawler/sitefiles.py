"""What a site says of itself: robots.txt, kept from run to run, and tdmrep.json.

In: how asking for them ended. Out: the state and the frontier further on, and what is to be asked for. The
tdmrep.json is asked for once a day, every third day where there is none.
"""

from collections.abc import Callable, Iterator

import msgspec

from crawler import rights
from crawler.endings import Settled, validator
from crawler.frontier import ROBOTS_MAX_AGE, Frontier
from crawler.hostbook import TdmrepCopy
from crawler.lanes import RobotsCopy, lane_of, origin_of
from crawler.recorder import warc_date
from crawler.records import Due
from crawler.state import State

# Most sites have no tdmrep.json, and some send a long page to say so.
_ABSENT_FOR = 3 * ROBOTS_MAX_AGE


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
                url=outcome.fetch.due.url,
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
        known = self._state.tdmrep(origin)
        good_for = ROBOTS_MAX_AGE if known and known.body else _ABSENT_FOR
        if known is not None and known.read_at > self._clock() - good_for:
            self._frontier.reserve(origin, rights.parse_tdmrep(known.body))
            return
        copy = known or TdmrepCopy(b"", 0.0)
        yield Due(
            url=origin + rights.PATH,
            kind="other",
            source_id=article.source_id,
            etag=copy.etag,
            last_modified=copy.last_modified,
            captured_at=copy.captured_at,
        )

    def take_tdmrep(self, settled: Settled) -> Iterator[Due]:
        """Let a tdmrep.json rule its origin; where there is none, or none to be had, nothing does."""
        if settled.hop:
            yield settled.hop
            return
        first = settled.due.via[0] if settled.due.via else settled.due.url
        origin = origin_of(first)
        now, outcome = self._clock(), settled.outcome
        copy = TdmrepCopy(b"", now)
        if settled.ending == "fetched" and outcome is not None:
            copy = TdmrepCopy(outcome.body, now)
            if not settled.due.via:
                copy = TdmrepCopy(
                    body=outcome.body,
                    read_at=now,
                    etag=validator(outcome.header("ETag")),
                    last_modified=validator(outcome.header("Last-Modified")),
                    captured_at=warc_date(outcome.started_at),
                )
        elif settled.ending == "not_modified":
            known = self._state.tdmrep(origin) or copy
            copy = msgspec.structs.replace(known, read_at=now)
        if settled.ending in ("fetched", "not_modified", "gone", "shut", "refused"):
            self._state.keep_tdmrep(origin, copy)
        self._frontier.reserve(origin, rights.parse_tdmrep(copy.body))
