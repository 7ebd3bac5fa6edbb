"""Which lines of a page are no part of its story."""

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from corpus.boilerplate import BoilerplateRules, Line, load_boilerplate, verdicts
from corpus.config import default_file
from corpus.records import Stripped

RULES = load_boilerplate(default_file("boilerplate.toml").read_text(encoding="utf-8"))
PROSE = (
    "The council of the town opened its second bridge on Monday, after nine years of building and rows.",
    "Nobody who had come to see it open believed that the toll would be as low as the mayor had promised.",
    "The third bridge, which the council wants to build next to the old mill, has not been paid for so far.",
)


class Cleaned(NamedTuple):
    """The lines that are kept, and those that are dropped, each after so many of the kept."""

    paragraphs: tuple[str, ...]
    stripped: tuple[Stripped, ...]


def clean(lines: Sequence[Line], titles: Sequence[str], rules: BoilerplateRules) -> Cleaned:
    paragraphs: list[str] = []
    stripped: list[Stripped] = []
    for line, (kind, rule) in zip(lines, verdicts(lines, titles, rules), strict=True):
        if kind:
            stripped.append(Stripped(kind, rule, line.text, len(paragraphs) - 1))
        else:
            paragraphs.append(line.text)
    return Cleaned(tuple(paragraphs), tuple(stripped))


def story(*lines: str | Line, titles: tuple[str, ...] = ()) -> Cleaned:
    return clean([x if isinstance(x, Line) else Line(x) for x in lines], titles, RULES)


def dropped(*lines: str | Line, titles: tuple[str, ...] = ()) -> list[tuple[str, str, int]]:
    return [(s.kind, s.rule, s.after_paragraph) for s in story(*lines, titles=titles).stripped]


def test_prose_is_kept_as_it_is() -> None:
    assert story(*PROSE) == Cleaned(PROSE, ())


def test_the_headline_before_the_story_is_dropped_in_any_spelling() -> None:
    title = "Town opens second bridge after nine years"
    for line in (title, title.upper(), title + "!"):
        assert dropped(line, *PROSE, titles=(title + " | Example Times",)) == [
            ("headline", "headline-repeated", -1)
        ]


def test_a_later_line_equal_to_the_headline_is_kept() -> None:
    assert (
        story(*PROSE, "Bridge song", *PROSE[:0], titles=("Bridge song",)).paragraphs[-1]
        == "Bridge song"
    )


def test_a_sentence_that_stands_twice_is_kept_once() -> None:
    assert dropped(*PROSE, PROSE[1]) == [("duplicate", "block-repeated", 2)]


def test_short_lines_may_repeat() -> None:
    assert story(PROSE[0], "Yes.", PROSE[1], "Yes.", PROSE[2]).stripped == ()


def test_a_pull_quote_is_dropped_where_its_paragraph_stands() -> None:
    quote = "The toll will be as low as we promised."
    assert dropped(PROSE[0], quote, f"“{quote}” the mayor said, and left.", PROSE[2]) == [
        ("pullquote", "inside-another-paragraph", 0)
    ]


def test_captions_and_one_link_blocks_are_dropped_by_their_place() -> None:
    lines = (
        PROSE[0],
        Line("The bridge at night", "caption"),
        Line("Old mill sold to bank", "one_link"),
        *PROSE[1:],
    )
    assert dropped(*lines) == [("caption", "in-a-figure", 0), ("related", "one-link-block", 0)]


def test_a_hint_that_condemns_most_of_the_page_is_not_believed() -> None:
    assert story(*(Line(text, "caption") for text in PROSE)).paragraphs == PROSE


def test_wordings_count_at_their_place_only() -> None:
    assert dropped("By Ann Example", *PROSE) == [("byline", "byline-line", -1)]
    middle = (*PROSE, "By Ann Example", *(p.replace("bridge", "mill") for p in PROSE * 2))
    assert "By Ann Example" in story(*middle).paragraphs


def test_dropped_lines_say_after_which_paragraph_they_stood() -> None:
    lines = (
        PROSE[0],
        "Read also: Old mill sold",
        PROSE[1],
        "Lea también: El molino",
        PROSE[2],
        "#bridge #mill",
    )
    assert dropped(*lines) == [
        ("related", "read-also-en", 0),
        ("related", "read-also-es", 1),
        ("tags", "hashtags", 2),
    ]


@given(
    st.lists(
        st.sampled_from([*PROSE, "Read also: X", "Share", "", "-", "By Ann Example", "Yes."])
        | st.text(max_size=80),
        max_size=12,
    )
)
def test_nothing_is_lost_and_the_order_stays(lines: list[str]) -> None:
    cleaned = story(*lines)
    rebuilt: list[str] = [s.text for s in cleaned.stripped if s.after_paragraph == -1]
    for n, paragraph in enumerate(cleaned.paragraphs):
        rebuilt += [paragraph, *(s.text for s in cleaned.stripped if s.after_paragraph == n)]
    assert rebuilt == lines


def test_a_page_can_be_cleaned_without_any_rules() -> None:
    assert clean([Line(p) for p in PROSE], (), BoilerplateRules()).paragraphs == PROSE
