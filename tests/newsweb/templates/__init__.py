"""How the outlets' pages are laid out: five article templates and one for lists, as HTML beside this file.

In: a `View`, or the links of a list. Out: an HTML document. What stands on a page is decided in
`layout.py`; here it is only marked up, in five ways that differ as real sites do.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tests.newsweb.announce import FEED_PATH, FEED_TYPE
from tests.newsweb.content import OutletRow, languages
from tests.newsweb.layout import Link, View


def article(view: View) -> str:
    """An article page in its outlet's template."""
    return (
        _environment()
        .get_template(f"{view.outlet.template}.html")
        .render(
            view=view,
            page=view.page,
            outlet=view.outlet,
            words=view.words,
            texts=[b for b in view.blocks if b.kind != "row"],
            rows=[b.text.split(" | ") for b in view.blocks if b.kind == "row"],
            json_ld=_script(_json_ld(view)),
            state=_script(_state(view)),
        )
    )


def story_list(
    outlet: OutletRow, title: str, date: str, navigation: Sequence[Link], stories: Sequence[Link]
) -> str:
    """A page that lists stories: the front page, a section."""
    return _list_page(outlet, title, date=date, navigation=navigation, stories=stories)


def plain(outlet: OutletRow, title: str, text: str) -> str:
    """A page that is no story: contact, privacy, an error."""
    return _list_page(outlet, title, text=text)


def _list_page(
    outlet: OutletRow,
    title: str,
    *,
    text: str = "",
    date: str = "",
    navigation: Sequence[Link] = (),
    stories: Sequence[Link] = (),
) -> str:
    return (
        _environment()
        .get_template("list.html")
        .render(
            outlet=outlet,
            words=languages()[outlet.language],
            title=title,
            text=text,
            date=date,
            navigation=navigation,
            stories=stories,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["feed_path"] = FEED_PATH
    environment.globals["feed_type"] = FEED_TYPE
    return environment


def _json_ld(view: View) -> dict[str, object]:
    page = view.page
    author = {"@type": "Person", "name": page.byline or view.outlet.name}
    if any(credit.signal == "json_ld" for credit in page.credits):
        author = {"@type": "Organization", "name": page.story.agency}
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": page.headline,
        "url": page.url,
        "datePublished": view.published_iso,
        "dateModified": view.modified_iso,
        "inLanguage": view.outlet.language,
        "isAccessibleForFree": page.body_status != "paywalled",
        "author": [author],
        "publisher": {"@type": "NewsMediaOrganization", "name": view.outlet.name},
        "image": {"@type": "ImageObject", "url": "/media/lead.jpg", "creditText": page.photo},
    }


def _state(view: View) -> dict[str, object]:
    """The page state of a script framework; its list of agencies is configuration and credits nobody."""
    return {
        "config": {"agencies": ["ap", "afp", "pa", "dpa"], "build": "a41f09c"},
        "related": [{"title": link.title, "summary": link.teaser} for link in view.related],
        "latest": [{"title": link.title, "summary": link.teaser} for link in view.latest],
    }


def _script(value: object) -> Markup:
    return Markup(json.dumps(value, ensure_ascii=False).replace("<", "\\u003c"))
