import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus.repeats import AT_ONCE, UNDATED, blocks, furniture, marked
from corpus.rows import Rows, rows_of
from tests.corpus.made_up import SETTINGS


def sets(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**32, count, dtype=np.uint32)


def found(
    texts: list[np.ndarray], pages: list[int] | None = None, at_once: int = AT_ONCE
) -> set[int]:
    """The furniture of a site."""
    rows: Rows = rows_of(np.unique(text) for text in texts)
    numbers = np.array(pages if pages is not None else range(len(texts)))
    return set(furniture(rows, numbers, SETTINGS.furniture, at_once).tolist())


BLOCK = sets(99, 40)


def page(n: int) -> np.ndarray:
    return np.concatenate((sets(n, 100), BLOCK))


def test_what_stands_on_three_pages_of_a_site_is_furniture() -> None:
    assert found([page(n) for n in range(3)]) == set(BLOCK.tolist())


def test_what_stands_on_two_pages_is_not() -> None:
    assert found([page(n) for n in range(2)]) == set()


def test_versions_of_one_page_count_once() -> None:
    assert found([page(1)] * 3, pages=[7, 7, 7]) == set()


def test_copies_of_each_other_count_once() -> None:
    story = sets(5, 200)
    copies = [np.concatenate((story, sets(n, 15))) for n in range(10, 14)]
    assert found([*copies, sets(20, 200)]) == set()


def test_a_long_story_on_ever_so_many_pages_of_a_site_is_not_its_furniture() -> None:
    story = sets(5, 600)
    versions = [
        np.concatenate((np.delete(story, slice(n, n + 60)), sets(n, 40))) for n in range(30)
    ]
    assert found([*versions, *(page(n) for n in range(50, 59))]) == set(BLOCK.tolist())


def test_a_copy_still_loses_the_furniture_around_it() -> None:
    story = np.concatenate((sets(5, 200), BLOCK))
    assert found([story, story[:230], *(page(n) for n in range(9))]) == set(BLOCK.tolist())


@given(st.permutations(range(6)))
def test_the_order_of_the_pages_does_not_matter(order: list[int]) -> None:
    texts = [page(0), page(1), page(2), sets(3, 50), page(4), sets(5, 50)]
    assert found([texts[n] for n in order], list(order)) == found(texts)


def test_a_site_of_millions_of_words_is_counted_in_parts() -> None:
    pages = [page(n) for n in range(40)]
    assert found(pages, at_once=300) == found(pages)


def test_days_stand_in_blocks_as_long_as_the_window() -> None:
    block = blocks(np.array([0.0, 13.9, 14.0, 28.0, 41.9, 42.0, math.nan]), 14.0)
    assert block.tolist() == [0, 0, 1, 2, 2, 3, UNDATED]


def test_without_a_window_all_dated_pages_see_each_other() -> None:
    assert blocks(np.array([0.0, 20000.0]), math.inf).tolist() == [0, 0]


@given(st.lists(st.integers(0, 50), max_size=60), st.sets(st.integers(0, 50), max_size=20))
def test_marks_are_those_of_membership(values: list[int], hashes: set[int]) -> None:
    # Hashes that differ in their high bits only are told apart.
    held = np.array(values, np.uint32) << np.uint32(20) | np.uint32(7)
    wanted = np.sort(np.array(sorted(hashes), np.uint32) << np.uint32(20) | np.uint32(7))
    assert marked(held, wanted).tolist() == [v in hashes for v in values]
