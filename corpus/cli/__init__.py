"""The `wirecorpus` command: one group, in which each verb is a few lines around the core.

Exit codes and help texts are the documentation: docs/cli.md is generated from here.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
import msgspec

from corpus import __version__, store
from corpus.build import BuildReport
from corpus.cli.attributing import attribute
from corpus.cli.clusters import clusters
from corpus.cli.console import (
    LOG_OPTIONS,
    print_json,
    progress_bars,
    run_command,
    say,
    stop_if_told,
)
from corpus.cli.filters import cluster, extract
from corpus.cli.inspection import doctor, status, validate
from corpus.cli.sites import sites
from corpus.cli.summary import RunSummary, glance, render
from corpus.config import CorpusSettings, corpus_settings
from crawler import cli as crawling
from crawler.records import CrawlReport

LARGEST = 5
"""Clusters in a run's summary."""

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print the summary as JSON on standard output."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="wirecorpus")
def wirecorpus() -> None:
    """From the syndicated news web to a corpus that can be cited.

    Crawls politely, archives what it saw, strips each page to its story, says which wire agency wrote
    it, and groups the copies. `wirecorpus init DIR` writes a first configuration; `wirecorpus run`
    is the one command for cron.
    """


@wirecorpus.command()
@crawling.config_option
@crawling.data_option
@crawling.limit_options
@crawling.metrics_option
@json_option
def run(
    config_file: Path,
    data_folder: Path | None,
    max_runtime: str | None,
    max_pages: int | None,
    since: datetime | None,
    metrics_file: Path | None,
    as_json: bool,
) -> int:
    """One cron tick: crawl, then build what is due, then say what happened.

    Prints a summary: per source pages new, unchanged and failed, the agencies found, the largest
    clusters with their headlines and outlets, and where the report is.
    """
    from corpus.build import build

    with _open(config_file, data_folder) as (config, settings):
        crawl = crawling.run_crawl(
            config, max_runtime=max_runtime, max_pages=max_pages, since=since
        )
        summary = _summary(config, crawl, None)
        _keep(summary, config.data)  # also where the build fails
        if crawl.stopped not in ("disk_full", "SIGTERM", "SIGINT"):
            stop_if_told()
            with progress_bars() as progress:
                built = build(config.data, config.sources, settings, progress)
            summary = _summary(config, crawl, built)
            _keep(summary, config.data)
        crawling.write_metrics(metrics_file, crawl, summary.exit_code)
    _show(summary, config.data, as_json=as_json)
    return summary.exit_code


@wirecorpus.command()
@crawling.config_option
@crawling.data_option
@crawling.limit_options
@crawling.metrics_option
@click.option("--dry-run", is_flag=True, help="Print what is due and ask nobody for anything.")
@json_option
def crawl(
    config_file: Path,
    data_folder: Path | None,
    max_runtime: str | None,
    max_pages: int | None,
    since: datetime | None,
    metrics_file: Path | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """The network half only: ask for what is due, archive it, remember it.

    Polite without exception: robots.txt first, one request a host at a time, with pauses; your contact
    address stands in every request. Killed at any moment, the next run goes on where this one was.
    """
    if dry_run:
        return crawling.dry_run(crawling.load_config(config_file, data_folder), as_json=as_json)
    with _open(config_file, data_folder) as (config, _):
        report = crawling.run_crawl(
            config, max_runtime=max_runtime, max_pages=max_pages, since=since
        )
        summary = _summary(config, report, None)
        _keep(summary, config.data)
        crawling.write_metrics(metrics_file, report, summary.exit_code)
    _show(summary, config.data, as_json=as_json)
    return summary.exit_code


@wirecorpus.command()
@crawling.config_option
@crawling.data_option
@json_option
def build(config_file: Path, data_folder: Path | None, as_json: bool) -> int:
    """The corpus half only: whatever is due after the archive.

    Reads warc/, writes articles/, rejections/ and a snapshot. What was made by the same rules from
    the same archive is left alone.
    """
    from corpus.build import build as build_corpus

    with _open(config_file, data_folder) as (config, settings), progress_bars() as progress:
        built = build_corpus(config.data, config.sources, settings, progress)
        summary = _summary(config, None, built)
    _show(summary, config.data, as_json=as_json)
    return summary.exit_code


@wirecorpus.command(name="import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@crawling.config_option
@crawling.data_option
def import_(files: tuple[Path, ...], config_file: Path, data_folder: Path | None) -> int:
    """Take WARC files of others (CC-NEWS, browsertrix, Heritrix) into the archive.

    A file that is there already is left alone. `wirecorpus build` then makes articles of them.
    """
    with _open(config_file, data_folder) as (config, _):
        for file in files:
            place = crawling.take_in(file, config.data)
            say(f"{file} -> {place}")
    return 0


@wirecorpus.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
def init(folder: Path) -> int:
    """Write a starter wirecorpus.toml with comments, and an example source.

    Nothing that is there already is overwritten.
    """
    written = 0
    for name in ("wirecorpus.toml", "sources/example.toml"):
        target = folder / name
        if target.exists():
            say(f"{target} is there already; it was left as it is")
            continue
        store.write_whole(target, crawling.default_file(name).read_bytes())
        say(f"wrote {target}")
        written += 1
    if not written:
        return 2
    say(
        f"Next: put your contact address into {folder / 'wirecorpus.toml'}, replace the example source "
        "(`wirecorpus sources check URL` drafts one), then "
        f"`wirecorpus run --config {folder / 'wirecorpus.toml'}`"
    )
    return 0


for verb in (
    crawling.sources,
    crawling.schedule,
    extract,
    attribute,
    cluster,
    clusters,
    sites,
    status,
    doctor,
    validate,
):
    wirecorpus.add_command(verb)
for verb in wirecorpus.commands.values():
    for log_option in LOG_OPTIONS:
        log_option(verb)


@contextmanager
def _open(
    config_file: Path, data_folder: Path | None
) -> Iterator[tuple[crawling.Config, CorpusSettings]]:
    """The configuration, its data folder locked and of a format this program knows."""
    config = crawling.load_config(config_file, data_folder)
    settings = corpus_settings(config.tables["corpus"], config_file.name)
    with store.disk_errors(config.data), crawling.data_lock(config.data):
        yield config, settings


def _summary(
    config: crawling.Config, crawl: CrawlReport | None, built: BuildReport | None
) -> RunSummary:
    """What is kept and shown of a run; damage found while building sets the exit code."""
    from corpus.snapshots import largest_copies

    code = crawling.exit_code(crawl) if crawl else 0
    snapshot = config.data / "snapshots" / built.snapshot if built and built.snapshot else None
    return RunSummary(
        run_id=crawl.run_id if crawl else "",
        exit_code=code or (5 if built and built.damaged else 0),
        settings_digest=store.digest(config.crawl, config.sources, config.tables),
        crawl=crawl,
        build=built,
        largest_clusters=tuple(map(glance, largest_copies(snapshot, LARGEST))) if snapshot else (),
        report=f"snapshots/{snapshot.name}/report.html" if snapshot else "",
    )


def _keep(summary: RunSummary, data: Path) -> None:
    content = msgspec.json.format(msgspec.json.encode(summary)) + b"\n"
    store.write_whole(data / "runs" / f"{summary.run_id}.json", content)


def _show(summary: RunSummary, data: Path, *, as_json: bool) -> None:
    if as_json:
        print_json(summary)
    else:
        click.echo(render(summary, data))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    # Read when NumPy is loaded: its threads spin for longer than any product here takes.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return run_command(wirecorpus, arguments)
