"""The crawl's verbs, and what other verbs share with them: options, the lock, the run's exit code.

Parsing of arguments and printing only; the work is in `crawler.run` and `crawler.check`. Data goes to
stdout when asked for, everything else to stderr.
"""

import gc
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from crawler import folder
from crawler.config import Config, default_file, load, seconds
from crawler.errors import ConfigError, CrawlerError
from crawler.folder import check_format, is_locked
from crawler.records import CrawlProgress, CrawlReport, CrawlSettings

__all__ = [
    "Config",
    "CrawlerError",
    "check_format",
    "config_option",
    "data_lock",
    "data_option",
    "default_file",
    "dry_run",
    "exit_code",
    "is_locked",
    "limit_options",
    "load_config",
    "metrics_option",
    "run_crawl",
    "schedule",
    "sources",
    "take_in",
    "url_counts",
    "write_metrics",
]

F = TypeVar("F", bound=Callable[..., Any])

# Python's 700 are a request's; cycles that hold a page are few, and small beside what is read meanwhile.
_ALLOCATIONS = 10_000

config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    default=Path("wirecorpus.toml"),
    show_default=True,
    help="The configuration file.",
)
data_option = click.option(
    "--data",
    "data_folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The data folder, instead of the configuration's.",
)


def limit_options(command: F) -> F:
    """--since, --max-runtime and --max-pages."""
    for option in (
        click.option(
            "--since",
            type=click.DateTime(["%Y-%m-%d"]),
            help="Look through sitemaps for stories from this day (UTC) on, however old.",
        ),
        click.option(
            "--max-pages", type=click.IntRange(min=1), help="Ask for at most so many articles."
        ),
        click.option(
            "--max-runtime", metavar="DURATION", help='Start nothing after this, e.g. "50m".'
        ),
    ):
        command = option(command)
    return command


metrics_option = click.option(
    "--metrics-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the run's figures here, for Prometheus' textfile collector (*.prom).",
)


# ------------------------------------------------------------------------------- what verbs share


def load_config(config_file: Path, data_folder: Path | None) -> Config:
    """The configuration, its data folder replaced where another is named."""
    config = load(config_file)
    return msgspec.structs.replace(config, data=data_folder) if data_folder else config


def data_lock(data: Path) -> AbstractContextManager[None]:
    """Hold the data folder against other runs; see `crawler.folder.data_lock`."""
    return folder.data_lock(data, version("wirecorpus"))


def url_counts(data: Path) -> tuple[tuple[str, int], ...]:
    """How many article URLs are in each state ("due", "done", "gone", "moved")."""
    from crawler.state import State

    with closing(State(data / "state.sqlite", read_only=True)) as state:
        return state.url_counts()


def take_in(file: Path, data: Path) -> Path:
    """Take a WARC file of others into the archive; where it lies."""
    from crawler.archive import import_warc

    now = datetime.now(UTC)
    return import_warc(file, data / "warc" / f"{now:%Y-%m-%d}", f"{now:%Y%m%dT%H%M%SZ}")


def run_crawl(
    config: Config,
    *,
    max_runtime: str | None = None,
    max_pages: int | None = None,
    since: datetime | None = None,
    progress: Callable[[CrawlProgress], None] | None = None,
) -> CrawlReport:
    """One crawl under the lock that the caller holds; bars on a terminal, unless `progress` is given.

    `since` is a day, in UTC.
    """
    from crawler.run import crawl as crawl_sources

    limit = seconds(max_runtime, "--max-runtime") if max_runtime is not None else None
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    with _rare_collections(), _bars() as bars:
        return crawl_sources(
            config,
            run_id=run_id,
            max_runtime=limit,
            max_pages=max_pages,
            since=since.replace(tzinfo=UTC).timestamp() if since else None,
            progress=progress or bars,
        )


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Let Python look for cycles less often, and not among what was imported: a tenth of a crawl's CPU."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def exit_code(report: CrawlReport) -> int:
    """The exit status that this crawl stands for (docs/cli.md)."""
    stopped = {"SIGTERM": 143, "SIGINT": 130, "disk_full": 6}.get(report.stopped)
    if stopped:
        return stopped
    failed = sum(source.failed_source for source in report.sources)
    if failed:
        return 4 if failed == len(report.sources) else 3
    return 6 if report.stopped else 3 if report.alerts else 0


# ------------------------------------------------------------------------------------------ verbs


@click.group()
def sources() -> None:
    """Find out how a site announces its stories; take a known outlet into a configuration."""


