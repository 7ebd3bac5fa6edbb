"""What the lines of no story say: the rows of configs/boilerplate.toml.

In: the file's text. Out: rules, each proven by its own examples and near misses, and for a line the
first row that means it. A row is asked only about lines that can be its own: most rows list phrases,
and are found by a line's first letters. Where a line stands is told; what is done with it, and the
tests of structure, are `corpus.boilerplate`'s.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from corpus.errors import RuleError
from corpus.literals import folded, literals
from crawler.records import Record

Place = Literal["anywhere", "head", "tail", "edge"]


class RuleRow(Record, kw_only=True, forbid_unknown_fields=True):
    """A [[rule]] of configs/boilerplate.toml; the file's head says what the keys mean."""

    id: str
    kind: str
    at: Place
    languages: tuple[str, ...] = ()
    max_words: int
    phrases: tuple[str, ...] = ()
    follows: str = "nothing"
    pattern: str = ""
    contains: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()


class _File(Record, forbid_unknown_fields=True):
    rule: tuple[RuleRow, ...] = ()
    follows: dict[str, str] = {}


class Rule(Record):
    """A row, compiled; `contains` are the row's own or what its pattern needs, all `folded`."""

    row: RuleRow
    pattern: re.Pattern[str]
    most_words: int
    contains: tuple[str, ...]

    def matches(self, line: str) -> bool:
        """Whether the whole line is what the row means, wherever it stands."""
        return self.means(line, folded(line), line.count(" "))

    def means(self, line: str, low: str, spaces: int) -> bool:
        """`matches`, given the line `folded` and its number of spaces."""
        most = self.most_words
        if not spaces < most >= len(line) / _LONGEST_WORD:
            return False
        if self.contains and not any(map(low.__contains__, self.contains)):
            return False
        return self.pattern.fullmatch(line) is not None and words_in(line) <= most


# Characters: in a short line of longer words (addresses, garbage) the wordings are not looked for.
_LONGEST_WORD = 25


class Others(Record):
    """Rows without phrases: strings with the rows that mean lines with them alone, and all other rows."""

    told: tuple[tuple[str, tuple[int, ...]], ...]
    untold: tuple[int, ...]


class Asked(Record):
    """Which rows a line at one place of the page is asked about, by their numbers.

    `opened` leads from the first letters of a row's phrases to it; `sizes` says of the first two of those, or
    of one, how many there may be. The rows without phrases are in `others`, for each number of spaces those
    that are about lines of so many; no row is about a line of more.
    """

    opened: dict[str, tuple[int, ...]]
    sizes: dict[str, tuple[int, ...]]
    others: tuple[Others, ...]

    def opened_by(self, line: str) -> list[int]:
        """The rows with a phrase that begins as the line does."""
        letters, opened, sizes = _opening(line), self.opened, self.sizes
        found: list[int] = []
        for size in sizes.get(letters[:2]) or sizes.get(letters[:1], ()):
            if numbers := opened.get(letters[:size]):
                found += numbers
        return found


class BoilerplateRules(Record):
    """The loaded rows in the file's order, and for a line in head and tail or not which of them to ask."""

    rules: tuple[Rule, ...] = ()
    asked: dict[tuple[bool, bool], Asked] = {}

    @property
    def rows(self) -> tuple[RuleRow, ...]:
        """The rows as written."""
        return tuple(rule.row for rule in self.rules)

    def first(self, line: str, *, head: bool, tail: bool) -> RuleRow | None:
        """The first row in the file that means this line at its place in the page."""
        asked, spaces = self.asked.get((head, tail)), line.count(" ")
        if asked is None or spaces >= len(asked.others):
            return None
        low, others = folded(line), asked.others[spaces]
        numbers = list(others.untold)
        for word, told in others.told:
            if word in low:
                numbers += told
        numbers += asked.opened_by(line)
        rules = self.rules
        for n in sorted({*numbers}) if len(numbers) > 1 else numbers:
            if rules[n].means(line, low, spaces):
                return rules[n].row
        return None


def load_boilerplate(text: str, where: str = "boilerplate.toml") -> BoilerplateRules:
    """The rules in the text of configs/boilerplate.toml, each row proven by its examples."""
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise RuleError(f"{where}: {error}") from None
    seen: set[str] = set()
    for row in file.rule:
        if row.id in seen:
            raise RuleError(f"{where}: rule '{row.id}' stands twice; give one another id")
        seen.add(row.id)
    rules = tuple(_proven(row, file.follows, where) for row in file.rule)
    return BoilerplateRules(rules, {place: _asked(rules, *place) for place in _PLACES})


def _proven(row: RuleRow, follows: Mapping[str, str], where: str) -> Rule:
    try:
        contains = tuple(map(folded, row.contains)) or (
            literals(row.pattern) if row.pattern else ()
        )
        rule = Rule(row, re.compile(_whole_line(row, follows)), row.max_words, contains)
    except (re.error, RuleError) as error:
        raise RuleError(f"{where}: rule '{row.id}': the pattern is wrong: {error}") from None
    if not row.examples:
        raise RuleError(
            f"{where}: rule '{row.id}' has no examples; add one line that it should match"
        )
    if not row.near_misses:
        raise RuleError(
            f"{where}: rule '{row.id}' has no near misses; add one line that it must leave alone"
        )
    for line in row.examples:
        if not rule.matches(line):
            raise RuleError(
                f"{where}: rule '{row.id}' does not match its example {line!r}; mend one of them"
            )
    for line in row.near_misses:
        if rule.matches(line):
            raise RuleError(
                f"{where}: rule '{row.id}' matches its near miss {line!r}; narrow the pattern"
            )
    return rule


