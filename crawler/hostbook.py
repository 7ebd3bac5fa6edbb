"""What is remembered of hosts: until when they are left alone, and what they say of robots and of mining.

In and out: rows of the state. Part of `crawler.state.State`.
"""

from crawler.database import Database
from crawler.lanes import RobotsCopy
from crawler.records import HostNote, Record


class TdmrepCopy(Record):
    """An origin's tdmrep.json (b"" where it has none), when it was read, and its validators."""

    body: bytes
    read_at: float
    etag: str = ""
    last_modified: str = ""
    captured_at: str = ""


class HostBook(Database):
    """The tables `hosts`, `robots` and `tdmrep`."""

    def held_hosts(self, now: float) -> dict[str, HostNote]:
        """The hosts that are to be asked for nothing before some time to come, and why."""
        rows = self._all("SELECT host, note, until FROM hosts WHERE until > ?", now)
        return {row[0]: HostNote(*row) for row in rows}

    def hold_host(self, note: HostNote) -> None:
        """Ask this host for nothing before then."""
        self._do(
            "INSERT OR REPLACE INTO hosts (host, until, note) VALUES (?, ?, ?)",
            *(note.host, note.until, note.note),
        )

    def robots_copies(self, host: str) -> dict[str, RobotsCopy]:
        """The last good robots.txt of each origin on this host."""
        # A file of an older program that is only looked into lacks the last column.
        rows = self._all("SELECT * FROM robots WHERE host = ?", host)
        return {row[0]: RobotsCopy(*row[2:]) for row in rows}

    def keep_robots(self, origin: str, host: str, copy: RobotsCopy) -> None:
        """Keep a good robots.txt."""
        self._do(
            "INSERT OR REPLACE INTO robots"
            " (origin, host, body, read_at, etag, last_modified, captured_at, url)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(origin, host, copy.body, copy.read_at, copy.etag, copy.last_modified),
            *(copy.captured_at, copy.url),
        )

    def confirm_robots(self, origin: str, now: float) -> None:
        """Note that the copy is as good as new (304)."""
        self._do("UPDATE robots SET read_at = ? WHERE origin = ?", now, origin)

    def tdmrep(self, origin: str) -> TdmrepCopy | None:
        """The origin's tdmrep.json as it was read last, if it was."""
        row = self._one(
            "SELECT body, read_at, etag, last_modified, captured_at FROM tdmrep WHERE origin = ?",
            origin,
        )
        return TdmrepCopy(*row) if row else None

    def keep_tdmrep(self, origin: str, copy: TdmrepCopy) -> None:
        """Keep what came of asking for an origin's tdmrep.json."""
        self._do(
            "INSERT OR REPLACE INTO tdmrep (origin, body, read_at, etag, last_modified, captured_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            *(origin, copy.body, copy.read_at, copy.etag, copy.last_modified, copy.captured_at),
        )
