"""Sitemaps: urlset, news sitemap, sitemap index, a text file of URLs, a feed used as one.

In: the bytes of a sitemap, gzipped or not, and the URL they came from. Out: a `Sitemap` of absolute
URLs with dates in RFC 3339 UTC, or `Unreadable`. The XML is read as a stream, whatever its namespaces;
what is cut short yields what came before. Entities are never expanded and nothing is fetched. Which
hosts and which depth of index are followed is the caller's decision.
"""

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import Literal

from lxml import etree

from crawler.feeds import Feed, Unreadable, XmlElement, parse_feed
from crawler.listed_dates import rfc3339
from crawler.records import Record
from crawler.references import absolute, plain_text

MAX_URLS = 50_000
# sitemaps.org: 50,000 URLs and 50 MB uncompressed at most.
MAX_DECODED_BYTES = 52_428_800

SitemapKind = Literal["urlset", "index", "text", "feed"]


class SitemapUrl(Record):
    """A page that a sitemap lists; `published` and `title` are a news sitemap's."""

    url: str
    lastmod: str | None = None
    published: str | None = None
    title: str = ""


class SitemapRef(Record):
    """A sitemap that an index lists."""

    url: str
    lastmod: str | None = None


class Sitemap(Record):
    """What a sitemap lists; `truncated` where it is cut short, broken, or longer than the limits."""

    urls: tuple[SitemapUrl, ...] = ()
    children: tuple[SitemapRef, ...] = ()
    truncated: bool = False
    kind: SitemapKind = "urlset"


def parse_sitemap(body: bytes, url: str, max_urls: int = MAX_URLS) -> Sitemap | Unreadable:
    """The sitemap in these bytes. Never raises."""
    decoded, whole = _unpacked(body)
    document = _as_utf8(decoded)
    if not document:
        return Unreadable("empty")
    head = document[:2_000]
    if not head.startswith(b"<"):
        return _text_sitemap(document, url, max_urls, whole=whole)
    if _ENDLESS_TAG.search(document):
        return Unreadable("no sitemap: a tag of over 50,000 bytes")
    if _FEED_ROOT.search(head):
        return _of_feed(document, url, max_urls, whole=whole)
    return _xml_sitemap(document, url, max_urls, whole=whole)


_FEED_ROOT = re.compile(rb"<(?:rss|feed|rdf:RDF|rdf)[\s>]", re.IGNORECASE)
_ENDLESS_TAG = re.compile(rb"<[^<>]{50000}")


def _unpacked(body: bytes) -> tuple[bytes, bool]:
    """The decoded bytes up to the limit or the first damage, and whether that is all of them."""
    if not body.startswith(_GZIP):
        return body[:MAX_DECODED_BYTES], len(body) <= MAX_DECODED_BYTES
    decoder = zlib.decompressobj(wbits=31)
    decoded = BytesIO()
    for start in range(0, len(body), _PIECE):
        try:
            left = MAX_DECODED_BYTES - decoded.tell()
            decoded.write(decoder.decompress(body[start : start + _PIECE], left))
        except zlib.error:
            break
        if decoder.eof or decoded.tell() >= MAX_DECODED_BYTES:
            break
    return decoded.getvalue(), decoder.eof


_GZIP = b"\x1f\x8b"
_PIECE = 4096  # what a damaged byte costs at most


def _as_utf8(document: bytes) -> bytes:
    """The document without byte order mark and leading blanks; UTF-16 as UTF-8, undeclared."""
    if document.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = document.decode("utf-16", "replace").lstrip()
        return re.sub(r"^<\?xml[^>]*\?>", "", text).lstrip().encode("utf-8", "replace")
    return document.removeprefix(b"\xef\xbb\xbf").lstrip()


# ------------------------------------------------------------------------------------------- XML


def _xml_sitemap(document: bytes, url: str, max_urls: int, *, whole: bool) -> Sitemap | Unreadable:
    """Read strictly; where that breaks off, once more with libxml2's repairs."""
    found = _read(_Reader(_mended(document)), url, max_urls, whole=whole)
    if isinstance(found, Sitemap) and not found.truncated:
        return found
    if len(document) > _MAX_REPAIRED_BYTES:
        return found
    if not _CLOSED.search(document, max(0, len(document) - 1_000)):
        document, whole = _up_to_last_entry(document), False
    return _read(_Reader(_mended(document), recover=True), url, max_urls, whole=whole)


# libxml2 keeps a record of every fault that it repairs: 50 MB of faults would be gigabytes.
_MAX_REPAIRED_BYTES = 2_000_000


def _read(reader: "_Reader", url: str, max_urls: int, *, whole: bool) -> Sitemap | Unreadable:
    urls: list[SitemapUrl] = []
    children: list[SitemapRef] = []
    for element in reader.elements():
        if len(urls) + len(children) >= max_urls:
            whole = False
            break
        if _name(element) == "url":
            urls.extend(_page(element, url))
        else:
            children.extend(_ref(element, url))
    if reader.root not in ("urlset", "sitemapindex"):
        named = f"a document of <{reader.root[:40]}>" if reader.root else "no XML"
        return Unreadable(f"no sitemap: {named}")
    return Sitemap(
        urls=tuple(urls),
        children=tuple(children),
        truncated=not whole or reader.broken,
        kind="index" if reader.root == "sitemapindex" else "urlset",
    )


def _up_to_last_entry(document: bytes) -> bytes:
    """The document without an entry that was cut in the middle: half an address is none."""
    end = max(document.rfind(b"url>"), document.rfind(b"sitemap>"))
    return document[: document.find(b">", end) + 1] if end > 0 else document


