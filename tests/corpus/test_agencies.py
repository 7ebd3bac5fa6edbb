"""Who is credited with a story, by the lines that may say so."""

from typing import get_args

import pytest

from corpus.agencies import Line, attribute, load_agencies, publisher
from corpus.config import default_file
from corpus.creditlines import AgencyRules, agencies_in, named
from corpus.errors import RuleError
from corpus.hints import told
from corpus.records import Signal

RULES = load_agencies(default_file("agencies.toml").read_text(encoding="utf-8"))


def codes(signal: Signal, text: str, language: str = "en", rules: AgencyRules = RULES) -> list[str]:
    return [name.code for name in named(signal, text, rules, language)]


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("APA/sda/dpa", ["APA", "KEYSTONE-SDA", "DPA"]),
        ("AFP, EFE y Reuters", ["AFP", "EFE", "REUTERS"]),
        ("TT-AFP", ["TT", "AFP"]),
        ("AFP/The Example", ["AFP"]),
        ("Agence France-Presse in Paris", ["AFP"]),
        ("the Associated Press", ["AP"]),
        ("Ann Example", []),
        ("", []),
    ],
)
def test_a_phrase_of_names_is_split(phrase: str, found: list[str]) -> None:
    assert [n.code for n in agencies_in(phrase, RULES, "*")] == found


def test_names_are_found_again_at_their_offsets() -> None:
    phrase = "red, APA / dpa und Reuters"
    for name in agencies_in(phrase, RULES, "de"):
        assert phrase[name.start : name.end] in ("APA", "dpa", "Reuters")


def test_a_strict_phrase_allows_sign_offs_but_no_strangers() -> None:
    assert [n.code for n in agencies_in("gem/dpa", RULES, "de", strict=True)] == ["DPA"]
    assert agencies_in("Brücke und dpa", RULES, "de", strict=True) == ()


@pytest.mark.parametrize(
    ("signal", "text", "language"),
    [
        ("tail", "(AP Photo/Ann Example)", "en"),
        ("tail", "Foto: Ann Beispiel/dpa", "de"),
        ("byline", "Picture: PA", "en"),
        ("byline", "Ann Example, AFP via Getty Images", "en"),
        ("source", "Bild: picture alliance / dpa", "de"),
        ("copyright", "© Ann Example / Reuters / Getty", "en"),
    ],
)
def test_picture_credits_never_count(signal: Signal, text: str, language: str) -> None:
    assert codes(signal, text, language) == []


@pytest.mark.parametrize(
    "text",
    [
        "The mayor told Reuters that the bridge was open.",
        "Das sagte ein Sprecher der dpa am Montag.",
        "El alcalde confirmó a EFE que el puente abrirá.",
        "According to The Associated Press, the toll is low.",
    ],
)
def test_mentions_never_count(text: str) -> None:
    signals: tuple[Signal, ...] = ("tail", "dateline", "byline", "source", "copyright")
    for signal in signals:
        assert codes(signal, text) == []


def test_homonyms_need_their_language_and_their_letters() -> None:
    assert codes("byline", "PA", "en") == ["PA"]
    assert codes("byline", "PA", "lt") == []
    assert codes("byline", "Pa", "en") == []
    assert codes("byline", "AA", "en") == []
    assert codes("byline", "AA", "tr") == ["AA"]


def test_a_dateline_needs_a_place_and_brackets() -> None:
    assert codes("dateline", "WASHINGTON, D.C. (AP) — The council met.") == ["AP"]
    assert codes("dateline", "The pupils took three (AP) classes — and failed.") == []


def test_words_of_pictures_in_a_storys_last_sentence_do_not_take_its_credit_away() -> None:
    filmed = "She had posted the video of the whole bridge on Monday. (AFP)"
    assert codes("tail", filmed) == codes("tail", filmed.replace(" (AFP)", " AFP")) == ["AFP"]
    assert codes("tail", "Photo: (AFP)") == codes("tail", "Photo by J. Doe. (AFP)") == []


def test_the_publishers_own_host_is_certain() -> None:
    line = publisher("https://www.apnews.com/article/bridge", "www.apnews.com", RULES)
    assert line is not None
    assert (line.where, "https://www.apnews.com"[line.offset :]) == ("url", "apnews.com")
    assert publisher("https://notapnews.com/x", "notapnews.com", RULES) is None
    assert attribute([line], RULES, "en", own_byline=False).agencies == ("AP",)


