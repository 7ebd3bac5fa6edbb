"""What is remembered of listings: who has read the copy we know of, and which listings each one named.

In and out: rows of the state. Part of `crawler.state.State`.
"""

from collections.abc import Iterable

from crawler.database import Database
from crawler.records import Due


class ListingBook(Database):
    """The tables `readers` and `named`."""

    def readers(self, url: str) -> frozenset[str]:
        """The sources that have read the copy of a listing that its validators speak of."""
        return frozenset(
            row[0] for row in self._all("SELECT source_id FROM readers WHERE url = ?", url)
        )

    def read_by(self, url: str, source_ids: Iterable[str]) -> None:
        """Note that a new copy of a listing came, and which sources have read it."""
        self._do("DELETE FROM readers WHERE url = ?", url)
        for source_id in source_ids:
            self._do("INSERT OR IGNORE INTO readers VALUES (?, ?)", url, source_id)

    def names(self, parent: str, source_id: str, listings: Iterable[Due]) -> None:
        """Note which other listings of the source a listing names, in place of those it named."""
        self._do("DELETE FROM named WHERE source_id = ? AND parent = ?", source_id, parent)
        for due in listings:
            self._do(
                "INSERT OR IGNORE INTO named VALUES (?, ?, ?, ?, ?, ?)",
                *(source_id, parent, due.url, due.kind, due.date, due.depth),
            )

    def named(self, parent: str, source_id: str) -> tuple[Due, ...]:
        """The listings that a listing named when it was read last: newest first, then least read."""
        rows = self._all(
            "SELECT n.url, n.kind, n.source_id, n.date, n.depth FROM named n"
            " LEFT JOIN urls u ON u.url = n.url WHERE n.source_id = ? AND n.parent = ?"
            " ORDER BY n.date DESC, coalesce(u.last_fetched_at, 0), n.url",
            *(source_id, parent),
        )
        return tuple(Due(row[0], row[1], row[2], row[3], depth=row[4]) for row in rows)
