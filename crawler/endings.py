"""What an outcome means: for its URL, and for its host.

In: a `Due` and the `Outcome` it came to. Out: a `Settled`, or that it is worth another try. Of clocks,
lanes and robots.txt nothing is known here.
"""

from typing import Literal

from crawler.records import Due, Outcome, Record, RobotsVerdict
from crawler.urls import Refused, UrlRules, canonical_url

MAX_HOPS = 10
"""Redirects followed one after the other."""

ATTEMPTS = 3
"""So often a URL is asked for in a run, where asking again may go better."""

NOBODY_ASKED = frozenset(("dns", "refused_address"))
"""Faults of a name that leads nowhere, or where nobody may go: no packet has left."""

Ending = Literal[
    "fetched",
    "not_modified",
    "moved",
    "gone",
    "failed",
    "shut",
    "refused",
    "put_off",
    "over_budget",
]


class Settled(Record):
    """How a URL ended in this run.

    "moved" brings the `hop` that takes its place, for the caller to add with what it knows of it.
    "shut" is a failure that asking again soon would not mend. "refused" is robots.txt's word;
    "put_off" means that its host was left, or its robots.txt not to be had. `sitemaps` are those of
    a robots.txt.
    """

    due: Due
    ending: Ending
    reason: str = ""
    outcome: Outcome | None = None
    robots: RobotsVerdict = RobotsVerdict()
    hop: Due | None = None
    sitemaps: tuple[str, ...] = ()


_TRIES_IN_TIME = {"robots": ATTEMPTS, "article": 1}
_LONGEST_VALIDATOR = 500
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_PASSING_FAULTS = frozenset(("dns", "connect", "timeout", "disconnected"))
_PASSING_STATUS = frozenset((408, 425, 429, 500, 502, 503, 504))
_LASTING_FAULTS = frozenset(("too_large", "wrong_type", "bad_url", "refused_address", "reserved"))
_LISTINGS = ("feed", "sitemap")
# A page of a wrong type says nothing of its host.
_HOST_FAULTS = _PASSING_FAULTS | {"refused_address", "tls", "protocol", "too_large", "bad_encoding"}


def tries(outcome: Outcome) -> int:
    """How often in a run its URL is worth asking for, given that it came to this."""
    kind = outcome.fetch.due.kind
    passing = outcome.fault in _PASSING_FAULTS or (
        not outcome.fault and outcome.status in _PASSING_STATUS
    )
    if not passing or kind == "other":
        return 1
    # A page that hangs takes its host's whole patience; a listing is worth that twice, robots.txt more.
    return _TRIES_IN_TIME.get(kind, 2) if outcome.fault == "timeout" else ATTEMPTS


def validator(value: str) -> str:
    """An ETag or Last-Modified as it may be sent back; "" where it is too long for a request."""
    return value if len(value) <= _LONGEST_VALIDATOR else ""


def blames_host(outcome: Outcome) -> bool:
    """Whether the host failed, and not just this URL."""
    return outcome.fault in _HOST_FAULTS or outcome.status == 429 or outcome.status >= 500


def refuses_us(outcome: Outcome) -> bool:
    """Whether the host says that this is not for us."""
    return not outcome.fault and outcome.status in (401, 403, 451)


def ending(due: Due, outcome: Outcome, urls: UrlRules) -> Settled:
    """How this outcome ends the URL."""
    if not outcome.fault and outcome.status in _REDIRECTS:
        found = hop(due, outcome, urls)
        if isinstance(found, Due):
            return Settled(due, "moved", found.url, outcome, outcome.fetch.robots, found)
        return Settled(due, "shut", found, outcome, outcome.fetch.robots)
    end, reason = _end_and_reason(due, outcome)
    return Settled(due, end, reason, outcome, outcome.fetch.robots)


def hop(due: Due, outcome: Outcome, urls: UrlRules) -> Due | str:
    """The URL that a redirect leads to, or why it is not followed; "" where it is no redirect."""
    if outcome.fault or outcome.status not in _REDIRECTS:
        return ""
    location = outcome.header("Location")
    if not location:
        return "redirect without Location"
    target = canonical_url(_as_sent(location), urls, due.url)
    if isinstance(target, Refused):
        return f"redirect to a URL that is refused: {target.reason}"
    via = (*due.via, due.url)
    if target in via:
        return "redirect loop"
    if len(via) > MAX_HOPS:
        return f"more than {MAX_HOPS} redirects"
    return Due(target, due.kind, due.source_id, due.date, depth=due.depth, via=via)


def _as_sent(value: str) -> str:
    """A header's value whose bytes are UTF-8, as browsers read a Location; else as it is (Latin-1)."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def _end_and_reason(due: Due, outcome: Outcome) -> tuple[Ending, str]:
    status = outcome.status
    # The beginning of a listing that is too long is its news.
    cut = outcome.fault == "too_large" and due.kind in _LISTINGS and 200 <= status < 300
    if outcome.fault and not cut:
        end: Ending = "shut" if outcome.fault in _LASTING_FAULTS else "failed"
        return end, outcome.fault + (f": {outcome.detail}" if outcome.detail else "")
    if status == 304 and (due.etag or due.last_modified):
        return "not_modified", ""
    if 200 <= status < 300:
        return "fetched", ""
    if status in (404, 410):
        return "gone", f"status {status}"
    lasting = 400 <= status < 500 and status not in _PASSING_STATUS
    return ("shut" if lasting else "failed"), f"status {status}"
