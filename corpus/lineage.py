"""From clusters to stories: each text read once, each pair of texts judged once.

In: clusters by the texts that stand for them, and their days. Out: the story of each cluster, and the pairs
that are in one story. What makes two clusters one story is decided in `corpus.stories`; here texts and
pairs are known again by what they are, so that it does not matter when one was judged. The pairs are told
in words by `corpus.witness`.
"""

from functools import lru_cache
from typing import NamedTuple

import msgspec
import numpy as np

from corpus.engines import Engine
from corpus.linking import Alike, linked
from corpus.obeying import NOTHING_SAID
from corpus.overlap import Weights, weights_of
from corpus.packed import unpacked
from corpus.rows import U64, Index, in_batches, looked_up, mixed, taken
from corpus.signing import Columns
from corpus.stories import (
    Days,
    Judged,
    StorySettings,
    judge,
    keys_of,
    propose,
)
from corpus.tables import Column, Layout, OpenTable, Table, text_of
from corpus.terms import Reader, Sketches, sketches
from corpus.text import NormaliserSettings
from corpus.words import Bools
from crawler.records import Record

SKETCHES: Layout = {
    "key": Column("u8"),  # of the text as it stands
    "terms": Column("u4", ragged=True),
    "passages": Column("u4", ragged=True),
    "keys": Column("u4", ragged=True),
    "language": Column("u1"),
    "stamped": Column("?"),
}

DESCENT: Layout = {
    "key": Column("u8"),  # of the two texts, in the order of their days
    "odds": Column("f8"),
    "foreign": Column("?"),
    "shares": Column("f4", width=len(Judged._fields) - 2),
}

_TEXT_AT_ONCE = 1 << 20  # bytes of packed texts read in one part
_TERMS_AT_ONCE = 500_000  # terms on both sides of a batch of pairs


class Recipe(Record):
    """What texts are read and pairs are judged by."""

    settings: StorySettings
    normaliser: NormaliserSettings

    def ready(self) -> tuple[Reader, Weights]:
        """A reader of texts, and what words weigh; made once in a process."""
        return _ready(msgspec.msgpack.encode(self))


@lru_cache(maxsize=2)
def _ready(recipe: bytes) -> tuple[Reader, Weights]:
    given = msgspec.msgpack.decode(recipe, type=Recipe)
    words = given.settings.words
    reader = Reader(words, given.normaliser)
    return reader, weights_of(reader, words.known, given.settings.align)


class Reading:
    """A step of an engine that reads texts."""

    def __init__(self, documents: OpenTable, recipe: Recipe) -> None:
        self._documents, self.recipe = documents, recipe

    def texts(self, rows: Index) -> list[str]:
        """The texts at these rows of the table of documents."""
        with self._documents.opened() as table:
            packed = table.ragged("packed")
            return [unpacked(text_of(packed, row)) for row in rows.tolist()]


class Sketcher(Reading):
    """Sketches of texts, by their rows in the table of documents."""

    def __call__(self, rows: Index) -> Columns:
        """The columns of the table of sketches but for the key."""
        reader, weights = self.recipe.ready()
        made = sketches(self.texts(rows), reader)
        return {
            "terms": made.terms,
            "passages": made.passages,
            "keys": keys_of(made, weights, self.recipe.settings.candidates.keys),
            "language": made.language,
            "stamped": made.stamped,
        }


class Judge:
    """How likely pairs of sketches are one story, as a step of an engine."""

    def __init__(self, held: OpenTable, recipe: Recipe) -> None:
        self._held, self._recipe = held, recipe

    def __call__(self, pairs: Index) -> Columns:
        """The columns of the table of descent but for the key."""
        _, weights = self._recipe.ready()
        rows, places = np.unique(pairs, return_inverse=True)
        with self._held.opened() as table:
            texts = Sketches(
                taken(table.ragged("terms"), rows),
                taken(table.ragged("passages"), rows),
                table.column("language")[rows],
                table.column("stamped")[rows],
            )
            found = judge(texts, weights, places.reshape(-1, 2), self._recipe.settings)
        shares = np.stack(found[2:], axis=1).astype(np.float32)
        return {"odds": found.odds, "foreign": found.foreign, "shares": shares}


