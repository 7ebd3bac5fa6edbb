import random
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.cluster import ClusterSettings, average_link, components, twins
from corpus.rows import Index

SETTINGS = ClusterSettings(absent=-2.0, weak=-2.0, twin_odds=7.0, twin_jaccard=0.85, crowd=16)

Edges = dict[tuple[int, int], float]


def linked(count: int, edges: Edges, weights: list[int] | None = None) -> list[int]:
    pairs = np.array(sorted(edges), np.int64).reshape(-1, 2)
    odds = np.array([edges[pair] for pair in sorted(edges)], float)
    held = np.array(weights or [1] * count, np.int64)
    return [int(label) for label in average_link(held, pairs, odds, SETTINGS)]


EDGES = st.dictionaries(
    st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda p: p[0] < p[1]),
    st.floats(-8, 8, allow_nan=False),
    max_size=30,
)


def test_texts_without_pairs_are_alone() -> None:
    assert linked(3, {}) == [0, 1, 2]
    assert linked(0, {}) == []


def test_strong_pairs_are_joined_and_weak_ones_are_not() -> None:
    assert linked(4, {(0, 1): 5.0, (2, 3): -1.0}) == [0, 0, 2, 3]


def test_a_chain_does_not_make_one_cluster() -> None:
    chain = {(n, n + 1): 3.0 for n in range(9)}
    assert max(np.bincount(linked(10, chain))) == 2


def test_one_strong_pair_does_not_glue_two_full_clusters() -> None:
    edges = {(a, b): 6.0 for part in (range(5), range(5, 10)) for a in part for b in part if a < b}
    assert linked(10, {**edges, (0, 9): 5.0}) == [0] * 5 + [5] * 5


def test_a_missing_pair_counts_against_but_not_more_than_it_weighs() -> None:
    assert linked(3, {(0, 1): 6.0, (0, 2): 5.0}) == [0, 0, 0]  # (5 - 2) / 2 > 0
    assert linked(3, {(0, 1): 6.0, (0, 2): 1.5}) == [0, 0, 2]


def test_identical_texts_count_as_many() -> None:
    edges = {(0, 1): 6.0, (0, 2): 3.0}
    assert linked(3, edges) == [0, 0, 0]
    assert linked(3, edges, [1, 9, 1]) == [0, 0, 2]  # nine texts were never like the third


def test_a_pair_that_was_compared_and_refused_counts_more_than_a_missing_one() -> None:
    assert linked(3, {(0, 1): 6.0, (0, 2): 3.0, (1, 2): -5.0}) == [0, 0, 2]


@given(EDGES)
def test_clusters_stay_inside_components_and_are_named_by_their_smallest_text(edges: Edges) -> None:
    found = linked(12, edges)
    strong = np.array([p for p, odds in sorted(edges.items()) if odds > SETTINGS.weak], np.int64)
    part = components(12, strong.reshape(-1, 2)[:, 0], strong.reshape(-1, 2)[:, 1])
    for text, label in enumerate(found):
        assert label <= text
        assert found[label] == label
        assert part[text] == part[label]


@given(EDGES, st.permutations(range(12)))
def test_the_numbering_of_the_texts_does_not_matter(edges: Edges, numbers: list[int]) -> None:
    distinct = {
        pair: round(odds, 3) + random.Random(n).random() / 50  # means of them do not meet either
        for n, (pair, odds) in enumerate(sorted(edges.items()))
    }
    renamed = {
        (min(numbers[a], numbers[b]), max(numbers[a], numbers[b])): odds
        for (a, b), odds in distinct.items()
    }
    one, other = linked(12, distinct), linked(12, renamed)
    together = {(a, b) for a in range(12) for b in range(a) if one[a] == one[b]}
    assert together == {
        (a, b) for a in range(12) for b in range(a) if other[numbers[a]] == other[numbers[b]]
    }


def test_components_are_named_by_their_smallest_member() -> None:
    left, right = np.array([5, 3, 1]), np.array([4, 4, 0])
    assert components(6, left, right).tolist() == [0, 0, 2, 3, 3, 3]


CORRECTIONS = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda p: p[0] < p[1]), max_size=5
)


def marks(cannot: list[tuple[int, int]]) -> Index:
    """Each pair as a line of two."""
    rows = [
        (text, line, kind) for line, pair in enumerate(cannot) for kind, text in enumerate(pair)
    ]
    return np.array(rows, np.int64).reshape(-1, 3)


def corrected(
    count: int, edges: Edges, must: list[tuple[int, int]], cannot: list[tuple[int, int]]
) -> list[int]:
    pairs = np.array(sorted(edges), np.int64).reshape(-1, 2)
    odds = np.array([edges[pair] for pair in sorted(edges)], float)
    found = average_link(
        np.ones(count, np.int64),
        pairs,
        odds,
        SETTINGS,
        must=np.array(must, np.int64).reshape(-1, 2),
        cannot=marks(cannot),
    )
    return [int(label) for label in found]


def test_what_must_be_together_is_together_though_nothing_was_compared() -> None:
    assert corrected(4, {}, [(1, 3)], []) == [0, 1, 2, 1]
    assert corrected(4, {(0, 3): -6.0}, [(0, 3)], []) == [0, 1, 2, 0]


def test_what_cannot_be_together_is_apart_and_the_stronger_pair_keeps_a_third() -> None:
    assert corrected(3, {(0, 1): 6.0, (1, 2): 5.0}, [], [(0, 2)]) == [0, 0, 2]
    assert corrected(2, {(0, 1): 8.0}, [], [(0, 1)]) == [0, 1]


def test_texts_that_must_be_together_are_judged_as_one() -> None:
    edges = {(0, 2): 3.0, (1, 2): -8.0}
    assert corrected(3, edges, [], []) == [0, 1, 0]
    assert corrected(3, edges, [(0, 1)], []) == [0, 0, 2]


