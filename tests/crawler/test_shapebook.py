import sqlite3
from contextlib import closing
from pathlib import Path

from crawler.links import article_likeness
from crawler.records import PageFacts
from crawler.shapebook import MOST_SHAPES
from crawler.state import State

NOW = 1_700_000_000.0
DAY = 86_400.0
HOME = "https://www.news.example"
URLS = [f"{HOME}/a/xyz{n}" for n in range(100, 1_000)]


def opened(tmp_path: Path, name: str = "state") -> State:
    return State(tmp_path / f"{name}.sqlite")


def likeness(state: State, url: str = f"{HOME}/a/abc777") -> float:
    return article_likeness(url, state.likeness(url).log_odds)


def rows(tmp_path: Path, name: str = "state") -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(tmp_path / f"{name}.sqlite")) as db:
        return db.execute("SELECT site, story, mark, features FROM shapes").fetchall()


def test_what_a_site_taught_is_known_to_the_next_run_and_of_its_domain_alone(
    tmp_path: Path,
) -> None:
    state = opened(tmp_path)
    before = likeness(state)
    state.learn_shapes(URLS[:30], NOW, stories=True)
    state.commit()
    state.close()
    again = opened(tmp_path)
    assert likeness(again) > 0.8 > before
    assert likeness(again, "https://m.news.example/a/abc777") > 0.8
    assert likeness(again, "https://other.example/a/abc777") == before
    again.close()


def test_what_is_remembered_is_bounded_and_the_same_in_any_order(tmp_path: Path) -> None:
    for name, order in (("once", [URLS]), ("pieces", [URLS[500:], URLS[:600], URLS[:1]])):
        state = opened(tmp_path, name)
        for urls in order:
            state.learn_shapes(urls, NOW, stories=True)
            state.learn_shapes(reversed(urls), NOW, stories=False)
        state.commit()
        state.close()
    assert rows(tmp_path, "once") == rows(tmp_path, "pieces")
    assert len(rows(tmp_path, "once")) == 2 * MOST_SHAPES


def test_what_was_announced_is_a_story_whatever_became_of_it(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.learn_shapes(URLS[:30], NOW, stories=False)
    state.learn_shapes(URLS[:30], NOW, stories=True)
    assert likeness(state) > 0.8
    state.close()


def test_what_was_not_seen_for_half_a_year_is_forgotten(tmp_path: Path) -> None:
    state = opened(tmp_path)
    before = likeness(state)
    state.learn_shapes(URLS[:30], NOW, stories=True)
    state.learn_shapes(URLS[:10], NOW + 100 * DAY, stories=True)
    state.begin_run("a", NOW + 179 * DAY)
    kept = likeness(state)
    state.begin_run("b", NOW + 181 * DAY)
    fewer = likeness(state)
    state.begin_run("c", NOW + 281 * DAY)
    assert kept > fewer > likeness(state) == before
    state.close()


def test_where_a_feeds_redirects_lead_is_learned_and_where_others_do_is_not(
    tmp_path: Path,
) -> None:
    state = opened(tmp_path)
    before = likeness(state)
    announced = [f"{HOME}/rss-redirect/{n}" for n in range(100, 130)]
    for hop, url in zip(announced, URLS, strict=False):
        state.learn_hop(hop, url, NOW)
    assert likeness(state) == before
    state.learn_shapes(announced, NOW, stories=True)
    for hop, url in zip(announced, URLS, strict=False):
        state.learn_hop(hop, url, NOW)
    assert likeness(state) > 0.5
    state.close()


def test_pages_teach_where_they_say_for_certain_what_they_are(tmp_path: Path) -> None:
    state = opened(tmp_path)
    before = likeness(state)
    for url in URLS[:30]:
        state.learn_page(url, PageFacts(headline="Ferry runs again"), NOW)
        state.learn_page(url, PageFacts(label="soft_404"), NOW)
        state.learn_page(url, PageFacts(label="consent"), NOW)
    assert likeness(state) == before
    elsewhere = [f"{HOME}/story/{n}/ferry-runs-again" for n in range(30)]
    state.learn_shapes(elsewhere, NOW, stories=True)
    known = likeness(state)
    for url in URLS[:30]:
        state.learn_page(url, PageFacts(label="not_html"), NOW)
    assert likeness(state) < known
    for url in URLS[:30]:
        state.learn_page(url, PageFacts(is_story=True), NOW)
    assert likeness(state) > 0.5
    state.close()
