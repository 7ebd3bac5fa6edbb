"""Dates in fields and URLs as instants."""

import pytest

from corpus.calendars import Usage
from corpus.instants import Instant, at_time, parse, plausible, url_day, url_month


@pytest.mark.parametrize(
    ("written", "text", "precision", "zone"),
    [
        ("2026-11-17T10:20:30+02:00", "2026-11-17T08:20:30Z", "second", "+02:00"),
        ("2026-11-17T10:20Z", "2026-11-17T10:20:00Z", "minute", "+00:00"),
        ("2026-11-17T10:20:30.123+0530", "2026-11-17T04:50:30Z", "second", "+05:30"),
        ("2026-11-17 10:20:30 UTC", "2026-11-17T10:20:30Z", "second", "+00:00"),
        ("2026-11-17 10:20:30 CST", "2026-11-17T16:20:00Z", "minute", "-06:00"),
        ("20261117T102030Z", "2026-11-17T10:20:30Z", "second", "+00:00"),
        ("20261117T1020+0400Z", "2026-11-17T06:20:00Z", "minute", "+04:00"),
        ("2026-11-17", "2026-11-17", "day", ""),
        ("20261117", "2026-11-17", "day", ""),
        ("2026/11/7", "2026-11-07", "day", ""),
        ("Tue, 17 Nov 2026 10:20:30 +0100", "2026-11-17T09:20:30Z", "second", "+01:00"),
        ("Tue Nov 17 10:20:30 CET 2026", "2026-11-17T09:20:00Z", "minute", "+01:00"),
        ("Tue Nov 17 2026 10:20:30 GMT+0100", "2026-11-17T09:20:00Z", "minute", "+01:00"),
        ("November 17, 2026", "2026-11-17", "day", ""),
        ("17.11.2026", "2026-11-17", "day", ""),
        ("1794910830", "2026-11-17T10:20:30Z", "second", ""),
        ("1794910830000", "2026-11-17T10:20:30Z", "second", ""),
    ],
)
def test_dates_become_utc_with_their_precision_and_the_zone_they_were_written_with(
    written: str, text: str, precision: str, zone: str
) -> None:
    found = parse(written)
    assert found is not None
    assert (found.text, found.precision, found.zone) == (text, precision, zone)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "01/02/2026",
        "17. November",
        "17/11/26",
        "2026-13-45",
        "2026-11-17abc",
        "12345",
        "from 17 November 2026",
        "16 November 2026 17 November 2026",
        "17 November 2026" + " " * 90 + ".",
    ],
)
def test_what_names_no_day_for_certain_is_no_date(written: str) -> None:
    assert parse(written) is None


def test_figures_are_read_as_the_page_s_language_has_them() -> None:
    found = parse("01/02/2026", Usage("fr", "fr"))
    assert found is not None
    assert found.text == "2026-02-01"


def test_a_time_without_its_zone_leaves_the_day() -> None:
    assert at_time("2026-11-17", "23:30", "") == Instant("2026-11-17", "day", zoned=False)
    assert at_time("2026-11-17", "", "") == Instant("2026-11-17", "day")


def test_the_day_of_an_instant_is_the_one_where_it_was_written() -> None:
    late = at_time("2026-11-17", "23:30", "-05:00")
    assert (late.text, late.day) == ("2026-11-18T04:30:00Z", "2026-11-17")
    assert Instant("2026-11-18T04:30:00Z", "minute").day == "2026-11-18"


def test_defaults_of_databases_are_not_plausible() -> None:
    days = ("0001-01-01", "1970-01-01", "2100-01-01", "2026-11-17")
    assert [plausible(Instant(day, "day")) for day in days] == [False, False, False, True]


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/2026/11/17/bridge", "2026-11-17"),
        ("https://a.example/news/2026-11-17-bridge.html", "2026-11-17"),
        ("https://a.example/20261117/bridge", "2026-11-17"),
        ("https://a.example/2026/11/bridge", None),
        ("https://a.example/article-20261345/x", None),
        ("https://a.example/x?d=2026/11/17/", None),
    ],
)
def test_the_day_is_read_from_the_path_of_a_url(url: str, day: str | None) -> None:
    found = url_day(url)
    assert (found.text if found else None) == day


@pytest.mark.parametrize(
    ("url", "month"),
    [
        ("https://a.example/2026/11/17/bridge", "2026-11"),
        ("https://a.example/news/2026/3/bridge", "2026-03"),
        ("https://a.example/2026/13/bridge", ""),
        ("https://a.example/bridge?d=/2026/11/", ""),
    ],
)
def test_the_month_is_read_from_the_path_of_a_url(url: str, month: str) -> None:
    assert url_month(url) == month
