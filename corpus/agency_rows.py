"""The rows of configs/agencies.toml as they stand in the file; its head says what the keys mean.

In: what TOML decodes to. Out: records. That a row proves itself is `corpus.agencies`' to see.
"""

from typing import Literal

from corpus.records import Role, Signal
from crawler.records import Record

AgencyKind = Literal["agency", "syndicator", "unnamed"]


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
    anywhere: bool = False
    examples: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()


class HintRow(Record, kw_only=True, forbid_unknown_fields=True):
    """A [[hint]] of configs/agencies.toml: what stands before an agency that somebody spoke to."""

    id: str
    languages: tuple[str, ...]
    pattern: str
    examples: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()
