"""Which agency a page credits with its text, and the words that prove it.

In: the lines of an article that can carry a credit, each with its place, and the rules of
configs/agencies.toml. Out: `Wire`. Signals count by where they stand: photo credits, mentions in the
prose, navigation, related cards and footers are never handed in (`corpus.extract` sees to it), and a
line that speaks of a picture is refused here. Nothing is guessed from style.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from corpus.errors import RuleError
from corpus.records import Evidence, Role, Signal, Wire
from crawler.records import Record

AgencyKind = Literal["agency", "syndicator", "unnamed"]
_PATTERN_SIGNALS: dict[str, Signal] = {
    "datelines": "dateline",
    "bylines": "byline",
    "tails": "tail",
    "copyrights": "copyright",
    "story_ids": "story_id",
}
# How much a credit at this place is to be trusted, on the labelled pages of ../shared and by practice.
_TRUST: dict[Signal, float] = {
    "publisher": 0.99,
    "dateline": 0.97,
    "story_id": 0.97,
    "byline": 0.93,
    "source": 0.92,
    "json_ld": 0.92,
    "meta": 0.9,
    "tail": 0.9,
    "copyright": 0.88,
}
_SUREST = 0.99


class Example(Record, forbid_unknown_fields=True):
    """A line at the place that `signal` names."""

    signal: Signal
    text: str


class AgencyRow(Record, kw_only=True, forbid_unknown_fields=True):
    """An [[agency]] of configs/agencies.toml; the file's head says what the keys mean."""

    code: str
    name: str
    kind: AgencyKind = "agency"
    country: str = ""
    languages: tuple[str, ...] = ()
    wikidata: str = ""
    names: tuple[str, ...] = ()
    acronyms: tuple[str, ...] = ()
    acronym_languages: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    datelines: tuple[str, ...] = ()
    bylines: tuple[str, ...] = ()
    tails: tuple[str, ...] = ()
    copyrights: tuple[str, ...] = ()
    story_ids: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    near_misses: tuple[Example, ...] = ()


class CreditRow(Record, kw_only=True, forbid_unknown_fields=True):
    """A [[credit]] of configs/agencies.toml: a wording around names, whichever they are."""

    id: str
    signal: Signal
    role: Role
    strict: bool
    pattern: str
    examples: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()


class _File(Record, forbid_unknown_fields=True):
    credit: tuple[CreditRow, ...] = ()
    agency: tuple[AgencyRow, ...] = ()


class _Wording(Record):
    """A compiled pattern: an agency's own (`code`), or a [[credit]]'s (`code` is "")."""

    rule: str
    signal: Signal
    pattern: re.Pattern[str]
    role: Role = "sole"
    strict: bool = False
    code: str = ""


class _Acronym(Record):
    code: str
    languages: frozenset[str]


class AgencyRules(Record):
    """The loaded rows, ready to be asked."""

    agencies: tuple[AgencyRow, ...] = ()
    names: dict[str, str] = {}
    acronyms: dict[str, tuple[_Acronym, ...]] = {}
    hosts: dict[str, str] = {}
    wordings: tuple[_Wording, ...] = ()


class Named(Record):
    """An agency's name at [start, end) of a line, by which rule, and the role the wording gives it."""

    code: str
    start: int
    end: int
    rule: str
    role: Role = "sole"


class Line(Record):
    """A line that may carry a credit: `where` it stands in the article, and its offset there."""

    signal: Signal
    where: str
    text: str
    offset: int = 0


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
    for agency in file.agency:
        _prove_agency(agency, rules, where)
    return rules


def _compile(file: _File, where: str) -> AgencyRules:
    names: dict[str, str] = {}
    acronyms: dict[str, tuple[_Acronym, ...]] = {}
    hosts: dict[str, str] = {}
    wordings = [
        _Wording(c.id, c.signal, _regex(c.pattern, c.id, where), c.role, c.strict)
        for c in file.credit
    ]
    codes: set[str] = set()
    for agency in file.agency:
        if agency.code in codes:
            raise RuleError(f"{where}: agency '{agency.code}' stands twice; merge the two tables")
        codes.add(agency.code)
        names |= {_fold(name): agency.code for name in agency.names}
        hosts |= dict.fromkeys(agency.hosts, agency.code)
        for acronym in agency.acronyms:
            known = _Acronym(agency.code, frozenset(agency.acronym_languages))
            acronyms[acronym] = (*acronyms.get(acronym, ()), known)
        for key, signal in _PATTERN_SIGNALS.items():
            wordings += [
                _Wording(
                    f"{agency.code}/{key}/{n}",
                    signal,
                    _regex(pattern, agency.code, where),
                    code=agency.code,
                )
                for n, pattern in enumerate(getattr(agency, key), 1)
            ]
    return AgencyRules(file.agency, names, acronyms, hosts, tuple(wordings))


