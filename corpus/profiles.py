"""What is known of a site's page templates: the records that are kept, sent and shown.

A `Profile` is made by `corpus.furniture.learn` and used by `corpus.serving`; nothing is decided here.
All of it is frozen and of plain types, so that it can be stored as JSON and handed to worker processes.
"""

import hashlib
from typing import Literal

import msgspec

from crawler.records import Record, digest_id

VERSION = 2
"""Goes up with every change of code that learns or reads profiles otherwise."""

RefusalReason = Literal[
    "too_large", "no_container", "too_little_text", "unseen_paths", "ratio", "title", "same_opening"
]


Field = Literal["headline", "byline", "date"]
"""What a page shows of its story beside the text."""


class Shown(Record):
    """The text of a block that shows a field."""

    field: Field
    text: str


class LearningPage(Record, kw_only=True):
    """A page to learn from: its HTML, and what two or three extractors say its story is.

    `texts` are the extractors' answers, one line a block; `shown` the lines that show what it states.
    """

    url: str
    html: str
    texts: tuple[str, ...]
    shown: tuple[Shown, ...] = ()


class PathCount(Record, gc=False):
    """How many characters stood at a path below the container, and how many of them were the story."""

    path: str
    body: int
    all: int


class Place(Record, gc=False):
    """Where pages of a template show a field: the path of the block, and on how many pages it did.

    The path leads from the container where the block is `inside` of it, else from the page's body.
    """

    field: Field
    path: str
    inside: bool
    pages: int


class Template(Record):
    """One kind of page of a host: where the story is, and which blocks there belong to it.

    `agreement` is the median 4-gram F1 of what it reads with the labels; `smallest_body` is in
    characters, `smallest_ratio` the least share of the container's text that was the story.
    """

    selector: str
    pages: int
    agreement: float
    smallest_body: int
    smallest_ratio: float
    paths: tuple[PathCount, ...]
    places: tuple[Place, ...] = ()


class Opening(Record, gc=False):
    """The fingerprint of how a page's story begins, and that page's URL."""

    fingerprint: bytes
    url: str


class Profile(Record, kw_only=True):
    """What was learned of a host. `id` is a digest of everything else.

    `made_by` names the version of the extractors that labelled; `stories` counts the distinct stories
    learned from. `repeated` are sorted eight-byte fingerprints of the host's standing texts, one after
    the other. `title_words` are words that the titles of most pages have.
    """

    id: str = ""
    version: int = VERSION
    host: str
    made_by: str
    stories: int
    templates: tuple[Template, ...]
    repeated: bytes = b""
    openings: tuple[Opening, ...] = ()
    title_words: tuple[str, ...] = ()


class Refusal(Record):
    """Why a profile does not answer for a page: the page must go through the full pipeline."""

    reason: RefusalReason
    detail: str = ""


def with_id(profile: Profile) -> Profile:
    """The profile with the id that its content has."""
    blank = msgspec.structs.replace(profile, id="")
    digest = hashlib.sha256(msgspec.msgpack.encode(blank)).hexdigest()
    return msgspec.structs.replace(profile, id=digest_id("p_", digest))
