"""What compilations contain: read in parts and remembered, as read all at once; and the links of it."""

import random
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import printed
from corpus.containing import CONTENTS, Contained, Reader, containing, contains_links
from corpus.describe import Link
from corpus.engines.local import LocalEngine
from corpus.pairs import Bools, Figures, Texts, figures
from corpus.quoting import Compared
from corpus.roundups import RoundupSettings
from corpus.rows import Index, Rows, mixed, rows_of
from corpus.tables import Column, Table

RULES = RoundupSettings(stories=2, lead=2, grams=2, kin=0.9, share=0.8, common=9, copy=0.9)
NODES = {
    "grams": Column("u4", ragged=True),
    "plain": Column("?", beside="grams"),
    "opens": Column("?", beside="grams"),
    "names": Column("u4", ragged=True),
    "lead": Column("u4", ragged=True),
}
PAIRS = {"figures": Column("f4", width=len(Figures._fields)), "odds": Column("f8")}


class World(NamedTuple):
    """Texts, their leads, and the pairs that share anything, with their figures and log-odds."""

    texts: Texts
    leads: Rows
    pairs: Index
    found: Figures
    odds: np.ndarray


def world(texts: Sequence[tuple[Iterable[int], Iterable[int]]]) -> World:
    """Texts as their 5-grams and those of their leads; their names are those of their stories."""
    grams = [np.array(sorted(set(held) | set(lead)), np.uint32) for held, lead in texts]
    leads = rows_of(np.array([*lead], np.uint32) for _, lead in texts)
    held = rows_of(grams)
    opens = [np.isin(row, leads.row(n)) for n, row in enumerate(grams)]
    names = rows_of(np.unique(row[:1] << np.uint32(2)) for row in grams)
    marks = np.concatenate([np.zeros(0, bool), *opens])
    made = Texts(held, np.ones(len(held.values), bool), marks, names)
    count = len(texts)
    ends = [(a, b) for a in range(count) for b in range(a + 1, count)]
    pairs = np.array(ends, np.int64).reshape(-1, 2)
    pairs = pairs[figures(made, pairs).shared > 0]
    return World(made, leads, pairs, figures(made, pairs), np.arange(len(pairs)) / 8)


class Day(NamedTuple):
    """Which of the texts there are, their clusters (as numbers of texts of the day) and marks."""

    which: Index
    labels: Index
    marks: Bools


def day(which: Sequence[int], clusters: Sequence[int], marked: Iterable[int]) -> Day:
    """A day's texts; `clusters` and `marked` are by text of the world."""
    own = [clusters[n] for n in which]
    labels = np.array([own.index(cluster) for cluster in own], np.int64)
    return Day(np.array(which, np.int64), labels, np.isin(which, list(marked)))


def read(folder: Path, made: World, *days: Day) -> tuple[Contained, int]:
    """What the compilations of the last day contain, and how many were read in all."""
    with (
        Table(folder / "nodes", NODES, "r", durable=False) as nodes,
        Table(folder / "pairs", PAIRS, "r", durable=False) as pairs,
        Table(folder / "contents", CONTENTS, "r", durable=False) as memo,
    ):
        grams, plain, opens, names = made.texts
        nodes.append(
            {
                "grams": grams,
                "plain": plain,
                "opens": opens,
                "names": names,
                "lead": made.leads,
            }
        )
        pairs.append({"figures": np.stack(made.found, axis=1), "odds": made.odds})
        nodes.seal()
        pairs.seal()
        reader = Reader(nodes.opened(), pairs.opened(), RULES)
        for which, labels, marks in days:
            at, local = among(made, which)
            compared = Compared(mixed(which), which, local, at)
            found = containing(memo, LocalEngine(1), reader, compared, labels, marks)
        return found, memo.rows


def among(made: World, which: Index) -> tuple[Index, Index]:
    """The pairs of these texts: their rows, and their ends as numbers of these."""
    number = np.full(len(made.leads.starts) - 1, -1)
    number[which] = np.arange(len(which))
    ends = number[made.pairs]
    at = np.flatnonzero((ends >= 0).all(axis=1))
    return at, ends[at]


