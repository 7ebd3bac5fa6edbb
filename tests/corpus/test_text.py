import random
from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text import (
    FILLED,
    IS_LONG,
    IS_NAME,
    IS_NUMBER,
    IS_PLACE,
    VERSION,
    Normaliser,
    Shingled,
    Shingles,
)
from tests.corpus.made_up import SETTINGS, paragraph

PLAIN = "The harbour master organised a programme of repairs before the ferry returned on Sunday morning"

NORMALISER = Normaliser(SETTINGS.normaliser)


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


def places(text: str) -> tuple[set[int], set[int]]:
    """The places of the text's names and numbers, alone and with what stands there."""
    found = {value for value in shingles(text).names.tolist() if value & 3 == IS_PLACE}
    filled = {value for value in found if value & int(FILLED)}
    return found - filled, filled


def test_a_form_filled_in_anew_has_the_same_places_with_other_words_in_them() -> None:
    one, filled = places("the winner was Ann Lee of Kelby and she won 14 pounds in cash")
    other, filled_anew = places("the winner was Tom Ray of Dufur and she won 16 pounds in cash")
    assert len(one) == 4
    assert one == other
    assert not filled & filled_anew


def test_a_place_that_comes_twice_or_has_hardly_a_plain_word_around_is_none() -> None:
    assert places("it cost 14 pounds and it cost 16 pounds and") == (set(), set())
    assert places("Ann Lee Kelby 14 Tom Ray Dufur 16") == (set(), set())


def test_places_do_not_reach_into_another_text() -> None:
    texts = ["the winner was Ann Lee", "Kelby won the cup"]
    together = Normaliser(SETTINGS.normaliser).shingles_of(texts)
    for n, text in enumerate(texts):
        assert together.names.row(n).tolist() == shingles(text).names.tolist()


def test_scripts_without_spaces_are_split_by_character() -> None:
    found = shingles("東京で大きな地震がありました")
    assert found.words == 14
    assert set(shingles("東京で大きな").grams.tolist()) <= set(found.grams.tolist())
    assert shingles("วันนี้ฝนตกหนักมาก").words > 5


def test_indian_words_keep_their_vowel_signs() -> None:
    assert shingles("दिल्ली में बारिश हुई").words == 4


def test_a_quotation_in_thai_holds_its_vowel_signs() -> None:
    quoted = "วันนี้ฝนตกหนักมาก"
    found = shingles(f"ผู้ว่าการกล่าวว่า “{quoted}” และเดินจากไป")
    assert not set(shingles(quoted).grams.tolist()) & set(found.grams[found.plain].tolist())


def test_hashes_stay_what_they_are_until_the_version_rises() -> None:
    assert VERSION == "4"
    assert {name: fingerprint(shingles(text)) for name, text in TEXTS.items()} == FINGERPRINTS


def fingerprint(found: Shingles) -> str:
    """All of the shingles as one number."""
    arrays = (found.grams, found.plain, found.names, found.name_grams, found.lead)
    raw = b"|".join(array.tobytes() for array in arrays)
    return blake2b(raw + f"|{found.digest}|{found.words}".encode(), digest_size=8).hexdigest()


