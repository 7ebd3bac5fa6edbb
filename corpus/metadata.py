"""What a page states about its story in its head: JSON-LD, meta elements, link elements.

In: a parsed page. Out: one `Statement`. Everything is read once. Only what is said of the
article itself counts: JSON-LD of images, related items, breadcrumbs and the publisher is not looked at.
`corpus.json_ld` finds the nodes; dates are collected as written, and `corpus.dates` judges them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from corpus.blocks import key
from corpus.dom import Landmarks, landmarks
from corpus.json_ld import (
    ARTICLE_TYPES,
    PAGE_TYPES,
    article_node,
    body_of,
    date_of,
    read_nodes,
    resolved,
    text_of,
    texts_of,
    truth_of,
    types_of,
)
from corpus.sites import netloc
from crawler.records import Record

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode


class DateClaim(Record):
    """A date as the page writes it, and where: `source` is "json_ld", "meta", "time" or "url"."""

    field: str
    source: str
    value: str


class Credit(Record):
    """A name in a machine-readable field about the article: "json_ld" or "meta", and the field."""

    where: str
    field: str
    name: str


class Statement(Record):
    """What the head of a page says of its story; "" or empty where it says nothing."""

    title: str = ""
    headline: str = ""
    description: str = ""
    site_name: str = ""
    canonical: str = ""
    og_url: str = ""
    language: str = ""
    section: str = ""
    keywords: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()
    dates: tuple[DateClaim, ...] = ()
    is_accessible_for_free: bool | None = None
    license: str = ""
    copyright_notice: str = ""
    meta_robots: tuple[str, ...] = ()
    tdm_reservation: str = ""
    tdm_policy: str = ""
    article_type: str = ""
    og_type: str = ""
    page_types: tuple[str, ...] = ()
    body: str = ""
    warnings: tuple[str, ...] = ()


def statement(tree: "LexborHTMLParser", url: str, marks: Landmarks | None = None) -> Statement:
    """What the page at `url` says of its story; `marks` are the page's landmarks, if known."""
    told = (marks or landmarks(tree)).told
    marked = [meta.attributes for meta in told["meta"]]
    metas = _metas(marked)
    links = _links(told["link"], told["a"], _base(told["base"], url))
    nodes, warnings = read_nodes([s for s in told["script"] if _is_json_ld(s)])
    title = _title(told["title"])
    node = resolved(article_node(nodes, url, (title, metas.get("og:title", ""))), nodes)
    page_node = next((n for n in nodes if types_of(n) & PAGE_TYPES), {})
    return Statement(
        title=title,
        headline=_headline(node, metas, title, url),
        description=text_of(
            metas.get("og:description") or metas.get("description") or node.get("description")
        ),
        site_name=text_of(metas.get("og:site_name")) or _first(texts_of(node.get("publisher")), ""),
        canonical=links.get("canonical", ""),
        og_url=metas.get("og:url", ""),
        language=_language(tree, metas, node),
        section=_first(texts_of(node.get("articleSection")), metas.get("article:section", "")),
        keywords=_keywords(node, metas),
        credits=tuple(_credits(node, metas)),
        dates=tuple(_dates(node, page_node, metas)) or _of_film(nodes, title, metas),
        is_accessible_for_free=_is_free(node, metas),
        license=_first(texts_of(node.get("license")), links.get("license", "")),
        copyright_notice=_first(
            texts_of(node.get("copyrightNotice")),
            metas.get("copyright", "") or metas.get("dcterms.rights", ""),
        ),
        meta_robots=_robots(marked),
        tdm_reservation=metas.get("tdm-reservation", ""),
        tdm_policy=metas.get("tdm-policy", ""),
        article_type=next(iter(sorted(types_of(node) & ARTICLE_TYPES)), ""),
        body=body_of(node),
        page_types=tuple(sorted({name for n in nodes for name in types_of(n)})),
        og_type=metas.get("og:type", "").lower(),
        warnings=warnings,
    )


# -------------------------------------------------------------------------------- meta and link


Attributes = Mapping[str, str | None]


def _is_json_ld(script: "LexborNode") -> bool:
    return "ld+json" in (script.attributes.get("type") or "").lower()


def _title(titles: "Sequence[LexborNode]") -> str:
    """The head's title; drawings have titles, too."""
    in_head = (t for t in titles if t.parent is not None and t.parent.tag == "head")
    element = next(in_head, titles[0] if titles else None)
    return " ".join(element.text().split()) if element is not None else ""


def _metas(marked: Iterable[Attributes]) -> dict[str, str]:
    """The first content of each meta name, property or itemprop, names in lower case."""
    found: dict[str, str] = {}
    for attributes in marked:
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        content = attributes.get("content")
        if name and content and content.strip():
            found.setdefault(name.strip().lower(), " ".join(content.split()))
    return found


