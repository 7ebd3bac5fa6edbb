"""The data folder as a whole: who may write in it, and whether this program knows its format.

In: the folder. Out: a lock that the kernel frees however the process ends, and `format.json`. What
stands in the folder is the affair of the archive, the state and the corpus.
"""

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from crawler.errors import DamagedArchive, Locked
from crawler.records import Record

FORMAT = 1
"""The data folder's format; a folder of a newer one is refused."""


class Format(Record):
    """`format.json` at the top of a data folder."""

    format: int
    written_by: str


def too_full(data: Path, floor: int) -> str:
    """What to tell a person whose disk has fewer than `floor` bytes free for the data folder; "" if more."""
    free = shutil.disk_usage(data).free
    if free >= floor:
        return ""
    return (
        f"{data}: {free / 1e6:,.0f} MB are free, less than [crawl] min_free_bytes = {floor};"
        " make room and run again"
    )


@contextmanager
def data_lock(data: Path, version: str) -> Iterator[None]:
    """Hold the data folder against other runs, and mark a new one with its format.

    Raises `Locked` where a run is at work, `DamagedArchive` for a folder of a newer wirecorpus.
    """
    check_format(data)
    data.mkdir(parents=True, exist_ok=True)
    with (data / ".lock").open("a") as file:
        if not _locked_at_once_or_soon(file):
            raise Locked(f"{data}: another run is at work; try again when it has ended")
        marker = data / "format.json"
        if not marker.exists():
            temporary = marker.with_suffix(".tmp")
            temporary.write_bytes(msgspec.json.encode(Format(FORMAT, version)) + b"\n")
            temporary.replace(marker)
        yield


def _locked_at_once_or_soon(file: IO[str]) -> bool:
    """Whether the lock could be had; `is_locked` may hold it for the moment of its question."""
    for pause in (0.0, 0.1, 0.3):
        time.sleep(pause)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return True
    return False


def is_locked(data: Path) -> bool:
    """Whether a run is at work in the data folder."""
    try:
        with (data / ".lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def check_format(data: Path) -> None:
    """Nothing, or `DamagedArchive` where the folder's format is newer than this program's."""
    marker = data / "format.json"
    if not marker.is_file():
        return
    try:
        found = msgspec.json.decode(marker.read_bytes(), type=Format)
    except msgspec.DecodeError as error:
        raise DamagedArchive(
            f"{marker}: cannot be read ({error}); write it anew as "
            f'{{"format":{FORMAT},"written_by":"…"}}'
        ) from None
    if found.format > FORMAT:
        raise DamagedArchive(
            f"{data}: was written by wirecorpus {found.written_by} in data format {found.format}; "
            f"this program knows up to {FORMAT}: upgrade it, or name another folder with --data"
        )
