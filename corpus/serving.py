"""The story on a page of a site that is known: read by the site's profile, or refused.

In: a profile and a page of its host. Out: a `Served` story, or a `Refusal`, which means that the page
must go through the full pipeline. The page alone decides, never the pages served before it. Nothing
is learned here (`corpus.furniture`), and no wording is judged (`corpus.boilerplate`).
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from corpus.blocks import Block, Outline
from corpus.dom import Landmarks, landmarks, outside_of, parse, titles, without_unseen
from corpus.outline import walk
from corpus.places import found_at
from corpus.profiles import Field, Profile, Refusal, Template
from corpus.signatures import Reading, Signatures
from corpus.tokens import fingerprint, is_cjk, wide_chars, words

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# The guards' numbers are the prototype's, measured on 270 hosts.
LEAST_TEXT = 200  # letters
_LEAST_OF_SMALLEST_BODY = 0.4
_LEAST_OF_SMALLEST_RATIO = 0.6
_MOST_UNSEEN = 0.6
_LEAST_TITLE_WORDS = 0.15
_OPENING = 300  # characters
# A Chinese or Japanese character says as much as so many letters.
_LETTERS_A_CHARACTER = 3
_FINGERPRINT = 8  # bytes
# A selector that finds more elements than this found no containers.
_MOST_CONTAINERS = 200


class Served(NamedTuple):
    """A story that a profile read.

    `outline` is the whole page's; `fates` has one for each of its blocks in the containers: the story,
    or the kind and rule that dropped it. `text` is the story's blocks joined by blank lines; `places` are
    the numbers of the blocks that show its fields.
    """

    profile_id: str
    template: int
    outline: Outline
    fates: dict[int, tuple[str, str]]
    text: str
    opening: bytes
    places: Mapping[Field, tuple[int, ...]] = {}


def serve(profile: Profile, html: str, url: str, headlines: Sequence[str] = ()) -> Served | Refusal:
    """The story on one page, as `Reader` reads it; for many pages of a host keep the `Reader`.

    Without headlines they are read from the page's head.
    """
    tree = parse(html)
    if tree is None:
        return Refusal("too_large")
    named = headlines or titles(tree)
    return Reader(profile).serve(without_unseen(tree), url, named)


class Reader:
    """A profile made ready for reading many pages."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._templates = tuple(Signatures(template) for template in profile.templates)
        packed = profile.repeated
        self._repeated = frozenset(
            packed[n : n + _FINGERPRINT] for n in range(0, len(packed), _FINGERPRINT)
        )
        self._openings = {o.fingerprint: o.url for o in profile.openings}
        self._constant = frozenset(profile.title_words)
        self.selector = profile.templates[0].selector if profile.templates else ""
        """What the first template's containers are found by: see `corpus.dom.landmarks`."""

    def serve(
        self,
        tree: "LexborHTMLParser",
        url: str,
        headlines: Sequence[str],
        marks: Landmarks | None = None,
    ) -> Served | Refusal:
        """The story on the page at `url`, or why it must be read in full.

        The tree is one `without_unseen`, the headlines are the page's titles. The first template that
        passes all guards answers; a refusal is that of the first that found its container. `marks` are the
        page's landmarks with this reader's `selector`, if known.
        """
        refusal: Refusal | None = None
        for number, signatures in enumerate(self._templates):
            if number or marks is None:
                marks = landmarks(tree, signatures.template.selector)
            roots, headings = _outermost(marks.containers), marks.headings
            if not roots:
                continue
            outline = walk(tree, roots, headings).outline
            reading = signatures.read(blocks_inside(outline), self._repeated)
            served = self._served(number, outline, reading)
            wrong = _shortfall(reading, signatures.template) or self._other_story(
                served, url, headlines
            )
            if not wrong:
                return served
            refusal = refusal or wrong
        return refusal or Refusal("no_container")

    def is_repeated(self, text: str) -> bool:
        """Whether a block is one of the host's standing texts; also for pages read in full."""
        return fingerprint(text) in self._repeated

    def _served(self, template: int, outline: Outline, reading: Reading) -> Served:
        inside = [n for n, block in enumerate(outline.blocks) if block.inside]
        text = "\n\n".join(reading.kept())
        fates = dict(zip(inside, reading.fates, strict=True))
        places = found_at(self.profile.templates[template].places, outline.blocks)
        return Served(self.profile.id, template, outline, fates, text, opening_of(text), places)

    def _other_story(self, served: Served, url: str, headlines: Sequence[str]) -> Refusal | None:
        """Whether the text is not what the page's titles promise, or stands on another page."""
        named = title_words(headlines) - self._constant
        if named:
            low = served.text.lower()
            for headline in headlines:  # a title that repeats itself proves nothing
                low = low.replace(headline.lower(), "", 1)
            least = max(1, _LEAST_TITLE_WORDS * len(named))
            found = 0
            for word in named:
                found += word in low
                if found >= least:
                    break
            else:
                return Refusal(
                    "title", f"{found} of the title's {len(named)} words are in the text"
                )
        other = self._openings.get(served.opening, url)
        return Refusal("same_opening", f"as {other}") if other != url else None


