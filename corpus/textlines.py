"""The lines of a plain text as its paragraphs: lines that were wrapped at a width are joined again.

In: a text, in any of the usual layouts: a paragraph a line, with or without blank lines between, or
wrapped at some 70 columns, with blank lines or indents. Out: `Passage`s, which hold all of its visible
text in order. What a passage is, is not decided here.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from corpus.tokens import visible
from crawler.records import Record


class Passage(Record, gc=False):
    """A paragraph, or a line that stands by itself.

    `tight`: no blank line is before it. `item`: it has a bullet or a number, or is indented more than
    most are: an item of a list.
    """

    text: str
    tight: bool = False
    item: bool = False


def passages(text: str) -> tuple[Passage, ...]:
    """The passages of the text, without the empty ones."""
    lines = [line.expandtabs(4).rstrip() for line in text.splitlines()]
    width = _width(lines)
    found: list[tuple[Passage, int]] = []
    joined: list[str] = []
    first, blank = "", True
    for above, line in zip(["", *lines], [*lines, ""], strict=True):
        seen = visible(line)
        if joined and not (seen and width and _goes_on(above, line, width)):
            text = _join(joined)
            found.append((Passage(text, not blank, bool(_ITEM.match(first))), _indent(first)))
            joined, blank = [], not seen
        elif not seen:
            blank = True
        if seen:
            first = first if joined else line
            joined.append(seen)
    usual = _usual_indent(found)
    return tuple(Passage(p.text, p.tight, p.item or (0 <= usual < indent)) for p, indent in found)


def _usual_indent(found: Sequence[tuple[Passage, int]]) -> int:
    """The least indent that a good part of the text has, -1 without any."""
    sizes = Counter[int]()
    for passage, indent in found:
        sizes[indent] += len(passage.text)
    return min((i for i, size in sizes.items() if 4 * size >= sizes.total()), default=-1)


# A text is wrapped if its lines end in this range of columns, where the next word had no room, and
# mostly in the middle of a sentence.
_NARROWEST, _WIDEST = 30, 130
_FEWEST_LINES = 5
_FEWEST_FULL = 3
_SAMPLE = 2000
_FULL_SHARE = 0.6
_OPEN_SHARE = 0.5
# A wrapping program may break a little early: before wide characters, or at a hyphen.
_SLACK = 2
_STANDING_OUT = (0, 0.05, 0.2, 0.4)
_STOP = re.compile(r"[.!?…。！？؟।:;][\"'”’»)\]]*$")
_ITEM = re.compile(r"\s*(?:[-–—*•·▪‣>#]\s|\d{1,2}(?:[.)]|\s[-–—])\s)")


def _width(lines: Sequence[str]) -> int:
    """The column at which the text is wrapped, 0 if it is not."""
    lengths = sorted(len(line) for line in lines if line.strip())
    if len(lengths) < _FEWEST_LINES:
        return 0
    # Headers, addresses and indented lines stand out of the wrapped text.
    widths = {lengths[-1 - int(share * len(lengths))] for share in _STANDING_OUT}
    sample = lines[:_SAMPLE]
    fullest = max(widths, key=lambda width: (_full_pairs(sample, width), width))
    return fullest if _NARROWEST <= fullest <= _WIDEST and _full_pairs(sample, fullest) else 0


def _full_pairs(lines: Sequence[str], width: int) -> int:
    """How many lines go on in the next at this width; 0 where that may be chance."""
    full = opened = pairs = 0
    for above, below in pairwise(lines):
        if above.strip() and below.strip() and _indent(below) <= _indent(above):
            pairs += 1
            if _goes_on(above, below, width):
                full += 1
                opened += not _STOP.search(above)
    enough = full >= max(_FEWEST_FULL, _FULL_SHARE * pairs)
    return full if enough and opened >= _OPEN_SHARE * full else 0


def _goes_on(above: str, below: str, width: int) -> bool:
    """Whether the line below is the wrapped rest of the one above: its first word had no room."""
    if _ITEM.match(below) or _indent(below) > _indent(above) or not above.strip():
        return False
    word = below.split(maxsplit=1)[0]
    # Text without spaces breaks after any character.
    room = 1 if not word.isascii() and _UNSPACED.match(word) else len(word)
    slack = 0 if _STOP.search(above) else _SLACK
    # The indent of a paragraph's first line may come on top of the width.
    return len(above.strip()) <= width and len(above) > width - room - 1 - slack


_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _join(lines: Sequence[str]) -> str:
    text = lines[0]
    for line in lines[1:]:
        # "state-" and "owned" are one word; so are two lines without spaces.
        hyphened = _HYPHEN.search(text[-2:]) and line[0].islower()
        unspaced = _UNSPACED.match(text[-1]) and _UNSPACED.match(line[0])
        text += line if hyphened or unspaced else f" {line}"
    return text


_HYPHEN = re.compile(r"[^\W\d_]-$")
