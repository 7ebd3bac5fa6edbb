"""What became of an earlier snapshot's clusters: the ids by which clusters were known before.

In: the clusters of the snapshot before, one after the other, and a clustering. Out: `merged_from` of each
cluster: earlier ids that are no cluster's now, and for which this one stands. Only the snapshot before is
asked, which has what it knew of those before it. Aliases are no function of the articles: they say what
earlier snapshots called a thing, and without those there are none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
import numpy as np

from corpus.describe import Clustering
from corpus.records import cluster_id
from corpus.rows import U64, Index
from corpus.signing import key_of


class FormerMember(msgspec.Struct, frozen=True, gc=False):
    """A member, of which id and version alone are read."""

    article_id: str
    version: int


class Former(msgspec.Struct, frozen=True):
    """A line of clusters.jsonl, of which no more is read than says what became of it."""

    id: str
    members: tuple[FormerMember, ...]
    merged_from: tuple[str, ...] = ()
    headline: str = ""


def merged_from(former: Iterable[Former], clustering: Clustering) -> Mapping[str, tuple[str, ...]]:
    """The earlier ids of each cluster that has any, sorted.

    An id that is no more goes to the cluster that has most of its members: more than half of those that
    are still there, else the founder's. What it was known by before goes where the founder of that is
    now, if that was still a member, else along with it. So an id stands for one cluster at most. It stands
    for none, and is forgotten, where it is a cluster again, where no member is left, and where its founder
    is gone and no half of the others is together.
    """
    names = frozenset(clustering.names)
    where = _Where(clustering)
    found: dict[str, list[str]] = {}
    for cluster in former:
        if cluster.id in names and not cluster.merged_from:
            continue
        for alias, heir in _heirs(cluster, where, known=cluster.id in names):
            if alias not in names and heir is not None:
                found.setdefault(clustering.names[heir], []).append(alias)
    return {name: tuple(sorted(set(aliases))) for name, aliases in found.items()}


def _heirs(cluster: Former, where: "_Where", *, known: bool) -> Iterator[tuple[str, int | None]]:
    """The cluster's ids, and the number of the cluster that each stands for now."""
    now = where.clusters(cluster.members)
    founders = {
        cluster_id(member.article_id, member.version): at
        for member, at in zip(cluster.members, now, strict=True)
        if at >= 0
    }
    heir = founders.get(cluster.id) if known else _most(now)
    if heir is None:
        heir = founders.get(cluster.id)
    yield cluster.id, heir
    for alias in cluster.merged_from:
        yield alias, founders.get(alias, heir)


def _most(clusters: Sequence[int]) -> int | None:
    """The cluster of more than half of the members that are in any."""
    held = np.array([at for at in clusters if at >= 0], np.int64)
    if not len(held):
        return None
    numbers, counts = np.unique(held, return_counts=True)
    most = int(np.argmax(counts))
    return int(numbers[most]) if 2 * counts[most] > len(held) else None


class _Where:
    """The cluster of each document, found by its id and version."""

    def __init__(self, clustering: Clustering) -> None:
        order = np.argsort(clustering.keys)
        self._keys: U64 = clustering.keys[order]
        self._clusters: Index = clustering.groups.cluster[order]

    def clusters(self, members: Sequence[FormerMember]) -> list[int]:
        """The number of each member's cluster, -1 where it is in none."""
        wanted = np.array([key_of(m.article_id, m.version) for m in members], np.uint64)
        at = np.searchsorted(self._keys, wanted)
        at[at == len(self._keys)] = 0
        if not len(self._keys):
            return [-1] * len(members)
        found: list[int] = np.where(self._keys[at] == wanted, self._clusters[at], -1).tolist()
        return found
