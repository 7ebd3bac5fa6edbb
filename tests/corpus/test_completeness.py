"""How much of a story its page shows."""

import pytest

from corpus.blocks import Block, Outline
from corpus.completeness import body_status
from corpus.metadata import Statement
from corpus.records import BodyStatus
from corpus.rulebook import load_rulebook
from corpus.story import KEPT, tell
from corpus.wordings import load_boilerplate

RULES = load_boilerplate(load_rulebook().files["boilerplate.toml"])
OPENING = "The council of Ostby opened its second bridge on Monday after nine years of work."


def status(*after: str, story: str = OPENING) -> BodyStatus:
    """The status of a page that shows the story and then these lines."""
    page = Outline(blocks=tuple(Block(text) for text in (story, *after)))
    return body_status(Statement(), page, tell(page, {0: KEPT}), len(story.split()), RULES)


@pytest.mark.parametrize(
    "line",
    [
        "Subscribe to continue reading",
        "Already a subscriber? Log in",
        "Dieser Artikel ist nur für Abonnenten",
        "La suite est réservée aux abonnés",
    ],
)
def test_an_opening_before_an_offer_to_read_on_is_paywalled(line: str) -> None:
    assert status(line) == "paywalled"
    assert status("Share", line) == "paywalled"


def test_an_offer_far_below_the_story_or_below_a_long_one_says_nothing() -> None:
    assert status(*["More news"] * 9, "Subscribe to continue reading") == "full"
    assert status("Subscribe to continue reading", story=" ".join([OPENING] * 12)) == "full"


@pytest.mark.parametrize("end", ["…", "...", "[…]", "… Read more", "... Weiterlesen"])
def test_a_short_text_that_breaks_off_is_a_teaser(end: str) -> None:
    assert status(story=f"{OPENING} The toll will{end}") == "teaser"
    assert status(story=f"{OPENING * 12} The toll will{end}") == "full"


def test_an_ellipsis_in_what_somebody_says_breaks_nothing_off() -> None:
    assert status(story=f"{OPENING} “The toll… is low”, said the mayor.") == "full"
    assert status(story=f"{OPENING} “The toll…” he said.") == "full"


def test_a_page_without_a_story_is_empty() -> None:
    page = Outline(blocks=(Block("Photo: Ann Example"),))
    told = tell(page, {0: ("caption", "in-a-figure")})
    assert body_status(Statement(), page, told, 0, RULES) == "empty"
