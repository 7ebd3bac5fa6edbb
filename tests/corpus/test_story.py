"""A page sorted into story and stripped blocks, and put together again."""

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.blocks import FIGURE, NAV, RELATED, Block, Chrome, Outline
from corpus.dom import parse, without_unseen
from corpus.extract import extract, load_rules
from corpus.outline import walk
from corpus.pages import Page
from corpus.records import Article
from corpus.rulebook import load_rulebook
from corpus.serving import Reader
from corpus.story import KEPT, OUTSIDE, Spot, Story, retell, tell, visible_text
from crawler.archive import load_url_rules
from tests.corpus import made_up_site
from tests.corpus.made_up import paragraph

FILES = load_rulebook().files
RULES = load_rules(FILES, 25)
URLS = load_url_rules(FILES["urls.toml"], "urls.toml")


def block(text: str, place: int = 0) -> Block:
    return Block(text, place=place)


def test_paragraphs_and_what_stands_between_them_keep_their_order() -> None:
    page = Outline(
        blocks=(block("Head"), block("One"), block("Also", RELATED), block("Two"), block("End")),
        chrome=(Chrome("Home\nNews", NAV, 0), Chrome("Imprint", 0, 5)),
    )
    story = tell(page, {1: KEPT, 2: ("related", "read-also"), 3: KEPT})
    assert story.text == "One\n\nTwo"
    assert story.paragraphs == ((0, 3), (5, 8))
    assert story.body == (1, 4)
    assert [(s.kind, s.rule, s.text, s.after_paragraph) for s in story.stripped] == [
        ("navigation", OUTSIDE, "Home\nNews", -1),
        ("other", OUTSIDE, "Head", -1),
        ("related", "read-also", "Also", 0),
        ("other", OUTSIDE, "End\nImprint", 1),
    ]


def test_a_block_outside_the_story_is_named_by_its_place() -> None:
    page = Outline(blocks=(block("a", NAV), block("b", FIGURE), block("c")))
    assert [s.kind for s in tell(page, {}).stripped] == ["navigation", "caption", "other"]


def test_every_block_is_found_again_at_its_spot() -> None:
    page = Outline(blocks=tuple(block(f"block {n}") for n in range(6)), chrome=(Chrome("x", 0, 1),))
    story = tell(page, {2: KEPT, 3: ("other", "rule"), 4: KEPT})
    for seen, spot in zip(page.blocks, story.spots, strict=True):
        assert at(story, spot).startswith(seen.text)
    assert [spot.where for spot in story.spots][2:4] == ["text", "stripped[1]"]


def at(story: Story, spot: Spot) -> str:
    text = story.text if spot.entry < 0 else story.stripped[spot.entry].text
    return text[spot.start :]


def test_a_page_without_a_story_is_stripped_whole() -> None:
    story = tell(Outline(blocks=(block("a"), block("b")), heading_at=1), {})
    assert (story.text, story.paragraphs, story.body) == ("", (), (1, 1))
    assert [s.text for s in story.stripped] == ["a\nb"]


FATES = st.sampled_from([KEPT, ("related", "read-also"), ("other", OUTSIDE)])
WORDS = st.text("abc \u4e00é", min_size=1, max_size=12).filter(str.strip)


@given(st.lists(st.tuples(WORDS, FATES), max_size=12), st.lists(st.integers(0, 12), max_size=4))
def test_text_and_stripped_hold_every_block_once_and_in_order(
    rows: list[tuple[str, tuple[str, str]]], places: list[int]
) -> None:
    chrome = tuple(Chrome(f"chrome {n}", 0, n) for n in sorted(places))
    page = Outline(blocks=tuple(block(text) for text, _ in rows), chrome=chrome)
    story = tell(page, {n: fate for n, (_, fate) in enumerate(rows)})
    expected: list[str] = []
    for n, (text, _) in enumerate(rows):
        expected += [c.text for c in chrome if (c.before_block == n) or (n == 0 > c.before_block)]
        expected.append(text)
    expected += [c.text for c in chrome if c.before_block >= len(rows)]
    assert "\n".join(rebuilt(story)) == "\n".join(expected)
    # Dropping a block never changes what an offset means.
    for (text, fate), spot in zip(rows, story.spots, strict=True):
        assert (spot.entry < 0) == (fate == KEPT)
        assert at(story, spot).startswith(text)


def rebuilt(story: Story) -> list[str]:
    paragraphs: list[str] = []
    for n in range(-1, len(story.paragraphs)):
        if n >= 0:
            start, end = story.paragraphs[n]
            paragraphs.append(story.text[start:end])
        paragraphs += [s.text for s in story.stripped if s.after_paragraph == n]
    return paragraphs


PIECES = st.sampled_from(
    [
        "<nav><a>Home</a> <a>World</a></nav>",
        "<p class='related'><a href='/b'>Another story of the day</a></p>",
        "<figure><figcaption>A bridge at night</figcaption></figure>",
        "<footer><p>All rights reserved</p></footer>",
        "<p>Read also: Council opens second bridge</p>",
        "<p>By Ann Example, AFP</p>",
        "<form><label>Mail</label><button>Send</button></form>",
        "<ul><li>One</li><li>Two</li></ul>",
        "<table><tr><td>7</td><td>8</td></tr></table>",
        "<script>var x = 1</script><!-- no -->",
        "loose <b>text</b> &amp; more<br>after the break",
    ]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(PIECES, max_size=8), st.lists(PIECES, max_size=8))
def test_an_article_record_holds_all_of_the_pages_visible_text(
    before: list[str], after: list[str]
) -> None:
    body = "".join(f"<p>{paragraph(n, 40)}</p>" for n in range(5))
    html = f"<html><body>{''.join(before)}<h1>Bridge</h1>{body}{''.join(after)}</body></html>"
    article = extract(
        Page(capture_id="x", url="https://a.example/b", final_url="https://a.example/b", html=html),
        RULES,
        URLS,
    )
    assert isinstance(article, Article)
    tree = parse(html)
    assert tree is not None
    body_node = without_unseen(tree).body
    assert body_node is not None
    shown = body_node.text(deep=True, separator=" ")
    assert words_of(" ".join(visible_text(article))) == words_of(shown)
    assert len(walk(tree).outline.blocks) >= 6


def words_of(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=25, deadline=None)
@given(st.lists(PIECES, max_size=6), st.lists(PIECES, max_size=6))
def test_a_page_read_by_its_profile_holds_all_of_the_visible_text_too(
    before: list[str], after: list[str]
) -> None:
    html = made_up_site.page(20, before="".join(before), more="".join(after))
    url = made_up_site.url(20)
    page = Page(capture_id="x", url=url, final_url=url, html=html)
    article = extract(page, RULES, URLS, READER)
    assert isinstance(article, Article)
    tree = parse(html)
    assert tree is not None
    body = without_unseen(tree).body
    assert body is not None
    assert words_of(" ".join(visible_text(article))) == words_of(
        body.text(deep=True, separator=" ")
    )


READER = Reader(made_up_site.learned())


def test_the_paragraphs_are_the_texts_of_their_spans() -> None:
    page = Outline(blocks=(Block("One line."), Block("Aside"), Block("Two  lines.")))
    told = tell(page, {0: KEPT, 2: KEPT})
    for story in (told, retell(told, ("Three.", "Four lines."))):
        assert story.texts == tuple(story.text[a:b] for a, b in story.paragraphs)
        assert len(story.texts) == 2
