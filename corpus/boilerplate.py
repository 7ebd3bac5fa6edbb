"""Lines of an extracted page that are no part of its story.

In: the lines an extractor found, what the page's own blocks tell of them, the rules that
`corpus.wordings` loaded. Out: for each line the kind and the rule that drop it, or none. Tests of
structure come first, wordings last. A page is judged by itself, never by others.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from corpus.tokens import word_key
from corpus.wordings import BoilerplateRules, RuleRow, load_boilerplate, words_in
from crawler.records import Record

__all__ = ["BoilerplateRules", "Hint", "Line", "RuleRow", "load_boilerplate", "verdicts"]

Hint = Literal["", "caption", "related", "aside", "one_link", "heading"]


class Line(Record):
    """A line of the extractor's answer: `hint` is what its place on the page says it is, or ""."""

    text: str
    hint: Hint = ""


_KEEP = ("", "")
# A line of so many words that ends like a sentence is prose: head and tail lie outside of it.
_PROSE_WORDS = 18
_ENDS_SENTENCE = tuple(".!?…。！？؟।")
_CLOSES = "\"'”’»)]"
# So many lines before the last can be the tail, even if they look like prose (bios, notices).
_TAIL_LINES = 5
# Where more of the answer than this lies in places that a hint condemns, the hint is wrong: the
# template wraps its story in a "gallery" or a "card".
_HINT_SHARE = 0.2
# In longer answers pull-quotes are not looked for: it takes time that grows with the square.
_MOST_LINES = 2000


def verdicts(
    lines: Sequence[Line], headlines: Sequence[str], rules: BoilerplateRules
) -> Iterator[tuple[str, str]]:
    """For each line (kind, rule), or ("", "") to keep it."""
    folded = [word_key(line.text) for line in lines]
    first = next((n for n, line in enumerate(lines) if _is_prose(line.text)), len(lines))
    last = next((n for n in range(len(lines) - 1, -1, -1) if _is_prose(lines[n].text)), -1)
    titles = {word_key(title) for title in headlines} - {""}
    trusted = _trusted_hints(lines)
    whole = "\n".join(folded) if len(lines) <= _MOST_LINES else ""
    seen: set[str] = set()
    for n, line in enumerate(lines):
        head = n < first
        tail = n > last or (n >= len(lines) - _TAIL_LINES and n > first)
        verdict = _by_structure(
            line, folded[n], titles if n <= first + 1 else set(), trusted, whole, seen, folded
        )
        seen.add(folded[n])
        yield verdict if verdict != _KEEP else _by_wording(line.text, rules, head=head, tail=tail)


def _by_structure(
    line: Line,
    folded: str,
    titles: set[str],
    trusted: set[str],
    whole: str,
    seen: set[str],
    lines: Sequence[str],
) -> tuple[str, str]:
    if not folded:
        return "ornament", "no-words"
    if titles and _is_title(folded, titles):
        return "headline", "headline-repeated"
    if folded in seen:
        # Lists of goods and refrains repeat short lines on purpose; sentences are not repeated.
        words = words_in(folded)
        if words >= 6 and (words >= 10 or _ends_like_sentence(line.text)):
            return "duplicate", "block-repeated"
    elif (
        seen
        and 6 <= words_in(folded) <= 60
        and _ends_like_sentence(line.text)
        and _stands_twice(folded, whole)
        and lines.count(folded) == 1
    ):
        return "pullquote", "inside-another-paragraph"
    if line.hint in trusted:
        return _HINT_VERDICTS[line.hint]
    return _KEEP


def _stands_twice(folded: str, whole: str) -> bool:
    """Whether the line stands in the whole more than once; mostly its last few letters alone do not."""
    return whole.count(folded[-_FEW_LETTERS:]) > 1 and whole.count(folded) > 1


_FEW_LETTERS = 12
_HINT_VERDICTS = {
    "caption": ("caption", "in-a-figure"),
    "related": ("related", "in-a-related-list"),
    "aside": ("aside", "in-an-aside"),
    "one_link": ("related", "one-link-block"),
}


def _trusted_hints(lines: Sequence[Line]) -> set[str]:
    hinted = [line for line in lines if line.hint in _HINT_VERDICTS]
    if not hinted:
        return set()
    size = sum(len(line.text) for line in lines) or 1
    of_hint: Counter[str] = Counter()
    for line in hinted:
        of_hint[line.hint] += len(line.text)
    return {h for h, found in of_hint.items() if found <= _HINT_SHARE * size}


def _is_title(folded: str, titles: set[str]) -> bool:
    """Whether the line is one of the titles, or one with the site's name or a kicker cut off."""
    if folded in titles:
        return True
    return len(folded) >= 25 and any(
        len(folded) >= 0.6 * len(title) and (title.startswith(folded) or title.endswith(folded))
        for title in titles
    )


def _by_wording(line: str, rules: BoilerplateRules, *, head: bool, tail: bool) -> tuple[str, str]:
    row = rules.first(line, head=head, tail=tail)
    return (row.kind, row.id) if row else _KEEP


def _is_prose(text: str) -> bool:
    return words_in(text) >= _PROSE_WORDS and _ends_like_sentence(text)


def _ends_like_sentence(text: str) -> bool:
    return text.rstrip(_CLOSES).endswith(_ENDS_SENTENCE)
