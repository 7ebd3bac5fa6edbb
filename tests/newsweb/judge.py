"""Whether a crawler kept its manners, told from the servers' log alone.

In: what was asked, when, and what each host expects of its visitors. Out: a sentence for each violation.
Nothing of the crawler is imported here, and none of its own records are believed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Protocol

import msgspec

# Seconds: a busy machine lets a server notice a request late.
TOLERANCE = 0.12


class Request(Protocol):
    """A line of a server's log."""

    at: float
    host: str
    path: str


class House(msgspec.Struct, frozen=True, kw_only=True):
    """What a machine expects of its visitors, by whatever names it is called; `apart`: each name its own.

    `gap` is seconds between requests. `private` are beginnings of "host/path" that nobody may ask for.
    `once` are those that are asked for once, whatever they answer; every other may be asked `tries`
    times a run. `pauses` are paths after whose n-th request nothing may be asked for so many seconds.
    `at_most` bounds the requests of all runs; 0: no bound.
    """

    names: tuple[str, ...]
    apart: bool = False
    gap: float = 0.0
    private: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    tries: int = 3
    pauses: tuple[tuple[str, int, float], ...] = ()
    at_most: int = 0


def violations(
    houses: Iterable[House], runs: Iterable[Iterable[Request]], gap: float
) -> tuple[str, ...]:
    """What went against the houses' rules in these runs; `gap` is the least between any two requests."""
    seen = [sorted(run, key=lambda one: one.at) for run in runs]
    found: list[str] = []
    for house in houses:
        own = [[one for one in run if _name(one) in house.names] for run in seen]
        found += _against(house, own, gap)
    return tuple(found)


def _against(house: House, runs: list[list[Request]], gap: float) -> Iterator[str]:
    every = [one for run in runs for one in run]
    for names in [(name,) for name in house.names] if house.apart else [house.names]:
        yield from _too_close([one for one in every if _name(one) in names], max(gap, house.gap))
    for run in runs:
        yield from _without_robots(run)
        for url, count in Counter(map(_url, run)).items():
            if count > house.tries:
                yield f"{url}: asked {count} times in a run"
    for url, count in Counter(map(_url, every)).items():
        if url.startswith(house.private):
            yield f"{url}: asked though it is private"
        if count > 1 and url.startswith(house.once):
            yield f"{url}: asked {count} times in all"
    for path, number, seconds in house.pauses:
        yield from _too_soon(every, path, number, seconds)
    if 0 < house.at_most < len(every):
        yield f"{house.names[0]}: {len(every)} requests, {house.at_most} expected at most"


def _too_close(requests: list[Request], gap: float) -> Iterator[str]:
    for one, other in pairwise(requests):
        if other.at - one.at < gap - TOLERANCE:
            yield f"{_url(other)}: asked {other.at - one.at:.3f} s after {_url(one)}, not {gap} s"


def _without_robots(run: list[Request]) -> Iterator[str]:
    first: dict[str, Request] = {}
    by_host: dict[str, list[Request]] = defaultdict(list)
    for one in run:
        first.setdefault(one.host, one)
        by_host[one.host].append(one)
    for host, one in first.items():
        if one.path != "/robots.txt":
            yield f"{host}{one.path}: asked before robots.txt"


def _too_soon(requests: list[Request], path: str, number: int, seconds: float) -> Iterator[str]:
    asked = [one.at for one in requests if one.path == path]
    if len(asked) < number:
        return
    start = asked[number - 1]
    for one in requests:
        if 0 < one.at - start < seconds - TOLERANCE:
            yield f"{_url(one)}: asked {one.at - start:.2f} s after a plea for {seconds} s"


def _name(one: Request) -> str:
    return one.host.partition(":")[0]


def _url(one: Request) -> str:
    return one.host + one.path
