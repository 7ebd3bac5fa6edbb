"""What a source's feeds, sitemaps and pages announce, and which of it is the source's own.

In: a `Source`, and the bodies of its listings. Out: the URLs to ask for, as `Found`. Only the
source's own site is followed, and hosts that it lists. What is due among the found, and in which order,
is decided by `crawler.state` and `crawler.frontier`.
"""

import re
import traceback
from datetime import UTC, datetime

from crawler.feeds import Feed, Unreadable, parse_feed
from crawler.hosts import registrable_domain
from crawler.likeness import NOTHING_LEARNED, Likeness
from crawler.links import article_likeness, feed_links, may_be_story, section_links
from crawler.listed_dates import day_in_address
from crawler.records import CaptureKind, Record, Source
from crawler.sitemaps import Sitemap, parse_sitemap
from crawler.urls import Refused, UrlRules, canonical_url, host_of

MAX_SITEMAP_DEPTH = 4
_ARTICLE_LIKENESS = 0.5
_DAY = 86_400.0


class Found(Record):
    """A URL that a listing names. `date` is publication, `announced` the last change, 0 if unsaid.

    `is_story` says that a feed or a news sitemap has it, and so that it is a story for certain.
    """

    url: str
    kind: CaptureKind
    date: float = 0.0
    announced: float = 0.0
    depth: int = 0
    is_story: bool = False


class Site:
    """A source's own part of the web, and which of its articles are wanted.

    `seeds` are the listings to read at every run: those named, else the home page (`only_home`).
    """

    def __init__(self, source: Source, urls: UrlRules) -> None:
        self._urls = urls
        self._include = tuple(re.compile(pattern) for pattern in source.include)
        self._exclude = tuple(re.compile(pattern) for pattern in source.exclude)
        listed = (*source.feeds, *source.sitemaps, *source.sections)
        self._hosts = {host_of(url) for url in (source.home, *listed) if url}
        # Feeds are often served by somebody else: where there is a home, it alone names the site.
        self._domains = {
            registrable_domain(host_of(url)) for url in ((source.home,) if source.home else listed)
        }
        self._listed = frozenset((source.home, *listed))
        self._languages = frozenset(one.lower() for one in source.languages)
        self.only_home = not listed
        self.seeds = tuple(self._seeds_of(source))

    def owns(self, url: str) -> bool:
        """Whether the URL is on the source's site, or on a host that it lists."""
        host = host_of(url)
        return host in self._hosts or registrable_domain(host) in self._domains

    def wants(self, url: str) -> bool:
        """Whether `include` and `exclude` let this article through."""
        if self._include and not any(pattern.search(url) for pattern in self._include):
            return False
        return not any(pattern.search(url) for pattern in self._exclude)

    def lists(self, url: str) -> bool:
        """Whether this is a front page or a listing; a story that leads there is gone."""
        return url in self._listed or url.partition("://")[2].partition("/")[2] == ""

    def lists_host(self, url: str) -> bool:
        """Whether the source names this host."""
        return host_of(url) in self._hosts

    def speaks(self, language: str) -> bool:
        """Whether translations into this language ("de", "pt-br") are wanted."""
        return language in self._languages or language.partition("-")[0] in self._languages

    def own(self, url: str, base: str) -> str:
        """The URL in its canonical spelling, "" where it is refused or not the source's own."""
        address = canonical_url(url, self._urls, base)
        return "" if isinstance(address, Refused) or not self.owns(address) else address

    @property
    def picks(self) -> bool:
        """Whether `include` says what an article looks like, so that nobody has to guess."""
        return bool(self._include)

    def _seeds_of(self, source: Source) -> list[Found]:
        named: list[tuple[CaptureKind, tuple[str, ...]]] = [
            ("feed", source.feeds),
            ("sitemap", source.sitemaps),
            ("section", source.sections),
        ]
        if self.only_home:
            named = [("section", (source.home,))]
        addresses = [(kind, canonical_url(url, self._urls)) for kind, urls in named for url in urls]
        return [Found(url, kind) for kind, url in addresses if isinstance(url, str)]


Listing = Feed | Sitemap | Unreadable


def read_listing(kind: CaptureKind, body: bytes, url: str, content_type: str) -> Listing | None:
    """The feed or sitemap in these bytes; None where a page is meant, which takes no time to read."""
    if kind == "feed":
        return parse_feed(body, url, content_type)
    return parse_sitemap(body, url) if kind == "sitemap" else None


