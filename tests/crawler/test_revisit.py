import pytest

from crawler.revisit import after_leaving_out, covers_step, next_visit

NOW = 1_700_000_000.0
HOUR, DAY = 3_600.0, 86_400.0
STEPS = (HOUR, 6 * HOUR, DAY)
LONG = (*STEPS, 3 * DAY, 7 * DAY, 14 * DAY)


@pytest.mark.parametrize(
    ("last", "following"),
    [(0, HOUR), (HOUR - 1, HOUR), (HOUR, 6 * HOUR), (7 * HOUR, DAY), (DAY, None)],
)
def test_the_next_visit_is_the_first_step_not_covered(last: float, following: float | None) -> None:
    expected = None if following is None else NOW + following
    assert next_visit(NOW, NOW + last, STEPS) == expected


@pytest.mark.parametrize("unchanged", [2, 3, 99])
@pytest.mark.parametrize(
    ("last", "following"),
    [(0, 6 * HOUR), (6 * HOUR, 3 * DAY), (3 * DAY, 7 * DAY), (7 * DAY, 14 * DAY), (14 * DAY, None)],
)
def test_a_steady_page_is_asked_for_at_every_second_step_and_at_the_last_two(
    last: float, following: float | None, unchanged: int
) -> None:
    expected = None if following is None else NOW + following
    assert next_visit(NOW, NOW + last, LONG, unchanged) == expected


def test_the_order_of_the_steps_does_not_matter() -> None:
    assert next_visit(NOW, NOW, LONG[::-1], 2) == next_visit(NOW, NOW, LONG, 2)


@pytest.mark.parametrize(
    ("last", "now", "covers"),
    [
        (0, HOUR, True),
        (0, HOUR - 1, False),
        (HOUR, 2 * HOUR, False),
        (HOUR, 30 * HOUR, True),
        (DAY, 9 * DAY, False),
    ],
)
def test_a_visit_is_the_plans_where_a_step_came_since_the_last_one(
    last: float, now: float, covers: bool
) -> None:
    assert covers_step(NOW, NOW + last, NOW + now, STEPS) is covers


@pytest.mark.parametrize(
    ("last", "now", "following"),
    [
        (0, HOUR, 6 * HOUR),
        (HOUR, 7 * HOUR, DAY),
        (6 * HOUR, 25 * HOUR, 3 * DAY),
        (DAY, 3 * DAY, 7 * DAY),
        (0, 25 * HOUR, 3 * DAY),
    ],
)
def test_a_visit_that_is_left_out_is_made_up_for_at_the_step_after(
    last: float, now: float, following: float
) -> None:
    due = next_visit(NOW, NOW + last, LONG[:-1])
    assert after_leaving_out(NOW, NOW + last, due, NOW + now, LONG[:-1]) == NOW + following


def test_neither_the_last_step_nor_two_in_a_row_are_left_out() -> None:
    assert after_leaving_out(NOW, NOW + 3 * DAY, NOW + 7 * DAY, NOW + 8 * DAY, LONG[:-1]) is None
    assert after_leaving_out(NOW, NOW, NOW + 6 * HOUR, NOW + 6 * HOUR, LONG) is None
    assert after_leaving_out(NOW, NOW, NOW + 6 * HOUR, NOW + 25 * HOUR, LONG) is None


def test_what_is_due_for_another_reason_than_its_age_is_not_left_out() -> None:
    assert after_leaving_out(NOW, NOW, NOW + 2 * HOUR, NOW + 2 * HOUR, LONG) is None
    assert after_leaving_out(NOW, NOW, None, NOW + HOUR, LONG) is None
