"""How each document relates to its cluster's representative: each pair of the two texts verified once.

In: the work of `corpus.plan`, its texts and groups. Out: `Figured`. What a relation is called is decided in
`corpus.members`.
"""

from typing import TYPE_CHECKING

import numpy as np

from corpus import members, pairs
from corpus.choosing import turned
from corpus.describe import Figured, Groups
from corpus.nodes import Nodes
from corpus.rows import Index, in_batches, taken
from corpus.verifying import as_figures, verified

if TYPE_CHECKING:
    from corpus.plan import Work


def related(work: "Work", found: Nodes, at: Index, groups: Groups, lengths: Index) -> Figured:
    """How each document relates to its cluster's representative.

    `at` says where the texts stand in the table of nodes, `lengths` how many 5-grams each has.
    """
    tables, documents = work.tables, work.tables.documents
    heads = groups.head[groups.cluster]
    mine, its = found.node, found.node[heads]
    exact = mine == its
    against = _against(work, found, at, np.stack((mine, its), axis=1), lengths)
    day, page, version = (documents.column(name)[work.rows] for name in ("day", "page", "version"))
    later = day > day[heads]
    later_version = (page == page[heads]) & (version > version[heads])
    settings = work.settings.relations
    # The lead decides of texts only that were published later and overlap.
    least = np.minimum(
        against.shared / np.maximum(against.left, 1.0),
        against.shared / np.maximum(against.right, 1.0),
    )
    asked = np.flatnonzero(later & ~exact & ~later_version & (least >= settings.overlap))
    kept = np.ones(len(mine))
    for batch in in_batches(lengths[its[asked]] + 50, 2_000_000):
        some = asked[batch]
        kept[some] = members.lead_kept(
            taken(tables.nodes.ragged("lead"), at[mine[some]]),
            taken(tables.nodes.ragged("grams"), at[its[some]]),
        )
    tables.nodes.release()
    relation = members.relations(
        against,
        exact=found.digests == found.digests[heads],
        later_version=later_version,
        later=later,
        lead_kept=kept,
        settings=settings,
    )
    inside = against.shared / np.maximum(against.left, 1.0)
    columns = (against.jaccard, against.containment, inside)
    return Figured(relation, *(np.where(exact, 1.0, column.round(4)) for column in columns))


def _against(work: "Work", found: Nodes, at: Index, both: Index, lengths: Index) -> pairs.Figures:
    """The figures of each document's text (left) against its representative's (right)."""
    ordered = np.sort(both, axis=1)
    total = np.uint64(max(len(found.key), 1))
    differ = np.flatnonzero(ordered[:, 0] != ordered[:, 1])
    codes, inverse = np.unique(
        ordered[differ, 0].astype(np.uint64) * total + ordered[differ, 1].astype(np.uint64),
        return_inverse=True,
    )
    asked = np.stack(np.divmod(codes, total), axis=1).astype(np.int64)
    held = verified(work.pairing(), found.key, at, asked)
    columns = np.zeros((len(both), len(pairs.Figures._fields)), np.float32)
    columns[differ] = work.tables.pairs.column("figures")[held[inverse]]
    figures = turned(as_figures(columns), both[:, 0] > both[:, 1])
    same = both[:, 0] == both[:, 1]
    length = lengths[both[:, 0]].astype(float)
    whole = {
        name: np.where(same, length, getattr(figures, name)) for name in ("left", "right", "shared")
    }
    return figures._replace(**whole)
