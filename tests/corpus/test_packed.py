from hypothesis import given
from hypothesis import strategies as st

from corpus.packed import packed, unpacked


@given(st.text())
def test_a_packed_text_is_the_text_again(text: str) -> None:
    assert unpacked(packed(text)) == text


def test_half_of_a_surrogate_pair_is_kept() -> None:
    assert unpacked(packed("a\ud800b")) == "a\ud800b"


def test_a_text_that_repeats_itself_takes_little_room() -> None:
    assert len(packed("The port is closed. " * 500)) < 100
