"""Signatures, and which pairs of texts are worth comparing.

In: rows of 5-gram hashes. Out: datasketch `MinHash` values of each, and candidate pairs from two
sources: LSH bands of the signatures, and 5-grams of a fixed sample (by hash, FracMinHash)
that two texts share. The sample finds briefs and cuts, which hardly resemble the whole. A hot bucket
stays linear: there a text meets only the next ones in the rows' order. What is hot is counted inside
the date window, so that a text that is added changes the pairs of its neighbours in time only. Nothing
is verified.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.errors import RuleError
from corpus.rows import U64, Index, Rows, in_batches, kept, owners
from crawler.records import Record

if TYPE_CHECKING:
    from datasketch import MinHash

_AT_ONCE = 100_000  # values permuted at a time: they stay in the cache
_POSTINGS_AT_ONCE = 2_000_000  # whose pairs are counted at a time

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
    bucket or posting too, it is hot: there a text is paired with the next `reach` ones only.
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
        keys[:, band] = key >> _SHIFT
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
    if candidates.modulus < 1 or candidates.reach < 1:
        raise RuleError(f"{where}: [candidates] modulus and reach must be at least 1")


def candidate_pairs(
    sample: Rows,
    bands: U32,
    filled: Index,
    days: tuple[Days, Days],
    window: float,
    settings: CandidateSettings,
) -> Index:
    """Pairs (i < j) of row numbers worth comparing, sorted, no further than `window` days apart.

    `days` are each row's first and last one, ascending by the first; an unknown day (NaN) is near to
    anything, and such rows come last. `filled` are the rows that have values at all.
    """
    near = Near(*days, window)
    caps = Caps(settings.posting_limit, settings.reach)
    found = [shared_often(sample, near, caps, (settings.shared, settings.containment)).pairs]
    for band in bands.T:
        postings = _postings(band[filled], filled)
        hot = Caps(settings.bucket_limit, settings.reach)
        met = [*near.met(postings, hot, 0, near.dated), *near.met_undated(postings, hot)]
        found.append(np.unique(np.concatenate([_NONE, *met])))
    codes = np.unique(np.concatenate(found))
    return np.stack((codes >> _SHIFT, codes & _LOW), axis=1).astype(np.int64)


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


_SHIFT, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_NONE = np.zeros(0, np.uint64)


class Caps(NamedTuple):
    """Entries of one key: up to `limit` later ones all are met; where there are more, `reach`."""

    limit: int
    reach: int


class Near:
    """Which rows lie within the date window of which, rows being in the order of their first days.

    Postings are as `_postings` makes them; pairs are coded `left << 32 | right`. An entry looks
    only ahead: what it meets depends on no entry before it, nor on any beyond its window.
    """

    def __init__(self, first: Days, last: Days, window: float) -> None:
        self.count = len(first)
        self.dated = int(np.count_nonzero(~np.isnan(first)))
        latest = last[: self.dated] + window
        self._bound = np.searchsorted(first[: self.dated], latest, "right").astype(np.uint64)

    def met(self, postings: U64, caps: Caps, begin: int, end: int) -> Iterator[U64]:
        """The pairs whose left row is of `begin` to `end`, all of them dated, with the dated."""
        row, key = postings.view("<u4")[::2], postings.view("<u4")[1::2]
        wanted = key[1:] == key[:-1]
        wanted &= row[:-1] < end
        if begin:
            wanted &= row[:-1] >= begin
        at = np.flatnonzero(wanted)
        left = postings[at] & _LOW
        # The first posting that is too late.
        bound = (postings[at] & ~_LOW) | self._bound[left.astype(np.int64)]
        last = len(postings) - 1
        far = postings[np.minimum(at + caps.limit + 1, last)]
        reach = np.where(far < bound, caps.reach, caps.limit)
        step = 0
        while len(at):
            step += 1
            right = postings[np.minimum(at + step, last)]
            still = (right < bound) & (reach >= step)
            at, bound, reach, left = at[still], bound[still], reach[still], left[still]
            yield left << _SHIFT | right[still] & _LOW

    def met_undated(self, postings: U64, caps: Caps) -> Iterator[U64]:
        """The pairs whose right row is undated: it meets those before it with its key."""
        at = np.flatnonzero((postings & _LOW) >= self.dated)[:-1]
        key, right = postings[at] >> _SHIFT, postings[at] & _LOW

        def same(step: int) -> NDArray[np.bool_]:
            before = np.maximum(at - step, 0)
            alike: NDArray[np.bool_] = (at >= step) & (postings[before] >> _SHIFT == key)
            return alike

        reach = np.where(same(caps.limit + 1), caps.reach, caps.limit)
        step = 0
        while len(at):
            step += 1
            still = same(step) & (reach >= step)
            at, key, right, reach = at[still], key[still], right[still], reach[still]
            yield (postings[at - step] & _LOW) << _SHIFT | right


def _postings(keys: U32, rows: Index) -> U64:
    """Sorted numbers `key << 32 | row`, and one after all of them that belongs to no row."""
    postings = np.full(len(keys) + 1, ~np.uint64(0))
    postings[:-1] = keys
    postings[:-1] <<= _SHIFT
    postings[:-1] |= rows.astype(np.uint64)
    postings.sort()
    return postings


class Met(NamedTuple):
    """Pairs coded `left << 32 | right`, ascending, and how many values each shares."""

    pairs: U64
    shared: Index


def shared_often(sample: Rows, near: Near, caps: Caps, least: tuple[int, float]) -> Met:
    """The pairs that share values of the sample: so many, and that share of the smaller sample's.

    A bounded number of rows is looked at at a time.
    """
    sizes = sample.lengths
    postings = _postings(sample.values, owners(sample.starts))

    def enough(codes: list[U64]) -> Met:
        code = np.concatenate([_NONE, *codes])
        code.sort()
        begins = np.flatnonzero(np.append(True, code[1:] != code[:-1])[: len(code)])
        shared = np.diff(begins, append=len(code))
        code = code[begins]
        one, other = (code >> _SHIFT).astype(np.int64), (code & _LOW).astype(np.int64)
        smaller = np.minimum(sizes[one], sizes[other])
        many = (shared >= least[0]) & (shared >= least[1] * smaller)
        return Met(code[many], shared[many])

    found = [
        enough(list(near.met(postings, caps, batch.start, batch.stop)))
        for batch in in_batches(sizes[: near.dated], _POSTINGS_AT_ONCE)
    ]
    found.append(enough(list(near.met_undated(postings, caps))))
    return Met(*(np.concatenate(column) for column in zip(*found, strict=True)))
