"""What changed between two snapshots, cluster by cluster: `wirecorpus clusters diff`.

In: the lines of two clusters.jsonl, which are read several times. Out: `Change` records, one after the other.
Clusters are followed by their members, not by their ids: what most of a cluster's articles became is its
heir. Sixteen bytes a member are kept, and the names of what changed.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.former import Former
from corpus.records import Count
from corpus.rows import U64, Index
from corpus.signing import digest_of, key_of
from crawler.records import Record

Kind = Literal["merged", "split", "renamed", "grown", "shrunk", "exchanged", "new", "gone", "moved"]
KINDS: tuple[Kind, ...] = (
    "merged", "split", "renamed", "grown", "shrunk", "exchanged", "new", "gone", "moved",
)  # fmt: skip

Bools = NDArray[np.bool_]
Lines = Callable[[], Iterable[Former]]
"""Reads a clusters.jsonl from its first line."""


class Change(Record, kw_only=True):
    """A change from one snapshot to another.

    `before` and `after` are the clusters' ids, `size_before` and `size_after` their articles in all;
    `came` are articles of `after` that `before` had not, `left` those of `before` that `after` has not.
    A cluster is "grown", "shrunk", or "exchanged" where articles both came and left; "renamed" where only a
    member seen earlier, or the loss of the first one, gave it another id; "merged" and "split" have several
    ids on one side. An article has "moved" where its cluster now neither is what most of the former one
    became nor came of that one; `article_id` and `version` are "" and 0 elsewhere. The headline is of
    `after`, of `before` where that is gone.
    """

    schema: Literal["change/1"] = "change/1"
    change: Kind
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    size_before: int = 0
    size_after: int = 0
    came: int = 0
    left: int = 0
    article_id: str = ""
    version: int = 0
    headline: str = ""


class Totals(Record):
    """How many clusters and articles two snapshots have, and how many changes there are of each kind."""

    clusters_before: int
    clusters_after: int
    articles_before: int
    articles_after: int
    unchanged: int
    changes: tuple[Count, ...]


class _Side(NamedTuple):
    """A snapshot: members in the order of their keys, with the number of their cluster; all clusters."""

    keys: U64
    cluster: Index
    names: U64
    sizes: Index


class Comparison:
    """Two snapshots, and what became of each cluster of the first."""

    def __init__(self, before: Lines, after: Lines) -> None:
        self._lines = before, after
        self._a, self._b = a, b = _side(before()), _side(after())
        at = np.searchsorted(b.keys, a.keys)
        at[at == len(b.keys)] = 0
        stays = b.keys[at] == a.keys if len(b.keys) else np.zeros(len(a.keys), bool)
        self._total = max(len(b.names), 1)
        coded = a.cluster[stays] * self._total + b.cluster[at[stays]]
        self._codes, self._counts = np.unique(coded, return_counts=True)
        self._from, self._to = np.divmod(self._codes, self._total)
        same = a.names[self._from] == b.names[self._to]
        self._heir = _best(self._from, self._to, (~same, -self._counts), len(a.names))
        self._origin = _best(self._to, self._from, (~same, -self._counts), len(b.names))
        self._of_heir, self._of_origin = (
            _Held(self._heir, len(b.names)),
            _Held(self._origin, len(a.names)),
        )
        into = self._of_origin.counts
        settled = np.flatnonzero(self._heir >= 0)
        into[settled] += self._origin[self._heir[settled]] != settled
        self._is_split = into > 1
        self._unchanged = self._same()

    def changes(self) -> Iterator[Change]:
        """The changes, in the order of the later file's clusters; at last those that are gone."""
        for number, cluster in enumerate(self._lines[1]()):
            yield from self._of(number, cluster)
        for number, cluster in enumerate(self._lines[0]()):
            if self._heir[number] < 0:
                size = len(cluster.members)
                yield Change(
                    change="gone",
                    before=(cluster.id,),
                    size_before=size,
                    left=size,
                    headline=cluster.headline,
                )

    def totals(self, held: Mapping[Kind, int]) -> Totals:
        """The counts, with those of the changes by kind."""
        return Totals(
            clusters_before=len(self._a.names),
            clusters_after=len(self._b.names),
            articles_before=len(self._a.keys),
            articles_after=len(self._b.keys),
            unchanged=int(self._unchanged.sum()),
            changes=tuple(Count(kind, held[kind]) for kind in KINDS if held.get(kind)),
        )

    def _same(self) -> Bools:
        """Which of the later clusters are as they were, by the same id."""
        same = np.zeros(len(self._b.names), bool)
        a, b = self._from, self._to
        as_was = (self._counts == self._a.sizes[a]) & (self._counts == self._b.sizes[b])
        same[b[as_was & (self._a.names[a] == self._b.names[b])]] = True
        return same

    # ------------------------------------------------------------------------------ one cluster

    def _of(self, number: int, cluster: Former) -> Iterator[Change]:
        if self._unchanged[number]:
            return
        if self._origin[number] < 0:
            size = len(cluster.members)
            yield Change(
                change="new",
                after=(cluster.id,),
                size_after=size,
                came=size,
                headline=cluster.headline,
            )
            return
        of = self._of_heir.of(number)
        if len(of) > 1:
            yield self._change("merged", of, [number], cluster.headline)
        for one in of:
            if self._is_split[one]:
                yield self._change("split", [one], self._into(one), cluster.headline)
        if len(of) == 1 and not self._is_split[of[0]]:
            yield from self._alone(of[0], number, cluster.headline)
        if self._has_moved[number]:
            yield from self._moved(number, cluster)

    def _alone(self, one: int, number: int, headline: str) -> Iterator[Change]:
        """A cluster that came of one other, and is all that came of it."""
        if self._a.names[one] != self._b.names[number]:
            yield self._change("renamed", [one], [number], headline)
        change = self._change("grown", [one], [number], headline)
        if change.came or change.left:
            kind: Kind = "grown" if not change.left else "exchanged" if change.came else "shrunk"
            yield self._change(kind, [one], [number], headline)

    def _change(self, kind: Kind, before: list[int], after: list[int], headline: str) -> Change:
        stays = sum(self._stayed(a, b) for a in before for b in after)
        size_before, size_after = int(self._a.sizes[before].sum()), int(self._b.sizes[after].sum())
        return Change(
            change=kind,
            before=tuple(self._names_before[n] for n in before),
            after=tuple(self._names_after[n] for n in after),
            size_before=size_before,
            size_after=size_after,
            came=size_after - stays,
            left=size_before - stays,
            headline=headline,
        )

    def _stayed(self, one: int, number: int) -> int:
        """How many articles of an earlier cluster are in a later one."""
        code = one * self._total + number
        at = int(np.searchsorted(self._codes, code))
        return int(self._counts[at]) if at < len(self._codes) and self._codes[at] == code else 0

    def _into(self, one: int) -> list[int]:
        """What came of an earlier cluster, in the later file's order."""
        return sorted({*self._of_origin.of(one), int(self._heir[one])})

    def _moved(self, number: int, cluster: Former) -> Iterator[Change]:
        keys = np.array([key_of(m.article_id, m.version) for m in cluster.members], np.uint64)
        at = np.minimum(np.searchsorted(self._a.keys, keys), len(self._a.keys) - 1)
        known = self._a.keys[at] == keys
        source = self._a.cluster[at]
        strange = (self._heir[source] != number) & (source != self._origin[number])
        for n in np.flatnonzero(known & strange).tolist():
            yield Change(
                change="moved",
                before=(self._names_before[int(source[n])],),
                after=(cluster.id,),
                article_id=cluster.members[n].article_id,
                version=cluster.members[n].version,
                headline=cluster.headline,
            )

    @cached_property
    def _has_moved(self) -> Bools:
        moved = np.zeros(len(self._b.names), bool)
        strange = (self._heir[self._from] != self._to) & (self._origin[self._to] != self._from)
        moved[self._to[strange]] = True
        return moved

    @cached_property
    def _names_before(self) -> dict[int, str]:
        """The ids of the earlier clusters that became something else."""
        heir = self._heir
        return self._names(0, (heir >= 0) & ~self._unchanged[heir])

    @cached_property
    def _names_after(self) -> dict[int, str]:
        return self._names(1, (self._origin >= 0) & ~self._unchanged)

    def _names(self, side: int, wanted: Bools) -> dict[int, str]:
        return {n: cluster.id for n, cluster in enumerate(self._lines[side]()) if wanted[n]}


