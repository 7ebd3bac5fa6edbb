"""What a passage of a plain text looks like, and whether it speaks of the same things as others.

In: passages, the rules of configs/boilerplate.toml. Out: a `Seen` each, and `Vocabulary`. What the
story is is not decided here (`corpus.prose`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from corpus.boilerplate import BoilerplateRules
from corpus.language import count_words
from corpus.story import KEPT
from corpus.textlines import Passage
from crawler.records import Record

Shape = Literal["prose", "sentence", "teaser", "open", "label"]
"""A paragraph; a short sentence; what breaks off; what ends in a colon or comma; anything else."""


class Seen(Record, gc=False):
    """A passage with what it looks like; `rule` is the fate by the first wording it matches, if any.

    `words` counts two for three characters of scripts that put no spaces.
    """

    text: str
    words: int
    shape: Shape
    rule: tuple[str, str]
    tight: bool
    item: bool


# Nothing further from a passage's end says how it ends.
_TAIL = 200
_ENDS = re.compile(r"[.!?…。！？؟।][\"'”’»›」』)\]*]*(?:\s*[(\[/–—-][^()\[\]]{1,30}[)\]/]?)?$")
_BREAKS_OFF = re.compile(r"(?:\.\.\.|…|\[[.…]+\])\W{0,3}$")
_OPEN = re.compile(r"[:;,：；，、–—-][\"'”’»)\]]*$")
_BETWEEN = re.compile(r"[^\W\d_]{3}[.!?…][\"'”’»)]* [\"'“‘«(—–-]*[^\W\d_]|[。！？][^\s」』”]")
# A line of so many words that ends like a sentence is a paragraph, and so are fewer words in several
# sentences; so is a far longer line without end.
_PROSE_WORDS = 18
_SENTENCES_WORDS = 10
_ENDLESS_WORDS = 30
_TEASER_WORDS = 30


def look(passage: Passage, rules: BoilerplateRules) -> Seen:
    """The passage, looked at."""
    text, words = passage.text, _size(passage.text)
    # Where the story begins and ends is not known yet: a line may stand in its head and in its tail.
    row = rules.first(text, head=True, tail=True)
    wording = (row.kind, row.id) if row else KEPT
    return Seen(text, words, _shape(text, words), wording, passage.tight, passage.item)


def _shape(text: str, words: int) -> Shape:
    end = text[-_TAIL:]
    if words <= _TEASER_WORDS and _BREAKS_OFF.search(end):
        return "teaser"
    if _ENDS.search(end):
        several = words >= _SENTENCES_WORDS and _BETWEEN.search(text)
        return "prose" if words >= _PROSE_WORDS or several else "sentence"
    if words >= _ENDLESS_WORDS:
        return "prose"
    return "open" if _OPEN.search(end) else "label"


def _size(text: str) -> int:
    words = count_words(text)
    return words if text.isascii() else words - len(_UNSPACED.findall(text)) // 3


_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]")

# ------------------------------------------------------------------------------------- vocabulary

_WORD = re.compile(r"[^\W\d_]+")
_CHARACTERS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]{2,}")
# Words of so many letters carry meaning in most languages; inflection changes what comes after.
_SHORTEST, _STEM = 4, 5
_FEWEST_STEMS = 3
# A vocabulary of fewer words than this says nothing.
_LEAST_VOCABULARY = 60
_FULL_VOCABULARY = 200
_FEWEST_PARAGRAPHS = 4


class Vocabulary:
    """The words of a stretch of passages, to ask whether a line is about the same thing."""

    def __init__(self, seen: Sequence[Seen], start: int, stop: int) -> None:
        """Of the paragraphs of seen[start:stop], or of all of it where it has none."""
        numbers = [n for n in range(start, stop) if seen[n].shape == "prose"]
        self._numbers = frozenset(numbers or range(start, stop))
        self._counts = Counter(s for n in self._numbers for s in stems(seen[n].text))

    @property
    def weight(self) -> float:
        """How much there is to compare with, up to 1: a short story does not repeat itself."""
        return min(1.0, len(self._counts) / _FULL_VOCABULARY)

    def share(self, text: str, number: int = -1) -> float | None:
        """Which share of the words of passage `number` other paragraphs have.

        None where too little is known to say.
        """
        words = stems(text)
        if len(words) < _FEWEST_STEMS or len(self._counts) < _LEAST_VOCABULARY:
            return None
        if number in self._numbers and len(self._numbers) < _FEWEST_PARAGRAPHS:
            return None
        least = 2 if number in self._numbers else 1
        return sum(self._counts[word] >= least for word in words) / len(words)


def stems(text: str) -> frozenset[str]:
    """The beginnings of its longer words; of scripts that put no spaces, pairs of characters."""
    return frozenset(_stems(text.casefold()))


def _stems(folded: str) -> Iterator[str]:
    for word in _WORD.findall(folded):
        if len(word) >= _SHORTEST and not _UNSPACED.match(word):
            yield word[:_STEM]
    for run in _CHARACTERS.findall(folded):
        yield from (run[n : n + 2] for n in range(len(run) - 1))
