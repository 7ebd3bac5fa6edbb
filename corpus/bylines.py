"""The lines of a page that may say who wrote it, each by its place.

In: the page's outline and statement, the cleaned story. Out: the byline, the authors, and the lines
that `corpus.agencies` reads. What stands in pictures, navigation, related cards and footers is not
among them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from corpus.agencies import Line
from corpus.blocks import (
    ARTICLE,
    ASIDE,
    BYLINE,
    FIGURE,
    FOOTER,
    FURNITURE,
    HEADING,
    SOURCE,
    Block,
    Label,
    Outline,
    key,
)
from corpus.elements import STEP
from corpus.metadata import Credit, Statement
from corpus.people import PERSON, people_in_fields, people_in_line
from corpus.records import Signal
from corpus.story import OUTSIDE, OUTVOTED, Story, shared_place
from crawler.records import Record

# Characters: a longer line is no byline.
MOST_OF_BYLINE = 120
# So many blocks between the heading and the story, and after it, are looked at.
_HEAD_BLOCKS = 25
_TAIL_BLOCKS = 12
# The story's paragraphs in which a dateline or tail can stand.
_OPENING = 3
_CLOSING = 4
# A paragraph between them that is longer is no credit.
_LONGEST_BETWEEN = 300
# A block above the story that is no longer may be the dateline on a line of its own.
_LONGEST_DATELINE = 60
# A line apart from the story that is longer is no credit.
_LONGEST = 160
_LONGEST_BESIDE = 2 * _LONGEST
# Of a paragraph so much is read as a dateline.
_LONGEST_OPENING = 200
# Below the story a block that is longer, and of no known kind, is another story.
_PROSE = 250
_NOT_THE_STORY = (OUTSIDE, OUTVOTED)
# A marked element that holds blocks begins with one of the next few.
_LABEL_BLOCKS = 3


_FOREIGN = FURNITURE | FIGURE
_AT_THE_END: tuple[Signal, ...] = ("tail", "copyright", "story_id")


class Byline(Record):
    """The byline as the page shows it, and the names in the page's author fields."""

    text: str = ""
    authors: tuple[str, ...] = ()


def byline(page: Outline, stated: Statement, story: Story, places: Sequence[int] = ()) -> Byline:
    """The byline of the story; `places` are the blocks where the site is known to show it."""
    body = range(*story.body)
    foreign = _FOREIGN & ~shared_place(page, story)
    shown = next(
        (
            label.text
            for label in page.labels
            if label.place & BYLINE
            and not label.place & foreign
            and body.start - _HEAD_BLOCKS <= label.before_block <= body.stop
            and len(label.text) <= MOST_OF_BYLINE
            and people_in_line(label.text)
        ),
        "",
    )
    shown = shown or next(
        (s.text for s in story.stripped if s.kind == "byline" and s.rule != OUTSIDE), ""
    )
    placed = (page.blocks[n].text for n in places)
    shown = shown or next((text for text in placed if len(text) <= MOST_OF_BYLINE), "")
    shown = shown or next((b.text for b in _head(page, story) if _BYLINE.fullmatch(b.text)), "")
    publisher = key(stated.site_name.lower())
    authors = _authors(c for c in stated.credits if key(c.name.lower()) != publisher)
    authors = authors or people_in_line(shown)
    return Byline(shown or ", ".join(authors), authors)


def _authors(credited: Iterable[Credit]) -> tuple[str, ...]:
    """The names in the first author field that has any."""
    stated = tuple(credited)
    for where in ("json_ld", "meta"):
        fields = dict.fromkeys(c.field for c in stated if c.where == where)
        for field in fields:
            names = [c.name for c in stated if c.where == where and c.field == field]
            if field not in _SOURCE_FIELDS and (people := people_in_fields(names)):
                return people
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
# A line of its own under the heading, in no element that says so: "By Ann Example, AP".
_BYLINE = re.compile(
    r"(?:By|BY|by|Von|VON|Par|Por|Di|Door|Av|Af|Text:)"
    r"(?: (?:[^\W\d_a-zß-öø-ÿ]\S*|de|la|van|von|der|und|and|y|et|&)){1,12}"
)


MayCredit = Callable[[str], bool]
"""Whether a line, wherever it stands, holds what a credit holds."""


def credit_lines(
    page: Outline,
    story: Story,
    by: Byline,
    fields: Iterable[Line] = (),
    may_credit: MayCredit = bool,
) -> Iterator[Line]:
    """Every line that may carry a credit, with its place in the record, in the order of trust.

    `fields` are those that only machines read (`corpus.fields`). Lines of the page that `may_credit` holds
    to be none are left out; they are nearly all, and so are asked before anything else is looked at.
    """
    places = _Places(page, story)
    yield from _opening(story, may_credit)
    if by.text and may_credit(by.text):
        yield Line("byline", "byline", by.text)
    yield from places.uncaptioned(_of_stripped(places, may_credit))
    yield from _of_labels(places, may_credit)
    yield from places.uncaptioned(_beside_story(places, may_credit))
    yield from fields
    yield from places.uncaptioned(_closing(story, may_credit))
    yield from places.uncaptioned(_between(story, may_credit))


