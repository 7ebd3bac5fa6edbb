"""One crawl: what is due is asked for, archived, read for what it announces, and remembered.

In: a `Config`. Out: a `CrawlReport`, and the data folder further on. What to ask for and when is
decided by `crawler.frontier`; here it is carried out, first into the archive, then into the state. The
caller holds the data folder's lock and writes the report down.
"""

import asyncio
import logging
import math
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import msgspec

from crawler.addresses import AddressRules, address_rules
from crawler.alerts import alerts_of
from crawler.archive import read_captures
from crawler.config import Config, seconds
from crawler.drive import Driver, SteadyClock
from crawler.errors import DiskFull
from crawler.fetch import Fetcher
from crawler.folder import too_full
from crawler.frontier import Frontier
from crawler.intake import Intake
from crawler.lanes import lane_of
from crawler.manners import agent_line, allowance_of, check_ready, manners_of, page_rules, url_rules
from crawler.network import LookUp
from crawler.pagefacts import page_facts
from crawler.recorder import Recorder, warc_date
from crawler.records import (
    Alert,
    Capture,
    CrawlProgress,
    CrawlReport,
    Fetch,
    HostNote,
    Outcome,
    Place,
    StopReason,
)
from crawler.resume import resume
from crawler.rights import reserved, signals_of_response
from crawler.starts import Starts
from crawler.state import State
from crawler.steps import Manners

_COMMIT_SECONDS = 1.0
_RHYTHM_SECONDS = 60 * 86_400.0
_COMMIT_OUTCOMES = 200
_SIGNALS: dict[int, StopReason] = {signal.SIGTERM: "SIGTERM", signal.SIGINT: "SIGINT"}

_ARCHIVED = ("", "too_large", "wrong_type", "bad_encoding")
"""Faults of an answer that came all the same."""

_log = logging.getLogger(__name__)


def crawl(
    config: Config,
    *,
    run_id: str,
    max_runtime: float | None = None,
    max_pages: int | None = None,
    since: float | None = None,
    progress: Callable[[CrawlProgress], None] = lambda _: None,
    look_up: LookUp | None = None,
) -> CrawlReport:
    """Ask for everything that is due, within the limits (seconds, articles), and report.

    `since` (unix seconds) has sitemaps read for older stories than `max_age_days` lets in; `look_up` stands
    in for the system's resolver.

    Stops on SIGTERM and SIGINT with the state saved, and on a full disk (the report says so). Raises
    `ConfigError` where no contact is given, `DamagedArchive` where the state cannot be read.
    """
    settings = config.crawl
    check_ready(config)
    addresses = address_rules(settings, config.path.name)
    if max_runtime is None and settings.max_runtime:
        max_runtime = seconds(settings.max_runtime, config.path.name)
    clock = SteadyClock()
    now = clock()
    limit = math.inf if max_runtime is None else max_runtime
    pages = math.inf if max_pages is None else max_pages
    manners = manners_of(settings, now + limit, pages)
    revisit = tuple(seconds(step, config.path.name) for step in settings.revisit)
    stretch = settings.revisit_unchanged == "stretch"
    state = State(config.data / "state.sqlite", revisit, stretch=stretch)
    try:
        resume(config.data, state)
        state.begin_run(run_id, now)
        with Starts(config.data) as starts:
            _take_in_starts(starts, state, now)
            run = _Run(config, state, starts, manners, run_id, clock, progress, since)
            return asyncio.run(run.run(addresses, look_up))
    finally:
        state.close()


def _take_in_starts(starts: Starts, state: State, now: float) -> None:
    """Leave the hosts alone that a dead run had just asked."""
    held = state.held_hosts(now)
    for host, until in starts.left().items():
        if until > now and not (host in held and held[host].until >= until):
            state.hold_host(HostNote(host, "", until))
    state.commit()
    starts.clear()


