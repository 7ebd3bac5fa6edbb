"""Links of a page: where a section page leads, which feeds it names, what an address looks like.

In: HTML and the URL it came from. Out: `Link`s in document order, and for each how much its address
looks like a story's. Nothing is fetched, no redirect is followed (a meta refresh is none of the links),
and no story is judged by its words. selectolax reads the HTML.
"""

import re
from collections import Counter
from collections.abc import Callable
from itertools import islice, pairwise
from math import exp
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.feeds import CODECS
from crawler.records import Record
from crawler.references import absolute
from crawler.unfolding import MOST_REPEATED, most_repeated
from crawler.urls import same_site

MAX_LINKS = 5_000
_MAX_TEXT = 500
_MAX_NODES_IN_LINK = 200


class Link(Record):
    """An address without its fragment, the longest text that a page links it by, and rel=nofollow."""

    url: str
    text: str = ""
    nofollow: bool = False


def section_links(
    html: bytes | str,
    url: str,
    same: Callable[[str], bool] | None = None,
    max_links: int = MAX_LINKS,
) -> tuple[Link, ...]:
    """The links of a page that `same` takes, each once, in document order. Never raises.

    By default those of the page's own site (its registrable domain). A link is nofollow where every
    mention of it is, or where the page's meta robots says so.
    """
    tree = _parsed(html)
    base = _base(tree, url)
    own = url.partition("#")[0]
    found: dict[str, Link] = {}
    for node in tree.tags("a"):
        href = node.attributes.get("href")
        address = absolute(href, base).partition("#")[0] if href else ""
        if not address or address == own:
            continue
        known = found.get(address)
        if known is None and (len(found) >= max_links or not _takes(same, address, url)):
            continue
        link = Link(address, _text(node), "nofollow" in _words(node, "rel"))
        found[address] = _joined(known, link)
    if _meta_nofollow(tree):
        return tuple(Link(link.url, link.text, nofollow=True) for link in found.values())
    return tuple(found.values())


def feed_links(html: bytes | str, url: str) -> tuple[Link, ...]:
    """The feeds that a page names by <link rel=alternate>, with their titles."""
    tree = _parsed(html)
    base = _base(tree, url)
    found: dict[str, Link] = {}
    for node in islice(tree.tags("link"), MAX_LINKS):
        kind = (node.attributes.get("type") or "").partition(";")[0].strip().lower()
        rel = _words(node, "rel")
        if (kind in _FEED_TYPES and "alternate" in rel) or "feed" in rel:
            address = absolute(node.attributes.get("href") or "", base)
            title = " ".join((node.attributes.get("title") or "").split())
            if address:
                found.setdefault(address, Link(address, title[:_MAX_TEXT]))
    return tuple(found.values())


def article_likeness(
    link: Link | str, learned: Callable[["Shape"], float] = lambda _: 0.0
) -> float:
    """How much an address looks like a story's, from 0 to 1; from its shape alone.

    A long hyphened slug, a date before it and a number with it speak for a story; short paths, tag
    and author pages, calendars, paging, facets and files of other kinds against it. `learned` is what the
    site adds to the log-odds (`crawler.likeness`).
    """
    shape = Shape.of(link if isinstance(link, str) else link.url)
    if shape.is_never_a_story() or _YEAR.fullmatch(shape.last):
        return 0.0
    odds = max(shape.log_odds() + learned(shape), _LEAST_ODDS)
    return round(1 / (1 + exp(-odds)), 3)


# A path of 500 segments has odds that no float holds.
_LEAST_ODDS = -50.0


def may_be_story(url: str) -> bool:
    """Whether an address that a sitemap lists is not plainly a front page's, list's, file's or imprint's."""
    shape = Shape.of(url)
    listing = shape.last in _LISTING_WORDS or not _LISTS.isdisjoint(shape.segments[:-1])
    return not (shape.is_never_a_story() or listing)


def facet_of(url: str) -> str:
    """The address of a story up to its "?", where the query behind it only shows it otherwise; else "".

    So it is where the path looks like a story's by itself and the query holds no number of one: a page's
    sizes, colours and visits have as many addresses as somebody cares to follow.
    """
    path, _, query = url.partition("?")
    if not query or _IDENTITY_PARAMETER.search(query.lower()) or article_likeness(path) < _EVEN:
        return ""
    return path + "?"


_EVEN = 0.5

# ------------------------------------------------------------------------------------------ HTML

_FEED_TYPES_TEXT = """
    application/rss+xml application/atom+xml application/rdf+xml application/feed+json
    application/x.atom+xml application/x-atom+xml
"""
_FEED_TYPES = frozenset(_FEED_TYPES_TEXT.split())
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{3,20})", re.IGNORECASE
)


def _parsed(html: bytes | str) -> LexborHTMLParser:
    """The page as a tree; an empty one where building it would take minutes, or gigabytes."""
    text = (_decoded(html) if isinstance(html, bytes) else html)[:_MAX_HTML]
    deep = text.count("<") > _MANY_TAGS and _depth(text) > _MAX_DEPTH
    if _is_crowded(text) or deep or most_repeated(text) > MOST_REPEATED:
        text = ""
    return LexborHTMLParser(text.encode("utf-8", "replace").decode())


