"""Which blocks an answer holds, however the extractor cut and joined them."""

from hypothesis import given
from hypothesis import strategies as st

from corpus.held import Blocks
from tests.corpus.made_up import paragraph, story

BODY = story(1, 4)


def test_a_block_that_is_a_line_of_the_answer_is_held() -> None:
    blocks = Blocks([*BODY, "Next", "Read also: the mill"])
    assert blocks.held("\n\n".join([BODY[0], "Next"])) == (True, False, False, False, True, False)


def test_white_space_and_list_marks_do_not_matter() -> None:
    assert Blocks(["One loaf of bread", "Salt"]).held("-  One  loaf of\tbread\n- Salt") == (
        True,
        True,
    )


def test_an_empty_answer_holds_nothing() -> None:
    assert Blocks(BODY).held(" \n ") == (False,) * 4


def test_a_row_of_a_table_holds_its_cells() -> None:
    assert Blocks(["Bread", "12", "Milk"]).held("| Bread | 12 |") == (True, True, False)


def test_a_text_that_stands_twice_is_held_beside_its_neighbours() -> None:
    blocks = Blocks(["Weather", *BODY[:2], "Weather", *BODY[2:], "Weather"])
    answer = "\n".join([*BODY[:2], "Weather", *BODY[2:]])
    assert blocks.held(answer) == (False, True, True, True, True, True, False)


def test_of_repeated_texts_before_the_first_known_line_the_nearest_is_held() -> None:
    assert Blocks(["Weather", "Weather", *BODY]).held("\n".join(["Weather", *BODY]))[:2] == (
        False,
        True,
    )


def test_a_repeated_text_outside_of_its_neighbours_is_still_held_once() -> None:
    blocks = Blocks(["Weather", "Weather", *BODY])
    assert sum(blocks.held("\n".join([BODY[0], "Weather", BODY[1]]))) == 3


def test_blocks_that_were_joined_to_a_line_are_held() -> None:
    assert Blocks([*BODY, paragraph(99)]).held(" ".join(BODY)) == (True, True, True, True, False)


def test_a_long_block_may_be_cut_short_but_not_to_a_few_words() -> None:
    text = " ".join(BODY[0].split()[:30])
    assert Blocks([BODY[0]]).held(text) == (True,)
    assert Blocks([BODY[0]]).held(" ".join(BODY[0].split()[:8])) == (False,)


def test_a_short_block_inside_a_line_is_not_held() -> None:
    assert Blocks(["Read more", *BODY]).held(f"Read more of it. {BODY[0]}")[0] is False


@given(st.lists(st.text(max_size=30), max_size=12), st.text(max_size=200))
def test_there_is_a_verdict_for_each_block(texts: list[str], answer: str) -> None:
    assert len(Blocks(texts).held(answer)) == len(texts)


@given(st.lists(st.from_regex(r"[a-z]{1,8}( [a-z]{1,8}){0,4}", fullmatch=True), max_size=12))
def test_the_page_itself_holds_every_block_with_text(texts: list[str]) -> None:
    held = Blocks(texts).held("\n".join(texts))
    keys = ["".join(text.split()) for text in texts]  # white space tells no blocks apart
    unique = [n for n, key in enumerate(keys) if keys.count(key) == 1]
    assert all(held[n] for n in unique)
