"""What the run before left: arrays in one file, by which the next one knows what changed.

In: arrays by name, and what they depend on. Out: the same arrays, or none where they were made otherwise, are
damaged, or speak of rows of tables that are no more. The file is derived and replaced as a whole. It is a
ZIP file as NumPy has them, in which arrays lie so that they can be mapped: whoever reads it needs no memory.
"""

import math
import mmap
import os
import zipfile
import zlib
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


class Before:
    """The file, for tables with so many rows now; `rows` is updated by whoever writes."""

    def __init__(self, file: Path, rows: Mapping[str, int], *, durable: bool) -> None:
        """Tables never lose rows: where one has fewer than the file knows of, the file is void for good."""
        self._file, self._durable = file, durable
        held = self._read()
        names = [str(name) for name in held.get("tables", np.zeros(0, "U1")).tolist()]
        counts = held.get("rows", np.zeros(0, np.int64)).tolist()
        if held and any(
            rows.get(name, 0) < count for name, count in zip(names, counts, strict=True)
        ):
            held = {}
        if not held:
            file.unlink(missing_ok=True)
        self._held = held
        self._written: Future[None] | None = None

    def read(self, recipe: str) -> Arrays:
        """What was left by this recipe; nothing where there is none."""
        made_by = self._held.get("recipe")
        return self._held if made_by is not None and str(made_by) == recipe else {}

    def write(self, recipe: str, rows: Mapping[str, int], arrays: Arrays) -> None:
        """Leave these for the next run, beside what this one does until it closes the file."""
        about: Arrays = {
            "recipe": np.array(recipe),
            "tables": np.array(list(rows)),
            "rows": np.array(list(rows.values()), np.int64),
        }
        self._held = {}
        writer = ThreadPoolExecutor(1)
        self._written = writer.submit(self._replace, about | arrays)
        writer.shutdown(wait=False)

    def close(self) -> None:
        """Wait until what was left is in place, or raise what kept it from there."""
        if self._written:
            self._written.result()

    def _replace(self, arrays: Arrays) -> None:
        partial = self._file.with_suffix(".part")
        with partial.open("wb") as file:
            with zipfile.ZipFile(file, "w") as whole:
                for name, values in arrays.items():
                    _write(whole, name, values)
            if self._durable:
                file.flush()
                os.fsync(file.fileno())
        partial.replace(self._file)

    def _read(self) -> Arrays:
        try:
            with self._file.open("rb") as file, zipfile.ZipFile(file) as whole:
                content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                return dict(_mapped(content, entry) for entry in whole.infolist())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
            return {}


_SUFFIX = ".npy"
_ALIGNED = 64  # bytes, as within a file of NumPy's
_LOCAL_HEADER, _SIZES, _PADDED = 30, 20, 4  # bytes: of APPNOTE.TXT 4.3.7, 4.5.3 and 4.5.1
_PADDING = b"\x35\xd9"  # 0xD935: what keeps data aligned in files for Android, too


def _write(whole: zipfile.ZipFile, name: str, values: NDArray[Any]) -> None:
    """Add an array to the file, its data where it can be mapped."""
    entry = zipfile.ZipInfo(name + _SUFFIX)
    assert whole.fp is not None
    before = whole.fp.tell() + _LOCAL_HEADER + len(entry.filename.encode()) + _SIZES + _PADDED
    padding = -before % _ALIGNED
    entry.extra = _PADDING + padding.to_bytes(2, "little") + bytes(padding)
    with whole.open(entry, "w", force_zip64=True) as file:
        npy.write_array(file, values, allow_pickle=False)


def _mapped(content: mmap.mmap, entry: zipfile.ZipInfo) -> tuple[str, NDArray[Any]]:
    """An array of the file, by its name; `BadZipFile` where it is not as it was written."""
    names = content[entry.header_offset + 26 : entry.header_offset + _LOCAL_HEADER]
    lengths = int.from_bytes(names[:2], "little") + int.from_bytes(names[2:], "little")
    begin = entry.header_offset + _LOCAL_HEADER + lengths
    with memoryview(content)[begin : begin + entry.file_size] as data:
        if entry.compress_type != zipfile.ZIP_STORED or zlib.crc32(data) != entry.CRC:
            raise zipfile.BadZipFile(f"{entry.filename} is not as it was written")
        head = BytesIO(data[:_HEAD_AT_MOST])
    npy.read_magic(head)
    shape, by_column, kind = npy.read_array_header_1_0(head)
    values = np.frombuffer(content, kind, math.prod(shape), begin + head.tell())
    if not values.flags.aligned:  # an earlier program left it
        values = values.copy()
    values = values.reshape(shape[::-1]).T if by_column else values.reshape(shape)
    return entry.filename.removesuffix(_SUFFIX), values


_HEAD_AT_MOST = 4096  # bytes in which an array's header is whole
