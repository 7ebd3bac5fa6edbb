import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.engines.local import LocalEngine
from corpus.linking import Alike, Renewal, linked
from corpus.obeying import NOTHING_SAID, Said
from corpus.rows import Index
from corpus.since import Since
from tests.corpus.made_up import SETTINGS

NOTHING = np.zeros(0, np.int64)
EDGES = st.dictionaries(
    st.tuples(st.integers(0, 14), st.integers(0, 14)).filter(lambda pair: pair[0] < pair[1]),
    st.integers(-4, 8).map(float),
    max_size=60,
)


def alike(edges: dict[tuple[int, int], float]) -> Alike:
    pairs = np.array(sorted(edges), np.int64).reshape(-1, 2)
    odds = np.array([edges[pair] for pair in sorted(edges)])
    return Alike(pairs, odds, odds > 7, np.ones(len(odds), bool))


def clusters(
    edges: dict[tuple[int, int], float], weights: Index, renewal: Renewal, said: Said = NOTHING_SAID
) -> Index:
    return linked(LocalEngine(1), SETTINGS.cluster, weights, alike(edges), said, renewal)


NO_PAIRS = np.zeros((0, 2), np.int64)


def first(count: int) -> Renewal:
    every = Since(np.full(count, -1), NOTHING)
    return Renewal(NOTHING, every, np.ones(count, bool), NO_PAIRS, np.zeros(0))


@settings(max_examples=400, deadline=None)
@given(EDGES, st.randoms(use_true_random=False))
def test_what_is_linked_anew_is_what_one_run_links(
    edges: dict[tuple[int, int], float], chance: random.Random
) -> None:
    """Some texts are gone, some are new, and some pairs are others than before."""
    kept_then = sorted(chance.sample(range(15), 11))
    kept_now = sorted(chance.sample(range(15), 11))
    turned = {pair for pair in edges if chance.random() < 0.1}
    then = {p: odds for p, odds in edges.items() if set(p) <= set(kept_then)}
    now = {p: 3.0 if p in turned else odds for p, odds in edges.items() if set(p) <= set(kept_now)}
    weights = np.ones(15, np.int64)
    old = _numbered(then, kept_then)
    before = clusters(old, weights[kept_then], first(len(kept_then)))
    at = {text: n for n, text in enumerate(kept_then)}
    old_of_new = np.array([at.get(text, -1) for text in kept_now])
    back = {text: n for n, text in enumerate(kept_now)}
    new_of_old = np.array([back.get(text, -1) for text in kept_then])
    gone = [(p, odds) for p, odds in sorted(then.items()) if now.get(p) != odds]
    fresh = [(p, odds) for p, odds in sorted(now.items()) if then.get(p) != odds]
    pairs = np.array([[back.get(a, -1), back.get(b, -1)] for (a, b), _ in gone + fresh], np.int64)
    odds = np.array([odds for _, odds in gone + fresh], np.float64)
    unchanged = np.zeros(len(kept_now), bool)
    since = Since(old_of_new, new_of_old)
    renewal = Renewal(before, since, unchanged, pairs.reshape(-1, 2), odds)
    given_now = _numbered(now, kept_now)
    found = clusters(given_now, weights[kept_now], renewal)
    whole = clusters(given_now, weights[kept_now], first(len(kept_now)))
    assert found.tolist() == whole.tolist()


def _numbered(edges: dict[tuple[int, int], float], kept: list[int]) -> dict[tuple[int, int], float]:
    number = {text: n for n, text in enumerate(kept)}
    return {(number[a], number[b]): odds for (a, b), odds in edges.items()}


def test_clusters_that_no_change_is_near_to_are_left_alone() -> None:
    before = np.array([0, 0, 2, 2])
    same = Since(np.arange(4), np.arange(4))
    changed = np.array([False, False, False, True])
    edges = {(0, 1): -4.0, (2, 3): -4.0}  # what changed is looked at, what did not is not
    found = clusters(
        edges, np.ones(4, np.int64), Renewal(before, same, changed, NO_PAIRS, np.zeros(0))
    )
    assert found.tolist() == [0, 0, 2, 3]


def test_what_people_said_is_obeyed_in_every_part() -> None:
    said = Said(np.array([[0, 3]]), np.array([[1, 7, 0], [2, 7, 1]]))
    found = clusters({(1, 2): 8.0}, np.ones(4, np.int64), first(4), said)
    assert found.tolist() == [0, 1, 2, 0]
