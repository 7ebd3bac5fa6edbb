"""Readers' comments below a story, where no class name tells them from it.

In: a page's blocks in order, which of them are held to be the story, the rules. Out: the blocks that are
comments. They are known by their heading ("60 Comments") and by a line that comes back with each of them
("Reply"); the one without the other is no sign.
"""

from collections import Counter
from collections.abc import Sequence

from corpus.blocks import Block
from corpus.tokens import word_key
from corpus.wordings import BoilerplateRules

FATE = ("comments", "in-a-comment-section")

_LONGEST_HEADING = 60  # characters
_LONGEST_BUTTON = 20
_LEAST_BUTTONS = 3
# Blocks between the heading and the first comment's button: name, time, a few paragraphs.
_TO_FIRST_BUTTON = 10
# Fewer blocks before the heading are no story.
_LEAST_STORY = 2


def comments(blocks: Sequence[Block], kept: Sequence[int], rules: BoilerplateRules) -> range:
    """The numbers of the blocks from the comments' heading to the last that is held to be the story."""
    nothing = range(0)
    if len(kept) < _LEAST_STORY + _LEAST_BUTTONS:
        return nothing
    start, stop = kept[_LEAST_STORY - 1] + 1, kept[-1] + 1
    short = [n for n in range(start, stop) if len(blocks[n].text) <= _LONGEST_BUTTON]
    if len(short) < _LEAST_BUTTONS:
        return nothing
    counts = Counter(blocks[n].text for n in short)
    buttons = [
        n
        for n in short
        if counts[blocks[n].text] >= _LEAST_BUTTONS
        and word_key(blocks[n].text)
        and _kind(blocks[n], rules) not in ("advert", "ornament")
    ]
    for first in buttons:
        for n in range(max(start, first - _TO_FIRST_BUTTON), first):
            if _kind(blocks[n], rules) == "comments":
                return range(n, stop)
    return nothing


def _kind(block: Block, rules: BoilerplateRules) -> str:
    if len(block.text) > _LONGEST_HEADING:
        return ""
    row = rules.first(block.text, head=False, tail=True)
    return row.kind if row else ""
