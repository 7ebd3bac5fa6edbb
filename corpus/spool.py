"""Pages put down on the disk while they are read, so that they can be read twice.

In: a filter's pages, which may come from a pipe. Out: the same pages, in their order or from a place.
The file has no name: whatever becomes of the process, nothing is left. `TMPDIR` says where it is.
"""

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import msgspec

from corpus import frames
from corpus.errors import DiskFull
from corpus.pages import Page, TextPage
from corpus.records import Rejection
from crawler.records import Capture

_IN_MEMORY = 8 << 20
"""Bytes up to which nothing is written to the disk."""
# EFBIG is what a file size limit (ulimit -f) gives: no room either.
_NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


class Spool:
    """The pages, compressed, one after the other; a context manager, since the file must be closed."""

    def __init__(self) -> None:
        import zstandard

        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  closed with the spool
        self._pack: Any = zstandard.ZstdCompressor(level=1)
        self._unpack: Any = zstandard.ZstdDecompressor()
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._file.close()
        except OSError:
            # What its buffer held may not fit on a full disk, and nobody wants it any more.
            return

    def put(self, page: Page | TextPage | Capture | Rejection) -> int:
        """Put a page at the end; its place."""
        place = self._end
        packed = self._pack.compress(
            frames.answer_frame(page) if isinstance(page, Rejection) else frames.page_frame(page)
        )
        with _room():
            if self._file.tell() != place:
                self._file.seek(place)
            self._file.write(frames.LENGTH.pack(len(packed)) + packed)
        self._end = place + frames.LENGTH.size + len(packed)
        return place

    def get(self, place: int) -> Page | TextPage | Capture | Rejection:
        """The page at a place."""
        return self._at(place)[0]

    def __iter__(self) -> Iterator[Page | TextPage | Capture | Rejection]:
        place = 0
        while place < self._end:
            page, place = self._at(place)
            yield page

    def _at(self, place: int) -> tuple[Page | TextPage | Capture | Rejection, int]:
        """The page at a place, and the next one's place."""
        with _room():
            self._file.seek(place)
        packed = frames.read_frame(self._file)
        assert packed is not None, "places are those that `put` gave"
        content = self._unpack.decompress(packed)
        after = place + frames.LENGTH.size + len(packed)
        if content[:1] == frames.REJECTION:
            return msgspec.msgpack.decode(content[1:], type=Rejection), after
        return frames.page_of(content)[0], after


@contextmanager
def _room() -> Iterator[None]:
    """Turns a full disk into `DiskFull`; what is buffered is written by a later call."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise DiskFull(
            f"{tempfile.gettempdir()}: the disk is full. The input is kept there to be read twice: let "
            "TMPDIR name a folder with more room, or do without by `--no-profiles`"
        ) from error
