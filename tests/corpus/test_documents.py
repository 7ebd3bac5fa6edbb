import math

import pytest

from corpus.documents import day_of


def test_days_are_counted_from_1970_in_utc() -> None:
    assert day_of("1999-12-31T12:00:00Z") == 10956.5
    assert day_of("1999-12-31T14:00:00+02:00") == 10956.5
    assert day_of("1999-12-31") == 10956.0


@pytest.mark.parametrize("moment", [None, "", "yesterday", "2026-13-45", "1900-01-01T00:00:00Z"])
def test_what_is_no_date_of_the_web_is_unknown(moment: str | None) -> None:
    assert math.isnan(day_of(moment))


def test_a_page_cannot_be_seen_long_before_it_is_published() -> None:
    seen = "2026-11-23T06:00:00Z"
    assert math.isnan(day_of("2100-01-01T00:00:00Z", seen))
    assert not math.isnan(day_of("2026-11-23T20:00:00Z", seen))  # clocks and time zones differ
    assert math.isnan(day_of("2101-01-01T00:00:00Z"))


def test_the_web_begins_in_1990_and_when_a_page_was_seen_is_not_its_day() -> None:
    assert math.isnan(day_of("1989-12-31T23:59:59Z"))
    assert day_of("1990-01-01T00:00:00Z") == 7305.0
    assert math.isnan(day_of(None, "2026-11-23T06:00:00Z"))
