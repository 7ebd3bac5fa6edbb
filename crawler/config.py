"""The configuration file, decoded strictly.

In: a `wirecorpus.toml` and the source files it names. Out: one `Config`. An unknown key or a wrong
type is a `ConfigError` that names file, key and remedy. Tables of other programs' concern (`[corpus]`)
are handed on unread in `tables`. Nothing is fetched or created here.
"""

import glob
import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import msgspec

from crawler.addresses import address_rules
from crawler.errors import ConfigError
from crawler.records import CrawlSettings, Record, Source, decode_strict
from crawler.urls import Refused, UrlRules, canonical_url

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


_MOST = 1e9


class Config(Record):
    """All that a run is told: the file, its data folder, the crawl settings and the sources."""

    path: Path
    data: Path
    crawl: CrawlSettings
    sources: tuple[Source, ...]
    tables: dict[str, dict[str, Any]]


class _File(Record, forbid_unknown_fields=True):
    """The top of a configuration file."""

    data: str = "data"
    sources: tuple[str, ...] = ()
    crawl: dict[str, Any] = {}
    source: tuple[dict[str, Any], ...] = ()
    corpus: dict[str, Any] = {}
    release: dict[str, Any] = {}


class _SourceFile(Record, forbid_unknown_fields=True):
    """A file of several sources."""

    source: tuple[dict[str, Any], ...]


def default_file(name: str) -> Traversable:
    """A file or folder of `configs/`: from the wheel where it was installed, else from the checkout."""
    packaged = resources.files("crawler") / "configs" / name
    if packaged.is_file() or packaged.is_dir():
        return packaged
    return Path(__file__).parent.parent / "configs" / name


def load(path: Path) -> Config:
    """The configuration at `path`; relative paths in it are relative to its folder."""
    where = path.name
    file = decode_strict(_read_toml(path), _File, where)
    crawl = decode_strict(file.crawl, CrawlSettings, f"{where}: [crawl]")
    _check_crawl(crawl, where)
    return Config(
        path=path,
        data=(path.parent / file.data).resolve(),
        crawl=crawl,
        sources=tuple(_sources(file, path)),
        tables={"corpus": file.corpus, "release": file.release},
    )


def seconds(duration: str, where: str) -> float:
    """A duration such as "50m", "1h30m", "7d" or "90s", in seconds."""
    match = _DURATION.fullmatch(duration.strip())
    if not match or not any(match.groups()):
        raise ConfigError(f'{where}: \'{duration}\' is no duration; write e.g. "50m" or "1h30m"')
    days, hours, minutes, secs = (int(g or 0) for g in match.groups())
    return float(days * 86400 + hours * 3600 + minutes * 60 + secs)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; `wirecorpus init DIR` writes one") from None
    except IsADirectoryError:
        raise ConfigError(f"{path}: is a folder; name the .toml file in it") from None
    except PermissionError:
        raise ConfigError(f"{path}: may not be read; check its permissions") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from None


def _sources(file: _File, path: Path) -> Iterator[Source]:
    """The sources in the file's own order, then those of the named files by name."""
    seen: dict[str, str] = {}
    for where, row in _source_rows(file, path):
        source = decode_strict(row, Source, where)
        source = _canonical(_checked(source, where), where)
        if source.id in seen:
            raise ConfigError(f"{where}: id '{source.id}' is taken by {seen[source.id]}")
        seen[source.id] = where
        yield source


def _source_rows(file: _File, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for n, row in enumerate(file.source, 1):
        yield f"{path.name}: [[source]] {n} ({row.get('id', 'no id')})", row
    for pattern in file.sources:
        names = sorted(glob.glob(pattern, root_dir=path.parent))  # noqa: PTH207  absolute patterns too
        if not names and not glob.has_magic(pattern):
            raise ConfigError(f"{path.name}: sources names {pattern}, which does not exist")
        for name in names:
            table = _read_toml(path.parent / name)
            if "source" not in table:
                yield name, table
                continue
            rows = decode_strict(table, _SourceFile, name).source
            yield from ((f"{name}: [[source]] {n}", row) for n, row in enumerate(rows, 1))


def _checked(source: Source, where: str) -> Source:
    """The source, where it holds."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", source.id):
        raise ConfigError(
            f"{where}: id '{source.id}' must be lower-case letters, digits, '.', '-', '_'"
        )
    if not (source.feeds or source.sitemaps or source.sections or source.home):
        raise ConfigError(f"{where}: names no feeds, sitemaps, sections or home; add at least one")
    for key in ("delay", "max_pages"):
        if getattr(source, key) is not None:
            _check_amount(getattr(source, key), f"{where}: {key}")
    for key in ("include", "exclude"):
        for pattern in getattr(source, key):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ConfigError(
                    f"{where}: {key}: {pattern!r} is no regular expression: {error}"
                ) from None
    return source


def _canonical(source: Source, where: str) -> Source:
    """The source with its URLs as they are asked for: a host in any script, no default port."""
    listed = {
        key: tuple(_address(url, f"{where}: {key}") for url in getattr(source, key))
        for key in ("feeds", "sitemaps", "sections")
    }
    home = _address(source.home, f"{where}: home") if source.home else ""
    return msgspec.structs.replace(source, home=home, **listed)


def _address(url: str, where: str) -> str:
    address = canonical_url(url, UrlRules())
    if isinstance(address, Refused):
        raise ConfigError(
            f"{where}: '{url}' is no http or https URL that can be asked for: {address.reason}"
        )
    return address


def _check_crawl(crawl: CrawlSettings, where: str) -> None:
    if crawl.max_runtime:
        seconds(crawl.max_runtime, f"{where}: [crawl] max_runtime")
    for step in crawl.revisit:
        seconds(step, f"{where}: [crawl] revisit")
    for key in (
        *("per_host", "concurrency", "max_pages_per_source", "max_page_bytes", "max_warc_bytes"),
    ):
        if getattr(crawl, key) < 1:
            raise ConfigError(f"{where}: [crawl] {key} must be at least 1")
    if crawl.min_free_bytes < 0:
        raise ConfigError(f"{where}: [crawl] min_free_bytes must not be negative")
    for key in (
        *("delay", "max_crawl_delay", "max_retry_after", "max_age_days"),
        *("first_byte_timeout", "total_timeout"),
    ):
        _check_amount(getattr(crawl, key), f"{where}: [crawl] {key}")
    address_rules(crawl, where)


def _check_amount(number: float, where: str) -> None:
    """Raise a `ConfigError` for what is no amount of seconds, days or pages."""
    if number < 0:
        raise ConfigError(f"{where} must not be negative")
    if not number <= _MOST:
        raise ConfigError(f"{where} must be a number up to {_MOST:,.0f}, not {number:g}")
