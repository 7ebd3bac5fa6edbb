"""What to ask for next, and when: the crawl's rules as a state machine without a clock.

In: URLs that are due, what is known of their hosts, outcomes, and the time as a number. Out: the next
`Fetch`, or how long to `Wait`, or `Done`; and a `Settled` for every URL that came to an end. One lane
a host: robots.txt before anything, then feeds, sitemaps, sections, then articles, newest first. The
same inputs in the same order give the same answers. Nothing is fetched, parsed for links, or
remembered beyond the run here; what is not due stays in `crawler.state`.
"""

import math
from datetime import UTC, datetime

import msgspec

from crawler.budget import Budget
from crawler.endings import ATTEMPTS, NOBODY_ASKED, Ending, Settled, ending, hop, tries
from crawler.judging import judge
from crawler.lanes import NO_COPY, Lane, Lanes, RobotsCopy, Rules, lane_of, origin_of
from crawler.politeness import BREAKER_SECONDS, IN_A_ROW
from crawler.records import Due, Fetch, HostNote, Outcome, RobotsVerdict, Signals
from crawler.rights import TdmRule, reserved
from crawler.robots import Robots, parse_robots, robots_from_outcome, verdict
from crawler.steps import Allowance, Done, Manners, Reason, Wait
from crawler.urls import UrlRules

ROBOTS_MAX_AGE = 86_400.0
"""Seconds: RFC 9309 2.4 lets a copy of robots.txt be used for a day."""

NO_SIGNALS = Signals()


