"""What must stand in whatever a pattern matches."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.config import default_file
from corpus.literals import folded, literals, must_hold
from corpus.wordings import load_boilerplate

ROWS = load_boilerplate(default_file("boilerplate.toml").read_text(encoding="utf-8")).rows


@pytest.mark.parametrize(
    ("pattern", "strings"),
    [
        ("Send a letter", ("send a letter",)),
        (r"\W*(?:mail|letter)s?\b.*", ("mail", "letter")),
        (r"[A-Z]\w+ writes (?:for|of) us", (" writes ",)),
        (r"(?i)Mail(?:ed)?: \d+", ("mail",)),
        ("[#@][a-z]+", ("#", "@")),
        (r"(?=.*letter).{2,40}", ("letter",)),
        (r"(?:letters, ){2,}mail", ("letters, ",)),
        (r"a ?(?:letter|mailbox|box)", ("box", "letter")),
    ],
)
def test_a_pattern_tells_the_rarest_strings_that_it_needs(
    pattern: str, strings: tuple[str, ...]
) -> None:
    assert sorted(literals(pattern)) == sorted(strings)


@pytest.mark.parametrize("pattern", ["[a-z]+", "(?:letter)?", "(?:letter|[a-z]+)", r"(?!letter)\w"])
def test_what_need_not_stand_there_is_none(pattern: str) -> None:
    assert literals(pattern) == ()


def test_more_strings_than_are_quickly_looked_for_are_none() -> None:
    months = "january|february|march|april|may|june"
    assert len(literals(f"(?:{months})")) == 6
    assert literals(f"(?:{months}|july)") == ()


@given(st.lists(st.sampled_from("iİıIsSſΣσς"), max_size=4).map("".join))
def test_whatever_is_matched_in_any_case_holds_the_string(written: str) -> None:
    matched = re.fullmatch(f"(?i){re.escape('isσ')}", written)
    (needed,) = literals("(?i)isσ")
    assert not matched or needed in folded(written)


def test_the_examples_of_every_row_hold_what_its_pattern_needs() -> None:
    told = [(row, found) for row in ROWS if row.pattern and (found := literals(row.pattern))]
    assert len(told) > 10
    for row, found in told:
        for line in row.examples:
            assert any(string in folded(line) for string in found), (row.id, line)


def test_a_mark_that_must_stand_there_is_known_whatever_else_must() -> None:
    for pattern in (r"\(letter\)", r"[A-Z]+ (?:\(a\)|b \(c\)) - letters", r"(?:letter )?\(box\)"):
        assert must_hold(pattern, "("), pattern
    for pattern in (r"\(?letter\)?", r"\(letter\)|mailbox", "[(]?[a-z]+"):
        assert not must_hold(pattern, "("), pattern
