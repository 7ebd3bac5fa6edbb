"""The ids by which clusters were known before, followed from one clustering to the next."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.former import Former, FormerMember, merged_from
from corpus.records import cluster_id
from tests.corpus.test_describe import described, document

LETTERS = "abcdefg"
Clusters = Sequence[str]
"""Each as the letters of its articles, the first seen first; letters are seen in their order."""

Aliases = Mapping[str, Sequence[str]]
"""By letters of founders."""


def named(letter: str) -> str:
    return cluster_id(letter, 1)


def formers(clusters: Clusters, aliases: Aliases) -> list[Former]:
    """The clusters of a snapshot, with what they were known by."""
    return [
        Former(
            named(min(cluster)),
            tuple(FormerMember(letter, 1) for letter in cluster),
            tuple(map(named, aliases.get(min(cluster), ()))),
        )
        for cluster in clusters
    ]


def followed(before: Clusters, now: Clusters, aliases: Aliases | None = None) -> dict[str, str]:
    """The letters of the founders of earlier clusters, by those of the present ones."""
    letters = sorted("".join(now))
    documents = [document(letter, f"{LETTERS.index(letter) + 1:02}") for letter in letters]
    ends = [next(n for n, cluster in enumerate(now) if letter in cluster) for letter in letters]
    with described(documents, ends) as clustering:
        found = merged_from(formers(before, aliases or {}), clustering)
    letter_of = {named(letter): letter for letter in LETTERS}
    assert all(list(ids) == sorted(set(ids)) for ids in found.values())
    return {
        letter_of[name]: "".join(sorted(letter_of[alias] for alias in ids))
        for name, ids in found.items()
    }


def partition(ends: Sequence[int]) -> list[str]:
    """Clusters of letters; those with -1 are in none."""
    groups = {
        end: "".join(c for c, e in zip(LETTERS, ends, strict=True) if e == end) for end in ends
    }
    return [cluster for end, cluster in groups.items() if end >= 0]


PARTITIONS = st.lists(st.integers(-1, 3), min_size=len(LETTERS), max_size=len(LETTERS)).map(
    partition
)


@settings(max_examples=80)
@given(PARTITIONS, PARTITIONS)
def test_an_id_that_is_no_more_goes_with_most_of_its_members_else_with_its_founder(
    before: Clusters, now: Clusters
) -> None:
    expected: dict[str, str] = {}
    founders = {min(cluster) for cluster in now}
    for cluster in before:
        if min(cluster) in founders:
            continue
        left = sum(letter in "".join(now) for letter in cluster)
        most = [c for c in now if 2 * len({*c} & {*cluster}) > left]
        for heir in most or [c for c in now if min(cluster) in c]:
            expected[min(heir)] = "".join(sorted(expected.get(min(heir), "") + min(cluster)))
    assert followed(before, now) == expected


@settings(max_examples=50)
@given(st.lists(PARTITIONS, min_size=2, max_size=4))
def test_from_snapshot_to_snapshot_an_id_stands_for_one_cluster_at_most(
    snapshots: list[Clusters],
) -> None:
    known: dict[str, str] = {}
    for before, now in pairwise(snapshots):
        known = followed(before, now, known)
        handed_on = "".join(known.values())
        assert len(set(handed_on)) == len(handed_on)
        assert not {*handed_on} & {min(cluster) for cluster in now}
        assert {*known} <= {min(cluster) for cluster in now}


def test_most_are_more_than_half_of_those_that_are_still_there() -> None:
    assert followed(["bcde"], ["abc", "de"]) == {"a": "b"}
    assert followed(["bcde"], ["ab", "cde"]) == {"c": "b"}
    assert followed(["bcde"], ["ab", "cd"]) == {"c": "b"}


def test_without_most_of_the_members_and_the_founder_an_id_is_known_no_more() -> None:
    assert followed(["bcd"], ["ac", "d"]) == {}
    assert followed(["bcd"], ["aef"]) == {}
    assert followed(["bcd"], []) == {}


def test_what_a_cluster_was_known_by_goes_where_its_founder_went() -> None:
    assert followed(["adf"], ["a", "bd", "cf"], {"a": "df"}) == {"b": "d", "c": "f"}
    assert followed(["bdf"], ["abd", "cf"], {"b": "f"}) == {"a": "b", "c": "f"}


def test_what_a_cluster_was_known_by_goes_along_where_its_founder_is_gone() -> None:
    assert followed(["ad"], ["ad"], {"a": "g"}) == {"a": "g"}
    assert followed(["abcd"], ["a", "bcd"], {"a": "g"}) == {"a": "g"}
    assert followed(["bdf"], ["adf"], {"b": "c"}) == {"a": "bc"}


def test_an_id_that_is_a_clusters_again_is_no_alias() -> None:
    assert followed(["ad"], ["a", "d"], {"a": "d"}) == {}


def test_another_version_of_an_article_is_another_member() -> None:
    was = Former("c_gone", (FormerMember("a", 2), FormerMember("b", 1)))
    versions = [document("a"), document("a", version=2), document("b")]
    with described(versions, [0, 1, 2]) as clustering:
        assert merged_from([was], clustering) == {}
    with described(versions, [0, 1, 1]) as clustering:
        assert merged_from([was], clustering) == {cluster_id("a", 2): ("c_gone",)}
