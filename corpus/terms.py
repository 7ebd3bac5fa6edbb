"""What a text says, as the words that carry it: the second level's view of a story.

In: the texts of stories. Out: a `Sketch` of each, the content words (as hashes of their stems) in reading
order and where each passage of it starts. A passage is a paragraph; long ones are cut at sentences' ends
and one-liners go with what follows, since newsrooms differ in where they break lines. Words that every
text has count for nothing. No two texts are compared here; see `corpus.overlap`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.folding import folded_text
from corpus.rows import Index, Rows, differing, owners, sort_rows, starts_of
from corpus.sentences import LINE, OPENS, STOP, WORD, tokens
from corpus.text import NormaliserSettings
from corpus.words import U8, U32, Bools, Joined, Vocabulary, joined
from crawler.records import Record

VERSION = "2"
"""Rises with every change that gives some text another sketch."""

NAME, NUMBER, QUOTED = np.uint32(1), np.uint32(2), np.uint32(4)
SLIP = NAME | NUMBER
"""Marks in a term's lowest bits: a name, a number, a word doubled by a slip; inside quotation marks."""
STEM = ~np.uint32(7)
"""What is left of a term without its marks: its stem."""

LANGUAGES = ("", "en", "es", "fr", "de", "pt", "it", "nl")
"""The languages a sketch tells apart, by their commonest words; "" is any other."""


class WordSettings(Record, forbid_unknown_fields=True):
    """The `[stories.words]` table of dedup.toml.

    `common` are each language's words without content, which tell the language as well. `alike` are groups
    of words of which newsrooms put one for the other; `numerals` and `months` read in any of the
    languages. `known` are words of many pages by their weight. What is doubled in one of `idioms` is no
    slip. A stem is a word without accents and `endings`, cut after `letters`. A passage has at least
    `short` words, and above `long` ends with the sentence. A text is read as far as `passages` of them,
    or `characters`.
    """

    common: dict[str, str]
    alike: tuple[str, ...]
    numerals: dict[str, str]
    months: dict[str, str]
    known: dict[str, str]
    idioms: str
    endings: tuple[str, ...]
    letters: int
    short: int
    long: int
    passages: int
    characters: int


class Sketch(NamedTuple):
    """A text as terms in reading order, each once a passage, and where each passage starts in them.

    `language` is a place in `LANGUAGES`; `stamped` says that the text is a list of moments, entries or
    questions rather than a story told.
    """

    terms: U32
    passages: U32
    language: int
    stamped: bool


class Sketches(NamedTuple):
    """Sketches of many texts, one row each."""

    terms: Rows
    passages: Rows
    language: U8
    stamped: Bools


class Word(NamedTuple):
    """A content word where it stands: its passage, its term, and as it is written."""

    passage: int
    term: int
    written: str


