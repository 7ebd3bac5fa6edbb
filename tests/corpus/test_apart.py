"""Marks keep apart what pairs of them do; told again by plain Python, pair by pair."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus.apart import NO_MARKS, at_odds, classes, torn
from corpus.rows import Index

THINGS = 8
MARKS = st.lists(
    st.tuples(st.integers(0, THINGS - 1), st.integers(0, 2), st.integers(0, 2)),
    unique_by=lambda mark: mark[:2],
    max_size=12,
)
GROUPS = st.lists(st.integers(0, 3), min_size=THINGS, max_size=THINGS)


def rows(marks: list[tuple[int, int, int]]) -> Index:
    return np.array(marks, np.int64).reshape(-1, 3) if marks else NO_MARKS


def pairs(marks: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
    return [(a[0], b[0]) for a, b in combinations(marks, 2) if a[1] == b[1] and a[2] != b[2]]


@given(MARKS, GROUPS)
def test_two_groups_are_at_odds_where_two_of_their_things_are(
    marks: list[tuple[int, int, int]], groups: list[int]
) -> None:
    held = classes(np.array(groups), rows(marks))
    foes = {frozenset((groups[a], groups[b])) for a, b in pairs(marks)}
    for one, other in combinations(range(4), 2):
        found = at_odds(held.get(one, {}), held.get(other, {}))
        assert found == at_odds(held.get(other, {}), held.get(one, {}))
        assert found == (frozenset((one, other)) in foes)


@given(MARKS, GROUPS, st.lists(st.integers(0, 7), min_size=THINGS, max_size=THINGS))
def test_a_group_is_torn_where_two_of_its_things_cannot_be_together_and_need_not(
    marks: list[tuple[int, int, int]], groups: list[int], parts: list[int]
) -> None:
    must = [8 * group + part for group, part in zip(groups, parts, strict=True)]
    expected = {groups[a] for a, b in pairs(marks) if groups[a] == groups[b] and must[a] != must[b]}
    assert set(torn(np.array(groups), np.array(must), rows(marks)).tolist()) == expected
