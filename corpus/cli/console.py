"""What every command shares: exit codes, logs on stderr, progress on a terminal, JSON on request.

Data goes to stdout only when it was asked for; everything else goes to stderr.
"""

import errno
import json
import logging
import os
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import click
import msgspec

from corpus.errors import CorpusError
from crawler.cli import CrawlerError

EXIT_CODES = {
    0: "done",
    1: "internal fault (a bug: please report it with its traceback)",
    2: "usage or configuration",
    3: "finished, but some sources failed, or an alert was raised",
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
    """A line on stderr; with `--log json`, a JSON line."""
    handlers = logging.getLogger().handlers
    if any(isinstance(handler.formatter, _JsonLines) for handler in handlers):
        logging.getLogger("wirecorpus").warning("%s", message)
    else:
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


class Terminated(BaseException):
    """SIGTERM came; like KeyboardInterrupt, it ends the work in an orderly way."""


def run_command(command: click.Command, arguments: list[str] | None) -> int:
    """Run the command line and return its exit status; every expected failure is one clear line."""
    if sys.stdout is None or sys.stderr is None:  # closed by the caller: `>&-`
        return 2
    _told.clear()
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        status = command.main(arguments, prog_name="wirecorpus", standalone_mode=False)
        stop_if_told()
    except (KeyboardInterrupt, click.exceptions.Abort, Terminated) as stop:
        say("wirecorpus: stopped; what was sealed is safe, run again to go on")
        return 143 if isinstance(stop, Terminated) else 130
    except MemoryError:
        return _out_of_memory()
    except (click.ClickException, CorpusError, CrawlerError, OSError, sqlite3.Error) as error:
        return _failed(error)
    finally:
        signal.signal(signal.SIGTERM, before)
    return status if isinstance(status, int) else 0


def _failed(error: Exception) -> int:
    """Say what failed in a line; the exit status that it stands for."""
    match error:
        case click.ClickException():
            error.show()
            return 2
        case CorpusError() | CrawlerError():
            say(f"wirecorpus: {error}")
            return error.exit_code
        case OSError():
            return _os_error(error)
    say(f"wirecorpus: a database of the data folder cannot be used: {error}")
    return 5


_told = threading.Event()


def _terminate(_signal: int, _frame: object) -> None:
    _told.set()
    raise Terminated


def stop_if_told() -> None:
    """End the work where SIGTERM came while an object was cleared away: Python drops what is raised there."""
    if _told.is_set():
        raise Terminated


USERS_FAULT = (
    errno.EACCES,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EPERM,
    errno.EROFS,
)


def _os_error(error: OSError) -> int:
    """The exit status of a fault of the system around us."""
    place = error.filename or "while writing"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        say(f"wirecorpus: the disk is full ({place}); make room and run again")
        return 6
    if error.errno == errno.EFBIG:
        say(
            f"wirecorpus: no file may be so large ({place}); raise the limit (ulimit -f) and run again"
        )
        return 6
    if error.errno in (errno.EMFILE, errno.ENFILE):
        say(
            f"wirecorpus: too many open files ({place}); raise the limit (ulimit -n 256) and run again"
        )
        return 6
    if error.errno == errno.ENOMEM:
        return _out_of_memory()
    if error.errno in USERS_FAULT:
        say(f"wirecorpus: {error.filename or 'a file'}: {error.strerror}")
        return 2
    if error.errno in (errno.EIO, errno.ESTALE):
        say(f"wirecorpus: {error.filename or 'a file'}: {error.strerror}; look after the disk")
        return 5
    raise error


def _out_of_memory() -> int:
    say("wirecorpus: out of memory; give it more, or fewer processes (--workers 1), and run again")
    return 6


@contextmanager
def data_on_stdout() -> Iterator[Callable[[bytes], None]]:
    """A writer of lines to standard output; a reader that goes away ends the command quietly."""
    out = sys.stdout.buffer
    gone = False

    def write(line: bytes) -> None:
        nonlocal gone
        try:
            out.write(line)
        except BrokenPipeError:
            gone = True
            raise

    try:
        yield write
        out.flush()
    except BrokenPipeError:
        if not (gone or _reader_is_gone(out)):
            raise
        # Nobody reads any more; the interpreter's own flush at exit must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        raise click.exceptions.Exit(0) from None


def _reader_is_gone(out: BinaryIO) -> bool:
    try:
        out.flush()
    except BrokenPipeError:
        return True
    return False
