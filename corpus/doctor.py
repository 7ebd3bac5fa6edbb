"""Is this machine fit, does the data folder's file system do what a run relies on, is its index whole.

In: a configuration and its data folder, or an index that `wirecorpus cluster --index` keeps. Out: findings,
each with a verdict and a remedy.
"""

import fcntl
import importlib.metadata
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from corpus import workbook
from corpus.corrections import NAME as CORRECTIONS
from corpus.errors import Busy, RuleError
from corpus.seals import SEAL, faults
from corpus.snapshots import corrections_of, newest_snapshot, read_manifest
from corpus.workbook import WORKBOOK
from crawler.records import Record

PACKAGES = (
    "httpx", "trafilatura", "selectolax", "datasketch", "lxml", "msgspec", "numpy", "protego", "pyarrow",
    "warcio", "fastwarc",
)  # fmt: skip

GIB = 1 << 30


class Finding(Record):
    """One thing looked at: how it is, and what to do where it is not well.

    `damage` is a fault of data, which are not as they were written; others are of the machine or of what
    somebody wrote.
    """

    name: str
    verdict: Literal["ok", "warning", "fault"]
    detail: str
    remedy: str = ""
    damage: bool = False


def examine(data: Path, contact: str | None) -> Iterator[Finding]:
    """All findings, in the order of a report. `contact` is None where no configuration was given."""
    yield Finding("python", "ok", f"{platform.python_version()} on {platform.platform(terse=True)}")
    yield _packages()
    yield Finding("cores", "ok", f"{len(os.sched_getaffinity(0))} for this process")
    yield _memory()
    yield _clock()
    yield _worker()
    if contact is not None:
        yield _contact(contact)
    yield from _folder(data)


def _packages() -> Finding:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        remedy = "install wirecorpus again: pip install --force-reinstall wirecorpus"
        return Finding("packages", "fault", f"missing: {', '.join(missing)}", remedy)
    return Finding("packages", "ok", ", ".join(found))


def _memory() -> Finding:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if total < 2 * GIB:
        remedy = "lower [corpus] page_megabytes and workers"
        return Finding("memory", "warning", f"{total / GIB:.1f} GiB", remedy)
    return Finding("memory", "ok", f"{total / GIB:.1f} GiB")


def _clock() -> Finding:
    import time

    year = time.gmtime().tm_year
    if not 2025 <= year <= 2100:
        return Finding(
            "clock", "fault", f"the year is {year}", "set the clock; captures are dated by it"
        )
    return Finding("clock", "ok", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))


def _worker() -> Finding:
    """Whether a child process can be started under a memory limit."""
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31)); print(1)"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("workers", "fault", str(error), "allow child processes and RLIMIT_AS")
    return Finding("workers", "ok", "start under a memory limit" if done.stdout else "no answer")


def _contact(contact: str) -> Finding:
    if contact.strip():
        return Finding("contact", "ok", contact)
    remedy = '[crawl] contact = "an address that a site\'s operator can write to"'
    return Finding("contact", "fault", "none: nothing will be crawled", remedy)


def _folder(data: Path) -> Iterator[Finding]:
    """What a run needs of the file system that holds the data folder."""
    home = next(p for p in (data, *data.absolute().parents) if p.is_dir())
    if not os.access(home, os.W_OK):
        yield Finding(
            "data folder", "fault", f"{home} may not be written", "change its owner or --data"
        )
        return
    yield Finding("data folder", "ok", str(data) if data.is_dir() else f"{data} (will be made)")
    free = shutil.disk_usage(home).free
    low = free < GIB
    yield Finding(
        "disk", "warning" if low else "ok", f"{free / GIB:.1f} GiB free", "make room" if low else ""
    )
    yield _corrections(data)
    if (data / WORKBOOK).is_file():
        yield _workbook(data / WORKBOOK)
    if (data / CLUSTERS).is_dir():
        yield _clusters(data / CLUSTERS)
    with tempfile.TemporaryDirectory(dir=home, prefix=".doctor-") as name:
        yield _locks(Path(name))
        yield _wal(Path(name))


def _corrections(data: Path) -> Finding:
    """Whether a person's corrections can be read, and were obeyed by the newest snapshot."""
    try:
        corrections = corrections_of(data)
    except (RuleError, OSError) as error:
        return Finding(
            "corrections", "fault", str(error), "mend the line; no snapshot is made before"
        )
    if not corrections.lines:
        return Finding("corrections", "ok", "none")
    many = f"{len(corrections.lines)} line" + "s" * (len(corrections.lines) > 1)
    snapshot = newest_snapshot(data)
    manifest = read_manifest(snapshot) if snapshot else None
    if manifest is None or manifest.corrections.digest != corrections.digest:
        return Finding("corrections", "ok", f"{many}, for the next snapshot")
    warnings = "; ".join(manifest.corrections.warnings(CORRECTIONS))
    if warnings:
        return Finding(
            "corrections", "warning", warnings, f"mend or remove them in {data / CORRECTIONS}"
        )
    return Finding("corrections", "ok", f"{many}, obeyed by snapshot {manifest.snapshot}")


