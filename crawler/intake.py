"""What becomes of a URL that ended: into the state, into the counts, and what it announced into the queue.

In: `Settled`s from the frontier, with the place of their response in the archive. Out: the state
further on, the frontier's queue fuller. It archives nothing and commits nothing.
"""

import hashlib
from collections.abc import Callable

from crawler.discovery import Found, Site, found_in
from crawler.endings import Settled
from crawler.feeds import Unreadable
from crawler.frontier import Frontier
from crawler.lanes import RobotsCopy
from crawler.manners import allowance_of
from crawler.recorder import warc_date
from crawler.records import CrawlSettings, Due, Outcome, Place, Source
from crawler.state import State, Visit
from crawler.tally import Tally, is_listing
from crawler.urls import UrlRules, host_of

MAX_SITEMAPS = 30
"""Sitemaps read for one source in one run, indexes and their children together."""


class Intake:
    """Takes in what ended in one run. `clock` gives unix seconds."""

    def __init__(
        self,
        sources: tuple[Source, ...],
        settings: CrawlSettings,
        urls: UrlRules,
        frontier: Frontier,
        state: State,
        clock: Callable[[], float],
    ) -> None:
        self._sources = sources
        self._settings = settings
        self._frontier = frontier
        self._state = state
        self._clock = clock
        self._sites = {source.id: Site(source, urls) for source in sources}
        self._at_host: dict[str, list[str]] = {}
        self._listings: set[str] = set()
        self._sitemaps: dict[str, int] = {}
        self._oldest = clock() - settings.max_age_days * 86_400.0
        self.tally = Tally(sources)

    def begin(self) -> None:
        """Queue every source's listings, and what of its articles is due."""
        now = self._clock()
        for source in self._sources:
            for seed in self._sites[source.id].seeds:
                self._at_host.setdefault(host_of(seed.url), []).append(source.id)
                self._offer(seed, source.id, now)
            limit = allowance_of(source, self._settings).max_pages
            for due in self._state.due_articles(source.id, now, limit):
                self._add_article(due)
        self.settle_all()

    def settle_all(self, outcome: Outcome | None = None, place: Place | None = None) -> None:
        """Do for each URL that ended what its end asks for; that may add URLs, and end them."""
        while ended := self._frontier.drain():
            for settled in ended:
                own = place if settled.outcome is outcome else None
                if settled.due.kind == "robots":
                    self._settle_robots(settled)
                elif is_listing(settled.due.kind):
                    self._settle_listing(settled, own)
                else:
                    self._settle_article(settled, own)

    def _settle_article(self, settled: Settled, place: Place | None) -> None:
        due, now = settled.due, self._clock()
        status = settled.outcome.status if settled.outcome else 0
        match settled.ending:
            case "fetched" | "not_modified":
                assert place is not None
                self.tally.count(due.source_id, self._state.visit(_visit(settled, place)))
                return
            case "moved":
                assert settled.hop is not None
                self._state.moved(due, status, now)
                self._follow(due, settled.hop, now)
            case "gone":
                self._state.gone(due, status, now)
            case "failed":
                self._state.failed(due, status, now)
                self.tally.note_failure(due.url, settled.reason)
            case "refused":
                self._state.refused(due.url, now)
            case "put_off" | "over_budget":
                self._state.release(due.url)
        self.tally.count(due.source_id, settled.ending)

    def _follow(self, due: Due, hop: Due, now: float) -> None:
        """Queue the page that a redirect leads to, where it is the source's own and due."""
        if not self._sites[due.source_id].owns(hop.url):
            self.tally.note_failure(due.url, _off_site(hop))
            return
        wanted = self._state.announce(hop, 0.0, now)
        if wanted:
            self._add_article(wanted)

    def _settle_listing(self, settled: Settled, place: Place | None) -> None:
        due, outcome = settled.due, settled.outcome
        if settled.ending == "moved" and settled.hop:
            # A feed or sitemap may be served by somebody else; a page elsewhere is not the source's.
            if due.kind == "section" and not self._sites[due.source_id].owns(settled.hop.url):
                self.tally.listing_failed(settled, _off_site(settled.hop))
            else:
                self._add(self._state.known(settled.hop))
        elif settled.ending in ("fetched", "not_modified"):
            assert place is not None
            assert outcome is not None
            if settled.ending == "fetched" and not self._read(due, outcome):
                return
            self._state.visit(_visit(settled, place))
            self.tally.count(due.source_id, "listings")
        else:
            reason = settled.reason
            if settled.ending == "refused":
                reason = f"robots.txt says {settled.reason}"
            self.tally.listing_failed(settled, reason)

    def _read(self, due: Due, outcome: Outcome) -> bool:
        """Offer what a listing announces; False where it cannot be read."""
        found = found_in(
            due.kind,
            outcome.body,
            due.url,
            outcome.header("Content-Type"),
            self._sites[due.source_id],
            depth=due.depth,
            oldest=self._oldest,
        )
        if isinstance(found, Unreadable):
            settled = Settled(due, "failed", found.reason, outcome)
            self.tally.listing_failed(settled, f"is no {due.kind}: {found.reason}")
            return False
        now = self._clock()
        for one in found:
            self._offer(one, due.source_id, now)
        return True

    def _settle_robots(self, settled: Settled) -> None:
        """Keep a good copy, and look at the sitemaps that it names."""
        origin = settled.due.url.removesuffix("/robots.txt")
        host = host_of(settled.due.url)
        now = self._clock()
        outcome = settled.outcome
        if settled.ending == "fetched" and outcome is not None:
            copy = RobotsCopy(
                body=outcome.body,
                read_at=now,
                etag=outcome.header("ETag"),
                last_modified=outcome.header("Last-Modified"),
                captured_at=warc_date(outcome.started_at),
            )
            self._state.keep_robots(origin, host, copy)
        elif settled.ending == "not_modified":
            self._state.confirm_robots(origin, now)
        for source_id in self._at_host.get(host, ()):
            for url in settled.sitemaps:
                own = self._sites[source_id].own(url, origin + "/")
                if own:
                    self._offer(Found(own, "sitemap"), source_id, now)

    # ------------------------------------------------------------------------------------- queue

    def _offer(self, found: Found, source_id: str, now: float) -> None:
        """Queue what was found, where it is due."""
        if not is_listing(found.kind):
            due = Due(found.url, "article", source_id, date=found.date)
            wanted = self._state.announce(due, found.announced, now)
            if wanted:
                self._add_article(wanted)
            return
        if found.url in self._listings:
            return
        if found.kind == "sitemap":
            if self._sitemaps.get(source_id, 0) >= MAX_SITEMAPS:
                return
            self._sitemaps[source_id] = self._sitemaps.get(source_id, 0) + 1
        self._listings.add(found.url)
        listing = Due(found.url, found.kind, source_id, date=found.date, depth=found.depth)
        self._add(self._state.known(listing))

    def _add_article(self, due: Due) -> None:
        if self._add(due):
            self._state.lease(due.url)

    def _add(self, due: Due) -> bool:
        host = host_of(due.url)
        if not self._frontier.knows(host):
            put_off = self._state.put_off(host, self._clock())
            self._frontier.meet(host, self._state.robots_copies(host), put_off)
        return self._frontier.add(due)


def _visit(settled: Settled, place: Place) -> Visit:
    """The response as the state takes it."""
    outcome = settled.outcome
    assert outcome is not None
    unchanged = settled.ending == "not_modified"
    return Visit(
        url=settled.due.url,
        kind=settled.due.kind,
        source_id=settled.due.source_id,
        at=outcome.started_at,
        status=outcome.status,
        etag=outcome.header("ETag"),
        last_modified=outcome.header("Last-Modified"),
        captured_at=warc_date(outcome.started_at),
        sha256="" if unchanged else hashlib.sha256(outcome.body).hexdigest(),
        place=place,
    )


def _off_site(hop: Due) -> str:
    return f"redirects off the site, to {hop.url}"
