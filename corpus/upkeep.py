"""When a site's profile is audited, learned again or given up.

In: what a run did with a host's profile. Out: the profile's record for the next run, and what to do
now. All is counted over whole runs, so that the order of a run's pages does not matter. Nothing is
learned here (`corpus.furniture`).
"""

import hashlib
from collections.abc import Iterable
from typing import Literal

from corpus import labels
from corpus.dom import words
from crawler.records import Record

FIRST_AUDITS = 10
"""So many of the first pages that a profile serves are read in full as well, and compared."""
AUDIT_ONE_IN = 50
"""And of the rest one in so many."""
_LAST_AUDITS = 5
_FAILED_AUDIT = 0.85
_MOST_FAILED = 1
# Pages on which no template found its container: the site has pages of another make.
_STRANGE_PAGES = 3
# A share of refusals counts once there are so many pages.
_PAGES_FOR_A_SHARE = 50
_MOST_REFUSED = 0.2
# Stories at which a profile is learned anew because there are so many to learn from.
_REFITS = (10, 20)
_UNSEEN_FOR = 30 * 86_400.0  # seconds


class Audit(Record, gc=False):
    """A page read both ways: the 4-gram F1 of the two texts. `page` is the capture's id."""

    page: str
    agreement: float


class Upkeep(Record):
    """What is remembered of a profile between runs.

    `audits` are the agreements of the last audits, the newest last. `served` and `refused` count
    pages since the last time that their share was judged. `used_at` is in unix seconds.
    """

    profile_id: str
    audited: int = 0
    audits: tuple[float, ...] = ()
    served: int = 0
    refused: int = 0
    strange: int = 0
    used_at: float = 0.0


class Use(Record):
    """What a run did with a profile; `strange` are the refused pages that had no container.

    `stories` are the distinct stories of the host that could be learned from now.
    """

    served: int
    refused: int
    strange: int
    audits: tuple[Audit, ...] = ()
    stories: int = 0


class Advice(Record):
    """What to do with a profile, and why. `template_changed` is the alert that a person should see.

    "retire": its pages since the last good audit are to be read in full, and a new one learned.
    "learn": learn a new one, and use this one until then.
    """

    action: Literal["keep", "learn", "retire", "forget"]
    reason: Literal["", "audits", "strange_pages", "refusals", "more_stories", "unseen"] = ""
    template_changed: bool = False


def first_of(keys: Iterable[str], count: int) -> tuple[str, ...]:
    """So many of the keys, the same ones in whatever order they come: a sample to learn from."""
    return tuple(sorted(set(keys), key=_draw)[:count])


def to_audit(upkeep: Upkeep, served: Iterable[str]) -> frozenset[str]:
    """Which of a run's served pages, named by capture id, are to be read in full as well."""
    pages = frozenset(served)
    first = first_of(pages, max(0, FIRST_AUDITS - upkeep.audited))
    sample = (p for p in pages if int.from_bytes(_draw(p)[-4:], "big") % AUDIT_ONE_IN == 0)
    return frozenset((*first, *sample))


def audit(page: str, served_text: str, full_text: str) -> Audit:
    """How well the profile's text of a page agrees with the full pipeline's."""
    gold = labels.grams(words(full_text))
    return Audit(page, round(labels.agreement(served_text, gold), 4))


def after_run(upkeep: Upkeep, use: Use, learned_from: int, now: float) -> tuple[Upkeep, Advice]:
    """The record for the next run, and what to do; `learned_from` counts the profile's stories."""
    audits = [a.agreement for a in sorted(use.audits, key=lambda a: _draw(a.page))]
    series = (*upkeep.audits, *audits)
    served, refused = upkeep.served + use.served, upkeep.refused + use.refused
    strange = upkeep.strange + use.strange
    enough = served + refused >= _PAGES_FOR_A_SHARE
    after = Upkeep(
        profile_id=upkeep.profile_id,
        audited=upkeep.audited + len(audits),
        audits=series[-_LAST_AUDITS:],
        served=0 if enough else served,
        refused=0 if enough else refused,
        strange=strange,
        used_at=now if use.served + use.refused else upkeep.used_at,
    )
    if _fails(series):
        return after, Advice("retire", "audits", template_changed=True)
    if strange >= _STRANGE_PAGES:
        return after, Advice("learn", "strange_pages", template_changed=True)
    if enough and refused >= _MOST_REFUSED * (served + refused):
        return after, Advice("learn", "refusals")
    if any(learned_from < size <= use.stories for size in _REFITS):
        return after, Advice("learn", "more_stories")
    if now - after.used_at > _UNSEEN_FOR:
        return after, Advice("forget", "unseen")
    return after, Advice("keep")


def _fails(audits: tuple[float, ...]) -> bool:
    """Whether of any five audits in a row more than one found another text."""
    failed = [agreement < _FAILED_AUDIT for agreement in audits]
    starts = range(max(1, len(failed) - _LAST_AUDITS + 1))
    return any(sum(failed[n : n + _LAST_AUDITS]) > _MOST_FAILED for n in starts)


def _draw(key: str) -> bytes:
    """A number drawn for this key, the same in every run."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
