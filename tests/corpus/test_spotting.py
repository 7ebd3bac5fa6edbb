import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus.rows import Index, Rows, rows_of
from corpus.spotting import masks, spots

VALUES = st.integers(0, 30) | st.integers(0, 2**32 - 1)
ROWS = st.lists(st.lists(VALUES, max_size=12), min_size=1, max_size=4)
SETS = st.lists(st.sets(VALUES, max_size=12), min_size=1, max_size=4)
PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=20)


def arrays(rows: list[list[int]]) -> Rows:
    return rows_of(np.array(row, np.uint32) for row in rows)


def held_pairs(pairs: list[tuple[int, int]], rows: int, sets: int) -> Index:
    return np.array([(a % rows, b % sets) for a, b in pairs], np.int64).reshape(-1, 2)


@given(ROWS, SETS, PAIRS)
def test_a_value_that_a_row_and_a_set_have_is_found_as_often_as_the_row_has_it(
    rows: list[list[int]], sets: list[set[int]], pairs: list[tuple[int, int]]
) -> None:
    some, held = held_pairs(pairs, len(rows), len(sets)), arrays([sorted(one) for one in sets])
    pair, place = spots(arrays(rows), held, some)
    found = list(zip(pair.tolist(), held.values[place].tolist(), strict=True))
    assert found == [
        (n, value)
        for n, (a, b) in enumerate(some.tolist())
        for value in rows[a]
        if value in sets[b]
    ]
    assert all(
        held.starts[b] <= at < held.starts[b + 1]
        for at, b in zip(place.tolist(), some[pair, 1].tolist(), strict=True)
    )


@given(ROWS, SETS, PAIRS)
def test_a_mask_has_a_bit_for_each_value_of_the_set_that_the_row_has(
    rows: list[list[int]], sets: list[set[int]], pairs: list[tuple[int, int]]
) -> None:
    some, held = held_pairs(pairs, len(rows), len(sets)), arrays([sorted(one) for one in sets])
    assert masks(arrays(rows), held, some) == [
        sum(1 << n for n, value in enumerate(sorted(sets[b])) if value in rows[a])
        for a, b in some.tolist()
    ]


def test_many_values_with_the_same_bits_are_told_apart() -> None:
    values = np.arange(0, 2**32, 2**20, dtype=np.uint32)
    held = Rows(values, np.array([0, len(values)]))
    pair, place = spots(Rows(values[::-1].copy(), held.starts), held, np.array([[0, 0]] * 50))
    assert place.tolist() == 50 * list(range(len(values)))[::-1]
    assert np.bincount(pair).tolist() == [len(values)] * 50
