"""Text as numbers: what hashing sees of a story.

In: the texts of stories. Out: `Shingled`, rows of 5-gram hashes and of the names and numbers in them. The
folding here (case, typography, US and UK spelling, honorifics, mojibake) serves hashing only; no text
that a reader sees passes through it. Scripts written without spaces count each character as a word.
Tokens get their codes in `corpus.words`. No set is compared here; see `corpus.pairs`.
"""

import re
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from corpus.folding import DAMAGED, folded_text
from corpus.rows import U64, Index, Rows, differing, kept, places, sort_rows, starts_of
from corpus.words import U8, U32, Bools, Characters, Vocabulary, character_classes, joined
from crawler.records import Record

VERSION = "4"
"""Rises with every change that gives some text other hashes."""

IS_NAME, IS_NUMBER, IS_LONG, IS_PLACE = range(4)
"""The two lowest bits of a hash in `Shingles.names`."""

FILLED = np.uint32(4)
"""The bit of an `IS_PLACE` hash that is of a place and what stands there; without it of the place alone."""

LONG = 6
"""Letters of a long word: most shorter ones are in every text."""

LEAD_GRAMS = 48
"""So many of the first 5-grams make a story's lead: credit, dateline, two sentences."""


class NormaliserSettings(Record, forbid_unknown_fields=True):
    """The `[normaliser]` table of dedup.toml: what is folded, for hashing only.

    `phrases` are replaced in the text as written; `words` and, where three letters stand before them,
    `suffixes` in single lower-case words; `dropped` words (honorifics) count for nothing.
    """

    shingle_words: int
    phrases: dict[str, str]
    words: dict[str, str]
    suffixes: dict[str, str]
    dropped: tuple[str, ...]


class Shingles(NamedTuple):
    """What is kept of a text.

    `grams` are its distinct 5-gram hashes, sorted; `plain` says which of them stand outside
    quotations somewhere. `names` are hashes of its names, numbers and long words, and of the places of
    names and numbers: the words around one. Each has the hash of the 5-gram that the word opens in
    `name_grams`, so that those inside furniture can be told; the two lowest bits say which it is. `lead`
    are the first 5-grams in order. `digest` is of the folded words in order, and 0 for a text without
    words.
    """

    grams: U32
    plain: Bools
    names: U32
    name_grams: U32
    lead: U32
    digest: int
    words: int


class Shingled(NamedTuple):
    """The `Shingles` of many texts, a row each; `plain` goes with `grams`, `name_grams` with `names`."""

    grams: Rows
    plain: Bools
    names: Rows
    name_grams: U32
    lead: Rows
    digest: U64
    words: Index


class Located(NamedTuple):
    """A text's folded words as hashes, and where each stands: half-open, in code points."""

    words: U64
    starts: Index
    ends: Index


class Normaliser:
    """Turns texts into `Shingles`; holds the hashes of the words it has met."""

    def __init__(self, settings: NormaliserSettings) -> None:
        self._size = settings.shingle_words
        self._phrases = tuple(settings.phrases.items())
        self._vocabulary = Vocabulary(_Folding(settings).coded)
        self._pieces = re.compile("|".join([*map(re.escape, settings.phrases), _PIECE]))

    def shingles(self, text: str) -> Shingles:
        """The text's 5-grams, names and numbers as hashes."""
        found = self.shingles_of([text])
        return Shingles(
            found.grams.values,
            found.plain,
            found.names.values,
            found.name_grams,
            found.lead.values,
            int(found.digest[0]),
            int(found.words[0]),
        )

    def shingles_of(self, texts: list[str]) -> Shingled:
        """The 5-grams, names and numbers of each text; what the others are makes no difference."""
        words = self._words(texts)
        sequence, touched = _sequence(words, self._size)
        grams, plain = _distinct_grams(sequence, touched)
        names, name_grams = _names(words, sequence)
        return Shingled(
            grams, plain, names, name_grams, _lead(sequence), _digests(words), np.diff(words.starts)
        )

    def located(self, text: str) -> Located:
        """The text's words with their places: nearly those that `shingles` sees.

        Here each piece of text is folded by itself, so that it keeps its place.
        """
        found = list(self._pieces.finditer(text))
        number = {piece: n for n, piece in enumerate(dict.fromkeys(match[0] for match in found))}
        words = self._words(list(number))
        each = np.fromiter((number[match[0]] for match in found), np.int64, len(found))
        at, starts = places(words.starts, each)
        spans = np.array([match.span() for match in found], np.int64).reshape(-1, 2)
        spans = np.repeat(spans, np.diff(starts), axis=0)
        return Located(words.hashes[at], spans[:, 0], spans[:, 1])

    def _words(self, texts: list[str]) -> "_Words":
        """The words of the texts, without the dropped ones."""
        text = joined([folded_text(text, self._phrases) for text in texts])
        characters = _characters().of(text.points)
        starts, ends = _tokens(characters)
        coded = self._vocabulary.codes(text, starts, ends)
        is_word = coded != _DROPPED
        starts, coded = starts[is_word], coded[is_word]
        kinds = (coded & _KIND).astype(np.uint8)
        return _Words(
            coded & ~_KIND,
            kinds,
            _quoted(text.points, characters, starts),
            np.searchsorted(starts, text.breaks),
        )


