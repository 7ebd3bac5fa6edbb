"""The distinct texts of a set of documents, hashed and freed of furniture.

In: documents as columns (text, host, article, day). Out: `Nodes`. Documents whose folded words are
identical share a node, so that fifty thousand copies of one stub cost what one costs; but not across
a silence longer than the date window. Nothing is compared here.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.cluster import components
from corpus.pairs import Texts
from corpus.repeats import FurnitureSettings, furniture
from corpus.rows import Index, Rows, kept, owners, places, rows_of, starts_of, taken
from corpus.text import Normaliser, NormaliserSettings

Days = NDArray[np.float64]
U64 = NDArray[np.uint64]


class Nodes(NamedTuple):
    """The distinct texts in the order of their first days, those without a known day last.

    `node` is each document's text; `source` the document that each text was taken from, `weights`
    how many have it, `first` and `last` their days (NaN where none is known). `digests` and
    `leads` (the first 5-grams, in order) are by document and by text.
    """

    texts: Texts
    leads: Rows
    node: Index
    source: Index
    weights: Index
    first: Days
    last: Days
    digests: U64


class Signed(NamedTuple):
    """One row a document, as `corpus.text.Shingles` has it."""

    texts: Texts
    name_grams: Rows
    leads: Rows
    digests: U64


def sign(texts: Iterable[str], settings: NormaliserSettings) -> Signed:
    """The texts as rows of hashes; they are read one at a time and not kept."""
    normaliser = Normaliser(settings)
    grams, plain, names, name_grams, leads, digests = [], [np.zeros(0, bool)], [], [], [], []
    for text in texts:
        shingles = normaliser.shingles(text)
        grams.append(shingles.grams)
        plain.append(shingles.plain)
        names.append(shingles.names)
        name_grams.append(shingles.name_grams)
        leads.append(shingles.lead)
        digests.append(shingles.digest)
    rows = Texts(rows_of(grams), np.concatenate(plain), rows_of(names))
    return Signed(rows, rows_of(name_grams), rows_of(leads), np.array(digests, np.uint64))


def without_furniture(
    signed: Signed, hosts: Sequence[str], articles: Sequence[str], settings: FurnitureSettings
) -> Signed:
    """The rows without their host's furniture: 5-grams, and the names that stand in them."""
    texts = signed.texts
    sites = _numbered(hosts)
    sites[np.array([not host for host in hosts], bool)] = -1
    total = len(hosts)
    same_text = _first_with(np.stack((sites.astype(np.uint64), signed.digests)))
    same_page = _first_with(np.stack((sites, _numbered(articles))).astype(np.uint64))
    every = np.arange(total)
    page = components(total, np.tile(every, 2), np.concatenate((same_text, same_page)))
    marks = furniture(texts.grams, sites, page, settings)

    shift = np.uint64(32)
    place = owners(texts.grams.starts).astype(np.uint64) << shift | texts.grams.values
    wanted = owners(texts.names.starts).astype(np.uint64) << shift | signed.name_grams.values
    own = ~marks[np.searchsorted(place, wanted)]
    left = Texts(kept(texts.grams, ~marks), texts.plain[~marks], _distinct(kept(texts.names, own)))
    return Signed(left, kept(signed.name_grams, own), signed.leads, signed.digests)


def nodes(signed: Signed, days: Days, window: float) -> Nodes:
    """The distinct texts; identical ones are one where no silence parts them."""
    texts = signed.texts
    same = _identical(signed.digests, days, window)
    first, last = np.full((2, len(days)), np.nan)
    np.fmin.at(first, same, days)
    np.fmax.at(last, same, days)
    heads = np.unique(same)
    heads = heads[np.argsort(first[heads], kind="stable")]
    number = np.zeros(len(days), np.int64)
    number[heads] = np.arange(len(heads))
    node = number[same]
    # Furniture differs by host: the copy that lost least to it speaks for all identical ones.
    fullest = np.lexsort((-texts.grams.lengths, node))
    source = fullest[np.flatnonzero(np.diff(node[fullest], prepend=-1))]
    at, _ = places(texts.grams.starts, source)
    return Nodes(
        texts=Texts(taken(texts.grams, source), texts.plain[at], taken(texts.names, source)),
        leads=taken(signed.leads, source),
        node=node,
        source=source,
        weights=np.bincount(node, minlength=len(heads)).astype(np.int64),
        first=first[heads],
        last=last[heads],
        digests=signed.digests,
    )


def _identical(digests: U64, days: Days, window: float) -> Index:
    """For each document the first (by number) of those with its text, within reach in time."""
    order = np.lexsort((np.where(np.isnan(days), -np.inf, days), digests))
    digest, day = digests[order], days[order]
    starts_anew = np.ones(len(order), bool)
    silence = day[1:] - day[:-1] > window  # false where one of the days is unknown
    starts_anew[1:] = (digest[1:] != digest[:-1]) | (digest[1:] == 0) | silence
    begins = np.flatnonzero(starts_anew)
    lowest = np.minimum.reduceat(order, begins) if len(order) else order
    same = np.empty(len(order), np.int64)
    same[order] = np.repeat(lowest, np.diff(np.append(begins, len(order))))
    return same


def _numbered(names: Sequence[str]) -> Index:
    """The names as numbers, equal for equal names."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], np.int64)


def _first_with(columns: U64) -> Index:
    """For each column the number of the first column that equals it."""
    _, first, inverse = np.unique(columns, axis=1, return_index=True, return_inverse=True)
    return first[inverse.reshape(-1)]


def _distinct(rows: Rows) -> Rows:
    """Rows of ascending values, each value once."""
    owner = owners(rows.starts)
    keys = owner.astype(np.uint64) << np.uint64(32) | rows.values
    fresh = np.diff(keys.astype(np.int64), prepend=-1) != 0
    lengths = np.bincount(owner[fresh], minlength=len(rows.starts) - 1)
    return Rows(rows.values[fresh], starts_of(lengths))
