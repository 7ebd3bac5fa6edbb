"""Feeds: RSS 0.9 to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed.

In: the bytes of a feed and the URL they came from. Out: a `Feed` of entries with absolute links and
dates in RFC 3339 UTC, or `Unreadable`. What is well-formed is read here; feedparser, which takes forty
times as long, gets the rest. Entities are never expanded and nothing is fetched. Links are not made
canonical here: the frontier does that.
"""

import json
import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import islice
from typing import Any, Literal, TypeAlias

from lxml import etree

from crawler.codings import decode
from crawler.listed_dates import rfc3339
from crawler.records import Record
from crawler.references import absolute, is_web, plain_text

MAX_ENTRIES = 1_000
# An element or attribute takes libxml2 some 200 bytes, and a feed of 1,000 stories has 50,000.
_MAX_NODES = 400_000
# feedparser needs 0.2 ms for a kilobyte, up to 8 ms for a hostile one: what comes later is not read.
_MAX_MALFORMED = 500_000
_MAX_MALFORMED_BASES = 500  # nested ones take it quadratic time

XmlElement: TypeAlias = Any
"""An lxml element; lxml comes without types."""
_FoundEntry: TypeAlias = Any
"""feedparser's dictionary of an entry, untyped as well."""

FeedFormat = Literal["rss", "rdf", "atom", "json"]


class FeedEntry(Record):
    """A story that a feed announces; `id` is the feed's own, "" where it gives none."""

    url: str
    title: str = ""
    published: str | None = None
    updated: str | None = None
    id: str = ""


class Feed(Record):
    """What a feed says; `next` is the URL of its next page, "" where it has none."""

    title: str = ""
    language: str = ""
    entries: tuple[FeedEntry, ...] = ()
    format: FeedFormat = "rss"
    next: str = ""
    malformed: bool = False


class Unreadable(Record):
    """Why these bytes are not what they were asked for."""

    reason: str


def parse_feed(
    body: bytes, url: str, content_type: str = "", max_entries: int = MAX_ENTRIES
) -> Feed | Unreadable:
    """The feed in these bytes, its entries without an http(s) link left out. Never raises."""
    if body.startswith(_GZIP):
        # A file that was stored compressed, and is sent without saying so.
        body = decode(body, "gzip", _MAX_STORED).body
    document = body.lstrip(b" \t\r\n\x00") if body[:1] in _BLANK else body
    if not document:
        return Unreadable("empty")
    if document.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return _json_feed(document, url, max_entries)
    if sum(map(document.count, (b"<", b'="', b"='"))) > _MAX_NODES:
        return Unreadable(f"over {_MAX_NODES:,} elements and attributes")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(document, parser, base_url=url)
    except (etree.XMLSyntaxError, ValueError):
        return _malformed_feed(document, url, content_type, max_entries)
    return _xml_feed(root, url, max_entries, has_bases=b"xml:base" in document)


_GZIP = b"\x1f\x8b"
_MAX_STORED = 10_000_000
_BLANK = (b" ", b"\t", b"\r", b"\n", b"\x00")


# ---------------------------------------------------------------------------------- RSS and Atom

_ATOM = ("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#")
_PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    **dict.fromkeys(_ATOM, "atom:"),
}
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_FORMATS: dict[str, FeedFormat] = {"rss": "rss", "rdf": "rdf", "feed": "atom"}
_PUBLISHED = (
    "published", "pubDate", "issued", "atom:published", "dc:date", "dcterms:issued", "created",
    "dcterms:created", "date",
)  # fmt: skip
_UPDATED = ("updated", "modified", "atom:updated", "dcterms:modified")


class _Element:
    """An item, entry, channel or feed: its children by name, modules by their usual prefix.

    The element's own vocabulary has no prefix, so a module's <title> is never taken for its own.
    """

    def __init__(self, element: XmlElement, url: str, *, has_bases: bool) -> None:
        self.element = element
        self.url = url
        self.has_bases = has_bases
        self.children: dict[str, list[XmlElement]] = {}
        own = etree.QName(element).namespace
        for child in element.iterchildren("*"):
            namespace, _, name = child.tag.rpartition("}")
            namespace = namespace[1:] or None
            # origLink is FeedBurner's, and its imitators'.
            known = namespace == own or name == "origLink"
            key = name if known else _PREFIXES.get(namespace or "", "other:") + name
            self.children.setdefault(key, []).append(child)

    def text(self, *names: str) -> str:
        """The first text that is not empty under these names, in the order of the names."""
        return next((t for name in names for t in self.texts(name) if t), "")

    def texts(self, name: str) -> Iterator[str]:
        return ("".join(c.itertext()).strip() for c in self.children.get(name, ()))

    def title(self) -> str:
        for child in self.children.get("title", ()):
            text = "".join(child.itertext())
            # Atom 3.1.1: only type "html" is markup; RSS says nothing, and markup is what occurs.
            verbatim = etree.QName(child).namespace in _ATOM and child.get("type", "text") == "text"
            return " ".join(text.split()) if verbatim else plain_text(text)
        return plain_text(self.text("dc:title"))

    def date(self, names: Iterable[str]) -> str | None:
        return next((d for n in names for t in self.texts(n) if (d := rfc3339(t))), None)

    def absolute(self, reference: str, child: XmlElement = None) -> str:
        """The reference against the URL of the feed, or the xml:base in force at the child."""
        base = (self.element if child is None else child).base if self.has_bases else None
        return absolute(reference, base or self.url)

    def linked(self, rel: str) -> str:
        """The href of the link with this relation; HTML is preferred to other types."""
        found = [
            (link, link.get("type", ""))
            for link in (*self.children.get("link", ()), *self.children.get("atom:link", ()))
            if link.get("href") and link.get("rel", "alternate").lower() == rel
        ]
        found.sort(key=lambda pair: bool(pair[1]) and "html" not in pair[1])
        return next((u for link, _ in found if (u := self.absolute(link.get("href"), link))), "")


