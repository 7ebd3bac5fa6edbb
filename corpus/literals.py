"""What must stand in whatever a regular expression matches, so that a quick look spares the slow one.

In: a pattern, or a text. Out: strings, of which one stands in every text that the pattern matches, once both
are `folded`. Which texts are worth the question is for those to say who ask (`corpus.wordings`,
`corpus.telling`).
"""

from collections.abc import Callable, Iterable
from re import _constants as op  # type: ignore[attr-defined]  # no public module tells a pattern's parts
from re import _parser  # type: ignore[attr-defined]
from typing import Any

# What (?i) takes for the same though lower case does not: the letters "ı" and "ſ", the dot that "İ" leaves,
# the sigma at a word's end.
_ALIKE = (("ı", "i"), ("\u0307", ""), ("ſ", "s"), ("ς", "σ"))
# What (?i) takes for letters of old books and for signs as well ("ᲀ", "ϐ", "µ"): too rare to be folded in
# every line, so that no string with one of them is looked for.
_OF_OTHER_FORMS = frozenset("µμ\u0345ι\u1fbeΐ\u1fd3ΰ\u1fe3βϐεϵθϑκϰπϖρϱφϕвᲀдᲁоᲂсᲃтᲄᲅъᲆѣᲇᲈꙋṡẛﬅﬆ")
# To look for more strings takes longer than to ask the pattern.
_MOST = 6
# Longer strings are not rarer in any text; of marks those are that end no sentence and join no words.
_RARE = 4
_OF_PROSE = frozenset(" .,-'’")


def folded(text: str) -> str:
    """The text in lower case, with one letter for those that (?i) does not tell apart."""
    low = text.lower()
    if not low.isascii():
        for letter, same in _ALIKE:
            low = low.replace(letter, same)
    return low


def literals(pattern: str) -> tuple[str, ...]:
    """Strings of which one stands in each text that the pattern matches, all `folded`.

    There are none where nothing must stand in it, or where it takes longer to look for them all.
    """
    found = _apart(_certain(_parser.parse(pattern), _worth))
    return found if len(found) <= _MOST else ()


def must_hold(pattern: str, mark: str) -> bool:
    """Whether the mark, which has no case, stands in each text that the pattern matches."""
    found = _certain(_parser.parse(pattern), lambda strings: (_all_hold(strings, mark), 0))
    return _all_hold(found, mark)


def _all_hold(strings: frozenset[str], mark: str) -> bool:
    return bool(strings) and all(mark in string for string in strings)


_Worth = Callable[[frozenset[str]], tuple[int, int]]


def _certain(parts: Iterable[tuple[Any, Any]], worth: _Worth) -> frozenset[str]:
    """The worthiest choice of strings that any of these parts needs, one after the other."""
    best: frozenset[str] = frozenset()
    run = ""
    for kind, value in (*parts, (op.AT, None)):
        if _is_certain(kind, value):
            run += chr(value)
            continue
        if kind is not op.AT or value is None:
            best = max(
                best,
                frozenset((folded(run),)) if run else best,
                _needed(kind, value, worth),
                key=worth,
            )
            run = ""
    return best


def _needed(kind: Any, value: Any, worth: _Worth) -> frozenset[str]:
    """What one part of a pattern needs, nothing where it may be left out or says too little."""
    if kind in (op.SUBPATTERN, op.ASSERT):
        return _certain(value[-1], worth)
    if kind is op.ATOMIC_GROUP:
        return _certain(value, worth)
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return _certain(value[2], worth) if value[0] else frozenset()
    if kind is op.BRANCH:
        choices = [_certain(choice, worth) for choice in value[1]]
        return frozenset().union(*choices) if all(choices) else frozenset()
    if kind is op.IN and all(_is_certain(*choice) for choice in value):
        return frozenset(folded(chr(v)) for _, v in value)
    return frozenset()


def _is_certain(kind: Any, value: Any) -> bool:
    """Whether this part is one character, which has no form that is not folded."""
    return kind is op.LITERAL and folded(chr(value)) not in _OF_OTHER_FORMS


def _worth(strings: frozenset[str]) -> tuple[int, int]:
    """Rarer strings spare more questions, and fewer are looked for sooner."""
    return min(map(_rarity, strings), default=-1), -len(strings)


def _rarity(string: str) -> int:
    marks = sum(not (c.isalnum() or c in _OF_PROSE) for c in string)
    return min(_RARE, len(string) + 2 * marks)


def _apart(strings: frozenset[str]) -> tuple[str, ...]:
    """The strings less those that hold another one, the shortest first."""
    kept: list[str] = []
    for one in sorted(strings, key=lambda s: (len(s), s)):
        if not any(other in one for other in kept):
            kept.append(one)
    return tuple(kept)
