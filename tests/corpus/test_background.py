import numpy as np

from corpus.background import Beside, background
from tests.corpus.made_up import SETTINGS, cluster_documents, document, paragraph, story

RULES = SETTINGS.background


def found(pairs: dict[tuple[int, int], tuple[float, float]]) -> list[tuple[int, int]]:
    """The pairs that share background only, by their containment and common 5-grams; all are asked."""
    ends = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    shares = np.array([pairs[a, b] for a, b in ends.tolist()], np.float64).reshape(-1, 2)
    beside = Beside(ends, shares[:, 0], shares[:, 1])
    marks = background(beside, np.ones(len(ends), bool), RULES)
    return [(a, b) for (a, b), mark in zip(ends.tolist(), marks.tolist(), strict=True) if mark]


def test_what_three_texts_share_alike_is_background() -> None:
    assert found({(0, 1): (0.5, 40), (0, 2): (0.4, 40), (1, 2): (0.45, 41)}) == [
        (0, 1),
        (0, 2),
        (1, 2),
    ]


def test_what_two_texts_share_is_none() -> None:
    assert found({(0, 1): (0.5, 40)}) == []
    assert found({(0, 1): (0.5, 40), (1, 2): (0.5, 40)}) == []
    assert found({}) == []


def test_texts_that_share_more_with_each_other_than_with_a_third_are_copies() -> None:
    assert found({(0, 1): (0.5, 80), (0, 2): (0.4, 40), (1, 2): (0.45, 41)}) == []


def test_what_is_most_of_a_text_is_no_background() -> None:
    assert found({(0, 1): (0.7, 40), (0, 2): (0.7, 40), (1, 2): (0.7, 40)}) == []


def test_only_pairs_that_are_asked_are_told() -> None:
    ends = np.array([[0, 1], [0, 2], [1, 2]])
    beside = Beside(ends, np.full(3, 0.5), np.full(3, 40.0))
    assert background(beside, np.array([True, False, False]), RULES).tolist() == [
        True,
        False,
        False,
    ]


def test_posts_with_one_paragraph_in_common_are_no_copies() -> None:
    below = paragraph(1, 60)
    posts = [document(f"post{n}", [*story(n + 2, 2), below]) for n in range(4)]
    assert len(cluster_documents(posts).clusters) == 4


def test_a_story_with_a_new_top_is_a_copy_of_the_old_ones() -> None:
    whole = story(1, 6)
    old = [document(f"old{n}", [*whole, paragraph(70 + n, 12)]) for n in range(3)]
    new = document("new", [*story(9, 2), *whole[1:]])
    assert len(cluster_documents([*old, new]).clusters) == 1
