"""Extraction in worker processes, under limits."""

import os
import signal
import threading
from collections.abc import Iterator

import msgspec
import pytest

from corpus.config import CorpusSettings
from corpus.errors import RuleError
from corpus.frames import (
    KEPT_PROFILES,
    LENGTH,
    Check,
    Lesson,
    Packed,
    answer_frame,
    pack,
    page_frame,
)
from corpus.pages import Page, TextPage
from corpus.records import Article, Rejection
from corpus.rulebook import load_rulebook
from corpus.workers import ExtractPool
from crawler.records import Capture
from tests.corpus import made_up_site as site

FILES = load_rulebook().files
SENTENCE = "The council opened bridge number {n}.{m} on Monday, after nine years of building and two of rows."
# Parsers compare every attribute of an element with every other: many seconds of work in megabytes.
ENDLESS = (
    f"<html><body>{('<p ' + ' '.join(f'a{n}=x' for n in range(4_900)) + '>x') * 100}</body></html>"
)
HUGE = "<html><body><article><p>" + "word " * 12_000_000


def html(n: int, paragraphs: int = 3) -> str:
    body = "".join(f"<p>{SENTENCE.format(n=n, m=m)}</p>" for m in range(paragraphs))
    return (
        f"<html><head><title>Bridge {n}</title></head><body><article>{body}</article></body></html>"
    )


def page(n: int, markup: str = "") -> Page:
    url = f"https://a.example/bridge-{n}"
    return Page(capture_id=f"p{n}", html=markup or html(n), url=url, final_url=url, run_id="r1")


def pool(
    workers: int = 1, seconds: float = 60.0, memory: int = 2 << 30, **files: str
) -> ExtractPool:
    texts = FILES | {f"{name}.toml": text for name, text in files.items()}
    return ExtractPool(workers, seconds, memory, files=texts, min_words=20)


def name(answer: Article | Rejection) -> str:
    return answer.record_id if isinstance(answer, Rejection) else answer.capture_id


def reason(answer: Article | Rejection) -> str:
    return answer.reason if isinstance(answer, Rejection) else ""


def test_answers_come_in_the_order_of_the_pages() -> None:
    pages = [page(n, html(n, 3 if n % 5 else 200)) for n in range(30)]
    with pool(2) as running:
        answers = list(running.map(pages))
    assert [name(a) for a in answers] == [p.capture_id for p in pages]
    assert all(isinstance(a, Article) for a in answers)


def test_texts_are_cleaned_in_the_worker() -> None:
    text = "\n".join(SENTENCE.format(n=1, m=m) for m in range(3))
    with pool() as running:
        first, second = running.map([TextPage(capture_id="t1", text=text), page(2)])
    assert isinstance(first, Article)
    assert (first.capture_id, first.extraction.method) == ("t1", "text")
    assert name(second) == "p2"


def test_rejections_pass_and_captures_are_read_in_the_worker() -> None:
    before = Rejection(record_id="torn", stage="archive", reason="damaged")
    capture = Capture(
        id="k1",
        url="https://a.example/x",
        final_url="https://a.example/x",
        fetched_at="2026-11-17T10:00:00Z",
        content_type="text/html",
        body=html(1).encode(),
        source_id="example-times",
    )
    missing = Capture(id="k2", url="u", final_url="u", fetched_at="", status=404)
    with pool() as running:
        first, second, third = running.map([before, capture, missing])
    assert first == before
    assert isinstance(second, Article)
    assert (second.capture_id, second.outlet.id) == ("k1", "example-times")
    assert (name(third), reason(third)) == ("k2", "http_error")


def test_a_page_may_be_larger_than_any_pipe_both_ways() -> None:
    with pool() as running:
        (answer,) = running.map([page(1, html(1, 8000))])
    assert isinstance(answer, Article)
    assert len(answer_frame(answer)) > 1 << 19 > LENGTH.size


def test_a_page_that_takes_too_long_is_rejected_and_the_rest_goes_on() -> None:
    with pool(1, seconds=1.5) as running:
        answers = list(running.map([page(1), page(2, ENDLESS), page(3), page(4)]))
    assert [reason(a) for a in answers] == ["", "time_limit", "", ""]
    assert [name(a) for a in answers] == ["p1", "p2", "p3", "p4"]


def test_a_page_may_wait_for_a_processor_as_long_as_it_computes_little() -> None:
    with pool(1, seconds=1.5) as running:
        assert reason(*running.map([page(1)])) == ""
        process = running._workers[0].process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        goes_on = threading.Timer(3.0, os.kill, (process.pid, signal.SIGCONT))
        goes_on.start()
        assert reason(*running.map([page(2)])) == ""
        goes_on.join()
        assert running._workers[0].process is process


def test_a_page_that_never_gets_on_is_rejected_in_the_end() -> None:
    with pool(1, seconds=0.5) as running:
        assert reason(*running.map([page(1)])) == ""
        process = running._workers[0].process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        assert [reason(a) for a in running.map([page(2), page(3)])] == ["time_limit", ""]


def test_a_page_that_needs_too_much_memory_is_rejected_and_the_rest_goes_on() -> None:
    with pool(1, memory=400 << 20) as running:
        answers = list(running.map([page(1), page(2, HUGE), page(3), page(4)]))
    assert [reason(a) for a in answers] == ["", "memory_limit", "", ""]


