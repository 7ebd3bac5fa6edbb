"""When a story was published and changed, and the dateline it opens with.

In: the dates a page states as written, its dated elements, the lines beside its story, its URL, the
fetch time. Out: `Dates` and `Dateline`. A date that cannot be trusted is null: one without a year, or
one that only says on which day the page was rendered.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime

from corpus.blocks import FURNITURE, Moment
from corpus.calendars import Usage
from corpus.instants import Instant, at_time, parse, plausible, url_day, url_month
from corpus.metadata import DateClaim
from corpus.records import Dateline, DatePrecision
from corpus.shown_dates import ShownDate, ShownLine, settled, shown_dates
from corpus.sites import netloc
from crawler.records import Record


class Dates(Record):
    """The fields of an article that tell when: see `corpus.records.Article`.

    `source`, `precision` and `zone` are those of `published`, or of `modified` where only that is known;
    `zone` is the offset from UTC that the date was written with ("+01:00"), "" if none was.
    """

    published: str | None = None
    modified: str | None = None
    source: str = ""
    precision: DatePrecision = ""
    flags: tuple[str, ...] = ()
    zone: str = ""


class _Found(Record):
    """A date of the story, and the source that states it; a `weak` one only stands in a likely place."""

    field: str
    source: str
    instant: Instant
    weak: bool = False


def page_dates(
    claims: Iterable[DateClaim],
    moments: Iterable[Moment],
    heading_at: int,
    url: str,
    fetched_at: str,
    shown: Iterable[ShownLine] = (),
    language: str = "",
) -> Dates:
    """When the story was published and changed, by the most trusted of what the page says.

    Trust goes: JSON-LD, meta, dated elements beside the heading, the lines `shown` by the story, the
    URL. `fetched_at` is RFC 3339 UTC or ""; without it no date can be flagged as future or refused as
    the time of rendering. `language` is the page's ("de"): it tells how its numbers are to be read.
    """
    usage = Usage(language, _top_domain(url))
    found = [_Found(c.field, c.source, i) for c in claims if (i := parse(c.value, usage))]
    found += _beside_heading(moments, heading_at, fetched_at[:10], usage)
    found = [f for f in found if plausible(f.instant)]
    if in_url := url_day(url):
        found.append(_Found("published", "url", in_url))
    found += _in_text(shown_dates(shown, usage), found, url, fetched_at[:10])
    found.sort(key=lambda f: (f.weak, _SOURCES.index(f.source)))
    published = [f for f in found if f.field == "published"]
    changes = [f for f in found if f.field == "modified"]
    return _dates(published, changes, fetched_at)


def blocks_of_days(
    shown: Iterable[ShownLine], days: Collection[str], language: str, url: str
) -> tuple[int, ...]:
    """The numbers of the blocks that show one of these days as a date of the story."""
    usage = Usage(language, _top_domain(url))
    found = (d.at for d in shown_dates(shown, usage) if any(day in days for day in d.written.days))
    return tuple(dict.fromkeys(found))


# "line" is what came with a text that somebody else extracted.
_SOURCES = ("line", "json_ld", "meta", "time", "text", "url")


def _dates(published: list[_Found], changes: list[_Found], fetched_at: str) -> Dates:
    """Of all that was found, the most trusted first, what to believe."""
    best = _trusted(published, fetched_at)
    flags = _flags(best, published, fetched_at) if best else []
    best = best and _refined(best, published)
    change, remarks = _change(best, changes, fetched_at)
    main = best or change
    if main is None:
        return Dates()
    if not best and _is_future(main.instant, fetched_at):
        flags.append("future")
    if not main.instant.zoned:
        flags.append("no_zone")
    return Dates(
        published=best.instant.text if best else None,
        modified=change.instant.text if change else None,
        source=main.source,
        precision=main.instant.precision,
        flags=(*flags, *remarks),
        zone=main.instant.zone,
    )


def _trusted(published: list[_Found], fetched_at: str) -> _Found | None:
    """The first of the dates, unless it is one to doubt and another that the page states differs.

    To doubt are the time of rendering and a time to come.
    """
    for found in published:
        if not _is_now(found, fetched_at) and not _is_future(found.instant, fetched_at):
            firm = not found.weak and _differ(found.instant, published[0].instant)
            return found if firm else published[0]
    return next(iter(published), None)


def _refined(best: _Found, others: list[_Found]) -> _Found:
    """The same day with its time of day, where another source has it."""
    if best.instant.precision != "day":
        return best
    finer = (f for f in others if f.instant.precision in ("second", "minute"))
    day = best.instant.text
    return next((f for f in finer if day in (f.instant.day, f.instant.text[:10])), best)


def _change(
    best: _Found | None, changes: list[_Found], fetched_at: str
) -> tuple[_Found | None, tuple[str, ...]]:
    """The first change that is not before the publication; without one, what was wrong with them."""
    remarks: list[str] = []
    for found in changes:
        instant = found.instant
        if _is_now(found, fetched_at) and (best is None or _differ(best.instant, instant)):
            remarks.append("modified_rendering_time")
        elif best is None or not _before(instant, best.instant):
            return found, ()
        elif instant.text != best.instant.day:
            remarks.append("modified_before_published")
    return None, tuple(dict.fromkeys(remarks))


def _before(one: Instant, other: Instant) -> bool:
    """Whether the one is earlier, as far as both are known."""
    return one.text[: len(other.text)] < other.text[: len(one.text)]


# -------------------------------------------------------------------------------------- distrust

# A page that is made on request takes no longer than this, and clocks are no farther apart.
_RENDERING_SECONDS = 300
# Local times that are stated as UTC are ahead of it by hours; clocks are not.
_AHEAD_SECONDS = 900


def _is_now(found: _Found, fetched_at: str) -> bool:
    """Whether a field says no more than when the page was rendered, as far as can be seen."""
    if not fetched_at or found.source in ("text", "url"):
        return False
    instant = found.instant
    if instant.precision == "day":
        return instant.text == fetched_at[:10]
    return abs(_seconds(instant, fetched_at)) <= _RENDERING_SECONDS


def _is_future(instant: Instant, fetched_at: str) -> bool:
    """Whether it lies after the fetch; a day, whose zone is unknown, by more than one."""
    if not fetched_at:
        return False
    if instant.precision == "day":
        return instant.text > fetched_at[:10] and _days(instant.text, fetched_at) > 1
    return _seconds(instant, fetched_at) > _AHEAD_SECONDS


def _seconds(instant: Instant, fetched_at: str) -> float:
    return (instant.moment - datetime.fromisoformat(fetched_at)).total_seconds()


def _differ(one: Instant, other: Instant) -> bool:
    if "day" in (one.precision, other.precision):
        return _days(one.text, other.text) > 1
    return abs((one.moment - other.moment).total_seconds()) > _RENDERING_SECONDS


def _flags(best: _Found, published: list[_Found], fetched_at: str) -> list[str]:
    flags = []
    if _is_future(best.instant, fetched_at):
        flags.append("future")
    first = published[0]
    if _is_now(first, fetched_at) and (first is not best or first.instant.precision != "day"):
        flags.append("rendering_time")
    others = [f for f in published if not f.weak and not _is_now(f, fetched_at)]
    if any(_days(best.instant.text, f.instant.text) > 1 for f in others):
        flags.append("conflict")
    return flags


def _days(one: str, other: str) -> int:
    """Whole days between two dates, whichever is earlier."""
    return abs((date.fromisoformat(one[:10]) - date.fromisoformat(other[:10])).days)


# -------------------------------------------------------------------------------- on the page


def _beside_heading(
    moments: Iterable[Moment], heading_at: int, fetch_day: str, usage: Usage
) -> Iterator[_Found]:
    """The dated elements that speak of the story, the nearest below the heading first.

    Those are the ones marked as its date, or just around the heading. Of one field only the first is
    firm: further days are other stories'.
    """
    firm: dict[str, str] = {}
    for moment in sorted(moments, key=lambda m: _distance(m.before_block, heading_at)):
        instant = parse(moment.value, usage)
        if instant is None or moment.place & FURNITURE:
            continue
        field = "modified" if _MODIFIED.search(moment.marked) else "published"
        told = "datepublished" in moment.marked or "datemodified" in moment.marked
        if told or _is_by_heading(moment.before_block, heading_at, instant.day, fetch_day):
            weak = firm.setdefault(field, instant.day) != instant.day
            yield _Found(field, "time", instant, weak)


def _distance(block: int, heading_at: int) -> tuple[bool, int]:
    return (block < heading_at, abs(block - heading_at))


def _is_by_heading(block: int, heading_at: int, day: str, fetch_day: str) -> bool:
    """Whether it stands a few blocks above the heading (kickers) or some below (standfirst, share bar).

    Above the heading a page shows today's date, too: there it counts only if it is another.
    """
    if heading_at < 0 or not heading_at - 4 <= block <= heading_at + 20:
        return False
    return block >= heading_at or bool(fetch_day and _days(day, fetch_day) > 1)


_MODIFIED = re.compile(r"modif|updat")
# No newspaper's site shows an older day without saying what happened on it.
_FIRST_SHOWN = "1995"


def _in_text(
    dates: Iterable[ShownDate], found: list[_Found], url: str, fetch_day: str
) -> Iterator[_Found]:
    """The dates that are shown by the story, as far as they are no header's and no event's."""
    stated = [(f.field, day) for f in found for day in (f.instant.day, f.instant.text[:10])]
    for shown in dates:
        day = settled(shown, {day for _, day in stated}, url_month(url), fetch_day)
        if not day or _is_elsewhere(shown, day, fetch_day):
            continue
        instant = at_time(day, shown.written.time, shown.written.zone)
        known = {field for field, stated_day in stated if stated_day == day}
        field = "modified" if not shown.told and known == {"modified"} else shown.field
        weak = not (shown.told or shown.marked) and shown.where in ("above", "tail")
        yield _Found(field, "text", instant, weak)


def _is_elsewhere(shown: ShownDate, day: str, fetch_day: str) -> bool:
    """Whether the date is today's in the page's header, or lies too far off to be the story's."""
    if shown.told and (shown.field == "published" or shown.where != "above"):
        return False
    near_fetch = not fetch_day or _days(day, fetch_day) <= 1
    if shown.where == "above" and near_fetch:
        return True
    return day < _FIRST_SHOWN or bool(fetch_day and day > fetch_day and not near_fetch)


def _top_domain(url: str) -> str:
    """The last label of the URL's host."""
    host = netloc(url).rpartition("@")[2].partition(":")[0]
    return host.removesuffix(".").rpartition(".")[2].lower()


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
# No dateline is without one of these, and most paragraphs are.
_MARKS = ("(", "/", "—", "–", "--")


def dateline(paragraphs: Iterable[tuple[int, str]], is_agency: Callable[[str], bool]) -> Dateline:
    """The dateline at the start of one of these paragraphs, or an empty one.

    Paragraphs come as (offset in the text, paragraph); give the story's first three. `is_agency` says
    whether what stands in the brackets names one: "The minister (Labour) - " is no dateline.
    """
    for start, paragraph in paragraphs:
        head = paragraph[:_LONGEST]
        if not any(map(head.__contains__, _MARKS)):
            continue
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
