"""What is remembered of a site from batch to batch, and when its profile is made, kept or given up.

In: what a batch shows of a host before any of its pages is served, and what serving then did. Out: the
host's `SiteState` after it, and what to do now. A batch is judged as a whole, by its own latest time,
so that neither the order of its pages nor the clock matters. Nothing is learned here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from corpus.held import grams
from corpus.labels import agreement
from corpus.records import Article, Count, Rejection
from corpus.survey import MOST_DRAWN, Place
from corpus.tokens import words
from crawler.records import Record

LEAST_PAGES = 5
"""A host with fewer pages is not learned from."""
VALIDATED = 5
"""Pages that a profile is tried on before it serves any; it was not learned from them."""
SIZES = (8, 16, 24, MOST_DRAWN - VALIDATED)
"""Pages that a lesson takes: the first of these numbers that gives enough stories."""

FIRST_AUDITS = 10
"""So many of the first pages that a profile serves are read in full as well, and compared."""
AUDIT_ONE_IN = 50
"""And of the rest one in so many."""
MOST_CHECKED = 10
"""Pages of a batch that a profile is asked for before it serves the batch."""

_LAST_AUDITS = 5
_FAILED_AUDIT = 0.85
_MOST_FAILED = 1
# Of the last so many pages asked for, half without a container, and three: the site looks different.
_RECENT = 10
_STRANGE_PAGES = 3
# A share of refusals counts once there are so many pages; doubled each time that learning again was
# tried for it, since some sites have many pages that are no stories.
_WINDOW = 50
_MOST_REFUSED = 0.2
# Where so many pages can be learned from, a profile of fewer is made anew, for more kinds of pages.
_REFITS = (10, 20)
_UNSEEN_FOR = timedelta(days=30)
# After so many lessons without a profile the pauses do not grow any more.
_MOST_DOUBLINGS = 6

PROFILE = "profile:"
"""Begins the method of an article that a profile served."""
REFUSED = "profile_refused:"
"""Begins the warning of an article for which a profile was asked in vain; the reason follows."""
_STRANGE = "no_container"

Fate = Literal["served", "refused", "strange"]


class Audit(Record, gc=False):
    """A page read both ways: the 4-gram F1 of the two texts. `page` is the capture's id."""

    page: str
    agreement: float


class Outcomes(Record):
    """What became of pages that a profile was asked for, in the order of their draws.

    "strange" are refused pages on which no template found its container.
    """

    fates: tuple[Fate, ...] = ()
    audits: tuple[Audit, ...] = ()


class Upkeep(Record):
    """What is remembered of a profile.

    `audits` are the agreements of the last audits and `recent` the fates of the last pages checked,
    the newest last. `asked` and `refused` count pages since their share was last judged, which is done
    after `window` pages; `served` and `reasons` count since the profile was made.
    """

    audited: int = 0
    audits: tuple[float, ...] = ()
    recent: tuple[Fate, ...] = ()
    window: int = _WINDOW
    asked: int = 0
    refused: int = 0
    served: int = 0
    reasons: tuple[Count, ...] = ()


NO_PROFILE = msgspec.Raw(b"null")


class SiteState(Record, kw_only=True):
    """What is remembered of a host.

    `profile_id` is "" where there is no profile; `learned_from` counts the pages it was made of, at
    `learned_at`. `verdict` says why the last lesson gave none, `lessons` counts those since there was
    one, `fresh` the pages that came since the last. `candidates` are pages to learn from in addition to
    a batch's own. Times are RFC 3339. `profile` is null on a line where an earlier one has it.
    """

    host: str
    profile_id: str = ""
    seen_at: str = ""
    pages: int = 0
    learned_at: str = ""
    learned_from: int = 0
    upkeep: Upkeep = Upkeep()
    lessons: int = 0
    fresh: int = 0
    verdict: str = ""
    candidates: tuple[Place, ...] = ()
    profile: msgspec.Raw = NO_PROFILE


class Advice(Record):
    """What to do with a profile, and why.

    "retire": it is not to be used any more, and the site looks different: an alert that a person should
    see. "learn": learn a new one, and use this one until there is one.
    """

    action: Literal["keep", "learn", "retire"] = "keep"
    reason: Literal["", "audits", "strange_pages", "refusals", "more_pages"] = ""


def opened(state: SiteState, pages: int, now: str) -> SiteState:
    """The state as a batch with so many pages of the host finds it. What was not seen for long is over."""
    if is_over(state, now):
        state = SiteState(host=state.host)
    return msgspec.structs.replace(
        state,
        seen_at=max(state.seen_at, now),
        pages=state.pages + pages,
        fresh=state.fresh + pages,
    )


def is_over(state: SiteState, now: str) -> bool:
    """Whether the host was not seen for so long that nothing of the state counts any more."""
    return bool(state.seen_at) and _when(now) - _when(state.seen_at) > _UNSEEN_FOR


# ----------------------------------------------------------------------------- before a batch is served


def audits_due(state: SiteState, pages: int) -> int:
    """How many of a batch's pages are to be audited, where the host has so many in it."""
    first = FIRST_AUDITS - state.upkeep.audited
    later = state.pages // AUDIT_ONE_IN - (state.pages - pages) // AUDIT_ONE_IN
    return max(first, later)


def audit(page: str, served_text: str, full_text: str) -> Audit:
    """How well the profile's text of a page agrees with the full pipeline's."""
    gold = grams(words(full_text))
    return Audit(page, round(agreement(served_text, gold), 4))


