"""The agencies of configs/agencies.toml, and which of them a page credits with its text.

In: the text of the rule file; the lines of an article that can carry a credit, each with its place.
Out: `AgencyRules`; `Wire`, with the words that prove it. Signals count by where they stand: photo
credits, navigation, related cards and footers are never handed in (`corpus.bylines` sees to it).
"""

import re
import tomllib
from collections.abc import Iterable, Sequence

import msgspec

from corpus.agency_rows import AgencyRow, CreditRow, HintRow
from corpus.creditlines import (
    Acronym,
    AgencyRules,
    Asked,
    Before,
    Named,
    Wording,
    folded_name,
    may_name_somebody,
    named,
    telling_word,
)
from corpus.errors import RuleError
from corpus.hints import told
from corpus.records import Evidence, Role, Signal, Wire
from crawler.records import Record

_PATTERN_SIGNALS: dict[str, Signal] = {
    "datelines": "dateline",
    "bylines": "byline",
    "tails": "tail",
    "copyrights": "copyright",
    "story_ids": "story_id",
}
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

    `far` from the story's ends only wordings that say plainly what they are count.
    """

    signal: Signal
    where: str
    text: str
    offset: int = 0
    far: bool = False


class _File(Record, forbid_unknown_fields=True):
    credit: tuple[CreditRow, ...] = ()
    hint: tuple[HintRow, ...] = ()
    agency: tuple[AgencyRow, ...] = ()


# ---------------------------------------------------------------------------------------- loading


def load_agencies(text: str, where: str = "agencies.toml") -> AgencyRules:
    """The rules in the text of configs/agencies.toml, each row proven by its examples."""
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise RuleError(f"{where}: {error}") from None
    rules = _compile(file, where)
    for row in file.credit:
        _prove_credit(row, rules, where)
    for hint in file.hint:
        _prove_hint(hint, rules, where)
    for agency in file.agency:
        _prove_agency(agency, rules, where)
    return rules


def _compile(file: _File, where: str) -> AgencyRules:
    names: dict[str, str] = {}
    acronyms: dict[str, tuple[Acronym, ...]] = {}
    hosts: dict[str, str] = {}
    wordings = [
        Wording(c.id, c.signal, _regex(c.pattern, c.id, where), c.role, c.strict, c.anywhere)
        for c in file.credit
    ]
    codes: set[str] = set()
    for agency in file.agency:
        if agency.code in codes:
            raise RuleError(f"{where}: agency '{agency.code}' stands twice; merge the two tables")
        codes.add(agency.code)
        names |= {folded_name(name): agency.code for name in agency.names}
        hosts |= dict.fromkeys(agency.hosts, agency.code)
        for acronym in agency.acronyms:
            known = Acronym(agency.code, frozenset(agency.acronym_languages))
            acronyms[acronym] = (*acronyms.get(acronym, ()), known)
        for key, signal in _PATTERN_SIGNALS.items():
            wordings += [
                Wording(
                    f"{agency.code}/{key}/{n}",
                    signal,
                    _regex(pattern.removeprefix("^"), agency.code, where),
                    code=agency.code,
                    at_start=pattern.startswith("^"),
                )
                for n, pattern in enumerate(getattr(agency, key), 1)
            ]
    signals = dict.fromkeys(w.signal for w in wordings)
    telling = frozenset(telling_word(name) for name in (*names, *acronyms))
    lines = [line.text for agency in file.agency for line in agency.examples]
    nameless = [line for line in lines if not may_name_somebody(line, telling)]
    return AgencyRules(
        file.agency,
        names,
        acronyms,
        hosts,
        {s: _asked([w for w in wordings if w.signal == s], nameless) for s in signals},
        tuple(
            Before(row.id, _regex(row.pattern, row.id, where), frozenset(row.languages))
            for row in file.hint
        ),
        telling,
    )


def _asked(wordings: Sequence[Wording], nameless: Sequence[str]) -> Asked:
    """These wordings of one signal, sorted by how a line is asked for them.

    `nameless` are the examples without any agency's telling word.
    """
    own = tuple(w for w in wordings if w.code)
    opening = [_unnamed(w.pattern.pattern) for w in own if w.at_start]
    return Asked(
        credits=tuple(w for w in wordings if not w.code),
        own=own,
        loose=tuple(w for w in own if not w.at_start),
        opening=re.compile("|".join(opening)) if opening else None,
        nameless=tuple(w for w in own if any(map(w.pattern.search, nameless))),
    )


def _unnamed(pattern: str) -> str:
    """The pattern as a part of another one, in which its group's name may stand again."""
    return f"(?:{pattern.replace('(?P<who>', '(?:')})"


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


