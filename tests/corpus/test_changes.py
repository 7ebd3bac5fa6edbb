from collections import Counter
from collections.abc import Iterable, Sequence
from typing import get_args

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from corpus.changes import KINDS, Change, Comparison, Kind, Totals, rendered
from corpus.former import Former, FormerMember
from corpus.records import Count

Named = dict[str, str]
"""Clusters as the letters of their members, by their ids."""


def formers(clusters: Named) -> list[Former]:
    return [
        Former(name, tuple(FormerMember(letter, 1) for letter in letters), headline=f"On {name}")
        for name, letters in clusters.items()
    ]


def compared(before: Named, after: Named) -> tuple[list[Change], Totals]:
    one, other = formers(before), formers(after)
    found = Comparison(lambda: one, lambda: other)
    changes = list(found.changes())
    kinds: list[Kind] = [change.change for change in changes]
    return changes, found.totals(Counter(kinds))


def told(before: Named, after: Named) -> list[str]:
    """The changes, each as its kind and ids."""
    return [
        " ".join([c.change, *([c.article_id] if c.article_id else []), *c.before, "->", *c.after])
        for c in compared(before, after)[0]
    ]


def lines(before: Named, after: Named) -> list[str]:
    changes, totals = compared(before, after)
    return list(rendered(totals, changes, ("one", "other")))


def test_what_is_as_it_was_is_only_counted() -> None:
    changes, totals = compared({"c1": "ab", "c2": "c"}, {"c2": "c", "c1": "ba"})
    assert changes == []
    assert (totals.unchanged, totals.clusters_before, totals.articles_after) == (2, 2, 3)


def test_clusters_grow_shrink_and_exchange_articles() -> None:
    before = {"c1": "ab", "c2": "cde", "c3": "fg"}
    assert told(before, {"c1": "abx", "c2": "cd", "c3": "fy"}) == [
        "grown c1 -> c1",
        "shrunk c2 -> c2",
        "exchanged c3 -> c3",
    ]


def test_clusters_appear_and_go() -> None:
    assert told({"c1": "ab"}, {"c2": "x"}) == ["new -> c2", "gone c1 ->"]
    assert told({}, {}) == []
    assert told({}, {"c1": "a"}) == ["new -> c1"]
    assert told({"c1": "a"}, {}) == ["gone c1 ->"]


def test_clusters_that_merge_are_named() -> None:
    assert told({"c1": "abc", "c2": "de"}, {"c1": "abcdex"}) == ["merged c1 c2 -> c1"]


def test_what_a_cluster_was_split_into_is_named() -> None:
    assert told({"c1": "abcde"}, {"c1": "ab", "c2": "cde"}) == ["split c1 -> c1 c2"]
    assert told({"c1": "abcd"}, {"c2": "ab", "c1": "cd"}) == ["split c1 -> c2 c1"]


def test_an_article_that_joins_what_another_cluster_was_split_into_has_moved() -> None:
    before, after = {"c1": "abcd", "c2": "xyz"}, {"c1": "ab", "c2": "xy", "c3": "cdz"}
    assert told(before, after) == [
        "split c1 -> c1 c3",
        "shrunk c2 -> c2",
        "moved z c2 -> c3",
    ]


def test_a_cluster_by_another_id_is_renamed_and_may_have_grown_as_well() -> None:
    assert told({"c1": "ab"}, {"c2": "ab"}) == ["renamed c1 -> c2"]
    assert told({"c1": "ab"}, {"c2": "xab"}) == ["renamed c1 -> c2", "grown c1 -> c2"]


def test_an_article_that_left_its_cluster_for_another_has_moved() -> None:
    assert told({"c1": "abc", "c2": "de"}, {"c1": "ab", "c2": "dec"}) == [
        "shrunk c1 -> c1",
        "grown c2 -> c2",
        "moved c c1 -> c2",
    ]


def test_a_change_counts_what_came_and_what_left() -> None:
    (merged,) = compared({"c1": "abc", "c2": "de"}, {"c1": "abdxyz"})[0]
    assert (merged.size_before, merged.size_after, merged.came, merged.left) == (5, 6, 3, 2)