class Reader:
    """Turns texts into sketches; holds the terms of the words it has met."""

    def __init__(self, settings: WordSettings, normaliser: NormaliserSettings) -> None:
        self._settings = settings
        self._phrases = tuple(normaliser.phrases.items())
        self._stems = _Stems(settings, normaliser)
        self._vocabulary = Vocabulary(self._stems.coded)

    def sketch(self, text: str) -> Sketch:
        """The text's sketch; a text without words has an empty one."""
        found = self.sketches([text])
        return Sketch(
            found.terms.values,
            found.passages.values,
            int(found.language[0]),
            bool(found.stamped[0]),
        )

    def sketches(self, texts: list[str]) -> Sketches:
        """The texts' sketches; what the others are makes no difference to any."""
        folded = [self._folded(text) for text in texts]
        read = self._read(joined(folded))
        return Sketches(
            Rows(read.terms, read.rows),
            _passages(read),
            read.language,
            np.array([_is_stamped(text) for text in folded], bool),
        )

    def words(self, text: str) -> list[Word]:
        """The words behind the sketch's terms, in its order."""
        whole = joined([self._folded(text)])
        read = self._read(whole)
        columns = (read.passage, read.terms, read.starts, read.ends)
        return [
            Word(passage, term, whole.text[start:end])
            for passage, term, start, end in zip(*(c.tolist() for c in columns), strict=True)
        ]

    def term(self, word: str) -> int:
        """The stem's hash that a word gets."""
        return self._stems.coded(word) >> 8 & int(STEM)

    def _folded(self, text: str) -> str:
        """The text as far as it is read, with its times of day in one writing."""
        folded = folded_text(text[: self._settings.characters], self._phrases)
        return _TWELVE_HOURS.sub(_of_24, folded) if _HAS_TWELVE.search(folded) else folded

    def _read(self, texts: Joined) -> "_Read":
        found = tokens(texts)
        is_word = found.kinds == WORD
        coded = found.kinds.astype(np.int64)
        coded[is_word] = self._vocabulary.codes(texts, found.starts[is_word], found.ends[is_word])
        begins = np.searchsorted(found.starts, texts.breaks)
        kinds = coded & _KIND
        passage = self._passage(kinds, begins)
        slips = self._stems.slips(coded)
        at = np.flatnonzero(((kinds == _CONTENT) | slips) & (passage < self._settings.passages))
        rows = np.searchsorted(at, begins)
        terms = (coded[at] >> 8).astype(np.uint32)
        terms &= ~(_small_elsewhere(terms, rows).astype(np.uint32) * NAME)
        slip = slips[at]
        terms[slip] = (terms[slip] * _DOUBLED & STEM) | SLIP
        terms |= _inside_quotations(kinds)[at] * QUOTED
        first = _first_of_passage(terms & STEM, passage[at], rows)
        at = at[first]
        return _Read(
            terms[first],
            np.searchsorted(at, begins),
            passage[at],
            found.starts[at],
            found.ends[at],
            _languages(coded, begins),
        )

    def _passage(self, kinds: Index, begins: Index) -> Index:
        """The passage that each token stands in, counted from 0 in its text."""
        settings = self._settings
        words = np.cumsum(kinds <= _CONTENT)
        least = np.where(kinds == LINE, settings.short, settings.long)
        least[begins] = 0
        breaks = np.flatnonzero((kinds == LINE) | (kinds == STOP))
        marks = np.zeros(len(kinds), np.int64)
        begun = 0
        columns = (breaks, words[breaks], least[breaks])
        for at, count, wanted in zip(*(column.tolist() for column in columns), strict=True):
            if count - begun >= wanted:
                marks[at] = 1
                begun = count
        number = np.cumsum(marks) - marks
        number[: begins[-1]] -= np.repeat(number[begins[:-1]] + 1, np.diff(begins))
        return number


def sketches(texts: Iterable[str], reader: Reader) -> Sketches:
    """The texts' sketches as rows; they are read a batch at a time and not kept."""
    found = [reader.sketches(batch) for batch in _batches(texts)]
    return Sketches(
        _end_to_end([sketch.terms for sketch in found]),
        _end_to_end([sketch.passages for sketch in found]),
        np.concatenate([np.zeros(0, np.uint8), *(sketch.language for sketch in found)]),
        np.concatenate([np.zeros(0, bool), *(sketch.stamped for sketch in found)]),
    )


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= _BATCH_CHARACTERS or len(batch) == _BATCH_TEXTS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _end_to_end(rows: list[Rows]) -> Rows:
    lengths = np.concatenate([np.zeros(0, np.int64), *(r.lengths for r in rows)])
    values = np.concatenate([np.zeros(0, np.uint32), *(r.values for r in rows)])
    return Rows(values, starts_of(lengths))


_BATCH_CHARACTERS = 1 << 20
_BATCH_TEXTS = 10_000


class _Read(NamedTuple):
    """The terms of texts, each once a passage: where a text's begin, and where each stands."""

    terms: U32
    rows: Index
    passage: Index
    starts: Index
    ends: Index
    language: U8


def _passages(read: _Read) -> Rows:
    """Where each text's passages start in its terms."""
    some = np.flatnonzero(np.diff(read.rows))
    counts = np.zeros(len(read.rows) - 1, np.int64)
    counts[some] = read.passage[read.rows[some + 1] - 1] + 1
    starts = starts_of(counts)
    passage = read.passage + starts[owners(read.rows)]
    at = np.searchsorted(passage, np.arange(starts[-1])) - np.repeat(read.rows[:-1], counts)
    return Rows(at.astype(np.uint32), starts)


