"""The made-up newsroom of tests/bench: what is measured with it must be the same everywhere."""

from collections import Counter

from tests.bench.newsroom import Story, lines, newsroom
from tests.corpus.made_up import story

STORIES = [
    Story(f"s{n}", "en", f"Title {n}", tuple(f"“{p}” Kim said." for p in story(n)))
    for n in range(40)
]


def test_the_same_stories_and_seed_give_the_same_pages() -> None:
    assert list(lines(newsroom(STORIES, 1, 30))) == list(lines(newsroom(STORIES, 1, 30)))
    assert list(lines(newsroom(STORIES, 1, 30))) != list(lines(newsroom(STORIES, 2, 30)))


def test_every_kind_of_page_is_made_and_has_its_own_lineage() -> None:
    pages = newsroom(STORIES, 1, 30)
    assert set(Counter(page.kind for page in pages)) == {
        "story",
        "template",
        "roundup",
        "furniture",
        "sharing",
    }
    for kind in ("roundup", "furniture", "sharing"):
        lineages = [page.cluster for page in pages if page.kind == kind]
        assert len(set(lineages)) == len(lineages)
    assert len({page.id for page in pages}) == len(pages)


def test_no_blank_is_left_unfilled() -> None:
    assert not any("{" in page.text for page in newsroom(STORIES, 3, 30))
