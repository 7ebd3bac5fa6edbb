"""Whether a host answers more slowly than it usually does, and how much longer it is to be left in peace.

In: how long its answers took. Out: a factor for the gap between requests. A host that slows down is
short of something, and so are its readers; what is slow for it is told by its own norm only.
"""

from collections import deque
from statistics import median

MOST = 8.0
"""The gap grows by no more than this."""

_LEARNED_FROM = 4
_RECENT = 3
_SLOW = 2.0
# Seconds: what is lost in the noise of a network or a busy machine is no sign of distress.
_NOISE = 0.15
# A new norm is believed after some fifty answers.
_DRIFT = 0.02


class Tempo:
    """The answers of one host in one run."""

    def __init__(self) -> None:
        self._first: list[float] = []
        self._recent: deque[float] = deque(maxlen=_RECENT)
        self.norm = 0.0

    def answered(self, took: float) -> None:
        """Take in that an answer took so many seconds."""
        self._recent.append(took)
        if len(self._first) < _LEARNED_FROM:
            self._first.append(took)
            self.norm = median(self._first)
        else:
            self.norm += _DRIFT * (took - self.norm)

    @property
    def recent(self) -> float:
        """Seconds that the last answers took; a single slow one is no matter."""
        return median(self._recent) if self._recent else 0.0

    @property
    def factor(self) -> float:
        """How many times longer the gap is to be: 1 while the host answers as usual."""
        if len(self._first) < _LEARNED_FROM or self.recent < self.norm + _NOISE:
            return 1.0
        slower = self.recent / max(self.norm, 1e-3)
        return min(slower, MOST) if slower >= _SLOW else 1.0
