"""What is published on the made-up web: outlets, stories and their written forms, read from the TOML here.

In: `outlets.toml`, `languages.toml`, `style.toml`, `formulas.toml` and `stories/*.toml`. Out: records,
decoded strictly. Which page shows which story in which form is said by the `[[copy]]` rows of each
story; the pages themselves are made in `pages.py`.
"""

import hashlib
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

HERE = Path(__file__).parent

Form = Literal[
    "verbatim",
    "cut",
    "restyled",
    "localised",
    "updated",
    "reworded",
    "translated_back",
    "translated",
]
Kind = Literal[
    "wire", "own", "roundup", "weather", "results", "market", "obituary", "video", "teaser"
]
COPY_FORMS: tuple[Form, ...] = ("verbatim", "cut", "restyled", "localised", "updated")
"""The forms that are near copies of the wire's words; the others share the story only."""


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the content files: frozen, and strict about its keys."""


class OutletRow(Row, frozen=True, kw_only=True):
    """An outlet: its place in the world, its technique, its house style and its furniture."""

    id: str
    name: str
    host: str
    country: str
    owner: str
    language: str
    template: Literal["semantic", "classy", "table", "modern", "flat"]
    url: str
    utc_offset: str
    paragraphs: Literal["p", "br", "div"] = "p"
    charset: str = "utf-8"
    feed: Literal["rss", "atom", "json", ""] = ""
    sitemap: Literal["news", "index", ""] = ""
    sections: bool = False
    volatile: bool = False
    crawl_delay: float = 0.0
    tracking: str = ""
    spelling: Literal["us", "uk", ""] = ""
    honorifics: bool = False
    short_numbers: bool = False
    quotes: Literal["double", "single", "straight", "german", "guillemet", "spanish"]
    percent: str = ""
    dateline: Literal["agency", "place", "none"] = "none"
    byline: str
    related: str
    read_also: str
    latest: str
    newsletter: tuple[str, ...]
    comments: tuple[str, ...]
    about: str
    photo: str
    towns: tuple[str, ...]
    dead: tuple[str, ...] = ()


class Language(Row, frozen=True, kw_only=True):
    """The words of the furniture in one language, and its ways with dates and sections."""

    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    header_date: str
    story_date: str
    updated: str
    share: str
    print: str
    tags: str
    advert: str
    home: str
    contact: str
    privacy: str
    search: str
    subscribe: str
    name_field: str
    send: str
    cookies: str
    paywall: str
    video: str
    rights: str
    missing: str
    gone: str
    sections: dict[str, str]


class Added(Row, frozen=True, kw_only=True):
    """A paragraph of the outlet's own, put after the wire's paragraph `after` (0: before the first)."""

    after: int
    text: str


class Correction(Row, frozen=True, kw_only=True):
    """A change of the text from a day on."""

    day: int
    old: str
    new: str


class CopyRow(Row, frozen=True, kw_only=True):
    """A page: the outlet that shows the story, in which form, credited how, and with which traps.

    `keep` cuts after so many paragraphs, `skip` leaves out those numbers (from 1); `credit` says where
    the agency is named (the agency's own practice by default); `tail` is a line under the story in the
    outlet's words.
    """

    outlet: str
    forms: tuple[Form, ...] = ("verbatim",)
    headline: str = ""
    published: str = ""
    day: int = 1
    gone: int = 0
    keep: int = 0
    skip: tuple[int, ...] = ()
    added: tuple[Added, ...] = ()
    dateline: Literal["agency", "place", "none", ""] = ""
    credit: tuple[Literal["dateline", "byline", "tail", "source", "json_ld", "none"], ...] = ()
    byline: str = ""
    tail: str = ""
    agencies: tuple[str, ...] = ()
    photo: str = ""
    correction: tuple[Correction, ...] = ()
    alias: bool = False
    moved: bool = False
    disallowed: bool = False
    paywall: int = 0
    video: bool = False


class Written(Row, frozen=True, kw_only=True):
    """The story told again by hand: a later version, other words, or another language.

    A paragraph `{3}` or `{3-7}` stands for those paragraphs of the story's own text.
    """

    form: Form
    language: str = "en"
    headline: str
    standfirst: str = ""
    caption: str = ""
    text: str


class Story(Row, frozen=True, kw_only=True):
    """One story as its author filed it, its written forms, and the pages that carry it.

    Stories of one `event` tell of the same happening in their own words. `people` gives the honorific
    of a surname for house styles that use one.
    """

    id: str
    event: str = ""
    kind: Kind = "own"
    agency: str = ""
    language: str = "en"
    topic: str
    place: str = ""
    author: str = ""
    editors: str = ""
    published: str
    headline: str
    standfirst: str = ""
    caption: str = ""
    tags: tuple[str, ...] = ()
    people: dict[str, str] = {}
    contains: tuple[str, ...] = ()
    text: str
    written: tuple[Written, ...] = ()
    copy: tuple[CopyRow, ...]


@cache
def outlets() -> tuple[OutletRow, ...]:
    """Every outlet, in the file's order."""
    rows: list[dict[str, Any]] = read_toml(HERE / "outlets.toml")["outlet"]
    return msgspec.convert(tuple(rows), tuple[OutletRow, ...])


@cache
def outlet_of(outlet_id: str) -> OutletRow:
    """The outlet of that id; `KeyError` when there is none."""
    return {o.id: o for o in outlets()}[outlet_id]


@cache
def languages() -> dict[str, Language]:
    """The furniture's words by language code."""
    return msgspec.convert(read_toml(HERE / "languages.toml"), dict[str, Language])


@cache
def written_stories() -> tuple[Story, ...]:
    """Every story of `stories/`, by file name."""
    files = sorted((HERE / "stories").glob("*.toml"))
    return tuple(_story(file) for file in files)


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def paragraphs(text: str) -> tuple[str, ...]:
    """The text's paragraphs: split at blank lines, white space folded."""
    parts = (" ".join(p.split()) for p in re.split(r"\n\s*\n", text))
    return tuple(p for p in parts if p)


def number(low: int, high: int, *seed: object) -> int:
    """A number in [low, high] that depends on the seed alone."""
    digest = hashlib.sha256("\x1f".join(map(str, seed)).encode()).digest()
    return low + int.from_bytes(digest[:8], "big") % (high - low + 1)


def _story(file: Path) -> Story:
    try:
        return msgspec.convert(read_toml(file), Story)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{file.name}: {error}") from error
