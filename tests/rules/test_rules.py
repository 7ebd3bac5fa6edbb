"""Every row of the rule files says what it matches and what it leaves alone, and keeps its word."""

import pytest

from corpus.agencies import load_agencies
from corpus.boilerplate import RuleRow, load_boilerplate
from corpus.config import default_file
from corpus.creditlines import AgencyRow, Example, named

BOILERPLATE = load_boilerplate(default_file("boilerplate.toml").read_text(encoding="utf-8"))
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
