"""Which addresses are one story: by the word of its pages (rel=canonical, amphtml).

In and out: rows of the state. Part of `crawler.state.State`. One of a story's addresses is visited; the
others are kept as "moved", so that listings that name them bring nothing new.
"""

from crawler.database import Database

# Forms of a story for telephones, printers, other countries; more than these share a template's mistake.
_MOST_FORMS = 5


class Aliases(Database):
    """The table `aliases`: the canonical address that a page named, "" where that turned out to be none."""

    def same_story(self, url: str, canonical: str) -> None:
        """Let `url`, which was just fetched, and the `canonical` that it names be one story.

        Where the canonical address is known it is the one to visit, otherwise the one that we have: asking
        for what we hold already would be impolite. A canonical address that others have named, or that is
        gone, is not believed.
        """
        known = self._one("SELECT state FROM urls WHERE url = ?", canonical)
        if known is None:
            self.other_form(canonical, url)
        elif known[0] not in ("moved", "gone") and self._credible(url, canonical):
            self._do("INSERT OR REPLACE INTO aliases VALUES (?, ?)", url, canonical)
            self._do("UPDATE urls SET state = 'moved', next_due = NULL WHERE url = ?", url)

    def other_form(self, form: str, url: str) -> None:
        """Note that `form` (its AMP page, say) tells the story at `url`, where it is not known already."""
        self._do(
            "INSERT OR IGNORE INTO urls (url, source_id, kind, state, date, first_seen_at)"
            " SELECT ?, source_id, kind, 'moved', date, first_seen_at FROM urls WHERE url = ?",
            *(form, url),
        )

    def disown(self, canonical: str, now: float) -> None:
        """There is nothing at `canonical`: what it stood for is due again, and not believed any more."""
        self._do(
            "UPDATE urls SET state = 'due', next_due = ? WHERE url IN"
            " (SELECT url FROM aliases WHERE canonical = ?)",
            *(now, canonical),
        )
        self._do("UPDATE aliases SET canonical = '' WHERE canonical = ?", canonical)

    def _credible(self, url: str, canonical: str) -> bool:
        said = self._one("SELECT canonical FROM aliases WHERE url = ?", url)
        forms = self._one(
            "SELECT count(*) FROM aliases WHERE canonical = ? AND url != ?", canonical, url
        )
        return (said is None or said[0] != "") and int(forms[0]) < _MOST_FORMS
