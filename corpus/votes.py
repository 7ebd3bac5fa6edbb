"""Which blocks of a page an extractor's answer holds.

In: the page's blocks, an extractor's text. Out: a vote a block.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence

from corpus.blocks import key
from corpus.dom import words
from corpus.labels import Answer


def held(blocks: Sequence[str], text: str) -> list[bool]:
    """For each block whether the answer holds it."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for n, block in enumerate(blocks):
        places[key(block)].append(n)
    found = [False] * len(blocks)
    last = -1
    left = []
    for line in text.split("\n"):
        folded = key(line.removeprefix("- "))
        if not folded:
            continue
        spots = places.get(folded)
        if not spots:
            left.append(line)
            continue
        at = spots[min(bisect_right(spots, last), len(spots) - 1)]
        found[at] = True
        if len(folded) > 30:
            last = at
    if left:
        answer = Answer("\n".join(left))
        taken = {key(b) for b, f in zip(blocks, found, strict=True) if f}
        for n, block in enumerate(blocks):
            if not found[n] and key(block) not in taken and answer.holds(words(block)):
                found[n] = True
    return found