def at_once(made: World, last: Day) -> list[tuple[float, ...]]:
    """The same by one reading of all, over texts that are numbered by the whole world."""
    labels = np.arange(len(made.leads.lengths))
    labels[last.which] = last.which[last.labels]
    marks = np.zeros(len(labels), bool)
    marks[last.which] = last.marks
    at, _ = among(made, last.which)
    held = Figures(*(column[at] for column in made.found))
    texts = printed.Held.of(made.texts, made.leads)
    found = printed.contents(texts, labels, made.pairs[at], held, marks, RULES)
    number = {text: n for n, text in enumerate(last.which.tolist())}
    return [
        (
            number[page],
            number[story],
            own,
            lead,
            int(made.leads.lengths[story]),
            made.odds[at[pair]],
        )
        for page, story, pair, own, lead in zip(*map(np.ndarray.tolist, found), strict=True)
    ]


def rows(found: Contained) -> list[tuple[float, ...]]:
    return list(zip(*map(np.ndarray.tolist, found), strict=True))


# Four stories of three texts each: text 0, 4 and 8 are of the first.
STORIES = [range(20 * n + 10, 20 * n + 18) for n in range(4)]
TEXTS = [
    *((story, story[:4]) for story in STORIES),
    *((story[:6], story[:3]) for story in STORIES),
    *((story[1:7], story[1:5]) for story in STORIES),
]
CLUSTERS = [*range(4)] * 3
TAKEN = st.dictionaries(st.integers(0, 3), st.integers(2, 5), min_size=1)
PAGES = st.lists(TAKEN, min_size=1, max_size=4)


def page(taken: dict[int, int]) -> tuple[list[int], list[int]]:
    """A page of so many first 5-grams of the stories, and words of its own."""
    grams = [gram for n, many in taken.items() for gram in STORIES[n][:many]]
    return [*grams, *range(1000, 1002)], grams[:3]


@settings(max_examples=40)
@given(PAGES, st.randoms(use_true_random=False))
def test_what_is_contained_is_what_one_reading_of_all_finds_whatever_days_went_before(
    pages: list[dict[int, int]], chance: random.Random
) -> None:
    made = world([*map(page, pages), *TEXTS])
    count = len(pages) + len(TEXTS)
    clusters = [*range(100, 100 + len(pages)), *CLUSTERS]
    days = []
    for _ in range(3):
        which = sorted(n for n in range(count) if chance.random() < 0.8)
        joined = [0 if c == 1 and chance.random() < 0.3 else c for c in clusters]
        marked = [n for n in range(len(pages)) if chance.random() < 0.8]
        days.append(day(which, joined, marked))
    with tempfile.TemporaryDirectory() as folder:
        found, _ = read(Path(folder), made, *days)
    assert rows(found) == at_once(made, days[-1])


def test_a_compilation_contains_the_longest_quoted_first_with_its_figures(tmp_path: Path) -> None:
    made = world([*TEXTS, page({0: 2, 2: 4, 3: 3})])
    found, _ = read(tmp_path, made, day(range(13), [*CLUSTERS, 12], [12]))
    assert [(r[0], *r[2:5]) for r in rows(found)] == [(12, 4, 4, 4), (12, 3, 3, 4), (12, 2, 2, 4)]
    assert found.story.tolist() == [2, 3, 0]
    pair_of = {tuple(pair): odds for pair, odds in zip(made.pairs.tolist(), made.odds, strict=True)}
    assert found.odds.tolist() == [pair_of[text, 12] for text in found.story.tolist()]


def test_a_compilation_is_read_again_only_where_a_text_or_a_cluster_beside_it_is_another(
    tmp_path: Path,
) -> None:
    """The first page takes from stories 0 and 1, the second from 2 and 3 and a little from 0."""
    made = world([*TEXTS, page({0: 4, 1: 4}), page({0: 2, 2: 4, 3: 4})])
    clusters, marked = [*CLUSTERS, 12, 13], [12, 13]
    first = day(range(14), clusters, marked)

    def reads(name: str, *days: Day) -> int:
        return read(tmp_path / name, made, *days)[1]

    def without(*texts: int) -> Day:
        return day([n for n in range(14) if n not in texts], clusters, marked)

    assert reads("same", first, first) == 2
    assert reads("gone", first, without(1), first) == 3
    assert reads("exchanged", without(4), without(8)) == 4
    assert reads("parted", first, day(range(14), [*CLUSTERS[:-1], 11, 12, 13], marked)) == 3
    assert reads("other compilation gone", first, without(13), without(12)) == 2
    assert reads("other no compilation", first, day(range(14), clusters, [12])) == 3


