"""Temporary folders, and what killed runs left of theirs.

In: nothing but where temporary files go (`TMPDIR`). Out: a folder that is gone at the end of the block; those
of processes that were killed are removed by the next one that asks. A folder has a locked file while its
process lives: the kernel frees the lock, whatever becomes of the process, and no process's number is trusted.
"""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "wirecorpus-cluster-"
LOCK = "alive"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder for temporary files; those that dead processes of this user left beside it are removed."""
    parent = Path(tempfile.gettempdir())
    for folder in sorted(parent.glob(f"{PREFIX}*")):
        _remove_dead(folder)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            Path(lock.name).rename(folder / LOCK)  # it is seen locked, or not at all
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_dead(folder: Path) -> None:
    """Remove a folder whose process is dead; one that is not ours, or has no lock (yet), is left alone."""
    try:
        held = folder.lstat()
        if not stat.S_ISDIR(held.st_mode) or held.st_uid != os.getuid():
            return
        with (folder / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:  # it lives, is gone meanwhile, or cannot be looked into
        return
