"""Dated snapshots: the clusters of all articles so far, with the report a person opens.

In: the article shards of a data folder, and what people corrected there. Out: `snapshots/<time of the
newest capture>/`, made under a temporary name and renamed whole. A snapshot of the same articles by the
same recipe is made once.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from corpus import store
from corpus.config import CorpusSettings
from corpus.corrections import NAME as CORRECTIONS
from corpus.corrections import NONE, Corrections, Obeyed, read_corrections
from corpus.records import Article, Cluster
from corpus.rulebook import Rulebook
from crawler.records import Record

if TYPE_CHECKING:
    from corpus.describe import Clustering
    from corpus.report import Overview

STAGE = "snapshot"
STAGE_VERSION = "3"


class ShardLine(Record):
    """A line of a snapshot's articles.jsonl: which shard it was made from, and its digest."""

    shard: str
    lines: int
    bytes: int
    sha256: str


class FileLine(Record):
    """A file of a snapshot and its digest."""

    name: str
    bytes: int
    sha256: str


class Manifest(Record, kw_only=True):
    """manifest.json: what a snapshot was made from and by, and what is in it."""

    schema: str = "snapshot/1"
    snapshot: str
    recipe: store.Recipe
    corrections: Obeyed = Obeyed()
    articles: int
    clusters: int
    copies: int
    files: tuple[FileLine, ...]


class Taken(NamedTuple):
    """The snapshot of the articles as they are: "" where there are none yet.

    `damaged` says which snapshot was set aside for it, `warnings` what people should know of their
    corrections.
    """

    name: str
    is_new: bool
    damaged: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def newest_snapshot(data: Path) -> Path | None:
    """The folder of the newest whole snapshot; None where there is none."""
    found = all_snapshots(data)
    return found[-1] if found else None


def all_snapshots(data: Path) -> list[Path]:
    """The folders of the snapshots, the oldest first."""
    found = (p.parent for p in data.glob("snapshots/*/manifest.json") if _is_snapshot(p.parent))
    return sorted(found, key=_order)


def _snapshot_before(data: Path, name: str) -> Path | None:
    """The newest snapshot that is older than one of this name, and whole."""
    for folder in reversed(all_snapshots(data)):
        manifest = read_manifest(folder)
        whole = manifest is not None and not missing_files(folder, manifest)
        if whole and _order(folder) < _order(folder.with_name(name)):
            return folder
    return None


def _is_snapshot(folder: Path) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d{4}Z(-\d+)?", folder.name) is not None


def _order(snapshot: Path) -> tuple[str, int]:
    """Snapshots by time, and by number within a minute."""
    time, _, number = snapshot.name.partition("Z-")
    return time.removesuffix("Z"), int(number or 1)


def read_manifest(snapshot: Path) -> Manifest | None:
    """A snapshot's manifest; None where it cannot be read."""
    try:
        return msgspec.json.decode((snapshot / "manifest.json").read_bytes(), type=Manifest)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def missing_files(snapshot: Path, manifest: Manifest) -> list[str]:
    """The snapshot's files that are not there in the size that its manifest says."""
    return [
        line.name
        for line in manifest.files
        if not (snapshot / line.name).is_file()
        or (snapshot / line.name).stat().st_size != line.bytes
    ]


def largest_copies(snapshot: Path, most: int) -> list[Cluster]:
    """The snapshot's largest clusters of two or more; the file has the largest first."""
    copied = takewhile(
        lambda cluster: cluster.size > 1, store.read_shard(snapshot / "clusters.jsonl", Cluster)
    )
    return list(islice(copied, most))


def take_snapshot(
    data: Path,
    shards: Iterable[Path],
    settings: CorpusSettings,
    rules: Rulebook,
    progress: Callable[[str, int], None],
) -> Taken:
    """The snapshot of the articles in these shards, made unless it is there already, and whole.

    The data folder's corrections are obeyed.
    """
    lines = list(_shard_lines(data, shards))
    corrections = corrections_of(data)
    if not lines:
        return Taken("", is_new=False)
    recipe = store.Recipe(
        stage=STAGE,
        version=STAGE_VERSION,
        settings=rules.cluster_digest(settings),
        input=store.digest(lines, *filter(None, (corrections.digest,))),
    )
    damaged = []
    for folder in _standing(data, recipe):
        manifest = read_manifest(folder)
        missing = missing_files(folder, manifest) if manifest else []
        if manifest and not missing:
            warnings = tuple(manifest.corrections.warnings(str(data / CORRECTIONS)))
            return Taken(folder.name, is_new=False, warnings=warnings)
        aside = store.set_aside(folder)
        damaged.append(f"{folder}: {', '.join(missing)} missing or cut; kept as {aside.name}")
    name, obeyed = _make(data, lines, recipe, settings, rules, corrections, progress)
    warnings = tuple(obeyed.warnings(str(data / CORRECTIONS)))
    return Taken(name, is_new=True, damaged=tuple(damaged), warnings=warnings)


