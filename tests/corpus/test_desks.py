"""Which bylines name nobody."""

import pytest

from corpus.desks import is_desk


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
    assert is_desk("Ostby Times Staff", {"ostby", "times"})
    assert not is_desk("Ostby Times Staff")
