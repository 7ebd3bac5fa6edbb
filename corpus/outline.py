"""A parsed page walked once: its visible text as blocks, each with its place and its path.

In: a tree of `corpus.dom`. Out: an `Outline`. Built for speed: this is nearly all that a page of a known
site costs. What the blocks are is decided elsewhere (`corpus.extract`, `corpus.serving`).
"""

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from corpus.blocks import (
    ARTICLE,
    BYLINE,
    CARD,
    FOOTER,
    NAV,
    SOURCE,
    Block,
    Chrome,
    Label,
    Moment,
    Outline,
    names_place,
    role_place,
    tag_place,
)
from corpus.elements import (
    CHROME,
    KINDS,
    NAMES,
    SKIP,
    STEP,
    TEXT,
    has_elements,
    is_photo,
    kind_at,
    kind_of,
    label_text,
    place_of,
    step,
)
from corpus.tokens import visible, visible_lines

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# A page of more blocks is no article; what stands behind is not looked at.
MAX_BLOCKS = 20_000
# Deeper elements are read as if they stood here: a path of a thousand steps tells nothing.
MAX_DEPTH = 60
# Labels and dates of a page; what stands behind is a list.
MAX_LABELS = 200
# So many blocks after the containers are looked at; what is said of the story stands in them.
AFTER_CONTAINERS = 12


class Walked(NamedTuple):
    """A page's outline, and for each of its blocks the innermost block-level element around it.

    `nested` is how deep its elements stand in each other, of those that were looked into.
    """

    outline: Outline
    holders: "list[LexborNode]"
    nested: int


def walk(
    tree: "LexborHTMLParser",
    containers: "Sequence[LexborNode] | None" = None,
    headings: "Sequence[LexborNode] | None" = None,
    *,
    chrome: bool = True,
) -> Walked:
    """The page's visible text.

    Where containers are given, paths start at them, and only what stands around them, the main heading
    included, is looked at as blocks; elements farther below them than `AFTER_CONTAINERS` are not. With
    `chrome` false even what stands in navigation is: an unclosed `nav` swallows the story. `headings` are
    the page's `h1`, where they are known already.
    """
    root = tree.body
    if root is None:
        return Walked(Outline(), [], 0)
    if headings is None:
        headings = tree.css("h1") if containers else ()
    around = _around(headings, containers) if containers else ()
    tags = CHROME if chrome else frozenset()
    return _Walk(root, containers, around, len(headings), tags).run()


def _around(
    headings: "Sequence[LexborNode]", containers: "Sequence[LexborNode]"
) -> "tuple[LexborNode, ...]":
    """From the outermost the elements around the containers; the last one is around the heading, too.

    Where no heading stands near them, it is the second element around the first container.
    """
    above = _ancestors(containers[0])
    shared = {node.mem_id for node in above}
    for other in containers[1:]:
        shared &= {node.mem_id for node in _ancestors(other)}
    near = [node for node in above if node.mem_id in shared]
    if headings:
        with_heading = {node.mem_id for node in _ancestors(headings[0])}
        both = [node for node in near if node.mem_id in with_heading]
        if len(both) > 1:
            return tuple(both)
    return tuple(near[: max(1, len(near) - 1)])


def _ancestors(node: "LexborNode") -> "list[LexborNode]":
    """The elements around this one, from the page's body down."""
    found: list[LexborNode] = []
    above = node.parent
    while above is not None and kind_of(above).tag not in ("html", "-document", "-undef"):
        found.append(above)
        above = above.parent
    return found[::-1]


_LABELLED = BYLINE | SOURCE
# Addresses of a front page, as logos link to it.
_FRONT_PAGE = re.compile(r"(?:https?:)?//[^/?#]+/?|\.?/(?:index\.\w+)?|index\.\w+", re.IGNORECASE)
_EMPTY_LINES = re.compile(r"\n[^\S\n]*\n")
_DATE_MARK = re.compile(
    r"datepublished|datecreated|datemodified|pub-?date|publish|published|posted|entry-?date|post-?date|"
    r"article-?date|updated|modified",
    re.IGNORECASE,
)


# What to go on with when an element's children are read, and the state around it: the next node, whether
# the element is a heading, or in a line, its holder, path, depth, place, link, and whether it is inside. A
# plain tuple: one is made for every element of every page.
_Above = tuple["LexborNode | None", bool, bool, "LexborNode", str, int, int, str, bool]


# A site's pages have the same elements in each other: by a path, a tag and classes the path with one more
# step. A plain dictionary answers twice as fast as a cache that knows what was asked for last.
_LENGTHENED: dict[tuple[str, str, str | None], str] = {}
_MOST_PATHS = 10_000


def _lengthened(path: str, tag: str, classes: str | None) -> str:
    """The path with one more step, remembered."""
    if len(_LENGTHENED) >= _MOST_PATHS:
        _LENGTHENED.clear()
    last = step(tag, classes)
    longer = _LENGTHENED[path, tag, classes] = path + STEP + last if path else last
    return longer


