"""What must stand in whatever a pattern matches."""

import re
import sys

import pytest
from hypothesis import given, reject, settings
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


# A pattern with a text that it is likely to match.
Told = tuple[str, str]
LETTERS = "asikßfStTσΣςİıſµβвAK(. é"


def _many(told: st.SearchStrategy[Told]) -> st.SearchStrategy[Told]:
    """Patterns made of smaller ones, each with a text of its parts'."""
    two = st.tuples(told, told)
    return st.one_of(
        two.map(lambda p: (p[0][0] + p[1][0], p[0][1] + p[1][1])),
        two.map(lambda p: (f"(?:{p[0][0]}|{p[1][0]})", p[0][1])),
        two.map(lambda p: (f"(?:{p[0][0]}|{p[1][0]})", p[1][1])),
        two.map(lambda p: (f"(?!{p[0][0]}){p[1][0]}", p[1][1])),
        two.map(lambda p: (f"(?={p[0][0]}){p[1][0]}", p[0][1] + p[1][1])),
        two.map(lambda p: (f"(?=.*{p[0][0]}){p[1][0]}", p[1][1] + p[0][1])),
        two.map(lambda p: (f"({p[0][0]})?(?(1){p[1][0]}|x)", p[0][1] + p[1][1])),
        st.tuples(told, st.sampled_from("?*")).map(lambda p: (f"(?:{p[0][0]}){p[1]}", "")),
        st.tuples(told, st.sampled_from(["+", "?", "*+", "{2}", "{1,3}?", "{0,2}"])).map(
            lambda p: (f"(?:{p[0][0]}){p[1]}", p[0][1] * 2)
        ),
        st.tuples(told, st.sampled_from(["(", "(?i:", "(?-i:", "(?>", "(?<="])).map(
            lambda p: (f"{p[1]}{p[0][0]})", p[0][1])
        ),
    )


_ONE: st.SearchStrategy[Told] = st.one_of(
    st.sampled_from(LETTERS).map(lambda c: (re.escape(c), c)),
    st.text(LETTERS, min_size=1, max_size=3).map(lambda t: (re.escape(t), t)),
    st.text(LETTERS, min_size=1, max_size=3).map(lambda t: (f"[{t}]", t[-1])),
    st.sampled_from(LETTERS).map(lambda c: (f"[^{c}]", "x")),
    st.sampled_from([(".", "x"), (r"\w", "a"), ("[a-k]", "i"), (r"\b", ""), ("^", ""), ("$", "")]),
)
_PATTERNS = st.recursive(_ONE, _many, max_leaves=8)


def _kin() -> dict[str, str]:
    """For each letter all that some case of it makes one of: what (?i) takes for the same, and more."""
    by_upper: dict[str, set[str]] = {}
    for letter in map(chr, range(sys.maxunicode + 1)):
        if letter.lower() != letter or letter.upper() != letter:
            for case in (letter.upper(), letter.lower().upper()):
                by_upper.setdefault(case, set()).add(letter)
    kin: dict[str, set[str]] = {}
    for letters in by_upper.values():
        for letter in letters:
            kin.setdefault(letter, set()).update(letters)
    return {letter: "".join(sorted(letters)) for letter, letters in kin.items()}


KIN = _kin()


def test_no_letter_that_is_matched_in_any_case_lacks_the_string() -> None:
    pairs = [(one, other) for one, letters in KIN.items() for other in letters if one != other]
    assert len(pairs) > 2000
    for one, other in pairs:
        for pattern in (f"(?i){one}", f"(?i)[{one}#]"):
            needed = literals(pattern)
            if needed and not any(string in folded(other) for string in needed):
                assert not re.fullmatch(pattern, other), (pattern, other)


@settings(max_examples=500)
@given(_PATTERNS, st.sampled_from(["", "(?i)", "(?ix)", "(?s)"]), st.data())
def test_whatever_a_pattern_finds_holds_what_it_needs(
    told: Told, flags: str, data: st.DataObject
) -> None:
    pattern, text = flags + told[0], told[1]
    try:
        compiled = re.compile(pattern)
    except re.error:
        reject()
    written = "".join(data.draw(st.sampled_from(KIN.get(c, "") + c)) for c in text)
    written = data.draw(st.sampled_from(["", "x", "s"])) + written
    if compiled.search(written):
        needed = literals(pattern)
        assert not needed or any(string in folded(written) for string in needed)
        assert not must_hold(pattern, "(") or "(" in written


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