def _workbook(path: Path) -> Finding:
    """Whether what was kept of the extractors' answers and lessons is as it was put."""
    remedy = f"delete {path}: the next build makes again what it needs of it"
    try:
        contents, damaged = workbook.counted(path)
    except sqlite3.DatabaseError as error:
        return Finding("workbook", "warning", str(error), remedy)
    size = f"{contents} answers and lessons kept, {path.stat().st_size / (1 << 20):.1f} MiB"
    if damaged:
        return Finding("workbook", "warning", f"{size}; {damaged} of them damaged", remedy)
    return Finding("workbook", "ok", size)


BEFORE = "before.npz"
CLUSTERS = "index/clusters"
"""What clustering keeps in a data folder."""


def _clusters(folder: Path) -> Finding:
    """Whether what clustering keeps in a data folder is as it was written: it can be made again."""
    found = [f"{name}/{fault}" for name, fault in _differences(folder)]
    if found:
        return Finding(
            "clusters",
            "warning",
            _first(found),
            f"delete {folder}: the next build makes it again from the articles",
        )
    return Finding("clusters", "ok", f"{_megabytes(folder)} kept for the next build, as written")


def examine_index(folder: Path) -> Iterator[Finding]:
    """Whether an index that `wirecorpus cluster --index` keeps is as it was written: all of it is read."""
    from corpus.clustering import DOCUMENTS, held_alone, is_index  # NumPy comes with it

    if not is_index(folder):
        yield Finding("index", "fault", f"{folder} is no index", "name the folder of --index")
        return
    try:
        with held_alone(folder, "rb"):
            found = list(_differences(folder))
    except Busy as error:
        yield Finding("index", "warning", str(error), "ask again when it is done")
        return
    texts = [f"{name}/{fault}" for name, fault in found if name == DOCUMENTS]
    derived = {name: fault for name, fault in found if name != DOCUMENTS}
    if not (folder / DOCUMENTS / SEAL).is_file() and any(folder.glob(f"*/{SEAL}")):
        texts.append(f"{DOCUMENTS}/{SEAL} is missing")
    if texts:
        remedy = f"put it back from a copy, or delete {folder} and cluster all articles again"
        yield Finding("index", "fault", _first(texts), remedy, damage=True)
    if derived:
        detail = _first([f"{name}/{fault}" for name, fault in found if name != DOCUMENTS])
        names = " and ".join(str(folder / name) for name in derived)
        remedy = f"delete {names}: the next run makes it again from the index's texts"
        yield Finding("index", "fault", detail, remedy, damage=True)
    if not found and not texts:
        yield Finding("index", "ok", f"{folder}: {_megabytes(folder)}, as written")


def _differences(folder: Path) -> Iterator[tuple[str, str]]:
    """What of an index's tables, and of what the last run left, is not as it was written."""
    for table in sorted(path.parent for path in folder.glob(f"*/{SEAL}")):
        if ".damaged-" not in table.name:
            yield from ((table.name, fault) for fault in faults(table))
    before = folder / BEFORE
    try:
        if before.is_file():
            with zipfile.ZipFile(before) as held:
                wrong = held.testzip()
            if wrong:
                yield BEFORE, f"{wrong} is not as it was written"
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        yield BEFORE, "cannot be read"


def _first(found: list[str]) -> str:
    more = f" (and {len(found) - 1} more)" if found[1:] else ""
    return found[0] + more


def _megabytes(folder: Path) -> str:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return f"{size / (1 << 20):.1f} MiB"


def _locks(folder: Path) -> Finding:
    with (folder / "lock").open("w") as one, (folder / "lock").open("w") as two:
        fcntl.flock(one, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            fcntl.flock(two, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return Finding("locks", "ok", "flock keeps a second run out")
    return Finding(
        "locks", "fault", "flock does nothing here", "use a local file system for the data"
    )


def _wal(folder: Path) -> Finding:
    db = sqlite3.connect(folder / "state.sqlite")
    try:
        mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    finally:
        db.close()
    if mode != "wal":
        remedy = "use a local file system for the data"
        return Finding("sqlite", "fault", f"no write-ahead log (mode {mode})", remedy)
    return Finding("sqlite", "ok", f"{sqlite3.sqlite_version}, write-ahead log works")