_CLOSED = re.compile(rb"</(?:[\w.-]{1,40}:)?(?:urlset|sitemapindex)\s*>")


def _mended(document: bytes) -> bytes:
    """The document without control characters, every & that is no XML escape written as &amp;.

    One bad address must not cost those behind it; and a reference that is text cannot expand.
    """
    document = document.translate(None, _CONTROLS)
    if not _LONE_AMPERSAND.search(document):
        return document
    pieces: list[bytes] = []
    start = 0
    while (opened := document.find(b"<![CDATA[", start)) >= 0:
        closed = document.find(b"]]>", opened)
        if closed < 0:
            break
        pieces += _escaped(document[start:opened]), document[opened:closed]
        start = closed
    return b"".join((*pieces, _escaped(document[start:])))


def _escaped(text: bytes) -> bytes:
    return _LONE_AMPERSAND.sub(b"&amp;", text, count=_MAX_MENDED)


_CONTROLS = bytes(sorted(set(range(0x20)) - set(b"\t\n\r")))
_LONE_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_MAX_MENDED = 1_000_000  # each makes the document four bytes longer

# A page may name 1,000 images (Google), each in a few elements.
_MAX_ELEMENTS_IN_ENTRY = 5_000
_MAX_ELEMENTS = 1_000_000


class _Reader:
    """A stream of <url> and <sitemap> elements, each freed once the next is asked for."""

    def __init__(self, document: bytes, *, recover: bool = False) -> None:
        self.document = document
        self.recover = recover
        self.root = ""
        self.broken = False

    def elements(self) -> Iterator[XmlElement]:
        """The entries directly under the root; none under a root of another kind."""
        depth = seen = in_entry = 0
        for event, element in self._events():
            if event == "end":
                depth -= 1
                if depth == 1:
                    if _name(element) in ("url", "sitemap"):
                        yield element
                    in_entry = 0
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
                continue
            depth += 1
            if depth == 1:
                self.root = _name(element)
                if self.root not in ("urlset", "sitemapindex"):
                    return
            seen, in_entry = seen + 1, in_entry + 1
            if in_entry > _MAX_ELEMENTS_IN_ENTRY or seen > _MAX_ELEMENTS:
                self.broken = True
                return

    def _events(self) -> Iterator[tuple[str, XmlElement]]:
        try:
            yield from etree.iterparse(
                BytesIO(self.document), events=("start", "end"), recover=self.recover,
                resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
                remove_comments=True, remove_pis=True,
            )  # fmt: skip
        except etree.XMLSyntaxError:
            self.broken = True


def _name(element: XmlElement) -> str:
    """The name without namespace, and without a prefix that nobody declared."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()


def _text(element: XmlElement) -> str:
    return "".join(element.itertext()).strip()


def _fields(element: XmlElement) -> dict[str, XmlElement]:
    """The element's own children by name, the first of each; image: and video: have a loc as well."""
    fields: dict[str, XmlElement] = {}
    for child in element.iterchildren("*"):
        if not _FOREIGN.search(str(child.tag)):
            fields.setdefault(_name(child), child)
    return fields


_FOREIGN = re.compile(r"^\{[^}]*(?:image|video|xhtml|mobile)[^}]*\}|^(?:image|video|xhtml):")


def _page(element: XmlElement, url: str) -> Iterator[SitemapUrl]:
    fields = _fields(element)
    address = absolute(_text(fields["loc"]), url) if "loc" in fields else ""
    if address:
        news = _fields(fields["news"]) if "news" in fields else {}
        yield SitemapUrl(
            url=address,
            lastmod=_date(fields, "lastmod"),
            published=_date(news, "publication_date"),
            title=plain_text(_text(news["title"])) if "title" in news else "",
        )


def _ref(element: XmlElement, url: str) -> Iterator[SitemapRef]:
    fields = _fields(element)
    address = absolute(_text(fields["loc"]), url) if "loc" in fields else ""
    if address:
        yield SitemapRef(address, _date(fields, "lastmod"))


def _date(fields: dict[str, XmlElement], name: str) -> str | None:
    return rfc3339(_text(fields[name])) if name in fields else None


# --------------------------------------------------------------------------------- text and feeds


def _text_sitemap(document: bytes, url: str, max_urls: int, *, whole: bool) -> Sitemap | Unreadable:
    """One absolute URL a line (sitemaps.org, "Text file")."""
    lines = BytesIO(document if b"\n" in document else document.replace(b"\r", b"\n"))
    # No URL is longer than 2,048 characters (sitemaps.org): longer lines are no URLs.
    short = (line.decode("utf-8", "replace").strip() for line in lines if len(line) < 8_192)
    addresses = (absolute(text, url) for text in short if _ADDRESS.fullmatch(text))
    found = tuple(islice((SitemapUrl(a) for a in addresses if a), max_urls + 1))
    if not found:
        return Unreadable("no sitemap: neither XML nor a list of URLs")
    truncated = not whole or len(found) > max_urls
    return Sitemap(urls=found[:max_urls], truncated=truncated, kind="text")


_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


def _of_feed(document: bytes, url: str, max_urls: int, *, whole: bool) -> Sitemap | Unreadable:
    """A feed that serves as sitemap, as sitemaps.org allows."""
    feed = parse_feed(document, url, max_entries=max_urls)
    if not isinstance(feed, Feed):
        return feed
    return Sitemap(
        urls=tuple(SitemapUrl(e.url, e.updated, e.published, e.title) for e in feed.entries),
        truncated=not whole or feed.malformed or len(feed.entries) >= max_urls,
        kind="feed",
    )
