"""Who is credited with a story: the lines of its page that may say so, read by the agencies' rules.

In: the page's outline and statement, the sorted story, the rules. Out: `Wire` and `Dateline`. Which lines
may carry a credit is `corpus.bylines`' to say, what one of them says `corpus.creditlines`'.
"""

import re
from collections.abc import Iterator

import msgspec

from corpus import agencies, dates
from corpus.blocks import Outline, key
from corpus.bylines import Byline, credit_lines
from corpus.creditlines import AgencyRules, agencies_in, named
from corpus.desks import is_desk
from corpus.fields import field_lines
from corpus.hints import hints_of
from corpus.metadata import Statement
from corpus.records import Dateline, Wire
from corpus.sites import netloc
from corpus.story import Story

# Where several elements of a page can show one and the same line.
_OFF_PAGE = ("text", "json_ld", "meta", "page_state")


def dateline(story: Story, rules: AgencyRules, language: str) -> Dateline:
    """The story's opening "PLACE, date (AGENCY) —", taken apart."""
    opening = [(a, text) for (a, _), text in zip(story.paragraphs[:3], story.texts, strict=False)]
    return dates.dateline(opening, lambda text: bool(agencies_in(text, rules, language)))


def wire(
    url: str,
    seen: Outline,
    stated: Statement,
    story: Story,
    by: Byline,
    rules: AgencyRules,
    language: str,
    html: str,
) -> Wire:
    """Who wrote the story on the page at `url`; `html` is its source, if any."""
    host = agencies.publisher(url, netloc(url), rules)
    lines = [host] if host else []
    fields = field_lines(html, url, seen.heading, stated, rules)
    lines += _crediting(
        credit_lines(seen, story, by, fields, rules.telling.may_credit), rules, language
    )
    own = [name for name in by.authors if _is_own(name, url, stated.site_name, rules)]
    if own and language == "en":
        theirs = _of_agency(by.text, rules)
        own = [name for name in own if name.casefold() not in theirs]
    made = agencies.attribute(lines, rules, language, own_byline=bool(own))
    return msgspec.structs.replace(made, hints=hints_of(story, rules, language))


# "Ann Example and AP", "Ann Example/AFP" and "avec Reuters" are of two houses.
_TWO_HOUSES = re.compile(
    r"(?i)(?:^|[/&+]|\b(?:and|with|via|by|from|avec|et|mit|und|con|y|e|com|met|en|med|och|og|oraz|i|z))"
    r"\s*(?:\b(?:the|la|l['’]|der|die|das|het))?\s*$"
)


def _of_agency(byline: str, rules: AgencyRules) -> str:
    """The part of "By Ann Example, AP Sports Writer" that names who writes for the agency, folded; or "".

    So it is in English alone: elsewhere the comma is put between an outlet and its agency ("t-online, dpa").
    """
    found = named("byline", byline, rules, "en")
    if not found:
        return ""
    first = byline[found[0].start : found[0].end].split()
    if any(agencies_in(" ".join(first[:n]), rules, "en") for n in (1, 2, 3)):
        before = byline[: found[0].start]
        return "" if _TWO_HOUSES.search(before) else before.casefold()
    return byline[: found[0].end].casefold()  # "Ann Example and Jo Example The Associated Press"


def _beside_agency(name: str, rules: AgencyRules) -> str:
    """Who stands in an author's name beside an agency: "Ann Example" of "Ann Example with AFP"."""
    found = named("byline", name, rules, "*")
    before = name[: found[0].start] if found else ""
    joined = _TWO_HOUSES.search(before)
    return before[: joined.start()].strip(" ,") if joined else ""


def _is_own(name: str, url: str, site_name: str, rules: AgencyRules) -> bool:
    """Whether the author is somebody who writes for the site.

    What is an agency in whichever language is none, even where it is not credited.
    """
    if named("byline", name, rules, "*"):
        name = _beside_agency(name, rules)
    return bool(name) and not (is_desk(name, site_name) or _is_site(name, url))


def _is_site(name: str, url: str) -> bool:
    """Whether the author is the site itself: who wrote for it is not said then."""
    host = netloc(url).partition(":")[0].removeprefix("www.")
    folded = key(name.lower())
    return folded in host.split(".") or (bool(host) and host in folded)


def _crediting(
    lines: Iterator[agencies.Line], rules: AgencyRules, language: str
) -> Iterator[agencies.Line]:
    """The lines that credit an agency; a template shows one byline in several places, once is enough.

    A line counts again, at another place or asked as something else, where it credits one more agency.
    """
    shown: dict[str, set[str]] = {}
    for line in lines:
        codes = {name.code for name in agencies.names_in(line, rules, language)}
        if not codes:
            continue
        if line.where not in _OFF_PAGE:
            words = key(line.text)
            if line.signal != "story_id" and any(
                words in other and codes <= known for other, known in shown.items()
            ):
                continue
            shown.setdefault(words, set()).update(codes)
        yield line
