"""A page as an article: the story alone, and what the page says of it.

In: a decoded page, the rules, the URL rules. Out: an `Article`, or the `Rejection` that says why there
is none. trafilatura finds the body in its precision mode; everything else is read once, from one
parsed tree. A page is extracted by itself: the text never depends on the pages before it. Version,
history and the outlet's name are the build's to fill in.
"""

import hashlib
import logging
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Literal

from corpus import agencies, boilerplate, bylines, dates
from corpus.blocks import (
    ASIDE,
    CARD,
    FIGURE,
    HEADING,
    NAV,
    NOISE,
    RELATED,
    Block,
    Outline,
    key,
    outline,
)
from corpus.creditlines import AgencyRules, agencies_in, named
from corpus.language import count_words, detect_language
from corpus.metadata import Statement, statement
from corpus.pages import Page
from corpus.records import (
    Article,
    BodyStatus,
    Dateline,
    Extraction,
    Outlet,
    Rejection,
    Rights,
    Stripped,
    Wire,
    article_id,
)
from corpus.sites import is_front_page, leads_into_site, netloc, same_site
from crawler.archive import Refused, UrlRules, canonical_url
from crawler.records import Record

TOOL = "wirecorpus+trafilatura"
STAGE = "extract"
# Goes up with every change of code here that changes a text.
STAGE_VERSION = "1"
# A page that asks for money and shows fewer words than this shows a teaser of its story.
_PAYWALL_WORDS = 150
_TEASER_WORDS = 150


class Rules(Record):
    """What `extract` is told: the rule files, loaded, and the least number of words of a story."""

    boilerplate: boilerplate.BoilerplateRules
    agencies: AgencyRules
    min_words: int
    digest: str


def load_rules(files: Mapping[str, str], min_words: int) -> Rules:
    """The rules from the texts of "boilerplate.toml" and "agencies.toml"."""
    texts = (files["boilerplate.toml"], files["agencies.toml"])
    parts = "\x1f".join((*texts, str(min_words), STAGE_VERSION))
    return Rules(
        boilerplate=boilerplate.load_boilerplate(texts[0]),
        agencies=agencies.load_agencies(texts[1]),
        min_words=min_words,
        digest=hashlib.sha256(parts.encode()).hexdigest()[:16],
    )


def extract(page: Page, rules: Rules, urls: UrlRules) -> Article | Rejection:
    """The article on this page, or why there is none."""
    tree = _parse(page.html)
    if tree is None:
        return _reject(page, "no_text", "the page holds no HTML that can be read")
    stated, seen = statement(tree, page.final_url), _outline(tree)
    address, warnings = _address(page, stated, urls)
    if is_front_page(page.final_url) and not stated.article_type:
        return _reject(page, "not_an_article", "the site's front page")
    lines = _body_lines(tree, page.html, seen, page.final_url)
    headline = _headline(seen, stated)
    titles = (headline, seen.heading, stated.headline, stated.title)
    cleaned = boilerplate.clean(lines, titles, rules.boilerplate)
    story = _story(cleaned)
    words = count_words(story.text)
    if not lines:
        return _reject(page, "no_text", "no text was found that could be a story")
    if words < rules.min_words:
        return _reject(page, "too_short", f"{words} words, fewer than {rules.min_words}")
    if _only_teasers(story, words):
        return _reject(page, "not_an_article", "nothing but the openings of other stories")
    language, confidence = detect_language(story.text)
    body = _body_range(seen, story)
    by = bylines.byline(seen, stated, story, body)
    spoken = stated.language or language
    wire, stripped = _attribute(page, seen, stated, story, by, body, rules, language or spoken)
    when = dates.page_dates(
        stated.dates, seen.moments, seen.heading_at, page.final_url, page.fetched_at
    )
    return Article(
        id=article_id(address or page.capture_id),
        capture_id=page.capture_id,
        url=page.url,
        canonical_url=address,
        final_url=page.final_url,
        outlet=Outlet(id=page.source_id),
        headline=headline,
        description=stated.description,
        byline=by.text,
        authors=by.authors,
        date_published=when.published,
        date_modified=when.modified,
        date_source=when.source,
        date_precision=when.precision,
        date_flags=when.flags,
        fetched_at=page.fetched_at,
        first_seen_at=page.fetched_at,
        language=language or stated.language,
        language_declared=stated.language,
        language_confidence=confidence,
        section=stated.section,
        keywords=stated.keywords,
        text=story.text,
        text_sha256=hashlib.sha256(story.text.encode()).hexdigest(),
        char_count=len(story.text),
        word_count=words,
        paragraphs=story.paragraphs,
        body_status=_body_status(stated, story, words),
        is_accessible_for_free=stated.is_accessible_for_free,
        dateline=_dateline(story, rules, language or spoken),
        wire=wire,
        stripped=stripped,
        rights=_rights(page.rights, stated),
        http=page.http,
        extraction=Extraction(
            tool=TOOL,
            version=_versions(),
            settings_digest=rules.digest,
            method="full",
            quality=_quality(story),
            warnings=(*page.warnings, *stated.warnings, *warnings),
        ),
        run_id=page.run_id,
    )


