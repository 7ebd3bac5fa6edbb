"""A page as its story and everything else: paragraphs, and what was stripped, each in its place.

In: the page's outline and the fate of each block. Out: a `Story`. Its text and its stripped blocks
together are all of the page's visible text, in reading order (`visible_text`).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, reduce
from operator import and_

from corpus.blocks import (
    ASIDE,
    BYLINE,
    CARD,
    FIGURE,
    FOOTER,
    HEADING,
    NAV,
    RELATED,
    SOURCE,
    Block,
    Outline,
)
from corpus.records import Article, Stripped
from crawler.records import Record

KEPT = ("", "")
"""The fate of a block that is the story; any other is the (kind, rule) that dropped it."""

OUTSIDE = "outside-the-story"
"""The rule of a block that no extractor holds to be the story."""

OUTVOTED = "outvoted"
"""The rule of a block that some extractor holds to be the story, and the votes together do not."""

_PARAGRAPH_BREAK = 2
# What a block outside of the story is, by its place; the first that fits.
_KINDS = (
    (NAV, "navigation"),
    (FOOTER, "footer"),
    (FIGURE, "caption"),
    (RELATED | CARD, "related"),
    (BYLINE, "byline"),
    (SOURCE, "source"),
    (ASIDE, "aside"),
    (HEADING, "heading"),
)


class Spot(Record, gc=False):
    """Where a block's text stands in the record: in stripped[`entry`], or in the text (-1)."""

    entry: int
    start: int

    @property
    def where(self) -> str:
        """As evidence names it."""
        return "text" if self.entry < 0 else f"stripped[{self.entry}]"


class Story(Record):
    """The story's text, the spans of its paragraphs, what was stripped; and each block's spot.

    `texts` are the paragraphs, each the very text of its block. `body` is the range of block numbers from the
    story's first to its last.
    """

    text: str = ""
    paragraphs: tuple[tuple[int, int], ...] = ()
    stripped: tuple[Stripped, ...] = ()
    spots: tuple[Spot, ...] = ()
    body: tuple[int, int] = (0, 0)
    texts: tuple[str, ...] = ()


def outside(block: Block) -> tuple[str, str]:
    """The fate of a block that no extractor holds to be the story."""
    return _outside(block.place)


@cache
def _outside(place: int) -> tuple[str, str]:
    return next((kind for of_kind, kind in _KINDS if place & of_kind), "other"), OUTSIDE


def tell(page: Outline, fates: Mapping[int, tuple[str, str]]) -> Story:
    """The page sorted into story and stripped; blocks without a fate are outside of the story."""
    teller = _Teller()
    chrome = iter((*page.chrome, None))
    ahead = next(chrome)
    next_chrome = ahead.before_block if ahead else len(page.blocks)
    spots: list[Spot] = []
    kept: list[int] = []
    for number, block in enumerate(page.blocks):
        while ahead and next_chrome <= number:
            teller.strip(_outside(ahead.place), ahead.text)
            ahead = next(chrome)
            next_chrome = ahead.before_block if ahead else len(page.blocks)
        fate = fates.get(number) or _outside(block.place)
        if fate == KEPT:
            kept.append(number)
            spots.append(teller.keep(block.text))
        else:
            spots.append(teller.strip(fate, block.text))
    while ahead:
        teller.strip(_outside(ahead.place), ahead.text)
        ahead = next(chrome)
    start = max(0, page.heading_at)
    body = (kept[0], kept[-1] + 1) if kept else (start, start)
    return teller.story(tuple(spots), body)


def retell(story: Story, paragraphs: Sequence[str]) -> Story:
    """A story whose paragraphs stand nowhere on the page, before all that was stripped from it."""
    teller = _Teller()
    for paragraph in paragraphs:
        teller.keep(paragraph)
    last = len(paragraphs) - 1
    stripped = tuple(Stripped(s.kind, s.rule, s.text, last) for s in story.stripped)
    told = teller.story(story.spots, (story.body[0], story.body[0]))
    return Story(told.text, told.paragraphs, stripped, story.spots, told.body, told.texts)


def visible_text(article: Article) -> Iterator[str]:
    """The page's visible text out of its record: paragraphs and stripped blocks in reading order."""
    stripped = iter((*article.stripped, None))
    ahead = next(stripped)
    for number, (start, end) in enumerate(article.paragraphs):
        while ahead and ahead.after_paragraph < number:
            yield ahead.text
            ahead = next(stripped)
        yield article.text[start:end]
    while ahead:
        yield ahead.text
        ahead = next(stripped)


def shared_place(page: Outline, story: Story) -> int:
    """What the places of all blocks of the story have in common.

    It says nothing against what stands beside them: a template may call its main column an aside, or wrap
    the whole page in a form.
    """
    places = [b.place for b, s in zip(page.blocks, story.spots, strict=False) if s.entry < 0]
    return reduce(and_, places) if places else 0


class _Teller:
    """Gathers paragraphs and stripped blocks in reading order."""

    def __init__(self) -> None:
        self._paragraphs: list[str] = []
        self._spans: list[tuple[int, int]] = []
        self._at = 0
        self._entries: list[tuple[tuple[str, str], int, list[str]]] = []
        # Of the last entry: its fate, the lines that it has, and how long they are.
        self._fate, self._texts, self._entry_size = KEPT, [""], 0

    def keep(self, text: str) -> Spot:
        start = self._at
        self._paragraphs.append(text)
        self._spans.append((start, start + len(text)))
        self._at = start + len(text) + _PARAGRAPH_BREAK
        self._fate = KEPT
        return Spot(-1, start)

    def strip(self, fate: tuple[str, str], text: str) -> Spot:
        """Runs of blocks that are plainly outside of the story become one entry, a line each."""
        if fate == self._fate and fate[1] == OUTSIDE:
            start = self._entry_size + 1
            self._texts.append(text)
        else:
            start = 0
            self._fate, self._texts = fate, [text]
            self._entries.append((fate, len(self._paragraphs) - 1, self._texts))
        self._entry_size = start + len(text)
        return Spot(len(self._entries) - 1, start)

    def story(self, spots: tuple[Spot, ...], body: tuple[int, int]) -> Story:
        return Story(
            text="\n\n".join(self._paragraphs),
            paragraphs=tuple(self._spans),
            stripped=tuple(
                Stripped(kind, rule, "\n".join(texts), after)
                for (kind, rule), after, texts in self._entries
            ),
            spots=spots,
            body=body,
            texts=tuple(self._paragraphs),
        )