class _Words(NamedTuple):
    """The words of texts in order: hash, kind, whether it is quoted; and where each text's start."""

    hashes: U64
    kinds: U8
    quoted: Bools
    starts: Index


# -------------------------------------------------------------------------------------------- tokens

# Chinese, Japanese, Thai, Lao, Burmese and Khmer put no spaces between words.
_DENSE_RANGES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# Vowel signs of Indian scripts are no \w for `re`, but part of the word; the danda is not.
_MARKS = "\u0300-\u036f\u0900-\u0963\u0966-\u0d7f"
_IN_WORD = rf"[^\W{_DENSE_RANGES}]|[{_MARKS}]"
# What is folded as a whole: an entity, a character of a script without spaces, a word with its mojibake.
_PIECE = rf"&#?\w{{1,31}};|[{_DENSE_RANGES}]|(?:{DAMAGED}|{_IN_WORD})+"

# What a character is, a bit each. A mark that may open a quotation does so after one of `_BEFORE`.
_RUNS, _DENSE, _LETTER, _SPACE, _BEFORE, _OPENS, _GUILLEMET, _CLOSES = (1 << n for n in range(8))
_LINE = np.uint32(ord("\n"))

# A word's hash carries its kind in the three lowest bits.
_PLAIN, _LONG, _NAME, _NUMBER = range(4)
_KIND = np.uint64(7)
_DROPPED = np.uint64(7)
_LONGEST_QUOTATION = 120  # words; a mark that is never closed quotes no more than this


def _characters() -> Characters:
    """What each code point is."""
    return character_classes(
        _IN_WORD,
        f"[{_DENSE_RANGES}]",
        r"\w",
        r"\s",
        r"[\s(\[—–-]",
        "[\"'“„‘]",
        "«",
        "[\"'“”’»]",
    )


def _tokens(characters: U8) -> tuple[Index, Index]:
    """Where tokens start and end: runs of word characters, and single characters of dense scripts."""
    tokens = characters & np.uint8(_RUNS | _DENSE)
    runs = tokens & np.uint8(_RUNS)
    starts = np.flatnonzero(tokens[1:] > runs[:-1]) + 1
    ends = np.flatnonzero(tokens[:-1] > runs[1:]) + 1
    return starts, ends


def _quoted(points: U32, characters: U8, words: Index) -> Bools:
    """Which words stand between an opening mark and the next closing mark or paragraph's end.

    `words` says where they start. French sets a space inside its marks.
    """
    marks = np.flatnonzero(characters & np.uint8(_OPENS | _GUILLEMET | _CLOSES) > 0)
    mark, before, after = (characters[marks + n] for n in (0, -1, 1))
    opens = ((mark & _GUILLEMET) > 0) | (((mark & _OPENS) > 0) & ((after & _SPACE) == 0))
    opens &= (before & _BEFORE) > 0
    closes = ((mark & _CLOSES) > 0) & ((after & _LETTER) == 0)
    begins = marks[opens]
    ends = np.sort(np.concatenate((marks[opens | closes], np.flatnonzero(points == _LINE))))
    first = np.searchsorted(words, begins)
    last = np.searchsorted(words, ends[np.searchsorted(ends, begins) + 1])
    last = np.minimum(last, first + _LONGEST_QUOTATION)
    turns = np.zeros(len(words) + 1, np.int8)
    turns[first[first < last]] += 1
    turns[last[first < last]] -= 1
    return np.cumsum(turns[:-1], dtype=np.int8).astype(bool)


