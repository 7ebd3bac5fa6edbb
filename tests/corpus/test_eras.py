"""Days in calendars other than the Gregorian."""

import pytest

from corpus.calendars import Usage
from corpus.written_dates import written_dates


def days(text: str, language: str = "") -> list[str]:
    return [day for found in written_dates(text, Usage(language)) for day in found.days]


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("令和8年11月15日 10時30分", "ja", "2026-11-15"),
        ("平成31年4月30日", "ja", "2019-04-30"),
        ("中華民國115年11月15日", "zh", "2026-11-15"),
        ("۲۴ آبان ۱۴۰۵", "fa", "2026-11-15"),
        ("۱ فروردین ۱۴۰۵", "fa", "2026-03-21"),
        ("1 فروردین 1403", "fa", "2024-03-20"),
        ("30 اسفند 1403", "fa", "2025-03-20"),
        ("۱۴۰۵/۰۸/۲۴", "fa", "2026-11-15"),
        ("15 พฤศจิกายน 2569", "th", "2026-11-15"),
        ("15 พ.ย. 2569 เวลา 10:00 น.", "", "2026-11-15"),
        ("15/11/2569", "th", "2026-11-15"),
    ],
)
def test_a_day_of_another_calendar_is_the_gregorian_one(text: str, language: str, day: str) -> None:
    assert days(text, language) == [day]


@pytest.mark.parametrize(
    "text", ["15/11/2569", "令和8年13月15日", "۳۲ آبان ۱۴۰۵", "1405/08/24", "15 November 2569"]
)
def test_what_names_no_day_of_the_press_is_none(text: str) -> None:
    assert days(text, "en") == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("15 ноември 2026", "bg"),
        ("15. novembar 2026.", "sr"),
        ("15. новембра 2026", "sr"),
        ("2026 m. lapkričio 15 d.", "lt"),
        ("2026. gada 15. novembris", "lv"),
        ("15. november 2026", "et"),
        ("15 de novembre de 2026", "ca"),
        ("15 Nopember 2026, 15 Desember 2026", "id"),
        ("Novemba 15, 2026", "sw"),
        ("15 בנובמבר 2026", "he"),
        ("15 نوامبر 2026", "fa"),
        ("15 نومبر 2026", "ur"),
        ("१५ नवंबर २०२६", "hi"),
        ("১৫ নভেম্বর ২০২৬", "bn"),
        ("15 tháng 11, 2026", "vi"),
    ],
)
def test_months_are_known_in_the_languages_of_the_press(text: str, language: str) -> None:
    expected = "2026-12-15" if language == "id" else "2026-11-15"
    assert days(text, language) == [expected]
