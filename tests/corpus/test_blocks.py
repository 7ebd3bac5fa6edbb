"""A page as blocks in reading order."""

from corpus.blocks import (
    ARTICLE,
    BYLINE,
    CARD,
    FIGURE,
    FOOTER,
    HEADING,
    NAV,
    RELATED,
    SOURCE,
    Outline,
    key,
)
from corpus.dom import parse, without_unseen
from corpus.outline import walk


def blocks_of(body: str) -> Outline:
    tree = parse(f"<html><body>{body}</body></html>")
    assert tree is not None
    return walk(without_unseen(tree)).outline


def test_blocks_end_at_block_elements_and_line_breaks() -> None:
    page = blocks_of("<div>one <b>and</b>\n two<p>three</p>four<br>five</div>six")
    assert [b.text for b in page.blocks] == ["one and two", "three", "four", "five", "six"]


def test_scripts_and_styles_are_not_read_and_navigation_is_kept_apart() -> None:
    page = blocks_of(
        "<p>a<script>x()</script>b</p><nav><p>Home</p></nav><style>p{}</style><p>c</p>"
    )
    assert [b.text for b in page.blocks] == ["ab", "c"]
    assert [(c.text, c.place, c.before_block) for c in page.chrome] == [("Home", NAV, 1)]


def test_a_block_knows_how_much_of_it_is_one_link() -> None:
    page = blocks_of(
        '<p><a href="/x">Bridge opens</a></p><p>See <a href="/x">x</a> or <a href="/y">y</a></p>'
    )
    assert (page.blocks[0].link_chars, page.blocks[0].href) == (12, "/x")
    assert (page.blocks[1].link_chars, page.blocks[1].href) == (2, "")


def test_an_empty_link_is_no_link_of_the_block_after_it() -> None:
    page = blocks_of(
        '<div><a href="/x"> <img src="i"> </a></div><p><a href="/y">Bridge opens</a></p>'
    )
    assert [(b.text, b.href) for b in page.blocks] == [("Bridge opens", "/y")]


def test_place_comes_from_elements_and_from_class_names_in_any_spelling() -> None:
    page = blocks_of(
        "<article><h1>Bridge</h1><figure><figcaption>Cap</figcaption></figure>"
        '<div class="readMore">m</div><div class="related__list">r</div><article>card</article></article>'
        '<footer>f</footer><div role="navigation">n</div><div class="authority">a</div>'
    )
    place = {b.text: b.place for b in page.blocks}
    assert place["Bridge"] == ARTICLE | HEADING
    assert place["Cap"] & FIGURE
    assert place["m"] & RELATED
    assert place["r"] & RELATED
    assert place["card"] & CARD
    assert place["f"] == FOOTER
    assert place["n"] == NAV
    assert place["a"] == 0


def test_bylines_and_sources_are_labelled_inside_a_line_as_well() -> None:
    page = blocks_of(
        '<p>Text</p><p>By <span class="author-name">Ann Example</span>, <i class="source">AFP</i></p>'
    )
    assert [(x.text, bool(x.place & BYLINE), bool(x.place & SOURCE)) for x in page.labels] == [
        ("Ann Example", True, False),
        ("AFP", False, True),
    ]
    assert page.labels[0].before_block == 1


def test_a_label_leaves_dates_out_and_its_parts_are_labelled_too() -> None:
    page = blocks_of(
        '<div class="byline-block"><span>AFP</span><time>17 Nov</time><b>Share</b></div>'
    )
    assert [x.text for x in page.labels] == ["AFP Share", "AFP", "Share"]


def test_dated_elements_come_with_their_mark_and_place() -> None:
    page = blocks_of(
        '<time datetime="2026-11-17" class="entry-date">17 Nov</time>'
        '<span itemprop="dateModified" content="x">y</span>'
    )
    assert next((m.value, m.marked) for m in page.moments) == ("2026-11-17", "entry-date")
    assert page.moments[-1].marked == "datemodified"


def test_the_main_heading_is_the_first_outside_navigation_and_footer() -> None:
    page = blocks_of(
        '<div class="menu"><h1>Site</h1></div><p>x</p><h1>Bridge <em>opens</em></h1><h1>Other</h1>'
    )
    assert page.heading == "Bridge opens"
    assert page.blocks[page.heading_at].text == "Bridge opens"


def test_a_link_to_the_front_page_is_no_heading() -> None:
    for href in ("/", "https://www.times.example/", "//times.example", "/index.html"):
        page = blocks_of(f'<h1><a href="{href}">The Times</a></h1><h1>Bridge opens</h1><p>a</p>')
        assert (page.heading, page.heading_at) == ("Bridge opens", 1), href
    page = blocks_of('<h1><a href="/2026/bridge">Bridge opens</a></h1><h1>Other</h1>')
    assert page.heading == "Bridge opens"


def test_a_heading_in_a_form_or_menu_around_the_page_counts_where_there_is_no_other() -> None:
    page = blocks_of("<form><p>a</p><h1>Bridge opens</h1><h1>Other</h1></form>")
    assert (page.heading, page.heading_at) == ("Bridge opens", 1)
    page = blocks_of('<div class="menu"><h1>Menu</h1></div><h1>Bridge opens</h1>')
    assert (page.heading, page.heading_at) == ("Bridge opens", 1)


def test_an_element_that_html_does_not_know_is_part_of_the_sentence_that_it_stands_in() -> None:
    page = blocks_of(
        "<p><x-person>Ann Example</x-person>, mayor of <st1:place>Ostby</st1:place>, spoke.</p>"
        "<div>She said <x-quote>no</x-quote> twice.</div><div><x-name>Max</x-name> did not.</div>"
    )
    assert [b.text for b in page.blocks] == [
        "Ann Example, mayor of Ostby, spoke.",
        "She said no twice.",
        "Max did not.",
    ]


def test_an_element_that_html_does_not_know_is_a_block_between_blocks() -> None:
    page = blocks_of(
        "<div><p>one</p><x-ad>Advertisement</x-ad> <p>two</p></div><x-body><p>three</p></x-body>"
    )
    assert [b.text for b in page.blocks] == ["one", "Advertisement", "two", "three"]


def test_a_page_without_body_has_no_blocks() -> None:
    assert blocks_of("").blocks == ()


def test_the_key_ignores_white_space_only() -> None:
    assert key(" a\n b\u00a0c") == key("abc") != key("ab d")
