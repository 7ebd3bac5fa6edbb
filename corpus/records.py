"""The corpus's records: what stands in every JSONL line, field by field.

Types are stable: every key in every line, in this order, never null where a list or an object is
meant, floats always floats (`datasets.load_dataset` fails on most kinds of drift between shards).
Offsets are half-open and count Unicode code points of `text`. Times are RFC 3339 UTC with `Z`; an
unknown time or text is "" unless null has a meaning of its own. Ids are digests, never counters.
docs/data-format.md is generated from the docstrings here.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from crawler.records import Record, digest_id

BodyStatus = Literal["full", "teaser", "paywalled", "empty"]
PageKind = Literal["story", "brief", "live_blog", "gallery", "video", "audio"]
DatePrecision = Literal["", "second", "minute", "day", "month", "year"]
Version = Annotated[int, Meta(ge=1, le=999_999_999)]
"""Of an article: the first is 1. Ids of versions ("id@2") have as many digits."""

Relation = Literal["exact", "near", "excerpt", "expanded", "update"]
StoryRelation = Literal["rewritten", "translated", "update", "contains"]
Role = Literal["sole", "mixed", "contributed", ""]
Signal = Literal[
    "publisher",
    "dateline",
    "story_id",
    "byline",
    "source",
    "json_ld",
    "meta",
    "page_state",
    "tail",
    "copyright",
]
RejectionReason = Literal[
    "not_html",
    "http_error",
    "empty_body",
    "too_short",
    "no_text",
    "not_json",
    "bad_record",
    "duplicate_id",
    "truncated",
    "damaged",
    "time_limit",
    "memory_limit",
    "crashed",
    "not_an_article",
]


def article_id(canonical_url: str) -> str:
    """The id of the page with this canonical URL, in any version."""
    return digest_id("a_", canonical_url)


def cluster_id(first_seen_article_id: str, version: int) -> str:
    """The id of the cluster whose first-seen member is this version of this article."""
    return digest_id("c_", first_seen_article_id, str(version))


def story_id(first_seen_cluster_id: str) -> str:
    """The id of the story whose first-seen cluster is this one."""
    return digest_id("s_", first_seen_cluster_id)


# ---------------------------------------------------------------------------------------- article


class Outlet(Record):
    """Who published the page: the source's entry, or what its host says."""

    id: str = ""
    name: str = ""
    country: str = ""
    owner: str = ""
    kind: str = ""


class Dateline(Record):
    """The story's opening "PLACE, date (AGENCY) —": its parts, and its span in `text`."""

    text: str = ""
    place: str = ""
    agency: str = ""
    date: str = ""
    start: int = 0
    end: int = 0


class Evidence(Record):
    """The words that credit an agency: `text` stands at [start, end) of the place named by `where`.

    `where` is "text" (offsets in the article's `text`), "byline", "stripped[N]", "url", or
    "json_ld", "meta" or "page_state" (offsets in the page's source); `rule` is the id of the row
    in configs/agencies.toml.
    """

    agency: str
    signal: Signal
    where: str
    start: int
    end: int
    text: str
    rule: str


class Hint(Record):
    """Words that say who spoke to an agency, at [start, end) of `text`: no credit, yet a hint of its copy."""

    agency: str
    start: int
    end: int
    text: str
    rule: str


class Wire(Record):
    """Which agency wrote it, and the words that prove it.

    `is_wire` is null when the page gives no ground either way, false where it names its own author and
    no agency. `story_ids` are the agencies' numbers and slugs, as written and with their versions.
    `hints` name agencies that somebody told something: they count for nothing here.
    """

    is_wire: bool | None = None
    agencies: tuple[str, ...] = ()
    role: Role = ""
    confidence: float = 0.0
    story_ids: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    hints: tuple[Hint, ...] = ()


class Stripped(Record):
    """A block that stood on the page and is not part of the story.

    It stood after paragraph `after_paragraph` of the body; -1 is before the first.
    """

    kind: str
    rule: str
    text: str
    after_paragraph: int


class Rights(Record):
    """What the page and its host say of its use, word for word."""

    copyright_notice: str = ""
    license: str = ""
    robots_allowed: bool | None = None
    robots_rule: str = ""
    meta_robots: tuple[str, ...] = ()
    x_robots_tag: tuple[str, ...] = ()
    tdm_reservation: str = ""
    tdm_policy: str = ""