def _xml_feed(
    root: XmlElement, url: str, max_entries: int, *, has_bases: bool
) -> Feed | Unreadable:
    name = etree.QName(root).localname
    if name.lower() not in _FORMATS:
        return Unreadable(f"no feed: a document of <{name[:40]}>")
    channel = next(_named(root, "channel"), root)
    head = _Element(channel, url, has_bases=has_bases)
    # RSS has its items in the channel, RDF and RSS 0.90 beside it.
    parents = (root,) if channel is root else (channel, root)
    elements = (element for parent in parents for element in _named(parent, "item", "entry"))
    entries = (_entry(_Element(element, url, has_bases=has_bases)) for element in elements)
    return Feed(
        title=head.title(),
        language=root.get(_XML_LANG) or head.text("language", "dc:language"),
        entries=tuple(islice((e for e in entries if e.url), max_entries)),
        format=_FORMATS[name.lower()],
        next=head.linked("next"),
    )


def _named(parent: XmlElement, *names: str) -> Iterator[XmlElement]:
    """The children with these names in any namespace: RDF's items are not of RDF's own."""
    return (c for c in parent.iterchildren("*") if etree.QName(c).localname in names)


def _entry(entry: _Element) -> FeedEntry:
    guids = entry.children.get("guid", ())
    return FeedEntry(
        url=_best_link(entry),
        title=entry.title(),
        published=entry.date(_PUBLISHED),
        updated=entry.date(_UPDATED),
        id=entry.text("guid" if guids else "id") or entry.element.get(_RDF_ABOUT, ""),
    )


def _best_link(entry: _Element) -> str:
    """The story's own address, before a feed host's redirect and before guesses from the id."""
    # The last <link>text</link> wins, in Atom as well, where it is an error (feedparser's reading).
    written = next((t for t in reversed(list(entry.texts("link"))) if t), "")
    guid = next((g for g in entry.children.get("guid", ())), None)
    is_permanent = guid is not None and guid.get("isPermaLink", "true").lower() != "false"
    references = (
        *((text, child) for text, child in _pairs(entry, "origLink")),
        (written, None),
        (entry.linked("alternate"), None),
        *((child.get("src", ""), child) for child in entry.children.get("content", ())),
        (entry.text("guid") if is_permanent and is_web(entry.text("guid")) else "", None),
        (entry.text("id") if is_web(entry.text("id")) else "", None),
        (entry.element.get(_RDF_ABOUT, ""), None),
    )
    return next((u for ref, child in references if (u := entry.absolute(ref, child))), "")


def _pairs(entry: _Element, name: str) -> Iterator[tuple[str, XmlElement]]:
    return zip(entry.texts(name), entry.children.get(name, ()), strict=True)


# ------------------------------------------------------------------------------------- JSON Feed


def _json_feed(body: bytes, url: str, max_entries: int) -> Feed | Unreadable:
    """JSON Feed 1.0 and 1.1 (jsonfeed.org)."""
    try:
        table = json.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return Unreadable("no feed: broken JSON")
    items = table.get("items")
    if "jsonfeed.org" not in _said(table, "version") or not isinstance(items, list):
        return Unreadable("no feed: JSON without a JSON Feed version")
    entries = (_json_entry(item, url) for item in items if isinstance(item, dict))
    return Feed(
        title=plain_text(_said(table, "title")),
        language=_said(table, "language"),
        entries=tuple(islice((e for e in entries if e.url), max_entries)),
        format="json",
        next=absolute(_said(table, "next_url"), url),
    )


