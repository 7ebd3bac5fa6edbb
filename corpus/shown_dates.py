"""The dates that a page shows its readers by its story: "Published: 18 Nov 2023 9:41 PM GMT".

In: the page's blocks, or lines taken from them, and the conventions of the page. Out: `ShownDate`s, the
most telling first. A date counts by what stands with it (a lead-in in one of many languages, a byline)
and by where it stands. Dates in prose, captions, copyright lines and other stories' cards are passed
over. Which source to trust, and whether a day is only the day of rendering, is `corpus.dates`' to say.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from corpus.blocks import ASIDE, CARD, FIGURE, FOOTER, NAV, RELATED, Outline, key
from corpus.calendars import Usage, fold
from corpus.date_labels import DateField, assumed_fields, label, told_fields
from corpus.written_dates import Written, may_hold_date, written_dates
from crawler.records import Record

Where = Literal["above", "head", "story", "tail"]


class ShownLine(Record):
    """A line by the story: above its heading, from there to its start, in its first lines, after its end.

    `marked` is true where an element says that the line holds a date; `aside` where it stands in
    navigation, a card or a list, or too far off: there only a lead-in or a mark makes a date count.
    `at` is its block's number.
    """

    text: str
    where: Where
    marked: bool = False
    aside: bool = False
    at: int = 0


class ShownDate(Record):
    """A date shown with a story: which date of it that is, and the words that say so.

    `text` stands at [written.start, written.end) of the line that is block `at`. `told` is true where a
    lead-in says which date it is. `doubtful` is true where another date of the page must agree: two
    readings, or a year of two digits with nothing to say that it is one.
    """

    field: DateField
    written: Written
    where: Where
    at: int
    text: str
    told: bool = False
    marked: bool = False
    doubtful: bool = False


# How many blocks are looked at: above the heading, below it, before the story, into it and after it.
_ABOVE, _BELOW, _BEFORE, _INTO, _AFTER = 25, 40, 25, 5, 5
# Without a heading so many blocks before the story are the place for its date.
_BESIDE = 4
# A date that nothing calls one is not farther above the heading.
_NEAR = 8
_LONGEST = 300
_OTHERS = NAV | FOOTER | ASIDE | RELATED | CARD | FIGURE


def shown_lines(
    outline: Outline, body: range, headline: str = "", places: Sequence[int] = ()
) -> list[ShownLine]:
    """The lines in which the date of a story would stand; `body` are its first to its last block.

    `places` are the blocks where the site is known to show dates: where one stands there, only they are
    looked at, with the line before each, which may be their lead-in.

    Where the main heading is not the headline, the last block before the story that is the headline is
    taken for it; without either, only what stands right before the story is not above it.
    """
    if placed := _lines_at(outline, places):
        return placed
    heading = _heading(outline, body, headline)
    if not body and heading < 0:
        return []
    if not body:
        # The story is not among the blocks; its start is not far from the heading.
        body = range(heading + _INTO, heading + _INTO)
    first = heading if 0 <= heading <= body.start else max(0, body.start - _BESIDE)
    marked = {m.before_block: m.value for m in outline.moments}
    lines = []
    for n in range(max(0, first - _ABOVE), min(len(outline.blocks), body.stop + _AFTER)):
        block = outline.blocks[n]
        inside = body.start + _INTO <= n < body.stop
        between = first + _BELOW < n < body.start - _BEFORE
        if not (inside or between or n == heading or len(block.text) > _LONGEST):
            where = _where(n, first, body)
            apart = n < first - _NEAR or n > body.stop
            # Between heading and story templates wrap the date in boxes of any name.
            aside = where != "head" and (apart or bool(block.place & _OTHERS))
            is_date = n in marked and " ".join(marked[n].split()) in block.text
            lines.append(ShownLine(block.text, where, is_date, aside, n))
    return lines


def _lines_at(outline: Outline, places: Sequence[int]) -> list[ShownLine]:
    """The lines with dates at these places, each after the line that may be its lead-in."""
    lines = []
    for n in sorted(places):
        text = outline.blocks[n].text
        if len(text) <= _LONGEST and may_hold_date(text):
            before = outline.blocks[n - 1].text if n else ""
            if not may_hold_date(before):
                lines.append(ShownLine(before[-_LONGEST:], "head", at=n - 1))
            lines.append(ShownLine(text, "head", marked=True, at=n))
    return lines


def _heading(outline: Outline, body: range, headline: str) -> int:
    wanted = key(headline.lower())
    if not wanted or key(outline.heading.lower()) == wanted:
        return outline.heading_at
    near = range(min(body.start, len(outline.blocks) - 1), max(-1, body.start - _BELOW), -1)
    same = (n for n in near if key(outline.blocks[n].text.lower()) == wanted)
    return next(same, outline.heading_at)


def _where(block: int, heading: int, body: range) -> Where:
    if block < heading:
        return "above"
    if block < body.start:
        return "head"
    return "story" if block < body.stop else "tail"


def shown_dates(lines: Iterable[ShownLine], usage: Usage) -> tuple[ShownDate, ...]:
    """The dates in the lines that speak of the story: those told as such first, then by their place."""
    found: list[ShownDate] = []
    before = ""
    for line in lines:
        found += _dates(line, before, usage)
        before = line.text
    bare = {d.written.days for d in found if not d.told and not d.marked and d.where != "tail"}
    if len(bare) > _MOST_DAYS:
        found = [d for d in found if d.told or d.marked]
    return tuple(sorted(found, key=lambda d: (not d.told, not d.marked, _ORDER.index(d.where))))


# More days than the publication's and the change's belong to a list of other stories.
_MOST_DAYS = 2
_ORDER = ("head", "story", "above", "tail")

# ---------------------------------------------------------------------------------------- one line


def _dates(line: ShownLine, line_before: str, usage: Usage) -> list[ShownDate]:
    """The dates of one line; the line before may be nothing but their lead-in."""
    dates = written_dates(line.text, usage)
    if not dates or len(dates) > _MOST_DATES:
        return []
    fields = told_fields(line.text, dates)
    if fields[0] is None:
        fields[0] = label(line_before)
    told = any(fields)
    rest, before = _around(line.text, dates)
    if told and not _is_label(rest, _TOLD):
        return []
    if not told:
        if not (line.marked or _stands_alone(line, rest, before)):
            return []
        fields = assumed_fields(line.text, dates)
    return [
        ShownDate(
            field=field,
            written=written,
            where=line.where,
            at=line.at,
            text=line.text[written.start : written.end],
            told=told,
            marked=line.marked,
            doubtful=len(written.days) > 1
            or (written.short and not (told or line.marked or written.checked)),
        )
        for field, written in zip(fields, dates, strict=True)
        if field
    ]


_MOST_DATES = 3


def _around(text: str, dates: tuple[Written, ...]) -> tuple[str, str]:
    """The line without its dates, and what stands before the first."""
    rest = []
    at = 0
    for written in dates:
        rest.append(text[at : written.start])
        at = written.end
    return " ".join((*rest, text[at:])), rest[0]


class _Room(Record):
    """How much else a line with a date may hold: words, those in lower case, and East Asian letters.

    More than that is a sentence.
    """

    words: int
    lower: int
    letters: int = 40


_TOLD, _BARE, _IN_STORY, _AT_THE_END = _Room(25, 8), _Room(12, 5), _Room(12, 1), _Room(0, 0, 0)
# So many words in lower case and a full stop are a sentence as well.
_SENTENCE = 4


def _is_label(rest: str, room: _Room) -> bool:
    """Whether the line does no more than to say when, who and where, rather than tell a story."""
    words = re.findall(r"[^\W\d_]+", rest)
    return (
        len(words) <= room.words
        and sum(word[0].islower() for word in words) <= room.lower
        and len(_EAST_ASIAN.findall(rest)) <= room.letters
        and not _OTHER_THING.search(fold(rest))
    )


def _stands_alone(line: ShownLine, rest: str, before: str) -> bool:
    """Whether a date that nothing calls the story's is alone on its line, or with a byline."""
    rooms: dict[Where, _Room] = {"story": _IN_STORY, "tail": _AT_THE_END}
    if line.aside or not _is_label(rest, rooms.get(line.where, _BARE)):
        return False
    lower = sum(word.islower() for word in re.findall(r"[^\W\d_]+", rest))
    if lower >= _SENTENCE and rest.rstrip().endswith((".", "?", "!", ":")):
        return False
    folded = fold(before)
    called = _CALLED.search(folded)
    if called and not _DATE.fullmatch(called[1]):
        return False
    return bool(_BYLINE.search(folded)) or not _PREPOSITION.search(folded)


