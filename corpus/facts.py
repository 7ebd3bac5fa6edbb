"""What the head of a page's view says: the record's values, each with what is to be known of it.

In: an article or a rejection. Out: facts in the order in which a reader asks. Nothing is judged here but
what a reader should beware of: odd dates, a body that is not whole, warnings.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from corpus.highlights import Line, Mark, pieces, plain
from corpus.records import Article, Rejection, Rights


class Fact(NamedTuple):
    """A name and its values: a note on them, where they lead, and whether to beware of them."""

    name: str
    values: tuple[Line, ...]
    note: str = ""
    href: str = ""
    odd: bool = False


def facts_of_article(
    article: Article, in_byline: Sequence[Mark], in_url: Sequence[Mark]
) -> tuple[Fact, ...]:
    """The head of an article's view, with what is highlighted in its byline and its final URL."""
    return (
        *_who_and_when(article, in_byline),
        *_addresses(article, in_url),
        *_reading(article),
        *_origin(article),
    )


def facts_of_rejection(rejection: Rejection) -> tuple[Fact, ...]:
    """All that is known of a page that became no article."""
    r = rejection
    return (
        _fact("Reason", r.reason, odd=True),
        _fact("Detail", r.detail),
        _fact("Stage", r.stage),
        _fact("Place", r.place if r.place != r.url else ""),
        _fact("URL", r.url, href=_web_link(r.url)),
        _fact("Record", r.record_id),
        _fact("Run", r.run_id),
    )


def _who_and_when(a: Article, in_byline: Sequence[Mark]) -> Iterator[Fact]:
    source = f"from {a.date_source}" if a.date_source else ""
    dated = _listed(a.date_precision, a.date_zone, source, *a.date_flags)
    declared = f"declared {a.language_declared}" if a.language_declared else "none declared"
    yield Fact("Byline", (pieces(a.byline, in_byline),) if a.byline else ())
    yield _fact("Authors", *a.authors)
    yield _fact("Published", a.date_published or "", note=dated, odd=bool(a.date_flags))
    yield _fact("Modified", a.date_modified or "")
    yield _fact("Language", a.language, note=f"{declared}; confidence {a.language_confidence:.2f}")
    yield _fact("Section", a.section)


def _addresses(a: Article, in_url: Sequence[Mark]) -> Iterator[Fact]:
    outlet = a.outlet
    yield _fact("Canonical URL", a.canonical_url, href=_web_link(a.canonical_url))
    final = (pieces(a.final_url, in_url),) if a.final_url else ()
    yield Fact("Final URL", final, href=_web_link(a.final_url))
    if a.url != a.final_url:
        yield _fact("Asked for", a.url, href=_web_link(a.url))
    names = (outlet.name, outlet.id, outlet.country, outlet.owner, outlet.kind)
    yield _fact("Outlet", *dict.fromkeys(names))


def _reading(a: Article) -> Iterator[Fact]:
    made = a.extraction
    free = {True: "free to read, it says", False: "not free to read, it says", None: ""}
    size = (f"{a.char_count:,} characters", f"{a.word_count:,} words")
    about = _listed(*size, free[a.is_accessible_for_free])
    yield _fact("Body", f"{a.body_status} {a.kind}", note=about, odd=a.body_status != "full")
    yield _fact("Extraction", made.method, note=_listed(made.tool, made.version))
    yield _fact("Quality", f"{made.quality:.3f}", note=f"settings {made.settings_digest}")
    yield _fact("Warnings", *made.warnings, odd=bool(made.warnings))
    yield _fact("Rights", *_rights(a.rights))


def _origin(a: Article) -> Iterator[Fact]:
    http = a.http
    if http.status:
        size = f"{http.bytes:,} bytes"
        yield _fact("Response", str(http.status), note=_listed(http.content_type, size))
    if a.fetched_at:
        yield _fact("Fetched", a.fetched_at, note=f"run {a.run_id}" if a.run_id else "")
    if http.warc_file:
        yield _fact("In the archive", http.warc_file, note=f"byte {http.warc_offset}")
    yield _fact("Capture", a.capture_id)
    yield _fact("Article", a.id, note=f"version {a.version}" if a.version > 1 else "")
    yield _fact("text_sha256", a.text_sha256)


def _rights(rights: Rights) -> tuple[str, ...]:
    allowed = {True: "allowed by robots.txt", False: "disallowed by robots.txt", None: ""}
    rule = f" ({rights.robots_rule})" if rights.robots_rule else ""
    robots = allowed[rights.robots_allowed]
    said = (
        ("licence", rights.license),
        ("meta robots", ", ".join(rights.meta_robots)),
        ("X-Robots-Tag", ", ".join(rights.x_robots_tag)),
        ("TDM reservation", rights.tdm_reservation),
        ("TDM policy", rights.tdm_policy),
    )
    told = (f"{name}: {value}" for name, value in said if value)
    return tuple(x for x in (rights.copyright_notice, robots and robots + rule, *told) if x)


def _fact(name: str, *values: str, note: str = "", href: str = "", odd: bool = False) -> Fact:
    return Fact(name, tuple(pieces(v) for v in values if v), plain(note), href, odd)


def _listed(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _web_link(url: str) -> str:
    """The address where it is one that a click may follow; a page names its address itself."""
    return url if re.fullmatch(r"(?i)https?://[^\s\x00-\x1f]+", url) else ""
