"""The documents that people's corrections speak of.

In: the lines of `corpus.corrections`, the table of documents. Out: pairs of documents that must be
together or cannot be. How pairs are obeyed is said in `corpus.cluster`, how texts are told apart for it
in `corpus.nodes`.
"""

import re
from itertools import combinations, pairwise
from typing import Literal, NamedTuple

import numpy as np

from corpus.cluster import NO_PAIRS, components, contradicted
from corpus.corrections import Corrections, Obeyed
from corpus.rows import Index
from corpus.signing import digest_of
from corpus.tables import Table


class Corrected(NamedTuple):
    """The pairs of documents, by their places among the rows of the work, and what became of the file.

    `kept` tells apart documents with one text: 0 for those that no `cannot` speaks of, directly or
    through what they must be with; others share a number with those alone that they must be with.
    """

    must: Index
    cannot: Index
    kept: Index
    obeyed: Obeyed

    def of_texts(self, node: Index) -> "Said":
        """The same of distinct texts; `node` is each document's."""
        return Said(_between(node[self.must]), _between(node[self.cannot]))

    def said(self, one: int, other: int) -> Literal["", "must", "cannot"]:
        """What people said of two documents, directly or through others."""
        part = components(len(self.kept), *self.must.T)
        if part[one] == part[other]:
            return "must"
        pair = {int(part[one]), int(part[other])}
        apart = any(set(foes) == pair for foes in part[self.cannot].tolist())
        return "cannot" if apart else ""


class Said(NamedTuple):
    """Pairs of texts that must be together and that cannot be, each once, smaller first."""

    must: Index
    cannot: Index


NOTHING_SAID = Said(NO_PAIRS, NO_PAIRS)


def _between(pairs: Index) -> Index:
    several = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
    return np.unique(several, axis=0)


def corrected(corrections: Corrections, documents: Table, rows: Index) -> Corrected:
    """The documents at these rows that the corrections speak of."""
    places = _Places(corrections, documents, rows)
    must, cannot = [NO_PAIRS], [NO_PAIRS]
    of_line: list[int] = []
    known: set[int] = set()
    for line in corrections.lines:
        group = [held for held in map(places.of, line.ids) if held]
        if len(group) < 2:
            continue
        known.add(line.line)
        if line.kind == "must":
            chain = [n for held in group for n in held]
            must.append(np.array(list(pairwise(chain)), np.int64).reshape(-1, 2))
            continue
        pairs = [(a, b) for one, two in combinations(group, 2) for a in one for b in two if a != b]
        cannot.append(np.array(pairs, np.int64).reshape(-1, 2))
        of_line += [line.line] * len(pairs)
    together, apart = np.concatenate(must), np.concatenate(cannot)
    against = contradicted(len(rows), together, apart)
    gone = set(np.array(of_line, np.int64)[against].tolist())
    void = gone - set(np.array(of_line, np.int64)[~against].tolist())
    part = components(len(rows), *together.T)
    kept = np.where(np.isin(part, part[apart[~against]]), part + 1, 0)
    obeyed = Obeyed(
        digest=corrections.digest,
        lines=len(corrections.lines),
        applied=len(known - void),
        unknown=tuple(places.unknown),
        void=tuple(sorted(void)),
        in_part=tuple(sorted(gone - void)),
    )
    return Corrected(together, apart[~against], kept, obeyed)


class _Places:
    """Where the articles that are spoken of stand among the rows."""

    def __init__(self, corrections: Corrections, documents: Table, rows: Index) -> None:
        ids = sorted({name for line in corrections.lines for name in line.ids})
        pages = {digest_of(name) for each in ids for name in (each, _versioned(each)[0])}
        wanted = np.array(sorted(pages), np.uint64)
        self._of: dict[int, list[tuple[int, int]]] = {}
        if ids:
            page = documents.column("page")[rows]
            found = np.flatnonzero(np.isin(page, wanted))
            versions = documents.column("version")[rows[found]].tolist()
            for place, at, version in zip(
                found.tolist(), page[found].tolist(), versions, strict=True
            ):
                self._of.setdefault(at, []).append((version, place))
        self.unknown = [name for name in ids if not self.of(name)]

    def of(self, name: str) -> list[int]:
        """All versions of the article with this id; if there is none, the one version that it names."""
        whole = self._of.get(digest_of(name), [])
        page, wanted = _versioned(name)
        one = [held for held in self._of.get(digest_of(page), []) if held[0] == wanted]
        return [place for _, place in whole or one]


def _versioned(name: str) -> tuple[str, int]:
    """An id such as "a_1@2" as the article's and the version; -1 where none is named."""
    match = re.fullmatch(r"(.+)@(\d{1,9})", name, re.DOTALL)
    return (match[1], int(match[2])) if match else (name, -1)
