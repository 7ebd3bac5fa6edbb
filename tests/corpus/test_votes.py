"""Which blocks are the story, by several extractors' word."""

from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import votes
from corpus.blocks import FIGURE, RELATED
from corpus.config import default_file
from corpus.errors import RuleError
from tests.corpus.made_up import paragraph, story

WEIGHTS = votes.load_weights(default_file("votes.toml").read_text("utf-8"))
TITLE = "The bridge over the mill race opens"
BODY = story(7, 8)


class Block(NamedTuple):
    text: str
    path: str = "div.story>p"
    link_chars: int = 0
    place: int = 0


PAGE = (
    Block("Weather", "ul.menu>li", 7),
    Block(TITLE, "div.story>h1"),
    *(Block(text) for text in BODY[:4]),
    Block("What the town says", "div.story>h2"),
    *(Block(text) for text in BODY[4:]),
    Block("Mill race is dry again", "div.more>p", 22),
    Block(paragraph(50, 20), "div.foot>p"),
)
STORY = (False, False, *(True,) * 9, False, False)


def chosen(
    answers: dict[str, str], stated: str = "", page: tuple[Block, ...] = PAGE
) -> votes.Choice:
    return votes.choose(page, votes.Ballot(answers, stated), (TITLE,), WEIGHTS)


def known(answers: dict[str, str], stated: str = "") -> tuple[votes.Evidence | None, ...]:
    return votes.evidence(PAGE, votes.Ballot(answers, stated), (TITLE,))


def text_of(*places: int) -> str:
    return "\n".join(PAGE[n].text for n in places)


WHOLE = text_of(*range(2, 11))


def test_what_all_extractors_hold_is_the_story() -> None:
    choice = chosen({"trafilatura": WHOLE, "resiliparse": WHOLE, "readability": WHOLE})
    assert choice == votes.Choice(STORY, STORY, "trafilatura", 1.0)


def test_a_paragraph_that_one_extractor_lost_is_kept() -> None:
    lost = text_of(2, 3, 5, 6, 7, 8, 9, 10)
    assert chosen({"trafilatura": lost, "resiliparse": WHOLE, "readability": WHOLE}).kept == STORY


def test_what_one_extractor_alone_adds_far_from_the_rest_is_dropped() -> None:
    more = f"{WHOLE}\n{PAGE[-2].text}\n{PAGE[-1].text}"
    choice = chosen({"trafilatura": WHOLE, "resiliparse": more, "readability": WHOLE})
    assert choice.kept == STORY


def test_a_subhead_between_kept_paragraphs_is_kept_though_one_extractor_drops_it() -> None:
    bare = text_of(2, 3, 4, 5, 7, 8, 9, 10)
    assert chosen({"trafilatura": bare, "resiliparse": WHOLE, "readability": WHOLE}).kept[6] is True


def with_lines(path: str, place: int = 0) -> tuple[Block, ...]:
    """The story with a line of that path before its second and its fourth paragraph."""
    lines = [Block("What they say", path, 0, place), Block("How it was built", path, 0, place)]
    return (*PAGE[:3], lines[0], *PAGE[3:5], lines[1], *PAGE[5:])


ANSWERS = {"trafilatura": WHOLE, "resiliparse": WHOLE, "readability": WHOLE}


def test_lines_of_one_make_that_stand_before_paragraphs_are_subheads_that_nobody_held() -> None:
    kept = chosen(ANSWERS, page=with_lines("div.story>div.inter")).kept
    assert (kept[3], kept[6]) == (True, True)


@pytest.mark.parametrize(
    ("path", "place"),
    [("div.story>div.inter", RELATED), ("div.story>div.inter", FIGURE), ("div.other>div.inter", 0)],
)
def test_lines_elsewhere_or_in_places_of_their_own_are_no_subheads(path: str, place: int) -> None:
    kept = chosen(ANSWERS, page=with_lines(path, place)).kept
    assert (kept[3], kept[6]) == (False, False)


def test_one_such_line_alone_is_no_subhead() -> None:
    page = (*PAGE[:3], Block("What they say", "div.story>div.inter"), *PAGE[3:])
    assert chosen(ANSWERS, page=page).kept[3] is False


LISTED = (
    *PAGE[:5],
    Block("The plan has three parts:"),
    *(Block(item, "div.story>ul>li") for item in ("a road", "a bridge", "two mills")),
    *PAGE[5:],
)


def kept_items(page: tuple[Block, ...], of_one: tuple[int, ...] = (6, 7, 8)) -> list[str]:
    """The items that are kept where one extractor of three holds those."""
    body = [n for n, block in enumerate(page) if block in PAGE[2:11] or block.text.endswith(":")]
    whole = "\n".join(page[n].text for n in body)
    more = "\n".join(page[n].text for n in sorted({*body, *of_one}))
    choice = chosen({"trafilatura": whole, "resiliparse": whole, "readability": more}, page=page)
    return [page[n].text for n in (6, 7, 8) if choice.kept[n]]


def test_a_list_that_a_paragraph_announces_is_the_storys_where_an_extractor_holds_it() -> None:
    assert kept_items(LISTED) == ["a road", "a bridge", "two mills"]
    assert kept_items(LISTED, of_one=(6,)) == ["a road"]


