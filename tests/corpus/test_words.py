import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus.words import U32, Characters, Vocabulary, character_classes, joined


class Spelt:
    """Codes that are the lengths of tokens; `asked` are those that were spelt."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, token: str) -> int:
        self.asked.append(token)
        return len(token)


def codes(vocabulary: Vocabulary, *texts: str) -> list[int]:
    text = joined(list(texts))
    is_word = character_classes(r"\w").of(text.points)
    starts = np.flatnonzero(is_word[1:] > is_word[:-1]) + 1
    ends = np.flatnonzero(is_word[:-1] > is_word[1:]) + 1
    return list(map(int, vocabulary.codes(text, starts, ends)))


def test_texts_lie_between_line_breaks() -> None:
    found = joined(["one", "", "three"])
    assert found.text == "\none\n\nthree\n"
    assert found.breaks.tolist() == [0, 4, 5, 11]
    assert "".join(map(chr, found.points)) == found.text
    assert joined([]).breaks.tolist() == [0]


def points(text: str) -> U32:
    return np.array([ord(c) for c in text], np.uint32)


def test_a_character_has_a_bit_for_each_class_that_it_is_of() -> None:
    found = Characters(r"\w", "[aé東\U0001f600]", r"\s")
    assert found.of(points("aé東\U0001f600b \0")).tolist() == [3, 3, 3, 2, 1, 4, 0]
    assert found.of(points("\ud800\U0010ffff")).tolist() == [0, 0]


@given(st.lists(st.text(max_size=20), max_size=4))
def test_what_a_character_is_does_not_depend_on_those_met_before(texts: list[str]) -> None:
    found = Characters(r"\w", r"\s")
    for text in texts:
        expected = [bool(re.match(r"\w", c)) + 2 * bool(re.match(r"\s", c)) for c in text]
        assert found.of(points(text)).tolist() == [
            bits if ord(c) < 0x40000 else 0 for bits, c in zip(expected, text, strict=True)
        ]


def test_a_token_is_spelt_once() -> None:
    spelt = Spelt()
    vocabulary = Vocabulary(spelt)
    assert codes(vocabulary, "the harbour the", "the end") == [3, 7, 3, 3, 3]
    assert codes(vocabulary, "harbour end") == [7, 3]
    assert sorted(spelt.asked) == ["end", "harbour", "the"]


def test_a_vocabulary_that_is_full_forgets_and_is_as_right_as_before() -> None:
    vocabulary = Vocabulary(int)
    numbers = list(range(1_200_000))
    for _ in range(2):
        assert codes(vocabulary, " ".join(map(str, numbers))) == numbers


def test_words_of_the_same_letters_are_told_apart() -> None:
    words = ["ab", "ba", "abba", "baab", "a", "aa", "aaa", "tea", "eat", "ate", "é", "ß", "\u01c5"]
    spelt = Spelt()
    codes(Vocabulary(spelt), " ".join(words))
    assert sorted(spelt.asked) == sorted(words)


@given(st.lists(st.text("ab東 \n", max_size=200), max_size=5), st.integers(0, 70_000))
def test_tokens_are_found_wherever_they_stand(texts: list[str], before: int) -> None:
    vocabulary = Vocabulary(lambda token: hash(token) % 2**64)
    wanted = [hash(word) % 2**64 for text in texts for word in text.split()]
    assert codes(vocabulary, " " * before, *texts) == wanted


def test_a_token_across_the_blocks_that_sums_are_made_of_is_whole() -> None:
    spelt = Spelt()
    vocabulary = Vocabulary(spelt)
    for before in range((1 << 16) - 70, (1 << 16) + 3):
        assert codes(vocabulary, "." * before + "x" * 64 + " " + "y" * 65) == [64, 65]
    assert spelt.asked.count("x" * 64) == 1
