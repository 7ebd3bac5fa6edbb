"""A clustering as records: clusters, stories, and rows for Parquet.

In: a `Clustering`. Out: `Cluster` and `Story` records, member and pair rows, the lines of the `cluster`
filter, one after the other: none of them is kept. Nothing is written here; see `corpus.formats` and
`corpus.report`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from corpus.describe import Assignment, Clustering, role
from corpus.documents import Document
from corpus.records import (
    Cluster,
    ClusterLine,
    ClusterWire,
    Headline,
    Member,
    PossibleAgency,
    Representative,
    Story,
    Vote,
)
from crawler.records import Record

UNNAMED = "UNNAMED"
"""The code of "agencies" without a name (configs/agencies.toml)."""


_NOTHING: Mapping[str, tuple[str, ...]] = {}


class MemberRow(Record):
    """A row of members.parquet: a document, its cluster, its figures against the representative."""

    snapshot: str
    cluster_id: str
    story_id: str
    article_id: str
    version: int
    outlet: str
    published_at: str | None
    seen_at: str
    role: str
    relation: str
    jaccard: float
    containment: float
    wire_share: float
    through_id: str
    through_version: int


class PairRow(Record):
    """A row of pairs.parquet: two documents that were compared and found alike, and the figures."""

    snapshot: str
    a_id: str
    a_version: int
    b_id: str
    b_version: int
    jaccard: float
    containment: float
    plain_containment: float
    names_containment: float
    log_odds: float
    same_cluster: bool


def clusters(
    clustering: Clustering, snapshot: str, merged_from: Mapping[str, tuple[str, ...]] = _NOTHING
) -> Iterator[Cluster]:
    """The clusters, largest first, then first seen first; clusters of one included.

    `merged_from` are the earlier ids of those that have any.
    """
    for n in _in_order(clustering):
        yield _cluster(n, clustering, snapshot, merged_from.get(clustering.names[n], ()))


def _in_order(clustering: Clustering) -> list[int]:
    groups, names = clustering.groups, clustering.names
    first_seen, sizes = clustering.seen(groups.founder), groups.sizes.tolist()
    return sorted(range(len(sizes)), key=lambda n: (-sizes[n], first_seen[n], names[n]))


def stories(clustering: Clustering, snapshot: str) -> Iterator[Story]:
    """The stories in the order of their largest clusters, a story's clusters in theirs."""
    groups: dict[str, list[str]] = {}
    for n in _in_order(clustering):
        groups.setdefault(clustering.story_names[n], []).append(clustering.names[n])
    for name, clusters in groups.items():
        links = clustering.links.get(name, ())
        yield Story(snapshot=snapshot, id=name, clusters=tuple(clusters), links=links)


def member_rows(cluster: Cluster) -> Iterator[MemberRow]:
    """A row a member, in their order."""
    head = (cluster.representative.article_id, cluster.representative.version)
    for member in cluster.members:
        is_head = (member.article_id, member.version) == head
        yield MemberRow(
            snapshot=cluster.snapshot,
            cluster_id=cluster.id,
            story_id=cluster.story_id,
            article_id=member.article_id,
            version=member.version,
            outlet=member.outlet,
            published_at=member.published_at,
            seen_at=member.seen_at,
            role=role(cluster.size, is_head=is_head),
            relation=member.relation,
            jaccard=member.jaccard,
            containment=member.containment,
            wire_share=member.wire_share,
            through_id=member.through_id,
            through_version=member.through_version,
        )


def pair_columns(clustering: Clustering, snapshot: str) -> Iterator[tuple[Sequence[object], ...]]:
    """The columns of `PairRow`, a batch of verified pairs at a time, in the order of their ids."""
    for columns in clustering.pair_columns():
        yield [snapshot] * len(columns[0]), *columns


def cluster_lines(clustering: Clustering) -> Iterator[list[ClusterLine]]:
    """A line a document, in the order in which the documents came; a batch at a time."""
    for columns in clustering.placed(np.argsort(clustering.rows, kind="stable")):
        yield list(map(ClusterLine, *columns))


