import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus.matching import Matches
from corpus.rows import Rows, rows_of

VALUES = st.one_of(
    st.integers(0, 20),
    st.integers((1 << 32) - 20, (1 << 32) - 1),
    st.integers(0, (1 << 32) - 1),
)
ROWS = st.lists(st.frozensets(VALUES, max_size=40), min_size=1, max_size=6)


def rows(sets: list[frozenset[int]]) -> Rows:
    return rows_of(np.array(sorted(values), np.uint32) for values in sets)


@given(ROWS, st.data())
def test_matches_are_the_values_that_both_rows_have(
    sets: list[frozenset[int]], data: st.DataObject
) -> None:
    row = st.integers(0, len(sets) - 1)
    pairs = np.array(data.draw(st.lists(st.tuples(row, row), max_size=8)), np.int64).reshape(-1, 2)
    held = rows(sets)
    found, places = Matches(held, held, pairs), np.arange(len(held.values))
    for n, (one, other) in enumerate(pairs.tolist()):
        mine = found.pair == n
        first, second = found.of_held(places)[mine], found.of_wanted(places)[mine]
        assert sorted(held.values[first].tolist()) == sorted(sets[one] & sets[other])
        assert (held.values[first] == held.values[second]).all()
        assert ((first >= held.starts[one]) & (first < held.starts[one + 1])).all()
        assert ((second >= held.starts[other]) & (second < held.starts[other + 1])).all()


def test_rows_of_one_stretch_are_searched_by_halves() -> None:
    held = rows([frozenset(range(0, 3000, 3)), frozenset(range(0, 3000, 2)), frozenset({1 << 31})])
    found = Matches(held, held, np.array([[0, 1], [0, 2]]))
    assert sorted(found.of_held(held.values).tolist()) == list(range(0, 3000, 6))
    assert not found.pair.any()
