"""Texts made by form, posts, and copies with other figures: what must stay apart, and what must not.

In: the forms of templates.toml, the made-up wires, a seed. Out: texts with the copy and the story that each
belongs to. Two fillings of one form are no copies and no story, however much of the form they share;
a wire story, or a filled form, that another outlet printed with corrected figures, a new toll or a name
put for another is a copy. Nothing is measured here.
"""

import random
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench import wires

TABLES: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
DAYS = 12


class Text(NamedTuple):
    """A text: its form or wire, the thing that it tells, its outlet and when it was published."""

    kind: str
    thing: str
    host: str
    published: str
    text: str


def sets(seed: int) -> dict[str, list[Text]]:
    """The forms in several ways, and the copies."""
    return {
        "forms, an outlet each": forms(seed),
        "forms, one outlet": forms(seed, one_outlet=True),
        "forms that hardly differ": forms(seed, alike=True),
        "forms that hardly differ, one outlet": forms(seed, one_outlet=True, alike=True),
        "forms that hardly differ, two of each": forms(seed, 2, alike=True),
        "posts with one paragraph in common": posts(),
        "copies with other figures": copies(seed),
    }


def forms(
    seed: int, each: int = 12, *, one_outlet: bool = False, alike: bool = False
) -> list[Text]:
    """So many fillings of each form, of outlets of their own or of one a form.

    Where they are `alike`, only names and numbers of two digits and more differ.
    """
    made = []
    for form in TABLES["form"]:
        kind = form["kind"]
        for n in range(each):
            chance = random.Random(f"{kind} {seed} {n}")
            host = f"{kind} {'' if one_outlet else n}".strip().replace(" ", "-").replace(",", "")
            text = filled(form["text"].strip(), chance, alike=alike)
            made.append(Text(kind, f"{kind} {n}", f"{host}.example", _day(chance), text))
    return made


def copies(seed: int) -> list[Text]:
    """Each wire and each form once, and what outlets printed with other figures or names in it."""
    stories = [(f"{t.wire} {t.form} {n}", t.text) for n, t in enumerate(_wires())]
    for form in TABLES["form"]:
        chance = random.Random(f"{form['kind']} {seed} copied")
        stories.append((form["kind"], filled(form["text"].strip(), chance)))
    made = []
    for thing, text in stories:
        chance = random.Random(f"{thing} {seed}")
        for n, (kind, edited) in enumerate((("as filed", text), *edits(text, chance))):
            host = f"copied{n}.example"
            made.append(Text(kind, thing, host, f"2026-03-02T{8 + n:02}:00:00Z", edited))
    return made


def posts() -> list[Text]:
    """The wires two paragraphs at a time, each with the first one below."""
    made = []
    for wire in (t for t in _wires() if t.form == "wire"):
        below, *rest = wire.text.split("\n\n")
        for n in range(0, len(rest) - 1, 2):
            text = "\n\n".join((*rest[n : n + 2], below))
            when = f"2026-03-02T{8 + n:02}:00:00Z"
            made.append(Text("post", f"{wire.wire} {n}", f"live{n}.example", when, text))
    return made


def _wires() -> list[wires.Text]:
    found = wires.load("tuned-1", "tuned-2", "held-out")
    return [t for t in found if t.form == "wire" or (not t.same and t.language == "en")]


def _day(chance: random.Random) -> str:
    return f"2026-03-{chance.randint(1, DAYS):02}T{chance.randrange(24):02}:00:00Z"


# ------------------------------------------------------------------------------------------------ forms


_CONSTANT = ("n1", "day", "dia", "tag", "jour", "month", "team", "street")


def filled(form: str, chance: random.Random, *, alike: bool = False) -> str:
    """The form with its blanks filled in."""
    marked: dict[str, str] = {}

    def blank(match: re.Match[str]) -> str:
        kind, mark = match[1], match[2]
        if mark and match[0] in marked:
            return marked[match[0]]
        if alike and kind in _CONSTANT:
            value = "4" if kind == "n1" else TABLES["lists"][kind].split()[0]
        elif kind[0] == "n" and kind[1:].isdigit():
            digits = int(kind[1:])
            value = str(chance.randint(10 ** (digits - 1), 10**digits - 1))
        else:
            value = chance.choice(TABLES["lists"][kind].split())
        if mark:
            marked[match[0]] = value
        return value

    chosen = re.sub(
        r"\[([^\[\]]+)\]",
        lambda m: m[1].split("|")[0 if alike else chance.randrange(m[1].count("|") + 1)],
        form,
    )
    return re.sub(r"\{(\w+?)(?:\.(\w+))?\}", blank, chosen)


# ------------------------------------------------------------------------------------------------ edits

_FIGURE = re.compile(r"\b\d[\d.,:]*\d\b|\b\d\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-ZÄÖÜ][a-zäöüßéèñ]{3,}\b")


def edits(text: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """What happens to a text between two outlets that leaves it a copy."""
    figures = sorted(set(_FIGURE.findall(text)))
    names = sorted(set(_NAME.findall(text)))
    if figures:
        yield "figure corrected", _put(text, chance.choice(figures), str(chance.randint(2, 999)))
    if len(figures) > 5:
        changed = text
        for figure in chance.sample(figures, 2):
            changed = _put(changed, figure, str(chance.randint(2, 999)))
        more = "The figures were updated after officials gave a new count on the following morning."
        yield "toll updated", f"{changed}\n\n{more}"
    if len(names) > 5:
        place = chance.choice(TABLES["lists"]["place"].split())
        local = f"Readers in {place} have asked what this means for them; the editors will report."
        yield "name localised", f"{_put(text, chance.choice(names), place)}\n\n{local}"
    paragraphs = text.split("\n\n")
    if len(paragraphs) > 4:
        short = "\n\n".join(paragraphs[: len(paragraphs) // 2])
        inside = [figure for figure in figures if figure in short]
        if inside:
            yield "cut, figure corrected", _put(short, chance.choice(inside), "47")


def _put(text: str, old: str, new: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new, text)
