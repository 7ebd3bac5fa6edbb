"""Dates as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.calendars import Usage
from corpus.written_dates import Written, written_dates


def dates(text: str, language: str = "", domain: str = "") -> tuple[Written, ...]:
    return written_dates(text, Usage(language, domain))


def one(text: str, language: str = "", domain: str = "") -> Written:
    (found,) = dates(text, language, domain)
    return found


@pytest.mark.parametrize(
    ("language", "text", "day", "time", "zone"),
    [
        ("en", "18 Nov 2026 9:41 PM GMT", "2026-11-18", "21:41", "+00:00"),
        ("en", "Sunday, November 22nd, 2026 at 12:05 a.m.", "2026-11-22", "00:05", ""),
        ("en", "9:41 PM EST, Wed November 18, 2026", "2026-11-18", "21:41", "-05:00"),
        ("en", "3:00 PM on December 21, 2026", "2026-12-21", "15:00", ""),
        ("en", "21 December 2026/9:43 p.m. ET", "2026-12-21", "21:43", "-05:00"),
        ("de", "17.11.2026, 14:05 Uhr", "2026-11-17", "14:05", ""),
        ("de", "Dienstag, 17. November 2026, 14.05 Uhr MEZ", "2026-11-17", "14:05", "+01:00"),
        ("de", "6. 1. 2026 um 14 Uhr", "2026-01-06", "14:00", ""),
        ("fr", "05/03/2026 à 12h05", "2026-03-05", "12:05", ""),
        ("fr", "1er août 2026 à 8h", "2026-08-01", "08:00", ""),
        ("es", "3 de marzo de 2026 a las 10:15", "2026-03-03", "10:15", ""),
        ("es", "3 de enero del 2026 - 17:38CET", "2026-01-03", "17:38", "+01:00"),
        ("it", "lunedì 2 marzo 2026 alle ore 10:15", "2026-03-02", "10:15", ""),
        ("pt", "5 de março de 2026 às 10h15", "2026-03-05", "10:15", ""),
        ("nl", "5 mrt 2026 om 10:15", "2026-03-05", "10:15", ""),
        ("da", "5. marts 2026 kl. 14:05", "2026-03-05", "14:05", ""),
        ("sv", "5 mars 2026 kl 14.05", "2026-03-05", "14:05", ""),
        ("no", "5. mai 2026 kl. 14:05", "2026-05-05", "14:05", ""),
        ("fi", "5.3.2026 klo 14.05", "2026-03-05", "14:05", ""),
        ("pl", "5 marca 2026, godz. 10:15", "2026-03-05", "10:15", ""),
        ("cs", "5. března 2026 v 10:15", "2026-03-05", "10:15", ""),
        ("hu", "2026. március 5., 10:15", "2026-03-05", "10:15", ""),
        ("ro", "5 martie 2026, ora 10:15", "2026-03-05", "10:15", ""),
        ("ru", "5 марта 2026 г., 10:15 МСК", "2026-03-05", "10:15", "+03:00"),
        ("uk", "5 березня 2026 о 10:15", "2026-03-05", "10:15", ""),
        ("tr", "3 Mart 2026 Salı 10:15", "2026-03-03", "10:15", ""),
        ("el", "Πέμπτη 5 Μαρτίου 2026, 10:15 π.μ.", "2026-03-05", "10:15", ""),
        ("el", "13:52 4/1/2026", "2026-01-04", "13:52", ""),
        ("ar", "3 مارس/آذار 2026 10:15 م", "2026-03-03", "22:15", ""),
        ("ar", "٣ مارس ٢٠٢٦", "2026-03-03", "", ""),
        ("zh", "2026年3月5日 下午3:05", "2026-03-05", "15:05", ""),
        ("zh", "2026-03-05 10:15:30", "2026-03-05", "10:15", ""),
        ("ja", "2026年3月5日(木) 10時15分", "2026-03-05", "10:15", ""),
        ("ko", "2026년 3월 5일 오후 3시 5분", "2026-03-05", "15:05", ""),
        ("ko", "2026.03.05 20:57", "2026-03-05", "20:57", ""),
        ("vi", "5/3/2026, 19:25 (GMT+7)", "2026-03-05", "19:25", "+07:00"),
        ("fr", "06/01/2026 - 14:16 UTC+1", "2026-01-06", "14:16", "+01:00"),
        ("en", "2026-03-05T10:15:00-03:30", "2026-03-05", "10:15", "-03:30"),
    ],
)
def test_the_press_of_many_languages_is_read(
    language: str, text: str, day: str, time: str, zone: str
) -> None:
    found = one(text, language)
    assert (found.days, found.time, found.zone) == ((day,), time, zone)
    assert text[found.start : found.end] == text


@pytest.mark.parametrize(
    "text",
    [
        "2 hours ago",
        "Yesterday, 10:15",
        "17. November",
        "November 2026",
        "5-7 March 2026",
        "5–7 March 2026",
        "March 5-7, 2026",
        "32.13.2026",
        "30 February 2026",
        "Nr. 12/2026",
        "version 1.2.3.2026",
        "/2026/03/05/",
        "tel. 030 12 34 56",
        "Thursday, 17 November 2026",
        "",
    ],
)
def test_what_names_no_single_day_is_no_date(text: str) -> None:
    assert dates(text) == ()


def test_two_readings_are_kept_where_nobody_knows_which_number_is_the_month() -> None:
    assert one("05/03/2026", "en", "com").days == ("2026-03-05", "2026-05-03")
    assert one("05.03.2026", "en", "com").days == ("2026-03-05", "2026-05-03")


@pytest.mark.parametrize(
    ("text", "language", "domain"),
    [
        ("05/03/2026", "en", "uk"),
        ("05/03/2026", "es", "com"),
        ("05.03.2026", "", ""),
        ("03/05/2026", "en", "gov"),
        ("Thursday, 03/05/2026", "en", "com"),
    ],
)
def test_a_convention_or_a_weekday_tells_which_number_is_the_month(
    text: str, language: str, domain: str
) -> None:
    assert one(text, language, domain).days == ("2026-03-05",)


def test_a_number_over_twelve_is_a_day_in_any_place() -> None:
    assert one("12/22/2026", "de").days == one("22/12/2026", "en").days == ("2026-12-22",)


def test_a_year_of_two_digits_is_noted_and_so_is_a_weekday_that_fits() -> None:
    found = one("Do 05.03.26 | 14:07 Uhr", "de")
    assert (found.days, found.short, found.checked) == (("2026-03-05",), True, True)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Jane DoeMarch 5, 2026", "March 5, 2026"),
        ("March 5, 20263 Comments", "March 5, 2026"),
        ("Published5 March 2026", "5 March 2026"),
        ("05.03.202618:56", "05.03.202618:56"),
        ("(March 5, 2026 (10:15)", "March 5, 2026 (10:15)"),
    ],
)
def test_dates_are_found_where_elements_are_glued_to_them(text: str, written: str) -> None:
    found = one(text)
    assert (found.days, text[found.start : found.end]) == (("2026-03-05",), written)


def test_a_name_that_looks_like_a_weekday_does_not_cost_the_date() -> None:
    assert one("Sam December 20, 2026").days == ("2026-12-20",)


def test_several_dates_of_a_line_come_in_order_and_do_not_overlap() -> None:
    text = "Publié le 18 juil. 2026 à 08:01 Mis à jour le 19 juil. 2026 à 09:06"
    first, second = dates(text, "fr")
    assert (first.days, first.time) == (("2026-07-18",), "08:01")
    assert (second.days, second.time) == (("2026-07-19",), "09:06")
    assert first.end <= second.start


@given(st.text(max_size=80))
def test_every_span_lies_in_the_line_whatever_it_is(text: str) -> None:
    ends = [0]
    for found in dates(text + " 5 March 2026"):
        assert ends[-1] <= found.start < found.end <= len(text) + 13
        ends.append(found.end)


@given(st.dates(date(1600, 1, 1), date(2099, 12, 31)))
def test_a_day_written_in_figures_with_the_year_first_is_that_day(day: date) -> None:
    assert one(f"{day}").days == (f"{day}",)
