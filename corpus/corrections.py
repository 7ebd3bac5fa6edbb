"""What people say of clusters: which articles must stand together, and which must not.

In: `corrections.jsonl`, a person's file of one JSON object a line; this program never writes it. Out:
`Corrections`. Which documents they speak of is found in `corpus.obeying`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

import msgspec

from corpus.errors import RuleError
from crawler.records import Record, digest_id

NAME = "corrections.jsonl"
"""The file's name in a data folder."""


class CorrectionLine(Record, forbid_unknown_fields=True):
    """A person's word on a clustering: articles that are copies of each other, or are not.

    Each line has `must` or `cannot`, with two ids or more: all of them stand together, or no two of them
    do, nor do they share a story. An id is an article's, "a_…" for all its versions or "a_…@2" for one. The
    rest is for people.
    """

    must: tuple[str, ...] = ()
    cannot: tuple[str, ...] = ()
    note: str = ""
    by: str = ""
    date: str = ""


class Correction(NamedTuple):
    """A line of the file, by its number."""

    line: int
    kind: Literal["must", "cannot"]
    ids: tuple[str, ...]


class Obeyed(Record):
    """What became of a file of corrections: how many lines it has, and how many were applied.

    `unknown` are ids of no article. `void` are the numbers of lines that say "cannot" of articles that
    other lines, taken together, say must be together: those win. Of lines `in_part` that is so of some
    pairs only; the others are applied.
    """

    digest: str = ""
    lines: int = 0
    applied: int = 0
    unknown: tuple[str, ...] = ()
    void: tuple[int, ...] = ()
    in_part: tuple[int, ...] = ()

    def warnings(self, where: str) -> Iterator[str]:
        """What a person should know of it, a sentence each."""
        if self.unknown:
            many = f"{len(self.unknown)} ids are" if self.unknown[1:] else "1 id is"
            yield f"{where}: {many} of no article here, and not obeyed: {_listed(self.unknown)}"
        against = 'against what "must" lines say together'
        if self.void:
            many = f"{len(self.void)} lines go" if self.void[1:] else "1 line goes"
            yield f"{where}: {many} {against}, and is void: line {_listed(self.void)}"
        if self.in_part:
            many = f"{len(self.in_part)} lines go" if self.in_part[1:] else "1 line goes"
            rest = "the other pairs are obeyed"
            yield f"{where}: {many} in part {against}; {rest}: line {_listed(self.in_part)}"


def _listed(found: tuple[object, ...]) -> str:
    shown = (text[:_LETTERS] + "…" * (len(text) > _LETTERS) for text in map(str, found[:_SHOWN]))
    return ", ".join(shown) + (", …" if found[_SHOWN:] else "")


_SHOWN, _LETTERS = 5, 100


class Corrections(NamedTuple):
    """The lines of a file, in their order."""

    lines: tuple[Correction, ...] = ()

    @property
    def digest(self) -> str:
        """Of all that decides anything; "" where there are no lines."""
        said = msgspec.json.encode(self.lines).decode()
        return digest_id("", said) if self.lines else ""


NONE = Corrections()


def read_corrections(lines: Iterable[tuple[int, bytes]], where: str) -> Corrections:
    """The corrections in a file's numbered lines, or an error that names the line and the remedy."""
    read = (_read(number, line, where) for number, line in lines if line.strip(_BLANK))
    return Corrections(tuple(read))


_BLANK = b"\xef\xbb\xbf \t\r\n"


def _read(number: int, line: bytes, where: str) -> Correction:
    place = f"{where}:{number}"
    try:
        said = msgspec.json.decode(line.strip(_BLANK), type=CorrectionLine)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RuleError(f"{place}: {error}; {_SHAPE}") from None
    if bool(said.must) == bool(said.cannot):
        raise RuleError(f'{place}: has both "must" and "cannot", or neither; {_SHAPE}')
    kind: Literal["must", "cannot"] = "must" if said.must else "cannot"
    ids = said.must or said.cannot
    if len(set(ids)) != len(ids) or len(ids) < 2 or not all(ids):
        raise RuleError(f'{place}: "{kind}" needs the ids of two articles or more, each once')
    own = next((name for name in ids if versioned(name)[0] in ids and versioned(name)[1] >= 0), "")
    if own and kind == "cannot":
        raise RuleError(
            f"{place}: '{own}' is a version of '{versioned(own)[0]}', which stands for all of its versions;"
            ' name each version that "cannot" be with another, as id@1, id@2'
        )
    return Correction(number, kind, ids)


def versioned(name: str) -> tuple[str, int]:
    """An id such as "a_1@2" as the article's and the version; -1 where none is named."""
    match = re.fullmatch(r"(.+)@(\d{1,9})", name, re.DOTALL)
    return (match[1], int(match[2])) if match else (name, -1)


_SHAPE = (
    'each line is like {"must": ["a_…", "a_…"]} or {"cannot": ["a_…", "a_…@2"]}, with "note", "by" and "date"'
    " where you want them"
)
