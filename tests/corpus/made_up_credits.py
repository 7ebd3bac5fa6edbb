"""Pages of ours with one line at one place, for tests of who is credited with a story.

The story is of words that no language has: which language the page is in is what it declares.
"""

import html
import json
from collections.abc import Sequence

from corpus.extract import extract
from corpus.pages import Page
from corpus.records import Article, Wire
from corpus.validate import article_faults
from tests.corpus.test_extract import RULES, URLS

STORY = (
    "Zorvel mantik brusolam tredifon, klamor vintesk ordalum prishnat zevolik umbretan.",
    "Krapistol venduram oskelit, brantivo malzek ferduin clastomer vidanesk quorblin.",
    "Trovanik elsumbra dornikel, paskevun ridolast embrikon zultavar menk ostrivel.",
    "Glandivor kestrun abelmat, vornikas delumbre sintokel pravestin moldark uzenfil.",
    "Farnuvel dristokam ilbernat, quasmeril tovandik esprulon kaminvor bedrustel ank.",
    "Mordavin ulsteker brankolit, zimnodar feltrumas ochrivan stelpunor kavidrel orm.",
)
TITLE = "Zorvel mantik vintesk"
URL = "https://news.example/zorvel-mantik"
GOES_ON = "…"
"""In a line: the story's first sentence follows, or its last one precedes."""

PLACES = frozenset(
    [
        *("dateline", "byline", "head", "source", "tail", "copyright", "story_id", "text"),
        *("json_ld", "meta", "page_state", "image", "settings", "other_story"),
        *("caption", "nav", "footer", "related", "aside"),
    ]
)


_PLACED = {
    "meta": '<meta name="author" content="{}">',
    "nav": '<a href="/n">{}</a>',
    "byline": '<p class="byline">{}</p>',
    "source": '<p class="source">{}</p>',
    "head": "<p>{}</p>",
    "caption": "<figcaption>{}</figcaption>",
    "aside": "<aside><p>{}</p></aside>",
    "related": '<span class="author">{}</span>',
    "footer": "<p>{}</p>",
}
_PAGE = """<!DOCTYPE html>
<html lang="%(language)s"><head><meta charset="utf-8"><title>%(title)s</title>%(meta)s%(scripts)s</head>
<body><nav><a href="/">Kelt</a> <a href="/w">Vorn</a>%(nav)s</nav>
<main><article><h1>%(title)s</h1>%(byline)s%(source)s%(head)s
<figure><img src="b.jpg" alt="">%(caption)s</figure>
%(body)s</article>%(aside)s
<section class="related"><h3>Druvel</h3><ul><li><a href="/a">Kelm ostrivan pledur</a>%(related)s</li></ul>
</section></main><footer><p>Vintesk 2026</p>%(footer)s</footer></body></html>"""


def page_with(line: str, place: str, language: str) -> str:
    """The source of a page on which the line stands at this place."""
    text = html.escape(line)
    parts = {name: form.format(text) if name == place else "" for name, form in _PLACED.items()}
    parts |= {"language": language, "title": TITLE, "scripts": _scripts(line, place)}
    parts["body"] = "".join(f"<p>{html.escape(p)}</p>" for p in _paragraphs(line, place))
    return _PAGE % parts


def _paragraphs(line: str, place: str) -> list[str]:
    """The story's paragraphs, with the line where it stands in or among them."""
    if place == "dateline":
        opening = [line.replace(GOES_ON, STORY[0])] if GOES_ON in line else [line, STORY[0]]
        return [*opening, *STORY[1:]]
    if place == "text":
        return [*STORY[:3], f"{line} {STORY[3]}", *STORY[4:]]
    if place in ("tail", "copyright", "story_id"):
        if line.startswith(GOES_ON):
            return [*STORY[:-1], STORY[-1] + line.removeprefix(GOES_ON)]
        return [*STORY, line]
    return list(STORY)


def _scripts(name: str, place: str) -> str:
    """What only machines read: the article's own statement, or one of other things."""
    agency = {"@type": "Organization", "name": name}
    article = {"@type": "NewsArticle", "headline": TITLE, "url": URL}
    other = {
        "@type": "NewsArticle",
        "headline": "Kelm ostrivan",
        "url": "https://news.example/kelm",
    }
    stated: dict[str, object] = {
        "json_ld": {**article, "author": agency},
        "image": {
            **article,
            "image": {"@type": "ImageObject", "creditText": name, "author": agency},
        },
        "other_story": [article, {**other, "author": agency}],
    }
    state: dict[str, object] = {
        "page_state": {"article": {"headline": TITLE, "source": name}},
        "settings": {"settings": {"agency": name, "bylines": [name, "Kelt"], "source": name}},
        "other_story": {"cards": [{"headline": "Kelm ostrivan", "source": name}]},
    }
    made = ""
    if place in stated:
        made += f'<script type="application/ld+json">{json.dumps(stated[place])}</script>'
    if place in state:
        made += f"<script>window.__state = {json.dumps(state[place])};</script>"
    return made


def wire_of(line: str, place: str, language: str, *, tail_found: bool = True) -> Wire:
    """The attribution of that page, where extractors find the story; `tail_found`: and the line below it."""
    paragraphs = _paragraphs(line, place)
    if not tail_found and len(paragraphs) > len(STORY):
        paragraphs.remove(line)
    return read(page_with(line, place, language), paragraphs)


def read(source: str, found: Sequence[str] = STORY, url: str = URL) -> Wire:
    """The attribution of a page of which extractors find these paragraphs."""

    def said(_page: Page, _nested: int) -> dict[str, str]:
        return dict.fromkeys(("trafilatura", "resiliparse"), "\n".join(found))

    page = Page(capture_id="k_1", url=url, final_url=url, source_id="example", html=source)
    article = extract(page, RULES, URLS, ask=said)
    assert isinstance(article, Article), article
    assert not [fault for fault in article_faults(article) if "wire" in fault]
    return article.wire
