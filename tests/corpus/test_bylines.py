"""Which lines of a page may say who wrote it."""

from collections.abc import Iterable

import pytest

from corpus.agencies import Line
from corpus.blocks import Outline
from corpus.bylines import Byline, byline, credit_lines
from corpus.creditlines import AgencyRules
from corpus.dom import parse, without_unseen
from corpus.fields import field_lines
from corpus.metadata import Credit, Statement
from corpus.outline import walk
from corpus.story import KEPT, Story, tell

FIRST = "The council of the town opened its second bridge on Monday, after nine years of building."
LAST = "Nobody who had come to see it open believed that the toll would be so low."
BODY = f"<p>{FIRST}</p><p>{LAST}</p>"


def page(
    before: str = "", after: str = "", dropped: dict[str, tuple[str, str]] | None = None
) -> tuple[Outline, Story]:
    tree = parse(f"<html><body><h1>Bridge opens</h1>{before}{BODY}{after}</body></html>")
    assert tree is not None
    seen = walk(without_unseen(tree)).outline
    known = {FIRST: KEPT, LAST: KEPT, **(dropped or {})}
    return seen, tell(
        seen, {n: known[b.text] for n, b in enumerate(seen.blocks) if b.text in known}
    )


def lines(before: str = "", after: str = "") -> set[tuple[str, str, str]]:
    seen, story = page(before, after)
    return told(credit_lines(seen, story, Byline()), story)


def told(found: Iterable[Line], story: Story) -> set[tuple[str, str, str]]:
    """The lines without the numbers of their entries, each checked to stand where it says."""
    kept: set[tuple[str, str, str]] = set()
    for line in found:
        where, _, number = line.where.removesuffix("]").partition("[")
        text = story.stripped[int(number)].text if number else story.text
        assert text[line.offset : line.offset + len(line.text)] == line.text
        kept.add((line.signal, where, line.text))
    return kept


def test_lines_that_may_credit_nobody_are_left_out() -> None:
    dropped = {"Credit: AP": ("credit", "by-hand")}
    beside = "<p class=byline>By Ann, AP</p><p>AP, Ostby</p>"
    seen, story = page(beside, "<p>Credit: AP</p><p>Source: AP</p><p>Share</p>", dropped)
    by, fields = Byline("By Ann, AP"), [Line("meta", "meta", "Gazette")]
    every = list(credit_lines(seen, story, by, fields))
    asked: list[str] = []

    def may_credit(text: str) -> bool:
        asked.append(text)
        return "AP" in text

    named = [line for line in every if "AP" in line.text or line.where == "meta"]
    assert list(credit_lines(seen, story, by, fields, may_credit)) == named
    assert len(named) < len(every)
    assert FIRST in asked


def test_the_first_paragraphs_may_open_with_a_dateline_and_the_last_close_with_a_tail() -> None:
    found = lines()
    assert ("dateline", "text", FIRST) in found
    assert ("tail", "text", LAST) in found


def test_short_lines_around_the_story_may_be_credits() -> None:
    found = lines("<div>The Example Agency</div>", "<p>With files from Example</p>")
    assert ("byline", "stripped", "The Example Agency") in found
    assert ("tail", "stripped", "With files from Example") in found


def test_a_byline_may_stand_below_the_story() -> None:
    assert ("byline", "stripped", "By Press Association") in lines(
        after="<div>By Press Association</div>"
    )


def test_pictures_cards_navigation_and_footers_are_not_looked_at() -> None:
    texts = {
        text
        for _, _, text in lines(
            "<figure><figcaption>AP</figcaption></figure><div class='photo-source'>dpa</div>",
            "<div class='related'><span class='author'>AFP</span></div><footer><p>Reuters</p></footer>"
            "<article class='card'><p class='source'>EFE</p></article>",
        )
    }
    assert not texts & {"AP", "dpa", "AFP", "Reuters", "EFE"}


def credits_of(name: str, found: Iterable[tuple[str, str, str]]) -> set[str]:
    """As what the lines with this name are asked."""
    return {signal for signal, _, text in found if name in text}


PICTURE = "<img src='/2026/05/bridge.jpg' width='1200'>"


@pytest.mark.parametrize(
    "caption",
    [
        f"{PICTURE}<p>Reuters</p>",
        f"<div class='lead'>{PICTURE}<small>Reuters</small></div>",
        f"<div><a href='/large'>{PICTURE}</a></div><div>The bridge at noon. Reuters</div>",
    ],
)
def test_a_line_right_below_a_picture_is_its_caption(caption: str) -> None:
    assert credits_of("Reuters", lines(caption)) <= {"dateline"}
    seen, story = page(f"<p>{FIRST}</p>{caption}", dropped={"Reuters": KEPT})
    assert credits_of("Reuters", told(credit_lines(seen, story, Byline()), story)) <= {"dateline"}