def _regex(pattern: str, row: str, where: str) -> re.Pattern[str]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise RuleError(f"{where}: '{row}': the pattern {pattern!r} is wrong: {error}") from None
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


# ---------------------------------------------------------------------------------- one line's credit

# A line that speaks of a picture credits the picture.
_PICTURE = re.compile(
    r"(?i)\b(?:photo(?:s|graph\w*|graf\w*)?|foto(?:s|graf\w*)?|fotoğraf|fot\.|fotó|pictures?|bild(?:er)?|"
    r"images?|imagen|immagine|grafik|infogra\w+|illustration|graphics?|video|getty|shutterstock|pool|"
    r"picture alliance|scanpix|kuva|nuotr|obrázek|zdjęcie|снимка|снимок|фото|keystone/)|写真|撮影|摄|攝|사진"
)
_SEPARATOR = re.compile(
    r"\s*[/,;|+&·•、，／]\s*|\s+[-–—]\s+|\s*\bet\s+avec\s+|"
    r"\s+(?:and|und|et|y|e|en|i|och|og|ja|with|mit|con|com|avec|met|via|for|für|using|at)\s+",
    re.IGNORECASE,
)
_TRIM = " \t\u00a0.:;,*_()[]{}<>\"'“”„«»‘’|–—-©®"
_IN_PLACE = re.compile(r"(.{2,40}?)\s+(?:in|aus|à|en|a)\s+[A-ZÀ-Þ]\S.*")
_AT_WORK = re.compile(
    r"(.{2,40}?)(?:['’]s?)?\s+(?:[A-Z]\w+\s+){0,3}(?i:staff|(?:staff )?writers?|correspondents?|reporters?|"
    r"journalists?|editors?|news agency|agency|newsroom|service|wire)"
)
_ARTICLE = re.compile(r"(?i:the|la|le|die|der|das|het|agence|agencia|agenzia|agência)\s+|l['’]")
# A journalist's sign-off, or the desk's, beside an agency's: "det/dpa", "APA, red".
_SIGN_OFF = re.compile(r"[a-zäöüß]{1,4}|[A-ZÄÖÜ]{2,3}|(?i:red|redaktion|staff|agenturen|agencies)")
# Beyond this a line is prose.
_LONGEST = 400


def named(
    signal: Signal, text: str, rules: AgencyRules, language: str, *, every: bool = False
) -> tuple[Named, ...]:
    """The agencies that this line credits if it stands where `signal` says; language "*" is any.

    The first wording that finds one decides, or all do if `every`.
    """
    if len(text) > _LONGEST and signal not in ("dateline", "tail", "copyright"):
        return ()
    if signal in ("byline", "source", "tail", "copyright") and _PICTURE.search(text[-_LONGEST:]):
        return ()
    if signal in ("json_ld", "meta"):
        signal = "byline"
    found: list[Named] = []
    for wording in rules.wordings:
        if wording.signal == signal:
            found += _apply(wording, text, rules, language)
            if found and not every:
                break
    if signal == "dateline" and (every or not found):
        found += _dateline_brackets(text, rules, language)
    return tuple(found)


def agencies_in(
    phrase: str, rules: AgencyRules, language: str, *, strict: bool = False
) -> tuple[Named, ...]:
    """The agencies in a phrase of names such as "APA/sda/dpa".

    None if `strict` and a part of it is neither an agency nor a journalist's sign-off.
    """
    found: list[Named] = []
    start = 0
    for separator in [*_SEPARATOR.finditer(phrase), None]:
        end = separator.start() if separator else len(phrase)
        part = phrase[start:end]
        name = part.strip(_TRIM)
        at = start + part.find(name) if name else start
        code = _lookup(name, rules, language)
        if code:
            found.append(Named(code, at, at + len(name), ""))
        elif strict and name and not _SIGN_OFF.fullmatch(name):
            return ()
        start = separator.end() if separator else end
    return tuple(found)


