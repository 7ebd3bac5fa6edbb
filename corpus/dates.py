"""When a story was published and changed, and the dateline it opens with.

In: the dates a page states as written, its dated elements, its URL, the fetch time. Out: `Dates` and
`Dateline`. A date that cannot be trusted is null: one without a year, or one that only says on which
day the page was rendered. No natural-language date is guessed from running text here.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from corpus.blocks import FURNITURE, Moment
from corpus.metadata import DateClaim
from corpus.records import Dateline, DatePrecision
from crawler.records import Record


class Dates(Record):
    """The fields of an article that tell when: see `corpus.records.Article`."""

    published: str | None = None
    modified: str | None = None
    source: str = ""
    precision: DatePrecision = ""
    flags: tuple[str, ...] = ()


class Instant(Record):
    """A date as found: `text` is RFC 3339 UTC, or "2026-11-17" where only the day is certain.

    `zoned` is false where a time of day was given without its zone.
    """

    text: str
    precision: DatePrecision
    zoned: bool = True


def page_dates(
    claims: Iterable[DateClaim],
    moments: Iterable[Moment],
    heading_at: int,
    url: str,
    fetched_at: str,
) -> Dates:
    """When the story was published and changed, by the most trusted of what the page says.

    Trust goes: JSON-LD, meta, dated elements beside the heading, the URL. `fetched_at` is RFC 3339 UTC
    or ""; without it no date can be flagged as future or refused as the day of rendering.
    """
    found = [(c.field, c.source, i) for c in claims if (i := parse(c.value))]
    found += [(f, "time", i) for f, i in _beside_heading(moments, heading_at, fetched_at[:10])]
    published = [(s, i) for f, s, i in found if f == "published" and plausible(i)]
    modified = [i for f, _, i in found if f == "modified" and plausible(i)]
    in_url = url_day(url)
    if in_url:
        published.append(("url", in_url))
    if not published:
        return Dates()
    source, best = published[0]
    flags = _flags(best, [i for _, i in published], fetched_at)
    changed = next((i.text for i in modified), None)
    if changed is not None and changed[: len(best.text)] < best.text[: len(changed)]:
        changed, flags = None, (*flags, "modified_before_published")
    return Dates(best.text, changed, source, best.precision, flags)


def _flags(best: Instant, others: list[Instant], fetched_at: str) -> tuple[str, ...]:
    flags = []
    if fetched_at and best.text[:10] > fetched_at[:10] and _days(best.text, fetched_at) > 1:
        flags.append("future")
    if any(_days(best.text, other.text) > 1 for other in others):
        flags.append("conflict")
    if not best.zoned:
        flags.append("no_zone")
    return tuple(flags)


def _days(a: str, b: str) -> int:
    """Whole days between two dates, whichever is earlier."""
    day = datetime.fromisoformat
    return abs((day(a[:10]) - day(b[:10])).days)


# Nothing on the web is older than the web, but archives of newspapers are; the year 1 is a default.
_FIRST_YEAR = "1700"


def plausible(instant: Instant) -> bool:
    """False for the defaults of databases and clocks: year 1, 1 January 1970, beyond 2100."""
    return _FIRST_YEAR <= instant.text[:4] < "2100" and instant.text[:10] != "1970-01-01"


def _beside_heading(
    moments: Iterable[Moment], heading_at: int, fetch_day: str
) -> list[tuple[str, Instant]]:
    """The dated elements that speak of the story: marked as its date, or just around the heading.

    A date equal to the fetch day counts only where it is marked as the publication's: page headers
    carry today's date.
    """
    found: list[tuple[str, Instant]] = []
    for moment in moments:
        instant = parse(moment.value)
        if instant is None or moment.place & FURNITURE:
            continue
        field = "modified" if _MODIFIED.search(moment.marked) else "published"
        told = "datepublished" in moment.marked or "datemodified" in moment.marked
        if told or (instant.text[:10] != fetch_day and _near(moment.before_block, heading_at)):
            found.append((field, instant))
    return found


def _near(block: int, heading_at: int) -> bool:
    """A few blocks above the heading (kickers) or some below it (standfirst, caption, share bar)."""
    return heading_at >= 0 and heading_at - 4 <= block <= heading_at + 20


_MODIFIED = re.compile(r"modif|updat")

# ---------------------------------------------------------------------------------------- parsing

_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:(?:T|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(Z)?)?")
_DAY_SLASH = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")


def parse(value: str) -> Instant | None:
    """The instant that a machine-readable date names; None if it names none for certain.

    Understood are ISO 8601 and its compact form, mail dates (RFC 5322), seconds and milliseconds since
    1970. 01/02/2026 is not: nobody knows which is the month.
    """
    value = value.strip()
    for pattern in (_ISO, _COMPACT, _DAY_SLASH):
        match = pattern.match(value)
        if match and not value[match.end() : match.end() + 1].isalnum():
            return _instant(*(match.groups() + (None,) * 7)[:7])
    if _EPOCH.fullmatch(value):
        seconds = int(value[:10])
        return Instant(_utc(datetime.fromtimestamp(seconds, UTC)), "second")
    return _mail_date(value)


def _instant(
    year: str, month: str, day: str, hour: str | None, minute: str | None, second: str | None,
    zone: str | None,
) -> Instant | None:  # fmt: skip
    try:
        if hour is None or minute is None:
            return Instant(
                datetime.fromisoformat(_day(year, month, day)).strftime("%Y-%m-%d"), "day"
            )
        if zone is None:
            # ± 14 hours: the day is what is nearly certain.
            datetime.fromisoformat(f"{_day(year, month, day)}T{int(hour):02}:{minute}")
            return Instant(_day(year, month, day), "day", zoned=False)
        offset = "+00:00" if zone.upper() in ("Z", "UTC", "GMT") else _offset(zone)
        moment = datetime.fromisoformat(
            f"{_day(year, month, day)}T{int(hour):02}:{minute}:{second or '00'}{offset}"
        )
        return Instant(_utc(moment), "second" if second else "minute")
    except (ValueError, OverflowError):
        return None


def _day(year: str, month: str, day: str) -> str:
    return f"{year}-{int(month):02}-{int(day):02}"


def _offset(zone: str) -> str:
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
        return Instant(_utc(moment), "second")
    except (ValueError, OverflowError):
        return None


_URL_DAY = re.compile(r"(?:^|[/_-])((?:19|20)\d{2})([/_-])(\d{1,2})\2(\d{1,2})(?=[/_.-]|$)")
_URL_COMPACT_DAY = re.compile(r"/((?:19|20)\d{2})(\d{2})(\d{2})(?=[/_-])")


def url_day(url: str) -> Instant | None:
    """The day in the URL's path ("/2026/11/17/", "/2026-11-17-", "/20261117/"), if it has one."""
    path = re.sub(r"^[a-z]+://[^/]*", "", url).split("?", 1)[0].split("#", 1)[0]
    spaced = _URL_DAY.search(path)
    compact = _URL_COMPACT_DAY.search(path)
    if spaced:
        return _instant(spaced[1], spaced[3], spaced[4], None, None, None, None)
    return _instant(compact[1], compact[2], compact[3], None, None, None, None) if compact else None


