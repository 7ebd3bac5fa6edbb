import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus.rows import (
    Rows,
    among,
    both_ends,
    differing,
    either_end,
    kept,
    owners,
    places,
    ranked,
    rows_of,
    sort_rows,
    starts_of,
    taken,
)

LISTS = st.lists(st.lists(st.integers(0, 30), max_size=6), max_size=8)


def rows(lists: list[list[int]]) -> Rows:
    return rows_of(np.array(values, np.uint32) for values in lists)


def lists(found: Rows) -> list[list[int]]:
    return [found.row(n).tolist() for n in range(len(found.lengths))]


@given(LISTS)
def test_rows_are_the_arrays_they_were_made_of(values: list[list[int]]) -> None:
    assert lists(rows(values)) == values


@given(LISTS.filter(bool), st.data())
def test_rows_are_taken_in_the_order_asked_for(
    values: list[list[int]], data: st.DataObject
) -> None:
    wanted = data.draw(st.lists(st.integers(0, len(values) - 1)))
    index = np.array(wanted, np.int64)
    assert lists(taken(rows(values), index)) == [values[n] for n in wanted]
    at, begin = places(rows(values).starts, index)
    assert (len(at), len(begin)) == (begin[-1], len(wanted) + 1)


def test_long_rows_are_taken_in_the_order_asked_for() -> None:
    values = [list(range(200)), [], list(range(5, 500)), [7]]
    wanted = [2, 0, 0, 1, 2]
    assert lists(taken(rows(values), np.array(wanted))) == [values[n] for n in wanted]


@given(LISTS)
def test_values_that_are_not_kept_leave_their_row(values: list[list[int]]) -> None:
    found = rows(values)
    assert lists(kept(found, found.values % 2 == 0)) == [
        [value for value in row if value % 2 == 0] for row in values
    ]


@given(LISTS)
def test_each_value_has_its_owner(values: list[list[int]]) -> None:
    assert owners(rows(values).starts).tolist() == [n for n, row in enumerate(values) for _ in row]


def test_starts_end_with_the_total() -> None:
    assert starts_of(np.array([2, 0, 3])).tolist() == [0, 2, 2, 5]


@given(st.lists(st.integers(0, 30)), st.lists(st.integers(0, 30)))
def test_among_is_membership(values: list[int], others: list[int]) -> None:
    found = among(np.array(values, np.uint32), np.sort(np.array(others, np.uint32)))
    assert found.tolist() == [value in others for value in values]


def test_rows_are_sorted_each_by_itself_and_told_apart() -> None:
    values = np.array([3, 1, 3, 3, 2, 2], np.uint64)
    starts = np.array([0, 3, 3, 6])
    sort_rows(values, starts)
    assert values.tolist() == [1, 3, 3, 2, 2, 3]
    assert differing(values, starts).tolist() == [True, True, False, True, False, True]
    assert differing(np.array([5, 5]), np.array([0, 1, 2])).tolist() == [True, True]
    assert not len(differing(np.zeros(0, np.uint64), np.array([0, 0])))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))))
def test_ranks_stand_in_the_order_of_the_rows(values: list[tuple[int, int, int]]) -> None:
    first, second, third = np.array(values, np.int64).reshape(-1, 3).T
    ranks = ranked((first, second, third)).tolist()
    assert sorted(values) == [values[n] for n in np.argsort(ranks, kind="stable")]
    assert [a == b for a in ranks for b in ranks] == [a == b for a in values for b in values]


@given(st.lists(st.booleans(), min_size=1, max_size=6), st.data())
def test_pairs_with_a_marked_end_and_with_two(marks: list[bool], data: st.DataObject) -> None:
    end = st.integers(0, len(marks) - 1)
    pairs = data.draw(st.lists(st.tuples(end, end)))
    coded = np.array(pairs, np.int64).reshape(-1, 2)
    assert either_end(np.array(marks), coded).tolist() == [marks[a] or marks[b] for a, b in pairs]
    assert both_ends(np.array(marks), coded).tolist() == [marks[a] and marks[b] for a, b in pairs]
