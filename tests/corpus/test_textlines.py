"""Lines of plain texts as passages."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.textlines import Passage, passages

PARAGRAPHS = """\
The council of Eastport voted on Thursday night to close the old drawbridge for two winters.
Lorries have not been allowed on the bridge since spring, and the ferry that took over is too small.
What happens now
The towers will be taken down and built again, in steel, before the spring, if the county can pay.
Nobody had thought of that before, said the harbour master, who has seen three bridges come and go.
""".splitlines()


def texts(text: str) -> list[str]:
    return [passage.text for passage in passages(text)]


@pytest.mark.parametrize("width", [40, 60, 72])
def test_wrapped_paragraphs_between_blank_lines_are_joined(width: int) -> None:
    assert texts("\n\n".join(textwrap.fill(p, width) for p in PARAGRAPHS)) == PARAGRAPHS


def test_wrapped_paragraphs_with_an_indent_are_joined() -> None:
    wrapped = "\n".join(textwrap.fill(p, 66, initial_indent="    ") for p in PARAGRAPHS)
    assert texts(wrapped) == PARAGRAPHS


def test_words_broken_at_a_hyphen_are_one_again() -> None:
    wrapped = textwrap.fill("a long-standing and well-meant " * 12, 40)
    assert "-\n" in wrapped
    assert texts(wrapped) == [" ".join(("a long-standing and well-meant " * 12).split())]


def test_text_without_spaces_is_joined_without_any() -> None:
    paragraph = "东港市议会星期四晚上决定把老吊桥关闭两个冬天" * 12
    lines = [paragraph[n : n + 36] for n in range(0, len(paragraph), 36)]
    assert texts("\n".join(lines)) == [paragraph]


def test_a_paragraph_a_line_is_left_alone() -> None:
    assert texts("\n".join(PARAGRAPHS)) == PARAGRAPHS
    assert texts("\r\n\r\n".join(PARAGRAPHS)) == PARAGRAPHS


def test_verse_is_left_alone() -> None:
    verse = (
        "Bridge of stone,\nbridge of salt,\nmay no one take your sea,\nmay no one take your wind."
    )
    assert texts(verse) == verse.split("\n")


def test_what_follows_without_a_blank_line_is_tight() -> None:
    assert passages("a b\nc d\n\ne f") == (
        Passage("a b"),
        Passage("c d", tight=True),
        Passage("e f"),
    )


def test_bullets_numbers_and_indents_make_items() -> None:
    told = passages(f"{PARAGRAPHS[0]}\n- steel\n2. stone\n    wood\nend")
    assert [p.item for p in told] == [False, True, True, True, False]


@given(st.text(alphabet="ab .-\n\t\r\u00ad\u3000桥。", max_size=400))
def test_every_visible_character_is_kept_in_order(text: str) -> None:
    assert "".join("".join(texts(text)).split()) == "".join(text.replace("\u00ad", "").split())
