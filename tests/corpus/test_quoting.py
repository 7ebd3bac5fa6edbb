import random
from typing import NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus.quoting import Asked, Incident, Turned, may_quote, turned_of, unsettled
from corpus.roundups import Bools, Passages
from corpus.rows import Index


class Pair(NamedTuple):
    one: int
    other: int
    one_opens: bool = False
    other_opens: bool = False


TEXTS = 8
PAIRS = st.lists(
    st.builds(
        Pair, st.integers(0, TEXTS - 1), st.integers(0, TEXTS - 1), st.booleans(), st.booleans()
    ).filter(lambda pair: pair.one != pair.other),
    max_size=20,
    unique_by=lambda pair: frozenset(pair[:2]),
)
LABELS = st.lists(st.integers(0, 3), min_size=TEXTS, max_size=TEXTS)


def arrays(pairs: list[Pair]) -> tuple[Index, Passages]:
    """The pairs and what they share: one that opens the other stands beside it, others may."""
    ends = np.array([pair[:2] for pair in pairs], np.int64).reshape(-1, 2)
    left, right = (np.array([pair[side] for pair in pairs], bool) for side in (2, 3))
    every_third = np.arange(len(pairs)) % 3 == 0
    return ends, Passages(np.zeros(len(pairs), bool), left | right | every_third, left, right)


def openers(pairs: list[Pair], labels: list[int], stories: int = 2) -> list[int]:
    """The texts that may quote so many stories."""
    ends, passages = arrays(pairs)
    asked = np.ones(len(labels), bool)
    found = may_quote(ends, passages, np.array(labels, np.int64), stories, asked, ~asked)
    assert len(found) == len(labels)
    return [int(n) for n in np.flatnonzero(found)]


@given(PAIRS, LABELS, st.integers(1, 3))
def test_a_text_may_quote_that_opens_texts_of_so_many_clusters(
    pairs: list[Pair], labels: list[int], stories: int
) -> None:
    opened: list[set[int]] = [set() for _ in labels]
    for one, other, one_opens, other_opens in pairs:
        if one_opens:
            opened[one].add(labels[other])
        if other_opens:
            opened[other].add(labels[one])
    expected = [n for n, clusters in enumerate(opened) if len(clusters) >= stories]
    assert openers(pairs, labels, stories) == expected


@given(PAIRS, LABELS, st.randoms(use_true_random=False))
def test_it_does_not_matter_in_which_order_pairs_and_their_texts_stand(
    pairs: list[Pair], labels: list[int], chance: random.Random
) -> None:
    turned = [
        Pair(p.other, p.one, p.other_opens, p.one_opens) if chance.random() < 0.5 else p
        for p in pairs
    ]
    chance.shuffle(turned)
    assert openers(turned, labels) == openers(pairs, labels)


def test_copies_of_one_story_are_one_that_is_opened() -> None:
    opened = [Pair(0, 1, one_opens=True), Pair(2, 0, other_opens=True)]
    assert openers(opened, [0, 1, 1]) == []
    assert openers(opened, [0, 1, 2]) == [0]


MARKS = st.lists(st.booleans(), min_size=TEXTS, max_size=TEXTS).map(
    lambda held: np.array(held, bool)
)


@given(PAIRS, MARKS)
def test_of_a_pair_that_turned_those_are_asked_that_it_says_something_of(
    pairs: list[Pair], new: Bools
) -> None:
    ends, passages = arrays(pairs)
    opens, quotes = {*np.flatnonzero(new).tolist()}, {*np.flatnonzero(new).tolist()}
    for pair, beside in zip(pairs, passages.beside.tolist(), strict=True):
        opens |= {pair.one} if pair.one_opens else set()
        opens |= {pair.other} if pair.other_opens else set()
        quotes |= {pair.one, pair.other} if beside else set()
    asked = turned_of(Turned(ends, passages), new)
    assert {*np.flatnonzero(asked.opens).tolist()} == opens
    assert {*np.flatnonzero(asked.quotes).tolist()} == quotes


def test_of_a_pair_that_is_no_more_the_text_that_still_is_is_asked() -> None:
    ends, passages = arrays([Pair(-1, 2, one_opens=True, other_opens=True)])
    asked = turned_of(Turned(ends, passages), np.zeros(TEXTS, bool))
    assert np.flatnonzero(asked.opens).tolist() == np.flatnonzero(asked.quotes).tolist() == [2]


@given(PAIRS, MARKS)
def test_what_stands_beside_a_text_of_another_cluster_is_asked_again(
    pairs: list[Pair], relabelled: Bools
) -> None:
    ends, passages = arrays(pairs)
    opens, quotes = set(), set()
    for pair, beside in zip(pairs, passages.beside.tolist(), strict=True):
        opens |= {pair.one} if pair.one_opens and relabelled[pair.other] else set()
        opens |= {pair.other} if pair.other_opens and relabelled[pair.one] else set()
        quotes |= {pair.one} if beside and relabelled[pair.other] else set()
        quotes |= {pair.other} if beside and relabelled[pair.one] else set()
    none = np.zeros(TEXTS, bool)
    asked = unsettled(ends, passages, Asked(none, none), relabelled)
    assert {*np.flatnonzero(asked.opens).tolist()} == opens
    assert {*np.flatnonzero(asked.quotes).tolist()} == quotes


@given(PAIRS, st.lists(st.integers(0, TEXTS - 1), max_size=4, unique=True))
def test_a_pair_is_found_from_either_of_its_texts(pairs: list[Pair], texts: list[int]) -> None:
    ends = np.array([pair[:2] for pair in pairs], np.int64).reshape(-1, 2)
    incident = Incident(ends, TEXTS)
    of_each = [[k for k, pair in enumerate(pairs) if n in pair[:2]] for n in range(TEXTS)]
    assert incident.counts.tolist() == [len(found) for found in of_each]
    asked = incident.of(np.array(texts, np.int64)).tolist()
    assert asked == [k for n in texts for k in of_each[n]]
