"""What is true of every page: whose words, which form, what is credited, and the clean text.

In: a day. Out: `Truth` records, one a page, in a fixed order. A crawl, an extractor, an attributor or a
clusterer is judged against these; nothing here looks at what they found.
"""

import msgspec

from tests.newsweb.content import COPY_FORMS, Form, Kind
from tests.newsweb.pages import BodyStatus, Credit, Page, pages, plain_lines


class Lineage(msgspec.Struct, frozen=True):
    """The wire story that a page descends from: its id, its agency, and the version (1, or 2 updated)."""

    story: str
    agency: str
    version: int


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """One page.

    `copy_group` is shared by near copies ("" when no other page could be one: told in other words, or in
    another language); `story_group` by every form of one story; `event` by stories that tell of the same
    happening, each in its own words. `optional` lines are neither right nor wrong in an extracted text.
    `expect` is what a polite crawl makes of the URL: an article, a rejection, nothing since robots.txt
    forbids it, or nothing since it is gone.
    """

    url: str
    urls: tuple[str, ...]
    outlet: str
    owner: str
    country: str
    language: str
    template: str
    kind: Kind
    story: str
    event: str
    forms: tuple[Form, ...]
    variant: str
    lineage: Lineage | None
    copy_group: str
    story_group: str
    contains: tuple[str, ...]
    agencies: tuple[str, ...]
    credits: tuple[Credit, ...]
    headline: str
    byline: str
    published: str
    modified: str
    paragraphs: tuple[str, ...]
    optional: tuple[str, ...]
    body_status: BodyStatus
    day: int
    expect: str

    @property
    def text(self) -> str:
        """The clean text, paragraphs joined by a blank line."""
        return "\n\n".join(self.paragraphs)

    @property
    def is_pair_scored(self) -> bool:
        """Whether the page counts in the pair score: retold stories are neither copies nor negatives."""
        return self.expect == "article" and all(form in COPY_FORMS for form in self.forms)


def truth(day: int = 1) -> tuple[Truth, ...]:
    """What is true of every page that exists or has existed by the day."""
    return tuple(_of(page, day) for page in pages(day))


def url_key(url: str) -> str:
    """The URL without scheme, fragment and every parameter but `id`: what pages are matched by."""
    rest = url.partition("://")[2] or url
    rest, _, query = rest.partition("#")[0].partition("?")
    host, slash, path = rest.partition("/")
    kept = "&".join(p for p in query.split("&") if p.startswith("id="))
    return f"{host.lower().removesuffix(':80')}{slash}{path.rstrip('/')}" + (
        f"?{kept}" if kept else ""
    )


def _of(page: Page, day: int) -> Truth:
    story, outlet = page.story, page.outlet
    rows = tuple(line for line in page.lines if line.startswith("| "))
    body = tuple(line for line in page.lines if not line.startswith("| "))
    paragraphs = plain_lines(body)
    version = 2 if "updated" in page.forms else 1
    return Truth(
        url=page.url,
        urls=tuple(f"http://{outlet.host}{path}" for path in (*page.aliases, *page.moved_from)),
        outlet=outlet.id,
        owner=outlet.owner,
        country=outlet.country,
        language=outlet.language,
        template=outlet.template,
        kind=page.kind,
        story=story.id,
        event=story.event,
        forms=page.forms,
        variant=page.forms[0] if len(story.copy) > 1 else "",
        lineage=Lineage(story.id, story.agency, version) if story.agency else None,
        copy_group=page.copy_group if len(story.copy) > 1 else "",
        story_group=story.id,
        contains=story.contains,
        agencies=page.agencies,
        credits=page.credits,
        headline=page.headline,
        byline=page.byline,
        published=_stamp(page),
        modified=page.modified.isoformat().replace("+00:00", "Z"),
        paragraphs=paragraphs,
        optional=(*_optional(page), *plain_lines(rows)),
        body_status=page.body_status,
        day=page.day,
        expect=_expected(page, day),
    )


def _stamp(page: Page) -> str:
    return page.published.isoformat().replace("+00:00", "Z")


def _optional(page: Page) -> tuple[str, ...]:
    return tuple(line for line in (page.standfirst, *page.tail) if line)


def _expected(page: Page, day: int) -> str:
    if page.disallowed:
        return "never"
    if page.gone and page.gone <= day:
        return "gone"
    return "rejection" if page.body_status == "empty" else "article"