def _apply(wording: _Wording, text: str, rules: AgencyRules, language: str) -> Iterator[Named]:
    if wording.code:
        match = wording.pattern.search(text)
        if match:
            yield Named(wording.code, match.start("who"), match.end("who"), wording.rule)
        return
    match = wording.pattern.fullmatch(text[-_LONGEST:])
    if match:
        shift = max(0, len(text) - _LONGEST) + match.start("who")
        for name in agencies_in(match["who"], rules, language, strict=wording.strict):
            yield Named(name.code, name.start + shift, name.end + shift, wording.rule, wording.role)


_OPENING = re.compile(r"[^(]{0,80}\((?P<who>[^()\n]{2,40})\)")


def _dateline_brackets(text: str, rules: AgencyRules, language: str) -> Iterator[Named]:
    """Agencies in the brackets of "PLACE, date (AGENCY) —", whatever follows the brackets."""
    match = _OPENING.match(text)
    if match and _opens_like_dateline(text[: match.start("who") - 1], text[match.end() :]):
        for name in agencies_in(match["who"], rules, language):
            shift = match.start("who")
            yield Named(name.code, name.start + shift, name.end + shift, "dateline-brackets")


_AFTER = re.compile(r"\.?\s*(?:[-–—―‒:]|\.(?=\s)|\s[A-ZÀ-ÞА-Я\"“„«])")
_BEFORE = re.compile(r"(?:\[?[^\W\d_][\w.'’ʼ\[\]-]*[ ,/]*|\d{1,4}[., ]*){1,9}")


def _opens_like_dateline(before: str, after: str) -> bool:
    """Whether a place, and perhaps a date, stands before the brackets and a dash or sentence after."""
    words = [w for w in re.split(r"[\s,/]+", before) if w]
    capital = bool(words) and not words[0][0].islower()
    small = sum(w[0].islower() and len(w) > 3 and not w[:3].isdigit() for w in words)
    return bool(
        capital
        and small <= 1
        and len(words) <= 9
        and _BEFORE.fullmatch(before)
        and _AFTER.match(after)
    )


def _lookup(name: str, rules: AgencyRules, language: str) -> str:
    """The code of the agency with this name or acronym, also as "AFP in Paris" or "Reuters staff"."""
    if not name or len(name) > 80:
        return ""
    for candidate in _spellings(name):
        code = rules.names.get(_fold(candidate))
        if code:
            return code
        for acronym in rules.acronyms.get(candidate, ()):
            if not acronym.languages or language == "*" or language in acronym.languages:
                return acronym.code
    return ""


def _spellings(name: str) -> Iterator[str]:
    yield name
    article = _ARTICLE.match(name)
    if article:
        yield name[article.end() :]
    for pattern in (_IN_PLACE, _AT_WORK):
        match = pattern.fullmatch(name)
        if match:
            yield match[1]
    inner = re.fullmatch(r"([^()]{3,50})\([^()]{2,12}\)?", name)
    if inner:
        yield inner[1].strip()


def _fold(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").split())


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
        for name in _names_in_line(line, rules, language):
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
                    story_ids.append(_story_id(line.text, name))
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


def _names_in_line(line: Line, rules: AgencyRules, language: str) -> tuple[Named, ...]:
    if line.signal == "publisher":
        return (Named(rules.hosts[line.text], 0, len(line.text), "hosts"),)
    return named(line.signal, line.text, rules, language)


_ID_TEXT = re.compile(r"[\w:./-]+(?:, ?\d+(?:st|nd|rd|th) Ld-Writethru)?")


def _story_id(text: str, name: Named) -> str:
    """The id as written, from its first character."""
    for match in _ID_TEXT.finditer(text):
        if match.start() <= name.start and name.end <= match.end():
            return match[0]
    return text[name.start : name.end]


def _confidence(evidence: list[Evidence]) -> float:
    """The chance that not all kinds of signals err, taken as independent, which they are not quite."""
    doubt = 1.0
    for signal in {e.signal for e in evidence}:
        doubt *= 1 - _TRUST[signal]
    return round(min(1 - doubt, _SUREST), 3)
