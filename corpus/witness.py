"""What holds a story together, in words: which clusters descend from which, and the evidence.

In: the stories of clusters, and what was measured of their pairs (`corpus.lineage`). Out: links, each with a
line that a person can audit. Each pair of texts is laid side by side once.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from corpus.align import Alignment, alignment
from corpus.lineage import Families, Reading, Step, Told
from corpus.records import StoryRelation
from corpus.remembering import Columns, remembered
from corpus.rows import Index, mixed
from corpus.stories import Judged, relations, spanning
from corpus.tables import Column, Layout, Table, text_of, text_rows
from corpus.words import Bools

EVIDENCE: Layout = {
    "key": Column("u8"),  # of the two texts, the earlier one first
    "words": Column("u1", ragged=True),
}

_AT_ONCE = 200  # pairs of texts


class Links(NamedTuple):
    """Pairs of clusters that hold stories together, the earlier one first, and why."""

    pairs: Index
    relations: list[StoryRelation]
    evidence: list[str]


class _Shown(NamedTuple):
    """Pairs to be told in words: rows of the table of documents, and what was measured."""

    rows: Index
    figures: Judged


def links(step: Step, told: Told, found: Families, memo: Table) -> Links:
    """For each story of n clusters the n - 1 strongest links that connect it, with evidence in words."""
    table = step.descent
    order = np.lexsort((found.pairs[:, 1], found.pairs[:, 0]))
    odds = table.column("odds")[found.at[order]]
    chosen = order[spanning(found.pairs[order], odds)]
    pairs, at, turned = found.pairs[chosen], found.at[chosen], found.turned[chosen]
    figures = _figures(table, at, turned)
    named = relations(figures, step.recipe.settings.relations)
    rows = told.rows[pairs]
    with step.documents.opened() as documents:
        texts = documents.column("text")[rows]
    keys = mixed(texts[:, 0], texts[:, 1])
    witness = Witness(step.documents, step.recipe)

    def work(batches: Iterable[Index]) -> Iterator[Columns]:
        parts = (_Shown(rows[some], figures.at(some)) for some in batches)
        return ({"words": text_rows(words)} for words in step.engine.each(witness, parts))

    held = remembered(memo, keys, np.ones_like, _AT_ONCE, work)
    said = memo.ragged("words")
    return Links(pairs, named, [text_of(said, row).decode() for row in held.tolist()])


def _figures(table: Table, at: Index, turned: Bools) -> Judged:
    """What was measured of pairs, the earlier text left."""
    shares = table.column("shares")[at].astype(np.float64)
    held = Judged(table.column("odds")[at], table.column("foreign")[at], *shares.T)
    return held._replace(
        told_left=np.where(turned, held.told_right, held.told_left),
        told_right=np.where(turned, held.told_left, held.told_right),
        lead_left=np.where(turned, held.lead_right, held.lead_left),
        lead_right=np.where(turned, held.lead_left, held.lead_right),
    )


class Witness(Reading):
    """Evidence in words, for pairs of texts."""

    def __call__(self, shown: _Shown) -> list[bytes]:
        """A line a pair."""
        reader, weights = self.recipe.ready()
        olds, news = self.texts(shown.rows[:, 0]), self.texts(shown.rows[:, 1])
        return [
            _evidence(alignment(old, new, reader, weights), shown.figures, n).encode()
            for n, (old, new) in enumerate(zip(olds, news, strict=True))
        ]


_SHOWN = 3  # passages that a link's evidence quotes words of


def _evidence(found: Alignment, figures: Judged, n: int) -> str:
    """What the later text shares with the earlier one, in words."""
    told = f"{figures.told_left[n]:.0%} of the earlier text and {figures.told_right[n]:.0%} of the later"
    parts = [
        f"{len(found.passages)} of {found.left_passages} passages match",
        f"{told} are told in the other",
        f"{figures.order[n]:.0%} in order",
        f"log-odds {figures.odds[n]:.1f}",
    ]
    best = sorted(found.passages, key=lambda passage: (-passage.share, passage.left))[:_SHOWN]
    parts += [
        f"passage {passage.left + 1} in {passage.right + 1}: {', '.join(passage.words[:8])}"
        for passage in best
    ]
    if found.slips:
        parts.append("slips in both: " + ", ".join(f"“{slip}”" for slip in found.slips))
    return "; ".join(parts)
