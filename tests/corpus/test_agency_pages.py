"""Every agency of configs/agencies.toml on a page of ours: credited where it is, and nowhere else.

The pages are made of the rows' own lines, each at the place that its signal names; and of each spelling
of an agency's name at places where a name is no credit.
"""

import html

import pytest

from corpus.agencies import load_agencies
from corpus.agency_proofs import language_of
from corpus.agency_rows import AgencyRow, Example
from corpus.config import default_file
from tests.corpus.made_up_credits import STORY, TITLE, page_with, read, wire_of

AGENCIES = load_agencies(default_file("agencies.toml").read_text(encoding="utf-8")).agencies


def lines(*, wanted: bool) -> list[object]:
    return [
        pytest.param(agency, line, id=f"{agency.code}-{line.signal}-{n}")
        for agency in AGENCIES
        for n, (line, found) in enumerate(agency.lines())
        if found == wanted
    ]


@pytest.mark.parametrize(("agency", "line"), lines(wanted=True))
def test_a_page_with_the_agencys_credit_is_credited_to_it(agency: AgencyRow, line: Example) -> None:
    wire = wire_of(line.text, line.signal, language_of(agency))
    assert agency.code in wire.agencies
    assert wire.is_wire is not False
    assert all(proof.text for proof in wire.evidence)


@pytest.mark.parametrize(("agency", "line"), lines(wanted=False))
def test_a_page_with_a_near_miss_is_not_credited_to_the_agency(
    agency: AgencyRow, line: Example
) -> None:
    wire = wire_of(line.text, line.signal, language_of(agency))
    assert agency.code not in wire.agencies


def spellings(agency: AgencyRow) -> tuple[str, ...]:
    """Every name of the agency that a page may hold, in each of its scripts."""
    return (*agency.names, *agency.acronyms)


FOREIGN = ("caption", "nav", "footer", "related", "aside", "image", "settings", "other_story")


@pytest.mark.parametrize("place", FOREIGN)
@pytest.mark.parametrize("agency", AGENCIES, ids=lambda agency: agency.code)
def test_a_name_elsewhere_on_the_page_is_no_credit(agency: AgencyRow, place: str) -> None:
    for name in spellings(agency):
        source = page_with(name, place, language_of(agency))
        assert html.escape(name) in source or place in ("image", "settings", "other_story")
        assert read(source).agencies == (), name


@pytest.mark.parametrize("agency", AGENCIES, ids=lambda agency: agency.code)
def test_a_mention_in_the_text_is_no_credit(agency: AgencyRow) -> None:
    for name in spellings(agency):
        first, last = STORY[2].removesuffix("."), STORY[3].removesuffix(".")
        for sentence in (
            f"{first}, {name} zultavar menk.",
            f"{name} {last.lower()}.",
            f"«{last}», {name}",
        ):
            wire = wire_of(sentence, "text", language_of(agency))
            assert wire.agencies == (), sentence


@pytest.mark.parametrize("agency", AGENCIES, ids=lambda agency: agency.code)
def test_the_agency_as_the_articles_stated_source_is_its_credit(agency: AgencyRow) -> None:
    for name in agency.names:
        for place in ("json_ld", "meta", "page_state"):
            wire = wire_of(name, place, language_of(agency))
            assert wire.agencies == (agency.code,), (name, place)


@pytest.mark.parametrize("agency", AGENCIES, ids=lambda agency: agency.code)
def test_an_acronym_is_its_agencys_in_its_languages_alone(agency: AgencyRow) -> None:
    elsewhere = "vi" if "vi" not in agency.acronym_languages else "id"
    for acronym in agency.acronyms if agency.acronym_languages else ():
        if acronym.casefold() not in {name.casefold() for name in agency.names}:
            assert agency.code not in wire_of(acronym, "byline", elsewhere).agencies, acronym


@pytest.mark.parametrize(
    ("agency", "host"), [(agency, host) for agency in AGENCIES for host in agency.hosts]
)
def test_a_page_on_the_agencys_own_host_is_the_agencys(agency: AgencyRow, host: str) -> None:
    body = "".join(f"<p>{p}</p>" for p in STORY)
    page = f"<html><head><title>{TITLE}</title></head><body><article>{body}</article></body></html>"
    assert read(page, url=f"https://www.{host}/zorvel").agencies == (agency.code,)


def test_every_agency_has_examples_of_several_kinds_and_near_misses() -> None:
    for agency in AGENCIES:
        found = {line.signal for line, wanted in agency.lines() if wanted}
        assert len(found) >= 2, agency.code
        assert any(not wanted for _line, wanted in agency.lines()), agency.code