# Before a phrase: marks and brackets, but no quotation mark, since what a person says is prose.
_BEFORE = r"""[^\w"“„”«‘'「『]*"""


def _whole_line(row: RuleRow, follows: Mapping[str, str]) -> str:
    """The regular expression for the whole line."""
    if bool(row.phrases) == bool(row.pattern):
        raise RuleError("give either phrases or a pattern")
    if row.pattern:
        return row.pattern
    for phrase in row.phrases:
        if not all(_beginnings(phrase)):
            raise RuleError(f"{phrase!r} does not begin with letters; write one for each beginning")
        if "|" in _without_groups(phrase):
            raise RuleError(f"{phrase!r} holds two phrases; put brackets around the choice")
    if row.follows not in follows:
        raise RuleError(f"nothing in [follows] is called '{row.follows}'")
    return f"(?i){_BEFORE}(?:{'|'.join(row.phrases)})(?:{follows[row.follows]})"


def _without_groups(phrase: str) -> str:
    """The phrase less whatever stands in brackets."""
    shorter = _GROUP.sub("", phrase)
    return shorter if shorter == phrase else _without_groups(shorter)


_GROUP = re.compile(r"\([^()]*\)|\[[^\]]*\]")

# Rows are looked up by so many first characters of their phrases, or fewer.
_SIZES = range(1, 7)
_REACH = 2 * _SIZES[-1]
_MARKS = re.compile(r"[\W_]*")
# With what a phrase begins whatever follows: no character that a quantifier makes optional.
_CERTAIN = re.compile(r"\w[\w '-]*(?![?*{])")
# A choice of beginnings, with choices in it.
_CHOICE = re.compile(r"\(\?(?:-i)?:((?:[^()]|\([^()]*\))*)\)(?![?*{])")
# What is taken for the same: letters that (?i) does not tell apart, and apostrophes.
_ALIKE = str.maketrans({"ı": "i", "\u0307": None, "ſ": "s", "ς": "σ", "’": "'"})


def _opening(line: str) -> str:
    """The first characters of a line after its marks, as far as rows are looked up by them."""
    if line[:1].isalnum():
        start = line[:_REACH].lower()
    else:
        marks = _MARKS.match(line)
        end = marks.end() if marks else 0
        start = line[end : end + _REACH].lower()
    return start[: _SIZES[-1]] if start.isascii() else start.translate(_ALIKE)[: _SIZES[-1]]


def _beginnings(phrase: str) -> tuple[str, ...]:
    """The first characters of all that a phrase can begin with; "" where it tells of none."""
    plain = phrase.replace("['’]", "'")
    choice = _CHOICE.match(plain)
    parts = _GROUP.sub("\0", choice[1]).split("|") if choice else (plain,)
    certain = (_CERTAIN.match(part) for part in parts)
    return tuple(_opening(letters[0]) if letters else "" for letters in certain)


# In the head and in the tail, or not.
_PLACES = ((False, False), (True, False), (False, True), (True, True))


def _asked(rules: Sequence[Rule], head: bool, tail: bool) -> Asked:
    """What lines at one place are asked about."""
    here = [n for n, rule in enumerate(rules) if _stands(rule.row.at, head=head, tail=tail)]
    opened: dict[str, list[int]] = {}
    for n in here:
        for letters in {start for phrase in rules[n].row.phrases for start in _beginnings(phrase)}:
            opened.setdefault(letters, []).append(n)
    others = [n for n in here if not rules[n].row.phrases]
    most_words = max((rules[n].most_words for n in here), default=0)
    return Asked(
        {letters: tuple(found) for letters, found in opened.items()},
        _sizes(opened),
        tuple(
            _others({n: rules[n] for n in others if spaces < rules[n].most_words})
            for spaces in range(most_words)
        ),
    )


def _sizes(openings: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """By the first two letters of openings, or one, how long those are that begin so, single letters too."""
    found: dict[str, set[int]] = {}
    for letters in openings:
        found.setdefault(letters[:2], set()).add(len(letters))
    return {
        start: tuple(sorted(sizes | found.get(start[:1], set()))) for start, sizes in found.items()
    }


def _others(rules: Mapping[int, Rule]) -> Others:
    told: dict[str, list[int]] = {}
    for n, rule in rules.items():
        for word in rule.contains:
            told.setdefault(word, []).append(n)
    return Others(
        tuple((word, tuple(numbers)) for word, numbers in told.items()),
        tuple(n for n, rule in rules.items() if not rule.contains),
    )


def _stands(at: Place, *, head: bool, tail: bool) -> bool:
    """Whether a line in the head, tail or middle stands where the row looks for it."""
    return {"anywhere": True, "head": head, "tail": tail, "edge": head or tail}[at]


_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def words_in(line: str) -> int:
    """Words by white space; three characters of Chinese or Japanese count as two."""
    words = line.count(" ") + 1
    return words if line.isascii() else words + len(_CJK.findall(line)) * 2 // 3
