import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from corpus.folding import folded_text


def test_mojibake_is_undone_and_not_every_foreign_letter_is_damage() -> None:
    assert folded_text("Itâ€™s the cafÃ©â€”at last") == "It’s the café—at last"
    assert folded_text("São Paulo â Âsta") == "São Paulo â Âsta"


def test_entities_are_characters() -> None:
    assert folded_text("AT&amp;T &lt; &eacute;") == "AT&T < é"


def test_phrases_are_replaced_as_they_are_written() -> None:
    phrases = (("U.S.", "US"), (" & ", " and "))
    assert folded_text("the U.S. & us, R&D", phrases) == "the US and us, R&D"


def test_what_cannot_be_seen_is_left_out() -> None:
    assert folded_text("mini\u00adster\u200b of\ufeff state") == "minister of state"


@given(st.text("aÂâ€™é\u0301ﬁ…\u200b\ud800 ", max_size=40))
def test_any_text_ends_up_in_one_writing(text: str) -> None:
    folded = folded_text(text)
    assert "\u200b" not in folded
    assert folded.isascii() or folded == unicodedata.normalize("NFKC", folded) or "\u200b" in text