class _Folding:
    """What a token stands for."""

    def __init__(self, settings: NormaliserSettings) -> None:
        self._words = settings.words
        self._dropped = frozenset(settings.dropped)
        self._suffixes = tuple(settings.suffixes.items())
        self._endings = tuple(settings.suffixes)

    def coded(self, token: str) -> int:
        """The 61-bit hash and the kind of the word; `_DROPPED` if it counts for nothing."""
        if not token.isalnum() and not any(map(str.isalnum, token)):
            return int(_DROPPED)
        word = self._folded(token.strip("_").casefold())
        if word in self._dropped:
            return int(_DROPPED)
        kind = _PLAIN
        if not word.isalpha() and any(map(str.isdigit, word)):
            kind = _NUMBER
        elif token[0].isupper():
            kind = _NAME
        elif len(token) >= LONG:
            kind = _LONG
        digest = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")
        return digest & ~7 | kind

    def _folded(self, word: str) -> str:
        if word in self._words:
            return self._words[word]
        for ending, plain in self._suffixes if word.endswith(self._endings) else ():
            if word.endswith(ending) and len(word) >= len(ending) + 3:
                return word[: -len(ending)] + plain
        return word


# ------------------------------------------------------------------------------------------ shingles

_ROLL = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xFF51AFD7ED558CCD)


def _sequence(words: _Words, size: int) -> tuple[Rows, Bools]:
    """The hash of every run of `size` words, in order, and whether it touches a quotation.

    Of a text that is shorter it is that of the whole.
    """
    hashes, quoted = words.hashes, words.quoted
    counts = np.diff(words.starts)
    rolled = np.zeros(len(hashes), np.uint64)
    touched = np.zeros(len(hashes), bool)
    opens = np.ones(len(hashes), bool)
    whole = max(len(hashes) - size + 1, 0)
    for n in range(size):
        rolled[:whole] = rolled[:whole] * _ROLL + hashes[n : n + whole]
        touched[:whole] |= quoted[n : n + whole]
    for count in range(1, size):
        first = words.starts[:-1][counts == count]
        rolled[first], touched[first] = 0, False
        for n in range(count):
            rolled[first] = rolled[first] * _ROLL + hashes[first + n]
            touched[first] |= quoted[first + n]
        opens[words.starts[1:][counts > count] - count] = False
    rolled ^= rolled >> np.uint64(33)
    rolled *= _MIX
    grams = (rolled[opens] >> np.uint64(32)).astype(np.uint32)
    return Rows(grams, _starts_among(words.starts, opens)), touched[opens]


def _distinct_grams(sequence: Rows, touched: Bools) -> tuple[Rows, Bools]:
    """Each text's distinct 5-grams, sorted; and which of them stand outside quotations somewhere."""
    keys = sequence.values.astype(np.uint64) << np.uint64(1) | touched
    sort_rows(keys, sequence.starts)
    grams = (keys >> np.uint64(1)).astype(np.uint32)
    first = differing(grams, sequence.starts)
    return kept(Rows(grams, sequence.starts), first), (keys[first] & np.uint64(1)) == 0


def _names(words: _Words, sequence: Rows) -> tuple[Rows, U32]:
    """Numbers, long words, capitalised words that the text never writes small, and places: with 5-grams."""
    kinds = words.kinds
    named = kinds >= _LONG
    capital = np.flatnonzero(kinds == _NAME)
    named[capital] = ~_small_elsewhere(words, capital)
    short = (words.hashes[named] >> np.uint64(32)).astype(np.uint32) & ~np.uint32(3)
    short |= _BITS[kinds[named]]
    facts = np.flatnonzero(named & (kinds >= _NAME))
    facts, places_of = _places_of(words, facts)
    at = np.concatenate((np.flatnonzero(named), facts, facts))
    owner = np.searchsorted(words.starts, at, "right") - 1
    order = np.argsort(owner, kind="stable")
    at, short = at[order], np.concatenate((short, *places_of))[order]
    counts = np.bincount(owner, minlength=len(words.starts) - 1)
    starts = starts_of(counts)
    ahead = np.repeat(words.starts[:-1] - sequence.starts[:-1], counts)
    last = np.repeat(sequence.starts[1:] - 1, counts)
    grams = sequence.values[np.minimum(at - ahead, last)]
    both = short.astype(np.uint64) << np.uint64(32) | grams
    sort_rows(both, starts)
    first = differing(both, starts)
    names = kept(Rows((both >> np.uint64(32)).astype(np.uint32), starts), first)
    return names, both[first].astype(np.uint32)