def _is_crowded(text: str) -> bool:
    """Whether an element has so many attributes that to compare each with all others takes long."""
    return any(
        len(_VALUE.sub("= ", tag[0]).split()) > _MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(text)
    )


# lexbor takes 0.2 s for 10,000 attributes of one element, 6.5 s for 60,000, and minutes for a page of them.
_MOST_ATTRIBUTES = 10_000
_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{20000,}")
_VALUE = re.compile(r"=\s*(?:\"[^\"]*\"|'[^']*')")

_MAX_HTML = 3_000_000
# HTML's scope rules walk the open elements at every tag, so depth times tags is the cost: minutes
# for a page of unclosed tags. Browsers stop at a depth of 512; 1,200 real pages reach 135.
_MANY_TAGS = 20_000
_MAX_DEPTH = 500
_TAGS = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|textarea|title)\b.*?(?:</\1|\Z)|<(/?)([a-z][^\s/>]{0,40})",
    re.IGNORECASE | re.DOTALL,
)
_NEVER_DEEP_TEXT = """
    area base br col embed hr img input link meta param source track wbr
    p li dd dt tr td th thead tbody tfoot option optgroup colgroup html head body path
"""
_NEVER_DEEP = frozenset(_NEVER_DEEP_TEXT.split())


def _depth(html: str) -> int:
    """How deep elements stand in each other at most, roughly."""
    depth = deepest = 0
    for _, closing, name in _TAGS.findall(html):
        if name and name.lower() not in _NEVER_DEEP:
            depth += -1 if closing else 1
            deepest = max(deepest, depth)
    return deepest


def _decoded(html: bytes) -> str:
    """The page's text, good enough for addresses and link texts."""
    if html.startswith((b"\xff\xfe", b"\xfe\xff")):
        return html.decode("utf-16", "replace")
    try:
        return html.decode("utf-8-sig")
    except UnicodeDecodeError:
        named = _CHARSET.search(html[:4_096])
    codec = named[1].decode() if named else ""
    return html.decode(codec if CODECS.fullmatch(codec) else "cp1252", "replace")


def _base(tree: LexborHTMLParser, url: str) -> str:
    """The base of the page's links: the first <base href>, else its URL."""
    found = (absolute(node.attributes.get("href") or "", url) for node in tree.tags("base"))
    return next((base for base in found if base), url)


def _takes(same: Callable[[str], bool] | None, address: str, url: str) -> bool:
    return same(address) if same else same_site(address, url)


def _joined(known: Link | None, link: Link) -> Link:
    """Two mentions of an address as one: a picture's link has no text, the headline's has."""
    if known is None:
        return link
    text = max(known.text, link.text, key=len)
    return Link(known.url, text, known.nofollow and link.nofollow)


def _text(node: LexborNode) -> str:
    inner = islice(node.traverse(include_text=True), _MAX_NODES_IN_LINK)
    text = "".join(n.text_content or "" for n in inner if n.tag == "-text")
    return " ".join((text or node.attributes.get("title") or "").split())[:_MAX_TEXT]


def _words(node: LexborNode, attribute: str) -> list[str]:
    return (node.attributes.get(attribute) or "").lower().replace(",", " ").split()


def _meta_nofollow(tree: LexborHTMLParser) -> bool:
    return any(
        {"nofollow", "none"}.intersection(_words(node, "content"))
        for node in tree.tags("meta")
        if (node.attributes.get("name") or "").lower() == "robots"
    )


# --------------------------------------------------------------------------------- shape of a URL

