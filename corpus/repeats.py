"""A site's furniture: 5-grams that return on its pages without the pages being copies of each other.

In: each page's 5-gram hashes, its site and the page it is a version of. Out: which hashes to leave
out of account. Furniture of page templates is stripped by `corpus.extract`; this finds what is left
over (related headlines, promotions, standing paragraphs), in texts of any origin.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from corpus.cluster import components
from corpus.rows import Index, Rows, owners, places
from crawler.records import Record

Bools = NDArray[np.bool_]


class FurnitureSettings(Record, forbid_unknown_fields=True):
    """The `[furniture]` table of dedup.toml.

    A 5-gram is furniture where it stands on `pages` pages of a site. Pages of one site are copies of
    each other, and count once, when 5-grams that stand on at most `rare` pages and on both of them
    are `copied` of the larger one's, by a sample (hash mod `modulus` = 0).
    """

    pages: int
    rare: int
    copied: float
    modulus: int


def furniture(grams: Rows, sites: Index, pages: Index, settings: FurnitureSettings) -> Bools:
    """Marks the values of `grams` that are furniture of their row's site.

    `sites` and `pages` number each row's site and page; a negative site is unknown and has none.
    """
    marks = np.zeros(len(grams.values), bool)
    order = np.argsort(sites, kind="stable")
    order = order[sites[order] >= 0]
    bounds = np.flatnonzero(np.diff(sites[order], prepend=-1, append=-1))
    for begin, end in pairwise(bounds.tolist()):
        rows = order[begin:end]
        if len(np.unique(pages[rows])) >= settings.pages:
            at, starts = places(grams.starts, rows)
            site = Rows(grams.values[at], starts)
            marks[at] = _on_many_pages(site, pages[rows], settings)
    return marks


def _on_many_pages(site: Rows, pages: Index, settings: FurnitureSettings) -> Bools:
    families = _families(site, pages, settings)
    values, inverse = np.unique(site.values, return_inverse=True)
    total = np.int64(families.max() + 1)
    seen = np.unique(inverse * total + families[owners(site.starts)])
    counts = np.bincount(seen // total, minlength=len(values))
    many: Bools = (counts >= settings.pages)[inverse]
    return many


def _families(site: Rows, pages: Index, settings: FurnitureSettings) -> Index:
    """A number for each row, the same for versions of a page and for pages that are copies."""
    _, family = np.unique(pages, return_inverse=True)
    family = family.astype(np.int64)
    sampled = site.values % np.uint32(settings.modulus) == 0
    owner = owners(site.starts)[sampled]
    sizes = np.bincount(owner, minlength=len(pages))
    order = np.argsort(site.values[sampled], kind="stable")
    values, owner = site.values[sampled][order], owner[order]
    groups = np.diff(np.flatnonzero(np.diff(values.astype(np.int64), prepend=-1, append=-1)))
    rare = np.repeat(groups <= settings.rare, groups)
    values, owner = values[rare], owner[rare]
    shared: list[Index] = [np.zeros(0, np.int64)]
    for step in range(1, settings.rare):
        same = values[step:] == values[:-step]
        shared.append(owner[:-step][same] * len(pages) + owner[step:][same])
    coded, counts = np.unique(np.concatenate(shared), return_counts=True)
    left, right = np.divmod(coded, len(pages))
    alike = (counts >= 3) & (counts >= settings.copied * np.maximum(sizes[left], sizes[right]))
    return components(int(family.max()) + 1, family[left[alike]], family[right[alike]])[family]
