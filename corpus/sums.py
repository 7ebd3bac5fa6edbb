"""Checksums of a file that grows, block by block, so that what is read of it can be held against them.

In: the bytes that are written, and which of them are looked at later. Out: a CRC-32 for each block of 4 KiB,
and which blocks were not held against theirs yet. It finds what a disk, a copy or an
editor did to the bytes; it is no seal against somebody who means harm. No file is read or written here.
"""

from array import array
from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from corpus.rows import Index, starts_of

BLOCK = 4096
"""Bytes to a checksum: reading a row costs one or two of them, and they cost a thousandth of the file."""


class Sums:
    """The checksums of a file's blocks, of which the last may be short."""

    def __init__(self, size: int = 0, packed: bytes = b"") -> None:
        """A file of so many bytes with the checksums that `packed` gave; nothing of it was looked at yet."""
        self.size = size
        self._held = array("I", np.frombuffer(packed, "<u4").astype(np.uint32).tobytes())
        self._unsure: NDArray[np.bool_] = np.ones(len(self._held), bool)

    @property
    def is_whole(self) -> bool:
        """Whether there is a checksum for each block."""
        return len(self._held) == -(-self.size // BLOCK)

    def packed(self) -> bytes:
        """The checksums as bytes."""
        return np.frombuffer(self._held, np.uint32).astype("<u4").tobytes()

    def add(self, data: memoryview) -> None:
        """Bytes that were written at the file's end; its last block was looked at before."""
        missing = -self.size % BLOCK
        if missing and data:
            self._held[-1] = crc32(data[:missing], self._held[-1])
        places = range(missing, len(data), BLOCK)
        self._held.extend(crc32(data[at : at + BLOCK]) for at in places)
        self.size += len(data)

    def all_unsure(self) -> Index:
        """The blocks that were not looked at yet."""
        return np.flatnonzero(self._unsure)

    def unsure(self, begins: Index, ends: Index) -> Index:
        """Those of them that some stretches of bytes are in, ascending; no stretch is empty."""
        if not self._unsure.any():
            return np.zeros(0, np.int64)
        first = begins // BLOCK
        counts = (ends - 1) // BLOCK + 1 - first
        starts = starts_of(counts)
        blocks = np.arange(starts[-1]) + np.repeat(first - starts[:-1], counts)
        blocks = blocks[blocks < len(self._unsure)]
        return np.unique(blocks[self._unsure[blocks]])

    def differing(self, blocks: Sequence[int], data: memoryview) -> int:
        """The first of these blocks (ascending) that is not as it was written, -1 where all are.

        The data are the bytes from the first of them to the last.
        """
        for block in blocks:
            at = (block - blocks[0]) * BLOCK
            if crc32(data[at : at + BLOCK]) != self._held[block]:
                return block
            self._unsure[block] = False
        return -1
