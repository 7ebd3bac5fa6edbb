"""What the run before left: arrays in one file, by which the next one knows what changed.

In: arrays by name, and what they depend on. Out: the same arrays, or none where they were made otherwise, are
damaged, or speak of rows of tables that are no more. The file is derived and replaced as a whole.
"""

import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
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

    def read(self, recipe: str) -> Arrays:
        """What was left by this recipe; nothing where there is none."""
        made_by = self._held.get("recipe")
        return self._held if made_by is not None and str(made_by) == recipe else {}

    def write(self, recipe: str, rows: Mapping[str, int], arrays: Arrays) -> None:
        """Leave these for the next run."""
        about: Arrays = {
            "recipe": np.array(recipe),
            "tables": np.array(list(rows)),
            "rows": np.array(list(rows.values()), np.int64),
        }
        self._held = about | arrays
        partial = self._file.with_suffix(".part")
        with partial.open("wb") as file:
            np.savez(file, allow_pickle=False, **self._held)
            if self._durable:
                file.flush()
                os.fsync(file.fileno())
        partial.replace(self._file)

    def _read(self) -> Arrays:
        try:
            with self._file.open("rb") as file, np.load(file, allow_pickle=False) as held:
                return dict(held)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
            return {}
