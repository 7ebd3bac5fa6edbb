"""A clustering in words: from columns that are made by hand, over documents in a real table."""

import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.choosing import grouped
from corpus.corrections import Obeyed
from corpus.describe import (
    NOBODY,
    Assignment,
    Clustering,
    Figured,
    Held,
    Link,
    Pairs,
    Reasons,
    Stories,
    VerifiedPair,
    role,
)
from corpus.documents import Document
from corpus.pairs import Figures
from corpus.records import ClusterEvidence, Method, Relation, StoryLink, cluster_id, story_id
from corpus.signing import DOCUMENTS, Signer, by_key
from corpus.tables import Column, Table
from tests.corpus.made_up import SETTINGS

VERIFIED = {"figures": Column("f4", width=len(Figures._fields)), "odds": Column("f8")}
SIGNER = Signer(SETTINGS.normaliser)


class Made(NamedTuple):
    """What is said of documents and clusters, where it is not what any would have."""

    relation: Sequence[Relation] = ()
    through: Sequence[int] = ()
    shares: Sequence[float] = ()
    reasons: Mapping[str, Sequence[object]] = {}
    held: Held | None = None
    pairs: Callable[[], Pairs] | None = None
    verified: Sequence[tuple[Mapping[str, float], float]] = ()
    stories: Sequence[int] = ()
    links: Callable[[], Sequence[Link]] = tuple


PLAIN = Made()


