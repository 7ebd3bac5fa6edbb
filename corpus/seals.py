"""What a table's folder says of itself: how much counts, what made it, and the checksums of its files.

In: a folder. Out: its seal, or what of it is not as it was written. What the columns mean is not known here.
"""

import os
from collections.abc import Iterator
from io import FileIO
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import msgspec
import numpy as np

from corpus.errors import DamagedShard
from corpus.rows import Index
from corpus.sums import BLOCK, Sums
from crawler.records import Record

SEAL = "sealed.json"

FORM = 2
"""Of the seal and the files; rises where an earlier program's tables cannot be read any more."""

Packed = bytes
_AT_ONCE = 128  # blocks at most that are held against their checksums at once
_NEAR = 8  # blocks from one to the next, up to which those between cost less than to read twice


class DamagedTable(DamagedShard):
    """A file of a table is not as it was written; `path` is the table's folder."""

    def __init__(self, path: Path, fault: str) -> None:
        super().__init__(path, fault)
        self._args = (path, fault)

    def __reduce__(self) -> tuple[type["DamagedTable"], tuple[Path, str]]:
        # It may have to leave a worker process, and what `Exception` keeps is the message alone.
        return DamagedTable, self._args


class Seal(Record):
    """How much of a table counts, what it was made by, and each file's checksums.

    A table that nobody will open again has none. `check` is the seal's own.
    """

    recipe: str
    rows: int
    bytes: dict[str, int]
    sums: dict[str, Packed] = {}
    form: int = 1
    check: int = 0

    def signed(self) -> "Seal":
        """The same with its own checksum."""
        bare = msgspec.structs.replace(self, check=0)
        return msgspec.structs.replace(self, check=crc32(msgspec.json.encode(bare)))


def read_seal(folder: Path) -> Seal | None:
    """The seal of the table in a folder, None where there is none; `DamagedTable` where it cannot be read."""
    try:
        seal = msgspec.json.decode((folder / SEAL).read_bytes(), type=Seal)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise DamagedTable(folder, f"{SEAL} cannot be read") from None
    if seal.form == FORM and seal != seal.signed():
        raise DamagedTable(folder, f"{SEAL} is not as it was written")
    return seal


def recipe_of(folder: Path) -> str:
    """What the table in a folder was made by; "" where there is none, "?" where that cannot be read."""
    try:
        seal = read_seal(folder)
    except DamagedTable:
        return "?"
    return made_by(seal) if seal else ""


def faults(folder: Path) -> Iterator[str]:
    """What of the table in a folder is not as it was written: all of it is read.

    Nothing is yielded of a folder without a seal, which is one that was never sealed.
    """
    try:
        seal = read_seal(folder)
    except DamagedTable as error:
        yield error.fault
        return
    if seal is None:
        return
    if seal.form != FORM:
        yield "another version of wirecorpus made it: it is made anew, or refused, by the next run"
        return
    wrong = list(wrong_sizes(folder, seal))
    if wrong:
        yield from wrong
        return
    for name, packed in sorted(seal.sums.items()):
        sums = Sums(seal.bytes[name], packed)
        with FileIO(folder / name) as file:
            yield from differences(file, sums, sums.all_unsure())


def made_by(seal: Seal) -> str:
    """The recipe of the table, or what no recipe is where an earlier program made it."""
    return seal.recipe if seal.form == FORM else f"form {seal.form}"


def wrong_sizes(folder: Path, seal: Seal) -> Iterator[str]:
    """Which files of a table are shorter than was sealed, or lack checksums."""
    for name, size in seal.bytes.items():
        path = folder / name
        if (path.stat().st_size if path.is_file() else 0) < size:
            yield f"{name} is shorter than was sealed"
        if name in seal.sums and not Sums(size, seal.sums[name]).is_whole:
            yield f"{name} has checksums of another length"


def differences(file: FileIO, sums: Sums, blocks: Index) -> Iterator[str]:
    """In which places a file's blocks (ascending) are not as they were written; of neighbours the first.

    Those that stand near each other are read at once, with what is between them.
    """
    name = Path(str(file.name)).name
    for some in _stretches(blocks):
        first, last = some[0], some[-1] + 1
        size = min(last * BLOCK, sums.size) - first * BLOCK
        data = os.pread(file.fileno(), size, first * BLOCK)
        differs = sums.differing(some, memoryview(data)) if len(data) == size else first
        if differs >= 0:
            yield f"{name} is not as it was written, at byte {differs * BLOCK:,} or behind"


def _stretches(blocks: Index) -> Iterator[list[int]]:
    """The blocks that are read at once: few, and near each other."""
    apart, listed = np.flatnonzero(np.diff(blocks, prepend=-_NEAR - 1) > _NEAR), blocks.tolist()
    for begin, end in pairwise([*apart.tolist(), len(blocks)]):
        for at in range(begin, end, _AT_ONCE):
            yield listed[at : min(at + _AT_ONCE, end)]
