from corpus import cluster, pairs, plan, roundups
from tests.corpus.made_up import SETTINGS, document, paragraph, story


def found(texts: dict[str, list[str]]) -> set[str]:
    """The compilations among the texts."""
    ordered = [document(name, text) for name, text in sorted(texts.items())]
    distinct = plan.distinct(ordered, SETTINGS, 14.0)
    proposed = plan.propose(distinct, SETTINGS, 14.0)
    figures = pairs.figures(distinct.texts, proposed)
    odds = pairs.log_odds(figures, SETTINGS.pairs)
    labels = cluster.average_link(distinct.weights, proposed, odds, SETTINGS.cluster)
    marks = roundups.compilations(
        distinct.texts.grams, distinct.leads, labels, proposed, figures, SETTINGS.roundups
    )
    return {
        ordered[source].article_id
        for source, mark in zip(distinct.source, marks, strict=True)
        if mark
    }


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
