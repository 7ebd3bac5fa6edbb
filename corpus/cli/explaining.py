"""`wirecorpus extract --explain` and `attribute`: which page is meant, and its view.

In: a path as the filters read them, or a URL and a data folder. Out: the view of one page, on standard
output or in a file. Nothing is fetched, and nothing of a data folder is changed.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import msgspec

from corpus.build import known_sites, outlets_of
from corpus.cli.console import data_on_stdout, progress_bars, say
from corpus.config import CorpusSettings, corpus_settings
from corpus.errors import RuleError
from corpus.inputs import Input, read_pages
from corpus.lookup import captures_of
from corpus.records import Article, Outlet, Rejection
from corpus.rulebook import load_rulebook
from crawler import cli as crawling
from crawler.archive import load_url_rules
from crawler.records import Capture

if TYPE_CHECKING:
    from corpus.frames import Packed

SHOWN = 5
"""So many ids of other pages are told."""

DEFAULT_CONFIG = Path("wirecorpus.toml")


def explain(
    files: Sequence[str],
    capture_id: str | None,
    out: Path | None,
    config_file: Path | None,
    data_folder: Path | None,
    *,
    quiet: bool,
    view: Callable[[Article | Rejection, Input], str] | None = None,
) -> Article | Rejection:
    """Write the view of one page, as HTML where no other `view` is given; its article or rejection.

    A `view` is made of the article or rejection, and of the page as it was read.
    """
    from corpus.explain import render
    from corpus.workers import ExtractPool

    if len(files) > 1:
        raise click.UsageError("--explain is for one page: name one FILE or URL")
    name = files[0] if files else "-"
    if out and out.exists() and Path(name).exists() and out.samefile(name):
        raise click.ClickException(f"--out {out} is the input, too; name another file")
    rules = load_rulebook()
    with progress_bars() as progress:
        if _is_url(name):
            archive = _archive(config_file, data_folder)
            urls = load_url_rules(rules.files["urls.toml"], "urls.toml")
            pages: Iterator[Input] = captures_of(name, archive.data, urls, progress)
        else:
            if config_file or data_folder:
                raise click.UsageError("--config and --data are for --explain URL")
            archive, pages = _Archive(), read_pages([name])
        page = _wanted(pages, capture_id, "standard input" if name == "-" else name)
    with ExtractPool.of(archive.settings, rules.files) as pool:
        answer = next(
            pool.map([page], lambda url: _profile(url, archive) if _is_url(name) else None)
        )
    if isinstance(answer, Article):
        outlet = archive.outlets.get(answer.outlet.id, answer.outlet)
        answer = msgspec.structs.replace(answer, outlet=outlet)
    _write((view(answer, page) if view else render(answer)).encode(), out)
    if not quiet:
        say(f"{_id(page)}: {_in_short(answer)}")
        others = [] if capture_id else [_id(other) for other in pages]
        if others:
            say(f"the input holds more, to be named with --id: {_listed(others)}")
    return answer


class _Archive(NamedTuple):
    """What a configuration says of the archive's pages."""

    data: Path = Path()
    settings: CorpusSettings = CorpusSettings(workers=1)
    outlets: Mapping[str, Outlet] = {}


def _archive(config_file: Path | None, data_folder: Path | None) -> _Archive:
    """The data folder; and what the configuration says, where one is named or no folder is."""
    if data_folder and not config_file:
        found = _Archive(data_folder)
    else:
        config_file = config_file or DEFAULT_CONFIG
        if config_file == DEFAULT_CONFIG and not config_file.exists():
            raise RuleError(
                "a URL is looked up in the archive of a data folder, never fetched; name the folder "
                "with --data DIR or --config FILE, or a file with the page in place of the URL"
            )
        config = crawling.load_config(config_file, data_folder)
        settings = corpus_settings(config.tables["corpus"], config_file.name)
        settings = msgspec.structs.replace(settings, workers=1)
        found = _Archive(config.data, settings, outlets_of(config.sources))
    crawling.check_format(found.data)
    if not (found.data / "warc").is_dir():
        raise RuleError(f"{found.data}: has no archive (a folder warc/); is it a data folder?")
    return found


def _profile(url: str, archive: _Archive) -> "Packed | None":
    """The profile that the last build left for the page's host."""
    from corpus.frames import Packed
    from corpus.lessons import made_by
    from corpus.survey import host_of

    if not archive.settings.site_profiles:
        return None
    state = known_sites(archive.data, made_by()).get(host_of(url))
    if state is None or not state.profile_id:
        return None
    return Packed(state.profile_id, bytes(state.profile))


def _is_url(name: str) -> bool:
    return bool(re.match(r"(?i)https?://", name))


def _wanted(pages: Iterator[Input], wanted_id: str | None, where: str) -> Input:
    """The page with this id, or else the first; `RuleError` where there is none."""
    seen: list[str] = []
    for page in pages:
        if wanted_id in (None, _id(page)):
            return page
        seen.append(_id(page))
    if wanted_id is None:
        raise RuleError(f"{where}: holds no page")
    raise RuleError(f"{where}: no page has the id '{wanted_id}'; there: {_listed(seen)}")


def _in_short(answer: Article | Rejection) -> str:
    if isinstance(answer, Rejection):
        return f"rejected as {answer.reason}: {answer.detail}"
    kept = _count(len(answer.paragraphs), "paragraph")
    return f"{kept} kept, {_count(len(answer.stripped), 'block')} dropped"


def _listed(ids: Sequence[str]) -> str:
    more = ", …" if len(ids) > SHOWN else ""
    return (
        f"{_count(len(ids), 'page')} ({', '.join(ids[:SHOWN])}{more})" if ids else "it holds none"
    )


def _count(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'}"


def _id(page: Input) -> str:
    if isinstance(page, Capture):
        return page.id
    return page.record_id if isinstance(page, Rejection) else page.capture_id


def _write(view: bytes, out: Path | None) -> None:
    if out is None or str(out) == "-":
        with data_on_stdout() as write:
            write(view)
    else:
        out.write_bytes(view)
