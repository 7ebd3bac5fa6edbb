"""One article is one address: canonical, AMP and translated forms of a story, through whole runs."""

import time
from pathlib import Path

from tests.crawler.loopback import Answer, Loopback, reply
from tests.crawler.test_run import archived, config, feed, run, small_web, source

HTML = "text/html; charset=utf-8"


def form(head: str, root: str = "<html>", headline: str = "A story of the town") -> Answer:
    body = f"<h1>{headline}</h1><p>It is long.</p>"
    text = f"<!doctype html>{root}<head>{head}</head><body>{body}</body></html>"
    return reply(text.encode(), Content_Type=HTML, ETag=f'"{hash(text)}"')


def canonical(address: str) -> str:
    return f'<link rel="canonical" href="{address}">'


def asked_by(
    tmp_path: Path,
    pages: dict[str, Answer],
    *feeds: tuple[str, ...],
    languages: tuple[str, ...] = (),
) -> list[list[str]]:
    """What runs asked for besides robots.txt and the feed, which names other pages each time."""
    seen = []
    with Loopback(small_web(0) | {f"/{name}": answer for name, answer in pages.items()}) as web:
        settings = config(tmp_path, web.address, source(languages=languages), revisit=("1s",))
        for number, listed in enumerate(feeds, 1):
            web.answers["/rss"] = feed(*listed)
            run(settings, number)
            seen.append(web.asked()[2:])
            web.log.clear()
            time.sleep(1.1 if number < len(feeds) else 0)
    return seen


def test_of_two_addresses_that_are_one_story_the_canonical_one_is_visited(tmp_path: Path) -> None:
    pages = {"a": form(canonical("/b")), "b": form(canonical("/b"))}
    first, second = asked_by(tmp_path, pages, ("/a", "/b"), ("/a", "/b"))
    assert first == ["/a", "/b"]
    assert second == ["/b"]


def test_the_order_in_which_they_come_is_no_matter(tmp_path: Path) -> None:
    pages = {"a": form(canonical("/b")), "b": form(canonical("/b"))}
    first, second = asked_by(tmp_path, pages, ("/b", "/a"), ("/b", "/a"))
    assert first == ["/b", "/a"]
    assert second == ["/b"]


def test_a_canonical_address_that_comes_later_takes_the_place_of_the_other(tmp_path: Path) -> None:
    pages = {"a": form(canonical("/b")), "b": form("")}
    both = ("/a", "/b")
    asked = asked_by(tmp_path, pages, ("/a",), both, both)
    assert [set(one) for one in asked] == [{"/a"}, {"/a", "/b"}, {"/b"}]


def test_a_page_that_names_a_story_of_another_headline_is_not_believed(tmp_path: Path) -> None:
    pages = {"a": form(canonical("/b")), "b": form("", headline="Another story")}
    both = ["/a", "/b"]
    assert asked_by(tmp_path, pages, ("/a", "/b"), ("/a", "/b")) == [both, both]


def test_a_canonical_address_that_is_gone_gives_its_forms_back(tmp_path: Path) -> None:
    pages = {"a": form(canonical("/b")), "b": reply(status=404)}
    assert asked_by(tmp_path, pages, ("/a", "/b"), ("/a",)) == [["/a", "/b"], ["/a"]]


def test_of_two_pages_that_name_each_other_one_is_visited(tmp_path: Path) -> None:
    pages = {"a": form(canonical("/b")), "b": form(canonical("/a"))}
    first, second = asked_by(tmp_path, pages, ("/a", "/b"), ("/a", "/b"))
    assert first == ["/a", "/b"]
    assert len(second) == 1


def test_an_amp_page_whose_story_is_gone_is_visited_itself(tmp_path: Path) -> None:
    pages = {"a": reply(status=404), "amp": form(canonical("/a"), "<html amp>")}
    assert asked_by(tmp_path, pages, ("/amp",), ("/amp",)) == [["/amp", "/a"], ["/amp"]]


def test_a_page_that_names_itself_by_the_other_scheme_or_a_front_page_is_itself(
    tmp_path: Path,
) -> None:
    pages = {"a": form(canonical("https://a.example/a")), "b": form(canonical("/"))}
    both = ["/a", "/b"]
    assert asked_by(tmp_path, pages, ("/a", "/b"), ("/a", "/b")) == [both, both]


def test_a_template_that_gives_all_its_pages_one_address_costs_none_of_them(tmp_path: Path) -> None:
    pages = {f"p{n}": form(canonical("/template")) for n in range(4)}
    paths = tuple(f"/{name}" for name in pages)
    assert asked_by(tmp_path, pages, paths, paths) == [list(paths), list(paths)]


def test_the_amp_form_of_a_known_story_is_no_further_article(tmp_path: Path) -> None:
    pages = {
        "a": form('<link rel="amphtml" href="/amp">'),
        "amp": form(canonical("/a"), "<html amp>"),
    }
    assert asked_by(tmp_path, pages, ("/a",), ("/amp", "/a")) == [["/a"], ["/a"]]


def test_behind_an_amp_page_the_story_is_asked_for_and_from_then_on_alone(tmp_path: Path) -> None:
    pages = {"a": form(""), "amp": form(canonical("/a"), "<html ⚡>")}
    assert asked_by(tmp_path, pages, ("/amp",), ("/amp",)) == [["/amp", "/a"], ["/a"]]


def test_translations_are_followed_where_the_source_wants_them(tmp_path: Path) -> None:
    other = '<link rel="alternate" hreflang="{0}" href="/{0}">'
    pages = {
        "a": form(other.format("de-AT") + other.format("fr")),
        "de-AT": form(""),
        "fr": form(""),
    }
    assert asked_by(tmp_path / "1", pages, ("/a",)) == [["/a"]]
    assert asked_by(tmp_path / "2", pages, ("/a",), languages=("de",)) == [["/a", "/de-AT"]]


def test_a_chain_of_translations_breaks_off(tmp_path: Path) -> None:
    other = '<link rel="alternate" hreflang="de" href="/p{}">'
    pages = {f"p{n}": form(other.format(n + 1)) for n in range(6)}
    assert asked_by(tmp_path, pages, ("/p0",), languages=("de",)) == [["/p0", "/p1", "/p2"]]


def test_what_a_page_says_of_itself_is_kept_with_its_capture(tmp_path: Path) -> None:
    head = canonical("/b") + '<link rel="amphtml" href="/amp"><title>Page not found</title>'
    head += (
        '<link rel="alternate" hreflang="de" href="/de"><link rel=alternate hreflang=fr href=/fr>'
    )
    asked_by(tmp_path, {"a": form(head)}, ("/a",))
    (capture,) = (one for one in archived(tmp_path) if one.kind == "article")
    assert (capture.label, capture.canonical) == ("soft_404", "http://a.example/b")
    assert capture.amp == "http://a.example/amp"
    assert capture.alternates == (("de", "http://a.example/de"), ("fr", "http://a.example/fr"))
