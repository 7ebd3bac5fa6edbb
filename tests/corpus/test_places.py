"""Where a site shows a story's headline, byline and dates: learned from pages, used on others."""

from collections.abc import Sequence

from corpus.blocks import Block
from corpus.extract import extract, learning_page, load_rules
from corpus.furniture import Reader, learn
from corpus.pages import Page
from corpus.places import found_at, learned
from corpus.profiles import LearningPage, Place, Profile, Shown
from corpus.records import Article
from corpus.rulebook import load_rulebook
from crawler.archive import load_url_rules
from tests.corpus import made_up_site
from tests.corpus.made_up import story

FILES = load_rulebook().files
RULES = load_rules(FILES, 25)
URLS = load_url_rules(FILES["urls.toml"], "urls.toml")


def blocks(*pairs: tuple[str, str]) -> tuple[Block, ...]:
    return tuple(Block(text, path=path, inside=False) for path, text in pairs)


def pages(*rows: tuple[str, Sequence[Block]]) -> list[tuple[Sequence[Shown], Sequence[Block]]]:
    return [((Shown("byline", text),), shown) for text, shown in rows]


def test_a_path_at_which_three_pages_show_a_byline_is_its_place() -> None:
    rows = [(f"Ann {n}", blocks(("h1", "Bridge"), ("p.by", f"Ann {n}"))) for n in range(3)]
    assert learned(pages(*rows)) == (Place("byline", "p.by", False, 3),)
    assert learned(pages(*rows[:2])) == ()


def test_a_path_at_which_other_things_stand_too_is_no_place() -> None:
    rows = [(f"Ann {n}", blocks(("p", f"Ann {n}"), ("p", "text"))) for n in range(3)]
    rows += [("", blocks(("p", f"Teaser {n}"))) for n in range(3)]
    assert learned(pages(*rows)) == ()


def test_the_first_block_at_a_place_shows_the_field() -> None:
    shown = blocks(("h1", "Bridge"), ("p.by", "Ann"), ("p.by", "Bob"))
    places = (Place("byline", "p.by", False, 3), Place("date", "p.when", False, 3))
    assert found_at(places, shown) == {"byline": (1,)}
    inside = (Place("byline", "p.by", True, 3),)
    assert found_at(inside, shown) == {}


def html(n: int, *, states: bool, day: int) -> str:
    """A page whose byline and date stand in plain lines; with `states` its head says the same."""
    name = f"{['Ada', 'Bea', 'Cleo', 'Dora', 'Enid', 'Fay', 'Gwen', 'Hope', 'Ina'][n % 9]} Lorne"
    head = (
        f'<meta name="author" content="{name}">'
        f'<meta property="article:published_time" content="2026-11-{day:02}T08:00:00Z">'
    )
    lines = f"<p class='who'>{name}</p><p class='when'>{day} November 2026</p>"
    lines += "<p class='when2'>Founded on 3 March 1901</p>"
    page = made_up_site.page(n, before="").replace("</h1>", f"</h1>{lines}")
    return page.replace("<title>", f"{head if states else ''}<title>", 1)


def page(n: int, *, states: bool = True, day: int = 0) -> Page:
    address = made_up_site.url(n)
    return Page(
        capture_id=address,
        url=address,
        final_url=address,
        html=html(n, states=states, day=day or n + 1),
        fetched_at="2026-11-23T10:00:00Z",
    )


def answers(found: Page) -> dict[str, str]:
    number = int(found.url.rpartition("/")[2])
    return dict.fromkeys(("precision", "recall", "second"), "\n".join(story(number, 6)))


def learned_site() -> Profile:
    taught = []
    for n in range(1, 8):
        read = learning_page(page(n), RULES, URLS, lambda found, _: answers(found))
        assert isinstance(read, LearningPage)
        taught.append(read)
    profile = learn(made_up_site.HOST, taught, "extractors 1")
    assert profile is not None
    return profile


def test_a_site_teaches_where_its_headline_byline_and_date_stand() -> None:
    (template,) = learned_site().templates
    assert {(p.field, p.path) for p in template.places} == {
        ("headline", "div.page>h1"),
        ("byline", "div.page>p.who"),
        ("date", "div.page>p.when"),
    }


def test_a_page_that_states_nothing_is_read_at_the_places() -> None:
    reader = Reader(learned_site())
    silent = page(20, states=False, day=14)
    article = extract(silent, RULES, URLS, reader)
    assert isinstance(article, Article)
    assert article.extraction.method.startswith("profile:")
    assert (article.byline, article.authors) == ("Cleo Lorne", ("Cleo Lorne",))
    assert (article.date_published, article.date_source) == ("2026-11-14", "text")


def test_the_headline_is_what_stands_at_its_place_where_the_head_says_something_else() -> None:
    reader = Reader(learned_site())
    told = page(21)
    renamed = told.html.replace("<title>", "<meta property='og:title' content='Lure'><title>", 1)
    served = extract(
        Page(capture_id="c", url=told.url, final_url=told.url, html=renamed), RULES, URLS, reader
    )
    assert isinstance(served, Article)
    assert served.headline == made_up_site.headline(21)
