"""Shards and stamps: what keeps a data folder whole, and work from being done twice.

A shard is a JSONL file of one record type. It is written under a temporary name, flushed, renamed and
then stamped, so a kill at any moment leaves either a stamped shard or nothing that counts. The stamp
says what the shard was made from; the same stamp means there is nothing to do. What the records mean
is not known here.
"""

import errno
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Self, TypeVar

import msgspec

from corpus.errors import DamagedShard, DiskFull
from crawler.records import Record

R = TypeVar("R", bound=msgspec.Struct)

_encoder = msgspec.json.Encoder()


class Recipe(Record):
    """What a shard is made from: the stage and its version, digests of its settings and its input."""

    stage: str
    version: str
    settings: str
    input: str


class Dependency(Record):
    """A part of the configuration that a shard's records took over, such as one source's facts."""

    name: str
    digest: str


class Stamp(Record, kw_only=True):
    """The recipe of a shard, and what came out: lines, bytes and the digest of the bytes."""

    schema: Literal["stamp/1"] = "stamp/1"
    recipe: Recipe
    depends: tuple[Dependency, ...] = ()
    lines: int
    bytes: int
    sha256: str


def digest(*parts: object) -> str:
    """SHA-256 in hex of the parts' canonical JSON: the same values give the same digest."""
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()


# ----------------------------------------------------------------------------------------- shards


class ShardWriter:
    """Writes records to a shard that appears, stamped, only when `seal` is reached."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = 0
        self._bytes = 0
        self._hash = hashlib.sha256()
        self._temporary = path.with_name(path.name + ".tmp")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = self._temporary.open("wb", buffering=1 << 20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._file.closed:
            _close_quietly(self._file)
        self._temporary.unlink(missing_ok=True)

    def write(self, record: msgspec.Struct) -> None:
        """Append one record as a line."""
        line = _encoder.encode(record) + b"\n"
        self._hash.update(line)
        self._bytes += len(line)
        self.lines += 1
        self._file.write(line)

    def seal(self, recipe: Recipe, depends: tuple[Dependency, ...] = ()) -> Stamp:
        """Put the shard and then its stamp in place, both flushed to the disk."""
        stamp = Stamp(
            recipe=recipe,
            depends=depends,
            lines=self.lines,
            bytes=self._bytes,
            sha256=self._hash.hexdigest(),
        )
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        stamp_path(self.path).unlink(missing_ok=True)  # never an old stamp beside a new shard
        self._temporary.replace(self.path)
        write_whole(stamp_path(self.path), _encoder.encode(stamp) + b"\n")
        return stamp


def stamp_path(shard: Path) -> Path:
    """Where a shard's stamp stands."""
    return shard.with_name(shard.name + ".stamp")


def read_stamp(shard: Path) -> Stamp | None:
    """The stamp of a shard that is there in its full length; None where either is missing or short."""
    try:
        stamp = msgspec.json.decode(stamp_path(shard).read_bytes(), type=Stamp)
        size = shard.stat().st_size
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return stamp if size == stamp.bytes else None


def is_current(shard: Path, recipe: Recipe, parts: Mapping[str, str]) -> bool:
    """Whether the shard was made by this very recipe, so that there is nothing to do.

    `parts` has the digests of what shards may depend on, as they are now; "" where there is none (a
    source that is not in the configuration).
    """
    stamp = read_stamp(shard)
    if stamp is None or stamp.recipe != recipe:
        return False
    return all(parts.get(d.name, "") == d.digest for d in stamp.depends)


def read_shard(path: Path, record: type[R]) -> Iterator[R]:
    """The shard's records in order, or `DamagedShard` that names the line and the remedy.

    A shard with a stamp is held against its digest while it is read; a change is told at the end.
    """
    decoder = msgspec.json.Decoder(record)
    stamp = read_stamp(path)
    hashed = hashlib.sha256()
    for number, line in numbered_lines(path):
        hashed.update(line)
        try:
            yield decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            torn = "" if line.endswith(b"\n") else " (the last line is torn)"
            raise DamagedShard(
                path, f"line {number} is no {record.__name__}{torn}: {error}"
            ) from None
    _hold_against(stamp, hashed, path)


def _hold_against(stamp: Stamp | None, hashed: "hashlib._Hash", path: Path) -> None:
    if stamp and hashed.hexdigest() != stamp.sha256:
        raise DamagedShard(path, "was changed after it was sealed")


def read_some(path: Path, record: type[R], ids: AbstractSet[str]) -> Iterator[R]:
    """The shard's records with these ids; the other lines are held against the stamp's digest only."""
    decoder = msgspec.json.Decoder(record)
    stamp, hashed = read_stamp(path), hashlib.sha256()
    wanted = {f'"id":"{record_id}"'.encode() for record_id in ids}
    for number, line in numbered_lines(path):
        hashed.update(line)
        begin = line.find(b'"id":"', 0, 64)
        if line[begin : line.find(b'"', begin + 6) + 1] not in wanted:
            continue
        try:
            yield decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DamagedShard(path, f"line {number} is no {record.__name__}: {error}") from None
    _hold_against(stamp, hashed, path)


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The file's lines from 1 on, each with its line end."""
    with path.open("rb", buffering=1 << 20) as file:
        yield from enumerate(file, 1)


def set_aside(damaged: Path) -> Path:
    """Rename a damaged shard or folder out of the way, keeping every byte; returns its new place."""
    n = 1
    while (aside := damaged.with_name(f"{damaged.name}.damaged-{n}")).exists():
        n += 1
    damaged.rename(aside)
    stamp_path(damaged).unlink(missing_ok=True)
    return aside


def shards(folder: Path) -> list[Path]:
    """The JSONL shards below `folder` in the order of their names."""
    return sorted(folder.glob("date=*/*.jsonl"))


def sweep(folder: Path) -> None:
    """Remove what a killed process left half written below `folder`."""
    for leftover in folder.rglob("*.tmp"):
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()


# ------------------------------------------------------------------------------------ whole files


def write_whole(path: Path, content: bytes) -> None:
    """The file with this content, or as it was before; never half of it."""
    temporary = path.with_name(path.name + ".tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


class LineWriter:
    """Writes records to a JSONL file of a folder that is not in place yet."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("wb", buffering=1 << 20)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind:
            _close_quietly(self._file)
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def write(self, record: msgspec.Struct) -> None:
        """Append one record as a line."""
        self._file.write(_encoder.encode(record) + b"\n")


def write_lines(path: Path, records: Iterable[msgspec.Struct]) -> None:
    """Write records as a JSONL file of a folder that is not in place yet."""
    with LineWriter(path) as file:
        for record in records:
            file.write(record)


def file_sha256(path: Path) -> str:
    """The digest of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk, so that a rename outlives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _close_quietly(file: BinaryIO) -> None:
    """Close a file that is being given up; what its buffer held may not fit on a full disk."""
    try:
        file.close()
    except OSError:
        return


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turns a full disk inside the block (ENOSPC, EDQUOT, SQLite's own word) into `DiskFull`."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise _disk_full(folder) from error
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
            raise
        raise _disk_full(folder) from error


def _disk_full(folder: Path) -> DiskFull:
    return DiskFull(f"{folder}: the disk is full; what was sealed is safe. Make room and run again")
