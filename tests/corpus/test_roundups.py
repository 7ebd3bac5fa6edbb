import numpy as np

from corpus import cluster, pairs, printed, roundups
from corpus.rows import Index
from tests.compared import compared
from tests.corpus.made_up import SETTINGS, document, paragraph, story


def settled(texts: dict[str, list[str]]) -> tuple[set[str], list[tuple[str, str, int]]]:
    """The compilations among the texts, and what they contain: by name, with 5-grams of their own."""
    made = compared([document(name, text) for name, text in texts.items()], SETTINGS)
    figures = pairs.figures(made.texts, made.pairs)
    odds = pairs.log_odds(figures, SETTINGS.pairs)

    def linked(some: Index, values: pairs.Floats) -> Index:
        return cluster.average_link(made.nodes.weights, some, values, SETTINGS.cluster)

    rules = SETTINGS.roundups
    hashes = made.texts, made.leads
    marks = printed.compilations(*hashes, linked(made.pairs, odds), made.pairs, figures, rules)
    may = roundups.joinable(made.pairs, figures.jaccard > rules.copy, marks)
    labels = linked(made.pairs[may], odds[may])
    held = printed.contents(printed.Held.of(*hashes), labels, made.pairs, figures, marks, rules)
    names = [made.documents[source].article_id for source in made.nodes.source]
    for page, text, pair in zip(held.compilations, held.stories, held.evidence, strict=True):
        assert {int(page), int(text)} == set(made.pairs[pair].tolist())
    contained = [
        (names[page], names[text], own)
        for page, text, own in zip(held.compilations, held.stories, held.own.tolist(), strict=True)
    ]
    return {names[n] for n in np.flatnonzero(marks)}, contained


def found(texts: dict[str, list[str]]) -> set[str]:
    """The compilations among the texts."""
    return settled(texts)[0]


STORIES = {f"story{n}": story(n + 1, 5) for n in range(4)}


def test_a_page_that_opens_several_stories_is_a_compilation() -> None:
    assert found({**STORIES, "roundup": [text[0] for text in STORIES.values()]}) == {"roundup"}


def test_a_page_that_quotes_the_middle_of_stories_is_not() -> None:
    assert not found({**STORIES, "analysis": [text[2] for text in STORIES.values()]})


def test_a_page_that_is_mostly_one_story_is_not() -> None:
    leads = [text[0] for text in STORIES.values()]
    assert not found({**STORIES, "long": [*STORIES["story0"], *leads[1:]]})


def test_a_story_of_which_briefs_exist_is_not() -> None:
    whole = story(1, 6)
    briefs = {f"brief{n}": [text] for n, text in enumerate(whole)}
    assert "whole" not in found({"whole": whole, "copy": [*whole, paragraph(7)], **briefs})


def test_copies_of_a_compilation_are_compilations() -> None:
    leads = [text[0] for text in STORIES.values()]
    texts = {**STORIES, "one": leads, "other": [*leads, "More tomorrow."]}
    assert found(texts) == {"one", "other"}


def test_compilations_that_share_most_of_their_stories_are_still_compilations() -> None:
    leads = [text[0] for text in STORIES.values()]
    one, other = [paragraph(70, 20), *leads[:3]], [paragraph(71, 20), *leads[1:]]
    assert found({**STORIES, "one": one, "other": other}) == {"one", "other"}


def test_a_compilation_contains_the_stories_that_it_opens() -> None:
    leads = [text[0] for text in STORIES.values()]
    marked, contained = settled({**STORIES, "roundup": leads, "stranger": story(9)})
    assert marked == {"roundup"}
    assert {(page, text) for page, text, _ in contained} == {("roundup", name) for name in STORIES}
    assert all(own > SETTINGS.roundups.grams for *_, own in contained)


def test_of_several_copies_a_compilation_contains_the_one_that_has_most_of_it() -> None:
    leads = [" ".join(text[:2]) for text in STORIES.values()]
    cut = {"brief": [STORIES["story0"][0], paragraph(90)]}
    _, contained = settled({**STORIES, **cut, "roundup": leads})
    assert {text for _, text, _ in contained} == set(STORIES)


def test_a_report_that_takes_from_several_reports_of_one_event_is_no_compilation() -> None:
    people = " ".join(f"Member{n} Delegate{n}" for n in range(12))
    texts = {name: [f"{text[0]} {people}", *text[1:]] for name, text in STORIES.items()}
    assert not found({**texts, "report": [text[0] for text in texts.values()]})


def test_where_nothing_was_compared_there_are_no_compilations() -> None:
    assert settled({}) == (set(), [])
    assert settled({"one": [""], "two": ["word"]}) == (set(), [])
