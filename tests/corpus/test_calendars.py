"""Months, weekdays, zones, and the order of the numbers in a date."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.calendars import (
    Usage,
    day_first,
    fits_weekday,
    fold,
    month_number,
    offset,
    zone_offset,
)

NOWHERE = Usage()


@given(st.text())
def test_a_folded_text_is_as_long_as_before(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("März", 3),
        ("AOÛT", 8),
        ("grudnia", 12),
        ("Μαΐου", 5),
        ("ИЮЛЯ", 7),
        ("أبريل", 4),
        ("ŞUBAT", 2),
    ],
)
def test_a_month_is_known_in_any_case_and_with_or_without_accents(name: str, number: int) -> None:
    assert month_number(fold(name), "") == number


def test_a_month_that_languages_disagree_on_is_settled_by_the_language_alone() -> None:
    assert month_number("listopada", "pl") == 11
    assert month_number("listopada", "hr") == 10
    assert month_number("listopada", "en") is None


def test_a_weekday_fits_its_days_in_any_language_that_has_the_name() -> None:
    assert fits_weekday("2026-11-17", "dienstag")
    assert not fits_weekday("2026-11-18", "dienstag")
    assert fits_weekday("2026-11-22", "so")
    assert fits_weekday("2026-11-21", "so")


@pytest.mark.parametrize(
    ("language", "domain", "first"),
    [
        ("de", "com", True),
        ("fr", "", True),
        ("en", "uk", True),
        ("en", "gov", False),
        ("en", "com", None),
        ("en", "ca", None),
        ("es", "us", None),
        ("ja", "jp", None),
        ("", "", None),
    ],
)
def test_which_number_is_the_day_is_only_told_where_one_convention_rules(
    language: str, domain: str, first: bool | None
) -> None:
    assert day_first(Usage(language, domain)) is first


@pytest.mark.parametrize(
    ("name", "day", "ahead"),
    [
        ("GMT", "2026-07-01", "+00:00"),
        ("CET", "2026-11-17", "+01:00"),
        ("CEST", "2026-07-01", "+02:00"),
        ("мск", "2026-07-01", "+03:00"),
        ("IST", "2026-07-01", "+05:30"),
        ("ET", "2026-07-01", "-04:00"),
        ("ET", "2026-11-17", "-05:00"),
        ("ET", "2026-03-08", "-04:00"),
        ("PT", "2026-03-07", "-08:00"),
        ("EST", "2026-11-01", "-05:00"),
        ("MESZ", "2026-03-29", "+02:00"),
    ],
)
def test_a_named_zone_is_the_offset_of_that_day(name: str, day: str, ahead: str) -> None:
    assert zone_offset(name, day, NOWHERE) == ahead


@pytest.mark.parametrize(
    ("name", "day", "domain"),
    [
        ("EST", "2026-07-01", "com"),
        ("CEST", "2026-01-01", "de"),
        ("CET", "2026-10-24", "de"),
        ("IST", "2026-07-01", "ie"),
        ("IST", "2026-07-01", "il"),
        ("CST", "2026-01-01", "cn"),
        ("PST", "2026-01-01", "ph"),
    ],
)
def test_a_zone_that_may_mean_two_things_says_nothing(name: str, day: str, domain: str) -> None:
    assert zone_offset(name, day, Usage("en", domain)) == ""


def test_offsets_are_written_with_sign_and_both_parts() -> None:
    assert [offset(m) for m in (0, 330, -210, 840)] == ["+00:00", "+05:30", "-03:30", "+14:00"]
