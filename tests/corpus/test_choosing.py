import math

import numpy as np

from corpus.choosing import grouped, held_together, published_order, represented, told_by

NAN = math.nan


def test_clusters_come_by_their_first_documents_and_are_founded_by_the_first_seen() -> None:
    labels = np.array([5, 2, 5, 2, 9])
    days, seen = np.full(5, NAN), np.array([3.0, 8.0, 1.0, 8.0, -math.inf])
    found = grouped(labels, days, seen)
    assert found.cluster.tolist() == [0, 1, 0, 1, 2]
    assert found.order.tolist() == [0, 2, 1, 3, 4]
    assert found.sizes.tolist() == [2, 2, 1]
    assert found.founder.tolist() == [2, 1, 4]


def test_undated_documents_come_last_in_publication() -> None:
    days, seen = np.array([NAN, 2.0, 1.0, 2.0]), np.array([0.0, 5.0, 9.0, 4.0])
    assert published_order(days, seen).tolist() == [2, 3, 1, 0]


def test_the_complete_member_that_adds_least_and_credits_stands_for_the_cluster() -> None:
    labels, days = np.zeros(4, np.int64), np.array([1.0, 2.0, 3.0, 4.0])
    groups = grouped(labels, days, days)
    common, length = np.array([40, 100, 100, 99]), np.array([40, 130, 101, 100])
    order = published_order(days, days)
    credited = np.array([True, True, False, True])
    found, reasons = represented(groups, order, common, length, credited, 0.95)
    assert found.head.tolist() == [3]
    assert reasons.complete.tolist() == [3]
    assert reasons.least.tolist() == [True]
    assert reasons.credited.tolist() == [True]
    assert reasons.several.tolist() == [False]
    found, _ = represented(groups, order, common, length, np.zeros(4, bool), 0.95)
    assert found.head.tolist() == [2]  # the earlier of two


def test_identical_texts_hold_a_cluster_together_as_pairs_of_similarity_1() -> None:
    texts = np.array([0, 0, 1]), np.array([3, 1, 2])
    held = held_together(2, texts, (np.array([[0, 1]]), np.array([0.5])))
    assert held.pairs.tolist() == [6.0, 1.0]
    assert held.lowest.tolist() == [0.5, 1.0]
    assert held.summed.tolist() == [4.5, 1.0]


def speaker(lengths: list[int], head: int, order: list[int] | None = None) -> int:
    """Who tells the story of one cluster of texts of these lengths."""
    count = len(lengths)
    nothing = np.full(count, np.nan)
    groups = grouped(np.zeros(count, np.int64), nothing, np.arange(count, dtype=float))
    groups = groups._replace(head=np.array([head]))
    given = np.arange(count) if order is None else np.array(order)
    return int(told_by(groups, given, np.array(lengths))[0])


def test_the_representative_tells_the_story_where_it_is_about_as_long_as_the_others() -> None:
    assert speaker([300, 200, 210], head=0) == 0
    assert speaker([300], head=0) == 0


def test_where_it_is_much_longer_the_member_of_middle_length_does() -> None:
    assert speaker([1500, 200, 210], head=0) == 2
    assert speaker([1500, 200], head=0) == 1
    assert speaker([1500, 200, 200, 200], head=0, order=[3, 1, 2, 0]) == 1


def test_teasers_do_not_tell_a_story() -> None:
    assert speaker([300, 20], head=0) == 0
    assert speaker([900, 20, 30, 250], head=0) == 3
    assert speaker([20, 30], head=1) == 1


def test_each_cluster_has_its_own_speaker() -> None:
    labels = np.array([0, 1, 0, 1, 4])
    nothing = np.full(5, np.nan)
    groups = grouped(labels, nothing, np.arange(5.0))._replace(head=np.array([0, 1, 4]))
    lengths = np.array([1000, 100, 200, 90, 10])
    assert told_by(groups, np.arange(5), lengths).tolist() == [2, 1, 4]