def _json_entry(item: dict[str, Any], url: str) -> FeedEntry:
    identity = _said(item, "id")
    reference = _said(item, "url") or _said(item, "external_url")
    return FeedEntry(
        url=absolute(reference or (identity if is_web(identity) else ""), url),
        title=" ".join(_said(item, "title").split()),
        published=rfc3339(_said(item, "date_published")),
        updated=rfc3339(_said(item, "date_modified")),
        id=identity,
    )


def _said(table: dict[str, Any], key: str) -> str:
    value = table.get(key)
    # JSON Feed 1.1: ids that are numbers are to be read as text. Half a surrogate pair is no text.
    text = str(value) if isinstance(value, str | int | float) else ""
    return text.encode("utf-8", "replace").decode()


# ------------------------------------------------------------------------------------- malformed

_FEED_TAG = re.compile(r"<(?:\w{1,20}:)?(?:rss|rdf|feed|channel)\b", re.IGNORECASE)
_ENTITY = re.compile(r"<!\s*ENTITY", re.IGNORECASE)
_CHARSET = re.compile(r"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
# What the web is written in. Others of Python's codecs are slow (punycode) or hide markup (UTF-7).
CODECS = re.compile(
    r"utf-?8|utf-?16(?:-?[lb]e)?|(?:us-)?ascii|latin-?1|iso[-_]8859-(?:[1-9]|1[013-6])|(?:windows-|cp)125[0-8]"
    r"|koi8-[ru]|gb2312|gbk|gb18030|big5(?:-hkscs)?|euc-?(?:jp|kr)|shift[-_]?jis|iso-2022-jp|tis-620",
    re.IGNORECASE,
)


def _malformed_feed(body: bytes, url: str, content_type: str, limit: int) -> Feed | Unreadable:
    """What feedparser makes of bytes that are no well-formed XML."""
    text = _decoded(body, content_type)[:_MAX_MALFORMED]
    if not _FEED_TAG.search(text[:20_000]):
        return Unreadable("no feed: neither XML nor JSON Feed")
    if _ENTITY.search(text):
        # feedparser expands them: 12 levels of ten take it 13 s.
        return Unreadable("no well-formed XML, and declares entities")
    if text.count("xml:base") > _MAX_MALFORMED_BASES:
        return Unreadable(f"no well-formed XML, and over {_MAX_MALFORMED_BASES} xml:base")
    import feedparser  # takes 0.1 s to import; most runs meet no malformed feed

    headers = {"content-location": url, "content-type": "application/xml; charset=utf-8"}
    try:
        # A stream, because feedparser opens bytes that happen to name a local file.
        stream = BytesIO(text.encode("utf-8", "replace"))
        found = feedparser.parse(stream, response_headers=headers, sanitize_html=False)
    except Exception as error:  # noqa: BLE001  it fails in many ways on garbage; one feed is lost
        return Unreadable(f"no well-formed XML, and feedparser fails: {type(error).__name__}")
    if not found.entries and not found.version:
        return Unreadable("no feed: no well-formed XML, no entries")
    entries = (_found_entry(entry, url) for entry in found.entries)
    name = found.version.rstrip("0123456789")
    return Feed(
        title=plain_text(found.feed.get("title", "")),
        language=found.feed.get("language", ""),
        entries=tuple(islice((e for e in entries if e.url), limit)),
        format="atom" if name == "atom" else "rdf" if found.version in _RDF_VERSIONS else "rss",
        next=next(
            (absolute(n.href, url) for n in found.feed.get("links", ()) if n.get("rel") == "next"),
            "",
        ),
        malformed=True,
    )


_RDF_VERSIONS = ("rss090", "rss10")


def _decoded(body: bytes, content_type: str) -> str:
    """The text as its byte order mark, UTF-8, the header or the declaration reads it."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    heads = (content_type, body[:200].decode("latin-1"))
    named = (match[1] for head in heads if (match := _CHARSET.search(head)))
    for codec in ("utf-8-sig", *filter(CODECS.fullmatch, named)):
        try:
            return body.decode(codec)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("cp1252", "replace")


def _found_entry(entry: _FoundEntry, url: str) -> FeedEntry:
    reference = entry.get("feedburner_origlink") or entry.get("link") or ""
    return FeedEntry(
        url=absolute(reference, url),
        title=plain_text(entry.get("title", "")),
        published=_found_date(entry, "published") or _found_date(entry, "created"),
        updated=_found_date(entry, "updated"),
        id=entry.get("id", ""),
    )


def _found_date(entry: _FoundEntry, key: str) -> str | None:
    """feedparser reads a few more spellings of dates than `rfc3339` does."""
    if key not in entry:
        return None
    # Its own `get` would take "published" for a missing "updated".
    parsed = dict.get(entry, f"{key}_parsed")
    if parsed is None:
        return rfc3339(dict.get(entry, key) or "")
    return rfc3339("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*parsed[:6]))
