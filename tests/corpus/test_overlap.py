"""What pairs of texts share, in batches: the same both ways, and whatever else stands in the batch."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.overlap import Figures, figures
from corpus.rows import Index
from corpus.terms import Sketches, sketches
from tests.corpus.made_up_wires import (
    OTHER_NEWSROOM,
    REWORDED,
    STORIES,
    TRANSLATED,
    UPDATED,
    WIRE,
    reader,
    weights,
)

TEXTS = (WIRE, REWORDED, TRANSLATED, UPDATED, OTHER_NEWSROOM, "", "Word")


def measured(texts: tuple[str, ...], pairs: list[tuple[int, int]]) -> Figures:
    found = sketched(texts)
    return figures(found, weights(), pairs_of(pairs))


@cache
def sketched(texts: tuple[str, ...]) -> Sketches:
    return sketches(texts, reader())


def pairs_of(pairs: list[tuple[int, int]]) -> Index:
    return np.array(pairs, np.int64).reshape(-1, 2)


def test_a_text_is_told_entirely_in_itself_and_in_order() -> None:
    found = measured((WIRE, WIRE), [(0, 1)])
    assert found.told_left[0] == found.told_right[0] > 0.95  # but for passages of two words
    assert found.order[0] == found.runs[0] == 1.0
    assert found.course[0] == pytest.approx(1.0)


def test_a_rewording_is_told_passage_by_passage_and_another_newsroom_s_report_is_not() -> None:
    found = measured(TEXTS, [(0, 1), (0, 4)])
    assert found.told_left[0] > 2 * found.told_left[1]
    assert found.numbers_right[0] > found.numbers_right[1]
    assert found.passages_left[0] >= 4
    assert found.passages_left[1] <= 1


def test_a_shared_quotation_alone_tells_nothing() -> None:
    quote = '"We were reading names of drowned harbour pilots until nightfall, and then we stopped," {} said.'
    one = (
        quote.format("Kowalczyk")
        + "\n\nGulls circled above Ashgrove cathedral while bells tolled slowly."
    )
    other = (
        quote.format("Oyelaran")
        + "\n\nPotash prices barely moved on commodity exchanges in Teller Falls."
    )
    found = measured((one, other), [(0, 1)])
    assert found.quotes[0] > 0.5
    assert found.told_left[0] == found.told_right[0] == 0.0


FIRST = '"We were reading names of drowned harbour pilots until nightfall," Kowalczyk said.'
SECOND = '"Nobody told the families why lanterns burned along that breakwater," Oyelaran said.'
PLAIN = "Gulls circled above Ashgrove cathedral while bells tolled slowly."


def quotes(one: str, other: str) -> float:
    """How much of what either text quotes both do; the same whichever comes first."""
    found = measured((one, other), [(0, 1), (1, 0)]).quotes
    assert found[0] == found[1]
    return float(found[0])


def test_two_reporters_who_chose_other_words_quote_little_in_common() -> None:
    assert quotes(FIRST, SECOND) < 0.5 < quotes(FIRST, FIRST)
    assert quotes(FIRST, SECOND) < quotes(FIRST, FIRST + " " + SECOND) < quotes(FIRST, FIRST)


def test_a_text_that_quotes_nothing_says_nothing_by_it() -> None:
    assert quotes(FIRST, PLAIN) == quotes(PLAIN, PLAIN) == 0.5


def test_few_quoted_words_say_little() -> None:
    assert (
        0.5
        < quotes('"Enough," Kowalczyk said.', '"Enough," Kowalczyk said.')
        < quotes(FIRST, FIRST)
    )


def test_a_quotation_told_in_other_words_counts() -> None:
    one = 'Kowalczyk said: "We read the names of drowned harbour pilots until nightfall."'
    other = "They were reading names of drowned harbour pilots until nightfall, Kowalczyk recalled."
    assert measured((one, other), [(0, 1)]).told_right[0] > 0.5


def test_two_languages_are_compared_by_names_and_numbers_only() -> None:
    found = measured(TEXTS, [(0, 2)])
    assert found.told_left[0] > 0.5
    assert found.words_left[0] == 0.5  # nothing known either way


def test_a_doubled_word_that_both_have_is_a_shared_slip() -> None:
    one = "It was the second and second and final day of potash talks in Ashgrove."
    other = "Talks about potash went into their second and second and final day in Ashgrove."
    assert measured((one, other, WIRE), [(0, 1), (0, 2)]).slips.tolist() == [1.0, 0.0]


PAIRS = st.lists(
    st.tuples(st.integers(0, len(TEXTS) - 1), st.integers(0, len(TEXTS) - 1)), max_size=12
)


@given(PAIRS)
def test_swapping_the_texts_swaps_the_figures(pairs: list[tuple[int, int]]) -> None:
    forth = measured(TEXTS, pairs)
    back = measured(TEXTS, [(b, a) for a, b in pairs])
    for name in Figures._fields:
        mirror = name.replace("left", "·").replace("right", "left").replace("·", "right")
        np.testing.assert_allclose(getattr(forth, name), getattr(back, mirror), atol=1e-9)


@given(PAIRS)
def test_a_pair_s_figures_do_not_depend_on_the_batch(pairs: list[tuple[int, int]]) -> None:
    together = measured(TEXTS, pairs)
    for n, pair in enumerate(pairs):
        alone = measured(TEXTS, [pair])
        for name in Figures._fields:
            assert getattr(together, name)[n] == getattr(alone, name)[0]


def test_many_batches_give_what_one_gives() -> None:
    pairs = [(a, b) for a in range(5) for b in range(5)]
    found = sketched(TEXTS)
    parts = figures(found, weights(), pairs_of(pairs), at_once=4, terms_at_once=300)
    for one, other in zip(measured(TEXTS, pairs), parts, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)


def test_no_pairs_have_no_figures() -> None:
    assert len(measured(TEXTS, []).told_left) == 0
    nothing: Sketches = sketches((), reader())
    assert len(figures(nothing, weights(), pairs_of([])).runs) == 0


def test_words_weigh_by_how_rare_they_are() -> None:
    stems = np.array([reader().term(w) for w in ("president", "viaduct", "zymurgy")], np.uint32)
    president, *unknown = weights().of(stems).tolist()
    assert 0 < president < STORIES.align.heaviest
    assert unknown == [STORIES.align.heaviest] * 2
