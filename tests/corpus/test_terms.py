"""Texts as the words that carry them: what counts as one word, one number, one passage, one slip."""

from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.terms import LANGUAGES, NAME, NUMBER, QUOTED, SLIP, STEM, VERSION, Sketch, sketches
from tests.corpus.made_up_wires import LIVE_POSTS, REWORDED, STORIES, TRANSLATED, WIRE, reader


def stems(text: str) -> set[int]:
    return set((reader().sketch(text).terms & STEM).tolist())


def marks(text: str) -> dict[str, int]:
    return {word.written: word.term & ~int(STEM) for word in reader().words(text)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("18,000 tonnes", "18.000 tonnes"),
        ("fourteen sheep", "14 sheep"),
        ("vierzehn sheep", "14 sheep"),
        ("it sank at 4:52 a.m. there", "it sank at 4.52am there"),
        ("raided at 9:47 p.m. again", "raided at 21:47 again"),
        ("the 6.4 percent", "the 6,4 %"),
        ("colour of harbours", "color of harbors"),
        ("a lorry burned", "a truck burned"),
        ("in février", "in February"),
        ("Muñoz", "Munoz"),
    ],
)
def test_newsrooms_write_one_thing_in_two_ways(one: str, other: str) -> None:
    assert stems(one) == stems(other)


def test_words_that_every_text_has_count_for_nothing() -> None:
    assert stems("He said on Tuesday that they would have been there.") == set()


def test_names_numbers_and_quotations_are_marked() -> None:
    found = marks(
        'Sheriff Kowalczyk counted 19 wagons. "Nobody whistled," Kowalczyk added. Wagons rusted.'
    )
    assert found["Kowalczyk"] == int(NAME)
    assert found["19"] == int(NUMBER)
    assert found["whistled"] == int(QUOTED)
    assert found["wagons"] == 0


@pytest.mark.parametrize("quoted", ["“Geh heim”", '"Geh heim"', "„Geh heim“", "« Geh heim »"])
def test_quotations_are_known_by_each_language_s_marks(quoted: str) -> None:
    assert marks(f"Kowalczyk rief: {quoted}. Draussen regnete es.")["heim"] == int(QUOTED)
    assert not marks(f"Kowalczyk rief: {quoted}. Draussen regnete es.")["regnete"] & int(QUOTED)


@pytest.mark.parametrize(
    ("text", "is_slip"),
    [
        ("the second and second and final day", True),
        ("met the the minister", True),
        ("more and more rain", False),
        ("It rained. It poured.", False),
        ("from Walla Walla", False),
    ],
)
def test_a_doubled_word_is_a_slip_unless_it_is_an_idiom_or_a_name(
    text: str, *, is_slip: bool
) -> None:
    assert any(term & int(SLIP) == int(SLIP) for term in marks(text).values()) is is_slip


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (WIRE, "en"),
        (REWORDED, "en"),
        (TRANSLATED, "de"),
        ("O governo disse que as escolas não vão abrir na próxima semana", "pt"),
        ("Il governo ha detto che le scuole non apriranno la prossima settimana", "it"),
        ("Het kabinet zei dat de scholen volgende week niet opengaan voor kinderen", "nl"),
        ("El gobierno dijo que las escuelas no abrirán la próxima semana", "es"),
    ],
)
def test_the_commonest_words_tell_the_language(text: str, language: str) -> None:
    assert LANGUAGES[reader().sketch(text).language] == language


def test_long_paragraphs_are_cut_at_sentences_and_one_liners_go_with_what_follows() -> None:
    sentence = (
        "Kowalczyk counted nineteen rusty wagons beneath the ancient viaduct yesterday evening. "
    )
    assert len(reader().sketch(sentence * 12).passages) > 1
    assert len(reader().sketch("Rain.\n\nSnow.\n\n" + sentence).passages) == 1


def test_posts_and_lists_are_told_from_stories() -> None:
    assert reader().sketch(LIVE_POSTS).stamped
    assert (
        reader()
        .sketch("In figures\n- Length: 24 km\n- Cost: 6.8 billion\n- Deaths: five\n- Cars: 7")
        .stamped
    )
    assert not reader().sketch(WIRE).stamped
    assert not reader().sketch(TRANSLATED).stamped


