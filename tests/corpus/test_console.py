"""How a command ends."""

import errno
import subprocess
import sys

import click
import pytest

from corpus.cli.console import run_command

SWALLOWED = """
import os, signal, sys
import click
from corpus.cli.console import run_command

class Cleared:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(1000):
            pass

@click.command()
def work():
    Cleared()
    return 0

sys.exit(run_command(work, []))
"""


def test_a_signal_that_comes_while_an_object_is_cleared_away_still_ends_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SWALLOWED], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (143, "")
    assert "wirecorpus: stopped" in done.stderr


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (MemoryError(), 6, "out of memory"),
        (OSError(errno.ENOMEM, "no memory"), 6, "out of memory"),
        (OSError(errno.ENOSPC, "full", "a/key"), 6, "the disk is full (a/key)"),
        (OSError(errno.EFBIG, "large", "a/key"), 6, "raise the limit (ulimit -f)"),
        (OSError(errno.EMFILE, "many", "a/key"), 6, "too many open files (a/key)"),
        (OSError(errno.EIO, "input/output error", "a/key"), 5, "a/key: input/output error"),
        (OSError(errno.ELOOP, "circles", "a.jsonl"), 2, "a.jsonl: circles"),
    ],
)
def test_a_fault_of_the_system_around_us_is_a_line_and_an_exit_status(
    error: Exception, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def work() -> int:
        raise error

    assert run_command(work, []) == code
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_a_fault_that_nobody_expected_keeps_its_traceback() -> None:
    @click.command()
    def work() -> int:
        raise OSError(errno.EPROTO, "odd")

    with pytest.raises(OSError, match="odd"):
        run_command(work, [])
