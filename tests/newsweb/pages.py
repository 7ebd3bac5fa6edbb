"""The pages of the made-up web: which outlet shows which story, in which words, credited how.

In: the content files and a day (1, 2, ...). Out: `Page` records with the exact words that stand on
the page, and where they come from. How a page looks is said in `layout.py` and `templates/`.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal

import msgspec

from tests.newsweb import formulas, style
from tests.newsweb.content import (
    COPY_FORMS,
    CopyRow,
    Form,
    Kind,
    OutletRow,
    Story,
    Written,
    languages,
    number,
    outlet_of,
    paragraphs,
    written_stories,
)

FIRST_DAY = datetime(2026, 11, 18, tzinfo=UTC)
"""The date of day 1."""

BodyStatus = Literal["full", "paywalled", "empty"]


class Credit(msgspec.Struct, frozen=True):
    """Words on the page that name a wire agency, and the kind of place they stand in."""

    agency: str
    signal: Literal["dateline", "byline", "tail", "source", "json_ld"]
    text: str


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One story on one outlet's site, as of a day.

    `path` is the canonical one; `aliases` answer with the same page, `moved_from` redirects to it.
    `lines` are the story's paragraphs exactly as shown ("## " opens a subhead, "| " a table's row);
    `tail` are the lines under them that are neither story nor furniture (credits, notes).
    """

    outlet: OutletRow
    story: Story
    copy: CopyRow
    kind: Kind
    forms: tuple[Form, ...]
    path: str
    aliases: tuple[str, ...]
    moved_from: tuple[str, ...]
    day: int
    gone: int
    headline: str
    standfirst: str
    caption: str
    photo: str
    byline: str
    source: str
    tail: tuple[str, ...]
    credits: tuple[Credit, ...]
    agencies: tuple[str, ...]
    lines: tuple[str, ...]
    published: datetime
    modified: datetime
    body_status: BodyStatus
    disallowed: bool

    @property
    def url(self) -> str:
        """The canonical URL."""
        return f"http://{self.outlet.host}{self.path}"

    @property
    def copy_group(self) -> str:
        """The story whose words these are, shared by its near copies; "" when it is told otherwise."""
        return self.story.id if all(f in COPY_FORMS for f in self.forms) else ""


def date_of(day: int) -> datetime:
    """Midnight UTC at the start of a day of the web's own calendar."""
    return FIRST_DAY + timedelta(days=day - 1)


@cache
def stories() -> tuple[Story, ...]:
    """Every story: those written by hand, then those made by a formula (weather, results, ...)."""
    return (*written_stories(), *formulas.stories())


@cache
def pages(day: int) -> tuple[Page, ...]:
    """Every page that exists or has existed by the day, in order of story and copy."""
    return tuple(
        page_of_story(story, copy, day)
        for story in stories()
        for copy in story.copy
        if copy.day <= day
    )


def pages_of(outlet: OutletRow, day: int) -> tuple[Page, ...]:
    """The outlet's pages that still stand on the day, newest first."""
    own = (p for p in pages(day) if p.outlet.id == outlet.id and not (p.gone and p.gone <= day))
    return tuple(sorted(own, key=lambda p: (p.published, p.path), reverse=True))


def slug(headline: str) -> str:
    """The headline as a part of a URL."""
    folded = headline.lower().replace("ß", "ss")
    for letter, pair in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        folded = folded.replace(letter, pair)
    plain = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    return "-".join(words[:9])


def plain_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """The words of story lines, their markers taken off, a table's cells joined by spaces."""
    return tuple(re.sub(r" \| ", " ", re.sub(r"^(?:## |\| )", "", line)) for line in lines)


def page_of_story(story: Story, copy: CopyRow, day: int) -> Page:
    """The page that shows the story as the copy says, on the day."""
    outlet = outlet_of(copy.outlet)
    written = _written(story, copy, outlet)
    published = _published(story, copy)
    changes = tuple(c for c in copy.correction if c.day <= day)
    named, lead, byline, source, tail = _credits(story, copy, outlet, published)
    headline = _shown(copy.headline or (written or story).headline, story, copy, outlet)
    lines = tuple(_shown(p, story, copy, outlet) for p in _lines(story, copy, written))
    if copy.video:
        lines = ()
    if lines:
        lines = (lead + lines[0], *lines[1:])
    for change in changes:
        old, new = (style.with_quotes(t, outlet.quotes) for t in (change.old, change.new))
        if not any(old in line for line in lines):
            raise ValueError(f"{story.id}: {outlet.id}: no line holds {old!r}")
        lines = tuple(line.replace(old, new) for line in lines)
    n = number(1_000_000, 9_999_999, outlet.id, story.id)
    path = _path(outlet, story, headline, published, n)
    return Page(
        outlet=outlet,
        story=story,
        copy=copy,
        kind="video" if copy.video else "teaser" if copy.paywall else story.kind,
        forms=copy.forms,
        path=f"/premium{path}" if copy.disallowed else path,
        aliases=(f"/a/{slug(headline)}-{n}",) if copy.alias else (),
        moved_from=(f"/node/{n}",) if copy.moved else (),
        day=copy.day,
        gone=copy.gone,
        headline=headline,
        standfirst=_shown((written or story).standfirst, story, copy, outlet),
        caption=_shown((written or story).caption, story, copy, outlet),
        photo=copy.photo or outlet.photo,
        byline=byline,
        source=source,
        tail=tail,
        credits=named,
        agencies=copy.agencies or tuple(dict.fromkeys(c.agency for c in named)),
        lines=lines[: copy.paywall] if copy.paywall else lines,
        published=published,
        modified=date_of(changes[-1].day) + timedelta(hours=4) if changes else published,
        body_status="empty" if copy.video else "paywalled" if copy.paywall else "full",
        disallowed=copy.disallowed,
    )


