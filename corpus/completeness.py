"""Whether the whole story stands on the page, or only the opening of one.

In: what the page states of itself, its outline, its story. Out: a `BodyStatus`. The page alone is asked:
a story that ends early and says nothing of it counts as whole.
"""

import re

from corpus.blocks import Outline
from corpus.metadata import Statement
from corpus.records import BodyStatus
from corpus.story import Story
from corpus.wordings import BoilerplateRules

# Words: a page that asks for money, or breaks off, and shows fewer than these, shows an opening.
_OPENING_WORDS = 150
# So many blocks around the end are read for what it takes to read on; farther down any page offers that.
_BLOCKS_BEFORE, _BLOCKS_AFTER = 2, 5
# An ellipsis, and a link's few words: "the council… Read more".
_BREAKS_OFF = re.compile(r"(?:…|\.\.\.)[\])]?(?:\s[^.!?…\"”»]{1,20})?$")


def body_status(
    stated: Statement, page: Outline, story: Story, words: int, rules: BoilerplateRules
) -> BodyStatus:
    """How much of the story the page shows, as far as the page itself tells."""
    if not story.text:
        return "empty"
    is_short = words < _OPENING_WORDS
    if is_short and (stated.is_accessible_for_free is False or _is_walled(page, story, rules)):
        return "paywalled"
    opening = stated.description.removesuffix("...").removesuffix("…")
    if len(story.paragraphs) <= 2 and opening and len(story.text) <= 1.2 * len(opening):
        return "teaser"
    return "teaser" if is_short and _BREAKS_OFF.search(story.text[-40:]) else "full"


def _is_walled(page: Outline, story: Story, rules: BoilerplateRules) -> bool:
    """Whether at the end of the story the page says what it takes to read on."""
    end = story.body[1]
    around = page.blocks[max(0, end - _BLOCKS_BEFORE) : end + _BLOCKS_AFTER]
    rows = (rules.first(block.text, head=False, tail=True) for block in around)
    return any(row is not None and row.kind == "paywall" for row in rows)