TEXTS = {
    "english": (
        "VALLETTA, Malta (AP) — The harbour master's programme “cost 14% more,” he organised.\n\n"
        "Mr. Okafor of the U.N. said: 'It re-opened at 9:30 a.m. on Sunday' — 1,400 people came;\n"
        '"We shall _never_ close the Port & its jetties," said Dame O\'Hara. The port was old.'
    ),
    "french": "« L’été dernier », a dit Mme Lefèvre — « c’était l’année la plus chaude », à Liège.",
    "german": "„Wir müssen heim“, rief Straßenmeister Groß am 3. Mai (‚so schnell es geht‘) aus.",
    "greek": "Ο δήμαρχος είπε: «Δεν θα κλείσει το λιμάνι» την Τρίτη, 14 Μαΐου 2024, στην Αθήνα.",
    "russian": "МОСКВА — «Порт закрыт», сообщил Иванов; по его словам, порт откроют через 12 дней.",
    "arabic": "قال الوزير: “الميناء مغلق” يوم الثلاثاء ١٤ مايو ٢٠٢٤ في بيروت، لبنان الشمالي.",
    "hindi": "दिल्ली में “बारिश हुई” और १४ लोग घायल हुए। मंत्री ने कहा कि सड़कें बंद हैं।",
    "chinese": "东京 (路透) “今天发生了大地震”，14人受伤。Reuters 报道说港口已经关闭。",
    "japanese": "東京で大きな地震がありました。カタカナ と ﾊﾝｶｸ も 5% あります。",
    "korean": "서울 (연합) “항구가 폐쇄됐다” 14명이 다쳤다고 김 장관이 화요일 밝혔다.",
    "mojibake": "Itâ€™s the cafÃ© ownersâ€™ dayâ€”at last, for AT&amp;T &lt;said&gt; 5\u00ad0 \u200bﬁsh…",
    "odd": '\ud800 a\x00b "\n" c\u2028d e\u0301f İstanbul ß ½ ² x_y __init__ 𝔘𝔫𝔦 😀 "“\'k\'”" end',
    "long": "a" * 64 + " " + "b" * 65 + " " + "c" * 5000 + " one two three four five",
    "short": "Port closed",
    "empty": "",
}
FINGERPRINTS = {
    "english": "de00ff27fd8124d4",
    "french": "a0c9bae3918241d9",
    "german": "b2ebc77df691bab3",
    "greek": "b657d383fd78c8a2",
    "russian": "6821e014f0bb5fc4",
    "arabic": "b594a5ad9a51c62d",
    "hindi": "0f8fb8c5f61e137e",
    "chinese": "8c30a180db757aae",
    "japanese": "13ff258c587247cb",
    "korean": "4687bce7cce953d8",
    "mojibake": "29825058db147b84",
    "odd": "194d0ac175134015",
    "long": "0cdd8bb84531e9f7",
    "short": "f5353fb09fc0c5e9",
    "empty": "e157c299f3e031f3",
}


@given(st.lists(st.text(max_size=80), max_size=12))
def test_a_batch_says_of_each_text_what_the_text_alone_would(texts: list[str]) -> None:
    found = NORMALISER.shingles_of(texts)
    assert len(found.words) == len(found.digest) == len(texts)
    for n, text in enumerate(texts):
        assert fingerprint(of_batch(found, n)) == fingerprint(shingles(text))


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                [*"\n \"'“”«»„‘’—-(1_", "Port", "port", "mr", "organised", "東", "ि", "é"]
            ),
            max_size=40,
        ).map("".join),
        max_size=6,
    )
)
def test_a_batch_of_quotations_is_read_text_by_text(texts: list[str]) -> None:
    found = NORMALISER.shingles_of(texts)
    for n, text in enumerate(texts):
        assert fingerprint(of_batch(found, n)) == fingerprint(shingles(text))


def of_batch(found: Shingled, n: int) -> Shingles:
    """Text n of the batch."""
    grams, names = (slice(*rows.starts[n : n + 2]) for rows in (found.grams, found.names))
    return Shingles(
        found.grams.values[grams],
        found.plain[grams],
        found.names.values[names],
        found.name_grams[names],
        found.lead.row(n),
        int(found.digest[n]),
        int(found.words[n]),
    )


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ([], 0),
        ([""] * 50_000, 0),
        (["word " * 200_000, "x" * 1_000_000], 200_001),
        (["東京" * 100_000], 200_000),
        (["\0\ud800" * 1000, '"' * 100_000, "\n" * 100_000], 0),
    ],
    ids=["none", "empty", "long", "dense", "wordless"],
)
def test_enormous_and_empty_texts_are_hashed(texts: list[str], words: int) -> None:
    found = NORMALISER.shingles_of(texts)
    assert found.words.sum() == words
    assert len(found.digest) == len(found.grams.starts) - 1 == len(texts)


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
