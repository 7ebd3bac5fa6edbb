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
    Kind,
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


# Addresses of a front page, as logos link to it.
_FRONT_PAGE = re.compile(r"(?:https?:)?//[^/?#]+/?|\.?/(?:index\.\w+)?|index\.\w+", re.IGNORECASE)
_EMPTY_LINES = re.compile(r"\n[^\S\n]*\n")
_DATE_MARK = re.compile(
    r"datepublished|datecreated|datemodified|pub-?date|publish|published|posted|entry-?date|post-?date|"
    r"article-?date|updated|modified",
    re.IGNORECASE,
)


# What to go on with when an element's children are read, and the state around it: the next node, the
# element's kind, its holder, path, depth, place, link, and whether it is inside. A plain tuple: one is
# made for every element of every page.
_Above = tuple["LexborNode | None", "Kind", "LexborNode", str, int, int, str, bool]


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
        self._containers = frozenset(node.mem_id for node in containers or ())
        self._chrome_tags = chrome
        # The way down to what is looked at; without one it is everything.
        self._way = frozenset(node.mem_id for node in around[1:])
        self._zone = around[-1].mem_id if around else 0
        self._in_zone, self._zone_level = False, 0
        # How many containers and headings are still to come, and with how many blocks enough are read.
        self._ahead, self._headings = len(self._containers), headings
        self._enough = MAX_BLOCKS
        self._blocks: list[Block] = []
        self._holders: list[LexborNode] = []
        self._chrome: list[Chrome] = []
        self._labels: list[Label] = []
        self._moments: list[Moment] = []
        self._photos: list[int] = []
        self._heading, self._heading_at = "", -1
        # The first heading in navigation: some templates wrap the whole page in a form or a menu.
        self._spare: tuple[str, int] = ("", -1)
        # The state around what is read: the innermost block-level element, its path, the link.
        self._root = self._holder = root
        self._path, self._depth, self._place, self._link = "", 0, 0, ""
        self._inside = containers is None or root.mem_id in self._containers
        self._waiting: list[_Above] = []
        self._deepest = 0
        self._is_cut = False
        self._paths: dict[tuple[str, str, str | None], str] = {}
        self._pieces: list[str] = []
        self._linked = 0
        self._hrefs: set[str] = set()

    def run(self) -> Walked:
        """Read everything under the root, up to the limit of blocks."""
        node = self._root.first_child
        blocks, pieces = self._blocks, self._pieces
        while len(blocks) < MAX_BLOCKS:
            if node is None:
                if not self._waiting:
                    break
                node = self._leave()
            elif (number := node.tag_id) == TEXT:
                text = node.text_content
                # White space between two blocks, which is most of what there is, begins neither.
                if text and (pieces or not text.isspace()):
                    self._take(text, self._link)
                node = node.next
            else:
                node = self._enter(
                    node, KINDS.get(number) or kind_at(node, self._holder.tag, bool(pieces))
                )
        self._close()
        if node is not None or self._waiting:
            self._keep_rest(node)
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
            self._deepest,
        )

    def _take(self, text: str, link: str) -> None:
        """A text becomes part of the open block."""
        self._pieces.append(text)
        if link:
            self._linked += len(text.strip())
            self._hrefs.add(link)

    def _enter(self, node: "LexborNode", kind: "Kind") -> "LexborNode | None":
        """What to read next: the element's first child, or its sibling."""
        tag, is_unseen, is_inline, is_void, place_of_tag = kind
        if is_unseen:
            return node.next
        if self._pieces and not is_inline:
            self._close()
        away = (
            tag in self._chrome_tags
            or (self._way and not self._in_zone)
            or (len(self._blocks) >= self._enough and not is_inline)
        )
        if is_void:
            if tag == "img" and not self._pieces and is_photo(node.attributes):
                self._photos.append(len(self._blocks))
            return node.next
        if away and not self._leads_on(node, tag):
            return node.next
        attributes = node.attributes
        own = self._marks(attributes, tag) if attributes else 0
        place = self._place | own
        inside = node.first_child
        if inside is None:
            return node.next
        # The parts of a byline are labelled too: a date or a share button may stand beside the name.
        if place & (BYLINE | SOURCE) and (
            own & (BYLINE | SOURCE) or (tag != "time" and not has_elements(inside))
        ):
            self._label(node, place)
        self._deepest = max(self._deepest, len(self._waiting) + 1)
        if is_inline:
            link = (tag == "a" and attributes.get("href")) or self._link
            if inside.tag_id == TEXT and inside.next is None:
                # Most hold one text and nothing else, and are read at once.
                if (text := inside.text_content) and (self._pieces or not text.isspace()):
                    self._take(text, link)
                return node.next
            self._step_down(node.next, kind)
            self._link = link
        else:
            self._step_down(node.next, kind)
            place |= place_of_tag | (role_place(attributes.get("role")) if attributes else 0)
            if tag == "article":
                # An article inside an article is another story's card, or a comment.
                place |= CARD if place & ARTICLE else ARTICLE
            self._step_into(node, tag, attributes.get("class"))
        self._place = place
        return inside

    def _marks(self, attributes: dict[str, str | None], tag: str) -> int:
        """What the attributes say of the element's place; the date that they state is kept."""
        names = " ".join([v for n, v in attributes.items() if v and n in NAMES])
        own = names_place(names) if names else 0
        if tag == "time" or (names and ("content" in attributes or "datetime" in attributes)):
            self._date(attributes, tag, names, self._place | own)
        return own

    def _step_down(self, following: "LexborNode | None", kind: "Kind") -> None:
        """Keep what to go on with after the element's children."""
        self._waiting.append(
            (
                following,
                kind,
                self._holder,
                self._path,
                self._depth,
                self._place,
                self._link,
                self._inside,
            )
        )

    def _leads_on(self, node: "LexborNode", tag: str) -> bool:
        """Whether this element is looked into; the text of one that is not is kept as it is."""
        if tag in self._chrome_tags:
            self._keep_chrome(node, NAV)
            return False
        if len(self._blocks) >= self._enough:
            self._keep_chrome(node, self._place | tag_place(tag) | place_of(node.attributes))
            return False
        if node.mem_id not in self._way:
            self._keep_chrome(node, 0)
            return False
        if node.mem_id == self._zone:
            self._in_zone, self._zone_level = True, len(self._waiting) + 1
        return True

    def _step_into(self, node: "LexborNode", tag: str, classes: str | None) -> None:
        self._holder = node
        if self._containers and node.mem_id in self._containers:
            self._path, self._depth, self._inside = "", 0, True
            self._ahead -= 1
            return
        self._depth += 1
        if self._depth <= MAX_DEPTH:
            key = (self._path, tag, classes)
            path = self._paths.get(key)
            if path is None:
                last = step(tag, classes)
                path = self._paths[key] = self._path + STEP + last if self._path else last
            self._path = path

    def _leave(self) -> "LexborNode | None":
        """What to read after an element whose children are all read."""
        if len(self._waiting) == self._zone_level:
            self._in_zone = False
        following, (tag, _, is_inline, _, _), holder, path, depth, place, link, inside = (
            self._waiting.pop()
        )
        if tag == "h1":
            self._headings -= 1
            if not self._heading and not self._is_logo():
                self._keep_heading(visible("".join(self._pieces)))
        if not is_inline:
            if self._pieces:
                self._close()
            if self._inside and not inside and not self._ahead and self._headings <= 0:
                self._enough = len(self._blocks) + AFTER_CONTAINERS
            self._holder, self._path, self._depth, self._inside = holder, path, depth, inside
        self._place, self._link = place, link
        return following

    def _is_logo(self) -> bool:
        """Whether the open block is one link to the front page: the site's name."""
        href = next(iter(self._hrefs)) if len(self._hrefs) == 1 else ""
        return bool(href and _FRONT_PAGE.fullmatch(href.strip()))

    def _keep_heading(self, text: str) -> None:
        if not self._place & (NAV | FOOTER):
            self._heading, self._heading_at = text, len(self._blocks)
            self._headings = 0
        elif text and not self._spare[0]:
            self._spare = text, len(self._blocks)

    def _close(self) -> None:
        """End the open block."""
        joined = "".join(self._pieces)
        self._pieces.clear()
        if "\n" in joined and self._holder.tag == "pre":
            for part in _EMPTY_LINES.split(joined):
                self._end_block(visible(part))
        elif joined and not joined.isspace():
            self._end_block(visible(joined))
        if self._linked:
            self._linked = 0
            self._hrefs = set()

    def _end_block(self, text: str) -> None:
        if text:
            href = next(iter(self._hrefs)) if len(self._hrefs) == 1 else ""
            self._blocks.append(
                Block(
                    text, min(self._linked, len(text)), href, self._place, self._path, self._inside
                )
            )
            self._holders.append(self._holder)

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
