"""Text as it is seen and counted: white space folded, words, fingerprints.

In: any text. Out: the same for every way in which one text can be written. Nothing is hashed for
comparing stories here; see `corpus.text`.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b


def words(text: str) -> list[str]:
    """The lower-case words; characters of Chinese and Japanese count as one each."""
    return _words(text if text.isascii() else _CJK.sub(r" \g<0> ", text))


def word_key(text: str) -> str:
    """The lower-case words, a blank between them: equal for texts that differ in case and marks alone."""
    return _kept_words(text)[0] if len(text) <= _LONGEST_KEPT else " ".join(_words(text))


def line_words(line: str) -> Sequence[str]:
    """The words of a line's key."""
    return _kept_words(line)[1] if len(line) <= _LONGEST_KEPT else _words(line)


def fingerprint(text: str) -> bytes:
    """Eight bytes that are equal for two texts of the same words, whatever their case and marks."""
    return blake2b(word_key(text).encode("utf-8", "surrogatepass"), digest_size=8).digest()


def is_cjk(character: str) -> bool:
    """Whether it is a single Chinese or Japanese character."""
    return bool(_CJK.fullmatch(character))


def wide_chars(text: str) -> int:
    """How many Chinese and Japanese characters the text has."""
    return 0 if text.isascii() else len(_CJK.findall(text))


def visible(text: str) -> str:
    """The text as it is seen: white space folded, marks without a shape and control codes left out."""
    # Where all is printable no white space but the blank is there, and mostly none is to be folded.
    if "  " not in text and text[:1] != " " != text[-1:] and _is_printable(text):
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    folded = " ".join(text.split())
    if _is_printable(folded):
        return folded if folded.isascii() else unicodedata.normalize("NFC", folded)
    return " ".join(_SHAPELESS.sub("", unicodedata.normalize("NFC", folded)).split())


def _is_printable(text: str) -> bool:
    """`str.isprintable`, which takes five times as long for long ASCII."""
    if len(text) < _LONG or not text.isascii():
        return text.isprintable()
    return not text.encode().translate(None, _PRINTABLE)


_LONG = 60
_PRINTABLE = bytes(range(ord(" "), ord("~") + 1))


def visible_lines(text: str) -> str:
    """The lines of a text as they are seen, without the empty ones."""
    return _kept_lines(text) if len(text) <= _LONGEST_KEPT else _visible_lines(text)


def _visible_lines(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.split("\n") if line and not line.isspace()]
    if not _is_printable("".join(lines)):
        lines = [line for part in lines if (line := visible(part))]
    joined = "\n".join(lines)
    return joined if joined.isascii() else unicodedata.normalize("NFC", joined)


# A page's lines are folded for its profile, for the rules, for the agencies, for the language, and
# counted: they are taken apart once. So many lines of so many characters are all that is kept.
_LINES_KEPT = 256
_LONGEST_KEPT = 5_000
# Menus and footers are the same on page after page of a site.
_MENUS_KEPT = 64
_kept_lines = lru_cache(maxsize=_MENUS_KEPT)(_visible_lines)


@lru_cache(maxsize=_LINES_KEPT)
def _kept_words(text: str) -> tuple[str, Sequence[str]]:
    """The text's key and its words; these know their hashes when they are looked up once more."""
    found = _words(text)
    return " ".join(found), found


def _words(text: str) -> list[str]:
    # Four times as fast as the pattern, and the same: of 256 characters it is known which are marks.
    if text.isascii():
        return text.encode().translate(_NARROW).decode().split()
    low = text.lower()
    narrow = _narrow(low)
    if narrow is None:
        return _WORD.findall(low)
    return narrow.translate(_NARROW).decode("latin-1").split()


def _narrow(text: str) -> bytes | None:
    """The text in Latin-1, printed marks as blanks; None where it holds anything else."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        if text[error.start] not in _PRINTED_MARKS:
            return None
    for mark in _PRINTED_MARKS:
        text = text.replace(mark, " ")
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return None


# Controls, soft hyphens, zero-width spaces and joiners of lines. Zero-width joiners of letters are part
# of words in several scripts, and stay.
_SHAPELESS = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff]"
)
_WORD = re.compile(r"\w+")
# All that stands in most texts of Western Europe beside the characters of Latin-1.
_PRINTED_MARKS = "’‘“”„–—…•"
_NARROW = bytes(ord(c.lower()) if _WORD.fullmatch(c) else ord(" ") for c in map(chr, range(256)))
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
