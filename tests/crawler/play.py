"""A crawl played without clock or network: the frontier against made-up hosts."""

import heapq
import math
from collections.abc import Callable

import msgspec

from crawler.endings import Settled
from crawler.frontier import Frontier
from crawler.records import Due, Fetch, Outcome
from crawler.steps import Allowance, Done, Manners, Wait
from crawler.urls import UrlRules

START = 1_700_000_000.0
MANNERS = Manners(
    user_agent="WireCorpusBot",
    delay=2.0,
    per_host=1,
    concurrency=100,
    max_crawl_delay=120.0,
    max_retry_after=300.0,
)

Answer = Callable[[Fetch], Outcome]


class Played(msgspec.Struct):
    """What happened: each request's start, end and fetch, the URLs' ends, and why it was over."""

    requests: list[tuple[float, float, Fetch]]
    settled: list[Settled]
    done: Done

    @property
    def asked(self) -> list[str]:
        return [fetch.due.url for _, _, fetch in self.requests]

    def starts(self, *urls: str) -> list[float]:
        return [
            start - START for start, _, fetch in self.requests if fetch.due.url in urls or not urls
        ]

    def ends(self) -> dict[str, str]:
        return {s.due.url: s.ending for s in self.settled if s.due.kind != "robots"}

    def reason(self, url: str) -> str:
        return next(s.reason for s in self.settled if s.due.url == url)


def frontier(
    *dues: Due, manners: Manners = MANNERS, sources: dict[str, Allowance] | None = None
) -> Frontier:
    made = Frontier(manners, UrlRules(), sources or {"s": Allowance(max_pages=1000)})
    for due in dues:
        made.add(due)
    return made


def page(url: str, date: float = 0.0, **more: object) -> Due:
    return msgspec.structs.replace(Due(url, "article", "s", date), **more)


def reply(
    fetch: Fetch,
    status: int = 200,
    body: bytes = b"",
    *,
    took: float = 0.1,
    fault: str = "",
    private: bool = False,
    **headers: str,
) -> Outcome:
    """An outcome that took so long; `ended_at` holds the duration until the play sets the times."""
    return Outcome(
        fetch=fetch,
        started_at=0,
        ended_at=took,
        status=0 if fault else status,
        fault=fault,  # type: ignore[arg-type]  # a test's own word
        headers=tuple((name.replace("_", "-"), value) for name, value in headers.items()),
        body=body,
        raw=body,
        address="192.0.2.1",
        private=private,
    )


def hosts(
    pages: dict[str, Callable[[Fetch], Outcome]] | None = None, robots: str = "", **status: int
) -> Answer:
    """Hosts that answer everything with 200, but for these URLs; one robots.txt for all."""

    def answer(fetch: Fetch) -> Outcome:
        url = fetch.due.url
        if pages and url in pages:
            return pages[url](fetch)
        if fetch.due.kind == "robots":
            return reply(fetch, 200, robots.encode()) if robots else reply(fetch, 404)
        return reply(fetch, status.get("status", 200))

    return answer


def play(made: Frontier, answer: Answer, start: float = START, follow: bool = True) -> Played:
    """Let the frontier run to its end; redirects are added again as the run does."""
    now = start
    number = 0
    flying: list[tuple[float, int, Outcome]] = []
    requests: list[tuple[float, float, Fetch]] = []
    settled: list[Settled] = []
    for _ in range(100_000):
        step = made.next(now)
        if isinstance(step, Fetch):
            made.sent(step, now)
            outcome = answer(step)
            end = now + outcome.ended_at
            timed = msgspec.structs.replace(outcome, started_at=now, sent_at=now, ended_at=end)
            number += 1
            heapq.heappush(flying, (end, number, timed))
            requests.append((now, end, step))
        elif isinstance(step, Wait):
            end = flying[0][0] if flying else math.inf
            now = max(now, min(step.until, end))
            assert now < math.inf, "waits for ever"
            if flying and flying[0][0] <= now:
                made.record(heapq.heappop(flying)[2], now)
        else:
            settled += made.drain()
            assert not flying
            return Played(requests, settled, step)
        for one in made.drain():
            settled.append(one)
            if follow and one.hop:
                made.add(one.hop)
    raise AssertionError("never done")
