"""Which lines of a page may say who wrote it."""

from lxml.html import document_fromstring

from corpus.blocks import Outline, outline
from corpus.bylines import Byline, Story, byline, credit_lines
from corpus.metadata import Credit, Statement
from corpus.records import Stripped

FIRST = "The council of the town opened its second bridge on Monday, after nine years of building."
LAST = "Nobody who had come to see it open believed that the toll would be so low."
BODY = f"<p>{FIRST}</p><p>{LAST}</p>"
STORY = Story(
    f"{FIRST}\n\n{LAST}", ((0, len(FIRST)), (len(FIRST) + 2, len(FIRST) + 2 + len(LAST))), ()
)


def page(before: str = "", after: str = "") -> tuple[Outline, range]:
    seen = outline(
        document_fromstring(f"<html><body><h1>Bridge opens</h1>{before}{BODY}{after}</body></html>")
    )
    places = [n for n, b in enumerate(seen.blocks) if b.text in (FIRST, LAST)]
    return seen, range(places[0], places[-1] + 1)


def lines(
    before: str = "",
    after: str = "",
    stated: Statement | None = None,
    story: Story = STORY,
    by: Byline | None = None,
    html: str = "",
) -> set[tuple[str, str, str]]:
    seen, body = page(before, after)
    found = credit_lines(seen, stated or Statement(), story, by or Byline(), body, html)
    return {(p.line.signal, p.line.where, p.line.text) for p in found}


def test_the_first_paragraphs_may_open_with_a_dateline_and_the_last_close_with_a_tail() -> None:
    found = lines()
    assert ("dateline", "text", FIRST) in found
    assert ("tail", "text", LAST) in found


def test_short_lines_around_the_story_may_be_credits() -> None:
    found = lines("<div>The Example Agency</div>", "<p>With files from Example</p>")
    assert ("byline", "", "The Example Agency") in found
    assert ("tail", "", "With files from Example") in found


def test_a_byline_may_stand_below_the_story() -> None:
    assert ("byline", "", "By Press Association") in lines(after="<div>By Press Association</div>")


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


def test_an_articles_own_footer_may_name_its_source() -> None:
    seen = outline(
        document_fromstring(
            f"<html><body><article><h1>Bridge</h1>{BODY}"
            "<footer><p class='source'>dpa</p></footer></article></body></html>"
        )
    )
    found = credit_lines(seen, Statement(), STORY, Byline(), range(1, 3), "")
    assert ("source", "dpa") in {(p.line.signal, p.line.text) for p in found}


def test_a_marked_line_comes_with_its_place_between_the_paragraphs() -> None:
    seen, body = page("<p class='byline'>By AFP</p>", "<p class='source'>Source: AFP</p>")
    kept = {
        (p.loose.kind, p.loose.text): p.loose.after_paragraph
        for p in credit_lines(seen, Statement(), STORY, Byline(), body, "")
        if p.loose
    }
    assert kept["byline", "By AFP"] == -1
    assert kept["source", "Source: AFP"] == 1


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
    seen, body = page()
    found = {
        p.line.where: p.line
        for p in credit_lines(seen, stated, STORY, Byline(), body, html)
        if p.line.where in ("json_ld", "meta")
    }
    for line in found.values():
        assert html[line.offset : line.offset + len(line.text)] == line.text
    assert (found["json_ld"].text, found["meta"].text) == ("AFP", "dpa &amp; AP")


def test_dropped_bylines_and_tails_are_read_where_they_were_dropped() -> None:
    story = Story(
        STORY.text,
        STORY.paragraphs,
        (
            Stripped("byline", "byline-line", "By AFP", -1),
            Stripped("credit", "agency-tail", "Source: dpa", 1),
        ),
    )
    found = lines(story=story)
    assert ("byline", "stripped[0]", "By AFP") in found
    assert ("tail", "stripped[1]", "Source: dpa") in found


def test_the_byline_is_the_shown_one_and_the_authors_the_stated_ones() -> None:
    seen, body = page("<p class='byline'>By Ann Example and Max Sample</p>")
    assert byline(seen, Statement(), STORY, body) == Byline(
        "By Ann Example and Max Sample", ("Ann Example", "Max Sample")
    )
    bare, place = page("<div>By Ann Example, AP</div>")
    assert byline(bare, Statement(), STORY, place).text == "By Ann Example, AP"
    stated = Statement(credits=(Credit("json_ld", "author", "A. Example"),))
    assert byline(seen, stated, STORY, body).authors == ("A. Example",)
    assert byline(*(page()[0], stated, STORY, page()[1])) == Byline("A. Example", ("A. Example",))