# -------------------------------------------------------------------------------------------- tokens

# As `\d ?[ap]m\b`, and ten times faster: what begins with a letter is looked for by that.
_HAS_TWELVE = re.compile(r"m\b(?<=\d[ap]m)|m\b(?<=\d [ap]m)")
_TWELVE_HOURS = re.compile(r"\b(1[0-2]|[1-9])(?:[:.](\d\d))? ?([ap])m\b")
_NUMERAL = re.compile(r"\d+(?:[.,:]\d+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_DOUBLED = np.uint32(0x9E3779B1)  # sets a doubled word's hash apart from the word's
_LONGEST_QUOTATION = 160  # tokens; a mark that is never closed quotes no more than this

# A token's code: its term in bits 8 and up, its language in bits 4 to 7, its kind in bits 0 to 3.
# Tokens that are no words have only a kind, that of `corpus.sentences`.
_COMMON, _CONTENT = range(2)
_KIND = 15


class _Stems:
    """What a word stands for."""

    def __init__(self, settings: WordSettings, normaliser: NormaliserSettings) -> None:
        self._settings = settings
        self._words, self._suffixes = normaliser.words, normaliser.suffixes
        self._endings = dict.fromkeys(settings.endings, "")
        self._with_suffix, self._with_ending = tuple(self._suffixes), tuple(self._endings)
        self._common: dict[str, int] = {}
        for number, language in enumerate(LANGUAGES):
            for word in {plain(word) for word in settings.common.get(language, "").split()}:
                # A word of two languages tells neither.
                self._common[word] = 0 if word in self._common else number
        self._known = {
            plain(word): value
            for table in (settings.numerals, settings.months)
            for value, words in table.items()
            for word in words.split()
        }
        self._alike = {
            self._stem(plain(word)): self._stem(group.split()[0])
            for group in settings.alike
            for word in group.split()
        }

        self._and = self._codes("and y et und")
        self._idioms = self._codes(settings.idioms)

    def _codes(self, words: str) -> Index:
        return np.array([self.coded(word) for word in words.split()], np.int64)

    def slips(self, coded: Index) -> Bools:
        """Which tokens are the second of a doubled word: "the the", "second and second"."""
        near = np.flatnonzero(coded[1:] == coded[:-1]) + 1
        apart = np.flatnonzero(coded[2:] == coded[:-2]) + 2
        at = np.concatenate((near, apart[np.isin(coded[apart - 1], self._and)]))
        code = coded[at]
        kind = code & _KIND
        doubled = (kind == _CONTENT) & ((code >> 8 & int(SLIP)) == 0)
        doubled |= (kind == _COMMON) & ~np.isin(code, self._and)
        slips = np.zeros(len(coded), bool)
        slips[at[doubled & ~np.isin(code, self._idioms)]] = True
        return slips

    def coded(self, token: str) -> int:
        """The code of a word or number."""
        word = plain(token)
        if word in self._common or (len(word) == 1 and not word.isdigit()):
            return _hashed(word) << 8 | self._common.get(word, 0) << 4 | _COMMON
        marks = 0
        if word[0].isdigit():
            word, marks = _number(word), int(NUMBER)
        elif word in self._known:
            word = self._known[word]
            marks = int(NUMBER) if word.isdigit() else int(NAME)
        else:
            marks = int(NAME) if token[0].isupper() else 0
            word = self._stem(word)
            word = self._alike.get(word, word)
        return (_hashed(word) | marks) << 8 | _CONTENT

    def _stem(self, word: str) -> str:
        word = self._words.get(word, word)
        if word.endswith(self._with_suffix):
            word = _without(word, self._suffixes)
        if word.endswith(self._with_ending):
            word = _without(word, self._endings)
        return word[: self._settings.letters]


def _without(word: str, endings: Mapping[str, str]) -> str:
    """The word with the first of the endings that it has put another way, three letters before it."""
    for ending, short in endings.items():
        if word.endswith(ending) and len(word) >= len(ending) + 3:
            return word[: -len(ending)] + short
    return word


_STEM = int(STEM)


def _hashed(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=4).digest(), "little") & _STEM


