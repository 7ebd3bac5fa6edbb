"""Compilations: pages that quote several stories and are copies of none.

In: clusters as they were first formed, and the compared pairs. Out: what stands beside each text, and which
texts open several stories, among which all compilations are. A compilation joins nothing it quotes, else it
would draw unrelated stories into one cluster; copies of one compilation may still be a cluster. Which stories
a page prints is found in `corpus.printed`; links between clusters are made in `corpus.containing`.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.pairs import Figures, Floats
from corpus.rows import Index, Rows
from corpus.spotting import spots
from crawler.records import Record

Bools = NDArray[np.bool_]


class RoundupSettings(Record, forbid_unknown_fields=True):
    """The `[roundups]` table of dedup.toml.

    A compilation opens the stories of `stories` clusters. To open one, it has `lead` 5-grams of a
    text's lead and `grams` of its 5-grams that stand apart from the other stories', all of the text
    or a part of it. Stories of one page share at most `kin` of their names and numbers:
    sources of one report share more. No cluster makes up more than `share` of a compilation. 5-grams
    that open `common` clusters are a standing phrase. Texts with more than `copy` of all 5-grams in
    common are copies of it, not stories in it; and a copy of a story is no compilation.
    """

    stories: int
    lead: int
    grams: int
    kin: float
    share: float
    common: int
    copy: float


def openers(
    beside: "Beside",
    grams: Rows,
    leads: Rows,
    rounds: Iterable[Index],
    settings: RoundupSettings,
) -> list[Bools]:
    """Which texts open `stories` clusters, of each round; all its compilations are among them.

    Of `grams` the rows of the pages are looked at, of `leads` those of the others.
    """
    rounds, likely = list(rounds), opening(beside, settings)
    several = likely.of(_of_several_in_any(likely, rounds, settings))
    several = several.only(np.argsort(several.page, kind="stable"))  # what is looked up lies near
    pair, place = spots(leads, grams, np.stack((several.other, several.page), axis=1))
    enough = np.bincount(pair, minlength=len(several.page)) >= settings.lead
    enough &= _of_several_in_any(several.only(enough), rounds, settings)[several.page]
    here = enough[pair]
    pair, place = pair[here], place[here]
    found = []
    for labels in rounds:
        own = pair[~_standing(place, labels[several.other[pair]], settings.common)]
        many = np.bincount(own, minlength=len(several.page)) >= settings.lead
        found.append(of_several(several.only(many), labels, settings.stories))
    return found


def _of_several_in_any(
    beside: "Beside", rounds: Iterable[Index], settings: RoundupSettings
) -> Bools:
    """Which texts stand beside texts of `stories` clusters in one of the rounds."""
    found: Bools = np.logical_or.reduce(
        [of_several(beside, labels, settings.stories) for labels in rounds]
    )
    return found


def no_copies_of_stories(marks: Bools, copies: Index) -> Bools:
    """The marks without those of texts of which a copy has none; `copies` are pairs of texts."""
    of_stories = copies[marks[copies[:, 0]] != marks[copies[:, 1]]]
    left = marks.copy()
    left[of_stories.ravel()] = False
    return left


def joinable(pairs: Index, copies: Bools, marks: Bools) -> Bools:
    """The pairs that may join: of two stories, or of two that are `copies` of one compilation."""
    left, right = marks[pairs[:, 0]], marks[pairs[:, 1]]
    allowed: Bools = (~left & ~right) | (left & right & copies)
    return allowed


class Beside(NamedTuple):
    """Each pair of texts that share a passage and are no copies, from either side, and its number.

    `shared` are their common 5-grams, `opened` those of the other's lead.
    """

    page: Index
    other: Index
    number: Index
    shared: Floats
    opened: Floats

    def only(self, keep: Bools | Index) -> "Beside":
        """Those that are marked, or stand at these places."""
        page, other, number, shared, opened = self
        return Beside(page[keep], other[keep], number[keep], shared[keep], opened[keep])

    def of(self, pages: Bools) -> "Beside":
        """Those of the marked pages."""
        return self.only(pages[self.page])


class Passages(NamedTuple):
    """Of pairs of texts: which are copies; which others share a passage; where one opens the other."""

    copies: Bools
    beside: Bools
    left_opens: Bools
    right_opens: Bools

    @property
    def opens(self) -> tuple[Bools, Bools]:
        """Where the left text opens the right one, and where the right one opens the left."""
        return self.left_opens, self.right_opens


def passages(found: Figures, settings: RoundupSettings) -> Passages:
    """What pairs with these figures have in common."""
    copies = found.jaccard > settings.copy
    beside = (found.shared >= settings.grams) & ~copies
    least = settings.lead / 2
    left_opened = beside & (found.opened_left >= least)
    right_opened = beside & (found.opened_right >= least)
    return Passages(copies, beside, right_opened, left_opened)


def stories_beside(pairs: Index, found: Figures, settings: RoundupSettings) -> Beside:
    """What stands beside each text."""
    used = np.flatnonzero((found.shared >= settings.grams) & (found.jaccard <= settings.copy))
    one, other = pairs[used].T
    shared = found.shared[used]
    return Beside(
        np.append(one, other),
        np.append(other, one),
        np.tile(used, 2),
        np.tile(shared, 2),
        np.append(found.opened_right[used], found.opened_left[used]),
    )


def opening(beside: Beside, settings: RoundupSettings) -> Beside:
    """Those whose page opens the other text."""
    least = settings.lead / 2  # the others may be furniture
    return beside.only(beside.opened >= least)


def of_several(beside: Beside, labels: Index, least: int) -> Bools:
    """Which texts stand beside texts of so many clusters."""
    page = once(beside.page, labels[beside.other])
    many: Bools = np.bincount(page, minlength=len(labels)) >= least
    return many


def once(numbers: Index, labels: Index) -> Index:
    """The number of each distinct pair of a number and a label."""
    code = np.sort(numbers << 32 | labels)
    once: Index = code[np.append(True, code[1:] != code[:-1])[: len(code)]] >> 32
    return once


def _standing(places: Index, labels: Index, common: int) -> Bools:
    """Where so many labels or more share one place."""
    held = np.zeros(int(places.max(initial=-1)) + 1, np.int64)
    left, others = places, labels
    for _ in range(common - 1):  # of each place all that has one more label is left out
        held[left] = others
        differ = held[left] != others
        left, others = left[differ], others[differ]
    stands = np.zeros(len(held), bool)
    stands[left] = True
    return stands[places]
