"""Whether the rows of configs/agencies.toml keep their word.

In: the rows, and the rules that were made of them. Out: nothing, or a `RuleError` that names the row and
the line. Every pattern finds its examples by itself, and what stands as a near miss is no credit.
"""

from collections.abc import Iterable

from corpus.agency_rows import AgencyRow, CreditRow, HintRow, Pattern, RuleFile
from corpus.creditlines import AgencyRules, apply_own, named
from corpus.errors import RuleError
from corpus.hints import told
from corpus.records import Signal
from corpus.tokens import words


def prove(file: RuleFile, rules: AgencyRules, where: str) -> None:
    """`RuleError` for the first row that lacks a line, or does not do what its lines say."""
    for credit in file.credit:
        _prove_credit(credit, rules, where)
    for hint in file.hint:
        _prove_hint(hint, rules, where)
    for agency in file.agency:
        _prove_agency(agency, rules, where)


def _prove_credit(row: CreditRow, rules: AgencyRules, where: str) -> None:
    subject = f"{where}: credit '{row.id}'"
    _both(row.examples, row.near_misses, subject, "one line")
    for wanted, lines in ((True, row.examples), (False, row.near_misses)):
        for line in lines:
            found = any(n.rule == row.id for n in named(row.signal, line, rules, "*", every=True))
            if found != wanted:
                raise RuleError(_disproved(subject, line, wanted=wanted))


def _prove_hint(row: HintRow, rules: AgencyRules, where: str) -> None:
    subject = f"{where}: hint '{row.id}'"
    _both(row.examples, row.near_misses, subject, "one line")
    for wanted, lines in ((True, row.examples), (False, row.near_misses)):
        for line in lines:
            if any(n.rule == row.id for n in told(line, rules, "*")) != wanted:
                raise RuleError(_disproved(subject, line, wanted=wanted))


def _prove_agency(agency: AgencyRow, rules: AgencyRules, where: str) -> None:
    subject = f"{where}: agency '{agency.code}'"
    _both(tuple(agency.examples), tuple(agency.near_misses), subject, "{ byline = [...] }")
    language = language_of(agency)
    for wanted, lines in ((True, agency.examples), (False, agency.near_misses)):
        for line in lines:
            found = named(line.signal, line.text, rules, language)
            if any(n.code == agency.code for n in found) != wanted:
                raise RuleError(_disproved(subject, line.text, wanted=wanted))
    for rule, signal, pattern in agency.patterns():
        _prove_pattern(rule, signal, pattern, agency, rules, where)


def _prove_pattern(
    rule: str, signal: Signal, row: Pattern, agency: AgencyRow, rules: AgencyRules, where: str
) -> None:
    subject = f"{where}: pattern '{rule}'"
    _both(row.examples, row.near_misses, subject, "one line")
    language = language_of(agency)
    (wording,) = (w for w in rules.of_signal[signal].own if w.rule == rule)
    for line in row.examples:
        found = next(iter(apply_own((wording,), line, line.lower())), None)
        if found is None:
            raise RuleError(_disproved(subject, line, wanted=True))
        if found.start >= found.end:
            raise RuleError(
                f"{subject}: its group 'who' is empty in {line!r}; put it around the agency's name, "
                "which is the evidence"
            )
    alike = {word for line in row.examples for word in words(line)}
    for line in row.near_misses:
        if any(n.code == agency.code for n in named(signal, line, rules, language)):
            raise RuleError(_disproved(subject, line, wanted=False))
        if alike.isdisjoint(words(line)):
            raise RuleError(
                f"{subject}: its near miss {line!r} has no word of its examples, so it says nothing; "
                "take a line that looks like one of them"
            )


def language_of(agency: AgencyRow) -> str:
    """The language of pages on which the agency's lines are tried."""
    return next(iter(agency.acronym_languages or agency.languages), "*")


def _both(
    examples: Iterable[object], near_misses: Iterable[object], subject: str, what: str
) -> None:
    for name, lines in (("examples", examples), ("near misses", near_misses)):
        if not lines:
            raise RuleError(f"{subject} has no {name}; add {what}")


def _disproved(subject: str, line: str, *, wanted: bool) -> str:
    if wanted:
        return f"{subject} does not find its example {line!r}; mend the pattern or the line"
    return f"{subject} finds its near miss {line!r}; narrow the pattern"
