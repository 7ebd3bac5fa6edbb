"""Every row of the rule files says what it matches and what it leaves alone, and keeps its word."""

import re
import tomllib

import pytest

from corpus.agencies import load_agencies
from corpus.agency_rows import AgencyRow, Example
from corpus.config import default_file
from corpus.creditlines import named
from corpus.wordings import RuleRow, load_boilerplate

WRITTEN = default_file("boilerplate.toml").read_text(encoding="utf-8")
BOILERPLATE = load_boilerplate(WRITTEN)
FOLLOWS = tomllib.loads(WRITTEN)["follows"]
AGENCIES = load_agencies(default_file("agencies.toml").read_text(encoding="utf-8"))


def language(agency: AgencyRow) -> str:
    return next(iter(agency.acronym_languages or agency.languages), "*")


def credited(agency: AgencyRow, line: Example) -> set[str]:
    return {n.code for n in named(line.signal, line.text, AGENCIES, language(agency), every=True)}


@pytest.mark.parametrize("row", BOILERPLATE.rows, ids=lambda row: row.id)
def test_a_boilerplate_rule_matches_its_examples_and_no_near_miss(row: RuleRow) -> None:
    (rule,) = (r for r in BOILERPLATE.rules if r.row is row)
    assert [line for line in row.examples if not rule.matches(line)] == []
    assert [line for line in row.near_misses if rule.matches(line)] == []


@pytest.mark.parametrize("row", BOILERPLATE.rows, ids=lambda row: row.id)
def test_every_phrase_of_a_boilerplate_rule_has_an_example(row: RuleRow) -> None:
    for phrase in row.phrases:
        alone = re.compile(rf"(?i)\W*(?:{phrase})(?:{FOLLOWS[row.follows]})")
        assert any(alone.fullmatch(line) for line in row.examples), phrase


@pytest.mark.parametrize("row", BOILERPLATE.rows, ids=lambda row: row.id)
def test_a_sentence_that_one_rule_leaves_alone_is_left_alone_by_all(row: RuleRow) -> None:
    for line in row.near_misses:
        if line.endswith("."):
            assert [r.row.id for r in BOILERPLATE.rules if r.matches(line)] == []


@pytest.mark.parametrize("row", BOILERPLATE.rows, ids=lambda row: row.id)
def test_an_example_is_named_by_a_rule_of_its_kind(row: RuleRow) -> None:
    at = {"head": row.at in ("head", "edge"), "tail": row.at in ("tail", "edge")}
    for line in row.examples:
        first = BOILERPLATE.first(line, **at)
        assert first is not None, line
        assert first.kind == row.kind, line


LANGUAGES = (
    "en", "de", "fr", "es", "it", "pt", "nl", "da", "sv", "no", "fi",
    "pl", "cs", "hu", "ro", "ru", "uk", "tr", "ar", "zh", "ja", "ko",
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("of", ["read-also", "newsletter", "advert-label", "comment"])
def test_a_language_has_its_inserts_newsletters_comments_and_advertisements(
    of: str, language: str
) -> None:
    rows = [r for r in BOILERPLATE.rows if r.id.startswith(of) and language in r.languages]
    assert any(len(row.examples) >= len(row.languages) for row in rows)


def test_languages_are_written_as_iso_639_writes_them() -> None:
    for row in BOILERPLATE.rows:
        assert all(re.fullmatch("[a-z]{2}", language) for language in row.languages), row.id
        assert len(set(row.languages)) == len(row.languages), row.id


@pytest.mark.parametrize("agency", AGENCIES.agencies, ids=lambda row: row.code)
def test_an_agency_is_found_in_its_examples_and_in_no_near_miss(agency: AgencyRow) -> None:
    for line, wanted in agency.lines():
        assert (agency.code in credited(agency, line)) == wanted, line


def words_of(agency: AgencyRow) -> list[tuple[str, str]]:
    """Each spelling of the agency with each language of pages on which it is known."""
    known = [(name, language) for name in agency.names for language in agency.languages or ("en",)]
    return known + [
        (acronym, language)
        for acronym in agency.acronyms
        for language in agency.acronym_languages or agency.languages
    ]


@pytest.mark.parametrize("agency", AGENCIES.agencies, ids=lambda row: row.code)
def test_every_spelling_of_an_agency_is_a_credit_where_credits_stand(agency: AgencyRow) -> None:
    for word, language in words_of(agency):
        for line in (Example("byline", word), Example("source", f"Source: {word}")):
            found = named(line.signal, line.text, AGENCIES, language)
            assert [n.code for n in found] == [agency.code], (line, language)


@pytest.mark.parametrize("agency", AGENCIES.agencies, ids=lambda row: row.code)
def test_no_spelling_of_an_agency_is_one_with_a_picture(agency: AgencyRow) -> None:
    for word, language in words_of(agency):
        for line in (
            Example("byline", f"Photo: {word}"),
            Example("tail", f"Photo: Ann Example/{word}"),
            Example("tail", f"(Foto: {word})"),
            Example("copyright", f"© Ann Example/{word}"),
            Example("source", f"Ann Example/{word}/Getty Images"),
        ):
            assert named(line.signal, line.text, AGENCIES, language) == (), (line, language)


@pytest.mark.parametrize("agency", AGENCIES.agencies, ids=lambda row: row.code)
def test_an_agencys_own_pattern_is_needed(agency: AgencyRow) -> None:
    for rule, signal, pattern in agency.patterns():
        found_by = [
            {n.rule for n in named(signal, line, AGENCIES, of, every=True) if n.code == agency.code}
            for line in pattern.examples
            for of in agency.languages
        ]
        assert {rule} in found_by, f"{rule}: other rules find all of its examples; leave it out"


@pytest.mark.parametrize("agency", AGENCIES.agencies, ids=lambda row: row.code)
def test_the_examples_of_one_agency_credit_no_stranger(agency: AgencyRow) -> None:
    for line in agency.examples:
        for code in credited(agency, line) - {agency.code}:
            (other,) = (a for a in AGENCIES.agencies if a.code == code)
            spellings = (*other.names, *other.acronyms)
            assert any(s.casefold() in line.text.casefold() for s in spellings), (line.text, code)


def test_an_acronym_shared_by_agencies_is_told_apart_by_language() -> None:
    for acronym, claims in AGENCIES.acronyms.items():
        if len(claims) > 1:
            shared = frozenset.intersection(*(c.languages for c in claims))
            assert not shared, f"{acronym}: {shared} is claimed twice"
            assert all(c.languages for c in claims), f"{acronym}: give acronym_languages"
