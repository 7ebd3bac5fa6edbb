"""Clusters in words: which document stands for each, how the others relate to it, how well it holds.

In: the documents' columns, their distinct texts, the cluster of each text and the verified pairs. Out: a
`Clustering`: columns, of which records are made as they are asked for. Which text is in which cluster
is decided in `corpus.cluster`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from corpus.corrections import Obeyed
from corpus.documents import Document
from corpus.pairs import FEATURES, Floats, features
from corpus.records import (
    ClusterEvidence,
    Method,
    Relation,
    StoryLink,
    StoryRelation,
    cluster_id,
    story_id,
)
from corpus.rows import U64, Index, taken
from corpus.tables import Table, text_of
from corpus.verifying import as_figures
from crawler.records import Record

Bools = NDArray[np.bool_]


Role = Literal["sole", "representative", "member"]


class Assignment(Record):
    """Where a document ended, and how it relates to its cluster's representative.

    Figures and `through` as in `corpus.records.Member`.
    """

    article_id: str
    version: int
    cluster_id: str
    story_id: str
    role: Role
    relation: Relation
    size: int
    jaccard: float
    containment: float
    wire_share: float
    through_id: str
    through_version: int


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


class Held(NamedTuple):
    """How each cluster holds together: pairs found alike, and their containment."""

    pairs: Floats
    lowest: Floats
    summed: Floats


class Groups(NamedTuple):
    """Documents by cluster: those of cluster n are `order[starts[n]:starts[n + 1]]`.

    `cluster` is by document; `head` and `founder` are documents, by cluster.
    """

    cluster: Index
    order: Index
    starts: Index
    head: Index
    founder: Index

    @property
    def sizes(self) -> Index:
        """The number of documents in each cluster."""
        return np.diff(self.starts)


class Reasons(NamedTuple):
    """Why a document stands for its cluster: how many are complete, and what else counted."""

    words: Bools
    complete: Index
    least: Bools
    credited: Bools
    several: Bools


class Figured(NamedTuple):
    """How each document relates to its representative.

    `through` is the number of the member by which one is in the cluster that is no copy of the
    representative itself, else `NOBODY`.
    """

    relation: Sequence[Relation]
    jaccard: Floats
    containment: Floats
    wire_share: Floats
    through: Index


NOBODY = -1


class Pairs(NamedTuple):
    """The pairs to be shown: documents, the rows of the table of pairs (-1: identical), together."""

    a: Index
    b: Index
    at: Index
    together: Bools


class Link(NamedTuple):
    """How a cluster stands to another one, by their numbers, and what shows it, in words."""

    source: int
    target: int
    relation: StoryRelation
    evidence: str


class Stories(NamedTuple):
    """The story of each cluster, as the number of one of its clusters; and all links, once asked for."""

    of: Index
    links: Callable[[], Sequence[Link]]


class Clustering:
    """Every document's cluster, documents in the order of (article_id, version).

    `documents` is the table that they stand in, at `rows`.
    """

    def __init__(
        self,
        documents: Table,
        rows: Index,
        groups: Groups,
        reasons: Reasons,
        held: Held,
        figured: Figured,
        pairs: tuple[Callable[[], Pairs], Table],
        stories: Stories,
        method: Method,
        obeyed: Obeyed,
    ) -> None:
        self.groups, self.method, self.obeyed = groups, method, obeyed
        self._stories = stories
        self._documents, self.rows = documents, rows
        self._reasons, self._held, self._figured, self._pairs = reasons, held, figured, pairs

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def keys(self) -> U64:
        """What stands for each document's id and version."""
        keys: U64 = self._documents.column("key")[self.rows]
        return keys

    @cached_property
    def ids(self) -> list[str]:
        """The documents' article ids."""
        return list(self._ids(np.arange(len(self))))

    @cached_property
    def versions(self) -> list[int]:
        """The documents' versions."""
        return self._versions(np.arange(len(self)))

    def _ids(self, wanted: Index) -> Iterator[str]:
        held = self._documents.ragged("id")
        for begin in range(0, len(wanted), _AT_ONCE):
            ids = taken(held, self.rows[wanted[begin : begin + _AT_ONCE]])
            whole, bounds = ids.values.tobytes(), pairwise(ids.starts.tolist())
            yield from [whole[a:b].decode("utf-8", "surrogatepass") for a, b in bounds]

    def _versions(self, wanted: Index) -> list[int]:
        held: list[int] = self._documents.column("version")[self.rows[wanted]].tolist()
        return held

    @cached_property
    def names(self) -> list[str]:
        """The clusters' ids: of the members seen first."""
        founder = self.groups.founder
        return list(map(cluster_id, self._ids(founder), self._versions(founder)))

    @cached_property
    def story_names(self) -> list[str]:
        """The clusters' stories' ids: of the story's cluster whose founder came first."""
        of, names, founders = self._stories.of, self.names, self.groups.founder
        seen = came(self._documents.column("day")[self.rows[founders]], self._seen(founders))
        earliest = np.full(len(of), np.inf)
        np.minimum.at(earliest, of, seen)
        founding = np.flatnonzero(seen == earliest[of]).tolist()
        first: dict[int, str] = {}
        for story, name in zip(of[founding].tolist(), [names[n] for n in founding], strict=True):
            if name < first.setdefault(story, name):
                first[story] = name
        ids = {story: story_id(name) for story, name in first.items()}
        return [ids[story] for story in of.tolist()]

    @property
    def newest(self) -> str:
        """When the last of the documents was seen; "" where that is unknown of all."""
        seen = self._documents.column("seen")[self.rows]
        known = len(seen) and seen.max() > -np.inf
        return self.document(int(np.argmax(seen))).seen_at if known else ""

    def seen(self, wanted: Index) -> list[float]:
        """When these documents were seen, as days since 1970; -inf where that is unknown."""
        seen: list[float] = self._seen(wanted).tolist()
        return seen

    def _seen(self, wanted: Index) -> Floats:
        seen: Floats = self._documents.column("seen")[self.rows[wanted]]
        return seen

    def document(self, n: int) -> Document:
        """A document, without its text."""
        record = self._documents.taken("record", self.rows[[n]])
        return _decoder.decode(text_of(record, 0))

    def placed(self, wanted: Index) -> Iterator[tuple[Sequence[Any], ...]]:
        """Where these documents ended, as columns, a batch at a time.

        They are the fields of `Assignment` but for `wire_share` and `through_*`, the version last.
        """
        names, stories, relations, roles = (
            np.array(held, object)
            for held in (self.names, self.story_names, self._figured.relation, _ROLES)
        )
        all_sizes = self.groups.sizes
        for begin in range(0, len(wanted), _AT_ONCE):
            some = wanted[begin : begin + _AT_ONCE]
            cluster = self.groups.cluster[some]
            sizes = all_sizes[cluster]
            role = np.where(self.groups.head[cluster] == some, 1, 2)
            role[sizes == 1] = 0
            yield (
                list(self._ids(some)),
                names[cluster].tolist(),
                stories[cluster].tolist(),
                roles[role].tolist(),
                relations[some].tolist(),
                sizes.tolist(),
                self._figured.jaccard[some].tolist(),
                self._figured.containment[some].tolist(),
                self._documents.column("version")[self.rows[some]].tolist(),
            )

    def assignment(self, n: int) -> Assignment:
        """Where a document ended."""
        cluster = int(self.groups.cluster[n])
        name = self.names[cluster]
        size = int(self.groups.starts[cluster + 1] - self.groups.starts[cluster])
        figured = self._figured
        through = int(figured.through[n])
        return Assignment(
            article_id=self.ids[n],
            version=self.versions[n],
            cluster_id=name,
            story_id=self.story_names[cluster],
            role=role(size, is_head=n == int(self.groups.head[cluster])),
            relation=figured.relation[n],
            size=size,
            jaccard=float(figured.jaccard[n]),
            containment=float(figured.containment[n]),
            wire_share=float(figured.wire_share[n]),
            through_id="" if through == NOBODY else self.ids[through],
            through_version=0 if through == NOBODY else self.versions[through],
        )

    def formed(self, cluster: int) -> Formed:
        """A cluster."""
        head = int(self.groups.head[cluster])
        size = int(self.groups.starts[cluster + 1] - self.groups.starts[cluster])
        reason = self._reason(cluster, size)
        held = self._evidence(cluster, size)
        return Formed(self.names[cluster], size, self.ids[head], self.versions[head], reason, held)

    @cached_property
    def links(self) -> Mapping[str, tuple[StoryLink, ...]]:
        """How clusters stand to each other, by the id of the story in which that is said."""
        by_story: dict[str, list[StoryLink]] = {}
        for link in self._stories.links():
            source, target = self.names[link.source], self.names[link.target]
            said = StoryLink(source, target, link.relation, link.evidence)
            by_story.setdefault(self.story_names[link.source], []).append(said)
        return {
            name: tuple(sorted(links, key=lambda link: (link.from_, link.to)))
            for name, links in by_story.items()
        }

    def headlines(self, names: Collection[str]) -> dict[str, str]:
        """The headlines of the clusters with these ids: of their representatives."""
        heads = zip(self.names, self.groups.head.tolist(), strict=True)
        return {name: self.document(head).headline for name, head in heads if name in names}

    def members(self, cluster: int) -> list[int]:
        """A cluster's documents, in their order."""
        begin, end = self.groups.starts[cluster], self.groups.starts[cluster + 1]
        members: list[int] = self.groups.order[begin:end].tolist()
        return members

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """Where each document ended."""
        return tuple(map(self.assignment, range(len(self))))

    @property
    def clusters(self) -> tuple[Formed, ...]:
        """Every cluster, in the order of their first documents."""
        return tuple(map(self.formed, range(len(self.groups.head))))

    @property
    def pairs(self) -> Iterator[VerifiedPair]:
        """The verified pairs, and each identical text with the first of its kind, by their ids."""
        for columns in self.pair_columns():
            for row in zip(*columns, strict=True):
                yield VerifiedPair(*row)

    def pair_columns(self) -> Iterator[tuple[Sequence[object], ...]]:
        """The fields of `VerifiedPair`, a batch of pairs at a time."""
        shown_by, table = self._pairs
        shown = shown_by()
        for begin in range(0, len(shown.a), _PAIRS_AT_ONCE):
            a, b, at, together = (column[begin : begin + _PAIRS_AT_ONCE] for column in shown)
            verified = at >= 0
            columns = features(as_figures(table.column("figures")[at[verified]]))
            shares: list[Sequence[object]] = []
            for name in _PAIR_FEATURES:
                share = np.ones(len(at))
                share[verified] = columns[FEATURES.index(name)].round(4)
                shares.append(share.tolist())
            odds = np.full(len(at), _IDENTICAL_ODDS)
            odds[verified] = table.column("odds")[at[verified]].round(3)
            named = [
                [column[n] for n in side.tolist()]
                for side in (a, b)
                for column in (self.ids, self.versions)
            ]
            table.release()
            yield (*named, *shares, odds.tolist(), together.tolist())

    def _reason(self, cluster: int, size: int) -> str:
        if size == 1:
            return "only member"
        words, complete, least, credited, several = (column[cluster] for column in self._reasons)
        reason = f"complete, as are {complete} of {size}" if words else "no words to compare"
        if least:
            reason += ", and adds least"
        if credited:
            agencies = self.document(int(self.groups.head[cluster])).agencies
            reason += f"; credits {', '.join(agencies)}"
        return reason + ("; earliest of these" if several else "")

    def _evidence(self, cluster: int, size: int) -> ClusterEvidence:
        count, lowest, total = (float(column[cluster]) for column in self._held)
        if not count:
            return ClusterEvidence()
        return ClusterEvidence(
            pair_count=int(count),
            min_similarity=round(lowest, 4),
            mean_similarity=round(total / count, 4),
            density=round(count / (size * (size - 1) / 2), 4),
        )


_decoder = msgspec.msgpack.Decoder(Document)
_AT_ONCE = 5_000
_PAIRS_AT_ONCE = 50_000
_PAIR_FEATURES = ("jaccard", "containment", "plain_containment", "names_most")
_IDENTICAL_ODDS = 99.0


def came(days: Floats, seen: Floats) -> Floats:
    """When each document came: when it was seen, else when it was published, else last of all."""
    published = np.where(np.isnan(days), np.inf, days)
    return np.where(np.isfinite(seen), seen, published)


_ROLES: tuple[Role, ...] = ("sole", "representative", "member")


def role(size: int, *, is_head: bool) -> Role:
    """What a member of a cluster of so many is to it."""
    if size == 1:
        return "sole"
    return "representative" if is_head else "member"
