import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sums import BLOCK, Sums


def written(*parts: bytes) -> Sums:
    sums = Sums()
    for part in parts:
        sums.add(memoryview(part))
    return sums


def seen_again(sums: Sums) -> Sums:
    """The sums as a later process has them."""
    return Sums(sums.size, sums.packed())


CONTENT = random.Random(1).randbytes(3 * BLOCK + 100)
EVERY = range(4)


@given(st.lists(st.integers(0, len(CONTENT)), max_size=6))
def test_however_a_file_was_written_its_checksums_are_the_same(cuts: list[int]) -> None:
    bounds = sorted({0, *cuts, len(CONTENT)})
    parts = [CONTENT[a:b] for a, b in pairwise(bounds)]
    assert written(*parts).packed() == written(CONTENT).packed()
    assert written(*parts).is_whole


@pytest.mark.parametrize("at", [0, BLOCK - 1, BLOCK, 2 * BLOCK + 7, len(CONTENT) - 1])
def test_a_changed_byte_is_found_in_its_block(at: int) -> None:
    sums = seen_again(written(CONTENT))
    damaged = bytearray(CONTENT)
    damaged[at] ^= 1
    assert sums.differing(EVERY, memoryview(damaged)) == at // BLOCK
    assert sums.differing(EVERY, memoryview(CONTENT)) == -1


def test_what_this_process_wrote_or_has_looked_at_is_not_looked_at_again() -> None:
    assert written(CONTENT).all_unsure().tolist() == []
    sums = seen_again(written(CONTENT))
    begins, ends = np.array([BLOCK - 1, 2 * BLOCK]), np.array([BLOCK + 1, 2 * BLOCK + 1])
    assert sums.unsure(begins, ends).tolist() == [0, 1, 2]
    sums.differing([1], memoryview(CONTENT)[BLOCK : 2 * BLOCK])
    assert sums.unsure(begins, ends).tolist() == [0, 2]
    assert sums.all_unsure().tolist() == [0, 2, 3]
    sums.add(memoryview(b"x" * BLOCK))
    assert sums.unsure(np.array([3 * BLOCK + 99]), np.array([sums.size])).tolist() == [3]


def test_what_is_read_between_blocks_counts_as_not_looked_at() -> None:
    sums = seen_again(written(CONTENT))
    damaged = bytearray(CONTENT)
    damaged[BLOCK] ^= 1
    assert sums.differing([0, 2, 3], memoryview(damaged)) == -1
    assert sums.all_unsure().tolist() == [1]


def test_blocks_up_to_one_that_differs_are_sure() -> None:
    sums = seen_again(written(CONTENT))
    damaged = bytearray(CONTENT)
    damaged[2 * BLOCK] ^= 1
    assert sums.differing(EVERY, memoryview(damaged)) == 2
    assert sums.all_unsure().tolist() == [2, 3]


def test_checksums_of_another_length_are_not_whole() -> None:
    sums = written(CONTENT)
    assert Sums(sums.size, sums.packed()).is_whole
    assert not Sums(sums.size + BLOCK, sums.packed()).is_whole
    assert not Sums(sums.size, b"").is_whole