_OTHER_FILES_TEXT = """
    .jpg .jpeg .png .gif .webp .svg .ico .pdf .mp3 .mp4 .m3u8 .mov .avi .webm .wav .zip .gz
    .rss .xml .json .css .js .doc .docx .xls .xlsx .ppt .pptx .csv .txt .ics .exe .apk .epub
    .atom .rdf .woff .woff2
"""
_OTHER_FILES = frozenset(_OTHER_FILES_TEXT.split())
# Words of content management systems, not of sites: what lists, serves or asks instead of telling.
_LISTING_WORDS_TEXT = """
    tag tags topic topics thema themen tema temas category categories author authors auteur
    autor autoren profile profiles by people search suche recherche archive archives archiv
    page pages seite login signin register account subscribe abo newsletter newsletters
    calendar events kalender agenda weather shop jobs rss feed feeds wp-admin wp-json
    wp-content cgi-bin amp-story print share comments about contact impressum privacy terms help
    faq cookies sitemap
    about-us contact-us contacts kontakt contacto contactos contatti ueber-uns uber-uns a-propos
    qui-sommes-nous quienes-somos sobre-nosotros sobre-nos chi-siamo om-oss over-ons o-nas imprint
    privacy-policy privacy-notice cookie-policy terms-of-use terms-of-service terms-and-conditions
    datenschutz datenschutzerklaerung agb nutzungsbedingungen mentions-legales aviso-legal note-legali
    politica-de-privacidad disclaimer accessibility advertise advertise-with-us mediadaten careers karriere
"""
_LISTING_WORDS = frozenset(_LISTING_WORDS_TEXT.split())
# What stands below these is never a story, whoever lists it.
_LISTS = {"tag", "tags", "category", "categories", "author", "authors", "autor", "search"}
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE_IN_SEGMENT = re.compile(r"(?:19|20)\d\d-?[01]\d-?[0-3]\d|(?:19|20)\d\d-[01]?\d")
_DAY_OR_MONTH = re.compile(r"[0-3]?\d|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec")
_IDENTITY = re.compile(
    r"(?<![0-9])\d{5,}(?![0-9])|(?<![a-z0-9])(?=[a-z]*\d)[0-9a-z]{8,}(?![a-z0-9])"
)
_PAGING = re.compile(r"(?:page|p|seite|pagina)[-_]?\d{1,5}")
_PAGING_PARAMETER = re.compile(
    r"(?:^|&)(?:page|p|pg|paged|offset|start|sort|order|orderby|filter|view|month|year|day|date"
    r"|week|cal|calendar|q|query|s|search|tag|facet|limit|lang|print|replytocom)(?:\[[^=]*\])?="
)
_IDENTITY_PARAMETER = re.compile(r"(?:^|&)[a-z_]*(?:id|article|story|artikel|nid)=[0-9a-z-]*\d{3,}")
_BETWEEN_WORDS = re.compile(r"[-_+ .,~]+")
_EXTENSION = re.compile(r"\.[a-z][a-z0-9]{1,5}$")


class Shape:
    """What an address shows without being asked for: its segments, words, numbers and dates."""

    def __init__(self, segments: list[str], query: str) -> None:
        self.segments = segments
        self.query = query.lower()
        last = segments[-1] if segments else ""
        extension = _EXTENSION.search(last)
        self.extension = extension[0] if extension else ""
        self.last = last.removesuffix(self.extension)
        # Of the last two segments the one of more words, the first where both have as many.
        self.slug, self.words = self.last, _word_count(self.last)
        if len(segments) > 1 and (words := _word_count(segments[-2])) >= self.words:
            self.slug, self.words = segments[-2], words
        self.dated = self._has_date()
        self.numbered = bool(_IDENTITY.search(self.last))

    @classmethod
    def of(cls, url: str) -> "Shape":
        """The shape of an absolute URL."""
        _, _, rest = url.partition("://")
        path, _, query = rest.partition("#")[0].partition("?")
        return cls([s.lower() for s in path.split("/")[1:] if s], query)

    def is_never_a_story(self) -> bool:
        """A front page, another kind of file, or a calendar's day."""
        ends_in_date = self.dated and self.words <= 1 and not self.numbered
        return (
            not self.segments
            or self.extension in _OTHER_FILES
            or (ends_in_date and _DAY_OR_MONTH.fullmatch(self.last) is not None)
            or (_DATE_IN_SEGMENT.fullmatch(self.last) is not None and len(self.query) == 0)
        )

    def log_odds(self) -> float:
        """Weights set by hand: even odds part most sites' stories from their lists."""
        odds = -2.2
        odds += (0.0, 0.0, 0.3, 1.2, 2.2, 3.0)[min(self.words, 5)]
        odds += 1.6 if self.dated else 0.0
        odds += 1.5 if self.numbered else 0.0
        odds += 0.8 if self.extension else 0.0
        odds += 0.3 * min(len(self.segments) - 1, 3)
        odds -= 3.0 * sum([s in _LISTING_WORDS for s in self.segments[:-1]])
        odds -= 4.0 if self.last in _LISTING_WORDS or _PAGING.fullmatch(self.last) else 0.0
        if self.query:
            odds += 2.0 if _IDENTITY_PARAMETER.search(self.query) else 0.0
            odds -= 2.5 if _PAGING_PARAMETER.search(self.query) else 0.0
            odds -= 0.7 * max(0, self.query.count("=") - 1)
        odds -= 1.5 * max(0, len(self.segments) - 8)
        odds -= 3.0 if _repeats(self.segments) else 0.0
        return odds

    def _has_date(self) -> bool:
        return any(map(_DATE_IN_SEGMENT.match, self.segments)) or any(
            _YEAR.fullmatch(one) and _DAY_OR_MONTH.fullmatch(other)
            for one, other in pairwise(self.segments)
        )


def _word_count(segment: str) -> int:
    """Words of two letters or more between hyphens; two characters a word where none are used."""
    text = unquote(segment) if "%" in segment else segment
    count = sum([len(w) >= 2 and not w.isdigit() for w in _BETWEEN_WORDS.split(text)])
    unspaced = count == 1 and not text.isascii() and len(text) >= 8
    return 4 if unspaced else count


def _repeats(segments: list[str]) -> bool:
    """Whether a segment stands three times: relative links that eat their own tail."""
    return len(segments) > len(set(segments)) + 1 and max(Counter(segments).values()) >= 3
