"""What kind of page carries the text: a story, or something whose body readers disagree about.

In: what the page states of itself, its URL, its outline and its story. Out: a `PageKind`. A live blog's
or a gallery's text is taken as far as it goes; what it is worth is for the reader of the corpus to say.
"""

import re
from functools import lru_cache

from corpus.blocks import FIGURE, Outline
from corpus.metadata import Statement
from corpus.records import PageKind
from corpus.sites import split_url
from corpus.story import Story

# So many words at most are a brief, or the text that goes with pictures or a film.
_BRIEF_WORDS = 120
_COMPANION_WORDS = 300
# A live blog's posts, a gallery's pictures: fewer may stand on any page.
_LEAST_POSTS = 4
_LEAST_PICTURES = 5

_SEGMENTS: tuple[tuple[PageKind, str], ...] = (
    (
        "live_blog",
        (
            r"live|live-?(?:blog|ticker|updates?|news|reporting|stream)|news-?blog|ticker|en-direct|direct|(?:en-)?directo|"
            r"ao-vivo|(?:in-)?diretta|na-zywo|onlayn|canli"
        ),
    ),
    (
        "gallery",
        (
            r"(?:photo-?|image-?|picture-?|bilder)?galler(?:y|ies|i|ie)|slide-?shows?|photos?|in-?pictures|pictures|fotos?|"
            r"bildergalerien?|bilderstrecken?|fotostrecken?|diaporamas?|galer(?:ia|ie|ias|ies)|fotogaler(?:ia|ii|ie|ias)|"
            r"fotogallery|foto-?galeri|photo-?essay"
        ),
    ),
    ("video", r"videos?|watch|tv|clips?|video-?gallery"),
    ("audio", r"podcasts?|audio|listen"),
)
_BY_SEGMENT = tuple((kind, re.compile(rf"(?:{words})(?:-\d+)?")) for kind, words in _SEGMENTS)
_BY_TYPE: dict[str, PageKind] = {
    "LiveBlogPosting": "live_blog",
    "ImageGallery": "gallery",
    "MediaGallery": "gallery",
    "VideoObject": "video",
    "PodcastEpisode": "audio",
    "AudioObject": "audio",
}


# The last part of an address, or a headline, is in the story's own words: these say that it is told live.
_TOLD_LIVE = re.compile(
    r"(?:^|[\W_])(?:live[\W_]?(?:blog|ticker|updates?|coverage|reporting)|news[\W_]?blog|as[\W_]it[\W_]happened"
    r"|minute[\W_]by[\W_]minute|en[\W_]direct|en[\W_]directo|en[\W_]vivo|minuto[\W_]a[\W_]minuto|ao[\W_]vivo|in[\W_]diretta"
    r"|na[\W_](?:zywo|żywo)|онлайн[\W_]трансляция|canlı[\W_]anlatım|文字直播|실시간)(?:$|[\W_])",
    re.IGNORECASE,
)
# One of these stands in whatever it finds; to look for them is much quicker.
_ANY_OF_LIVE = "live blog happened minut direct vivo diretta ywo онлайн canl 直播 실시간"
_OF_LIVE = _ANY_OF_LIVE.split()
# A post's time on a line of its own.
_POST_TIME = re.compile(
    r"\d{1,2}[:.h]\d\d(?::\d\d)?\s?(?:uhr|[ap]\.?m\.?)?(?:\s[A-Z]{2,4})?", re.IGNORECASE
)


def page_kind(stated: Statement, url: str, page: Outline, story: Story, words: int) -> PageKind:
    """The kind: by the page's own word, by its address where the page looks like it, by its length."""
    said = _BY_TYPE.get(stated.article_type)
    if said:
        return said
    hints = {_BY_TYPE[name] for name in stated.page_types if name in _BY_TYPE}
    hints |= {kind for kind in (_og_kind(stated.og_type), _address_kind(url)) if kind}
    if _is_told_live(page.heading) or _is_told_live(_last_part(url)):
        hints.add("live_blog")
    for kind in ("live_blog", "gallery", "video", "audio"):
        if kind in hints and _looks_like(kind, stated, page, story, words):
            return kind
    return "brief" if words <= _BRIEF_WORDS else "story"


def _og_kind(og_type: str) -> PageKind | None:
    if og_type.startswith("video"):
        return "video"
    return "gallery" if "gallery" in og_type else None


def _address_kind(url: str) -> PageKind | None:
    """What a directory of the address says; the last part of it is the headline's."""
    kinds = map(_segment_kind, split_url(url).path.lower().split("/")[:-1])
    return next(filter(None, kinds), None)


# The directories of a site are few.
@lru_cache(maxsize=1_024)
def _segment_kind(segment: str) -> PageKind | None:
    return next((kind for kind, words in _BY_SEGMENT if words.fullmatch(segment)), None)


def _is_told_live(words: str) -> bool:
    low = words.lower().replace("i\u0307", "i")
    return any(map(low.__contains__, _OF_LIVE)) and _TOLD_LIVE.search(words) is not None


def _last_part(url: str) -> str:
    return str(split_url(url).path).rstrip("/").rpartition("/")[2].removesuffix(".html")


def _looks_like(kind: PageKind, stated: Statement, page: Outline, story: Story, words: int) -> bool:
    start, stop = story.body
    if kind == "live_blog":
        moments = sum(start <= m.before_block <= stop for m in page.moments)
        times = sum(_POST_TIME.fullmatch(b.text) is not None for b in page.blocks[start:stop])
        return max(moments, times) >= _LEAST_POSTS
    if kind == "gallery":
        pictures = sum(bool(b.place & FIGURE) for b in page.blocks[start:stop])
        return pictures >= _LEAST_PICTURES or words <= _COMPANION_WORDS
    # Many a story has a film beside it: only where the page calls itself nothing else.
    return words <= _COMPANION_WORDS and (words <= _BRIEF_WORDS or not stated.article_type)
