"""From clusters to stories: each text read once, each pair of texts judged once.

In: clusters by the texts that stand for them, and their days. Out: the story of each cluster, and the pairs
that are in one story. What makes two clusters one story is decided in `corpus.stories`; here texts and
pairs are known again by what they are, so that it does not matter when one was judged. The pairs are told
in words by `corpus.witness`.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import msgspec
import numpy as np

from corpus.before import Arrays
from corpus.cluster import NO_PAIRS
from corpus.engines import Engine
from corpus.linking import Alike, Renewal, linked
from corpus.meeting import Meeting, Met, paired
from corpus.obeying import Said
from corpus.overlap import Weights, weights_of
from corpus.packed import unpacked
from corpus.remembering import Columns, remembered
from corpus.rows import U64, Index, among, mixed
from corpus.since import Named, ends_now, renewed, since, turned
from corpus.stories import (
    Days,
    Judged,
    StorySettings,
    best_of,
    judge,
    keys_of,
    stories_meet,
)
from corpus.tables import Column, Layout, OpenTable, Table, text_of
from corpus.terms import Reader, Sketches, sketches
from corpus.text import NormaliserSettings
from corpus.translations import across
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
_TERMS_AT_ONCE = 2_000_000  # terms on both sides of a batch of pairs: its texts are read once


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
            packed = table.taken("packed", rows)
        return [unpacked(text_of(packed, n)) for n in range(len(rows))]


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
                table.taken("terms", rows),
                table.taken("passages", rows),
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
    none of those that it quotes; nor is a page with what is printed below its story: `parted` are such
    pairs of clusters.
    """

    rows: Index
    names: U64
    first: Days
    last: Days
    seen: Index
    compilation: Bools
    apart: Index
    parted: Index


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
    engine: Engine
    recipe: Recipe


def families(step: Step, told: Told, window: float, before: Arrays) -> tuple[Families, Arrays]:
    """The stories of the clusters, and what the next run is told."""
    settings, then = step.recipe.settings, _then(before)
    order = np.lexsort((told.names, told.first))  # unknown days last
    at, keys = _sketched(step, told.rows[order])
    texts = Meeting(at, told.first[order], told.last[order], window)
    now = Named(told.names[order], texts)
    changes = since(now, then.named)
    meets = stories_meet(step.sketches.opened(), settings.candidates, step.engine)
    met = renewed(meets, now, then.named, then.met, changes)
    kept = best_of(paired(met.pairs), met.shared, settings.candidates.most)
    compilation = told.compilation[order]
    all_held = np.full(len(met.pairs), -1)
    known = np.flatnonzero(met.was >= 0)
    all_held[known] = then.held[met.was[known]]
    left, right = paired(met.pairs).T
    parted = among(_codes(left, right), np.unique(_codes(*_places_in(order)[told.parted].T)))
    used = kept & (compilation[left] == compilation[right]) & ~parted
    asked = np.flatnonzero(used & (all_held < 0))
    all_held[asked] = _judged(step, keys, at, paired(met.pairs[asked]))
    proposed, held = paired(met.pairs[used]), all_held[used]
    every = np.append(step.descent.column("odds"), 0.0)  # of the pairs left out
    foreign = np.append(step.descent.column("foreign"), False)
    odds, own = every[held], ~foreign[held]
    # Pairs of a cluster that is a compilation now, or was, were left out or are: they count as joins.
    flipped = np.zeros(len(order), bool)
    old = np.flatnonzero(~changes.new)
    flipped[old] = compilation[old] != then.compilation[changes.old_of_new[old]]
    out = kept & (flipped[left] | flipped[right])
    out |= kept & (parted != np.append(then.parted, False)[met.was])
    fresh, gone = turned(met, kept, then.kept)
    some = np.flatnonzero((fresh & used & ~foreign[all_held]) | out)
    lost = then.held[gone]
    given = (
        np.concatenate((paired(met.pairs[some]), ends_now(then.met.pairs[gone], changes))),
        np.concatenate(
            (
                np.where(out[some], np.inf, every[all_held[some]]),
                np.where(lost >= 0, every[lost], -np.inf),
            )
        ),
    )
    said = Said(NO_PAIRS, told.apart).numbered(_places_in(order))
    spoken = np.zeros(len(order), bool)
    spoken[said.texts()] = True
    changed = changes.new | spoken | np.isin(now.names, then.said)
    renewal = Renewal(then.label, changes, changed, *given)
    alike, ones = (
        Alike(proposed, odds, np.zeros(len(odds), bool), own),
        np.ones(len(order), np.int64),
    )
    homely = linked(step.engine, settings.group, ones, alike, said, renewal)
    language, foreign_pairs = step.sketches.column("language")[at], (proposed[~own], odds[~own])
    label = across(homely, language, *foreign_pairs, settings.group.absent, said.cannot)
    inside = np.flatnonzero(label[proposed[:, 0]] == label[proposed[:, 1]])
    inner = order[proposed[inside]]
    later = _is_later(told, inner)
    inner[later] = inner[later][:, ::-1]
    story = np.empty(len(order), np.int64)
    story[order] = order[label]
    near = Met(met.pairs, met.shared)
    leaves = _Then(now, near, kept, all_held, homely, compilation, parted, now.names[spoken])
    return Families(story, inner, held[inside], later), _arrays(leaves)


