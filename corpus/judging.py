"""Near copies among the distinct texts: pairs proposed and verified, clusters, compilations.

In: the distinct texts, the tables, what the run before left. Out: the cluster of each text, and what
this run leaves. Whatever no new text touches stands as it did; the answer is that of a run that begins
with nothing. How each step decides is said in its own module.
"""

from typing import NamedTuple

import numpy as np

from corpus import background, cluster, parting, roundups
from corpus.before import Arrays
from corpus.containing import Contained, Reader, containing
from corpus.engines import Engine
from corpus.linking import Alike, Renewal, linked
from corpus.meeting import Meeting, Met, nearest, paired
from corpus.minhash import CandidateSettings
from corpus.neighbours import texts_meet
from corpus.nodes import Nodes
from corpus.obeying import Said
from corpus.pairs import Bools, Floats
from corpus.quoting import (
    Answers,
    Asked,
    Compared,
    Judge,
    Opener,
    Turned,
    compilations,
    may_quote,
    quoting,
    turned_of,
    unsettled,
)
from corpus.roundups import Passages, RoundupSettings
from corpus.rows import U64, Index, either_end
from corpus.since import I32, Named, Renewed, Since, ends_now, renewed, since, turned
from corpus.tables import Table
from corpus.verifying import Pairing, verified
from corpus.words import U8

_AT_ONCE = 1 << 18  # pairs that are looked at at a time: they stay in the processor's cache
_ROUNDS = 3
_FOUND_IN = 2  # of them, compilations are looked for in so many


class Judged(NamedTuple):
    """The compared pairs of texts, their rows in the table of pairs, and the cluster of each text.

    `compilations` marks those, `contained` are the stories in them. `parted` has for each pair of a page
    and a text that it is parted from (`corpus.parting`) the page and the text.
    """

    at: Index
    pairs: Index
    held: Index
    odds: Floats
    labels: Index
    compilations: Bools
    contained: Contained
    parted: Index


class Judging(NamedTuple):
    """The tables and settings that texts are judged with, and what people said of them."""

    pairing: Pairing
    quoting: Table
    contents: Table
    candidates: CandidateSettings
    cluster: cluster.ClusterSettings
    roundups: RoundupSettings
    parting: parting.PartingSettings
    background: background.BackgroundSettings
    said: Said

    @property
    def engine(self) -> Engine:
        """What runs the steps."""
        return self.pairing.engine


class _Then(NamedTuple):
    """What the run before left: its texts, the pairs that met and their rows in the table of pairs.

    `parted` says which of these pairs were parted, `several` which texts from two stories. `quotes` and
    `marks` are of texts that may be compilations, and that were in some round, `answers` what was found of
    them in either; `said` names those that people spoke of.
    """

    named: Named
    met: Met
    held: I32
    parted: U8
    several: Bools
    weights: Index
    rounds: tuple[Index, ...]
    quotes: Bools
    marks: Bools
    answers: tuple[Answers, ...]
    said: U64

    def changed_labels(self, number: int, labels: Index, now: Named, changes: Since) -> Bools:
        """The texts that are new, or whose cluster of this round has another name than it had."""
        marks = changes.new.copy()
        old = np.flatnonzero(~marks)
        then = self.rounds[number][changes.old_of_new[old]]
        marks[old] = now.names[labels[old]] != self.named.names[then]
        return marks


def proposed(step: Judging, found: Nodes, at: Index, window: float, before: Arrays) -> Index:
    """The pairs of texts worth comparing: those that meet, of each text the nearest ones."""
    now, then = Named(found.name, Meeting(at, found.first, found.last, window)), _then(before)
    met = _met(step, now, then, since(now, then.named))
    return paired(met.pairs[nearest(met.pairs, step.candidates.most)])


