"""Who is credited with a story: the lines of its page that may say so, read by the agencies' rules.

In: the page's outline and statement, the sorted story, the rules. Out: `Wire` and `Dateline`. Which lines
may carry a credit is `corpus.bylines`' to say, what one of them says `corpus.creditlines`'.
"""

from collections.abc import Iterator

import msgspec

from corpus import agencies, dates
from corpus.blocks import Outline, key
from corpus.bylines import Byline, credit_lines
from corpus.creditlines import AgencyRules, agencies_in, named
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
    opening = [(start, story.text[start:end]) for start, end in story.paragraphs[:3]]
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
    lines += _crediting(credit_lines(seen, story, by, fields), rules, language)
    own = any(
        not _is_site(name, url) and not named("byline", name, rules, language)
        for name in by.authors
    )
    made = agencies.attribute(lines, rules, language, own_byline=own)
    return msgspec.structs.replace(made, hints=hints_of(story, rules, language))


def _is_site(name: str, url: str) -> bool:
    """Whether the author is the site itself: who wrote for it is not said then."""
    host = netloc(url).partition(":")[0].removeprefix("www.")
    folded = key(name.lower())
    return folded in host.split(".") or (bool(host) and host in folded)


def _crediting(
    lines: Iterator[agencies.Line], rules: AgencyRules, language: str
) -> Iterator[agencies.Line]:
    """The lines that credit an agency; a template shows one byline in several places, once is enough."""
    shown: set[str] = set()
    for line in lines:
        if not agencies.names_in(line, rules, language):
            continue
        if line.where not in _OFF_PAGE:
            words = key(line.text)
            if line.signal != "story_id" and any(words in other for other in shown):
                continue
            shown.add(words)
        yield line
