"""Selectors for the element that holds the story."""

from corpus.containers import Marked, ranked
from corpus.dom import parse, without_unseen
from corpus.outline import walk


def marked(html: str, *body: str) -> Marked:
    tree = parse(f"<body>{html}</body>")
    assert tree is not None
    outline, holders, _ = walk(without_unseen(tree))
    return [
        (holder, len(block.text), block.text in body)
        for block, holder in zip(outline.blocks, holders, strict=True)
    ]


def test_an_element_with_all_of_the_story_beats_one_with_more_text_and_one_with_less() -> None:
    story = '<div class="story"><p>One line</p><p>Another</p></div>'
    html = f'<div class="page"><p>Menu and more</p>{story}</div>'
    assert ranked([marked(html, "One line", "Another")], 1) == ("div.story",)


def test_a_selector_must_find_the_story_on_every_page() -> None:
    pages = [
        marked(f'<div class="post post-{n}"><p>Line {n}</p></div><p>Menu</p>', f"Line {n}")
        for n in "abc"
    ]
    assert ranked(pages, 1) == ("div.post",)


def test_an_id_with_a_number_is_a_pages_and_not_offered() -> None:
    page = marked('<div id="story-4711" class="text"><p>One line</p></div><p>Menu</p>', "One line")
    assert not any("4711" in selector for selector in ranked([page], 20))


def test_names_that_a_build_makes_are_second_choice() -> None:
    page = marked('<section class="css-1x2y3z blurb"><p>One line</p></section>', "One line")
    assert ranked([page], 1) == ("section.blurb",)


def test_attributes_that_tell_the_purpose_are_offered() -> None:
    page = marked('<div itemprop="articleBody"><p>One line</p></div><p>Menu</p>', "One line")
    assert ranked([page], 1) == ('div[itemprop="articleBody"]',)


def test_a_page_without_names_is_counted_through_from_the_nearest_id() -> None:
    html = '<div id="all"><div><p>Menu</p></div><div><p>One line</p></div></div>'
    assert ranked([marked(html, "One line")], 1) == ("#all > div:nth-of-type(2)",)


def test_of_selectors_that_find_the_same_text_only_one_is_named() -> None:
    page = marked('<div class="a b c"><p>One line</p></div><p>Menu</p>', "One line")
    assert len([s for s in ranked([page], 20) if s.startswith("div.")]) == 1


def test_names_that_are_no_css_are_left_out() -> None:
    page = marked(
        '<div id="a:b{" class="1x w-1/2 text"><p>One line</p></div><p>Menu</p>', "One line"
    )
    assert ranked([page], 1) == ("div.text",)


def test_the_element_around_the_paragraphs_is_better_than_the_paragraphs_themselves() -> None:
    html = '<div class="story"><p class="par">One line</p><p class="par">Another</p><i>Ad</i></div>'
    assert ranked([marked(html, "One line", "Another")], 1) == ("div.story",)