# --------------------------------------------------------------------------------------- dateline

# PLACE: capitals of any script, up to five words, with commas and slashes between places. AGENCY in
# brackets (or slashes, as TASS writes). A date may stand before or inside the brackets.
_DASH = r"(?:\.?\s*(?:--+|[—–―‒-])|\.\s*[-—–]|\.(?=\s)|:)"
_PLACE = r"[^\W\d_][\w.'’ʼ-]*(?:[ ,/]+(?:[^\W\d_][\w.'’ʼ-]*|\[[^\]\d]{2,30}\]|\([A-Z][^()\d]{2,20}\))){0,6}"
_DAY_MONTH = (
    r"(?:\d{1,2}\.?\s*(?:de\s+)?[^\W\d_]{3,10}\.?(?:\s+(?:de\s+)?\d{4})?"
    r"|[^\W\d_]{3,10}\.?\s+\d{1,2}(?:,?\s+\d{4})?)"
)
_AGENCY = r"[^()/\n]{1,60}?(?:/[^()\n]{1,30}?)?"
_AT = r"(?=\s|\w|[\"“„«])"
_DATELINES = (
    # BEIJING, June 19 (AP) — / Berlin (dpa) - / Madrid, 17 nov (EFE).- / New Delhi [India], June 19 (ANI):
    re.compile(
        rf"(?P<place>{_PLACE}?)(?:,?\s+(?P<date>{_DAY_MONTH}))?,?\s*\((?P<agency>{_AGENCY})\)\.?\s*{_DASH}{_AT}"
    ),
    # MOSCOW, June 19. /TASS/.
    re.compile(
        rf"(?P<place>{_PLACE}?),\s*(?P<date>{_DAY_MONTH})\.?\s*/(?P<agency>[^/\n]{{1,40}})/[.,]?"
    ),
    # (ANSA) - ROMA, 19 GIU -
    re.compile(
        rf"\((?P<agency>{_AGENCY})\)\s*{_DASH}\s*(?P<place>{_PLACE}?),?\s+(?P<date>{_DAY_MONTH})\s*{_DASH}"
    ),
)
# LONDON — / BEIJING, June 19 — : without an agency only capitals, or a date, tell it from a sentence.
_BARE = re.compile(
    rf"(?P<place>[^\W\d_a-zß-öø-ÿа-я][^\W\d_a-zß-öø-ÿа-я.'’ -]{{2,40}}(?:,\s+[A-Z][\w.]{{1,15}})?)"
    rf"(?:,\s+(?P<date>{_DAY_MONTH}))?\s*(?:--|[—–])\s"
)
_LONGEST = 120


def dateline(paragraphs: Iterable[tuple[int, str]], is_agency: Callable[[str], bool]) -> Dateline:
    """The dateline at the start of one of these paragraphs, or an empty one.

    Paragraphs come as (offset in the text, paragraph); give the story's first three. `is_agency` says
    whether what stands in the brackets names one: "The minister (Labour) - " is no dateline.
    """
    for start, paragraph in paragraphs:
        head = paragraph[:_LONGEST]
        for pattern in (*_DATELINES, _BARE):
            match = pattern.match(head)
            if match is None or not _is_place(match["place"]):
                continue
            parts = match.groupdict()
            agency = (parts.get("agency") or "").strip()
            if pattern is _BARE or is_agency(agency):
                return Dateline(
                    text=match[0].rstrip(),
                    place=parts["place"].strip(" ,"),
                    agency=agency,
                    date=(parts.get("date") or "").strip(),
                    start=start,
                    end=start + len(match[0].rstrip()),
                )
    return Dateline()


def _is_place(place: str) -> bool:
    """Whether each word but short joining ones ("de", "am", "upon") begins with a capital.

    Scripts without capitals pass: there the agency's brackets decide.
    """
    words = [w for w in re.split(r"[ ,/]+", place) if w]
    return (
        bool(words)
        and not words[0][0].islower()
        and all(not w[0].islower() or len(w) <= 4 for w in words)
    )