class Frontier:
    """The run's queue. Call `next` to learn what to do, `record` with what came of it."""

    def __init__(self, manners: Manners, urls: UrlRules, sources: dict[str, Allowance]) -> None:
        self._manners = manners
        self._urls = urls
        self._budget = Budget(sources)
        self._lanes = Lanes(manners.delay, manners.per_host)
        self._in_flight: dict[int, Due] = {}
        self._unsent: set[int] = set()
        self._met: set[str] = set()
        self._held: set[str] = set()
        self._settled: list[Settled] = []
        self._notes: list[HostNote] = []
        self._touched: dict[str, None] = {}
        self._requests = 0
        self._stopped = False

    # ------------------------------------------------------------------------------ what goes in

    def meet(
        self, host: str, copies: dict[str, RobotsCopy], held: HostNote | None, now: float
    ) -> None:
        """Take what is known of a host, before its first URL is added; `copies` go by origin.

        A host that earlier runs were asked to leave alone is left where that takes too long to wait; one that
        they gave up gets one try.
        """
        self._met.add(host)
        agent = self._manners.user_agent
        lane = self._lanes.of(host)
        lane.copies.update(copies)
        if held and held.note.endswith(IN_A_ROW):
            paces = (parse_robots(one.body).crawl_delay(agent) for one in copies.values())
            lane.clock.remember(now + max(lane.clock.gap, *(one or 0.0 for one in paces), 0.0))
            lane.clock.try_again()
        elif held and held.until - now > self._manners.max_retry_after:
            lane.plea = held.note
            self._leave(lane, held.note or "is to be left alone for long", held.until)
        elif held:
            lane.plea = held.note
            lane.clock.remember(held.until)

    def reserve(self, origin: str, rules: tuple[TdmRule, ...]) -> None:
        """Take what an origin's tdmrep.json says."""
        self._lanes.of(lane_of(origin)).tdm[origin] = rules

    def knows(self, host: str) -> bool:
        """Whether this host was met."""
        return host in self._met

    def add(self, due: Due) -> bool:
        """Queue a URL; False where it is held already or its source has no room for it in this run."""
        if due.url in self._held or not self._budget.has_room(due):
            return False
        lane = self._lanes.of(lane_of(due.url))
        lane.clock.widen(self._budget.delay(due.source_id))
        self._held.add(due.url)
        self._push(lane, due)
        self._lanes.schedule(lane)
        return True

    def sent(self, fetch: Fetch, at: float) -> None:
        """Take that a fetch is on its way; where nobody says so, its outcome does."""
        if fetch.number in self._unsent:
            self._unsent.discard(fetch.number)
            lane = self._lanes.of(fetch.host)
            lane.clock.sent(at)
            self._lanes.schedule_around(lane)

    def record(self, outcome: Outcome, now: float) -> None:
        """Take what came of a fetch."""
        due = self._in_flight.pop(outcome.fetch.number)
        lane = self._lanes.of(outcome.fetch.host)
        if outcome.fault in NOBODY_ASKED and outcome.fetch.number in self._unsent:
            lane.clock.ended_unsent()
        else:
            lane.clock.ended(outcome.sent_at, told=outcome.fetch.number not in self._unsent)
        self._unsent.discard(outcome.fetch.number)
        self._touched[lane.host] = None
        if outcome.address:
            lane.address = outcome.address
            lane.clock.lift_floor(lifted=outcome.private)
        self._judge(lane, outcome, now)
        if due.kind == "robots":
            self._record_robots(lane, due, outcome, now)
        else:
            self._record_page(lane, due, outcome)
        if lane.clock.broken and not lane.left:
            lane.broken = lane.clock.broken
            self._leave(lane, lane.broken, now + BREAKER_SECONDS)
        self._lanes.schedule_around(lane)

    def stop(self) -> None:
        """Start nothing more."""
        self._stopped = True

    # ----------------------------------------------------------------------------- what comes out

    def next(self, now: float) -> Fetch | Wait | Done:
        """What to do now."""
        reason = self._reason_to_end(now)
        if reason:
            return Wait(math.inf) if self._in_flight else Done(reason if self.queued else "")
        if len(self._in_flight) >= self._manners.concurrency:
            return Wait(math.inf)
        while (lane := self._lanes.first()) is not None:
            ready_at = lane.ready_at()
            if ready_at > now:
                if ready_at >= self._manners.deadline and not self._in_flight:
                    return Done("max_runtime")
                return Wait(ready_at)
            fetch = self._start(lane, now)
            self._lanes.schedule(lane)
            if fetch:
                return fetch
        return Wait(math.inf) if self._in_flight else Done()

    def drain(self) -> tuple[Settled, ...]:
        """The URLs that ended since the last call, in order."""
        settled, self._settled = tuple(self._settled), []
        return settled

    @property
    def has_settled(self) -> bool:
        """Whether URLs ended since the last `drain`."""
        return bool(self._settled)

    def holds(self) -> tuple[HostNote, ...]:
        """The hosts asked since the last call, until when none may ask them, and what they pleaded."""
        lanes = [self._lanes.of(host) for host in self._touched]
        self._touched.clear()
        return tuple(map(_hold, lanes))

    def next_start(self, host: str) -> float:
        """When this host may be asked again, as far as its own clock is concerned."""
        return self._lanes.of(host).clock.next_start

    @property
    def notes(self) -> tuple[HostNote, ...]:
        """The hosts that were left, or asked more slowly, and why."""
        return tuple(self._notes)

    @property
    def in_flight(self) -> int:
        """Requests started and not recorded."""
        return len(self._in_flight)

    @property
    def queued(self) -> int:
        """URLs held and not in flight."""
        return sum(len(lane.queue) for lane in self._lanes)

    # ---------------------------------------------------------------------------------- starting

    def _reason_to_end(self, now: float) -> Reason:
        if self._stopped:
            return "stopped"
        if now >= self._manners.deadline:
            return "max_runtime"
        if self._budget.taken >= self._manners.max_pages:
            return "max_pages"
        return ""

    def _start(self, lane: Lane, now: float) -> Fetch | None:
        """The lane's next request; None where what it had to say needed none."""
        while lane.queue:
            due = lane.top
            if due.kind == "robots":
                lane.pop()
                return self._fetch(lane, due, RobotsVerdict(), now)
            origin = origin_of(due.url)
            rules = lane.rules.get(origin)
            if rules is None or now - rules.read_at > ROBOTS_MAX_AGE:
                lane.asking.add(origin)
                ask = Due(origin + "/robots.txt", "robots", due.source_id)
                return self._fetch(lane, self._as_known(ask), RobotsVerdict(), now)
            self._budget.waits(lane.pop(), -1)
            answer = verdict(
                rules.robots, due.url, self._manners.user_agent, _rfc3339(rules.read_at)
            )
            if rules.robots.unreachable:
                self._settle(Settled(due, "put_off", rules.robots.reason, robots=answer))
            elif not answer.allowed:
                self._settle(Settled(due, "refused", answer.rule, robots=answer))
            elif reason := self._reserved(lane, due, rules.robots):
                self._settle(Settled(due, "refused", reason, robots=answer))
            elif not self._budget.take(due):
                self._settle(Settled(due, "over_budget", robots=answer))
            else:
                if due.kind == "other":
                    lane.asking.add(origin)
                signals = lane.signals(due.url, rules.robots, self._manners.user_agent)
                return self._fetch(lane, due, answer, now, signals)
            if lane.blocked:
                return None
        return None

    def _reserved(self, lane: Lane, due: Due, robots: Robots) -> str:
        """Why an article is not for mining, where that is to be obeyed."""
        if not self._manners.skip_reserved or due.kind != "article":
            return ""
        return reserved(lane.signals(due.url, robots, self._manners.user_agent))

    def _fetch(
        self,
        lane: Lane,
        due: Due,
        robots: RobotsVerdict,
        now: float,
        signals: Signals = NO_SIGNALS,
    ) -> Fetch:
        self._requests += 1
        lane.clock.started(now)
        self._touched[lane.host] = None
        self._in_flight[self._requests] = due
        self._unsent.add(self._requests)
        return Fetch(self._requests, due, lane.host, robots, signals)

    # ---------------------------------------------------------------------------------- recording

    def _judge(self, lane: Lane, outcome: Outcome, now: float) -> None:
        """What the outcome says of the host."""
        judged = judge(lane, outcome, now, self._manners.max_retry_after)
        if judged.too_long:
            self._leave(lane, lane.plea, judged.too_long)
        if judged.slow:
            self._notes.append(HostNote(lane.host, judged.slow))

    def _record_page(self, lane: Lane, due: Due, outcome: Outcome) -> None:
        if due.kind == "other":
            lane.asking.discard(origin_of(due.url))
        if due.attempt < tries(outcome):
            self._push(lane, _again(due))
        else:
            self._settle(ending(due, outcome, self._urls))

    # ------------------------------------------------------------------------------------- robots

    def _record_robots(self, lane: Lane, due: Due, outcome: Outcome, now: float) -> None:
        """Follow, retry, or take the answer for the origin that was asked first."""
        target = hop(due, outcome, self._urls)
        if isinstance(target, Due):
            known = self._known_robots(target.url, now)
            if known:
                self._take_robots(due, known, None, now)
            else:
                lane = self._lanes.of(lane_of(target.url))
                self._push_robots(lane, self._as_known(target), now)
            return
        status = outcome.status if outcome.fault in ("", "too_large") else None
        if status == 304 and not (due.etag or due.last_modified):
            status = None  # "as before", to somebody who did not say what was before
        words = f"{outcome.fault}: {outcome.detail}" if outcome.detail else outcome.fault
        robots = robots_from_outcome(status or None, outcome.body, words)
        final = outcome.fault in ("refused_address", "tls", "bad_url")
        if robots.unreachable and due.attempt < ATTEMPTS and not final:
            self._push_robots(lane, _again(due), now)
            return
        self._take_robots(due, robots, outcome, now)

    def _as_known(self, due: Due) -> Due:
        """A robots.txt to ask for with the validators of the copy, where that was read at this URL."""
        origin = origin_of(due.via[0] if due.via else due.url)
        copy = self._lanes.of(lane_of(origin)).copies.get(origin, NO_COPY)
        if due.url != (copy.url or origin + "/robots.txt"):
            return due
        return msgspec.structs.replace(
            due,
            etag=copy.etag,
            last_modified=copy.last_modified,
            captured_at=copy.captured_at,
        )

    def _known_robots(self, url: str, now: float) -> Robots | None:
        """What this run has read at this URL, where it is another origin's robots.txt."""
        origin = origin_of(url)
        rules = self._lanes.of(lane_of(url)).rules.get(origin)
        known = url == origin + "/robots.txt" and rules and now - rules.read_at <= ROBOTS_MAX_AGE
        return rules.robots if known and rules else None

    def _push_robots(self, lane: Lane, due: Due, now: float) -> None:
        if lane.left:
            shut = robots_from_outcome(None, fault=f"host left: {lane.left}")
            self._take_robots(due, shut, None, now)
            return
        self._push(lane, due)
        self._lanes.schedule(lane)

    def _take_robots(self, due: Due, robots: Robots, outcome: Outcome | None, now: float) -> None:
        """Let this answer rule its origin from now on, and the one whose robots.txt it was read from."""
        first = due.via[0] if due.via else due.url
        self._rule(first, due, robots, outcome, now)
        last = origin_of(due.url)
        lane = self._lanes.of(lane_of(due.url))
        own = due.url == last + "/robots.txt" and last not in {*lane.rules, *lane.asking}
        if own and due.via and outcome is not None:
            if outcome.status == 304 and (due.etag or due.last_modified):
                # It was read by way of the first one last time: as it was there, it is here.
                lane.copies[last] = self._lanes.of(lane_of(first)).copies[origin_of(first)]
            self._rule(due.url, due, robots, outcome, now)

    def _rule(
        self, first: str, due: Due, robots: Robots, outcome: Outcome | None, now: float
    ) -> None:
        """Let this answer rule the origin of the robots.txt that was asked for first."""
        origin = origin_of(first)
        home = self._lanes.of(lane_of(first))
        copy = home.copies.get(origin, NO_COPY)
        unchanged = outcome is not None and outcome.status == 304
        stands_in = robots.unreachable and now - copy.read_at <= ROBOTS_MAX_AGE
        if copy is not NO_COPY and (unchanged or stands_in):
            robots = parse_robots(copy.body)
        home.rules[origin] = Rules(robots, copy.read_at if stands_in else now)
        home.asking.discard(origin)
        asked = Due(first, "robots", due.source_id, via=())
        ending: Ending = "not_modified" if unchanged else "fetched"
        if stands_in:
            # The answer that the copy stands in for must not take its place in anybody's memory.
            ending, outcome = "put_off", None
        elif robots.blanket is not None:
            ending = "put_off" if robots.unreachable else "gone"
            if robots.unreachable and not home.left:
                self._notes.append(HostNote(home.host, robots.reason))
        self._settle(Settled(asked, ending, robots.reason, outcome, sitemaps=robots.sitemaps))
        pace = robots.crawl_delay(self._manners.user_agent) or 0.0
        # Who asks for more than a day is asked for robots.txt once a day: it may have been a slip.
        home.clock.widen(min(pace, ROBOTS_MAX_AGE))
        if pace > self._manners.max_crawl_delay:
            home.plea = f"asks for a Crawl-delay of {pace:g} s"
            self._leave(home, home.plea, home.clock.next_start)
        self._lanes.schedule(home)

    # -------------------------------------------------------------------------------------- lanes

    def _push(self, lane: Lane, due: Due) -> None:
        if lane.left:
            self._settle(Settled(due, "put_off", lane.left))
        else:
            self._budget.waits(due)
            lane.push(due)

    def _leave(self, lane: Lane, note: str, until: float) -> None:
        """Ask this host for nothing more in this run."""
        lane.left, lane.left_until = note, until
        self._notes.append(HostNote(lane.host, note, until))
        waiting, lane.queue = sorted(lane.queue), []
        for _, due in waiting:
            self._budget.waits(due, -1)
            if due.kind == "robots":
                self._push_robots(lane, due, until)
            else:
                self._settle(Settled(due, "put_off", note))

    def _settle(self, settled: Settled) -> None:
        self._held.discard(settled.due.url)
        self._settled.append(settled)


def _hold(lane: Lane) -> HostNote:
    """Until when the lane's host is left alone, by its own word if that is longer, else by the breaker."""
    if lane.broken and lane.clock.next_start < lane.left_until:
        return HostNote(lane.host, lane.broken, lane.left_until)
    return HostNote(lane.host, lane.plea, max(lane.clock.next_start, lane.left_until))


def _again(due: Due) -> Due:
    return msgspec.structs.replace(due, attempt=due.attempt + 1)


def _rfc3339(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
