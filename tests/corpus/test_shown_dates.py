"""Which dates by a story are its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.blocks import CARD, NAV, RELATED, Block, Moment, Outline
from corpus.calendars import Usage
from corpus.shown_dates import ShownDate, ShownLine, Where, settled, shown_dates, shown_lines

ENGLISH = Usage("en", "com")
STORY = "The new bridge over the river was opened by the mayor on a rainy Tuesday, years after the flood."


def found(*lines: ShownLine, usage: Usage = ENGLISH) -> list[tuple[str, tuple[str, ...]]]:
    return [(d.field, d.written.days) for d in shown_dates(lines, usage)]


def head(
    text: str, where: Where = "head", *, marked: bool = False, aside: bool = False
) -> ShownLine:
    return ShownLine(text, where, marked, aside)


DAY = ("published", ("2026-11-17",))


@pytest.mark.parametrize(
    "text",
    [
        "November 17, 2026",
        "Tuesday, November 17, 2026, 10:15 a.m.",
        "By Jane Doe | November 17, 2026",
        "By Jane Doe on November 17, 2026",
        "Jane DoeNovember 17, 2026",
        "Politics · 17 Nov 2026 · 3 min read",
        "London, 17 November 2026",
        "Date: 17 November 2026",
        "2026-11-17 10:15 来源：新华网",
        "日期：2026.11.17",
    ],
)
def test_a_date_that_stands_alone_or_with_a_byline_below_the_heading_is_the_storys(
    text: str,
) -> None:
    assert found(head(text)) == [DAY]


@pytest.mark.parametrize(
    "text",
    [
        "The mayor opened the bridge with a long speech on November 17, 2026",
        "It rained on 17 November 2026.",
        "Concert until 17 November 2026",
        "© 17 November 2026 The Gazette",
        "Copyright November 17, 2026",
        "Release date Nov 17, 2026",
        "Photo: Jane Doe, 17 November 2026",
        "14.1 °C Tuesday, November 17, 2026",
        "On air: 17 November 2026",
        "When: 17 November 2026",
        "15 November 2026 - 17 November 2026",
        "Edition of 17 November 2026",
        "2 hours ago",
    ],
)
def test_dates_of_other_things_and_of_sentences_are_passed_over(text: str) -> None:
    assert found(head(text)) == []


def test_a_lead_in_counts_anywhere_but_in_a_sentence() -> None:
    for where in ("above", "head", "story", "tail"):
        assert found(head("Published: 17 Nov 2026", where, aside=True)) == [DAY]
    sentence = (
        "Updated 17 Nov 2026 with what the mayor said to the people who had come to see the bridge"
    )
    assert found(head(sentence)) == []


def test_a_lead_in_may_stand_on_the_line_before() -> None:
    assert found(head("Last updated"), head("17 Nov 2026")) == [("modified", ("2026-11-17",))]


def test_without_a_lead_in_a_card_is_no_place_for_the_date_unless_an_element_marks_it() -> None:
    assert found(head("17 Nov 2026", "above", aside=True)) == []
    assert found(head("17 Nov 2026", "above", aside=True, marked=True)) == [DAY]


def test_after_the_story_a_date_must_be_all_of_its_line() -> None:
    assert found(head("17 November 2026", "tail")) == [DAY]
    assert found(head("World 17 November 2026", "tail")) == []


def test_in_the_story_s_first_lines_nothing_but_names_may_stand_with_it() -> None:
    assert found(head("Jane Doe, 17 November 2026", "story")) == [DAY]
    assert found(head("Soldiers near the bridge, 17 November 2026", "story")) == []


def test_dates_told_as_such_come_first_then_the_marked_then_the_nearest() -> None:
    lines = (
        head("15 Nov 2026", "above"),
        head("16 Nov 2026"),
        head("17 Nov 2026", "tail", marked=True),
        head("Updated: 18 Nov 2026", "tail"),
    )
    days = [days[0] for _, days in found(*lines)]
    assert days == ["2026-11-18", "2026-11-17", "2026-11-16", "2026-11-15"]


def test_many_days_without_lead_ins_are_a_list_of_other_stories() -> None:
    days = [head(f"{n} November 2026") for n in (15, 16, 17)]
    assert found(*days) == []
    assert found(*days, head("Published 18 November 2026")) == [("published", ("2026-11-18",))]


def test_the_span_of_a_date_is_its_own_words() -> None:
    (shown,) = shown_dates(
        [ShownLine("By Jane Doe | 17 Nov 2026 10:15 GMT", "head", at=7)], ENGLISH
    )
    assert (shown.text, shown.at, shown.written.start) == ("17 Nov 2026 10:15 GMT", 7, 14)


@given(st.text(max_size=60), st.sampled_from(["Published 17 Nov 2026", "17/11/26", ""]))
def test_every_date_stands_where_it_says(text: str, date: str) -> None:
    line = ShownLine(f"{date} {text}", "head")
    for shown in shown_dates([line], ENGLISH):
        assert line.text[shown.written.start : shown.written.end] == shown.text


# ------------------------------------------------------------------------------------------ doubts


def doubtful(text: str) -> ShownDate:
    (shown,) = shown_dates([head(text)], ENGLISH)
    return shown


def test_two_readings_are_settled_by_another_date_of_the_page() -> None:
    shown = doubtful("05/03/2026")
    assert settled(shown, ["2026-03-06"], "", "") == "2026-03-05"
    assert settled(shown, ["2026-05-03"], "", "") == "2026-05-03"
    assert settled(shown, ["2026-03-05", "2026-05-03"], "", "") == ""


def test_two_readings_are_settled_by_the_month_in_the_url_or_by_the_fetch() -> None:
    shown = doubtful("05/03/2026")
    assert settled(shown, [], "2026-05", "") == "2026-05-03"
    assert settled(shown, [], "", "2026-03-10") == "2026-03-05"
    assert settled(shown, [], "", "2026-11-20") == ""
    assert settled(shown, [], "", "") == ""


def test_a_year_of_two_digits_needs_a_lead_in_or_a_weekday_or_another_date() -> None:
    shown = doubtful("Jane Doe 17/11/26")
    assert settled(shown, [], "", "2026-11-20") == ""
    assert settled(shown, ["2026-11-17"], "", "") == "2026-11-17"
    assert settled(doubtful("Published 17/11/26"), [], "", "") == "2026-11-17"
    assert settled(doubtful("Tue 17/11/26"), [], "", "") == "2026-11-17"


# ------------------------------------------------------------------------------------------- lines


def page(*blocks: str | Block, heading_at: int = -1, moments: tuple[Moment, ...] = ()) -> Outline:
    held = tuple(b if isinstance(b, Block) else Block(b) for b in blocks)
    heading = held[heading_at].text if heading_at >= 0 else ""
    return Outline(held, moments=moments, heading=heading, heading_at=heading_at)


def places(outline: Outline, body: range, headline: str = "") -> list[tuple[str, str]]:
    return [(line.text, line.where) for line in shown_lines(outline, body, headline)]


def test_lines_are_above_the_heading_below_it_in_the_story_and_after_it() -> None:
    seen = page("Today", "Bridge opens", "Jane Doe", STORY, *[STORY] * 9, "More", heading_at=1)
    assert places(seen, range(3, 13)) == [
        ("Today", "above"),
        ("Jane Doe", "head"),
        *[(STORY, "story")] * 5,
        ("More", "tail"),
    ]


def test_the_headline_is_found_where_the_main_heading_is_another() -> None:
    seen = page("Gazette", "Today", "Bridge opens", "Jane Doe", STORY, heading_at=0)
    assert places(seen, range(4, 5), "Bridge opens")[:3] == [
        ("Gazette", "above"),
        ("Today", "above"),
        ("Jane Doe", "head"),
    ]


def test_without_a_heading_only_what_stands_right_before_the_story_is_not_above_it() -> None:
    seen = page("Today", "a", "b", "c", "d", STORY)
    assert [where for _, where in places(seen, range(5, 6))] == ["above"] + ["head"] * 4 + ["story"]


def test_without_the_story_what_follows_the_heading_is_looked_at_or_nothing() -> None:
    seen = page("Today", "Bridge opens", "17 November 2026", heading_at=1)
    assert places(seen, range(0)) == [("Today", "above"), ("17 November 2026", "head")]
    assert shown_lines(page("Today", "17 November 2026"), range(0)) == []


def test_lines_in_navigation_and_cards_are_aside_but_not_below_the_heading() -> None:
    blocks = (Block("a", place=NAV), "Bridge opens", Block("b", place=CARD), STORY)
    seen = page(*blocks, Block("c", place=RELATED), heading_at=1)
    lines = shown_lines(seen, range(3, 4))
    assert [(line.text, line.aside) for line in lines if line.text in "abc"] == [
        ("a", True),
        ("b", False),
        ("c", True),
    ]


def test_a_line_is_marked_where_an_element_holds_its_date_as_text() -> None:
    moment = Moment("17 November 2026", "", 0, 1)
    seen = page("Bridge opens", "Jane Doe 17 November 2026", STORY, heading_at=0, moments=(moment,))
    assert [line.marked for line in shown_lines(seen, range(2, 3))] == [True, False]
