import itertools

from hypothesis import given
from hypothesis import strategies as st

from corpus.spans import LEAST, SHOWN, Span, differences, shared_spans
from corpus.text import Normaliser
from tests.corpus.made_up import SETTINGS, paragraph, story

NORMALISER = Normaliser(SETTINGS.normaliser)


def spans(one: str, other: str) -> tuple[Span, ...]:
    return shared_spans(one, other, NORMALISER)


WORDS = (
    "ox",
    "cat",
    "Dr",
    "dog",
    "“eel”",
    "hen,",
    "Port",
    "14",
    "né",
    "東京",
    "&amp;",
    "per",
    "cent",
)
TEXTS = st.lists(st.sampled_from(WORDS)).map(" ".join)


@given(TEXTS, TEXTS)
def test_spans_are_common_words_where_they_say_and_never_overlap(one: str, other: str) -> None:
    found = spans(one, other)
    assert [span.words for span in found] == sorted((s.words for s in found), reverse=True)
    for span in found:
        assert one[span.a_start : span.a_end] == span.text
        mine = NORMALISER.located(span.text).words.tolist()
        assert mine == NORMALISER.located(other[span.b_start : span.b_end]).words.tolist()
        assert len(mine) == span.words
    for begin, end in (("a_start", "a_end"), ("b_start", "b_end")):
        edges = sorted((getattr(span, begin), getattr(span, end)) for span in found)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(edges))


@given(TEXTS)
def test_a_text_has_all_its_words_in_common_with_itself_unless_it_repeats_them(one: str) -> None:
    words = NORMALISER.located(one).words.tolist()
    if len(set(words)) == len(words) and words:
        assert [span.words for span in spans(one, one)] == [len(words)]


def test_spelling_case_and_typography_do_not_end_a_span() -> None:
    one = "The “colour” of the harbour, 5 per cent of it, changed"
    other = 'Now: THE "COLOR" OF THE HARBOR, 5% OF IT, CHANGED today'
    (span,) = spans(one, other)
    assert span.text == "The “colour” of the harbour, 5 per cent of it, changed"
    assert other[span.b_start : span.b_end] == 'THE "COLOR" OF THE HARBOR, 5% OF IT, CHANGED'


def test_moved_paragraphs_are_two_spans() -> None:
    a, b = paragraph(1), paragraph(2)
    found = spans(f"{a}\n\n{b}", f"{b}\n\n{a}")
    assert {span.text for span in found} == {a.rstrip("."), b.rstrip(".")}


def test_strangers_share_no_span() -> None:
    assert spans(paragraph(1), paragraph(2)) == ()
    assert spans("", paragraph(1)) == spans("", "") == spans("…", "—") == ()


def test_texts_shorter_than_a_span_share_what_they_are() -> None:
    assert [span.text for span in spans("Ferry late", "ferry late!")] == ["Ferry late"]


def test_long_repetitive_texts_are_done_in_time_and_bounded() -> None:
    word, phrase = "word " * 200_000, f"{paragraph(3)} " * 5_000
    for text in (word, phrase):
        found = spans(text, text)
        assert 1 <= len(found) <= SHOWN
        assert all(span.words >= LEAST for span in found)


def test_names_numbers_and_quotations_of_one_only_are_told() -> None:
    one = "The mayor of Aldmoor, Jane Okoro, spent 14 million. “We will do it again next year,” she said."
    other = "The mayor of Brennick spent 15 million, and will do no such thing."
    found = differences(one, other, NORMALISER)
    assert found.names == ("Aldmoor", "Jane", "Okoro", "14")
    assert found.quotations == ("“We will do it again next year,”",)
    assert differences(other, one, NORMALISER).names == ("Brennick", "15")


def test_a_quotation_that_the_other_has_without_marks_is_no_difference() -> None:
    said = "we will do it again next year and the year after"
    assert differences(f"She said “{said}”", f"And so {said}.", NORMALISER).quotations == ()


def test_a_text_does_not_differ_from_itself() -> None:
    text = "\n\n".join(story(4))
    assert differences(text, text, NORMALISER) == differences("", "", NORMALISER)


@given(st.lists(st.sampled_from((*WORDS, "Oslo", "7.5", "Â£14", "A\u200bb", "\n"))))
def test_names_are_looked_up_as_if_each_stood_alone(words: list[str]) -> None:
    other = "He was in Port 14 of them, it may be or not."
    there = set(NORMALISER.located(other).words.tolist())
    text = " ".join(words)
    told = differences(text, other, NORMALISER).names
    every = differences(text, "", NORMALISER).names
    alone = [n for n in every if not set(NORMALISER.located(n).words.tolist()) <= there]
    assert list(told) == alone


def test_so_many_names_are_told_at_most_and_the_first_ones() -> None:
    numbers = [str(n) for n in range(1000, 4000)]
    found = differences(f"in {' '.join(numbers)}", " ".join(numbers[:2500:2]), NORMALISER)
    assert found.names == tuple(numbers[1::2][:SHOWN])
    late = differences(f"in {' '.join(numbers)}", " ".join(numbers[:2950]), NORMALISER)
    assert late.names == tuple(numbers[2950:])


def test_long_texts_of_many_names_are_compared_in_time() -> None:
    numbers = " ".join(f"at {n}" for n in range(50_000))
    assert differences(numbers, f"{numbers} 7", NORMALISER).names == ()
    assert len(differences(numbers, "nothing", NORMALISER).names) == SHOWN