def blocks_inside(outline: Outline) -> tuple[Block, ...]:
    """The blocks that stand in the containers."""
    return tuple([block for block in outline.blocks if block.inside])


def _shortfall(reading: Reading, template: Template) -> Refusal | None:
    """Whether what was kept cannot be a story of this template."""
    kept, total = reading.kept_chars, reading.all_chars
    if _letters(reading) < LEAST_TEXT or kept < _LEAST_OF_SMALLEST_BODY * template.smallest_body:
        least = f"{template.smallest_body} in the shortest story known"
        return Refusal("too_little_text", f"{kept} characters; {least}")
    if reading.unseen_chars > _MOST_UNSEEN * total:
        return Refusal(
            "unseen_paths", f"{reading.unseen_chars} of {total} characters at unseen paths"
        )
    if kept < _LEAST_OF_SMALLEST_RATIO * template.smallest_ratio * total:
        least = f"{template.smallest_ratio:.2f} on the leanest page known"
        return Refusal("ratio", f"{kept / total:.2f} of the container; {least}")
    return None


def _letters(reading: Reading) -> int:
    """The size of what was kept, in letters; of what is long enough without, nothing counts for more."""
    kept = reading.kept_chars
    if kept >= LEAST_TEXT:
        return kept
    return kept + (_LETTERS_A_CHARACTER - 1) * sum(map(wide_chars, reading.kept()))


def opening_of(text: str) -> bytes:
    """The fingerprint of how a story begins."""
    return fingerprint(text[:_OPENING])


_LEAST_LETTERS = 4
# Titles and texts inflect their words differently; so many letters mostly stand before the ending.
_STEM = 5


def title_words(headlines: Sequence[str]) -> frozenset[str]:
    """What tells titles apart: the beginnings of longer words, pairs of Chinese characters."""
    found: set[str] = set()
    for headline in headlines:
        parts = words(headline)
        found.update(w[:_STEM] for w in parts if len(w) >= _LEAST_LETTERS and not w.isdigit())
        if wide_chars(headline):
            found.update(a + b for a, b in pairwise(parts) if is_cjk(a) and is_cjk(b))
    return frozenset(found)


def containers(tree: "LexborHTMLParser", selector: str) -> list["LexborNode"]:
    """The elements that the selector finds, without those that stand inside another one."""
    return _outermost(tree.css(selector))


def _outermost(found: "list[LexborNode]") -> "list[LexborNode]":
    if len(found) < 2:
        return found
    if len(found) > _MOST_CONTAINERS:
        return []
    return outside_of([node.mem_id for node in found], found)