class _Held:
    """The places of each number in a column, -1 being none."""

    def __init__(self, column: Index, count: int) -> None:
        self._order = np.argsort(column, kind="stable")
        self._starts = np.searchsorted(column[self._order], np.arange(count + 1))

    @property
    def counts(self) -> Index:
        """How many places each number has."""
        return np.diff(self._starts)

    def of(self, number: int) -> list[int]:
        """The places of a number."""
        places: list[int] = self._order[self._starts[number] : self._starts[number + 1]].tolist()
        return places


def _side(lines: Iterable[Former]) -> _Side:
    keys, names, sizes = array("Q"), array("Q"), array("q")
    for cluster in lines:
        keys.extend(key_of(member.article_id, member.version) for member in cluster.members)
        names.append(digest_of(cluster.id))
        sizes.append(len(cluster.members))
    held, lengths = np.array(keys, np.uint64), np.array(sizes, np.int64)
    order = np.argsort(held)
    cluster_of = np.repeat(np.arange(len(lengths)), lengths)
    return _Side(held[order], cluster_of[order], np.array(names, np.uint64), lengths)


def _best(of: Index, others: Index, ranks: tuple[Bools, Index], count: int) -> Index:
    """For each number the other one with most in common; of several the one of its name, then the first."""
    by_name, by_count = ranks
    order = np.lexsort((others, by_name, by_count, of))
    first = order[np.flatnonzero(np.diff(of[order], prepend=-1))]
    best = np.full(count, -1)
    best[of[first]] = others[first]
    return best


