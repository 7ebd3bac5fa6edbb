"""How complete a cluster's texts are: worked out once a cluster, whatever came in between."""

import random
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.commons import COMMON, Counter, commons
from corpus.engines.local import LocalEngine
from corpus.members import completeness
from corpus.rows import mixed, rows_of, taken
from corpus.tables import Column, Table


class Member(NamedTuple):
    """A text of a day, by its row in the table: its cluster that day, and how many have it."""

    text: int
    cluster: int
    copies: int = 1


GRAMS = [frozenset(), {1}, {1, 2}, {1, 2, 3}, {2, 3, 4}, {3, 4, 5, 6}, {1, 6}, {7}]
GRAMS_ONLY = {"grams": Column("u4", ragged=True)}
ROWS = rows_of(np.array(sorted(grams), np.uint32) for grams in GRAMS)
DAY = st.lists(
    st.builds(Member, st.integers(0, len(GRAMS) - 1), st.integers(0, 2), st.integers(1, 2)),
    max_size=len(GRAMS),
    unique_by=lambda member: member.text,
)


def numbered(members: list[Member]) -> np.ndarray:
    """The cluster of each, as the number of the first one in it."""
    clusters = [member.cluster for member in members]
    return np.array([clusters.index(cluster) for cluster in clusters], np.int64)


def counted(folder: Path, *days: list[Member]) -> tuple[list[int], int]:
    """How complete the texts of the last day are, and how many clusters were counted in all."""
    with (
        Table(folder / "nodes", GRAMS_ONLY, "r", durable=False) as nodes,
        Table(folder / "common", COMMON, "r", durable=False) as memo,
    ):
        nodes.append({"grams": ROWS})
        nodes.seal()
        counter = Counter(nodes.opened())
        for members in days:
            at, copies = (np.array([m[n] for m in members], np.int64) for n in (0, 2))
            texts = mixed(at), copies, at, ROWS.lengths[at]
            found = commons(memo, LocalEngine(1), counter, texts, numbered(members))
        return found.tolist(), memo.rows


def at_once(members: list[Member]) -> list[int]:
    """The same by one count over all of them."""
    at, copies = (np.array([m[n] for m in members], np.int64) for n in (0, 2))
    return [int(n) for n in completeness(taken(ROWS, at), copies, numbered(members))]


@settings(max_examples=60)
@given(DAY, DAY, DAY)
def test_counts_are_those_of_one_count_over_all_whatever_days_went_before(
    one: list[Member], two: list[Member], three: list[Member]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert counted(Path(folder), one, two, three)[0] == at_once(three)


@settings(max_examples=60)
@given(DAY, st.randoms(use_true_random=False))
def test_a_text_has_its_count_though_the_texts_come_in_another_order(
    members: list[Member], chance: random.Random
) -> None:
    moved = chance.sample(members, len(members))
    with tempfile.TemporaryDirectory() as folder:
        assert counted(Path(folder), members, moved)[0] == at_once(moved)


def test_a_cluster_is_counted_once_and_again_where_a_text_or_its_copies_are_others(
    tmp_path: Path,
) -> None:
    three = [Member(text, 0) for text in (1, 2, 3)]
    other = [Member(text, 1) for text in (4, 5)]
    assert counted(tmp_path / "same", three, [*three, *other], three) == ([1, 2, 2], 2)
    assert counted(tmp_path / "fewer", three, three[1:]) == ([2, 3], 2)
    assert counted(tmp_path / "copies", three, [*three[:2], Member(3, 0, 2)]) == ([1, 2, 3], 2)


def test_texts_alone_are_complete_and_nothing_is_kept_of_them(tmp_path: Path) -> None:
    alone = [Member(3, 0), Member(5, 1, 2), Member(0, 2)]
    assert counted(tmp_path, alone) == ([3, 4, 0], 0)


def test_no_texts_have_no_counts(tmp_path: Path) -> None:
    assert counted(tmp_path, []) == ([], 0)
