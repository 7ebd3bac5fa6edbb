import pytest

from crawler.records import Due
from crawler.sampling import Answer, Sample, Seen, are_few, is_fresh, parted


def dues(count: int) -> list[Due]:
    return [Due(f"https://a.example/{n}") for n in range(count)]


def answers(*seen: Seen) -> list[Answer]:
    """What a sample says to these, one after the other, where two repeats wait."""
    asked = dues(len(seen))
    sample = Sample(asked, dues(2))
    return [sample.ended(due.url, what) for due, what in zip(asked, seen, strict=True)]


@pytest.mark.parametrize(("count", "waiting"), [(0, 0), (5, 0), (6, 2), (9, 3), (100, 33)])
def test_the_oldest_third_waits_where_there_are_enough(count: int, waiting: int) -> None:
    asked, others = parted(dues(count))
    assert [*asked, *others] == dues(count)
    assert len(others) == waiting


def test_where_all_stories_are_told_anew_as_before_the_others_are_left_out() -> None:
    assert answers("same", "same", "same", "same") == ["open", "open", "open", "leave"]


@pytest.mark.parametrize("seen", ["as it was", "edited"])
def test_one_page_that_is_as_it_was_or_edited_has_all_asked_for_at_once(seen: Seen) -> None:
    assert answers("same", "same", "same", "same", seen, "same")[4:] == ["ask", "ask"]
    assert answers(seen, "same", "same", "same", "same")[0] == "ask"


@pytest.mark.parametrize("nothing", ["unsure", ""])
def test_pages_that_say_nothing_are_no_evidence(nothing: Seen) -> None:
    assert answers("same", "same", "same", nothing)[-1] == "ask"
    assert answers("same", "same", "same", "same", nothing)[-1] == "leave"
    assert answers("same", "same", "same", "same", *5 * (nothing,))[-1] == "ask"


def test_what_waits_is_let_go_once() -> None:
    sample = Sample(dues(4), dues(2))
    assert sample.let_go() == tuple(dues(2))
    assert sample.let_go() == ()


@pytest.mark.parametrize(
    ("age", "fresh"),
    [
        (0.0, True),
        (3 * 86_400.0 - 1, True),
        (3 * 86_400.0, False),
        (-7_200.0, True),
        (-3 * 86_400.0, False),
    ],
)
def test_a_story_is_fresh_for_three_days_whatever_zone_its_date_was_written_in(
    age: float, *, fresh: bool
) -> None:
    assert is_fresh(Due("https://a.example/", date=1e9), 1e9 + age) is fresh


def test_a_sample_counts_as_rendered_anew_once_one_page_shows_it_and_none_speaks_against() -> None:
    sample = Sample(dues(4), dues(2))
    assert sample.anew == 0
    sample.ended("https://a.example/0", "same")
    assert sample.anew == 6
    sample.ended("https://a.example/1", "as it was")
    assert sample.anew == 0


@pytest.mark.parametrize(("anew", "few"), [(0, True), (10, True), (11, False)])
def test_one_page_in_eight_may_be_rendered_anew_before_any_waits(anew: int, *, few: bool) -> None:
    assert are_few(anew, 80) is few
