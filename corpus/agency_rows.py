"""The rows of configs/agencies.toml as they stand in the file; its head says what the keys mean.

In: the file's text. Out: records, in which no name, acronym, host or id is claimed twice. That a row
proves itself is `corpus.agency_proofs`' to see.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, Literal

import msgspec

from corpus.errors import RuleError
from corpus.records import Role, Signal
from crawler.records import Record

AgencyKind = Literal["agency", "syndicator", "unnamed"]


class Example(Record):
    """A line at the place that `signal` names."""

    signal: Signal
    text: str


class Lines(Record, forbid_unknown_fields=True):
    """Lines by the place where they stand, which is the key's name."""

    dateline: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    copyright: tuple[str, ...] = ()
    story_id: tuple[str, ...] = ()
    json_ld: tuple[str, ...] = ()
    meta: tuple[str, ...] = ()
    page_state: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Example]:
        for signal in _SIGNALS:
            for text in getattr(self, signal):
                yield Example(signal, text)


_SIGNALS: tuple[Signal, ...] = (
    "dateline",
    "byline",
    "source",
    "tail",
    "copyright",
    "story_id",
    "json_ld",
    "meta",
    "page_state",
)


class Pattern(Record, kw_only=True, forbid_unknown_fields=True):
    """A regular expression of an agency's own, with lines that it finds and lines that are no credit."""

    pattern: str
    holds: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()


PATTERN_SIGNALS: dict[str, Signal] = {
    "datelines": "dateline",
    "bylines": "byline",
    "tails": "tail",
    "copyrights": "copyright",
    "story_ids": "story_id",
}
"""The keys of an [[agency]] that hold patterns, and where the lines stand that they are asked of."""


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
    dated_acronyms: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    examples: Lines = Lines()
    near_misses: Lines = Lines()
    datelines: tuple[Pattern, ...] = ()
    bylines: tuple[Pattern, ...] = ()
    tails: tuple[Pattern, ...] = ()
    copyrights: tuple[Pattern, ...] = ()
    story_ids: tuple[Pattern, ...] = ()

    def patterns(self) -> Iterator[tuple[str, Signal, Pattern]]:
        """Its own patterns, each with the id of its rule and the place of its lines."""
        for key, signal in PATTERN_SIGNALS.items():
            for n, pattern in enumerate(getattr(self, key), 1):
                yield f"{self.code}/{key}/{n}", signal, pattern

    def lines(self) -> Iterator[tuple[Example, bool]]:
        """All its lines, its patterns' too; whether each is an example or a near miss."""
        for line in self.examples:
            yield line, True
        for line in self.near_misses:
            yield line, False
        for _rule, signal, pattern in self.patterns():
            for text in pattern.examples:
                yield Example(signal, text), True
            for text in pattern.near_misses:
                yield Example(signal, text), False


class CreditRow(Record, kw_only=True, forbid_unknown_fields=True):
    """A [[credit]] of configs/agencies.toml: a wording around names, whichever they are."""

    id: str
    signal: Signal
    role: Role
    strict: bool
    pattern: str
    anywhere: bool = False
    holds: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()


class HintRow(Record, kw_only=True, forbid_unknown_fields=True):
    """A [[hint]] of configs/agencies.toml: what stands before an agency that somebody spoke to."""

    id: str
    languages: tuple[str, ...]
    pattern: str
    examples: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()


class RuleFile(Record, forbid_unknown_fields=True):
    """All of configs/agencies.toml."""

    credit: tuple[CreditRow, ...] = ()
    hint: tuple[HintRow, ...] = ()
    agency: tuple[AgencyRow, ...] = ()


def read_rows(text: str, where: str) -> RuleFile:
    """The rows in the text of configs/agencies.toml; `RuleError` names the row that is wrong."""
    try:
        written = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{where}: {error}") from None
    try:
        file = msgspec.convert(written, RuleFile)
    except msgspec.ValidationError as error:
        raise RuleError(f"{where}: {_named(str(error), written)}") from None
    for fault in _faults(file):
        raise RuleError(f"{where}: {fault}")
    return file


_ROW = re.compile(r"`\$\.(?P<table>agency|credit|hint)\[(?P<n>\d+)\]\.?")


def _named(message: str, written: dict[str, Any]) -> str:
    """The decoder's message, with the row's own name before it in place of its number."""
    place = _ROW.search(message)
    if not place:
        return message
    row = written[place["table"]][int(place["n"])]
    name = (row.get("code") or row.get("id") or place["n"]) if isinstance(row, dict) else place["n"]
    told = message.replace(place[0], "`").removesuffix(" - at ``")
    return f"{place['table']} '{name}': {told}{_meant(message, place['table'])}"


