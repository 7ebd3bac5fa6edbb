"""Tables on the disk: columns of numbers that grow by whole batches and are mapped into memory.

In: batches of rows as arrays. Out: the columns as arrays that the disk backs, so that a million texts'
hashes cost no memory but what is being looked at; or some of the rows, read. Rows count once `seal` has
named them; what a killed process wrote after that is cut off by the next one. A table is derived: one that
was made by another recipe, or is shorter than was sealed, begins anew. Bytes that a process looks at for the
first time, and did not write itself, are held against their checksums (`corpus.sums`), which stand in the
seal. What the columns mean is not known here.
"""

import mmap
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from corpus import store
from corpus.rows import Index, Rows, concatenated, starts_of
from corpus.seals import (
    FORM,
    SEAL,
    DamagedTable,
    Seal,
    differences,
    made_by,
    read_seal,
    wrong_sizes,
)
from corpus.sums import BLOCK, Sums


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


class Counted(NamedTuple):
    """What counted of a table when it was opened or sealed: rows, bytes and checksums of its files."""

    rows: int
    bytes: dict[str, int]
    sums: dict[str, Sums]


SMALL = 64 << 20
"""Bytes of a file whose mapped pages stay: the kernel takes them back where memory is short."""


class Table:
    """A folder of columns, one file each (and one of row ends where rows differ in length)."""

    def __init__(
        self,
        folder: Path,
        layout: Layout,
        recipe: str | None = None,
        *,
        durable: bool = True,
        beside: "Counted | None" = None,
        small: int = SMALL,
    ) -> None:
        """Open the table to add to it, or begin it; without a recipe, to read what was sealed.

        What is not `durable` may be lost in a power cut, and has no checksums. Where another table of
        this process has the folder open, one that reads `beside` it looks at nothing twice. Files of at most
        so many bytes are `small`: their mapped pages stay.
        """
        self.folder, self.layout, self.recipe, self.durable = folder, layout, recipe, durable
        self.began_anew = ""
        self._small = small
        self._maps: dict[str, NDArray[Any]] = {}
        self._starts: dict[str, Index] = {}
        self._files: dict[str, Any] = {}
        self._readers: dict[str, FileIO] = {}
        self.counted = beside or self._opened(self._sealed())
        self.rows, self._bytes = self.counted.rows, dict(self.counted.bytes)
        self._sums = self.counted.sums

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
        for name, file in self._files.items():
            with _named(self.folder / name):
                file.flush()
                if self.durable:
                    os.fsync(file.fileno())
        sums = {name: held.packed() for name, held in self._sums.items()}
        seal = Seal(self.recipe or "", self.rows, dict(self._bytes), sums, FORM).signed()
        line = msgspec.json.encode(seal) + b"\n"
        if self.durable:
            store.write_whole(self.folder / SEAL, line)
        else:
            (self.folder / SEAL).write_bytes(line)
        self.counted = Counted(self.rows, dict(self._bytes), self._sums)
        self._maps.clear()
        self._starts.clear()

    def close(self) -> None:
        """Let go of the files; what was not sealed does not count."""
        self.release()
        for name, file in self._files.items():
            with _named(self.folder / name):
                file.close()
        self._files.clear()
        self._maps.clear()
        self._starts.clear()

    # ------------------------------------------------------------------------------------ reading

    def column(self, name: str) -> NDArray[Any]:
        """A column's values, backed by the disk."""
        column = self.layout[name]
        self._hold(name)
        values = self._mapped(name, column.kind)
        return values.reshape(-1, column.width) if column.width else values

    def some(self, name: str, wanted: Index) -> NDArray[Any]:
        """A column's values in some rows: of the rest nothing is read."""
        column = self.layout[name]
        size = np.dtype(column.kind).itemsize * max(column.width, 1)
        self._hold_some(name, wanted * size, (wanted + 1) * size)
        values = self._mapped(name, column.kind)
        return (values.reshape(-1, column.width) if column.width else values)[wanted]

    def ragged(self, name: str) -> Rows:
        """A column whose rows differ in length."""
        starts, kind = self._starts_of(name), self.layout[name].kind
        return _Mapped(lambda: self._hold(name), Rows(self._mapped(name, kind), starts))

    def taken(self, name: str, wanted: Index) -> Rows:
        """Some rows of a column whose rows differ in length, in the order asked for.

        Each stretch of neighbours is copied at once: of a small file from mapped pages, which stay; else it
        is read. Of rows of some hundred bytes that stand far apart in a large file, mapping costs several
        times more, and leaves all pages around them resident.
        """
        column = self.layout[name]
        held = self._starts_of(column.beside or name)
        starts = starts_of(held[wanted + 1] - held[wanted])
        bounds = np.flatnonzero(np.diff(wanted, prepend=-2, append=-2) != 1)
        kind = np.dtype(column.kind)
        begins = held[wanted[bounds[:-1]]]
        ends = begins + np.diff(starts[bounds])
        self._hold_some(name, begins * kind.itemsize, ends * kind.itemsize)
        copied = self._copied if self._is_small(name) else self._read
        return Rows(copied(name, kind, begins, ends), starts)

    def opened(self) -> "OpenTable":
        """The table as it is now, for the steps of an engine."""
        return OpenTable(self.folder, self.layout, self.rows, self.counted, self._small)

    def release(self) -> None:
        """Let the mapped pages of large files go; they come back from the disk when they are looked at.

        Files that rows were read from are closed.
        """
        for file in self._readers.values():
            file.close()
        self._readers.clear()
        for name, mapped in self._maps.items():
            held = getattr(mapped, "_mmap", None)
            if held is not None and not self._is_small(name):
                held.madvise(mmap.MADV_DONTNEED)

    # ------------------------------------------------------------------------------------- files

    def _file_names(self) -> list[str]:
        ends = [f"{name}.ends" for name, column in self.layout.items() if column.ragged]
        return [*self.layout, *ends]

    def _sealed(self) -> Seal:
        nothing = Seal(self.recipe or "", 0, {})
        try:
            seal = read_seal(self.folder)
        except DamagedTable as error:
            if self.recipe is None:
                raise
            self.began_anew = error.fault
            return nothing
        if seal is None or (self.recipe is not None and made_by(seal) != self.recipe):
            return nothing
        fault = next(wrong_sizes(self.folder, seal), "")
        if fault and self.recipe is None:
            raise DamagedTable(self.folder, fault)
        self.began_anew = fault
        return nothing if fault else seal

    def _opened(self, seal: Seal) -> "Counted":
        """What counts of the table that was sealed; where it is to be added to, no more is there."""
        seal = seal if self.recipe is None else self._trimmed(seal)
        sums = {name: Sums(seal.bytes[name], held) for name, held in seal.sums.items()}
        return Counted(seal.rows, seal.bytes, sums)

    def _trimmed(self, seal: Seal) -> Seal:
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
        with _named(self.folder / name):
            self._files[name].write(data.data)
        if self.durable:
            self._add_sums(name, data.reshape(-1).view(np.uint8).data)
        self._bytes[name] = self._bytes.get(name, 0) + data.nbytes

    def _add_sums(self, name: str, data: memoryview) -> None:
        """Checksums of what was written to a file."""
        sums = self._sums.setdefault(name, Sums())
        if sums.size % BLOCK:  # a block that is damaged already must not get a new checksum
            self._hold_some(name, np.array([sums.size - 1]), np.array([sums.size]))
        sums.add(data)

    def _hold(self, name: str) -> None:
        """Hold what was not looked at yet of a file against its checksums, or `DamagedTable`."""
        if name in self._sums:
            self._look_at(name, self._sums[name].all_unsure())

    def _hold_some(self, name: str, begins: Index, ends: Index) -> None:
        """The same of some stretches of the file, by the places of their bytes."""
        if name in self._sums:
            some = ends > begins
            self._look_at(name, self._sums[name].unsure(begins[some], ends[some]))

    def _look_at(self, name: str, blocks: Index) -> None:
        if len(blocks):
            with FileIO(self.folder / name) as file:
                for fault in differences(file, self._sums[name], blocks):
                    raise DamagedTable(self.folder, fault)

    def _starts_of(self, name: str) -> Index:
        if name not in self._starts:
            self._hold(f"{name}.ends")
            ends = np.asarray(self._mapped(f"{name}.ends", "i8"))
            self._starts[name] = np.concatenate((np.zeros(1, np.int64), ends))
        return self._starts[name]

    def _is_small(self, name: str) -> bool:
        return self._bytes.get(name, 0) <= self._small

    def _copied(self, name: str, kind: np.dtype[Any], begins: Index, ends: Index) -> NDArray[Any]:
        """These stretches of a column's values, end to end, from mapped pages."""
        return concatenated(self._mapped(name, kind.str), begins, ends)

    def _read(self, name: str, kind: np.dtype[Any], begins: Index, ends: Index) -> NDArray[Any]:
        """The same from the file."""
        places, sizes = begins * kind.itemsize, (ends - begins) * kind.itemsize
        stretches = zip(places.tolist(), sizes.tolist(), strict=True)
        return np.frombuffer(
            bytearray().join([self._bytes_at(name, at, size) for at, size in stretches]), kind
        )

    def _bytes_at(self, name: str, at: int, size: int) -> bytes:
        """So many bytes of the file from that place on."""
        if name not in self._readers:
            self._readers[name] = FileIO(self.folder / name)
        file = self._readers[name].fileno()
        data = os.pread(file, size, at)
        while len(data) < size:
            more = os.pread(file, size - len(data), at + len(data))
            if not more:
                raise DamagedTable(self.folder, f"{name} is shorter than was sealed")
            data += more
        return data

    def _mapped(self, name: str, kind: str) -> NDArray[Any]:
        if name not in self._maps:
            count = self._bytes.get(name, 0) // np.dtype(kind).itemsize
            try:
                self._maps[name] = (
                    np.memmap(self.folder / name, np.dtype(kind), "r", shape=(count,))
                    if count
                    else np.zeros(0, np.dtype(kind))
                )
            except ValueError:  # it is cut under our hands
                raise DamagedTable(self.folder, f"{name} is shorter than was sealed") from None
        return self._maps[name]


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """An error of the system inside the block names the file: writing names none."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def text_rows(texts: list[bytes]) -> Rows:
    """Byte strings as rows of a ragged column of kind "u1"."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    return Rows(np.frombuffer(b"".join(texts), np.uint8), starts_of(lengths))


