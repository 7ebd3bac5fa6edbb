"""Which bylines name nobody."""

import pytest

from corpus.desks import is_desk, is_prose


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Web Desk",
            "Newsroom",
            "Staff Reporter",
            "Our Special Correspondent",
            "Home Staff",
            "admin",
        ),
        *("Redaktion", "Online-Redaktion", "La rédaction", "Redacción", "di Redazione", "Redakcja"),
        *("Haber Merkezi", "Редакция", "编辑部", "هيئة التحرير", "De redactie"),
    ],
)
def test_a_desk_is_nobody(name: str) -> None:
    assert is_desk(name)


@pytest.mark.parametrize(
    "name",
    ["Ann Example", "Ann Staff", "Ann Example, Staff Writer", "Desk Example", "News", "The", ""],
)
def test_a_person_is_somebody_whatever_the_job(name: str) -> None:
    assert not is_desk(name)


def test_the_sites_own_name_may_stand_beside_the_desk() -> None:
    assert is_desk("Ostby Times Staff", "The Ostby Times")
    assert not is_desk("Ostby Times Staff")


def test_a_line_about_the_author_is_prose_and_a_list_of_authors_is_none() -> None:
    assert is_prose("Ann Example She has written for Reuters.")
    assert is_prose("Ann Example is a reporter who worked for AFP")
    assert not is_prose("By Ann Example in Ostby and Jo Example of The Associated Press.")
    assert not is_prose("")