class Http(Record):
    """The response the article was read from, and its place in the archive."""

    status: int = 0
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    bytes: int = 0
    sha256: str = ""
    warc_file: str = ""
    warc_offset: int = 0
    warc_length: int = 0


class Extraction(Record):
    """How the text was found: the tool, its settings' digest, the way, and what was odd."""

    tool: str = ""
    version: str = ""
    settings_digest: str = ""
    method: str = ""
    quality: float = 0.0
    warnings: tuple[str, ...] = ()


class Article(Record, kw_only=True):
    """One version of one page: the story, who wrote it, where it came from.

    `text` is NFC, paragraphs joined by a blank line; `paragraphs` holds their [start, end) spans.
    `date_zone` is the zone that the date was written in ("+01:00"), "" where none was.
    """

    schema: Literal["article/1"] = "article/1"
    id: str
    capture_id: str
    version: Version = 1
    prev_text_sha256: str = ""
    url: str
    canonical_url: str
    final_url: str
    outlet: Outlet = Outlet()
    headline: str = ""
    description: str = ""
    byline: str = ""
    authors: tuple[str, ...] = ()
    date_published: str | None = None
    date_modified: str | None = None
    date_source: str = ""
    date_precision: DatePrecision = ""
    date_flags: tuple[str, ...] = ()
    date_zone: str = ""
    fetched_at: str = ""
    first_seen_at: str = ""
    language: str = ""
    language_declared: str = ""
    language_confidence: float = 0.0
    section: str = ""
    keywords: tuple[str, ...] = ()
    text: str
    text_sha256: str
    char_count: int = 0
    word_count: int = 0
    paragraphs: tuple[tuple[int, int], ...] = ()
    body_status: BodyStatus = "full"
    kind: PageKind = "story"
    is_accessible_for_free: bool | None = None
    dateline: Dateline = Dateline()
    wire: Wire = Wire()
    stripped: tuple[Stripped, ...] = ()
    rights: Rights = Rights()
    http: Http = Http()
    extraction: Extraction = Extraction()
    run_id: str = ""


class Rejection(Record, kw_only=True):
    """Why a record left the pipeline; counted in the summary and kept on disk.

    `record_id` is the capture's id (or the input line's); `place` is where it stood ("file:line", a
    WARC file and offset, or the URL); `detail` says in words what was wrong.
    """

    schema: Literal["rejection/1"] = "rejection/1"
    record_id: str
    stage: str
    reason: RejectionReason
    url: str = ""
    place: str = ""
    detail: str = ""
    run_id: str = ""


# ------------------------------------------------------------------------------ cluster and story


class Vote(Record):
    """How many members credit an agency."""

    agency: str
    count: int


class ClusterWire(Record):
    """The agencies that the members credit; `conflict` where they name different ones."""

    agencies: tuple[str, ...] = ()
    confidence: float = 0.0
    votes: tuple[Vote, ...] = ()
    conflict: bool = False


class Representative(Record):
    """The member that stands for the cluster, and why it was chosen."""

    article_id: str
    version: int
    reason: str


class Headline(Record):
    """A headline that members carry, how often, and since when."""

    text: str
    count: int
    first_seen_at: str


class PossibleAgency(Record):
    """An agency that other members of a cluster credit: which ones do, the first of them by their ids.

    `share` is how many of the crediting members credit it. Credit alone undercounts what comes from
    agencies; this is no credit, and says who to look at.
    """

    agency: str
    share: float
    members: tuple[str, ...]