def _of_24(match: re.Match[str]) -> str:
    """A time of the twelve-hour clock as the other clock writes it."""
    hour = int(match[1]) % 12 + (12 if match[3] == "p" else 0)
    return f"{hour}:{match[2] or '00'}"


def plain(word: str) -> str:
    """The word in small letters without accents."""
    word = word.casefold()
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def _number(written: str) -> str:
    """One writing for 18,000 and 18.000, for 4:52 and 4.52."""
    match = _NUMERAL.match(written)
    digits = match[0] if match else written
    if _THOUSANDS.fullmatch(digits):
        return re.sub("[.,]", "", digits)
    return re.sub("[,:]", ".", digits)


# -------------------------------------------------------------------------------------------- texts


def _small_elsewhere(terms: U32, rows: Index) -> Bools:
    """Which terms are written as names here, but small somewhere in the same text."""
    # In a text's sorted keys a stem's small writings come before the others.
    keys = (terms & STEM).astype(np.uint64) << np.uint64(32) | _places(terms)
    keys |= ((terms & SLIP) > 0).astype(np.uint64) << np.uint64(31)
    sort_rows(keys, rows)
    new = differing(keys >> np.uint64(32), rows)
    is_small = (keys[new] & np.uint64(1 << 31)) == 0
    found = np.zeros(len(terms), bool)
    found[keys & np.uint64((1 << 31) - 1)] = np.repeat(is_small, _lengths(new))
    return found & ((terms & NAME) > 0)


def _first_of_passage(stems: U32, passage: Index, rows: Index) -> Bools:
    """Which stems stand in their passage for the first time."""
    begins = np.append(np.flatnonzero(differing(passage, rows)), len(stems))
    keys = stems.astype(np.uint64) << np.uint64(32) | _places(stems)
    sort_rows(keys, begins)
    first = np.zeros(len(stems), bool)
    first[keys[differing(keys >> np.uint64(32), begins)] & np.uint64((1 << 32) - 1)] = True
    return first


def _places(values: U32) -> NDArray[np.uint64]:
    return np.arange(len(values), dtype=np.uint64)


def _lengths(new: Bools) -> Index:
    """How long the runs are that begin where it says."""
    return np.diff(np.flatnonzero(new), append=len(new))


def _inside_quotations(kinds: Index) -> Bools:
    """Which tokens stand between an opening mark and the next closing mark or paragraph's end."""
    positions = np.arange(len(kinds))
    turns = (kinds >= OPENS) | (kinds == LINE)
    latest = np.maximum.accumulate(np.where(turns, positions, 0))
    inside: Bools = (kinds[latest] == OPENS) & (positions - latest <= _LONGEST_QUOTATION)
    return inside


def _languages(coded: Index, begins: Index) -> U8:
    """The language that most of each text's common words are of."""
    language = coded >> 4 & 15
    at = np.flatnonzero(((coded & _KIND) == _COMMON) & (language > 0))
    text = np.searchsorted(begins, at, "right") - 1
    size = len(LANGUAGES)
    found = np.bincount(text * size + language[at], minlength=(len(begins) - 1) * size)
    most: U8 = found.reshape(-1, size).argmax(axis=1).astype(np.uint8)
    return most


# --------------------------------------------------------------------------------------- text's form

_MOMENT = re.compile(
    r"^\W*(?:(?:[01]?\d|2[0-3])[.:h]\d\d\b|\d{1,2}(?:[.:]\d\d)? ?[ap]\.?m\b)", re.IGNORECASE
)
_ENTRY = re.compile(r"^\s*(?:[-*•–·▪●]\s|\d{1,2}[.)]\s)|^[^.!?]{3,80}\?$|^[^.!?:]{2,40}: ")


def _is_stamped(text: str) -> bool:
    """Whether the text is a post or a list: it opens with a moment, or half of its lines are entries."""
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        return False
    moments = sum(bool(_MOMENT.match(line)) for line in lines)
    entries = sum(bool(_ENTRY.match(line)) for line in lines)
    return (
        bool(_MOMENT.match(lines[0]))
        or moments >= 3
        or (entries >= 4 and 2 * entries >= len(lines))
    )
