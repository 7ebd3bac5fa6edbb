"""Pages made to hurt: each is answered in time and in bounded memory, whatever the answer is."""

from collections.abc import Iterator

import pytest

from corpus.pages import Page, decode
from corpus.records import Article, Rejection
from corpus.rulebook import load_rulebook
from corpus.workers import ExtractPool

SENTENCE = "The council opened its second bridge on Monday after nine years of building. "
LINK = '<a href="/x">y</a> '
PAGES = {
    "five megabytes of nested elements": "<div>" * 1_000_000,
    "elements as deep as are read": "<div>" * 39_000 + SENTENCE * 5,
    "nested elements with text": f"<div>{SENTENCE}" * 19_000,
    "nested tables": "<table><tr><td>" * 12_000 + SENTENCE * 5,
    "a hundred thousand links": f"<p>{SENTENCE * 3}</p>" + LINK * 100_000,
    "as many links as are read": f"<p>{SENTENCE * 3}</p>" + LINK * 19_000,
    "a list of links": f"<p>{SENTENCE * 3}</p><ul>" + f"<li>{LINK}" * 12_000,
    "many paragraphs": f"<p>{SENTENCE}" * 19_000,
    "a hundred thousand attributes": "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">x",
    "attributes in many elements": ("<p " + "a=1 b=2 " * 2_400 + f">{SENTENCE}") * 20,
    "null bytes": "\0" * 1_000_000 + f"<p>{SENTENCE * 5}</p>",
    "one long text": f"<p>{SENTENCE * 60_000}",
    "one long word": "<p>" + "x" * 5_000_000,
    "nothing but brackets": "<" * 39_000,
    "ampersands": "<p>" + "&" * 2_000_000,
    "an endless comment": "<!--" + "-" * 5_000_000,
    "formatting without end": "<p>" + "<b><i>" * 19_000 + SENTENCE,
    "capitals like a dateline without end": "<p>" + ("A" * 50 + " ") * 20_000 + "(AP)",
    "a thousand words that lead in": "<br>".join(["Read more about this and that"] * 15_000),
    "dashes": f"<p>{'- ' * 300_000}</p>",
    "scripts without end": "<script" * 60_000,
    "comments without end": "<!--<b>" * 60_000,
    "styles without end in XHTML": '<html xmlns="http://www.w3.org/1999/xhtml">'
    + "<style x" * 35_000,
    "tags without end, then one": ("<a" * 4_900 + ">") * 400 + "<p " + "x" * 20_000 + ">",
    "elements behind an empty comment": "<!-->" + "<div>" * 200_000 + "-->",
}
FOUND = {"as many links as are read", "a list of links", "many paragraphs",
         "null bytes", "one long text"}  # fmt: skip


@pytest.fixture(scope="module")
def pool() -> Iterator[ExtractPool]:
    with ExtractPool(1, 10.0, 2 << 30, files=load_rulebook().files, min_words=10) as running:
        yield running


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_is_answered_within_ten_seconds(pool: ExtractPool, name: str) -> None:
    page = Page(capture_id=name, html=f"<html><body>{PAGES[name]}")
    (answer,) = pool.map([page])
    assert getattr(answer, "reason", "") not in ("time_limit", "memory_limit", "crashed")
    if name in FOUND:
        assert isinstance(answer, Article)
        assert SENTENCE.strip() in answer.text


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-32", "cp1251", "shift_jis", "utf-7", "latin-1"]
)
def test_bytes_in_a_broken_encoding_are_answered(pool: ExtractPool, encoding: str) -> None:
    body = (
        f"<meta charset=utf-8><p>{SENTENCE * 5}</p>".encode(encoding) + b"\xff\xfe\x00\xed\xa0\x80"
    )
    html, _ = decode(body, "text/html; charset=x-none")
    (answer,) = pool.map([Page(capture_id="x", html=html)])
    assert isinstance(answer, Article | Rejection)