def test_an_enormous_text_is_read_as_far_as_the_settings_say() -> None:
    text = "Kowalczyk counted wagons. " * 400_000
    sketch = reader().sketch(text)
    assert len(sketch.passages) <= STORIES.words.passages


@given(st.text(max_size=200))
def test_any_text_has_a_sketch_whose_passages_lie_in_it(text: str) -> None:
    sketch = reader().sketch(text)
    assert (sketch.passages <= len(sketch.terms)).all()
    assert len(reader().words(text)) == len(sketch.terms)


def fingerprint(found: Sketch) -> str:
    """All of the sketch as one number."""
    raw = found.terms.tobytes() + b"|" + found.passages.tobytes()
    return blake2b(raw + f"|{found.language}|{found.stamped}".encode(), digest_size=8).hexdigest()


TEXTS = {
    "wire": WIRE,
    "reworded": REWORDED,
    "translated": TRANSLATED,
    "posts": LIVE_POSTS,
    "french": "« L’été dernier », a dit Lefèvre — « c’était l’année la plus chaude », à Liège en février.",
    "slips": "The the minister, and and and: second and second day. more and more rain Rain rain\n\nbye bye",
    "numbers": "18,000 or 18.000; 4th, 3.5x9.1 at 9:30 p.m. and 12 am, 1.2.3 ٣٤ ½ x9 fourteen März",
    "marks": "He said: \"Rain.\" 'Snow.' [“Hail.] „Regen.“ (“Nebel.“) — \"\n\nTom's dogs' „Ende",
    "odd": "\ud800 a\x00b 東京 दिल्ली e\u0301f İstanbul __init__ x_y ﬁsh caf\u00ad\u00e9 AT&amp;T",
    "dull": "He said on Tuesday that they would have been there.",
    "empty": "",
}
FINGERPRINTS = {
    "wire": "a6f991da44292746",
    "reworded": "c428430e55b67ab6",
    "translated": "605abbdcbaa7b729",
    "posts": "059c90b177c680a7",
    "french": "e1bdc306831b85ce",
    "slips": "5edc6b4281b06a12",
    "numbers": "17a8a39435b00208",
    "marks": "3e106f49639f9ec2",
    "odd": "4d37cf08b76d9ced",
    "dull": "76b1acaa83670839",
    "empty": "bd998e09a49d5bd6",
}


def test_sketches_stay_what_they_are_until_the_version_rises() -> None:
    assert VERSION == "2"
    assert {
        name: fingerprint(reader().sketch(text)) for name, text in TEXTS.items()
    } == FINGERPRINTS


_BITS = [*' \n"“”„’.-_', "The ", "the ", "and ", "Port ", "port ", "18", "4:52 ", "6 p.m. ", "東"]


@given(
    st.lists(
        st.text(max_size=60) | st.lists(st.sampled_from(_BITS), max_size=60).map("".join),
        max_size=8,
    )
)
def test_a_batch_says_of_each_text_what_the_text_alone_would(texts: list[str]) -> None:
    found = reader().sketches(texts)
    assert len(found.language) == len(found.stamped) == len(texts)
    for n, text in enumerate(texts):
        alone = reader().sketch(text)
        mine = Sketch(
            found.terms.row(n),
            found.passages.row(n),
            int(found.language[n]),
            bool(found.stamped[n]),
        )
        assert fingerprint(mine) == fingerprint(alone)


def test_texts_are_read_in_batches_that_make_no_difference() -> None:
    texts = [*TEXTS.values()] * 2000
    found = sketches(iter(texts), reader())
    again = reader().sketches(texts)
    for rows, others in ((found.terms, again.terms), (found.passages, again.passages)):
        assert rows.values.tobytes() == others.values.tobytes()
        assert rows.starts.tolist() == others.starts.tolist()
    assert found.language.tolist() == again.language.tolist()
    assert len(sketches((), reader()).stamped) == 0
