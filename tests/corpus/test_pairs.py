import random

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import RuleError
from corpus.pairs import FEATURES, Figures, Texts, check, features, figures, log_odds
from corpus.rows import Index, Rows, rows_of
from corpus.text import FILLED, Normaliser
from tests.corpus.made_up import SETTINGS, paragraph, story


def texts_of(*texts: str) -> Texts:
    normaliser = Normaliser(SETTINGS.normaliser)
    found = [normaliser.shingles(text) for text in texts]
    names = rows_of(np.unique(f.names) for f in found)
    plain = np.concatenate([f.plain for f in found])
    opens = np.concatenate([np.isin(f.grams, f.lead) for f in found])
    return Texts(rows_of(f.grams for f in found), plain, opens, names)


def compared(one: str, other: str) -> Figures:
    return figures(texts_of(one, other), np.array([[0, 1]]))


def odds(one: str, other: str) -> float:
    return float(log_odds(compared(one, other), SETTINGS.pairs)[0])


def text(paragraphs: list[str]) -> str:
    return "\n\n".join(paragraphs)


def every_pair(count: int) -> Index:
    return np.array([(a, b) for a in range(count) for b in range(count)]).reshape(-1, 2)


SMALL_SETS = st.lists(st.frozensets(st.integers(0, 40), max_size=25), min_size=1, max_size=6)


@given(SMALL_SETS, SMALL_SETS, st.randoms())
def test_figures_are_set_arithmetic(
    grams: list[frozenset[int]], names: list[frozenset[int]], source: object
) -> None:
    names = (names * len(grams))[: len(grams)]
    plain = [{g for g in sorted(row) if source.random() < 0.5} for row in grams]  # type: ignore[attr-defined]

    def rows(sets: list[frozenset[int]]) -> Rows:
        return rows_of(np.array(sorted(s), np.uint32) for s in sets)

    marks = [g in p for row, p in zip(grams, plain, strict=True) for g in sorted(row)]
    leads = [{g for g in sorted(row) if source.random() < 0.5} for row in grams]  # type: ignore[attr-defined]
    opens = [g in lead for row, lead in zip(grams, leads, strict=True) for g in sorted(row)]
    texts = Texts(rows(grams), np.array(marks, bool), np.array(opens, bool), rows(names))
    pairs = every_pair(len(grams))
    found = figures(texts, pairs)

    def kinds(k: int) -> list[set[int]]:
        return [{x for x in names[k] if x & 3 == kind} for kind in range(4)]

    for n, (a, b) in enumerate(pairs.tolist()):
        assert found.shared[n] == len(grams[a] & grams[b])
        quoted_by_b, quoted_by_a = grams[b] - plain[b], grams[a] - plain[a]
        assert found.plain_shared[n] == len(plain[a] & plain[b])
        assert found.plain_left[n] == len(plain[a] - quoted_by_b)
        assert found.plain_right[n] == len(plain[b] - quoted_by_a)
        assert found.opened_left[n] == len(leads[a] & grams[b])
        assert found.opened_right[n] == len(leads[b] & grams[a])
        both = [x & y for x, y in zip(kinds(a), kinds(b), strict=True)]
        assert found.names_shared[n] == len(both[0])
        assert found.numbers_shared[n] == len(both[1])
        assert found.words_shared[n] == len(both[2])
        filled = {x for x in both[3] if x & int(FILLED)}
        assert found.filled_shared[n] == len(filled)
        assert found.places_shared[n] == len(both[3] - filled)
        assert (found.names_left[n], found.words_right[n]) == (len(kinds(a)[0]), len(kinds(b)[2]))
        union = len(grams[a] | grams[b])
        assert found.jaccard[n] == pytest.approx(len(grams[a] & grams[b]) / union if union else 0.0)
    assert all(column.min() >= 0 and column.max() <= 1 for column in features(found))


def test_no_pairs_have_no_figures() -> None:
    found = figures(texts_of("a b c d e f"), np.zeros((0, 2), np.int64))
    assert len(log_odds(found, SETTINGS.pairs)) == 0


def test_many_batches_give_what_one_gives() -> None:
    texts = texts_of(*(text(story(n, 300)) for n in range(4)), text(story(1, 200)))
    pairs = np.tile(every_pair(5), (6, 1))  # more than two million hashes
    found = figures(texts, pairs)
    assert (found.shared[:25] == found.shared[-25:]).all()
    whole_and_cut, cut_and_whole = 5 * 1 + 4, 5 * 4 + 1
    assert (
        found.shared[whole_and_cut] == found.left[cut_and_whole]
    )  # the cut has nothing of its own


