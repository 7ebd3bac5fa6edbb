"""What a line must hold to name an agency, or to credit one.

In: the words and patterns of configs/agencies.toml. Out: for a line, whether it can name or credit anybody
at all, and which patterns it is asked for. Next to no line can, so that this is asked before all else. Whom
a line does credit is `corpus.creditlines`' to say.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from corpus.literals import must_hold
from corpus.records import Role, Signal
from corpus.tokens import line_words
from crawler.records import Record


class Wording(Record):
    """A compiled pattern: an agency's own (`code`), or a [[credit]]'s (`code` is "")."""

    rule: str
    signal: Signal
    pattern: re.Pattern[str]
    role: Role = "sole"
    strict: bool = False
    anywhere: bool = False
    """Whether it says so much that it credits far from the story's ends, too."""
    holds: tuple[str, ...] = ()
    """Of these one stands in every line that it matches, in lower case; to look for them is quick."""
    code: str = ""
    at_start: bool = False
    """Whether the line must begin with it; to look for it elsewhere takes as long as the line is."""

    def may_match(self, lower: str) -> bool:
        """Whether the line, of which this is the lower case, holds what it must."""
        for word in self.holds:  # asked very often: a generator for any() takes three times as long
            if word in lower:
                return True
        return not self.holds

    def found_in(self, text: str) -> re.Match[str] | None:
        """Where the line has the pattern."""
        return self.pattern.match(text) if self.at_start else self.pattern.search(text)


class Asked(Record):
    """What a line at one place is asked: the [[credit]]s first, then the agencies' `own` patterns.

    `loose` are those of them that need not begin the line. None of the others begins a line that `opening`
    does not match, nor `bracketed` if there is a bracket in it; asking that once takes no longer than asking
    for one of them. A line without any agency's telling word is asked for the `nameless` alone: those with
    such an example.
    """

    credits: tuple[Wording, ...] = ()
    own: tuple[Wording, ...] = ()
    loose: tuple[Wording, ...] = ()
    opening: re.Pattern[str] | None = None
    bracketed: re.Pattern[str] | None = None
    nameless: tuple[Wording, ...] = ()

    def own_of(self, text: str) -> tuple[Wording, ...]:
        """The agencies' own patterns that can match this line."""
        if self.opening and self.opening.match(text):
            return self.own
        if self.bracketed and _BRACKET in text and self.bracketed.match(text):
            return self.own
        return self.loose


_BRACKET = "("


def asked_of(wordings: Sequence[Wording], nameless: Sequence[str] = ()) -> Asked:
    """These wordings, sorted by how a line is asked for them.

    `nameless` are the examples without any agency's telling word.
    """
    own = tuple(w for w in wordings if w.code)
    opening = [w.pattern.pattern for w in own if w.at_start]
    return Asked(
        credits=tuple(w for w in wordings if not w.code),
        own=own,
        loose=tuple(w for w in own if not w.at_start),
        opening=_any_of([p for p in opening if not must_hold(p, _BRACKET)]),
        bracketed=_any_of([p for p in opening if must_hold(p, _BRACKET)]),
        nameless=tuple(w for w in own if any(map(w.pattern.search, nameless))),
    )


def _any_of(patterns: Sequence[str]) -> re.Pattern[str] | None:
    """One pattern for all, without the names of their groups, which would stand in it again."""
    parts = [f"(?:{pattern.replace('(?P<who>', '(?:')})" for pattern in patterns]
    return re.compile("|".join(parts)) if parts else None


class Telling:
    """What a line must hold to credit anybody, which next to none does; the answers of late are remembered.

    `words` are the longest ones of every name and acronym, folded: a line without any of them names nobody.
    `nameless` are the patterns of all signals that find an agency in such a line.
    """

    def __init__(
        self, words: frozenset[str] = frozenset(), nameless: Sequence[Wording] = ()
    ) -> None:
        self._words, self._nameless = words, asked_of(nameless)
        self.may_name = lru_cache(maxsize=_REMEMBERED)(self._may_name)
        self.may_credit = lru_cache(maxsize=_REMEMBERED)(self._may_credit)

    def _may_name(self, text: str) -> bool:
        """Whether some agency's telling word is in the line; scripts without word borders always may."""
        if not self._words.isdisjoint(telling_words(text)):
            return True
        return not text.isascii() and _NO_BORDERS.search(text) is not None

    def _may_credit(self, text: str) -> bool:
        """Whether a line of these words can credit somebody, wherever it stands."""
        if self.may_name(text):
            return True
        lower = text.lower()
        for wording in self._nameless.own_of(text):
            if wording.may_match(lower) and wording.found_in(text):
                return True
        return False


# A template's own lines stand on page after page.
_REMEMBERED = 256
_NO_BORDERS = re.compile(r"[\u0e00-\u0e7f\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")


def telling_word(name: str) -> str:
    """The longest word of a name in lower case, as `Telling` has it: others stand in any prose."""
    return max(telling_words(name), key=len, default="")


def telling_words(name: str) -> Sequence[str]:
    """The name's words, as those of a line are compared with those of `Telling`."""
    return line_words(name.replace("_", " ") if "_" in name else name)
