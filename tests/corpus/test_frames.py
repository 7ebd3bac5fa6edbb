"""What a parent and its workers say to each other."""

import io

from hypothesis import given
from hypothesis import strategies as st

from corpus.frames import (
    Checked,
    Learned,
    Lesson,
    answer_frame,
    answer_of,
    failure,
    kept_of,
    pack,
    page_frame,
    page_of,
    read_frame,
    study_digest,
    unpack,
    write_frame,
)
from corpus.pages import Page, TextPage
from corpus.records import Article, Rejection
from corpus.upkeep import Audit, Outcomes
from crawler.records import Capture
from tests.corpus.made_up_site import learned

PAGE = Page(capture_id="p1", html="<p>x</p>", final_url="https://a.example/x", run_id="r1")
TEXT = TextPage(capture_id="t1", text="said elsewhere")
CAPTURE = Capture(id="k1", url="u", final_url="https://a.example/y", fetched_at="", body=b"\x00")


@given(st.lists(st.binary(max_size=50), max_size=5))
def test_frames_come_out_as_they_went_in(contents: list[bytes]) -> None:
    pipe = io.BytesIO()
    for content in contents:
        write_frame(pipe, content)
    pipe.seek(0)
    assert [read_frame(pipe) for _ in contents] == contents
    assert read_frame(pipe) is None


def test_a_torn_frame_is_the_end() -> None:
    pipe = io.BytesIO()
    write_frame(pipe, b"whole")
    assert read_frame(io.BytesIO(pipe.getvalue()[:-1])) is None
    assert read_frame(io.BytesIO(pipe.getvalue()[:2])) is None


def test_a_page_travels_with_the_id_of_its_profile() -> None:
    assert page_of(page_frame(PAGE, "p_12")) == (PAGE, "p_12")
    assert page_of(page_frame(CAPTURE)) == (CAPTURE, "")
    assert page_of(page_frame(TEXT)) == (TEXT, "")


def test_what_is_kept_of_a_page_travels_with_it() -> None:
    frame = page_frame(CAPTURE, "p_12", b"kept")
    assert page_of(frame) == (CAPTURE, "p_12")
    assert kept_of(frame) == b"kept"
    assert kept_of(page_frame(CAPTURE)) == b""


def test_what_is_at_hand_of_its_pages_makes_no_other_study() -> None:
    lesson = Lesson("a.example", (8,), (page_frame(CAPTURE),))
    at_hand = Lesson("a.example", (8,), (page_frame(CAPTURE, kept=b"kept"),))
    other_page = Lesson("a.example", (8,), (page_frame(PAGE),))
    other_host = Lesson("b.example", (8,), lesson.pages)
    pages, whole = study_digest(lesson)
    assert study_digest(at_hand) == (pages, whole)
    assert study_digest(other_page)[0] != pages
    assert study_digest(other_host)[0] == pages
    assert study_digest(other_host)[1] != whole


def test_every_kind_of_answer_arrives_as_what_it_is() -> None:
    for answer in (
        Article(
            id="a", capture_id="c", url="", canonical_url="", final_url="", text="", text_sha256=""
        ),
        Rejection(record_id="r", stage="extract", reason="no_text"),
        Learned(pack(learned()), 8, 7, (0.9, 1.0)),
        Checked(Outcomes(("served", "strange"), (Audit("p1", 0.5),))),
    ):
        assert answer_of(answer_frame(answer)) == answer


def test_a_packed_profile_is_the_same_profile() -> None:
    assert unpack(pack(learned())) == learned()


def test_a_failed_page_is_named_whatever_it_is() -> None:
    page = failure(page_frame(PAGE, "p_12"), "extract", "crashed", "why")
    capture = failure(page_frame(CAPTURE), "extract", "time_limit", "why")
    assert (page.record_id, page.url, page.run_id) == ("p1", PAGE.final_url, "r1")
    assert (capture.record_id, capture.reason) == ("k1", "time_limit")
