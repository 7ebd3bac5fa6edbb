"""Signatures: what of a text's 5-grams finds its copies.

In: rows of 5-gram hashes. Out: datasketch `MinHash` values of each, the keys of their LSH bands, and the
5-grams of a fixed sample (by hash, FracMinHash). Which texts meet by them is said in `corpus.meeting`.
"""

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from corpus.errors import RuleError
from corpus.rows import Rows, in_batches, kept
from crawler.records import Record

if TYPE_CHECKING:
    from datasketch import MinHash

_AT_ONCE = 100_000  # values permuted at a time: they stay in the cache

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
    `containment` of the smaller sample. Where more than a limit of later texts in the window have a
    bucket or posting too, it is hot: there a text is paired with the next `reach` ones only. With more than
    `most` later texts none is paired.
    """

    bands: int
    rows: int
    bucket_limit: int
    modulus: int
    shared: int
    containment: float
    posting_limit: int
    reach: int
    most: int


def signatures(rows: Rows, settings: SignatureSettings) -> U32:
    """One line a row: what datasketch's `MinHash.update` gives for the row's values."""
    a, b = _permutations(settings)
    empty = np.iinfo(np.uint32).max
    lines = np.full((len(rows.lengths), settings.permutations), empty, np.uint32)
    filled = np.flatnonzero(rows.lengths)
    starts = rows.starts[filled]
    for batch in in_batches(rows.lengths[filled], _AT_ONCE):
        members = filled[batch]
        mixed = _premixed(rows.values[starts[batch.start] : rows.starts[members[-1] + 1]])
        begins, permuted = starts[batch] - starts[batch.start], np.empty_like(mixed)
        lowest = np.empty((settings.permutations, len(members)), np.uint32)
        for n in range(settings.permutations):
            np.multiply(mixed, a[n], out=permuted)
            permuted += b[n]
            np.minimum.reduceat(permuted, begins, out=lowest[n])
        lines[members] = lowest.T
    return lines


def band_keys(lines: U32, settings: CandidateSettings) -> U32:
    """One line a signature: a number for each of its bands, the same for the same values."""
    keys = np.empty((len(lines), settings.bands), np.uint32)
    for band in range(settings.bands):
        columns = lines[:, band * settings.rows : (band + 1) * settings.rows]
        key = np.zeros(len(lines), np.uint64)
        for column in columns.T:
            key = (key + column) * np.uint64(0x9E3779B97F4A7C15)
        keys[:, band] = key >> np.uint64(32)
    return keys


def sampled(rows: Rows, settings: CandidateSettings) -> Rows:
    """The fixed sample of each row's values."""
    return kept(rows, rows.values % np.uint32(settings.modulus) == 0)


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
    if candidates.modulus < 1:
        raise RuleError(f"{where}: [candidates] modulus must be at least 1")
    least = min(candidates.bucket_limit, candidates.posting_limit)
    if not 1 <= candidates.reach <= least:
        raise RuleError(
            f"{where}: [candidates] reach must be at least 1, and no more than bucket_limit and"
            " posting_limit: hot keys pair fewer texts than others"
        )


def _permutations(settings: SignatureSettings) -> tuple[U32, U32]:
    """The factors and summands of datasketch's "affine32".

    Made here as `MinHash` makes them: to load datasketch takes longer than to sign a thousand texts.
    """
    source = np.random.RandomState(settings.seed)
    half = source.randint(0, 1 << 31, settings.permutations, np.uint32)
    return half * np.uint32(2) + np.uint32(1), source.randint(
        0, 1 << 32, settings.permutations, np.uint32
    )


def _premixed(values: U32) -> U32:
    """MurmurHash3's finaliser, which datasketch applies before its affine permutations."""
    mixed = values ^ (values >> np.uint32(16))
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed
