"""The corpus half of a run: whatever is due after the archive.

In: `warc/` of a data folder, the sources and the rules. Out: article and rejection shards, one pair a
crawl run, and a dated snapshot of the clusters. Every step is stamped: what was made by the same
recipe from the same input is left alone. No site is asked for anything here.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

import msgspec

from corpus import store
from corpus.config import CorpusSettings
from corpus.inputs import damage_rejection, may_be_story
from corpus.records import Article, Count, Outlet, Rejection
from corpus.rulebook import Rulebook, load_rulebook
from corpus.versions import Versions
from crawler.archive import read_captures
from crawler.records import Capture, Damage, Record, Source

STAGE = "extract"
STAGE_VERSION = "1"

Progress = Callable[[str, int], None]
"""Told what is being done and how many records of it are done."""


class ArchiveRun(Record):
    """The WARC files of one crawl run (or import), in the order they were written."""

    date: str
    name: str
    files: tuple[tuple[str, int], ...]
    """Path relative to the data folder, and size in bytes."""


class BuildReport(Record, kw_only=True):
    """What a build did: counts a person reads, and the damage that sets the exit code."""

    runs: int = 0
    runs_built: int = 0
    captures: int = 0
    new_articles: int = 0
    new_versions: int = 0
    unchanged: int = 0
    articles: int = 0
    rejections: tuple[Count, ...] = ()
    articles_by_source: tuple[Count, ...] = ()
    agencies: tuple[Count, ...] = ()
    damaged: tuple[str, ...] = ()
    snapshot: str = ""
    snapshot_is_new: bool = False


def archive_runs(data: Path) -> list[ArchiveRun]:
    """The crawl runs in the archive, oldest first."""
    files: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for path in sorted(data.glob("warc/*/*.warc*")):
        match = re.fullmatch(r"(.+?)(?:-(\d{5}))?\.warc(?:\.gz|\.zst)?", path.name)
        if match:
            place = str(path.relative_to(data))
            files.setdefault((path.parent.name, match[1]), []).append((place, path.stat().st_size))
    return [ArchiveRun(date, name, tuple(found)) for (date, name), found in sorted(files.items())]


def build(
    data: Path,
    sources: Iterable[Source],
    settings: CorpusSettings,
    progress: Progress,
) -> BuildReport:
    """Bring articles and the snapshot up to date with the archive."""
    rules = load_rulebook()
    with store.disk_errors(data):
        for folder in ("articles", "rejections", "snapshots", "index"):
            store.sweep(data / folder)
        tally = _Tally()
        stage = _ExtractStage(data, sources, settings, rules, progress, tally)
        versions = Versions(data / "index" / "versions.sqlite")
        try:
            stage.run(versions)
        finally:
            versions.close()
        from corpus.snapshots import take_snapshot

        snapshot, is_new = take_snapshot(data, settings, rules, progress)
        return tally.report(snapshot=snapshot, snapshot_is_new=is_new)


class _Tally:
    """The counts of one build."""

    def __init__(self) -> None:
        self.numbers: Counter[str] = Counter()
        self.rejections: Counter[str] = Counter()
        self.sources: Counter[str] = Counter()
        self.agencies: Counter[str] = Counter()
        self.damaged: list[str] = []

    def article(self, article: Article) -> None:
        self.numbers["new_articles" if article.version == 1 else "new_versions"] += 1
        self.sources[article.outlet.id] += 1
        self.agencies.update(article.wire.agencies)

    def report(self, snapshot: str, snapshot_is_new: bool) -> BuildReport:
        return BuildReport(
            **self.numbers,
            rejections=counts(self.rejections),
            articles_by_source=counts(self.sources),
            agencies=counts(self.agencies),
            damaged=tuple(self.damaged),
            snapshot=snapshot,
            snapshot_is_new=snapshot_is_new,
        )


def counts(counter: Mapping[str, int]) -> tuple[Count, ...]:
    """A counter as records, the largest first."""
    return tuple(Count(n, c) for n, c in sorted(counter.items(), key=lambda x: (-x[1], x[0])))


class _ExtractStage:
    """Article and rejection shards of every archived run, each made once."""

    def __init__(
        self,
        data: Path,
        sources: Iterable[Source],
        settings: CorpusSettings,
        rules: Rulebook,
        progress: Progress,
        tally: _Tally,
    ) -> None:
        self.data, self.settings, self.rules = data, settings, rules
        self.progress, self.tally = progress, tally
        self.outlets = {s.id: Outlet(s.id, s.name, s.country, s.owner, s.kind) for s in sources}
        self.parts = {f"source:{i}": store.digest(o) for i, o in self.outlets.items()}
        self.digest = rules.extract_digest(settings)

    def run(self, versions: Versions) -> None:
        """Make what is missing or was made otherwise; damaged shards are set aside first."""
        links: list[tuple[str, Path]] = []
        link = ""
        for run in archive_runs(self.data):
            link = store.digest(link, run)
            recipe = store.Recipe(STAGE, STAGE_VERSION, self.digest, link)
            articles, rejections = self._shards(run)
            self.tally.numbers["runs"] += 1
            if not all(store.is_current(s, recipe, self.parts) for s in (articles, rejections)):
                self._set_damaged_aside(articles, rejections)
                versions.follow(links)
                with versions.extend(link):
                    self._make(run, recipe, versions)
                self.tally.numbers["runs_built"] += 1
            stamp = store.read_stamp(articles)
            self.tally.numbers["articles"] += stamp.lines if stamp else 0
            links.append((link, articles))

    def _shards(self, run: ArchiveRun) -> tuple[Path, Path]:
        name = f"date={run.date}/{run.name}.jsonl"
        return self.data / "articles" / name, self.data / "rejections" / name

    def _set_damaged_aside(self, *shards: Path) -> None:
        """A shard that is not as its stamp says (torn, edited) is kept under another name."""
        for shard in shards:
            stamped = store.stamp_path(shard).is_file()
            if shard.is_file() and stamped and store.read_stamp(shard) is None:
                aside = store.set_aside(shard)
                self.tally.damaged.append(
                    f"{shard}: is not as long as its stamp says; kept as {aside.name}, "
                    "and made again from the archive"
                )

    def _make(self, run: ArchiveRun, recipe: store.Recipe, versions: Versions) -> None:
        from corpus.workers import ExtractPool

        articles, rejections = self._shards(run)
        used: set[str] = set()
        with (
            store.ShardWriter(articles) as kept,
            store.ShardWriter(rejections) as dropped,
            ExtractPool.of(self.settings, self.rules.files) as pool,
        ):
            for answer in pool.map(self._pages(run)):
                self.progress("extracting", 1)
                if isinstance(answer, Rejection):
                    self.tally.rejections[answer.reason] += 1
                    dropped.write(msgspec.structs.replace(answer, run_id=answer.run_id or run.name))
                    continue
                outlet = self._outlet(answer)
                article = versions.next_version(msgspec.structs.replace(answer, outlet=outlet))
                if article is None:
                    self.tally.numbers["unchanged"] += 1
                    continue
                used.add(outlet.id)
                self.tally.article(article)
                kept.write(article)
            depends = tuple(
                store.Dependency(name, self.parts[name])
                for name in sorted(f"source:{i}" for i in used)
                if name in self.parts
            )
            dropped.seal(recipe, depends)
            kept.seal(recipe, depends)

    def _pages(self, run: ArchiveRun) -> Iterator[Capture | Rejection]:
        """The run's captures that may be stories, and a rejection for every damaged place."""
        names = [name for name, _ in run.files]
        for record in chain.from_iterable(read_captures(self.data / n, n) for n in names):
            if isinstance(record, Damage):
                found = damage_rejection(record)
                self.tally.damaged.append(f"{found.place}: {found.detail}")
                yield found
                continue
            self.tally.numbers["captures"] += 1
            if record.status == 304:
                self.tally.numbers["unchanged"] += 1
            elif may_be_story(record):
                yield record

    def _outlet(self, article: Article) -> Outlet:
        """The source's entry as it is now; the page's host where no source asked for it."""
        return self.outlets.get(article.outlet.id, article.outlet)
