"""A page's blocks and their paths."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.blocks import FOOTER, RELATED, Block
from corpus.dom import MAX_TAGS, landmarks, outside_of, parse, titles, unseen, without_unseen
from corpus.outline import AFTER_CONTAINERS, MAX_BLOCKS, walk
from corpus.tokens import fingerprint, visible, words


def blocks(html: str) -> tuple[Block, ...]:
    tree = parse(html)
    assert tree is not None
    return walk(without_unseen(tree)).outline.blocks


def texts(html: str) -> list[str]:
    return [block.text for block in blocks(html)]


def test_blocks_end_at_block_level_elements_and_line_breaks() -> None:
    html = "<div>before<p>One <b>bold</b> line<br>and\n another</p>after</div>"
    assert texts(html) == ["before", "One bold line", "and another", "after"]


def test_scripts_and_comments_are_not_read() -> None:
    assert texts("<p>a<script>x</script><!-- y -->b</p>") == ["ab"]


def test_a_path_names_tags_and_sorted_classes_with_numbers_elided() -> None:
    (block,) = blocks('<div class="post-12 news d c"><ul><li>A line</li></ul></div>')
    assert block.path == "div.c.d.news>ul>li"


def test_link_text_is_counted_and_its_one_target_kept() -> None:
    one, two, none = blocks(
        '<p>See <a href="/a">this</a></p><p><a href="/a">x</a> <a href="/b">y</a></p><p>z</p>'
    )
    assert (one.link_chars, one.href) == (4, "/a")
    assert (two.link_chars, two.href) == (2, "")
    assert (none.link_chars, none.href) == (0, "")


def test_a_link_of_white_space_alone_says_nothing_of_the_block_behind_it() -> None:
    (block,) = blocks('<p><a href="/icon"> </a></p><p><a href="/story">Old mill sold</a></p>')
    assert (block.text, block.link_chars, block.href) == ("Old mill sold", 13, "/story")


def test_decomposed_letters_are_composed() -> None:
    assert texts("<p>cafe\u0301</p>") == ["caf\u00e9"]


def test_thousands_of_levels_are_read() -> None:
    assert texts("<b>" * 5_000 + "deep") == ["deep"]
    assert blocks("<div>" * 3_000 + "deep")[0].path.count(">") < 100


def test_no_more_blocks_than_an_article_has_are_read() -> None:
    assert len(texts("<p>" + "x<br>" * 19_000)) < MAX_BLOCKS


def test_a_page_of_too_many_tags_is_not_parsed() -> None:
    assert parse("<p>" * (MAX_TAGS + 1)) is None


def test_tags_behind_an_empty_comment_or_a_script_without_end_are_counted() -> None:
    assert parse("<!-->" + "<p>" * (MAX_TAGS + 1) + "-->") is None
    assert parse("<SCRIPT>" + "<p>" * (MAX_TAGS + 1)) is None


def test_long_scripts_are_no_long_tags() -> None:
    script = "<script>" + '{"a": 1}' * 30_000 + "</script>"
    assert parse(f"<body>{script}<p>text</p></body>") is not None
    assert parse("<p " + "a " * 60_000 + ">text") is None
    assert parse('<div data-state="' + "a " * 60_000 + '">text') is not None


def test_what_shows_no_text_goes_with_all_that_is_in_it() -> None:
    html = "<head><title>A</title><script>1</script></head><body><p>One<noscript><iframe></iframe>"
    html += (
        "<svg><title>B</title><style>b</style></svg></noscript><object><object></object></object>"
    )
    html += "<video><source></video> two</p><map><p>Three</p></map></body>"
    known, found = parse(html), parse(html)
    assert known is not None
    assert found is not None
    hidden = unseen(known)
    assert [element.tag for element in hidden][:3] == ["head", "title", "script"]
    for tree in (without_unseen(known, hidden), without_unseen(found)):
        assert tree.html == "<html><body><p>One two</p></body></html>"


def test_landmarks_are_told_apart_in_one_look() -> None:
    html = '<head><base href="/b/"><title>A</title><meta name="x"></head><body><h1>B</h1>'
    html += '<noscript><div class="story">No</div><h1>No</h1></noscript><script>1</script>'
    html += '<div class="story"><a rel="license" href="/l">L</a><a class="story">C</a></div></body>'
    tree = parse(html)
    assert tree is not None
    found = landmarks(tree, ".story")
    assert {tag: len(nodes) for tag, nodes in found.told.items()} == {
        **dict.fromkeys(("base", "title", "meta", "script", "a"), 1)
    }
    assert found.told["a"][0].text() == "L"
    assert [node.tag for node in found.hidden] == [node.tag for node in unseen(tree)]
    without_unseen(tree, found.hidden)
    assert [node.text() for node in found.containers] == ["LC", "C"]
    assert [node.text() for node in found.headings] == ["B"]


@pytest.mark.parametrize("tag", ["noscript", "script", "template", "object", "meta"])
def test_what_a_selector_finds_among_the_hidden_goes_once_and_is_no_container(tag: str) -> None:
    inside = f'<{tag} id="story" type="application/ld+json"></{tag}><h1 id="story">B</h1>'
    html = f'<body>{inside}<p id="story">One</p><p>Two</p></body>'
    tree = parse(html)
    assert tree is not None
    found = landmarks(tree, "#story")
    assert [node.tag for node in found.hidden] == ["head", tag]
    assert all(len(nodes) == 1 for nodes in found.told.values())
    assert (len(found.headings), len(found.containers)) == (1, 1)
    without_unseen(tree, found.hidden)
    assert (tree.html or "").removeprefix("<html>") == (
        '<body><h1 id="story">B</h1><p id="story">One</p><p>Two</p></body></html>'
    )


@pytest.mark.parametrize("around", ["noscript", "object", "svg", "math><script", "math><title"])
def test_what_stands_in_the_hidden_is_neither_heading_nor_container(around: str) -> None:
    tree = parse(f'<body><{around}><mi class="story">A</mi></script></math></body>')
    assert tree is not None
    found = landmarks(tree, ".story")
    assert found.hidden[1:]
    assert not found.containers
    without_unseen(tree, found.hidden)
    assert not tree.css(".story")


def test_elements_a_thousand_deep_are_told_from_those_beside_them_at_once() -> None:
    depth = 15_000
    tree = parse("<noscript><p></p></noscript>" + '<div class="x">' * depth)
    assert tree is not None
    found = landmarks(tree, ".x")
    assert len(found.containers) == depth
    first = found.containers[0]
    assert outside_of([first.mem_id], found.containers) == [first]


def test_titles_are_those_of_the_head_each_once() -> None:
    tree = parse('<title>A  bridge</title><meta property="og:title" content="A bridge opens">')
    assert tree is not None
    assert titles(tree) == ("A bridge", "A bridge opens")


def test_a_fingerprint_is_of_the_words_alone() -> None:
    assert fingerprint("The Bridge, opened!") == fingerprint("the bridge  opened")
    assert fingerprint("the bridge opened") != fingerprint("the bridge closed")


def test_chinese_characters_are_words() -> None:
    assert words("Die 新橋 steht") == ["die", "新", "橋", "steht"]


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_can_be_walked(html: str) -> None:
    assert all(block.text == visible(block.text) for block in blocks(html + "<p>end</p>"))


PAGE = (
    "<header><p>Gazette</p><a>Home</a></header><main><div class=head><h1>Bridge</h1><p>By Ann</p></div>"
    "<div id=story><p>One</p><section><p>Two</p></section></div><p>Share</p></main><div><p>Latest</p></div>"
)


def test_with_containers_only_what_stands_around_them_and_the_heading_is_looked_at() -> None:
    tree = parse(PAGE)
    assert tree is not None
    seen = walk(without_unseen(tree), tree.css("#story")).outline
    assert [(b.text, b.inside, b.path) for b in seen.blocks] == [
        ("Bridge", False, "main>div.head>h1"),
        ("By Ann", False, "main>div.head>p"),
        ("One", True, "p"),
        ("Two", True, "section>p"),
        ("Share", False, "main>p"),
    ]
    assert [(c.text, c.place, c.before_block) for c in seen.chrome] == [
        ("Gazette\nHome", 0, 0),
        ("Latest", 0, 5),
    ]


def test_what_is_far_below_the_containers_is_kept_in_large_pieces_with_its_place() -> None:
    near = "".join(f"<p>near {n}</p>" for n in range(AFTER_CONTAINERS))
    far = "<div class=related><p>Far</p><p>off</p></div><footer><p>Imprint</p></footer>"
    page = f"<main><h1>Bridge</h1><div id=story><p>One</p></div>{near}{far}</main>"
    tree = parse(page)
    assert tree is not None
    seen = walk(without_unseen(tree), tree.css("#story")).outline
    assert len(seen.blocks) == 2 + AFTER_CONTAINERS
    assert [(c.text, c.place) for c in seen.chrome] == [
        ("Far\noff", RELATED),
        ("Imprint", FOOTER),
    ]


def test_a_heading_below_the_containers_is_found_however_far_it_is() -> None:
    near = "".join(f"<p>near {n}</p>" for n in range(2 * AFTER_CONTAINERS))
    page = f"<main><div id=story><p>One</p></div>{near}<h1>Bridge</h1></main>"
    tree = parse(page)
    assert tree is not None
    assert walk(without_unseen(tree), tree.css("#story")).outline.heading == "Bridge"


def test_whatever_is_looked_at_all_of_the_text_is_there() -> None:
    tree = parse(PAGE)
    assert tree is not None
    for containers in (None, tree.css("#story"), tree.css("section"), tree.css("p")):
        seen = walk(tree, containers).outline
        shown = [b.text for b in seen.blocks] + [c.text for c in seen.chrome]
        assert sorted(" ".join(shown).split()) == sorted(
            ["Gazette", "Home", "Bridge", "By", "Ann", "One", "Two", "Share", "Latest"]
        )


def test_marks_without_a_shape_are_left_out_and_joiners_inside_words_kept() -> None:
    assert visible("so\u00adlar\u200b \x00 po\ufeffwer") == "solar power"
    books = "\u06a9\u062a\u0627\u0628\u200c\u0647\u0627"
    assert visible(books) == books


def test_what_stands_behind_the_last_block_that_is_looked_at_is_kept_in_one_piece() -> None:
    tree = parse("<div><p>One</p>" + "x<br>" * MAX_BLOCKS + "</div><p>End</p><script>no</script>")
    assert tree is not None
    seen = walk(without_unseen(tree)).outline
    assert seen.is_cut
    assert len(seen.blocks) == MAX_BLOCKS
    assert seen.chrome[-1].text.split() == ["x", "End"]
    assert not walk(parse("<p>One</p>") or tree).outline.is_cut


def test_tags_inside_scripts_and_comments_are_not_counted() -> None:
    state = (
        "<script>" + json.dumps("<b>x</b>" * MAX_TAGS) + "</script><!--" + "<b>" * MAX_TAGS + "-->"
    )
    assert texts(f"{state}<p>One</p>") == ["One"]


def test_an_empty_script_of_xhtml_swallows_nothing() -> None:
    head = '<html xmlns="http://www.w3.org/1999/xhtml"><head><script src="x.js"/><title>T</title></head>'
    assert texts(f"{head}<body><p>One</p></body></html>") == ["One"]


def test_preformatted_text_ends_a_block_at_an_empty_line() -> None:
    assert texts("<pre>One\nline\n  \nTwo</pre><p>a\n\nb</p>") == ["One line", "Two", "a b"]


def test_texts_of_links_are_counted_wherever_they_stand_in_the_link() -> None:
    html = '<p>See <a href="/a">here</a> or <a href="/a"><b>the</b> list <i> </i></a>.<span> </span></p>'
    (block,) = blocks(html)
    assert (block.text, block.link_chars, block.href) == ("See here or the list .", 11, "/a")
