"""How each document relates to its cluster's representative: each pair of the two texts verified once.

In: the work of `corpus.plan`, its texts and groups. Out: `Figured`. What a relation is called is decided in
`corpus.members`. A member that is no copy of the representative by itself is in the cluster through others:
which one it is nearest to is told.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corpus import members, pairs
from corpus.before import Arrays
from corpus.choosing import turned
from corpus.describe import NOBODY, Figured, Groups
from corpus.judging import Judged
from corpus.nodes import Nodes
from corpus.rows import Index, in_batches
from corpus.verifying import as_figures, verified

if TYPE_CHECKING:
    from corpus.plan import Work


def related(
    work: "Work", found: Nodes, judged: Judged, groups: Groups, lengths: Index
) -> tuple[Figured, Arrays]:
    """How each document relates to its cluster's representative, and what the next run is told.

    `lengths` says how many 5-grams each text has.
    """
    tables, documents, at = work.tables, work.tables.documents, judged.at
    heads = groups.head[groups.cluster]
    mine, its = found.node, found.node[heads]
    exact = mine == its
    against, odds, compared = _against(work, found, at, np.stack((mine, its), axis=1), lengths)
    day, page, version = (documents.column(name)[work.rows] for name in ("day", "page", "version"))
    later = day > day[heads]
    later_version = (page == page[heads]) & (version > version[heads])
    settings = work.settings.relations
    # The lead decides of texts only that were published later and overlap.
    least = np.minimum(
        against.shared / np.maximum(against.left, 1.0),
        against.shared / np.maximum(against.right, 1.0),
    )
    wanted = later & ~exact & ~later_version & (least >= settings.overlap)
    asked = np.flatnonzero(wanted & np.isnan(compared.lead))
    for batch in in_batches(lengths[its[asked]] + 50, 2_000_000):
        some = asked[batch]
        compared.lead[some] = members.lead_kept(
            tables.nodes.taken("lead", at[mine[some]]),
            tables.nodes.taken("grams", at[its[some]]),
        )
    tables.nodes.release()
    tables.pairs.release()
    relation = members.relations(
        against,
        exact=found.digests == found.digests[heads],
        later_version=later_version,
        later=later,
        lead_kept=np.where(wanted, compared.lead, 1.0),
        settings=settings,
    )
    inside = against.shared / np.maximum(against.left, 1.0)
    columns = (against.jaccard, against.containment, inside)
    jaccard, containment, share = (np.where(exact, 1.0, column.round(4)) for column in columns)
    indirect = ~exact & (odds <= 0) & (np.array(relation, object) == "near")
    through = _through(found, judged, indirect)
    left = _left(compared, work.rows, documents.rows)
    return Figured(relation, jaccard, containment, share, through), left


def _through(found: Nodes, judged: Judged, indirect: pairs.Bools) -> Index:
    """Of each of these documents the one of its cluster that it is likeliest a copy of, by number.

    Of equals the first is taken. `NOBODY` where it is a copy of none, and people said that it belongs there.
    """
    wanted = np.zeros(len(found.key), bool)
    wanted[found.node[indirect]] = True
    one, other = judged.pairs.T
    some = np.flatnonzero(
        (wanted[one] | wanted[other])
        & (judged.labels[one] == judged.labels[other])
        & (judged.odds > 0)
    )
    mine = np.concatenate((one[some], other[some]))
    its = found.head[np.concatenate((other[some], one[some]))]
    order = np.lexsort((its, -np.tile(judged.odds[some], 2), mine))
    first = order[np.flatnonzero(np.diff(mine[order], prepend=-1))]
    nearest = np.full(len(found.key), NOBODY)
    nearest[mine[first]] = its[first]
    return np.where(indirect, nearest[found.node], NOBODY)


class Compared(NamedTuple):
    """The texts of documents and of their representatives that were compared, by row of `documents`.

    `mine` and `its` are rows of the table of nodes, `held` of that of pairs, -1 where there is none;
    `turned` says that the pair stands there the other way round, `lead` what share of the document's lead
    the representative has, where that was asked, else NaN.
    """

    mine: Index
    its: Index
    held: Index
    turned: pairs.Bools
    lead: pairs.Floats

    def at(self, rows: Index) -> "Compared":
        """Those of documents at these rows; the last of the columns stands for rows that are new."""
        places = np.minimum(rows, len(self.held) - 1)
        mine, its, held, turned_then, lead = self
        return Compared(mine[places], its[places], held[places], turned_then[places], lead[places])


def _then(before: Arrays) -> Compared:
    """What the run before left, and after it a row for those that are new."""
    if "related.lead" not in before:
        none = np.full(1, -1, np.int64)
        return Compared(none, none, none, np.zeros(1, bool), np.full(1, np.nan))
    return Compared(*(before[f"related.{name}"] for name in Compared._fields))


_UNKNOWN = {"i": -1, "b": False, "f": np.nan}


def _left(now: Compared, rows: Index, count: int) -> Arrays:
    """What the next run is told."""
    arrays: Arrays = {}
    for name, column in zip(Compared._fields, now, strict=True):
        of_rows = np.full(count + 1, _UNKNOWN[column.dtype.kind], column.dtype)
        of_rows[rows] = column
        arrays[f"related.{name}"] = of_rows
    return arrays


def _against(
    work: "Work", found: Nodes, at: Index, both: Index, lengths: Index
) -> tuple[pairs.Figures, pairs.Floats, Compared]:
    """The figures of each document's text (left) against its representative's (right), and log-odds.

    Two texts that were compared before in the same order are not looked for again, nor is their lead.
    """
    differ, turned_now = both[:, 0] != both[:, 1], both[:, 0] > both[:, 1]
    held, lead = np.full(len(both), -1), np.full(len(both), np.nan)
    now = Compared(at[both[:, 0]], at[both[:, 1]], held, turned_now, lead)
    then = _then(work.before).at(work.rows)
    same_pair = (now.mine == then.mine) & (now.its == then.its) & (turned_now == then.turned)
    known = differ & same_pair & (then.held >= 0)
    held[known], lead[known] = then.held[known], then.lead[known]
    asked = np.flatnonzero(differ & ~known)
    total = np.uint64(max(len(found.key), 1))
    ordered = np.sort(both[asked], axis=1).astype(np.uint64)
    codes, inverse = np.unique(ordered[:, 0] * total + ordered[:, 1], return_inverse=True)
    wanted = np.stack(np.divmod(codes, total), axis=1).astype(np.int64)
    held[asked] = verified(work.pairing(), found.key, at, wanted)[inverse]
    columns = np.zeros((len(both), len(pairs.Figures._fields)), np.float32)
    columns[differ] = work.tables.pairs.column("figures")[held[differ]]
    figures = turned(as_figures(columns), turned_now)
    length = lengths[both[:, 0]].astype(float)
    whole = {
        name: np.where(differ, getattr(figures, name), length)
        for name in ("left", "right", "shared")
    }
    odds = np.full(len(both), np.inf)
    odds[differ] = work.tables.pairs.column("odds")[held[differ]]
    return figures._replace(**whole), odds, now
