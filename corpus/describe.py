"""Clusters in words: which document stands for each, how the others relate to it, how well it holds.

In: documents, their distinct texts, the cluster of each text and the verified pairs. Out: a
`Clustering`. Which text is in which cluster is decided in `corpus.cluster`.
"""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from corpus.documents import Document, day_of
from corpus.members import RelationSettings, completeness, lead_kept, relations
from corpus.nodes import Nodes
from corpus.pairs import FEATURES, Figures, Floats, features, figures
from corpus.records import ClusterEvidence, Method, Relation, cluster_id, story_id
from corpus.rows import Index
from crawler.records import Record


class Assignment(Record):
    """Where a document ended, and how it relates to its cluster's representative.

    `jaccard`, `containment` and `wire_share` as in `corpus.records.Member`.
    """

    article_id: str
    version: int
    cluster_id: str
    story_id: str
    role: Literal["sole", "representative", "member"]
    relation: Relation
    size: int
    jaccard: float
    containment: float
    wire_share: float


class Formed(Record):
    """A cluster: its size, its representative and why, and how well it holds together."""

    cluster_id: str
    size: int
    article_id: str
    version: int
    reason: str
    evidence: ClusterEvidence


class VerifiedPair(Record):
    """Two documents that were compared and found to be copies, or ended in one cluster.

    Shares are of distinct 5-grams without the hosts' furniture; of two-way shares the larger.
    Identical texts are paired with the first of them only.
    """

    a: str
    a_version: int
    b: str
    b_version: int
    jaccard: float
    containment: float
    plain_containment: float
    names_containment: float
    log_odds: float
    together: bool


class Clustering(Record):
    """Every document's cluster, in the order of (article_id, version); every cluster; every pair."""

    assignments: tuple[Assignment, ...]
    clusters: tuple[Formed, ...]
    pairs: tuple[VerifiedPair, ...]
    method: Method


class Work(NamedTuple):
    """All that clustering found.

    Documents in the order of their keys, the distinct texts, each text's cluster (the smallest text
    in it), the pairs compared with their figures and log-odds.
    """

    documents: Sequence[Document]
    texts: Nodes
    labels: Index
    pairs: Index
    figures: Figures
    odds: Floats


def described(work: Work, settings: RelationSettings, method: Method) -> Clustering:
    """The clusters, described."""
    texts, labels = work.texts, work.labels
    common = completeness(texts.texts.grams, texts.weights, labels)[texts.node]
    evidence = _evidence(work)
    groups = _groups(labels[texts.node])
    heads = np.empty(len(work.documents), np.int64)
    names: list[str] = [""] * len(work.documents)
    clusters = []
    for group in groups:
        head, reason = _representative(work, common, group, settings.complete)
        first = min(group, key=lambda n: _first_seen(work.documents[n]))
        founder, chosen = work.documents[first], work.documents[head]
        name = cluster_id(founder.article_id, founder.version)
        for n in group:
            heads[n], names[n] = head, name
        held = evidence.get(int(labels[texts.node[head]]), ClusterEvidence())
        clusters.append(Formed(name, len(group), chosen.article_id, chosen.version, reason, held))
    sizes = {formed.cluster_id: formed.size for formed in clusters}
    return Clustering(
        assignments=tuple(_assignments(work, heads, names, sizes, settings)),
        clusters=tuple(clusters),
        pairs=tuple(_pair_rows(work)),
        method=method,
    )


def _groups(labels: Index) -> list[list[int]]:
    """The documents of each cluster, in their order; clusters by their first document."""
    groups: dict[int, list[int]] = {}
    for n, label in enumerate(labels.tolist()):
        groups.setdefault(label, []).append(n)
    return list(groups.values())


def _first_seen(document: Document) -> tuple[str, str, int]:
    return document.seen_at, document.article_id, document.version


def _representative(
    work: Work, common: Index, group: list[int], complete: float
) -> tuple[int, str]:
    """The complete member that adds least and credits an agency, the earliest of several; and why."""
    documents = work.documents
    if len(group) == 1:
        return group[0], "only member"
    lengths = work.texts.texts.grams.lengths[work.texts.node[group]].tolist()
    best = max(int(common[n]) for n in group)
    own = {n: length - int(common[n]) for n, length in zip(group, lengths, strict=True)}
    full = [n for n in group if common[n] >= complete * best]
    least = min(own[n] for n in full) + (1 - complete) * best
    plain = [n for n in full if own[n] <= least]
    credited = [n for n in plain if documents[n].agencies]
    candidates = credited or plain
    head = min(candidates, key=lambda n: _published(documents[n]))
    reason = f"complete, as are {len(full)} of {len(group)}" if best else "no words to compare"
    if len(plain) < len(full):
        reason += ", and adds least"
    if credited:
        reason += f"; credits {', '.join(documents[head].agencies)}"
    return head, reason + ("; earliest of these" if len(candidates) > 1 else "")