def judged(
    step: Judging, found: Nodes, at: Index, window: float, before: Arrays
) -> tuple[Judged, Arrays]:
    """The texts' clusters, and what the next run is told.

    A compilation can draw what it quotes into one cluster, and then seems to quote one story only. So
    each text is judged a second time by clusters in which those that may be compilations join nothing.
    Those found are kept apart in a third round. What people said is obeyed in all.
    """
    now, then = Named(found.name, Meeting(at, found.first, found.last, window)), _then(before)
    changes = since(now, then.named)
    met = _met(step, now, then, changes)
    kept = nearest(met.pairs, step.candidates.most)
    all_held = _verified(step, found, at, met, kept, then)
    pairs, held = paired(met.pairs[kept]), all_held[kept].astype(np.int64)
    kept_then = nearest(then.met.pairs, step.candidates.most)
    fresh, gone = turned(met, kept, kept_then)
    changed = _differing(found.weights, then.weights, changes)
    spoken = step.said.texts()
    changed |= np.isin(now.names, then.said)
    changed[spoken] = True

    table = step.pairing.pairs
    odds, twins = (table.column(name)[held] for name in ("odds", "twins"))
    passages = _passages(table, held)

    lost = ends_now(then.met.pairs[gone], changes), table.column("odds")[then.held[gone]]
    # New texts are asked whatever pairs they are in; in a first run all are, with many million pairs.
    told = either_end(~changes.new, pairs)
    lost_passages = _passages(table, then.held[gone])
    turned_pairs = _turned(pairs, passages, fresh[kept] & told, lost[0], lost_passages)
    by_pairs, turned_texts = turned_of(turned_pairs, changes.new), turned_pairs.texts(changes.new)
    parted = _parted(
        step,
        _compared(step, at, pairs, held, passages),
        passages,
        turned_texts,
        then,
        changes,
        met.was[kept],
    )
    together = parted.bits == 0

    def clustered(number: int, counts: Bools, flipped: Bools) -> Index:
        """By the pairs that count; of a text that flipped all count as turned."""
        alike = Alike(pairs, odds, twins, counts & together)
        turned_now = told & (fresh[kept] | either_end(flipped | parted.flipped, pairs))
        some = np.flatnonzero(turned_now)
        given = np.concatenate((pairs[some], lost[0])), np.concatenate((odds[some], lost[1]))
        renewal = Renewal(then.rounds[number], changes, changed, *given)
        return linked(step.engine, step.cluster, found.weights, alike, step.said, renewal)

    quotes_then = np.append(then.quotes, False)[changes.old_of_new]
    every = np.arange(len(at))
    quotes = may_quote(pairs, passages, every, step.roundups.stories, by_pairs.opens, quotes_then)
    none = np.zeros(len(at), bool)
    may_now = _differing(quotes, then.quotes, changes)
    rounds = [
        clustered(0, together, none),
        clustered(1, ~either_end(quotes, pairs), may_now),
    ]
    compared = Compared(now.names, at, pairs, held)
    relabelled = np.logical_or.reduce(
        [then.changed_labels(n, labels, now, changes) for n, labels in enumerate(rounds)]
    )
    asked = unsettled(pairs, passages, by_pairs, relabelled)
    known = [found.at(changes.old_of_new) for found in then.answers]
    answers = _answers(step, compared, passages, rounds, known, asked)
    marks = compilations(pairs, passages, answers) | parted.several
    may = roundups.joinable(pairs, passages.copies, marks)
    rounds.append(clustered(2, may, _differing(marks, then.marks, changes)))
    reader = Reader(step.pairing.nodes.opened(), table.opened(), step.roundups)
    contained = containing(step.contents, step.engine, reader, compared, rounds[-1], marks)
    all_parted = np.zeros(len(met.pairs), np.uint8)
    all_parted[kept] = parted.bits
    left = _Then(
        now,
        Met(met.pairs, met.shared),
        all_held,
        all_parted,
        parted.several,
        found.weights,
        tuple(rounds),
        quotes,
        marks,
        tuple(answers),
        now.names[spoken],
    )
    apart = parted.pages_and_texts(pairs)
    return Judged(at, pairs, held, odds, rounds[-1], marks, contained, apart), _arrays(left)


_LEFT, _RIGHT, _BACKGROUND = np.uint8(1), np.uint8(2), np.uint8(4)
"""The bits of a pair that is parted: its left text is a page that the right one is kept from; the other way
round; they share background only."""


class _Parted(NamedTuple):
    """Which pairs are parted, which texts from two stories, and which texts have other pairs than before."""

    bits: U8
    several: Bools
    flipped: Bools

    def pages_and_texts(self, pairs: Index) -> Index:
        """The pages and the texts that they are parted from."""
        left, right = ((self.bits & bit) > 0 for bit in (_LEFT | _BACKGROUND, _RIGHT | _BACKGROUND))
        return np.concatenate((pairs[left], pairs[right][:, ::-1]))


def _background(
    step: Judging, compared: parting.Compared, passages: Passages, asked: Bools
) -> Bools:
    """Which of the likely pairs of a text that is asked share background only."""
    table = step.pairing.pairs
    some = np.flatnonzero(passages.beside & ~passages.left_opens & ~passages.right_opens)
    pairs, rows = compared.pairs[some], compared.held[some]
    likely = either_end(asked, pairs) & (table.column("odds")[rows] > step.cluster.weak)
    beside = background.Beside(pairs, table.column("containment")[rows], compared.shared[some])
    found = np.zeros(len(compared.held), bool)
    found[some] = background.background(beside, likely, step.background)
    return found


def _parted(
    step: Judging,
    compared: parting.Compared,
    passages: Passages,
    asked: Bools,
    then: _Then,
    changes: Since,
    was: I32,
) -> _Parted:
    """What pages are parted from, and texts that share background alone; of texts not `asked` it is known."""
    opened = step.pairing.nodes.opened(), step.pairing.pairs.opened()
    parter = parting.Parter(*opened, step.parting)
    found = parting.parted_by(step.engine, parter, compared, asked, step.parting)
    known, pairs = _at(then.parted, was), compared.pairs
    several = np.where(asked, found.pages, np.append(then.several, False)[changes.old_of_new])
    left = np.where(asked[pairs[:, 0]], found.left, known & _LEFT > 0)
    right = np.where(asked[pairs[:, 1]], found.right, known & _RIGHT > 0)
    alone = _background(step, compared, passages, asked)
    alone = np.where(either_end(asked, pairs), alone, known & _BACKGROUND > 0)
    bits = left * _LEFT | right * _RIGHT | alone * _BACKGROUND
    flipped = _differing(several, then.several, changes)
    flipped[pairs[bits != known].ravel()] = True
    return _Parted(bits, several, flipped)


