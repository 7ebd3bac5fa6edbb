"""The corpus half of a run: whatever is due after the archive.

In: `warc/` of a data folder, the sources and the rules. Out: for each crawl run a shard of articles, one
of rejections and one of what is remembered of its sites, and a dated snapshot of the clusters. Every
step is stamped: what was made by the same recipe from the same input is left alone. No site is asked
for anything here.
"""

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from corpus import store
from corpus.config import CorpusSettings
from corpus.errors import DamagedShard
from corpus.inputs import capture_at, damage_rejection, may_be_story
from corpus.records import Article, Count, Outlet, Rejection
from corpus.rulebook import Rulebook, load_rulebook
from corpus.sitebook import FOLDER as SITES
from corpus.sitebook import Sitebook, read_states
from corpus.survey import Place, Survey
from corpus.upkeep import SiteState
from corpus.versions import StaleVersions, Versions, open_versions
from corpus.workbook import WORKBOOK, Workbook, open_workbook
from crawler.archive import read_captures
from crawler.records import Capture, Damage, Record, Source

if TYPE_CHECKING:
    from corpus.frames import Packed
    from corpus.tending import Tended
    from corpus.workers import ExtractPool

STAGE = "extract"
STAGE_VERSION = "2"
SHARDED = ("articles", "rejections", SITES)

_log = logging.getLogger(__name__)

Progress = Callable[[str, int], None]
"""Told what is being done and how many records of it are done."""


class ArchiveRun(Record):
    """The WARC files of one crawl run (or import), in the order they were written."""

    date: str
    name: str
    files: tuple[tuple[str, int], ...]
    """Path relative to the data folder, and size in bytes."""

    @property
    def shard(self) -> str:
        """The path of its shards below articles/ and rejections/."""
        return f"date={self.date}/{self.name}.jsonl"


class BuildReport(Record, kw_only=True):
    """What a build did: counts a person reads, and the damage that sets the exit code.

    `pages_asked` are those that general extractors were asked for; the others were served by a profile,
    or what extractors said of them was kept.
    """

    runs: int = 0
    runs_built: int = 0
    captures: int = 0
    new_articles: int = 0
    new_versions: int = 0
    unchanged: int = 0
    pages_asked: int = 0
    articles: int = 0
    rejections: tuple[Count, ...] = ()
    articles_by_source: tuple[Count, ...] = ()
    agencies: tuple[Count, ...] = ()
    damaged: tuple[str, ...] = ()
    snapshot: str = ""
    snapshot_is_new: bool = False
    site_alerts: tuple[str, ...] = ()
    correction_warnings: tuple[str, ...] = ()


def archive_runs(data: Path) -> list[ArchiveRun]:
    """The crawl runs in the archive, oldest first."""
    files: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for path in sorted(data.glob("warc/*/*.warc*")):
        match = re.fullmatch(r"(.+?)(?:-(\d{5}))?\.warc(?:\.gz|\.zst)?", path.name)
        if match:
            place = str(path.relative_to(data))
            files.setdefault((path.parent.name, match[1]), []).append((place, path.stat().st_size))
    return [ArchiveRun(date, name, tuple(found)) for (date, name), found in sorted(files.items())]


def known_sites(data: Path, made_by: str = "") -> dict[str, SiteState]:
    """What is remembered of sites after the runs that are built; profiles as `Sitebook` takes them."""
    return read_states((data / SITES / run.shard for run in archive_runs(data)), made_by)


def build(
    data: Path,
    sources: Iterable[Source],
    settings: CorpusSettings,
    progress: Progress,
    rules: Rulebook | None = None,
) -> BuildReport:
    """Bring articles and the snapshot up to date with the archive, by these rules or the installed ones."""
    work = _Work(data, settings, rules or load_rulebook(), progress, outlets_of(sources))
    with store.disk_errors(data):
        for folder in ("articles", "rejections", "snapshots", "index"):
            store.sweep(data / folder)
        damaged: list[str] = []
        while True:
            try:
                return _once(work, damaged)
            except DamagedShard as error:
                aside = store.set_aside(error.path)
                damaged.append(
                    f"{error.path}: {error.fault}; kept as {aside.name}, and made again from the archive"
                )
            except StaleVersions as error:
                _log.warning("%s: was damaged; it is made again from the shards", error)


