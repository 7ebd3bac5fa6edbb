"""Which of a host's pages are drawn."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from corpus.pages import Page
from corpus.survey import Place, Survey, draw, host_of, key_of
from crawler.records import Capture


def page(n: int, host: str = "a.example", html: str = "<p>x</p>") -> Page:
    return Page(capture_id=str(n), url="", final_url=f"https://{host}/{n}", html=html)


def capture(n: int, **fields: object) -> Capture:
    body = b"<html><p>x"
    given = {
        "id": f"k{n}",
        "url": "",
        "final_url": f"https://a.example/{n}",
        "fetched_at": f"2026-11-20T12:{n:02}:00Z",
        "content_type": "text/html",
        "body": body,
        "sha256": hashlib.sha256(body).hexdigest(),
        **fields,
    }
    return Capture(**given)  # type: ignore[arg-type]  # the caller's fields


def surveyed(pages: list[Page], most: int = 40) -> Survey:
    survey = Survey(most)
    for n, one in enumerate(pages):
        survey.add(one, "", n)
    return survey


def keys(survey: Survey, host: str = "a.example") -> list[bytes]:
    return [place.key for place in survey.samples[host].drawn]


PAGES = [page(n) for n in range(12)]


@given(st.permutations([*PAGES, *PAGES[:5]]), st.integers(1, 13))
def test_the_sample_is_of_the_smallest_keys_whatever_the_order(
    pages: list[Page], most: int
) -> None:
    survey = surveyed(pages, most)
    assert keys(survey) == sorted(map(key_of, PAGES))[:most]
    assert survey.samples["a.example"].pages == 17


def test_places_are_those_of_the_pages() -> None:
    survey = surveyed(PAGES)
    assert all(key_of(PAGES[p.offset]) == p.key for p in survey.samples["a.example"].drawn)


def test_hosts_are_kept_apart() -> None:
    survey = surveyed([page(1), page(2, "b.example"), page(3, "A.example")])
    assert {host: s.pages for host, s in survey.samples.items()} == {"a.example": 2, "b.example": 1}


def test_the_key_is_of_the_address_and_the_content_alone() -> None:
    assert key_of(page(1)) == key_of(
        Page(capture_id="else", final_url="https://a.example/1", html="<p>x</p>")
    )
    assert key_of(page(1)) != key_of(page(1, html="<p>y</p>"))
    assert key_of(capture(1)) == key_of(capture(1, id="other", fetched_at="2027-01-01T00:00:00Z"))
    assert key_of(page(1)).startswith(draw("https://a.example/1"))


def test_what_carries_no_page_or_has_no_host_is_passed_over() -> None:
    survey = Survey()
    for one in (
        capture(1, status=404),
        capture(2, body=b""),
        capture(3, content_type="image/png"),
        capture(4, truncated=True),
        capture(5, body=b"<" * 3_000_000),
        Page(capture_id="p", html="<p>x</p>"),
        page(6, html="<" * 3_000_000),
    ):
        survey.add(one, "f", 0)
    assert survey.samples == {}


def test_the_time_of_a_batch_is_its_newest_pages() -> None:
    survey = Survey()
    for n in (3, 9, 5):
        survey.add(capture(n), "f", n)
    assert survey.samples["a.example"].now == "2026-11-20T12:09:00Z"
    assert Place(key_of(capture(9)), "f", 9) in survey.samples["a.example"].drawn


def test_a_host_is_what_stands_between_the_slashes_without_a_user() -> None:
    assert host_of("https://Me@WWW.a.example:8080/x?y") == "www.a.example:8080"
    assert host_of("no url") == host_of("") == host_of("http://[broken") == ""
