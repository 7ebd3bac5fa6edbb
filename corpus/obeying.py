"""The documents that people's corrections speak of.

In: the lines of `corpus.corrections`, the table of documents. Out: pairs of documents that must be
together, and marks of those that cannot be. How both are obeyed is said in `corpus.cluster`, how texts are
told apart for it in `corpus.nodes`.
"""

from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from corpus.apart import NO_MARKS, Bools, at_odds, classes, numbered, several
from corpus.cluster import NO_PAIRS, components
from corpus.corrections import Corrections, Obeyed, versioned
from corpus.rows import Index
from corpus.signing import digest_of
from corpus.tables import Table


class Corrected(NamedTuple):
    """What people said of documents, by their places among the rows of the work, and what became of the file.

    `must` are pairs, `cannot` marks (`corpus.apart`): of one line, versions of one article have one class.
    `kept` tells apart documents with one text: 0 for those that no `cannot` speaks of, directly or
    through what they must be with; others share a number with those alone that they must be with.
    """

    must: Index
    cannot: Index
    kept: Index
    obeyed: Obeyed

    def of_texts(self, node: Index) -> "Said":
        """The same of distinct texts; `node` is each document's."""
        return Said(_between(node[self.must]), self.of_groups(node))

    def of_groups(self, group: Index) -> Index:
        """What cannot be together of groups of documents, as marks; `group` is each document's."""
        return np.unique(np.column_stack((group[self.cannot[:, 0]], self.cannot[:, 1:])), axis=0)

    def said(self, one: int, other: int) -> Literal["", "must", "cannot"]:
        """What people said of two documents, directly or through others."""
        part = components(len(self.kept), *self.must.T)
        if part[one] == part[other]:
            return "must"
        held = classes(part, self.cannot)
        apart = at_odds(held.get(int(part[one]), {}), held.get(int(part[other]), {}))
        return "cannot" if apart else ""


class Said(NamedTuple):
    """Pairs of texts that must be together, each once, smaller first; marks of those that cannot be."""

    must: Index
    cannot: Index

    def texts(self) -> Index:
        """The texts that people spoke of."""
        return np.unique(np.concatenate((self.must.ravel(), self.cannot[:, 0])))

    def numbered(self, number: Index) -> "Said":
        """The same of texts by other numbers; those whose number is -1 are left out."""
        must, marks = number[self.must], self.cannot.copy()
        marks[:, 0] = number[marks[:, 0]]
        return Said(must[(must >= 0).all(axis=1)], marks[marks[:, 0] >= 0])


NOTHING_SAID = Said(NO_PAIRS, NO_MARKS)


def _between(pairs: Index) -> Index:
    apart = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
    return np.unique(apart, axis=0)


def corrected(corrections: Corrections, documents: Table, rows: Index) -> Corrected:
    """The documents at these rows that the corrections speak of."""
    places = _Places(corrections, documents, rows)
    must, marks = [NO_PAIRS], [NO_MARKS]
    known: set[int] = set()
    for line in corrections.lines:
        group = [held for held in map(places.of, line.ids) if held]
        if len(group) < 2:
            continue
        known.add(line.line)
        chain = np.array([n for held in group for n in held], np.int64)
        if line.kind == "must":
            must.append(np.array(list(pairwise(chain.tolist())), np.int64).reshape(-1, 2))
            continue
        kinds = np.repeat(np.arange(len(group)), [len(held) for held in group])
        marks.append(np.column_stack((chain, np.full(len(chain), line.line), kinds)))
    together, apart = np.concatenate(must), np.concatenate(marks)
    part = components(len(rows), *together.T)
    void, in_part, stays = _against(part, apart)
    apart = apart[stays]
    obeyed = Obeyed(
        digest=corrections.digest,
        lines=len(corrections.lines),
        applied=len(known - set(void)),
        unknown=tuple(places.unknown),
        void=void,
        in_part=in_part,
    )
    kept = np.where(np.isin(part, part[apart[:, 0]]), part + 1, 0)
    return Corrected(together, apart, kept, obeyed)


def _against(part: Index, marks: Index) -> tuple[tuple[int, ...], tuple[int, ...], Bools]:
    """Which lines go against what must be together, all of them or in part; which marks keep things apart.

    Of a line with documents in several parts, each part has a document of another class beyond it.
    """
    document, line, kind = marks.T
    inside = numbered((line, part[document]))
    against = several(inside, document) & several(inside, kind)
    parted = several(line, part[document])
    clash = set(line[against].tolist())
    beyond = set(line[parted].tolist())
    return tuple(sorted(clash - beyond)), tuple(sorted(clash & beyond)), parted


class _Places:
    """Where the articles that are spoken of stand among the rows."""

    def __init__(self, corrections: Corrections, documents: Table, rows: Index) -> None:
        ids = sorted({name for line in corrections.lines for name in line.ids})
        pages = {digest_of(name) for each in ids for name in (each, versioned(each)[0])}
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
        page, wanted = versioned(name)
        one = [held for held in self._of.get(digest_of(page), []) if held[0] == wanted]
        return [place for _, place in whole or one]
