"""Two texts side by side: which passages say the same, and in which words; for people to audit.

In: two texts, and what each word weighs. Out: an `Alignment`. A passage is
matched as `corpus.overlap` does it for pairs by the thousand; here the words are kept. Slips that both
have are told as well: a doubled word, or a misspelling of a common one, is seldom made twice.
Whether the pair is one story is decided in `corpus.stories`.
"""

from collections import Counter

import numpy as np

from corpus.overlap import Weights
from corpus.terms import NAME, NUMBER, QUOTED, SLIP, STEM, Reader, Word
from crawler.records import Record


class Aligned(Record):
    """Two passages that match: their numbers, the share of the left one's weight, and the words."""

    left: int
    right: int
    share: float
    words: tuple[str, ...]


class Alignment(Record):
    """What two texts share, for a person to audit.

    `passages` in the left text's order, of `left_passages` that it has; `slips` are doubled words and likely
    misspellings that both have.
    """

    passages: tuple[Aligned, ...]
    left_passages: int
    slips: tuple[str, ...]


def alignment(left: str, right: str, reader: Reader, weights: Weights) -> Alignment:
    """The matching passages of two texts, and the slips that they share."""
    one, other = reader.words(left), reader.words(right)
    facts = NAME | NUMBER if reader.sketch(left).language != reader.sketch(right).language else None
    mine = _by_passage([word for word in one if not word.term & int(QUOTED)], facts)
    theirs = _by_passage(other, facts)
    known = {term for terms in theirs for term in terms}
    weight = _weights_of({term for terms in mine for term in terms} | known, weights)
    counts = Counter(term for terms in mine for term in terms)
    counts_there = Counter(term for terms in theirs for term in terms)
    often = weights.settings.often
    usual = {term for term in weight if counts[term] <= often and counts_there[term] <= often}
    found = []
    for number, terms in enumerate(mine):
        placed = [term for term in terms if term in usual]
        best = _best_window(placed, theirs, weight)
        whole = sum(weight[term] for term in placed)
        if best is None or best[0] < weights.settings.matched * whole:
            continue
        shared, at = best
        window = set(theirs[at]) | set(theirs[at + 1] if at + 1 < len(theirs) else ())
        words = tuple(terms[term] for term in placed if term in window)
        if len(words) >= weights.settings.words:
            found.append(Aligned(number, at, round(shared / whole, 4), words))
    return Alignment(tuple(found), len(mine), _shared_slips(one, other, reader, weights))


def _by_passage(words: list[Word], facts: np.uint32 | None) -> list[dict[int, str]]:
    """Each passage's terms, as they are written; of a pair in two languages those that say facts."""
    found: list[dict[int, str]] = [{} for _ in range(words[-1].passage + 1)] if words else []
    for word in words:
        if facts is None or word.term & int(facts):
            found[word.passage].setdefault(word.term & int(STEM), word.written)
    return found


def _weights_of(stems: set[int], weights: Weights) -> dict[int, float]:
    ordered = sorted(stems)
    values = weights.of(np.array(ordered, np.uint32)).tolist()
    return dict(zip(ordered, values, strict=True))


def _best_window(
    terms: list[int], passages: list[dict[int, str]], weight: dict[int, float]
) -> tuple[float, int] | None:
    """The most weight that a passage and the next have of these terms, and where."""
    best: tuple[float, int] | None = None
    for at, passage in enumerate(passages):
        after = passages[at + 1] if at + 1 < len(passages) else {}
        shared = sum(weight[term] for term in terms if term in passage or term in after)
        if shared and (best is None or shared > best[0] + 1e-6):
            best = (shared, at)
    return best


_SLIP_LETTERS = 7
_SLIPS_LOOKED_AT = 8


def _shared_slips(
    left: list[Word], right: list[Word], reader: Reader, weights: Weights
) -> tuple[str, ...]:
    """Doubled words that both have; and rare words of both that are one letter from a common one."""
    theirs = {word.term & ~int(QUOTED): word.written for word in right}
    shared = {
        word.term & ~int(QUOTED): word.written
        for word in left
        if word.term & ~int(QUOTED) in theirs
    }
    doubled = [f"{word} {word}" for term, word in shared.items() if term & int(SLIP) == int(SLIP)]
    odd = [
        word
        for term, word in shared.items()
        if not term & int(SLIP) and len(word) >= _SLIP_LETTERS and word == theirs[term]
    ]
    rare = ~weights.knows(np.array([reader.term(word) for word in odd], np.uint32))
    unknown = [word for word, is_rare in zip(odd, rare.tolist(), strict=True) if is_rare]
    misspelt = [word for word in unknown[:_SLIPS_LOOKED_AT] if _is_misspelt(word, reader, weights)]
    return tuple(doubled + misspelt)


def _is_misspelt(word: str, reader: Reader, weights: Weights) -> bool:
    """Whether one letter more, or two in another order, make a common word."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    likely = {word[:n] + letter + word[n:] for n in range(1, len(word)) for letter in letters}
    likely |= {word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1)}
    stems = np.array([reader.term(form) for form in sorted(likely - {word})], np.uint32)
    stems = stems[stems != reader.term(word)]
    return bool(weights.knows(stems).any())
