"""How many articles a run may ask for: each source its own, and all together.

In: articles that wait, and that are started. Out: whether there is room. An article counts once, however
often it is tried and wherever it moved.
"""

from collections import Counter
from collections.abc import Mapping

from crawler.records import Due
from crawler.steps import Allowance


class Budget:
    """What is left of the sources' allowances."""

    def __init__(self, sources: Mapping[str, Allowance]) -> None:
        self._sources = sources
        self._waiting: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()
        self.taken = 0

    def delay(self, source_id: str) -> float:
        """The delay that the source asks for itself; 0 where it asks for none."""
        known = self._sources.get(source_id)
        return known.delay if known else 0.0

    def has_room(self, due: Due) -> bool:
        """Whether this may wait for its turn: more than may be taken need not."""
        if not counts(due):
            return True
        left = self._sources[due.source_id].max_pages - self._taken[due.source_id]
        return self._waiting[due.source_id] < left

    def waits(self, due: Due, step: int = 1) -> None:
        """Take that this waits for its turn, or with -1 that it does no longer."""
        if counts(due):
            self._waiting[due.source_id] += step

    def take(self, due: Due) -> bool:
        """Whether this may be asked for; if so it is counted."""
        if not counts(due):
            return True
        if self._taken[due.source_id] >= self._sources[due.source_id].max_pages:
            return False
        self._taken[due.source_id] += 1
        self.taken += 1
        return True


def counts(due: Due) -> bool:
    """Whether this is an article at its first try and its first address."""
    return due.kind == "article" and due.attempt == 1 and not due.via
