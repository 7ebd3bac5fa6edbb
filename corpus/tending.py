"""The profiles that a batch of pages is served with: checked, learned, and learned again.

In: the survey of a batch, what is remembered of its hosts, and worker processes. Out: what is remembered
now, with the profiles in it, before any page of the batch is served; and the alerts. What is to be done
is `corpus.upkeep`'s to say; here it is done, for many hosts at once.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from corpus import upkeep
from corpus.frames import Check, Learned, Lesson, Packed
from corpus.pages import Page
from corpus.records import Article, Rejection
from corpus.survey import MOST_DRAWN, Place, Sample, Survey, host_of
from corpus.upkeep import Advice, SiteState
from corpus.workers import ExtractPool
from crawler.records import Capture

Fetch = Callable[[Place], Page | Capture | None]
"""Reads a page again; None where it cannot be found."""

# Bytes of a lesson's or check's pages together; what is drawn later than that is left out.
_MOST_BYTES = 32 << 20

_log = logging.getLogger(__name__)


class Tended:
    """The hosts of a batch, and what serving it does with their profiles."""

    def __init__(self, states: Mapping[str, SiteState], alerts: Sequence[str]) -> None:
        self.alerts = tuple(alerts)
        self._states = dict(states)
        self._packed = {
            host: Packed(state.profile_id, bytes(state.profile))
            for host, state in states.items()
            if state.profile_id
        }
        self._served = Counter[str]()
        self._reasons: dict[str, Counter[str]] = {}

    def profile_of(self, url: str) -> Packed | None:
        """The profile that a page of this URL is to be read with."""
        return self._packed.get(host_of(url)) if self._packed else None

    def note(self, answer: Article | Rejection) -> None:
        """Count what became of a page that a profile was asked for."""
        if not isinstance(answer, Article) or upkeep.fate_of(answer) is None:
            return
        host, reason = host_of(answer.final_url), upkeep.refusal_of(answer.extraction.warnings)
        if reason:
            self._reasons.setdefault(host, Counter())[reason] += 1
        else:
            self._served[host] += 1

    def states(self) -> dict[str, SiteState]:
        """What is remembered after the batch."""
        return {
            host: upkeep.after_serving(state, self._served[host], self._reasons.get(host, {}))
            for host, state in self._states.items()
        }


def tend(pool: ExtractPool, survey: Survey, known: Mapping[str, SiteState], fetch: Fetch) -> Tended:
    """Bring the profiles of the batch's hosts up to date."""
    hosts = sorted(survey.samples)
    states: dict[str, SiteState] = {}
    for host in hosts:
        before = known.get(host, SiteState(host=host))
        states[host] = upkeep.opened(before, survey.samples[host].pages, survey.samples[host].now)
    advice, alerts = _check(pool, survey, states, fetch)
    _learn(pool, survey, states, advice, fetch)
    for host in hosts:
        states[host] = _with_candidates(states[host], survey.samples[host])
    return Tended(states, [_alert(states[host], reason) for host, reason in alerts])


def _check(
    pool: ExtractPool, survey: Survey, states: dict[str, SiteState], fetch: Fetch
) -> tuple[dict[str, Advice], list[tuple[str, str]]]:
    """Ask each profile for some of the batch's pages; what to do, and which sites look different."""
    hosts = [host for host, state in states.items() if state.profile_id]

    def checks() -> Iterator[Check]:
        for host in hosts:
            state, sample = states[host], survey.samples[host]
            audits = upkeep.audits_due(state, sample.pages)
            asked = sample.drawn[: max(audits, upkeep.MOST_CHECKED)]
            packed = Packed(state.profile_id, bytes(state.profile))
            yield Check(packed, audits, _frames(pool, asked, fetch))

    advice: dict[str, Advice] = {}
    alerts: list[tuple[str, str]] = []
    for host, found in zip(hosts, pool.check(checks()), strict=True):
        if found.complaint:
            _log.warning("%s: its profile could not be checked: %s", host, found.complaint)
        at_hand = len(_at_hand(states[host], survey.samples[host]))
        states[host], advice[host] = upkeep.judged(states[host], found.outcomes, at_hand)
        if advice[host].action == "retire":
            alerts.append((host, advice[host].reason))
            states[host] = upkeep.retired(states[host])
    return advice, alerts


def _learn(
    pool: ExtractPool,
    survey: Survey,
    states: dict[str, SiteState],
    advice: Mapping[str, Advice],
    fetch: Fetch,
) -> None:
    """Give every host the lesson that it is due."""
    due: dict[str, tuple[int, ...]] = {}
    for host, state in states.items():
        at_hand = len(_at_hand(state, survey.samples[host]))
        sizes = upkeep.lesson_sizes(state, advice.get(host, Advice()), at_hand)
        if sizes:
            due[host] = sizes

    def lessons() -> Iterator[Lesson]:
        for host, sizes in due.items():
            drawn = _at_hand(states[host], survey.samples[host])
            most = sizes[-1] + upkeep.VALIDATED
            yield Lesson(host, sizes, _frames(pool, drawn[:most], fetch))

    for host, learned in zip(due, pool.learn(lessons()), strict=True):
        states[host] = _taught(states[host], learned, due[host])


def _taught(state: SiteState, learned: Learned, sizes: Sequence[int]) -> SiteState:
    verdict = learned.complaint
    if learned.audits and not learned.profile:
        verdict += f" ({', '.join(f'{a:.2f}' for a in learned.audits)})"
    if not learned.pages:  # it was broken off
        _log.warning("%s: no profile was learned: %s", state.host, verdict)
    if learned.profile:
        profile_id, content = learned.profile.id, learned.profile.json
    else:
        profile_id, content = "", b""
    return upkeep.after_lesson(state, profile_id, content, learned.pages or sizes[-1], verdict)


def _at_hand(state: SiteState, sample: Sample) -> list[Place]:
    """What could be learned from, by key."""
    return sorted(_newest_first(state, sample), key=lambda place: place.key)


def _with_candidates(state: SiteState, sample: Sample) -> SiteState:
    """The state with the pages that a later batch may learn from."""
    kept = _newest_first(state, sample) if upkeep.still_learning(state) else []
    return msgspec.structs.replace(state, candidates=tuple(kept))


def _newest_first(state: SiteState, sample: Sample) -> list[Place]:
    """The batch's own pages, and of the earlier ones as many as there is room for."""
    own = {place.key for place in sample.drawn}
    earlier = (place for place in state.candidates if place.key not in own)
    return [*sample.drawn, *earlier][:MOST_DRAWN]


def _frames(pool: ExtractPool, drawn: Sequence[Place], fetch: Fetch) -> tuple[bytes, ...]:
    found: list[bytes] = []
    size = 0
    for page in map(fetch, drawn):
        if page is None:
            continue
        frame = pool.frame_of(page)
        size += len(frame)
        if size > _MOST_BYTES and found:
            break
        found.append(frame)
    return tuple(found)


def _alert(state: SiteState, reason: str) -> str:
    """What a person is told of a site that looks different."""
    why = {
        "audits": "its profile read other texts than the full pipeline",
        "strange_pages": "its profile found no story on half of the pages",
    }[reason]
    now = "a new profile was learned" if state.profile_id else "its pages are read in full"
    return f"{state.host}: template_changed: {why}; {now}"
