"""The agencies of configs/agencies.toml, and which of them a page credits with its text.

In: the text of the rule file; the lines of an article that can carry a credit, each with its place.
Out: `AgencyRules`; `Wire`, with the words that prove it. Signals count by where they stand: photo
credits, navigation, related cards and footers are never handed in (`corpus.bylines` sees to it).
"""

import re
from collections.abc import Iterable

import msgspec

from corpus.agency_proofs import prove
from corpus.agency_rows import RuleFile, folded_name, read_rows
from corpus.creditlines import Acronym, AgencyRules, Before, Named, named
from corpus.errors import RuleError
from corpus.records import Evidence, Role, Signal, Wire
from corpus.telling import Asked, Telling, Wording, asked_of, telling_word, telling_words
from crawler.records import Record

# How much a credit at this place is to be trusted: estimates, in the order that labelled pages show.
_TRUST: dict[Signal, float] = {
    "publisher": 0.99,
    "dateline": 0.97,
    "story_id": 0.97,
    "byline": 0.93,
    "source": 0.92,
    "json_ld": 0.92,
    "meta": 0.9,
    "page_state": 0.9,
    "tail": 0.9,
    "copyright": 0.88,
}
_SUREST = 0.99


class Line(Record):
    """A line that may carry a credit: `where` it stands in the article, and its offset there.

    `far` from the story's ends only wordings that say plainly what they are count. `meant` is what the
    text says where a script or an attribute has escapes in it.
    """

    signal: Signal
    where: str
    text: str
    offset: int = 0
    far: bool = False
    meant: str = ""


# ---------------------------------------------------------------------------------------- loading


def load_agencies(text: str, where: str = "agencies.toml", *, proven: bool = False) -> AgencyRules:
    """The rules in the text of configs/agencies.toml, each row proven by its examples.

    `proven` says that somebody else sees to that: it takes as long as all the rest.
    """
    file = read_rows(text, where)
    rules = _compile(file, where)
    if not proven:
        prove(file, rules, where)
    return rules


def _compile(file: RuleFile, where: str) -> AgencyRules:
    names: dict[str, str] = {}
    acronyms: dict[str, tuple[Acronym, ...]] = {}
    hosts: dict[str, str] = {}
    wordings = [
        Wording(
            c.id, c.signal, _regex(c.pattern, c.id, where), c.role, c.strict, c.anywhere, c.holds
        )
        for c in file.credit
    ]
    for agency in file.agency:
        names |= {folded_name(name): agency.code for name in agency.names}
        hosts |= dict.fromkeys(agency.hosts, agency.code)
        for acronym in agency.acronyms:
            known = Acronym(agency.code, frozenset(agency.acronym_languages))
            acronyms[acronym] = (*acronyms.get(acronym, ()), known)
        wordings += [
            Wording(
                rule,
                signal,
                _regex(row.pattern.removeprefix("^"), rule, where),
                holds=row.holds,
                code=agency.code,
                at_start=row.pattern.startswith("^"),
            )
            for rule, signal, row in agency.patterns()
        ]
    signals = dict.fromkeys(w.signal for w in wordings)
    words = _telling((*acronyms, *names))
    lookout = Telling(words)
    lines = [line.text for agency in file.agency for line, wanted in agency.lines() if wanted]
    nameless = [line for line in lines if not lookout.may_name(line)]
    of_signal: dict[str, Asked] = {
        s: asked_of([w for w in wordings if w.signal == s], nameless) for s in signals
    }
    return AgencyRules(
        file.agency,
        names,
        acronyms,
        hosts,
        of_signal,
        tuple(
            Before(row.id, _regex(row.pattern, row.id, where), frozenset(row.languages))
            for row in file.hint
        ),
        frozenset(acronym for agency in file.agency for acronym in agency.dated_acronyms),
        Telling(words, [w for asked in of_signal.values() for w in asked.nameless]),
    )


def _telling(names: Iterable[str]) -> frozenset[str]:
    """Words of which each name has one; "PA Media" has its acronym, since "media" stands in any prose."""
    telling: set[str] = set()
    for name in sorted(names, key=lambda n: len(telling_words(n))):
        if telling.isdisjoint(telling_words(name)):
            telling.add(telling_word(name))
    return frozenset(telling)


def _regex(pattern: str, row: str, where: str) -> re.Pattern[str]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise RuleError(f"{where}: '{row}': the pattern {pattern!r} is wrong: {error}") from None
    if compiled.flags & ~re.compile("").flags:
        raise RuleError(
            f"{where}: '{row}': the pattern {pattern!r} sets a flag for all of it; "
            "write (?i:...) around what it is for"
        )
    if "who" not in compiled.groupindex:
        raise RuleError(
            f"{where}: '{row}': the pattern {pattern!r} has no group 'who'; "
            "put (?P<who>...) around the agency's name"
        )
    return compiled


# ----------------------------------------------------------------------------------- whole article


def publisher(url: str, host: str, rules: AgencyRules) -> Line | None:
    """The line that credits the agency on whose own host the page stands."""
    labels = host.partition(":")[0].split(".")
    for n in range(len(labels) - 1):
        suffix = ".".join(labels[n:])
        if suffix in rules.hosts:
            at = url.find(suffix)
            return Line("publisher", "url", suffix, at) if at >= 0 else None
    return None


def attribute(
    lines: Iterable[Line], rules: AgencyRules, language: str, *, own_byline: bool
) -> Wire:
    """Who wrote the article, by the lines that credit an agency.

    `own_byline` says that a person is named as its author: without any credit that is ground to say
    that it is no wire story.
    """
    evidence: list[Evidence] = []
    roles: list[Role] = []
    story_ids: list[str] = []
    for line in lines:
        for name in names_in(line, rules, language):
            item = Evidence(
                agency=name.code,
                signal=line.signal,
                where=line.where,
                start=line.offset + name.start,
                end=line.offset + name.end,
                text=line.text[name.start : name.end],
                rule=name.rule,
            )
            if item not in evidence:
                evidence.append(item)
                roles.append(name.role)
                if line.signal == "story_id":
                    story_ids.append(name.matched)
    if not evidence:
        return Wire(is_wire=False if own_byline else None)
    found = tuple(dict.fromkeys(e.agency for e in evidence))
    unnamed = {row.code for row in rules.agencies if row.kind == "unnamed"}
    # "Staff and agencies" over a story that names the agency in its last line means that one.
    agencies = tuple(code for code in found if code not in unnamed) or found
    contributed = all(role == "contributed" for role in roles)
    sole = len(agencies) == 1 and not own_byline
    return Wire(
        is_wire=None if contributed else True,
        agencies=agencies,
        role="contributed" if contributed else "sole" if sole else "mixed",
        confidence=_confidence(evidence),
        story_ids=tuple(dict.fromkeys(story_ids)),
        evidence=tuple(evidence),
    )


def names_in(line: Line, rules: AgencyRules, language: str) -> tuple[Named, ...]:
    """The agencies that this line credits."""
    if line.signal == "publisher":
        return (Named(rules.hosts[line.text], 0, len(line.text), "hosts"),)
    if line.meant:
        found = named(line.signal, line.meant, rules, language, far=line.far)
        return tuple(msgspec.structs.replace(n, start=0, end=len(line.text)) for n in found)
    return named(line.signal, line.text, rules, language, far=line.far)


def _confidence(evidence: list[Evidence]) -> float:
    """The chance that not all kinds of signals err, taken as independent, which they are not quite."""
    doubt = 1.0
    for signal in {e.signal for e in evidence}:
        doubt *= 1 - _TRUST[signal]
    return round(min(1 - doubt, _SUREST), 3)
