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
    assert [x.text for x in agency.examples if agency.code not in credited(agency, x)] == []
    assert [x.text for x in agency.near_misses if agency.code in credited(agency, x)] == []


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