def test_a_worker_that_dies_costs_one_page() -> None:
    def pages() -> Iterator[Page]:
        yield page(1)
        yield page(2, ENDLESS)
        yield page(3)

    with pool() as running:
        answers = running.map(pages())
        first = next(answers)
        process = running._workers[0].process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        second, third = answers
    assert [reason(first), reason(second), reason(third)] == ["", "crashed", ""]
    assert isinstance(second, Rejection)
    assert "status -9" in second.detail
    assert (second.url, second.run_id) == ("https://a.example/bridge-2", "r1")


def test_only_so_many_pages_are_read_ahead() -> None:
    read = 0

    def endless() -> Iterator[Page]:
        nonlocal read
        while True:
            read += 1
            yield page(read)

    with pool(2) as running:
        answers = running.map(endless())
        for given in range(1, 60):
            next(answers)
            assert read - given <= 32


def test_an_abandoned_batch_leaves_no_process() -> None:
    with pool(2) as running:
        answers = running.map(page(n, ENDLESS if n > 1 else "") for n in range(1, 9))
        next(answers)
        processes = [w.process for w in running._workers if w.process]
        answers.close()  # type: ignore[attr-defined]  # a generator, behind Iterator
    assert processes
    assert all(p.returncode is not None for p in processes)


def test_a_pool_can_serve_several_batches() -> None:
    with pool() as running:
        assert [name(a) for a in running.map([page(1)])] == ["p1"]
        assert [name(a) for a in running.map([])] == []
        assert [name(a) for a in running.map([page(2)])] == ["p2"]


def profiles(count: int) -> list[Packed]:
    """The made-up site's profile under so many ids."""
    learned = site.learned()
    return [pack(msgspec.structs.replace(learned, id=f"p_{n}")) for n in range(count)]


def site_page(n: int, markup: str = "") -> Page:
    return Page(
        capture_id=f"p{n}", url=site.url(n), final_url=site.url(n), html=markup or site.page(n)
    )


def read_with(answer: Article | Rejection) -> str:
    return answer.extraction.method if isinstance(answer, Article) else answer.reason


def test_each_page_is_read_with_its_profile_however_many_there_are() -> None:
    known = {site.url(n): packed for n, packed in enumerate(profiles(KEPT_PROFILES + 9))}
    # The first ones come again after all others, and every third page has none.
    order = [*range(len(known)), *range(5), *range(len(known) - 1, -1, -7)]
    with pool() as running:
        answers = list(
            running.map(
                map(site_page, order), lambda url: known[url] if url[-1] not in "369" else None
            )
        )
    expected = ["full" if str(n)[-1] in "369" else f"profile:p_{n}" for n in order]
    assert [read_with(a) for a in answers] == expected


def test_a_worker_that_replaces_another_is_sent_the_profiles_anew() -> None:
    (packed,) = profiles(1)
    with pool(1, seconds=1.5) as running:
        pages = [site_page(1), site_page(2, ENDLESS), site_page(3), site_page(4)]
        answers = list(running.map(pages, lambda url: None if url.endswith("/2") else packed))
    assert [read_with(a)[:7] for a in answers] == ["profile", "time_li", "profile", "profile"]


def test_lessons_and_checks_are_answered_in_their_order_and_what_hangs_complains() -> None:
    (packed,) = profiles(1)
    fine = [page_frame(site_page(n)) for n in range(1, 9)]
    hanging = page_frame(page(9, ENDLESS))
    with pool(2, seconds=1.0) as running:
        sets = ((*fine, hanging), fine[:7], fine[:3])
        learned = list(running.learn(Lesson(site.HOST, (9,), tuple(pages)) for pages in sets))
        checked = list(running.check(Check(packed, 0, (p, *fine)) for p in (fine[0], hanging)))
        assert [name(a) for a in running.map([page(1)])] == ["p1"]
    assert [one.complaint.split(":")[0] for one in learned] == [
        "time_limit",
        "",
        "3 stories on 3 pages, 5 are needed",
    ]
    assert learned[1].profile
    assert checked[0].outcomes.fates == ("served",) * 9
    assert checked[1].complaint.startswith("time_limit")


def test_wrong_rules_are_the_users_to_mend() -> None:
    with (
        pool(boilerplate="[[rule]]\nid = 1\n") as running,
        pytest.raises(RuleError, match=r"boilerplate\.toml"),
    ):
        list(running.map([page(1)]))


def test_rules_that_do_not_keep_their_word_are_found_by_the_first_worker() -> None:
    agencies = FILES["agencies.toml"].replace('examples = ["(dpa)"', 'examples = ["(dpa says)"')
    files = {**FILES, "agencies.toml": agencies}
    with (
        ExtractPool(2, 30.0, 1 << 31, files=files, min_words=5) as running,
        pytest.raises(RuleError, match=r"does not find its example '\(dpa says\)'"),
    ):
        list(running.map([page(1), page(2)]))


def test_the_limits_come_from_the_settings() -> None:
    settings = CorpusSettings(workers=1, page_seconds=60.0, page_megabytes=1024, min_words=1000)
    with ExtractPool.of(settings, FILES) as running:
        (answer,) = running.map([page(1)])
    assert reason(answer) == "too_short"
