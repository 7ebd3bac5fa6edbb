"""What is remembered of hosts: until when they are left alone, and what they say of robots and of mining.

In and out: rows of the state. Part of `crawler.state.State`.
"""

from crawler.database import Database
from crawler.lanes import RobotsCopy
from crawler.records import HostNote


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
        rows = self._all(
            "SELECT origin, body, read_at, etag, last_modified, captured_at FROM robots WHERE host = ?",
            host,
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

    def tdmrep(self, origin: str, since: float) -> bytes | None:
        """The origin's tdmrep.json as it was read since then (b"" where it has none), if it was."""
        row = self._one("SELECT body FROM tdmrep WHERE origin = ? AND read_at > ?", origin, since)
        return bytes(row[0]) if row else None

    def keep_tdmrep(self, origin: str, body: bytes, now: float) -> None:
        """Keep what came of asking for an origin's tdmrep.json."""
        self._do("INSERT OR REPLACE INTO tdmrep VALUES (?, ?, ?)", origin, body, now)
