"""A page's blocks sorted into story and the rest: by its site's profile, or by extractors' votes.

In: a parsed page, what it states of itself, the rules. Out: who sorted it and how, and the `Story`.
The page alone decides, with the profile if there is one: never the pages before it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from corpus import boilerplate, commenting
from corpus.blocks import ASIDE, CARD, FIGURE, HEADING, NAV, RELATED, Block, Outline, key
from corpus.dom import Landmarks
from corpus.language import count_words
from corpus.metadata import Statement
from corpus.outline import walk
from corpus.profiles import Field, Refusal
from corpus.serving import Reader, Served
from corpus.sites import leads_into_site
from corpus.story import KEPT, OUTVOTED, Story, outside, retell, tell
from corpus.votes import Ballot, Choice, Weights, choose

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

TOOL = "wirecorpus+trafilatura"
_LONG_WORD = 40  # characters, the blank after it included


Asked = Callable[[int], dict[str, str]]
"""The extractors' answers to the page, by their names, given how deep its elements stand in each other."""


class Sorted(NamedTuple):
    """A page's outline and headline, and who says what its blocks are; a block without a fate is outside.

    `voted` are the blocks that an extractor held to be the story, whatever became of them; `ballot` has
    the extractors' answers. `places` are the blocks at which the site's profile knows its fields.
    """

    outline: Outline
    headline: str
    fates: dict[int, tuple[str, str]]
    method: str
    warnings: tuple[str, ...] = ()
    voted: tuple[bool, ...] = ()
    ballot: Ballot = Ballot({})
    tool: str = TOOL
    places: Mapping[Field, tuple[int, ...]] = {}


def read(
    tree: "LexborHTMLParser",
    asked: Asked,
    url: str,
    stated: Statement,
    rules: boilerplate.BoilerplateRules,
    weights: Weights,
    min_words: int,
    reader: Reader | None = None,
    marks: Landmarks | None = None,
) -> tuple[Sorted, Story]:
    """The page as the site's profile reads it, where it does; else as the extractors vote.

    The tree is one `without_unseen`, `marks` are its landmarks with the reader's selector, if known; `asked`
    is called only where the votes are needed.
    """
    refusal: tuple[str, ...] = ()
    if reader is not None:
        titles = [t for t in (stated.title, stated.headline) if t]
        served = reader.serve(tree, url, titles, marks)
        if isinstance(served, Served):
            cut = ("page_cut",) if served.outline.is_cut else ()
            headline = _headline_at(served, headline_of(served.outline, stated))
            method = f"profile:{served.profile_id}"
            found = Sorted(
                served.outline, headline, served.fates, method, cut, places=served.places
            )
            story = _story(found, url, stated, rules)
            # Counting takes a while, and is done once more: few words are that long.
            if len(story.text) >= _LONG_WORD * min_words or count_words(story.text) >= min_words:
                return found, story
            served = Refusal("too_little_text")
        refusal = (f"profile_refused: {served.reason}",)
    outline, choice, ballot = _choice(tree, asked, stated, weights)
    fates = dict.fromkeys((n for n, kept in enumerate(choice.kept) if kept), KEPT)
    if reader is not None:
        for n in fates:
            if reader.is_repeated(outline.blocks[n].text):
                fates[n] = ("furniture", "profile-repeated")
    contested = ("extractors_disagree",) if choice.contested else ()
    cut = ("page_cut",) if outline.is_cut else ()
    warnings = (*refusal, *contested, *cut)
    headline = headline_of(outline, stated)
    found = Sorted(outline, headline, fates, "full", warnings, choice.voted, ballot)
    story = _story(found, url, stated, rules)
    if _is_elsewhere(story, stated, min_words):
        rescued = found._replace(warnings=(*found.warnings, "body_from_json_ld"))
        return rescued, retell(story, stated.body.split("\n"))
    return found, story


# Words: a shorter text in JSON-LD is a teaser.
_LEAST_RESCUED = 60


