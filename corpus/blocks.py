"""A page's visible text as blocks in reading order, and what a block's place on the page tells.

The records that `corpus.outline` makes of a parsed page and everything after it reads. A block is the text
between the borders of block-level elements or line breaks. Which blocks are the story is not decided
here (`corpus.extract`), nor is any wording judged (`corpus.boilerplate`, `corpus.agencies`).
"""

import re
from functools import lru_cache

from crawler.records import Record

# What the elements around a block say of it.
NAV, FOOTER, ASIDE, FIGURE, RELATED, BYLINE, SOURCE, HEADING, ARTICLE, CARD = (
    1 << n for n in range(10)
)
FURNITURE = NAV | FOOTER | ASIDE | RELATED | CARD


class Block(Record, gc=False):
    """One run of text: its white space folded, how much of it is link text, and where it stands.

    `href` is the target of its links where all of them have the same, else "". `place` is a union of
    the constants above. `path` are the block-level elements that lead to it, from the page's body or
    from the container that was asked for; `inside` is false where it stands in none of those.
    """

    text: str
    link_chars: int = 0
    href: str = ""
    place: int = 0
    path: str = ""
    inside: bool = True


class Chrome(Record, gc=False):
    """The text of an element that is not looked into, a line a text node.

    No story stands in it (`nav`, `select`: its `place` is `NAV`), or it is far from the containers that
    were asked for.
    """

    text: str
    place: int
    before_block: int


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
    """A page's visible text, the elements marked as byline, source or date, and its main heading.

    `blocks` and `chrome` together are all of the text; `is_cut` where there was too much to look at as
    blocks, and the rest is one piece. `heading_at` is the heading's number among the blocks, -1 without one.
    `below_photos` are the numbers of the blocks that follow right after a picture.
    """

    blocks: tuple[Block, ...] = ()
    chrome: tuple[Chrome, ...] = ()
    labels: tuple[Label, ...] = ()
    moments: tuple[Moment, ...] = ()
    heading: str = ""
    heading_at: int = -1
    is_cut: bool = False
    below_photos: frozenset[int] = frozenset()


def key(text: str) -> str:
    """The text without any white space: equal for two renderings of one block."""
    return "".join(text.split())


_TAG_PLACES = {
    "menu": NAV,
    "button": NAV,
    "form": NAV,
    "footer": FOOTER,
    "aside": ASIDE,
    "figure": FIGURE,
    "figcaption": FIGURE,
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), HEADING),
}
_ROLE_PLACES = {
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


def tag_place(tag: str) -> int:
    """What an element's tag says of what it holds."""
    return _TAG_PLACES.get(tag, 0)


def role_place(role: str | None) -> int:
    """What an element's role says of what it holds."""
    return _ROLE_PLACES.get(role, 0) if role else 0


@lru_cache(maxsize=8192)
def names_place(names: str) -> int:
    """What an element's class names, id and the like, blanks between them, say of its place."""
    place = 0
    for name in names.split():
        place |= _name_place(name)
    return place


@lru_cache(maxsize=8192)
def _name_place(name: str) -> int:
    place, before = 0, ""
    for word in _WORD.findall(_CAMEL.sub("-", name).lower()):
        place |= _WORD_PLACES.get(word, 0) | _WORD_PLACES.get(before + word, 0)
        before = word
    return place
