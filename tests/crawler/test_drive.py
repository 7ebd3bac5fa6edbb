import asyncio
import time
from collections.abc import Callable

import msgspec
import pytest

from crawler.drive import Driver, SteadyClock
from crawler.frontier import Frontier
from crawler.records import Fetch, Outcome
from crawler.steps import Done
from tests.crawler.play import MANNERS, START, frontier, hosts, page, reply


class Clock:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


def settling(made: Frontier) -> Callable[[], None]:
    """Nothing is done for URLs that ended."""

    def settle() -> None:
        made.drain()

    return settle


def test_the_driver_does_what_the_frontier_asks_until_it_is_done() -> None:
    made = frontier(page("https://a.example/1"), page("https://b.example/2"))
    clock, asked = Clock(), list[str]()
    answer = hosts()

    async def fetch(one: Fetch) -> Outcome:
        asked.append(one.due.url)
        return answer(one)

    def take(outcome: Outcome) -> None:
        made.record(outcome, clock.now)
        clock.now += 10

    done = asyncio.run(Driver(made, fetch, take, settling(made), clock).run())
    assert done == Done()
    assert sorted(asked) == [
        "https://a.example/1",
        "https://a.example/robots.txt",
        "https://b.example/2",
        "https://b.example/robots.txt",
    ]


def test_what_a_url_that_needed_no_request_leaves_to_do_is_done_before_the_end() -> None:
    made = frontier(page("https://a.example/private", kind="feed"))
    asked: list[str] = []
    answer = hosts(robots="User-agent: *\nDisallow: /private")

    async def fetch(one: Fetch) -> Outcome:
        asked.append(one.due.url)
        return answer(one)

    def settle() -> None:
        if any(settled.ending == "refused" for settled in made.drain()):
            made.add(page("https://a.example/1"))

    clock = Clock()

    def take(outcome: Outcome) -> None:
        made.record(outcome, clock.now)
        clock.now += 10

    assert asyncio.run(Driver(made, fetch, take, settle, clock).run()) == Done()
    assert asked == ["https://a.example/robots.txt", "https://a.example/1"]


def test_what_the_taker_raises_ends_the_drive_and_what_is_in_flight() -> None:
    made = frontier(page("https://a.example/1"), page("https://b.example/2"))
    cancelled: list[str] = []

    async def fetch(one: Fetch) -> Outcome:
        if one.host == "b.example":
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                cancelled.append(one.host)
                raise
        return reply(one)

    def take(outcome: Outcome) -> None:
        raise OSError(f"no more {outcome.fetch.host}")

    with pytest.raises(OSError, match="no more"):
        asyncio.run(Driver(made, fetch, take, settling(made), Clock()).run())
    assert cancelled == ["b.example"]


def test_what_a_host_said_while_we_were_busy_is_heard_before_it_is_asked_again() -> None:
    manners = msgspec.structs.replace(MANNERS, delay=0.1, per_host=2)
    made = frontier(page("https://a.example/1", 2.0), page("https://a.example/2"), manners=manners)
    made.add(page("https://b.example/1"))
    asked: list[str] = []
    clock = SteadyClock()

    async def fetch(one: Fetch) -> Outcome:
        asked.append(one.due.url)
        made.sent(one, clock())
        if one.due.url == "https://a.example/1":
            await asyncio.sleep(0.03)
            return told(reply(one, 429, Retry_After="86400", private=True))
        return told(reply(one, 404, private=True))

    def told(outcome: Outcome) -> Outcome:
        return msgspec.structs.replace(
            outcome, started_at=clock(), sent_at=clock(), ended_at=clock()
        )

    def take(outcome: Outcome) -> None:
        made.record(outcome, clock())
        if outcome.fetch.due.url == "https://b.example/1":
            time.sleep(0.3)  # as a listing does that is hard to read

    asyncio.run(Driver(made, fetch, take, settling(made), clock).run())
    assert "https://a.example/1" in asked
    assert "https://a.example/2" not in asked


def test_after_a_stop_what_is_in_flight_ends_and_nothing_starts() -> None:
    made = frontier(page("https://a.example/1"))
    asked: list[str] = []

    async def go() -> Done:
        async def fetch(one: Fetch) -> Outcome:
            asked.append(one.due.url)
            driver.stop()
            await asyncio.sleep(0)
            return reply(one, 404)

        driver = Driver(
            made, fetch, lambda outcome: made.record(outcome, START), settling(made), Clock()
        )
        return await driver.run()

    assert asyncio.run(go()) == Done("stopped")
    assert asked == ["https://a.example/robots.txt"]


def test_the_steady_clock_never_steps_back() -> None:
    clock = SteadyClock()
    seen = [clock() for _ in range(100)]
    assert seen == sorted(seen)
