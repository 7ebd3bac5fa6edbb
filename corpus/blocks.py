"""A page's visible text as blocks in reading order, each with what its place on the page tells.

In: a parsed page. Out: `Block`s. A block is the text between the borders of block-level elements or
line breaks. Which blocks are the story is not decided here (`corpus.extract`), nor is any wording
judged (`corpus.boilerplate`, `corpus.agencies`).
"""

import re
from functools import lru_cache
from typing import Any

from lxml import etree

from crawler.records import Record

# What the elements around a block say of it.
NAV, FOOTER, ASIDE, FIGURE, RELATED, BYLINE, SOURCE, HEADING, ARTICLE, CARD = (
    1 << n for n in range(10)
)
FURNITURE = NAV | FOOTER | ASIDE | RELATED | CARD

# A page of more blocks is no article; what stands behind is not looked at.
MAX_BLOCKS = 20_000
# A byline or source line is not longer, in characters; and a page has not more of them.
MAX_LABEL = 200
MAX_LABELS = 200


class Block(Record, gc=False):
    """One run of text: its whitespace folded, how much of it is link text, and where it stands.

    `href` is the target of its links where all of them have the same, else "". `place` is a union of
    the constants above.
    """

    text: str
    link_chars: int = 0
    href: str = ""
    place: int = 0


class Moment(Record, gc=False):
    """A `time` element or one that is marked as the date: its machine-readable value and its place."""

    value: str
    marked: str
    place: int
    before_block: int


class Label(Record, gc=False):
    """The text of an element that is marked as byline or source, inline ones too."""

    text: str
    place: int
    before_block: int


class Outline(Record):
    """A page's blocks, the elements marked as byline, source or date, and its main heading.

    `heading_at` is the heading's place among the blocks, -1 without one.
    """

    blocks: tuple[Block, ...] = ()
    labels: tuple[Label, ...] = ()
    moments: tuple[Moment, ...] = ()
    heading: str = ""
    heading_at: int = -1


def outline(tree: Any) -> Outline:
    """The blocks of a page parsed by lxml."""
    walk = _Walk()
    walk.run(tree)
    return Outline(
        blocks=tuple(walk.blocks),
        labels=tuple(walk.labels),
        moments=tuple(walk.moments),
        heading=walk.heading,
        heading_at=walk.heading_at,
    )


def key(text: str) -> str:
    """The text without any white space: equal for two renderings of one block."""
    return "".join(text.split())