class _Then(NamedTuple):
    """What the run before left: its clusters, the pairs that met, which of them were kept.

    `label` are the families of one language. `said` names the clusters that people kept apart from others.
    """

    named: Named
    met: Met
    kept: Bools
    held: Index
    label: Index
    compilation: Bools
    parted: Bools
    said: U64


def _codes(one: Index, other: Index) -> Index:
    """A number for each pair, whichever end comes first."""
    codes: Index = np.minimum(one, other) << 32 | np.maximum(one, other)
    return codes


def _places_in(order: Index) -> Index:
    """Where each number stands in the order."""
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return places


def _arrays(left: _Then) -> Arrays:
    names, texts = left.named
    return {
        "stories.names": names,
        "stories.at": texts.at,
        "stories.first": texts.first,
        "stories.last": texts.last,
        "stories.pairs": left.met.pairs,
        "stories.shared": left.met.shared.astype(np.int32),
        "stories.kept": left.kept,
        "stories.held": left.held.astype(np.int32),
        "stories.label": left.label,
        "stories.compilation": left.compilation,
        "stories.parted": left.parted,
        "stories.said": left.said,
    }


def _then(before: Arrays) -> _Then:
    if "stories.names" not in before:
        none, no = np.zeros(0, np.int64), np.zeros(0, bool)
        days, names = none.astype(np.float64), none.astype(np.uint64)
        named = Named(names, Meeting(none, days, days, 0.0))
        return _Then(named, Met(names, none), no, none, none, no, no, names)
    held = {name.removeprefix("stories."): values for name, values in before.items()}
    return _Then(
        Named(held["names"], Meeting(held["at"], held["first"], held["last"], 0.0)),
        Met(held["pairs"], held["shared"].astype(np.int64)),
        held["kept"],
        held["held"],
        held["label"],
        held["compilation"],
        held["parted"],
        held["said"],
    )


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
    sketcher = Sketcher(step.documents, step.recipe)

    def work(batches: Iterable[Index]) -> Iterator[Columns]:
        return step.engine.each(sketcher, (rows[batch] for batch in batches))

    def size_of(some: Index) -> Index:
        return sizes[rows[some]] + 200

    return remembered(step.sketches, keys, size_of, _TEXT_AT_ONCE, work), keys


def _judged(step: Step, keys: U64, at: Index, pairs: Index) -> Index:
    """The row of each pair in the table of descent."""
    lengths = step.sketches.ragged("terms").lengths + 50
    judging = Judge(step.sketches.opened(), step.recipe)

    def work(batches: Iterable[Index]) -> Iterator[Columns]:
        return step.engine.each(judging, (at[pairs[batch]] for batch in batches))

    def size_of(some: Index) -> Index:
        sizes: Index = lengths[at[pairs[some]]].sum(axis=1)
        return sizes

    names = mixed(keys[pairs[:, 0]], keys[pairs[:, 1]])
    return remembered(step.descent, names, size_of, _TERMS_AT_ONCE, work)