def fails(audits: Sequence[float]) -> bool:
    """Whether of any five audits in a row more than one found another text."""
    failed = [agreement < _FAILED_AUDIT for agreement in audits]
    starts = range(max(1, len(failed) - _LAST_AUDITS + 1))
    return any(sum(failed[n : n + _LAST_AUDITS]) > _MOST_FAILED for n in starts)


def judged(state: SiteState, outcomes: Outcomes, at_hand: int) -> tuple[SiteState, Advice]:
    """The state after a check, and what to do; `at_hand` are the pages that could be learned from."""
    upkeep = state.upkeep
    series = (*upkeep.audits, *(audit.agreement for audit in outcomes.audits))
    recent = (*upkeep.recent, *outcomes.fates)[-_RECENT:]
    enough = upkeep.asked >= upkeep.window
    many = enough and upkeep.refused >= _MOST_REFUSED * upkeep.asked
    after = msgspec.structs.replace(
        upkeep,
        audited=upkeep.audited + len(outcomes.audits),
        audits=series[-_LAST_AUDITS:],
        recent=recent,
        window=upkeep.window * 2 if many else upkeep.window,
        asked=0 if enough else upkeep.asked,
        refused=0 if enough else upkeep.refused,
    )
    state = msgspec.structs.replace(state, upkeep=after)
    if fails(series):
        return state, Advice("retire", "audits")
    if recent.count("strange") >= max(_STRANGE_PAGES, len(recent) / 2):
        return state, Advice("retire", "strange_pages")
    if many:
        return state, Advice("learn", "refusals")
    if any(state.learned_from < size <= at_hand - VALIDATED for size in _REFITS):
        return state, Advice("learn", "more_pages")
    return state, Advice()


def retired(state: SiteState) -> SiteState:
    """The state of a host whose profile, and all pages that it was learned from, are of the past."""
    return SiteState(host=state.host, seen_at=state.seen_at, pages=state.pages, fresh=LEAST_PAGES)


def lesson_sizes(state: SiteState, advice: Advice, at_hand: int) -> tuple[int, ...]:
    """The sizes of the lesson that is due, none where none is."""
    if at_hand < LEAST_PAGES:
        return ()
    if state.profile_id:
        # What few pages could not teach, all there are may.
        return (max(LEAST_PAGES, at_hand - VALIDATED),) if advice.action == "learn" else ()
    if state.fresh < LEAST_PAGES << min(state.lessons, _MOST_DOUBLINGS):
        return ()
    return tuple(dict.fromkeys(min(size, at_hand) for size in SIZES))


def after_lesson(
    state: SiteState, profile_id: str, profile: bytes, learned_from: int, verdict: str
) -> SiteState:
    """The state after a lesson; an earlier profile stays where there is no new one (`profile_id` "")."""
    if profile_id:
        return msgspec.structs.replace(
            state,
            profile_id=profile_id,
            profile=msgspec.Raw(profile),
            learned_at=state.seen_at,
            learned_from=learned_from,
            upkeep=Upkeep(window=state.upkeep.window),
            lessons=0,
            fresh=0,
            verdict="",
        )
    return msgspec.structs.replace(
        state,
        # What so many pages did not better, so many more may.
        learned_from=max(state.learned_from, learned_from) if state.profile_id else 0,
        lessons=state.lessons + 1,
        fresh=0,
        verdict=verdict,
    )


def still_learning(state: SiteState) -> bool:
    """Whether the host's pages are to be remembered, since a later batch may learn from them."""
    return not state.profile_id or state.learned_from < _REFITS[-1]


# ------------------------------------------------------------------------------ after it was served


def after_serving(state: SiteState, served: int, reasons: Mapping[str, int]) -> SiteState:
    """The state after a batch: so many pages were served, so many refused for each of the reasons."""
    upkeep = state.upkeep
    refused = sum(reasons.values())
    totals = Counter({count.name: count.count for count in upkeep.reasons})
    totals.update(reasons)
    return msgspec.structs.replace(
        state,
        upkeep=msgspec.structs.replace(
            upkeep,
            asked=upkeep.asked + served + refused,
            refused=upkeep.refused + refused,
            served=upkeep.served + served,
            reasons=tuple(Count(name, n) for name, n in sorted(totals.items())),
        ),
    )


# -------------------------------------------------------------------------------- what articles tell


def fate_of(answer: Article | Rejection) -> Fate | None:
    """What the profile that was asked for a page did; None where it cannot be told."""
    if isinstance(answer, Rejection):
        return None
    told = answer.extraction
    if told.method.startswith(PROFILE):
        return "served"
    reason = refusal_of(told.warnings)
    if not reason:
        return None
    return "strange" if reason == _STRANGE else "refused"


def refusal_of(warnings: Iterable[str]) -> str:
    """Why a profile refused the page with these warnings; "" where it did not, or was not asked."""
    refused = (warning for warning in warnings if warning.startswith(REFUSED))
    return next(refused, "").removeprefix(REFUSED).strip()


def was_read_alone(method: str, warnings: Iterable[str]) -> bool:
    """Whether no profile had a part in the article: one that refuses still knows the site's furniture."""
    return not method.startswith(PROFILE) and not refusal_of(warnings)


def _when(time: str) -> datetime:
    return datetime.fromisoformat(time)
