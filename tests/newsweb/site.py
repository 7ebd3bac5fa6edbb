"""Every document of the made-up web, as bytes: what each host answers to each path on a day.

In: a day. Out: `Resource`s by host and path, the same bytes whenever they are built. How they travel
over HTTP (validators, compression, faults) is the server's business.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

import msgspec

from tests.newsweb import announce, templates
from tests.newsweb.content import OutletRow, languages, outlets
from tests.newsweb.layout import Link, header_date, navigation, section_link, story_link, view_of
from tests.newsweb.pages import Page, date_of, outlet_sections, pages, pages_of

NO_ROBOTS = "coastcourier.example"
"""The host that answers 404 for robots.txt, which allows everything."""


class Resource(msgspec.Struct, frozen=True):
    """What stands at a path: a document, a redirect (`location`), or an error page."""

    body: bytes
    content_type: str
    modified: datetime
    status: int = 200
    location: str = ""

    @property
    def etag(self) -> str:
        """The strong validator: a digest of the bytes."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:24]}"'


@cache
def resources(day: int) -> dict[tuple[str, str], Resource]:
    """The whole web on the day, by host and path (with its query)."""
    return {(o.host, path): found for o in outlets() for path, found in _of_outlet(o, day)}


def missing(host: str) -> Resource:
    """The page for a path at which nothing stands."""
    outlet = next(o for o in outlets() if o.host == host)
    return _error(outlet, 404, languages()[outlet.language].missing)


def _of_outlet(outlet: OutletRow, day: int) -> Iterator[tuple[str, Resource]]:
    live = pages_of(outlet, day)
    newest = max(page.modified for page in live)
    if outlet.host != NO_ROBOTS:
        yield "/robots.txt", _text(announce.robots(outlet), "text/plain; charset=utf-8", date_of(1))
    if outlet.feed:
        kind = announce.FEED_TYPE[outlet.feed]
        yield announce.FEED_PATH[outlet.feed], _text(announce.feed(outlet, live), kind, newest)
    yield from _sitemaps(outlet, live, newest)
    yield from _lists(outlet, day, newest)
    for page in (p for p in pages(day) if p.outlet.id == outlet.id):
        yield from _of_page(page, day)


def _of_page(page: Page, day: int) -> Iterator[tuple[str, Resource]]:
    outlet = page.outlet
    if page.gone and page.gone <= day:
        gone = _error(outlet, 410, languages()[outlet.language].gone)
        yield from ((path, gone) for path in (page.path, *page.aliases, *page.moved_from))
        return
    modified = page.modified
    if outlet.volatile:
        modified = max(modified, date_of(day) + timedelta(hours=5))
    shown = _html(outlet, templates.article(view_of(page, day)), modified)
    yield from ((path, shown) for path in (page.path, *page.aliases))
    for path in page.moved_from:
        yield path, Resource(b"", "text/html; charset=utf-8", modified, 301, page.url)


def _sitemaps(
    outlet: OutletRow, live: tuple[Page, ...], newest: datetime
) -> Iterator[tuple[str, Resource]]:
    kind = "application/xml; charset=utf-8"
    if outlet.sitemap == "news":
        yield announce.NEWS_SITEMAP, _text(announce.news_sitemap(outlet, live), kind, newest)
    if outlet.sitemap == "index":
        half = (len(live) + 1) // 2
        children = {"/sitemaps/news.xml": live[:half], "/sitemaps/2026-11.xml": live[half:]}
        times = [(path, max(p.modified for p in part)) for path, part in children.items()]
        yield announce.SITEMAP_INDEX, _text(announce.sitemap_index(outlet, times), kind, newest)
        for path, part in children.items():
            yield path, _text(announce.news_sitemap(outlet, part), kind, newest)


def _lists(outlet: OutletRow, day: int, newest: datetime) -> Iterator[tuple[str, Resource]]:
    """The front page, the sections with their dead links, and the two pages that hold no story."""
    words = languages()[outlet.language]
    menu = navigation(outlet, day)
    date = header_date(outlet, day)
    modified = max(newest, date_of(day))
    front = [story_link(page) for page in pages_of(outlet, day)[:8]]
    yield "/", _html(outlet, templates.story_list(outlet, outlet.name, date, menu, front), modified)
    for n, (topic, found) in enumerate(outlet_sections(outlet, day).items()):
        section = section_link(outlet, topic)
        dead = [Link(path, _title_of(path)) for path in outlet.dead] if n == 0 else []
        listed = [*(story_link(page) for page in found), *dead]
        document = templates.story_list(outlet, section.title, date, menu, listed)
        yield section.href, _html(outlet, document, modified)
    for path, title in (("/contact", words.contact), ("/privacy", words.privacy)):
        yield path, _html(outlet, templates.plain(outlet, title, outlet.about), date_of(1))


def _title_of(path: str) -> str:
    words = [w for w in path.rstrip("/").rsplit("/", 1)[-1].split("-") if not w[:1].isdigit()]
    return " ".join(words).capitalize()


def _error(outlet: OutletRow, status: int, words: str) -> Resource:
    page = _html(outlet, templates.plain(outlet, str(status), words), date_of(1))
    return msgspec.structs.replace(page, status=status)


def _html(outlet: OutletRow, document: str, modified: datetime) -> Resource:
    body = document.encode(outlet.charset, "xmlcharrefreplace")
    return Resource(body, f"text/html; charset={outlet.charset}", modified)


def _text(document: str, content_type: str, modified: datetime) -> Resource:
    return Resource(document.encode(), content_type, modified)
