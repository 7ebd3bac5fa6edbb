"""Who told an agency something, by the story's prose: a hint of copy that is not credited.

In: the story's paragraphs and the rules of configs/agencies.toml. Out: hints. "The mayor told AFP" credits
nobody: outlets quote what an agency reported, and agencies quote each other. In German and Spanish it is
often all that is left of a credit; so it is told, and apart.
"""

from collections.abc import Iterator

from corpus.creditlines import AgencyRules, Named, agencies_in
from corpus.records import Hint
from corpus.story import Story

_LONGEST_NAME = 4  # words
_MOST = 10


def hints_of(story: Story, rules: AgencyRules, language: str) -> tuple[Hint, ...]:
    """The hints in the story's paragraphs, the first of each agency's in each."""
    found: list[Hint] = []
    for (start, _), paragraph in zip(story.paragraphs, story.texts, strict=True):
        if not rules.telling.may_name(paragraph):
            continue
        seen: set[str] = set()
        for name in told(paragraph, rules, language):
            if name.code not in seen and len(found) < _MOST:
                seen.add(name.code)
                text = paragraph[name.start : name.end]
                found.append(Hint(name.code, start + name.start, start + name.end, text, name.rule))
    return tuple(found)


def told(paragraph: str, rules: AgencyRules, language: str) -> Iterator[Named]:
    """The agencies that somebody in this paragraph spoke to."""
    for row in rules.hints:
        if language != "*" and language not in row.languages:
            continue
        for match in row.pattern.finditer(paragraph):
            name = _name_at(paragraph, match.start("who"), rules, language)
            if name is not None:
                yield Named(name.code, match.start(), name.end, row.rule)


def _name_at(paragraph: str, at: int, rules: AgencyRules, language: str) -> Named | None:
    """The agency whose name begins here, the longest name of all."""
    words = paragraph[at : at + 80].split(" ")[:_LONGEST_NAME]
    for count in range(len(words), 0, -1):
        phrase = " ".join(words[:count])
        found = agencies_in(phrase, rules, language)
        if len(found) == 1 and found[0].start <= 1:
            return Named(found[0].code, at, at + found[0].end, "")
    return None
