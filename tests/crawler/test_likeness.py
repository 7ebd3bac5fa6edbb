from collections.abc import Iterable
from functools import partial
from random import Random

import pytest

from crawler.likeness import NOTHING_LEARNED, Likeness, features
from crawler.links import Shape, article_likeness

LETTERS = "abcdefghijkmnpqrstuvwxyz"
WORDS = [
    "ferry",
    "harbour",
    "storm",
    "mayor",
    "bridge",
    "road",
    "again",
    "quits",
    "opens",
    "after",
    "new",
    "vote",
    "long",
    "night",
]


def codes(count: int, start: str = "/a/", seed: int = 1) -> list[str]:
    """Addresses such as /a/xyz123."""
    draw = Random(seed)
    return [
        f"{start}{''.join(draw.choices(LETTERS, k=3))}{draw.randint(100, 999)}"
        for _ in range(count)
    ]


def slugs(count: int, start: str) -> list[str]:
    """Addresses of two to eight words."""
    draw = Random(2)
    return [
        start + "-".join(draw.sample(WORDS, draw.randint(2, 8))) + f"-{draw.randint(10**5, 10**6)}"
        for _ in range(count)
    ]


def address(path: str) -> str:
    return f"https://news.example{path}"


def learned(stories: Iterable[str], others: Iterable[str] = ()) -> Likeness:
    def seen(paths: Iterable[str]) -> list[tuple[str, ...]]:
        return [features(Shape.of(address(path))) for path in paths]

    return Likeness(seen(stories), seen(others))


def likeness(path: str, of: Likeness) -> float:
    return article_likeness(address(path), of.log_odds)


def test_stories_without_date_and_words_are_learned_from_the_sites_feed() -> None:
    unseen = codes(50, seed=7)
    assert max(likeness(path, NOTHING_LEARNED) for path in unseen) < 0.3
    assert min(likeness(path, learned(codes(30))) for path in unseen) > 0.8


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/world", "/a", "/a/world", "/a/climate-change", "/t/climate", "/t/xyz123"),
        *("/tag/climate", "/tag/xyz123", "/topic/europe/", "/author/jane-doe", "/about-us"),
        *("/a/xyz123?page=2", "/a/xyz123/comments", "/search?q=xyz123", "/a/2026/11/23"),
        "/a/xyz123.jpg",
    ],
)
def test_fronts_tags_and_further_pages_of_such_a_site_are_not_taken(path: str) -> None:
    of = learned(codes(30))
    assert likeness(path, of) < 0.3
    assert likeness(path, of) <= likeness(path, NOTHING_LEARNED)


def test_two_addresses_prove_nothing_and_five_do() -> None:
    assert likeness("/a/xyz123", learned(codes(2))) < 0.5
    assert likeness("/a/xyz123", learned(codes(5))) > 0.5


def test_stories_that_parameters_name_are_learned() -> None:
    of = learned(f"/view.php?doc=x{n}" for n in range(30))
    assert likeness("/view.php?doc=x77", of) > 0.8
    for path in ("/view.php", "/view.php?doc=x77&page=2", "/view.php?cat=x3"):
        assert likeness(path, of) < 0.4


def test_a_story_in_folders_that_list_elsewhere_is_learned() -> None:
    of = learned(slugs(30, "/topics/"))
    path = "/topics/mayor-opens-new-bridge-after-storm-123456"
    assert likeness(path, NOTHING_LEARNED) < 0.5 < likeness(path, of)
    assert likeness("/topics/europe", of) < 0.1


def test_where_nothing_is_known_the_address_says_it_all() -> None:
    for path in [*codes(5), *slugs(5, "/2026/11/23/"), "/world", "/tag/x"]:
        assert likeness(path, NOTHING_LEARNED) == article_likeness(address(path))


def test_what_was_no_story_says_nothing_where_no_story_is_known() -> None:
    files = [f"/news/report-view-of-the-quarter-{n}" for n in range(30)]
    path = "/news/storm-hits-the-harbour"
    assert likeness(path, learned([], files)) == likeness(path, NOTHING_LEARNED)


def test_a_headline_with_a_date_is_a_story_though_the_feed_has_others() -> None:
    of = learned(codes(128))
    assert likeness("/2026/11/23/ferry-runs-again", of) > 0.5
    assert likeness("/opinion/why-the-harbour-must-change-now", of) > 0.5


def test_what_was_no_story_counts_against_its_like() -> None:
    path = "/report-view-of-the-quarter-2026"
    of = learned(codes(30), [f"/report-view-of-the-quarter-{n}" for n in range(2000, 2026)])
    assert likeness(path, of) < 0.2 < likeness(path, NOTHING_LEARNED)
    assert likeness("/a/xyz123", of) > 0.8


def test_the_order_of_learning_does_not_matter() -> None:
    stories, others = [*codes(20), *slugs(20, "/news/")], ["/world/", "/sport/"]
    shuffled = Random(3).sample(stories, len(stories))
    one, two = learned(stories, others), learned(shuffled, others[::-1])
    for path in [*codes(9, seed=5), "/world", "/news/storm-again-123456"]:
        assert likeness(path, one) == likeness(path, two)


def test_features_of_another_version_are_left_out() -> None:
    rows = [("a", "b"), features(Shape.of(address("/a/xyz123")))] * 20
    some = partial(article_likeness, address("/a/xyz123"))
    assert some(Likeness(rows).log_odds) == some(Likeness(rows[1::2]).log_odds)


@pytest.mark.parametrize(
    "path", ["", "/", "//", "/%", "/%FF%FE", "/a b/\t", "/-/-", "/?=&=", "/" * 500, "/é/日本", "?x"]
)
def test_any_address_has_features_without_a_space(path: str) -> None:
    found = features(Shape.of(address(path)))
    assert len(" ".join(found).split(" ")) == len(found)
