"""What extractors said of a page is asked for once."""

import msgspec

from corpus.answered import KEY, Asker, key_of
from corpus.extractors import MAX_NESTED, answers
from corpus.pages import Page
from corpus.records import Http
from crawler.records import Capture
from tests.corpus import made_up_site as site

HTML = site.page(1)
PAGE = Page(capture_id="p1", html=HTML, http=Http(sha256="ab12", content_type="text/html"))


def asked(page: Page, packed: bytes = b"", nested: int = 9) -> tuple[dict[str, str], list[bytes]]:
    """The answers, and what was to be kept of them."""
    kept: list[bytes] = []
    ask = Asker(lambda _key, content: kept.append(content))
    ask.hand(page, packed)
    return ask(page, nested), kept


def test_what_was_kept_of_a_page_is_its_answers_and_nobody_is_asked() -> None:
    first, (packed,) = asked(PAGE)
    assert first == answers(HTML)
    assert asked(PAGE, packed) == (first, [])


def test_what_was_kept_of_other_html_does_not_count() -> None:
    _, (packed,) = asked(PAGE)
    other = msgspec.structs.replace(PAGE, html=site.page(2))
    found, again = asked(other, packed)
    assert found == answers(site.page(2))
    assert len(again) == 1


def test_what_was_kept_of_a_page_of_another_depth_does_not_count() -> None:
    _, (packed,) = asked(PAGE)
    found, again = asked(PAGE, packed, MAX_NESTED + 1)
    assert found["resiliparse"] == ""
    assert len(again) == 1


def test_what_is_at_hand_is_so_until_it_is_cleared() -> None:
    _, (packed,) = asked(PAGE)
    kept: list[bytes] = []
    ask = Asker(lambda _key, content: kept.append(content))
    ask.hand(PAGE, packed)
    ask.clear()
    ask(PAGE, 9)
    assert kept == [packed]


def test_a_page_of_unknown_bytes_is_asked_about_and_nothing_is_kept() -> None:
    found, kept = asked(msgspec.structs.replace(PAGE, http=Http()))
    assert found == answers(HTML)
    assert kept == []


def test_a_capture_and_its_page_have_one_key_and_another_type_another() -> None:
    capture = Capture("k", "u", "u", "", content_type="text/html", sha256="ab12")
    assert key_of(capture) == key_of(PAGE)
    assert len(key_of(capture)) == KEY
    typed = msgspec.structs.replace(capture, content_type="text/html; charset=utf-8")
    assert key_of(typed) != key_of(PAGE)
