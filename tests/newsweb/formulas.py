"""Stories made by a formula: weather, results, market tables, obituaries, round-ups.

In: `formulas.toml`, the outlets and the written stories. Out: `Story` records, each on one page. Pages
of one formula share their template's words and differ in names and numbers: copies of nothing. A
round-up quotes the first paragraph of other stories and is a copy of none.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from tests.newsweb.content import (
    HERE,
    CopyRow,
    OutletRow,
    Story,
    languages,
    number,
    outlet_of,
    outlets,
    paragraphs,
    read_toml,
    written_stories,
)

_EARLY = datetime(2026, 11, 16, tzinfo=UTC)
_SECOND_FORECAST = (
    "harbour-gazette",
    "stanwick-post",
    "prairie-sentinel",
    "bayline-daily",
    "southern-observer",
    "tagblatt-elbmark",
    "alpenbote",
    "diario-monteverde",
)
_DAY_TWO_FORECAST = (
    "stanwick-post",
    "coast-courier",
    "alpenbote",
    "gaceta-almenara",
    "globe-current",
)
_MARKETS = (
    ("national-ledger", 0),
    ("national-ledger", 2),
    ("bayline-daily", 1),
    ("prairie-sentinel", 1),
    ("southern-observer", 1),
    ("mittel-anzeiger", 1),
    ("alpenbote", 2),
    ("gaceta-almenara", 1),
    ("voz-litoral", 2),
)
_INDEX = {
    "national-ledger": "Ledger All-Share",
    "bayline-daily": "Bay Composite",
    "prairie-sentinel": "Plains 60",
    "southern-observer": "Pacific 25",
    "mittel-anzeiger": "Elbindex",
    "alpenbote": "Alpenindex",
    "gaceta-almenara": "Almenara 20",
    "voz-litoral": "Índice del Litoral",
}


@cache
def stories() -> tuple[Story, ...]:
    """Every story by formula, in a fixed order."""
    tables = read_toml(HERE / "formulas.toml")
    made: list[Story] = []
    for n, outlet in enumerate(outlets()):
        made.append(_weather(tables["weather"][outlet.language], outlet, _EARLY, 1))
        if outlet.id in _SECOND_FORECAST:
            late = _EARLY + timedelta(days=2)
            made.append(_weather(tables["weather"][outlet.language], outlet, late, 1))
        if outlet.id in _DAY_TWO_FORECAST:
            third = _EARLY + timedelta(days=3)
            made.append(_weather(tables["weather"][outlet.language], outlet, third, 2))
        made.append(_results(tables["results"][outlet.language], outlet, n))
    for outlet_id, late_days in _MARKETS:
        outlet = outlet_of(outlet_id)
        day = _EARLY + timedelta(days=late_days)
        made.append(_market(tables["market"][outlet.language], outlet, day))
    made += [_obituary(tables["obituary"], life) for life in tables["life"]]
    made += [_roundup(row, n) for n, row in enumerate(tables["roundup"], 1)]
    return tuple(made)


def _weather(words: dict[str, Any], outlet: OutletRow, date: datetime, day: int) -> Story:
    seed = ("weather", outlet.id, f"{date:%m%d}")
    warm = 0 if outlet.country in ("NZ", "AU", "KE", "CO", "AR") else -12
    towns = [_town_weather(words, outlet, town, warm, *seed) for town in outlet.towns]
    head = towns[0] | _date_words(outlet, date + timedelta(days=1))
    head |= {
        "sky1": towns[0]["sky"],
        "sky2": _choice(words["skies"], "sky2", *seed),
        "sky3": _choice(words["skies"], "sky3", *seed),
        "rise": f"{number(6, 7, 'rise', *seed)}:{number(10, 59, 'rise min', *seed)}",
        "set": f"{number(16, 19, 'set', *seed)}:{number(10, 59, 'set min', *seed)}",
        "tide1": f"{number(1, 11, 'tide', *seed)}:{number(10, 59, 'tide min', *seed)}",
        "tide2": f"{number(13, 23, 'tide', *seed)}:{number(10, 59, 'ebb min', *seed)}",
    }
    head["when"] = words["when"].format(**head)
    intro = _choice(words["intro"], "intro", *seed).format(**head)
    lines = [intro[0].upper() + intro[1:], *(words["row"].format(**t) for t in towns)]
    return Story(
        id="-".join(seed),
        kind="weather",
        language=outlet.language,
        topic="weather",
        published=_stamp(date, 4, *seed),
        headline=words["headline"].format(**head),
        text="\n\n".join([*lines, words["outlook"].format(**head)]),
        copy=(CopyRow(outlet=outlet.id, day=day),),
    )


def _town_weather(
    words: dict[str, Any], outlet: OutletRow, town: str, warm: int, *seed: str
) -> dict[str, Any]:
    high = number(18, 27, "high", town, *seed) + warm
    low = high - number(3, 9, "low", town, *seed)
    if outlet.country == "US":
        high, low = (round(c * 9 / 5 + 32) for c in (high, low))
    return {
        "town": town,
        "sky": _choice(words["skies"], "sky", town, *seed),
        "high": high,
        "low": low,
        "unit": "F" if outlet.country == "US" else "C",
        "wind": _choice(words["winds"], "wind", town, *seed),
        "speed": number(4, 55, "speed", town, *seed),
        "rain": number(0, 19, "rain", town, *seed) * 5,
    }


def _results(words: dict[str, Any], outlet: OutletRow, n: int) -> Story:
    seed = ("results", outlet.id)
    date = _EARLY - timedelta(days=1) + timedelta(days=n % 3)
    when = _day_and_month(outlet, date)
    league = words["leagues"][n % len(words["leagues"])]
    teams = sorted(words["teams"], key=lambda team: number(0, 10**9, team, *seed))
    rows = []
    for match in range(min(6, len(teams) // 2)):
        scorers = _scorers(words, "match", str(match), *seed)
        rows.append(
            words["row"].format(
                home=teams[2 * match],
                away=teams[2 * match + 1],
                a=number(1, 4, "a", match, *seed),
                b=number(1, 3, "b", match, *seed),
                m1=number(2, 44, "m1", match, *seed),
                m2=number(45, 90, "m2", match, *seed),
                crowd=number(312, 14_870, "crowd", match, *seed),
                **scorers,
            )
        )
    outro = words["outro"].format(
        n1=number(9, 14, "n1", *seed),
        n2=number(6, 8, "n2", *seed),
        n3=number(4, 5, "n3", *seed),
        next=_day_and_month(outlet, date + timedelta(days=7)),
        **_scorers(words, "table", *seed),
    )
    headline = _choice(words["headlines"], *seed)
    return Story(
        id="-".join(seed),
        kind="results",
        language=outlet.language,
        topic="sport",
        published=_stamp(date, 18, *seed),
        headline=headline.format(league=league, when=when),
        text="\n\n".join([words["intro"].format(league=league, when=when), *rows, outro]),
        copy=(CopyRow(outlet=outlet.id),),
    )


def _market(words: dict[str, Any], outlet: OutletRow, date: datetime) -> Story:
    seed = ("market", outlet.id, f"{date:%m%d}")
    listed = sorted(words["shares"], key=lambda name: number(0, 10**9, name, outlet.id))[:8]
    quotes = [(share, number(-480, 520, "move", share, *seed) / 100) for share in listed]
    change = number(-190, 210, "change", *seed) / 100
    facts = {
        "index": _INDEX[outlet.id],
        "move": words["up"] if change >= 0 else words["down"],
        "when": _day_and_month(outlet, date),
        "level": _decimal(number(180_000, 920_000, "level", *seed) / 100, outlet),
        "change": _decimal(change, outlet),
        "volume": number(31, 690, "volume", *seed),
        "best": max(quotes, key=lambda q: q[1])[0],
        "worst": min(quotes, key=lambda q: q[1])[0],
        "count": len(quotes),
        "oil": _decimal(number(5800, 9200, "oil", *seed) / 100, outlet),
    }
    rows = [
        f"| {share} | {_decimal(number(210, 48_000, share, *seed) / 100, outlet)} | {_decimal(move, outlet)}"
        for share, move in quotes
    ]
    return Story(
        id="-".join(seed),
        kind="market",
        language=outlet.language,
        topic="business",
        published=_stamp(date, 17, *seed),
        headline=words["headline"].format(**facts),
        text="\n\n".join([words["intro"].format(**facts), words["second"].format(**facts), *rows]),
        copy=(CopyRow(outlet=outlet.id),),
    )


def _obituary(words: dict[str, str], life: dict[str, Any]) -> Story:
    surname = life["name"].split()[-1]
    facts = life | {"Surname": surname}
    text = [words["lead"], words["born"], life["middle"], words["family"], words["funeral"]]
    return Story(
        id=f"obituary-{life['name'].lower().replace(' ', '-')}",
        kind="obituary",
        topic="obituaries",
        published=_stamp(_EARLY + timedelta(days=number(0, 1, life["name"])), 9, life["name"]),
        headline=words["headline"].format(**facts),
        text="\n\n".join(paragraph.format(**facts) for paragraph in text),
        copy=(CopyRow(outlet=life["outlet"]),),
    )


def _roundup(row: dict[str, Any], n: int) -> Story:
    known = {story.id: story for story in written_stories()}
    first = [paragraphs(known[i].text)[0] for i in row["stories"] if i in known]
    quoted = [f"{part} {text}" for part, text in zip(row["parts"], first, strict=False)]
    return Story(
        id=f"roundup-{n}",
        kind="roundup",
        topic="world",
        published=row["published"],
        headline=row["headline"],
        text="\n\n".join([row["intro"], *quoted, row["outro"]]),
        contains=tuple(row["stories"]),
        copy=(CopyRow(outlet=row["outlet"]),),
    )


def _scorers(words: dict[str, Any], *seed: str) -> dict[str, str]:
    ranked = sorted(words["scorers"], key=lambda name: number(0, 10**9, name, *seed))
    return dict(zip(("scorer1", "scorer2", "scorer3"), ranked, strict=False))


def _choice(options: Sequence[str], *seed: str) -> str:
    return options[number(0, len(options) - 1, *seed)]


def _date_words(outlet: OutletRow, date: datetime) -> dict[str, Any]:
    words = languages()[outlet.language]
    return {
        "weekday": words.weekdays[date.weekday()],
        "day": date.day,
        "month": words.months[date.month - 1],
    }


def _day_and_month(outlet: OutletRow, date: datetime) -> str:
    shape = {"de": "{day}. {month}", "es": "{day} de {month}"}.get(outlet.language, "{day} {month}")
    return shape.format(**_date_words(outlet, date))


def _decimal(value: float, outlet: OutletRow) -> str:
    return f"{value:.2f}" if outlet.language == "en" else f"{value:.2f}".replace(".", ",")


def _stamp(date: datetime, hour: int, *seed: str) -> str:
    when = date + timedelta(hours=hour, minutes=number(0, 119, "minute", *seed))
    return when.isoformat().replace("+00:00", "Z")
