"""The clock of one host: when the next request to it may start.

In: what was started, what came of it, and the time as a number. Out: a time. A gap from start to
start, holds for Retry-After and after failures, and a circuit breaker. What to ask for is the
frontier's concern; nothing here reads a clock.
"""

import email.utils
import math
import re
from datetime import UTC

FLOOR = 0.5
"""Seconds: no configuration makes the gap shorter, unless the host is in an allowed network."""

BREAKER = 5
"""So many failures in a row, and the host is left for the rest of the run."""

_LONGEST_BACK_OFF = 60.0
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
        self._delay = delay
        self._floor = FLOOR
        self._last_start = -math.inf
        self._hold = -math.inf

    @property
    def gap(self) -> float:
        """Seconds from one start to the next."""
        return max(self._delay, self._floor)

    def lift_floor(self, *, lifted: bool) -> None:
        """Whether the host is in a network whose owner may set any delay."""
        self._floor = 0.0 if lifted else FLOOR

    def widen(self, delay: float) -> None:
        """Keep at least this delay from now on, counted from the last start."""
        self._delay = max(self._delay, delay)

    def ready_at(self) -> float:
        """The earliest start of the next request; infinite while all slots are taken."""
        if self.in_flight >= self.per_host:
            return math.inf
        return self.next_start

    @property
    def next_start(self) -> float:
        """The earliest start of the next request, whoever makes it."""
        return max(self._last_start + self.gap, self._hold)

    def started(self, now: float) -> None:
        """A request starts now and takes a slot."""
        self.in_flight += 1
        self._last_start = now

    def ended(self, sent_at: float) -> None:
        """A request gives its slot back.

        The gap counts from when it was on its way: connecting takes time, and it is the host's log
        that has to show the gap.
        """
        self.in_flight -= 1
        self._last_start = max(self._last_start, sent_at)

    def succeeded(self) -> None:
        """The host answered as a host should."""
        self.failures = 0

    def failed(self, now: float) -> None:
        """The host failed: wait twice as long as the last time, a minute at most."""
        self.failures += 1
        self.hold(now + min(self.gap * 2**self.failures, max(_LONGEST_BACK_OFF, self.gap)))

    def hold(self, until: float) -> None:
        """Start nothing before `until`."""
        self._hold = max(self._hold, until)

    def bare_pause(self) -> float:
        """Seconds to wait after a 429 or 503 that names no time: 30 at the default delay."""
        return min(self.gap * _BARE_PAUSE_GAPS, _LONGEST_BACK_OFF)

    @property
    def broken(self) -> bool:
        """Whether the breaker has opened."""
        return self.failures >= BREAKER


def retry_after(value: str, now: float) -> float | None:
    """The seconds a Retry-After header asks for; None where it holds neither number nor date."""
    text = value.strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text[:18])
    try:
        date = email.utils.parsedate_to_datetime(text)
        return max(0.0, date.replace(tzinfo=date.tzinfo or UTC).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None
