"""The lines of a page that may say who wrote it, each by its place.

In: the page's outline and statement, the cleaned story. Out: the byline, the authors, and the lines
that `corpus.agencies` reads. What stands in pictures, navigation, related cards and footers is not
among them.
"""

import html as entities
import json
import re
from collections.abc import Iterable, Iterator

from corpus.agencies import Line
from corpus.blocks import ARTICLE, ASIDE, BYLINE, FIGURE, FOOTER, FURNITURE, Block, Outline, key
from corpus.metadata import Credit, Statement
from corpus.records import Signal, Stripped
from crawler.records import Record

# So many blocks between the heading and the story, and after it, are looked at.
_HEAD_BLOCKS = 25
_TAIL_BLOCKS = 12
# The story's paragraphs in which a dateline or tail can stand.
_OPENING = 3
_CLOSING = 4
# A line apart from the story that is longer is no credit.
_LONGEST = 160


class Story(Record):
    """The cleaned story: its text, the spans of its paragraphs, what was dropped from it."""

    text: str
    paragraphs: tuple[tuple[int, int], ...]
    stripped: tuple[Stripped, ...]

    def lines(self) -> tuple[str, ...]:
        """The paragraphs' texts."""
        return tuple(self.text[a:b] for a, b in self.paragraphs)


class Byline(Record):
    """The byline as the page shows it, and the names in the page's author fields."""

    text: str = ""
    authors: tuple[str, ...] = ()


def byline(page: Outline, stated: Statement, story: Story, body: range) -> Byline:
    """The byline of the story that stands in the blocks of `body`."""
    shown = next(
        (
            label.text
            for label in page.labels
            if label.place & BYLINE
            and not label.place & (FURNITURE | FIGURE)
            and body.start - _HEAD_BLOCKS <= label.before_block <= body.stop
            and 2 < len(label.text) <= 120
        ),
        "",
    )
    shown = shown or next((s.text for s in story.stripped if s.kind == "byline"), "")
    shown = shown or next((b.text for b in _head(page, body) if _BYLINE.fullmatch(b.text)), "")
    publisher = key(stated.site_name.lower())
    authors = _authors(c for c in stated.credits if key(c.name.lower()) != publisher)
    authors = authors or _names(shown)
    return Byline(shown or ", ".join(authors), authors)


def _authors(credited: Iterable[Credit]) -> tuple[str, ...]:
    """The names in the first author field that has any."""
    stated = tuple(credited)
    for where in ("json_ld", "meta"):
        fields = dict.fromkeys(c.field for c in stated if c.where == where)
        for field in fields:
            names = [c.name for c in stated if c.where == where and c.field == field]
            if field not in _SOURCE_FIELDS and names:
                return tuple(dict.fromkeys(n for n in names if len(n) <= 120))[:20]
    return ()


_SOURCE_FIELDS = frozenset(
    (
        "sourceOrganization",
        "provider",
        "dc.source",
        "source",
        "news_source",
        "article:source",
        "cxenseparse:source",
        "agency",
    )
)
_LEAD_IN = re.compile(
    r"(?i)^\W*(?:(?:written|published|posted|reported|story) by|by|von|par|por|di|da|door|av|af|text"
    r"|autor(?:in|es)?|authors?)\b\s*:?\s*"
)
# A line of its own under the heading, in no element that says so: "By Ann Example, AP".
_BYLINE = re.compile(
    r"(?:By|BY|by|Von|VON|Par|Por|Di|Door|Av|Af|Text:)"
    r"(?: (?:[^\W\d_a-zß-öø-ÿ]\S*|de|la|van|von|der|und|and|y|et|&)){1,12}"
)
_AND = re.compile(r"\s*(?:,|;|\||/|\band\b|\bund\b|\bet\b|\by\b|&)\s*")


def _names(shown: str) -> tuple[str, ...]:
    names = [n.strip() for n in _AND.split(_LEAD_IN.sub("", shown))]
    return tuple(dict.fromkeys(n for n in names if 2 < len(n) <= 60))[:20]


class Place(Record):
    """A line, where it stands, and the block it was (None where it has a place in the article)."""

    line: Line
    loose: Stripped | None = None


def credit_lines(
    page: Outline, stated: Statement, story: Story, by: Byline, body: range, html: str
) -> Iterator[Place]:
    """Every line that may carry a credit, in the order of trust.

    A line that stands apart from the story comes with the `Stripped` that would keep it; its `where`
    is "" until it is kept.
    """
    yield from _opening(story)
    if by.text:
        yield Place(Line("byline", "byline", by.text))
    yield from _of_stripped(story)
    yield from _of_labels(page, body, story)
    yield from _beside_story(page, body, story)
    yield from _of_fields(stated, html)
    yield from _closing(story)


def _opening(story: Story) -> Iterator[Place]:
    for start, end in story.paragraphs[:_OPENING]:
        yield Place(Line("dateline", "text", story.text[start : min(end, start + 200)], start))


