"""A text cut into pieces for the screen: what is highlighted in it, and what the eye would miss.

In: a text and the marks on it, which may overlap. Out: pieces that make the text again when put
together, save for characters that must not reach a browser. How a piece looks is the template's affair.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple


class Mark(NamedTuple):
    """A highlighted stretch [start, end) of a text, the word beside it, and what it means."""

    start: int
    end: int
    anchor: str
    kind: str
    tag: str
    title: str


class Piece(NamedTuple):
    """A stretch under the same marks; `opens` and `closes` are those that begin and end with it.

    A character that is not seen is a piece of its own with its `code` ("200B") and `name`; its `text`
    is "" where it would do harm.
    """

    text: str
    marks: tuple[Mark, ...] = ()
    opens: tuple[Mark, ...] = ()
    closes: tuple[Mark, ...] = ()
    code: str = ""
    name: str = ""


Line = tuple[Piece, ...]

# Controls, lone surrogates, what turns the direction of what follows it, "characters" that are none.
_HARMFUL = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"
    r"\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f"
)
# Harmless, but a pattern does not match for a reason that nobody sees. Joiners are spelling, not here.
_UNSEEN = r"\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028\u2029\u2060-\u2064\u3164\ufeff\uffa0"
_HARM = re.compile(f"[{_HARMFUL}]")
_ODD = re.compile(f"([{_HARMFUL}{_UNSEEN}])")


def pieces(text: str, marks: Sequence[Mark] = ()) -> Line:
    """The text in pieces; a mark that reaches over its ends is clipped, an empty one left out."""
    clipped = [m for m in marks if max(m.start, 0) < min(m.end, len(text))]
    ends = {max(m.start, 0) for m in clipped} | {min(m.end, len(text)) for m in clipped}
    cuts = sorted(ends | {0, len(text)})
    return tuple(
        piece for start, end in pairwise(cuts) for piece in _under(text, start, end, clipped)
    )


def lines(text: str, marks: Sequence[Mark] = ()) -> tuple[Line, ...]:
    """The pieces of each line of the text, which may be none."""
    found: list[Line] = []
    at = 0
    for line in text.split("\n"):
        found.append(pieces(line, moved(marks, -at)))
        at += len(line) + 1
    return tuple(found)


def moved(marks: Iterable[Mark], by: int) -> tuple[Mark, ...]:
    """The marks in a text that begins so much later (`by` below 0) or earlier."""
    return tuple(m._replace(start=m.start + by, end=m.end + by) for m in marks)


def plain(text: str) -> str:
    """The text for an attribute or a title: nothing in it that is not seen, white space folded."""
    return " ".join(_ODD.sub(" ", text).split())


def _under(text: str, start: int, end: int, marks: Sequence[Mark]) -> Iterator[Piece]:
    """The pieces of a stretch in which no mark begins or ends."""
    over = tuple(m for m in marks if m.start < end and start < m.end)
    parts = [part for part in _ODD.split(text[start:end]) if part]
    at = start
    for n, part in enumerate(parts):
        opens = tuple(m for m in over if n == 0 and m.start == start)
        at += len(part)
        closes = tuple(m for m in over if n == len(parts) - 1 and m.end == end)
        if _ODD.fullmatch(part):
            shown = "" if _HARM.fullmatch(part) else part
            yield Piece(shown, over, opens, closes, f"{ord(part):04X}", _name(part))
        else:
            yield Piece(part, over, opens, closes)


def _name(character: str) -> str:
    return unicodedata.name(character, "control character").lower()
