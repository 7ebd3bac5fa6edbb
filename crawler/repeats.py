"""Articles that are asked for again: what came of it, into the state, and which of them may wait.

In: a source's due articles, and their `Settled`s with the place of the response in the archive. Out: those
to ask for now, and the state and the counts further on. The copy before is read from the archive, where
the page's bytes are no longer the same. Of listings nothing is known here.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from crawler.endings import Settled, validator
from crawler.lanes import lane_of
from crawler.recorder import warc_date
from crawler.records import Due, Place
from crawler.sampling import Sample, Seen, are_few, is_fresh, parted
from crawler.state import State, Visit
from crawler.storytext import compared
from crawler.tally import Tally


class Repeats:
    """The articles of one run that were fetched before. `read_again` gives an archived body."""

    def __init__(self, state: State, tally: Tally, read_again: Callable[[Place], bytes]) -> None:
        self._state = state
        self._tally = tally
        self._read_again = read_again
        self._samples: dict[str, Sample] = {}
        self._seen: dict[str, Seen] = {}
        self._hosts: list[Sample] = []
        self._leaving: list[Sample] = []
        self._anew = 0
        self._repeats = 0

    def begin(self, now: float) -> None:
        """Count what is due again in all."""
        self._repeats = self._state.due_again(now)

    def first(self, dues: Iterable[Due], now: float) -> tuple[Due, ...]:
        """Those of a source's due articles to ask for at once, in their order; the others wait.

        Only a repeat that is due for its age alone may wait, is no news of the last days, and did not leave
        out the step before.
        """
        dues = tuple(dues)
        waits: set[str] = set()
        for asked, waiting in parted_by_host(dues, self._state, now):
            waits.update(due.url for due in waiting)
            sample = Sample(asked, waiting)
            self._hosts.append(sample)
            self._samples.update(dict.fromkeys((due.url for due in asked), sample))
        return tuple(due for due in dues if due.url not in waits)

    def take(self, settled: Settled, place: Place) -> None:
        """Take a response that is in the archive into the state and the counts."""
        due, visit = settled.due, visit_of(settled, place)
        before = self._state.copy_of(due.url) if due.captured_at else None
        seen: Seen = ""
        if before and visit.sha256 in ("", before.sha256):
            seen = "as it was"
        elif before and settled.outcome:
            seen = compared(self._read_again(before.place), settled.outcome.body)
        if seen == "same":
            visit = msgspec.structs.replace(visit, same_story=True)
            self._tally.count(due.source_id, "same_story")
        self._tally.count(due.source_id, self._state.visit(visit))
        self._seen[due.url] = seen

    def ended(self, url: str) -> tuple[Due, ...]:
        """Take that an article ended; what waited for that and is to be asked for."""
        seen = self._seen.pop(url, "")
        sample = self._samples.pop(url, None)
        if sample is None:
            self._anew += seen == "same"
            return ()
        answer = sample.ended(url, seen)
        if answer == "leave":
            self._leaving.append(sample)
        return sample.let_go() if answer == "ask" else ()

    def decided(self, now: float) -> tuple[Due, ...]:
        """Once nothing else is to be asked for: what still waits and is to be asked for, too.

        How many pages are rendered anew is known only then, whichever host answered first.
        """
        samples, self._leaving = self._leaving, []
        few = are_few(self._anew + sum(one.anew for one in self._hosts), self._repeats)
        return tuple(
            due
            for sample in samples
            for due in sample.let_go()
            if few or not self._leaves_out(due, now)
        )

    def _leaves_out(self, due: Due, now: float) -> bool:
        """Put a repeat off to its next step, unless something else came up for it meanwhile."""
        until = self._state.step_after(due.url, now)
        if until is None:
            return False
        self._state.leave_out(due.url, until)
        self._tally.count(due.source_id, "left_out")
        return True


def parted_by_host(
    dues: Iterable[Due], state: State, now: float
) -> Iterator[tuple[Sequence[Due], Sequence[Due]]]:
    """Of each host where some repeats wait for others: those to ask for first, and those that wait."""
    by_host: dict[str, list[Due]] = {}
    for due in dues:
        if due.captured_at and not is_fresh(due, now) and state.step_after(due.url, now):
            by_host.setdefault(lane_of(due.url), []).append(due)
    parts = map(parted, by_host.values())
    return ((asked, waiting) for asked, waiting in parts if waiting)


def visit_of(settled: Settled, place: Place) -> Visit:
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
        etag=validator(outcome.header("ETag")),
        last_modified=validator(outcome.header("Last-Modified")),
        captured_at=warc_date(outcome.started_at),
        sha256="" if unchanged else hashlib.sha256(outcome.body).hexdigest(),
        place=place,
    )
