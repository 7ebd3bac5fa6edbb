"""What every command shares: exit codes, logs on stderr, progress on a terminal, JSON on request.

Data goes to stdout only when it was asked for; everything else goes to stderr.
"""

import errno
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
import msgspec

from corpus.errors import CorpusError
from crawler.cli import CrawlerError

EXIT_CODES = {
    0: "done",
    1: "internal fault (a bug: please report it with its traceback)",
    2: "usage or configuration",
    3: "finished, but some sources failed",
    4: "every source failed",
    5: "data damaged, or validation failed",
    6: "disk full, or a budget hit",
    75: "another run holds the lock",
    130: "stopped by SIGINT, state saved",
    143: "stopped by SIGTERM, state saved",
}


class _JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        fields = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False)


def _set_up_logs(context: click.Context, _: click.Parameter, value: object) -> None:
    """Logs on stderr: lines for people or JSON lines, warnings or all, as the options so far say."""
    said = context.meta.setdefault("corpus.logs", {"style": "human", "verbose": False})
    said["verbose" if isinstance(value, bool) else "style"] = value
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _JsonLines()
        if said["style"] == "json"
        else logging.Formatter("%(levelname)s %(name)s: %(message)s")
    )
    level = logging.INFO if said["verbose"] else logging.WARNING
    logging.basicConfig(level=level, handlers=[handler], force=True)


LOG_OPTIONS = (
    click.option(
        "--log",
        type=click.Choice(["human", "json"]),
        default="human",
        show_default=True,
        expose_value=False,
        callback=_set_up_logs,
        help="How log lines on standard error look.",
    ),
    click.option(
        "--verbose",
        is_flag=True,
        expose_value=False,
        callback=_set_up_logs,
        help="Log what is done, not only what went wrong.",
    ),
)
"""What every verb that works for long takes."""


def say(message: str) -> None:
    """A line on stderr."""
    click.echo(message, err=True)


def print_json(record: object) -> None:
    """A record as indented JSON on stdout."""
    click.echo(msgspec.json.format(msgspec.json.encode(record)).decode())


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int], None]]:
    """A callback (what is being done, how many more are done): bars on a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield lambda _what, _n: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def advance(what: str, n: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=None)
            bars.advance(tasks[what], n)

        yield advance


def run_command(command: click.Command, arguments: list[str] | None) -> int:
    """Run the command line and return its exit status; every expected failure is one clear line."""
    try:
        status = command.main(arguments, prog_name="wirecorpus", standalone_mode=False)
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except (CorpusError, CrawlerError) as error:
        say(f"wirecorpus: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        say("wirecorpus: stopped; what was sealed is safe, run again to go on")
        return 130
    except OSError as error:
        return _os_error(error)
    return status if isinstance(status, int) else 0


def _os_error(error: OSError) -> int:
    """The exit status of a fault of the system around us."""
    if error.errno == errno.EPIPE:  # the reader of our output has gone: nothing to say to it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        say(
            f"wirecorpus: the disk is full ({error.filename or 'while writing'}); make room and run again"
        )
        return 6
    if isinstance(
        error, PermissionError | FileNotFoundError | IsADirectoryError | NotADirectoryError
    ):
        say(f"wirecorpus: {error.filename}: {error.strerror}")
        return 2
    raise error
