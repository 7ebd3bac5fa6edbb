"""One crawl: what is due is asked for, archived, read for what it announces, and remembered.

In: a `Config`. Out: a `CrawlReport`, and the data folder further on. What to ask for and when is
decided by `crawler.frontier`; here it is carried out, first into the archive, then into the state. The
caller holds the data folder's lock and writes the report down.
"""

import asyncio
import hashlib
import logging
import math
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import metadata

from crawler.addresses import AddressRules, address_rules
from crawler.config import Config, default_file, seconds
from crawler.discovery import Found, Site, found_in
from crawler.drive import Driver, SteadyClock
from crawler.endings import Settled
from crawler.errors import ConfigError, DiskFull
from crawler.feeds import Unreadable
from crawler.fetch import Fetcher, agent_line
from crawler.frontier import Allowance, Frontier, Manners
from crawler.lanes import RobotsCopy
from crawler.recorder import Recorder, warc_date
from crawler.records import (
    CrawlProgress,
    CrawlReport,
    CrawlSettings,
    Due,
    Outcome,
    Place,
    Source,
    StopReason,
)
from crawler.resume import resume
from crawler.state import State, Visit
from crawler.tally import Tally, is_listing
from crawler.urls import UrlRules, host_of, load_url_rules

MAX_SITEMAPS = 30
"""Sitemaps read for one source in one run, indexes and their children together."""

_PLACEHOLDER = "you@example.org"
_COMMIT_SECONDS = 1.0
_COMMIT_OUTCOMES = 200
_SIGNALS: dict[int, StopReason] = {signal.SIGTERM: "SIGTERM", signal.SIGINT: "SIGINT"}

_log = logging.getLogger(__name__)


def crawl(
    config: Config,
    *,
    run_id: str,
    max_runtime: float | None = None,
    max_pages: int | None = None,
    progress: Callable[[CrawlProgress], None] = lambda _: None,
) -> CrawlReport:
    """Ask for everything that is due, within the limits (seconds, articles), and report.

    Stops on SIGTERM and SIGINT with the state saved, and on a full disk (the report says so). Raises
    `ConfigError` where no contact is given, `DamagedArchive` where the state cannot be read.
    """
    settings = config.crawl
    check_contact(settings, config.path.name)
    addresses = address_rules(settings, config.path.name)
    if max_runtime is None and settings.max_runtime:
        max_runtime = seconds(settings.max_runtime, config.path.name)
    clock = SteadyClock()
    now = clock()
    manners = manners_of(settings, now + (max_runtime or math.inf), max_pages or math.inf)
    revisit = tuple(seconds(step, config.path.name) for step in settings.revisit)
    state = State(config.data / "state.sqlite", revisit)
    try:
        resume(config.data, state)
        state.begin_run(run_id, now)
        run = _Run(config, state, manners, run_id, clock, progress)
        return asyncio.run(run.run(addresses))
    finally:
        state.close()


def check_contact(settings: CrawlSettings, where: str) -> None:
    """Raise a `ConfigError` unless an operator could write to somebody."""
    if settings.contact.strip() in ("", _PLACEHOLDER):
        told = "is the example's" if settings.contact.strip() else "is missing"
        raise ConfigError(
            f"{where}: [crawl] contact {told}; write your own address, e.g."
            ' contact = "name@your-university.edu", so that a site\'s operator can reach you'
        )


def manners_of(settings: CrawlSettings, deadline: float, max_pages: float) -> Manners:
    """The settings as the frontier takes them."""
    return Manners(
        user_agent=settings.user_agent,
        delay=settings.delay,
        per_host=settings.per_host,
        concurrency=settings.concurrency,
        max_crawl_delay=settings.max_crawl_delay,
        max_retry_after=settings.max_retry_after,
        deadline=deadline,
        max_pages=max_pages,
    )


def allowance_of(source: Source, settings: CrawlSettings) -> Allowance:
    """What this source may take of a run."""
    pages = settings.max_pages_per_source if source.max_pages is None else source.max_pages
    return Allowance(max_pages=pages, delay=source.delay or 0.0)


