"""A page as an article: the story alone, and what the page says of it.

In: a decoded page, the rules, the URL rules. Out: an `Article`, or the `Rejection` that says why there
is none. The page is parsed once; its blocks are sorted by `corpus.reading`, and all that is said of the
story is gathered here. The text never depends on the pages before it. Version, history and the outlet's
name are the build's to fill in.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

from msgspec import structs

from corpus import agencies, attribution, boilerplate, bylines, dates
from corpus.answered import ASK, Ask
from corpus.blocks import FURNITURE, Moment, Outline
from corpus.completeness import body_status
from corpus.creditlines import AgencyRules
from corpus.dom import Landmarks, landmarks, parse, without_unseen
from corpus.kinds import page_kind
from corpus.language import count_words, detect_language
from corpus.metadata import Statement, statement
from corpus.pages import Fetched, Page
from corpus.profiles import LearningPage, Shown
from corpus.reading import TOOL, Sorted, read
from corpus.records import (
    Article,
    Extraction,
    Outlet,
    Rejection,
    Rights,
    article_id,
)
from corpus.serving import Reader
from corpus.shown_dates import shown_lines
from corpus.sites import is_front_page, same_site
from corpus.stages import EXTRACT, EXTRACT_VERSION
from corpus.story import OUTSIDE, Story, shared_place
from corpus.votes import Weights, load_weights
from crawler.archive import Refused, UrlRules, canonical_url
from crawler.records import Record

_TEASER_WORDS = 150
# A page that one extractor alone has an answer for teaches nothing of its site.
_LEAST_ANSWERS = 2


if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser


class Rules(Record):
    """What `extract` is told: the rule files, loaded, and the least number of words of a story."""

    boilerplate: boilerplate.BoilerplateRules
    agencies: AgencyRules
    votes: Weights
    min_words: int
    digest: str


def load_rules(files: Mapping[str, str], min_words: int, *, proven: bool = False) -> Rules:
    """The rules from the texts of "boilerplate.toml", "agencies.toml" and "votes.toml".

    `proven` says that another process proves that the agencies' rows keep their word.
    """
    texts = (files["boilerplate.toml"], files["agencies.toml"], files["votes.toml"])
    parts = "\x1f".join((*texts, str(min_words), EXTRACT_VERSION))
    return Rules(
        boilerplate=boilerplate.load_boilerplate(texts[0]),
        agencies=agencies.load_agencies(texts[1], proven=proven),
        votes=load_weights(texts[2]),
        min_words=min_words,
        digest=hashlib.sha256(parts.encode()).hexdigest()[:16],
    )


def extract(
    page: Page, rules: Rules, urls: UrlRules, reader: Reader | None = None, ask: Ask = ASK
) -> Article | Rejection:
    """The article on this page, or why there is none; read by the site's profile where it can be.

    `ask` gives the extractors' answers where they are needed.
    """
    tree = parse(page.html)
    if tree is None:
        return _reject(page, "no_text", "the page has more tags than any article")
    marks = landmarks(tree, reader.selector if reader else "")
    stated = statement(tree, page.final_url, marks)
    if is_front_page(page.final_url) and not stated.article_type:
        return _reject(page, "not_an_article", "the site's front page")
    without_unseen(tree, marks.hidden)
    found, story = _read(tree, page, stated, rules, reader, ask, marks)
    return assembled(page, found, stated, story, rules, urls, page.html)


def assembled(
    page: Fetched,
    found: Sorted,
    stated: Statement,
    story: Story,
    rules: Rules,
    urls: UrlRules,
    html: str = "",
) -> Article | Rejection:
    """The record of a story that has been told, or why it is none; `html` is the source, if any."""
    address, warnings = _address(page, stated, urls)
    seen, words = found.outline, count_words(story.text)
    if not story.text and not any(s.rule != OUTSIDE for s in story.stripped):
        return _reject(page, "no_text", "no text was found that could be a story")
    if words < rules.min_words:
        return _reject(page, "too_short", f"{words} words, fewer than {rules.min_words}")
    if _only_teasers(story, words):
        return _reject(page, "not_an_article", "nothing but the openings of other stories")
    language, confidence = detect_language(story.text)
    by = bylines.byline(seen, stated, story, found.places.get("byline", ()))
    spoken = stated.language or language
    wire = attribution.wire(
        page.final_url, seen, stated, story, by, rules.agencies, language or spoken, html
    )
    when = dates.page_dates(
        stated.dates,
        _moments(seen, story),
        seen.heading_at,
        page.final_url,
        page.fetched_at,
        shown_lines(seen, range(*story.body), found.headline, found.places.get("date", ())),
        language or stated.language,
    )
    return Article(
        id=article_id(address or page.capture_id),
        capture_id=page.capture_id,
        url=page.url,
        canonical_url=address,
        final_url=page.final_url,
        outlet=Outlet(id=page.source_id),
        headline=found.headline,
        description=stated.description,
        byline=by.text,
        authors=by.authors,
        date_published=when.published,
        date_modified=when.modified,
        date_source=when.source,
        date_precision=when.precision,
        date_flags=when.flags,
        date_zone=when.zone,
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
        body_status=body_status(stated, seen, story, words, rules.boilerplate),
        kind=page_kind(stated, page.final_url, seen, story, words),
        is_accessible_for_free=stated.is_accessible_for_free,
        dateline=attribution.dateline(story, rules.agencies, language or spoken),
        wire=wire,
        stripped=story.stripped,
        rights=_rights(page.rights, stated),
        http=page.http,
        extraction=Extraction(
            tool=found.tool,
            version=_versions() if found.tool == TOOL else EXTRACT_VERSION,
            settings_digest=rules.digest,
            method=found.method,
            quality=_quality(story),
            warnings=(*page.warnings, *stated.warnings, *warnings, *found.warnings),
        ),
        run_id=page.run_id,
    )


def _moments(seen: Outline, story: Story) -> Sequence[Moment]:
    """The dated elements; what the whole page is wrapped in does not make them foreign."""
    shared = shared_place(seen, story) if seen.moments else 0
    if not shared & FURNITURE:
        return seen.moments
    return [structs.replace(m, place=m.place & ~shared) for m in seen.moments]


def _reject(
    page: Fetched, reason: Literal["no_text", "too_short", "not_an_article"], detail: str
) -> Rejection:
    return Rejection(
        record_id=page.capture_id,
        stage=EXTRACT,
        reason=reason,
        url=page.final_url,
        place=page.final_url,
        detail=detail,
        run_id=page.run_id,
    )


def learning_page(
    page: Page, rules: Rules, urls: UrlRules, ask: Ask = ASK
) -> LearningPage | Rejection:
    """The page with what its extractors say of it, and the votes, for `corpus.furniture.learn`."""
    tree = parse(page.html)
    if tree is None:
        return _reject(page, "no_text", "the page has more tags than any article")
    stated = statement(tree, page.final_url)
    found, story = _read(without_unseen(tree), page, stated, rules, None, ask)
    answer = assembled(page, found, stated, story, rules, urls, page.html)
    if isinstance(answer, Rejection):
        return answer
    texts = [text for text in found.ballot.answers.values() if text.strip()]
    if len(texts) < _LEAST_ANSWERS:
        return _reject(page, "no_text", "fewer than two extractors find a story")
    return LearningPage(
        url=page.final_url,
        html=page.html,
        texts=(story.text, *texts),
        shown=tuple(_shown(found.outline, story, answer)),
    )


# Dates that something else than the shown line states; a page's own line proves nothing of itself.
_STATED = ("json_ld", "meta", "time", "url")


def _shown(seen: Outline, story: Story, article: Article) -> Iterator[Shown]:
    """The lines of the page that show what its record has as headline, byline and dates."""
    told = article.byline
    for block in seen.blocks[: story.body[1] + 1]:
        if block.text == article.headline:
            yield Shown("headline", block.text)
        if told and told in block.text and len(block.text) <= bylines.MOST_OF_BYLINE:
            yield Shown("byline", block.text)
    if article.date_source in _STATED:
        days = {d[:10] for d in (article.date_published, article.date_modified) if d}
        lines = shown_lines(seen, range(*story.body), article.headline)
        for at in dates.blocks_of_days(lines, days, article.language, article.final_url):
            yield Shown("date", seen.blocks[at].text)


def _read(
    tree: "LexborHTMLParser",
    page: Page,
    stated: Statement,
    rules: Rules,
    reader: Reader | None,
    ask: Ask,
    marks: Landmarks | None = None,
) -> tuple[Sorted, Story]:
    return read(
        tree,
        partial(ask, page),
        page.final_url,
        stated,
        rules.boilerplate,
        rules.votes,
        rules.min_words,
        reader,
        marks,
    )


def _only_teasers(story: Story, words: int) -> bool:
    """Whether several short texts that break off are all there is: a video or list page's cards."""
    if words >= _TEASER_WORDS:
        return False
    cut = sum(line.endswith(("...", "…")) for line in story.texts)
    return cut >= 2 and 2 * cut >= len(story.paragraphs)


def _quality(story: Story) -> float:
    """The share of the found text that is kept as the story."""
    dropped = sum(len(s.text) for s in story.stripped if s.rule != OUTSIDE)
    return round(len(story.text) / max(1, len(story.text) + dropped), 3)


# ---------------------------------------------------------------------------- what the page says


def _address(page: Fetched, stated: Statement, urls: UrlRules) -> tuple[str, tuple[str, ...]]:
    """The page's canonical URL, and warnings.

    What the page calls canonical counts within its own site and if it is no front page: copies name
    the original's address, and broken templates the home page.
    """
    own = canonical_url(page.final_url or page.url, urls)
    own = "" if isinstance(own, Refused) else own
    warnings: list[str] = []
    for said in dict.fromkeys((stated.canonical, stated.og_url)):
        if own and said in (own, page.final_url):
            stated_url: str | Refused = own
        else:
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
    return "+".join((EXTRACT_VERSION, version("trafilatura"), version("resiliparse")))