def _written(story: Story, copy: CopyRow, outlet: OutletRow) -> Written | None:
    """The form written by hand that the copy shows, None for the story's own text."""
    wanted = [
        f for f in copy.forms if f in ("updated", "reworded", "translated_back", "translated")
    ]
    if not wanted:
        return None
    for written in story.written:
        if written.form == wanted[0] and written.language == outlet.language:
            return written
    raise ValueError(f"{story.id}: nothing written in {outlet.language} as {wanted[0]}")


def _lines(story: Story, copy: CopyRow, written: Written | None) -> Iterator[str]:
    """The story's paragraphs in the copy's form, before house style."""
    base = paragraphs(story.text)
    text = tuple(_expanded(paragraphs(written.text), base)) if written else base
    kept = text[: copy.keep] if copy.keep else text
    for n, paragraph in enumerate(("", *kept)):
        if n and n not in copy.skip:
            yield paragraph
        yield from (" ".join(a.text.split()) for a in copy.added if a.after == n)


def _expanded(text: Sequence[str], base: Sequence[str]) -> Iterator[str]:
    for paragraph in text:
        if match := re.fullmatch(r"\{(\d+)(?:-(\d+))?\}", paragraph):
            yield from base[int(match[1]) - 1 : int(match[2] or match[1])]
        else:
            yield paragraph


def _shown(text: str, story: Story, copy: CopyRow, outlet: OutletRow) -> str:
    if "restyled" in copy.forms:
        text = style.restyled(text, story.people, outlet)
    return style.with_quotes(text, outlet.quotes)


def _published(story: Story, copy: CopyRow) -> datetime:
    """When the outlet put it up: as said, or some minutes after the story was filed."""
    if copy.published:
        return datetime.fromisoformat(copy.published)
    filed = datetime.fromisoformat(story.published)
    if copy.day > 1:
        filed = max(filed, date_of(copy.day) + timedelta(hours=1))
    return filed + timedelta(minutes=number(6, 290, story.id, copy.outlet) if story.agency else 0)


def _credits(
    story: Story, copy: CopyRow, outlet: OutletRow, when: datetime
) -> tuple[tuple[Credit, ...], str, str, str, tuple[str, ...]]:
    """The credits on the page; then the opening dateline, byline, source line and tail lines."""
    places = copy.credit or _usual_credit(story, copy)
    found: list[Credit] = []
    lead = ""
    if story.agency and "dateline" in places:
        lead = style.dateline(story.agency, story.place, when, outlet.language)
        found.append(Credit(story.agency, "dateline", lead.strip()))
    elif story.agency and copy.dateline == "place" and story.place:
        lead = style.place_line(story.place, outlet)
    byline = copy.byline or ("" if story.agency else story.author)
    if byline:
        byline = outlet.byline.format(byline)
    if story.agency and "byline" in places:
        byline = style.credit_byline(story.agency, story.author, outlet)
        found.append(Credit(story.agency, "byline", byline))
    source = story.agency if story.agency and "source" in places else ""
    if source:
        found.append(Credit(story.agency, "source", source))
    if story.agency and "json_ld" in places:
        found.append(Credit(story.agency, "json_ld", story.agency))
    tail = [style.with_quotes(copy.tail, outlet.quotes)] if copy.tail else []
    found += [Credit(agency, "tail", tail[0]) for agency in copy.agencies if tail]
    if story.agency and "tail" in places:
        n = number(10_000, 99_999, story.id)
        tail.append(style.credit_tail(story.agency, story.author, story.editors, n, when))
        found.append(Credit(story.agency, "tail", tail[-1]))
    return tuple(found), lead, byline, source, tuple(tail)


def _usual_credit(story: Story, copy: CopyRow) -> tuple[str, ...]:
    """Where each agency is named when the copy does not say otherwise."""
    if copy.agencies or copy.byline or any(f not in COPY_FORMS for f in copy.forms):
        return ()
    usual = {
        "AP": ("dateline", "byline"),
        "Reuters": ("dateline", "tail"),
        "AFP": ("dateline", "byline"),
        "PA": ("byline",),
        "dpa": ("dateline", "tail"),
        "EFE": ("dateline", "byline"),
    }
    return usual.get(story.agency, ())


def _path(outlet: OutletRow, story: Story, headline: str, when: datetime, n: int) -> str:
    section = slug(languages()[outlet.language].sections[story.topic])
    return outlet.url.format(
        section=section,
        yyyy=f"{when:%Y}",
        mm=f"{when:%m}",
        dd=f"{when:%d}",
        slug=slug(headline),
        n=n,
    )


def outlet_sections(outlet: OutletRow, day: int) -> dict[str, tuple[Page, ...]]:
    """The outlet's pages by topic, newest first, topics in the order of the language's table.

    A section stands from the first day, empty until it has a story.
    """
    own = pages_of(outlet, day)
    ever = {story.topic for story in stories() if any(c.outlet == outlet.id for c in story.copy)}
    topics = (topic for topic in languages()[outlet.language].sections if topic in ever)
    return {topic: tuple(p for p in own if p.story.topic == topic) for topic in topics}
