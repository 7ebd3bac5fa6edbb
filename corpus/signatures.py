"""Which blocks of a container are the story: by the path they stand at, and by their text alone.

In: a template's counts, and a container's blocks. Out: a `Reading`, the fate of each block. Counts of
what was learned speak first for the last step of a path, then for the last two, then for all of it;
what was never seen is judged by its tag and by what stands around it.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from corpus.blocks import Block
from corpus.elements import STEP
from corpus.profiles import Template
from corpus.story import KEPT
from corpus.tokens import fingerprint

# Of one block no more characters count.
MOST_OF_A_BLOCK = 200
# Characters: with so many seen, what was seen weighs as much as what was expected.
_BACK_OFF = 150
_KEEP = 0.5
# How likely a block is the story where nothing is known of its path but the tag.
_PRIORS = {
    "p": 0.75,
    "pre": 0.6,
    "blockquote": 0.7,
    **dict.fromkeys(("h2", "h3", "h4"), 0.5),
    **dict.fromkeys(("figcaption", "aside", "nav", "footer", "form"), 0.05),
}
_PRIOR = 0.4
# Shorter blocks with more than this share of link text are links.
_LINKS_UP_TO = 200
_LINK_SHARE = 0.8
# Characters. Lists repeat short lines on purpose; sentences are not repeated.
_REPEATABLE = 20
# So many verdicts are remembered: a site that numbers its classes in letters has no end of paths.
_MOST_VERDICTS = 5_000


class Reading(NamedTuple):
    """A container's blocks, and what became of each: `KEPT`, or the kind and rule that dropped it."""

    blocks: Sequence[Block]
    fates: list[tuple[str, str]]
    unseen_chars: int
    kept_chars: int
    all_chars: int

    def kept(self) -> list[str]:
        """The texts of the story's blocks."""
        pairs = zip(self.blocks, self.fates, strict=True)
        return [block.text for block, fate in pairs if fate == KEPT]


class Signatures:
    """A template made ready: for any path, whether its blocks are the story."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self._seen = {row.path: (row.body, row.all) for row in template.paths}
        self._ends: dict[str, tuple[int, int]] = {}
        self._around: dict[str, tuple[int, int]] = {}
        for path, counts in self._seen.items():
            for end in _ends(path):
                _add(self._ends, end, counts)
            for above in _prefixes(path):
                _add(self._around, above, counts)
        self._verdicts: dict[str, _Verdict] = {}

    def read(self, blocks: Sequence[Block], repeated: Collection[bytes]) -> Reading:
        """What becomes of each block of a container; `repeated` marks the host's standing texts."""
        fates: list[tuple[str, str]] = []
        met: set[bytes] = set()
        unseen = kept = total = 0
        for block in blocks:
            verdict = self._verdicts.get(block.path) or self._verdict(block.path)
            size = len(block.text)
            fate = verdict.fate
            if fate == KEPT:
                fate = _fate_of_text(block, met, repeated)
            total += size
            if fate == KEPT:
                kept += size
            if not verdict.seen:
                unseen += size
            fates.append(fate)
        return Reading(blocks, fates, unseen, kept, total)

    def _verdict(self, path: str) -> "_Verdict":
        """The verdict on a path, remembered."""
        tags = [step.partition(".")[0] for step in path.split(STEP)]
        fate = KEPT
        if "figcaption" in tags:
            fate = ("caption", "profile-figcaption")
        elif self._likely(path, tags[-1]) < _KEEP:
            fate = ("furniture", "profile-path")
        if len(self._verdicts) >= _MOST_VERDICTS:
            self._verdicts.clear()
        verdict = self._verdicts[path] = _Verdict(fate, path in self._seen)
        return verdict

    def _likely(self, path: str, tag: str) -> float:
        """How likely a block at this path is the story."""
        likely = _PRIORS.get(tag, _PRIOR)
        seen = self._seen.get(path)
        for counts in (*map(self._ends.get, _ends(path)), seen or self._nearby(path)):
            if counts:
                body, total = counts
                likely = (body + _BACK_OFF * likely) / (total + _BACK_OFF)
        return likely

    def _nearby(self, path: str) -> tuple[float, float] | None:
        """For an unseen path that ends in elements without a class: the counts of what is around it.

        A bare list in the middle of a story is the story, whatever the lists beside it are.
        """
        above = path
        while above and "." not in above.rpartition(STEP)[2]:
            above = above.rpartition(STEP)[0]
            counts = self._around.get(above)
            if counts and counts[1]:
                body, total = counts
                weight = min(_BACK_OFF, total)
                return body / total * weight, weight
        return None


class _Verdict(NamedTuple):
    fate: tuple[str, str]
    seen: bool


def _ends(path: str) -> tuple[str, str]:
    """A path's last step, and its last two; told apart by the step that is missing."""
    steps = path.split(STEP)
    return steps[-1], STEP.join(["", *steps[-2:]])


def _prefixes(path: str) -> list[str]:
    """The paths of everything around the blocks at this one, the container's own (empty) included."""
    steps = path.split(STEP)
    return [STEP.join(steps[:n]) for n in range(len(steps) + 1)] if path else [""]


def _add(counts: dict[str, tuple[int, int]], key: str, more: tuple[int, int]) -> None:
    body, total = counts.get(key, (0, 0))
    counts[key] = (body + more[0], total + more[1])


def _fate_of_text(block: Block, met: set[bytes], repeated: Collection[bytes]) -> tuple[str, str]:
    """What a block's text alone says of it: links, a standing text of the host, said before."""
    size = len(block.text)
    if size < _LINKS_UP_TO and block.link_chars > _LINK_SHARE * size:
        return "related", "profile-links"
    mark = fingerprint(block.text)
    if mark in repeated:
        return "furniture", "profile-repeated"
    if size >= _REPEATABLE:
        if mark in met:
            return "duplicate", "profile-duplicate"
        met.add(mark)
    return KEPT
