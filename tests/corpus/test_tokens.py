"""Words, and what is made of them for telling texts apart."""

import re
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from corpus.language import count_words
from corpus.tokens import line_words, visible, word_key, words

MIXED = st.text(st.sampled_from("ab_9 .,'’-\n\t\xa0ßİé“—字ก\u0301"), max_size=40)


SHAPELESS = "\x00\x07\x1b\x7f\x80\x9f\u00ad\u200b\u2060\ufeff"
SPACED = st.text(st.sampled_from("ab. \n\t\xa0\u2028é" + SHAPELESS), max_size=90)


@given(
    SPACED,
    st.sampled_from(
        ("", "a long line in plain letters of more than sixty characters, as most are")
    ),
)
@example("one  two", "")
@example("", " one")
def test_what_is_seen_has_single_blanks_and_nothing_without_a_shape(text: str, more: str) -> None:
    whole = text + more
    kept = "".join(c for c in unicodedata.normalize("NFC", whole) if c not in SHAPELESS)
    spaced = " ".join(whole.split())
    assert visible(whole) == " ".join(kept.split()) or not spaced.isprintable()
    assert visible(whole) == visible(f" {whole}\n")
    assert not set(visible(whole)) & set(SHAPELESS)


@given(st.text(max_size=60) | MIXED)
def test_a_lines_words_are_those_of_its_key(text: str) -> None:
    assert list(line_words(text)) == word_key(text).split()


@given(st.text(max_size=60) | MIXED)
@example("Don't — stop_it, ISTANBUL İstanbul 3.5!")
@example("It’s “Café”, 5½ º µg… × ÷ ª ſ")
@example("„Œuvre“ — łódź")
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
