from functools import partial

import msgspec
import pytest

from corpus import pairs, parting
from corpus.rows import taken
from tests.compared import compared
from tests.corpus.made_up import SETTINGS, Found, cluster_documents, document, paragraph

ITALY = [
    """ROME (AP) — Police in Cerveteri arrested 31 people on Tuesday in raids against a ring that sold
vases looted from Etruscan tombs to dealers in Lugano.""",
    """Carabinieri recovered 712 vases, bronzes and coins worth some 9 million euros,
Colonel Matteo Ferraris told reporters.""",
    """The tombs had been dug at night with ground radar, prosecutor Livia Sanna said. Two customs officers
are among those held in Operation Charon.""",
]
NIGERIA = [
    """LAGOS (AFP) - The football federation sacked national coach Emeka Duru on Monday, three weeks after
the early exit from the Africa Cup.""",
    """Federation president Sani Bello said the decision had been unanimous. Assistant Femi Oladapo takes
charge for the friendlies against Ghana and Chile.""",
    """Duru, 52, won nine of his 21 matches. He said he had been told by telephone and would seek the rest of
his salary in court.""",
]
"""Two stories of a day that share nothing."""


def parted(
    texts: dict[str, list[str]], rules: parting.PartingSettings = SETTINGS.parting
) -> tuple[set[tuple[str, str]], set[str]]:
    """Which page is parted from which text, and which pages from two stories, all pages asked."""
    made = compared([document(name, text) for name, text in texts.items()], SETTINGS)
    figures = pairs.figures(made.texts, made.pairs)
    asked = made.nodes.weights > 0
    words = parting.Words(partial(taken, made.texts.grams), partial(taken, made.texts.names))
    found = parting.parted(words, made.pairs, figures, asked, rules)
    names = [made.documents[source].article_id for source in made.nodes.source]
    told = [(names[a], names[b]) for a, b in made.pairs.tolist()]
    both = {pair for pair, is_left in zip(told, found.left.tolist(), strict=True) if is_left}
    both |= {
        pair[::-1] for pair, is_right in zip(told, found.right.tolist(), strict=True) if is_right
    }
    return both, {
        name for name, several in zip(names, found.pages.tolist(), strict=True) if several
    }


def groups(texts: dict[str, list[str]]) -> tuple[set[frozenset[str]], Found]:
    """The clusters of two texts or more, and all that was found."""
    found = cluster_documents([document(name, text) for name, text in texts.items()])
    held: dict[str, set[str]] = {}
    for line in found.lines:
        held.setdefault(line.cluster_id, set()).add(line.id)
    return {frozenset(names) for names in held.values() if len(names) > 1}, found


def test_a_page_with_two_whole_stories_is_parted_from_both() -> None:
    texts = {"italy": ITALY, "nigeria": NIGERIA, "page": ITALY + NIGERIA}
    assert parted(texts) == ({("page", "italy"), ("page", "nigeria")}, {"page"})


def test_a_page_that_is_mostly_one_story_is_parted_from_the_other_only() -> None:
    texts = {"italy": ITALY, "nigeria": NIGERIA[:1], "page": ITALY + NIGERIA[:1]}
    assert parted(texts) == ({("page", "nigeria")}, set())


def test_excerpts_of_one_story_that_share_its_names_part_no_page() -> None:
    tail = [
        "Colonel Matteo Ferraris said in Cerveteri: the 31 were Etruscan vase dealers.",
        ITALY[2],
    ]
    texts = {"head": ITALY[:2], "tail": tail, "whole": [*ITALY[:2], *tail]}
    assert parted(texts) == (set(), set())


def test_texts_with_hardly_any_names_part_no_page() -> None:
    plain = [paragraph(n, 40).lower() for n in range(2)]
    assert parted({"one": plain[:1], "other": plain[1:], "page": plain}) == (set(), set())


def test_small_parts_of_a_long_page_count_in_half() -> None:
    rest = [paragraph(n, 60) for n in range(4)]
    texts = {"italy": ITALY, "nigeria": NIGERIA, "page": ITALY[:2] + NIGERIA[:2] + rest}
    assert parted(texts) == ({("page", "italy"), ("page", "nigeria")}, {"page"})


def test_large_parts_of_a_page_count_only_where_they_are_whole() -> None:
    texts = {"italy": ITALY, "nigeria": NIGERIA, "page": ITALY[:2] + NIGERIA[:2]}
    assert parted(texts) == (set(), set())


@pytest.mark.parametrize("looked_at", [1, 2])
def test_of_many_passages_on_a_page_only_the_longest_are_looked_at(looked_at: int) -> None:
    longer = [[*ITALY, *NIGERIA, paragraph(n, 60), paragraph(n + 10, 300)] for n in range(2)]
    page = [*ITALY[:2], *NIGERIA[:2], paragraph(0, 60), paragraph(1, 60)]
    texts = {"italy": ITALY, "nigeria": NIGERIA, "page": page, "one": longer[0], "other": longer[1]}
    assert "page" in parted(texts)[1]
    few = msgspec.structs.replace(SETTINGS.parting, looked_at=looked_at)
    assert "page" not in parted(texts, few)[1]


def test_a_page_with_two_whole_stories_joins_neither_and_contains_both() -> None:
    texts = {"italy": ITALY, "nigeria": NIGERIA, "page": ITALY + NIGERIA}
    joined, found = groups(texts)
    assert joined == set()
    contained = {(link.from_, link.to) for story in found.stories for link in story.links}
    assert len(contained) == 2


def test_copies_of_a_page_with_two_stories_are_copies_of_each_other() -> None:
    more = [*ITALY, *NIGERIA, "More news at six, with Ann Lee in the studio."]
    joined, _ = groups({"italy": ITALY, "nigeria": NIGERIA, "page": ITALY + NIGERIA, "other": more})
    assert joined == {frozenset({"page", "other"})}


def test_what_is_printed_below_a_story_does_not_join_its_copies() -> None:
    texts = {"italy": ITALY, "nigeria": NIGERIA[:1], "page": ITALY + NIGERIA[:1]}
    assert groups(texts)[0] == {frozenset({"italy", "page"})}


def test_what_is_printed_below_a_story_is_not_of_the_story() -> None:
    texts = {"italy": ITALY, "nigeria": NIGERIA[:1], "page": ITALY + NIGERIA[:1]}
    story = {line.id: line.story_id for line in groups(texts)[1].lines}
    assert story["page"] == story["italy"] != story["nigeria"]
