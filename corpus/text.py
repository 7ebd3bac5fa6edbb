"""Text as numbers: what hashing sees of a story.

In: a story's text. Out: `Shingles`, arrays of 5-gram hashes and of the names and numbers in it. The
folding here (case, typography, US and UK spelling, honorifics, mojibake) serves hashing only; no text
that a reader sees passes through it. Scripts written without spaces count each character as a word.
No set is compared here; see `corpus.pairs`.
"""

import html
import re
import unicodedata
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.rows import Index, among
from crawler.records import Record

VERSION = "2"
"""Rises with every change that gives some text other hashes."""

U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
Bools = NDArray[np.bool_]

IS_NAME, IS_NUMBER, IS_LONG = range(3)
"""The two lowest bits of a hash in `Shingles.names`."""

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
    quotations somewhere. `names` are hashes of its names, numbers and long words, each with the hash
    of the 5-gram it opens in `name_grams`, so that those inside furniture can be told; the two lowest
    bits say which it is. `lead` are the first 5-grams in order. `digest` is of the folded words in
    order, and 0 for a text without words.
    """

    grams: U32
    plain: Bools
    names: U32
    name_grams: U32
    lead: U32
    digest: int
    words: int


class Located(NamedTuple):
    """A text's folded words as hashes, and where each stands: half-open, in code points."""

    words: U64
    starts: Index
    ends: Index


class Normaliser:
    """Turns texts into `Shingles`; holds the hashes of the words it has met."""

    def __init__(self, settings: NormaliserSettings) -> None:
        self._settings = settings
        self._phrases = tuple(settings.phrases.items())
        self._tokens = _TokenHashes(settings)
        self._pieces = re.compile("|".join([*map(re.escape, settings.phrases), _PIECE]))

    def shingles(self, text: str) -> Shingles:
        """The text's 5-grams, names and numbers as hashes."""
        coded = self._coded(folded_text(text, self._phrases))
        kinds = (coded & _KIND).astype(np.uint8)
        is_word = kinds <= _NUMBER
        quoted = _inside_quotations(kinds)[is_word]
        words, kinds = (coded & ~_KIND)[is_word], kinds[is_word]
        return _shingles(words, kinds, quoted, self._settings.shingle_words)

    def located(self, text: str) -> Located:
        """The text's words with their places: nearly those that `shingles` sees.

        Here each piece of text is folded by itself, so that it keeps its place.
        """
        known: dict[str, U64] = {}
        words: list[U64] = []
        places: list[tuple[int, int]] = []
        for match in self._pieces.finditer(text):
            piece = match[0]
            if piece not in known:
                coded = self._coded(folded_text(piece, self._phrases))
                known[piece] = coded[(coded & _KIND) <= _NUMBER] & ~_KIND
            words.append(known[piece])
            places.append(match.span())
        counts = np.fromiter(map(len, words), np.int64, len(words))
        spans = np.repeat(np.array(places, np.int64).reshape(-1, 2), counts, axis=0)
        return Located(np.concatenate([np.zeros(0, np.uint64), *words]), spans[:, 0], spans[:, 1])

    def _coded(self, text: str) -> U64:
        """The hash and kind of each token, without the dropped ones."""
        tokens = _tokens(text)
        self._tokens.make_room()
        coded = np.fromiter(map(self._tokens.__getitem__, tokens), np.uint64, len(tokens))
        kept: U64 = coded[coded != _DROPPED]
        return kept


def folded_text(text: str, phrases: tuple[tuple[str, str], ...] = ()) -> str:
    """The text with entities, mojibake, compatibility characters and the given phrases folded."""
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        if _MOJIBAKE_HINT.search(text):
            text = _MOJIBAKE.sub(_undone, text)
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)
        text = _INVISIBLE.sub("", text)
    for phrase, plain in phrases:
        if phrase in text:
            text = text.replace(phrase, plain)
    return text


# ---------------------------------------------------------------------------------------- characters