def _cluster(
    number: int, clustering: Clustering, snapshot: str, merged_from: tuple[str, ...]
) -> Cluster:
    formed = clustering.formed(number)
    group = [clustering.assignment(n) for n in clustering.members(number)]
    documents = [clustering.document(n) for n in clustering.members(number)]
    key = (formed.article_id, formed.version)
    head = next(d for d in documents if (d.article_id, d.version) == key)
    possible = _possible(documents)
    members = sorted(
        (_member(a, d, head, possible) for a, d in zip(group, documents, strict=True)),
        key=lambda m: (m.seen_at, m.article_id, m.version),
    )
    published = sorted(d.published_at for d in documents if d.published_at)
    seen = sorted(d.seen_at for d in documents if d.seen_at)
    return Cluster(
        snapshot=snapshot,
        id=formed.cluster_id,
        merged_from=merged_from,
        story_id=group[0].story_id,
        size=formed.size,
        outlet_count=len({d.outlet or d.article_id for d in documents}),
        owner_count=len({d.owner or d.outlet or d.article_id for d in documents}),
        countries=tuple(sorted({d.country for d in documents if d.country})),
        wire=_wire(documents),
        representative=Representative(formed.article_id, formed.version, formed.reason),
        headline=head.headline,
        headlines=_headlines(documents),
        first_published_at=published[0] if published else None,
        last_published_at=published[-1] if published else None,
        first_seen_at=seen[0] if seen else "",
        last_seen_at=seen[-1] if seen else "",
        members=tuple(members),
        evidence=formed.evidence,
        method=clustering.method,
    )


def _member(
    found: Assignment, document: Document, head: Document, possible: PossibleAgency | None
) -> Member:
    return Member(
        article_id=found.article_id,
        version=found.version,
        outlet=document.outlet,
        published_at=document.published_at,
        seen_at=document.seen_at,
        relation=found.relation,
        jaccard=found.jaccard,
        containment=found.containment,
        wire_share=found.wire_share,
        headline_changed=_folded(document.headline) != _folded(head.headline),
        possible_agency=None if document.agencies else possible,
        through_id=found.through_id,
        through_version=found.through_version,
    )


_SAID_BY = 20
"""Members that are named for an agency."""


def _possible(documents: Sequence[Document]) -> PossibleAgency | None:
    """The agency that most of the crediting members credit; "agencies" without a name are none."""
    wire = _wire(documents)
    if not wire.agencies or wire.agencies[0] == UNNAMED:
        return None
    first = wire.agencies[0]
    said = sorted({d.article_id for d in documents if first in d.agencies})
    return PossibleAgency(first, wire.confidence, tuple(said[:_SAID_BY]))


def _folded(headline: str) -> str:
    """A headline without its typography, which every house sets in its own way."""
    return "".join(c for c in headline.casefold() if c.isalnum())


def _wire(documents: Sequence[Document]) -> ClusterWire:
    """The agencies that members credit, each member one vote for each.

    They are in conflict where a member that names agencies does not name the first; "agencies" without
    a name contradict nobody. Confidence is the share of crediting members that credit the first.
    """
    credited = [frozenset(d.agencies) for d in documents if d.agencies]
    if not credited:
        return ClusterWire()
    counts = Counter(agency for agencies in credited for agency in agencies)
    votes = sorted(counts.items(), key=lambda vote: (vote[0] == UNNAMED, -vote[1], vote[0]))
    first, most = votes[0]
    return ClusterWire(
        agencies=tuple(agency for agency, _ in votes),
        confidence=round(most / len(credited), 4),
        votes=tuple(Vote(agency, count) for agency, count in votes),
        conflict=any(
            agencies - {first, UNNAMED} and first not in agencies for agencies in credited
        ),
    )


def _headlines(documents: Sequence[Document]) -> tuple[Headline, ...]:
    """The headlines, the most common first, then the first seen."""
    seen: dict[str, list[str]] = {}
    for document in documents:
        if document.headline:
            seen.setdefault(document.headline, []).append(document.seen_at)
    found = (Headline(text, len(at), min(at)) for text, at in seen.items())
    return tuple(sorted(found, key=lambda h: (-h.count, h.first_seen_at, h.text)))
