"""A made-up newsroom: real stories in, pages out of which it is known whose copies they are.

In: stories (`gold_stories` takes the gold bodies of ../shared/data/extraction, which are read at run
time and never stored) and a seed. Out: `Page`s on invented outlets, each with the lineage of its text
(`cluster`), the subject (`event`) and its `kind`. Stories and operators are others than those of
../shared/data/clusters, so what was fitted there can be judged here, and the other way about. The same
stories and seed give the same pages on every machine. Nothing is measured here.
"""

import json
import math
import random
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
Kind = Literal["story", "template", "roundup", "furniture", "sharing"]
DAYS = 40


class Story(NamedTuple):
    """A story as its agency sent it."""

    name: str
    language: str
    title: str
    paragraphs: tuple[str, ...]


class Page(NamedTuple):
    """A page of an outlet. `cluster` is one lineage of text, `event` what it is about."""

    id: str
    host: str
    title: str
    published: str
    text: str
    cluster: str
    event: str
    kind: Kind


class Outlet(NamedTuple):
    """An outlet, with its habits."""

    host: str
    name: str
    place: str
    quotes: str
    british: bool
    dateline: bool
    credit: bool
    furniture: tuple[str, ...]
    clutter: int
    glued: bool


def gold_stories(path: Path, languages: Sequence[str] = ("en", "de", "es", "pl")) -> list[Story]:
    """The stories of a file of gold bodies, without those that resemble an earlier one."""
    stories: list[Story] = []
    seen: set[str] = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        paragraphs = tuple(filter(None, map(str.strip, row["body"].split("\n"))))
        words = " ".join(paragraphs).lower().split()
        grams = {" ".join(words[n : n + 6]) for n in range(len(words) - 5)}
        fresh = len(grams & seen) <= len(grams) / 50
        if row["lang"] in languages and fresh and 80 <= len(words) <= 3000:
            title = row.get("title") or " ".join(paragraphs[0].split()[:9])
            stories.append(Story(row["id"], row["lang"], title, paragraphs))
        seen |= grams
    return stories


