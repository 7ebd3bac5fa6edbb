"""No pattern of the agencies takes time without end, whatever the line."""

import re
from collections.abc import Callable

import pytest

from corpus.agencies import load_agencies
from corpus.agency_rows import read_rows
from corpus.config import default_file
from tests.rules.slowness import slow_line

FILE = read_rows(default_file("agencies.toml").read_text(encoding="utf-8"), "agencies.toml")
EXAMPLES = {row.id: row.examples[0] for row in FILE.credit}
EXAMPLES |= {row.id: row.examples[0] for row in FILE.hint}
RULES = load_agencies(default_file("agencies.toml").read_text(encoding="utf-8"), proven=True)
CREDIT, PARAGRAPH = 400, 2_000
"""Characters that a [[credit]] is asked for, and those of a long paragraph at a story's end."""

Case = tuple[str, Callable[[str], object], str, int]


def cases() -> list[Case]:
    """Each pattern as it is asked, with its first example and how long lines may be."""
    found: list[Case] = []
    first = {rule: row.examples[0] for a in RULES.agencies for rule, _signal, row in a.patterns()}
    for asked in RULES.of_signal.values():
        found += [(c.rule, c.pattern.fullmatch, EXAMPLES[c.rule], CREDIT) for c in asked.credits]
        for own in asked.own:
            ask = own.pattern.match if own.at_start else own.pattern.search
            found.append((own.rule, ask, first[own.rule], PARAGRAPH))
    found += [(h.rule, h.pattern.findall, EXAMPLES[h.rule], PARAGRAPH) for h in RULES.hints]
    return found


@pytest.mark.parametrize(
    ("rule", "ask", "line", "longest"), cases(), ids=lambda x: x if isinstance(x, str) else ""
)
def test_a_pattern_gives_up_soon_on_a_long_line(
    rule: str, ask: Callable[[str], object], line: str, longest: int
) -> None:
    slow = slow_line(ask, line, longest)
    assert not slow, f"{rule}: the pattern is slow on {slow[:60]!r}…; bound its repeats: {{0,80}}"


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (r"(?:\w+\s?)+(?P<who>XNA)$", "by our friends XNA"),
        (r"(?P<who>XNA)(?: [a-z ]+)+\.$", "XNA said so today."),
        (r"(?:.*,)*(?P<who>XNA)$", "one,two,XNA"),
    ],
)
def test_a_pattern_that_never_ends_is_found(pattern: str, line: str) -> None:
    assert slow_line(re.compile(pattern).match, line, PARAGRAPH)


def test_a_sound_pattern_is_not_slow() -> None:
    sound = re.compile(r"-- (?P<who>XNA)\b.{0,80}$")
    assert slow_line(sound.match, "-- XNA and others", PARAGRAPH) == ""
