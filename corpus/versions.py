"""Which version of which page the corpus knows: derived from the article shards, and rebuilt from them.

In: article shards in the order of the archive. Out: the version number and the predecessor's digest
of each further article, and how a page was read before. The table lives in `index/versions.sqlite`,
which may be deleted at any time; its `chain` says which shards it has taken in.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from corpus.records import Article
from corpus.store import read_shard
from corpus.upkeep import was_read_alone

_LAYOUT = """
CREATE TABLE page (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, text_sha256 TEXT NOT NULL, first_seen_at TEXT NOT NULL,
    url TEXT NOT NULL, alone INTEGER NOT NULL, body_sha256 TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX page_url ON page (url);
CREATE TABLE chain (place INTEGER PRIMARY KEY, link TEXT NOT NULL);
"""
_LAYOUT_NUMBER = 3


class Way(msgspec.Struct, frozen=True):
    """Of how an article was extracted just what tells whether a profile had a part in it."""

    method: str
    warnings: tuple[str, ...]


class Bytes(msgspec.Struct, frozen=True):
    """Of how an article was fetched just the digest of its bytes."""

    sha256: str


class Known(msgspec.Struct, frozen=True):
    """The keys of an article line that decide versions; the rest of the line is skipped."""

    id: str
    version: int
    text_sha256: str
    first_seen_at: str
    final_url: str
    extraction: Way
    http: Bytes


class Versions:
    """The latest version of each page, after a chain of shards."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        (layout,) = self._db.execute("PRAGMA user_version").fetchone()
        if layout != _LAYOUT_NUMBER:
            self._db.executescript(
                "BEGIN; DROP TABLE IF EXISTS page; DROP TABLE IF EXISTS chain;"
                f"{_LAYOUT} PRAGMA user_version = {_LAYOUT_NUMBER}; COMMIT"
            )

        self._before = sqlite3.connect(path, isolation_level=None)

    def close(self) -> None:
        """Close the table's file."""
        self._before.close()
        self._db.close()

    def follow(self, links: list[tuple[str, Path]]) -> None:
        """Make the table stand exactly after these shards: (link of the chain, shard) in order."""
        have = [row[0] for row in self._db.execute("SELECT link FROM chain ORDER BY place")]
        wanted = [link for link, _ in links]
        if have != wanted[: len(have)]:
            self._db.executescript("BEGIN; DELETE FROM page; DELETE FROM chain; COMMIT")
            have = []
        for link, shard in links[len(have) :]:
            with self.extend(link):
                self._take(read_shard(shard, Known))

    @contextmanager
    def extend(self, link: str) -> Iterator[None]:
        """All that `next_version` learns inside the block, kept only if the block succeeds."""
        self._db.execute("BEGIN")
        try:
            yield
            self._db.execute("INSERT INTO chain (link) VALUES (?)", (link,))
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def next_version(self, article: Article) -> Article | None:
        """The article with its version number and history; None if its text is known already.

        Of the same bytes another reading makes no new version: the site's profile changed, not the page.
        """
        known = self._db.execute(
            "SELECT version, text_sha256, first_seen_at, body_sha256 FROM page WHERE id = ?",
            (article.id,),
        ).fetchone()
        if known and (
            known[1] == article.text_sha256 or (known[3] and known[3] == article.http.sha256)
        ):
            return None
        version, before, first_seen, _ = known or (0, "", article.fetched_at, "")
        following = msgspec.structs.replace(
            article,
            version=version + 1,
            prev_text_sha256=before,
            # An imported archive may have seen the page before we did.
            first_seen_at=min(first_seen, article.fetched_at),
        )
        self._take([following])
        return following

    def was_read_alone(self, url: str) -> bool:
        """Whether the page at this final URL was read without a profile, before the run at work."""
        # Another connection sees nothing of an open transaction: which of a run's pages are done by now
        # is chance.
        row = self._before.execute(
            "SELECT alone FROM page WHERE url = ? ORDER BY id", (url,)
        ).fetchone()
        return bool(row and row[0])

    def _take(self, lines: Iterable[Known | Article]) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    a.id,
                    a.version,
                    a.text_sha256,
                    a.first_seen_at,
                    a.final_url,
                    _alone(a),
                    a.http.sha256,
                )
                for a in lines
            ),
        )


def _alone(article: Known | Article) -> bool:
    return was_read_alone(article.extraction.method, article.extraction.warnings)


@contextmanager
def open_versions(path: Path) -> Iterator[Versions]:
    """The table, closed at the end of the block.

    It is derived data: where SQLite finds it damaged, it is removed, and the block fails with
    `StaleVersions`, after which it can be entered again.
    """
    versions: Versions | None = None
    try:
        versions = Versions(path)
        yield versions
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # locked, full: not the table's fault
            raise
        if versions:
            versions.close()
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        raise StaleVersions(path) from error
    finally:
        if versions:
            versions.close()


class StaleVersions(Exception):
    """The table was damaged and has been removed; begin again."""
