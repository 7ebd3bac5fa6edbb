"""What was worked out once at some cost, on the disk: extractors' answers to pages, lessons of sites.

In and out: `index/workbook.sqlite`, a table of keys and compressed contents. It is derived data and may
be deleted at any time; what is not in it is worked out again, to the same bytes. It takes some 4 KB for
each page that was read in full, as long as the folder lives, whatever becomes of the archive: who takes
pages out of the archive deletes it, too. A content that is not as it was put is never given out. What it
means is not known here (`corpus.answered`, `corpus.workers`).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

import zstandard

WORKBOOK = "index/workbook.sqlite"
"""Its place in the data folder."""

_CHECK = 8  # bytes of a digest before each content
_LAYOUT = """
CREATE TABLE maker (recipe TEXT NOT NULL);
CREATE TABLE content (key BLOB NOT NULL UNIQUE, content BLOB NOT NULL);
"""
_LAYOUT_NUMBER = 1


class Workbook:
    """The contents of one recipe: what another one put is not given out, and removed.

    What is put is there when the process is killed. A file that SQLite finds damaged is removed and
    begun anew. `damaged` counts such files, and contents that were not as they were put.
    """

    def __init__(self, path: Path, recipe: str) -> None:
        self.damaged = 0
        self._path, self._recipe = path, recipe
        self._pack: Any = zstandard.ZstdCompressor()
        self._unpack: Any = zstandard.ZstdDecompressor()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = _opened(path, recipe)
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def get(self, key: bytes) -> bytes:
        """What was put under this key, b"" for nothing."""
        try:
            row = self._db.execute("SELECT content FROM content WHERE key = ?", (key,)).fetchone()
            if row is None:
                return b""
            if _is_whole(row[0]):
                return bytes(self._unpack.decompress(row[0][_CHECK:]))
            self.damaged += 1
            self._db.execute("DELETE FROM content WHERE key = ?", (key,))
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)
        return b""

    def put(self, key: bytes, content: bytes) -> None:
        """Keep this content; it takes the place of what was there."""
        packed = self._pack.compress(content)
        row = (key, _check(packed) + packed)
        try:
            self._db.execute("INSERT OR REPLACE INTO content VALUES (?, ?)", row)
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)

    def _begin_anew(self, error: sqlite3.DatabaseError) -> None:
        if isinstance(error, sqlite3.OperationalError):  # locked, full: not the file's fault
            raise error
        self.damaged += 1
        if hasattr(self, "_db"):
            self._db.close()
        remove(self._path)
        self._db = _opened(self._path, self._recipe)


@contextmanager
def open_workbook(path: Path, recipe: str) -> Iterator[Workbook]:
    """The workbook, closed at the end of the block."""
    book = Workbook(path, recipe)
    try:
        yield book
    finally:
        book.close()


def remove(path: Path) -> None:
    """Remove the file and what SQLite keeps beside it."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def counted(path: Path) -> tuple[int, int]:
    """How many contents the file has, and how many of them are not as they were put."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.text_factory = bytes
    try:
        found = [_is_whole(content) for (content,) in db.execute("SELECT content FROM content")]
    finally:
        db.close()
    return len(found), found.count(False)


def _opened(path: Path, recipe: str) -> sqlite3.Connection:
    """The table of this recipe, made where it is not there; one of another recipe is removed."""
    for _ in range(2):
        db = sqlite3.connect(path, isolation_level=None)
        db.text_factory = bytes  # what was changed may be no text
        try:
            db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
            (layout,) = db.execute("PRAGMA user_version").fetchone()
            if layout == 0:
                db.executescript(f"BEGIN; {_LAYOUT} PRAGMA user_version = {_LAYOUT_NUMBER}; COMMIT")
                db.execute("INSERT INTO maker VALUES (?)", (recipe,))
                return db
            if layout == _LAYOUT_NUMBER:
                maker = db.execute("SELECT recipe FROM maker").fetchone()
                if maker == (recipe.encode(),):
                    return db
        except BaseException:
            db.close()
            raise
        db.close()
        remove(path)
    raise sqlite3.DatabaseError(f"{path}: cannot be made")


def _check(content: bytes) -> bytes:
    return blake2b(content, digest_size=_CHECK).digest()


def _is_whole(stored: object) -> bool:
    return isinstance(stored, bytes) and stored[:_CHECK] == _check(stored[_CHECK:])
