"""Dates as feeds and sitemaps write them: ISO 8601 and RFC 822, with their usual faults; and in addresses.

In: a text, or an address. Out: RFC 3339 in UTC, or None.
"""

import re
from datetime import UTC, datetime, timedelta, timezone


def rfc3339(text: str) -> str | None:
    """A date as feeds and sitemaps write it, as RFC 3339 UTC; None where it cannot be read.

    ISO 8601 and RFC 822 with their usual faults. No zone means UTC, no time of day midnight.
    """
    text = " ".join(text[:100].split())
    found = _ISO.match(text)
    if found:
        year, month, day, hour, minute, second, zone = found.groups()
        month_number = int(month or 1)
    else:
        found = _RFC822.search(text)
        if not found:
            return None
        day, name, year, hour, minute, second, zone = found.groups()
        month_number = _MONTHS.index(name[:3].lower()) + 1
        if len(year) < 4:  # RFC 2822 4.3
            year = str(int(year) + (2000 if int(year) < 50 else 1900))
    try:
        moment = datetime(
            int(year), month_number, int(day or 1), int(hour or 0), int(minute or 0),
            min(int(second or 0), 59), tzinfo=_zone(zone or ""),
        ).astimezone(UTC)  # fmt: skip
    except (ValueError, OverflowError):
        return None
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment.year >= 1000 else None


def day_in_address(url: str) -> str | None:
    """The day that an address names in its path, at noon, since nobody knows the hour; None without one."""
    path = url.partition("://")[2].partition("?")[0]
    found = _DAY.search(path)
    return rfc3339(f"{found[1]}-{found[3]}-{found[4]}T12:00:00Z") if found else None


# "/2026/11/23/", "/2026-11-23-…", "/20261123/".
_DAY = re.compile(r"(?<=[/_-])((?:199|20\d)\d)([/_-]?)(1[0-2]|0[1-9])\2(3[01]|[12]\d|0[1-9])(?!\d)")

_ISO = re.compile(
    r"(\d{4})(?:-?(\d{2})(?:-?(\d{2})(?:[T ]\s?(\d{1,2})(?::?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?)?"
    r"\s?(Z|[A-Za-z]{1,5}|[+-]\d{2}:?\d{0,2})?)?)?)?(?![\d-])",
    re.IGNORECASE,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_RFC822 = re.compile(
    rf"\b(\d{{1,2}})[\s.-]+({'|'.join(_MONTHS)})[a-z]*[\s.,-]+(\d{{4}}|\d{{2}})(?!\d)"
    r"(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([+-]\d{1,2}:?\d{0,2}|[A-Za-z]{1,5})?)?",
    re.IGNORECASE,
)
# RFC 822 section 5, and the zones that news sites really write; hours east of Greenwich.
_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2,
    "sast": 2, "eet": 2, "eest": 3, "msk": 3, "gst": 4, "pkt": 5, "sgt": 8, "hkt": 8, "awst": 8,
    "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "ast": -4, "adt": -3,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip


def _zone(name: str) -> timezone:
    """The zone of an offset or abbreviation; UTC for what nobody knows."""
    if name[:1] in ("+", "-") and name[1:]:
        digits = name[1:].replace(":", "")
        hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if name[0] == "-" else offset)
    return timezone(timedelta(hours=_ZONES.get(name.lower(), 0)))
