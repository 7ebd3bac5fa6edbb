"""What a fetched page says of itself: of which story it is a form, and whether it is a story at all.

In: a page's bytes and headers, and the table `configs/pages.toml`. Out: `PageFacts`, kept with the capture.
Nothing is left out of the archive for its label, and no story is read here: that is the corpus's.
"""

import re
import tomllib
from collections.abc import Iterable
from typing import Any, Literal

from crawler.errors import ConfigError
from crawler.records import PageFacts, PageLabel, Record, decode_strict
from crawler.references import absolute
from crawler.tags import Head
from crawler.urls import MAX_LENGTH

_MOST_ALTERNATES = 50
# A page that only says what it is not is short; a report on such pages is not.
_MOST_WORDS = 250
_WORDS_FROM = 200_000


class PageRule(Record, forbid_unknown_fields=True):
    """A row of `configs/pages.toml`: a page whose title, address or markup `pattern` finds is labelled.

    `title` rows look at <title> and the first <h1> of short pages, whatever the case of letters;
    `markup` rows only at pages in which `needs` stands as written, since most markup is long.
    """

    id: str
    label: PageLabel
    where: Literal["title", "url", "markup"]
    pattern: str
    needs: str = ""
    examples: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()

    def finds(self, text: str) -> bool:
        """Whether the pattern is found in a title, an address or markup."""
        return re.search(self.pattern, text, re.IGNORECASE) is not None


class _PagesFile(Record, forbid_unknown_fields=True):
    """The top of `pages.toml`."""

    rule: tuple[dict[str, Any], ...] = ()


def load_page_rules(text: str, where: str) -> tuple[PageRule, ...]:
    """The rows of a `pages.toml`; a `ConfigError` names the row that does not hold."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: is not valid TOML: {error}") from None
    rows = decode_strict(table, _PagesFile, where).rule
    rules = tuple(
        decode_strict(row, PageRule, f"{where}: rule '{row.get('id', n)}'")
        for n, row in enumerate(rows, 1)
    )
    for rule in rules:
        row = f"{where}: rule '{rule.id}'"
        try:
            wrong = [one for one in rule.examples if not rule.finds(one)]
            wrong += [one for one in rule.near_misses if rule.finds(one)]
        except re.error as error:
            raise ConfigError(f"{row} has no valid regular expression: {error}") from None
        if wrong or not rule.examples:
            about = f"'{wrong[0]}'" if wrong else "it has no examples"
            raise ConfigError(f"{row} does not do what it says: {about}; mend the row")
    return rules


def page_facts(
    body: bytes, headers: Iterable[tuple[str, str]], url: str, rules: Iterable[PageRule]
) -> PageFacts:
    """What the page says of itself. Never raises."""
    given: dict[str, str] = {}
    for name, value in headers:
        given.setdefault(name.lower(), value)
    if not _is_html(body, given.get("content-type", "")):
        return PageFacts(label="not_html")
    head = Head(body)
    titles = tuple(filter(None, (head.text(b"title"), head.text(b"h1"))))
    canonical = amp = ""
    alternates: dict[str, str] = {}
    for link in (*head.attributes(b"link"), *_header_links(given.get("link", ""))):
        rel = link.get("rel", "").lower().split()
        address = _address(link.get("href", ""), url)
        if "canonical" in rel:
            canonical = canonical or address
        elif "amphtml" in rel:
            amp = amp or address
        elif "alternate" in rel and address and _LANGUAGE.fullmatch(link.get("hreflang", "")):
            alternates.setdefault(link["hreflang"].lower(), address)
    return PageFacts(
        label=_label(titles, body, url, rules),
        headline=titles[-1] if titles else "",
        canonical=canonical,
        amp=amp,
        is_amp=any("amp" in root or "\u26a1" in root for root in head.attributes(b"html")),
        is_story=head.has(b"article:published_time"),
        alternates=tuple(alternates.items())[:_MOST_ALTERNATES],
    )


def _address(reference: str, url: str) -> str:
    """The address, "" where it could not stand in a line of a WARC record."""
    address = absolute(reference, url).partition("#")[0]
    return address if len(address) <= MAX_LENGTH and not _BLANK.search(address) else ""


_BLANK = re.compile(r"[\x00-\x20\x7f-\xa0]")
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{2,20}")
_LINK = re.compile(
    r"<([^<>]{1,2000})>((?:\s*;\s*[a-z]+\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]+))*)", re.IGNORECASE
)
_PARAMETER = re.compile(r"([a-z]+)\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)


def _header_links(value: str) -> Iterable[dict[str, str]]:
    """The links of a Link header (RFC 8288), as if they were elements."""
    for address, rest in _LINK.findall(value[:10_000]):
        given = {key.lower(): one or other for key, one, other in _PARAMETER.findall(rest)}
        yield given | {"href": address}


# ------------------------------------------------------------------------------------------ labels

_HTML_TYPES = ("text/html", "application/xhtml+xml")
_LOOKS_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|title|p|h1)\b", re.IGNORECASE)
_MAGIC = (
    b"%PDF-",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b'{"',
)


def _is_html(body: bytes, content_type: str) -> bool:
    """Whether a browser would show a page; a type that is missing or too general is looked behind."""
    start = body[:1_024].lstrip()
    if start.startswith(_MAGIC) or (b"\x00\x00\x00" in start and not start.startswith(_WIDE)):
        return False
    said = content_type.partition(";")[0].strip().lower()
    return said in _HTML_TYPES or _LOOKS_HTML.search(start) is not None


_WIDE = (b"\xff\xfe", b"\xfe\xff")
# What is not closed takes the rest of the page: to look for its end from every tag on took half a minute.
_TAG = re.compile(
    rb"<(script|style|noscript|template)\b.*?(?:</\1\s*>|\Z)|<[^>]*(?:>|\Z)",
    re.IGNORECASE | re.DOTALL,
)


def _label(titles: tuple[str, ...], body: bytes, url: str, rules: Iterable[PageRule]) -> PageLabel:
    """The label of the first rule that finds something."""
    for rule in rules:
        if rule.where == "title":
            found = any(map(rule.finds, titles)) and _is_short(body)
        elif rule.where == "url":
            found = rule.finds(url)
        else:
            found = rule.needs.encode() in body and rule.finds(
                body[:_WORDS_FROM].decode("utf-8", "replace")
            )
        if found:
            return rule.label
    return ""


def _is_short(body: bytes) -> bool:
    return len(_TAG.sub(b" ", body[:_WORDS_FROM]).split()) <= _MOST_WORDS