@pytest.mark.parametrize(
    "not_a_caption",
    [
        f"{PICTURE}<p>By Ann Example, Reuters</p>",
        f"{PICTURE}<p>The bridge at noon.</p><p>Reuters</p>",
        f"{PICTURE}<p class='source'>Reuters</p>",
        "<img src='/logos/reuters.svg'><p>Reuters</p>",
        "<img src='/faces/ann.jpg' width='48' height='48'><p>Reuters</p>",
    ],
)
def test_bylines_and_lines_beside_logos_and_faces_are_no_captions(not_a_caption: str) -> None:
    assert credits_of("Reuters", lines(not_a_caption)) > {"dateline"}


def test_a_dateline_may_stand_below_a_picture() -> None:
    found = lines(f"{PICTURE}<p>PARIS (AFP)</p>")
    assert ("dateline", "stripped", "PARIS (AFP)") in found


def test_a_credit_may_stand_below_the_storys_last_picture() -> None:
    assert ("tail", "stripped", "Reuters") in lines(after=f"{PICTURE}<p>Reuters</p>")


def test_a_list_of_topics_below_the_story_credits_nobody() -> None:
    topics = "<div>Topics</div><ul><li>AFP</li><li>Bridges</li></ul>"
    assert not credits_of("AFP", lines(after=topics))
    assert "tail" in credits_of("AFP", lines(after="<ul><li>AFP</li></ul>"))


def test_an_articles_own_footer_may_name_its_source() -> None:
    found = lines("<article>", "<footer><p class='source'>dpa</p></footer></article>")
    assert ("source", "stripped", "dpa") in found


def test_a_name_inside_a_marked_line_is_found_at_its_place() -> None:
    found = lines(
        "<div class='x'><p>Text: <span class='byline'>AFP</span> <time>7 May</time></p></div>"
    )
    assert ("byline", "stripped", "AFP") in found
    around = lines("<p class='byline'>Ann <time>7 May</time> Example</p>")
    assert ("byline", "stripped", "Ann 7 May Example") in around


def test_a_name_in_a_field_is_found_in_the_pages_source_as_it_is_written() -> None:
    script = '<script type="application/ld+json">{"author":"AFP"}</script>'
    html = script + '<meta name="author" content="dpa &amp; AP">'
    stated = Statement(
        credits=(
            Credit("json_ld", "author", "AFP"),
            Credit("meta", "author", "dpa & AP"),
            Credit("meta", "dc.source", "EFE"),
        )
    )
    found = {
        line.where: line
        for line in field_lines(html, "", "", stated, AgencyRules())
        if line.where in ("json_ld", "meta")
    }
    for line in found.values():
        assert html[line.offset : line.offset + len(line.text)] == line.text
    assert (found["json_ld"].text, found["meta"].text) == ("AFP", "dpa &amp; AP")


def test_dropped_bylines_and_tails_are_read_where_they_were_dropped() -> None:
    fates = {
        "By AFP": ("byline", "byline-line"),
        "Source: dpa": ("credit", "agency-tail"),
        "AP": ("byline", "outside-the-story"),
    }
    far = "".join(f"<div>{FIRST} {n}</div>" for n in range(30))
    seen, story = page("<p>By AFP</p>", f"<p>Source: dpa</p>{far}<p>AP</p>", fates)
    found = told(credit_lines(seen, story, Byline()), story)
    assert ("byline", "stripped", "By AFP") in found
    assert ("tail", "stripped", "Source: dpa") in found
    assert not {text for _, _, text in found} & {"AP"}


def test_the_byline_is_the_shown_one_and_the_authors_the_stated_ones() -> None:
    seen, story = page("<p class='byline'>By Ann Example and Max Sample</p>")
    assert byline(seen, Statement(), story) == Byline(
        "By Ann Example and Max Sample", ("Ann Example", "Max Sample")
    )
    assert byline(*bare("<div>By Ann Example, AP</div>")).text == "By Ann Example, AP"
    stated = Statement(credits=(Credit("json_ld", "author", "A. Example"),))
    assert byline(seen, stated, story).authors == ("A. Example",)
    assert byline(*bare("", stated)) == Byline("A. Example", ("A. Example",))


def bare(before: str, stated: Statement | None = None) -> tuple[Outline, Statement, Story]:
    seen, story = page(before)
    return seen, stated or Statement(), story


@pytest.mark.parametrize(
    ("stated", "authors"),
    [
        ("Ann Example, Max van der Sample and J. Smith", ("Ann Example", "Max van der Sample", "J. Smith")),
        ("Ann Example, Ph.D.", ("Ann Example, Ph.D.",)),
        ("Research and Markets", ("Research and Markets",)),
        (", The Daily Example", ("The Daily Example",)),
    ],
)  # fmt: skip
def test_an_author_field_with_several_people_gives_each_of_them(
    stated: str, authors: tuple[str, ...]
) -> None:
    said = Statement(credits=(Credit("json_ld", "author", stated),))
    assert byline(*bare("", said)).authors == authors


def test_dates_and_jobs_behind_the_names_are_no_names() -> None:
    shown = "<p class='byline'>By Ann Example and Max Sample | Updated: 7 May 2026</p>"
    assert byline(*bare(shown)).authors == ("Ann Example", "Max Sample")
    assert byline(*bare("<p class='byline'>Ann Example 7 May, 10:05</p>")).authors == (
        "Ann Example",
    )