def _links(
    links: "Iterable[LexborNode]", licences: "Sequence[LexborNode]", base: str
) -> dict[str, str]:
    """The first target of the `link` elements that name the page or its licence, absolute."""
    found: dict[str, str] = {}
    for attributes in (link.attributes for link in links):
        href = (attributes.get("href") or "").strip()
        for relation in (attributes.get("rel") or "").lower().split():
            if href and relation in ("canonical", "license"):
                found.setdefault(relation, _absolute(base, href))
    for anchor in licences[:1]:
        found.setdefault("license", _absolute(base, (anchor.attributes.get("href") or "").strip()))
    return found


def _base(elements: "Sequence[LexborNode]", url: str) -> str:
    return _absolute(url, (elements[0].attributes["href"] or "").strip()) if elements else url


# A whole address of plain letters; most are.
_WHOLE = re.compile(
    r"https?://[\w.-]+(?::\d+)?(?:/[\w./~%+,@!:-]*)?(?:\?[\w./~%+,@!:&=-]+)?", re.ASCII
)


def _absolute(base: str, href: str) -> str:
    if _WHOLE.fullmatch(href):
        return href  # as it would be joined, in a tenth of the time
    try:
        return urljoin(base, href)
    except ValueError:
        return ""


def _robots(marked: Iterable[Attributes]) -> tuple[str, ...]:
    """The directives of the robots meta elements that speak to everybody, in lower case."""
    directives = [
        word.strip().lower()
        for attributes in marked
        if (attributes.get("name") or "").lower() == "robots"
        for word in (attributes.get("content") or "").split(",")
    ]
    return tuple(dict.fromkeys(d for d in directives if d))


# --------------------------------------------------------------------------------------- fields


def _headline(node: dict[str, Any], metas: dict[str, str], title: str, url: str) -> str:
    """The story's title as the head gives it, without the site's name before or after it.

    The name is what og:site_name says, or what reads like the page's host.
    """
    stated = text_of(node.get("headline")) or text_of(metas.get("og:title")) or title
    site = text_of(metas.get("og:site_name"))
    if site and stated.endswith(site):
        stated = re.sub(rf"\s+[|–—·»-]+\s+{re.escape(site)}$", "", stated) or stated
    parts = _BAR.split(stated)
    if len(parts) > 1:
        last, first = parts[-1], parts[0]
        if _names_host(last, url):
            return stated[: len(stated) - len(last)].rstrip(_BARS)
        if _names_host(first, url):
            return stated[len(first) :].lstrip(_BARS)
    return stated


_BARS = " \t|–—·•»«-"
_BAR = re.compile(r"\s+[|–—·•»«-]+\s+")
_MOST_OF_NAME = 4  # words
_LEAST_OF_NAME = 3  # letters


def _names_host(part: str, url: str) -> bool:
    """Whether this part of a title is the site's name: its letters are the host's ("BBC News", bbc.co.uk)."""
    if part.count(" ") >= _MOST_OF_NAME and len(part.split()) > _MOST_OF_NAME:
        return False
    letters = "".join(filter(str.isalnum, part.lower())).removeprefix("www")
    return len(letters) >= _LEAST_OF_NAME and letters in _names_of(netloc(url))


@lru_cache(maxsize=1_024)
def _names_of(netloc: str) -> frozenset[str]:
    """The letters of the names that a site at this host may have."""
    host = netloc.lower().partition(":")[0]
    labels = ["".join(filter(str.isalnum, label)) for label in host.split(".")[:-1]]
    longer = [n for n in labels if len(n) >= _LEAST_OF_NAME]
    return frozenset(
        (
            "".join(filter(str.isalnum, host.removeprefix("www."))),
            *labels,
            *(f"{label}news" for label in longer),
            *(f"the{label}" for label in longer),
        )
    )


def _language(tree: "LexborHTMLParser", metas: dict[str, str], node: dict[str, Any]) -> str:
    """The declared language as a lower-case primary tag ("de")."""
    root = tree.root
    attributes = root.attributes if root is not None else {}
    declared = (
        attributes.get("lang")
        or attributes.get("xml:lang")
        or text_of(node.get("inLanguage"))
        or metas.get("og:locale")
        or metas.get("language")
        or metas.get("dc.language")
        or ""
    )
    match = _PRIMARY_TAG.match(declared)
    return match[1].lower() if match else ""


_PRIMARY_TAG = re.compile(r"\s*([a-zA-Z]{2,3})(?![a-zA-Z])")


