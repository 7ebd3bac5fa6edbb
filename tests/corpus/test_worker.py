"""What a worker process does with one frame."""

import msgspec
import pytest

from corpus.extract import load_rules
from corpus.frames import (
    CHECK,
    KEPT_PROFILES,
    LESSON,
    PROFILE,
    Check,
    Checked,
    Learned,
    Lesson,
    Packed,
    answer_of,
    pack,
    page_frame,
)
from corpus.lessons import Step
from corpus.pages import Page
from corpus.records import Article, Rejection
from corpus.rulebook import load_rulebook
from corpus.worker import Desk
from crawler.archive import UrlRules
from crawler.records import Capture
from tests.corpus import made_up_site as site
from tests.corpus.made_up import story

RULES = load_rules(load_rulebook().files, min_words=5)
PACKED = pack(site.learned())


def page(n: int) -> Page:
    return Page(
        capture_id=f"p{n}", url=site.url(n), final_url=site.url(n), html=site.page(n), run_id="r1"
    )


def desk(*profiles: Packed) -> Desk:
    made = Desk(RULES, UrlRules())
    for profile in profiles:
        made.keep(PROFILE + msgspec.msgpack.encode(profile))
    return made


def no_step() -> None:
    """Nobody watches."""


def test_a_fault_of_ours_becomes_the_pages_rejection_with_its_traceback() -> None:
    broken = Desk(msgspec.structs.replace(RULES, min_words=None), UrlRules())
    answer = answer_of(broken.answer(page_frame(page(1)), no_step))
    assert isinstance(answer, Rejection)
    assert (answer.record_id, answer.reason, answer.url, answer.run_id) == (
        "p1",
        "crashed",
        site.url(1),
        "r1",
    )
    assert "TypeError" in answer.detail
    assert "corpus/extract.py" in answer.detail


def test_a_page_is_read_with_the_profile_that_it_names() -> None:
    answer = answer_of(desk(PACKED).answer(page_frame(page(20), PACKED.id), no_step))
    assert isinstance(answer, Article)
    assert answer.extraction.method == f"profile:{PACKED.id}"
    assert answer.text == "\n\n".join(story(20, 6))


def test_a_page_that_names_none_is_read_in_full() -> None:
    answer = answer_of(desk(PACKED).answer(page_frame(page(20)), no_step))
    assert isinstance(answer, Article)
    assert answer.extraction.method == "full"


def test_the_profiles_used_last_are_kept() -> None:
    others = [Packed(f"p_{n}", PACKED.json) for n in range(KEPT_PROFILES)]
    made = desk(PACKED, *others[:-1])
    made.answer(page_frame(page(20), PACKED.id), no_step)
    made.keep(PROFILE + msgspec.msgpack.encode(others[-1]))
    for name, here in ((PACKED.id, True), (others[-1].id, True), (others[0].id, False)):
        answer = answer_of(made.answer(page_frame(page(20), name), no_step))
        assert isinstance(answer, Article) is here


def test_a_lesson_gives_a_profile_and_its_audits() -> None:
    steps: list[int] = []
    pages = tuple(page_frame(page(n)) for n in range(1, 12))
    frame = LESSON + msgspec.msgpack.encode(Lesson(site.HOST, (8, 11), pages))
    learned = answer_of(desk().answer(frame, lambda: steps.append(1)))
    assert isinstance(learned, Learned)
    assert learned.profile
    assert (learned.pages, learned.stories, len(learned.audits)) == (8, 8, 3)
    assert min(learned.audits) > 0.95
    assert len(steps) > 11


def test_what_is_no_page_teaches_nothing_and_is_no_harm() -> None:
    missing = Capture(id="k", url="u", final_url="u", fetched_at="", status=404)
    pages = (page_frame(missing), *(page_frame(page(n)) for n in range(1, 7)))
    lesson = LESSON + msgspec.msgpack.encode(Lesson(site.HOST, (7,), pages))
    learned = answer_of(desk().answer(lesson, no_step))
    assert isinstance(learned, Learned)
    assert learned.pages == 6


def test_a_check_says_what_becomes_of_pages() -> None:
    strange = msgspec.structs.replace(page(9), html=site.page(9, container="feature-main"))
    pages = tuple(map(page_frame, (page(20), strange, page(21))))
    frame = CHECK + msgspec.msgpack.encode(Check(PACKED, 1, pages))
    checked = answer_of(desk().answer(frame, no_step))
    assert isinstance(checked, Checked)
    assert checked.outcomes.fates == ("served", "strange", "served")
    assert [a.page for a in checked.outcomes.audits] == ["p20"]


@pytest.mark.parametrize("kind", [LESSON, CHECK])
def test_a_fault_in_a_lesson_is_a_complaint(kind: bytes) -> None:
    answer = answer_of(desk().answer(kind + b"\xc1", no_step))
    assert isinstance(answer, Learned | Checked)
    assert answer.complaint.startswith("crashed: ")


def test_half_an_emoji_in_json_ld_costs_nothing() -> None:
    cut = '<script type="application/ld+json">{"@type": "NewsArticle", "description": "cut \\ud83d"}</script>'
    given = page(20)
    html = given.html.replace("<head>", f"<head>{cut}")
    answer = answer_of(
        desk().answer(page_frame(msgspec.structs.replace(given, html=html)), no_step)
    )
    assert isinstance(answer, Article)
    assert answer.description == "cut \ufffd"


def test_an_answer_that_cannot_be_sent_is_the_pages_rejection() -> None:
    frame = page_frame(page(20))

    class Broken(Desk):
        def _answer(self, frame: bytes, step: Step) -> Article:
            answer = super()._answer(frame, step)
            assert isinstance(answer, Article)
            return msgspec.structs.replace(answer, headline="\ud83d")

    answer = answer_of(Broken(RULES, UrlRules()).answer(frame, no_step))
    assert isinstance(answer, Rejection)
    assert answer.reason == "crashed"
