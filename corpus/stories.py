"""Which clusters tell one wire story: reworded, translated, or updated by a later write-through.

In: one representative text a cluster, as sketches, with the days of its cluster. Out: which pairs of them
may be one story, how likely each is, and which of the pairs of a story are shown as `Link`s. Pairs are
proposed by rare words that both have, judged by what `corpus.overlap` measures and a small model whose
numbers are data in configs/dedup.toml, and grouped by average link (`corpus.lineage`): one bridge between
two stories joins nothing. Two newsrooms' own reports of an event share its names, quotations and some
figures, but not paragraph after paragraph; they stay apart, and so do posts, lists and fact sheets. No
near copy is looked for here.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.cluster import ClusterSettings
from corpus.engines import Engine
from corpus.errors import RuleError
from corpus.meeting import Caps, Kind, Sampled
from corpus.neighbours import ByKeys
from corpus.overlap import AlignSettings, Figures, Floats, Weights, distinct, figures
from corpus.records import StoryRelation
from corpus.rows import Index, Rows, owners, ranked, starts_of
from corpus.tables import OpenTable
from corpus.terms import QUOTED, SLIP, STEM, Sketches, WordSettings
from corpus.words import Bools
from crawler.records import Record

Days = NDArray[np.float64]


class CandidateSettings(Record, forbid_unknown_fields=True):
    """The `[stories.candidates]` table of dedup.toml.

    A text is looked up by its `keys` rarest words, names and numbers first, and half as many names and
    numbers besides. Where more than `limit` later texts in the window have a word too, it meets the next
    `reach` ones by it only; a pair is proposed by `shared` common
    keys that make up `part` of the fewer, if it is among the `most` best of one of the two.
    """

    keys: int
    limit: int
    reach: int
    shared: int
    part: float
    most: int


class Model(Record, forbid_unknown_fields=True):
    """A table of weights of `FEATURES`, `[stories.retold]` or `[stories.translated]`."""

    intercept: float
    weights: dict[str, float]


class RelationSettings(Record, forbid_unknown_fields=True):
    """The `[stories.relations]` table of dedup.toml.

    A later text is an update where `runs` of the neighbouring words are as they were, and less than
    `lead` of its first passages or less than `told` of it all was there before.
    """

    runs: float
    lead: float
    told: float


class StorySettings(Record, forbid_unknown_fields=True):
    """The `[stories]` tables of dedup.toml; `limit` bounds the log-odds of a pair."""

    limit: float
    words: WordSettings
    align: AlignSettings
    candidates: CandidateSettings
    retold: Model
    translated: Model
    group: ClusterSettings
    relations: RelationSettings


FEATURES = (
    "told_most",
    "told_least",
    "lead_least",
    "names_least",
    "numbers_most",
    "numbers_least",
    "words_most",
    "words_least",
    "runs",
    "order",
    "course",
    "quotes",
    "slips",
    "hollow",
    "parallel",
)
"""The models' features: shares as in `corpus.overlap.Figures`, of the two texts the larger or the lesser.