@contextmanager
def described(
    documents: Sequence[Document], clusters: Sequence[int], made: Made = PLAIN
) -> Iterator[Clustering]:
    """The clustering in which each document has its cluster; by default each cluster is a story."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Table(Path(folder) / "documents", DOCUMENTS, "r", durable=False) as table,
        Table(Path(folder) / "pairs", VERIFIED, "r", durable=False) as pairs,
    ):
        if documents:
            shard = np.zeros(len(documents), np.uint64)
            table.append({**SIGNER(list(documents)), "shard": shard})
        table.seal()
        figures = [
            [values.get(name, 0.0) for name in Figures._fields] for values, _ in made.verified
        ]
        pairs.append(
            {
                "figures": np.array(figures, np.float32).reshape(-1, len(Figures._fields)),
                "odds": np.array([odds for _, odds in made.verified], np.float64),
            }
        )
        pairs.seal()
        rows = by_key(table, np.arange(len(documents)))
        labels = np.array([clusters[row] for row in rows.tolist()], np.int64)
        days, seen = (table.column(name)[rows] for name in ("day", "seen"))
        groups = grouped(labels, days, seen)
        count, nothing = len(groups.head), np.zeros(0, np.int64)
        shares = np.array(made.shares or [1.0] * len(rows), np.float64)
        none = Pairs(nothing, nothing, nothing, nothing.astype(bool))
        plain = {name: np.zeros(count, np.int64) for name in Reasons._fields}
        given_reasons = {name: np.array(values) for name, values in made.reasons.items()}
        yield Clustering(
            table,
            rows,
            groups,
            Reasons(**{**plain, **given_reasons}),
            made.held or Held(*np.zeros((3, count))),
            Figured(
                made.relation or ["near"] * len(rows),
                shares,
                shares / 2,
                shares / 4,
                np.array(made.through or [NOBODY] * len(rows), np.int64),
            ),
            (made.pairs or (lambda: none), pairs),
            Stories(np.array(made.stories or range(count), np.int64), made.links),
            Method(),
            Obeyed(),
        )


def document(name: str, seen: str = "", version: int = 1, **more: object) -> Document:
    """A document that was seen on a day of November."""
    moment = f"2026-11-{seen}T06:00:00Z" if seen else ""
    fields = {"article_id": name, "version": version, "text": name, "seen_at": moment}
    return Document(**{**fields, **more})  # type: ignore[arg-type]  # the caller's fields


# -------------------------------------------------------------------------------------- documents

DRAWN = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "é", "long" * 9]),
        st.integers(1, 2),
        st.sampled_from(["", "02", "03"]),
        st.integers(0, 2),
    ),
    max_size=8,
    unique_by=lambda drawn: drawn[:2],
)


def documents_of(drawn: list[tuple[str, int, str, int]]) -> list[Document]:
    """What was seen later was published earlier."""
    published = {"02": "2026-11-02T00:00:00Z", "03": "2026-11-01T00:00:00Z"}
    return [
        document(name, seen, version, published_at=published.get(seen))
        for name, version, seen, _ in drawn
    ]


@settings(max_examples=60)
@given(DRAWN, st.lists(st.sampled_from(["near", "exact", "update"]), min_size=8, max_size=8))
def test_where_documents_ended_is_the_same_one_by_one_and_all_at_once(
    drawn: list[tuple[str, int, str, int]], relation: list[Relation]
) -> None:
    documents = documents_of(drawn)
    shares = [n / 8 for n in range(len(drawn))]
    made = Made(relation=relation[: len(drawn)], shares=shares)
    with described(documents, [cluster for *_, cluster in drawn], made) as found:
        told = found.assignments
        assert len(found) == len(told) == len(drawn)
        left_out = ("version", "wire_share", "through_id", "through_version")
        fields = [field for field in Assignment.__struct_fields__ if field not in left_out]
        fields.append("version")
        wanted = np.arange(len(drawn))[::-1]
        rows = [row for columns in found.placed(wanted) for row in zip(*columns, strict=True)]
        assert rows == [tuple(getattr(one, field) for field in fields) for one in told[::-1]]
        assert [(a.relation, a.jaccard, a.containment, a.wire_share) for a in told] == [
            (how, share, share / 2, share / 4) for how, share in zip(relation, shares, strict=False)
        ]
        for n, one in enumerate(told):
            held = found.document(n)
            assert (one.article_id, one.version) == (held.article_id, held.version)
        ends = {(d.article_id, d.version): c for d, (*_, c) in zip(documents, drawn, strict=True)}
        for one in told:
            mates = [a for a in told if a.cluster_id == one.cluster_id]
            assert len({ends[a.article_id, a.version] for a in mates}) == 1
            assert (
                one.size == len(mates) == [*ends.values()].count(ends[one.article_id, one.version])
            )
            assert [a.role for a in mates].count("representative") == (one.size > 1)
            assert (one.role == "sole") == (one.size == 1)


@settings(max_examples=60)
@given(DRAWN)
def test_clusters_have_their_documents_and_are_named_after_the_first_seen(
    drawn: list[tuple[str, int, str, int]],
) -> None:
    documents = documents_of(drawn)
    groups: dict[int, list[Document]] = {}
    for held, (*_, cluster) in zip(documents, drawn, strict=True):
        groups.setdefault(cluster, []).append(held)
    expected = {}
    for members in groups.values():
        ordered = sorted(members, key=lambda d: (d.article_id.encode(), d.version))
        founder = min(ordered, key=lambda d: d.seen_at or "~")
        name = cluster_id(founder.article_id, founder.version)
        expected[name] = [(d.article_id, d.version) for d in ordered]
    with described(documents, [cluster for *_, cluster in drawn]) as found:
        told = {
            name: [(found.ids[n], found.versions[n]) for n in found.members(number)]
            for number, name in enumerate(found.names)
        }
        sizes = {cluster.cluster_id: cluster.size for cluster in found.clusters}
    assert told == expected
    assert sizes == {name: len(members) for name, members in expected.items()}


def test_where_nobody_knows_when_documents_were_seen_the_first_published_is_the_founder() -> None:
    days = {"b": "2026-11-02T00:00:00Z", "c": "2026-11-01T00:00:00Z", "a": None}
    documents = [document(name, published_at=day) for name, day in days.items()]
    with described(documents, [0, 0, 0]) as found:
        assert found.names == [cluster_id("c", 1)]


def test_the_newest_document_is_the_last_seen_whatever_its_id() -> None:
    documents = [document("c"), document("b", "07"), document("a", "05")]
    with described(documents, [1, 0, 0]) as found:
        assert found.newest == "2026-11-07T06:00:00Z"
        assert found.seen(np.array([2, 0])) == [-math.inf, 20762.25]


@pytest.mark.parametrize("unknown", ["", "yesterday"])
def test_where_nobody_knows_when_documents_were_seen_none_is_the_newest(unknown: str) -> None:
    with described([document("a", seen_at=unknown)], [0]) as found:
        assert found.newest == ""
    with described([], []) as found:
        assert found.newest == ""


def test_a_member_names_the_one_that_it_is_there_by_and_its_version() -> None:
    documents = [document("a"), document("b", version=3), document("c")]
    with described(documents, [0, 0, 0], Made(through=[NOBODY, NOBODY, 1])) as found:
        named = [(a.through_id, a.through_version) for a in found.assignments]
    assert named == [("", 0), ("", 0), ("b", 3)]


def test_a_role_is_by_size_and_head() -> None:
    assert role(1, is_head=True) == "sole"
    assert role(2, is_head=True) == "representative"
    assert role(2, is_head=False) == "member"


# ---------------------------------------------------------------------------------------- stories


def test_a_story_is_named_after_the_first_seen_of_its_clusters_then_by_id() -> None:
    documents = [document("a", "09"), document("b", "03"), document("c", "05"), document("d")]
    with described(documents, [0, 1, 2, 3], Made(stories=[0, 0, 0, 3])) as found:
        assert found.story_names == [story_id(cluster_id("b", 1))] * 3 + [
            story_id(cluster_id("d", 1))
        ]
        assert {a.story_id for a in found.assignments} == set(found.story_names)
    both = [document("a", "03"), document("b", "03")]
    with described(both, [0, 1], Made(stories=[1, 1])) as found:
        assert set(found.story_names) == {story_id(min(cluster_id(n, 1) for n in "ab"))}


def test_links_stand_in_the_story_of_their_source_in_the_order_of_ids() -> None:
    named = {cluster_id(name, 1): n for n, name in enumerate("abcd")}
    downwards = [named[name] for name in sorted(named, reverse=True)]
    given_links = [Link(0, n, "contains", str(n)) for n in downwards if n]
    given_links.append(Link(3, 0, "update", "back"))
    made = Made(stories=[0, 0, 2, 3], links=lambda: given_links)
    with described([document(name, "02") for name in "abcd"], range(4), made) as found:
        names, stories = found.names, found.story_names
        assert found.links == {
            stories[0]: tuple(
                StoryLink(names[0], name, "contains", str(named[name]))
                for name in sorted(names[1:])
            ),
            stories[3]: (StoryLink(names[3], names[0], "update", "back"),),
        }


def test_links_are_worked_out_once_and_only_where_they_are_asked_for() -> None:
    asked = []

    def links() -> Sequence[Link]:
        asked.append("links")
        return [Link(0, 1, "update", "later")]

    with described([document("a"), document("b")], [0, 1], Made(links=links)) as found:
        assert found.assignments
        assert found.clusters
        assert asked == []
        assert found.links == found.links != {}
        assert asked == ["links"]


def test_a_clusters_headline_is_its_representatives() -> None:
    documents = [
        document("a", "03", headline="First seen", published_at="2026-11-02T00:00:00Z"),
        document("b", "09", headline="First published", published_at="2026-11-01T00:00:00Z"),
        document("c", headline="Alone"),
    ]
    with described(documents, [0, 0, 1]) as found:
        assert found.names[0] == cluster_id("a", 1)
        assert found.headlines({found.names[0], "c_none"}) == {found.names[0]: "First published"}
        assert found.clusters[0].article_id == "b"


# --------------------------------------------------------------------------------- why, how well


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        ({}, "no words to compare"),
        ({"several": True}, "no words to compare; earliest of these"),
        ({"words": True, "complete": 2}, "complete, as are 2 of 3"),
        ({"words": True, "complete": 2, "least": True}, "complete, as are 2 of 3, and adds least"),
        (
            {"words": True, "complete": 3, "credited": True, "several": True},
            "complete, as are 3 of 3; credits AP, dpa; earliest of these",
        ),
    ],
)
def test_a_representative_says_why_it_stands_for_the_cluster(
    reasons: dict[str, object], said: str
) -> None:
    documents = [document(name, agencies=("AP", "dpa")) for name in "abcd"]
    made = Made(reasons={name: [value, value] for name, value in reasons.items()})
    with described(documents, [0, 0, 0, 1], made) as found:
        assert [cluster.reason for cluster in found.clusters] == [said, "only member"]


def test_evidence_counts_pairs_and_says_how_alike_and_how_dense_they_are() -> None:
    documents = [document(name) for name in "abcdef"]
    held = Held(np.array([4.0, 0.0]), np.array([0.12344, 1.0]), np.array([3.0, 0.0]))
    with described(documents, [0, 0, 0, 0, 1, 1], Made(held=held)) as found:
        one, other = (cluster.evidence for cluster in found.clusters)
    assert one == ClusterEvidence(4, 0.1234, 0.75, round(4 / 6, 4))
    assert other == ClusterEvidence()


# ----------------------------------------------------------------------------------------- pairs

FOUND = {"left": 10.0, "right": 20.0, "shared": 5.0, "plain_left": 8.0, "plain_right": 20.0}
MORE = {"plain_shared": 2.0, "names_left": 3.0, "names_right": 9.0, "names_shared": 2.0}


def pairs_of(*rows: tuple[int, int, int, bool]) -> Callable[[], Pairs]:
    a, b, at, together = zip(*rows, strict=True)
    return lambda: Pairs(np.array(a), np.array(b), np.array(at), np.array(together))


def test_a_verified_pair_has_its_figures_and_an_identical_one_is_alike_in_all() -> None:
    documents = [document("a"), document("a", version=2), document("b")]
    shown = pairs_of((0, 1, 1, False), (0, 2, -1, True), (1, 2, 0, True))
    verified = [({**FOUND, **MORE}, 1.23456), ({}, -2.0)]
    with described(documents, [0, 1, 0], Made(pairs=shown, verified=verified)) as found:
        assert list(found.pairs) == [
            VerifiedPair("a", 1, "a", 2, 0.0, 0.0, 0.0, 0.0, -2.0, False),
            VerifiedPair("a", 1, "b", 1, 1.0, 1.0, 1.0, 1.0, 99.0, True),
            VerifiedPair("a", 2, "b", 1, 0.2, 0.5, 0.25, 0.6667, 1.235, True),
        ]


def test_many_pairs_come_in_batches_in_their_order() -> None:
    count = 50_001
    at = np.arange(count) % 3 - 1
    shown = Pairs(np.zeros(count, np.int64), np.ones(count, np.int64), at, at == 1)
    made = Made(pairs=lambda: shown, verified=[({}, -1.0), ({}, 1.0)])
    with described([document("a"), document("b")], [0, 0], made) as found:
        batches = list(found.pair_columns())
    assert [len(batch[0]) for batch in batches] == [50_000, 1]
    odds = [odd for batch in batches for odd in batch[-2]]
    assert odds == [(-1.0, 1.0, 99.0)[n] for n in at.tolist()]


def test_where_no_pair_is_shown_there_is_none() -> None:
    with described([document("a")], [0]) as found:
        assert list(found.pairs) == []
