import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.politeness import BREAKER, FLOOR, HostClock, retry_after

NOW = 1_700_000_000.0


def test_a_fresh_host_may_be_asked_at_once() -> None:
    assert HostClock(delay=2.0, per_host=1).ready_at() < NOW


def test_the_gap_runs_from_start_to_start() -> None:
    clock = HostClock(delay=2.0, per_host=2)
    clock.started(NOW)
    clock.sent(NOW)
    assert clock.ready_at() == NOW + 2.0


def test_the_gap_counts_from_when_the_request_was_on_its_way() -> None:
    clock = HostClock(delay=2.0, per_host=1)
    clock.started(NOW)
    clock.ended(NOW + 0.7)
    assert clock.ready_at() == NOW + 2.7


def test_no_slot_no_start() -> None:
    clock = HostClock(delay=0.0, per_host=2)
    clock.started(NOW)
    clock.started(NOW + 1)
    assert clock.ready_at() == math.inf


def test_no_configuration_goes_under_the_floor() -> None:
    assert HostClock(delay=0.0, per_host=1).gap == FLOOR


def test_the_floor_is_lifted_in_allowed_networks_only() -> None:
    clock = HostClock(delay=0.01, per_host=1)
    clock.lift_floor(lifted=True)
    assert clock.gap == 0.01
    clock.lift_floor(lifted=False)
    assert clock.gap == FLOOR


def test_a_longer_crawl_delay_wins_and_a_shorter_one_does_not() -> None:
    clock = HostClock(delay=2.0, per_host=1)
    clock.started(NOW)
    clock.ended(0)
    clock.widen(1.0)
    assert clock.ready_at() == NOW + 2.0
    clock.widen(10.0)
    assert clock.ready_at() == NOW + 10.0


def test_failures_double_the_wait_up_to_a_minute() -> None:
    clock = HostClock(delay=2.0, per_host=1)
    waits = []
    for _ in range(7):
        clock.failed(NOW)
        waits.append(clock.ready_at() - NOW)
    assert waits == [4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]


def test_the_breaker_opens_after_failures_in_a_row_only() -> None:
    clock = HostClock(delay=1.0, per_host=1)
    for _ in range(BREAKER - 1):
        clock.failed(NOW)
    clock.succeeded()
    clock.failed(NOW)
    assert not clock.broken
    for _ in range(BREAKER - 1):
        clock.failed(NOW)
    assert clock.broken


@pytest.mark.parametrize(
    ("value", "asked"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("9" * 40, float("9" * 18)),
        ("60s", 60.0),
        ("60 seconds", 60.0),
        ('"60"', 60.0),
        ("2023-11-14T22:14:20Z", 60.0),
        ("2023-11-14 22:14:20", 60.0),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
        ("Tue, 14 Nov 2023 22:14:20", 60.0),
        ("Tue, 14 Nov 2000 22:14:20 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("60 minutes or so", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(value: str, asked: float | None) -> None:
    assert retry_after(value, NOW) == asked


@pytest.mark.parametrize(
    ("sent", "asked"),
    [("Tue, 14 Nov 2000 22:13:20 GMT", 60.0), ("Tue, 14 Nov 2023 22:13:20 GMT", 0.0), ("x", 0.0)],
)
def test_a_date_that_is_over_by_our_clock_is_read_by_the_servers(sent: str, asked: float) -> None:
    assert retry_after("Tue, 14 Nov 2000 22:14:20 GMT", NOW, sent) == asked


def test_a_date_ahead_of_our_clock_is_read_by_ours() -> None:
    sent = "Tue, 14 Nov 2000 22:14:20 GMT"
    assert retry_after("Tue, 14 Nov 2023 22:14:20 GMT", NOW, sent) == 60.0


@given(st.text(max_size=40))
def test_no_retry_after_header_raises_or_goes_back_in_time(value: str) -> None:
    asked = retry_after(value, NOW)
    assert asked is None or asked >= 0


def test_a_request_that_reached_nobody_leaves_the_gap_of_the_one_before() -> None:
    clock = HostClock(delay=5.0, per_host=1)
    clock.started(NOW)
    clock.sent(NOW + 1)
    clock.ended(NOW + 1, told=True)
    clock.started(NOW + 6)
    clock.ended_unsent()
    assert (clock.ready_at(), clock.in_flight) == (NOW + 6, 0)


@given(
    delay=st.floats(0, 10),
    steps=st.lists(st.tuples(st.floats(0, 5), st.booleans(), st.floats(0, 30)), max_size=20),
)
def test_starts_are_never_closer_than_the_gap(
    delay: float, steps: list[tuple[float, bool, float]]
) -> None:
    clock = HostClock(delay=delay, per_host=1)
    now, last = NOW, -math.inf
    for took, failed, crawl_delay in steps:
        now = max(now, clock.ready_at())
        assert now >= last + clock.gap - 1e-6
        clock.started(now)
        last = now
        now += took
        clock.ended(last)
        clock.widen(crawl_delay)
        if failed:
            clock.failed(now)
