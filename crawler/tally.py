"""What a run did, counted source by source.

In: how URLs ended. Out: the `SourceOutcome`s and failures of the run's report.
"""

from crawler.records import CaptureKind, Source, SourceOutcome

_FAILURES_SHOWN = 200


class Tally:
    """Counts of one run."""

    def __init__(self, sources: tuple[Source, ...]) -> None:
        self._names = {source.id: source.name or source.id for source in sources}
        self._counts: dict[str, dict[str, int]] = {source.id: {} for source in sources}
        self._errors: dict[str, str] = {}
        self.failures: list[tuple[str, str]] = []

    def count(self, source_id: str, what: str) -> None:
        """One more of this."""
        counts = self._counts.setdefault(source_id, {})
        counts[what] = counts.get(what, 0) + 1

    def listing_failed(self, source_id: str, url: str, reason: str) -> None:
        """A feed, sitemap or section could not be read."""
        self.count(source_id, "listings_failed")
        self._errors.setdefault(source_id, f"{url}: {reason}")
        self.note_failure(url, reason)

    def note_failure(self, url: str, reason: str) -> None:
        """Keep the reason for the report, as long as there is room."""
        if len(self.failures) < _FAILURES_SHOWN and (url, reason) not in self.failures:
            self.failures.append((url, reason))

    def articles(self) -> int:
        """Articles that were asked for and answered."""
        return sum(
            counts.get(what, 0)
            for counts in self._counts.values()
            for what in ("new", "changed", "unchanged")
        )

    def outcomes(self) -> tuple[SourceOutcome, ...]:
        """Each source's outcome, in the configuration's order."""
        return tuple(self._outcome(source_id) for source_id in self._names)

    def _outcome(self, source_id: str) -> SourceOutcome:
        counts = self._counts[source_id]
        read, unread = counts.get("listings", 0), counts.get("listings_failed", 0)
        got = sum(counts.get(what, 0) for what in ("new", "changed", "unchanged"))
        error = self._errors.get(source_id, "")
        failed = unread > 0 and read == 0
        if not failed and not got and counts.get("failed", 0):
            failed, error = True, f"none of {counts['failed']} articles could be fetched"
        return SourceOutcome(
            id=source_id,
            name=self._names[source_id],
            failed_source=failed,
            error=error,
            **{key: counts.get(key, 0) for key in _COUNTED},
        )


_COUNTED = (
    "new",
    "changed",
    "unchanged",
    "gone",
    "moved",
    "failed",
    "refused",
    "put_off",
    "listings",
    "listings_failed",
    "no_story",
    "same_story",
    "left_out",
)


def is_listing(kind: CaptureKind) -> bool:
    """Whether this is read for what it announces."""
    return kind in ("feed", "sitemap", "section")
