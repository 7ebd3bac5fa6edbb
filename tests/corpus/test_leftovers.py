"""Folders of dead processes go, those of living ones stay; the processes are real, and killed."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from corpus.leftovers import LOCK, PREFIX, temporary_folder

HOLDER = """
import time
from corpus.leftovers import temporary_folder
with temporary_folder() as folder:
    (folder / "table").mkdir()
    (folder / "table" / "key").write_bytes(b"x")
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    """A place for temporary files of its own, for this process, too."""
    before, tempfile.tempdir = tempfile.tempdir, str(tmp_path)
    yield tmp_path
    tempfile.tempdir = before


def holder(place: Path, opened: ExitStack) -> subprocess.Popen[str]:
    """Another process that has a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(place)},
    )
    opened.enter_context(process)
    opened.callback(process.kill)
    assert process.stdout
    assert process.stdout.readline().startswith(str(place))
    return process


def test_a_folder_is_gone_at_the_end(temporary: Path) -> None:
    with temporary_folder() as folder:
        (folder / "some").write_text("text")
        assert list(temporary.iterdir()) == [folder]
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_a_living_ones_is_not(temporary: Path) -> None:
    with ExitStack() as opened:
        dead = holder(temporary, opened)
        living = holder(temporary, opened)
        assert len(list(temporary.iterdir())) == 2
        dead.send_signal(signal.SIGKILL)
        dead.wait()
        with temporary_folder() as folder:
            left = {path for path in temporary.iterdir() if path != folder}
        assert len(left) == 1
        assert living.poll() is None
        assert (left.pop() / "table" / "key").is_file()


def test_what_is_not_known_to_be_a_dead_runs_is_left_alone(temporary: Path) -> None:
    (temporary / f"{PREFIX}new").mkdir()  # a process that has no lock yet
    (temporary / f"{PREFIX}file").write_text("mine")
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / LOCK).touch()
    (temporary / f"{PREFIX}link").symlink_to(elsewhere)
    before = sorted(temporary.rglob("*"))
    with temporary_folder():
        pass
    assert sorted(temporary.rglob("*")) == before
