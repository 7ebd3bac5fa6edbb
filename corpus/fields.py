"""The names in fields that only machines read, as lines at their place in the page's source.

In: a page's source and what it states: JSON-LD, meta elements, the state of its scripts. Out: lines that
`corpus.agencies` reads. Which fields are about the article is `corpus.metadata`'s and
`corpus.page_state`'s to say.
"""

import html as entities
import json
import re
from collections.abc import Iterator

from corpus.agencies import Line
from corpus.creditlines import AgencyRules
from corpus.metadata import Credit, Statement
from corpus.page_state import StateName, state_names
from corpus.records import Signal


def field_lines(
    html: str, url: str, heading: str, stated: Statement, rules: AgencyRules
) -> Iterator[Line]:
    """The names in JSON-LD and meta fields, and those in the state of the page's scripts."""
    for credit in stated.credits:
        at = _in_source(credit, html)
        if at:
            signal: Signal = "json_ld" if credit.where == "json_ld" else "meta"
            start, written = at
            meant = credit.name if credit.name != written else ""
            yield Line(signal, credit.where, written, start, meant=meant)
    head = html.find("<body")
    if html.find("newsml", 0, head if head >= 0 else len(html)) >= 0:
        for meta in _ID_IN_META.finditer(html):
            if not _OF_PICTURE.search(meta[0]):
                yield Line("story_id", "meta", meta["id"], meta.start("id"))
    titles = (heading, stated.headline, stated.title)
    for found in state_names(html, url, titles, rules.telling.may_name):
        at = _in_field(found, html)
        if at:
            start, written = at
            meant = found.name if found.name != written else ""
            yield Line("page_state", "page_state", written, start, meant=meant)


def _in_field(found: StateName, html: str) -> tuple[int, str] | None:
    """Where the name stands behind the name of its field: a picture in the object may have its own."""
    for quoted in (f'"{found.field}"', f'\\"{found.field}\\"'):
        field = html.find(quoted, found.start, found.end)
        while field >= 0:
            end = min(field + len(quoted) + _VALUE, found.end)
            if at := _written(found.name, html, field + len(quoted), end, in_json=True):
                return at
            field = html.find(quoted, field + 1, found.end)
    return None


_VALUE = 400  # characters of a field's value


# Pictures bear ids of the same form.
_ID_IN_META = re.compile(
    r"<meta\s[^<>]{0,120}?content=[\"'](?P<id>(?:urn:newsml:|tag:)[^\"'<>]{8,120})[\"'][^<>]*>"
)
_OF_PICTURE = re.compile(r"(?i)image|photo|picture|thumb|video")


def _in_source(credit: Credit, html: str) -> tuple[int, str] | None:
    """Where a field's value stands in the page's source, and how it is written there."""
    if credit.where == "meta":
        return _written(credit.name, html, max(0, html.find("<meta")), len(html), in_json=False)
    for script in _JSON_LD.finditer(html):
        end = html.find("</script", script.end())
        if end >= 0 and (at := _written(credit.name, html, script.end(), end, in_json=True)):
            return at
    return None


_JSON_LD = re.compile(r"ld\+json")


def _written(
    name: str, html: str, start: int, end: int, *, in_json: bool
) -> tuple[int, str] | None:
    """Where a name stands in quotation marks within [start, end), and how it is spelled there."""
    spellings = [name, entities.escape(name)]
    if in_json:
        escaped = json.dumps(name)[1:-1]
        spellings += (escaped, _ESCAPED.sub(lambda m: "\\u" + m[1].upper(), escaped))
    for written in dict.fromkeys(spellings):
        for before, after in (('"', '"'), ("'", "'"), ('\\"', '\\"')):
            at = html.find(before + written + after, start, end)
            if at >= 0:
                return at + len(before), written
    return None


_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")
