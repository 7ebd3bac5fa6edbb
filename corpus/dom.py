"""The door to Lexbor: HTML as a tree, with guards against what would take it seconds.

In: HTML. Out: a parsed page, and what its head calls it. Its text is `corpus.outline`'s to read.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# Lexbor's time grows with the square of how deep `div`s are nested: 40,000 take two seconds.
MAX_TAGS = 40_000
# And with the square of a tag's attributes: 100,000 take twenty seconds. Values can be long (pages keep
# their state in them), so they are not counted.
_MOST_ATTRIBUTES = 5_000
_WINDOW = 10_000  # characters; so many attributes take two of them
_QUOTED = re.compile(r"""=\s*(?:"[^"]*"|'[^']*')""")
_OPENS = re.compile("<[a-zA-Z]")
_TAG = re.compile(r"</?[a-z][^\s/>]*|<!--")
# What ends the elements in which "<" opens no tag.
_ENDS = {"<!--": "-->", "<script": "</script", "<style": "</style"}
# The first letters are looked at first: to ignore case takes long, and most tags have others.
_EMPTY = re.compile(
    r"<(?=[sStTiInN][cCtTiIeEfFoO])((?i:script|style|title|iframe|textarea|noscript))\b([^<>]*)/>"
)

_UNSEEN_TAGS = (
    "script style noscript template svg iframe object canvas audio video map head title link meta"
)
UNSEEN = _UNSEEN_TAGS.split()
"""Elements that show no text of theirs."""
_ANY_UNSEEN = ", ".join(UNSEEN)
_HIDDEN = frozenset(UNSEEN)
# In these a page speaks of itself; a `base` and a link to the licence may stand anywhere.
_TELLING = frozenset(("meta", "link", "title", "script", "base"))
_ANY_LANDMARK = f'{_ANY_UNSEEN}, base[href], a[rel="license"], h1'


def parse(html: str) -> "LexborHTMLParser | None":
    """The page as a tree; any text gives one, unless it has more tags than an article has."""
    from selectolax.lexbor import LexborHTMLParser

    if len(html) > _WINDOW and _has_endless_tag(html):
        return None
    if _may_have_many_tags(html) and _has_many_tags(html):
        return None
    return LexborHTMLParser(_with_ends(html))


def _may_have_many_tags(html: str) -> bool:
    """Whether there is room for too many tags, and for each of them a "<"."""
    return len(html) > MAX_TAGS * len("<b>") and html.count("<") > MAX_TAGS


def _has_many_tags(html: str) -> bool:
    """Whether more elements begin or end than are read; what scripts and comments hold is not counted."""
    low = html.lower()
    endless: set[str] = set()
    tags = at = 0
    while tags <= MAX_TAGS and (tag := _TAG.search(low, at)):
        at = tag.end()
        end = _ENDS.get(tag[0])
        # "<!-->" is a whole comment.
        close = low.find(end, at - 2) if end and end not in endless else -1
        if end and close >= 0:
            at = close + len(end)
        else:
            tags += 1
            if end:
                endless.add(end)
    return tags > MAX_TAGS


def _with_ends(html: str) -> str:
    """XHTML as HTML: an empty `script` there does not swallow what follows."""
    if "xhtml" not in html[:1_000].lower():
        return html
    return _EMPTY.sub(r"<\1\2></\1>", html)


def _has_endless_tag(html: str) -> bool:
    """Whether a tag has so many attributes that they alone would take seconds."""
    return any(
        len(_QUOTED.sub("", piece[tag.start() :]).split()) > _MOST_ATTRIBUTES
        for piece in _without_ends(html)
        if (tag := _OPENS.search(piece)) and len(piece) - tag.start() > _WINDOW
    )


