"""`wirecorpus status`, `doctor` and `validate`: what stands, is it fit, is it whole.

None of them changes anything, and none needs the lock: they may be asked while a run is at work.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from corpus import store
from corpus.cli.console import print_json, say
from corpus.records import Count
from crawler import cli as crawling
from crawler.records import Record

MARKS = {"ok": "  ", "warning": "? ", "fault": "! "}
SHOWN_FAULTS = 50


class Status(Record, kw_only=True):
    """What stands in a data folder."""

    schema: str = "status/1"
    data: str
    running: bool = False
    runs: int = 0
    last_run: str = ""
    warc_files: int = 0
    warc_bytes: int = 0
    urls: tuple[Count, ...] = ()
    article_versions: int = 0
    rejections: int = 0
    unbuilt_runs: int = 0
    damaged: int = 0
    snapshot: str = ""
    clusters: int = 0
    copies: int = 0


@click.command()
@crawling.config_option
@crawling.data_option
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON on standard output.")
def status(config_file: Path, data_folder: Path | None, as_json: bool) -> int:
    """What stands in the data folder: runs, URLs, captures, articles, the newest snapshot."""
    data = _data_folder(config_file, data_folder)
    found = _status(data)
    if as_json:
        print_json(found)
        return 0
    mega = found.warc_bytes / 1e6
    click.echo(f"{data}" + ("  (a run is at work)" if found.running else ""))
    click.echo(f"  runs      {found.runs}" + (f", last {found.last_run}" if found.last_run else ""))
    click.echo(f"  archive   {found.warc_files} WARC files, {mega:.1f} MB")
    click.echo("  URLs      " + (", ".join(f"{c.count} {c.name}" for c in found.urls) or "none"))
    click.echo(f"  articles  {found.article_versions} versions, {found.rejections} rejections")
    click.echo(
        f"  snapshot  {found.snapshot}: {found.clusters} clusters, {found.copies} articles in copies"
        if found.snapshot
        else "  snapshot  none"
    )
    if found.damaged:
        click.echo(f"  damaged   {found.damaged} places of the archive; see rejections/")
    if found.unbuilt_runs:
        click.echo(f"  due       {found.unbuilt_runs} runs to build: `wirecorpus build`")
    return 0


@click.command()
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="Look at this configuration, too.",
)
@crawling.data_option
@click.option(
    "--index",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Look at this index of `wirecorpus cluster --index`, too.",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON on standard output.")
def doctor(
    config_file: Path | None, data_folder: Path | None, index: Path | None, as_json: bool
) -> int:
    """Whether this machine is fit for a run, and the data folder's file system for what a run needs.

    What clustering keeps is read whole, in the data folder and in the index that is named, and held
    against its checksums. Exit status 2 where something must be mended first, 5 where an index is damaged.
    """
    from corpus.doctor import examine, examine_index

    contact: str | None = None
    data = data_folder or Path("data")
    if config_file:
        config = crawling.load_config(config_file, data_folder)
        data, contact = config.data, config.crawl.contact
    findings = list(examine(data, contact))
    if index:
        findings += examine_index(index)
    if as_json:
        print_json(findings)
    else:
        for finding in findings:
            remedy = f" -> {finding.remedy}" if finding.remedy else ""
            click.echo(f"{MARKS[finding.verdict]}{finding.name:<12} {finding.detail}{remedy}")
    if any(f.damage for f in findings):
        return 5
    return 2 if any(f.verdict == "fault" for f in findings) else 0


class ValidationSummary(Record):
    """How a validation ended."""

    files: int
    lines: int
    faults: int


@click.command()
@click.argument(
    "paths", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER|FILE.jsonl]..."
)
@crawling.config_option
@crawling.data_option
@click.option(
    "--schema",
    type=click.Choice(["article", "cluster", "story", "rejection"]),
    help="Print the JSON Schema of this record, and validate nothing.",
)
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON, on standard error.")
def validate(
    paths: tuple[Path, ...],
    config_file: Path,
    data_folder: Path | None,
    schema: str | None,
    as_json: bool,
) -> int:
    """Whether files are what docs/data-format.md promises, and as they were written.

    Every line is decoded strictly, and its ids, times, digests, offsets and counts are checked; in a
    data folder (the configuration's, where nothing is named) the stamps and the snapshots' manifests
    are held against the bytes as well; the WARC files are not looked at. Faults go to standard output.
    Exit status 5 where there are any.
    """
    from corpus.validate import json_schema

    if schema:
        print_json(json_schema(schema))
        return 0
    counts = Counter[str]()
    for path in paths or (_data_folder(config_file, data_folder),):
        if not path.exists():
            raise click.ClickException(f"{path}: no such file or folder")
        for fault in _folder_faults(path, counts) if path.is_dir() else _line_faults(path, counts):
            counts["faults"] += 1
            if counts["faults"] <= SHOWN_FAULTS:
                click.echo(fault)
    summary = ValidationSummary(counts["files"], counts["lines"], counts["faults"])
    if summary.faults > SHOWN_FAULTS:
        click.echo(f"… and {summary.faults - SHOWN_FAULTS} more")
    if as_json:
        click.echo(msgspec.json.encode(summary).decode(), err=True)
    else:
        nothing = "; nothing is built yet" if not summary.files else ""
        say(f"{summary.files} files, {summary.lines} lines, {summary.faults} faults{nothing}")
    return 5 if summary.faults else 0


def _folder_faults(data: Path, counts: Counter[str]) -> Iterator[str]:
    """The faults of a data folder's shards and snapshots."""
    crawling.check_format(data)
    for part in ("articles", "rejections"):
        for shard in store.shards(data / part):
            yield from _line_faults(shard, counts)
            yield from _stamp_faults(shard)
        for stamp in sorted((data / part).glob("date=*/*.stamp")):
            if not stamp.with_suffix("").exists():
                yield f"{stamp}: its shard is missing; run `wirecorpus build`"
    for manifest in sorted(data.glob("snapshots/*/manifest.json")):
        yield from _snapshot_faults(manifest.parent, counts)


def _line_faults(file: Path, counts: Counter[str]) -> Iterator[str]:
    from corpus.validate import line_faults

    counts["files"] += 1
    for number, line in store.numbered_lines(file):
        counts["lines"] += 1
        for fault in line_faults(line):
            yield f"{file}:{number}: {fault}"


def _stamp_faults(shard: Path) -> Iterator[str]:
    if not store.stamp_path(shard).is_file():
        yield f"{shard}: has no stamp; run `wirecorpus build`"
        return
    stamp = store.read_stamp(shard)
    if stamp is None:
        yield f"{shard}: is not as long as its stamp says; run `wirecorpus build`"
    elif stamp.sha256 != store.file_sha256(shard):
        yield f"{shard}: was changed after it was sealed; delete it and run `wirecorpus build`"


def _snapshot_faults(snapshot: Path, counts: Counter[str]) -> Iterator[str]:
    from corpus.snapshots import missing_files, read_manifest

    manifest = read_manifest(snapshot)
    if manifest is None:
        yield f"{snapshot}/manifest.json: cannot be read; delete the folder and run `wirecorpus build`"
        return
    missing = missing_files(snapshot, manifest)
    for name in missing:
        yield f"{snapshot / name}: is missing or cut; delete the folder and run `wirecorpus build`"
    for line in manifest.files:
        if line.name not in missing and store.file_sha256(snapshot / line.name) != line.sha256:
            yield f"{snapshot / line.name}: was changed after it was made"
    for name in ("clusters.jsonl", "stories.jsonl"):
        if name not in missing:
            yield from _line_faults(snapshot / name, counts)


def _damaged(data: Path) -> int:
    """Places of the archive that could not be read, as the builds noted them."""
    mark = b'"reason":"damaged"'
    return sum(
        mark in line
        for shard in store.shards(data / "rejections")
        for _, line in store.numbered_lines(shard)
    )


def _data_folder(config_file: Path, data_folder: Path | None) -> Path:
    if data_folder:
        return data_folder
    return crawling.load_config(config_file, None).data


def _status(data: Path) -> Status:
    from corpus.build import archive_runs
    from corpus.snapshots import newest_snapshot, read_manifest

    crawling.check_format(data)
    runs = archive_runs(data)
    warcs = [size for run in runs for _, size in run.files]
    articles = [store.read_stamp(data / "articles" / run.shard) for run in runs]
    rejections = [store.read_stamp(data / "rejections" / run.shard) for run in runs]
    reports = sorted((data / "runs").glob("*.json"))
    snapshot = newest_snapshot(data)
    manifest = read_manifest(snapshot) if snapshot else None
    return Status(
        data=str(data),
        running=crawling.is_locked(data),
        runs=len(reports),
        last_run=reports[-1].stem if reports else "",
        warc_files=len(warcs),
        warc_bytes=sum(warcs),
        urls=tuple(Count(name, n) for name, n in crawling.url_counts(data)),
        article_versions=sum(s.lines for s in articles if s),
        rejections=sum(s.lines for s in rejections if s),
        unbuilt_runs=articles.count(None),
        damaged=_damaged(data),
        snapshot=manifest.snapshot if manifest else "",
        clusters=manifest.clusters if manifest else 0,
        copies=manifest.copies if manifest else 0,
    )
