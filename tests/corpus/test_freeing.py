"""What documents lost to furniture, from one day to the next: what one run would find."""

import math
import random
import tempfile
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.engines.local import LocalEngine
from corpus.freeing import FURNITURE, Freed, Known, freed, standing
from corpus.repeats import FurnitureSettings
from corpus.rows import rows_of
from corpus.tables import Column, Table
from tests.corpus.made_up import SETTINGS

LAYOUT = {
    "site": Column("u8"),
    "page": Column("u8"),
    "day": Column("f8"),
    "seen": Column("f8"),
    "digest": Column("u8"),
    "grams": Column("u4", ragged=True),
}
RULES = msgspec.structs.replace(SETTINGS.furniture, sample=6, share=0.3)


class Page(NamedTuple):
    site: int
    day: float
    grams: frozenset[int]


PAGES = st.lists(
    st.builds(
        Page,
        st.integers(0, 2),
        st.one_of(st.integers(0, 60).map(float), st.just(math.nan)),
        st.frozensets(st.integers(0, 12), max_size=9),
    ),
    max_size=40,
)


def rule(rules: FurnitureSettings, folder: Path, pages: list[Page], days: list[list[int]]) -> Freed:
    """What the documents of the last day lost, each day against what the day before left."""
    with (
        Table(folder / "documents", LAYOUT, "r") as documents,
        Table(folder / "furniture", FURNITURE, "r") as memo,
    ):
        number = np.arange(len(pages), dtype=np.uint64)
        documents.append(
            {
                "site": np.array([page.site for page in pages], np.uint64),
                "page": number,
                "day": np.array([page.day for page in pages], np.float64),
                "seen": np.full(len(pages), -math.inf),
                "digest": number * np.uint64(0x9E3779B97F4A7C15) + np.uint64(1),
                "grams": rows_of(np.array(sorted(page.grams), np.uint32) for page in pages),
            }
        )
        documents.seal()
        known = Known.nothing()
        for rows in days:
            step = LocalEngine(1), rules
            found, known = freed(documents, np.array(rows, np.int64), 14.0, memo, step, known)
        return found


@settings(max_examples=60, deadline=None)
@given(PAGES, st.randoms(use_true_random=False))
def test_what_was_lost_from_day_to_day_is_what_one_run_finds(
    pages: list[Page], chance: random.Random
) -> None:
    days = [[n for n in range(len(pages)) if chance.random() < 0.7] for _ in range(3)]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        found = rule(RULES, Path(one), pages, days)
        whole = rule(RULES, Path(other), pages, days[-1:])
    assert found.lost.tolist() == whole.lost.tolist()
    assert found.left.tolist() == whole.left.tolist()
    assert (found.set_of < 0).tolist() == (whole.set_of < 0).tolist()


def test_pages_lose_what_their_site_repeats_near_their_days(tmp_path: Path) -> None:
    own = [frozenset({100 + 10 * n, 101 + 10 * n}) for n in range(5)]
    pages = [Page(1, 1.0, grams | {1, 2, 3}) for grams in own[:3]]
    pages += [Page(1, 90.0, own[3] | {1, 2, 3}), Page(2, 1.0, own[4] | {1, 2, 3})]
    found = rule(SETTINGS.furniture, tmp_path, pages, [list(range(5))])
    assert found.left.tolist() == [2, 2, 2, 5, 5]
    assert (found.lost > 0).tolist() == [True, True, True, False, False]


def test_a_page_sees_its_own_block_of_days_and_those_beside_it_and_without_a_day_all(
    tmp_path: Path,
) -> None:
    days = [1.0, 15.0, 29.0, 60.0, math.nan]
    pages = [Page(1, day, frozenset({1, 100 + n})) for n, day in enumerate(days)]
    found = rule(SETTINGS.furniture, tmp_path, pages, [list(range(5))])
    assert found.left.tolist() == [2, 1, 2, 2, 1]


def test_values_stand_in_the_set_of_their_row_only() -> None:
    rows = rows_of([np.array(values, np.uint32) for values in ([1, 2], [1, 2], [2])])
    sets = rows_of([np.array([2], np.uint32), np.array([1], np.uint32)])
    assert standing(rows, sets, np.array([0, 1, -1])).tolist() == [False, True, True, False, False]
