"""Inside a cluster: which text stands for it, and how the others relate to that one.

In: the texts' hashes, the cluster of each, and figures against the representative. Out: completeness
of each text, and relations. Which text is in which cluster is decided in `corpus.cluster`.
"""

import numpy as np
from numpy.typing import NDArray

from corpus.pairs import Figures
from corpus.records import Relation
from corpus.rows import Index, Rows, found_among, kept, owners
from crawler.records import Record

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class RelationSettings(Record, forbid_unknown_fields=True):
    """The `[relations]` table of dedup.toml; all are shares of distinct 5-grams.

    Texts with `complete` of the best one's common 5-grams count as complete, and of these the ones
    that add least (within `1 - complete` of their length) can stand for the cluster. An excerpt has at most
    `shorter` of the representative's length and `inside` of itself in it; an expanded text has at
    least `longer` times its length and holds `inside` of it. An update is published later, keeps less
    than `lead` of the lead and shares `overlap` both ways.
    """

    complete: float
    inside: float
    shorter: float
    longer: float
    lead: float
    overlap: float


def completeness(grams: Rows, weights: Index, labels: Index) -> Index:
    """For each text the number of its 5-grams that another member of its cluster has too.

    Where a cluster is two texts only, nothing tells the wire's words from additions: there every
    5-gram counts, so the longer text is the more complete. `weights` are of identical texts.
    """
    sizes = np.bincount(labels, weights, minlength=len(labels))
    kinds = np.bincount(labels, minlength=len(labels))
    everything = (kinds == 1) | (sizes == 2)
    owner = owners(grams.starts)
    several = ~everything[labels[owner]]
    keys = labels[owner[several]].astype(np.uint64) << np.uint64(32) | grams.values[several]
    _, inverse = np.unique(keys, return_inverse=True)
    common = np.bincount(inverse, weights[owner[several]])[inverse] >= 2
    counts = grams.lengths.copy()
    counts[~everything[labels]] = 0
    np.add.at(counts, owner[several][common], 1)
    return counts


def relations(
    found: Figures,
    *,
    exact: Bools,
    later_version: Bools,
    later: Bools,
    lead_kept: Floats,
    settings: RelationSettings,
) -> list[Relation]:
    """How each text (left in `found`) relates to its representative (right).

    `exact`: the same folded words; `later_version`: of the representative's own page; `later`:
    published later; `lead_kept`: the share of its lead that stands in the representative.
    """
    inside = found.shared / np.maximum(found.left, 1.0)
    holds = found.shared / np.maximum(found.right, 1.0)
    rewritten_lead = later & (lead_kept < settings.lead)
    overlapping = (inside >= settings.overlap) & (holds >= settings.overlap)
    names: dict[Relation, Bools] = {
        "exact": exact,
        "update": later_version | (rewritten_lead & overlapping),
        "excerpt": (inside >= settings.inside) & (found.left <= settings.shorter * found.right),
        "expanded": (holds >= settings.inside) & (found.left >= settings.longer * found.right),
    }
    chosen = np.select(list(names.values()), range(len(names)), len(names))
    words: tuple[Relation, ...] = (*names, "near")
    return [words[n] for n in chosen.tolist()]


def lead_kept(leads: Rows, grams: Rows) -> Floats:
    """For each text the share of its first sentence's 5-grams that stand in the row of `grams`."""
    numbers = np.arange(len(leads.lengths))
    lengths = np.minimum(leads.lengths, _SENTENCE)
    keep = np.arange(len(leads.values)) - np.repeat(leads.starts[:-1], leads.lengths) < _SENTENCE
    found = found_among(kept(leads, keep), grams, np.stack((numbers, numbers), axis=1))
    return np.where(lengths > 0, found.lengths / np.maximum(lengths, 1), 1.0)


_SENTENCE = 24
"""5-grams in a lead that an update writes anew; what follows it often stays."""
