"""When a story was published, and its dateline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.blocks import NAV, Moment
from corpus.dates import Dates, dateline, page_dates, parse, url_day
from corpus.metadata import DateClaim

FETCHED = "2026-11-20T12:00:00Z"


def claims(**values: str) -> list[DateClaim]:
    return [DateClaim(field, "json_ld", value) for field, value in values.items()]


def dates(
    said: list[DateClaim] | None = None,
    moments: tuple[Moment, ...] = (),
    url: str = "",
    heading_at: int = 5,
) -> Dates:
    return page_dates(said or [], moments, heading_at, url, FETCHED)


@pytest.mark.parametrize(
    ("written", "text", "precision"),
    [
        ("2026-11-17T10:20:30+02:00", "2026-11-17T08:20:30Z", "second"),
        ("2026-11-17T10:20Z", "2026-11-17T10:20:00Z", "minute"),
        ("2026-11-17T10:20:30.123+0530", "2026-11-17T04:50:30Z", "second"),
        ("2026-11-17 10:20:30 UTC", "2026-11-17T10:20:30Z", "second"),
        ("20261117T102030Z", "2026-11-17T10:20:30Z", "second"),
        ("2026-11-17", "2026-11-17", "day"),
        ("20261117", "2026-11-17", "day"),
        ("2026/11/7", "2026-11-07", "day"),
        ("Tue, 17 Nov 2026 10:20:30 +0100", "2026-11-17T09:20:30Z", "second"),
        ("1794910830", "2026-11-17T10:20:30Z", "second"),
        ("1794910830000", "2026-11-17T10:20:30Z", "second"),
    ],
)
def test_machine_dates_become_utc_with_their_precision(
    written: str, text: str, precision: str
) -> None:
    found = parse(written)
    assert found is not None
    assert (found.text, found.precision) == (text, precision)


@pytest.mark.parametrize(
    "written",
    ["", "yesterday", "01/02/2026", "17. November", "2026-13-45", "2026-11-17abc", "12345"],
)
def test_what_names_no_day_for_certain_is_no_date(written: str) -> None:
    assert parse(written) is None


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


def test_a_date_after_the_fetch_is_flagged_as_future() -> None:
    assert dates(claims(published="2027-01-01")).flags == ("future",)


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
