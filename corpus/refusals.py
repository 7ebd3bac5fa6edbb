"""Why an agency that a page names is not credited with its story.

In: an article's record and the rules of configs/agencies.toml. Out: each place of the page's visible text
where an agency is named and no evidence stands, with the reason. For the person who writes rules; nothing
else depends on it. What only machines read (JSON-LD, meta elements) is
`corpus.field_refusals`'.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from corpus.agency_rows import folded_name
from corpus.creditlines import AgencyRules, credits_picture
from corpus.records import Article
from crawler.records import Record


class Refusal(Record):
    """An agency named at [start, end) of the line `line` of the place `where`, and why it does not count."""

    agency: str
    where: str
    line: str
    start: int
    end: int
    why: str


_PLACES = {
    "navigation": "it stands in the page's navigation",
    "footer": "it stands in the page's footer",
    "caption": "it stands with a picture",
    "related": "it stands among other stories",
    "aside": "it stands beside the story",
    "comments": "it stands in a comment",
}


def refusals(article: Article, rules: AgencyRules) -> Iterator[Refusal]:
    """Every mention that is no evidence, in reading order of the record: byline, text, what was stripped."""
    proven = [(e.where, e.start, e.end) for e in article.wire.evidence]
    hinted = [(h.start, h.end) for h in article.wire.hints]
    for where, kind, start, line in _lines(article):
        for code, a, b in mentions(line, rules):
            spans = [(s, e) for place, s, e in proven if place == where]
            again = where != "byline" and line == article.byline and code in article.wire.agencies
            if again or _meets(spans, start + a, start + b):
                continue
            hint = where == "text" and _meets(hinted, start + a, start + b)
            yield Refusal(
                code, where, line, a, b, _why(article, rules, line, kind, line[a:b], hint)
            )


def _meets(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    return any(s < end and start < e for s, e in spans)


def _lines(article: Article) -> Iterator[tuple[str, str, int, str]]:
    """Each line with its place, that place's kind, and its offset there."""
    if article.byline:
        yield "byline", "byline", 0, article.byline
    for start, end in article.paragraphs:
        yield "text", "text", start, article.text[start:end]
    for n, block in enumerate(article.stripped):
        at = 0
        for line in block.text.split("\n"):
            yield f"stripped[{n}]", block.kind, at, line
            at += len(line) + 1


def _why(
    article: Article, rules: AgencyRules, line: str, kind: str, name: str, hint: object
) -> str:
    known = rules.acronyms.get(name, ())
    languages = frozenset(word for acronym in known for word in acronym.languages)
    language = article.language or article.language_declared
    if kind in _PLACES:
        return _PLACES[kind]
    if hint:
        return "somebody told it something: a hint, no credit"
    if languages and language not in languages and folded_name(name) not in rules.names:
        only = ", ".join(sorted(languages))
        return (
            f"{name!r} is an agency on pages in {only} only, and this one is in {language or '?'}"
        )
    if credits_picture(line):
        return "the line speaks of a picture"
    if kind == "text":
        return "a mention in the story's prose: no wording of a credit is around it, or not at its ends"
    return "no wording of a credit is around it, or it stands below a picture or too far from the story"


def mentions(line: str, rules: AgencyRules) -> Iterator[tuple[str, int, int]]:
    """Where agencies are named in a line: acronyms as they are written, names in any case."""
    names, acronyms = _patterns(tuple(rules.names), tuple(rules.acronyms))
    taken: list[tuple[int, int]] = []
    for match in names.finditer(line):
        taken.append(match.span())
        yield rules.names[folded_name(match[0])], *match.span()
    for match in acronyms.finditer(line):
        if not _meets(taken, *match.span()):
            yield rules.acronyms[match[0]][0].code, *match.span()


@lru_cache(maxsize=2)
def _patterns(
    names: tuple[str, ...], acronyms: tuple[str, ...]
) -> tuple[re.Pattern[str], re.Pattern[str]]:
    def spelled(words: tuple[str, ...]) -> str:
        longest = sorted(words, key=len, reverse=True)
        return "|".join(re.escape(w).replace(r"\ ", r"[\s-]") for w in longest)

    border = r"(?<![^\W\u2e80-\u9fff\uac00-\ud7af])(?:{})(?![^\W\u2e80-\u9fff\uac00-\ud7af])"
    return (
        re.compile(border.format(spelled(names)), re.IGNORECASE),
        re.compile(border.format(spelled(acronyms))),
    )
