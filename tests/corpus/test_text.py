import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus.text import IS_LONG, IS_NAME, IS_NUMBER, Normaliser, Shingles, folded_text
from tests.corpus.made_up import SETTINGS, paragraph

PLAIN = "The harbour master organised a programme of repairs before the ferry returned on Sunday morning"


def shingles(text: str) -> Shingles:
    return Normaliser(SETTINGS.normaliser).shingles(text)


def same(one: str, other: str) -> bool:
    return shingles(one).digest == shingles(other).digest


def test_spelling_and_typography_do_not_change_the_hashes() -> None:
    assert same(
        PLAIN,
        "The harbor master organized a program of repairs before the ferry returned on Sunday morning",
    )
    assert same("“We’re closed,” she said — for good", '"We\'re closed," she said - for good')
    assert same("Prices rose 5% in Malta", "Prices rose 5 per cent in Malta")


def test_honorifics_count_for_nothing() -> None:
    assert same(
        "The judge asked Mr. Okafor to leave the room", "The judge asked Okafor to leave the room"
    )


def test_entities_and_mojibake_are_undone() -> None:
    assert same("Caf&eacute; owners &amp; cooks", "Café owners and cooks")
    assert same("Itâ€™s the cafÃ© ownersâ€™ dayâ€”at last", "It’s the café owners’ day—at last")
    assert folded_text("São Paulo â Âsta") == "São Paulo â Âsta"  # not every Â is damage


def test_other_words_give_another_digest() -> None:
    assert not same(PLAIN, PLAIN.replace("Sunday", "Monday"))


def test_grams_are_sorted_and_distinct_and_one_fewer_than_words_allow() -> None:
    found = shingles(PLAIN)
    assert found.words == len(PLAIN.split())
    assert len(found.grams) == found.words - 4
    assert (np.diff(found.grams.astype(np.int64)) > 0).all()


def test_a_gram_depends_on_the_order_of_its_words() -> None:
    assert set(shingles("one two three four five").grams) != set(
        shingles("five four three two one").grams
    )


def test_a_text_shorter_than_a_gram_is_one_gram() -> None:
    assert len(shingles("Port closed").grams) == 1
    assert set(shingles("Port closed").grams) == set(shingles("PORT CLOSED!").grams)


def test_a_text_without_words_has_no_grams_and_no_digest() -> None:
    for text in ("", "  \n\n", "… — ”", "___"):
        found = shingles(text)
        assert not len(found.grams)
        assert found.digest == 0


def test_grams_that_touch_a_quotation_are_not_plain() -> None:
    before, quote, after = paragraph(1, 20), paragraph(2, 20), paragraph(3, 20)
    text = f"{before} “{quote}” {after}"
    found = shingles(text)
    plain = set(found.grams[found.plain].tolist())
    outside = set(shingles(before).grams.tolist()) | set(shingles(after).grams.tolist())
    assert outside <= plain
    assert not plain & set(shingles(quote).grams.tolist())


def test_single_and_straight_quotation_marks_quote_and_apostrophes_do_not() -> None:
    quote = "we shall rebuild every last one of the jetties before winter comes"
    for one, other in (("'", "'"), ('"', '"'), ("‘", "’"), ("„", "“"), ("« ", " »")):
        found = shingles(
            f"The mayor's word stood: {one}{quote}{other} and nobody in the hall objected to it"
        )
        quoted = set(shingles(quote).grams.tolist())
        assert quoted
        assert not quoted & set(found.grams[found.plain].tolist()), one
    apostrophes = shingles(
        "The mayor's sisters' boats weren't in the harbour's books when it burned"
    )
    assert apostrophes.plain.all()


def test_a_quotation_that_is_never_closed_ends_with_its_paragraph() -> None:
    rest = paragraph(5, 30)
    found = shingles(f"She said: “It is over\n\n{rest}")
    assert set(shingles(rest).grams.tolist()) <= set(found.grams[found.plain].tolist())


def test_names_are_numbers_and_words_that_are_never_written_small() -> None:
    found = shingles(
        "The port of Valletta lost 14 boats. The boats were old. Port officials met in Valletta"
    )
    kinds = [value & 3 for value in set(found.names.tolist())]
    assert kinds.count(IS_NUMBER) == 1
    assert kinds.count(IS_NAME) == 2  # Valletta; Officials is small, Port is too
    assert kinds.count(IS_LONG) == 1  # officials, as it is written small


def test_a_name_in_capitals_is_the_same_name() -> None:
    assert set(shingles("in VALLETTA today").names.tolist()) == set(
        shingles("in Valletta today").names.tolist()
    )


def test_scripts_without_spaces_are_split_by_character() -> None:
    found = shingles("東京で大きな地震がありました")
    assert found.words == 14
    assert set(shingles("東京で大きな").grams.tolist()) <= set(found.grams.tolist())
    assert shingles("วันนี้ฝนตกหนักมาก").words > 5


def test_indian_words_keep_their_vowel_signs() -> None:
    assert shingles("दिल्ली में बारिश हुई").words == 4


def test_forgetting_the_vocabulary_changes_nothing() -> None:
    normaliser = Normaliser(SETTINGS.normaliser)
    first = normaliser.shingles(PLAIN)
    normaliser._tokens.clear()
    assert normaliser.shingles(PLAIN).digest == first.digest


@given(st.text(max_size=300))
def test_any_text_gives_consistent_shingles(text: str) -> None:
    found = shingles(text)
    assert len(found.grams) == len(found.plain)
    assert len(found.names) == len(found.name_grams)
    assert set(found.name_grams.tolist()) <= set(found.grams.tolist())
    assert (found.digest == 0) == (found.words == 0)


@given(st.integers(0, 10_000), st.integers(5, 60))
def test_a_cut_text_has_no_gram_that_the_whole_lacks(seed: int, words: int) -> None:
    whole = paragraph(seed, 60).split()
    begin = random.Random(seed).randint(0, 60 - words)
    part = " ".join(whole[begin : begin + words])
    assert set(shingles(part).grams.tolist()) <= set(shingles(" ".join(whole)).grams.tolist())
