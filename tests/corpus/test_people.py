"""Who is named in a byline or an author field."""

import pytest

from corpus.people import people_in_fields, people_in_line

BOTH = ("Ann Example", "Max Sample")


@pytest.mark.parametrize(
    "line",
    [
        "By Ann Example and Max Sample",
        "Von Ann Example und Max Sample",
        "Di Ann Example e Max Sample",
        "Door Ann Example en Max Sample",
        "Av Ann Example och Max Sample",
        "Par Ann Example, avec Max Sample",
        "By Ann Example and Max Sample, Nov 15, 2026, 10:30 AM",
        "Ann Example, Max Sample, Senior Reporters",
        "By Ann Example ann@times.example and Max Sample @max",
        "Autor: Ann Example, Max Sample",
        "By Ann Example in New Ostby and Max Sample in Berlin",
        "Автор: Ann Example и Max Sample",
        "文／Ann Example、Max Sample",
        "（责编：Ann Example、Max Sample）",
    ],
)
def test_a_byline_names_its_people_in_any_language(line: str) -> None:
    assert people_in_line(line) == BOTH


@pytest.mark.parametrize("line", ["By", "Author", "Share", "by:", "—", "Follow"])
def test_a_line_that_names_nobody_names_nobody(line: str) -> None:
    assert people_in_line(line) == ()


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("By Ann Example", ("Ann Example",)),
        ("By Ann Example and Max Sample", BOTH),
        ("Ann Example e Max Sample", BOTH),
        ("Ann Example, Staff Writer", ("Ann Example",)),
        ("ann@times.example (Ann Example)", ("Ann Example",)),
        ("News Staff", ("News Staff",)),
        ("Ann Example (aex)", ("Ann Example",)),
        ("Example, Ann", ("Example, Ann",)),
        ("Di Sample", ("Di Sample",)),
        ("Von der Sample", ("Von der Sample",)),
        ("Bed, Bath and Beyond Inc", ("Bed, Bath and Beyond Inc",)),
        ("文在寅", ("文在寅",)),
    ],
)
def test_an_author_field_gives_names_without_what_stands_around_them(
    value: str, names: tuple[str, ...]
) -> None:
    assert people_in_fields([value]) == names


@pytest.mark.parametrize(
    "value",
    ["null", "admin", "https://social.example/ann", "ann@times.example", "", " - ", "17"],
)
def test_accounts_addresses_and_empty_values_are_nobody(value: str) -> None:
    assert people_in_fields([value]) == ()


def test_a_field_full_of_text_and_the_hundredth_name_are_left_out() -> None:
    assert people_in_fields(["Ann Example " * 100]) == ()
    assert len(people_in_fields([f"Ann Example {chr(65 + n % 26)}{n}" for n in range(100)])) == 20
