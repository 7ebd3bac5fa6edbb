"""What a person should look into after a crawl, though nothing broke.

In: what a run did for a source, and when its stories were first seen in earlier runs. Out: `Alert`s. A
source is measured by its own rhythm: some publish every minute, some twice a week.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from crawler.records import Alert, HostNote, SourceOutcome

_QUIET_TIMES = 3.0
_LEAST_GAPS = 10
_LEAST_QUIET = 6 * 3_600.0
_SAME_MOMENT = 60.0
# A page or two that robots.txt refuses is what robots.txt is for.
_MANY_REFUSED = 5
# So is a story that was withdrawn, and a gate to one.
_MANY_EMPTY = 5


def alerts_of(
    outcome: SourceOutcome, seen: Sequence[float], home_notes: Iterable[HostNote], now: float
) -> tuple[Alert, ...]:
    """What to look into at one source; `seen` are unix seconds, `home_notes` of the hosts it lists."""
    found = []
    quiet = quiet_for(seen, now)
    if quiet and not outcome.new:
        words = f"no new story for {quiet / 3600:.0f} h, longer than it ever takes"
        found.append(Alert(outcome.id, "quiet", words))
    got = outcome.new + outcome.changed + outcome.unchanged
    shut_out = not outcome.listings and "robots.txt says" in outcome.error
    if seen and not got and (shut_out or outcome.refused >= _MANY_REFUSED):
        found.append(Alert(outcome.id, "robots_closed", "robots.txt lets us read nothing any more"))
    fetched = outcome.new + outcome.changed
    if outcome.no_story >= _MANY_EMPTY and 2 * outcome.no_story > fetched:
        words = f"{outcome.no_story} of {fetched} pages are walls, error pages, or none"
        found.append(Alert(outcome.id, "no_stories", words))
    found += [
        Alert(outcome.id, "all_refused", f"{note.host} answers nothing but refusals")
        for note in home_notes
        if note.note.endswith("refusals in a row")
    ]
    return tuple(found)


def quiet_for(seen: Sequence[float], now: float) -> float:
    """Seconds since the last story, where that is three times longer than 95 of 100 pauses were; else 0."""
    moments = sorted(seen)
    gaps = sorted(b - a for a, b in pairwise(moments) if b - a > _SAME_MOMENT)
    if len(gaps) < _LEAST_GAPS:
        return 0.0
    usual = gaps[int(0.95 * (len(gaps) - 1))]
    quiet = now - moments[-1]
    return quiet if quiet > max(_QUIET_TIMES * usual, _LEAST_QUIET) else 0.0
