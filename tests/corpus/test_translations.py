import numpy as np

from corpus.terms import LANGUAGES
from corpus.translations import across

ABSENT = -2.0


def joined(languages: str, label: list[int], odds: dict[tuple[int, int], float]) -> list[int]:
    """The families of texts in these languages, by the families before and the pairs in two languages."""
    spoken = np.array([LANGUAGES.index(code if code != "??" else "") for code in languages.split()])
    pairs = np.array(list(odds), np.int64).reshape(-1, 2)
    values = np.array(list(odds.values()), np.float64)
    found = across(np.array(label), spoken.astype(np.uint8), pairs, values, ABSENT)
    return list(map(int, found))


def test_a_translation_joins_the_family_that_it_resembles() -> None:
    assert joined("en es", [0, 1], {(0, 1): 2.0}) == [0, 0]
    assert joined("en es", [0, 1], {(0, 1): -0.5}) == [0, 1]


def test_two_families_of_one_language_are_not_joined_over_a_translation() -> None:
    assert joined("en en es", [0, 1, 2], {(0, 2): 2.0, (1, 2): 5.0}) == [0, 1, 1]


def test_families_of_a_language_that_is_not_known_may_come_together() -> None:
    assert joined("?? ?? es", [0, 1, 2], {(0, 2): 5.0, (1, 2): 5.0}) == [0, 0, 0]


def test_translations_of_one_story_into_several_languages_are_one_story() -> None:
    odds = {(0, 1): 5.0, (0, 2): 4.0, (1, 2): 3.0, (0, 3): 5.0}
    assert joined("en es fr de", [0, 1, 2, 3], odds) == [0, 0, 0, 0]


def test_pairs_that_were_not_judged_count_against_a_join() -> None:
    assert joined("en en es es", [0, 0, 2, 2], {(0, 2): 5.0}) == [0, 0, 2, 2]
    assert joined("en en es es", [0, 0, 2, 2], {(0, 2): 5.0, (1, 3): 5.0}) == [0, 0, 0, 0]


def test_of_large_families_a_few_pairs_are_enough() -> None:
    odds = {(n, 10 + n): 3.0 for n in range(4)}
    assert joined("en " * 10 + "es " * 10, [0] * 10 + [10] * 10, odds) == [0] * 20


def test_what_resembles_more_is_joined_first_and_of_equals_the_first() -> None:
    odds = {(0, 2): 3.0, (1, 2): 3.0, (1, 3): 3.0}
    assert joined("en en es fr", [0, 1, 2, 3], odds) == [0, 1, 0, 1]


def test_without_pairs_families_stay_as_they_are() -> None:
    assert joined("en es", [0, 1], {}) == [0, 1]