def _closing(story: Story) -> Iterator[Place]:
    last = story.paragraphs[-_CLOSING:] if len(story.paragraphs) > 1 else story.paragraphs
    for start, end in last:
        text = story.text[start:end]
        for signal in ("tail", "copyright", "story_id"):
            yield Place(Line(_signal(signal), "text", text, start))


def _signal(name: str) -> Signal:
    signals: dict[str, Signal] = {
        s: s for s in ("tail", "copyright", "story_id", "byline", "source")
    }
    return signals[name]


def _of_stripped(story: Story) -> Iterator[Place]:
    """The lines that were dropped as byline, credit, copyright or tail, where they were dropped."""
    for n, block in enumerate(story.stripped):
        where = f"stripped[{n}]"
        if block.kind in ("byline", "headline", "dateline") and len(block.text) <= _LONGEST:
            yield Place(Line("byline", where, block.text))
        elif block.after_paragraph >= len(story.paragraphs) - _CLOSING and block.kind in (
            "credit",
            "copyright",
            "bio",
            "source",
        ):
            for signal in ("tail", "copyright", "story_id"):
                yield Place(Line(_signal(signal), where, block.text))


def _of_labels(page: Outline, body: range, story: Story) -> Iterator[Place]:
    """Elements marked as byline or source around the story."""
    for label in page.labels:
        in_head = label.before_block <= body.start
        if (
            not label.place & (_foreign(label.place, in_head=in_head))
            and len(label.text) <= _LONGEST
            and body.start - _HEAD_BLOCKS <= label.before_block <= body.stop + _TAIL_BLOCKS
        ):
            signals: tuple[Signal, ...] = (
                ("byline", "source") if label.place & BYLINE else ("source", "tail", "copyright")
            )
            before = label.before_block < body.stop
            after = _paragraph_before(page, label.before_block, story) if before else None
            loose = Stripped(
                "byline" if label.place & BYLINE else "source",
                "labelled-element",
                label.text,
                len(story.paragraphs) - 1 if after is None else after,
            )
            for signal in signals:
                yield Place(Line(signal, "", label.text), loose)


def _foreign(place: int, *, in_head: bool) -> int:
    """The places that a marked element must not stand in.

    An article may have a footer of its own, and its byline may be an aside under the heading.
    """
    own = (FOOTER if place & ARTICLE else 0) | (ASIDE if place & ARTICLE and in_head else 0)
    return (FURNITURE | FIGURE) & ~own


def _paragraph_before(page: Outline, block: int, story: Story) -> int:
    """The number of the last paragraph that stands before this block, -1 for none."""
    numbers = {key(text): n for n, text in enumerate(story.lines())}
    for earlier in reversed(page.blocks[:block]):
        n = numbers.get(key(earlier.text))
        if n is not None:
            return n
    return -1


def _beside_story(page: Outline, body: range, story: Story) -> Iterator[Place]:
    """Short blocks between the heading and the story, and those that follow it."""
    head = _head(page, body)
    tail = page.blocks[body.stop : body.stop + _TAIL_BLOCKS]
    known = {key(text) for text in story.lines()}
    for block, signals, after in (
        *((b, ("byline", "source"), -1) for b in head),
        *(
            (b, ("tail", "source", "copyright", "story_id"), len(story.paragraphs) - 1)
            for b in tail
        ),
    ):
        if _may_credit(block) and key(block.text) not in known:
            loose = Stripped("credit", "beside-the-story", block.text, after)
            for signal in signals:
                yield Place(Line(_signal(signal), "", block.text), loose)
            if after >= 0 and _BYLINE.fullmatch(block.text):
                yield Place(Line("byline", "", block.text), loose)


def _head(page: Outline, body: range) -> tuple[Block, ...]:
    """The blocks between the heading, where there is one, and the story."""
    start = max(0, body.start - _HEAD_BLOCKS, min(page.heading_at, body.start))
    return page.blocks[start : body.start]


def _may_credit(block: Block) -> bool:
    return (
        not block.place & (FURNITURE | FIGURE)
        and len(block.text) <= 2 * _LONGEST
        and block.link_chars < len(block.text)
    )


def _of_fields(stated: Statement, html: str) -> Iterator[Place]:
    """The names in JSON-LD and meta fields, at their place in the page's source."""
    for credit in stated.credits:
        at = _in_source(credit, html)
        if at:
            signal: Signal = "json_ld" if credit.where == "json_ld" else "meta"
            start, written = at
            yield Place(Line(signal, credit.where, written, start))


def _in_source(credit: Credit, html: str) -> tuple[int, str] | None:
    """Where a field's value stands in the page's source, and how it is written there."""
    opening = html.find("ld+json") if credit.where == "json_ld" else html.find("<meta")
    for written in (credit.name, json.dumps(credit.name)[1:-1], entities.escape(credit.name)):
        for quoted in (f'"{written}"', f"'{written}'"):
            at = html.find(quoted, max(opening, 0))
            if at >= 0:
                return at + 1, written
    return None
