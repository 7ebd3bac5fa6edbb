"""Which blocks of a page an extractor's answer holds.

In: a page's blocks as texts in reading order, and a plain-text answer, a paragraph a line. Out: one
verdict a block. Extractors cut, join and mark up lines in their own ways; what is compared are the
texts without white space, then for what is left over how much of a block's words the answer has.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from corpus.tokens import words

# Characters: a shorter block must be a line of the answer, a longer one may be a part of a line.
_PART = 20
GRAM = 4
# Blocks of fewer words are not looked for by their 4-grams, only as lines or parts of lines.
SHORT = 6
_MEDIUM = 20
# Of a block's 4-grams the answer must hold so much: longer blocks are cut and joined more often.
_SHARE_OF_MEDIUM, _SHARE_OF_LONG = 0.7, 0.5
# Characters times blocks: beyond, parts of lines are not looked for.
_MOST_SEARCHED = 50_000_000
_BULLETS = "-•*"

Grams = frozenset[tuple[str, ...]]


class Blocks:
    """A page's blocks, ready for asking which of them an answer holds."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._keys = ["".join(text.split()) for text in texts]
        self._places: dict[str, list[int]] = {}
        for n, key in enumerate(self._keys):
            self._places.setdefault(key, []).append(n)

    def held(self, answer: str) -> tuple[bool, ...]:
        """For each block whether the answer holds it.

        A text that stands on the page more than once is held where its neighbours in the answer are.
        """
        found = [False] * len(self._texts)
        lines = [(line, self._known(line)) for line in self._lines(answer)]
        anchors = [p[0] if p is not None and len(p) == 1 else -1 for _, p in lines]
        following = _following(anchors, len(found))
        at = -1
        for (_, places), anchor, before in zip(lines, anchors, following, strict=True):
            if places is not None:
                at = anchor if anchor >= 0 else _nearest(places, at, before, len(found))
                found[at] = True
        loose = [line for line, places in lines if places is None]
        if loose:
            self._find_parts(loose, found)
        return tuple(found)

    def _lines(self, answer: str) -> Iterator[str]:
        """The answer's lines; a table's row that is no block gives its cells."""
        for line in answer.split("\n"):
            if "|" in line and "".join(line.split()) not in self._places:
                yield from (cell for cell in line.split("|") if not cell.isspace() and cell)
            elif line and not line.isspace():
                yield line

    def _known(self, line: str) -> list[int] | None:
        """The places of the blocks that are this line."""
        key = "".join(line.split())
        places = self._places.get(key)
        if places is None and key[0] in _BULLETS:
            places = self._places.get(key[1:])
        return places

    def _find_parts(self, loose: Sequence[str], found: list[bool]) -> None:
        """Mark the blocks that were joined or cut to give these lines."""
        joined = "\n".join("".join(line.split()) for line in loose)
        searched = len(joined) * len(found) <= _MOST_SEARCHED
        theirs = grams([word for line in loose for word in words(line)])
        for n, key in enumerate(self._keys):
            if found[n]:
                continue
            if len(key) >= _PART and searched and key in joined:
                found[n] = True
                continue
            tokens = words(self._texts[n])
            found[n] = len(tokens) >= SHORT and has_most(theirs, tokens)


def grams(tokens: Sequence[str]) -> Grams:
    """The 4-grams of the words; of fewer words the one gram of all."""
    if len(tokens) < GRAM:
        return frozenset((tuple(tokens),)) if tokens else frozenset()
    return frozenset(zip(*(tokens[n:] for n in range(GRAM)), strict=False))


def has_most(answer: Grams, tokens: Sequence[str]) -> bool:
    """Whether an answer with these 4-grams has enough of a block of these words, at least `SHORT`."""
    own = grams(tokens)
    share = _SHARE_OF_MEDIUM if len(tokens) < _MEDIUM else _SHARE_OF_LONG
    return len(own & answer) >= share * len(own)


def _following(anchors: Sequence[int], end: int) -> list[int]:
    """For each line the place of the first later line that stands in one place only, or `end`."""
    following: list[int] = []
    for anchor in reversed(anchors):
        following.append(end)
        end = anchor if anchor >= 0 else end
    return following[::-1]


def _nearest(places: Sequence[int], after: int, before: int, end: int) -> int:
    """The place between the two others that is next to one of them, else the one nearest to them."""
    low, high = bisect_right(places, after), bisect_left(places, before)
    if low < high:
        return places[high - 1] if after < 0 and before < end else places[low]
    near = after if after >= 0 else before
    return min(places[max(0, low - 1) : low + 1], key=lambda place: abs(place - near))