# Elements whose text is not read; those of NOISE can be cut out of the tree beforehand.
NOISE = (
    "script",
    "style",
    "svg",
    "link",
    "meta",
    "iframe",
    "nav",
    "noscript",
    "template",
    "select",
    "option",
    "input",
    "textarea",
    "dialog",
)
_SKIP = frozenset(
    (
        *NOISE,
        "head",
        "title",
        "object",
        "canvas",
        "audio",
        "video",
        "map",
        "math",
        "datalist",
        "noindex",
    )
)
_INLINE_TAGS = (
    "a abbr acronym b bdi bdo big center cite code data del dfn em font i img ins kbd label mark nobr "
    "picture q rp rt ruby s samp small source span strike strong sub sup time tt u var wbr"
)
_INLINE = frozenset(_INLINE_TAGS.split())
_PLACES = {
    "menu": NAV,
    "button": NAV,
    "form": NAV,
    "footer": FOOTER,
    "aside": ASIDE,
    "figure": FIGURE,
    "figcaption": FIGURE,
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), HEADING),
}
_ROLES = {
    "navigation": NAV,
    "contentinfo": FOOTER,
    "complementary": ASIDE,
    "menu": NAV,
    "menubar": NAV,
    "dialog": NAV,
}
# Words of class names, ids and the like; "read-more" is two words side by side, in any of the usual
# spellings ("read-more", "readMore", "read__more", "readmore").
_WORDS = {
    NAV: "nav navbar navigation menu breadcrumb breadcrumbs share sharing social cookie cookies consent "
    "toolbar sharebar",
    FOOTER: "footer colophon site-info",
    ASIDE: "aside sidebar rail widget newsletter subscribe signup comment comments respond disqus promo "
    "advert paywall",
    RELATED: "related recommended recommendation recommendations more-news more-stories more-from more-on "
    "read-more read-also read-next most-read most-viewed most-popular trending latest teaser teasers "
    "ticker popular outbrain taboola see-also up-next next-article inline-more inline-related",
    CARD: "card cards tile tiles listing",
    FIGURE: "caption figure figcaption photo image img picture gallery slideshow video media-cap "
    "media-credit",
    BYLINE: "byline bylines author authors writer writers contributor contributors autor autoren autore "
    "autores auteur auteurs reporter creator",
    SOURCE: "source sources agency agencies quelle fuente fonte kaynak provider distributor credit-line wire",
}
_WORD_PLACES = {
    word.replace("-", ""): place for place, words in _WORDS.items() for word in words.split()
}
_WORD = re.compile("[a-z]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ATTRIBUTES = frozenset(("class", "id", "itemprop", "data-testid", "data-component", "rel"))
# Dates stand inside bylines, and their text in no word border of its own.
_LABEL_TEXTS = etree.XPath("descendant::text()[not(ancestor::time)]")
_DATE_MARK = re.compile(
    r"datepublished|datecreated|datemodified|pub-?date|publish|published|posted|entry-?date|post-?date|"
    r"article-?date|updated|modified",
    re.IGNORECASE,
)


class _Walk:
    """One pass over the tree; the open block's text is gathered until a border closes it."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.labels: list[Label] = []
        self.moments: list[Moment] = []
        self.heading = ""
        self.heading_at = -1
        self._pieces: list[str] = []
        self._linked = 0
        self._hrefs: set[str] = set()
        self._link = ""

    def run(self, tree: Any) -> None:
        """Read the page's body, element by element, in reading order."""
        body = tree.find("body")
        walk = etree.iterwalk(tree if body is None else body, events=("start", "end"))
        places = [0]
        skipped = 0
        add = self._add
        for event, element in walk:
            tag = element.tag
            if event == "start":
                place = places[-1]
                if tag in _SKIP:
                    walk.skip_subtree()
                    skipped += 1
                else:
                    if tag not in _INLINE:
                        self._flush(place)
                    place = self._enter(element, tag, place)
                    if element.text:
                        add(element.text)
                places.append(place)
            else:
                place = places.pop()
                if skipped and tag in _SKIP:
                    skipped -= 1
                elif tag not in _INLINE:
                    self._leave(tag, place)
                elif tag == "a":
                    self._link = ""
                if element.tail and len(places) > 1:
                    add(element.tail)
            if len(self.blocks) >= MAX_BLOCKS:
                break
        self._flush(0)

    def _enter(self, element: Any, tag: str, place: int) -> int:
        """The place of what the element holds; its marks as byline, date and link are noted."""
        attributes = element.items()
        words = " ".join([v for name, v in attributes if name in _ATTRIBUTES]) if attributes else ""
        own = _words_place(words) if words else 0
        place |= own
        # The parts of a byline are labelled too: a date or a share button may stand beside the name.
        part = place & (BYLINE | SOURCE) and tag != "time" and not len(element)
        if own & (BYLINE | SOURCE) or part:
            self._label(element, place)
        if tag == "a":
            self._link = element.get("href") or ""
        elif tag == "time" or (words and (element.get("content") or element.get("datetime"))):
            self._date(element, tag, words, place)
        elif tag == "article":
            # An article inside an article is another story's card, or a comment.
            return place | (CARD if place & ARTICLE else ARTICLE)
        if tag in _PLACES:
            place |= _PLACES[tag]
        if attributes and tag not in _INLINE:
            place |= _ROLES.get(element.get("role"), 0)
        return place

    def _leave(self, tag: str, place: int) -> None:
        if tag == "h1" and not self.heading and not place & (NAV | FOOTER):
            self.heading = " ".join("".join(self._pieces).split())
            self.heading_at = len(self.blocks)
        self._flush(place)

    def _add(self, text: str) -> None:
        self._pieces.append(text)
        if self._link:
            self._linked += len(text.strip())
            self._hrefs.add(self._link)

    def _flush(self, place: int) -> None:
        if self._pieces:
            text = " ".join("".join(self._pieces).split())
            if text:
                href = next(iter(self._hrefs)) if len(self._hrefs) == 1 else ""
                self.blocks.append(Block(text, self._linked, href, place))
            self._pieces = []
            self._linked = 0
            self._hrefs = set()

    def _label(self, element: Any, place: int) -> None:
        if len(self.labels) >= MAX_LABELS:
            return
        text = " ".join(" ".join(_LABEL_TEXTS(element)[:MAX_LABEL]).split()).replace(" ,", ",")
        if text and len(text) <= MAX_LABEL:
            self.labels.append(Label(text, place, len(self.blocks)))

    def _date(self, element: Any, tag: str, words: str, place: int) -> None:
        value = element.get("datetime") or ("" if tag == "time" else element.get("content"))
        is_date = tag == "time" or _DATE_MARK.search(words)
        if value and is_date and len(self.moments) < MAX_LABELS:
            pubdate = "" if element.get("pubdate") is None else " pubdate"
            self.moments.append(Moment(value, words.lower() + pubdate, place, len(self.blocks)))


@lru_cache(maxsize=8192)
def _words_place(words: str) -> int:
    """What an element's class, id and the like say of its place."""
    place = 0
    for name in words.split():
        place |= _name_place(name)
    return place


@lru_cache(maxsize=8192)
def _name_place(name: str) -> int:
    place, before = 0, ""
    for word in _WORD.findall(_CAMEL.sub("-", name).lower()):
        place |= _WORD_PLACES.get(word, 0) | _WORD_PLACES.get(before + word, 0)
        before = word
    return place
