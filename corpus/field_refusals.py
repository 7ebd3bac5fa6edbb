"""Why an agency that a machine-readable field names is not credited with the page's story.

In: a page's parsed source, its article and the rules of configs/agencies.toml. Out: each field of its
JSON-LD, meta elements and scripts that names an agency and is no evidence, with the reason. For the
person who writes rules: `corpus.fields` reads what counts, and nothing depends on this.
"""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from corpus.blocks import key
from corpus.creditlines import AgencyRules, agencies_in
from corpus.json_ld import ARTICLE_TYPES, types_of
from corpus.records import Article
from corpus.refusals import Refusal, mentions

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

_PICTURES = frozenset(("ImageObject", "VideoObject", "AudioObject", "MediaObject", "Photograph"))
_IN_PICTURE = re.compile(r"(?i)image|photo|picture|thumb|video|caption|credit_?line")
_OF_SITE = frozenset(("publisher", "sourceOrganization", "isPartOf", "copyrightHolder", "provider"))
_SAID = frozenset(
    [
        *("headline", "alternativeHeadline", "description", "articleBody", "keywords", "about"),
        *("abstract", "mentions", "title", "text", "body", "summary"),
    ]
)
_BY = frozenset(("author", "creator", "contributor", "sourceOrganization", "provider"))
_LONGEST = 400  # characters; what is longer is prose
_MOST = 40


def field_refusals(
    article: Article, tree: "LexborHTMLParser", rules: AgencyRules
) -> Iterator[Refusal]:
    """Every field that names an agency without being evidence: JSON-LD, meta, then other scripts."""
    credited = {(e.where, e.agency) for e in article.wire.evidence}
    told: set[tuple[str, str, str]] = set()
    for where, field, value, why in _fields(article, tree, rules):
        for code, start, end in mentions(value[:_LONGEST], rules):
            if (where, code) in credited and why == _UNKNOWN:
                continue
            if (where, field, code) not in told and len(told) < _MOST:
                told.add((where, field, code))
                yield Refusal(code, f"{where} {field}", value[:_LONGEST], start, end, why)


_PICTURE = "the field is of a picture"
_ABOUT = "the field tells what the story is about, not who wrote it"
_SITE = "the field is of the site, not of the story"
_NOT_WHO = "the field does not say who wrote the story"
_UNKNOWN = "no wording of a credit, or an acronym of other languages"


def _fields(
    article: Article, tree: "LexborHTMLParser", rules: AgencyRules
) -> Iterator[tuple[str, str, str, str]]:
    """Each text in a field: what sort of field, its path, the text, and why it would not count."""
    for script in tree.css("script"):
        text = script.text()
        if "ld+json" in (script.attributes.get("type") or "").lower():
            yield from _of_json_ld(text, article)
        elif text.strip():
            yield from _of_script(text, rules)
    for meta in tree.css("meta[content]"):
        attributes = meta.attributes
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        content = attributes.get("content")
        if name and content:
            yield "meta", name, content, _why_meta(name)


def _of_json_ld(text: str, article: Article) -> Iterator[tuple[str, str, str, str]]:
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return
    for path, nodes, found in _texts(value, (), ()):
        yield "json_ld", ".".join(path), found, _why_json_ld(path, nodes, article)


def _texts(
    value: Any, path: tuple[str, ...], nodes: tuple[dict[str, Any], ...]
) -> Iterator[tuple[tuple[str, ...], tuple[dict[str, Any], ...], str]]:
    """Each text in a JSON value, with the names of the fields and the objects around it."""
    if isinstance(value, str):
        yield path, nodes, value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, path, nodes)
    elif isinstance(value, dict) and len(path) < 12:
        for name, item in value.items():
            yield from _texts(item, (*path, name), (*nodes, value))


def _why_json_ld(path: tuple[str, ...], nodes: tuple[dict[str, Any], ...], article: Article) -> str:
    articles = [node for node in nodes if types_of(node) & ARTICLE_TYPES]
    pictured = _IN_PICTURE.search(".".join(path))
    reasons = {
        _PICTURE: pictured or any(types_of(node) & _PICTURES for node in nodes),
        "the field is of another story": articles and not _is_this(articles[-1], article),
        _ABOUT: not _SAID.isdisjoint(path),
        _SITE: not articles and not _OF_SITE.isdisjoint(path),
        "the publisher is who shows the story, not who wrote it": "publisher" in path,
        _NOT_WHO: _BY.isdisjoint(path),
    }
    return next((why for why, holds in reasons.items() if holds), _UNKNOWN)


def _is_this(node: dict[str, Any], article: Article) -> bool:
    """Whether the node is of the page's own article: it says nothing else, at least."""
    headline, url = node.get("headline"), node.get("url")
    titles = key(article.headline.lower())
    if isinstance(url, str) and url.rstrip("/") in (article.final_url, article.canonical_url):
        return True
    return not isinstance(headline, str) or key(headline.lower()) in titles or not titles


def _why_meta(name: str) -> str:
    folded = name.lower()
    if _IN_PICTURE.search(folded):
        return _PICTURE
    if re.search(r"title|description|keywords|tag|section", folded):
        return _ABOUT
    if re.search(r"site_name|publisher|copyright|application|twitter:(?:site|creator)", folded):
        return _SITE
    if re.search(r"author|creator|source|agency|byl", folded):
        return _UNKNOWN
    return _NOT_WHO


# A short text in a field, also of JSON that stands as a text in a script.
_FIELD = re.compile(
    r"\\?\"(?P<field>[A-Za-z_][\w.-]{1,40})\\?\"\s*:\s*[\[{]?\s*\\?\"(?P<text>[^\"\\]{2,120})\\?\""
)


def _of_script(text: str, rules: AgencyRules) -> Iterator[tuple[str, str, str, str]]:
    for match in _FIELD.finditer(text):
        if agencies_in(match["text"], rules, "*", strict=True):
            yield "page_state", match["field"], match["text"], _why_script(match["field"])


def _why_script(field: str) -> str:
    if _IN_PICTURE.search(field):
        return _PICTURE
    if re.search(r"(?i)source|agency|byline|author|distributor|creator|provider|wire", field):
        return (
            "its object has neither the page's headline nor its address: settings, or another story"
        )
    return _NOT_WHO
