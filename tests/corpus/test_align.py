"""Two texts side by side: what a person is shown of their descent."""

from corpus.align import Alignment, alignment
from tests.corpus.made_up_wires import (
    OTHER_NEWSROOM,
    REWORDED,
    TRANSLATED,
    WIRE,
    reader,
    weights,
)


def aligned(left: str, right: str) -> Alignment:
    return alignment(left, right, reader(), weights())


def test_passages_are_paired_with_the_words_that_they_share() -> None:
    found = aligned(WIRE, REWORDED)
    assert len(found.passages) >= 4
    derailed = next(p for p in found.passages if "Teller" in p.words)
    assert {"112", "44", "Falls"} & set(derailed.words)
    assert [p.right for p in found.passages] == sorted(p.right for p in found.passages)


def test_a_translation_is_paired_by_names_and_numbers() -> None:
    found = aligned(WIRE, TRANSLATED)
    words = {word for passage in found.passages for word in passage.words}
    assert {"Kowalczyk", "Teller", "112"} <= words
    assert all(word[0].isupper() or word[0].isdigit() or word in {"four", "ten"} for word in words)


def test_another_newsroom_s_report_has_hardly_a_passage_of_it() -> None:
    assert len(aligned(WIRE, OTHER_NEWSROOM).passages) <= 1


def test_slips_that_both_have_are_told() -> None:
    one = "That long list incudes disagreements on the second and second day."
    other = "Disagreements: the list incudes them all, on the second and second day."
    found = aligned(one, other)
    assert found.slips == ("second second", "incudes")


def test_empty_texts_align_with_nothing() -> None:
    assert aligned("", WIRE) == Alignment((), 0, ())