# ----------------------------------------------------------------------------------------- as text


def rendered(totals: Totals, shown: Iterable[Change], names: tuple[str, str]) -> Iterator[str]:
    """The changes as lines of text: counts, then by kind those that are `shown`."""
    yield f"{names[0]} -> {names[1]}"
    articles, clusters = (
        (totals.articles_before, totals.articles_after),
        (totals.clusters_before, totals.clusters_after),
    )
    yield f"  articles  {articles[0]:,} -> {articles[1]:,}"
    yield f"  clusters  {clusters[0]:,} -> {clusters[1]:,}, {totals.unchanged:,} unchanged"
    by_kind: dict[str, list[Change]] = {}
    for change in shown:
        by_kind.setdefault(change.change, []).append(change)
    for count in totals.changes:
        listed = by_kind.get(count.name, [])
        yield ""
        yield f"{count.name} ({count.count:,})"
        yield from (f"  {_line(change)}" for change in listed)
        if len(listed) < count.count:
            yield f"  … and {count.count - len(listed):,} more; --json lists all"


def _line(change: Change) -> str:
    ids = " -> ".join(" + ".join(side) for side in (change.before, change.after) if side)
    if change.before == change.after:
        ids = change.after[0]
    printable = (c for c in " ".join(change.headline.split()) if c.isprintable())
    headline = f"  {''.join(printable)}".rstrip()
    if change.change == "moved":
        return f"{change.article_id}@{change.version}  {ids}{headline}"
    size = " -> ".join(str(n) for n in (change.size_before, change.size_after) if n)
    articles = "article" if size == "1" else "articles"
    signs = [f"{sign}{n}" for sign, n in (("+", change.came), ("-", change.left)) if n]
    more = f" ({' '.join(signs)})" if change.before and change.after and signs else ""
    return f"{ids}  {size} {articles}{more}{headline}"
