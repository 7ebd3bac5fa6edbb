"""What general extractors answer."""

from corpus.extractors import precise, readable
from tests.corpus.made_up import story

STORY = story(7, 6)
BODY = "".join(f"<p>{text}</p>" for text in STORY)
PAGE = f"<html><body><div><a href='/a'>Home</a></div><article>{BODY}</article></body></html>"


def test_both_answer_with_the_story_a_line_a_block() -> None:
    for answer in (precise(PAGE), readable(PAGE)):
        lines = [line for line in answer.split("\n") if line]
        assert [line for line in lines if line in STORY] == STORY


def test_a_story_that_an_unclosed_nav_swallows_is_found() -> None:
    assert STORY[0] in precise(f"<html><body><nav><a>Home</a><article>{BODY}</body></html>")


def test_a_page_without_anything_gives_no_answer() -> None:
    assert (precise(""), readable(" "), precise("\x00")) == ("", "", "")
