"""The clock of one host: when the next request to it may start.

In: what was started, what came of it, and the time as a number. Out: a time. A gap from start to
start, longer while the host is slower than usual, holds for Retry-After and after failures, and a circuit
breaker. What to ask for is the
frontier's concern; nothing here reads a clock.
"""

import email.utils
import math
import re
from datetime import UTC, datetime

from crawler.tempo import Tempo

FLOOR = 0.5
"""Seconds: no configuration makes the gap shorter, unless the host is in an allowed network."""

BREAKER = 5
"""So many failures, or refusals, in a row, and the host is left for the rest of the run."""

TIME_OUTS = 3
"""The same of time-outs, each of which takes up to a minute."""

BREAKER_SECONDS = 3_600.0
"""So long a later run begins with one try at a host that the breaker was opened for."""

IN_A_ROW = " in a row"
"""How the note on such a host ends."""

_LONGEST_BACK_OFF = 60.0
# Slowness makes no gap longer than this; a host that wants more has Crawl-delay and Retry-After.
_LONGEST_SLOW_GAP = 30.0
# RFC 6585 leaves the pause after a bare 429 to the client; Media Cloud's crawler takes 30 s as well.
_BARE_PAUSE_GAPS = 15


class HostClock:
    """When a host may be asked again; never more than `per_host` requests in flight.

    `delay` is seconds between the starts of two requests, `FLOOR` at least unless lifted.
    """

    def __init__(self, *, delay: float, per_host: int) -> None:
        self.per_host = per_host
        self.in_flight = 0
        self.failures = 0
        self.refusals = 0
        self.time_outs = 0
        self._on_trial = False
        self.tempo = Tempo()
        self._unsent = 0
        self._delay = delay
        self._floor = FLOOR
        self._last_start = -math.inf
        self._start_before = -math.inf
        self._hold = -math.inf

    @property
    def gap(self) -> float:
        """Seconds from one start to the next."""
        return self._slowed(max(self._delay, self._floor))

    @property
    def delay(self) -> float:
        """The same, as far as settings and host asked for it: without the floor."""
        return self._slowed(self._delay)

    def _slowed(self, usual: float) -> float:
        return max(usual, min(usual * self.tempo.factor, _LONGEST_SLOW_GAP))

    def lift_floor(self, *, lifted: bool) -> None:
        """Whether the host is in a network whose owner may set any delay."""
        self._floor = 0.0 if lifted else FLOOR

    def widen(self, delay: float) -> None:
        """Keep at least this delay from now on, counted from the last start."""
        self._delay = max(self._delay, delay)

    def ready_at(self) -> float:
        """The earliest start of the next request; infinite while that is not known.

        It is not while all slots are taken, or while a request is not yet on its way: the gap counts
        from then (see `ended`).
        """
        if self.in_flight >= self.per_host or self._unsent:
            return math.inf
        return self.next_start

    @property
    def next_start(self) -> float:
        """The earliest start of the next request, whoever makes it."""
        return max(self._last_start + self.gap, self._hold)

    def started(self, now: float) -> None:
        """A request starts now and takes a slot."""
        self.in_flight += 1
        self._unsent += 1
        self._start_before, self._last_start = self._last_start, now

    def sent(self, at: float) -> None:
        """A request is on its way since then."""
        self._unsent -= 1
        self._last_start = max(self._last_start, at)

    def ended(self, sent_at: float, *, told: bool = False) -> None:
        """A request gives its slot back; `told` where `sent` was called for it.

        The gap counts from when it was on its way: connecting takes time, and it is the host's log
        that has to show the gap.
        """
        self.in_flight -= 1
        if not told:
            self._unsent -= 1
        self._last_start = max(self._last_start, sent_at)

    def ended_unsent(self) -> None:
        """A request ended before there was anybody to ask: the gap counts from the one before."""
        self.in_flight -= 1
        self._unsent -= 1
        self._last_start = self._start_before

    @property
    def last_start(self) -> float:
        """When the last request was on its way; infinite while that is not known."""
        return math.inf if self._unsent else self._last_start

    def try_again(self) -> None:
        """Go on from an earlier run in which the breaker opened: one failure opens it again."""
        self._on_trial = True

    def succeeded(self, *, proven: bool = True) -> None:
        """The host answered as a host should; `proven` where that tells that the breaker may close."""
        self._on_trial = self._on_trial and not proven
        self.failures = 0
        self.time_outs = 0
        self.refusals = 0

    def refused(self) -> None:
        """The host is well, and does not want us (401, 403, 451)."""
        self.failures = 0
        self.time_outs = 0
        self.refusals += 1

    def failed(self, now: float, *, in_time: bool = True) -> None:
        """The host failed: wait twice as long as the last time, a minute at most."""
        self.failures += 1
        self.time_outs = 0 if in_time else self.time_outs + 1
        self.hold(now + min(self.gap * 2**self.failures, max(_LONGEST_BACK_OFF, self.gap)))

    def hold(self, until: float) -> None:
        """Start nothing before `until`."""
        self._hold = max(self._hold, until)

    def remember(self, until: float) -> None:
        """Go on from an earlier run, after which nothing was to start before `until`."""
        self._last_start = max(self._last_start, until - self.gap)
        self.hold(until)

    def bare_pause(self) -> float:
        """Seconds to wait after a 429 or 503 that names no time: 30 at the default delay."""
        return min(self.gap * _BARE_PAUSE_GAPS, _LONGEST_BACK_OFF)

    @property
    def broken(self) -> str:
        """Why the breaker has opened; "" while it has not."""
        for count, most, what in (
            (self.time_outs, TIME_OUTS, "time-outs"),
            (self.failures, BREAKER, "failures"),
            (self.refusals, BREAKER, "refusals"),
        ):
            if count >= (1 if self._on_trial else most):
                return f"{count} {what}{IN_A_ROW}"
        return ""


def retry_after(value: str, now: float, date: str = "") -> float | None:
    """The seconds a Retry-After header asks for; None where it holds neither number nor date.

    RFC 9110, 10.2.3: whole seconds or an HTTP date. Servers write fractions, quotes, units of seconds and ISO
    dates as well, and mean them. `date` is the answer's Date header: by the clock of a server that is
    slow, what it asks for may be over by ours.
    """
    text = value.strip().strip("\"'")
    if seconds := _SECONDS.fullmatch(text):
        return float(seconds[1][:18])
    until, sent = _unix(text), _unix(date)
    if until is None:
        return None
    return max(0.0, until - now if until > now or sent is None else until - sent)


_SECONDS = re.compile(r"(\d+(?:\.\d+)?)\s*(?:s|secs?|seconds?)?", re.IGNORECASE | re.ASCII)


def _unix(date: str) -> float | None:
    """An HTTP date, or one of ISO 8601, in unix seconds; None where it is neither."""
    for read in (email.utils.parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(date)
            return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
        except (ValueError, TypeError, OverflowError):
            continue
    return None
