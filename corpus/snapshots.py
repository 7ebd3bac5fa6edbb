"""Dated snapshots: the clusters of all articles so far, with the report a person opens.

In: the article shards of a data folder. Out: `snapshots/<time of the newest capture>/`, made under a
temporary name and renamed whole. A snapshot of the same articles by the same recipe is made once.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from corpus import store
from corpus.config import CorpusSettings
from corpus.records import Article, Cluster
from corpus.rulebook import Rulebook
from crawler.records import Record

if TYPE_CHECKING:
    from corpus.describe import Clustering
    from corpus.report import Overview

STAGE = "snapshot"
STAGE_VERSION = "2"


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
    articles: int
    clusters: int
    copies: int
    files: tuple[FileLine, ...]


class Taken(NamedTuple):
    """The snapshot of the articles as they are: "" where there are none yet.

    `damaged` says which snapshot was set aside for it.
    """

    name: str
    is_new: bool
    damaged: tuple[str, ...] = ()


def newest_snapshot(data: Path) -> Path | None:
    """The folder of the newest whole snapshot; None where there is none."""
    found = [p.parent for p in data.glob("snapshots/*/manifest.json") if _is_snapshot(p.parent)]
    return max(found, key=_order) if found else None


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
    """The snapshot of the articles in these shards, made unless it is there already, and whole."""
    lines = list(_shard_lines(data, shards))
    if not lines:
        return Taken("", is_new=False)
    recipe = store.Recipe(
        stage=STAGE,
        version=STAGE_VERSION,
        settings=rules.cluster_digest(settings),
        input=store.digest(lines),
    )
    damaged = []
    for folder in sorted(p.parent for p in data.glob("snapshots/*/manifest.json")):
        manifest = read_manifest(folder) if _is_snapshot(folder) else None
        if manifest is None or manifest.recipe != recipe:
            continue
        missing = missing_files(folder, manifest)
        if not missing:
            return Taken(folder.name, is_new=False)
        aside = store.set_aside(folder)
        damaged.append(f"{folder}: {', '.join(missing)} missing or cut; kept as {aside.name}")
    name = _make(data, lines, recipe, settings, rules, progress)
    return Taken(name, is_new=True, damaged=tuple(damaged))


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
    progress: Callable[[str, int], None],
) -> str:
    from corpus.clustering import clustered_shards  # NumPy comes with it

    dedup, window = rules.dedup(), settings.window_days or None
    sources = [(data / shard.shard, shard.sha256, shard.lines) for shard in shards]
    with clustered_shards(
        data / "index" / "clusters", sources, dedup, window, settings.workers, progress
    ) as clustering:
        name = _free_name(data / "snapshots", clustering.newest)
        folder = data / "snapshots" / f"{name}.tmp"
        store.sweep(folder.parent)  # an attempt that met a damaged shard left its own
        folder.mkdir(parents=True)
        store.write_lines(folder / "articles.jsonl", shards)
        overview = _write_tables(folder, clustering, name)
        articles = len(clustering)
    _write_report(folder, overview, [path for path, _, _ in sources], name)
    manifest = Manifest(
        snapshot=name,
        recipe=recipe,
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
    return name


def _write_tables(folder: Path, clustering: "Clustering", name: str) -> "Overview":
    """Clusters, stories, members and pairs, each cluster made once."""
    from corpus import formats, report, snapshot

    overview = report.Overview()
    with (
        store.LineWriter(folder / "clusters.jsonl") as clusters,
        store.LineWriter(folder / "stories.jsonl") as stories,
    ):

        def members() -> Iterator[snapshot.MemberRow]:
            for cluster in snapshot.clusters(clustering, name):
                clusters.write(cluster)
                stories.write(snapshot.story(cluster))
                overview.add(cluster)
                yield from snapshot.member_rows(cluster)

        formats.write_parquet(folder / "members.parquet", members(), snapshot.MemberRow)
    pairs = snapshot.pair_columns(clustering, name)
    formats.write_columns(folder / "pairs.parquet", pairs, snapshot.PairRow)
    return overview


def _write_report(folder: Path, overview: "Overview", shards: list[Path], name: str) -> None:
    from corpus import report  # Jinja comes with it

    wanted = set(overview.wanted)
    shown = {
        (article.id, article.version): article
        for shard in shards
        for article in store.read_some(shard, Article, {article_id for article_id, _ in wanted})
        if (article.id, article.version) in wanted
    }
    store.write_whole(folder / "report.html", report.render(overview, shown, name).encode())


def _file_line(file: Path) -> FileLine:
    return FileLine(file.name, file.stat().st_size, store.file_sha256(file))


def _free_name(folder: Path, newest: str) -> str:
    """The newest capture's minute, as 2026-11-23T0600Z; a second snapshot of it adds "-2"."""
    match = re.match(r"(\d{4}-\d\d-\d\dT\d\d):(\d\d)", newest)
    name = f"{match[1]}{match[2]}Z" if match else "1970-01-01T0000Z"
    free, n = name, 1
    while (folder / free).exists():
        n += 1
        free = f"{name}-{n}"
    return free
