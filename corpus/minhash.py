"""Signatures, and which pairs of texts are worth comparing.

In: rows of 5-gram hashes. Out: datasketch `MinHash` values of each, and candidate pairs from two
sources: LSH bands of the signatures, and 5-grams of a fixed sample (by hash, FracMinHash)
that two texts share. The sample finds briefs and cuts, which hardly resemble the whole. A hot bucket
stays linear: there a text meets only its nearest neighbours in the rows' order. Nothing is verified.
"""

from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from corpus.errors import RuleError
from corpus.rows import Index, Rows, kept, owners
from crawler.records import Record

if TYPE_CHECKING:
    from datasketch import MinHash

_AT_ONCE = 4096  # values times permutations: 2 MB, which the cache holds

U32 = NDArray[np.uint32]
Days = NDArray[np.float64]


class SignatureSettings(Record, forbid_unknown_fields=True):
    """The `[signature]` table of dedup.toml; signatures of other settings cannot be compared."""

    permutations: int
    scheme: Literal["affine32"]
    seed: int


class CandidateSettings(Record, forbid_unknown_fields=True):
    """The `[candidates]` table of dedup.toml.

    A pair is proposed by one common band, or by `shared` common sampled 5-grams that make up
    `containment` of the smaller sample. Buckets and postings above their limit are hot: there a text
    is paired with the next `reach` ones only.
    """

    bands: int
    rows: int
    bucket_limit: int
    modulus: int
    shared: int
    containment: float
    posting_limit: int
    reach: int


def signatures(rows: Rows, settings: SignatureSettings) -> U32:
    """One line a row: what datasketch's `MinHash.update` gives for the row's values."""
    from datasketch import MinHash

    a, b = MinHash(settings.permutations, settings.seed, scheme=settings.scheme).permutations
    empty = np.iinfo(np.uint32).max
    lines = np.full((len(rows.lengths), settings.permutations), empty, np.uint32)
    mixed = _premixed(rows.values)
    for n, (begin, end) in enumerate(pairwise(rows.starts.tolist())):
        for at in range(begin, end, _AT_ONCE):
            values = mixed[at : min(at + _AT_ONCE, end), None]
            np.minimum(lines[n], (values * a + b).min(axis=0), out=lines[n])
    return lines


def minhash(values: U32, settings: SignatureSettings) -> "MinHash":
    """A signature as a datasketch object, to compare, merge or store as its users do."""
    from datasketch import MinHash

    blank = MinHash(settings.permutations, settings.seed, scheme=settings.scheme)
    return MinHash(
        seed=settings.seed,
        hashvalues=values,
        permutations=blank.permutations,
        scheme=settings.scheme,
    )


def check(signature: SignatureSettings, candidates: CandidateSettings, where: str) -> None:
    """Refuse settings that fit no signature."""
    needed = candidates.bands * candidates.rows
    if needed > signature.permutations or min(candidates.bands, candidates.rows) < 1:
        raise RuleError(
            f"{where}: [candidates] bands * rows is {needed}; it must be between 1 and"
            f" [signature] permutations, {signature.permutations}"
        )
    if candidates.modulus < 1 or candidates.reach < 1:
        raise RuleError(f"{where}: [candidates] modulus and reach must be at least 1")


def candidate_pairs(
    rows: Rows, lines: U32, days: tuple[Days, Days], window: float, settings: CandidateSettings
) -> Index:
    """Pairs (i < j) of row numbers worth comparing, sorted, no further than `window` days apart.

    `days` are each row's first and last one; an unknown day (NaN) is near to anything.
    """
    near = _Near(*days, window)
    proposed = (
        _band_pairs(lines, rows.lengths > 0, near, settings),
        _sample_pairs(rows, near, settings),
    )
    total = np.int64(max(len(lines), 1))
    coded = np.concatenate([pairs[:, 0] * total + pairs[:, 1] for pairs in proposed])
    return np.stack(np.divmod(np.unique(coded), total), axis=1)


def _premixed(values: U32) -> U32:
    """MurmurHash3's finaliser, which datasketch applies before its affine permutations."""
    mixed = values ^ (values >> np.uint32(16))
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed


class _Near:
    """Which pairs of rows lie within the date window."""

    def __init__(self, first: Days, last: Days, window: float) -> None:
        self._first, self._last, self._window = first, last, window

    def __call__(self, left: Index, right: Index) -> NDArray[np.bool_]:
        begin = np.maximum(self._first[left], self._first[right])
        end = np.minimum(self._last[left], self._last[right])
        near: NDArray[np.bool_] = ~(begin - end > self._window)  # NaN is beyond nothing
        return near


def _band_pairs(
    lines: U32, usable: NDArray[np.bool_], near: _Near, settings: CandidateSettings
) -> Index:
    members = np.flatnonzero(usable)
    total = np.int64(max(len(lines), 1))
    found = np.zeros(0, np.int64)
    for band in range(settings.bands):
        columns = lines[members, band * settings.rows : (band + 1) * settings.rows]
        keys = columns[:, 0].astype(np.uint64)
        for column in columns.T[1:]:
            keys = keys * np.uint64(0x9E3779B97F4A7C15) + column
        left, right = _pairs_of_equals(keys, members, settings.bucket_limit, settings.reach)
        close = near(left, right)
        found = np.union1d(found, left[close] * total + right[close])
    return np.stack(np.divmod(found, total), axis=1)


def _sample_pairs(rows: Rows, near: _Near, settings: CandidateSettings) -> Index:
    sample = kept(rows, rows.values % np.uint32(settings.modulus) == 0)
    sizes, total = sample.lengths, np.int64(max(len(rows.lengths), 1))
    left, right = _pairs_of_equals(
        sample.values, owners(sample.starts), settings.posting_limit, settings.reach
    )
    close = near(left, right)
    coded, shared = np.unique(left[close] * total + right[close], return_counts=True)
    left, right = np.divmod(coded, total)
    smaller = np.minimum(sizes[left], sizes[right])
    enough = (shared >= settings.shared) & (shared >= settings.containment * smaller)
    return np.stack((left[enough], right[enough]), axis=1)


def _pairs_of_equals(
    keys: NDArray[np.unsignedinteger], members: Index, limit: int, reach: int
) -> tuple[Index, Index]:
    """All pairs of members (ascending) with one key; in a group above `limit`, only near ones."""
    order = np.argsort(keys, kind="stable")
    keys, members = keys[order], members[order]
    begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    ends = np.append(begins, len(keys))[1:]
    sizes = ends - begins
    last = np.repeat(ends, sizes)
    reaches = np.repeat(np.where(sizes > limit, reach, limit), sizes)
    at = np.arange(len(keys))
    lefts, rights = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    step = 1
    while len(at):
        at = at[(at + step < last[at]) & (reaches[at] >= step)]
        lefts.append(members[at])
        rights.append(members[at + step])
        step += 1
    return np.concatenate(lefts), np.concatenate(rights)
