"""Dates as pages state them for machines, and days in URLs, as instants.

In: the value of a field, or a URL. Out: an `Instant`, or None where nothing certain is named. Which
of several instants is the story's is `corpus.dates`' to say.
"""

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from corpus.calendars import Usage, offset
from corpus.records import DatePrecision
from corpus.sites import split_url
from corpus.written_dates import written_dates
from crawler.records import Record


class Instant(Record):
    """A date as found: `text` is RFC 3339 UTC, or "2026-11-17" where only the day is certain.

    `zoned` is false where a time of day was given without its zone; `zone` is the offset as written,
    "" if there was none.
    """

    text: str
    precision: DatePrecision
    zoned: bool = True
    zone: str = ""

    @property
    def day(self) -> str:
        """The day where it was written, which in UTC may be another."""
        if not self.zone:
            return self.text[:10]
        if self.zone == "+00:00":
            return self.text[:10]
        there = datetime.fromisoformat(f"2000-01-01T00:00{self.zone}").tzinfo
        return self.moment.astimezone(there).date().isoformat()

    @property
    def moment(self) -> datetime:
        """The instant; of a day its first, in UTC."""
        return datetime.fromisoformat(self.text).replace(tzinfo=UTC)


# Nothing on the web is older than the web, but archives of newspapers are; the year 1 is a default.
_FIRST_YEAR = "1700"


def plausible(instant: Instant) -> bool:
    """False for the defaults of databases and clocks: year 1, 1 January 1970, beyond 2100."""
    return _FIRST_YEAR <= instant.text[:4] < "2100" and instant.text[:10] != "1970-01-01"


_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:(?:T|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(
    r"((?:19|20)\d{2})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(Z|[+-]\d{4}(?=Z?$))?Z?)?"
)
_DAY_SLASH = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_NO_USAGE = Usage()
# "Tue Nov 17 10:20:30 CET 2026": how Java and C print a date.
_PRINTED = re.compile(
    r"([A-Z][a-z]{2} )([A-Z][a-z]{2} [ \d]\d) (\d\d:\d\d:\d\d [^\s\d]\S*) (\d{4})"
)


def parse(value: str, usage: Usage = _NO_USAGE) -> Instant | None:
    """The instant that a date in a field names; None if it names none for certain.

    Understood are ISO 8601 and its compact form, mail dates (RFC 5322), seconds and milliseconds since
    1970, and what people write, if it is all of the value: "17 November 2026". 01/02/2026 is a date only
    where `usage` tells which is the month.
    """
    value = value.strip()
    for pattern in (_ISO, _COMPACT, _DAY_SLASH):
        match = pattern.match(value)
        if match and not value[match.end() : match.end() + 1].isalnum():
            found = _instant(*(match.groups() + (None,) * 7)[:7])
            named = None if found is None or found.zoned else _written(value, usage)
            return named if named and named.zone else found
    if _EPOCH.fullmatch(value):
        seconds = int(value[:10])
        return Instant(_utc(datetime.fromtimestamp(seconds, UTC)), "second")
    return _mail_date(value) or _written(_PRINTED.sub(r"\1\2 \4 \3", value), usage)


def _written(value: str, usage: Usage) -> Instant | None:
    """The date that people would read there; None if they could doubt it, or if it is not all."""
    dates = written_dates(value[:_LONGEST], usage) if len(value) <= _LONGEST else ()
    if len(dates) != 1 or len(dates[0].days) > 1 or dates[0].short:
        return None
    rest = value[: dates[0].start] + value[dates[0].end :]
    if any(map(str.isalnum, rest)):
        return None
    return at_time(dates[0].days[0], dates[0].time, dates[0].zone)


_LONGEST = 80


def at_time(day: str, time: str, zone: str) -> Instant:
    """The instant of an ISO day, a time of day ("14:05" or "") and an offset ("+01:00" or "").

    Without its zone a time says no more than the day, which is nearly certain.
    """
    if not time or not zone:
        return Instant(day, "day", zoned=not time)
    return Instant(_utc(datetime.fromisoformat(f"{day}T{time}{zone}")), "minute", zone=zone)


def _instant(
    year: str, month: str, day: str, hour: str | None, minute: str | None, second: str | None,
    zone: str | None,
) -> Instant | None:  # fmt: skip
    try:
        if hour is None or minute is None:
            return Instant(date.fromisoformat(_day(year, month, day)).isoformat(), "day")
        if zone is None:
            datetime.fromisoformat(f"{_day(year, month, day)}T{int(hour):02}:{minute}")
            return Instant(_day(year, month, day), "day", zoned=False)
        ahead = "+00:00" if zone.upper() in ("Z", "UTC", "GMT") else _offset(zone)
        moment = datetime.fromisoformat(
            f"{_day(year, month, day)}T{int(hour):02}:{minute}:{second or '00'}{ahead}"
        )
        return Instant(_utc(moment), "second" if second else "minute", zone=ahead)
    except (ValueError, OverflowError):
        return None


def _day(year: str, month: str, day: str) -> str:
    return f"{year}-{int(month):02}-{int(day):02}"


def _offset(zone: str) -> str:
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}"


def _minutes(moment: datetime) -> int:
    return int((moment.utcoffset() or timedelta()).total_seconds()) // 60


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _mail_date(value: str) -> Instant | None:
    if not re.match(r"(?:\w{3},?\s+)?\d{1,2}\s+\w{3}\w*\s+\d{4}\s+\d{2}:\d{2}", value):
        return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        return Instant(moment.strftime("%Y-%m-%d"), "day", zoned=False)
    try:
        return Instant(_utc(moment), "second", zone=offset(_minutes(moment)))
    except (ValueError, OverflowError):
        return None


_URL_DAY = re.compile(r"(?:^|[/_-])((?:19|20)\d{2})([/_-])(\d{1,2})\2(\d{1,2})(?=[/_.-]|$)")
_URL_COMPACT_DAY = re.compile(r"/((?:19|20)\d{2})(\d{2})(\d{2})(?=[/_-])")


def url_day(url: str) -> Instant | None:
    """The day in the URL's path ("/2026/11/17/", "/2026-11-17-", "/20261117/"), if it has one."""
    path = _path(url)
    spaced = _URL_DAY.search(path)
    compact = _URL_COMPACT_DAY.search(path)
    if spaced:
        return _instant(spaced[1], spaced[3], spaced[4], None, None, None, None)
    return _instant(compact[1], compact[2], compact[3], None, None, None, None) if compact else None


_URL_MONTH = re.compile(r"[/_-]((?:19|20)\d{2})[/_-](0?[1-9]|1[0-2])(?=[/_.-]|$)")


def url_month(url: str) -> str:
    """The month in the URL's path ("/2026/11/") as "2026-11", "" if it has none."""
    match = _URL_MONTH.search(_path(url))
    return f"{match[1]}-{int(match[2]):02}" if match else ""


def _path(url: str) -> str:
    return str(split_url(url).path)
