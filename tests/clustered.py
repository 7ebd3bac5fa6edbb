"""A set of documents clustered in one go: for tests and benches."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.clustering import gathered
from corpus.corrections import NONE, Corrections
from corpus.describe import Clustering
from corpus.documents import Document
from corpus.plan import DedupSettings, cluster_rows


@contextmanager
def clustered(
    documents: Iterable[Document],
    settings: DedupSettings,
    window_days: float | None,
    workers: int = 0,
    folder: Path | None = None,
    corrections: Corrections = NONE,
) -> Iterator[Clustering]:
    """The clusters of a set of documents, which are gathered as `gathered` says."""
    with gathered(documents, settings, window_days, workers, folder, corrections) as work:
        yield cluster_rows(work)