class _Run:
    """A crawl under way: the frontier, and where its outcomes go."""

    def __init__(
        self,
        config: Config,
        state: State,
        starts: Starts,
        manners: Manners,
        run_id: str,
        clock: SteadyClock,
        progress: Callable[[CrawlProgress], None],
        since: float | None,
    ) -> None:
        settings = config.crawl
        self._config = config
        self._state = state
        self._starts = starts
        self._run_id = run_id
        self._clock = clock
        self._progress = progress
        self._started = clock()
        urls = url_rules()
        self._page_rules = page_rules()
        self._agent = agent_line(settings)
        self._frontier = Frontier(
            manners, urls, {s.id: allowance_of(s, settings) for s in config.sources}
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
        self._intake = Intake(
            config.sources, settings, urls, self._frontier, state, clock, self._read_again, since
        )
        self._requests = 0
        self._bytes = 0
        self._uncommitted = 0
        self._committed_at = self._started
        self._stopped: StopReason = ""

    async def run(self, addresses: AddressRules, look_up: LookUp | None) -> CrawlReport:
        """Crawl to the end."""
        fetcher = Fetcher(
            self._config.crawl,
            addresses,
            self._agent,
            self._clock,
            sent=self._sent,
            look_up=look_up,
        )

        async def fetch(one: Fetch) -> Outcome:
            self._note_start(one)
            outcome = await fetcher.fetch(one)
            await self._intake.read_ahead(outcome)
            return outcome

        def take(outcome: Outcome) -> None:
            self._take(outcome)
            fetcher.taken(outcome)

        driver = self._driver = Driver(
            self._frontier, fetch, take, self._intake.settle_all, self._clock
        )
        try:
            with self._signals(driver):
                self._intake.begin()
                self._look_for_room()
                done = await driver.run()
                while not done.reason and self._intake.ask_waiting():
                    done = await driver.run()
            if done.reason in ("max_runtime", "max_pages"):
                self._stopped = done.reason
            self._intake.settle_all()
            self._commit()
            self._show("")
        except DiskFull as full:
            _log.error("%s", full)
            self._stopped = "disk_full"
        finally:
            await fetcher.close()
        return self._end()

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

    def _sent(self, fetch: Fetch, at: float) -> None:
        """Take that a request is on its way: the host's gap counts from here."""
        self._driver.sent(fetch, at)
        with suppress(DiskFull):  # the next start, or this answer, finds the same and ends the run
            self._note_start(fetch)

    def _note_start(self, fetch: Fetch) -> None:
        self._starts.note(fetch.host, self._frontier.next_start(fetch.host))

    def _take(self, outcome: Outcome) -> None:
        """First the archive, then the frontier, then the state."""
        self._requests += 1
        self._bytes += len(outcome.raw)
        place = None
        outcome = self._without_reserved(outcome)
        if outcome.status and outcome.fault in _ARCHIVED:
            outcome = self._with_facts(outcome)
            place = self._recorder.write(outcome)
        self._frontier.record(outcome, self._clock())
        self._intake.settle_all(outcome, place)
        self._uncommitted += 1
        # A pause that a host asked for must outlive us from here on, however we end.
        pleaded = outcome.status in (429, 503) or (
            outcome.status >= 300 and bool(outcome.header("Retry-After"))
        )
        overdue = pleaded or self._clock() - self._committed_at >= _COMMIT_SECONDS
        if overdue or self._uncommitted >= _COMMIT_OUTCOMES:
            self._commit()
            self._show(outcome.fetch.due.url)

    def _without_reserved(self, outcome: Outcome) -> Outcome:
        """The outcome; of an article that turns out to be reserved, nothing where that is obeyed."""
        if self._config.crawl.tdm != "skip" or outcome.fetch.due.kind != "article":
            return outcome
        signals = signals_of_response(outcome.fetch.signals, outcome.headers, outcome.body)
        reason = reserved(signals)
        if not reason:
            return outcome
        return msgspec.structs.replace(outcome, fault="reserved", detail=reason, raw=b"", body=b"")

    def _with_facts(self, outcome: Outcome) -> Outcome:
        """The outcome, and what an article's page says of itself."""
        if outcome.fetch.due.kind != "article" or not 200 <= outcome.status < 300:
            return outcome
        url = outcome.fetch.due.url
        facts = page_facts(outcome.body, outcome.headers, url, self._page_rules)
        return msgspec.structs.replace(outcome, page=facts)

    def _commit(self) -> None:
        """Make the archive durable, then the state that names places in it."""
        self._recorder.flush()
        for name, size in self._recorder.sizes.items():
            self._state.taken(name, size)
        self._keep_holds()
        self._state.commit()
        self._starts.clear()
        self._look_for_room()
        self._uncommitted = 0
        self._committed_at = self._clock()

    def _look_for_room(self) -> None:
        """Stop in order while there is room for what is in flight, rather than when there is none."""
        full = too_full(self._config.data, self._config.crawl.min_free_bytes)
        if full and not self._stopped:
            _log.error("%s", full)
            self._stopped = "disk_full"
            self._driver.stop()

    def _keep_holds(self) -> None:
        """Remember until when the hosts that were asked are to be left alone."""
        for hold in self._frontier.holds():
            self._state.hold_host(hold)

    def _show(self, url: str) -> None:
        self._progress(
            CrawlProgress(
                requests=self._requests,
                in_flight=self._frontier.in_flight,
                queued=self._frontier.queued,
                articles=self._intake.tally.articles(),
                url=url,
            )
        )

    def _read_again(self, place: Place) -> bytes:
        """The body of an archived response; b"" where the archive has it no more."""
        found = read_captures(self._config.data / place.file, place.file, place.offset)
        with suppress(OSError):
            capture = next(found, None)
            return capture.body if isinstance(capture, Capture) else b""
        return b""

    # --------------------------------------------------------------------------------------- end

    def _alerts(self, now: float) -> Iterator[Alert]:
        """What to look into; a run that was stopped has not seen enough to tell."""
        outcomes = self._intake.tally.outcomes() if not self._stopped else ()
        for source, outcome in zip(self._config.sources, outcomes, strict=False):
            seen = self._state.first_seen(source.id, now - _RHYTHM_SECONDS)
            listed = (source.home, *source.feeds, *source.sitemaps, *source.sections)
            hosts = {lane_of(url) for url in listed if url}
            notes = (note for note in self._frontier.notes if note.host in hosts)
            yield from alerts_of(outcome, seen, notes, now)

    def _end(self) -> CrawlReport:
        """Close the books, as far as the disk lets us, and report."""
        now = self._clock()
        stopped = self._stopped
        alerts: tuple[Alert, ...] = ()
        try:
            alerts = tuple(self._alerts(now))
            self._recorder.close()
            self._keep_holds()
            self._state.end_run(self._run_id, now, stopped)
            for name, size in self._recorder.sizes.items():
                self._state.taken(name, size, sealed=True)
            self._state.commit()
            self._starts.clear()
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
            sources=self._intake.tally.outcomes(),
            hosts=self._frontier.notes,
            alerts=alerts,
            failures=tuple(self._intake.tally.failures),
            warc_files=self._recorder.files,
        )
