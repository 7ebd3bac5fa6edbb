"""The tables that clustering works on, and a set of documents brought into them.

In: documents, in any order; a folder, or none. Out: their clusters. With a folder what was worked out is
kept there for the next time: `index/clusters/` of a data folder, which is derived and can be deleted, or the
folder that `wirecorpus cluster --index` names, which is the only place of its texts. A table is a folder of
columns, little-endian numbers one after the other; a column whose rows differ in length has its rows' ends
beside it (`.ends`), and others that share these lengths. `sealed.json` says by which recipe the table was
made and how much of it counts: what a killed run wrote after that is cut off by the next one. It has a CRC-32
of each 4 KiB of each file, too, and one of itself: a run holds against them what it reads, `wirecorpus
doctor` all there is. Tables only grow; one that was made by another recipe, or is damaged, begins anew.
`before.npz` is what the last run left for the next one. `lock` is held while a process is at work.
"""

import fcntl
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal

import numpy as np

from corpus import store
from corpus.before import Before
from corpus.corrections import NONE, Corrections
from corpus.describe import Clustering
from corpus.documents import Document, document_of
from corpus.engines import Engine
from corpus.engines.local import LocalEngine
from corpus.errors import Busy, DamagedData, RuleError
from corpus.leftovers import temporary_folder
from corpus.plan import DedupSettings, Tables, Work, cluster_rows, layouts, work_on
from corpus.records import Article
from corpus.rows import Index
from corpus.seals import SEAL, DamagedTable, recipe_of
from corpus.signing import Signer, batches, digest_of, key_of
from corpus.tables import Table

_log = logging.getLogger(__name__)

Progress = Callable[[str, int], None]
Source = tuple[Path, str, int]
"""A shard of articles: its path, the digest of its bytes, its number of lines."""

_SPARE = 20_000
"""Rows of shards that are gone, which a kept table may have besides half of its rows."""


@contextmanager
def gathered(
    documents: Iterable[Document],
    settings: DedupSettings,
    window_days: float | None,
    workers: int = 0,
    folder: Path | None = None,
    corrections: Corrections = NONE,
) -> Iterator[Work]:
    """A set of documents to cluster, with its tables in a temporary folder.

    Where a folder is named, they are kept there, and the set is of all documents that it has: those
    it knows (by id and version) are not added again.
    """
    with ExitStack() as opened:
        place = folder or opened.enter_context(temporary_folder())
        if folder:
            opened.enter_context(held_alone(folder))
            _refuse_others(folder, settings)
        tables = opened.enter_context(open_tables(settings, place, durable=folder is not None))
        engine = opened.enter_context(_engine(workers, tables.documents.rows))
        opened.enter_context(_damage_told())
        add_documents(tables, _unknown(tables, documents), 0, settings, engine)
        rows = np.arange(tables.documents.rows)
        yield work_on(tables, rows, settings, window_days, engine, corrections)


_LARGE = 100_000
"""Rows of an index in which each step of a run has work for several processes."""


@contextmanager
def _engine(workers: int, held: int) -> Iterator[LocalEngine]:
    """What runs the steps on a table of documents that has so many rows."""
    with LocalEngine(workers) as engine:
        if held >= _LARGE:
            engine.begin(_loaded)
        yield engine


def _loaded() -> None:
    """Nothing more: to find this a process has loaded the module, and with it all steps."""


@contextmanager
def _damage_told() -> Iterator[None]:
    """Damage that shows while an index is read ends the run; all but texts is put aside, and made again."""
    try:
        yield
    except DamagedTable as error:
        if error.path.name == DOCUMENTS:
            raise _damaged_texts(error) from None
        aside = store.set_aside(error.path)
        raise DamagedData(
            f"{error.path}: {error.fault}; it was put aside as {aside.name}: run again, and it is made anew"
            " from the index's texts"
        ) from None


def _damaged_texts(error: DamagedTable) -> DamagedData:
    index = error.path.parent
    return DamagedData(
        f"{error.path}: {error.fault}; put it back from a copy, or delete {index} and cluster all articles"
        f" again; `wirecorpus doctor --index {index}` says what else is damaged"
    )


