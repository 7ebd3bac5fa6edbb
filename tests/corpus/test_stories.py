"""Which clusters tell one wire story: whatever their order, however many there are of them."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import RuleError
from corpus.overlap import figures
from corpus.stories import FEATURES, best_of, check, features
from corpus.terms import sketches
from tests.corpus.made_up_wires import (
    LIVE_POSTS,
    OTHER_NEWSROOM,
    REWORDED,
    STORIES,
    TRANSLATED,
    UPDATED,
    WIRE,
    Families,
    reader,
    told,
    weights,
)

DAY = 20_000.0


def one_after_the_other(*texts: str) -> Families:
    return told([*texts], [DAY + n / 100 for n in range(len(texts))])


def relations(found: Families) -> dict[tuple[int, int], str]:
    pairs = found.links.pairs.tolist()
    return {(a, b): how for (a, b), how in zip(pairs, found.links.relations, strict=True)}


def test_a_rewording_a_translation_and_an_update_are_one_story() -> None:
    found = one_after_the_other(WIRE, REWORDED, TRANSLATED, UPDATED)
    assert found.label.tolist() == [0, 0, 0, 0]
    relation = relations(found)
    assert len(relation) == 3
    assert relation[0, 1] == "rewritten"
    assert relation[0, 3] == "update"
    assert [r for (a, b), r in relation.items() if 2 in {a, b}] == ["translated"]


@pytest.mark.parametrize("other", [OTHER_NEWSROOM, LIVE_POSTS, "", "Word"])
def test_what_descends_from_no_wire_stays_apart(other: str) -> None:
    found = one_after_the_other(WIRE, other, REWORDED)
    assert found.label.tolist() == [0, 1, 0]
    assert [*relations(found)] == [(0, 2)]


def feature(name: str, one: str, other: str) -> float:
    """The value of a feature of two texts, either way round."""
    found = sketches([one, other], reader())
    pairs = np.array([[0, 1], [1, 0]])
    values = features(figures(found, weights(), pairs))[:, FEATURES.index(name)]
    assert values[0] == pytest.approx(values[1])
    return float(values[0])


def test_a_retelling_takes_the_course_of_the_wire_and_another_report_does_not() -> None:
    assert feature("parallel", WIRE, REWORDED) > 0.1
    assert feature("parallel", WIRE, OTHER_NEWSROOM) == 0
    backwards = "\n\n".join(reversed(REWORDED.split("\n\n")))
    assert feature("parallel", WIRE, backwards) == 0


def test_a_translation_is_told_from_another_report_in_the_language_of_the_wire() -> None:
    found = one_after_the_other(WIRE, OTHER_NEWSROOM, TRANSLATED)
    assert found.label.tolist() == [0, 1, 0]


@settings(max_examples=15)
@given(st.permutations(range(6)))
def test_stories_do_not_depend_on_the_order_of_the_rows(order: list[int]) -> None:
    texts = [WIRE, REWORDED, OTHER_NEWSROOM, TRANSLATED, LIVE_POSTS, UPDATED]
    days = [DAY + n / 100 for n in range(6)]
    found = told([texts[n] for n in order], [days[n] for n in order])
    label = found.label
    groups = {frozenset(order[n] for n in np.flatnonzero(label == x)) for x in set(label.tolist())}
    assert groups == {frozenset({0, 1, 3, 5}), frozenset({2}), frozenset({4})}
    assert {(order[a], order[b]): how for (a, b), how in relations(found).items()} == relations(
        told(texts, days)
    )


def test_texts_further_apart_than_the_window_are_not_compared() -> None:
    assert told([WIRE, REWORDED], [DAY, DAY + 30]).label.tolist() == [0, 1]
    assert told([WIRE, REWORDED], [DAY, DAY + 30], math.inf).label.tolist() == [0, 0]
    assert told([WIRE, REWORDED], [DAY, math.nan]).label.tolist() == [0, 0]


def test_links_point_from_the_earlier_to_the_later() -> None:
    assert [*relations(told([REWORDED, WIRE], [DAY + 1, DAY]))] == [(1, 0)]
    unknown = told([REWORDED, WIRE], [math.nan, math.nan])
    assert [*relations(unknown)] == [(0, 1)]  # as first seen


def test_a_template_filled_in_anew_is_another_story() -> None:
    text = (
        "The weather service forecast for {} calls for mostly sunny skies with a high near {} and a low of"
        " {}.\n\nWinds will be from the north at {} to {} miles per hour, with a {} percent chance of"
        " precipitation during the afternoon.\n\nMotorists are advised to allow extra time for their journey;"
        " sunrise is at {}:{} a.m. and conditions are expected to improve by the weekend."
    )
    random = np.random.default_rng(1)
    places = (
        "Milltown",
        "Ashford",
        "Dunmore",
        "Lakewood",
        "Oakdale",
        "Bexley",
        "Fairview",
        "Marston",
    )
    texts = [text.format(place, *random.integers(10, 60, 8)) for place in places]
    assert one_after_the_other(*texts).label.tolist() == [*range(len(texts))]


def test_candidates_grow_no_faster_than_the_texts() -> None:
    """Texts that all share their words: each is compared with a bounded number of others."""
    texts = [f"{WIRE} Ref{n}" for n in range(300)]
    compared = told(texts, [DAY] * len(texts)).compared
    assert compared <= 2 * STORIES.candidates.most * len(texts)


def test_no_texts_tell_no_story() -> None:
    found = told([], [])
    assert not len(found.label)
    assert found.links.evidence == []


def test_a_model_that_lacks_a_feature_is_refused() -> None:
    model = msgspec.structs.replace(STORIES.retold, weights={"runs": 1.0})
    with pytest.raises(RuleError, match=r"\[stories.retold.weights\]"):
        check(msgspec.structs.replace(STORIES, retold=model), "dedup.toml")


@given(st.sets(st.tuples(st.integers(0, 7), st.integers(8, 15))), st.data())
def test_the_best_pairs_of_a_row_share_most_and_stand_nearest(
    given_pairs: set[tuple[int, int]], data: st.DataObject
) -> None:
    pairs = sorted(given_pairs)
    count = len(pairs)
    shared = data.draw(st.lists(st.integers(2, 5), min_size=count, max_size=count))
    most, best = 2, set[int]()
    for text in range(16):
        own = [n for n, pair in enumerate(pairs) if text in pair]
        best.update(sorted(own, key=lambda n: (-shared[n], pairs[n][1] - pairs[n][0], n))[:most])
    kept = best_of(np.array(pairs, np.int64).reshape(-1, 2), np.array(shared, np.int64), most)
    assert np.flatnonzero(kept).tolist() == sorted(best)