def _published(document: Document) -> tuple[bool, float, tuple[str, str, int]]:
    day = day_of(document.published_at, document.seen_at)
    unknown = math.isnan(day)
    return unknown, 0.0 if unknown else day, _first_seen(document)


def _assignments(
    work: Work, heads: Index, names: list[str], sizes: dict[str, int], settings: RelationSettings
) -> list[Assignment]:
    documents, texts = work.documents, work.texts
    mine, its = texts.node, texts.node[heads]
    grams = texts.texts.grams
    against = figures(texts.texts, np.stack((mine, its), axis=1))
    moments = np.array([day_of(d.published_at, d.seen_at) for d in documents], np.float64)
    later_version = [
        d.article_id == documents[head].article_id and d.version > documents[head].version
        for d, head in zip(documents, heads.tolist(), strict=True)
    ]
    relation = relations(
        against,
        exact=(texts.digests == texts.digests[heads]),
        later_version=np.array(later_version, bool),
        later=moments > moments[heads],
        lead_kept=lead_kept(texts.leads, grams, mine, its),
        settings=settings,
    )
    exact = mine == its
    jaccard = np.where(exact, 1.0, against.jaccard.round(4)).tolist()
    containment = np.where(exact, 1.0, against.containment.round(4)).tolist()
    inside = against.shared / np.maximum(against.left, 1.0)
    wire_share = np.where(exact, 1.0, inside.round(4)).tolist()
    return [
        Assignment(
            article_id=document.article_id,
            version=document.version,
            cluster_id=names[n],
            story_id=story_id(names[n]),
            role=_role(sizes[names[n]], is_head=n == int(heads[n])),
            relation=relation[n],
            size=sizes[names[n]],
            jaccard=jaccard[n],
            containment=containment[n],
            wire_share=wire_share[n],
        )
        for n, document in enumerate(documents)
    ]


def _role(size: int, *, is_head: bool) -> Literal["sole", "representative", "member"]:
    if size == 1:
        return "sole"
    return "representative" if is_head else "member"


def _evidence(work: Work) -> dict[int, ClusterEvidence]:
    """How well each cluster of two or more holds, by its label; identical texts count as 1."""
    labels, weights = work.labels, work.texts.weights
    left, right = work.pairs[:, 0], work.pairs[:, 1]
    held = (labels[left] == labels[right]) & (work.odds > 0)
    label = labels[left[held]]
    similar = work.figures.containment[held]
    times = (weights[left] * weights[right])[held]
    total = len(labels)
    identical = np.bincount(labels, weights * (weights - 1) / 2, minlength=total)
    count = np.bincount(label, times, minlength=total) + identical
    summed = np.bincount(label, times * similar, minlength=total) + identical
    lowest = np.ones(total)
    np.minimum.at(lowest, label, similar)
    sizes = np.bincount(labels, weights, minlength=total)
    return {
        int(n): ClusterEvidence(
            pair_count=int(count[n]),
            min_similarity=round(float(lowest[n]), 4),
            mean_similarity=round(float(summed[n] / count[n]), 4),
            density=round(float(count[n] / (sizes[n] * (sizes[n] - 1) / 2)), 4),
        )
        for n in np.flatnonzero(count)
    }


def _pair_rows(work: Work) -> list[VerifiedPair]:
    """The verified pairs, and each identical text with the first of its kind."""
    documents, texts, labels = work.documents, work.texts, work.labels
    one, other = work.pairs[:, 0], work.pairs[:, 1]
    together = labels[one] == labels[other]
    shown = np.flatnonzero(together | (work.odds > 0))
    columns = features(Figures(*(column[shown] for column in work.figures)))
    shares = [columns[FEATURES.index(name)].round(4).tolist() for name in _PAIR_FEATURES]
    odds = work.odds[shown].round(3).tolist()
    rows = [
        _pair(
            documents,
            *both,
            shares=[column[n] for column in shares],
            odds=odds[n],
            together=bool(together[shown[n]]),
        )
        for n, both in enumerate(texts.source[work.pairs[shown]].tolist())
    ]
    rows += [
        _pair(documents, n, source, shares=[1.0] * 4, odds=_IDENTICAL_ODDS, together=True)
        for n, source in enumerate(texts.source[texts.node].tolist())
        if n != source
    ]
    return sorted(rows, key=lambda row: (row.a, row.a_version, row.b, row.b_version))


_PAIR_FEATURES = ("jaccard", "containment", "plain_containment", "names_most")
_IDENTICAL_ODDS = 99.0


def _pair(
    documents: Sequence[Document],
    one: int,
    other: int,
    *,
    shares: Sequence[float],
    odds: float,
    together: bool,
) -> VerifiedPair:
    a, b = documents[min(one, other)], documents[max(one, other)]
    jaccard, containment, plain, names = shares
    return VerifiedPair(
        a=a.article_id,
        a_version=a.version,
        b=b.article_id,
        b_version=b.version,
        jaccard=jaccard,
        containment=containment,
        plain_containment=plain,
        names_containment=names,
        log_odds=odds,
        together=together,
    )