`order` grows with the number of matched passages that follow each other in both; `hollow` is by how
much the words are clearly more alike than the names or numbers, as in a template that is filled in anew.
`parallel` is above 0 where two texts of like length, with the same names, take one course from first to last:
a retelling keeps that, whatever becomes of its words; two reports of one event have it by chance at most.
"""


def check(settings: StorySettings, where: str) -> None:
    """Refuse models that do not fit the features."""
    for name, model in (("retold", settings.retold), ("translated", settings.translated)):
        if set(model.weights) != set(FEATURES):
            odd = min(set(model.weights) ^ set(FEATURES))
            raise RuleError(
                f"{where}: [stories.{name}.weights] '{odd}' is missing or unknown; fit the model again"
            )
    if not 1 <= settings.candidates.reach <= settings.candidates.limit:
        raise RuleError(
            f"{where}: [stories.candidates] reach must be at least 1, and no more than limit: hot keys"
            " pair fewer texts than others"
        )


def stories_meet(sketches: OpenTable, settings: CandidateSettings, engine: Engine) -> ByKeys:
    """How texts of the table of sketches meet: by common keys."""
    caps = Caps(settings.limit, settings.reach)
    kinds: list[Kind] = [Sampled("keys", caps, (settings.shared, settings.part))]
    return ByKeys(sketches, kinds, engine)


def keys_of(sketches: Sketches, weights: Weights, most: int) -> Rows:
    """What each text is looked up by, ascending: its rarest words outside quotations.

    Half as many names and numbers are keys besides, since of a translation nothing else is found.
    Texts that are lists or posts have none.
    """
    owner = owners(sketches.terms.starts)
    plain = ((sketches.terms.values & QUOTED) == 0) & ~sketches.stamped[owner]
    once = distinct(owner[plain].astype(np.uint64) << _SHIFT | sketches.terms.values[plain])
    once = once[np.append(once[1:] >> _MARKS != once[:-1] >> _MARKS, True)[: len(once)]]
    owner, terms = (once >> _SHIFT).astype(np.int64), once.astype(np.uint32)
    rarity = weights.of(terms & STEM) + ((terms & SLIP) > 0)
    order = np.lexsort((terms, -rarity, owner))
    owner, terms = owner[order], terms[order]
    fact = np.flatnonzero(terms & SLIP)
    used = _rank(owner) < most
    used[fact] |= _rank(owner[fact]) < most // 2
    keys = distinct(owner[used].astype(np.uint64) << _SHIFT | (terms[used] & STEM))
    counts = np.bincount((keys >> _SHIFT).astype(np.int64), minlength=len(sketches.stamped))
    return Rows(keys.astype(np.uint32), starts_of(counts))


_SHIFT, _MARKS = np.uint64(32), np.uint64(3)


def _rank(owner: Index) -> Index:
    """The place of each value among those of its owner; owners ascend."""
    return np.arange(len(owner)) - np.searchsorted(owner, owner)


def best_of(pairs: Index, shared: Index, most: int) -> Bools:
    """Which pairs are among the best of one of their rows, by shared keys, then by nearness."""
    keep = np.zeros(len(pairs), bool)
    for row, other in (pairs.T, pairs[:, ::-1].T):
        crowded = (
            np.bincount(row)[row] > most
        )  # all pairs of a row that has fewer are among its best
        keep |= ~crowded
        some = np.flatnonzero(crowded)
        mine, far = row[some], np.abs(other[some] - row[some])
        # As one number each: `lexsort` takes ten times as long where rows stand in order already.
        numbers = ranked((mine, shared[some].max(initial=0) - shared[some], far))
        order = np.argsort(numbers, kind="stable")
        keep[some[order[_rank(mine[order]) < most]]] = True
    return keep


def log_odds(found: Figures, foreign: Bools, settings: StorySettings) -> Floats:
    """How likely each pair is one story, as log-odds; `foreign` pairs are of two languages.

    What a brief leaves out says little against it, so odds against a pair shrink with the shorter text's
    share of the longer; a brief that was cut from the wire can then join what was reworded from it.
    """
    columns = features(found)
    odds = [
        columns @ np.array([model.weights[name] for name in FEATURES]) + model.intercept
        for model in (settings.retold, settings.translated)
    ]
    chosen = np.clip(np.where(foreign, odds[1], odds[0]), -settings.limit, settings.limit)
    weighed: Floats = np.where((chosen < 0) & ~foreign, chosen * _alike_in_length(found), chosen)
    return weighed.round(6)  # a sum's last bits depend on how many pairs there are


def features(found: Figures) -> Floats:
    """The values of `FEATURES`, a line a pair."""

    def both(name: str) -> tuple[Floats, Floats]:
        left, right = getattr(found, f"{name}_left"), getattr(found, f"{name}_right")
        return np.maximum(left, right), np.minimum(left, right)

    names, numbers, words = both("names")[1], both("numbers"), both("words")
    passages = np.maximum(found.passages_left, found.passages_right)
    return np.stack(
        (
            *both("told"),
            both("lead")[1],
            names,
            *numbers,
            *words,
            found.runs,
            found.order * np.minimum(1.0, passages / 5.0),
            found.course,
            found.quotes,
            np.minimum(found.slips, 2.0),
            np.maximum(0.0, words[1] - np.minimum(names, numbers[1]) - 0.1),
            np.maximum(0.0, found.course - 0.5) * _alike_in_length(found) * names,
        ),
        axis=1,
    )


def _alike_in_length(found: Figures) -> Floats:
    """The shorter text's share of the longer one."""
    shorter = np.minimum(found.length_left, found.length_right)
    share: Floats = shorter / np.maximum(found.length_left, found.length_right)
    return share


class Judged(NamedTuple):
    """How likely pairs are one story, as log-odds, and what of their figures tells how one descends.

    `foreign` pairs are of two languages. Shares as in `corpus.overlap.Figures`.
    """

    odds: Floats
    foreign: Bools
    told_left: Floats
    told_right: Floats
    lead_left: Floats
    lead_right: Floats
    runs: Floats
    order: Floats

    def at(self, places: Index | slice) -> "Judged":
        """Some of the pairs."""
        rest = (column[places] for column in self[2:])
        return Judged(self.odds[places], self.foreign[places], *rest)


def judge(sketches: Sketches, weights: Weights, pairs: Index, settings: StorySettings) -> Judged:
    """What there is to say of each pair of row numbers."""
    found = figures(sketches, weights, pairs)
    foreign: Bools = sketches.language[pairs[:, 0]] != sketches.language[pairs[:, 1]]
    shares = (getattr(found, name) for name in Judged._fields[2:])
    return Judged(log_odds(found, foreign, settings), foreign, *shares)


def spanning(pairs: Index, odds: Floats) -> Index:
    """Of the pairs inside stories the strongest that connect each story: places in `pairs`.

    A story of n rows has n - 1 of them; of equals the first in the order of `pairs` is taken.
    """
    leader: dict[int, int] = {}

    def head(row: int) -> int:
        while (above := leader.get(row, row)) != row:
            leader[row] = leader.get(above, above)
            row = above
        return row

    chosen = []
    order = np.argsort(-odds, kind="stable")
    for place, (one, other) in zip(order.tolist(), pairs[order].tolist(), strict=True):
        heads = head(one), head(other)
        if heads[0] != heads[1]:
            leader[heads[1]] = heads[0]
            chosen.append(place)
    return np.array(sorted(chosen), np.int64)


def relations(judged: Judged, settings: RelationSettings) -> list[StoryRelation]:
    """How the later text (right) of each pair descends from the earlier one."""
    fresh = (judged.lead_right < settings.lead) | (judged.told_right < settings.told)
    updates = fresh & (judged.runs >= settings.runs)
    chosen = np.where(judged.foreign, 2, updates.astype(np.int64))
    names: tuple[StoryRelation, ...] = ("rewritten", "update", "translated")
    return [names[n] for n in chosen.tolist()]
