"""Dates as people write them, found in a line of text: "Di, 5. März 2024, 14:05 Uhr MEZ".

In: one line, and the conventions of its page. Out: `Written` dates with their spans. A date needs a
day, a month and a year. Whether a date tells when a story was published is not asked here
(`corpus.shown_dates`); nothing relative ("2 hours ago") is a date.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from corpus.calendars import (
    MONTH,
    WEEKDAY,
    ZONE,
    Usage,
    day_first,
    fits_weekday,
    fold,
    month_number,
    offset,
    zone_offset,
)
from corpus.eras import days_of_eras, gregorian
from crawler.records import Record


class Written(Record):
    """A date as written at [start, end) of its line, weekday, time and zone included.

    `days` are its readings as ISO days: two, the day-first one before the other, where nothing on the
    line and no convention tells which number is the month. `time` is "14:05" or "", `zone` "+01:00"
    or "" where none is written that is sure. `checked` is true if a weekday stands with the date and
    fits it; `short` if the year is written with two digits.
    """

    start: int
    end: int
    days: tuple[str, ...]
    time: str = ""
    zone: str = ""
    checked: bool = False
    short: bool = False


# 25xx is a year of the Thai press.
_YEAR = r"(?P<y>(?:1[6-9]|20|25)\d\d)"
# "2011 г." and "2011r."
_OF_YEAR = r"(?:\s?(?:года|року|г|р|r)(?![^\W_])\.?)?"
# Elements without white space between them leave a time or the next date glued to the year.
_YEAR_END = r"(?=\D|\d{1,2}(?::\d\d|\.\s)|$)"
_NAME = rf"(?P<m>{MONTH})"
# Arab papers write the month in both ways: "مارس/آذار".
_NAME_TWICE = rf"{_NAME}(?![^\W\d_])(?:[./](?P<m2>{MONTH})(?![^\W\d_]))?"
_ORDINAL = r"(?:st|nd|rd|th|er|e|º|°|ª)?"
_OF = r"(?:(?:de|del|of)\s+|d['’])?"
# Not the end of a number, a time, or of a span of days.
_START = r"(?<!\d)(?<!\d[.,:/–-])"
_SHORT_YEAR = r"(?P<yy>\d\d)(?!\d)"
# 2024年3月5日, 2024년 3월 5일
_EAST_ASIAN = re.compile(
    rf"{_YEAR}\s*[年년]\s*(?P<m>\d{{1,2}})\s*[月월]\s*(?P<d>\d{{1,2}})\s*[日일]"
)
# 2024-03-05, 2024/3/5, 2024. 3. 5.
_YEAR_FIRST = re.compile(
    rf"(?<![\d/]){_YEAR}(?P<sep>[-/.])\s?(?P<m>\d{{1,2}})(?P=sep)\s?(?P<d>\d{{1,2}})\.?(?![\d/])"
)
# 5 March 2024, 5. März 2024, 1er mars 2024, 3 de marzo del 2024, 5-Mar-24
_DAY_NAME = re.compile(
    rf"{_START}(?P<d>\d{{1,2}}){_ORDINAL}[\s.,/-]*{_OF}{_NAME_TWICE}"
    rf"(?:[\s.,/-]*{_OF}{_YEAR}|[\s.-]['’]?{_SHORT_YEAR}(?!\s*[:.h]\s?\d|\s*uhr|,?\s\d{{4}}))"
    rf"{_OF_YEAR}"
)
# March 5, 2024; Mar. 5th 2024
_NAME_DAY = re.compile(rf"{_NAME}\.?\s*(?P<d>\d{{1,2}}){_ORDINAL}[\s.,/]*{_YEAR}")
# 2024. március 5.
_YEAR_NAME = re.compile(
    rf"(?<!\d){_YEAR}[.,]?(?:\s+m\.)?\s+{_NAME}\.?\s+(?P<d>\d{{1,2}})\.?(?!\d|[\s,.]*(?:1[6-9]|20)\d\d)"
)
# 2024. gada 5. marts
_YEAR_DAY_NAME = re.compile(rf"(?<!\d){_YEAR}\.?\s+gada\s+(?P<d>\d{{1,2}})\.\s+{_NAME}(?![^\W\d_])")
# 5.3.2024, 05/03/2024, 06. 01. 2026, 05-03-24
_NUMBERS = re.compile(
    rf"{_START}(?P<a>\d{{1,2}})\s?(?P<sep>[-/.])\s?(?P<b>\d{{1,2}})\s?(?P=sep)\s?"
    rf"(?:{_YEAR}{_YEAR_END}|{_SHORT_YEAR}){_OF_YEAR}(?!/\d|-\d(?!\d?:)|\.\d)"
)
# What is common to all dates with the month first, and found much faster than a month's name.
_DAY_YEAR = re.compile(rf"\d{_ORDINAL}[\s.,/]*{_YEAR}")
_NAMED = (_DAY_NAME, _NAME_DAY, _YEAR_NAME, _YEAR_DAY_NAME)
_FORMS = (_EAST_ASIAN, _YEAR_FIRST, _NUMBERS, *_NAMED)


def may_hold_date(text: str) -> bool:
    """Whether there are digits in the line as dates have them."""
    return bool(_YEARLIKE.search(text))


def written_dates(text: str, usage: Usage) -> tuple[Written, ...]:
    """The dates in the line, in order; none twice."""
    return _found(text, usage) if may_hold_date(text) else ()


# The day of the header stands on page after page, and of many stories the same day as well.
@lru_cache(maxsize=128)
def _found(text: str, usage: Usage) -> tuple[Written, ...]:
    folded = fold(text)
    found: list[Written] = []
    for start, end, readings, short in _bare(text, folded, usage):
        if not found or start >= found[-1].end:
            found.append(_dressed(text, folded, start, end, readings, short, usage))
    return tuple(w for w in found if w.days)


# A digit first: it is found faster than a choice.
_YEARLIKE = re.compile(r"\d(?:\d{3}|\W?[-/.]\W?\d\d(?!\d)|\D{4,15}\d\d|\s?年)")


def _bare(text: str, folded: str, usage: Usage) -> list[tuple[int, int, tuple[str, ...], bool]]:
    """Span, readings, and whether the year is short, of each day that is written; earliest first."""
    found = []
    for form in _FORMS:
        if form is _NAME_DAY and not _DAY_YEAR.search(folded):
            continue
        for match in form.finditer(folded):
            parts = match.groupdict()
            if form in _NAMED and _inside_word(text, match.start("m")):
                continue
            year = gregorian(int(parts.get("y") or 2000 + int(parts["yy"])), text, usage)
            readings = tuple(_days(year, parts, form in _NAMED, usage)) if year else ()
            if readings:
                found.append((match.start(), match.end(), readings, not parts.get("y")))
    found += [(start, end, (day,), False) for start, end, day in days_of_eras(folded, usage)]
    return sorted(found, key=lambda one: (one[0], -one[1]))


def _inside_word(text: str, start: int) -> bool:
    """Whether what begins here is the rest of a word; a capital after a letter begins another one.

    "Jane DoeMarch 5, 2024" is what two elements without white space between them look like.
    """
    if not start or not text[start - 1].isalpha():
        return False
    return not (text[start].isupper() and text[start + 1 : start + 2].islower())


def _days(year: int, parts: dict[str, str | None], named: bool, usage: Usage) -> Iterator[str]:
    if named:
        month = month_number(parts["m"] or "", usage.language)
        second = parts.get("m2")
        if month and (not second or month_number(second, usage.language) == month):
            yield from _day(year, month, int(parts["d"] or 0))
    elif parts.get("m"):
        yield from _day(year, int(parts["m"] or 0), int(parts["d"] or 0))
    else:
        one, other = int(parts["a"] or 0), int(parts["b"] or 0)
        yield from _day(year, other, one)
        if one != other:
            yield from _day(year, one, other)


def _day(year: int, month: int, day: int) -> Iterator[str]:
    try:
        yield date(year, month, day).isoformat()
    except ValueError:
        return


# ------------------------------------------------------------------------- weekday, time and zone

_MERIDIEM = r"(?:(?P<pm>p\.?\s?m\b\.?|μ\.?μ\.?|م(?!\w))|(?P<am>a\.?\s?m\b\.?|π\.?μ\.?|ص(?!\w)))"
_BEFORE_NOON = r"上午|早上|凌晨|清晨|午前|오전|am"
_AFTER_NOON = r"下午|晚上|中午|午後|오후|pm"
_CLOCK = (
    rf"(?:(?P<pm0>{_AFTER_NOON})\s*|(?P<am0>{_BEFORE_NOON})\s*)?"
    r"(?:(?P<h>\d{1,2})\s?[:：]\s?(?P<min>\d\d)(?::\d\d)?(?!\d)"
    r"|(?P<h2>\d{1,2})\.(?P<min2>\d\d)(?!\d|\.\d)"
    r"|(?P<h3>\d{1,2})\s?h\s?(?P<min3>\d\d)?(?![^\W_])"
    r"|(?P<h4>\d{1,2})\s?[時时点點시]\s*(?:(?P<min4>\d{1,2})\s?[分분])?"
    r"|(?P<h5>\d{1,2})(?=\s?(?:uhr\b|[ap]\.?m\b)))"
    r"(?!\s*(?:min|мин|分鐘|分钟|%))"
    rf"(?:\s?{_MERIDIEM})?(?:\s?:?\s?(?:uhr|hrs|h|hours)\b\.?)?"
)
_AT = (
    r"(?:(?:at|um|a|a\s+las?|as|alle(?:\s+ore)?|ore|kl|klo|kello|o\s+godz|godz|godzina|o|v|ve|в|о|об|om|"
    r"saat|saati|ora|la\s+ora|στις|الساعة|las|gegen|los)\b[.:]?\s*)?"
)
_ZONE_WORDS = fold(ZONE)
_CLOCK_AFTER = re.compile(rf"[\s,;|·•–—\-/:(\[@à]{{0,5}}(?:{_AT}|t(?=\d)){_CLOCK}")
_CLOCK_BEFORE = re.compile(
    rf"(?<![\d.:]){_CLOCK}(?P<zone>\s?[(\[]?(?:{_ZONE_WORDS})(?:[+-]\d[\d:]*)?[)\]]?)?[\s,;|·•–—\-/:)]{{0,4}}"
    r"(?:(?:on|am|le|of|del?|di)\s+)?$"
)
_WEEKDAY_BEFORE = re.compile(
    rf"(?:(?<=\d)|(?<![^\W_]))(?P<name>{WEEKDAY})[.,\s]{{0,3}}(?:(?:den|the|le|el|a)\s+)?$"
)
_WEEKDAY_AFTER = re.compile(
    rf"[\s,]{{0,2}}[(（\[]?\s?(?P<name>{WEEKDAY})(?![^\W\d_])\.?\s?[)）\]]?,?"
)
_ZONE = re.compile(
    r"\s?[(\[/]?\s?(?:"
    r"(?:GMT|UTC)\s?(?P<sign>[+−-])\s?(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?(?!\d)"
    r"|(?P<sign2>[+-])(?P<hours2>\d\d):?(?P<minutes2>\d\d)(?!\d)"
    rf"|(?P<name>{ZONE}|мск)(?![^\W_])"
    r"|(?P<words>北京时间|北京時間))\s?[)\]]?"
)


def _dressed(
    text: str,
    folded: str,
    start: int,
    end: int,
    readings: tuple[str, ...],
    short: bool,
    usage: Usage,
) -> Written:
    """The day with what is written around it: its weekday, the time of day, the zone."""
    names = []
    if before := _WEEKDAY_BEFORE.search(folded, max(0, start - 30), start):
        start = before.start()
        names.append(before["name"])
    if after := _WEEKDAY_AFTER.match(folded, end):
        end = after.end()
        names.append(after["name"])
    fitting = tuple(d for d in readings if any(fits_weekday(d, name) for name in names))
    if not fitting and any(len(name) > 3 for name in names):
        # One of the two is wrong. Shorter names are as often something else: Sam, Sun, Mar.
        return Written(start, end, ())
    days = fitting or _by_convention(text[start:end], readings, usage)
    time = zone = ""
    if (clock := _CLOCK_AFTER.match(folded, end)) and (time := _time(clock)):
        end = clock.end()
        zone, end = _zone_at(text, end, days[0], usage)
    elif (clock := _CLOCK_BEFORE.search(folded, max(0, start - 45), start)) and (
        time := _time(clock)
    ):
        if clock["zone"]:
            zone, _ = _zone_at(text, clock.start("zone"), days[0], usage)
        start = clock.start()
    if "(" in text[start:end] and text[end : end + 1] == ")":
        end += 1
    while text[start].isspace():
        start += 1
    return Written(start, end, days, time, zone, bool(fitting), short)


def _by_convention(written: str, readings: tuple[str, ...], usage: Usage) -> tuple[str, ...]:
    """The readings that the conventions of the page leave of two."""
    first = day_first(usage)
    if len(readings) == 1 or (first is None and ("." not in written or usage.language == "en")):
        return readings
    return readings[:1] if first is not False else readings[1:]


def _time(clock: re.Match[str]) -> str:
    """The time as "14:05", "" if there is no such time of day."""
    parts = clock.groupdict()
    hour = int(next(parts[h] for h in ("h", "h2", "h3", "h4", "h5") if parts[h]))
    minute = int(next((parts[m] for m in ("min", "min2", "min3", "min4") if parts[m]), 0))
    if (parts["pm"] or parts["pm0"]) and hour < 12:
        hour += 12
    elif (parts["am"] or parts["am0"]) and hour == 12:
        hour = 0
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else ""


def _zone_at(text: str, at: int, day: str, usage: Usage) -> tuple[str, int]:
    """The offset that is written at this place, and where it ends; zones' names are in capitals."""
    match = _ZONE.match(text, at)
    if match is None:
        return "", at
    if match["name"]:
        return zone_offset(match["name"], day, usage), match.end()
    if match["words"]:
        return offset(480), match.end()
    sign = match["sign"] or match["sign2"]
    hours, minutes = int(match["hours"] or match["hours2"]), match["minutes"] or match["minutes2"]
    total = 60 * hours + int(minutes or 0)
    return (offset(total if sign == "+" else -total), match.end()) if total <= 840 else ("", at)