def test_evidence_names_words_place_and_rule() -> None:
    wire = attribute(
        [Line("tail", "stripped[2]", "(With inputs from ANI)", 5)], RULES, "en", own_byline=True
    )
    (proof,) = wire.evidence
    assert (proof.agency, proof.where, proof.start, proof.end, proof.text) == (
        "ANI",
        "stripped[2]",
        23,
        26,
        "ANI",
    )
    assert proof.rule == "with-files-from"
    assert (wire.role, wire.is_wire) == ("contributed", None)


def test_role_says_whether_others_wrote_too() -> None:
    ap = Line("dateline", "text", "BEIJING (AP) — The")
    afp = Line("tail", "text", "(AFP)")
    assert attribute([ap], RULES, "en", own_byline=False).role == "sole"
    assert attribute([ap], RULES, "en", own_byline=True).role == "mixed"
    assert attribute([ap, afp], RULES, "en", own_byline=False).role == "mixed"


def test_agencies_without_a_name_count_only_where_none_is_named() -> None:
    unnamed = Line("byline", "byline", "Example staff and agencies")
    ap = Line("tail", "text", "The Associated Press contributed to this report.")
    assert attribute([unnamed], RULES, "en", own_byline=False).agencies == ("UNNAMED",)
    assert attribute([unnamed, ap], RULES, "en", own_byline=False).agencies == ("AP",)


def test_a_teaser_with_a_dateline_is_no_byline() -> None:
    assert codes("byline", "Lundby (AFP) – Shares rose on Monday...") == []


def test_more_kinds_of_evidence_give_more_confidence() -> None:
    one = attribute([Line("byline", "byline", "AFP")], RULES, "en", own_byline=False)
    two = attribute(
        [Line("byline", "byline", "AFP"), Line("tail", "text", "(AFP)")],
        RULES,
        "en",
        own_byline=False,
    )
    assert 0.9 < one.confidence < two.confidence <= 1


def test_without_a_credit_only_an_own_byline_is_ground_to_say_no() -> None:
    assert attribute([], RULES, "en", own_byline=False).is_wire is None
    assert attribute([], RULES, "en", own_byline=True).is_wire is False


def test_story_ids_are_kept_as_written() -> None:
    line = Line("story_id", "text", "© dpa-infocom, dpa:261117-99-53606/3")
    assert attribute([line], RULES, "de", own_byline=False).story_ids == ("dpa:261117-99-53606/3",)


AGENCY = """
[[credit]]
id = "names"
signal = "byline"
role = "sole"
strict = false
pattern = '(?P<who>.+)'
examples = ["XNA"]
near_misses = ["Ann Example"]

[[agency]]
code = "XNA"
name = "Example News Agency"
languages = ["en"]
names = ["Example News Agency"]
country = "NO"
acronyms = ["XNA"]
examples = { byline = ["XNA"] }
near_misses = { byline = ["Xna"] }
[[agency.tails]]
pattern = '^-- (?P<who>XNA)$'
examples = ["-- XNA"]
near_misses = ["-- XNA says so"]
"""
OTHER = """
[[agency]]
code = "YNA"
name = "Yonder News"
country = "SE"
languages = ["sv"]
names = ["Yonder News"]
examples = { byline = ["Yonder News"] }
near_misses = { byline = ["Yonder"] }
"""


def test_adding_an_agency_is_one_table() -> None:
    rules = load_agencies(AGENCY)
    assert codes("byline", "Example News Agency", rules=rules) == ["XNA"]
    assert codes("tail", "-- XNA", rules=rules) == ["XNA"]