def test_many_compilations_are_read_in_parts(tmp_path: Path) -> None:
    pages = [page({k: 2 + (n + k) % 4 for k in range(4)}) for n in range(150)]
    made = world([*pages, *TEXTS * 24])
    count = 150 + len(TEXTS) * 24
    last = day(range(count), [*range(100, 250), *CLUSTERS * 24], range(150))
    assert len(among(made, last.which)[0]) > 40_000
    found, many = read(tmp_path, made, last)
    assert many == 150
    assert len(found.page) > 300
    assert rows(found) == at_once(made, last)


def test_without_compilations_nothing_is_contained(tmp_path: Path) -> None:
    made = world(TEXTS)
    found, many = read(tmp_path, made, day(range(12), CLUSTERS, []))
    assert (rows(found), many) == ([], 0)
    found, many = read(tmp_path / "none", world([]), day([], [], []))
    assert (rows(found), many) == ([], 0)


def test_a_compilation_beside_nothing_contains_nothing(tmp_path: Path) -> None:
    made = world([*TEXTS, page({0: 4, 1: 4})])
    found, many = read(tmp_path, made, day([12], [*CLUSTERS, 12], [12]))
    assert (rows(found), many) == ([], 1)


# ------------------------------------------------------------------------------------------ links


class Row(NamedTuple):
    """A row of `Contained`: of 10 5-grams of the story's lead the page has 9."""

    page: int
    story: int
    own: int
    odds: float = 0.0


def links(found: Sequence[Row], clusters: Sequence[int]) -> list[Link]:
    columns = np.array([(r.page, r.story, r.own, 9, 10) for r in found], np.int64).reshape(-1, 5)
    page, story, own, lead, leads = columns.T
    odds = np.array([row.odds for row in found], np.float64)
    contained = Contained(page, story, own, lead, leads, odds)
    lengths = np.arange(len(clusters)) * 100
    return list(contains_links(contained, lengths, np.array(clusters), "text{}".format))


def test_a_compilations_cluster_links_to_each_that_it_contains_and_says_why() -> None:
    assert links([Row(2, 1, 40, -1.26), Row(2, 0, 30, 2.0)], [7, 5, 4]) == [
        Link(
            4,
            5,
            "contains",
            "40 of the compilation's 200 5-grams stand in this story and in no shorter one; 9 of its lead's"
            " 10; log-odds -1.3 (text2 and text1)",
        ),
        Link(
            4,
            7,
            "contains",
            "30 of the compilation's 200 5-grams stand in this story and in no shorter one; 9 of its lead's"
            " 10; log-odds 2.0 (text2 and text0)",
        ),
    ]


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(
            Row,
            st.integers(0, 3),
            st.integers(4, 7),
            st.integers(1, 2),
            st.sampled_from([0.0, 1.0]),
        ),
        max_size=8,
        unique_by=lambda row: row[:2],
    ),
    st.lists(st.integers(0, 3), min_size=8, max_size=8),
    st.randoms(use_true_random=False),
)
def test_of_pages_that_contain_one_story_the_one_with_most_of_it_speaks_in_whatever_order(
    found: list[Row], clusters: list[int], chance: random.Random
) -> None:
    best: dict[tuple[int, int], Row] = {}
    for row in sorted(found, key=lambda row: (-row.own, -row.odds, row.page, row.story)):
        best.setdefault((clusters[row.page], clusters[row.story]), row)
    expected = [
        (*ends, f"(text{row.page} and text{row.story})")
        for ends, row in sorted(best.items())
        if ends[0] != ends[1]
    ]
    told = links(chance.sample(found, len(found)), clusters)
    assert [(one.source, one.target, f"({one.evidence.split('(')[1]}") for one in told] == expected
