"""What holds stories together, in words: which pairs are told, and what is said of each."""

import random
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.align import alignment
from corpus.apart import NO_MARKS
from corpus.cluster import NO_PAIRS
from corpus.clustering import add_documents, open_tables
from corpus.documents import Document
from corpus.engines.local import LocalEngine
from corpus.lineage import Families, Step, Told
from corpus.stories import Judged
from corpus.witness import Links, links
from tests.corpus.made_up_wires import (
    RECIPE,
    REWORDED,
    SETTINGS,
    TRANSLATED,
    UPDATED,
    WIRE,
    reader,
    weights,
)


class Pair(NamedTuple):
    """Two texts that are in one story, the earlier one first, and what was measured of them.

    `turned`: it was measured with the later one left.
    """

    earlier: int
    later: int
    odds: float = 1.0
    figures: Mapping[str, float] = {}
    turned: bool = False
    foreign: bool = False


def linked(texts: Sequence[str], *days: Sequence[Pair]) -> tuple[Links, int]:
    """The links of the last day's pairs, and how many pairs were told in words in all."""
    with (
        tempfile.TemporaryDirectory() as folder,
        open_tables(SETTINGS, Path(folder), durable=False) as tables,
        LocalEngine(1) as engine,
    ):
        documents = [Document(article_id=f"{n:04}", text=text) for n, text in enumerate(texts)]
        add_documents(tables, documents, 0, SETTINGS, engine)
        held = tables.documents.opened()
        step = Step(held, tables.sketches, tables.descent, engine, RECIPE)
        rows, count = np.arange(len(texts)), len(texts)
        days_known, none = np.zeros(count), np.zeros(count, bool)
        days_of = days_known, days_known
        told = Told(rows, rows.astype(np.uint64), *days_of, rows, none, NO_MARKS, NO_PAIRS)
        for pairs in days:
            first = tables.descent.rows
            names = Judged._fields[2:]
            shares = [[pair.figures.get(name, 0.0) for name in names] for pair in pairs]
            tables.descent.append(
                {
                    "key": np.arange(first, first + len(pairs), dtype=np.uint64),
                    "odds": np.array([pair.odds for pair in pairs], np.float64),
                    "foreign": np.array([pair.foreign for pair in pairs], bool),
                    "shares": np.array(shares, np.float32).reshape(-1, len(names)),
                }
            )
            tables.descent.seal()
            found = Families(
                story=rows,
                pairs=np.array([pair[:2] for pair in pairs], np.int64).reshape(-1, 2),
                at=np.arange(first, first + len(pairs)),
                turned=np.array([pair.turned for pair in pairs], bool),
            )
            made = links(step, told, found, tables.evidence)
        return made, tables.evidence.rows


COUNT = 6
PAIRS = st.dictionaries(
    st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)).filter(lambda p: p[0] != p[1]),
    st.integers(1, 4).map(float),
    max_size=10,
)


@settings(max_examples=25)
@given(PAIRS, st.randoms(use_true_random=False))
def test_a_story_of_n_texts_is_held_by_its_n_less_1_strongest_pairs_in_whatever_order(
    odds: dict[tuple[int, int], float], chance: random.Random
) -> None:
    part = list(range(COUNT))
    expected = []
    for one, other in sorted(odds, key=lambda pair: (-odds[pair], pair)):
        if part[one] != part[other]:
            expected.append([one, other])
            part = [part[one] if p == part[other] else p for p in part]
    turned = {ends: chance.random() < 0.5 for ends in odds}
    pairs = [Pair(*ends, value, {"told_left": 0.9}, turned[ends]) for ends, value in odds.items()]
    chance.shuffle(pairs)
    found, _ = linked([f"Text {n}." for n in range(COUNT)], pairs)
    assert found.pairs.tolist() == sorted(expected)
    said = [line.rpartition("log-odds ")[2] for line in found.evidence]
    assert said == [f"{odds[one, other]:.1f}" for one, other in sorted(expected)]
    later_told = ["and 90% of the later" in line for line in found.evidence]
    assert later_told == [turned[one, other] for one, other in sorted(expected)]
    assert found.relations == ["rewritten"] * len(expected)


