"""What an outcome says of its host: that it is well, tired, or wants to be left alone.

In: a lane, an outcome and the time. Out: the lane's clock set by it, and a `Judged` with what the frontier
has to do or to tell besides.
"""

from crawler.endings import blames_host, refuses_us
from crawler.lanes import Lane
from crawler.politeness import retry_after
from crawler.records import Outcome, Record

_LONGEST_PUT_OFF = 30 * 86_400.0
_ABOUT_THE_PAGE = (304, 404, 410)
# Bytes: how long a longer body takes says little of how the host feels.
_LONG_BODY = 1_000_000


class Judged(Record):
    """`too_long` is until when a host asked to be left alone, if that is too long to wait for.

    `slow` are words for a host that has slowed down, the first time that it shows.
    """

    too_long: float = 0.0
    slow: str = ""


def judge(lane: Lane, outcome: Outcome, now: float, max_retry_after: float) -> Judged:
    """Let the outcome set the lane's clock."""
    asked = _pause_asked(outcome, now)
    if asked is not None or outcome.status in (429, 503):
        lane.plea = f"answers {outcome.status}"
        if asked is not None:
            lane.plea += f" with Retry-After {asked:.0f} s"
            if asked > max_retry_after:
                return Judged(too_long=now + min(asked, _LONGEST_PUT_OFF))
        lane.clock.hold(now + (lane.clock.bare_pause() if asked is None else asked))
    if blames_host(outcome):
        lane.clock.failed(now, in_time=outcome.fault != "timeout")
        return Judged()
    lane.plea = ""
    if not refuses_us(outcome):
        # Everybody may have robots.txt (RFC 9309 2.2.2), so it tells little of the rest.
        lane.clock.succeeded(proven=outcome.fetch.due.kind != "robots")
    elif outcome.fetch.due.kind != "robots":
        # A robots.txt that may not be read is none (RFC 9309 2.3.1.3), and no refusal.
        lane.clock.refused()
    return Judged(slow=_slowness(lane, outcome))


def _pause_asked(outcome: Outcome, now: float) -> float | None:
    """The longest pause that an answer which brings no page asks for, in seconds.

    RFC 9110 10.2.3 tells of 503 and of redirects, 15.5.14 of 413, RFC 6585 of 429; a gateway's 502 and a
    firewall's 403 mean it, too. On a page that is gone it is about that page.
    """
    if outcome.status < 300 or outcome.status in _ABOUT_THE_PAGE:
        return None
    date = outcome.header("Date")
    values = (value for name, value in outcome.headers if name.lower() == "retry-after")
    pauses = (retry_after(value, now, date) for value in values)
    return max((one for one in pauses if one is not None), default=None)


def _slowness(lane: Lane, outcome: Outcome) -> str:
    """Let the clock know how long the answer took; words for a host that has slowed down, once."""
    if outcome.fault or len(outcome.raw) > _LONG_BODY:
        return ""
    tempo = lane.clock.tempo
    tempo.answered(outcome.ended_at - (outcome.sent_at or outcome.started_at))
    if tempo.factor <= 1.0 or lane.slow_told:
        return ""
    lane.slow_told = True
    return (
        f"answers in {tempo.recent:.1f} s instead of {tempo.norm:.1f} s:"
        f" asked every {lane.clock.gap:.1f} s"
    )
