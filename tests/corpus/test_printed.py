from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.printed import Held, quoting
from corpus.roundups import Beside, RoundupSettings, openers
from corpus.rows import Rows, rows_of

COUNT = 7
RULES = RoundupSettings(
    stories=2, lead=2, grams=2, kin=0.34, share=0.45, common=2, copy=0.5
)  # what some hundred 5-grams need is scaled down to a dozen

GRAMS = st.lists(st.sets(st.integers(0, 25), max_size=14), min_size=COUNT, max_size=COUNT)
LEADS = st.lists(
    st.lists(st.integers(0, 25), max_size=5), min_size=COUNT, max_size=COUNT
)  # a lead may have a 5-gram twice
NAMES = st.lists(st.sets(st.integers(0, 23), max_size=5), min_size=COUNT, max_size=COUNT)
LABELS = st.lists(st.integers(0, COUNT - 1), min_size=COUNT, max_size=COUNT)
IS_LONG = 2


class World(NamedTuple):
    grams: list[set[int]]
    leads: list[list[int]]
    names: list[set[int]]


WORLDS = st.builds(World, GRAMS, LEADS, NAMES)
Near = list[int]


def near(world: World, page: int) -> Near:
    """The texts beside a page, the longest passage first."""
    shared = {n: len(world.grams[n] & world.grams[page]) for n in range(COUNT) if n != page}
    return sorted((n for n in shared if shared[n] >= RULES.grams), key=lambda n: (-shared[n], n))


def lead_of(world: World, page: int, text: int) -> list[int]:
    return [gram for gram in world.leads[text] if gram in world.grams[page]]


def opens(world: World, page: int, labels: list[int]) -> bool:
    """Whether the page opens several clusters, gram by gram."""
    found = {n: lead_of(world, page, n) for n in near(world, page)}
    found = {n: lead for n, lead in found.items() if len(lead) >= RULES.lead}
    clusters: dict[int, set[int]] = {}
    for n, lead in found.items():
        for gram in lead:
            clusters.setdefault(gram, set()).add(labels[n])
    own = {n: [g for g in lead if len(clusters[g]) < RULES.common] for n, lead in found.items()}
    many = {labels[n] for n, lead in own.items() if len(lead) >= RULES.lead}
    return len(many) >= RULES.stories


def quotes(world: World, page: int, labels: list[int]) -> bool:
    """Whether the page quotes several stories, gram by gram."""
    mine = world.grams[page]
    spans: dict[int, set[int]] = {}
    opened: dict[int, set[int]] = {}
    first: dict[int, int] = {}
    for n in near(world, page):
        spans.setdefault(labels[n], set()).update(mine & world.grams[n])
        if len(lead_of(world, page, n)) >= RULES.lead:
            opened.setdefault(labels[n], set()).update(mine & world.grams[n])
            first.setdefault(labels[n], n)
    standing = {g for g in mine if sum(g in has for has in opened.values()) >= RULES.common}
    own = {label: span - standing for label, span in opened.items()}
    quoted: list[int] = []
    covered: set[int] = set()
    for label in sorted(own, key=lambda label: (len(own[label]), label)):
        fresh = own[label] - covered
        if len(fresh) < RULES.grams or len(fresh) < 0.7 * len(own[label]):
            continue
        facts = {name for name in world.names[first[label]] if name & 3 < IS_LONG}
        kin = [len(facts & world.names[first[other]]) for other in quoted]
        if not any(shared > RULES.kin * len(facts) for shared in kin):
            covered |= own[label]
            quoted.append(label)
    for label, span in spans.items():
        elsewhere = {gram for other in quoted if other != label for gram in own[other]}
        if len(span - elsewhere) > RULES.share * len(mine):
            return False
    return len(quoted) >= RULES.stories


def rows(held: list[set[int]]) -> Rows:
    return rows_of(np.array(sorted(one), np.uint32) for one in held)


def beside(world: World) -> Beside:
    both = [(page, other) for page in range(COUNT) for other in near(world, page)]
    page, other = np.array(both, np.int64).reshape(-1, 2).T
    shared = [len(world.grams[a] & world.grams[b]) for a, b in both]
    opened = [len(lead_of(world, a, b)) for a, b in both]
    number = np.arange(len(both))
    return Beside(page, other, number, np.array(shared, float), np.array(opened, float))


@settings(max_examples=300, deadline=None)
@given(WORLDS, LABELS, LABELS)
def test_pages_of_several_rounds_are_judged_as_each_alone_gram_by_gram(
    world: World, one: list[int], other: list[int]
) -> None:
    leads = rows_of(np.array(lead, np.uint32) for lead in world.leads)
    grams, names, both = rows(world.grams), rows(world.names), beside(world)
    rounds = [np.array(labels, np.int64) for labels in (one, other)]
    found = openers(both, grams, leads, rounds, RULES)
    every = range(COUNT)
    for marks, labels in zip(found, (one, other), strict=True):
        assert marks.tolist() == [opens(world, page, labels) for page in every]
    held = Held(*(lambda some, held=held: _taken(held, some) for held in (grams, names, leads)))
    asked = [np.arange(COUNT) % 3 > 0, np.ones(COUNT, bool)]
    judged = quoting(both, held, zip(rounds, asked, strict=True), RULES)
    for marks, pages, labels in zip(judged, asked, (one, other), strict=True):
        expected = [quotes(world, page, labels) and bool(pages[page]) for page in every]
        assert marks.tolist() == expected


def _taken(held: Rows, some: np.ndarray) -> Rows:
    return rows_of(held.row(int(n)) for n in some)
