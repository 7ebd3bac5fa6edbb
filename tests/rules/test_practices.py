"""How outlets of each language credit agencies, and what is no credit, each line on a page of its own."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.corpus.made_up_credits import PLACES, wire_of


class Practice(NamedTuple):
    """A line at its place on a page in this language, and the agencies that it credits."""

    language: str
    place: str
    agencies: frozenset[str]
    line: str


def practices() -> list[Practice]:
    """Every line of the files beside this one."""
    found = []
    for file in sorted((Path(__file__).parent / "practices").glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            place, codes, text = line.split(" | ", 2)
            agencies = frozenset() if codes == "-" else frozenset(codes.split(","))
            found.append(Practice(file.stem, place, agencies, text))
    return found


PRACTICES = practices()


GROUPS = sorted({(case.language, case.place) for case in PRACTICES})


def wrong(
    language: str, place: str, *, tail_found: bool = True
) -> list[tuple[Practice, list[str]]]:
    """The practices of a language at a place that are read otherwise, with what is read."""
    read = [
        (case, set(wire_of(case.line, place, language, tail_found=tail_found).agencies))
        for case in PRACTICES
        if (case.language, case.place) == (language, place)
    ]
    return [(case, sorted(found)) for case, found in read if found != case.agencies]


@pytest.mark.parametrize(("language", "place"), GROUPS)
def test_a_page_is_credited_as_its_language_does_it(language: str, place: str) -> None:
    assert wrong(language, place) == []


@pytest.mark.parametrize("language", [language for language, place in GROUPS if place == "tail"])
def test_a_tail_that_extractors_leave_out_is_read_as_well(language: str) -> None:
    assert wrong(language, "tail", tail_found=False) == []


def test_a_practice_stands_once_and_at_a_place_that_there_is() -> None:
    assert len(set(PRACTICES)) == len(PRACTICES)
    assert {case.place for case in PRACTICES} <= PLACES


def test_each_language_has_credits_and_lines_that_are_none() -> None:
    languages = {case.language for case in PRACTICES}
    for language in languages:
        here = [case for case in PRACTICES if case.language == language]
        assert any(case.agencies for case in here)
        assert any(not case.agencies for case in here)
