import numpy as np
from hypothesis import strategies as st

from corpus.meeting import Caps, Near, ascending, met_by, nearest, paired, postings_of, shared_often
from corpus.minhash import band_keys, sampled, signatures
from corpus.rows import Rows, owners, rows_of
from tests.corpus.made_up import SETTINGS

SIGNATURE, CANDIDATES = SETTINGS.signature, SETTINGS.candidates
U32 = st.integers(0, 2**32 - 1)


def rows(*values: object) -> Rows:
    return rows_of(np.unique(np.asarray(v, np.uint32)) for v in values)


def sets(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**32, count, dtype=np.uint32)


def pairs(found: Rows, days: list[float] | None = None, window: float = 14) -> set[tuple[int, int]]:
    known = np.array(days if days is not None else [0.0] * len(found.lengths))
    return {(a, b) for a, b in proposed(found, known, window)}


def proposed(found: Rows, days: np.ndarray, window: float = 14) -> list[list[int]]:
    near = Near(days, days, window)
    caps = Caps(CANDIDATES.posting_limit, CANDIDATES.reach)
    least = CANDIDATES.shared, CANDIDATES.containment
    sample = sampled(found, CANDIDATES)
    postings = postings_of(sample.values, owners(sample.starts))
    by_sample = shared_often(postings, sample.lengths, near, caps, least).pairs
    filled = np.flatnonzero(found.lengths)
    keys = band_keys(signatures(found, SIGNATURE), CANDIDATES)[filled]
    caps = Caps(CANDIDATES.bucket_limit, CANDIDATES.reach)
    by_bands = [met_by(postings_of(column, filled), near, caps) for column in keys.T]
    made: list[list[int]] = paired(ascending([by_sample, *by_bands])).tolist()
    return made


def test_near_copies_and_cuts_are_proposed_and_strangers_are_not() -> None:
    whole = sets(1, 600)
    near = np.concatenate((whole[:560], sets(2, 40)))
    found = pairs(rows(whole, near, whole[:90], sets(3, 600)))
    assert {(0, 1), (0, 2), (1, 2)} <= found
    assert not any(3 in pair for pair in found)


def test_pairs_further_apart_than_the_window_are_not_proposed() -> None:
    text = sets(1, 300)
    assert pairs(rows(text, text, text), [0.0, 13.0, 28.0]) == {(0, 1)}
    assert pairs(rows(text, text, text), [0.0, 13.0, 28.0], window=np.inf) == {
        (0, 1),
        (0, 2),
        (1, 2),
    }


def test_an_unknown_day_is_near_to_any_other() -> None:
    text = sets(1, 300)
    assert pairs(rows(text, text, text), [0.0, 100.0, np.nan]) == {(0, 2), (1, 2)}


def test_what_a_hot_bucket_pairs_depends_on_no_text_before_it_or_beyond_its_window() -> None:
    text, count = sets(1, 200), 200
    texts = [np.concatenate((text, sets(n + 2, 3))) for n in range(count)]
    days = np.arange(count) / 2.0
    whole = {tuple(pair) for pair in proposed(rows(*texts), days)}
    cut = {tuple(pair) for pair in proposed(rows(*texts[:150]), days[:150])}
    assert {pair for pair in whole if pair[0] < 150 - 14 * 2} == {
        pair for pair in cut if pair[0] < 150 - 14 * 2
    }
    later = {(a + 50, b + 50) for a, b in proposed(rows(*texts[50:]), days[50:])}
    assert {pair for pair in whole if pair[0] >= 50} == later


def test_an_undated_text_meets_the_last_ones_of_a_hot_bucket() -> None:
    text, count = sets(1, 200), 3 * CANDIDATES.bucket_limit
    texts = [np.concatenate((text, sets(n + 2, 3))) for n in range(count)]
    days = np.append(np.zeros(count - 1), np.nan)
    met = {a for a, b in pairs(rows(*texts), days.tolist()) if b == count - 1}
    assert set(range(count - 1 - CANDIDATES.reach, count - 1)) <= met
    assert min(met) > count - 5 * CANDIDATES.reach


def test_empty_rows_are_paired_with_nothing() -> None:
    assert pairs(rows([], [], sets(1, 100))) == set()
    assert pairs(rows()) == set()


def test_a_hot_bucket_costs_no_more_than_its_reach_for_each_text() -> None:
    count, text = 1000, sets(1, 200)
    found = pairs(rows(*[np.concatenate((text, sets(n + 2, 3))) for n in range(count)]))
    assert count - 1 <= len(found) <= count * CANDIDATES.reach * CANDIDATES.bands / 4


def test_pairs_come_once_in_order_smaller_first() -> None:
    text = sets(1, 200)
    found = rows(text, text, text[:80], text[20:150])
    made = proposed(found, np.zeros(4))
    assert made == sorted(made)
    assert len({tuple(pair) for pair in made}) == len(made)
    assert all(a < b for a, b in made)


def test_of_too_many_pairs_of_a_text_those_with_the_next_ones_stay() -> None:
    codes = np.array([(a << 32) | b for a in range(4) for b in range(a + 1, 9)], np.uint64)
    few = paired(codes[nearest(codes, 2)]).tolist()
    assert few == [[a, a + n] for a in range(4) for n in (1, 2)]
    assert nearest(codes, 99).all()
    assert not nearest(codes, 0).any()
    assert len(nearest(codes[:0], 2)) == 0
