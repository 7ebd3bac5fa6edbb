import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sentences import CLOSES, LINE, OPENS, STOP, WORD, tokens
from corpus.words import joined


def found(*texts: str) -> list[tuple[str, int]]:
    """The tokens as written, and what they are, without the break after the last text."""
    whole = joined(list(texts))
    columns = (column.tolist() for column in tokens(whole))
    rows = [(whole.text[start:end], kind) for start, end, kind in zip(*columns, strict=True)]
    assert rows.pop() == ("\n", LINE)
    return rows


def words(text: str) -> list[str]:
    return [written for written, kind in found(text) if kind == WORD]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("18,000 tonnes at 4:52", ["18,000", "tonnes", "at", "4:52"]),
        ("the 44th car, A4 and 3.5x9.1", ["the", "44", "th", "car", "A4", "and", "3.5", "x9", "1"]),
        ("1.2.3 and 5. Then", ["1.2.3", "and", "5", "Then"]),
        ("x_y re-open", ["x", "y", "re", "open"]),
        ("1.\n5", ["1", "5"]),
    ],
)
def test_words_and_numbers(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_stop_is_what_ends_a_sentence() -> None:
    stops = [
        n
        for n, (_, kind) in enumerate(found('He left. "Why?" At 3.5 p.m.x now…")'))
        if kind == STOP
    ]
    assert [found('He left. "Why?" At 3.5 p.m.x now…")')[n][0] for n in stops] == [".", "?", "…"]


@pytest.mark.parametrize("text", ["“a”", '"a"', "'a'", "«a»", "„a“", "‘a’"])
def test_marks_open_and_close(text: str) -> None:
    kinds = [kind for _, kind in found(f"so {text} there")]
    assert kinds == [LINE, WORD, OPENS, WORD, CLOSES, WORD]


def test_apostrophes_are_no_marks_and_texts_are_read_apart() -> None:
    assert [kind for _, kind in found("don't", '"', "„a", "b“ c")] == [
        *(LINE, WORD, WORD),
        *(LINE, CLOSES),
        *(LINE, OPENS, WORD),
        *(LINE, WORD, OPENS, WORD),
    ]


_STRAIGHT_OPEN = re.compile(r"[\"'](?<![^\s(\[—–-][\"'])(?=\S)")
_GERMAN_CLOSE = re.compile(r"(?<=[^\s(])“")
_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W_]+|\n|[«„“‘]|[.!?…](?=[\s\"'”’»])|[\"'”’»](?!\w)")


def by_pattern(text: str) -> list[str]:
    """The tokens of one text as patterns find them, a mark as what it was made to be."""
    text = _STRAIGHT_OPEN.sub("“", text)
    text = _GERMAN_CLOSE.sub("”", text) if "„" in text else text
    return _TOKEN.findall(text + "\n")[:-1]


def shape(written: str) -> tuple[str, int]:
    """A pattern's token as `found` tells it; of marks only what they do."""
    if written == "\n":
        return "\n", LINE
    if written[0].isalnum():
        return written, WORD
    return "", OPENS if written in "«„“‘" else STOP if written in ".!?…" else CLOSES


_BITS = [*" \n\"'“”„‘’«»([—-.,:!?…_", "a", "B", "18", "4", "x9", "é", "東", "٣", "½", "ि", "\ud800"]


@given(st.lists(st.lists(st.sampled_from(_BITS), max_size=30).map("".join), max_size=5))
def test_tokens_are_those_that_patterns_find(texts: list[str]) -> None:
    wanted = [shape(token) for text in texts for token in ["\n", *by_pattern(text)]]
    told = [(w if kind in (WORD, LINE) else "", kind) for w, kind in found(*texts)]
    assert told == wanted