@sources.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--contact", help="Your address, where no configuration gives one.")
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), help="Take [crawl] from here."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def check(
    urls: tuple[str, ...], contact: str | None, config_file: Path | None, as_json: bool
) -> int:
    """Find a site's feeds and sitemaps, and print a [[source]] table to paste.

    Asks for robots.txt, the front page, and what they name; with pauses, and with your contact address
    (from --contact, or from the configuration).
    """
    from crawler.check import check_sites
    from crawler.manners import check_contact

    if config_file is None and contact is None and Path("wirecorpus.toml").exists():
        config_file = Path("wirecorpus.toml")
    settings = load(config_file).crawl if config_file else CrawlSettings()
    if contact:
        settings = msgspec.structs.replace(settings, contact=contact)
    if not (config_file or contact):
        raise ConfigError(
            "sources check: no contact; give --contact name@your-university.edu, or --config FILE"
        )
    where = config_file.name if config_file else "--contact"
    check_contact(settings, where)
    found = check_sites(tuple(_address(url) for url in urls), settings, where)
    if as_json:
        _print_json(found)
    else:
        for site in found:
            click.echo(site.row())
            click.echo(f"# robots.txt: {site.robots or 'not read'}")
            for listing in (*site.feeds, *site.sitemaps):
                newest = f", newest {listing.newest}" if listing.newest else ""
                click.echo(f"# {listing.url}: {listing.entries} entries{newest}")
            for trouble in site.trouble:
                click.echo(f"! {trouble}", err=True)
    failed = sum(not site.usable for site in found)
    return (4 if failed == len(found) else 3) if failed else 0


@sources.command()
@click.argument("word")
@click.option("--json", "as_json", is_flag=True, help="Print the outlets as JSON.")
def search(word: str, as_json: bool) -> int:
    """Look for an outlet in the catalogue: by name, address, country (GB) or language (de).

    Nobody is asked for anything. The addresses are not verified; `sources check` does that.
    """
    from crawler import outlets

    found = outlets.search(word)
    if as_json:
        _print_json(found)
    for one in () if as_json else found:
        told = f"{len(one.feeds)} feeds, {len(one.news_sitemaps)} news sitemaps"
        click.echo(f"{one.id}  {one.name} ({one.country}, {one.language})  {one.home}  {told}")
    if not found:
        click.echo(f"the catalogue has no outlet with '{word}'", err=True)
    return 0 if found else 4


@sources.command()
@click.argument("name")
@config_option
def add(name: str, config_file: Path) -> int:
    """Write an outlet of the catalogue into the configuration, as its last [[source]]."""
    from crawler import outlets

    outlet = outlets.add(name, config_file)
    click.echo(
        f"{config_file}: added {outlet.name}, unverified;"
        f" `wirecorpus sources check {outlet.home}` asks the site",
        err=True,
    )
    return 0


def _address(text: str) -> str:
    """The front page that somebody typed, "example.org" included."""
    from crawler.manners import url_rules
    from crawler.urls import Refused, canonical_url

    url = canonical_url(text if "://" in text else f"https://{text}", url_rules())
    if isinstance(url, Refused):
        raise ConfigError(
            f"'{text}' is no web address ({url.reason}); write e.g. https://example.org/"
        )
    return url


def write_metrics(path: Path | None, report: CrawlReport, code: int) -> None:
    """Write the run's figures, where a file is named."""
    from crawler.metrics import write_metrics as write

    if path:
        write(path, report, code)


@click.command()
@config_option
@data_option
@click.option("--cron", "how", flag_value="cron", default=True, help="A line for `crontab -e`.")
@click.option("--systemd", "how", flag_value="systemd", help="A service and a timer for systemd.")
def schedule(config_file: Path, data_folder: Path | None, how: str) -> int:
    """Print what has `wirecorpus run` done every hour, to be installed by you."""
    from crawler.schedule import cron_line, systemd_units

    config = load_config(config_file, data_folder)
    place, data = config_file.absolute(), config.data.absolute()
    called = Path(sys.argv[0]).absolute()
    # Called as a module, the program is what was installed beside its interpreter.
    program = str(
        called if called.stem == "wirecorpus" else Path(sys.executable).with_name("wirecorpus")
    )
    if how == "cron":
        click.echo(cron_line(program, place), nl=False)
        return 0
    for name, text in systemd_units(program, place, data).items():
        click.echo(f"# {name}\n{text}")
    return 0


def dry_run(config: Config, *, as_json: bool) -> int:
    """Print what is due, asking nobody for anything."""
    from crawler.plan import plan

    planned = plan(config, datetime.now(UTC).timestamp())
    if as_json:
        _print_json(planned)
        return 0
    for row in planned:
        told = f"{row.id}: {row.listings} listings, {row.articles} known articles due"
        told += f", {row.refused} refused by robots.txt" if row.refused else ""
        told += f", {row.put_off} of hosts to be left alone" if row.put_off else ""
        told += f", {row.waiting} that wait for what newer ones show" if row.waiting else ""
        click.echo(f"{told}; not finished before {row.earliest_finish}")
        for one in row.urls:
            if one.url in row.first or one.robots.allowed is False or one.put_off:
                click.echo(f"  [{one.fate}]  {one.url}")
    return 0


def _print_json(record: object) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(record)).decode())


@contextmanager
def _bars() -> Iterator[Callable[[CrawlProgress], None]]:
    """A progress line on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("crawl"),
        BarColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=None)

        def show(now: CrawlProgress) -> None:
            bars.update(
                task,
                completed=now.requests,
                total=now.requests + now.in_flight + now.queued,
                description=f"{now.requests} asked, {now.in_flight} in flight, {now.queued} queued",
            )

        yield show
