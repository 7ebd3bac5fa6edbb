"""Which pairs meet, from one day to the next: those of a run that begins with nothing."""

import math
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.engines.local import LocalEngine
from corpus.meeting import Banded, Caps, Kind, Meeting, Met, Sampled, nearest, paired
from corpus.neighbours import ByKeys
from corpus.rows import mixed, rows_of
from corpus.since import Named, renewed, since, turned
from corpus.tables import Column, Table

LAYOUT = {
    "grams": Column("u4", ragged=True),
    "sample": Column("u4", ragged=True),
    "bands": Column("u4", width=2),
}
KINDS: list[Kind] = [
    Sampled("sample", Caps(2, 1), (2, 0.1)),
    Banded("bands", slice(0, 2), Caps(3, 2)),
]


class Text(NamedTuple):
    day: float
    lasts: float
    keys: frozenset[int]
    bands: tuple[int, int]


TEXTS = st.lists(
    st.builds(
        Text,
        st.one_of(st.integers(0, 40).map(float), st.just(math.nan)),
        st.integers(0, 3).map(float),
        st.frozensets(st.integers(0, 7), max_size=5),
        st.tuples(st.integers(0, 2), st.integers(0, 3)),
    ),
    max_size=30,
)


def standing(
    texts: Sequence[Text], which: Sequence[int], window: float = 9.0, spells: int = 1
) -> Named:
    """Those texts in their order, named by their numbers; so many one after the other stand in one row."""
    first = np.array([texts[n].day for n in which], float)
    last = first + np.array([texts[n].lasts for n in which], float)
    number = np.array(which, np.int64)
    at, names = number - number % spells, mixed(number)
    order = np.lexsort((names, first))
    return Named(names[order], Meeting(at[order], first[order], last[order], window))


@pytest.mark.parametrize("kinds", [KINDS, KINDS[:1], KINDS[1:]], ids=["any", "sample", "bands"])
@settings(max_examples=100, deadline=None)
@given(
    texts=TEXTS,
    spells=st.integers(1, 3),
    share=st.sampled_from([0.6, 0.8, 1.0]),
    chance=st.randoms(use_true_random=False),
)
def test_pairs_of_a_day_to_the_next_are_those_of_one_run(
    kinds: list[Kind], texts: list[Text], spells: int, share: float, chance: random.Random
) -> None:
    then_which = [n for n in range(len(texts)) if chance.random() < 0.8]
    now_which = [n for n in range(len(texts)) if chance.random() < share]
    then, now = (standing(texts, which, spells=spells) for which in (then_which, now_which))
    with tempfile.TemporaryDirectory() as folder, Table(Path(folder), LAYOUT, "x") as table:
        keys = rows_of(np.array(sorted(text.keys), np.uint32) for text in texts)
        bands = np.array([text.bands for text in texts], np.uint32).reshape(-1, 2)
        table.append({"grams": keys, "sample": keys, "bands": bands})
        table.seal()
        meets = ByKeys(table.opened(), kinds, LocalEngine(1))
        before, whole = meets.met(then.texts), meets.met(now.texts)
        changes = since(now, then)
        found = renewed(meets, now, then, before, changes)
    assert found.pairs.tolist() == whole.pairs.tolist()
    assert found.shared.tolist() == whole.shared.tolist()
    known = np.flatnonzero(found.was >= 0)
    were = paired(before.pairs[found.was[known]])
    assert then.names[were].tolist() == now.names[paired(found.pairs[known])].tolist()
    kept, kept_then = nearest(found.pairs, 2), nearest(before.pairs, 2)
    fresh, gone = turned(found, kept, kept_then)
    held = [_named(before, kept_then, then), _named(whole, kept, now)]
    assert _named(whole, fresh, now) == held[1] - held[0]
    assert _named(before, gone, then) == held[0] - held[1]


def _named(met: Met, which: np.ndarray, texts: Named) -> set[tuple[int, int]]:
    """Pairs by name and days."""
    known = mixed(texts.names, texts.texts.last)[paired(met.pairs[which])]
    return set(map(tuple, known.tolist()))


def test_shared_keys_are_told_of_pairs_that_were_and_of_new_ones() -> None:
    texts = [Text(float(n), 0.0, frozenset({1, 2, 3, n + 10}), (0, 0)) for n in range(9)]
    kinds: list[Kind] = [Sampled("sample", Caps(20, 20), (2, 0.1))]
    then, now = standing(texts, range(8)), standing(texts, range(9))
    with tempfile.TemporaryDirectory() as folder, Table(Path(folder), LAYOUT, "x") as table:
        keys = rows_of(np.array(sorted(text.keys), np.uint32) for text in texts)
        table.append({"grams": keys, "sample": keys, "bands": np.zeros((9, 2), np.uint32)})
        table.seal()
        meets = ByKeys(table.opened(), kinds, LocalEngine(1))
        found = renewed(meets, now, then, meets.met(then.texts), since(now, then))
    assert len(found.pairs) == 36
    assert set(found.shared.tolist()) == {3}
    assert np.count_nonzero(found.was < 0) == 8


def test_a_text_is_another_one_where_its_row_or_a_day_differs() -> None:
    texts = [Text(1.0, 1.0, frozenset(), (0, 0)), Text(math.nan, 0.0, frozenset(), (0, 0))]
    then = standing(texts, [0, 1])
    assert since(standing(texts, [1, 0]), then).old_of_new.tolist() == [0, 1]
    longer = standing([texts[0]._replace(lasts=2.0), texts[1]], [0, 1])
    assert since(longer, then).old_of_new.tolist() == [-1, 1]
    assert since(longer, then).new_of_old.tolist() == [-1, 1]
    moved = then._replace(texts=then.texts._replace(at=np.array([0, 7])))
    assert since(moved, then).old_of_new.tolist() == [0, -1]
