"""Where on a site's pages the story stands: CSS selectors, scored on labelled pages.

In: pages' blocks, each marked as story or not. Out: selectors, the best first. A selector is good when
the elements it finds hold all of the story and little else (F2), on every page. Whether the best one
serves is found out by serving with it (`corpus.furniture`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from corpus.elements import is_block_level
from corpus.outline import MAX_DEPTH

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

Marked = Sequence[tuple["LexborNode", int, bool]]
"""A page's blocks: the element each stands in, its characters, and whether it is the story."""

# Attributes that say what an element is for, whatever it looks like.
_TELLING = (
    "itemprop",
    "data-testid",
    "data-component",
    "data-module",
    "data-role",
    "role",
    "property",
)
_BARE = ("article", "main")
_POSITION_COSTS = 0.02
_BARE_COSTS = 0.005
_NAME_WEIGHS = 0.01
# A selector of single paragraphs misses whatever else a story can hold: lists, subheads, quotes.
_PIECES_COST = 0.1
_SCORE_DIGITS = 6
_MOST_CLASSES = 6
_MOST_TOGETHER = 4
# Nobody's fiftieth `div` is the story on every page.
_FARTHEST = 50


def ranked(pages: Sequence[Marked], count: int) -> tuple[str, ...]:
    """The `count` selectors that hold the stories of these pages best, the best first.

    Of selectors with one score on every page, which find the same text, only the best is named.
    """
    scores: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * len(pages))
    for n, page in enumerate(pages):
        for selector, score in _scores(page).items():
            scores[selector][n] = round(score, _SCORE_DIGITS)
    best: dict[tuple[float, ...], tuple[float, int, str]] = {}
    for selector, row in scores.items():
        mean = sum(row) / len(row) + _preference(selector)
        rank = (-round(mean, _SCORE_DIGITS), len(selector), selector)
        best[tuple(row)] = min(best.get(tuple(row), rank), rank)
    return tuple(selector for _, _, selector in sorted(best.values())[:count])


def _scores(page: Marked) -> dict[str, float]:
    """F2 of each selector that an element around the story offers."""
    holders = _Holders()
    body: defaultdict[str, int] = defaultdict(int)
    whole: defaultdict[str, int] = defaultdict(int)
    total = 0
    for holder, size, is_body in page:
        total += size if is_body else 0
        for selector in holders.of(holder):
            whole[selector] += size
            if is_body:
                body[selector] += size
    scores: dict[str, float] = {}
    for selector, inside in body.items():
        recall, precision = inside / total, inside / whole[selector]
        scores[selector] = 5 * precision * recall / (4 * precision + recall)
        if holders.pieces[selector] > 1:
            scores[selector] -= _PIECES_COST
    return scores


class _Holders:
    """For an element of a page: all selectors that find it or an element around it."""

    def __init__(self) -> None:
        self._known: dict[int, frozenset[str]] = {}
        self.pieces: Counter[str] = Counter()

    def of(self, node: "LexborNode") -> frozenset[str]:
        chain: list[LexborNode] = []
        above: LexborNode | None = node
        while above is not None and above.tag not in ("html", "-document", "-undef", None):
            if above.mem_id in self._known:
                break
            chain.append(above)
            above = above.parent
        found = self._known.get(above.mem_id, frozenset()) if above is not None else frozenset()
        for element in chain[: -MAX_DEPTH - 1 : -1]:
            if is_block_level(element.tag or ""):
                offered = frozenset(_offers(element))
                self.pieces.update(offered - found)
                found |= offered
            self._known[element.mem_id] = found
        return found


_NAME = re.compile(r"-?[A-Za-z_][\w-]*", re.ASCII)
_ID_DIGITS = 3
_VALUE = re.compile(r"[\w .:/-]{1,60}", re.ASCII)


def _offers(element: "LexborNode") -> Iterator[str]:
    """The selectors that find this element."""
    tag = element.tag or ""
    attributes = element.attributes
    own = attributes.get("id") or ""
    if _is_id(own):
        yield f"#{own}"
    names = _classes(attributes.get("class"))
    for together in range(1, min(len(names), _MOST_TOGETHER) + 1):
        for some in combinations(names, together):
            yield ".".join((tag, *some))
    for name in _TELLING:
        value = attributes.get(name)
        if value and _VALUE.fullmatch(value):
            yield f'{tag}[{name}="{value}"]'
    if tag in _BARE:
        yield tag
    position = _position(element)
    if position:
        yield position


def _is_id(name: str) -> bool:
    """Whether an id can be a template's: one with a number in it is a page's."""
    return bool(_NAME.fullmatch(name)) and sum(c.isdigit() for c in name) < _ID_DIGITS


def _classes(value: str | None) -> list[str]:
    return sorted({n for n in (value or "").split() if _NAME.fullmatch(n)})[:_MOST_CLASSES]


def _position(element: "LexborNode") -> str:
    """The way to the element from the nearest one above it with an id, by counting; "" if too far."""
    steps: list[str] = []
    above: LexborNode | None = element
    while above is not None and above.tag not in ("body", "html", None):
        own = above.attributes.get("id") or ""
        if steps and _is_id(own):
            return f"#{own} > " + " > ".join(reversed(steps))
        number = _nth(above)
        if number > _FARTHEST or len(steps) > MAX_DEPTH:
            return ""
        steps.append(f"{above.tag}:nth-of-type({number})")
        above = above.parent
    return "body > " + " > ".join(reversed(steps)) if steps else ""


def _nth(element: "LexborNode") -> int:
    """The element's number among its siblings of the same tag."""
    number, before = 1, element.prev
    while before is not None and number <= _FARTHEST:
        number += before.tag == element.tag
        before = before.prev
    return number


_STABLE = re.compile(
    r"\b(?:articles?|body|content|contents|entry|main|news|post|story|text|detail)\b"
)
# "css-1x2y3z", "sc_bdVaJa", "Text__abC12": a build tool's names, other ones after the next build.
_HASHED = re.compile(r"(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{5,}\b")
_WORD_BREAK = re.compile(r"(?<=[a-z])(?=[A-Z])|_+")


def _preference(selector: str) -> float:
    """What is added to a selector's score for how likely it lasts."""
    if ":nth-of-type" in selector:
        return -_POSITION_COSTS
    if selector in _BARE:
        return -_BARE_COSTS
    if _HASHED.search(selector):
        return -_NAME_WEIGHS
    return _NAME_WEIGHS if _STABLE.search(_WORD_BREAK.sub("-", selector).lower()) else 0.0