def _reject(
    page: Page, reason: Literal["no_text", "too_short", "not_an_article"], detail: str
) -> Rejection:
    return Rejection(
        record_id=page.capture_id,
        stage=STAGE,
        reason=reason,
        url=page.final_url,
        place=page.final_url,
        detail=detail,
        run_id=page.run_id,
    )


# ------------------------------------------------------------------------------------------- body


def _parse(html: str) -> Any:
    """The page as trafilatura wants it parsed, or None."""
    from trafilatura.utils import load_html

    # It reports unreadable pages on the root logger's terms; here they are rejections.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    return load_html(html) if html.strip() else None


def _outline(tree: Any) -> Outline:
    """The page's blocks. Cuts out of the tree what no extractor looks at.

    That makes trafilatura, which copies the tree several times, a seventh faster; its scores on the
    development pages stay the same.
    """
    from lxml.etree import strip_elements

    strip_elements(tree, *NOISE, with_tail=False)
    seen = outline(tree)
    strip_elements(tree, "footer", with_tail=False)
    return seen


def _body_lines(
    tree: Any,
    html: str,
    seen: Outline,
    url: str,
) -> tuple[boilerplate.Line, ...]:
    """trafilatura's answer line by line, with what each line's block on the page hints at."""
    # An unclosed `nav` can swallow the story, and was cut out with it: then the whole page is asked.
    text = _body(tree) or _body(html)
    blocks = {key(block.text): block for block in reversed(seen.blocks)}
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", text).split("\n"))
    return tuple(
        boilerplate.Line(line, _hint(blocks.get(key(line)), url))
        for line in (line.removeprefix("- ") for line in lines)
        if line
    )


def _body(page: Any) -> str:
    from trafilatura import extract as body_text

    found = body_text(
        page, favor_precision=True, include_comments=False, deduplicate=False, with_metadata=False
    )
    return found or ""


def _hint(block: Block | None, url: str) -> boilerplate.Hint:
    if block is None:
        return ""
    if (
        block.link_chars >= 0.9 * len(block.text)
        and block.href
        and leads_into_site(block.href, url)
    ):
        return "one_link"
    if block.place & HEADING:
        return "heading"
    if block.place & FIGURE:
        return "caption"
    if block.place & (RELATED | CARD):
        return "related"
    return "aside" if block.place & (ASIDE | NAV) else ""


def _story(cleaned: boilerplate.Cleaned) -> bylines.Story:
    """The paragraphs as one text, with their spans."""
    spans: list[tuple[int, int]] = []
    at = 0
    for paragraph in cleaned.paragraphs:
        spans.append((at, at + len(paragraph)))
        at += len(paragraph) + 2
    return bylines.Story("\n\n".join(cleaned.paragraphs), tuple(spans), cleaned.stripped)


def _body_range(seen: Outline, story: bylines.Story) -> range:
    """The blocks from the story's first to its last, as far as they are found again on the page."""
    places: dict[str, int] = {}
    for n, block in enumerate(seen.blocks):
        if len(block.text) > 40:
            places.setdefault(key(block.text), n)
    found = [places[k] for k in map(key, story.lines()) if k in places]
    if not found:
        start = max(0, seen.heading_at)
        return range(start, start)
    return range(min(found), max(found) + 1)


def _body_status(stated: Statement, story: bylines.Story, words: int) -> BodyStatus:
    """Whether the whole story stands on the page, as far as the page itself tells."""
    if stated.is_accessible_for_free is False and words < _PAYWALL_WORDS:
        return "paywalled"
    opening = stated.description.removesuffix("...").removesuffix("…")
    if len(story.paragraphs) <= 2 and opening and len(story.text) <= 1.2 * len(opening):
        return "teaser"
    return "full"


