"""Which pages carry something else than a story."""

import pytest

from corpus.dom import parse, without_unseen
from corpus.kinds import page_kind
from corpus.metadata import Statement, statement
from corpus.outline import walk
from corpus.records import PageKind
from corpus.story import KEPT, tell

LONG = 500


def kind(
    url: str = "https://a.example/news/bridge",
    stated: Statement | None = None,
    words: int = LONG,
    body: str = "<p>One</p><p>Two</p>",
) -> PageKind:
    tree = parse(f"<html><body><h1>Bridge</h1>{body}</body></html>")
    assert tree is not None
    page = walk(without_unseen(tree)).outline
    story = tell(page, dict.fromkeys(range(1, len(page.blocks)), KEPT))
    return page_kind(stated or Statement(), url, page, story, words)


def test_a_page_that_says_nothing_of_itself_is_a_story_or_a_brief() -> None:
    assert kind() == "story"
    assert kind(words=80) == "brief"


def test_a_headline_may_say_that_the_page_is_live() -> None:
    for heading, expected in (
        ("Bridge opens: live updates", "live_blog"),
        ("Bridge opens as it happened", "live_blog"),
        ("Minute by minute: a bridge opens", "live_blog"),
        ("Le pont en direct", "live_blog"),
        ("El puente en vivo", "live_blog"),
        ("El puente, minuto a minuto", "live_blog"),
        ("A ponte ao vivo", "live_blog"),
        ("Il ponte in diretta", "live_blog"),
        ("Most: na żywo", "live_blog"),
        ("Мост: онлайн-трансляция", "live_blog"),
        ("Köprü: canlı anlatım", "live_blog"),
        ("Bridge LİVE BLOG", "live_blog"),
        ("大橋: 文字直播", "live_blog"),
        ("다리 실시간", "live_blog"),
        ("They live by a bridge", "story"),
        ("Bridge", "story"),
    ):
        tree = parse(f"<html><body><h1>{heading}</h1>{POSTS}</body></html>")
        assert tree is not None
        page = walk(without_unseen(tree)).outline
        told = tell(page, dict.fromkeys(range(1, len(page.blocks)), KEPT))
        assert page_kind(Statement(), "https://a.example/1", page, told, LONG) == expected


def test_json_ld_has_the_last_word() -> None:
    assert kind(stated=Statement(article_type="LiveBlogPosting"), words=80) == "live_blog"


POSTS = "".join(
    f'<div><time datetime="2026-11-17T1{n}:00">1{n}:00</time><p>Post {n}</p></div>'
    for n in range(6)
)
PLAIN_POSTS = "".join(f"<p>1{n}:05 Uhr</p><p>Post {n}</p>" for n in range(6))
PICTURES = "<p>One</p>" + "<figure><figcaption>A bridge</figcaption></figure>" * 6 + "<p>Two</p>"


@pytest.mark.parametrize(
    ("url", "body", "expected"),
    [
        ("https://a.example/news/live/2026/bridge-opens", POSTS, "live_blog"),
        ("https://a.example/liveticker/bridge", POSTS, "live_blog"),
        ("https://a.example/news/live/2026/bridge-opens", "<p>One</p>", "story"),
        ("https://a.example/news/live-music-returns", POSTS, "story"),
        ("https://a.example/news/bridge-opens-live-updates.html", POSTS, "live_blog"),
        ("https://a.example/news/bridge-opens-live-updates", PLAIN_POSTS, "live_blog"),
        ("https://a.example/news/bridge-opens-live-updates", "<p>One</p>", "story"),
        ("https://a.example/news/1", f"<h1>Bridge opens</h1>{PLAIN_POSTS}", "story"),
        ("https://a.example/fotostrecke/bruecke-1.html", PICTURES, "gallery"),
        ("https://a.example/galleries/bridge", "<p>One</p>", "story"),
        ("https://a.example/news/the-gallery-opens", PICTURES, "story"),
    ],
)
def test_the_address_counts_where_the_page_looks_like_it(
    url: str, body: str, expected: PageKind
) -> None:
    assert kind(url, body=body) == expected


def test_a_story_with_a_film_beside_it_is_a_story() -> None:
    film = Statement(page_types=("VideoObject",), article_type="NewsArticle")
    assert kind(stated=film) == "story"
    assert kind(stated=film, words=200) == "story"
    assert kind(stated=film, words=60) == "video"
    assert kind(stated=Statement(page_types=("VideoObject",)), words=200) == "video"
    assert kind(stated=Statement(og_type="video.other"), words=200) == "video"
    assert kind("https://a.example/podcasts/bridge", words=100) == "audio"


def test_the_types_of_the_page_are_read_from_its_json_ld() -> None:
    tree = parse('<script type="application/ld+json">[{"@type": "ImageGallery"}]</script>')
    assert tree is not None
    assert statement(tree, "https://a.example/x").page_types == ("ImageGallery",)


def test_an_address_that_cannot_be_taken_apart_says_nothing() -> None:
    assert kind("https://[bad/live/x") == "story"