def _prove_credit(row: CreditRow, rules: AgencyRules, where: str) -> None:
    if not row.examples or not row.near_misses:
        missing = "near misses" if row.examples else "examples"
        raise RuleError(f"{where}: credit '{row.id}' has no {missing}; add one line")
    for wanted, lines in ((True, row.examples), (False, row.near_misses)):
        for line in lines:
            found = any(n.rule == row.id for n in named(row.signal, line, rules, "*", every=True))
            if found != wanted:
                raise RuleError(_disproved(where, f"credit '{row.id}'", line, wanted=wanted))


def _prove_hint(row: HintRow, rules: AgencyRules, where: str) -> None:
    if not row.examples or not row.near_misses:
        missing = "near misses" if row.examples else "examples"
        raise RuleError(f"{where}: hint '{row.id}' has no {missing}; add one line")
    for wanted, lines in ((True, row.examples), (False, row.near_misses)):
        for line in lines:
            if any(n.rule == row.id for n in told(line, rules, "*")) != wanted:
                raise RuleError(_disproved(where, f"hint '{row.id}'", line, wanted=wanted))


def _prove_agency(agency: AgencyRow, rules: AgencyRules, where: str) -> None:
    subject = f"agency '{agency.code}'"
    if not agency.examples or not agency.near_misses:
        missing = "near misses" if agency.examples else "examples"
        raise RuleError(f"{where}: {subject} has no {missing}; add one {{ signal, text }}")
    language = next(iter(agency.acronym_languages or agency.languages), "*")
    proven: set[str] = set()
    for wanted, lines in ((True, agency.examples), (False, agency.near_misses)):
        for line in lines:
            found = named(line.signal, line.text, rules, language, every=True)
            proven |= {n.rule for n in found}
            if any(n.code == agency.code for n in found) != wanted:
                raise RuleError(_disproved(where, subject, line.text, wanted=wanted))
    for key in _PATTERN_SIGNALS:
        for n, pattern in enumerate(getattr(agency, key), 1):
            if f"{agency.code}/{key}/{n}" not in proven:
                raise RuleError(
                    f"{where}: {subject}: no example matches {pattern!r} of '{key}'; add one"
                )


def _disproved(where: str, subject: str, line: str, *, wanted: bool) -> str:
    if wanted:
        return (
            f"{where}: {subject} does not find its example {line!r}; mend the pattern or the line"
        )
    return f"{where}: {subject} finds its near miss {line!r}; narrow the pattern"


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
    found = tuple(dict.fromkeys(e.agency for e in evidence))
    unnamed = {row.code for row in rules.agencies if row.kind == "unnamed"}
    # "Staff and agencies" over a story that names the agency in its last line means that one.
    agencies = tuple(code for code in found if code not in unnamed) or found
    if not agencies:
        return Wire(is_wire=False if own_byline else None)
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
    return named(line.signal, line.text, rules, language, far=line.far)


def _confidence(evidence: list[Evidence]) -> float:
    """The chance that not all kinds of signals err, taken as independent, which they are not quite."""
    doubt = 1.0
    for signal in {e.signal for e in evidence}:
        doubt *= 1 - _TRUST[signal]
    return round(min(1 - doubt, _SUREST), 3)