FAULTS = [
    ('byline = ["XNA"]', 'byline = ["YNA"]', "agency 'XNA' does not find its example 'YNA'"),
    ('byline = ["Xna"]', 'byline = ["XNA"]', "agency 'XNA' finds its near miss 'XNA'"),
    ('near_misses = { byline = ["Xna"] }', "", "agency 'XNA' has no near misses"),
    ('examples = { byline = ["XNA"] }', "", "agency 'XNA' has no examples"),
    (
        "examples = { byline",
        "examples = { headline",
        "agency 'XNA': Object contains unknown field `headline`",
    ),
    ('examples = ["-- XNA"]', "", "pattern 'XNA/tails/1' has no examples"),
    ('near_misses = ["-- XNA says so"]', "", "pattern 'XNA/tails/1' has no near misses"),
    ('["-- XNA"]', '["-- YNA"]', "pattern 'XNA/tails/1' does not find its example '-- YNA'"),
    ('["-- XNA says so"]', '["-- XNA"]', "pattern 'XNA/tails/1' finds its near miss '-- XNA'"),
    ('["-- XNA says so"]', '["It rained."]', "near miss 'It rained.' has no word of its examples"),
    ("(?P<who>XNA)", "XNA", "has no group 'who'"),
    ("^-- (", "^-- ((", "'XNA/tails/1': the pattern '-- ((?P<who>XNA)$' is wrong"),
    ("^-- (", "(?i)^-- (", "sets a flag for all of it"),
    (
        'languages = ["en"]',
        'colour = "red"',
        "agency 'XNA': Object contains unknown field `colour`",
    ),
    ('languages = ["en"]', 'languages = ["English"]', "agency 'XNA': 'English' is no language"),
    ('country = "NO"', 'contry = "NO"', "unknown field `contry`; is `country` meant?"),
    ('languages = ["en"]', "", "agency 'XNA' has no languages; add those"),
    ('code = "XNA"', 'code = "Xna news"', "agency 'Xna news': a code is of capitals"),
    (
        'country = "NO"',
        'country = "NO"\nhosts = ["https://www.xna.example/"]',
        "agency 'XNA': 'https://www.xna.example/' is no host",
    ),
    (
        'country = "NO"',
        'country = "NO"\ndated_acronyms = ["XN"]',
        "agency 'XNA': 'XN' of dated_acronyms is none of its acronyms",
    ),
    ("(?P<who>XNA)", "(?P<who>)XNA", "its group 'who' is empty in '-- XNA'"),
    ('country = "NO"', "", "agency 'XNA' has no country"),
    ('country = "NO"', 'country = "Norway"', "agency 'XNA': country is 'Norway'"),
    ('country = "NO"', 'country = "NO"\nwikidata = "Q0"', "agency 'XNA': wikidata is 'Q0'"),
    (
        'names = ["Example News Agency"]',
        'names = "XNA"',
        "agency 'XNA': Expected `array`, got `str`",
    ),
    ('["Example News Agency"]', '["XNA", "xna"]', "agency 'XNA': the name 'xna' stands twice"),
    ('code = "YNA"', 'code = "XNA"', "agency 'XNA' stands twice"),
    (
        '["Yonder News"]',
        '["Example News-Agency"]',
        "agency 'YNA': the name 'example news agency' is agency 'XNA'",
    ),
    (
        'country = "SE"',
        'country = "SE"\nacronyms = ["XNA"]',
        "the acronym 'XNA in all languages' is agency 'XNA'",
    ),
    (
        'country = "SE"',
        'country = "SE"\nacronyms = ["XNA"]\nacronym_languages = ["sv"]',
        "agency 'YNA': the acronym 'XNA' is agency 'XNA''s in all languages",
    ),
    ('examples = ["XNA"]', "examples = []", "credit 'names' has no examples"),
    (
        'near_misses = ["Ann Example"]',
        'near_misses = ["XNA"]',
        "credit 'names' finds its near miss",
    ),
    ("[[credit]]", "[[credits]]", "unknown field `credits`"),
    ('code = "XNA"', "code = XNA", "Invalid value"),
]


@pytest.mark.parametrize(("old", "new", "message"), FAULTS, ids=[f[2] for f in FAULTS])
def test_a_row_that_does_not_prove_itself_does_not_load(old: str, new: str, message: str) -> None:
    assert old in AGENCY + OTHER
    with pytest.raises(RuleError, match=r"^agencies\.toml: ") as error:
        load_agencies((AGENCY + OTHER).replace(old, new, 1))
    assert message in str(error.value)


def test_what_somebody_else_proves_is_loaded_without() -> None:
    unproven = AGENCY.replace('["-- XNA"]', '["-- YNA"]')
    assert codes("tail", "-- XNA", rules=load_agencies(unproven, proven=True)) == ["XNA"]


def test_a_credit_stands_once() -> None:
    with pytest.raises(RuleError, match="credit 'names' stands twice"):
        load_agencies(AGENCY + AGENCY[: AGENCY.index("[[agency]]")])


def test_a_pattern_finds_its_example_by_itself() -> None:
    found_by_name = (
        AGENCY.replace('examples = ["-- XNA"]', 'examples = ["XNA"]')
        .replace('signal = "byline"', 'signal = "tail"', 1)
        .replace("byline =", "tail =")
    )
    with pytest.raises(RuleError, match="pattern 'XNA/tails/1' does not find its example 'XNA'"):
        load_agencies(found_by_name)


