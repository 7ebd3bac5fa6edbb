"""A site's furniture: 5-grams that return on its pages without the pages being copies of each other.

In: the 5-gram hashes of a site's pages, their days, which are versions of one page. Out: which hashes to
leave out of account, by block of days. A page is compared with those of its own block of days and of the
blocks beside it, so what is furniture of it depends on no page outside, and is final once the next block
is over. Furniture of page templates is stripped by `corpus.extract`; this finds what is left over
(related headlines, promotions, standing paragraphs), in texts of any origin.
"""

import math

import numpy as np
from numpy.typing import NDArray

from corpus.cluster import components
from corpus.rows import U64, Index, Rows, owners, starts_of
from crawler.records import Record

U32 = NDArray[np.uint32]
Bools = NDArray[np.bool_]
Days = NDArray[np.float64]

AT_ONCE = 20_000_000
"""Hashes sorted at a time."""

_SHIFT = np.uint64(32)


class FurnitureSettings(Record, forbid_unknown_fields=True):
    """The `[furniture]` table of dedup.toml.

    A 5-gram is furniture where it stands on `pages` pages of a site, and on `share` of them; of more than
    `sample` pages a sample is looked at. Pages of one site are copies of
    each other, and count once, when 5-grams that stand on at most `rare` pages and on both of them
    are `copied` of the larger one's, by a sample (hash mod `modulus` = 0). So they are when as many are on
    both, and `long` at least, on however many pages they stand: no furniture is that long.
    """

    pages: int
    share: float
    sample: int
    rare: int
    copied: float
    long: int
    modulus: int


UNDATED = np.iinfo(np.int64).max
"""The block of pages without a day; they see all of their site, and no dated page sees them."""


def blocks(days: Days, window: float) -> Index:
    """The block of days that each page stands in: as long as the date window, so that three span it."""
    block = np.full(len(days), UNDATED)
    known = ~np.isnan(days)
    block[known] = 0 if math.isinf(window) else np.floor(days[known] / max(window, 1.0))
    return block


def furniture(
    grams: Rows, pages: Index, settings: FurnitureSettings, at_once: int = AT_ONCE
) -> U32:
    """The furniture of a site's pages, sorted; rows with one number in `pages` are of one page.

    So many hashes are sorted `at_once`.
    """
    if len(np.unique(pages)) < settings.pages:
        return np.zeros(0, np.uint32)
    family = _families(grams, pages, settings, at_once)
    families = len(np.unique(family))
    least = max(settings.pages, math.ceil(settings.share * families))
    if families < least:
        return np.zeros(0, np.uint32)
    parts = [
        _on_many(grams.values[of], family[owner], least)
        for of, owner in _by_range(grams, _frequent(grams.values, least, at_once), at_once)
    ]
    return np.sort(np.concatenate(parts))


def marked(values: U32, hashes: U32) -> Bools:
    """Which of the values are among a few sorted hashes."""
    marks = np.zeros(len(values), bool)
    if not len(hashes):
        return marks
    seen = np.zeros(1 << 18, bool)
    seen[hashes & _LOW_BITS] = True
    likely = np.flatnonzero(seen[values & _LOW_BITS])
    at = np.searchsorted(hashes, values[likely])
    at[at == len(hashes)] = 0
    marks[likely] = hashes[at] == values[likely]
    return marks


_LOW_BITS = np.uint32((1 << 18) - 1)


def _frequent(values: U32, least: int, at_once: int) -> Bools:
    """Marks every value that stands there `least` times, and few others: most stand there once."""
    bits = np.uint32(min(1 << 22, 1 << max(10, len(values).bit_length() + 1)) - 1)
    counts = np.zeros(int(bits) + 1, np.uint8)
    for begin in range(0, len(values), at_once):
        bucket = values[begin : begin + at_once] & bits
        some = np.bincount(bucket, minlength=len(counts))
        counts += np.minimum(some, 100 - counts).astype(np.uint8)
    marks = np.empty(len(values), bool)
    for begin in range(0, len(values), at_once):
        bucket = values[begin : begin + at_once] & bits
        marks[begin : begin + at_once] = counts[bucket] >= least
    return marks