def test_a_cannot_against_a_must_is_void() -> None:
    assert corrected(4, {(2, 3): 8.0}, [(0, 1), (1, 2)], [(0, 2), (0, 3)]) == [0, 0, 0, 3]


@given(EDGES, CORRECTIONS, CORRECTIONS)
def test_corrections_are_obeyed(
    edges: Edges, must: list[tuple[int, int]], cannot: list[tuple[int, int]]
) -> None:
    found = corrected(12, edges, must, cannot)
    assert all(found[a] == found[b] for a, b in must)
    part = components(12, *np.array(must, np.int64).reshape(-1, 2).T)
    for a, b in cannot:
        assert part[a] == part[b] or found[a] != found[b]
    assert all(found[label] == label <= text for text, label in enumerate(found))


@given(EDGES, CORRECTIONS)
def test_corrections_that_say_what_was_found_change_nothing(
    edges: Edges, pairs: list[tuple[int, int]]
) -> None:
    found = linked(12, edges)
    assert corrected(12, edges, [], [(a, b) for a, b in pairs if found[a] != found[b]]) == found


def test_a_crowd_of_twins_is_one_though_few_of_them_were_compared() -> None:
    chain = np.array([(n, n + 1) for n in range(999)], np.int64)
    odds = np.full(999, 8.0)
    ones = np.ones(1001, np.int64)
    same = chain[twins(odds, np.full(999, 0.95), SETTINGS)]
    pairs = np.concatenate((chain, [(n, 1000) for n in range(20)]))
    found = average_link(ones, pairs, np.append(odds, np.full(20, 3.0)), SETTINGS, same=same)
    assert set(found.tolist()) == {0}
    assert len(set(average_link(ones[1:], chain, odds, SETTINGS).tolist())) > 100


def crowd_of(count: int, first: int = 0) -> Edges:
    """Copies of one text, each of which was compared with the next ones only."""
    last = first + count
    return {(a, b): 5.0 for a in range(first, last) for b in range(a + 1, min(a + 25, last))}


def test_a_crowd_of_which_each_met_a_few_others_only_is_one() -> None:
    assert set(linked(600, crowd_of(600))) == {0}


def test_two_crowds_are_glued_neither_by_a_few_pairs_nor_by_many_that_are_mostly_against() -> None:
    both = crowd_of(300) | crowd_of(300, 300)
    few = {(n, 300 + n): 5.0 for n in range(0, 300, 10)}
    assert set(linked(600, both | few)) == {0, 300}
    against = {(n, 301 + n): -3.0 for n in range(299)} | {(n, 300 + n): 2.0 for n in range(300)}
    assert set(linked(600, both | against)) == {0, 300}


def test_twins_of_which_two_cannot_be_together_are_left_to_the_odds() -> None:
    pairs, odds = np.array([[0, 1], [1, 2], [3, 4]]), np.array([8.0, 7.5, 8.0])
    found = average_link(
        np.ones(5, np.int64), pairs, odds, SETTINGS, same=pairs, cannot=marks([(0, 2)])
    )
    assert found.tolist() == [0, 0, 2, 3, 3]


def test_only_pairs_that_hardly_differ_are_twins() -> None:
    odds = np.array([8.0, 8.0, 6.0])
    assert twins(odds, np.array([0.9, 0.7, 0.9]), SETTINGS).tolist() == [True, False, False]


def one_by_one(
    weights: list[int], edges: dict[tuple[int, int], int], crowd: int, apart: list[tuple[int, int]]
) -> list[int]:
    """Average link as it is told: the highest mean first, of equals the smallest numbers."""
    count, label = dict(enumerate(weights)), list(range(len(weights)))
    absent = -2
    met = {
        (a, b): ((odds - absent) * weights[a] * weights[b], weights[a] * weights[b])
        for (a, b), odds in edges.items()
    }

    def mean(a: int, b: int) -> Fraction:
        excess, many = met[a, b]
        return Fraction(excess, max(many, count[a] * count[b])) + absent

    def allowed(a: int, b: int) -> bool:
        return not any({label[x], label[y]} == {a, b} for x, y in apart)

    while open_pairs := [(-mean(*p), *p) for p in met if mean(*p) > 0 and allowed(*p)]:
        _, one, other = min(open_pairs)
        count[one] = min(crowd, count[one] + count[other])
        label = [one if held == other else held for held in label]
        before, met = met, {}
        for (a, b), (excess, many) in before.items():
            ends = sorted({one if end == other else end for end in (a, b)})
            if len(ends) == 2:
                held = met.get((ends[0], ends[1]), (0, 0))
                met[ends[0], ends[1]] = held[0] + excess, held[1] + many
    return label


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from([1, 1, 1, 2]), min_size=12, max_size=12),
    st.dictionaries(
        st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda p: p[0] < p[1]),
        st.integers(-4, 6),
        min_size=8,
        max_size=50,
    ),
    st.sampled_from([2, 3, 5, 16]),
    CORRECTIONS,
)
def test_joins_that_are_made_at_once_are_those_that_are_made_one_by_one(
    weights: list[int],
    edges: dict[tuple[int, int], int],
    crowd: int,
    cannot: list[tuple[int, int]],
) -> None:
    rules = ClusterSettings(absent=-2.0, weak=-9.0, twin_odds=7.0, twin_jaccard=0.85, crowd=crowd)
    pairs = np.array(sorted(edges), np.int64)
    odds = np.array([edges[pair] for pair in sorted(edges)], float)
    held = np.array(weights, np.int64)
    found = average_link(held, pairs, odds, rules, cannot=marks(cannot))
    assert found.tolist() == one_by_one(weights, edges, crowd, cannot)
