"""Which of a host's repeats are asked for first, and whether what comes of these lets the others wait.

In: what is due again on one host, newest first, and what was seen at each. Out: ask for the others as well,
or leave them to their next step. Where every page is rendered anew, validators are of no use; what is left
out there are visits to older stories, while the newer ones are seen to stay as they are, and only where such
pages are a good part of a run. When a page is due is `crawler.revisit`'s.
"""

from collections.abc import Sequence
from typing import Literal

from crawler.records import Due
from crawler.storytext import Comparison

Seen = Literal[Comparison, "as it was", ""]
"""What a repeat came to: the body as it was (304, or the same bytes), else how it compares; "" is nothing."""

Answer = Literal["open", "ask", "leave"]

LEAST = 6
"""Repeats from which on some wait for the others."""

_WAITS = 3
_ENOUGH = 4
# A run may spend one in so many of its repeats on pages that are rendered anew before any waits.
_ONE_IN = 8
_FRESH = 3 * 86_400.0


def is_fresh(due: Due, now: float) -> bool:
    """Whether a story is of the last three days, when most corrections come; a date far ahead is no date."""
    return abs(now - due.date) < _FRESH


def parted(dues: Sequence[Due]) -> tuple[Sequence[Due], Sequence[Due]]:
    """The repeats to ask for first, and the last third, which waits; nothing waits where there are few."""
    first = len(dues) - (len(dues) // _WAITS if len(dues) >= LEAST else 0)
    return dues[:first], dues[first:]


def are_few(anew: int, repeats: int) -> bool:
    """Whether so many pages that are rendered anew are few among a run's repeats: then none is left out."""
    return _ONE_IN * anew <= repeats


class Sample:
    """The repeats that are asked for first, until it is known what becomes of those that wait."""

    def __init__(self, asked: Sequence[Due], waiting: Sequence[Due]) -> None:
        self._waiting = tuple(waiting)
        self._asked, self._waits = len(asked), len(waiting)
        self._open = {due.url for due in asked}
        self._same = 0
        self._speaks_against = False

    @property
    def anew(self) -> int:
        """How many of these repeats are rendered anew, as far as that shows."""
        shows = self._same and not self._speaks_against
        return self._asked + self._waits if shows else 0

    def ended(self, url: str, seen: Seen) -> Answer:
        """Take what was seen at one of them.

        One page that is as it was shows that validators are of use here, and one edited story that stories
        are edited: then all are asked for. Else the others are left out once four, and half of the
        sample, were rendered anew with the same story.
        """
        self._open.discard(url)
        self._same += seen == "same"
        self._speaks_against |= seen in ("as it was", "edited")
        if self._speaks_against:
            return "ask"
        if self._open:
            return "open"
        enough = self._same >= _ENOUGH and 2 * self._same >= self._asked
        return "leave" if enough else "ask"

    def let_go(self) -> tuple[Due, ...]:
        """Those that wait, the first time that this is asked."""
        waiting, self._waiting = self._waiting, ()
        return waiting
