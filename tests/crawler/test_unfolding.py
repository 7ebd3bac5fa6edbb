"""What a parser would make of elements that nobody closed."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.links import section_links
from crawler.unfolding import MOST_REPEATED, most_repeated

BLOCKS = "<p>x" * 3_000


def elements(html: str) -> int:
    """How many elements a parser makes of it."""
    root = LexborHTMLParser(html).root
    assert root is not None
    return len(list(root.traverse()))


@pytest.mark.parametrize(
    "start",
    [
        "<b id={0}>",
        "<B ID={0}>",
        "<b/id={0}>",
        "<font color='{0}'>",
        '<i x="<{0}">',
        '<i x="></i>" id={0}>',
        '<i x" y="></i>" id={0}>',
        "<u id={0}><!--</u>-->",
        "<em id={0}><textarea></em></textarea>",
        "<s id={0}><select></s></select>",
    ],
)
def test_the_bound_holds_whatever_hides_that_an_element_is_not_closed(start: str) -> None:
    page = "<p>" + "".join(start.format(n) for n in range(20)) + BLOCKS
    assert elements(page) > 20 * 3_000
    assert most_repeated(page) >= elements(page) - page.count("<") * 2


def test_elements_that_are_closed_behind_their_text_count_for_nothing() -> None:
    icons = "".join(f'<i class="fa fa-{n}"></i><b><em id="{n}">x</em></b>' for n in range(400))
    assert most_repeated(icons + BLOCKS) <= MOST_REPEATED
    assert most_repeated(icons.replace("</em>", "") + BLOCKS) > MOST_REPEATED


def test_a_section_that_would_unfold_to_gigabytes_is_not_read() -> None:
    link = '<a href="/2026/11/20/a-long-story-of-a-town-48151">A headline</a>'
    bomb = "<p>" + "".join(f"<b id={n}>" for n in range(450)) + "<p>x" * 18_000
    assert most_repeated(bomb) > MOST_REPEATED
    assert section_links(link + bomb, "https://a.example/") == ()
    assert len(section_links(link + BLOCKS, "https://a.example/")) == 1


@pytest.mark.parametrize("piece", ["<b ", "<b a='", "<b><b>", "<b>x</b", "<b id=1 "])
def test_a_crowd_of_broken_tags_has_a_bound_as_well(piece: str) -> None:
    assert most_repeated(piece * (1_000_000 // len(piece))) > MOST_REPEATED
    assert most_repeated("<b>" * 20_000 + "x" + "</b>" * 20_000) <= MOST_REPEATED
