"""What a worker process does with one frame."""

import io

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from corpus.extract import load_rules
from corpus.pages import Page
from corpus.records import Rejection
from corpus.rulebook import load_rulebook
from corpus.worker import PAGE, _answer, read_frame, write_frame
from crawler.archive import UrlRules

RULES = load_rules(load_rulebook().files, min_words=5)


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


def test_a_fault_of_ours_becomes_the_pages_rejection_with_its_traceback() -> None:
    broken = msgspec.structs.replace(RULES, min_words=None)
    page = Page(
        capture_id="p1",
        final_url="https://a.example/x",
        html="<html><body><p>One two three</p>",
        run_id="r1",
    )
    answer = _answer(PAGE + msgspec.msgpack.encode(page), broken, UrlRules())
    assert isinstance(answer, Rejection)
    assert (answer.record_id, answer.reason, answer.url, answer.run_id) == (
        "p1",
        "crashed",
        page.final_url,
        "r1",
    )
    assert "TypeError" in answer.detail
    assert "corpus/extract.py" in answer.detail
