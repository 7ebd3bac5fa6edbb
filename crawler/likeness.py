"""What a site's own announcements teach of its addresses: which shapes its stories have.

In: the shapes of addresses that its feeds and news sitemaps announced, and of those that turned out to be no
stories. Out: how much more, or less, an address looks like a story's than `crawler.links` says of one of a
site that is not known. Only shapes count, no words; the order in which they were learned does not. Where
no stories are known nothing changes.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from math import log
from urllib.parse import unquote

from crawler.links import Shape

# How often addresses have one value of a feature, whatever the site; the first is for "" (no extension).
_USUAL = (
    *((0.05, 0.05), (0.25, 0.25), (0.25, 0.25), (0.25, 0.25)),
    *((0.2, 0.2), (0.25, 0.25), (0.8, 0.1), (0.9, 0.05)),
)
# Addresses that outweigh what is usual: about five stories of one shape make it believed.
_BELIEVED = 10.0
# The features tell the same thing twice.
_INDEPENDENT = 0.5
# What is announced is a story's shape; what is not may be another kind of story, and is held less
# against an address. Pages that were no stories are.
_MOST, _LEAST, _MOST_AGAINST = 5.0, -1.0, 4.0

_SEPARATOR = re.compile(r"[-_+ .,~]+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_YEAR_LONG, _NUMBER_LONG, _MIXED_LONG = 4, 5, 6
_KEY = re.compile(r"(?:^|&)([a-z][a-z0-9_-]{0,15})=")
_CODE = 2
# Letters of a segment that are looked at: more say nothing more, and are kept by `_kind`.
_LONGEST = 200
_LENGTHS = (3, 7, 12, 24, 48)
_MOST_SEGMENTS, _MOST_WORDS, _MOST_KEYS = 6, 5, 3

Features = tuple[str, ...]


def features(shape: Shape) -> Features:
    """What is remembered of an address.

    They are the kinds of its segments, and parameters; how many segments; the first one's kind, the last
    one's; words and length of the slug; extension; names of parameters.
    """
    segments, query = shape.segments, shape.query
    last = _kind(shape.last[:_LONGEST])
    before = "/".join([_kind(segment[:_LONGEST]) for segment in segments[:-1][:_MOST_SEGMENTS]])
    keys = ",".join(sorted(_KEY.findall(query))[:_MOST_KEYS]) if query else ""
    return (
        *(f"{before}/{last}?{keys}", str(min(len(segments), _MOST_SEGMENTS))),
        *(before.partition("/")[0], last, str(min(shape.words, _MOST_WORDS))),
        *(str(bisect_left(_LENGTHS, len(shape.slug))), shape.extension, keys),
    )


class Likeness:
    """What a site taught; `stories` and `others` are `features` of addresses, in any order."""

    def __init__(self, stories: Iterable[Features] = (), others: Iterable[Features] = ()) -> None:
        self._stories = _Seen(stories)
        self._others = _Seen(others)

    def log_odds(self, shape: Shape) -> float:
        """What to add to the log-odds that an address of this shape is a story's; 0 where nothing is known.

        Only a path of a kind that was announced gains; what was no story counts only against other kinds.
        """
        if not self._stories.total:
            return 0.0
        values = features(shape)
        told = max(_LEAST, self._stories.weight(values))
        if self._stories.has(values[0]):
            return min(told, _MOST)
        return min(told, 0.0) - min(max(0.0, self._others.weight(values)), _MOST_AGAINST)


class _Seen:
    """How often each value of each feature was seen."""

    def __init__(self, seen: Iterable[Features]) -> None:
        rows = [row for row in seen if len(row) == len(_USUAL)]
        self.total = len(rows)
        self._unseen = _INDEPENDENT * log(_BELIEVED / (self.total + _BELIEVED))
        self._weights = [
            {
                value: self._weight(count, usual[bool(value)])
                for value, count in Counter(seen).items()
            }
            for seen, usual in zip(zip(*rows, strict=True), _USUAL, strict=False)
        ]

    def has(self, path: str) -> bool:
        """Whether addresses with segments of these kinds were seen."""
        return path in self._weights[0] if self._weights else False

    def weight(self, values: Features) -> float:
        """The log of how much more often these values were seen than is usual; 0 where nothing was."""
        found = zip(self._weights, values, strict=False)
        return sum([weights.get(value, self._unseen) for weights, value in found])

    def _weight(self, count: int, usual: float) -> float:
        share = (count + _BELIEVED * usual) / (self.total + _BELIEVED)
        return _INDEPENDENT * log(share / usual)


@lru_cache(maxsize=1_024)
def _kind(segment: str) -> str:
    """A segment's kind, in capitals and 9: "A+-9" is words and then a long number ("ferry-runs-12345").

    "A" is one word, "X" letters and digits mixed ("xyz123"), "Y" a year, "9" a number. One or two letters are
    a code, and stand as they are ("a", "de"). Short numbers among words are the headline's own.
    """
    if segment.isalpha() and segment.isascii():
        return "A" if len(segment) > _CODE else segment
    if segment.isdigit():
        return "Y" if _YEAR.fullmatch(segment) else "9"
    text = unquote(segment) if "%" in segment else segment
    parts = [part for part in _SEPARATOR.split(text) if part]
    if len(parts) <= 1:
        return "A" if text.isalpha() else "X"
    words = sum(part.isalpha() for part in parts)
    first, last = parts[0], parts[-1]
    before = "9-" if first.isdigit() and len(first) >= _YEAR_LONG else ""
    mixed = not last.isalpha() and not last.isdigit() and len(last) >= _MIXED_LONG
    after = "-X" if mixed else "-9" if last.isdigit() and len(last) >= _NUMBER_LONG else ""
    return before + ("9" if not words else "A" if words == 1 else "A+") + after


NOTHING_LEARNED = Likeness()