def test_the_text_lists_changes_by_kind() -> None:
    before = {"c1": "abc", "c2": "de", "c3": "f", "c4": "gh", "c5": "i"}
    after = {"c1": "abcde", "c4": "ghjk", "c6": "l", "c5": "i"}
    assert lines(before, after) == [
        "one -> other",
        "  articles  9 -> 11",
        "  clusters  5 -> 4, 1 unchanged",
        "",
        "merged (1)",
        "  c1 + c2 -> c1  5 -> 5 articles  On c1",
        "",
        "grown (1)",
        "  c4  2 -> 4 articles (+2)  On c4",
        "",
        "new (1)",
        "  c6  1 article  On c6",
        "",
        "gone (1)",
        "  c3  1 article  On c3",
    ]
    assert lines({"c1": "abc"}, {"c1": "ab", "c2": "c"})[3:] == [
        "",
        "split (1)",
        "  c1 -> c1 + c2  3 -> 3 articles  On c1",
    ]
    assert lines({"c1": "abc", "c2": "de"}, {"c1": "ab", "c2": "dec"})[-3:] == [
        "",
        "moved (1)",
        "  c@1  c1 -> c2  On c2",
    ]


def test_the_text_says_how_many_are_not_listed() -> None:
    changes, totals = compared({}, {"c1": "a", "c2": "b", "c3": "c"})
    assert list(rendered(totals, changes[:1], ("one", "other")))[3:] == [
        "",
        "new (3)",
        "  c1  1 article  On c1",
        "  … and 2 more; --json lists all",
    ]


def test_a_headline_is_one_line_without_control_characters() -> None:
    change = Change(change="new", after=("c1",), size_after=1, headline="Ferry\n lost \x1b[2J")
    totals = Totals(0, 1, 0, 1, 0, (Count("new", 1),))
    assert (
        list(rendered(totals, [change], ("one", "other")))[-1] == "  c1  1 article  Ferry lost [2J"
    )


def test_a_json_line_has_every_key() -> None:
    (change,) = compared({"c1": "a"}, {"c1": "ab"})[0]
    assert msgspec.json.encode(change) == (
        b'{"schema":"change/1","change":"grown","before":["c1"],"after":["c1"],"size_before":1,'
        b'"size_after":2,"came":1,"left":0,"article_id":"","version":0,"headline":"On c1"}'
    )


def test_every_kind_has_its_place_in_the_text() -> None:
    assert set(KINDS) == set(get_args(Kind))


# ----------------------------------------------------------------------------- whatever there is

LABELS = st.lists(st.integers(-1, 5), min_size=12, max_size=12)


def clusters_of(labels: Sequence[int]) -> Named:
    """The letters with these labels as clusters; -1 is in none."""
    held: dict[int, str] = {}
    for letter, label in zip("abcdefghijkl", labels, strict=True):
        if label >= 0:
            held[label] = held.get(label, "") + letter
    return {f"c{label}": letters for label, letters in held.items()}


def touched(changes: Iterable[Change], side: str) -> set[str]:
    return {name for c in changes if c.change != "moved" for name in getattr(c, side)}


@given(LABELS, LABELS)
def test_every_cluster_is_unchanged_or_in_a_change(one: list[int], other: list[int]) -> None:
    before, after = clusters_of(one), clusters_of(other)
    changes, totals = compared(before, after)
    same = {name for name in before if sorted(before[name]) == sorted(after.get(name, ""))}
    assert totals.unchanged == len(same)
    assert touched(changes, "before") == set(before) - same
    assert touched(changes, "after") == set(after) - same
    sizes = {c.change: 0 for c in changes}
    assert all(c.size_after - c.came == c.size_before - c.left for c in changes)
    assert set(sizes) <= set(KINDS)


@given(LABELS)
def test_a_snapshot_and_itself_have_no_changes(labels: list[int]) -> None:
    assert compared(clusters_of(labels), clusters_of(labels))[0] == []
