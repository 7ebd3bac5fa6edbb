"""Days in calendars other than the Gregorian: of Japan's eras, the Republic of China, Persia, the Buddha.

In: a folded line (`corpus.calendars.fold`), and the page's conventions. Out: the days that stand in it as ISO
days. The Islamic calendar is not read: its months begin where the moon is seen.
"""

import re
from collections.abc import Iterator
from datetime import date

from corpus.calendars import Usage, fold

# The Gregorian year before each era's first.
_BEFORE_ERA = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
_BUDDHIST = 543
_THAI = re.compile(r"[\u0e01-\u0e5b]")
_PERSIAN_MONTHS = "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند"
_PERSIAN_NUMBERS = {fold(name): n for n, name in enumerate(_PERSIAN_MONTHS.split(), 1)}

_OF_ERA = re.compile(
    rf"(?P<era>{'|'.join(_BEFORE_ERA)})\s?(?P<y>\d{{1,3}})\s?年\s?(?P<m>\d{{1,2}})\s?月\s?(?P<d>\d{{1,2}})\s?日"
)
_PERSIAN = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})\s+(?P<m>{'|'.join(_PERSIAN_NUMBERS)})(?:\s+ماه)?\s*[,،]?\s+(?P<y>1[34]\d\d)(?!\d)"
)
_PERSIAN_FIGURES = re.compile(
    r"(?<![\d/])(?P<y>1[34]\d\d)(?P<s>[/-])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?![\d/])"
)


def days_of_eras(folded: str, usage: Usage) -> Iterator[tuple[int, int, str]]:
    """Start, end and ISO day of each."""
    if folded.isascii() and usage.language != "fa":
        return
    for match in _OF_ERA.finditer(folded):
        year = int(match["y"]) + _BEFORE_ERA[match["era"]]
        if day := _iso(year, int(match["m"]), int(match["d"])):
            yield match.start(), match.end(), day
    for match in _PERSIAN.finditer(folded):
        month = _PERSIAN_NUMBERS[match["m"]]
        if day := _persian(int(match["y"]), month, int(match["d"])):
            yield match.start(), match.end(), day
    if usage.language == "fa":
        for match in _PERSIAN_FIGURES.finditer(folded):
            if day := _persian(int(match["y"]), int(match["m"]), int(match["d"])):
                yield match.start(), match.end(), day


def gregorian(year: int, text: str, usage: Usage) -> int | None:
    """The year as the Gregorian calendar counts it; None where it is none of the press.

    Thai pages count from the Buddha: 2567 is 2024.
    """
    if year < 2400:
        return year
    return year - _BUDDHIST if usage.language == "th" or _THAI.search(text) else None


def _persian(year: int, month: int, day: int) -> str:
    """The ISO day of a Persian one by the cycle of 2,820 years; "" where there is none."""
    if not (1 <= month <= 12 and 1 <= day <= (31 if month <= 6 else 30)):
        return ""
    cycles, in_cycle = divmod(year - 474, 2820)
    in_cycle += 474
    before = 31 * (month - 1) if month <= 7 else 30 * (month - 1) + 6
    leaps = (682 * in_cycle - 110) // 2816
    # 226,895 days lie between the first days of the two calendars.
    days = 365 * (in_cycle - 1) + leaps + before + day + 1_029_983 * cycles + 226_895
    return date.fromordinal(days).isoformat()


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
