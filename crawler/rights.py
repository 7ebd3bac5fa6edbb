"""What a site says of text and data mining, and of machines that learn from it.

In: a tdmrep.json, a response's headers and HTML. Out: the `Signals` that hold for a URL. They are kept with
every capture, since whoever uses a corpus has to answer for them; whether they keep us from asking is the
configuration's decision (`[crawl] tdm`). robots.txt is read by `crawler.robots`.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from crawler.records import Record, Signals
from crawler.tags import Head

PATH = "/.well-known/tdmrep.json"
"""TDM Reservation Protocol (W3C Community Group, 2024), section 6: rules for a whole origin."""

_MAX_RULES = 1_000
_MAX_JSON = 1_000_000


class TdmRule(Record):
    """A line of a tdmrep.json: for which paths the rights are reserved, and where the terms stand."""

    location: str
    reservation: str
    policy: str = ""


def parse_tdmrep(body: bytes) -> tuple[TdmRule, ...]:
    """The rules in these bytes. Never raises: what cannot be read says nothing."""
    try:
        rows = msgspec.json.decode(body[:_MAX_JSON].removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    if not isinstance(rows, list):
        return ()
    read = (_rule(row) for row in rows[:_MAX_RULES] if isinstance(row, dict))
    return tuple(rule for rule in read if rule.location and rule.reservation)


def _rule(row: dict[str, Any]) -> TdmRule:
    def said(key: str) -> str:
        value = row.get(key, "")
        return _line(str(value)) if isinstance(value, str | int) else ""

    reservation = said("tdm-reservation")
    known = reservation if reservation in ("0", "1") else ""
    return TdmRule(said("location"), known, said("tdm-policy"))


def tdm_rule(rules: Iterable[TdmRule], target: str) -> TdmRule | None:
    """The first rule for this path and query (the protocol, 6.3: first match in the order written)."""
    return next((rule for rule in rules if _covers(rule.location, target)), None)


def _covers(location: str, target: str) -> bool:
    """Patterns are those of robots.txt: `*` for anything, `$` for the end, else a beginning."""
    head, *others = location.removesuffix("$").split("*")
    if not target.startswith(head):
        return False
    at = len(head)
    last = others.pop() if others and location.endswith("$") else None
    for piece in others:
        found = target.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    if last is not None:
        return target.endswith(last) and len(target) - len(last) >= at
    return at == len(target) or not location.endswith("$")


def signals_of_response(known: Signals, headers: Iterable[tuple[str, str]], html: bytes) -> Signals:
    """What is known of a URL, and what its response says besides; the response's own word goes first."""
    given: dict[str, str] = {}
    for name, value in headers:
        given.setdefault(name.lower(), _line(value))
    meta = _meta(html)
    usage = (known.content_usage, given.get("content-usage", ""))
    return Signals(
        tdm_reservation=given.get("tdm-reservation")
        or meta.get("tdm-reservation")
        or known.tdm_reservation,
        tdm_policy=given.get("tdm-policy") or meta.get("tdm-policy") or known.tdm_policy,
        content_usage="; ".join(dict.fromkeys(one for one in usage if one)),
        ai_refused=known.ai_refused,
        x_robots_tag=given.get("x-robots-tag", ""),
        meta_robots=meta.get("robots", ""),
    )


def reserved(signals: Signals) -> str:
    """Why text and data mining is reserved, "" where nobody says so."""
    if signals.tdm_reservation == "1":
        return "TDM-Reservation: 1"
    opted_out = re.search(r"\b(?:tdm|bots|train-ai|ai)\s*=\s*n\b", signals.content_usage)
    return f"Content-Usage: {opted_out[0]}" if opted_out else ""


_NAMES = ("robots", "tdm-reservation", "tdm-policy")


def _meta(html: bytes) -> dict[str, str]:
    """The contents of the meta elements that speak of rights; the first of each name."""
    found: dict[str, str] = {}
    for given in Head(html).attributes(b"meta"):
        name = given.get("name", "").strip().lower()
        if name in _NAMES:
            found.setdefault(name, _line(given.get("content", "")))
    return found


def _line(text: str) -> str:
    """The text as one line of a record, short enough to be one."""
    return " ".join(text.split())[:500]
