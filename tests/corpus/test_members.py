import random
from typing import NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus.members import RelationSettings, completeness, lead_kept, relations
from corpus.pairs import Figures
from corpus.records import Relation
from corpus.rows import rows_of

RULES = RelationSettings(complete=0.95, inside=0.75, shorter=0.8, longer=1.2, lead=0.5, overlap=0.5)
GRAMS = st.sampled_from([0, 1, 2, 3, 1 << 31, (1 << 32) - 1])


# ------------------------------------------------------------------------------------ completeness


class Text(NamedTuple):
    cluster: int
    copies: int
    grams: frozenset[int]


TEXTS = st.lists(
    st.builds(Text, st.integers(0, 2), st.integers(1, 2), st.frozensets(GRAMS)), max_size=9
)


def counted(texts: list[Text]) -> list[int]:
    grams = rows_of(np.array(sorted(text.grams), np.uint32) for text in texts)
    copies, clusters = (np.array([text[column] for text in texts], np.int64) for column in (1, 0))
    return [int(count) for count in completeness(grams, copies, clusters)]


@given(TEXTS)
def test_a_5_gram_counts_where_two_of_the_clusters_texts_have_it(texts: list[Text]) -> None:
    expected = []
    for text in texts:
        mates = [other for other in texts if other.cluster == text.cluster]
        nothing_to_tell_by = len(mates) == 1 or sum(mate.copies for mate in mates) == 2
        has = {g: sum(mate.copies for mate in mates if g in mate.grams) for g in text.grams}
        expected.append(sum(nothing_to_tell_by or count >= 2 for count in has.values()))
    assert counted(texts) == expected


@given(TEXTS, st.randoms(use_true_random=False))
def test_counts_depend_on_no_order_of_the_texts_and_no_number_of_the_clusters(
    texts: list[Text], chance: random.Random
) -> None:
    order = chance.sample(range(len(texts)), len(texts))
    moved = [texts[n]._replace(cluster=2 - texts[n].cluster) for n in order]
    counts = counted(texts)
    assert counted(moved) == [counts[n] for n in order]


def test_of_two_texts_every_5_gram_counts_and_of_three_what_one_alone_has_does_not() -> None:
    wire, longer = frozenset({0, 1}), frozenset({0, 1, 2, 3})
    assert counted([Text(0, 1, wire), Text(0, 1, longer)]) == [2, 4]
    assert counted([Text(0, 2, wire), Text(0, 1, longer)]) == [2, 2]


# --------------------------------------------------------------------------------------- relations


def relation(
    left: int,
    right: int,
    shared: int,
    *,
    exact: bool = False,
    later_version: bool = False,
    later: bool = False,
    lead: float = 1.0,
) -> Relation:
    """What a text of so many 5-grams (left) is to a representative (right)."""
    counts = dict.fromkeys(Figures._fields, 0.0) | {"left": left, "right": right, "shared": shared}
    (found,) = relations(
        Figures(**{name: np.array([float(count)]) for name, count in counts.items()}),
        exact=np.array([exact]),
        later_version=np.array([later_version]),
        later=np.array([later]),
        lead_kept=np.array([lead]),
        settings=RULES,
    )
    return found


def test_an_excerpt_is_shorter_and_stands_in_the_representative() -> None:
    assert relation(80, 100, 60) == "excerpt"
    assert relation(81, 100, 61) == "near"
    assert relation(80, 100, 59) == "near"


def test_an_expanded_text_is_longer_and_holds_the_representative() -> None:
    assert relation(120, 100, 75) == "expanded"
    assert relation(119, 100, 75) == "near"
    assert relation(120, 100, 74) == "near"


def test_an_update_is_later_has_a_lead_of_its_own_and_overlaps_both_ways() -> None:
    assert relation(100, 100, 50, later=True, lead=0.49) == "update"
    assert relation(100, 100, 50, later=True, lead=0.5) == "near"
    assert relation(100, 100, 50, lead=0.49) == "near"
    assert relation(102, 100, 50, later=True, lead=0.0) == "near"
    assert relation(100, 102, 50, later=True, lead=0.0) == "near"


def test_a_later_version_of_the_page_is_an_update_whatever_it_shares() -> None:
    assert relation(100, 100, 0, later_version=True) == "update"


def test_exact_goes_before_update_and_update_before_lengths() -> None:
    assert relation(100, 100, 100, exact=True, later_version=True) == "exact"
    assert relation(60, 100, 60, later=True, lead=0.0) == "update"
    assert relation(60, 100, 60) == "excerpt"
    assert relation(100, 60, 60, later=True, lead=0.0) == "update"
    assert relation(100, 60, 60) == "expanded"


def test_texts_without_5_grams_are_near() -> None:
    assert relation(0, 0, 0) == "near"
    assert relation(0, 100, 0) == "near"
    assert relation(100, 0, 0) == "near"


def test_each_text_has_its_own_relation() -> None:
    zeros = dict.fromkeys(Figures._fields, np.zeros(3))
    rows = {
        "left": np.array([50.0, 150.0, 100.0]),
        "right": np.full(3, 100.0),
        "shared": np.array([50.0, 100.0, 90.0]),
    }
    none = np.zeros(3, bool)
    found = relations(
        Figures(**{**zeros, **rows}),
        exact=none,
        later_version=none,
        later=none,
        lead_kept=np.ones(3),
        settings=RULES,
    )
    assert found == ["excerpt", "expanded", "near"]


# -------------------------------------------------------------------------------------------- lead


def kept(leads: list[list[int]], grams: list[frozenset[int]]) -> list[float]:
    found = lead_kept(
        rows_of(np.array(lead, np.uint32) for lead in leads),
        rows_of(np.array(sorted(row), np.uint32) for row in grams),
    )
    return [float(share) for share in found]


@given(st.lists(st.tuples(st.lists(GRAMS, max_size=40), st.frozensets(GRAMS)), max_size=6))
def test_the_share_of_a_lead_is_of_its_first_sentence(
    texts: list[tuple[list[int], frozenset[int]]],
) -> None:
    expected = []
    for lead, grams in texts:
        opening = lead[:24]
        expected.append(sum(g in grams for g in opening) / len(opening) if opening else 1.0)
    assert kept([lead for lead, _ in texts], [grams for _, grams in texts]) == expected


def test_what_follows_the_first_sentence_often_stays_and_does_not_count() -> None:
    lead = list(range(30))
    assert kept([lead, lead], [frozenset(range(12)), frozenset(range(24, 30))]) == [0.5, 0.0]
