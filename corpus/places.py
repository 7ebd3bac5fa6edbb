"""Where the pages of a template show a story's headline, byline and dates: learned, and found again.

In: pages' blocks, and which texts of theirs show a field. Out: the paths at which they stand. A path
counts where several pages agree on it; on a page that is served the block there shows the field.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from corpus.blocks import Block
from corpus.profiles import Field, Place, Shown

# Pages that show the field there, and their share of those with anything there.
_LEAST_PAGES = 3
_LEAST_SHARE = 0.8
# The day of publication and that of the last change often stand in elements of their own.
_MOST_PLACES: Mapping[Field, int] = {"headline": 1, "byline": 1, "date": 2}


def learned(pages: Sequence[tuple[Sequence[Shown], Sequence[Block]]]) -> tuple[Place, ...]:
    """The places of the fields on these pages of one template, most often used first."""
    hits: Counter[tuple[Field, bool, str]] = Counter()
    used: Counter[tuple[bool, str]] = Counter()
    for shown, blocks in pages:
        first = _first_at(blocks)
        used.update(first.keys())
        for place, number in first.items():
            text = blocks[number].text
            hits.update((s.field, *place) for s in set(shown) if s.text == text)
    found: list[Place] = []
    for (field, inside, path), count in sorted(hits.items(), key=lambda hit: (-hit[1], hit[0])):
        sure = count >= max(_LEAST_PAGES, _LEAST_SHARE * used[inside, path])
        if sure and sum(p.field == field for p in found) < _MOST_PLACES[field]:
            found.append(Place(field, path, inside, count))
    return tuple(found)


def found_at(places: Sequence[Place], blocks: Sequence[Block]) -> Mapping[Field, tuple[int, ...]]:
    """The numbers of the blocks that show each field on a page: the first one at each place."""
    if not places:
        return {}
    wanted = {place.path for place in places}
    first: dict[tuple[bool, str], int] = {}
    for number, block in enumerate(blocks):
        if block.path in wanted:
            first.setdefault((block.inside, block.path), number)
    found: dict[Field, tuple[int, ...]] = {}
    for place in places:
        number = first.get((place.inside, place.path), -1)
        if number >= 0:
            found[place.field] = (*found.get(place.field, ()), number)
    return found


def _first_at(blocks: Sequence[Block]) -> dict[tuple[bool, str], int]:
    """The first block at each path."""
    return {(blocks[n].inside, blocks[n].path): n for n in range(len(blocks) - 1, -1, -1)}
