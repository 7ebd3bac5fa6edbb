"""Whether a crawler kept its manners, told from the servers' log alone.

In: what was asked, when, how much was taken, and what each host expects of its visitors. Out: a sentence for
each violation. Nothing of the crawler is imported here, and none of its own records are believed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Protocol

import msgspec

# Seconds: a busy machine lets a server notice a request late.
TOLERANCE = 0.12

# A product with its version, and where to read of it or whom to write to.
_AGENT = re.compile(r"[A-Za-z][\w-]*/\d[\w.]* \(.*(?:https?://|@).*\)")
_LONGEST_PATH = 2_048
_LONGEST_HEADER = 1_024


class Request(Protocol):
    """A line of a server's log; `ended_at` is 0 while the answer is under way."""

    at: float
    host: str
    path: str
    method: str
    sent: int
    ended_at: float

    @property
    def headers(self) -> Mapping[str, str]:
        """By lower-case name."""


class House(msgspec.Struct, frozen=True, kw_only=True):
    """What a machine expects of its visitors, by whatever names it is called; `apart`: each name its own.

    `gap` is seconds between requests. `private` are beginnings of "host/path" that nobody may ask for,
    `never` such URLs themselves, `closed_later` beginnings that are private after the first run; a `shut`
    house is to be asked for nothing at all.
    `wanted` are to be asked for, in whichever run. `once` are asked for once, whatever they answer; every
    other may be asked `tries` times a run. `pauses` are paths after whose n-th request nothing may be
    asked for so many seconds; `calms` is the path whose request is to come so many seconds after the one
    before. `at_most` bounds the requests of all runs, `most_bytes` and `most_seconds` what is taken of an
    answer; 0: no bound. With `counts`, no more than the agreed number of answers may be under way.
    `conditional` are beginnings that are to be asked for with validators from the second time on,
    `plain` those that gave none.
    """

    names: tuple[str, ...]
    apart: bool = False
    shut: bool = False
    gap: float = 0.0
    private: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    closed_later: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    tries: int = 3
    pauses: tuple[tuple[str, int, float], ...] = ()
    calms: tuple[str, float] = ("", 0.0)
    at_most: int = 0
    most_bytes: int = 0
    most_seconds: float = 0.0
    counts: bool = False
    conditional: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()


def violations(
    houses: Iterable[House],
    runs: Iterable[Iterable[Request]],
    gap: float,
    per_host: int = 1,
    inside: Iterable[float] = (),
) -> tuple[str, ...]:
    """What went against the houses' rules in these runs.

    `gap` is the least between any two requests, `per_host` the most that may be under way; `inside` are
    the times of connections to where nobody has any business.
    """
    seen = [sorted(run, key=lambda one: one.at) for run in runs]
    found = [f"connected to the inside at {at:.3f}" for at in inside]
    found += [words for run in seen for one in run for words in _unmannered(one)]
    for house in houses:
        own = [[one for one in run if _name(one) in house.names] for run in seen]
        found += _against(house, own, gap, per_host)
    return tuple(found)


def _unmannered(one: Request) -> Iterator[str]:
    """What no host wants to see in any request."""
    url, headers = _url(one), one.headers
    if not _AGENT.fullmatch(headers.get("user-agent", "")):
        yield f"{url}: a visitor without name, version or address: {headers.get('user-agent')}"
    if "@" not in headers.get("from", ""):
        yield f"{url}: no From"
    if one.method != "GET":
        yield f"{url}: asked by {one.method}"
    for name in ("cookie", "authorization", "proxy-authorization"):
        if name in headers:
            yield f"{url}: asked with a {name}"
    if "#" in one.path or not one.path.startswith("/") or len(one.path) > _LONGEST_PATH:
        yield f"{url[:200]}: no path to ask for"
    for name, value in headers.items():
        if len(value) > _LONGEST_HEADER:
            yield f"{url}: {len(value)} bytes of {name}"


def _against(house: House, runs: list[list[Request]], gap: float, per_host: int) -> Iterator[str]:
    every = [one for run in runs for one in run]
    for names in [(name,) for name in house.names] if house.apart else [house.names]:
        yield from _too_close([one for one in every if _name(one) in names], max(gap, house.gap))
    for run in runs:
        yield from _without_robots(run)
        for url, count in Counter(map(_url, run)).items():
            if count > house.tries:
                yield f"{url}: asked {count} times in a run"
    yield from _forbidden(house, runs)
    for path, number, seconds in house.pauses:
        yield from _too_soon(every, path, number, seconds)
    yield from _hurried(runs, *house.calms)
    if 0 < house.at_most < len(every):
        yield f"{house.names[0]}: {len(every)} requests, {house.at_most} expected at most"
    asked = set(map(_url, every))
    yield from (f"{url}: never asked for" for url in house.wanted if url not in asked)
    yield from _taken(house, every)
    if house.counts:
        yield from _crowded(every, per_host)
    yield from _unconditional(house, every)


def _forbidden(house: House, runs: list[list[Request]]) -> Iterator[str]:
    every = [one for run in runs for one in run]
    for url, count in Counter(map(_url, every)).items():
        if url.startswith(house.private) or url in house.never or house.shut:
            yield f"{url}: asked though it is private"
        if count > 1 and url.startswith(house.once):
            yield f"{url}: asked {count} times in all"
    for run in runs[1:]:
        for one in run:
            if _url(one).startswith(house.closed_later) and one.path != "/robots.txt":
                yield f"{_url(one)}: asked though it is closed by now"


def _too_close(requests: list[Request], gap: float) -> Iterator[str]:
    for one, other in pairwise(requests):
        if other.at - one.at < gap - TOLERANCE:
            yield f"{_url(other)}: asked {other.at - one.at:.3f} s after {_url(one)}, not {gap} s"


def _without_robots(run: list[Request]) -> Iterator[str]:
    first: dict[str, Request] = {}
    for one in run:
        first.setdefault(one.host, one)
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


def _hurried(runs: list[list[Request]], path: str, seconds: float) -> Iterator[str]:
    """A host that had slowed down before this path was asked for, and was given no more time."""
    for run in runs[:1]:
        for one, other in pairwise(run):
            if other.path == path and other.at - one.at < seconds - TOLERANCE:
                yield f"{_url(other)}: asked {other.at - one.at:.2f} s after the last, not {seconds} s"


def _taken(house: House, requests: list[Request]) -> Iterator[str]:
    for one in requests:
        if 0 < house.most_bytes < one.sent:
            yield f"{_url(one)}: {one.sent} bytes taken, {house.most_bytes} expected at most"
        if 0 < house.most_seconds < (one.ended_at or one.at) - one.at:
            yield f"{_url(one)}: listened to for {one.ended_at - one.at:.1f} s"


def _crowded(requests: list[Request], per_host: int) -> Iterator[str]:
    for one in requests:
        under_way = sum(other.at <= one.at < other.ended_at for other in requests)
        if under_way > per_host:
            yield f"{_url(one)}: one of {under_way} requests at once, {per_host} were agreed"


def _unconditional(house: House, requests: list[Request]) -> Iterator[str]:
    met: set[str] = set()
    for one in requests:
        url = _url(one)
        asks = {"if-none-match", "if-modified-since"} & one.headers.keys()
        if url in met and url.startswith(house.conditional) and not asks:
            yield f"{url}: asked again without validators"
        if url.startswith(house.plain) and asks:
            yield f"{url}: asked with validators that it never gave"
        met.add(url)


def _name(one: Request) -> str:
    return one.host.partition(":")[0]


def _url(one: Request) -> str:
    return one.host + one.path
