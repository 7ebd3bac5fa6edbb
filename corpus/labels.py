"""Which blocks of a page are its story, by the word of several extractors; and which pages tell one.

In: a page's blocks and the extractors' answers. Out: the blocks that enough of them hold. What is said
of a page here depends on nothing but the page.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from corpus.blocks import Block
from corpus.dom import parse, titles, without_unseen
from corpus.held import SHORT, Grams, grams, has_most
from corpus.outline import walk
from corpus.profiles import LearningPage
from corpus.serving import title_words
from corpus.tokens import fingerprint, words

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# Characters: a page with less of a story teaches nothing.
LEAST_STORY = 200
# A page of more blocks is a list of something, and costs too much to learn from.
MOST_BLOCKS = 3_000
# Of the shorter story's 4-grams: with more in common, two pages carry one story.
SAME_STORY = 0.3


_FEW = 16  # pages


class Story(NamedTuple):
    """A page to learn from, read: its tree and blocks, and the texts of those that are its story.

    `holders` are the elements that the blocks stand in, `marks` the blocks' fingerprints, `key` a digest
    of the page.
    """

    page: LearningPage
    tree: "LexborHTMLParser"
    blocks: Sequence[Block]
    holders: "Sequence[LexborNode]"
    body: frozenset[str]
    grams: Grams
    marks: frozenset[bytes]
    title: frozenset[str]
    key: str


def labels(blocks: Sequence[str], texts: Sequence[str]) -> tuple[bool, ...]:
    """For each block whether it is the story: two thirds of the texts that are not empty hold it."""
    answers = [Answer(text) for text in texts if text.strip()]
    needed = max(1, (2 * len(answers) + 2) // 3)
    verdicts: list[bool] = []
    for block in blocks:
        tokens = words(block)
        verdicts.append(bool(tokens) and sum(a.holds(tokens) for a in answers) >= needed)
    return tuple(verdicts)


class Answer:
    """An extractor's text, ready for asking whether it holds a block."""

    def __init__(self, text: str) -> None:
        lines = [tuple(words(line)) for line in text.split("\n")]
        self._lines = frozenset(lines)
        self._grams = grams([word for line in lines for word in line])

    def holds(self, tokens: Sequence[str]) -> bool:
        """Whether a block of these words is in it."""
        if len(tokens) < SHORT:
            return tuple(tokens) in self._lines
        return has_most(self._grams, tokens)


def agreement(text: str, gold: Grams) -> float:
    """F1 of the text's 4-grams with the others."""
    own = grams(words(text))
    both = len(own) + len(gold)
    return 2 * len(own & gold) / both if both else 1.0


def read(page: LearningPage) -> Story | None:
    """The page with its labels; None where it is too long or the extractors agree on too little."""
    tree = parse(page.html)
    if tree is None or tree.body is None:
        return None
    title = title_words(titles(tree))
    outline, holders, _ = walk(without_unseen(tree))
    blocks = outline.blocks
    if len(blocks) > MOST_BLOCKS:
        return None
    marked = zip(blocks, labels([b.text for b in blocks], page.texts), strict=True)
    body = {block.text: None for block, is_body in marked if is_body}
    if sum(map(len, body)) < LEAST_STORY:
        return None
    key = hashlib.sha256(f"{page.url}\x1f{page.html}".encode("utf-8", "surrogatepass"))
    return Story(
        page=page,
        tree=tree,
        blocks=blocks,
        holders=holders,
        body=frozenset(body),
        grams=_grams_of(body),
        marks=frozenset(fingerprint(block.text) for block in blocks),
        title=title,
        key=key.hexdigest(),
    )


def with_body(story: Story, body: Iterable[str]) -> Story:
    """The story with these texts as its body."""
    texts = frozenset(body)
    return story._replace(
        body=texts, grams=_grams_of(b.text for b in story.blocks if b.text in texts)
    )


def _grams_of(texts: Iterable[str]) -> Grams:
    return grams(words("\n".join(texts)))


def distinct(stories: Sequence[Story], most: int) -> list[Story]:
    """One page a story, in the order of their keys, so that the order they came in does not matter.

    Where one story would be on most pages, what they share is no story but standing text that the
    extractors took for one: then only equal bodies are one. Of a few pages most may be one story's
    editions by chance, so there it must be on all but one.
    """
    ordered = sorted({story.key: story for story in stories}.values(), key=lambda s: s.key)
    families = _families(ordered)
    sizes = [families.count(family) for family in families]
    many = max(sizes, default=0)
    is_standing = many >= len(ordered) - 1 if len(ordered) < _FEW else 2 * many > len(ordered)
    if ordered and is_standing:
        first_with: dict[frozenset[str], Story] = {}
        for story in ordered:
            first_with.setdefault(story.body, story)
        return list(first_with.values())[:most]
    return [story for n, story in enumerate(ordered) if families[n] == n][:most]


def _families(stories: Sequence[Story]) -> list[int]:
    """For each story the number of the first one that it is a copy of, over any number of steps."""
    family = list(range(len(stories)))
    for later, story in enumerate(stories):
        for earlier in range(later):
            other = stories[earlier]
            shorter = min(len(story.grams), len(other.grams))
            if (
                family[earlier] != family[later]
                and len(story.grams & other.grams) > SAME_STORY * shorter
            ):
                old, new = sorted((family[later], family[earlier]), reverse=True)
                family = [new if f == old else f for f in family]
    return family
