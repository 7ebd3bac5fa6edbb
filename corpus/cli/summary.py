"""What a run tells a person: per source what came, which agencies, the largest clusters.

In: the reports of the crawl and the build, and the largest clusters. Out: lines of text.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from corpus.build import BuildReport
from corpus.records import Cluster, Count
from crawler.records import CrawlReport, Record, SourceOutcome

SHOWN_OUTLETS = 6


class Glance(Record):
    """A cluster as a summary names it."""

    id: str
    size: int
    headline: str
    agencies: tuple[str, ...]
    outlets: tuple[str, ...]


class RunSummary(Record, kw_only=True):
    """One cron tick as `runs/<run>.json` and `--json` have it; paths are relative to the data folder.

    `build` is null where the crawl alone was asked for, or was stopped before it.
    """

    schema: str = "run/1"
    run_id: str
    exit_code: int = 0
    settings_digest: str = ""
    crawl: CrawlReport | None = None
    build: BuildReport | None = None
    largest_clusters: tuple[Glance, ...] = ()
    report: str = ""


def glance(cluster: Cluster) -> Glance:
    """What a summary says of a cluster."""
    return Glance(
        cluster.id,
        cluster.size,
        cluster.headline,
        cluster.wire.agencies,
        tuple(sorted({member.outlet for member in cluster.members})),
    )


def render(summary: RunSummary, data: Path) -> str:
    """The summary as a person reads it on a terminal or in cron's mail."""
    parts: list[str] = []
    if summary.crawl:
        parts += _crawl(summary.crawl, summary.build)
    if summary.build:
        parts += _build(summary.build)
    if summary.largest_clusters:
        parts += ["", "Largest clusters", *_clusters(summary.largest_clusters)]
    if summary.report:
        parts += ["", f"Report: {data / summary.report}"]
    return "\n".join(parts)


def _crawl(crawl: CrawlReport, build: BuildReport | None) -> Iterator[str]:
    articles = {c.name: c.count for c in build.articles_by_source} if build else {}
    columns = ("source", "new", "changed", "unchanged", "failed", "refused", "put off", "articles")
    rows = [_source_row(source, articles.get(source.id, 0)) for source in crawl.sources]
    yield f"Run {crawl.run_id}: {crawl.requests} requests, {_bytes(crawl.bytes)}" + _stopped(crawl)
    yield ""
    yield from table(columns, rows)
    for source in crawl.sources:
        if source.failed_source:
            yield f"! {source.id} failed: {source.error}"
        if source.left_out:
            yield (
                f"{source.id}: {source.left_out} older stories left to their next visit; newer ones"
                " are rendered anew and read as before"
            )
    for alert in crawl.alerts:
        yield f"! {alert.source_id}: {alert.words}"
    for note in crawl.hosts:
        yield f"! {note.host}: {note.note}"


def _source_row(source: SourceOutcome, articles: int) -> tuple[str, ...]:
    numbers = (
        source.new,
        source.changed,
        source.unchanged,
        source.failed + source.gone,
        source.refused,
        source.put_off,
        articles,
    )
    return (source.id, *(str(n) if n else "·" for n in numbers))


def _stopped(crawl: CrawlReport) -> str:
    return f", stopped by {crawl.stopped}; the next run goes on" if crawl.stopped else ""


def _build(build: BuildReport) -> Iterator[str]:
    yield ""
    if not (build.runs_built or build.snapshot_is_new):
        yield f"Corpus: {build.articles} article versions, nothing new"
    else:
        yield (
            f"Corpus: {build.articles} article versions; {build.new_articles} new articles, "
            f"{build.new_versions} new versions, {build.unchanged} unchanged"
        )
    if build.rejections:
        yield f"Rejected: {_listed(build.rejections)}"
    if build.agencies:
        yield f"Agencies: {_listed(build.agencies)}"
    for alert in build.site_alerts:
        yield f"! {alert}"
    for warning in build.correction_warnings:
        yield f"! {warning}"
    for damage in build.damaged:
        yield f"! damaged: {damage}"


def _listed(counts: Iterable[Count]) -> str:
    return ", ".join(f"{c.name} {c.count}" for c in counts)


def _clusters(clusters: Iterable[Glance]) -> Iterator[str]:
    for cluster in clusters:
        more = len(cluster.outlets) - SHOWN_OUTLETS
        shown = ", ".join(cluster.outlets[:SHOWN_OUTLETS]) + (
            f" and {more} more" if more > 0 else ""
        )
        agencies = f" [{', '.join(cluster.agencies)}]" if cluster.agencies else ""
        yield f"{cluster.size:>5}  {cluster.headline or '(no headline)'}{agencies}"
        yield f"       {shown}"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows under their columns: the first to the left, the numbers to the right."""
    widths = [max(len(row[n]) for row in (columns, *rows)) for n in range(len(columns))]
    for row in (columns, *rows):
        first, *others = row
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join(cells).rstrip()


def _bytes(number: int) -> str:
    """1,234,567 as "1.2 MB"."""
    size = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