_AROUND = (-2, -1, 1, 2)
_BLANK, _EDGE = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)


def _places_of(words: _Words, facts: Index) -> tuple[Index, tuple[U32, U32]]:
    """Names and numbers (these words) with two plain words around, in a place that comes once in the text.

    Of each the hash of its place, and of the place with what stands there. Around it other names and numbers
    are blanks, so that one form filled in twice has the same places.
    """
    row = np.searchsorted(words.starts, facts, "right") - 1
    first, end = words.starts[row], words.starts[row + 1]
    blanked = words.hashes.copy()
    blanked[facts] = _BLANK
    place, plain = np.zeros(len(facts), np.uint64), np.zeros(len(facts), np.int64)
    for step in _AROUND:
        at = facts + step
        inside = (at >= first) & (at < end)
        word = np.where(inside, blanked[np.where(inside, at, facts)], _EDGE)
        plain += inside & (word != _BLANK)
        place = (place * _ROLL + word) ^ (place >> np.uint64(29))
    place = (place ^ place >> np.uint64(33)) * _MIX
    used = (plain >= 2) & _once(place, np.searchsorted(facts, words.starts))
    place, at = place[used], facts[used]
    filled = (place + words.hashes[at] * _ROLL) * _MIX
    low = np.uint32(7)
    alone, full = ((hashes >> np.uint64(32)).astype(np.uint32) & ~low for hashes in (place, filled))
    return at, (alone | np.uint32(IS_PLACE), full | FILLED | np.uint32(IS_PLACE))


def _once(hashes: U64, starts: Index) -> Bools:
    """Which hashes have no other of their row with the same 32 highest bits."""
    low = np.uint64((1 << 32) - 1)
    keys = hashes & ~low | np.arange(len(hashes), dtype=np.uint64)
    sort_rows(keys, starts)
    first = differing(keys >> np.uint64(32), starts)
    once = np.zeros(len(hashes), bool)
    once[keys & low] = first & np.append(first[1:], True)[: len(first)]
    return once


_BITS = np.array([0, IS_LONG, IS_NAME, IS_NUMBER], np.uint32)


def _small_elsewhere(words: _Words, capital: Index) -> Bools:
    """Which of the words at these places are written small elsewhere in the same text."""
    is_small = words.kinds <= _LONG
    small, starts = words.hashes[is_small], _starts_among(words.starts, is_small)
    sort_rows(small, starts)
    hashes, bounds = words.hashes[capital], np.searchsorted(capital, words.starts)
    at = np.empty(len(capital), np.int64)
    for (a, b), (c, d) in zip(pairwise(starts.tolist()), pairwise(bounds.tolist()), strict=True):
        if c < d:
            at[c:d] = small[a:b].searchsorted(hashes[c:d]) + a
    found = at < np.repeat(starts[1:], np.diff(bounds))
    found[found] = small[at[found]] == hashes[found]
    return found


def _lead(sequence: Rows) -> Rows:
    """The first 5-grams of each text."""
    lengths = np.minimum(sequence.lengths, LEAD_GRAMS)
    starts = starts_of(lengths)
    ahead = np.repeat(sequence.starts[:-1] - starts[:-1], lengths)
    return Rows(sequence.values[np.arange(starts[-1]) + ahead], starts)


def _digests(words: _Words) -> U64:
    """A number for each text's words in order, 0 where there are none."""
    raw = words.hashes.tobytes()
    bounds = pairwise((words.starts * words.hashes.itemsize).tolist())
    return np.array([_digest(raw[a:b]) for a, b in bounds], np.uint64)


def _digest(raw: bytes) -> int:
    return (int.from_bytes(blake2b(raw, digest_size=8).digest(), "little") or 1) if raw else 0


def _starts_among(starts: Index, keep: Bools) -> Index:
    """Where the rows start among the values that are kept."""
    return np.append(0, np.cumsum(keep, dtype=np.int64))[starts]