def text_of(rows: Rows, n: int) -> bytes:
    """Row n as a byte string."""
    return bytes(rows.values[rows.starts[n] : rows.starts[n + 1]])


class _Mapped(Rows):
    """Rows on the disk, held against their checksums when their values are first asked for.

    Mostly only their lengths are.
    """

    _hold: Callable[[], None]

    def __new__(cls, hold: Callable[[], None], rows: Rows) -> Self:
        """The rows, and what holds them against their checksums."""
        made = super().__new__(cls, *rows)
        made._hold = hold
        return made

    @property
    def values(self) -> NDArray[Any]:
        """The values of all rows."""
        self._hold()
        return self[0]


class OpenTable:
    """A table that is opened for reading when it is first asked for: the steps of an engine have one.

    `rows` tells a later state of the table from an earlier one.
    """

    def __init__(
        self,
        folder: Path,
        layout: Layout,
        rows: int,
        beside: Counted | None = None,
        small: int = SMALL,
    ) -> None:
        """`beside` is of the table that has the folder open in this process; another one reads the seal."""
        self._args = (folder, dict(layout), rows)
        self._beside, self._small = beside, small
        self._table: Table | None = None

    def __reduce__(self) -> tuple[type["OpenTable"], tuple[Path, Layout, int]]:
        return OpenTable, self._args

    @contextmanager
    def opened(self) -> Iterator[Table]:
        """The table; pages of its large files are let go at the end of the block."""
        folder, layout, _ = self._args
        self._table = self._table or Table(folder, layout, beside=self._beside, small=self._small)
        try:
            yield self._table
        finally:
            self._table.release()
