"""Names that a page's own state credits with its article: the JSON that its scripts draw it from.

In: the page's source, its titles and address. Out: names with the span of the object that states them.
Only the object that bears the page's headline or address is read, and of it only fields that say who
wrote or sent the text: related stories, pictures and lists of settings stand in the same scripts.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from corpus.blocks import key
from corpus.sites import split_url
from crawler.records import Record


class StateName(Record):
    """A name in the field of an object that stands at [start, end) of the page's source."""

    field: str
    name: str
    start: int
    end: int


# The ends of field names that start a search, before the quotation mark: plain, or in a text in a script.
_NEEDLES = ("ource", "istributor", "genc", "yline")
_ENDINGS = {"genc": ("y", "ies")}
_QUOTES = ('"', '\\"')
# Field names without marks and case. `author` and `creator` are read beside them, and start no search.
_FIELDS = re.compile(
    r"(?:content|editorial|article|news|wire)?(?:source|agency|agencies|provider|service)s?(?:name)?|wire|"
    r"distributors?|bylines?|authors?|creators?|contributors?|credits"
)
_IN_A_NAME = ("name", "title", "label", "basic", "by", "text", "value")
# What an object of a picture or film has, and one of JSON-LD, which `corpus.json_ld` reads.
_OF_OTHERS = frozenset(
    ("@type", "@context", "caption", "width", "height", "mimeType", "alt", "altText", "contentUrl")
)
# The first text in a field's value: its own, or its name, which may stand behind other texts and numbers.
_OTHERS = (
    r"(?:\\?\"\w{1,40}\\?\"\s*:\s*(?:\\?\"[^\"\\]{0,80}\\?\"|\w{1,20}|\{\}|\[\])\s*,\s*){0,8}?"
)
_VALUE = re.compile(
    r"\\?\"\s*:\s*(?:[\[{]\s*)*(?:"
    + _OTHERS
    + r"\\?\"(?:name|title|label|basic|by|text|value)\\?\"\s*:\s*(?:[\[{]\s*)*)*"
    r"\\?\"(?P<text>(?:[^\"\\]|\\u[0-9a-fA-F]{4}){2,120})"
)
_MOST_HITS = 60
_SHORTEST = 40  # characters of a script that can hold an article's object
_FARTHEST = 400_000  # characters between a field and its object's beginning
_LEVELS = 5  # objects around a field
_SHORTEST_PATH = 8
_MOST_NAMES = 20


def state_names(
    html: str, url: str, titles: Iterable[str], may_name: Callable[[str], bool]
) -> Iterator[StateName]:
    """The names in the article's object, where a field with a name that `may_name` says stands in it."""
    hits = list(_hits(html, may_name))
    if not hits:
        return
    known = frozenset(key(t.lower()) for t in titles if t)
    path = split_url(url).path.rstrip("/")
    tried: set[int] = set()
    for at in hits:
        for start in _around(html, at):
            if start in tried:
                break
            tried.add(start)
            found = _object(html, start)
            if found is None:
                continue
            node, end = found
            of_picture = _OF_PICTURE.search(html, max(0, start - _LONGEST_FIELD), start)
            if not of_picture and _is_article(node, known, path):
                for field, value in node.items():
                    if _FIELDS.fullmatch(_plain(field)):
                        yield from (StateName(field, name, start, end) for name in _names(value))
                break


def _hits(html: str, may_name: Callable[[str], bool]) -> Iterator[int]:
    """Where a field's name ends behind which a name may stand."""
    hits = 0
    spans = list(_scripts(html))
    for needle in _NEEDLES:
        for begin, stop in spans:
            at = html.find(needle, begin, stop)
            while at >= 0 and hits < _MOST_HITS:
                end = at + len(needle)
                end += next(
                    (len(e) for e in _ENDINGS.get(needle, ()) if html.startswith(e, end)), 0
                )
                if html.startswith(_QUOTES, end):
                    value = _VALUE.match(html, end)
                    if value and may_name(_unescaped(value["text"])):
                        hits += 1
                        yield end
                at = html.find(needle, end, stop)


def _scripts(html: str) -> Iterator[tuple[int, int]]:
    """What stands in the page's scripts, but for JSON-LD."""
    at = html.find("<script")
    while at >= 0:
        begin = html.find(">", at)
        end = html.find("</script", begin) if begin >= 0 else -1
        if end < 0:
            return
        if end - begin >= _SHORTEST and html.find("ld+json", at, begin) < 0:
            yield begin, end
        at = html.find("<script", end)


def _unescaped(text: str) -> str:
    """The text where each letter but those of ASCII may be written by its number."""
    return _NUMBER.sub(lambda m: chr(int(m[1], 16)), text) if "\\u" in text else text


_NUMBER = re.compile(r"\\u([0-9a-fA-F]{4})")
_LONGEST_FIELD = 60
# An object in a picture's field: "leadImage": {
_OF_PICTURE = re.compile(r"(?i)(?:image|photo|picture|thumb|video)\w*\\?\"\s*:\s*\[?\s*\Z")
_BRACE = re.compile(r"[{}]")


def _around(html: str, at: int) -> Iterator[int]:
    """Where the objects around this place begin, the innermost first."""
    first = max(0, at - _FARTHEST)
    depth, levels = 0, 0
    opened, closed = html.rfind("{", first, at), html.rfind("}", first, at)
    while opened >= 0 and levels < _LEVELS:
        if closed > opened:
            depth += 1
            closed = html.rfind("}", first, closed)
            continue
        if depth == 0:
            yield opened
            levels += 1
        else:
            depth -= 1
        opened = html.rfind("{", first, opened)


_DECODER = json.JSONDecoder(strict=False)


def _object(html: str, start: int) -> tuple[dict[str, Any], int] | None:
    """The object that begins here, and its end; of one in a text within a script, too."""
    try:
        if html.startswith(('{\\"', "{\\n"), start):
            end = _end(html, start)
            node = json.loads(json.loads(f'"{html[start:end]}"', strict=False), strict=False)
        else:
            node, end = _DECODER.raw_decode(html, start)
    except (ValueError, RecursionError):
        return None
    return (node, end) if isinstance(node, dict) else None


def _end(html: str, start: int) -> int:
    depth = 0
    for brace in _BRACE.finditer(html, start, start + _FARTHEST):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return brace.end()
    return start


def _is_article(node: Mapping[str, Any], titles: frozenset[str], path: str) -> bool:
    """Whether one of its own values is the page's headline or its address."""
    if not _OF_OTHERS.isdisjoint(node):
        return False
    own = list(node.values())
    own += [v for value in own if isinstance(value, dict) for v in value.values()]
    texts = [v for v in own if isinstance(v, str)]
    if len(path) >= _SHORTEST_PATH and any(t.rstrip("/").endswith(path) for t in texts):
        return True
    return any(key(text.lower()) in titles for text in texts if len(text) < 400)


def _plain(field: str) -> str:
    return re.sub(r"[\W_]", "", field).lower()


def _names(value: Any) -> list[str]:
    """The names in a field: a text, a thing with a name, or several."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [name for item in value[:_MOST_NAMES] for name in _names(item)]
    if isinstance(value, dict):
        first = next((value[k] for k in _IN_A_NAME if value.get(k)), None)
        return _names(first) if isinstance(first, str | list) else []
    return []
