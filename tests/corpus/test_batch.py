"""A filter's whole input: learned from first, then extracted, in any order the same."""

from collections.abc import Iterable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.batch import extracted
from corpus.pages import Page
from corpus.records import Article, Rejection
from corpus.rulebook import load_rulebook
from corpus.workers import ExtractPool
from tests.corpus import made_up_site as site
from tests.corpus.made_up import story

FILES = load_rulebook().files


def page(n: int, html: str = "", host: str = site.HOST) -> Page:
    url = site.url(n).replace(site.HOST, host)
    return Page(capture_id=f"p{n}", url=url, final_url=url, html=html or site.page(n))


def pool(workers: int = 1, seconds: float = 60.0) -> ExtractPool:
    return ExtractPool(workers, seconds, 2 << 30, files=FILES, min_words=20)


def articles(
    pages: Iterable[Page | Rejection], running: ExtractPool, *, profiles: bool = True
) -> dict[str, tuple[str, str]]:
    """Text and method by the page's name."""
    answers = extracted(running, pages, profiles=profiles)
    return {a.capture_id: (a.text, a.extraction.method) for a in answers if isinstance(a, Article)}


MIXED = [
    *(page(n) for n in range(1, 14)),
    *(page(n, site.page(n, container="feature-main")) for n in range(14, 19)),
    *(page(n, host="small.example") for n in range(30, 33)),
    page(40, "<html><body><p>nothing of a story</p>"),
]


@cache
def expected() -> dict[str, tuple[str, str]]:
    with pool() as running:
        return articles(MIXED, running)


@pytest.fixture(scope="module")
def pools() -> Iterable[list[ExtractPool]]:
    with pool(1) as one, pool(2) as two, pool(3) as three:
        yield [one, two, three]


@settings(max_examples=8)
@given(pages=st.permutations(MIXED), workers=st.integers(0, 2))
def test_neither_order_nor_workers_change_a_text(
    pools: list[ExtractPool], pages: list[Page], workers: int
) -> None:
    assert articles(pages, pools[workers]) == expected()


def test_pages_of_a_host_with_enough_of_them_are_served() -> None:
    methods = {name: method for name, (_, method) in expected().items()}
    assert all(methods[f"p{n}"].startswith("profile:") for n in range(1, 14))
    assert {methods[f"p{n}"] for n in range(30, 33)} == {"full"}
    assert expected()["p3"][0].startswith("\n\n".join(story(3, 6)))


def test_other_names_for_the_same_pages_change_no_text(pools: list[ExtractPool]) -> None:
    renamed = [
        Page(capture_id=f"x{n}", url=p.url, final_url=p.url, html=p.html)
        for n, p in enumerate(MIXED)
    ]
    answers = articles(renamed, pools[1])
    assert sorted(answers.values()) == sorted(expected().values())


def test_pages_named_alike_and_given_twice_make_no_difference(pools: list[ExtractPool]) -> None:
    alike = [Page(capture_id="same", url=p.url, final_url=p.url, html=p.html) for p in MIXED]
    once = [a.text for a in extracted(pools[0], alike, profiles=True) if isinstance(a, Article)]
    twice = extracted(pools[1], [*alike[::-1], *alike], profiles=True)
    assert [a.text for a in twice if isinstance(a, Article)] == [*once[::-1], *once]


def test_a_host_with_four_pages_is_never_served(pools: list[ExtractPool]) -> None:
    four = articles([page(n) for n in range(1, 5)], pools[0])
    assert {method for _, method in four.values()} == {"full"}


def test_rejections_in_the_input_keep_their_place(pools: list[ExtractPool]) -> None:
    torn = Rejection(record_id="torn", stage="archive", reason="damaged")
    answers = list(extracted(pools[0], [page(1), torn, *map(page, range(2, 8))], profiles=True))
    assert answers[1] == torn
    assert len(answers) == 8


def test_without_profiles_the_input_is_streamed(pools: list[ExtractPool]) -> None:
    def endless() -> Iterable[Page]:
        n = 0
        while True:
            n += 1
            yield page(n)

    answers = extracted(pools[0], endless(), profiles=False)
    found = [next(answers) for _ in range(20)]
    assert [a.extraction.method for a in found if isinstance(a, Article)] == ["full"] * 20


# libxml2 compares every attribute with every other: seconds of work in a megabyte.
ENDLESS = (
    f"<html><body>{('<p ' + ' '.join(f'a{n}=x' for n in range(4_900)) + '>x') * 50}</body></html>"
)


def test_a_page_that_hangs_costs_its_host_the_profile_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    others = [page(n, host="other.example") for n in range(1, 9)]
    with pool(1, seconds=1.5) as running:
        answers = list(
            extracted(running, [*map(page, range(1, 8)), page(8, ENDLESS), *others], profiles=True)
        )
    told = [a.extraction.method[:4] if isinstance(a, Article) else a.reason for a in answers]
    assert told == ["full"] * 7 + ["time_limit"] + ["prof"] * 8
    assert f"{site.HOST}: no profile was learned: time_limit" in caplog.text


def test_nothing_in_gives_nothing(pools: list[ExtractPool]) -> None:
    assert list(extracted(pools[0], [], profiles=True)) == []