FIGURES = {
    "told_left": 0.9,
    "told_right": 0.51,
    "lead_left": 1.0,
    "lead_right": 0.9,
    "runs": 0.5,
    "order": 0.25,
}


def test_what_was_measured_with_the_later_text_left_is_told_the_right_way_round() -> None:
    found, _ = linked([WIRE, UPDATED], [Pair(0, 1, 2.34, FIGURES)])
    assert found.relations == ["update"]
    assert (
        "; 90% of the earlier text and 51% of the later are told in the other; 25% in order;"
        in (found.evidence[0])
    )
    assert "; log-odds 2.3; " in found.evidence[0]
    turned, _ = linked([WIRE, UPDATED], [Pair(0, 1, 2.34, FIGURES, turned=True)])
    assert turned.relations == ["rewritten"]
    assert "; 51% of the earlier text and 90% of the later are told in" in turned.evidence[0]
    lead = {**FIGURES, "told_right": 0.9, "lead_left": 0.1}
    assert linked([WIRE, UPDATED], [Pair(0, 1, 1.0, lead)])[0].relations == ["rewritten"]
    assert linked([WIRE, UPDATED], [Pair(0, 1, 1.0, lead, turned=True)])[0].relations == ["update"]


def test_a_pair_in_two_languages_is_a_translation() -> None:
    found, _ = linked([WIRE, TRANSLATED], [Pair(0, 1, 1.0, FIGURES, foreign=True)])
    assert found.relations == ["translated"]
    assert "Kowalczyk" in found.evidence[0]


def test_the_three_passages_that_share_most_are_shown_in_words() -> None:
    found, _ = linked([WIRE, REWORDED], [Pair(0, 1)])
    (said,) = found.evidence
    expected = alignment(WIRE, REWORDED, reader(), weights())
    many, whole = len(expected.passages), expected.left_passages
    assert many > 3
    assert said.startswith(f"{many} of {whole} passages match; ")
    shown = [part for part in said.split("; ") if part.startswith("passage ")]
    best = sorted(expected.passages, key=lambda passage: -passage.share)[:3]
    assert shown == [
        f"passage {p.left + 1} in {p.right + 1}: {', '.join(p.words[:8])}" for p in best
    ]
    assert "slips" not in said


def test_slips_that_both_have_are_told() -> None:
    one = "That long list incudes disagreements on the second and second day."
    other = "Disagreements: the list incudes them all, on the second and second day."
    found, _ = linked([one, other], [Pair(0, 1)])
    assert found.evidence[0].endswith("; slips in both: “second second”, “incudes”")


def test_two_texts_are_laid_side_by_side_once_whoever_has_them() -> None:
    texts = [WIRE, REWORDED, REWORDED]
    found, told = linked(texts, [Pair(0, 1)], [Pair(0, 1), Pair(0, 2)])
    assert told == 1
    assert found.evidence[0] == found.evidence[1]
    _, told = linked(texts, [Pair(0, 1)], [Pair(1, 0)])  # the other way round is another thing
    assert told == 2


def test_a_pair_that_is_told_again_among_others_has_its_own_words() -> None:
    texts = [WIRE, REWORDED, UPDATED]
    pairs = [Pair(0, 1, 3.0), Pair(0, 2, 2.0)]
    whole, _ = linked(texts, pairs)
    found, told = linked(texts, pairs[1:], pairs)
    assert told == 2
    assert found.evidence == whole.evidence
    assert found.evidence[0] != found.evidence[1]


def test_without_pairs_there_is_nothing_to_tell() -> None:
    found, told = linked([WIRE], [])
    assert (found.pairs.tolist(), found.relations, found.evidence, told) == ([], [], [], 0)
