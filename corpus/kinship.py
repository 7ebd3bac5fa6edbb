"""What the verdict rests on that two articles tell one wire story, or that they do not.

In: two texts, how the second level reads and judges texts, the story that they ended in. Out: a `Kinship`,
for `wirecorpus cluster --explain`. It decides nothing anew: features and log-odds are those of
`corpus.stories`.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from corpus.align import Aligned, alignment
from corpus.lineage import Recipe
from corpus.overlap import Weights, figures
from corpus.rows import Index, among
from corpus.stories import FEATURES, StorySettings, features, judge, keys_of, log_odds, spanning
from corpus.terms import QUOTED, STEM, Reader, Sketches, sketches
from crawler.records import Record


class Weighed(Record):
    """A feature of a pair, and what it adds to the log-odds."""

    name: str
    value: float
    log_odds: float


class SharedWord(Record):
    """A word that both texts have outside quotations, as the first writes it, and what it weighs."""

    word: str
    weight: float


class Tie(Record):
    """Two clusters of a story, by their representatives, and the log-odds that hold them together."""

    a: str
    b: str
    log_odds: float


class Kinship(Record):
    """Why two texts are one story in other words, or are not.

    `a` and `b` are the texts that were judged, as id@version: the representatives of the two clusters, or
    the articles themselves where they are in one. `model` is of texts in one language or in two. The
    intercept and the features' shares add up to the log-odds, which are kept within the model's limit; odds
    against a pair of one language are weakened by `length_share`, the length of the shorter text as a share
    of the longer's. A pair is proposed by rare words: `keys` are those by which both are looked up, of
    `keys_needed`. `words` are the heaviest that both have, `slips` doubled words and misspellings of both,
    `passages` those of the first (of `passages_a`) that stand in the second. `path` leads from the one
    cluster to the other by the strongest ties of their story.
    """

    a: str
    b: str
    model: Literal["retold", "translated"]
    log_odds: float
    intercept: float
    features: tuple[Weighed, ...]
    length_share: float
    keys: int
    keys_needed: int
    words: tuple[SharedWord, ...]
    slips: tuple[str, ...]
    passages: tuple[Aligned, ...]
    passages_a: int
    path: tuple[Tie, ...]


_WORDS = 15
_CLUSTERS = 200
"""Clusters of a story among which a path is looked for."""


def kinship(
    names: tuple[str, str],
    texts: tuple[str, str],
    story: tuple[Sequence[str], Sequence[str]],
    recipe: Recipe,
) -> Kinship:
    """What there is to say of two texts; `story` has the names and texts of all clusters of their story.

    It is empty where they are in none together.
    """
    reader, weights = recipe.ready()
    settings = recipe.settings
    both = sketches(texts, reader)
    found = figures(both, weights, _PAIR)
    foreign = both.language[:1] != both.language[1:]
    model = settings.translated if foreign[0] else settings.retold
    values = features(found)[0].tolist()
    shares = [value * model.weights[name] for name, value in zip(FEATURES, values, strict=True)]
    lengths = float(found.length_left[0]), float(found.length_right[0])
    aligned = alignment(*texts, reader, weights)
    keys, needed = _keys(both, weights, settings)
    return Kinship(
        a=names[0],
        b=names[1],
        model="translated" if foreign[0] else "retold",
        log_odds=round(float(log_odds(found, foreign, settings)[0]), 4),
        intercept=model.intercept,
        features=tuple(
            Weighed(name, round(value, 4), round(share, 4))
            for name, value, share in zip(FEATURES, values, shares, strict=True)
        ),
        length_share=round(min(lengths) / max(*lengths, 1.0), 4),
        keys=keys,
        keys_needed=needed,
        words=_shared_words(texts, reader, weights),
        slips=aligned.slips,
        passages=aligned.passages,
        passages_a=aligned.left_passages,
        path=_path(names, *story, recipe),
    )


_PAIR: Index = np.array([[0, 1]])


def kin_lines(kin: Kinship) -> Iterator[str]:
    """The same as lines of text."""
    yield f"judged     {kin.a} and {kin.b}, as {kin.model}: log-odds {kin.log_odds:+.2f}, of which"
    yield f"           {kin.intercept:+6.2f}  for any pair"
    for feature in sorted(kin.features, key=lambda feature: -abs(feature.log_odds)):
        yield f"           {feature.log_odds:+6.2f}  {feature.name} {feature.value:.3f}"
    if kin.log_odds < 0:
        yield f"           the sum times {kin.length_share:.2f}, the shorter one's share of the longer"
    yield f"proposed   by {kin.keys} rare words that both are looked up by ({kin.keys_needed} needed)"
    words = ", ".join(f"{word.word} {word.weight:.1f}" for word in kin.words)
    yield f"words      {words or 'none in common'}"
    if kin.slips:
        yield f"slips      {', '.join(kin.slips)}"
    yield f"aligned    {len(kin.passages)} of {kin.passages_a} passages"
    for passage in kin.passages:
        shown = ", ".join(passage.words[:12])
        yield f"  passage {passage.left + 1} in {passage.right + 1} ({passage.share:.0%}): {shown}"
    for tie in kin.path:
        yield f"tie        {tie.a} - {tie.b}  {tie.log_odds:+.2f}"


def _keys(both: Sketches, weights: Weights, settings: StorySettings) -> tuple[int, int]:
    """How many words both are looked up by, and how many would propose them."""
    rule = settings.candidates
    keys = keys_of(both, weights, rule.keys)
    one, other = keys.row(0), keys.row(1)
    part = rule.part * min(len(one), len(other))
    return int(among(one, other).sum()), max(rule.shared, int(np.ceil(part)))


def _shared_words(
    texts: tuple[str, str], reader: Reader, weights: Weights
) -> tuple[SharedWord, ...]:
    """The heaviest words that both have outside quotations."""
    mine, its = (
        {w.term & int(STEM): w.written for w in reader.words(text) if not w.term & int(QUOTED)}
        for text in texts
    )
    stems = sorted(mine.keys() & its.keys())
    heavy = weights.of(np.array(stems, np.uint32)).tolist()
    ranked = sorted(zip(heavy, stems, strict=True), key=lambda pair: (-pair[0], mine[pair[1]]))
    return tuple(SharedWord(mine[stem], round(weight, 2)) for weight, stem in ranked[:_WORDS])


def _path(
    names: tuple[str, str], all_names: Sequence[str], texts: Sequence[str], recipe: Recipe
) -> tuple[Tie, ...]:
    """The strongest ties that lead from one cluster of a story to another."""
    count = len(all_names)
    if not 2 <= count <= _CLUSTERS:
        return ()
    reader, weights = recipe.ready()
    pairs = np.stack(np.triu_indices(count, 1), axis=1)
    odds = judge(sketches(texts, reader), weights, pairs, recipe.settings).odds
    ties = [(*pairs[n].tolist(), float(odds[n])) for n in spanning(pairs, odds).tolist()]
    start, goal = (all_names.index(name) for name in names)
    ways: dict[int, tuple[Tie, ...]] = {start: ()}
    waiting = [start]
    for one in waiting:  # it grows on the way
        for left, right, value in ties:
            other = right if left == one else left if right == one else -1
            if other >= 0 and other not in ways:
                tie = Tie(all_names[one], all_names[other], round(value, 4))
                ways[other] = (*ways[one], tie)
                waiting.append(other)
    return ways[goal]
