"""House style by rule: spelling, honorifics, percentages, short numbers, quotation marks, datelines.

In: a story's words and an outlet's habits. Out: the words as that outlet prints them. Nothing here
rewrites a sentence; that is done by hand in the story files.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache

from tests.newsweb.content import HERE, OutletRow, languages, read_toml

_QUOTES = {
    "double": "“”‘’",
    "single": "‘’“”",
    "straight": "\"\"''",
    "german": "„“‚‘",
    "guillemet": "»«›‹",
    "spanish": "«»“”",
}
_WEEKDAY = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_SAID_DAY = re.compile(
    rf"\b(said|reported|announced|confirmed|died|began|ruled) (?=(?:{_WEEKDAY})\b)"
)
_OPENER = re.compile(
    "After|Although|And|As|At|Because|Before|Both|But|By|During|For|From|If|In|It|Last|Like|On|Since|So|"
    "That|The|Then|Until|What|When|Where|Whether|While|With"
)
_REUTERS_MONTHS = "Jan|Feb|March|April|May|June|July|Aug|Sept|Oct|Nov|Dec"


def restyled(text: str, people: Mapping[str, str], outlet: OutletRow) -> str:
    """The text in the outlet's house style (English only: the other languages have one style here)."""
    if outlet.spelling:
        text = _spelled(text, outlet.spelling)
    if outlet.honorifics:
        text = _with_honorifics(text, people)
    if outlet.percent:
        text = re.sub(r"(?<=\d) ?(?:percent|per cent|%)", _percent(outlet.percent), text)
    if outlet.short_numbers:
        text = re.sub(r"([$£€]\d[\d.,]*) million\b", r"\1m", text)
        text = re.sub(r"([$£€]\d[\d.,]*) billion\b", r"\1bn", text)
    if outlet.spelling == "uk":
        text = _SAID_DAY.sub(r"\1 on ", text)
    return text


def with_quotes(text: str, style: str) -> str:
    """Straight quotation marks and apostrophes turned into those of the style."""
    first, last, inner, inner_last = tuple(_QUOTES[style])
    text = re.sub(r'(^|[\s(\[—–\'])"(?=\S)', lambda m: m[1] + first, text)
    text = text.replace('"', last)
    text = re.sub(r"(^|[\s(\[—–“„«»‘])'(?=\S)", lambda m: m[1] + inner, text)
    apostrophe = "'" if style == "straight" else "’"
    text = re.sub(r"(?<=\w)'(?=\w)", apostrophe, text)
    opened = re.escape(inner)
    text = re.sub(rf"({opened}[^'{opened}]*)'", lambda m: m[1] + inner_last, text)
    return text.replace("'", apostrophe)


def dateline(agency: str, place: str, when: datetime, language: str) -> str:
    """The opening words by which the agency names place and itself, with the space that follows."""
    town, _, rest = place.partition(",")
    month = languages()[language].months[when.month - 1]
    shape = {
        "AP": "{loud} (AP) — ",
        "Reuters": "{loud}, {reuters_month} {day} (Reuters) - ",
        "AFP": "{town} (AFP) – ",
        "dpa": "{town} (dpa) - ",
        "EFE": "{town}, {day} {short_month} (EFE).- ",
    }.get(agency, "")
    return shape.format(
        loud=town.upper() + (f",{rest}" if rest else ""),
        town=town,
        day=when.day,
        short_month=month[:3],
        reuters_month=_REUTERS_MONTHS.split("|")[when.month - 1],
    )


def place_line(place: str, outlet: OutletRow) -> str:
    """The dateline of an outlet that keeps the place and drops the agency."""
    town = place.partition(",")[0]
    return f"{town.upper()} — " if outlet.spelling == "us" else f"{town}: "


def credit_byline(agency: str, author: str, outlet: OutletRow) -> str:
    """The byline that credits the agency, in the way of agency and outlet."""
    named = {
        ("semantic", "AP"): f"By {author.upper()}, Associated Press",
        ("table", "AP"): f"By {author.upper()}, Associated Press",
        ("modern", "AP"): f"{author} | Associated Press",
        ("modern", "Reuters"): f"By {author}, Reuters",
        ("semantic", "PA"): f"By {author}, PA",
        ("classy", "PA"): f"By {author}, PA",
        ("modern", "PA"): f"By {author}, PA",
        ("flat", "EFE"): "EFE",
        ("classy", "dpa"): "Von dpa",
    }
    plain = {
        "AP": "The Associated Press",
        "PA": "By Press Association",
        "AFP": "Agence France-Presse",
        "EFE": "Agencia EFE",
    }
    return named.get((outlet.template, agency)) or plain.get(agency, agency)


def credit_tail(agency: str, author: str, editors: str, number: int, when: datetime) -> str:
    """The line under the story that credits the agency."""
    return {
        "AP": f"Copyright {when.year} The Associated Press. All rights reserved. This material may not be "
        "published, broadcast, rewritten or redistributed without permission.",
        "Reuters": f"(Reporting by {author}; Editing by {editors})",
        "AFP": f"© {when.year} AFP",
        "PA": "By PA News Agency",
        "dpa": f"© dpa-infocom, dpa:{when:%y%m%d}-930-{number}/{1 + number % 3}",
        "EFE": f"(c) Agencia EFE {when.year}",
    }.get(agency, "")


def _spelled(text: str, target: str) -> str:
    table, pattern = _spellings(target)

    def swap(match: re.Match[str]) -> str:
        word = table[match[0].lower()]
        return word.capitalize() if match[0][0].isupper() else word

    return pattern.sub(swap, text)


@cache
def _spellings(target: str) -> tuple[dict[str, str], re.Pattern[str]]:
    us_to_uk: dict[str, str] = read_toml(HERE / "style.toml")["spelling"]
    table = us_to_uk if target == "uk" else {uk: us for us, uk in us_to_uk.items()}
    return table, re.compile(rf"\b(?:{'|'.join(table)})\b", re.IGNORECASE)


def _with_honorifics(text: str, people: Mapping[str, str]) -> str:
    """The surname alone, as it stands after the first mention, gets its honorific."""
    for surname, title in people.items():

        def titled(match: re.Match[str], surname: str = surname, title: str = title) -> str:
            before = match[1] or ""
            return match[0] if _is_forename(before) else f"{before}{title} {surname}"

        text = re.sub(rf"(\S+ )?(?<![\w-]){re.escape(surname)}(?![\w-])", titled, text)
    return text


def _is_forename(word: str) -> bool:
    """Whether the word before a surname is part of the name (a forename, initial or title)."""
    bare = word.strip().lstrip("\"'(“‘")
    if not bare or _OPENER.fullmatch(bare) or bare[-1] in ',;:!?"—-':
        return False
    return bare[0].isupper() and (bare[-1] != "." or len(bare) <= 3)


def _percent(style: str) -> str:
    return "%" if style == "%" else f" {style}"
