"""When a story was published, and its dateline."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.blocks import NAV, Moment
from corpus.dates import Dates, dateline, page_dates
from corpus.metadata import DateClaim
from corpus.shown_dates import ShownLine, Where

FETCHED = "2026-11-20T12:00:00Z"


def claims(**values: str) -> list[DateClaim]:
    return [DateClaim(field, "json_ld", value) for field, value in values.items()]


def dates(
    said: list[DateClaim] | None = None,
    moments: tuple[Moment, ...] = (),
    url: str = "",
    heading_at: int = 5,
    shown: tuple[ShownLine, ...] = (),
    fetched_at: str = FETCHED,
    language: str = "en",
) -> Dates:
    return page_dates(said or [], moments, heading_at, url, fetched_at, shown, language)


def line(text: str, where: Where = "head", *, marked: bool = False) -> tuple[ShownLine, ...]:
    return (ShownLine(text, where, marked),)


def test_a_time_without_zone_tells_only_the_day() -> None:
    found = dates(claims(published="2026-11-17 23:30"))
    assert (found.published, found.precision, found.flags) == ("2026-11-17", "day", ("no_zone",))


def test_json_ld_outranks_meta_and_meta_the_url() -> None:
    said = [
        DateClaim("published", "meta", "2026-11-16"),
        *claims(modified="2026-11-18T00:00:00Z"),
    ]
    found = dates(said, url="https://a.example/2026/11/16/bridge")
    assert (found.published, found.source, found.modified) == (
        "2026-11-16",
        "meta",
        "2026-11-18T00:00:00Z",
    )


def test_sources_that_differ_by_days_are_flagged() -> None:
    found = dates(claims(published="2026-11-10"), url="https://a.example/2026/11/16/bridge")
    assert found.flags == ("conflict",)


@pytest.mark.parametrize(
    ("written", "flags"),
    [
        ("2027-01-01", ("future",)),
        ("2026-11-21", ()),
        ("2026-11-20T13:00:00Z", ("future",)),
        ("2026-11-20T12:10:00Z", ()),
        ("2026-11-20T11:00:00Z", ()),
    ],
)
def test_a_date_after_the_fetch_is_flagged_as_future(written: str, flags: tuple[str, ...]) -> None:
    assert dates(claims(published=written)).flags == flags


def test_a_date_to_come_is_not_believed_against_another() -> None:
    found = dates(claims(published="2027-01-01"), url="https://a.example/2026/11/16/bridge")
    assert (found.published, found.source, found.flags) == ("2026-11-16", "url", ("conflict",))


def test_defaults_of_databases_are_no_dates() -> None:
    for default in ("0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"):
        assert dates(claims(published=default)).published is None


def test_a_change_before_publication_is_dropped() -> None:
    found = dates(claims(published="2026-11-17T10:00:00Z", modified="2026-11-16T10:00:00Z"))
    assert found.modified is None
    assert "modified_before_published" in found.flags


def test_the_day_of_rendering_in_the_header_counts_for_nothing() -> None:
    header = Moment(value="2026-11-20", marked="today", place=0, before_block=4)
    assert dates(moments=(header,)) == Dates()


def test_a_dated_element_beside_the_heading_counts() -> None:
    beside = Moment(value="2026-11-17T10:00:00Z", marked="meta", place=0, before_block=7)
    far_away = Moment(value="2026-11-16T10:00:00Z", marked="", place=0, before_block=90)
    in_navigation = Moment(value="2026-11-15T10:00:00Z", marked="", place=NAV, before_block=6)
    found = dates(moments=(in_navigation, far_away, beside))
    assert (found.published, found.source) == ("2026-11-17T10:00:00Z", "time")


def test_an_element_marked_as_the_publication_date_counts_even_on_its_day() -> None:
    marked = Moment(value="2026-11-20T09:00:00Z", marked="datepublished", place=0, before_block=90)
    assert dates(moments=(marked,)).published == "2026-11-20T09:00:00Z"


def test_an_element_above_the_heading_needs_another_day_than_the_fetch_s() -> None:
    above = Moment(value="2026-11-17", marked="", place=0, before_block=4)
    assert dates(moments=(above,)).published == "2026-11-17"
    assert dates(moments=(above,), fetched_at="") == Dates()


def test_of_dated_elements_the_nearest_below_the_heading_is_the_story_s() -> None:
    above = Moment(value="2026-11-10", marked="", place=0, before_block=3)
    below = Moment(value="2026-11-17", marked="", place=0, before_block=7)
    card = Moment(value="2026-11-01", marked="", place=0, before_block=20)
    found = dates(moments=(above, card, below))
    assert (found.published, found.flags) == ("2026-11-17", ())


# ------------------------------------------------------------------------------- the written zone


def test_the_zone_is_kept_beside_the_time_in_utc() -> None:
    found = dates(claims(published="2026-11-17T10:20:30+02:00"))
    assert (found.published, found.zone) == ("2026-11-17T08:20:30Z", "+02:00")
    assert dates(claims(published="2026-11-17")).zone == ""


# --------------------------------------------------------------------------- what the page shows


def test_a_line_by_the_story_tells_the_date_where_nothing_else_does() -> None:
    found = dates(shown=line("Published: 18 Nov 2026 9:41 PM GMT"), fetched_at="")
    assert (found.published, found.source, found.precision, found.zone) == (
        "2026-11-18T21:41:00Z",
        "text",
        "minute",
        "+00:00",
    )


def test_a_shown_time_without_its_zone_leaves_the_day() -> None:
    found = dates(shown=line("17.11.2026, 14:05 Uhr"), language="de")
    assert (found.published, found.precision, found.flags) == ("2026-11-17", "day", ("no_zone",))


def test_a_shown_change_alone_is_no_publication() -> None:
    found = dates(shown=line("Stand: 17.11.2026"), language="de")
    assert (found.published, found.modified, found.source) == (None, "2026-11-17", "text")


@pytest.mark.parametrize("fetched_at", [FETCHED, ""])
@pytest.mark.parametrize(
    "text", ["Friday, November 20, 2026", "November 21, 2026", "Last updated: Nov 20, 2026"]
)
def test_today_s_date_above_the_heading_counts_for_nothing(text: str, fetched_at: str) -> None:
    assert dates(shown=line(text, "above"), fetched_at=fetched_at) == Dates()


def test_below_the_heading_the_day_of_the_fetch_counts() -> None:
    assert dates(shown=line("November 20, 2026")).published == "2026-11-20"


def test_another_day_above_the_heading_counts_if_the_day_of_the_fetch_is_known() -> None:
    above = line("17 November 2026", "above")
    assert dates(shown=above).published == "2026-11-17"
    assert dates(shown=above, fetched_at="") == Dates()
    assert dates(shown=line("Published 17 November 2026", "above"), fetched_at="").published


def test_the_url_outranks_a_date_that_only_stands_in_a_likely_place() -> None:
    url = "https://a.example/2026/11/16/bridge"
    assert dates(url=url, shown=line("10 November 2026", "tail")).published == "2026-11-16"
    assert dates(url=url, shown=line("17 November 2026")).published == "2026-11-17"


def test_the_time_of_day_is_taken_from_whatever_states_it_for_the_same_day() -> None:
    url = "https://a.example/2026/11/17/bridge"
    found = dates(url=url, shown=line("17 November 2026, 22:41 EST", "tail"))
    assert (found.published, found.source, found.precision, found.zone) == (
        "2026-11-18T03:41:00Z",
        "text",
        "minute",
        "-05:00",
    )


def test_an_ambiguous_date_is_settled_by_the_rest_of_the_page_or_null() -> None:
    shown = line("05/03/2026")
    assert dates(shown=shown).published is None
    assert dates(shown=shown, url="https://a.example/2026/05/bridge").published == "2026-05-03"
    assert dates(shown=shown, language="fr").published == "2026-03-05"
    assert dates(shown=shown, url="https://a.example.co.uk/bridge").published == "2026-03-05"


def test_a_shown_date_that_is_known_as_the_change_s_is_not_the_publication_s() -> None:
    said = claims(published="2026-11-01", modified="2026-11-17")
    found = dates(said, shown=line("17 November 2026"))
    assert (found.published, found.modified, found.flags) == ("2026-11-01", "2026-11-17", ())


def test_an_event_to_come_is_no_publication() -> None:
    assert dates(shown=line("Saturday, December 5, 2026")) == Dates()


def test_history_in_a_short_line_is_no_publication() -> None:
    assert dates(shown=line("London, 8 May 1945")) == Dates()


# -------------------------------------------------------------------------- the time of rendering


@pytest.mark.parametrize("now", ["2026-11-20T11:58:30Z", "2026-11-20T12:58:30+01:00"])
def test_a_template_that_prints_the_time_is_not_believed_against_another_source(now: str) -> None:
    found = dates(claims(published=now), url="https://a.example/2026/11/16/bridge")
    assert (found.published, found.source, found.flags) == (
        "2026-11-16",
        "url",
        ("rendering_time",),
    )


def test_a_template_that_prints_the_day_is_not_believed_against_another_source() -> None:
    found = dates(claims(published="2026-11-20"), shown=line("Published 16 November 2026"))
    assert (found.published, found.flags) == ("2026-11-16", ("rendering_time",))


def test_the_time_of_rendering_is_flagged_where_nothing_differs() -> None:
    found = dates(claims(published="2026-11-20T11:58:30Z"))
    assert (found.published, found.flags) == ("2026-11-20T11:58:30Z", ("rendering_time",))
    agreed = dates(claims(published="2026-11-20T11:58:30Z"), url="https://a.example/2026/11/20/x")
    assert (agreed.source, agreed.flags) == ("json_ld", ("rendering_time",))


def test_a_change_at_the_time_of_rendering_is_dropped() -> None:
    said = claims(published="2026-11-10T10:00:00Z", modified="2026-11-20T12:00:01Z")
    found = dates(said)
    assert (found.modified, found.flags) == (None, ("modified_rendering_time",))
    other = [*said, DateClaim("modified", "meta", "2026-11-12T10:00:00Z")]
    assert dates(other).modified == "2026-11-12T10:00:00Z"


# --------------------------------------------------------------------------------------- changes


def test_a_change_at_the_time_of_publication_is_kept() -> None:
    said = claims(published="2026-11-17T10:00:00Z", modified="2026-11-17T10:00:00Z")
    assert dates(said).modified == "2026-11-17T10:00:00Z"


def test_a_later_change_is_taken_where_the_first_stated_is_before_publication() -> None:
    said = [
        *claims(published="2026-11-17T10:00:00Z", modified="2026-11-16T10:00:00Z"),
        DateClaim("modified", "meta", "2026-11-18T10:00:00Z"),
    ]
    found = dates(said)
    assert (found.modified, found.flags) == ("2026-11-18T10:00:00Z", ())


def test_a_change_on_the_local_day_of_publication_is_no_contradiction() -> None:
    said = claims(published="2026-11-17T22:00:00-05:00", modified="2026-11-17")
    found = dates(said)
    assert (found.published, found.modified, found.flags) == ("2026-11-18T03:00:00Z", None, ())


DAYS = st.dates(date(2000, 1, 1), date(2030, 1, 1)).map(date.isoformat)
TIMES = st.sampled_from(["", "T00:00:00Z", "T23:30:00-05:00", "T10:20:00+09:00"])


@given(
    st.lists(st.tuples(st.sampled_from(["published", "modified"]), DAYS, TIMES), max_size=6), DAYS
)
def test_no_change_is_ever_before_the_publication(
    said: list[tuple[str, str, str]], fetch_day: str
) -> None:
    stated = [DateClaim(field, "json_ld", day + time) for field, day, time in said]
    found = dates(stated, fetched_at=f"{fetch_day}T12:00:00Z")
    if found.published and found.modified:
        shortest = min(len(found.published), len(found.modified))
        assert found.modified[:shortest] >= found.published[:shortest]


AGENCIES = {
    "AP",
    "dpa",
    "dpa/lno",
    "EFE",
    "Reuters",
    "AFP",
    "ANSA",
    "TASS",
    "ANI",
    "KNA/iz",
    "Xinhua",
}


@pytest.mark.parametrize(
    ("line", "place", "agency", "date"),
    [
        ("BEIJING, June 19 (AP) — The", "BEIJING", "AP", "June 19"),
        ("KYIV, Ukraine (AP) — The", "KYIV, Ukraine", "AP", ""),
        ("Berlin (dpa) - Der", "Berlin", "dpa", ""),
        ("Hamburg (dpa/lno) – Der", "Hamburg", "dpa/lno", ""),
        ("Madrid, 17 nov (EFE).- El", "Madrid", "EFE", "17 nov"),
        ("LONDON, Nov 17 (Reuters) - The", "LONDON", "Reuters", "Nov 17"),
        ("PARIS (AFP) – Le", "PARIS", "AFP", ""),
        ("ROME/PARIS, March 4 (Reuters) - The", "ROME/PARIS", "Reuters", "March 4"),
        ("MOSCOW, June 19. /TASS/. The", "MOSCOW", "TASS", "June 19"),
        ("(ANSA) - ROMA, 19 GIU - Il", "ROMA", "ANSA", "19 GIU"),
        ("New Delhi [India], June 19 (ANI): The", "New Delhi [India]", "ANI", "June 19"),
        ("Wiesbaden (KNA/iz). Der", "Wiesbaden", "KNA/iz", ""),
        ("BOSTON — The", "BOSTON", "", ""),
    ],
)
def test_datelines_of_the_agencies_are_parsed(
    line: str, place: str, agency: str, date: str
) -> None:
    found = dateline([(0, line + " council opened the bridge.")], AGENCIES.__contains__)
    assert (found.place, found.agency, found.date) == (place, agency, date)


@pytest.mark.parametrize(
    "line",
    [
        "The minister (Labour) - a former teacher - resigned.",
        "He said (in May) - the bridge opens.",
        "The bridge — long closed — opened.",
        "A - b",
        "",
    ],
)
def test_a_sentence_is_no_dateline(line: str) -> None:
    assert dateline([(0, line)], AGENCIES.__contains__).text == ""


@given(
    st.text(max_size=60), st.sampled_from(["BEIJING (AP) — ", "Berlin (dpa) - ", "", "LONDON — "])
)
def test_a_dateline_stands_where_it_says(rest: str, opening: str) -> None:
    text = "Standfirst.\n\n" + opening + rest
    found = dateline([(13, text[13:])], AGENCIES.__contains__)
    assert text[found.start : found.end] == found.text