def url_rules() -> UrlRules:
    """The rules of `configs/urls.toml`."""
    return load_url_rules(default_file("urls.toml").read_text(encoding="utf-8"), "urls.toml")


def our_agent(settings: CrawlSettings) -> str:
    """The User-Agent header of this program's version."""
    try:
        version = metadata.version("wirecorpus")
    except metadata.PackageNotFoundError:
        version = "0.1"
    return agent_line(settings, ".".join(version.split(".")[:2]))


class _Run:
    """A crawl under way: the frontier, and where its outcomes go."""

    def __init__(
        self,
        config: Config,
        state: State,
        manners: Manners,
        run_id: str,
        clock: SteadyClock,
        progress: Callable[[CrawlProgress], None],
    ) -> None:
        settings = config.crawl
        self._config = config
        self._state = state
        self._run_id = run_id
        self._clock = clock
        self._progress = progress
        self._started = clock()
        self._urls = url_rules()
        self._agent = our_agent(settings)
        self._frontier = Frontier(
            manners, self._urls, {s.id: allowance_of(s, settings) for s in config.sources}
        )
        self._recorder = Recorder(
            config.data,
            run_id,
            warc_date(self._started)[:10],
            settings.max_warc_bytes,
            {
                "software": self._agent.split(" ")[0],
                "format": "WARC File Format 1.1",
                "conformsTo": "https://iipc.github.io/warc-specifications/specifications/"
                "warc-format/warc-1.1/",
                "robots": "obey",
                "http-header-user-agent": self._agent,
                "http-header-from": settings.contact,
                "isPartOf": run_id,
            },
            self._before_file,
        )
        self._sites = {source.id: Site(source, self._urls) for source in config.sources}
        self._at_host: dict[str, list[str]] = {}
        self._listings: set[str] = set()
        self._sitemaps: dict[str, int] = {}
        self._tally = Tally(config.sources)
        self._oldest = self._started - settings.max_age_days * 86_400.0
        self._requests = 0
        self._bytes = 0
        self._uncommitted = 0
        self._committed_at = self._started
        self._stopped: StopReason = ""

    async def run(self, addresses: AddressRules) -> CrawlReport:
        """Crawl to the end."""
        fetcher = Fetcher(self._config.crawl, addresses, self._agent, self._clock)
        driver = Driver(self._frontier, fetcher.fetch, self._take, self._clock)
        try:
            with self._signals(driver):
                self._begin()
                done = await driver.run()
            if done.reason in ("max_runtime", "max_pages"):
                self._stopped = done.reason
            self._settle_all()
            self._commit()
        except DiskFull as full:
            _log.error("%s", full)
            self._stopped = "disk_full"
        finally:
            await fetcher.close()
        return self._end()

    # ------------------------------------------------------------------------------------- start

    def _begin(self) -> None:
        """Queue every source's listings, and what of its articles is due."""
        now = self._clock()
        for source in self._config.sources:
            site = self._sites[source.id]
            for seed in site.seeds:
                self._at_host.setdefault(host_of(seed.url), []).append(source.id)
                self._offer(seed, source.id, now)
            limit = allowance_of(source, self._config.crawl).max_pages
            for due in self._state.due_articles(source.id, now, limit):
                self._add_article(due)
        self._settle_all()

    def _before_file(self, name: str) -> None:
        """Have the state know of a WARC file before it exists: `resume` looks after those it knows."""
        self._state.taken(name, 0)
        self._state.commit()

    @contextmanager
    def _signals(self, driver: Driver) -> Iterator[None]:
        """Let SIGTERM and SIGINT end the run in order."""
        loop = asyncio.get_running_loop()

        def stop(number: int) -> None:
            self._stopped = self._stopped or _SIGNALS[number]
            driver.stop()

        before = {number: signal.getsignal(number) for number in _SIGNALS}
        # Only the main thread may set handlers; elsewhere the caller sees to signals.
        with suppress(ValueError, RuntimeError):
            for number in _SIGNALS:
                loop.add_signal_handler(number, stop, number)
        try:
            yield
        finally:
            for number, handler in before.items():
                if loop.remove_signal_handler(number):
                    signal.signal(number, handler)

    # ---------------------------------------------------------------------------------- outcomes

    def _take(self, outcome: Outcome) -> None:
        """First the archive, then the frontier, then the state."""
        self._requests += 1
        self._bytes += len(outcome.raw)
        place = None
        if outcome.status and outcome.fault in ("", "too_large", "wrong_type"):
            place = self._recorder.write(outcome)
        self._frontier.record(outcome, self._clock())
        self._settle_all(outcome, place)
        self._uncommitted += 1
        overdue = self._clock() - self._committed_at >= _COMMIT_SECONDS
        if overdue or self._uncommitted >= _COMMIT_OUTCOMES:
            self._commit()
            self._show(outcome.fetch.due.url)

    def _commit(self) -> None:
        """Make the archive durable, then the state that names places in it."""
        self._recorder.flush()
        for name, size in self._recorder.sizes.items():
            self._state.taken(name, size)
        self._state.commit()
        self._uncommitted = 0
        self._committed_at = self._clock()

    def _show(self, url: str) -> None:
        self._progress(
            CrawlProgress(
                requests=self._requests,
                in_flight=self._frontier.in_flight,
                queued=self._frontier.queued,
                articles=self._tally.articles(),
                url=url,
            )
        )

    def _settle_all(self, outcome: Outcome | None = None, place: Place | None = None) -> None:
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
                self._tally.count(due.source_id, self._state.visit(_visit(settled, place)))
                return
            case "moved":
                assert settled.hop is not None
                self._state.moved(due, status, now)
                hop = self._state.announce(settled.hop, 0.0, now)
                if hop:
                    self._add_article(hop)
            case "gone":
                self._state.gone(due, status, now)
            case "failed":
                self._state.failed(due, status, now)
                self._tally.note_failure(due.url, settled.reason)
            case "refused":
                self._state.refused(due.url, now)
            case "put_off" | "over_budget":
                self._state.release(due.url)
        self._tally.count(due.source_id, settled.ending)

    def _settle_listing(self, settled: Settled, place: Place | None) -> None:
        due, outcome = settled.due, settled.outcome
        if settled.ending == "moved" and settled.hop:
            self._add(self._state.known(settled.hop))
        elif settled.ending in ("fetched", "not_modified"):
            assert place is not None
            assert outcome is not None
            if settled.ending == "fetched" and not self._read(due, outcome):
                return
            self._state.visit(_visit(settled, place))
            self._tally.count(due.source_id, "listings")
        else:
            reason = settled.reason
            if settled.ending == "refused":
                reason = f"robots.txt says {settled.reason}"
            self._tally.listing_failed(settled, reason)

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
            self._tally.listing_failed(settled, f"is no {due.kind}: {found.reason}")
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

    # --------------------------------------------------------------------------------------- end

    def _end(self) -> CrawlReport:
        """Close the books, as far as the disk lets us, and report."""
        now = self._clock()
        stopped = self._stopped
        try:
            self._recorder.close()
            for note in self._frontier.notes:
                if note.until > now:
                    self._state.put_off_until(note)
            self._state.end_run(self._run_id, now, stopped)
            for name, size in self._recorder.sizes.items():
                self._state.taken(name, size, sealed=True)
            self._state.commit()
        except DiskFull as full:
            _log.error("%s", full)
            stopped = "disk_full"
        return CrawlReport(
            run_id=self._run_id,
            started_at=warc_date(self._started),
            ended_at=warc_date(now),
            stopped=stopped,
            requests=self._requests,
            bytes=self._bytes,
            sources=self._tally.outcomes(),
            hosts=self._frontier.notes,
            failures=tuple(self._tally.failures),
            warc_files=self._recorder.files,
        )


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
