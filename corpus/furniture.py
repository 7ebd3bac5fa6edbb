"""A site's furniture, learned: from some of its pages, what to keep of all the others.

In: pages of one host with the answers of extractors. Out: a `Profile`, or None where they do not
suffice. The profile depends on the set of pages, not on their order. Pages are served with it by
`corpus.serving`; when to learn again is `corpus.upkeep`'s question.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from corpus import labels, places
from corpus.blocks import Block
from corpus.containers import ranked
from corpus.labels import Story
from corpus.outline import walk
from corpus.profiles import LearningPage, Opening, PathCount, Profile, Shown, Template, with_id
from corpus.serving import Reader, blocks_inside, containers, opening_of, serve
from corpus.signatures import MOST_OF_A_BLOCK, Reading, Signatures
from corpus.tokens import fingerprint

__all__ = ["Reader", "learn", "serve"]

LEAST_STORIES = 5
MOST_STORIES = 20
MOST_TEMPLATES = 3
LEAST_PAGES_OF_A_TEMPLATE = 3
_TRIES = 8
_GOOD_AGREEMENT = 0.85
_FAIR_AGREEMENT = 0.7
_FAIR_PAGES = 2
# A text is standing when it is in this many other stories.
_REPEATED = 2


def learn(host: str, pages: Sequence[LearningPage], made_by: str) -> Profile | None:
    """What these pages teach of the host; None where there are not five stories, or no container.

    `made_by` is the version of the extractors whose texts the pages carry.
    """
    read = [story for page in pages if (story := labels.read(page))]
    stories = labels.distinct(read, MOST_STORIES)
    if len(stories) < LEAST_STORIES:
        return None
    counts = Counter(mark for story in stories for mark in story.marks)
    stories = _without_standing(stories, counts)
    trials = _templates(stories, counts)
    if not trials:
        return None
    return with_id(
        Profile(
            host=host,
            made_by=made_by,
            stories=len(stories),
            templates=tuple(trial.template for trial in trials),
            repeated=b"".join(sorted(m for m, n in counts.items() if n >= _REPEATED)),
            openings=_openings(trials),
            title_words=_constant_words(stories),
        )
    )


def _without_standing(stories: Sequence[Story], counts: Mapping[bytes, int]) -> list[Story]:
    """The stories less what stands on so many pages that extractors agree on it wrongly."""
    return [
        labels.with_body(story, [t for t in story.body if counts[fingerprint(t)] <= _REPEATED])
        for story in stories
    ]


class _Trial(NamedTuple):
    """A template, and how well it reads each learning page it was made for."""

    template: Template
    readings: tuple[tuple[Story, str, float], ...]


def _templates(stories: Sequence[Story], counts: Mapping[bytes, int]) -> list[_Trial]:
    """Up to three templates: each is for the pages that the ones before it do not read well."""
    found: list[_Trial] = []
    left = list(stories)
    while len(found) < MOST_TEMPLATES and len(left) >= LEAST_PAGES_OF_A_TEMPLATE:
        trial = _template(left, counts)
        if trial is None:
            break
        found.append(trial)
        read = {story.key for story, _, f1 in trial.readings if f1 >= _FAIR_AGREEMENT}
        left = [story for story in left if story.key not in read]
    return found


def _template(stories: Sequence[Story], counts: Mapping[bytes, int]) -> _Trial | None:
    """The best selector that serves the pages it matches as they are labelled."""
    marked = [
        [
            (holder, len(block.text), block.text in story.body)
            for block, holder in zip(story.blocks, story.holders, strict=True)
        ]
        for story in stories
    ]
    for selector in ranked(marked, _TRIES):
        trial = _trial(selector, stories, counts)
        if trial:
            return trial
    return None


def _trial(selector: str, stories: Sequence[Story], counts: Mapping[bytes, int]) -> _Trial | None:
    """The template of this selector, if it serves its own pages well enough."""
    inside: list[tuple[Story, Sequence[Block]]] = []
    shown: list[tuple[Sequence[Shown], Sequence[Block]]] = []
    for story in stories:
        roots = containers(story.tree, selector)
        if roots:
            outline = walk(story.tree, roots).outline
            inside.append((story, blocks_inside(outline)))
            shown.append((story.page.shown, outline.blocks))
    # A page's own share of a count is one.
    standing = {mark for mark, count in counts.items() if count > _REPEATED}
    draft = Template(selector, len(inside), 0.0, 0, 0.0, _path_counts(inside, standing))
    signatures = Signatures(draft)
    readings: list[tuple[Story, Reading, float]] = []
    for story, blocks in inside:
        reading = signatures.read(blocks, standing)
        readings.append((story, reading, labels.agreement("\n".join(reading.kept()), story.grams)))
    fair = [reading for _, reading, f1 in readings if f1 >= _FAIR_AGREEMENT]
    if len(fair) < max(_FAIR_PAGES, len(readings) / 2):
        return None
    middle = median(f1 for *_, f1 in readings)
    if middle < _GOOD_AGREEMENT:
        return None
    template = Template(
        selector=selector,
        pages=len(fair),
        agreement=round(middle, 3),
        smallest_body=min(reading.kept_chars for reading in fair),
        smallest_ratio=round(min(r.kept_chars / r.all_chars for r in fair), 3),
        paths=draft.paths,
        places=places.learned(shown),
    )
    return _Trial(template, tuple((story, "\n\n".join(r.kept()), f1) for story, r, f1 in readings))


def _path_counts(
    pages: Sequence[tuple[Story, Sequence[Block]]], standing: Collection[bytes]
) -> tuple[PathCount, ...]:
    """What stood at each path; standing texts, which are known by themselves, where nothing else did."""
    body: defaultdict[str, int] = defaultdict(int)
    varied: defaultdict[str, int] = defaultdict(int)
    whole: defaultdict[str, int] = defaultdict(int)
    for story, blocks in pages:
        for block in blocks:
            size = min(len(block.text), MOST_OF_A_BLOCK)
            whole[block.path] += size
            if fingerprint(block.text) not in standing:
                varied[block.path] += size
                body[block.path] += size if block.text in story.body else 0
    return tuple(PathCount(p, body[p], varied[p] or whole[p]) for p in sorted(whole))


def _openings(trials: Sequence[_Trial]) -> tuple[Opening, ...]:
    """How the learned stories begin, as far as one page alone begins so."""
    urls: defaultdict[bytes, set[str]] = defaultdict(set)
    for trial in trials:
        for story, text, f1 in trial.readings:
            if f1 >= _FAIR_AGREEMENT:
                urls[opening_of(text)].add(story.page.url)
    return tuple(Opening(o, min(u)) for o, u in sorted(urls.items()) if len(u) == 1)


def _constant_words(stories: Sequence[Story]) -> tuple[str, ...]:
    """The words that stand in the titles of most stories: the site's name, mostly."""
    counts = Counter(word for story in stories for word in story.title)
    return tuple(sorted(word for word, n in counts.items() if 2 * n > len(stories)))