def _by_range(rows: Rows, keep: Bools, at_once: int) -> list[tuple[Index, Index]]:
    """The kept values' places and rows, all of one hash together, in parts that can be sorted."""
    at = np.flatnonzero(keep)
    owner = owners(rows.starts)[at] if len(at) else at
    ways = len(at) // at_once + 1
    if ways == 1:
        return [(at, owner)]
    part = rows.values[at] % np.uint32(ways)
    return [(at[part == n], owner[part == n]) for n in range(ways)]


def _on_many(values: U32, family: Index, least: int) -> U32:
    """The values that stand in `least` families."""
    keys = values.astype(np.uint64) << _SHIFT | family.astype(np.uint64)
    keys.sort()
    each = (keys[_fresh(keys)] >> _SHIFT).astype(np.uint32)
    begins = np.flatnonzero(_fresh(each))
    often = np.diff(begins, append=len(each)) >= least
    return each[begins[often]]


def _families(grams: Rows, pages: Index, settings: FurnitureSettings, at_once: int) -> Index:
    """A number for each row, the same for versions of a page and for pages that are copies."""
    _, family = np.unique(pages, return_inverse=True)
    family = family.astype(np.int64)
    of_sample = grams.values % np.uint32(settings.modulus) == 0
    sizes = _tallied(of_sample, grams.starts)
    of_sample[of_sample] = _frequent(grams.values[of_sample], 2, at_once)
    rare, common = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint64)]
    for of, owner in _by_range(grams, of_sample, at_once):
        few, many = _met(grams.values[of], owner, settings.rare)
        rare.append(few)
        common.append(many)
    long = settings.long / settings.modulus
    edges = [
        _sharing(np.concatenate(rare), sizes, settings.copied, 3),
        _sharing(np.concatenate(rare + common), sizes, settings.copied, long),
    ]
    left, right = np.concatenate(edges).T
    count = int(family.max()) + 1 if len(family) else 0
    return components(count, family[left], family[right])[family]


def _sharing(met: U64, sizes: Index, share: float, least: float) -> Index:
    """The pairs of rows that met so often: a share of the larger one's sample, and `least` times."""
    codes = np.sort(met)
    begins = np.flatnonzero(_fresh(codes))
    counts = np.diff(begins, append=len(codes))
    left = (codes[begins] >> _SHIFT).astype(np.int64)
    right = (codes[begins] & np.uint64(0xFFFFFFFF)).astype(np.int64)
    alike = (counts >= least) & (counts >= share * np.maximum(sizes[left], sizes[right]))
    return np.stack((left[alike], right[alike]), axis=1)


def _met(values: U32, owner: Index, rare: int) -> tuple[U64, U64]:
    """The pairs of rows that share a value, once for each value.

    First all pairs by values that at most `rare` rows have, then by the other values each row and the
    next one.
    """
    keys = values.astype(np.uint64) << _SHIFT | owner.astype(np.uint64)
    keys.sort()
    begins = np.flatnonzero(_fresh(keys >> _SHIFT))
    sizes = np.diff(begins, append=len(keys))
    few = np.repeat((sizes > 1) & (sizes <= rare), sizes)
    many = keys[np.repeat(sizes > rare, sizes)]
    keys = keys[few]
    met = [np.zeros(0, np.uint64), *(_next(keys, step) for step in range(1, rare))]
    return np.concatenate(met), _next(many, 1)


def _next(keys: U64, step: int) -> U64:
    """Each row with the one so many places behind it, where both have the value."""
    low = np.uint64(0xFFFFFFFF)
    same = keys[step:] >> _SHIFT == keys[:-step] >> _SHIFT
    met: U64 = (keys[:-step][same] & low) << _SHIFT | keys[step:][same] & low
    return met


def _fresh(ordered: NDArray[np.unsignedinteger]) -> Bools:
    """Which of the sorted values differ from the one before."""
    fresh: Bools = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    return fresh


def _tallied(marks: Bools, starts: Index) -> Index:
    """How many values of each row are marked."""
    before = starts_of(marks.astype(np.int64))
    tallied: Index = before[starts[1:]] - before[starts[:-1]]
    return tallied
