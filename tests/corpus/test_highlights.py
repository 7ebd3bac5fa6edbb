import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from corpus.highlights import Mark, lines, moved, pieces, plain

HARMFUL = "\x00\x07\x85\u202a\u202e\u2066\u2069\ud800\uffff\U000e0041"
UNSEEN = "\u00ad\u200b\u200e\u2060\ufeff"


def mark(start: int, end: int, anchor: str = "e0") -> Mark:
    return Mark(start, end, anchor, "evidence", "AP", "AP in the dateline")


texts = st.text(st.sampled_from("ab \u200bß字\u202e"), max_size=30)
spans = st.lists(st.tuples(st.integers(-5, 35), st.integers(-5, 35)), max_size=5)


@given(texts, spans)
def test_the_pieces_are_the_text_and_each_is_under_its_marks(
    text: str, where: list[tuple[int, int]]
) -> None:
    marks = [mark(start, end, f"e{n}") for n, (start, end) in enumerate(where)]
    found = pieces(text, marks)
    assert "".join(p.text or chr(int(p.code, 16)) for p in found) == text
    at = 0
    for piece in found:
        end = at + (len(piece.text) or 1)
        covering = {m.anchor for m in marks if max(m.start, 0) < min(m.end, len(text))}
        over = {m.anchor for m in marks if m.start <= at and end <= m.end}
        assert {m.anchor for m in piece.marks} == over & covering
        at = end


@given(texts, spans)
def test_a_mark_inside_the_text_opens_and_closes_once(
    text: str, where: list[tuple[int, int]]
) -> None:
    marks = [mark(s, e, f"e{n}") for n, (s, e) in enumerate(where) if 0 <= s < e <= len(text)]
    found = pieces(text, marks)
    for which in ("opens", "closes"):
        told = [m.anchor for p in found for m in getattr(p, which)]
        assert sorted(told) == [m.anchor for m in marks]


def test_overlapping_marks_make_pieces_under_both() -> None:
    dateline, agency = mark(0, 12, "dateline"), mark(8, 10, "e0")
    found = pieces("LISBON (AP) — The bridge", (dateline, agency))
    assert [p.text for p in found] == ["LISBON (", "AP", ") ", "— The bridge"]
    assert [len(p.marks) for p in found] == [1, 2, 1, 0]


def test_a_mark_over_several_lines_is_in_each_of_them() -> None:
    found = lines("one\n\ntwo three", (mark(1, 8),))
    assert [[(p.text, len(p.marks)) for p in line] for line in found] == [
        [("o", 0), ("ne", 1)],
        [],
        [("two", 1), (" three", 0)],
    ]
    assert [len(p.opens) for line in found for p in line] == [0, 1, 0, 0]


def test_marks_move_with_their_text() -> None:
    assert moved((mark(5, 9),), -5) == (mark(0, 4),)


def test_what_is_not_seen_has_a_code_and_what_does_harm_no_text() -> None:
    for character in HARMFUL + UNSEEN:
        (piece,) = (p for p in pieces(f"a{character}b") if p.code)
        assert piece.code == f"{ord(character):04X}"
        assert piece.text == (character if character in UNSEEN else "")
    assert {p.name for p in pieces("\u202e\x07")} == {"right-to-left override", "control character"}


def test_joiners_that_scripts_are_spelled_with_are_text() -> None:
    for word in ("می\u200cخواهم", "क्\u200dष", "e" + unicodedata.lookup("COMBINING ACUTE ACCENT")):
        assert [p.text for p in pieces(word)] == [word]


def test_a_title_has_nothing_that_is_not_seen() -> None:
    assert plain(" a\u202e\x00 b\n\tc\u200b ") == "a b c"