_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Rights, pictures, weather, broadcasts, events, terms: what dates of other things stand with.
_OTHER_THING = re.compile(
    r"©|\(c\)|°|copyright|all rights|alle rechte|tous droits|derechos reservados|права защищены|版权|版權|"
    r"\b(?:photos?|fotos?|bild|audio|getty|archiv\w*|file|born|birth|died|geboren|valid|expires|until|"
    r"deadline|release|event|veranstaltung|sendung|sendetermin|air date|aired|airs|verfugbar|abgerufen|"
    r"bis|issue|ausgabe|edition|premiere|starts|ends|opens|when|where|wann|published in|comments on|"
    r"members? since|joined|registered)\b"
)
_PREPOSITION = re.compile(
    r"(?:^|\s)(?:on|since|until|from|of|in|by|after|before|for|am|seit|ab|bis|vom|zum|le|du|au|depuis|"
    r"el|desde|hasta|del|il|dal|al|em|op|vanaf|tot|den|fra|до|от|с|на|по|від|з|од|od|do|dnia|dne)\s+$"
    r"|\d\.?\s*[-–—]\s*$"
)
# Words and a colon say what date it is; only if they say no more than that it is one, it may be ours.
_CALLED = re.compile(r"([^\W\d_][^:：|·•]*?)\s*[:：]\s*$")
_DATE = re.compile(
    r"date|datum|fecha|data|dato|paivays|datum|дата|tarih|ημερομηνια|التاريخ|日期|时间|時間|日時|날짜"
)
_BYLINE = re.compile(
    r"(?:^|[|·•–—]\s*)(?:(?:posted|written)\s)?(?:by|von|par|por|di|da|door|av|af|przez|autor)\s"
)

# ------------------------------------------------------------------------------------------ doubts


def settled(shown: ShownDate, known: Iterable[str], month: str, fetch_day: str) -> str:
    """The one day that is meant, "" if that stays open.

    `known` are the ISO days of other dates of the page, `month` is the one that its URL names
    ("2024-03") or "". Of two readings the one is wrong that lies after the fetch.
    """
    days = shown.written.days
    if not shown.doubtful:
        return days[0]
    others = [date.fromisoformat(day) for day in known]
    near = [d for d in days if any(abs((date.fromisoformat(d) - o).days) <= 1 for o in others)]
    right = near or [d for d in days if d[:7] == month]
    if not right and not shown.written.short and fetch_day:
        right = [d for d in days if d <= fetch_day]
    return right[0] if len(right) == 1 else ""
