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


@typing.dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
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
    """One news outlet: who it is, where its stories are announced, how gently it is asked.

    `languages` are those whose translations of a story (hreflang) are asked for as well.
    """

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
    languages: tuple[str, ...] = ()


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
    revisit_unchanged: Literal["stretch", "plain"] = "stretch"
    max_warc_bytes: int = 1_000_000_000
    min_free_bytes: int = 100_000_000
    tdm: Literal["record", "skip", "off"] = "record"
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


PageLabel = Literal["", "not_html", "soft_404", "consent", "paywall"]
"""What a page is that is no whole story, as far as the crawler can tell; "" where nothing speaks for it."""


class Capture(Record):
    """One response in the archive: what was asked, when, what came, and where it is kept.

    `label`, `canonical`, `amp` and `alternates` are the crawler's reading of the page (`PageFacts`),
    empty in WARCs of others. `body` is the decoded content (no transfer or content coding); empty for a
    304. `status` is the HTTP status. Times are RFC 3339 UTC. `sha256` is over `body`. `warc_offset` and
    `warc_length` are bytes of the (compressed) response record in `warc_file`, which is relative to the
    data folder.
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
    label: PageLabel = ""
    canonical: str = ""
    amp: str = ""
    alternates: tuple[tuple[str, str], ...] = ()


class Damage(Record):
    """A place in an archive that cannot be read, and why; what stood before it was read."""

    warc_file: str
    offset: int
    reason: str


# ------------------------------------------------------------------------------------------ crawl

Fault = Literal[
    "",
    "refused_address",
    "dns",
    "connect",
    "tls",
    "timeout",
    "disconnected",
    "protocol",
    "too_large",
    "wrong_type",
    "bad_encoding",
    "bad_url",
    "reserved",
]
"""Why no whole response came; "" where one did, whatever its status."""


class Due(Record):
    """A URL that is to be asked for in this run, with the validators of the copy we have.

    `via` are the URLs that redirected here, oldest first. `date` is unix seconds (publication, else
    when it was found) and orders articles. `depth` counts sitemap indexes above a sitemap, and for
    an article the pages by whose word alone it is asked for.
    `captured_at` is when the copy was taken that the validators speak of (RFC 3339).
    """

    url: str
    kind: CaptureKind = "article"
    source_id: str = ""
    date: float = 0.0
    etag: str = ""
    last_modified: str = ""
    captured_at: str = ""
    depth: int = 0
    attempt: int = 1
    via: tuple[str, ...] = ()


class Signals(Record):
    """What a site says of text and data mining at a URL; each as written, "" where it says nothing.

    `tdm_reservation` is "1" or "0" (TDM Reservation Protocol). `content_usage` are the preferences of
    robots.txt and header (IETF AIPREF). `ai_refused` are crawlers of AI makers that robots.txt refuses
    this URL by name.
    """

    tdm_reservation: str = ""
    tdm_policy: str = ""
    content_usage: str = ""
    ai_refused: tuple[str, ...] = ()
    x_robots_tag: str = ""
    meta_robots: str = ""


class PageFacts(Record):
    """What a page says of itself: its label, its headline, by <link> or Link header its other addresses.

    `headline` is the text of the first <h1>, else of <title>. `canonical` is that of the story, `amp`
    that of its AMP form; `alternates` are language and address of its translations. Each is absolute,
    and as the page has it. `is_story` says that it has an article:published_time (Open Graph).
    """

    label: PageLabel = ""
    headline: str = ""
    canonical: str = ""
    amp: str = ""
    is_amp: bool = False
    is_story: bool = False
    alternates: tuple[tuple[str, str], ...] = ()


class Fetch(Record):
    """One request to make now; the frontier has taken its slot. `number` is unique in a run."""

    number: int
    due: Due
    host: str
    robots: RobotsVerdict
    signals: Signals = Signals()


class Outcome(Record):
    """What came of a `Fetch`. `raw` is the body as sent (content coding kept), `body` the decoded.

    Times are unix seconds; `sent_at` is when the request was on its way, 0 where it never was.
    `status` is 0 where no response came. `truncated` says that `raw` or `body` was cut at a limit,
    `private` that the address connected to is in an allowed network.
    """

    fetch: Fetch
    started_at: float
    ended_at: float
    sent_at: float = 0.0
    fault: Fault = ""
    detail: str = ""
    status: int = 0
    reason: str = ""
    version: str = "HTTP/1.1"
    request_headers: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes = b""
    body: bytes = b""
    truncated: bool = False
    address: str = ""
    private: bool = False
    page: PageFacts = PageFacts()

    def header(self, name: str) -> str:
        """The header's first value, "" where there is none."""
        low = name.lower()
        return next((value for key, value in self.headers if key.lower() == low), "")


class Place(Record):
    """Where a capture lies: file relative to the data folder, bytes of its response record."""

    file: str
    offset: int
    length: int


class SourceOutcome(Record):
    """What a run did for one source. Articles are new, changed, unchanged (304 or same bytes) or failed.

    `same_story` are those of the changed whose story text is as before: the page was rendered anew.
    `left_out` are visits that were due and are left to the next step of the plan, since the host's newer
    pages were just seen to be rendered anew with their stories as before. `no_story` are pages labelled
    as something else than a story: not_html, soft_404, consent. `refused` are URLs that robots.txt
    disallows, `put_off` those left for a later run because their host was left. `listings` are the
    feeds, sitemaps and sections that could be read. `failed_source` says that none could, `error` why.
    """

    id: str
    name: str = ""
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    moved: int = 0
    failed: int = 0
    refused: int = 0
    put_off: int = 0
    listings: int = 0
    listings_failed: int = 0
    no_story: int = 0
    same_story: int = 0
    left_out: int = 0
    failed_source: bool = False
    error: str = ""


class HostNote(Record):
    """Something a person should know of a host: why it was left, and until when (unix seconds)."""

    host: str
    note: str
    until: float = 0.0


AlertKind = Literal["quiet", "robots_closed", "all_refused", "no_stories"]


class Alert(Record):
    """Something at a source that a person should look into, though nothing broke."""

    source_id: str
    kind: AlertKind
    words: str


StopReason = Literal["", "max_runtime", "max_pages", "SIGTERM", "SIGINT", "disk_full"]


class CrawlReport(Record):
    """What a crawl did; `stopped` is "" where it ended because nothing more was due."""

    run_id: str
    started_at: str
    ended_at: str
    stopped: StopReason = ""
    requests: int = 0
    bytes: int = 0
    sources: tuple[SourceOutcome, ...] = ()
    hosts: tuple[HostNote, ...] = ()
    alerts: tuple[Alert, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()
    warc_files: tuple[str, ...] = ()


class CrawlProgress(Record):
    """Where a crawl stands: requests done, in flight, URLs queued, and the URL settled last."""

    requests: int
    in_flight: int
    queued: int
    articles: int
    url: str


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


def _record_inside(annotation: Any) -> tuple[type[msgspec.Struct] | None, bool]:
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
