"""How a command ends."""

import subprocess
import sys

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