def _once(work: "_Work", damaged: list[str]) -> BuildReport:
    """Every stage in turn; what an earlier attempt found damaged stands in the report, too."""
    from corpus.snapshots import take_snapshot

    tally = _Tally(damaged)
    stage = _ExtractStage(work, tally)
    with (
        open_versions(work.data / "index" / "versions.sqlite") as versions,
        open_workbook(work.data / WORKBOOK, work.rules.answers_digest()) as workbook,
    ):
        shards = stage.run(versions, workbook)
        tally.damage_in(workbook)
    taken = take_snapshot(work.data, shards, work.settings, work.rules, work.progress)
    damaged.extend(taken.damaged)
    tally.warnings = taken.warnings
    return tally.report(snapshot=taken.name, snapshot_is_new=taken.is_new)


class _Work(NamedTuple):
    """What the stages of a build are told."""

    data: Path
    settings: CorpusSettings
    rules: Rulebook
    progress: Progress
    outlets: dict[str, Outlet]


def outlets_of(sources: Iterable[Source]) -> dict[str, Outlet]:
    """The outlet of each source, by its id."""
    return {s.id: Outlet(s.id, s.name, s.country, s.owner, s.kind) for s in sources}


class _Tally:
    """The counts of one build."""

    def __init__(self, damaged: list[str]) -> None:
        self.numbers: Counter[str] = Counter()
        self.rejections: Counter[str] = Counter()
        self.sources: Counter[str] = Counter()
        self.agencies: Counter[str] = Counter()
        self.damaged = damaged
        self.alerts: list[str] = []
        self.warnings: tuple[str, ...] = ()

    def article(self, article: Article) -> None:
        self.numbers["new_articles" if article.version == 1 else "new_versions"] += 1
        self.sources[article.outlet.id] += 1
        self.agencies.update(article.wire.agencies)

    def damage_in(self, workbook: Workbook) -> None:
        """What of the workbook was damaged stands in the report."""
        if workbook.damaged:
            self.damaged.append(
                f"{WORKBOOK}: {workbook.damaged} times something was not as it was put; it was made again"
            )

    def report(self, snapshot: str, snapshot_is_new: bool) -> BuildReport:
        return BuildReport(
            **self.numbers,
            rejections=counts(self.rejections),
            articles_by_source=counts(self.sources),
            agencies=counts(self.agencies),
            damaged=tuple(self.damaged),
            snapshot=snapshot,
            snapshot_is_new=snapshot_is_new,
            site_alerts=tuple(self.alerts),
            correction_warnings=self.warnings,
        )


def counts(counter: Mapping[str, int]) -> tuple[Count, ...]:
    """A counter as records, the largest first."""
    return tuple(Count(n, c) for n, c in sorted(counter.items(), key=lambda x: (-x[1], x[0])))