class Told(NamedTuple):
    """The texts that stand for clusters, by cluster: rows of the table of documents, and names.

    `first` and `last` are the clusters' days (NaN where none is known), `seen` ranks them by when they
    were first seen. `names` tell clusters apart, those of one text too. A compilation is a story with
    none of those that it quotes.
    """

    rows: Index
    names: U64
    first: Days
    last: Days
    seen: Index
    compilation: Bools


class Families(NamedTuple):
    """The story of each cluster (one of its clusters), and the compared pairs that are in one story.

    Of a pair the earlier cluster comes first; `at` is its row in the table of descent, and `turned` says
    that it stands there the other way round.
    """

    story: Index
    pairs: Index
    at: Index
    turned: Bools


class Step(NamedTuple):
    """The tables and the engine that this level works with."""

    documents: OpenTable
    sketches: Table
    descent: Table
    families: Table
    engine: Engine
    recipe: Recipe


def families(step: Step, told: Told, window: float) -> Families:
    """The stories of the clusters."""
    settings = step.recipe.settings
    order = np.argsort(told.first, kind="stable")  # unknown days last
    at, keys = _sketched(step, told.rows[order])
    days = told.first[order], told.last[order]
    proposed = propose(taken(step.sketches.ragged("keys"), at), days, window, settings.candidates)
    compilation = told.compilation[order]
    proposed = proposed[compilation[proposed[:, 0]] == compilation[proposed[:, 1]]]
    held = _judged(step, keys, at, proposed)
    odds = step.descent.column("odds")[held]
    alike = Alike(proposed, odds, np.zeros(len(odds), bool))
    names = told.names[order]
    texts = names, np.ones(len(names), np.int64)
    label = linked(step.families, step.engine, settings.group, texts, alike, NOTHING_SAID)
    inside = np.flatnonzero(label[proposed[:, 0]] == label[proposed[:, 1]])
    pairs = order[proposed[inside]]
    turned = _is_later(told, pairs)
    pairs[turned] = pairs[turned][:, ::-1]
    story = np.empty(len(order), np.int64)
    story[order] = order[label]
    return Families(story, pairs, held[inside], turned)


def _is_later(told: Told, pairs: Index) -> Bools:
    """Where the first cluster of a pair is the later one."""
    first, other = told.first[pairs[:, 0]], told.first[pairs[:, 1]]
    open_ = ~((first < other) | (first > other))
    later: Bools = np.where(open_, told.seen[pairs[:, 0]] > told.seen[pairs[:, 1]], first > other)
    return later


def _sketched(step: Step, rows: Index) -> tuple[Index, U64]:
    """Where the texts at these rows stand in the table of sketches, and their keys."""
    with step.documents.opened() as documents:
        keys = documents.column("text")[rows]
        sizes = documents.ragged("packed").lengths
    table = step.sketches
    at = looked_up(keys, table.column("key"))
    missing = np.flatnonzero(at < 0)
    _, once = np.unique(keys[missing], return_index=True)
    missing = missing[np.sort(once)]
    batches = [missing[b] for b in in_batches(sizes[rows[missing]] + 200, _TEXT_AT_ONCE)]
    sketcher = Sketcher(step.documents, step.recipe)
    answers = step.engine.each(sketcher, (rows[batch] for batch in batches))
    for batch, columns in zip(batches, answers, strict=True):
        table.append({"key": keys[batch], **columns})
    if len(missing):
        table.seal()
        at = looked_up(keys, table.column("key"))
    return at, keys


def _judged(step: Step, keys: U64, at: Index, pairs: Index) -> Index:
    """The row of each pair in the table of descent."""
    table = step.descent
    names = mixed(keys[pairs[:, 0]], keys[pairs[:, 1]])
    found = looked_up(names, table.column("key"))
    missing = np.flatnonzero(found < 0)
    _, once = np.unique(names[missing], return_index=True)
    missing = missing[np.sort(once)]
    lengths = step.sketches.ragged("terms").lengths + 50
    sizes = lengths[at[pairs[missing]]].sum(axis=1)
    batches = [missing[b] for b in in_batches(sizes, _TERMS_AT_ONCE)]
    opened = OpenTable(step.sketches.folder, step.sketches.layout, step.sketches.rows)
    judging = Judge(opened, step.recipe)
    answers = step.engine.each(judging, (at[pairs[batch]] for batch in batches))
    for batch, columns in zip(batches, answers, strict=True):
        table.append({"key": names[batch], **columns})
    if len(missing):
        table.seal()
        found = looked_up(names, table.column("key"))
    return found