def _compared(
    step: Judging, at: Index, pairs: Index, held: Index, passages: Passages
) -> parting.Compared:
    """The pairs as pages are parted by them."""
    lengths = step.pairing.nodes.ragged("grams").lengths[at]
    containment = step.pairing.pairs.column("containment")
    shared = np.empty(len(pairs))
    for begin in range(0, len(pairs), _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        one, other = pairs[some].T
        shorter = np.minimum(lengths[one], lengths[other])
        np.rint(shorter * containment[held[some]], out=shared[some])
    left, right = passages.copies | passages.left_opens, passages.copies | passages.right_opens
    return parting.Compared(at, lengths, pairs, held, shared, left, right)


def _at(values: U8, where: I32) -> U8:
    """The values at these places; 0 at -1."""
    return np.append(values, np.uint8(0))[where]


def _answers(
    step: Judging,
    compared: Compared,
    passages: Passages,
    rounds: list[Index],
    known: list[Answers],
    asked: Asked,
) -> list[Answers]:
    """What is found of each text in each round: whether it quotes several stories."""
    opened = step.pairing.nodes.opened(), step.pairing.pairs.opened(), step.roundups
    steps, least = (step.engine, Opener(*opened), Judge(*opened)), step.roundups.stories
    return quoting(step.quoting, steps, compared, passages, rounds, least, known, asked)


def _passages(table: Table, rows: Index | I32) -> Passages:
    """Those of the pairs at these rows of the table of pairs."""
    return Passages(*(table.column(name)[rows] for name in Passages._fields))


def _turned(
    pairs: Index, passages: Passages, fresh: Bools, lost: Index, lost_passages: Passages
) -> Turned:
    """The fresh ones of the pairs, and those that are lost."""
    both = zip(passages, lost_passages, strict=True)
    joined = (np.concatenate((now[fresh], then)) for now, then in both)
    return Turned(np.concatenate((pairs[fresh], lost)), Passages(*joined))


def _met(step: Judging, now: Named, then: _Then, changes: Since) -> Renewed:
    meets = texts_meet(step.pairing.nodes.opened(), step.candidates, step.engine)
    return renewed(meets, now, then.named, then.met, changes)


def _verified(
    step: Judging, found: Nodes, at: Index, met: Renewed, kept: Bools, then: _Then
) -> I32:
    """The row of each pair in the table of pairs; -1 for those that are not kept and never were."""
    held = np.append(then.held, np.int32(-1)).astype(np.int32, copy=False)[met.was]
    asked = np.flatnonzero(kept & (held < 0))
    held[asked] = verified(step.pairing, found.key, at, paired(met.pairs[asked]))
    return held


def _differing(values: Index | Bools, then: Index | Bools, changes: Since) -> Bools:
    """The texts that are new or have another value than before."""
    marks = changes.new.copy()
    old = np.flatnonzero(~marks)
    marks[old] = values[old] != then[changes.old_of_new[old]]
    return marks


def _arrays(left: _Then) -> Arrays:
    names, texts = left.named
    return {
        "texts.names": names,
        "texts.at": texts.at,
        "texts.first": texts.first,
        "texts.last": texts.last,
        "texts.weights": left.weights,
        "texts.pairs": left.met.pairs,
        "texts.held": left.held,
        "texts.parted": left.parted,
        "texts.several": left.several,
        "texts.labels": np.stack(left.rounds).astype(np.int32),
        "texts.quotes": left.quotes,
        "texts.marks": left.marks,
        "texts.answers": np.stack([np.stack(found) for found in left.answers]),
        "texts.said": left.said,
    }


def _then(before: Arrays) -> _Then:
    if "texts.answers" not in before:
        none, no = np.zeros(0, np.int64), np.zeros(0, bool)
        texts, names = (
            Meeting(none, none.astype(float), none.astype(float), 0.0),
            np.zeros(0, np.uint64),
        )
        rounds = (none,) * _ROUNDS
        nothing = (Answers(no, no, no),) * _FOUND_IN
        return _Then(
            Named(names, texts),
            Met(names, none),
            none.astype(np.int32),
            no.astype(np.uint8),
            no,
            none,
            rounds,
            no,
            no,
            nothing,
            names,
        )
    held = {name.removeprefix("texts."): values for name, values in before.items()}
    texts = Meeting(held["at"], held["first"], held["last"], 0.0)
    met = Met(held["pairs"], np.zeros(len(held["pairs"]), np.int64))
    return _Then(
        Named(held["names"], texts),
        met,
        held["held"],
        held["parted"],
        held["several"],
        held["weights"],
        tuple(held["labels"].astype(np.int64)),
        held["quotes"],
        held["marks"],
        tuple(Answers(*found) for found in held["answers"]),
        held["said"],
    )
