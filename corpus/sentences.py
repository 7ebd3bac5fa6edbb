"""Texts as tokens with the punctuation that shapes them: for reading passages, numbers and quotations.

In: texts, joined. Out: `Tokens`, in the order of the texts: words, numbers, line breaks, sentences' ends,
and quotation marks that open or close. What a word means is not known here; see `corpus.terms`.
"""

from typing import NamedTuple

import numpy as np

from corpus.rows import Index
from corpus.words import U8, U32, Bools, Characters, Joined, character_classes

WORD, LINE, STOP, OPENS, CLOSES = 0, 2, 3, 4, 5
"""What a token is; 1 is left for a kind of word."""


class Tokens(NamedTuple):
    """Where tokens stand (half-open) and what each is; each text is led by a line break."""

    starts: Index
    ends: Index
    kinds: U8


def tokens(texts: Joined) -> Tokens:
    """The texts' tokens, and the line break after the last text.

    A word is a run of letters and digits; digits that begin one are a number, which goes on behind a point,
    comma or colon: "18,000", "4:52". A stop ends a sentence if a space or a closing mark follows.
    """
    characters = _characters().of(texts.points)
    begins, ends = _words(texts.points, characters)
    others = np.zeros(len(characters), np.uint8)
    others[texts.points == ord("\n")] = LINE
    marks, kinds = _marks(texts, characters)
    others[marks] = kinds
    starts = np.flatnonzero(begins | (others > 0))
    found = others[starts]
    until = starts + 1
    until[found == WORD] = np.flatnonzero(ends)
    return Tokens(starts, until, found)


# What a character is, a bit each; a straight mark opens a quotation after one of `_BEFORE`.
_ALNUM, _DIGIT, _SPACE, _BEFORE, _STRAIGHT, _OPENING, _CLOSING, _STOP = (1 << n for n in range(8))


def _characters() -> Characters:
    """What each code point is."""
    return character_classes(
        r"[^\W_]", r"\d", r"\s", r"[\s(\[—–-]", "[\"']", "[«„“‘]", "[\"'”’»]", "[.!?…]"
    )


def _words(points: U32, characters: U8) -> tuple[Bools, Bools]:
    """Which characters begin a word or number, and which are the first behind one."""
    is_word = characters & np.uint8(_ALNUM)
    is_digit = (characters & np.uint8(_DIGIT)) > 0
    begins, ends = np.zeros(len(points), bool), np.zeros(len(points), bool)
    np.greater(is_word[1:], is_word[:-1], out=begins[1:])
    np.greater(is_word[:-1], is_word[1:], out=ends[1:])
    digits_end = np.flatnonzero(is_digit[:-1] > is_digit[1:]) + 1
    numbers = np.flatnonzero(begins & is_digit)
    behind = digits_end[np.searchsorted(digits_end, numbers, "right")]
    whole = ends[behind]
    joint = behind[whole & np.isin(points[behind], _JOINTS)]
    joint = joint[is_digit[joint + 1]]
    begins[behind[~whole]] = ends[behind[~whole]] = True
    begins[joint + 1] = ends[joint] = False
    return begins, ends


_JOINTS = np.array([ord(c) for c in ".,:"], np.uint32)


def _marks(texts: Joined, characters: U8) -> tuple[Index, U8]:
    """Where sentences end and quotations open or close, and which it is."""
    at = np.flatnonzero(characters & np.uint8(_OPENING | _CLOSING | _STOP) > 0)
    before, mark, after = (characters[at + n] for n in (-1, 0, 1))
    is_word = ((after & _ALNUM) > 0) | (texts.points[at + 1] == ord("_"))
    opens = ((mark & _STRAIGHT) > 0) & ((before & _BEFORE) > 0) & ((after & _SPACE) == 0)
    german = _german_close(texts, characters, at, opens)
    closing = ((mark & _CLOSING) > 0) & ~opens | german
    opens = (opens | ((mark & _OPENING) > 0)) & ~german
    follows = (after & _SPACE) > 0
    follows[:-1] |= (at[1:] == at[:-1] + 1) & closing[1:]
    kinds = np.zeros(len(at), np.uint8)
    kinds[((mark & _STOP) > 0) & follows] = STOP
    kinds[closing & ~is_word] = CLOSES
    kinds[opens] = OPENS
    return at[kinds > 0], kinds[kinds > 0]


def _german_close(texts: Joined, characters: U8, at: Index, opens: Bools) -> Bools:
    """Which marks close a quotation that „ opens, though elsewhere they open one."""
    marks = texts.points[at]
    where = np.searchsorted(texts.breaks, at)
    is_german = np.zeros(len(texts.breaks) + 1, bool)
    is_german[where[marks == ord("„")]] = True
    apart = ((characters[at - 1] & _SPACE) > 0) | (texts.points[at - 1] == ord("("))
    german: Bools = is_german[where] & (opens | (marks == ord("“"))) & ~apart
    return german