@contextmanager
def held_alone(folder: Path, mode: Literal["ab", "rb"] = "ab") -> Iterator[None]:
    """The folder, made where it is missing, while no other process has it; "rb" for one that is only read."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open(mode) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(
                f"{folder}: another process is at work on this index; try again later"
            ) from None
        yield


def is_index(folder: Path) -> bool:
    """Whether a folder was begun as an index."""
    return (folder / MARKER).is_file()


BEFORE = "before.npz"
"""What the run before left: derived, and replaced by every run."""

DOCUMENTS = "documents"
"""The table of the texts."""

MARKER = "wirecorpus-index.txt"
"""Stands in a folder that was begun as an index, so that no other folder is written to."""


def _refuse_others(folder: Path, settings: DedupSettings) -> None:
    """An error for a folder that is no index, or an index that cannot be gone on with.

    The texts are in it and nowhere else: what is damaged is not begun anew.
    """
    if not is_index(folder):
        if any(path.name != "lock" for path in folder.iterdir()):
            raise RuleError(
                f"{folder}: is no index of wirecorpus, and not empty; name a new or empty folder"
            )
        (folder / MARKER).write_text("An index that `wirecorpus cluster --index` keeps.\n")
    made_by, recipes = recipe_of(folder / DOCUMENTS), layouts(settings)
    if made_by not in ("", "?", recipes[DOCUMENTS][1]):
        raise RuleError(
            f"{folder}: was made by another version or other settings (configs/dedup.toml); delete this"
            " folder and cluster all articles again"
        )
    try:
        Table(folder / DOCUMENTS, recipes[DOCUMENTS][0])
    except DamagedTable as error:
        raise _damaged_texts(error) from None
    if not made_by and any(recipe_of(folder / name) for name in recipes):
        raise _damaged_texts(DamagedTable(folder / DOCUMENTS, f"{SEAL} is missing"))


def _unknown(tables: Tables, documents: Iterable[Document]) -> Iterator[Document]:
    known = np.sort(tables.documents.column("key"))
    for document in documents:
        key = np.uint64(key_of(document.article_id, document.version))
        at = int(np.searchsorted(known, key))
        if at == len(known) or known[at] != key:
            yield document


@contextmanager
def clustered_shards(
    folder: Path,
    shards: Iterable[Source],
    settings: DedupSettings,
    window_days: float | None,
    workers: int,
    progress: Progress,
    corrections: Corrections = NONE,
) -> Iterator[Clustering]:
    """The clusters of the articles in these shards, with its tables kept in a folder.

    Only shards that the folder has not seen are read. What it has of others does not count; where that
    is the most of it, it begins anew.
    """
    sources = list(shards)
    live = sum(lines for _, _, lines in sources)
    with open_tables(settings, folder, durable=True) as tables:
        held = tables.documents.rows
    if held > 2 * live + _SPARE:
        shutil.rmtree(folder)
    with _engine(workers, held) as engine, open_tables(settings, folder, durable=True) as tables:
        rows = _bring(tables, sources, settings, engine, progress)
        work = work_on(tables, rows, settings, window_days, engine, corrections)
        yield cluster_rows(work)


def _bring(
    tables: Tables,
    shards: list[Source],
    settings: DedupSettings,
    engine: Engine,
    progress: Progress,
) -> Index:
    """The rows of the shards' articles in the table of documents; those that it lacks are added."""
    held = set(np.unique(tables.documents.column("shard")).tolist())
    marks = [digest_of(sha256) for _, sha256, _ in shards]
    for (path, _, lines), mark in zip(shards, marks, strict=True):
        if mark not in held:
            add_documents(
                tables, map(document_of, store.read_shard(path, Article)), mark, settings, engine
            )
        progress("clustering", lines)
    wanted = np.isin(tables.documents.column("shard"), np.array(marks, np.uint64))
    return np.flatnonzero(wanted)


def add_documents(
    tables: Tables,
    documents: Iterable[Document],
    mark: int,
    settings: DedupSettings,
    engine: Engine,
) -> None:
    """Append the documents of one source to the table of documents, and seal it."""
    for columns in engine.each(Signer(settings.normaliser), batches(documents)):
        shard = np.full(len(columns["key"]), mark, np.uint64)
        tables.documents.append({**columns, "shard": shard})
    tables.documents.seal()


@contextmanager
def open_tables(settings: DedupSettings, folder: Path, *, durable: bool) -> Iterator[Tables]:
    """The tables in a folder, with what was sealed there by the same settings."""
    with ExitStack() as opened:
        tables = {
            name: opened.enter_context(Table(folder / name, layout, recipe, durable=durable))
            for name, (layout, recipe) in layouts(settings).items()
        }
        for name, table in tables.items():
            if table.began_anew:
                _log.warning("%s: %s; it is made again", folder / name, table.began_anew)
        counts = {name: table.rows for name, table in tables.items()}
        before = Before(folder / BEFORE, counts, durable=durable)
        opened.callback(before.close)
        yield Tables(**tables, before=before)