class Member(Record):
    """An article version in a cluster, and how it relates to the representative.

    `jaccard` is of word 5-grams; `containment` is the share of the smaller text's 5-grams that the
    larger has; `wire_share` is the share of this text's 5-grams that the representative has. All
    without the host's furniture, each in [0, 1].

    `relation` is the first of these that is so: "exact", the same words; "update", a later version of the
    representative's page, or a text that was published later, shares half both ways and keeps under half of
    the lead; "excerpt", at most 80 % as long, and half of it stands in the representative; "expanded", at
    least 120 % as long, and holds half of the representative; "near", all else: a copy of about the same
    length, or one so reworded that few runs of words stayed, which a low `containment` shows.

    A "near" member may be in the cluster through others only, since the two texts alone would make it no
    copy of the representative: `through_id` and `through_version` name the member that it is likeliest a
    copy of. They are "" and 0 for all others, and where nothing but people's corrections put it there.

    `possible_agency` is of a member that credits none, in a cluster of which others credit one.
    """

    article_id: str
    version: int
    outlet: str
    published_at: str | None
    seen_at: str
    relation: Relation
    jaccard: float
    containment: float
    wire_share: float
    headline_changed: bool
    possible_agency: PossibleAgency | None = None
    through_id: str = ""
    through_version: int = 0


class ClusterEvidence(Record):
    """How well the cluster holds together: verified pairs, similarity, share of possible pairs."""

    pair_count: int = 0
    min_similarity: float = 0.0
    mean_similarity: float = 0.0
    density: float = 0.0


class Method(Record):
    """How the clusters were made; signatures made otherwise must not be mixed with these."""

    settings_digest: str = ""
    scheme: str = ""
    num_perm: int = 0
    seed: int = 0
    shingle: str = ""
    normaliser: str = ""
    version: str = ""


class Cluster(Record, kw_only=True):
    """Near copies of one version of a wire story, as of a snapshot.

    `merged_from` are ids that clusters of earlier snapshots had, are no more, and whose articles are in this
    one now. They are no function of the articles: without those snapshots there are none.
    """

    schema: Literal["cluster/1"] = "cluster/1"
    snapshot: str
    id: str
    merged_from: tuple[str, ...] = ()
    story_id: str
    size: int
    outlet_count: int
    owner_count: int
    countries: tuple[str, ...] = ()
    wire: ClusterWire = ClusterWire()
    representative: Representative
    headline: str = ""
    headlines: tuple[Headline, ...] = ()
    first_published_at: str | None = None
    last_published_at: str | None = None
    first_seen_at: str = ""
    last_seen_at: str = ""
    members: tuple[Member, ...] = ()
    evidence: ClusterEvidence = ClusterEvidence()
    method: Method = Method()


class StoryLink(Record):
    """Two clusters, and in words what shows their relation.

    Of two clusters of one story `from` is the earlier. Where `from` is a compilation that contains `to`,
    the link stands in the compilation's story, and `to` is of another one.
    """

    from_: str = msgspec.field(name="from")
    to: str
    relation: StoryRelation
    evidence: str


class Story(Record, kw_only=True):
    """One wire story in all its forms: clusters, and how they descend from each other."""

    schema: Literal["story/1"] = "story/1"
    snapshot: str
    id: str
    clusters: tuple[str, ...]
    links: tuple[StoryLink, ...] = ()


# ------------------------------------------------------------------------------------ the filters


class PageLine(Record):
    """A line of `extract`'s input: decoded HTML under an id of the caller's; further keys are free.

    `fetched_at` tells dates from the time of rendering, and dates to come.
    """

    id: str
    html: str
    url: str | None = None
    fetched_at: str | None = None


class TextLine(Record):
    """A line of `cluster`'s input, and of `extract`'s where it has no "html"; further keys are free.

    `cluster` reads article records as such. Its date window counts from `date_published` or `published`,
    which is unknown where it is before 1990, or more than a day after `first_seen_at` (2100, where that is
    not known). A text of unknown day is compared with those of all days; `first_seen_at` gives it none.
    """

    id: str
    text: str
    url: str | None = None
    host: str | None = None
    headline: str | None = None
    title: str | None = None
    date_published: str | None = None
    published: str | None = None
    first_seen_at: str | None = None
    version: Version = 1


class ClusterLine(Record, gc=False):
    """A line of `cluster`'s output: one an article, in the input's order.

    `relation`, `jaccard` and `containment` are to the cluster's representative, as in `Member`.
    """

    id: str
    cluster_id: str
    story_id: str
    role: Literal["sole", "representative", "member"]
    relation: Relation
    size: Annotated[int, Meta(ge=1)]
    jaccard: float
    containment: float
    version: Version


# ------------------------------------------------------------------------------------- a snapshot


class Count(Record):
    """A named number; lists of these stand where a free-form map would drift in type."""

    name: str
    count: int