class _Walk:
    """One pass over a tree, without recursion: trees can be thousands of levels deep."""

    def __init__(
        self,
        root: "LexborNode",
        containers: "Sequence[LexborNode] | None",
        around: "Sequence[LexborNode]",
        headings: int,
        chrome: Collection[str],
    ) -> None:
        self._root, self._is_whole = root, containers is None
        self._containers = frozenset([node.mem_id for node in containers or ()])
        self._chrome_tags = chrome
        # The way down to what is looked at; without one it is everything.
        self._way = frozenset([node.mem_id for node in around[1:]])
        self._zone = around[-1].mem_id if around else 0
        # How many containers and headings are still to come.
        self._ahead, self._headings = len(self._containers), headings
        self._blocks: list[Block] = []
        self._holders: list[LexborNode] = []
        self._chrome: list[Chrome] = []
        self._labels: list[Label] = []
        self._moments: list[Moment] = []
        self._photos: list[int] = []
        self._heading, self._heading_at = "", -1
        # The first heading in navigation: some templates wrap the whole page in a form or a menu.
        self._spare: tuple[str, int] = ("", -1)
        self._waiting: list[_Above] = []
        self._is_cut = False
        # Of the open block: its texts, how much of them is link text, and where the links lead.
        self._pieces: list[str] = []
        self._linked = 0
        self._hrefs: set[str] = set()

    # A call for each element would take as long as all that is done with it.
    def run(self) -> Walked:  # noqa: PLR0912, PLR0915
        """Read everything under the root, up to the limit of blocks."""
        blocks, pieces, waiting = self._blocks, self._pieces, self._waiting
        chrome_tags, containers = self._chrome_tags, self._containers
        # The state around what is read: the innermost block-level element, its path, the link.
        holder, path, depth, place, link = self._root, "", 0, 0, ""
        inside = self._is_whole or holder.mem_id in containers
        # Whether what is looked at is still ahead or left behind, and with how many blocks enough are read.
        is_apart, zone_level, enough = bool(self._way), 0, MAX_BLOCKS
        deepest, is_full = 0, False
        node = holder.first_child
        while not is_full:
            if node is None:
                if not waiting:
                    break
                if len(waiting) == zone_level:
                    is_apart = bool(self._way)
                above = waiting.pop()
                if above[1]:
                    self._end_heading(place)
                if above[2]:
                    node, _, _, _, _, _, place, link, _ = above
                    continue
                if pieces:
                    is_full = self._close(holder, place, path, inside)
                was_inside = inside
                node, _, _, holder, path, depth, place, link, inside = above
                if was_inside and not inside and not self._ahead and self._headings <= 0:
                    enough = len(blocks) + AFTER_CONTAINERS
                continue
            number = node.tag_id
            if number == TEXT:
                text = node.text_content
                # White space between two blocks, which is most of what there is, begins neither.
                if text and (pieces or not text.isspace()):
                    pieces.append(text)
                    if link:
                        self._note_link(text, link)
                node = node.next
                continue
            tag, is_unseen, is_inline, is_void, place_of_tag = KINDS.get(number) or kind_at(
                node, holder.tag, bool(pieces)
            )
            if is_unseen:
                node = node.next
                continue
            if pieces and not is_inline:
                is_full = self._close(holder, place, path, inside)
            if is_void:
                if tag == "img" and not pieces and is_photo(node.attributes):
                    self._photos.append(len(blocks))
                node = node.next
                continue
            if tag in chrome_tags or is_apart or (not is_inline and len(blocks) >= enough):
                if not self._leads_on(node, tag, place, is_enough=len(blocks) >= enough):
                    node = node.next
                    continue
                if node.mem_id == self._zone:
                    is_apart, zone_level = False, len(waiting) + 1
            attributes = node.attributes
            own = 0
            if attributes:
                names = attributes.get("class") if len(attributes) == 1 else None
                # Most have a class and nothing else.
                own = (
                    names_place(names)
                    if names and tag != "time"
                    else self._marks(attributes, tag, place)
                )
            first = node.first_child
            if first is None:
                node = node.next
                continue
            marked = place | own
            # The parts of a byline are labelled too: a date or a share button may stand beside the name.
            if marked & _LABELLED and (
                own & _LABELLED or (tag != "time" and not has_elements(first))
            ):
                self._label(node, marked)
            if len(waiting) >= deepest:
                deepest = len(waiting) + 1
            if is_inline:
                target = (tag == "a" and attributes.get("href")) or link
                if first.tag_id == TEXT and first.next is None:
                    # Most hold one text and nothing else, and are read at once.
                    if (text := first.text_content) and (pieces or not text.isspace()):
                        pieces.append(text)
                        if target:
                            self._note_link(text, target)
                    node = node.next
                    continue
                waiting.append((node.next, False, True, holder, path, depth, place, link, inside))
                node, place, link = first, marked, target
                continue
            waiting.append(
                (node.next, tag == "h1", False, holder, path, depth, place, link, inside)
            )
            place = marked | place_of_tag
            if attributes and "role" in attributes:
                place |= role_place(attributes["role"])
            if tag == "article":
                # An article inside an article is another story's card, or a comment.
                place |= CARD if marked & ARTICLE else ARTICLE
            holder = node
            depth += 1
            if containers and node.mem_id in containers:
                path, depth, inside = "", 0, True
                self._ahead -= 1
            elif depth <= MAX_DEPTH:
                classes = attributes.get("class")
                path = _LENGTHENED.get((path, tag, classes)) or _lengthened(path, tag, classes)
            node = first
        if pieces:
            self._close(holder, place, path, inside)
        if node is not None or waiting:
            self._keep_rest(node)
        return self._walked(deepest)

    def _walked(self, deepest: int) -> Walked:
        if not self._heading:
            self._heading, self._heading_at = self._spare
        return Walked(
            Outline(
                blocks=tuple(self._blocks),
                chrome=tuple(self._chrome),
                labels=tuple(self._labels),
                moments=tuple(self._moments),
                heading=self._heading,
                heading_at=self._heading_at,
                is_cut=self._is_cut,
                below_photos=frozenset(self._photos),
            ),
            self._holders,
            deepest,
        )

    def _note_link(self, text: str, link: str) -> None:
        """A text of the open block is a link's."""
        self._linked += len(text.strip())
        self._hrefs.add(link)

    def _marks(self, attributes: dict[str, str | None], tag: str, place: int) -> int:
        """What the attributes say of the element's place; the date that they state is kept."""
        if NAMES.isdisjoint(attributes):
            names, own = "", 0
        else:
            names = " ".join([v for n, v in attributes.items() if v and n in NAMES])
            own = names_place(names)
        if tag == "time" or (names and ("content" in attributes or "datetime" in attributes)):
            self._date(attributes, tag, names, place | own)
        return own

    def _leads_on(self, node: "LexborNode", tag: str, place: int, *, is_enough: bool) -> bool:
        """Whether this element is looked into; the text of one that is not is kept as it is."""
        if tag in self._chrome_tags:
            self._keep_chrome(node, NAV)
            return False
        if is_enough:
            self._keep_chrome(node, place | tag_place(tag) | place_of(node.attributes))
            return False
        if node.mem_id not in self._way:
            self._keep_chrome(node, 0)
            return False
        return True

    def _end_heading(self, place: int) -> None:
        """The open block is what an `h1` holds."""
        self._headings -= 1
        if self._heading or self._is_logo():
            return
        text = visible("".join(self._pieces))
        if not place & (NAV | FOOTER):
            self._heading, self._heading_at = text, len(self._blocks)
            self._headings = 0
        elif text and not self._spare[0]:
            self._spare = text, len(self._blocks)

    def _is_logo(self) -> bool:
        """Whether the open block is one link to the front page: the site's name."""
        href = next(iter(self._hrefs)) if len(self._hrefs) == 1 else ""
        return bool(href and _FRONT_PAGE.fullmatch(href.strip()))

    def _close(self, holder: "LexborNode", place: int, path: str, inside: bool) -> bool:
        """End the open block; whether that was the last that is looked at."""
        joined = "".join(self._pieces)
        self._pieces.clear()
        linked, href = self._linked, ""
        if self._hrefs:
            href = next(iter(self._hrefs)) if len(self._hrefs) == 1 else ""
            self._hrefs.clear()
            self._linked = 0
        blocks = self._blocks
        is_preformatted = "\n" in joined and holder.tag == "pre"
        for part in _EMPTY_LINES.split(joined) if is_preformatted else (joined,):
            if text := visible(part):
                blocks.append(Block(text, min(linked, len(text)), href, place, path, inside))
                self._holders.append(holder)
        return len(blocks) >= MAX_BLOCKS

    def _keep_chrome(self, node: "LexborNode", place: int) -> None:
        text = visible_lines(node.text(deep=True, separator="\n"))
        if text:
            self._chrome.append(Chrome(text, place, len(self._blocks)))

    def _keep_rest(self, node: "LexborNode | None") -> None:
        """What stands behind the last block that was looked at."""
        lines: list[str] = []
        for first in (node, *(above[0] for above in reversed(self._waiting))):
            following = first
            while following is not None:
                if following.is_text_node:
                    lines.append(following.text_content or "")
                elif following.tag not in SKIP:
                    lines.append(following.text(deep=True, separator="\n"))
                following = following.next
        text = visible_lines("\n".join(lines))
        if text:
            self._chrome.append(Chrome(text, 0, len(self._blocks)))
            self._is_cut = True

    def _label(self, node: "LexborNode", place: int) -> None:
        if len(self._labels) >= MAX_LABELS:
            return
        text = label_text(node)
        if text:
            self._labels.append(Label(text, place, len(self._blocks)))

    def _date(self, attributes: dict[str, str | None], tag: str, names: str, place: int) -> None:
        value = attributes.get("datetime") or ("" if tag == "time" else attributes.get("content"))
        is_date = tag == "time" or _DATE_MARK.search(names)
        if value and is_date and len(self._moments) < MAX_LABELS:
            pubdate = " pubdate" if "pubdate" in attributes else ""
            self._moments.append(Moment(value, names.lower() + pubdate, place, len(self._blocks)))
