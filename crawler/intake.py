"""What becomes of a URL that ended: into the state, into the counts, and what it announced into the queue.

In: `Settled`s from the frontier, with the place of their response in the archive. Out: the state
further on, the frontier's queue fuller. Nothing is asked twice in a run: who comes late to a listing reads
the copy that was archived. It archives nothing and commits nothing.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import msgspec

from crawler.discovery import Listing, Site, found_in, read_listing
from crawler.endings import Ending, Settled
from crawler.feeds import Unreadable
from crawler.frontier import Frontier
from crawler.lanes import lane_of
from crawler.likeness import NOTHING_LEARNED
from crawler.links import facet_of
from crawler.manners import allowance_of
from crawler.recorder import warc_date
from crawler.records import CrawlSettings, Due, Outcome, Place, Record, Source
from crawler.related import relate
from crawler.repeats import Repeats, visit_of
from crawler.sitefiles import SiteFiles
from crawler.state import State
from crawler.tally import Tally, is_listing
from crawler.urls import UrlRules, canonical_url

MAX_SITEMAPS = 30
"""Sitemaps read for one source in one run, indexes and their children together."""

MAX_OLD_SITEMAPS = 300
"""The same where old stories are wanted."""

# Bytes: feedparser takes up to 16 ms for a kilobyte of a malformed feed.
_LONG_LISTING = 20_000
_PERMANENT = (301, 308)
_NO_STORY = ("not_html", "soft_404", "consent")
# Seconds: what is listed without a date counts as a day old, so that it does not push out dated news; as half
# a day old where the listing did not have it before. The further down a list, the older.
_UNDATED_AGE = 86_400.0
_UNDATED_NEWS_AGE = 43_200.0
_STEP = 0.001


class _Ended(Record):
    """How a listing ended in this run, for who comes late to it; `place` is its archived response."""

    due: Due
    ending: Ending
    reason: str = ""
    hop: Due | None = None
    content_type: str = ""
    place: Place | None = None


class Intake:
    """Takes in what ended in one run. `clock` gives unix seconds, `read_again` an archived body.

    With `since` (unix seconds) stories from then on are wanted, however old: sitemaps are read anew,
    also where they are unchanged since a run that did not want them.
    """

    def __init__(
        self,
        sources: tuple[Source, ...],
        settings: CrawlSettings,
        urls: UrlRules,
        frontier: Frontier,
        state: State,
        clock: Callable[[], float],
        read_again: Callable[[Place], bytes] = lambda _: b"",
        since: float | None = None,
    ) -> None:
        self._since = since
        self._read_again = read_again
        self._sources = sources
        self._limits = {one.id: allowance_of(one, settings).max_pages for one in sources}
        self._frontier = frontier
        self._urls = urls
        self._state = state
        self._clock = clock
        self._sites = {source.id: Site(source, urls) for source in sources}
        self._at_host: dict[str, list[str]] = {}
        self._read_before: dict[str, Listing] = {}
        self._headlines: dict[str, str] = {}
        self._asked: set[tuple[str, str]] = set()
        self._waiting: dict[str, list[str]] = {}
        self._ended: dict[str, _Ended] = {}
        self._files = SiteFiles(frontier, state, clock)
        self._tdm = settings.tdm != "off"
        self._to_ask: list[Due] = []
        self._late: list[tuple[str, str]] = []
        self._unread: Counter[str] = Counter()
        self._sitemaps: Counter[str] = Counter()
        self._began = clock()
        self._oldest = self._began - settings.max_age_days * 86_400.0 if since is None else since
        self.tally = Tally(sources)
        self._repeats = Repeats(state, self.tally, read_again)

    def begin(self) -> None:
        """Queue every source's listings; its articles follow once these are read."""
        now = self._clock()
        self._repeats.begin(now)
        for host, held in self._state.held_hosts(now).items():
            self._frontier.meet(host, self._state.robots_copies(host), held, now)
        for source in self._sources:
            for seed in self._sites[source.id].seeds:
                self._at_host.setdefault(lane_of(seed.url), []).append(source.id)
                self._offer_listing(Due(seed.url, seed.kind, source.id))
        self.settle_all()

    async def read_ahead(self, outcome: Outcome) -> None:
        """Read a long listing in a thread: a hostile one takes seconds, which are nobody else's."""
        due = outcome.fetch.due
        failed = outcome.fault not in ("", "too_large") or not 200 <= outcome.status < 300
        if failed or len(outcome.body) < _LONG_LISTING:
            return
        content_type = outcome.header("Content-Type")
        with suppress(Exception):  # what it raises, `found_in` meets again
            listing = await asyncio.to_thread(
                read_listing, due.kind, outcome.body, due.url, content_type
            )
            if listing is not None:
                self._read_before[due.url] = listing

    def settle_all(self, outcome: Outcome | None = None, place: Place | None = None) -> None:
        """Do for each URL that ended what its end asks for; that may add URLs, and end them."""
        self._ask_all()
        while ended := self._frontier.drain():
            for settled in ended:
                own = place if settled.outcome is outcome else None
                if settled.due.kind == "robots":
                    self._settle_robots(settled)
                elif is_listing(settled.due.kind):
                    self._settle_listing(settled, own)
                elif settled.due.kind == "other":
                    for hop in self._files.take_tdmrep(settled):
                        self._add(hop)
                else:
                    self._settle_article(settled, own)
                    for waited in self._repeats.ended(settled.due.url):
                        self._add_article(waited)
            self._ask_all()

    def ask_waiting(self) -> bool:
        """Once nothing else is to be asked for: queue what waited for that; whether anything did."""
        waited = self._repeats.decided(self._clock())
        for due in waited:
            self._add_article(due)
        return bool(waited)

    def _settle_article(self, settled: Settled, place: Place | None) -> None:
        due, now = settled.due, self._clock()
        status = settled.outcome.status if settled.outcome else 0
        match settled.ending:
            case "fetched" | "not_modified":
                assert place is not None
                self._repeats.take(settled, place)
                if settled.outcome is not None and settled.ending == "fetched":
                    page = settled.outcome.page
                    self._state.learn_page(due.url, page, now)
                    if page.label in _NO_STORY:
                        self.tally.count(due.source_id, "no_story")
                    site = self._sites[due.source_id]
                    for other in relate(due, page, site, self._state, self._headlines, now):
                        self._add_article(other)
                return
            case "moved":
                assert settled.hop is not None
                if status in _PERMANENT and self._sites[due.source_id].owns(settled.hop.url):
                    self._state.moved(due, status, now)
                else:
                    self._state.led_elsewhere(due, status, now)
                self._follow(due, settled.hop, now)
            case "gone":
                self._state.gone(due, status, now)
                self._state.disown(due.url, now)
            case "failed":
                self._state.failed(due, status, now)
                self.tally.note_failure(due.url, settled.reason)
            case "shut":
                self._state.shut(due, status, now)
                self.tally.note_failure(due.url, settled.reason)
                self.tally.count(due.source_id, "failed")
                return
            case "refused":
                self._state.refused(due.url, now)
            case "put_off" | "over_budget":
                self._state.release(due.url)
        self.tally.count(due.source_id, settled.ending)

    def _follow(self, due: Due, hop: Due, now: float) -> None:
        """Queue the page that a redirect leads to, where it is the source's own, wanted and due."""
        site = self._sites[due.source_id]
        if not site.owns(hop.url):
            self.tally.note_failure(due.url, _off_site(hop))
            return
        if site.lists(hop.url):
            self.tally.note_failure(
                due.url, f"is gone: redirects to {hop.url}, which lists stories"
            )
            return
        if not site.wants(hop.url):
            self.tally.note_failure(due.url, f"redirects to {hop.url}, which is not wanted")
            return
        self._state.learn_hop(due.url, hop.url, now)
        wanted = self._state.announce(hop, 0.0, now)
        if wanted:
            self._add_article(wanted)

    # ---------------------------------------------------------------------------------- listings

    def _settle_listing(self, settled: Settled, place: Place | None) -> None:
        """Do what a listing's end asks for, for each source that waits for it."""
        due, outcome = settled.due, settled.outcome
        readers = self._waiting.pop(due.url)
        reason = settled.reason
        if settled.ending == "refused":
            reason = f"robots.txt says {reason}"
        content_type = outcome.header("Content-Type") if outcome else ""
        ended = _Ended(due, settled.ending, reason, settled.hop, content_type, place)
        self._ended[due.url] = ended
        if settled.ending in ("shut", "gone"):
            self._state.shut(due, outcome.status if outcome else 0, self._clock())
        if settled.ending == "fetched":
            self._take_listing(settled, place, readers)
        else:
            if settled.ending == "not_modified":
                assert place is not None
                self._state.visit(visit_of(settled, place))
            for source_id in readers:
                self._tell_end(ended, source_id)
        for source_id in readers:
            self._unread[source_id] -= 1
            if not self._unread[source_id]:
                self._queue_articles(source_id)

    def _tell_end(self, ended: "_Ended", source_id: str) -> None:
        """Do for one source what the end of a listing asks for."""
        due, known = ended.due, self._state.readers(ended.due.url)
        if ended.hop:
            self._follow_listing(due, ended.hop, source_id)
        elif ended.ending == "not_modified" and source_id in known:
            self.tally.count(source_id, "listings")
            for named in self._state.named(due.url, source_id):
                if not named.date or named.date >= self._oldest:
                    self._offer_listing(named)
        elif ended.ending == "not_modified":
            # Asked with the validators of others: the next run asks without (see `State.listing`).
            self.tally.listing_failed(
                source_id, due.url, "is unchanged; to be read by the next run"
            )
        elif ended.ending == "fetched":
            body = self._read_again(ended.place) if ended.place else b""
            if self._read(due, body, ended.content_type, source_id):
                self.tally.count(source_id, "listings")
                self._state.read_by(due.url, known.union((source_id,)))
        else:
            self.tally.listing_failed(source_id, due.url, ended.reason)

    def _follow_listing(self, due: Due, hop: Due, source_id: str) -> None:
        # A feed or sitemap may be served by somebody else; a page elsewhere is not the source's.
        if hop.kind == "section" and not self._sites[source_id].owns(hop.url):
            self.tally.listing_failed(source_id, due.url, _off_site(hop))
        else:
            self._ask(msgspec.structs.replace(hop, source_id=source_id))

    def _take_listing(self, settled: Settled, place: Place | None, readers: list[str]) -> None:
        """Read a listing that came, and remember its validators where it could be read."""
        assert place is not None
        assert settled.outcome is not None
        due, outcome = settled.due, settled.outcome
        content_type = outcome.header("Content-Type")
        listing = self._read_before.pop(due.url, None)
        done = [one for one in readers if self._read(due, outcome.body, content_type, one, listing)]
        for source_id in done:
            self.tally.count(source_id, "listings")
        if done:
            known = self._state.readers(due.url)
            same = self._state.visit(visit_of(settled, place)) == "unchanged"
            self._state.read_by(due.url, known.union(done) if same else done)
        elif outcome.truncated:
            self._state.shut(due, outcome.status, self._clock())

    def _read(
        self,
        due: Due,
        body: bytes,
        content_type: str,
        source_id: str,
        listing: Listing | None = None,
    ) -> bool:
        """Take what a listing announces of a source's own; False where it cannot be read."""
        found = found_in(
            due.kind,
            body,
            due.url,
            content_type,
            self._sites[source_id],
            depth=due.depth,
            oldest=self._oldest,
            listing=listing,
            learned=self._state.likeness(due.url) if due.kind == "section" else NOTHING_LEARNED,
        )
        if isinstance(found, Unreadable):
            self.tally.listing_failed(source_id, due.url, f"is no {due.kind}: {found.reason}")
            return False
        now = self._clock()
        self._state.learn_shapes((one.url for one in found if one.is_story), now, stories=True)
        was_read = source_id in self._state.readers(due.url)
        undated_age = _UNDATED_NEWS_AGE if was_read else _UNDATED_AGE
        named = []
        for n, one in enumerate(found):
            if is_listing(one.kind):
                named.append(Due(one.url, one.kind, source_id, date=one.date, depth=one.depth))
            elif due.kind != "section" or not self._is_facet(one.url):
                place = n * _STEP if not one.date or due.kind == "section" else 0.0
                date = (one.date or self._began - undated_age) - place
                self._state.announce(Due(one.url, "article", source_id, date), one.announced, now)
        self._state.names(due.url, source_id, named)
        for child in named:
            self._offer_listing(child)
        return True

    def _is_facet(self, url: str) -> bool:
        """Whether this is one more of many addresses of a story, which a section may go on with for ever."""
        start = facet_of(url)
        return bool(start) and self._state.has_many(start)

    def _settle_robots(self, settled: Settled) -> None:
        """Keep a good copy, and look at the sitemaps that it names."""
        self._files.keep_robots(settled)
        origin = settled.due.url.removesuffix("/robots.txt")
        for source_id in self._at_host.get(lane_of(settled.due.url), ()):
            for url in settled.sitemaps:
                # sitemaps.org, "Cross submits": robots.txt vouches for a sitemap on another host.
                address = canonical_url(url, self._urls, origin + "/")
                if isinstance(address, str):
                    self._offer_listing(Due(address, "sitemap", source_id))

    # ------------------------------------------------------------------------------------- queue

    def _offer_listing(self, listing: Due) -> None:
        """Queue a listing, within the bound on sitemaps."""
        if (listing.source_id, listing.url) in self._asked:
            return
        if listing.kind == "sitemap":
            most = MAX_SITEMAPS if self._since is None else MAX_OLD_SITEMAPS
            if self._sitemaps[listing.source_id] >= most:
                return
            self._sitemaps[listing.source_id] += 1
        self._ask(listing)

    def _ask(self, listing: Due) -> None:
        """Queue a listing for its source, or let the source have what is known or on its way."""
        source_id = listing.source_id
        if (source_id, listing.url) in self._asked:
            return
        self._asked.add((source_id, listing.url))
        self._unread[source_id] += 1
        if listing.url in self._ended or self._is_shut(listing):
            self._late.append((source_id, listing.url))
            return
        readers = self._waiting.setdefault(listing.url, [])
        readers.append(source_id)
        if len(readers) == 1:
            self._to_ask.append(listing)

    def _is_shut(self, listing: Due) -> bool:
        """Whether asking for this listing would only hear again what it heard."""
        until, status = self._state.shut_until(listing.url, self._clock())
        if until:
            was = f"status {status}" if status else "no listing"
            reason = f"was {was}; not asked again before {warc_date(until)}"
            self._ended[listing.url] = _Ended(listing, "shut", reason)
        return bool(until)

    def _ask_all(self) -> None:
        """Queue the listings that came up, now that all who want them are known."""
        while self._late or self._to_ask:
            late, self._late = self._late, []
            for source_id, url in late:
                self._tell_end(self._ended[url], source_id)
                self._unread[source_id] -= 1
                if not self._unread[source_id]:
                    self._queue_articles(source_id)
            listings, self._to_ask = self._to_ask, []
            for listing in listings:
                if self._since is not None and listing.kind == "sitemap":
                    self._add(listing)
                else:
                    self._add(self._state.listing(listing, self._waiting[listing.url]))

    def _queue_articles(self, source_id: str) -> None:
        """Queue what is due of a source whose listings are read, newest first: news before revisits."""
        now = self._clock()
        due = self._state.due_articles(source_id, now, self._limits[source_id])
        for one in self._repeats.first(due, now):
            self._add_article(one)

    def _add_article(self, due: Due) -> None:
        for one in self._files.want_tdmrep(due) if self._tdm else ():
            self._add(one)
        if self._add(due):
            self._state.lease(due.url)

    def _add(self, due: Due) -> bool:
        host = lane_of(due.url)
        if not self._frontier.knows(host):
            copies = self._state.robots_copies(host)
            self._frontier.meet(host, copies, None, self._clock())
        return self._frontier.add(due)


def _off_site(hop: Due) -> str:
    return f"redirects off the site, to {hop.url}"