def newsroom(stories: Sequence[Story], seed: int, count: int = 500) -> list[Page]:
    """What the outlets made of `count` of the stories, in the order of publication."""
    chance = random.Random(f"newsroom {seed}")
    mixed = chance.sample(list(stories), len(stories))
    told, untold = mixed[:count], [s for s in mixed[count:] if s.language == "en"]
    outlets = [_outlet(random.Random(f"outlet {seed} {n}"), n) for n in range(60)]
    pages: list[Page] = []
    days = {story.name: chance.uniform(0, DAYS) for story in told}
    desk = _Desk(chance, outlets, told, days)
    for story in told:
        pages += desk.copies(story)
    for n in range(count // 6):
        pages.append(desk.roundup(n))
    for story in untold[: count // 5]:
        pages.append(desk.sharing(story))
    for n in range(count // 5):
        pages.append(desk.furniture(n))
    for n in range(count):
        pages += desk.template(n)
    pages.sort(key=lambda page: (page.published, page.host, page.title))
    return [page._replace(id=f"p{n:06}") for n, page in enumerate(pages)]


def lines(pages: Iterable[Page]) -> Iterator[bytes]:
    """The pages as input of `wirecorpus cluster`."""
    for page in pages:
        url = f"https://{page.host}/{page.published[:10]}/{page.id}"
        row = {"id": page.id, "url": url, "host": page.host, "title": page.title}
        yield json.dumps({**row, "published": page.published, "text": page.text}).encode() + b"\n"


def filled(formula: str, chance: random.Random, outlet: str = "Chronicle") -> str:
    """A formula with its blanks filled in."""
    places = chance.sample(TABLES["places"], 3)
    people = [_person(chance), _person(chance)]
    return _filled(formula, chance, outlet, places, people)


def _person(chance: random.Random) -> str:
    return f"{chance.choice(TABLES['first_names'])} {chance.choice(TABLES['last_names'])}"


def _filled(
    formula: str, chance: random.Random, outlet: str, places: list[str], people: list[str]
) -> str:
    known = dict(zip("abcpqh", [*places, *people, outlet], strict=True))
    known["A"] = places[0].upper()

    def blank(match: re.Match[str]) -> str:
        name = match[1]
        if name == "n":
            return str(chance.randint(2, 99))
        if name in "dt":
            return str(chance.choice(TABLES["days" if name == "d" else "times"]))
        return known[name]

    return re.sub(r"\{(\w)\}", blank, formula)


# ------------------------------------------------------------------------------------------- outlets


def _outlet(chance: random.Random, number: int) -> Outlet:
    place, masthead = chance.choice(TABLES["places"]), chance.choice(TABLES["mastheads"])
    name = f"{place} {masthead}"
    known = [place, *chance.sample(TABLES["places"], 2)]
    people = [_person(chance)] * 2
    standing = chance.sample(TABLES["furniture"], chance.randint(3, 11))
    return Outlet(
        host=f"{name.lower().replace(' ', '')}{number}.example",
        name=name,
        place=place,
        quotes=chance.choice(["straight", "curly", "single", "guillemets"]),
        british=chance.random() < 0.4,
        dateline=chance.random() < 0.5,
        credit=chance.random() < 0.6,
        furniture=tuple(_filled(f, chance, name, known, people) for f in standing),
        clutter=chance.choice([0, 0, 1, 2, 4]),
        glued=chance.random() < 0.1,
    )


_QUOTES = {"straight": '""', "curly": "“”", "single": "‘’", "guillemets": "«»"}
_BRITISH = {
    "ization": "isation",
    "izing": "ising",
    "color": "colour",
    "labor": "labour",
    "center": "centre",
    "defense": "defence",
    "percent": "per cent",
    "program ": "programme ",
}


def _styled(text: str, outlet: Outlet) -> str:
    opening, closing = tuple(_QUOTES[outlet.quotes])
    text = re.sub(r'(?<![\w.,!?])["“„](?=\S)', opening, text)
    text = re.sub(r'(?<=\S)["”“](?!\w)', closing, text)
    text = text.replace("’", "'") if outlet.quotes == "straight" else text.replace("'", "’")
    for american, british in _BRITISH.items() if outlet.british else ():
        text = text.replace(american, british)
    return text


# ----------------------------------------------------------------------------------------- rewording

_SENTENCE = re.compile(r"(?<=[.!?”\"])\s+(?=[\"“A-ZÄÖÜŁŚŻ¿])")
_SWAPS = {a: b for pair in TABLES["synonyms"] for a, b in (pair, pair[::-1]) if " " not in a}
_WORD = re.compile(r"\b[a-z]+\b")


def _reworded(text: str, chance: random.Random, share: float) -> str:
    """With so large a share of the words that have one replaced by a synonym."""
    return _WORD.sub(lambda m: _SWAPS.get(m[0], m[0]) if chance.random() < share else m[0], text)


def _attributed(text: str, chance: random.Random) -> str:
    """Some attributions turned round: `X said` to `according to X`."""

    def turned(match: re.Match[str]) -> str:
        return f"{match[1]} according to {match[2]}." if chance.random() < 0.5 else match[0]

    return re.sub(r"([,”\"]) ([A-Z]\w+(?: [A-Z]\w+)?) (?:said|says|told reporters)\.", turned, text)


def _tightened(text: str, chance: random.Random) -> str:
    """Some relative clauses and asides cut, some sentences dropped or joined."""
    text = re.sub(
        r", (?:which|who|where) [^,.;\"“”]{5,80},",
        lambda m: "" if chance.random() < 0.6 else m[0],
        text,
    )
    sentences = [s for s in _SENTENCE.split(text) if chance.random() > 0.12]
    if len(sentences) > 1 and chance.random() < 0.2:
        sentences[0:2] = [f"{sentences[0].rstrip('.')}, and {sentences[1]}"]
    return " ".join(sentences) or text


def _smudged(text: str, chance: random.Random) -> str:
    """As a scanner or a broken decoder has it."""
    if chance.random() < 0.5:
        return text.replace("’", "â€™").replace("“", "â€œ").replace("—", "â€”")
    made = []
    for letter in text:
        luck = chance.random()
        made.append("" if luck < 0.006 else letter * 2 if luck < 0.01 else letter)
    return "".join(made)


# ---------------------------------------------------------------------------------------------- cuts

Cut = Callable[[list[str], random.Random], list[str]]


def _bottom(paragraphs: list[str], chance: random.Random) -> list[str]:
    return paragraphs[: max(2, round(len(paragraphs) * chance.uniform(0.3, 0.9)))]


def _brief(paragraphs: list[str], chance: random.Random) -> list[str]:
    sentences = _SENTENCE.split(" ".join(paragraphs[:4]))
    return [" ".join(sentences[: chance.randint(2, 5)])]


def _middle(paragraphs: list[str], chance: random.Random) -> list[str]:
    return paragraphs[:1] + [p for p in paragraphs[1:] if chance.random() < 0.65]


def _shuffled(paragraphs: list[str], chance: random.Random) -> list[str]:
    rest = paragraphs[1:]
    chance.shuffle(rest)
    return paragraphs[:1] + rest


def _merged(paragraphs: list[str], chance: random.Random) -> list[str]:
    size = chance.randint(2, 4)
    return [" ".join(paragraphs[n : n + size]) for n in range(0, len(paragraphs), size)]


def _whole(paragraphs: list[str], _chance: random.Random) -> list[str]:
    return paragraphs


CUTS: tuple[tuple[Cut, float], ...] = (
    (_whole, 7), (_bottom, 5), (_brief, 2), (_middle, 3), (_shuffled, 1), (_merged, 2),
)  # fmt: skip


# ---------------------------------------------------------------------------------------------- desk


class _Desk:
    """Where pages are made; holds the chance that all of them share."""

    def __init__(
        self,
        chance: random.Random,
        outlets: Sequence[Outlet],
        stories: Sequence[Story],
        days: dict[str, float],
    ) -> None:
        self._chance, self._outlets, self._stories, self._days = chance, outlets, stories, days

    def copies(self, story: Story) -> Iterator[Page]:
        """The pages that a story became: none of them need be the whole."""
        chance = self._chance
        luck = chance.random()
        size = 1 if luck < 0.45 else chance.randint(12, 26) if luck > 0.95 else chance.randint(2, 7)
        for outlet in chance.sample(self._outlets, size):
            yield self._page(outlet, story, self._edited(story, outlet))

    def sharing(self, own: Story) -> Page:
        """An own report that shares quotations, or paragraphs of background, with a story."""
        chance = self._chance
        other = chance.choice([s for s in self._stories if s.language == own.language])
        quoted = [p for p in other.paragraphs if re.search('["“]', p)]
        text = list(own.paragraphs[: chance.randint(5, 14)])
        room = 0.5 * sum(map(len, text))
        for paragraph in chance.sample(quoted, min(len(quoted), 4)) or other.paragraphs[-2:]:
            room -= len(paragraph)
            if room > 0:
                text.insert(chance.randint(1, len(text)), paragraph)
        story = own._replace(name=other.name, title=f"{other.title}: our report")
        page = self._page(chance.choice(self._outlets), story, text)
        return page._replace(kind="sharing", cluster=own.name)

    def roundup(self, n: int) -> Page:
        """The openings of several stories of one week on a page."""
        chance = self._chance
        middle = self._days[chance.choice(self._stories).name]
        near = [s for s in self._stories if abs(self._days[s.name] - middle) < 4]
        told = chance.sample(near, min(len(near), chance.randint(3, 9)))
        parts: list[str] = [f"{chance.choice(TABLES['days'])} briefing"]
        headed = chance.random() < 0.7
        for story in told:
            parts += [story.title] if headed else []
            parts += story.paragraphs[: chance.choice([1, 1, 1, 2, 3])]
        outlet = chance.choice(self._outlets)
        day = max(self._days[s.name] for s in told) + 0.5
        story = Story(f"roundup-{n}", "en", f"{outlet.name}: in brief, edition {n}", ())
        return self._page(outlet, story, parts, day)._replace(kind="roundup")

    def furniture(self, n: int) -> Page:
        """A page that has hardly more than its site's furniture."""
        chance = self._chance
        outlet = chance.choice(self._outlets)._replace(clutter=6)
        story = Story(f"furniture-{n}", "en", f"Notice {n}", ())
        text = [filled(chance.choice(TABLES["local"]), chance, outlet.name)]
        return self._page(outlet, story, text, chance.uniform(0, DAYS))._replace(kind="furniture")

    def template(self, n: int) -> Iterator[Page]:
        """A page made by form; one in eight stands in a second outlet, too."""
        chance = self._chance
        kind = chance.choice(sorted(TABLES["templates"]))
        places = chance.sample(TABLES["places"], 3)
        people = [_person(chance), _person(chance)]
        day = chance.uniform(0, DAYS)
        form = TABLES["templates"][kind]
        text = [_filled(line, chance, "", places, people) for line in form]
        story = Story(f"{kind}-{n}", "en", f"{kind} {n}", tuple(text))
        for outlet in chance.sample(self._outlets, 2 if chance.random() < 0.125 else 1):
            plain = outlet._replace(dateline=False)
            yield self._page(plain, story, text, day)._replace(kind="template")

    def _edited(self, story: Story, outlet: Outlet) -> list[str]:
        """The story as this outlet prints it."""
        chance, english = self._chance, story.language == "en"
        cuts, weights = zip(*CUTS, strict=True)
        text = list(story.paragraphs)
        for cut in chance.choices(cuts, weights, k=chance.choice([1, 1, 2])):
            text = cut(text, chance)
        luck = chance.random()
        share = 0.0 if luck < 0.5 else 0.15 if luck < 0.75 else 0.4 if luck < 0.92 else 0.8
        if english and share:
            text = [_attributed(_reworded(p, chance, share), chance) for p in text]
        if chance.random() < 0.25:
            text = [_tightened(p, chance) for p in text]
        if chance.random() < 0.15:
            text = self._rewritten(text, outlet)
        for _ in range(chance.choice([0, 0, 0, 1, 1, 2, 3])):
            insert = filled(chance.choice(TABLES["local"]), chance, outlet.name)
            text.insert(chance.randint(1, len(text)), insert)
        if chance.random() < 0.04:
            text = [_smudged(p, chance) for p in text]
        return text

    def _rewritten(self, text: list[str], outlet: Outlet) -> list[str]:
        """A later version: another opening, other numbers, new paragraphs."""
        chance = self._chance
        new = [
            filled(chance.choice(TABLES["updates"]), chance, outlet.name)
            for _ in range(chance.randint(1, 3))
        ]
        if chance.random() < 0.5 and len(text) > 3:
            lead = filled(chance.choice(TABLES["leads"]), chance, outlet.name)
            return [lead, *new, *text[1:]]
        return [new[0], *text[:2], *new[1:], *text[2:]]

    def _page(
        self, outlet: Outlet, story: Story, text: Sequence[str], day: float | None = None
    ) -> Page:
        chance = self._chance
        moment = self._days[story.name] + chance.expovariate(1.2) if day is None else day
        published = datetime(2024, 3, 1, tzinfo=UTC) + timedelta(minutes=math.floor(moment * 1440))
        parts = [_styled(part, outlet) for part in text]
        if outlet.dateline and parts:
            parts[0] = filled(chance.choice(TABLES["datelines"]), chance, outlet.name) + parts[0]
        title = story.title.upper() if chance.random() < 0.1 else story.title
        whole = self._furnished(outlet, parts, title, moment)
        return Page(
            id="",
            host=outlet.host,
            title=title,
            published=published.strftime("%Y-%m-%dT%H:%M:%SZ"),
            text=(" " if outlet.glued else "\n\n").join(whole),
            cluster=story.name,
            event=story.name,
            kind="story",
        )

    def _furnished(self, outlet: Outlet, parts: list[str], title: str, moment: float) -> list[str]:
        chance = self._chance
        top = [title] if chance.random() < 0.25 else []
        if outlet.credit:
            top.append(filled(chance.choice(TABLES["credits"]), chance, outlet.name))
        clutter = min(outlet.clutter, len(outlet.furniture))
        whole = [*top, *parts]
        for line in chance.sample(outlet.furniture, clutter):
            whole.insert(chance.choice([0, len(whole), chance.randint(0, len(whole))]), line)
        near = [s for s in self._stories if abs(self._days[s.name] - moment) < 3]
        for story in chance.sample(near, min(len(near), chance.choice([0, 0, outlet.clutter]))):
            lead = chance.choice(TABLES["related"]) + story.title
            whole.insert(chance.randint(1, len(whole)), lead)
        return whole
