"""What general extractors answer."""

from corpus.extractors import MAX_NESTED, answers
from tests.bench.votes import precise
from tests.corpus.made_up import story

STORY = story(7, 6)
BODY = "".join(f"<p>{text}</p>" for text in STORY)
PAGE = f"<html><body><div><a href='/a'>Home</a></div><article>{BODY}</article></body></html>"


def test_each_answers_with_the_story_a_line_a_block() -> None:
    found = answers(PAGE)
    assert list(found) == ["trafilatura", "resiliparse", "readability"]
    for answer in (*found.values(), precise(PAGE)):
        assert [line for line in answer.split("\n") if line in STORY] == STORY


def test_a_story_that_an_unclosed_nav_swallows_is_found() -> None:
    page = f"<html><body><nav><a>Home</a><article>{BODY}</body></html>"
    assert STORY[0] in answers(page)["trafilatura"]


def test_where_the_quick_way_finds_nothing_trafilatura_is_asked_in_full() -> None:
    short = "<div><span>" + " ".join(STORY[0].split()[:12]) + "</span></div>"
    assert answers(f"<html><body>{short}</body></html>")["trafilatura"]


def test_of_a_page_nested_without_end_resiliparse_is_not_asked() -> None:
    assert answers(PAGE, MAX_NESTED + 1)["resiliparse"] == ""


def test_a_page_without_anything_gives_no_answer() -> None:
    assert answers("") == answers(" ") == {}
    assert not any(answers("<html><body></body></html>").values())
    assert (precise(""), precise("\x00")) == ("", "")