def test_a_list_of_links_or_elsewhere_or_without_announcement_is_not() -> None:
    items = LISTED[6:9]
    for other in (
        [item._replace(link_chars=4) for item in items],
        [item._replace(path="div.more>ul>li") for item in items],
        [item._replace(place=RELATED) for item in items],
    ):
        assert kept_items((*LISTED[:6], *other, *LISTED[9:])) == []
    plain = Block("The plan has three parts.")
    assert kept_items((*LISTED[:5], plain, *LISTED[6:])) == []


def test_where_the_first_extractor_fails_the_others_are_followed() -> None:
    choice = chosen({"trafilatura": PAGE[-1].text, "resiliparse": WHOLE, "readability": WHOLE})
    assert choice.kept == STORY
    assert choice.lead in ("resiliparse", "readability")
    assert chosen({"trafilatura": "", "resiliparse": WHOLE, "readability": WHOLE}).kept == STORY


def test_a_text_near_no_answer_gives_way_to_the_first_extractors() -> None:
    weights = msgspec.structs.replace(WEIGHTS, nearest=1.1)
    answers = {"resiliparse": WHOLE, "trafilatura": text_of(2, 3), "readability": WHOLE}
    choice = votes.choose(PAGE, votes.Ballot(answers), (TITLE,), weights)
    assert choice.kept == tuple(n in (2, 3) for n in range(len(PAGE)))
    assert (choice.lead, choice.contested) == ("trafilatura", True)


def test_a_line_from_the_first_extractor_gives_way_to_the_story_of_another() -> None:
    weights = msgspec.structs.replace(WEIGHTS, nearest=1.1)
    answers = {"trafilatura": text_of(1), "resiliparse": WHOLE}
    choice = votes.choose(PAGE, votes.Ballot(answers), (TITLE,), weights)
    assert (choice.lead, choice.kept) == ("resiliparse", STORY)


def test_where_nothing_has_enough_votes_an_answer_is_better_than_none() -> None:
    weights = msgspec.structs.replace(WEIGHTS, least=0.999999)
    answers = {"trafilatura": "", "resiliparse": text_of(0), "readability": WHOLE}
    choice = votes.choose(PAGE, votes.Ballot(answers), (TITLE,), weights)
    assert any(choice.kept)
    assert not choice.contested


def test_a_page_that_no_extractor_has_an_answer_for_has_no_story() -> None:
    nothing = votes.Choice((False,) * len(PAGE), (False,) * len(PAGE))
    assert chosen({"trafilatura": "", "resiliparse": ""}) == nothing
    assert chosen({}) == nothing
    assert chosen({"trafilatura": WHOLE}, page=()) == votes.Choice()


def test_blocks_that_nobody_holds_have_no_evidence_unless_the_story_is_around_them() -> None:
    bare = text_of(2, 3, 4, 5, 7, 8, 9, 10)
    rows = known({"trafilatura": bare, "resiliparse": bare})
    assert [row is None for row in rows] == [n not in range(2, 11) for n in range(len(PAGE))]
    assert rows[6] is not None
    assert (rows[6].votes, rows[6].heading, rows[6].distance > 0) == (0.0, 1.0, True)


def test_a_text_in_json_ld_speaks_against_what_it_leaves_out_if_it_is_the_whole_story() -> None:
    answers = {"trafilatura": f"{WHOLE}\n{PAGE[-1].text}", "resiliparse": WHOLE}
    whole, part = known(answers, WHOLE)[-1], known(answers, text_of(2, 3))[-1]
    assert whole is not None
    assert part is not None
    assert (whole.unstated, part.unstated) == (1.0, 0.0)


def test_chinese_letters_count_for_three() -> None:
    assert votes.letters("one two") == 6
    assert votes.letters("橋 開") == 6


def test_a_wrong_weights_file_is_named() -> None:
    with pytest.raises(RuleError, match=r"votes\.toml: .*nearest"):
        votes.load_weights("least = 0.4\n[weights]\n")
    with pytest.raises(RuleError, match="unknown field"):
        votes.load_weights("least = 0.4\nnearest = 0.7\n[weights]\nlinks = 1.0\n")
    with pytest.raises(RuleError, match=r"votes\.toml"):
        votes.load_weights("least = ")


LINES = st.lists(st.sampled_from([block.text for block in PAGE]), max_size=8).map("\n".join)


@given(LINES, LINES, LINES)
def test_what_is_kept_is_held_by_an_extractor_or_stands_between_what_two_hold(
    one: str, two: str, three: str
) -> None:
    answers = {"trafilatura": one, "resiliparse": two, "readability": three}
    choice, rows = chosen(answers), known(answers)
    assert len(choice.kept) == len(PAGE)
    assert all(row is not None for row, kept in zip(rows, choice.kept, strict=True) if kept)
    assert bool(choice.lead) is any(choice.kept)
    assert any(choice.kept) is bool(one or two or three)


def test_a_colon_in_a_list_says_nothing() -> None:
    page = (Block(BODY[0]), Block("Mainz: 3-1", "div.story>ul>li"), Block(BODY[1]))
    rows = votes.evidence(page, votes.Ballot({"trafilatura": "\n".join(b.text for b in page)}), ())
    assert rows[1] is not None
    assert (rows[1].item, rows[1].colon) == (1.0, 0.0)