def test_a_pattern_is_asked_of_a_line_without_a_name_if_an_example_has_none() -> None:
    line = "Distributed by our friends in Ostby"
    row = """[[agency]]
code = "XNA"
name = "Example News"
country = "NO"
languages = ["en"]
names = ["Example News"]
examples = { tail = ["Distributed by our friends"] }
near_misses = { tail = ["Our friends"] }
[[agency.tails]]
pattern = '(?P<who>[Dd]istributed by our friends)'
examples = ["Distributed by our friends"]
near_misses = ["Distributed by friends"]
"""
    named_line = '["Example News: distributed by our friends"]'
    only_named = row.replace('["Distributed by our friends"]', named_line)
    assert [n.code for n in named("tail", line, load_agencies(row), "en")] == ["XNA"]
    assert named("tail", line, load_agencies(only_named), "en") == ()


def test_what_a_line_may_not_credit_it_credits_nowhere() -> None:
    lines = [(line, wanted) for agency in RULES.agencies for line, wanted in agency.lines()]
    assert all(RULES.telling.may_credit(line.text) for line, wanted in lines if wanted)
    silent = [line.text for line, _ in lines if not RULES.telling.may_credit(line.text)]
    assert silent
    for text in (*silent, "The council of Ostby opened its bridge.", "By Ann Example", ""):
        for signal in get_args(Signal):
            assert codes(signal, text, "*") == [], (signal, text)


def test_a_line_may_name_an_agency_by_its_telling_word_or_in_a_script_without_blanks() -> None:
    may_name = RULES.telling.may_name
    assert may_name("she told Reuters_TV")
    assert may_name("新華社北京")
    assert not may_name("she told reporters")


def hinted(text: str, language: str) -> list[tuple[str, str]]:
    return [(n.code, text[n.start : n.end]) for n in told(text, RULES, language)]


def test_who_spoke_to_an_agency_is_told_apart_in_the_pages_language() -> None:
    assert hinted("The mayor told The Associated Press that it was late.", "en") == [
        ("AP", "told The Associated Press")
    ]
    assert hinted("El alcalde confirmó a EFE que abrirá.", "es") == [("EFE", "confirmó a EFE")]
    assert hinted("El alcalde confirmó a EFE que abrirá.", "en") == []
    assert hinted("The mayor told reporters that Reuters had called.", "en") == []


def test_a_hint_proves_itself_too() -> None:
    row = """[[hint]]
id = "told-en"
languages = ["en"]
pattern = '\\btold (?P<who>\\S)'
examples = ["He told XNA so."]
near_misses = ["He told XNA so."]

"""
    with pytest.raises(RuleError, match="hint 'told-en' finds its near miss"):
        load_agencies(row + AGENCY)
    with pytest.raises(RuleError, match="hint 'told-en' has no examples"):
        load_agencies(row.replace('examples = ["He told XNA so."]', "", 1) + AGENCY)


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("© dpa-infocom, dpa:261117-99-53606/3", "dpa:261117-99-53606/3"),
        ("AP-US--Bridge Repair, 4th Ld-Writethru", "AP-US--Bridge Repair, 4th Ld-Writethru"),
        (
            "urn:newsml:afp.com:20260619:TX-PAR-ABC12:2",
            "urn:newsml:afp.com:20260619:TX-PAR-ABC12:2",
        ),
    ],
)
def test_a_story_id_is_kept_with_its_version(line: str, written: str) -> None:
    wire = attribute([Line("story_id", "text", line)], RULES, "en", own_byline=False)
    assert wire.story_ids == (written,)


def test_far_from_the_storys_ends_only_plain_wordings_count() -> None:
    def codes_far(text: str) -> list[str]:
        return [n.code for n in named("tail", text, RULES, "en", far=True)]

    assert codes_far("(With inputs from ANI)") == ["ANI"]
    assert codes_far("Source: AFP") == codes_far("AFP") == codes_far("It rained. (AFP)") == []


def test_a_name_that_brackets_explain_is_a_mention() -> None:
    assert codes("tail", "The news came from Agence France-Presse (AFP).") == []
    assert codes("tail", "The bridge opened on Monday. (AFP)") == ["AFP"]


@pytest.mark.parametrize(
    "text",
    [
        "He was born in Scranton (PA).",
        "Her best subject was advanced placement (AP).",
        "Payments by phone run over one network (UPI).",
    ],
)
def test_brackets_within_a_sentence_credit_nobody(text: str) -> None:
    assert codes("tail", text) == []


def test_brackets_behind_a_sentence_are_a_tail() -> None:
    assert codes("tail", "The bridge is open. (AP)") == ["AP"]
    assert codes("tail", "Die Brücke ist seit Montag offen (dpa).", "de") == ["DPA"]