_KEYS = {
    "agency": (*AgencyRow.__struct_fields__, *Pattern.__struct_fields__, *_SIGNALS),
    "credit": CreditRow.__struct_fields__,
    "hint": HintRow.__struct_fields__,
}


def _meant(message: str, table: str) -> str:
    """The key that an unknown one is likely to mean."""
    unknown = re.search(r"unknown field `(\w+)`", message)
    near = get_close_matches(unknown[1], _KEYS[table], n=1) if unknown else []
    return f"; is `{near[0]}` meant?" if near else ""


def folded_name(name: str) -> str:
    """The name as names are compared: without regard to case, hyphens and spacing."""
    return " ".join(name.casefold().replace("-", " ").split())


_FORMS = {
    "wikidata": (re.compile(r"Q[1-9]\d*"), 'the number of an item, as "Q40469"'),
    "country": (re.compile(r"[A-Z]{2}"), 'two capitals after ISO 3166, as "FR"'),
}


_HOST = re.compile(r"(?!www\.)[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*")


def _faults(file: RuleFile) -> Iterator[str]:
    """What is claimed twice, and what is not written as it should be."""
    yield from _twice((f"credit '{row.id}'", "id", row.id) for row in file.credit)
    yield from _twice((f"hint '{row.id}'", "id", row.id) for row in file.hint)
    agencies = [(f"agency '{row.code}'", row) for row in file.agency]
    yield from _twice((subject, "code", row.code) for subject, row in agencies)
    yield from _twice((s, "name", folded_name(name)) for s, row in agencies for name in row.names)
    yield from _twice((s, "host", host) for s, row in agencies for host in row.hosts)
    yield from _twice((s, "wikidata", row.wikidata) for s, row in agencies if row.wikidata)
    yield from _twice(
        (subject, "acronym", f"{acronym} in {language}")
        for subject, row in agencies
        for acronym in row.acronyms
        for language in row.acronym_languages or ("all languages",)
    )
    everywhere = {a: s for s, row in agencies if not row.acronym_languages for a in row.acronyms}
    for subject, row in agencies:
        for acronym in row.acronyms if row.acronym_languages else ():
            if acronym in everywhere:
                yield (
                    f"{subject}: the acronym '{acronym}' is {everywhere[acronym]}'s in all languages; "
                    "give that one acronym_languages"
                )
        yield from _wrong_forms(subject, row)


def _wrong_forms(subject: str, row: AgencyRow) -> Iterator[str]:
    """What an agency's table lacks, or writes in another form than it is compared in."""
    if row.kind != "unnamed" and not row.country:
        yield f"{subject} has no country; add {_FORMS['country'][1]}"
    for key, (form, meant) in _FORMS.items():
        value = getattr(row, key)
        if value and not form.fullmatch(value):
            yield f"{subject}: {key} is {value!r}, and should be {meant}"
    for acronym in sorted({*row.dated_acronyms} - {*row.acronyms}):
        yield f"{subject}: {acronym!r} of dated_acronyms is none of its acronyms; add it to them"
    for host in row.hosts:
        if not _HOST.fullmatch(host):
            yield (
                f"{subject}: {host!r} is no host as pages' addresses are compared with it: "
                'write "apnews.com", in lower case, without "https://", "www." and path'
            )
    if not _CODE.fullmatch(row.code):
        yield f'{subject}: a code is of capitals, digits and hyphens, as "KEYSTONE-SDA"'
    if not row.languages:
        yield f'{subject} has no languages; add those that it writes in, as ["en", "fr"]'
    for language in (*row.languages, *row.acronym_languages):
        if not re.fullmatch("[a-z]{2,3}", language):
            yield f"{subject}: {language!r} is no language after ISO 639"


def _twice(claims: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """What two rows, or one twice, claim: (row, what kind of thing, thing)."""
    holders: dict[str, str] = {}
    for subject, kind, thing in claims:
        if thing not in holders:
            holders[thing] = subject
        elif kind in ("code", "id"):
            yield f"{subject} stands twice; merge the two tables"
        elif holders[thing] == subject:
            yield f"{subject}: the {kind} '{thing}' stands twice; leave one out"
        else:
            yield f"{subject}: the {kind} '{thing}' is {holders[thing]}'s already; leave one out"