class _Places:
    """Where what is not the story's begins; looked for when the first line asks."""

    def __init__(self, page: Outline, story: Story) -> None:
        self.page, self.story = page, story

    @cached_property
    def foreign(self) -> int:
        """The places of what is not the story's."""
        return _FOREIGN & ~shared_place(self.page, self.story)

    @cached_property
    def end(self) -> int:
        """The number of the block where other things begin below the story: prose of theirs, or a heading."""
        return _end(self.page, self.story, self.foreign)

    @cached_property
    def captions(self) -> frozenset[tuple[str, int]]:
        """Where captions stand that no element holds together with their pictures."""
        return _captions(self.page, self.story)

    def uncaptioned(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The lines that are no captions; a dateline is none of a picture's."""
        return (
            line
            for line in lines
            if line.signal == "dateline" or (line.where, line.offset) not in self.captions
        )


def _captions(page: Outline, story: Story) -> frozenset[tuple[str, int]]:
    """Where short lines stand right below pictures that no element holds together with them.

    A name there is the picture's source, but below the last picture of the story, which the story's own
    may follow, and where it is marked or worded as a byline.
    """
    stop = story.body[1]
    marked = BYLINE | SOURCE
    found = set()
    for number in page.below_photos:
        if number >= len(page.blocks) or stop - 1 <= number <= stop:
            continue
        block, spot = page.blocks[number], story.spots[number]
        if (
            len(block.text) <= MOST_OF_BYLINE
            and not block.place & marked
            and not _BYLINE.fullmatch(block.text)
        ):
            found.add((spot.where, spot.start))
    return frozenset(found)


def _end(page: Outline, story: Story, foreign: int, *, headings: bool = True) -> int:
    """The number of the block where other things begin below the story: prose of theirs, or a heading."""
    for number in range(story.body[1], len(page.blocks)):
        block, spot = page.blocks[number], story.spots[number]
        if block.place & (foreign | FIGURE) or spot.entry < 0:
            continue
        is_prose = len(block.text) > _PROSE and story.stripped[spot.entry].rule in _NOT_THE_STORY
        if is_prose or (headings and block.place & HEADING):
            return number
    return len(page.blocks)


def _opening(story: Story, may_credit: MayCredit) -> Iterator[Line]:
    for (start, _), text in zip(story.paragraphs[:_OPENING], story.texts, strict=False):
        if may_credit(text):
            yield Line("dateline", "text", text[:_LONGEST_OPENING], start)


def _closing(story: Story, may_credit: MayCredit) -> Iterator[Line]:
    texts = story.texts[-_CLOSING:]
    for (start, _), text in zip(story.paragraphs[-_CLOSING:], texts, strict=True):
        if may_credit(text):
            for signal in _AT_THE_END:
                yield Line(signal, "text", text, start)


def _between(story: Story, may_credit: MayCredit) -> Iterator[Line]:
    """The short paragraphs farther from the end: a ticker's credit sinks as new entries come above it."""
    texts = story.texts[:-_CLOSING]
    for (start, _), text in zip(story.paragraphs[:-_CLOSING], texts, strict=True):
        if len(text) <= _LONGEST_BETWEEN and may_credit(text):
            yield Line("tail", "text", text, start, far=True)


def _of_stripped(places: _Places, may_credit: MayCredit) -> Iterator[Line]:
    """The lines that were dropped as byline, credit, copyright or tail, where they were dropped."""
    page, story = places.page, places.story
    for n, block in enumerate(story.stripped):
        if block.rule == OUTSIDE:
            continue
        signals: tuple[Signal, ...] = ()
        if block.kind in _BYLINES and len(block.text) <= _LONGEST:
            signals = ("byline",)
        elif block.kind in _TAILS and block.after_paragraph >= len(story.paragraphs) - _CLOSING:
            signals = _AT_THE_END
        if signals and may_credit(block.text):
            last = (
                story.spots[places.end].entry
                if places.end < len(page.blocks)
                else len(story.stripped)
            )
            for signal in signals:
                yield Line(signal, f"stripped[{n}]", block.text, far=n >= last >= 0)


# The kinds of what was dropped that may name an agency.
_BYLINES = ("byline", "headline", "dateline")
_TAILS = ("credit", "copyright", "bio", "source")


def _of_labels(places: _Places, may_credit: MayCredit) -> Iterator[Line]:
    """Elements marked as byline or source around the story."""
    page, story = places.page, places.story
    if not page.labels:
        return
    start, stop = story.body
    foreign = places.foreign
    end = _end(page, story, foreign, headings=False)
    for label in page.labels:
        in_head = label.before_block <= start
        if (
            not label.place & foreign & ~_own(label.place, in_head=in_head)
            and len(label.text) <= _LONGEST
            and start - _HEAD_BLOCKS <= label.before_block <= min(stop + _TAIL_BLOCKS, end)
        ):
            signals: tuple[Signal, ...] = (
                ("byline", "source") if label.place & BYLINE else ("source", "tail", "copyright")
            )
            shown = (
                None if _is_of_card(label, page, stop, foreign) else _as_shown(label, page, story)
            )
            if shown is not None and may_credit(shown.text):
                for signal in signals:
                    yield Line(signal, shown.where, shown.text, shown.offset)


def _is_of_card(label: Label, page: Outline, stop: int, foreign: int) -> bool:
    """Whether the label stands below the story, under a link: lists of other stories name their sources."""
    above = (b for b in reversed(page.blocks[stop : label.before_block]) if not b.place & foreign)
    block = next(above, None)
    return block is not None and block.link_chars >= len(block.text)


def _as_shown(label: Label, page: Outline, story: Story) -> Line | None:
    """Where the label's text stands in the record; of one with other things in it, all of its block."""
    for number, block in enumerate(page.blocks[label.before_block :][:_LABEL_BLOCKS]):
        spot = story.spots[label.before_block + number]
        at = block.text.find(label.text)
        if at >= 0:
            return Line("byline", spot.where, label.text, spot.start + at)
        if block.place & (BYLINE | SOURCE) and len(block.text) <= _LONGEST:
            return Line("byline", spot.where, block.text, spot.start)
    return None


def _own(place: int, *, in_head: bool) -> int:
    """What does not make a marked element foreign.

    An article may have a footer of its own, and its byline may be an aside under the heading.
    """
    return (FOOTER if place & ARTICLE else 0) | (ASIDE if place & ARTICLE and in_head else 0)


def _beside_story(places: _Places, may_credit: MayCredit) -> Iterator[Line]:
    """Short blocks between the heading and the story, and those that follow it."""
    blocks, stop = places.page.blocks, places.story.body[1]
    for number in _head_range(places.page, places.story):
        text = blocks[number].text
        if len(text) > _LONGEST_BESIDE or not may_credit(text):
            continue
        if not _SENTENCE.fullmatch(text) and not _PHOTOGRAPHER.fullmatch(text):
            yield from _beside(places, number, ("byline", "source"))
        if len(text) <= _LONGEST_DATELINE:
            yield from _beside(places, number, ("dateline",))
    for number in range(stop, min(stop + _TAIL_BLOCKS, len(blocks))):
        text = blocks[number].text
        if len(text) > _LONGEST_BESIDE or not may_credit(text) or _is_of_list(places.page, number):
            continue
        far = number >= places.end
        yield from _beside(places, number, ("tail", "source", "copyright", "story_id"), far=far)
        if _BYLINE.fullmatch(text):
            yield from _beside(places, number, ("byline",), far=far)


def _is_of_list(page: Outline, number: int) -> bool:
    """Whether the block is one of several short items of a list: below a story those are its topics."""
    block, path = page.blocks[number], page.blocks[number].path
    beside = page.blocks[max(0, number - 1) : number + 2]
    return (
        path.rpartition(STEP)[2].partition(".")[0] == "li"
        and len(block.text) <= _LONGEST_DATELINE
        and sum(b.path == path for b in beside) > 1
    )


# "Ann Example/AFP", "EFE/Ana Ejemplo" under a heading are mostly of the picture there, where no element
# says that they are a byline.
_PHOTOGRAPHER = re.compile(
    rf"(?:\W\s?)?(?:{PERSON.pattern}\s*/\s*\S.{{1,30}}|\S.{{1,30}}?\s*/\s*{PERSON.pattern})"
)
# A standfirst may begin with an agency's name.
_SENTENCE = re.compile(r"(?:\S+\s+){5,}\S+[.!?][\"”»]?")


def _beside(
    places: _Places, number: int, signals: Iterable[Signal], *, far: bool = False
) -> Iterator[Line]:
    block, spot = places.page.blocks[number], places.story.spots[number]
    if spot.entry >= 0 and block.link_chars < len(block.text) and not block.place & places.foreign:
        for signal in signals:
            yield Line(signal, spot.where, block.text, spot.start, far=far)


def _head_range(page: Outline, story: Story) -> range:
    """The blocks between the heading, where there is one, and the story."""
    start = story.body[0]
    return range(max(0, start - _HEAD_BLOCKS, min(page.heading_at, start)), start)


def _head(page: Outline, story: Story) -> tuple[Block, ...]:
    numbers = _head_range(page, story)
    return page.blocks[numbers.start : numbers.stop]
