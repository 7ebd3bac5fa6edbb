"""What the crawler remembers from run to run, in one SQLite file.

In: what runs found and how it ended. Out: what is due, with the validators of the copy we have. One
writer, batched: nothing is durable before `commit`, and the caller has the archive flushed before it
commits what names a place in it. URLs that a dead run had taken are due again at the next opening.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from crawler.aliases import Aliases
from crawler.database import LATER_TABLES, SCHEMA, TABLES
from crawler.errors import DamagedArchive
from crawler.hostbook import HostBook
from crawler.listingbook import ListingBook
from crawler.records import CaptureKind, Due, Place, Record
from crawler.revisit import after_leaving_out, covers_step, next_visit
from crawler.shapebook import ShapeBook

# An hour doubled each time makes about two days; what fails for longer is given up.
_FAILURES_KEPT = 6
_FIRST_RETRY = 3_600.0
_REFUSED_FOR = 86_400.0
# What is forbidden, too large or no page is asked for once more in a month, three times in all; a
# listing, which its source lives on, after most of an hour, then twice as long each time, up to a day.
_SHUT_KEPT = 3
_SHUT_FOR = 30 * 86_400.0
_LISTING_SHUT_FOR = 3_000.0
_LONGEST_LISTING_SHUT = 86_400.0
# A page that is gone is not asked for again because a listing has a new date on it, before this.
_GONE_FOR = 7 * 86_400.0
# A listing that calls a page new at every visit, though it never is, is not believed any more.
_FALSE_HINTS = 3
# Addresses of a story that differ in their query only; what follows is a facet of these.
_FORMS = 3
# Seconds to wait for somebody who looks into the file; the run's own lock keeps other runs away.
_PATIENCE = 1.0

# The columns that `State.visit` reads, of a URL that has no row.
_NEVER_VISITED = ("", None, "", "", "", None, 0)

Verdict = Literal["new", "changed", "unchanged"]


class Visit(Record):
    """A response that is in the archive. `sha256` is its body's, "" where it said "not modified".

    `same_story` says of a body with other bytes that it tells the story of the copy before.
    """

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
    same_story: bool = False


class Copy(Record):
    """The last capture of a URL: its body's digest, and where it lies (for a 304 the revisit record)."""

    sha256: str
    place: Place


