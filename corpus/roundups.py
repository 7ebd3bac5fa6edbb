"""Compilations: pages that quote several stories and are copies of none.

In: clusters as they were first formed, and the compared pairs. Out: which texts are compilations. A
compilation joins nothing it quotes, else it would draw unrelated stories into one cluster; copies of
one compilation may still be a cluster. Which stories it contains is not recorded here.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from corpus.pairs import Figures
from corpus.rows import Index, Rows, among
from crawler.records import Record

Bools = NDArray[np.bool_]


class RoundupSettings(Record, forbid_unknown_fields=True):
    """The `[roundups]` table of dedup.toml.

    A compilation opens the stories of `stories` clusters: it has `lead` of a text's lead, in `grams`
    5-grams that stand apart from the other stories', and no such text makes up more than `share` of it.
    Texts with more than `copy` of all 5-grams in common are copies of it, not stories in it; and a
    copy of a story is no compilation.
    """

    stories: int
    lead: float
    grams: int
    share: float
    copy: float


def compilations(
    grams: Rows, leads: Rows, labels: Index, pairs: Index, found: Figures, settings: RoundupSettings
) -> Bools:
    """Which of the texts are compilations."""
    marks = np.zeros(len(labels), bool)
    used = (found.shared >= settings.grams) & (found.jaccard <= settings.copy)
    pages = np.concatenate((pairs[used, 0], pairs[used, 1]))
    others = np.concatenate((pairs[used, 1], pairs[used, 0]))
    shares = np.tile(found.shared[used], 2) / np.maximum(grams.lengths[pages], 1)
    order = np.lexsort((others, -shares, pages))  # a text that makes up most of it decides first
    pages, others = pages[order], others[order]
    bounds = np.flatnonzero(np.diff(pages, prepend=-1, append=-1))
    for begin, end in pairwise(bounds.tolist()):
        near = others[begin:end]
        if len(np.unique(labels[near])) >= settings.stories:
            page = int(pages[begin])
            marks[page] = _quotes_several(page, near, grams, leads, labels, settings)
    copies = pairs[found.jaccard > settings.copy]
    of_stories = copies[marks[copies[:, 0]] != marks[copies[:, 1]]]
    marks[of_stories.ravel()] = False
    return marks


def joinable(pairs: Index, found: Figures, marks: Bools, settings: RoundupSettings) -> Bools:
    """The pairs that may join: of two stories, or of two copies of one compilation."""
    left, right = marks[pairs[:, 0]], marks[pairs[:, 1]]
    allowed: Bools = (~left & ~right) | (left & right & (found.jaccard > settings.copy))
    return allowed


def _quotes_several(
    page: int, others: Index, grams: Rows, leads: Rows, labels: Index, settings: RoundupSettings
) -> bool:
    mine = grams.row(page)
    quoted: dict[int, Bools] = {}
    for other in others.tolist():
        if among(leads.row(other), mine).mean() >= settings.lead:
            span = among(mine, grams.row(other))
            if span.mean() > settings.share:
                return False
            label = int(labels[other])
            quoted[label] = quoted[label] | span if label in quoted else span
    spans = sorted(quoted.items(), key=lambda item: (-int(item[1].sum()), item[0]))
    covered, stories = np.zeros(len(mine), bool), 0
    for _, span in spans:
        fresh = int((span & ~covered).sum())
        if fresh >= settings.grams and fresh >= _APART * span.sum():
            covered |= span
            stories += 1
    return stories >= settings.stories


_APART = 0.7
"""So much of a story's span must be its own: two stories share a name in full, a standing phrase."""