def _keywords(node: dict[str, Any], metas: dict[str, str]) -> tuple[str, ...]:
    stated = texts_of(node.get("keywords")) or [
        metas.get("news_keywords") or metas.get("keywords") or metas.get("article:tag") or ""
    ]
    words = [w.strip() for text in stated for w in text.split(",")]
    return tuple(dict.fromkeys(w for w in words if w))[:50]


_TIERS = {"free": True, "locked": False}


def _is_free(node: dict[str, Any], metas: dict[str, str]) -> bool | None:
    """Whether everybody may read all of it: by the article's word, a part's of it, or the tier's name."""
    whole = truth_of(node.get("isAccessibleForFree"))
    if whole is not None:
        return whole
    parts = node.get("hasPart")
    for part in parts if isinstance(parts, list) else [parts]:
        if isinstance(part, dict) and truth_of(part.get("isAccessibleForFree")) is False:
            return False
    return _TIERS.get(metas.get("article:content_tier", "").lower())


_AUTHOR_METAS = (
    "author",
    "article:author",
    "article:author_name",
    "og:article:author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "articleauthor",
    "parsely-author",
    "sailthru.author",
    "cxenseparse:author",
    "twitter:data1",
)
_SOURCE_METAS = (
    "dc.source",
    "source",
    "news_source",
    "article:source",
    "cxenseparse:source",
    "agency",
)

_CREDIT_METAS = frozenset(_AUTHOR_METAS + _SOURCE_METAS)


def _credits(node: dict[str, Any], metas: dict[str, str]) -> Iterator[Credit]:
    """The names in the article's author and source fields, in order of trust, each field once."""
    for field in ("author", "creator", "contributor", "sourceOrganization", "provider"):
        for name in texts_of(node.get(field)):
            yield Credit("json_ld", field, name)
    for field in () if _CREDIT_METAS.isdisjoint(metas) else _AUTHOR_METAS + _SOURCE_METAS:
        name = metas.get(field, "")
        labelled = field != "twitter:data1" or _WRITTEN_BY.match(metas.get("twitter:label1", ""))
        if name and labelled and not name.startswith(("http://", "https://", "@")):
            yield Credit("meta", field, name)


_WRITTEN_BY = re.compile(r"(?i)written by|by$|author|verfasst|écrit|escrito|geschrieben|von$|door$")
_DATE_METAS = {
    "published": (
        "article:published_time",
        "og:article:published_time",
        "og:published_time",
        "datepublished",
        "parsely-pub-date",
        "sailthru.date",
        "cxenseparse:recs:publishtime",
        "cxenseparse:publishtime",
        "dc.date.issued",
        "dcterms.issued",
        "dcterms.created",
        "dc.date.created",
        "article.published",
        "publish-date",
        "publishdate",
        "publish_date",
        "pubdate",
        "pub_date",
        "publication_date",
        "published",
        "publishtime",
        "dc.date",
        "date",
    ),
    "modified": (
        "article:modified_time",
        "og:article:modified_time",
        "datemodified",
        "og:updated_time",
        "dcterms.modified",
        "dc.date.modified",
        "article.updated",
        "last-modified",
        "lastmod",
        "revised",
    ),
}


_ALL_DATE_METAS = frozenset(name for names in _DATE_METAS.values() for name in names)
_DATE_FIELDS = (
    ("published", ("datePublished", "dateCreated")),
    ("modified", ("dateModified",)),
)
_MEDIA_TYPES = frozenset(("VideoObject", "AudioObject", "PodcastEpisode"))


def _of_film(
    nodes: list[dict[str, Any]], title: str, metas: dict[str, str]
) -> tuple[DateClaim, ...]:
    """When the film or recording that the page is named after was put there."""
    known = [key(name.lower()) for name in (title, metas.get("og:title", ""))]
    for node in nodes:
        name = key(text_of(node.get("name")).lower())
        if types_of(node) & _MEDIA_TYPES and name and any(name in k for k in known):
            day = date_of(node.get("uploadDate"))
            return (DateClaim("published", "json_ld", day),) if day else ()
    return ()


def _dates(
    node: dict[str, Any], page_node: dict[str, Any], metas: dict[str, str]
) -> Iterator[DateClaim]:
    """Every date the head states, the article's own node first."""
    for subject in (node, page_node) if node or page_node else ():
        for field, names in _DATE_FIELDS:
            for name in names:
                if value := date_of(subject.get(name)):
                    yield DateClaim(field, "json_ld", value)
    if _ALL_DATE_METAS.isdisjoint(metas):
        return
    for field, properties in _DATE_METAS.items():
        for name in properties:
            if name in metas:
                yield DateClaim(field, "meta", metas[name])


def _first(texts: list[str], otherwise: str) -> str:
    return texts[0] if texts else otherwise
