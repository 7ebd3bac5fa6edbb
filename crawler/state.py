"""What the crawler remembers from run to run, in one SQLite file.

In: what runs found and how it ended. Out: what is due, with the validators of the copy we have. One
writer, batched: nothing is durable before `commit`, and the caller has the archive flushed before it
commits what names a place in it. URLs that a dead run had taken are due again at the next opening.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec

from crawler.errors import DamagedArchive, DiskFull
from crawler.lanes import RobotsCopy
from crawler.records import CaptureKind, Due, HostNote, Place, Record

SCHEMA = 1

# An hour doubled each time makes about two days; what fails for longer is given up.
_FAILURES_KEPT = 6
_FIRST_RETRY = 3_600.0
_REFUSED_FOR = 86_400.0
# A listing that calls a page new at every visit, though it never is, is not believed any more.
_FALSE_HINTS = 3

Verdict = Literal["new", "changed", "unchanged"]

_TABLES = """
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
    warc_file TEXT NOT NULL DEFAULT '',
    warc_offset INTEGER NOT NULL DEFAULT 0,
    warc_length INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX urls_by_due ON urls (source_id, next_due) WHERE next_due IS NOT NULL;
CREATE INDEX urls_leased ON urls (state) WHERE state = 'leased';
CREATE TABLE hosts (host TEXT PRIMARY KEY, put_off_until REAL NOT NULL, note TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE robots (
    origin TEXT PRIMARY KEY, host TEXT NOT NULL, body BLOB NOT NULL, read_at REAL NOT NULL,
    etag TEXT NOT NULL, last_modified TEXT NOT NULL, captured_at TEXT NOT NULL
);
CREATE INDEX robots_by_host ON robots (host);
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY, started_at REAL NOT NULL, ended_at REAL, stopped TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE archive (file TEXT PRIMARY KEY, taken INTEGER NOT NULL, sealed INTEGER NOT NULL) WITHOUT ROWID;
"""


class Visit(Record):
    """A response that is in the archive. `sha256` is its body's, "" where it said "not modified"."""

    url: str
    kind: CaptureKind
    source_id: str
    at: float
    status: int
    etag: str
    last_modified: str
    captured_at: str
    sha256: str
    place: Place


class State:
    """The open file. Raises `DamagedArchive` for a file that is no state, or of a newer program."""

    def __init__(self, path: Path, revisit: tuple[float, ...]) -> None:
        self._revisit = revisit
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        try:
            with self._room():
                self._prepare(path)
        except BaseException:
            self._db.close()
            raise

    def _prepare(self, path: Path) -> None:
        try:
            found = self._one("PRAGMA user_version")[0]
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            raise DamagedArchive(f"{path}: {error}; set the file aside and run again") from None
        if found > SCHEMA:
            raise DamagedArchive(
                f"{path}: written by a newer wirecorpus (schema {found}, this program knows {SCHEMA}):"
                " upgrade"
            )
        if found == 0:
            self._db.executescript(f"BEGIN;{_TABLES}PRAGMA user_version = {SCHEMA};COMMIT;")
        self._do("UPDATE urls SET state = 'due' WHERE state = 'leased'")

    # --------------------------------------------------------------------------------------- runs

    def begin_run(self, run_id: str, now: float) -> None:
        """Note that a run began."""
        self._do("INSERT INTO runs (run_id, started_at) VALUES (?, ?)", run_id, now)

    def end_run(self, run_id: str, now: float, stopped: str) -> None:
        """Note that a run ended; what it had taken and not asked for is due again."""
        self._do("UPDATE runs SET ended_at = ?, stopped = ? WHERE run_id = ?", now, stopped, run_id)
        self._do("UPDATE urls SET state = 'due' WHERE state = 'leased'")

    def commit(self) -> None:
        """Make durable what was done since the last commit."""
        if self._db.in_transaction:
            with self._room():
                self._db.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file; what was not committed is forgotten."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        self._db.close()

    # ---------------------------------------------------------------------------------------- due

    def due_articles(self, source_id: str, now: float, limit: int) -> tuple[Due, ...]:
        """The source's articles that are due, newest first."""
        rows = self._db.execute(
            "SELECT url, kind, source_id, date, etag, last_modified, captured_at FROM urls"
            " WHERE source_id = ? AND kind = 'article' AND state IN ('due', 'done')"
            " AND next_due <= ? ORDER BY date DESC, url LIMIT ?",
            (source_id, now, limit),
        )
        return tuple(Due(*row) for row in rows)

    def known(self, due: Due) -> Due:
        """The same URL with the validators of the copy we have, if any."""
        row = self._one("SELECT etag, last_modified, captured_at FROM urls WHERE url = ?", due.url)
        if row is None:
            return due
        return msgspec.structs.replace(due, etag=row[0], last_modified=row[1], captured_at=row[2])

    def announce(self, found: Due, announced: float, now: float) -> Due | None:
        """Take note of an article that a listing names; what to ask for, if it is due.

        `announced` is when the listing says it last changed (0: it does not say): a copy fetched
        before that is due at once, until the listing has cried wolf too often.
        """
        due = found if found.date else msgspec.structs.replace(found, date=now)
        row = self._one(
            "SELECT state, next_due, last_fetched_at, false_hints FROM urls WHERE url = ?", due.url
        )
        if row is None:
            self._touch(due.url, due.source_id, due.kind, now)
            self._do("UPDATE urls SET date = ?, next_due = ? WHERE url = ?", due.date, now, due.url)
            return due
        state, next_due, last_fetched_at, false_hints = row
        if state in ("leased", "moved"):
            return None
        if last_fetched_at and last_fetched_at < announced <= now and false_hints < _FALSE_HINTS:
            self._do(
                "UPDATE urls SET state = 'due', next_due = ?, false_hints = false_hints + 1"
                " WHERE url = ?",
                *(now, due.url),
            )
            return self.known(due)
        return self.known(due) if state != "gone" and next_due and next_due <= now else None

    def lease(self, url: str) -> None:
        """Note that this run has the URL in its queue."""
        self._do("UPDATE urls SET state = 'leased' WHERE url = ?", url)

    # ------------------------------------------------------------------------------------ outcomes

    def visit(self, visit: Visit) -> Verdict:
        """Take in a response that is in the archive; whether its body is new, changed, or as before."""
        row = self._one(
            "SELECT sha256, first_fetched_at, etag, last_modified, captured_at FROM urls WHERE url = ?",
            visit.url,
        )
        sha256, first, etag, modified, captured_at = row or ("", None, "", "", "")
        same = visit.sha256 in ("", sha256)
        if visit.sha256:
            etag, modified, captured_at = visit.etag, visit.last_modified, visit.captured_at
        else:
            etag, modified = visit.etag or etag, visit.last_modified or modified
        first = first or visit.at
        self._touch(visit.url, visit.source_id, visit.kind, visit.at)
        self._do(
            "UPDATE urls SET state = 'done', first_fetched_at = ?, last_fetched_at = ?, next_due = ?,"
            " etag = ?, last_modified = ?, captured_at = ?, sha256 = ?, status = ?, failures = 0,"
            " false_hints = iif(?, false_hints, 0), warc_file = ?, warc_offset = ?, warc_length = ?"
            " WHERE url = ?",
            *(first, visit.at, next_visit(first, visit.at, self._revisit)),
            *(etag, modified, captured_at, visit.sha256 or sha256, visit.status),
            *(same, visit.place.file, visit.place.offset, visit.place.length, visit.url),
        )
        if same:
            return "unchanged"
        return "changed" if sha256 else "new"

    def failed(self, due: Due, status: int, now: float) -> None:
        """Note that a URL could not be had; it is tried again later, for about two days."""
        self._touch(due.url, due.source_id, due.kind, now)
        self._do(
            "UPDATE urls SET failures = failures + 1, status = ?,"
            " state = iif(failures + 1 >= ?, 'gone', 'due'), next_due = ? + ? * (1 << failures)"
            " WHERE url = ?",
            *(status, _FAILURES_KEPT, now, _FIRST_RETRY, due.url),
        )

    def gone(self, due: Due, status: int, now: float) -> None:
        """Note that the server says there is nothing (any more) at this URL."""
        self._touch(due.url, due.source_id, due.kind, now)
        self._do(
            "UPDATE urls SET state = 'gone', status = ?, last_fetched_at = ?, next_due = NULL"
            " WHERE url = ?",
            *(status, now, due.url),
        )

    def moved(self, due: Due, status: int, now: float) -> None:
        """Note that this URL leads to another, which is known by itself from now on."""
        self._touch(due.url, due.source_id, due.kind, now)
        self._do(
            "UPDATE urls SET state = 'moved', status = ?, last_fetched_at = ?, next_due = NULL"
            " WHERE url = ?",
            *(status, now, due.url),
        )

    def refused(self, url: str, now: float) -> None:
        """Note that robots.txt disallows the URL; it is looked at again in a day."""
        self._do(
            "UPDATE urls SET state = 'due', next_due = ? WHERE url = ?", now + _REFUSED_FOR, url
        )

    def release(self, url: str) -> None:
        """Let a URL that was not asked for be due again."""
        self._do("UPDATE urls SET state = 'due' WHERE url = ? AND state = 'leased'", url)

    # --------------------------------------------------------------------------------------- hosts

    def put_off(self, host: str, now: float) -> HostNote | None:
        """Until when and why the host is left alone, if it is."""
        row = self._one(
            "SELECT put_off_until, note FROM hosts WHERE host = ? AND put_off_until > ?", host, now
        )
        return HostNote(host, row[1], row[0]) if row else None

    def put_off_until(self, note: HostNote) -> None:
        """Leave the host alone until then."""
        self._do(
            "INSERT OR REPLACE INTO hosts (host, put_off_until, note) VALUES (?, ?, ?)",
            *(note.host, note.until, note.note),
        )

    def robots_copies(self, host: str) -> dict[str, RobotsCopy]:
        """The last good robots.txt of each origin on this host."""
        rows = self._db.execute(
            "SELECT origin, body, read_at, etag, last_modified, captured_at FROM robots WHERE host = ?",
            (host,),
        )
        return {row[0]: RobotsCopy(*row[1:]) for row in rows}

    def keep_robots(self, origin: str, host: str, copy: RobotsCopy) -> None:
        """Keep a good robots.txt."""
        self._do(
            "INSERT OR REPLACE INTO robots"
            " (origin, host, body, read_at, etag, last_modified, captured_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(origin, host, copy.body, copy.read_at, copy.etag, copy.last_modified),
            copy.captured_at,
        )

    def confirm_robots(self, origin: str, now: float) -> None:
        """Note that the copy is as good as new (304)."""
        self._do("UPDATE robots SET read_at = ? WHERE origin = ?", now, origin)

    # ------------------------------------------------------------------------------------- archive

    def taken(self, file: str, size: int, *, sealed: bool = False) -> None:
        """Note that the outcomes in the first `size` bytes of a WARC file are taken in."""
        self._do(
            "INSERT OR REPLACE INTO archive (file, taken, sealed) VALUES (?, ?, ?)",
            *(file, size, sealed),
        )

    def unsealed(self) -> tuple[tuple[str, int], ...]:
        """The WARC files that a run did not finish, and how much of each was taken in."""
        return tuple(
            self._db.execute("SELECT file, taken FROM archive WHERE NOT sealed ORDER BY file")
        )

    # ------------------------------------------------------------------------------------- helpers

    def _touch(self, url: str, source_id: str, kind: str, now: float) -> None:
        """Have a row for the URL: listings and redirect targets are met first when they answer."""
        self._do(
            "INSERT OR IGNORE INTO urls (url, source_id, kind, state, date, first_seen_at)"
            " VALUES (?, ?, ?, 'due', ?, ?)",
            *(url, source_id, kind, now, now),
        )

    def _one(self, sql: str, *values: object) -> Any:  # noqa: ANN401  a row of any columns
        return self._db.execute(sql, values).fetchone()

    def _do(self, sql: str, *values: object) -> None:
        with self._room():
            if not self._db.in_transaction:
                self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(sql, values)

    @contextmanager
    def _room(self) -> Iterator[None]:
        """Turn a full disk into `DiskFull`."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE):
                raise DiskFull(f"state.sqlite: {error}; make room and run again") from error
            raise


def next_visit(first: float, last: float, revisit: tuple[float, ...]) -> float | None:
    """When a page is due again: the first step of its age that the last visit did not cover."""
    return next((first + step for step in sorted(revisit) if first + step > last), None)
