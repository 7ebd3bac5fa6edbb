"""When hosts may be asked again, noted before they are asked; for a run that is killed.

In: a host and a time, for each request. Out: what a dead run noted last. The state is committed about once
a second; a run that is killed in between must not make the next one forget a host's Crawl-delay. Lines are
appended without syncing: they outlive the process, and after a power cut nobody is back within a gap.
"""

import os
from pathlib import Path
from typing import Self

from crawler.errors import DiskFull

NAME = "asked.log"


class Starts:
    """The open note book of one run; empty whenever the state has what stood in it."""

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self._path = data / NAME
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._empty = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def note(self, host: str, until: float) -> None:
        """Note that a host is asked now, and again not before `until`. `DiskFull` where there is no room."""
        self._empty = False
        try:
            os.write(self._file, f"{host} {until:.6f}\n".encode())
        except OSError as error:
            raise DiskFull(f"{self._path}: {error.strerror}; make room and run again") from error

    def clear(self) -> None:
        """Forget what was noted, now that the state knows."""
        if not self._empty:
            os.ftruncate(self._file, 0)
            self._empty = True

    def left(self) -> dict[str, float]:
        """What an earlier run noted and did not clear: the latest time of each host."""
        found: dict[str, float] = {}
        for line in self._path.read_bytes().splitlines():
            host, _, until = line.decode("ascii", "replace").partition(" ")
            try:
                found[host] = max(found.get(host, 0.0), float(until))
            except ValueError:
                continue  # the line that a full disk cut
        return found
