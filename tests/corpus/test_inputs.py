"""What the filters read."""

import json
import os
from pathlib import Path

import pytest

from corpus.errors import RuleError
from corpus.inputs import read_pages
from corpus.pages import Page, TextPage
from corpus.records import Rejection


def written(folder: Path, *lines: object) -> str:
    path = folder / "in.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def test_page_lines_and_text_lines_may_be_mixed(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"id": "p", "html": "<p>x"},
        {"id": "t", "text": "x", "url": "https://a.example/", "title": "X", "published": "2026"},
        {"id": "null", "html": None, "text": "y"},
    )
    page, text, null = read_pages([path])
    assert isinstance(page, Page)
    assert text == TextPage(
        capture_id="t",
        text="x",
        url="https://a.example/",
        final_url="https://a.example/",
        headline="X",
        published="2026",
    )
    assert isinstance(null, TextPage)


def test_of_a_line_with_both_the_page_is_taken(tmp_path: Path) -> None:
    (both,) = read_pages([written(tmp_path, {"id": "b", "html": "<p>page", "text": "text"})])
    assert isinstance(both, Page)
    assert both.html == "<p>page"


def test_lines_that_are_neither_say_what_is_wrong(tmp_path: Path) -> None:
    lines = [{"id": "x"}, {"id": "", "text": "y"}, {"id": "z", "text": 5}]
    answers = list(read_pages([written(tmp_path, *lines)]))
    assert [a.reason for a in answers if isinstance(a, Rejection)] == ["bad_record"] * 3
    assert [getattr(a, "detail", "") for a in answers] == [
        "Object missing required field `html` (or `text`)",
        'the key "id" is empty; give every text an id of its own',
        "Expected `str`, got `int` - at `$.text`",
    ]


def test_text_files_and_folders_with_them_are_read(tmp_path: Path) -> None:
    text = (
        "Die alte Brücke über den Fluss wird für zwei Winter geschlossen, sagte der Bürgermeister."
    )
    (tmp_path / "a.txt").write_bytes(text.encode("cp1252"))
    (tmp_path / "b.html").write_text("<p>x")
    (tmp_path / "c.json").write_text("{}")
    first, second = read_pages([str(tmp_path)])
    assert isinstance(first, TextPage)
    assert (first.capture_id, first.text) == (str(tmp_path / "a.txt"), text)
    assert isinstance(second, Page)


def test_an_html_file_is_a_page_named_after_it(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes("<p>Brücke</p>".encode())
    (page,) = read_pages([str(path)])
    assert page == Page(capture_id=str(path), html="<p>Brücke</p>")


def test_what_a_folder_holds_of_other_kinds_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.html").write_text("<p>One</p>")
    (tmp_path / "b.mhtml").write_text("MIME-Version: 1.0")
    assert len(list(read_pages([str(tmp_path)]))) == 1
    assert "left out 1 files of other kinds" in caplog.text
    assert "b.mhtml" in caplog.text


def test_a_folder_without_any_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text("{}")
    with pytest.raises(RuleError, match="no HTML, text or WARC file"):
        list(read_pages([str(tmp_path)]))


def test_names_that_are_not_utf8_are_told_with_replacements(tmp_path: Path) -> None:
    for ending in ("html", "txt", "jsonl"):
        (tmp_path / os.fsdecode(b"\xff." + ending.encode())).write_text("x")
    pages = list(read_pages([str(tmp_path), str(tmp_path / os.fsdecode(b"\xff.jsonl"))]))
    names = [p.place if isinstance(p, Rejection) else getattr(p, "capture_id", "") for p in pages]
    assert names == [
        f"{tmp_path}/\ufffd.html",
        f"{tmp_path}/\ufffd.txt",
        f"{tmp_path}/\ufffd.jsonl:1",
    ]
