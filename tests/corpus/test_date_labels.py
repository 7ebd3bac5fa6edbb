"""What the words beside a date call it."""

import pytest

from corpus.calendars import Usage
from corpus.date_labels import assumed_fields, label, told_fields
from corpus.written_dates import written_dates


def told(text: str) -> list[str | None]:
    return list(told_fields(text, written_dates(text, Usage("", "uk"))))


@pytest.mark.parametrize(
    "text",
    [
        "Published: 18 Nov 2026",
        "PUBLISHED 18 NOV 2026",
        "This article was originally published on 18 Nov 2026",
        "Posted by Jane Doe on 18 Nov 2026",
        "By Jane DoePublished: 18 Nov 2026",
        "News | Date published 18 Nov 2026",
        "Veröffentlicht am 18.11.2026",
        "Zuerst veröffentlicht am 18.11.2026",
        "Publié le 18/11/2026",
        "Publicado el 18 de noviembre de 2026",
        "Pubblicato il 18 novembre 2026",
        "Publicado em 18/11/2026",
        "Gepubliceerd op 18 november 2026",
        "Publicerad 18 nov 2026",
        "Publiceret 18. november 2026",
        "Publisert 18.11.2026",
        "Julkaistu 18.11.2026",
        "Data publikacji: 18.11.2026",
        "Publikováno 18. 11. 2026",
        "Megjelent: 2026. november 18.",
        "Publicat: 18 noiembrie 2026",
        "Время публикации: 18 ноября 2026",
        "Опубліковано 18.11.2026",
        "Yayınlanma Tarihi: 18.11.2026",
        "Δημοσίευση: 18/11/2026",
        "تاريخ النشر: 18/11/2026",
        "发布时间：2026-11-18",
        "公開日：2026/11/18",
        "2026/11/18 公開",
        "입력 2026.11.18",
    ],
)
def test_lead_ins_of_many_languages_tell_the_publication(text: str) -> None:
    assert told(text) == ["published"]


@pytest.mark.parametrize(
    "text",
    [
        "Last updated: 18 Nov 2026",
        "Stand: 18.11.2026",
        "Zuletzt aktualisiert am 18.11.2026",
        "Mis à jour le 18/11/2026",
        "Actualizado: 18/11/2026",
        "Ultimo aggiornamento: 18/11/2026",
        "Atualizado em 18/11/2026",
        "Bijgewerkt op 18 november 2026",
        "Uppdaterad 18 nov 2026",
        "Päivitetty 18.11.2026",
        "Aktualizacja: 18.11.2026",
        "Aktualizováno 18. 11. 2026",
        "Frissítve: 2026. november 18.",
        "Обновлено 18 ноября 2026",
        "Son Güncelleme: 18.11.2026",
        "Τελευταία ενημέρωση: 18/11/2026",
        "آخر تحديث: 18/11/2026",
        "更新时间：2026-11-18",
        "2026/11/18更新",
        "수정 2026.11.18",
    ],
)
def test_lead_ins_of_many_languages_tell_a_change(text: str) -> None:
    assert told(text) == ["modified"]


@pytest.mark.parametrize(
    "text",
    [
        "18 Nov 2026",
        "By Jane Doe on 18 Nov 2026",
        "He published a study that won a prize on 18 Nov 2026",
        "The standing committee met 18 Nov 2026",
        "Upstanding 18 Nov 2026",
    ],
)
def test_other_words_tell_nothing(text: str) -> None:
    assert told(text) == [None]


def test_each_date_has_its_own_lead_in_before_it_or_after_it() -> None:
    assert told("Published 18 Nov 2026 | Updated 19 Nov 2026") == ["published", "modified"]
    assert told("2026/11/18 公開 2026/11/19 更新") == ["published", "modified"]


def test_a_first_date_before_one_that_is_a_change_s_is_the_publication_s() -> None:
    assert told("18.11.2026 - Güncelleme : 19.11.2026") == ["published", "modified"]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("Published", "published"),
        ("Published on:", "published"),
        ("Stand:", "modified"),
        ("Опубликовано", "published"),
        ("Published authors", None),
        ("The bridge was published", None),
        ("", None),
    ],
)
def test_a_lead_in_may_be_a_line_of_its_own(line: str, field: str | None) -> None:
    assert label(line) == field


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("18 Nov 2026", ["published"]),
        ("18 Nov 2026 10:15 19 Nov 2026 11:15", ["published", "modified"]),
        ("19 Nov 2026 | 18 Nov 2026", ["published", None]),
        ("18 Nov 2026 - 19 Nov 2026", [None, None]),
        ("18 Nov 2026 bis 19 Nov 2026", [None, None]),
        ("18 Nov 2026 19 Nov 2026 20 Nov 2026", [None, None, None]),
    ],
)
def test_dates_without_lead_ins_are_publication_and_change_in_order(
    text: str, fields: list[str | None]
) -> None:
    assert assumed_fields(text, written_dates(text, Usage())) == fields
