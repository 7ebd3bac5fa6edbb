"""Why two documents are copies of each other or are not: `wirecorpus cluster --explain`.

In: a set of documents that was gathered for clustering, since furniture, candidates and clusters depend
on all of them, and two of their ids. Out: an `Explanation`, and the same for people to read. It decides
nothing anew: figures, log-odds and clusters are those of `corpus.plan`. What a story rests on is told by
`corpus.kinship`.
"""

import math
from collections.abc import Iterator
from typing import Literal

import numpy as np

from corpus import pairs, plan
from corpus.align import Aligned, alignment
from corpus.corrections import versioned
from corpus.describe import Assignment, Clustering
from corpus.errors import RuleError
from corpus.kinship import Kinship, Weighed, kin_lines, kinship
from corpus.lineage import Recipe
from corpus.minhash import CandidateSettings
from corpus.nodes import Nodes, texts_at
from corpus.packed import unpacked
from corpus.rows import Index, among
from corpus.signing import digest_of
from corpus.spans import Differences, Span, differences, shared_spans
from corpus.stories import judge
from corpus.tables import Table, text_of
from corpus.terms import sketches
from corpus.text import Normaliser
from crawler.records import Record

Source = Literal["digest", "band", "sample"]


class Explanation(Record):
    """All that is known of a pair.

    `log_odds` are the intercept and the features' shares, kept within the model's limit. `agrees`
    names what can propose the pair: the folded words are identical, a band of the signatures is, or
    enough of the sample is shared; a pair that agrees and was not `proposed` is too far apart in
    time, or fell to a hot bucket's limit. `together` says whether both ended in one cluster, and
    `same_story` whether in one story; `story_log_odds` are of the two texts being one story in other
    words, by the `passages` of the first that stand in the second. `story_said` says why, and `kinship` what
    was measured of the texts that decide it.
    """

    a: str
    b: str
    verdict: Literal["identical", "copy", "not_copy"]
    said: str
    together: bool
    log_odds: float
    intercept: float
    features: tuple[Weighed, ...]
    proposed: bool
    agrees: tuple[Source, ...]
    within_window: bool
    days_apart: float | None
    spans: tuple[Span, ...]
    only_a: Differences
    only_b: Differences
    same_story: bool
    story_log_odds: float
    passages: tuple[Aligned, ...]
    story_said: str
    kinship: Kinship


def explained(work: plan.Work, one: str, other: str, where: str = "the input") -> Explanation:
    """What there is to say of the articles with these two ids; `where` is what was gathered.

    Of an id with several versions the last is meant, unless it names one: "id@2". An id of no article is an
    error.
    """
    rows = np.array([_place(work, name, where) for name in (one, other)], np.int64)
    left, right = _texts(work, rows)
    settings, nodes = work.settings, work.tables.nodes
    texts, at = plan.distinct(work)
    pair = np.sort(texts.node[rows])[None, :]
    found = pairs.figures(texts_at(nodes, at[pair[0]]), np.array([[0, 1]]))
    odds = float(pairs.log_odds(found, settings.pairs)[0])
    identical = bool(pair[0, 0] == pair[0, 1])
    days = _days_apart(texts, pair[0])
    within_window = math.isnan(days) or days <= work.window
    proposed = identical or bool((plan.propose(work, texts, at) == pair).all(axis=1).any())
    agrees = tuple(_agrees(nodes, at[pair[0]], settings.candidates))
    clustering = plan.cluster_rows(work)
    ended = [clustering.assignment(row) for row in rows.tolist()]
    together = ended[0].cluster_id == ended[1].cluster_id
    same_story = ended[0].story_id == ended[1].story_id
    kin = _kinship(work, clustering, rows)
    reader, weights = Recipe(settings.stories, settings.normaliser).ready()
    sketched = sketches((left, right), reader)
    story = judge(sketched, weights, np.array([[0, 1]]), settings.stories)
    normaliser = Normaliser(settings.normaliser)
    if work.corrected.said(*rows.tolist()):
        cause = "A correction decided that."
    elif not together:
        cause = _kept_apart(agrees, within_window=within_window, proposed=proposed)
    else:
        cause = "The other members of their cluster decided that."
    return Explanation(
        a=one,
        b=other,
        verdict="identical" if identical else "copy" if odds > 0 else "not_copy",
        said=_said(found, odds, cause, identical=identical, together=together),
        together=together,
        log_odds=round(odds, 4),
        intercept=settings.pairs.intercept,
        features=tuple(_weighed(found, settings.pairs)),
        proposed=proposed,
        agrees=("digest",) if identical else agrees,
        within_window=within_window,
        days_apart=None if math.isnan(days) else round(days, 4),
        spans=shared_spans(left, right, normaliser),
        only_a=differences(left, right, normaliser),
        only_b=differences(right, left, normaliser),
        same_story=same_story,
        story_log_odds=round(float(story.odds[0]), 4),
        passages=alignment(left, right, reader, weights).passages,
        story_said=_story_said(kin, work, rows, ended, within_window=within_window),
        kinship=kin,
    )


