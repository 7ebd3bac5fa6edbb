"""The state's tables, and what SQLite's faults mean to the user.

In: whatever is done with the database file. Out: the same, its faults told as a full disk, another run,
a file that may not be used, or a damaged one. A fault of ours (wrong SQL) stays what it is. What the
tables are for is `crawler.state`'s.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from crawler.errors import ConfigError, CrawlerError, DamagedArchive, DiskFull, Locked

SCHEMA = 1

TABLES = """
CREATE TABLE urls (
    url TEXT PRIMARY KEY,
    source_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('due', 'leased', 'done', 'gone', 'moved')),
    date REAL NOT NULL,
    first_seen_at REAL NOT NULL,
    first_fetched_at REAL,
    last_fetched_at REAL,
    next_due REAL,
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT '',
    captured_at TEXT NOT NULL DEFAULT '',
    sha256 TEXT NOT NULL DEFAULT '',
    status INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    false_hints INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    warc_file TEXT NOT NULL DEFAULT '',
    warc_offset INTEGER NOT NULL DEFAULT 0,
    warc_length INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX urls_by_due ON urls (source_id, next_due) WHERE next_due IS NOT NULL;
CREATE INDEX urls_leased ON urls (state) WHERE state = 'leased';
CREATE TABLE named (
    source_id TEXT NOT NULL, parent TEXT NOT NULL, url TEXT NOT NULL, kind TEXT NOT NULL,
    date REAL NOT NULL, depth INTEGER NOT NULL, PRIMARY KEY (source_id, parent, url)
) WITHOUT ROWID;
CREATE TABLE readers (url TEXT, source_id TEXT, PRIMARY KEY (url, source_id)) WITHOUT ROWID;
CREATE TABLE hosts (host TEXT PRIMARY KEY, until REAL NOT NULL, note TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE robots (
    origin TEXT PRIMARY KEY, host TEXT NOT NULL, body BLOB NOT NULL, read_at REAL NOT NULL,
    etag TEXT NOT NULL, last_modified TEXT NOT NULL, captured_at TEXT NOT NULL,
    url TEXT NOT NULL DEFAULT ''
);
CREATE INDEX robots_by_host ON robots (host);
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY, started_at REAL NOT NULL, ended_at REAL, stopped TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE archive (file TEXT PRIMARY KEY, taken INTEGER NOT NULL, sealed INTEGER NOT NULL) WITHOUT ROWID;
"""

# Added within the schema: an older program does without.
LATER_TABLES = """
CREATE TABLE IF NOT EXISTS tdmrep (origin TEXT PRIMARY KEY, body BLOB NOT NULL, read_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS aliases (
    url TEXT PRIMARY KEY, canonical TEXT NOT NULL, headline TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shapes (
    site TEXT, story INTEGER, mark INTEGER, features TEXT NOT NULL, seen_at REAL NOT NULL,
    PRIMARY KEY (site, story, mark)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS aliases_by_canonical ON aliases (canonical);
"""

LATER_COLUMNS = (
    ("urls", "unchanged", "INTEGER NOT NULL DEFAULT 0"),
    ("robots", "url", "TEXT NOT NULL DEFAULT ''"),
    *(
        ("tdmrep", name, "TEXT NOT NULL DEFAULT ''")
        for name in ("etag", "last_modified", "captured_at")
    ),
)

_FULL = (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_CLOSED = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def database_faults(path: Path) -> Iterator[None]:
    """Turn a fault of the file into the `CrawlerError` that says what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        found = _meaning(path, error)
        if found is None:
            raise
        raise found from error


def _meaning(path: Path, error: sqlite3.DatabaseError) -> CrawlerError | None:
    code = getattr(error, "sqlite_errorcode", 0)
    primary = code & 0xFF
    if code in _FULL or primary == sqlite3.SQLITE_FULL:
        return DiskFull(f"{path}: {error}; make room and run again")
    if primary in _BUSY:
        return Locked(f"{path}: {error}; another program has it open: try again when it has ended")
    if primary in _CLOSED:
        return ConfigError(f"{path}: {error}; check its permissions")
    if primary in _DAMAGED or primary == sqlite3.SQLITE_IOERR:
        return DamagedArchive(f"{path}: {error}; set the file aside and run again")
    return None


class Database:
    """The open file. What changes it opens a transaction, which `commit` ends."""

    _db: sqlite3.Connection

    def __init__(self, path: Path) -> None:
        self._path = path

    def commit(self) -> None:
        """Make durable what was done since the last commit."""
        if self._db.in_transaction:
            with self._faults():
                self._db.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file; what was not committed is forgotten."""
        self._db.close()

    def _add_columns(self) -> None:
        """Give a file of an older program the columns that it lacks."""
        for table, column, kind in LATER_COLUMNS:
            if column not in {row[1] for row in self._all(f"PRAGMA table_info({table})")}:
                self._do(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")

    def _one(self, sql: str, *values: object) -> Any:
        with self._faults():
            return self._db.execute(sql, values).fetchone()

    def _all(self, sql: str, *values: object) -> list[Any]:
        with self._faults():
            return self._db.execute(sql, values).fetchall()

    def _do(self, sql: str, *values: object) -> None:
        with self._faults():
            if not self._db.in_transaction:
                self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(sql, values)

    def _faults(self) -> AbstractContextManager[None]:
        return database_faults(self._path)