class _ExtractStage:
    """Article and rejection shards of every archived run, each made once."""

    def __init__(self, work: _Work, tally: _Tally) -> None:
        self.work, self.tally = work, tally
        self.parts = {f"source:{i}": store.digest(o) for i, o in work.outlets.items()}
        self.digest = work.rules.extract_digest(work.settings)

    def run(self, versions: Versions, workbook: Workbook) -> list[Path]:
        """Make what is missing or was made otherwise; the article shards of all runs, in order."""
        links: list[tuple[str, Path]] = []
        books: list[Path] = []
        link = ""
        for run in archive_runs(self.work.data):
            link = store.digest(link, run)
            recipe = store.Recipe(STAGE, STAGE_VERSION, self.digest, link)
            shards = [self.work.data / part / run.shard for part in SHARDED]
            self.tally.numbers["runs"] += 1
            if not all(store.is_current(s, recipe, self.parts) for s in shards):
                self._refuse_torn(*shards)
                versions.follow(links)
                self.sites.follow(books)
                with versions.extend(link):
                    self._make(run, recipe, versions, workbook)
                self.tally.numbers["runs_built"] += 1
            articles, _, book = shards
            stamp = store.read_stamp(articles)
            self.tally.numbers["articles"] += stamp.lines if stamp else 0
            links.append((link, articles))
            books.append(book)
        return [shard for _, shard in links]

    @cached_property
    def sites(self) -> Sitebook:
        """What is remembered of sites; asked for only where a run is to be made."""
        from corpus.lessons import made_by

        return Sitebook(made_by())

    def _refuse_torn(self, *shards: Path) -> None:
        """A shard that is not as long as its stamp says is not just made again: somebody must know."""
        for shard in shards:
            if (
                shard.is_file()
                and store.stamp_path(shard).is_file()
                and not store.read_stamp(shard)
            ):
                raise DamagedShard(shard, "is not as long as its stamp says")

    def _make(
        self, run: ArchiveRun, recipe: store.Recipe, versions: Versions, workbook: Workbook
    ) -> None:
        articles, rejections, book = (self.work.data / part / run.shard for part in SHARDED)
        used: set[str] = set()
        with (
            store.ShardWriter(articles) as kept,
            store.ShardWriter(rejections) as dropped,
            store.ShardWriter(book) as sites,
            self._pool(workbook) as pool,
        ):
            tended = self._tend(run, pool)

            def profile_of(url: str) -> "Packed | None":
                # Another way of reading would make a new version of a page that is as it was.
                return None if versions.was_read_alone(url) else tended.profile_of(url)

            for answer in pool.map(self._pages(run), profile_of):
                self.work.progress("extracting", 1)
                tended.note(answer)
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
            self.tally.numbers["pages_asked"] += pool.pages_asked
            names = sorted(f"source:{i}" for i in used)
            depends = tuple(store.Dependency(n, self.parts.get(n, "")) for n in names)
            self.sites.write(sites, tended.states())
            sites.seal(recipe)
            dropped.seal(recipe, depends)
            kept.seal(recipe, depends)
            self.sites.sealed(book)

    def _pool(self, workbook: Workbook) -> "ExtractPool":
        from corpus.workers import ExtractPool

        rules, settings = self.work.rules, self.work.settings
        return ExtractPool.of(settings, rules.files, workbook, rules.lessons_digest(settings))

    def _tend(self, run: ArchiveRun, pool: "ExtractPool") -> "Tended":
        """The profiles for a run, by a first look at its pages; the alerts are told."""
        from corpus.tending import tend

        survey = Survey()
        if self.work.settings.site_profiles:
            for record in self._captures(run):
                if isinstance(record, Capture) and may_be_story(record):
                    survey.add(record, record.warc_file, record.warc_offset)

        def again(place: Place) -> Capture | None:
            return capture_at(self.work.data / place.file, place)

        tended = tend(pool, survey, self.sites.states, again)
        for alert in tended.alerts:
            _log.warning("run %s: %s", run.name, alert)
            self.tally.alerts.append(f"{alert} (run {run.name})")
        return tended

    def _pages(self, run: ArchiveRun) -> Iterator[Capture | Rejection]:
        """The run's captures that may be stories, and a rejection for every damaged place."""
        for record in self._captures(run):
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

    def _captures(self, run: ArchiveRun) -> Iterator[Capture | Damage]:
        names = [name for name, _ in run.files]
        return chain.from_iterable(read_captures(self.work.data / n, n) for n in names)

    def _outlet(self, article: Article) -> Outlet:
        """The source's entry as it is now; the page's host where no source asked for it."""
        return self.work.outlets.get(article.outlet.id, article.outlet)