def rendered(explanation: Explanation) -> str:
    """The explanation as lines of text."""
    return "\n".join(_lines(explanation)) + "\n"


def _place(work: plan.Work, name: str, where: str) -> int:
    """Where a version of an article stands among the documents of the work: the last one, or the named."""
    documents = work.tables.documents
    page, versions = (documents.column(column)[work.rows] for column in ("page", "version"))
    found = np.flatnonzero(page == np.uint64(digest_of(name)))
    if len(found):
        return int(found[-1])
    article, version = versioned(name)
    known = np.flatnonzero(page == np.uint64(digest_of(article))) if version >= 0 else found
    found = known[versions[known] == version]
    if len(found):
        return int(found[-1])
    if len(known):
        listed = ", ".join(map(str, versions[known].tolist()))
        raise RuleError(f"article '{article}' has no version {version} in {where}; it has {listed}")
    raise RuleError(
        f"no article of {where} has the id '{name}'; it holds {len(work.rows)} articles"
    )


def _texts(work: plan.Work, places: Index) -> list[str]:
    held = work.tables.documents.taken("packed", work.rows[places])
    return [unpacked(text_of(held, n)) for n in range(len(places))]


def _kinship(work: plan.Work, clustering: Clustering, rows: Index) -> Kinship:
    """What was measured of the representatives of two documents' clusters; of the two in one cluster."""
    groups = clustering.groups
    clusters = groups.cluster[rows]
    together = clusters[0] == clusters[1]
    judged = rows if together else groups.head[clusters]

    def named(places: Index) -> list[str]:
        return [f"{clustering.ids[n]}@{clustering.versions[n]}" for n in places.tolist()]

    story = np.array(clustering.story_names)
    one, other = story[clusters]
    in_story = np.flatnonzero((story == one) & (one == other) & (not together))
    heads = groups.head[in_story]
    left, right = _texts(work, judged)
    recipe = Recipe(work.settings.stories, work.settings.normaliser)
    names = named(judged)
    return kinship((names[0], names[1]), (left, right), (named(heads), _texts(work, heads)), recipe)


def _weighed(found: pairs.Figures, model: pairs.PairModel) -> Iterator[Weighed]:
    values = pairs.features(found)
    added = pairs.contributions(found, model)[0].tolist()
    for name, value, share in zip(pairs.FEATURES, values, added, strict=True):
        yield Weighed(name, round(float(value[0]), 4), round(share, 4))


def _days_apart(texts: Nodes, pair: Index) -> float:
    """The days between the two texts' spells, NaN where one has no date."""
    begin, end = texts.first[pair].max(), texts.last[pair].min()
    return max(float(begin - end), 0.0) if not np.isnan([*texts.first[pair]]).any() else math.nan


def _agrees(nodes: Table, rows: Index, settings: CandidateSettings) -> Iterator[Source]:
    bands, sample = nodes.column("bands")[rows], nodes.ragged("sample")
    if nodes.ragged("grams").lengths[rows].all() and (bands[0] == bands[1]).any():
        yield "band"
    one, other = (sample.row(row) for row in rows.tolist())
    shared, smaller = among(one, other).sum(), min(len(one), len(other))
    if shared >= max(settings.shared, settings.containment * smaller):
        yield "sample"


