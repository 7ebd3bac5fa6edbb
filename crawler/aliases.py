"""Which addresses are one story: by the word of its pages (rel=canonical, amphtml), and their headlines.

In and out: rows of the state. Part of `crawler.state.State`. One of a story's addresses is visited; the
others are kept as "moved", so that listings that name them bring nothing new. A page that names a story of
another headline is not believed: templates and lists do that.
"""

from crawler.database import Database

# What leads elsewhere, or to nothing, can stand for nobody: two pages may name each other.
_STANDS = "(SELECT state FROM urls WHERE url = ?) IN ('due', 'leased', 'done')"


class Aliases(Database):
    """The table `aliases`: a page's headline, and the canonical address that it named."""

    def names_canonical(self, url: str, canonical: str, headline: str) -> None:
        """Note that the page at `url`, which was just fetched, says that its story is at `canonical`.

        Both are visited until the page there is seen to have the same headline (`has_headline`).
        """
        self._do("INSERT OR REPLACE INTO aliases VALUES (?, ?, ?)", url, canonical, headline)

    def has_headline(self, url: str, headline: str) -> None:
        """Take the headline of a page that was fetched: those that named it, and share it, are its forms."""
        self._do(
            "UPDATE urls SET state = 'moved', next_due = NULL WHERE state IN ('due', 'done')"
            " AND url IN (SELECT url FROM aliases WHERE canonical = ? AND headline = ?)"
            f" AND {_STANDS}",
            *(url, headline, url),
        )

    def other_form(self, form: str, url: str) -> None:
        """Note that `form` (its AMP page, say) tells the story at `url`, where it is not known."""
        self._do(
            "INSERT OR IGNORE INTO urls (url, source_id, kind, state, date, first_seen_at)"
            " SELECT ?, source_id, kind, 'moved', date, first_seen_at FROM urls WHERE url = ?",
            *(form, url),
        )

    def replaced(self, url: str, canonical: str) -> None:
        """Note that the page at `url` is the AMP form of the story at `canonical`, which is visited."""
        self._do(
            f"UPDATE urls SET state = 'moved', next_due = NULL WHERE url = ? AND {_STANDS}",
            *(url, canonical),
        )

    def disown(self, canonical: str, now: float) -> None:
        """There is nothing at `canonical`: what it stood for is due again."""
        self._do(
            "UPDATE urls SET state = 'due', next_due = ? WHERE state = 'moved' AND url IN"
            " (SELECT url FROM aliases WHERE canonical = ?)",
            *(now, canonical),
        )
        self._do("DELETE FROM aliases WHERE canonical = ?", canonical)
