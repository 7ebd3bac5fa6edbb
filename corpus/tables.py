"""Tables on the disk: columns of numbers that grow by whole batches and are mapped into memory.

In: batches of rows as arrays. Out: the columns as arrays that the disk backs, so that a million texts'
hashes cost no memory but what is being looked at; or some of the rows, read. Rows count once `seal` has
named them; what a killed process wrote after that is cut off by the next one. A table is derived: one that
was made by another recipe, or is shorter than was sealed, begins anew. What the columns mean is not known
here.
"""

import mmap
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import FileIO
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from corpus import store
from corpus.errors import DamagedData
from corpus.rows import Index, Rows, starts_of
from crawler.records import Record

SEAL = "sealed.json"


class Column(NamedTuple):
    """A column's element type.

    A `ragged` column has a row of values for each row of the table; `beside` names a ragged column
    whose lengths it shares; `width` values stand in each row of any other.
    """

    kind: str
    ragged: bool = False
    beside: str = ""
    width: int = 0


Layout = Mapping[str, Column]


class _Seal(Record):
    """How much of a table counts, and what it was made by."""

    recipe: str
    rows: int
    bytes: dict[str, int]


class Table:
    """A folder of columns, one file each (and one of row ends where rows differ in length)."""

    def __init__(
        self, folder: Path, layout: Layout, recipe: str | None = None, *, durable: bool = True
    ) -> None:
        """Open the table to add to it, or begin it; without a recipe, to read what was sealed.

        What is not `durable` may be lost in a power cut.
        """
        self.folder, self.layout, self.recipe, self.durable = folder, layout, recipe, durable
        self.began_anew = ""
        self._maps: dict[str, NDArray[Any]] = {}
        self._starts: dict[str, Index] = {}
        self._files: dict[str, Any] = {}
        self._readers: dict[str, FileIO] = {}
        seal = self._sealed()
        if recipe is not None:
            seal = self._trimmed(seal)
        self.rows = seal.rows
        self._bytes = dict(seal.bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # ------------------------------------------------------------------------------------ writing

    def append(self, columns: Mapping[str, NDArray[Any] | Rows]) -> None:
        """Add rows: an array a column, `Rows` where they differ in length."""
        counts = set()
        for name, column in self.layout.items():
            values = columns[name]
            if column.ragged:
                assert isinstance(values, Rows)
                self._write(name, values.values, column.kind)
                end = self._bytes.get(name, 0) // np.dtype(column.kind).itemsize
                self._write(f"{name}.ends", values.starts[1:] - values.starts[-1] + end, "i8")
                counts.add(len(values.starts) - 1)
            else:
                held = values.values if isinstance(values, Rows) else values
                self._write(name, held, column.kind)
                if not column.beside:
                    counts.add(len(held))
        (added,) = counts
        self.rows += added

    def seal(self) -> None:
        """Make what was added count, for good."""
        for file in self._files.values():
            file.flush()
            if self.durable:
                os.fsync(file.fileno())
        seal = _Seal(self.recipe or "", self.rows, dict(self._bytes))
        line = msgspec.json.encode(seal) + b"\n"
        if self.durable:
            store.write_whole(self.folder / SEAL, line)
        else:
            (self.folder / SEAL).write_bytes(line)
        self._maps.clear()
        self._starts.clear()

    def close(self) -> None:
        """Let go of the files; what was not sealed does not count."""
        self.release()
        for file in self._files.values():
            file.close()
        self._files.clear()
        self._maps.clear()
        self._starts.clear()

    # ------------------------------------------------------------------------------------ reading

    def column(self, name: str) -> NDArray[Any]:
        """A column's values, backed by the disk."""
        column = self.layout[name]
        values = self._mapped(name, column.kind)
        return values.reshape(-1, column.width) if column.width else values

    def ragged(self, name: str) -> Rows:
        """A column whose rows differ in length."""
        return Rows(self._mapped(name, self.layout[name].kind), self._starts_of(name))

    def taken(self, name: str, wanted: Index) -> Rows:
        """Some rows of a column whose rows differ in length, in the order asked for.

        They are read from the file, each stretch of neighbours at once: of rows of some hundred bytes that
        stand far apart, mapping costs several times more, and leaves all pages around them resident.
        """
        column = self.layout[name]
        held = self._starts_of(column.beside or name)
        starts = starts_of(held[wanted + 1] - held[wanted])
        values = np.empty(int(starts[-1]), np.dtype(column.kind))
        bounds = np.flatnonzero(np.diff(wanted, prepend=-2, append=-2) != 1)
        first, ends = wanted[bounds[:-1]], starts[bounds]
        size, view = values.itemsize, values.view(np.uint8).data
        bytes_at = zip((held[first] * size).tolist(), pairwise((ends * size).tolist()), strict=True)
        for at, (begin, end) in bytes_at:
            self._read(name, at, view[begin:end])
        return Rows(values, starts)

    def opened(self) -> "OpenTable":
        """The table as it is now, for the steps of an engine."""
        return OpenTable(self.folder, self.layout, self.rows)

    def release(self) -> None:
        """Let the mapped pages go; they come back from the disk when they are looked at.

        Files that rows were taken from are closed.
        """
        for file in self._readers.values():
            file.close()
        self._readers.clear()
        for mapped in self._maps.values():
            held = getattr(mapped, "_mmap", None)
            if held is not None:
                held.madvise(mmap.MADV_DONTNEED)

    # ------------------------------------------------------------------------------------- files

    def _file_names(self) -> list[str]:
        ends = [f"{name}.ends" for name, column in self.layout.items() if column.ragged]
        return [*self.layout, *ends]

    def _sealed(self) -> _Seal:
        nothing = _Seal(self.recipe or "", 0, {})
        try:
            seal = msgspec.json.decode((self.folder / SEAL).read_bytes(), type=_Seal)
        except FileNotFoundError:
            return nothing
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.began_anew = "its seal cannot be read"
            return nothing
        if self.recipe is not None and seal.recipe != self.recipe:
            return nothing
        for name in self._file_names():
            path = self.folder / name
            if (path.stat().st_size if path.is_file() else 0) < seal.bytes.get(name, 0):
                self.began_anew = f"{name} is shorter than was sealed"
                return nothing
        return seal

    def _trimmed(self, seal: _Seal) -> _Seal:
        """Cut off what was never sealed; a table that does not count is put aside or removed."""
        if not seal.rows and self.folder.exists():
            if self.began_anew:
                store.set_aside(self.folder)
            for name in (*self._file_names(), SEAL):
                (self.folder / name).unlink(missing_ok=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in self._file_names():
            path = self.folder / name
            if path.is_file() and path.stat().st_size > seal.bytes.get(name, 0):
                os.truncate(path, seal.bytes.get(name, 0))
        return seal

    def _write(self, name: str, values: NDArray[Any], kind: str) -> None:
        if name not in self._files:
            self._files[name] = (self.folder / name).open("ab", buffering=1 << 18)
        data = np.ascontiguousarray(values, np.dtype(kind))
        self._files[name].write(data.data)
        self._bytes[name] = self._bytes.get(name, 0) + data.nbytes

    def _starts_of(self, name: str) -> Index:
        if name not in self._starts:
            ends = np.asarray(self._mapped(f"{name}.ends", "i8"))
            self._starts[name] = np.concatenate((np.zeros(1, np.int64), ends))
        return self._starts[name]

    def _read(self, name: str, at: int, into: memoryview) -> None:
        """Fill the view with the file's bytes from that place on."""
        if name not in self._readers:
            self._readers[name] = FileIO(self.folder / name)
        file = self._readers[name].fileno()
        while into:
            count = os.preadv(file, (into,), at)
            if not count:
                raise DamagedData(f"{self.folder / name}: is shorter than was sealed")
            into, at = into[count:], at + count

    def _mapped(self, name: str, kind: str) -> NDArray[Any]:
        if name not in self._maps:
            count = self._bytes.get(name, 0) // np.dtype(kind).itemsize
            path = self.folder / name
            self._maps[name] = (
                np.memmap(path, np.dtype(kind), "r", shape=(count,))
                if count
                else np.zeros(0, np.dtype(kind))
            )
        return self._maps[name]


def recipe_of(folder: Path) -> str:
    """What the table in a folder was made by; "" where there is none, "?" where that cannot be read."""
    try:
        return msgspec.json.decode((folder / SEAL).read_bytes(), type=_Seal).recipe
    except FileNotFoundError:
        return ""
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "?"


def text_rows(texts: list[bytes]) -> Rows:
    """Byte strings as rows of a ragged column of kind "u1"."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    return Rows(np.frombuffer(b"".join(texts), np.uint8), starts_of(lengths))


def text_of(rows: Rows, n: int) -> bytes:
    """Row n as a byte string."""
    return bytes(rows.values[rows.starts[n] : rows.starts[n + 1]])


class OpenTable:
    """A table that is opened for reading when it is first asked for: the steps of an engine have one.

    `rows` tells a later state of the table from an earlier one.
    """

    def __init__(self, folder: Path, layout: Layout, rows: int) -> None:
        self._args = (folder, dict(layout), rows)
        self._table: Table | None = None

    def __reduce__(self) -> tuple[type["OpenTable"], tuple[Path, Layout, int]]:
        return OpenTable, self._args

    @contextmanager
    def opened(self) -> Iterator[Table]:
        """The table; its pages are let go at the end of the block."""
        self._table = self._table or Table(*self._args[:2])
        try:
            yield self._table
        finally:
            self._table.release()
