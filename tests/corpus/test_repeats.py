import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus.repeats import furniture
from corpus.rows import Rows, rows_of
from tests.corpus.made_up import SETTINGS


def sets(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**32, count, dtype=np.uint32)


def marked(
    texts: list[np.ndarray], sites: list[int], pages: list[int] | None = None
) -> list[set[int]]:
    """The furniture in each text."""
    rows: Rows = rows_of(np.unique(text) for text in texts)
    numbers = np.array(pages if pages is not None else range(len(texts)))
    marks = furniture(rows, np.array(sites), numbers, SETTINGS.furniture)
    bounds = zip(rows.starts[:-1], rows.starts[1:], strict=True)
    return [set(rows.values[a:b][marks[a:b]].tolist()) for a, b in bounds]


BLOCK = sets(99, 40)


def page(n: int) -> np.ndarray:
    return np.concatenate((sets(n, 100), BLOCK))


def test_what_stands_on_three_pages_of_a_site_is_furniture() -> None:
    assert marked([page(n) for n in range(3)], [0, 0, 0]) == [set(BLOCK.tolist())] * 3


def test_what_stands_on_two_pages_is_not() -> None:
    assert marked([page(n) for n in range(2)], [0, 0]) == [set(), set()]


def test_pages_of_different_sites_have_no_furniture_in_common() -> None:
    assert marked([page(n) for n in range(3)], [0, 1, 2]) == [set()] * 3


def test_an_unknown_site_has_no_furniture() -> None:
    assert marked([page(n) for n in range(4)], [-1] * 4) == [set()] * 4


def test_versions_of_one_page_count_once() -> None:
    assert marked([page(1)] * 3, [0] * 3, pages=[7, 7, 7]) == [set()] * 3


def test_copies_of_each_other_count_once() -> None:
    story = sets(5, 200)
    copies = [np.concatenate((story, sets(n, 15))) for n in range(10, 14)]
    assert marked([*copies, sets(20, 200)], [0] * 5) == [set()] * 5


def test_a_copy_still_loses_the_furniture_around_it() -> None:
    story = np.concatenate((sets(5, 200), BLOCK))
    found = marked([story, story[:230], *(page(n) for n in range(9))], [0] * 11)
    assert found[0] == set(BLOCK.tolist())


@given(st.permutations(range(6)))
def test_the_order_of_the_pages_does_not_matter(order: list[int]) -> None:
    texts = [page(0), page(1), page(2), sets(3, 50), page(4), sets(5, 50)]
    sites = [0, 0, 0, 0, 1, 1]
    straight = marked(texts, sites)
    turned = marked([texts[n] for n in order], [sites[n] for n in order], pages=list(order))
    assert turned == [straight[n] for n in order]