def test_verbatim_cut_extended_and_updated_copies_are_copies() -> None:
    whole = story(1)
    assert odds(text(whole), text(whole)) > 4
    assert odds(text(whole), text(whole[:3])) > 0
    assert odds(text(whole), text([*whole[:4], paragraph(7), paragraph(8), *whole[4:]])) > 0
    assert odds(text(whole), text([paragraph(9), *whole[1:], paragraph(10)])) > 0


def test_strangers_are_not_copies() -> None:
    assert odds(text(story(1)), text(story(2))) < -4


def test_own_reports_that_share_a_quotation_are_not_copies() -> None:
    quote = f"“{paragraph(50, 40)}”"
    assert odds(text([*story(1, 4), quote]), text([*story(2, 4), quote])) < 0


def test_own_reports_are_not_copies_where_one_sets_the_quotation_apart_without_marks() -> None:
    said = paragraph(50, 60)
    odd = odds(text([*story(1, 3), f"“{said}”"]), text([*story(2, 3), said]))
    assert odd < 0
    assert odd == odds(text([*story(1, 3), said]), text([*story(2, 3), f"“{said}”"]))


def test_reworded_copies_are_copies_by_the_words_they_keep() -> None:
    words = text(story(1)).split(" ")
    source = random.Random(1)
    new = ("made", "said", "went")
    reworded = [source.choice(new) if n % 10 == 3 else word for n, word in enumerate(words)]
    assert odds(" ".join(words), " ".join(reworded)) > 0


def test_templates_that_differ_in_their_numbers_are_not_copies() -> None:
    def weather(place: str, n: int) -> str:
        return (
            f"{place} can expect a dry start to the day with winds of {n} kilometres an hour and highs of"
            f" {n + 3} degrees. Tonight will be cooler at {n - 9}, with showers from the west by {n % 5 + 1}."
        )

    assert odds(weather("Aldmoor", 31), weather("Brennick", 24)) < 0


FORM = (
    "{} of {} passed away peacefully on Sunday surrounded by family. Born in {}, {} worked many years as a"
    " teacher and was a devoted member of the community of {}. A celebration of life will be held at the"
    " Grange Hall in {} and donations may be made to a charity of your choice, said {} of the funeral home."
)


def test_a_form_filled_in_with_other_names_and_numbers_is_no_copy() -> None:
    one = FORM.format("Edna", "Kelby", 1938, "Edna", "Wasco", "Rufus", "Tuttle")
    other = FORM.format("Harold", "Dufur", 1935, "Harold", "Fossil", "Condon", "Novak")
    corrected = FORM.format("Edna", "Kelby", 1937, "Edna", "Wasco", "Rufus", "Tuttle")
    found = compared(one, other)
    assert found.places_shared[0] > 2 * found.filled_shared[0]
    assert odds(one, other) < 0 < odds(one, corrected)


def test_what_stands_in_places_is_compared_only_where_words_are_more_alike_than_names() -> None:
    refilled = FEATURES.index("refilled")
    one = FORM.format("Edna", "Kelby", 1938, "Edna", "Wasco", "Rufus", "Tuttle")
    assert features(compared(one, one))[refilled][0] == 0
    longer = f"{one} Ann Lee of Quincy, {paragraph(9, 40)}"
    assert features(compared(one, longer))[refilled][0] == 0


def test_log_odds_do_not_depend_on_which_text_comes_first() -> None:
    one, other = text(story(1)), text([*story(1)[:5], paragraph(3)])
    assert odds(one, other) == pytest.approx(odds(other, one))


def test_a_model_that_lacks_a_feature_is_refused_by_its_name() -> None:
    weights = {name: row for name, row in SETTINGS.pairs.weights.items() if name != "jaccard"}
    with pytest.raises(RuleError, match="has no 'jaccard'"):
        check(msgspec.structs.replace(SETTINGS.pairs, weights=weights), "dedup.toml")


def test_a_model_with_too_few_numbers_is_refused() -> None:
    weights = {**SETTINGS.pairs.weights, FEATURES[0]: (1.0,)}
    with pytest.raises(RuleError, match="'jaccard' has 1 numbers, but 3 knots need 4"):
        check(msgspec.structs.replace(SETTINGS.pairs, weights=weights), "dedup.toml")


def test_a_model_with_an_unknown_feature_is_refused() -> None:
    weights = {**SETTINGS.pairs.weights, "colour": (1.0,)}
    with pytest.raises(RuleError, match="unknown feature 'colour'"):
        check(msgspec.structs.replace(SETTINGS.pairs, weights=weights), "dedup.toml")