def _kept_apart(agrees: tuple[Source, ...], *, within_window: bool, proposed: bool) -> str:
    """Why copies that no correction speaks of are not together."""
    if not within_window:
        return "They are further apart in time than the window, and so were not compared."
    if not proposed and agrees:
        return "They were not compared: too many texts have in common what these two have."
    if not proposed:
        return "They were not compared: nothing that proposes pairs agrees."
    return "The other members of their clusters, or the rule for compilations, decided that."


def _story_said(
    kin: Kinship, work: plan.Work, rows: Index, ended: list[Assignment], *, within_window: bool
) -> str:
    """Why two documents ended in one story, or in two."""
    one, other = ended
    between = len(kin.path) - 1
    through = f" through {between} other{'s' * (between > 1)} of it" if between > 0 else ""
    causes = {
        "They are in one cluster, and so in one story.": one.cluster_id == other.cluster_id,
        f"The texts that stand for their clusters are in one story{through}.": (
            one.story_id == other.story_id
        ),
        "A correction keeps them apart.": work.corrected.said(*rows.tolist()) == "cannot",
        "The texts that stand for their clusters tell different things, or in another way.": (
            kin.log_odds <= 0
        ),
        "They are further apart in time than the window, and so were not compared.": (
            not within_window
        ),
        "They were not compared: they share too few of their rarest words.": (
            kin.keys < kin.keys_needed
        ),
        "Other clusters of their stories, or others that each met, decided that.": True,
    }
    return next(said for said, holds in causes.items() if holds)


def _said(found: pairs.Figures, odds: float, cause: str, *, identical: bool, together: bool) -> str:
    ended = "one cluster" if together else "different clusters"
    if identical:
        return f"The folded words are identical. They ended in {ended}."
    chance = 1 / (1 + math.exp(-odds))
    what = "Copies" if odds > 0 else "No copies"
    share, plain = found.containment[0], pairs.features(found)[2][0]
    common = (
        f"Of the shorter one's runs of five words {share:.0%} stand in the other,"
        f" {plain:.0%} of those outside quotations."
    )
    why = f" {cause}" if (odds > 0) != together else ""
    return f"{what} by themselves ({chance:.1%}). {common} They ended in {ended}.{why}"


def _lines(told: Explanation) -> Iterator[str]:
    yield f"{told.a} and {told.b}: {told.verdict.replace('_', ' ')}"
    yield told.said
    yield ""
    days = "unknown" if told.days_apart is None else f"{told.days_apart:.1f} days"
    inside = "within the window" if told.within_window else "beyond the window"
    agrees = ", ".join(told.agrees) or "nothing"
    yield f"proposed   {'yes' if told.proposed else 'no'} (they agree by: {agrees})"
    yield f"apart      {days}, {inside}"
    yield f"log-odds   {told.log_odds:+.2f}, of which {told.intercept:+.2f} for any pair and"
    for feature in sorted(told.features, key=lambda feature: -abs(feature.log_odds)):
        yield f"           {feature.log_odds:+6.2f}  {feature.name} {feature.value:.3f}"
    yield ""
    yield f"{len(told.spans)} shared spans, as {told.a} has them (words; offsets in either)"
    for span in told.spans:
        places = f"{span.a_start}-{span.a_end}  {span.b_start}-{span.b_end}"
        yield f"  {span.words:5}  {places}  {_short(span.text)}"
    same = "one story" if told.same_story else "different stories"
    yield ""
    yield f"story      {same}; log-odds {told.story_log_odds:+.2f} of the two in other words"
    yield told.story_said
    yield from kin_lines(told.kinship)
    for name, only in ((told.a, told.only_a), (told.b, told.only_b)):
        yield ""
        yield f"only in {name}: {', '.join(only.names) or 'no names or numbers'}"
        yield from (f"  {_short(quotation)}" for quotation in only.quotations)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH // 2]} … {line[-_WIDTH // 3 :]}"


_WIDTH = 160
