"""Documents brought to where pairs are verified, in memory: for tests and benches of what follows."""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from corpus import plan
from corpus.clustering import add_documents, open_tables
from corpus.documents import Document
from corpus.engines.local import LocalEngine
from corpus.nodes import Nodes, texts_at
from corpus.pairs import Texts
from corpus.rows import Index, Rows, taken


class Compared(NamedTuple):
    """Documents in the order of their keys, their distinct texts and leads, the proposed pairs."""

    documents: Sequence[Document]
    nodes: Nodes
    texts: Texts
    leads: Rows
    pairs: Index


def compared(
    documents: Iterable[Document], settings: plan.DedupSettings, window: float = 14.0
) -> Compared:
    """What verification is told of the documents."""
    ordered = sorted(documents, key=lambda d: (d.article_id.encode(), d.version))
    with (
        tempfile.TemporaryDirectory() as folder,
        open_tables(settings, Path(folder), durable=False) as tables,
        LocalEngine(1) as engine,
    ):
        add_documents(tables, ordered, 0, settings, engine)
        rows = np.arange(len(ordered))
        work = plan.work_on(tables, rows, settings, window, engine)
        nodes, at = plan.distinct(work)
        pairs = plan.propose(work, nodes, at)
        leads = taken(tables.nodes.ragged("lead"), at)
        return Compared(ordered, nodes, texts_at(tables.nodes, at), leads, pairs)
