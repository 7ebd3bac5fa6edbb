import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import RuleError
from corpus.minhash import check, minhash, signatures
from corpus.rows import Rows, rows_of
from tests.corpus.made_up import SETTINGS

SIGNATURE, CANDIDATES = SETTINGS.signature, SETTINGS.candidates
U32 = st.integers(0, 2**32 - 1)


def rows(*values: object) -> Rows:
    return rows_of(np.unique(np.asarray(v, np.uint32)) for v in values)


def sets(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**32, count, dtype=np.uint32)


@given(st.lists(U32, max_size=60))
def test_signatures_are_datasketchs_own(values: list[int]) -> None:
    theirs = MinHash(
        SIGNATURE.permutations,
        SIGNATURE.seed,
        scheme=SIGNATURE.scheme,
        hashfunc=lambda value: value,
    )
    for value in values:
        theirs.update(value)
    assert (signatures(rows(values), SIGNATURE)[0] == theirs.hashvalues).all()


def test_a_signature_longer_than_one_batch_is_datasketchs_own_too() -> None:
    values = np.unique(sets(1, 150_000))
    theirs = MinHash(SIGNATURE.permutations, SIGNATURE.seed, scheme=SIGNATURE.scheme, hashfunc=int)
    theirs.update_batch(values)
    assert (signatures(rows([], values, [], values), SIGNATURE)[1::2] == theirs.hashvalues).all()


def test_a_signature_becomes_a_datasketch_object_that_estimates_resemblance() -> None:
    shared, one, other = sets(1, 300), sets(2, 100), sets(3, 100)
    both = rows(np.concatenate((shared, one)), np.concatenate((shared, other)))
    left, right = (minhash(line, SIGNATURE) for line in signatures(both, SIGNATURE))
    assert left.scheme == SIGNATURE.scheme
    assert left.jaccard(right) == pytest.approx(0.6, abs=0.15)


def test_more_bands_than_the_signature_has_room_for_are_refused() -> None:
    import msgspec

    wrong = msgspec.structs.replace(CANDIDATES, bands=100, rows=4)
    with pytest.raises(
        RuleError, match=r"dedup.toml: .*bands \* rows is 400; .* permutations, 128"
    ):
        check(SIGNATURE, wrong, "dedup.toml")
