"""`sources check`: what a site announces its stories with, found politely.

In: the address of a front page. Out: a `SiteCheck` with the feeds and sitemaps that answered, and the
source row to paste. The same frontier, robots rules and network door as in a crawl; nothing is archived
or remembered.
"""

import asyncio
import json
import math
import re
from collections.abc import Iterable, Iterator

from crawler.addresses import AddressRules, address_rules
from crawler.drive import Driver, SteadyClock
from crawler.endings import Settled
from crawler.feeds import Unreadable, parse_feed
from crawler.fetch import Fetcher
from crawler.frontier import Frontier
from crawler.links import feed_links
from crawler.manners import agent_line, manners_of, url_rules
from crawler.records import CaptureKind, CrawlSettings, Due, Fetch, Outcome, Record
from crawler.sitemaps import parse_sitemap
from crawler.steps import Allowance
from crawler.urls import UrlRules, canonical_url, host_of

_MAX_RUNTIME = 300.0
_TRIED = 6
"""Feeds and sitemaps of one site that are looked at, of each kind."""


class Listing(Record):
    """A feed or sitemap that answered: how many stories or sitemaps it names, the newest date."""

    url: str
    entries: int
    newest: str = ""


class SiteCheck(Record):
    """What was found at a site; `trouble` says what could not be read and why."""

    home: str
    id: str
    name: str = ""
    robots: str = ""
    feeds: tuple[Listing, ...] = ()
    sitemaps: tuple[Listing, ...] = ()
    trouble: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether a source row would find anything."""
        return bool(self.feeds or self.sitemaps)

    def row(self) -> str:
        """The `[[source]]` table to paste."""
        lines = ["[[source]]", f'id = "{self.id}"', f"name = {_quoted(self.name or self.id)}"]
        lines += ['country = ""', 'owner = ""', f"home = {_quoted(self.home)}"]
        for key, listings in (("feeds", self.feeds), ("sitemaps", self.sitemaps)):
            urls = ", ".join(_quoted(listing.url) for listing in listings)
            lines.append(f"{key} = [{urls}]")
        if not self.usable:
            lines.append(f"sections = [{_quoted(self.home)}]  # add the pages that list stories")
        return "\n".join(lines) + "\n"


def check_sites(
    homes: tuple[str, ...], settings: CrawlSettings, where: str
) -> tuple[SiteCheck, ...]:
    """Look at each site, in the order given. Raises `ConfigError` for settings that do not hold."""
    addresses = address_rules(settings, where)
    urls = url_rules()
    looks = tuple(_Look(home, n, urls) for n, home in enumerate(dict.fromkeys(homes)))
    asyncio.run(_look(looks, settings, addresses, urls))
    return tuple(look.result() for look in looks)


async def _look(
    looks: tuple["_Look", ...], settings: CrawlSettings, addresses: AddressRules, urls: UrlRules
) -> None:
    """Ask for the front pages, then for what they and robots.txt name."""
    clock = SteadyClock()
    by_id = {look.source_id: look for look in looks}
    allowances = {source_id: Allowance(max_pages=0) for source_id in by_id}
    manners = manners_of(settings, clock() + _MAX_RUNTIME, math.inf)
    frontier = Frontier(manners, urls, allowances)

    def follow() -> None:
        while ended := frontier.drain():
            for settled in ended:
                for due in by_id[settled.due.source_id].take(settled):
                    frontier.add(due)

    def take(outcome: Outcome) -> None:
        frontier.record(outcome, clock())
        follow()
        fetcher.taken(outcome)

    def sent(fetch: Fetch, at: float) -> None:
        driver.sent(fetch, at)

    fetcher = Fetcher(settings, addresses, agent_line(settings), clock, sent=sent)
    driver = Driver(frontier, fetcher.fetch, take, follow, clock)
    for look in looks:
        frontier.add(look.home)
    try:
        await driver.run()
    finally:
        await fetcher.close()


class _Look:
    """One site while it is looked at."""

    def __init__(self, home: str, number: int, urls: UrlRules) -> None:
        self._urls = urls
        self.source_id = str(number)
        self.home = Due(home, "section", self.source_id)
        self._robots = ""
        self._name = ""
        self._tried: dict[CaptureKind, int] = {}
        self._found: dict[CaptureKind, list[Listing]] = {"feed": [], "sitemap": []}
        self._trouble: list[str] = []

    def take(self, settled: Settled) -> Iterator[Due]:
        """Note what came; what to look at next."""
        due, outcome = settled.due, settled.outcome
        if due.kind == "robots":
            if host_of(due.url) == host_of(self.home.url):
                self._robots = settled.reason or f"read, {len(settled.sitemaps)} sitemaps"
            yield from self._try("sitemap", settled.sitemaps, due.url)
        elif settled.hop:
            yield settled.hop
        elif settled.ending != "fetched" or outcome is None:
            self._trouble.append(f"{due.url}: {settled.reason or settled.ending}")
        elif due.kind == "section":
            feeds = (link.url for link in feed_links(outcome.body, due.url))
            yield from self._try("feed", feeds, due.url)
        else:
            self._note(due, outcome)

    def result(self) -> SiteCheck:
        """What was found."""
        return SiteCheck(
            home=self.home.url,
            id=re.sub(r"[^a-z0-9]+", "-", host_of(self.home.url).removeprefix("www.")).strip("-"),
            name=self._name,
            robots=self._robots,
            feeds=tuple(self._found["feed"]),
            sitemaps=tuple(self._found["sitemap"]),
            trouble=tuple(self._trouble),
        )

    def _try(self, kind: CaptureKind, urls: Iterable[str], base: str) -> Iterator[Due]:
        for url in urls:
            address = canonical_url(url, self._urls, base)
            if isinstance(address, str) and self._tried.setdefault(kind, 0) < _TRIED:
                self._tried[kind] += 1
                yield Due(address, kind, self.source_id)

    def _note(self, due: Due, outcome: Outcome) -> None:
        """Note a feed or sitemap that can be read."""
        if due.kind == "feed":
            feed = parse_feed(outcome.body, due.url, outcome.header("Content-Type"))
            if isinstance(feed, Unreadable):
                self._trouble.append(f"{due.url}: {feed.reason}")
                return
            self._name = self._name or feed.title
            dates = [entry.published or entry.updated or "" for entry in feed.entries]
        else:
            sitemap = parse_sitemap(outcome.body, due.url)
            if isinstance(sitemap, Unreadable):
                self._trouble.append(f"{due.url}: {sitemap.reason}")
                return
            dates = [url.published or url.lastmod or "" for url in sitemap.urls]
            dates += [child.lastmod or "" for child in sitemap.children]
        self._found[due.kind].append(Listing(due.url, len(dates), max(dates, default="")))


def _quoted(text: str) -> str:
    """A TOML string."""
    return json.dumps(text, ensure_ascii=False)
