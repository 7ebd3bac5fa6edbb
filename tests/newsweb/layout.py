"""What stands around a story: related links, inserts, captions, pull quotes, latest lists, the date line.

In: a page, its outlet's other pages, and the day it is rendered. Out: a `View`, everything that a
template prints. An outlet that is `volatile` renders its furniture anew every day; the others
rendered a page once, on the day it appeared, and its bytes change only with its story.
"""

import re
from datetime import datetime, timedelta, timezone
from typing import Literal

import msgspec

from tests.newsweb.content import Language, OutletRow, languages, number
from tests.newsweb.pages import Page, date_of, outlet_sections, pages_of, slug


class Link(msgspec.Struct, frozen=True):
    """A headline that links to a story of the outlet, and the teaser under it."""

    href: str
    title: str
    teaser: str = ""


class Block(msgspec.Struct, frozen=True):
    """A piece of the story column: the story's own words, or something put between them."""

    kind: Literal["text", "subhead", "row", "insert", "quote", "figure"]
    text: str
    link: Link = Link("", "")


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a template prints on an article page."""

    page: Page
    outlet: OutletRow
    words: Language
    navigation: tuple[Link, ...]
    section: Link
    weather: str
    header_date: str
    published: str
    published_iso: str
    modified_iso: str
    updated: str
    description: str
    blocks: tuple[Block, ...]
    related: tuple[Link, ...]
    latest: tuple[Link, ...]
    tags: tuple[Link, ...]


def view_of(page: Page, day: int) -> View:
    """The page as its outlet shows it on the day."""
    outlet = page.outlet
    rendered = day if outlet.volatile else page.day
    others = [p for p in pages_of(outlet, rendered) if p.url != page.url and p.day <= rendered]
    changed = page.modified != page.published
    words = languages()[outlet.language]
    return View(
        page=page,
        outlet=outlet,
        words=words,
        navigation=navigation(outlet, rendered),
        section=section_link(outlet, page.story.topic),
        weather=_weather(outlet, rendered),
        header_date=header_date(outlet, rendered),
        published=_moment(page.published, outlet),
        published_iso=local(page.published, outlet).isoformat(),
        modified_iso=local(page.modified, outlet).isoformat(),
        updated=f"{words.updated}: {_moment(page.modified, outlet)}" if changed else "",
        description=page.standfirst or _teaser(page),
        blocks=_blocks(page, others),
        related=tuple(_link(p, "related") for p in _picked(others, 4, "related", page)),
        latest=tuple(_link(p, "latest") for p in others[: number(5, 7, "latest", outlet.id)]),
        tags=tuple(Link(f"/tag/{slug(tag)}", tag) for tag in page.story.tags),
    )


def header_date(outlet: OutletRow, day: int) -> str:
    """The date in the masthead: the day of rendering, whatever the story's date is."""
    return _written_date(languages()[outlet.language].header_date, date_of(day), outlet)


def navigation(outlet: OutletRow, day: int) -> tuple[Link, ...]:
    """The links to the sections, as they stand in the masthead."""
    return tuple(section_link(outlet, topic) for topic in outlet_sections(outlet, day))


def section_link(outlet: OutletRow, topic: str) -> Link:
    """The link to the outlet's section of that topic."""
    label = languages()[outlet.language].sections[topic]
    return Link(f"/{slug(label)}/", label)


def story_link(page: Page) -> Link:
    """The link to a page as section pages list it: an alias where there is one."""
    return Link(page.aliases[0] if page.aliases else page.path, page.headline, _teaser(page))


def local(when: datetime, outlet: OutletRow) -> datetime:
    """The time on the outlet's clock."""
    hours, minutes = int(outlet.utc_offset[:3]), int(outlet.utc_offset[4:])
    return when.astimezone(timezone(timedelta(hours=hours, minutes=minutes)))


def _blocks(page: Page, others: list[Page]) -> tuple[Block, ...]:
    """The story's lines with the inserts, the figure and the pull quote at their places."""
    blocks = [_line_block(line) for line in page.lines]
    inserts = _picked(others, min(2, len(blocks) // 4), "insert", page)
    quote = _quote(page)
    if quote and len(blocks) > 6:
        blocks.insert(number(4, len(blocks) - 2, "quote", page.url), Block("quote", quote))
    for n, other in enumerate(inserts):
        place = 2 + n * 4 + number(0, 1, "insert place", n, page.url)
        blocks.insert(
            min(place, len(blocks)), Block("insert", page.outlet.read_also, _link(other, "inline"))
        )
    if page.caption:
        blocks.insert(0, Block("figure", page.caption))
    return tuple(blocks)


def _line_block(line: str) -> Block:
    if line.startswith("## "):
        return Block("subhead", line[3:])
    if line.startswith("| "):
        return Block("row", line[2:])
    return Block("text", line)


def _quote(page: Page) -> str:
    """A sentence of the body that somebody says, to be shown large as well."""
    said = re.compile(r"[“„«»‘\"]([^“”„«»›‹’\"]{45,160}[.,!?])[”“»«’\"]")
    found = [m[1] for line in page.lines for m in said.finditer(line)]
    return found[-1].rstrip(",.") + "." if found else ""


def _picked(others: list[Page], count: int, use: str, page: Page) -> list[Page]:
    return sorted(others, key=lambda p: number(0, 10**12, use, page.url, p.url))[:count]


def _link(page: Page, use: str) -> Link:
    tracking = f"{'&' if '?' in page.path else '?'}ref={use}" if page.outlet.tracking else ""
    return Link(page.path + tracking, page.headline, _teaser(page))


def _teaser(page: Page) -> str:
    if page.standfirst:
        return page.standfirst
    words = page.lines[0].split() if page.lines else [page.headline]
    return " ".join(words[:14]).rstrip(",;:") + ("..." if len(words) > 14 else "")


def _weather(outlet: OutletRow, day: int) -> str:
    celsius = number(-20, 190, "masthead", outlet.id, day) / 10
    if outlet.country == "US":
        return f"{celsius * 9 / 5 + 32:.0f}°F {outlet.towns[0]}"
    return f"{celsius:.1f} C" if outlet.language == "en" else f"{celsius:.0f} °C {outlet.towns[0]}"


def _moment(when: datetime, outlet: OutletRow) -> str:
    return _written_date(languages()[outlet.language].story_date, local(when, outlet), outlet)


def _written_date(shape: str, when: datetime, outlet: OutletRow) -> str:
    words = languages()[outlet.language]
    return shape.format(
        weekday=words.weekdays[when.weekday()],
        day=when.day,
        month=words.months[when.month - 1],
        month_number=when.month,
        year=when.year,
        time=f"{when:%H:%M}",
    )