def _without_ends(html: str) -> Iterator[str]:
    """The stretches without a ">" that fill a window."""
    past = 0
    for start in range(0, len(html) - _WINDOW, _WINDOW):
        if start >= past and html.find(">", start, start + _WINDOW) < 0:
            end = html.find(">", start + _WINDOW)
            begin = html.rfind(">", past, start) + 1 or past
            past = end if end >= 0 else len(html)
            yield html[begin:past]


class Landmarks(NamedTuple):
    """What a page is looked through for, each in its order; to look for all of it takes as long as for one.

    `hidden` are the elements that show no text of theirs, `told` by their tags those in which the page speaks
    of itself, licences as "a". `headings` are its `h1`, and `containers` what a selector finds; both without
    those that are hidden, or stand in what is.
    """

    hidden: "list[LexborNode]"
    told: "dict[str, list[LexborNode]]"
    headings: "list[LexborNode]"
    containers: "list[LexborNode]"


def landmarks(tree: "LexborHTMLParser", selector: str = "") -> Landmarks:
    """The page's landmarks, and the elements that the selector finds, if it is not ""."""
    found = Landmarks([], defaultdict(list), [], [])
    enclosing: list[int] = []
    last = 0
    for node in tree.css(f"{_ANY_LANDMARK}, {selector}" if selector else _ANY_LANDMARK):
        # What both selectors find is told twice, one after the other; to be taken out twice ruins the tree.
        number, before = node.mem_id, last
        if (last := number) == before:
            continue
        tag = node.tag or ""
        if tag in _HIDDEN:
            found.hidden.append(node)
            if _may_enclose(node, tag):
                enclosing.append(number)
        if tag in _TELLING:
            found.told[tag].append(node)
        elif tag == "h1":
            found.headings.append(node)
        elif tag == "a" and (node.attributes.get("rel") or "").lower() == "license":
            found.told[tag].append(node)
        elif tag not in _HIDDEN:
            found.containers.append(node)
    if not enclosing:
        return found
    return found._replace(
        headings=outside_of(enclosing, found.headings),
        containers=outside_of(enclosing, found.containers),
    )


def _may_enclose(node: "LexborNode", tag: str) -> bool:
    """Whether a heading may stand in this hidden element: most hold one text, a head what is hidden, too."""
    first = node.first_child
    return first is not None and tag != "head" and not (first.is_text_node and first.next is None)


def outside_of(elements: "Iterable[int]", nodes: "Sequence[LexborNode]") -> "list[LexborNode]":
    """Those of the nodes around which none of the elements is, these told by their `mem_id`s."""
    # Each element above is looked at once, however many nodes are in each other.
    known = dict.fromkeys(elements, True)
    found: list[LexborNode] = []
    for node in nodes:
        passed: list[int] = []
        above, is_inside = node.parent, False
        while above is not None:
            number = above.mem_id
            if number in known:
                is_inside = known[number]
                break
            passed.append(number)
            above = above.parent
        known.update(dict.fromkeys(passed, is_inside))
        if not is_inside:
            found.append(node)
    return found


def unseen(tree: "LexborHTMLParser") -> "list[LexborNode]":
    """The elements that show no text of theirs, in the page's order."""
    return tree.css(_ANY_UNSEEN)


def without_unseen(
    tree: "LexborHTMLParser", hidden: "Sequence[LexborNode] | None" = None
) -> "LexborHTMLParser":
    """The same tree less what shows no text, `hidden` if that is known; read head and JSON-LD before."""
    # `strip_tags` looks through the page once for each tag. The last goes first: it may be in another one.
    for element in reversed(unseen(tree) if hidden is None else hidden):
        element.decompose()
    return tree


def titles(tree: "LexborHTMLParser") -> tuple[str, ...]:
    """What the head calls the page: `title` and og:title, as far as they are there."""
    title = tree.css_first("title")
    shared = tree.css_first('meta[property="og:title"]')
    found = (
        title.text() if title is not None else "",
        (shared.attributes.get("content") or "") if shared is not None else "",
    )
    return tuple(dict.fromkeys(" ".join(text.split()) for text in found if text.strip()))
