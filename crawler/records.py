"""The crawler's records, and how a record is decoded from TOML.

A record is frozen and is the only thing that crosses a stage, a process or a disk. What stands here is
shared with `corpus`, which reads captures and sources but nothing else of the crawler.
"""

import difflib
import hashlib
import re
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

import msgspec

from crawler.errors import ConfigError


class Record(msgspec.Struct, frozen=True):
    """A frozen value with every key always present and in a fixed order."""


R = TypeVar("R", bound=msgspec.Struct)

CaptureKind = Literal["robots", "feed", "sitemap", "section", "article", "other", ""]
"""What the crawler asked a URL for; "" where the archive does not say (WARCs of others)."""


def digest_id(prefix: str, *parts: str) -> str:
    """An id that two runs agree on: the prefix and 96 bits of SHA-256 over the parts, in hex."""
    return prefix + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]


# ---------------------------------------------------------------------------------- configuration


class Source(Record, forbid_unknown_fields=True):
    """One news outlet: who it is, where its stories are announced, how gently it is asked."""

    id: str
    name: str = ""
    country: str = ""
    owner: str = ""
    kind: str = "news"
    home: str = ""
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    delay: float | None = None
    max_pages: int | None = None


class CrawlSettings(Record, forbid_unknown_fields=True):
    """The `[crawl]` table. Delays are seconds, durations are texts such as "50m"."""

    user_agent: str = "WireCorpusBot"
    bot_page: str = ""
    contact: str = ""
    delay: float = 2.0
    per_host: int = 1
    concurrency: int = 100
    max_runtime: str = ""
    max_pages_per_source: int = 500
    max_crawl_delay: float = 120.0
    max_retry_after: float = 300.0
    max_page_bytes: int = 10_000_000
    first_byte_timeout: float = 30.0
    total_timeout: float = 60.0
    max_age_days: int = 14
    revisit: tuple[str, ...] = ("1h", "6h", "1d", "3d", "7d")
    allow_networks: tuple[str, ...] = ()
    resolve: dict[str, str] = msgspec.field(default_factory=dict)


# ----------------------------------------------------------------------------------------- archive


class RobotsVerdict(Record):
    """What robots.txt said of a URL: the decision, the line that decided, and when it was read.

    `rule` is the deciding line ("Disallow: /search"), or why there is none ("no robots.txt: 404").
    """

    allowed: bool | None = None
    rule: str = ""
    checked_at: str = ""


class Capture(Record):
    """One response in the archive: what was asked, when, what came, and where it is kept.

    `body` is the decoded content (no transfer or content coding); empty for a 304. `status` is the
    HTTP status. Times are RFC 3339 UTC. `sha256` is over `body`. `warc_offset` and `warc_length` are
    bytes of the (compressed) response record in `warc_file`, which is relative to the data folder.
    """

    id: str
    url: str
    final_url: str
    fetched_at: str
    run_id: str = ""
    source_id: str = ""
    kind: CaptureKind = ""
    status: int = 200
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    x_robots_tag: tuple[str, ...] = ()
    tdm_reservation: str = ""
    tdm_policy: str = ""
    robots: RobotsVerdict = RobotsVerdict()
    truncated: bool = False
    body: bytes = b""
    sha256: str = ""
    warc_file: str = ""
    warc_offset: int = 0
    warc_length: int = 0


class Damage(Record):
    """A place in an archive that cannot be read, and why; what stood before it was read."""

    warc_file: str
    offset: int
    reason: str


# ------------------------------------------------------------------------------- strict decoding


def decode_strict(table: Mapping[str, Any], record: type[R], where: str) -> R:
    """The table as a record, or a `ConfigError` that names the place, the key and the likely one.

    `where` opens the message, e.g. "wirecorpus.toml: [crawl]".
    """
    _refuse_unknown_keys(table, record, where)
    try:
        return msgspec.convert(table, record, strict=True)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {_in_user_terms(str(error))}") from None


def _refuse_unknown_keys(table: Mapping[str, Any], record: type[R], where: str) -> None:
    known = {f.encode_name: f.type for f in msgspec.structs.fields(record)}
    for key, value in table.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
            hint = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(known)}"
            raise ConfigError(f"{where}: unknown key '{key}'; {hint}")
        inner, rows = _record_inside(known[key])
        if inner and isinstance(value, Mapping):
            _refuse_unknown_keys(value, inner, f"{where} {key}")
        elif inner and rows and isinstance(value, list):
            for n, row in enumerate(value):
                if isinstance(row, Mapping):
                    _refuse_unknown_keys(row, inner, f"{where} {key}[{n}]")


def _record_inside(annotation: Any) -> tuple[type[msgspec.Struct] | None, bool]:  # noqa: ANN401
    """The record type an annotation holds, and whether it holds many of them."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return annotation, False
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType, tuple, list):
        for arg in args:
            inner, _ = _record_inside(arg)
            if inner:
                return inner, origin in (tuple, list)
    return None, False


def _in_user_terms(message: str) -> str:
    """msgspec's "Expected `float`, got `str` - at `$.delay`" as "'delay' must be a number, not text"."""
    words = {
        "str": "text in quotes",
        "int": "a whole number",
        "float": "a number",
        "bool": "true or false",
        "array": "a list",
        "object": "a table",
        "null": "nothing",
    }

    def plain(kind: str) -> str:
        return " or ".join(words.get(k.strip(), k.strip()) for k in kind.split("|"))

    missing = re.match(r"Object missing required field `(\w+)`", message)
    if missing:
        return f"the key '{missing[1]}' is missing; add it"
    found = re.match(r"Expected `([^`]+)`, got `([^`]+)`(?: - at `\$\.?([^`]*)`)?", message)
    if found:
        return f"'{found[3]}' must be {plain(found[1])}, not {plain(found[2])}"
    return message