def _is_elsewhere(story: Story, stated: Statement, min_words: int) -> bool:
    """Whether the page shows next to nothing of a story that its JSON-LD has whole."""
    return (
        bool(stated.body)
        and stated.is_accessible_for_free is not False
        and len(story.text) < _LONG_WORD * _LEAST_RESCUED
        and count_words(story.text) < max(1, min_words)
        and count_words(stated.body) >= _LEAST_RESCUED
    )


def _choice(
    tree: "LexborHTMLParser", asked: Asked, stated: Statement, weights: Weights
) -> tuple[Outline, Choice, Ballot]:
    """The page's outline, and which of its blocks are the story by the extractors' votes."""
    outline, _, nested = walk(tree)
    ballot = Ballot(asked(nested), stated.body)
    titles = (headline_of(outline, stated), *_titles(outline, stated))
    choice = choose(outline.blocks, ballot, titles, weights)
    if not any(choice.kept) and any(ballot.answers.values()):
        # An unclosed `nav` can swallow the story.
        outline = walk(tree, chrome=False).outline
        titles = (headline_of(outline, stated), *_titles(outline, stated))
        choice = choose(outline.blocks, ballot, titles, weights)
    return outline, choice, ballot


def headline_of(seen: Outline, stated: Statement) -> str:
    """The main heading where the head's title agrees with it, else the head's title.

    A heading that is only a small part of the title is the site's name, or a section's.

    A bare title often has the site's name before or after it: where most of it stands on the page as
    a line of its own, that line is the headline.
    """
    shown, told = key(seen.heading.lower()), key(stated.headline.lower())
    titles = (told, key(stated.title.lower()))
    if shown and any(
        (shown in t and 2 * len(shown) >= len(told)) or (t and t in shown) for t in titles
    ):
        return seen.heading
    if stated.headline == stated.title or _is_part_of_title(stated):
        for block in seen.blocks:
            # Of visible text no more than every other character is white.
            if len(told) <= 2 * len(block.text) < 4 * len(told):
                line = key(block.text.lower())
                if 2 * len(line) >= len(told) > len(line) and told.startswith(line) | told.endswith(
                    line
                ):
                    return block.text
    return stated.headline or seen.heading


_BAR = re.compile(r"\s[|–—·•»-]\s")


def _is_part_of_title(stated: Statement) -> bool:
    """Whether the headline is what a bare title has before the site's name, and may hold a section's."""
    rest = stated.title.removeprefix(stated.headline)
    return rest != stated.title and bool(_BAR.match(rest) and _BAR.search(stated.headline))


def _headline_at(served: Served, stated: str) -> str:
    """The headline: where the page does not show what it states, what stands at the headline's place."""
    blocks = served.outline.blocks
    at = served.places.get("headline", ())
    if not at or any(block.text == stated for block in blocks):
        return stated
    return blocks[at[0]].text


def _titles(seen: Outline, stated: Statement) -> tuple[str, ...]:
    return seen.heading, stated.headline, stated.title


def _story(
    found: Sorted, url: str, stated: Statement, rules: boilerplate.BoilerplateRules
) -> Story:
    """The story among the blocks that are said to be it."""
    seen = found.outline
    titles = (found.headline, *_titles(seen, stated))

    def verdicts(numbers: Sequence[int]) -> dict[int, tuple[str, str]]:
        lines = [boilerplate.Line(seen.blocks[n].text, _hint(seen.blocks[n], url)) for n in numbers]
        judged = boilerplate.verdicts(lines, titles, rules)
        return dict(zip(numbers, judged, strict=True))

    fates = found.fates | verdicts([n for n, fate in found.fates.items() if fate == KEPT])
    outvoted = [n for n, voted in enumerate(found.voted) if voted and n not in fates]
    if outvoted:
        # Where a rule knows them it says best what they are.
        known = verdicts(sorted((*fates, *outvoted)))
        for n in outvoted:
            kind, _ = outside(seen.blocks[n])
            fates[n] = known[n] if known[n] != KEPT else (kind, OUTVOTED)
    kept = sorted(n for n, fate in fates.items() if fate == KEPT)
    for n in commenting.comments(seen.blocks, kept, rules):
        if fates.get(n) == KEPT:
            fates[n] = commenting.FATE
    return tell(seen, fates)


def _hint(block: Block, url: str) -> boilerplate.Hint:
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