def _only_teasers(story: bylines.Story, words: int) -> bool:
    """Whether several short texts that break off are all there is: a video or list page's cards."""
    cut = sum(line.endswith(("...", "…")) for line in story.lines())
    return words < _TEASER_WORDS and cut >= 2 and 2 * cut >= len(story.paragraphs)


def _quality(story: bylines.Story) -> float:
    """The share of the found text that is kept as the story."""
    dropped = sum(len(block.text) for block in story.stripped)
    return round(len(story.text) / max(1, len(story.text) + dropped), 3)


# ---------------------------------------------------------------------------- what the page says


def _headline(seen: Outline, stated: Statement) -> str:
    """The main heading where the head's title agrees with it, else the head's title.

    A bare title often has the site's name before or after it: where most of it stands on the page as
    a line of its own, that line is the headline.
    """
    shown, told = key(seen.heading.lower()), key(stated.headline.lower())
    titles = (told, key(stated.title.lower()))
    if shown and any(shown in t or (t and t in shown) for t in titles):
        return seen.heading
    if stated.headline == stated.title:
        for block in seen.blocks:
            line = key(block.text.lower())
            if 2 * len(line) >= len(told) > len(line) and told.startswith(line) | told.endswith(
                line
            ):
                return block.text
    return stated.headline or seen.heading


def _address(page: Page, stated: Statement, urls: UrlRules) -> tuple[str, tuple[str, ...]]:
    """The page's canonical URL, and warnings.

    What the page calls canonical counts within its own site and if it is no front page: copies name
    the original's address, and broken templates the home page.
    """
    own = canonical_url(page.final_url or page.url, urls)
    own = "" if isinstance(own, Refused) else own
    warnings: list[str] = []
    for said in (stated.canonical, stated.og_url):
        stated_url = canonical_url(said, urls, base=own) if said else Refused("no host")
        if isinstance(stated_url, Refused):
            continue
        if own and not same_site(own, stated_url):
            warnings.append(f"canonical_elsewhere: {stated_url}")
        elif not is_front_page(stated_url):
            return stated_url, tuple(dict.fromkeys(warnings))
    return own, tuple(dict.fromkeys(warnings))


def _rights(known: Rights, stated: Statement) -> Rights:
    return Rights(
        copyright_notice=stated.copyright_notice,
        license=stated.license,
        robots_allowed=known.robots_allowed,
        robots_rule=known.robots_rule,
        meta_robots=stated.meta_robots,
        x_robots_tag=known.x_robots_tag,
        tdm_reservation=known.tdm_reservation or stated.tdm_reservation,
        tdm_policy=known.tdm_policy or stated.tdm_policy,
    )


@lru_cache(maxsize=1)
def _versions() -> str:
    return f"{STAGE_VERSION}+{version('trafilatura')}"


# ------------------------------------------------------------------------------------ attribution


def _dateline(story: bylines.Story, rules: Rules, language: str) -> Dateline:
    opening = [(start, story.text[start:end]) for start, end in story.paragraphs[:3]]
    return dates.dateline(opening, lambda text: bool(agencies_in(text, rules.agencies, language)))


def _attribute(
    page: Page,
    seen: Outline,
    stated: Statement,
    story: bylines.Story,
    by: bylines.Byline,
    body: range,
    rules: Rules,
    language: str,
) -> tuple[Wire, tuple[Stripped, ...]]:
    """Who wrote it, and `stripped` with the lines beside the story that say so."""
    lines: list[agencies.Line] = []
    stripped = list(story.stripped)
    host = agencies.publisher(page.final_url, netloc(page.final_url), rules.agencies)
    if host:
        lines.append(host)
    shown: set[str] = set()
    for place in bylines.credit_lines(seen, stated, story, by, body, page.html):
        line = place.line
        # A template shows one byline in several places, and its parts inside it; once is enough.
        on_page = line.where not in ("text", "json_ld", "meta")
        if on_page and any(key(line.text) in other for other in shown):
            continue
        if not named(line.signal, line.text, rules.agencies, language):
            continue
        if on_page:
            shown.add(key(line.text))
        if place.loose is not None:
            if place.loose not in stripped:
                stripped.append(place.loose)
            where = f"stripped[{stripped.index(place.loose)}]"
            line = agencies.Line(line.signal, where, line.text, line.offset)
        lines.append(line)
    own = any(not named("byline", name, rules.agencies, language) for name in by.authors)
    return agencies.attribute(lines, rules.agencies, language, own_byline=own), tuple(stripped)