def found_in(
    kind: CaptureKind,
    body: bytes,
    url: str,
    content_type: str,
    site: Site,
    *,
    depth: int,
    oldest: float,
    listing: Listing | None = None,
    learned: Likeness = NOTHING_LEARNED,
) -> tuple[Found, ...] | Unreadable:
    """What a listing announces of the source's own; dated sitemap entries from `oldest` on.

    `listing` is what `read_listing` made of the body, where it was read already; `learned` is what the site
    taught of its addresses, for the links of a section. Never raises: a listing that nobody foresaw costs
    itself, not the run.
    """
    try:
        return _found_in(
            kind, body, url, content_type, site, depth, oldest, listing=listing, learned=learned
        )
    except Exception as error:  # noqa: BLE001  whatever a site can write
        place = traceback.extract_tb(error.__traceback__)[-1]
        words = f"{type(error).__name__} in {place.name}, line {place.lineno}"
        return Unreadable(f"our reader fails on it: {words}")


def _found_in(
    kind: CaptureKind,
    body: bytes,
    url: str,
    content_type: str,
    site: Site,
    depth: int,
    oldest: float,
    *,
    listing: Listing | None,
    learned: Likeness,
) -> tuple[Found, ...] | Unreadable:
    listing = listing or read_listing(kind, body, url, content_type)
    if isinstance(listing, Unreadable):
        return listing
    if isinstance(listing, Feed):
        return _in_feed(listing, url, site)
    if isinstance(listing, Sitemap):
        return _in_sitemap(listing, url, site, depth, oldest)
    if kind == "section":
        return _in_page(body, url, site, learned)
    return ()


def _in_feed(feed: Feed, url: str, site: Site) -> tuple[Found, ...]:
    found = (
        Found(
            site.own(entry.url, url),
            "article",
            date=_unix(entry.published or entry.updated),
            announced=_unix(entry.updated),
            is_story=True,
        )
        for entry in feed.entries
    )
    return tuple(one for one in found if one.url and site.wants(one.url))


def _in_sitemap(
    sitemap: Sitemap, url: str, site: Site, depth: int, oldest: float
) -> tuple[Found, ...]:
    articles = [
        Found(
            site.own(entry.url, url),
            "article",
            date=_unix(entry.published) or _unix(entry.lastmod),
            announced=_unix(entry.lastmod),
            is_story=bool(entry.published),
        )
        for entry in sitemap.urls
        if _recent(entry.published or entry.lastmod, oldest)
        and (entry.published or site.picks or _may_be_story(entry.url, site))
    ]
    children = [
        Found(site.own(child.url, url), "sitemap", date=_unix(child.lastmod), depth=depth + 1)
        for child in sitemap.children
        if depth < MAX_SITEMAP_DEPTH
        and _recent(child.lastmod, oldest)
        and not _names_an_old_period(child.url, oldest)
    ]
    articles.sort(key=lambda one: -one.date)
    children.sort(key=lambda one: -one.date)
    return tuple(
        one
        for one in (*children, *articles)
        if one.url and (one.kind == "sitemap" or site.wants(one.url))
    )


def _may_be_story(url: str, site: Site) -> bool:
    """Whether nothing in an address of a sitemap says that it is no story's."""
    return not site.lists(url) and may_be_story(url)


def _in_page(body: bytes, url: str, site: Site, learned: Likeness) -> tuple[Found, ...]:
    """The feeds that a page names and the links on it that look like articles, dated by their addresses."""
    named = feed_links(body, url) if site.only_home else ()
    feeds = [Found(site.own(link.url, url), "feed") for link in named]
    links = section_links(body, url, same=site.owns)
    articles = [
        Found(site.own(link.url, url), "article", date=_unix(day_in_address(link.url)))
        for link in links
        if not link.nofollow
        and (site.picks or article_likeness(link, learned.log_odds) >= _ARTICLE_LIKENESS)
    ]
    return tuple(
        one
        for one in (*feeds, *articles)
        if one.url and (one.kind == "feed" or site.wants(one.url))
    )


_PERIOD = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:[-_/.]?(0[1-9]|1[0-2]))?(?:[-_/.]?([0-3]\d))?(?!\d)"
)


def _names_an_old_period(url: str, oldest: float) -> bool:
    """Whether a sitemap's address says that it ends before `oldest`: "sitemap-2019-03.xml"."""
    match = _PERIOD.search(url.partition("://")[2].partition("/")[2])
    if not match:
        return False
    year, month = int(match[1]), int(match[2] or 12)
    after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp()
    return after < oldest


def _recent(date: str | None, oldest: float) -> bool:
    return not date or _unix(date) >= oldest


def _unix(date: str | None) -> float:
    """RFC 3339 UTC as unix seconds; 0 where there is none."""
    return datetime.fromisoformat(date).timestamp() if date else 0.0
