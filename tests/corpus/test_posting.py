"""The postings of keys that some texts have: nobody who has such a key is missing."""

from pathlib import Path

import numpy as np

from corpus.meeting import Banded, Caps, Kind, Sampled
from corpus.posting import postings_in
from corpus.rows import rows_of
from corpus.tables import Column, Table

LAYOUT = {
    "grams": Column("u4", ragged=True),
    "sample": Column("u4", ragged=True),
    "bands": Column("u4", width=3),
}
CAPS = Caps(4, 2)
KEYS = np.random.default_rng(7).integers(0, 40, (60, 5)).astype(np.uint32)
AT = np.array([*range(50), 3, 3, 17, 49])
"""Rows that texts stand in: three are of several texts, ten of none."""


def postings(folder: Path, kind: Kind, who: np.ndarray) -> dict[int, set[int]]:
    """The texts of each key."""
    with Table(folder, LAYOUT, "x") as table:
        keys = rows_of(np.unique(row) for row in KEYS)
        table.append({"grams": keys, "sample": keys, "bands": KEYS[:, :3]})
        table.seal()
        (found,) = postings_in(table.opened(), AT, kind, who)
    assert (np.diff(found.astype(np.float64)) >= 0).all()
    held: dict[int, set[int]] = {}
    for code in found[:-1].tolist():
        held.setdefault(code >> 32, set()).add(code & 0xFFFFFFFF)
    return held


def test_a_key_that_is_there_has_all_texts_that_have_it(tmp_path: Path) -> None:
    who = np.isin(np.arange(len(AT)), [5, 51])
    found = postings(tmp_path, Sampled("sample", CAPS, (2, 0.1)), who)
    assert set(np.unique(KEYS[AT[who]]).tolist()) <= set(found)
    assert len(found) < 40
    for key, texts in found.items():
        assert texts == set(np.flatnonzero((KEYS[AT] == key).any(axis=1)).tolist())


def test_keys_of_one_band_are_told_from_those_of_another(tmp_path: Path) -> None:
    who = np.isin(np.arange(len(AT)), [5, 51])
    found = postings(tmp_path, Banded("bands", slice(0, 3), CAPS), who)
    bands = KEYS[AT, :3]
    expected = [
        set(np.flatnonzero(bands[:, band] == key).tolist())
        for text in np.flatnonzero(who)
        for band, key in enumerate(bands[text].tolist())
    ]
    assert all(texts in found.values() for texts in expected)
