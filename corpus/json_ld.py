"""What a page states about its story in JSON-LD.

In: a page's scripts of this type. Out: the nodes that describe the page or its article, and what stands
in their fields as texts. Nodes of images, related items, breadcrumbs and the publisher are not entered.
Which field means what is `corpus.metadata`'s.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from corpus.blocks import key

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

ARTICLE_TYPES = frozenset(
    (
        "NewsArticle",
        "Article",
        "ReportageNewsArticle",
        "AnalysisNewsArticle",
        "BackgroundNewsArticle",
        "OpinionNewsArticle",
        "ReviewNewsArticle",
        "AskPublicNewsArticle",
        "AdvertiserContentArticle",
        "SatiricalArticle",
        "ScholarlyArticle",
        "TechArticle",
        "BlogPosting",
        "LiveBlogPosting",
        "Report",
    )
)
PAGE_TYPES = frozenset(("WebPage", "ItemPage", "AboutPage"))
_MAX_JSON_LD = 2_000_000


def read_nodes(
    scripts: "Iterable[LexborNode]",
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Every node that describes the page or its article, in order; a warning if a script is broken."""
    nodes: list[dict[str, Any]] = []
    warnings: tuple[str, ...] = ()
    for script in scripts:
        text = script.text()
        if text.strip():
            try:
                nodes += _nodes(_parse_json(text[:_MAX_JSON_LD]), 0)
            except (ValueError, RecursionError):
                warnings = ("json_ld_broken",)
    return nodes, warnings


def types_of(node: dict[str, Any]) -> set[str]:
    """The node's types without the vocabulary's address or prefix."""
    names = node.get("@type")
    listed = names if isinstance(names, list) else [names]
    return {_NAMESPACE.sub("", n) for n in listed if isinstance(n, str)}


_NAMESPACE = re.compile(r".*[/#:]")


def article_node(nodes: list[dict[str, Any]], url: str, titles: Iterable[str]) -> dict[str, Any]:
    """The node about this page's article: of several the one with its address or its title."""
    articles = [n for n in nodes if types_of(n) & ARTICLE_TYPES]
    if len(articles) > 1:
        known = [key(t.lower()) for t in titles if t]
        for node in articles:
            if url and url.rstrip("/") in {a.rstrip("/") for a in _addresses(node)}:
                return node
        for node in articles:
            headline = key(text_of(node.get("headline")).lower())
            if headline and any(headline in t for t in known):
                return node
    return articles[0] if articles else {}


def resolved(node: dict[str, Any], nodes: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The node with those that it only refers to by their `@id` in the fields about people put in."""
    known = {n["@id"]: n for n in nodes if isinstance(n.get("@id"), str) and n.get("name")}
    if not known:
        return node

    def put_in(value: Any) -> Any:
        if isinstance(value, list):
            return [put_in(item) for item in value[:50]]
        if isinstance(value, dict) and not value.get("name") and isinstance(value.get("@id"), str):
            return known.get(value["@id"], value)
        return value

    return node | {field: put_in(node[field]) for field in _PEOPLE if field in node}


_PEOPLE = ("author", "creator", "contributor", "publisher", "sourceOrganization", "provider")


def texts_of(value: Any) -> list[str]:
    """The texts in a JSON-LD value: of a thing its name, of a list each item's."""
    if isinstance(value, list):
        return [text for item in value[:50] for text in texts_of(item)]
    if isinstance(value, dict):
        return texts_of(value.get("name") or value.get("legalName") or value.get("@value"))
    text = text_of(value)
    return [text] if text else []


def text_of(value: Any) -> str:
    """The value as a line of text, "" if it is none."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return " ".join(_unescape(value).split()) if isinstance(value, str) else ""


def date_of(value: Any) -> str:
    """The value as a date is written, "" if it is none; numbers are seconds or milliseconds since 1970."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("@value")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text_of(value)


_TAG = re.compile(r"<[^<>]*>")
_MAX_BODY = 500_000


def body_of(node: dict[str, Any]) -> str:
    """The article's text as its JSON-LD has it, a line a paragraph; what is marked up in it is not kept."""
    value = node.get("articleBody")
    if not isinstance(value, str):
        return ""
    text = _TAG.sub("\n", _unescape(value[:_MAX_BODY]))
    return "\n".join(line for part in text.splitlines() if (line := " ".join(part.split())))


def truth_of(value: Any) -> bool | None:
    """A JSON-LD truth value, which sites write as boolean, as text, or as the vocabulary's address."""
    if isinstance(value, bool):
        return value
    word = value.rsplit("/", 1)[-1].strip().lower() if isinstance(value, str) else ""
    return {"true": True, "false": False}.get(word)


_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$"
)
_HALF_EMOJI = re.compile(
    r"(?<!\\)\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})(?<!\\)\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def _parse_json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        # Raw line ends inside strings and CDATA wrappers are common, and harmless.
        # Texts cut inside an emoji leave half of its escape.
        whole = _HALF_EMOJI.sub(r"\\ufffd", _WRAPPING.sub("", text).strip().rstrip(";"))
        try:
            return json.loads(whole, strict=False)
        except ValueError:
            return _values(_mended(whole))


def _values(text: str) -> list[Any]:
    """All values in a text: some pages write several one after the other."""
    decoder, values, at = json.JSONDecoder(strict=False), [], 0
    while at < len(text):
        value, end = decoder.raw_decode(text, at)
        values.append(value)
        rest = _BETWEEN.match(text, end)
        at = rest.end() if rest else end
    return values


_BETWEEN = re.compile(r"[\s,;]*")
_QUOTE = re.compile(r'\\.|"|[^\\"]+', re.DOTALL)
_LAST_COMMA = re.compile(r",(?=\s*[}\]])")


def _mended(text: str) -> str:
    """The text with the marks escaped that stand inside its strings, and without commas before a bracket.

    A mark that ends a string is followed by a comma, colon or bracket; any other is part of the string.
    """
    pieces: list[str] = []
    between: list[str] = []
    inside = False
    at = 0
    for token in _QUOTE.finditer(text):
        if token[0] != '"':
            continue
        if not inside:
            between.append(text[at : token.start()])
            inside, at = True, token.end()
        elif _ENDS_STRING.match(text, token.end()):
            pieces += [
                _LAST_COMMA.sub("", between.pop()),
                '"',
                _escaped(text[at : token.start()]),
                '"',
            ]
            inside, at = False, token.end()
    if inside:
        raise ValueError("a string does not end")
    return "".join((*pieces, _LAST_COMMA.sub("", text[at:])))


_ENDS_STRING = re.compile(r"\s*(?:[:}\]]|,\s*(?:[\"{\[\]}\d-]|true|false|null)|$)")
_BARE_QUOTE = re.compile(r'(?<!\\)((?:\\\\)*)"')


def _escaped(text: str) -> str:
    return _BARE_QUOTE.sub(r'\1\\"', text)


def _nodes(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """The nodes at the top of a JSON-LD value; lists of other pages' items are not entered."""
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value[:200]:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _nodes(value.get(name), depth + 1)


def _addresses(node: dict[str, Any]) -> set[str]:
    main = node.get("mainEntityOfPage")
    values = [node.get("url"), node.get("@id"), main]
    values += [main.get("@id"), main.get("url")] if isinstance(main, dict) else []
    return {v for v in values if isinstance(v, str)}


def _unescape(text: str) -> str:
    return html.unescape(text) if "&" in text else text