# UTF-8 once read as Windows-1252 (or Latin-1) shows as one of these before one to three more.
_MOJIBAKE_HINT = re.compile("[ÂÃâÅÄÐÑ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
_MOJIBAKE = re.compile(
    "(?:[\u00c2-\u00f4][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{1,3})+",
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def _undone(match: re.Match[str]) -> str:
    raw = bytearray()
    for character in match[0]:
        try:
            raw += character.encode("cp1252")
        except UnicodeEncodeError:  # the five bytes that Windows-1252 leaves open
            if ord(character) > 0xFF:
                return match[0]
            raw.append(ord(character))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


# -------------------------------------------------------------------------------------------- tokens

# Chinese, Japanese, Thai, Lao, Burmese and Khmer put no spaces between words.
_DENSE_RANGES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# Vowel signs of Indian scripts are no \w for `re`, but part of the word; the danda is not.
_MARKS = "\u0300-\u036f\u0900-\u0963\u0966-\u0d7f"
_OPEN = r"[\s(\[—–-](?:«|[\"'“„‘](?=\S))"  # French sets a space inside its marks
_CLOSE = r"[\"'“”’»](?!\w)"
_TOKEN = re.compile(rf"{_OPEN}|\w+|\n|{_CLOSE}")
_WIDE_TOKEN = re.compile(
    rf"{_OPEN}|[{_DENSE_RANGES}]|(?:[^\W{_DENSE_RANGES}]|[{_MARKS}])+|\n|{_CLOSE}"
)
_WIDE = re.compile(f"[{_DENSE_RANGES}{_MARKS}]")
# What is folded as a whole: an entity, a character of a script without spaces, a word with its mojibake.
_PIECE = (
    rf"&#?\w{{1,31}};|[{_DENSE_RANGES}]"
    rf"|(?:{_MOJIBAKE.pattern}|[^\W{_DENSE_RANGES}]|[{_MARKS}])+"
)

# A token's hash carries its kind in the three lowest bits.
_PLAIN, _LONG, _NAME, _NUMBER, _OPENS, _CLOSES, _BREAKS = range(7)
_KIND = np.uint64(7)
_DROPPED = np.uint64(7)
_CACHE_LIMIT = 1_000_000  # words; about 150 MB
_LONGEST_QUOTATION = 120  # words; a mark that is never closed quotes no more than this


def _tokens(text: str) -> list[str]:
    pattern = _TOKEN if text.isascii() or not _WIDE.search(text) else _WIDE_TOKEN
    return pattern.findall("\n" + text)


class _TokenHashes(dict[str, int]):
    """Token to 61-bit hash and kind, worked out when a token is first met."""

    def __init__(self, settings: NormaliserSettings) -> None:
        super().__init__()
        self._words = settings.words
        self._dropped = frozenset(settings.dropped)
        self._suffixes = tuple(settings.suffixes.items())

    def make_room(self) -> None:
        """Forget everything once the vocabulary is too large; hashes do not depend on it."""
        if len(self) > _CACHE_LIMIT:
            self.clear()

    def __missing__(self, token: str) -> int:
        value = self[token] = self._coded(token)
        return value

    def _coded(self, token: str) -> int:
        if token == "\n":
            return _BREAKS
        if not any(map(str.isalnum, token)):
            return _OPENS if len(token) == 2 else _CLOSES
        word = self._folded(token.strip("_").casefold())
        if word in self._dropped:
            return int(_DROPPED)
        kind = _PLAIN
        if any(map(str.isdigit, word)):
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
        for ending, plain in self._suffixes:
            if word.endswith(ending) and len(word) >= len(ending) + 3:
                return word[: -len(ending)] + plain
        return word


def _inside_quotations(kinds: NDArray[np.uint8]) -> Bools:
    """Which tokens stand between an opening mark and the next closing mark or paragraph's end."""
    positions = np.arange(len(kinds))
    latest = np.maximum.accumulate(np.where(kinds >= _OPENS, positions, 0))
    opened = np.take(kinds, latest) == _OPENS if len(kinds) else np.zeros(0, bool)
    inside: Bools = opened & (positions - latest <= _LONGEST_QUOTATION)
    return inside


# ------------------------------------------------------------------------------------------ shingles

_ROLL = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xFF51AFD7ED558CCD)


def _shingles(words: U64, kinds: NDArray[np.uint8], quoted: Bools, size: int) -> Shingles:
    count = len(words)
    if not count:
        none = np.zeros(0, np.uint32)
        return Shingles(none, np.zeros(0, bool), none, none, none, 0, 0)
    digest = int.from_bytes(blake2b(words.tobytes(), digest_size=8).digest(), "little") or 1
    sequence = _rolled(words, size)
    width = min(size, count)
    inside = np.concatenate(([0], np.cumsum(quoted)))
    touched = inside[width:] > inside[:-width]
    keys = np.sort(sequence.astype(np.uint64) << np.uint64(1) | touched)
    grams = (keys >> np.uint64(1)).astype(np.uint32)
    first = np.concatenate(([True], grams[1:] != grams[:-1]))
    names, name_grams = _names(words, kinds, sequence)
    plain = (keys[first] & np.uint64(1)) == 0
    return Shingles(grams[first], plain, names, name_grams, sequence[:LEAD_GRAMS], digest, count)


def _rolled(words: U64, size: int) -> U32:
    """The hash of every run of `size` words, in order; of the whole where it is shorter."""
    size = min(size, len(words))
    runs = len(words) - size + 1
    rolled = words[:runs].copy()
    for n in range(1, size):
        rolled *= _ROLL
        rolled += words[n : n + runs]
    rolled ^= rolled >> np.uint64(33)
    rolled *= _MIX
    return (rolled >> np.uint64(32)).astype(np.uint32)


def _names(words: U64, kinds: NDArray[np.uint8], sequence: U32) -> tuple[U32, U32]:
    """Numbers, long words, and capitalised words that the text never writes small: with 5-grams."""
    capital = kinds == _NAME
    capital[capital] = ~among(words[capital], np.sort(words[kinds <= _LONG]))
    at = np.flatnonzero(capital | (kinds == _NUMBER) | (kinds == _LONG))
    short = (words[at] >> np.uint64(32)).astype(np.uint32) & ~np.uint32(3)
    short |= _BITS[kinds[at]]
    grams = sequence[np.minimum(at, len(sequence) - 1)]
    both = np.sort(short.astype(np.uint64) << np.uint64(32) | grams)
    both = both[np.append(True, both[1:] != both[:-1])[: len(both)]]
    return (both >> np.uint64(32)).astype(np.uint32), both.astype(np.uint32)


_BITS = np.array([0, IS_LONG, IS_NAME, IS_NUMBER], np.uint32)
