"""Which documents corrections speak of, and what becomes of each line: by plain Python, slowly."""

import random
import tempfile
from itertools import combinations
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.corrections import Correction, Corrections, Obeyed
from corpus.obeying import NOTHING_SAID, Corrected, Said, corrected
from corpus.rows import Index
from corpus.signing import digest_of
from corpus.tables import Column, Table

LAYOUT = {"page": Column("u8"), "version": Column("i8")}
Article = tuple[str, int]
Kind = Literal["must", "cannot"]
Line = tuple[Kind, list[str]]

# An article's id may look like a version of another one.
ARTICLES = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "a@2"]), st.integers(1, 3)), max_size=8
)
KINDS: list[Kind] = ["must", "cannot"]
NAMES = ["a", "b", "c", "a@1", "a@2", "a@2@3", "b@3", "gone", "gone@1", "b@", "c@x"]
LINES = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.lists(st.sampled_from(NAMES), min_size=2, max_size=3, unique=True),
    ),
    max_size=5,
)


def obeyed(articles: list[Article], lines: list[Line], rows: list[int] | None = None) -> Corrected:
    """What the lines, numbered from 1, say of the articles; of those at some rows, where named."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Table(Path(folder), LAYOUT, "r", durable=False) as documents,
    ):
        documents.append(
            {
                "page": np.array([digest_of(name) for name, _ in articles], np.uint64),
                "version": np.array([version for _, version in articles], np.int64),
            }
        )
        documents.seal()
        said = Corrections(tuple(Correction(n, k, tuple(i)) for n, (k, i) in enumerate(lines, 1)))
        at = np.arange(len(articles)) if rows is None else np.array(rows, np.int64)
        return corrected(said, documents, at)


class Restated(NamedTuple):
    """The part that each document is in by `must`, pairs apart by `cannot`, and what became of lines."""

    part: list[int]
    apart: set[frozenset[int]]
    unknown: tuple[str, ...]
    applied: int
    void: tuple[int, ...]
    in_part: tuple[int, ...]


def restated(articles: list[Article], lines: list[Line]) -> Restated:
    def of(name: str) -> list[int]:
        whole = [n for n, (held, _) in enumerate(articles) if held == name]
        one = [n for n, (held, version) in enumerate(articles) if f"{held}@{version}" == name]
        return whole or one

    known = [
        (number, kind, [of(name) for name in names if of(name)])
        for number, (kind, names) in enumerate(lines, 1)
    ]
    known = [(number, kind, groups) for number, kind, groups in known if len(groups) > 1]
    part = list(range(len(articles)))
    for _, kind, groups in known:
        if kind == "must":
            joined = {part[n] for group in groups for n in group}
            part = [min(joined) if p in joined else p for p in part]
    apart, void, in_part = set[frozenset[int]](), list[int](), list[int]()
    for number, kind, groups in known:
        if kind == "cannot":
            pairs = {
                frozenset({a, b})
                for one, two in combinations(groups, 2)
                for a in one
                for b in two
                if a != b
            }
            stands = {pair for pair in pairs if len({part[n] for n in pair}) == 2}
            apart |= stands
            if stands != pairs:
                (in_part if stands else void).append(number)
    unknown = {name for _, names in lines for name in names if not of(name)}
    applied = len(known) - len(void)
    return Restated(part, apart, tuple(sorted(unknown)), applied, tuple(void), tuple(in_part))


def parts(found: Corrected) -> list[int]:
    """The first document that each one is with by `must`."""
    part = list(range(len(found.kept)))
    for a, b in found.must.tolist():
        low, high = sorted((part[a], part[b]))
        part = [low if p == high else p for p in part]
    return part


def apart(marks: Index, part: list[int] | range) -> set[frozenset[int]]:
    """The pairs that marks keep apart, of things in different parts."""
    return {
        frozenset({a, b})
        for (a, line, kind), (b, other, differs) in combinations(marks.tolist(), 2)
        if line == other and kind != differs and part[a] != part[b]
    }


@settings(max_examples=200)
@given(ARTICLES, LINES)
def test_lines_speak_of_all_versions_of_an_article_or_of_the_one_that_they_name(
    articles: list[Article], lines: list[Line]
) -> None:
    found, expected = obeyed(articles, lines), restated(articles, lines)
    assert parts(found) == expected.part
    assert apart(found.cannot, expected.part) == expected.apart
    assert found.obeyed == Obeyed(
        digest=found.obeyed.digest,
        lines=len(lines),
        applied=expected.applied,
        unknown=expected.unknown,
        void=expected.void,
        in_part=expected.in_part,
    )
    assert bool(found.obeyed.digest) == bool(lines)


@given(ARTICLES, LINES)
def test_what_is_kept_apart_from_other_copies_is_what_a_cannot_reaches(
    articles: list[Article], lines: list[Line]
) -> None:
    found, expected = obeyed(articles, lines), restated(articles, lines)
    reached = {expected.part[n] for pair in expected.apart for n in pair}
    kept = found.kept.tolist()
    assert [number > 0 for number in kept] == [part in reached for part in expected.part]
    for one, other in combinations([n for n, number in enumerate(kept) if number], 2):
        assert (kept[one] == kept[other]) == (expected.part[one] == expected.part[other])


@given(ARTICLES, LINES)
def test_what_was_said_of_two_documents_counts_through_others(
    articles: list[Article], lines: list[Line]
) -> None:
    found, expected = obeyed(articles, lines), restated(articles, lines)
    part = expected.part
    foes = {frozenset(part[n] for n in pair) for pair in expected.apart}
    for one, other in combinations(range(len(articles)), 2):
        if part[one] == part[other]:
            said = "must"
        else:
            said = "cannot" if frozenset({part[one], part[other]}) in foes else ""
        assert found.said(one, other) == found.said(other, one) == said


@given(ARTICLES, LINES, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_rows_changes_nothing_but_numbers(
    articles: list[Article], lines: list[Line], chance: random.Random
) -> None:
    rows = chance.sample(range(len(articles)), len(articles))
    order = chance.sample(range(len(lines)), len(lines))
    there = obeyed(articles, [lines[n] for n in order], rows)
    here = obeyed(articles, lines)
    expected = restated(articles, lines)
    part = [expected.part[n] for n in rows]
    parted = apart(there.cannot, part)
    assert {frozenset(rows[n] for n in pair) for pair in parted} == expected.apart
    for one, other in combinations(range(len(rows)), 2):
        assert there.said(one, other) == here.said(rows[one], rows[other])
    assert there.obeyed.unknown == here.obeyed.unknown
    assert {order[line - 1] + 1 for line in there.obeyed.void} == {*here.obeyed.void}
    assert {order[line - 1] + 1 for line in there.obeyed.in_part} == {*here.obeyed.in_part}


def test_documents_that_are_not_among_the_rows_are_not_spoken_of() -> None:
    articles = [("a", 1), ("b", 1), ("c", 1), ("b", 2)]
    found = obeyed(articles, [("must", ["a", "b", "c"])], [3, 0])
    assert found.must.tolist() == [[1, 0]]
    assert found.obeyed.unknown == ("c",)


@given(ARTICLES, LINES, st.lists(st.integers(0, 2), min_size=8, max_size=8))
def test_pairs_of_documents_with_one_text_say_nothing_of_texts_and_others_are_told_once(
    articles: list[Article], lines: list[Line], texts: list[int]
) -> None:
    found = obeyed(articles, lines)
    said = found.of_texts(np.array(texts[: len(articles)], np.int64))
    expected = {tuple(sorted((texts[a], texts[b]))) for a, b in found.must.tolist()}
    assert said.must.tolist() == sorted([a, b] for a, b in expected if a != b)
    marks = {(texts[document], line, kind) for document, line, kind in found.cannot.tolist()}
    assert said.cannot.tolist() == sorted(map(list, marks))
    assert said.texts().tolist() == sorted({*said.must.ravel().tolist(), *(m[0] for m in marks)})


def test_without_lines_nothing_is_said() -> None:
    found = obeyed([("a", 1), ("a", 2)], [])
    assert found.kept.tolist() == [0, 0]
    assert found.obeyed == Obeyed()
    said = found.of_texts(np.arange(2))
    assert all(map(np.array_equal, said, NOTHING_SAID))
    assert isinstance(said, Said)