class State(HostBook, ListingBook, ShapeBook, Aliases):
    """The open file, or with `read_only` what stands in it, if there is one.

    Raises `DamagedArchive` for a file that is no state, or of a newer program; `DiskFull`; `Locked`
    where another program writes to it.
    """

    def __init__(
        self,
        path: Path,
        revisit: tuple[float, ...] = (),
        *,
        stretch: bool = True,
        read_only: bool = False,
    ) -> None:
        super().__init__(path)
        self._revisit = revisit
        self._stretch = stretch
        # Only a run takes leases, and takes back those of a run that died.
        self._askable = "('due', 'done', 'leased')" if read_only else "('due', 'done')"
        with self._faults():
            if read_only:
                self._db = self._as_it_stands()
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def _as_it_stands(self) -> sqlite3.Connection:
        """The file opened for reading; an empty state where there is none yet."""
        if self._path.exists():
            place = f"{self._path.absolute().as_uri()}?mode=ro"
            db = sqlite3.connect(place, uri=True, timeout=_PATIENCE)
            try:
                if self._version(db):
                    return db
            except BaseException:
                db.close()
                raise
            db.close()
        db = sqlite3.connect(":memory:")
        db.executescript(TABLES)
        return db

    def _prepare(self) -> None:
        found = self._version(self._db)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        if found == 0:
            self._db.executescript(f"BEGIN;{TABLES}PRAGMA user_version = {SCHEMA};COMMIT;")
        self._db.executescript(LATER_TABLES)
        self._add_columns()
        self._do("UPDATE urls SET state = 'due' WHERE state = 'leased'")

    def _version(self, db: sqlite3.Connection) -> int:
        """The file's schema, 0 where it has none yet."""
        found = int(db.execute("PRAGMA user_version").fetchone()[0])
        if found > SCHEMA:
            raise DamagedArchive(
                f"{self._path}: written by a newer wirecorpus"
                f" (schema {found}, this program knows {SCHEMA}): upgrade"
            )
        return found

    # --------------------------------------------------------------------------------------- runs

    def begin_run(self, run_id: str, now: float) -> None:
        """Note that a run began, and forget what is over: pauses of hosts, shapes not seen for long."""
        self.forget_shapes(now)
        self._do("DELETE FROM hosts WHERE until <= ?", now)
        self._do("INSERT INTO runs (run_id, started_at) VALUES (?, ?)", run_id, now)

    def end_run(self, run_id: str, now: float, stopped: str) -> None:
        """Note that a run ended; what it had taken and not asked for is due again."""
        self._do("UPDATE runs SET ended_at = ?, stopped = ? WHERE run_id = ?", now, stopped, run_id)
        self._do("UPDATE urls SET state = 'due' WHERE state = 'leased'")

    # ---------------------------------------------------------------------------------------- due

    def due_articles(self, source_id: str, now: float, limit: int) -> tuple[Due, ...]:
        """The source's articles that are due, newest first."""
        rows = self._all(
            "SELECT url, kind, source_id, date, etag, last_modified, captured_at FROM urls"
            f" WHERE source_id = ? AND kind = 'article' AND state IN {self._askable}"
            " AND next_due <= ? ORDER BY date DESC, url LIMIT ?",
            *(source_id, now, limit),
        )
        return tuple(Due(*row) for row in rows)

    def due_again(self, now: float) -> int:
        """How many articles that were fetched before are due."""
        row = self._one(
            "SELECT count(*) FROM urls WHERE kind = 'article' AND state IN ('due', 'done')"
            " AND next_due <= ? AND last_fetched_at IS NOT NULL",
            now,
        )
        return int(row[0])

    def step_after(self, url: str, now: float) -> float | None:
        """When an article that is due comes next if it leaves this visit out; None where it must not."""
        row = self._one(
            "SELECT first_fetched_at, last_fetched_at, next_due FROM urls WHERE url = ?"
            " AND kind = 'article' AND last_fetched_at IS NOT NULL AND first_fetched_at IS NOT NULL",
            url,
        )
        if row is None or not self._stretch:
            return None
        first, last, due = row
        return after_leaving_out(first, last, due, now, self._revisit)

    def leave_out(self, url: str, until: float) -> None:
        """Do not ask for an article before then, which is a step of its age."""
        self._do("UPDATE urls SET next_due = ? WHERE url = ?", until, url)

    def copy_of(self, url: str) -> Copy | None:
        """The last capture of a URL that was fetched."""
        row = self._one(
            "SELECT sha256, warc_file, warc_offset, warc_length FROM urls"
            " WHERE url = ? AND sha256 != ''",
            url,
        )
        return Copy(row[0], Place(*row[1:])) if row else None

    def url_counts(self) -> tuple[tuple[str, int], ...]:
        """How many article URLs are in each state; what a run has taken counts as due."""
        rows = self._all(
            "SELECT replace(state, 'leased', 'due'), count(*) FROM urls WHERE kind = 'article'"
            " GROUP BY 1 ORDER BY 1"
        )
        return tuple((str(state), int(count)) for state, count in rows)

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
            "SELECT state, next_due, last_fetched_at, false_hints, failures, status FROM urls"
            " WHERE url = ?",
            due.url,
        )
        if row is None:
            self._touch(due.url, due.source_id, due.kind, now)
            self._do("UPDATE urls SET date = ?, next_due = ? WHERE url = ?", due.date, now, due.url)
            return due
        state, next_due, last_fetched_at, false_hints, failures, status = row
        if state in ("leased", "moved") or (failures and (next_due or now + 1) > now):
            return None
        if state == "gone" and (status == 410 or now - (last_fetched_at or now) < _GONE_FOR):
            return None
        if last_fetched_at and last_fetched_at < announced <= now and false_hints < _FALSE_HINTS:
            self._do(
                "UPDATE urls SET state = 'due', next_due = ?, false_hints = false_hints + 1"
                " WHERE url = ?",
                *(now, due.url),
            )
            return self.known(due)
        return self.known(due) if state != "gone" and next_due and next_due <= now else None

    def has_many(self, start: str) -> bool:
        """Whether several known URLs begin with this, which ends in "?"."""
        rows = self._all(
            "SELECT 1 FROM urls WHERE url > ? AND url < ? LIMIT ?",
            *(start, start[:-1] + "@", _FORMS),
        )
        return len(rows) >= _FORMS

    def first_seen(self, source_id: str, since: float) -> tuple[float, ...]:
        """When articles of the source that were fetched were first seen, since then."""
        rows = self._all(
            "SELECT DISTINCT CAST(first_seen_at / 60 AS INTEGER) * 60.0 FROM urls WHERE source_id = ?"
            " AND kind = 'article' AND first_fetched_at IS NOT NULL AND first_seen_at > ?",
            *(source_id, since),
        )
        return tuple(row[0] for row in rows)

    # ------------------------------------------------------------------------------------ listings

    def listing(self, due: Due, source_ids: Iterable[str]) -> Due:
        """The listing with the validators of the copy we have, if these sources have read that copy."""
        return self.known(due) if self.readers(due.url).issuperset(source_ids) else due

    # -------------------------------------------------------------------------------------- leases

    def lease(self, url: str) -> None:
        """Note that this run has the URL in its queue."""
        self._do("UPDATE urls SET state = 'leased' WHERE url = ?", url)

    # ------------------------------------------------------------------------------------ outcomes

    def visit(self, visit: Visit) -> Verdict:
        """Take in a response that is in the archive; whether its body is new, changed, or as before."""
        row = self._one(
            "SELECT sha256, first_fetched_at, etag, last_modified, captured_at, last_fetched_at,"
            " unchanged FROM urls WHERE url = ?",
            visit.url,
        )
        sha256, first, etag, modified, captured_at, last, unchanged = row or _NEVER_VISITED
        same = visit.sha256 in ("", sha256)
        as_before = same or visit.same_story
        if visit.sha256:
            etag, modified, captured_at = visit.etag, visit.last_modified, visit.captured_at
        else:
            etag, modified = visit.etag or etag, visit.last_modified or modified
        first = first or visit.at
        if not as_before:
            unchanged = 0
        elif last is not None:
            # What a listing called changed, and was not, says nothing of the time since.
            unchanged += covers_step(first, last, visit.at, self._revisit)
        steady = unchanged if self._stretch else 0
        self._touch(visit.url, visit.source_id, visit.kind, visit.at)
        self._do(
            "UPDATE urls SET state = 'done', first_fetched_at = ?, last_fetched_at = ?, next_due = ?,"
            " etag = ?, last_modified = ?, captured_at = ?, sha256 = ?, status = ?, failures = 0,"
            " false_hints = iif(?, false_hints, 0), unchanged = ?, warc_file = ?, warc_offset = ?,"
            " warc_length = ? WHERE url = ?",
            *(first, visit.at, next_visit(first, visit.at, self._revisit, steady)),
            *(etag, modified, captured_at, visit.sha256 or sha256, visit.status),
            *(as_before, unchanged, visit.place.file, visit.place.offset, visit.place.length),
            visit.url,
        )
        if same:
            return "unchanged"
        return "changed" if sha256 else "new"

    def failed(self, due: Due, status: int, now: float) -> None:
        """Note that a URL could not be had; it is tried again later, for about two days."""
        self._touch(due.url, due.source_id, due.kind, now)
        self._do(
            "UPDATE urls SET failures = failures + 1, status = ?,"
            " state = iif(failures + 1 >= ?, 'gone', 'due'),"
            " next_due = iif(failures + 1 >= ?, NULL, ? + ? * (1 << failures)) WHERE url = ?",
            *(status, _FAILURES_KEPT, _FAILURES_KEPT, now, _FIRST_RETRY, due.url),
        )

    def shut(self, due: Due, status: int, now: float) -> None:
        """Note that a URL could not be had, and that asking again soon would not mend it."""
        self._touch(due.url, due.source_id, due.kind, now)
        self._do(
            "UPDATE urls SET failures = failures + 1, status = ?, state = 'due', next_due = ? + iif("
            "kind = 'article', ?, min(?, ? * (1 << min(failures, 10)))) WHERE url = ?",
            *(status, now, _SHUT_FOR, _LONGEST_LISTING_SHUT, _LISTING_SHUT_FOR, due.url),
        )
        self._do(
            "UPDATE urls SET state = 'gone', next_due = NULL"
            " WHERE url = ? AND kind = 'article' AND failures >= ?",
            *(due.url, _SHUT_KEPT),
        )

    def shut_until(self, url: str, now: float) -> tuple[float, int]:
        """Until when a listing is not worth asking for, 0 where it is, and the status it had."""
        row = self._one(
            "SELECT next_due, status FROM urls WHERE url = ? AND failures > 0 AND next_due > ?"
            " AND state = 'due'",
            *(url, now),
        )
        return (row[0], row[1]) if row else (0.0, 0)

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

    def led_elsewhere(self, due: Due, status: int, now: float) -> None:
        """Note that this URL leads to another for the time being; it is asked again by its age."""
        self._touch(due.url, due.source_id, due.kind, now)
        row = self._one("SELECT first_fetched_at FROM urls WHERE url = ?", due.url)
        first = row[0] or now
        self._do(
            "UPDATE urls SET state = 'done', status = ?, first_fetched_at = ?, last_fetched_at = ?,"
            " next_due = ? WHERE url = ?",
            *(status, first, now, next_visit(first, now, self._revisit), due.url),
        )

    def refused(self, url: str, now: float) -> None:
        """Note that robots.txt disallows the URL; it is looked at again in a day."""
        self._do(
            "UPDATE urls SET state = 'due', next_due = ? WHERE url = ?", now + _REFUSED_FOR, url
        )

    def release(self, url: str) -> None:
        """Let a URL that was not asked for be due again."""
        self._do("UPDATE urls SET state = 'due' WHERE url = ? AND state = 'leased'", url)

    # ------------------------------------------------------------------------------------- archive

    def taken(self, file: str, size: int, *, sealed: bool = False) -> None:
        """Note that the outcomes in the first `size` bytes of a WARC file are taken in."""
        self._do(
            "INSERT OR REPLACE INTO archive (file, taken, sealed) VALUES (?, ?, ?)",
            *(file, size, sealed),
        )

    def has_archive(self) -> bool:
        """Whether any WARC file is known."""
        return self._one("SELECT 1 FROM archive LIMIT 1") is not None

    def unsealed(self) -> tuple[tuple[str, int], ...]:
        """The WARC files that a run did not finish, and how much of each was taken in."""
        return tuple(self._all("SELECT file, taken FROM archive WHERE NOT sealed ORDER BY file"))

    # ------------------------------------------------------------------------------------- helpers

    def _touch(self, url: str, source_id: str, kind: str, now: float) -> None:
        """Have a row for the URL: listings and redirect targets are met first when they answer."""
        self._do(
            "INSERT OR IGNORE INTO urls (url, source_id, kind, state, date, first_seen_at)"
            " VALUES (?, ?, ?, 'due', ?, ?)",
            *(url, source_id, kind, now, now),
        )
