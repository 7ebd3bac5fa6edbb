"""Words, and what is made of them for telling texts apart."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from corpus.language import count_words
from corpus.tokens import word_key, words

MIXED = st.text(st.sampled_from("ab_9 .,'’-\n\t\xa0ßİé“—字ก\u0301"), max_size=40)


@given(st.text(max_size=60) | MIXED)
@example("Don't — stop_it, ISTANBUL İstanbul 3.5!")
def test_a_key_has_the_words_that_the_pattern_of_words_finds(text: str) -> None:
    assert word_key(text) == " ".join(re.findall(r"\w+", text.lower()))


def test_a_text_too_long_to_be_kept_has_the_same_key() -> None:
    assert word_key("Bridge, open! " * 1_000) == "bridge open " * 999 + "bridge open"


def test_a_chinese_character_is_a_word_beside_letters_too() -> None:
    assert words("AB市議") == ["ab", "市", "議"]


@given(st.text(max_size=60) | MIXED)
def test_words_are_counted_as_the_pattern_of_words_counts_them(text: str) -> None:
    unspaced = r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]"
    spaced = re.sub(unspaced, " ", text)
    expected = len(re.findall(unspaced, text)) + len(re.findall(r"\w+(?:['’]\w+)*", spaced))
    assert count_words(text) == expected