def _standing(data: Path, recipe: store.Recipe) -> Iterator[Path]:
    """The snapshot by this recipe, unless a later one of the same articles took its place.

    A correction that is taken back makes such a one: the newest snapshot is always of what stands.
    """
    found = all_snapshots(data)
    for folder, later in zip(found, [*found[1:], None], strict=False):
        manifest = read_manifest(folder)
        replaced = later is not None and _order(later)[0] == _order(folder)[0]
        if manifest and manifest.recipe == recipe and not replaced:
            yield folder


def corrections_of(data: Path) -> Corrections:
    """What people wrote into corrections.jsonl of a data folder; nothing where there is no such file."""
    file = data / CORRECTIONS
    return read_corrections(store.numbered_lines(file), str(file)) if file.exists() else NONE


def _shard_lines(data: Path, shards: Iterable[Path]) -> Iterator[ShardLine]:
    for shard in shards:
        stamp = store.read_stamp(shard)
        if stamp and stamp.lines:  # a run that brought nothing new changes no snapshot
            name = str(shard.relative_to(data))
            yield ShardLine(name, stamp.lines, stamp.bytes, stamp.sha256)


def _make(
    data: Path,
    shards: list[ShardLine],
    recipe: store.Recipe,
    settings: CorpusSettings,
    rules: Rulebook,
    corrections: Corrections,
    progress: Callable[[str, int], None],
) -> tuple[str, Obeyed]:
    """The name of a snapshot that was made, and what became of the corrections."""
    from corpus.clustering import clustered_shards  # NumPy comes with it

    dedup, window = rules.dedup(), settings.window_days or None
    sources = [(data / shard.shard, shard.sha256, shard.lines) for shard in shards]
    with clustered_shards(
        data / "index" / "clusters", sources, dedup, window, settings.workers, progress, corrections
    ) as clustering:
        name = _free_name(data / "snapshots", clustering.newest)
        folder = data / "snapshots" / f"{name}.tmp"
        store.sweep(folder.parent)  # an attempt that met a damaged shard left its own
        folder.mkdir(parents=True)
        store.write_lines(folder / "articles.jsonl", shards)
        overview = _write_tables(folder, clustering, name, _snapshot_before(data, name))
        headlines = clustering.headlines(overview.linked)
        articles, obeyed = len(clustering), clustering.obeyed
    _write_report(folder, overview, headlines, [path for path, _, _ in sources], name)
    manifest = Manifest(
        snapshot=name,
        recipe=recipe,
        corrections=obeyed,
        articles=articles,
        clusters=overview.totals.clusters + overview.totals.sole,
        copies=overview.totals.copies,
        files=tuple(_file_line(f) for f in sorted(folder.iterdir())),
    )
    store.write_whole(
        folder / "manifest.json", msgspec.json.format(msgspec.json.encode(manifest)) + b"\n"
    )
    folder.rename(folder.with_name(name))
    store.sync_folder(folder.parent)
    return name, obeyed


def _write_tables(
    folder: Path, clustering: "Clustering", name: str, before: Path | None
) -> "Overview":
    """Clusters, stories, members and pairs, each cluster made once.

    Ids that clusters had in the snapshot before, and earlier, are taken from there.
    """
    from corpus import formats, former, report, snapshot

    held = store.read_shard(before / "clusters.jsonl", former.Former) if before else ()
    earlier = former.merged_from(held, clustering)
    overview = report.Overview()
    with store.LineWriter(folder / "clusters.jsonl") as clusters:

        def members() -> Iterator[snapshot.MemberRow]:
            for cluster in snapshot.clusters(clustering, name, earlier):
                clusters.write(cluster)
                overview.add(cluster, clustering.links.get(cluster.story_id, ()))
                yield from snapshot.member_rows(cluster)

        formats.write_parquet(folder / "members.parquet", members(), snapshot.MemberRow)
    store.write_lines(folder / "stories.jsonl", snapshot.stories(clustering, name))
    pairs = snapshot.pair_columns(clustering, name)
    formats.write_columns(folder / "pairs.parquet", pairs, snapshot.PairRow)
    return overview


def _write_report(
    folder: Path, overview: "Overview", headlines: Mapping[str, str], shards: list[Path], name: str
) -> None:
    from corpus import report  # Jinja comes with it

    wanted = set(overview.wanted)
    shown = {
        (article.id, article.version): article
        for shard in shards
        for article in store.read_some(shard, Article, {article_id for article_id, _ in wanted})
        if (article.id, article.version) in wanted
    }
    page = report.render(overview, shown, name, headlines)
    store.write_whole(folder / "report.html", page.encode())


def _file_line(file: Path) -> FileLine:
    return FileLine(file.name, file.stat().st_size, store.file_sha256(file))


def _free_name(folder: Path, newest: str) -> str:
    """The newest capture's minute, as 2026-11-23T0600Z; a second snapshot of it adds "-2"."""
    match = re.match(r"(\d{4}-\d\d-\d\dT\d\d):(\d\d)", newest)
    name = f"{match[1]}{match[2]}Z" if match else "1970-01-01T0000Z"
    taken = [_order(held)[1] for held in all_snapshots(folder.parent) if held.name.startswith(name)]
    n = max(taken, default=0) + 1
    while (folder / (free := f"{name}-{n}" if n > 1 else name)).exists():
        n += 1
    return free
