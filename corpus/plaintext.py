"""A text that somebody else extracted as an article: the story alone, and what its lines say of it.

In: a `TextPage`, the rules, the URL rules. Out: an `Article` (method "text"), or the `Rejection` that
says why there is none. There is no markup to ask: `corpus.textlines` finds the paragraphs,
`corpus.prose` sorts them, and the record is made as `corpus.extract` makes it. No line is lost:
paragraphs and `stripped` together are the input's lines.
"""

from corpus import textlines
from corpus.blocks import Block, Outline
from corpus.extract import Rules, assembled
from corpus.metadata import DateClaim, Statement
from corpus.pages import TextPage
from corpus.prose import sort
from corpus.reading import Sorted, headline_of
from corpus.records import Article, Rejection
from corpus.story import tell
from corpus.tokens import visible
from crawler.archive import UrlRules

METHOD = "text"
TOOL = "wirecorpus"


def extract_text(page: TextPage, rules: Rules, urls: UrlRules) -> Article | Rejection:
    """The article in this text, or why there is none."""
    passages = textlines.passages(page.text)
    title = visible(page.headline)
    sorting = sort(passages, title, rules.boilerplate)
    at = sorting.heading_at
    outline = Outline(
        blocks=tuple(Block(passage.text) for passage in passages),
        heading=passages[at].text if at >= 0 else "",
        heading_at=at,
    )
    fates = dict(enumerate(sorting.fates))
    stated = Statement(headline=title, dates=_claims(page))
    found = Sorted(outline, headline_of(outline, stated), fates, METHOD, tool=TOOL)
    return assembled(page, found, stated, tell(outline, fates), rules, urls)


def _claims(page: TextPage) -> tuple[DateClaim, ...]:
    """The date that the text's source gives."""
    return (DateClaim("published", "line", page.published),) if page.published else ()
