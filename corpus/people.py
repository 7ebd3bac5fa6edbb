"""Who is named in a byline, and in the fields in which machines read who wrote it.

In: a line of the page ("By Jane Roe and John Doe, Staff Writers"), or the value of an author field. Out:
the names in it. What is no name (an account, an address, a job, a button) is left out. Which lines and
fields to read is `corpus.bylines`' to say.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from corpus.calendars import MONTH

_MOST_NAMES = 20
_LONGEST_FIELD = 400
_LONGEST_NAME = 60


def people_in_fields(values: Iterable[str]) -> tuple[str, ...]:
    """The names in one author field's values, none twice."""
    short = (value for value in values if len(value) <= _LONGEST_FIELD)
    return _few(name for value in short for name in _people(value))


# A site's writers sign story after story.
@lru_cache(maxsize=1_024)
def people_in_line(shown: str) -> tuple[str, ...]:
    """The names in a byline as the page shows it; () if it names nobody."""
    line = _PLACE.sub("", _ADDRESS.sub(" ", _LEAD_IN.sub("", shown)))
    parts = (part for rough in _AND.split(_BEHIND.sub("", line)) for part in _parted(rough))
    return _few(name for part in parts if len(name := _bare(part)) <= _LONGEST_NAME)


def _few(names: Iterable[str]) -> tuple[str, ...]:
    found = dict.fromkeys(name for name in names if not _NOBODY.fullmatch(name))
    people = tuple(name for name in found if not _JOB.fullmatch(name))
    return (people or tuple(found))[:_MOST_NAMES]


def _people(value: str) -> Iterator[str]:
    """The names in a value: several, where all of its parts look like names of people or say what they do."""
    value = _MAIL_AND_NAME.sub(r"\1", value.strip())
    whole = _bare(_ADDRESS.sub(" ", _FIELD_LEAD_IN.sub("", value)))
    parts = [p for rough in _AND.split(whole) for part in _parted(rough) if (p := _bare(part))]
    if len(parts) > 1 and all(map(PERSON.fullmatch, parts)):
        yield from parts
    else:
        yield whole


def _parted(text: str) -> tuple[str, ...]:
    """The parts between words that mean "and" in one language and stand in names of another."""
    parts = [part.strip() for part in _AND_SOMEWHERE.split(text)]
    return tuple(parts) if all(map(PERSON.fullmatch, parts)) else (text,)


def _bare(name: str) -> str:
    """The name without what stands before and behind it, initials in brackets included."""
    return _WITH.sub("", _IN_BRACKETS.sub("", name.strip(" ,;")).strip(" ,;|·•-–—:()（）\t"))


# What says that a name follows, in the languages of the press.
_BY = (
    "(?:written|published|posted|reported|story|words|text) (?:on )?by|by|von|par|por|door|oleh|przez"
    "|authors?|written|autor(?:e|es|i|in|innen|ka|ři|zy)?|auteurs?|författare|forfatter|texte?|texto|testo"
    "|tekst|teksti|szerző|írta"
    "|yazar|yazan|muhabir|penulis|reporter|tác giả|συντάκτης|автори?|авторы|текст|بقلم|كتب|كتبت|الكاتب"
)
_BY_EAST_ASIAN = "责任编辑|責任編輯|责编|責編|记者|記者|作者|撰文|文(?=\\s*[:：／/])|執筆|取材"
# These begin names as well: a line that is shown has them, a field does not.
_BY_OR_NAME = "di|da|av|af"
_ENDS_LEAD_IN = r"(?![^\W\d_])\s*[:：／/]?\s*"
_LEAD_IN = re.compile(
    rf"(?i)^\W*(?:(?:{_BY}|{_BY_OR_NAME}){_ENDS_LEAD_IN}|(?:{_BY_EAST_ASIAN})\s*[:：／/]?\s*)"
)
# "Von der Sample" is a name: after the lead-in of a field comes a capital.
_FIELD_LEAD_IN = re.compile(
    rf"^\W*(?:(?i:{_BY})(?![^\W\d_])\s*[:：]?\s*(?=[^\W\d_a-zß-öø-ÿ])|(?:{_BY_EAST_ASIAN})\s*[:：／/]\s*)"
)
_AND = re.compile(r"\s*(?:,|;|\||/|、|，|\band\b|\bund\b|\bet\b|\by\b|&)\s*")
_AND_SOMEWHERE = re.compile(
    r"\s+(?:e|en|och|og|ja|i|a|și|és|ve|и|та|і|và|dan|και|con|mit|met|med|with|avec)\s+"
)
_IN_BRACKETS = re.compile(r"(?<=\w)\s*[(（][^()（）]{1,30}[)）]$")
_WITH = re.compile(r"^(?:with|mit|avec|con|com|met|med)\s+(?=\S)")
# What may stand behind the names on their line: dates, desks, jobs.
_BEHIND = re.compile(
    r"(?i)\s*(?:[|•·]|\b(?:published|updated|posted|last|senior|staff|editor|photography|fotos?|stand|"
    r"aktualisiert|veröffentlicht|publié|mis à jour|publicado|actualizado|aggiornato|pubblicato)\b"
    rf"|\b(?:on |am |le |el )?(?:{MONTH})\.?\s+\d|\d).*",
)
# Where they wrote: "By Ann Example in New Ostby".
_PLACE = re.compile(
    r"(?<=\w) (?:in|aus|from|à|desde) [^\W\d_a-zß-öø-ÿ]\w+(?:[ -][^\W\d_a-zß-öø-ÿ]\w+)*"
)
_ADDRESS = re.compile(r"[\(\[<]?\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+[\)\]>]?|(?<!\S)@\w+")
# As feeds write it: "jane@times.example (Jane Roe)".
_MAIL_AND_NAME = re.compile(r"\S+@\S+\s*\(([^()]+)\)")
# Accounts, empty values, addresses, and the buttons that stand in bylines.
_NOBODY = re.compile(
    r"(?i)\W*|https?:.*|\S+@\S+|\d+|(?:null|none|undefined|nan|n/a|admin|administrator|webmaster|superuser|root"
    r"|user|default|guest|authors?|share|follow|comments?|print|save|listen|published|updated)"
)
# Where names stand beside it, what they do is no name.
_JOB = re.compile(
    r"(?i)(?:(?:senior|chief|deputy|political|special|foreign|news|sports?|freelance) )*(?:staff"
    r"|(?:staff ?)?writers?|reporters?|correspondents?|editors?|journalists?|contributors?|columnists?)"
    r"|redakteur(?:in)?|korrespondent(?:in)?|journaliste|periodista|redactora?|giornalista|jornalista|redacteur"
)
# "Ann Example", "J. M. van der Sample": two to five words, most with a capital.
_NAME = r"[^\W\d_a-zß-öø-ÿ][\w.'’-]*"
PERSON = re.compile(
    rf"{_NAME}(?: (?:{_NAME}|de|da|del|della|di|du|la|le|van|von|der|den|el|al|bin)){{1,5}}"
)
