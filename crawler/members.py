"""The pieces a WARC file is made of: plain records, gzip members, zst frames.

In: an open file and the byte where a piece begins. Out: where it ends, how many records it holds. What
the records say is `crawler.archive`'s.
"""

import os
import zlib
from collections import deque
from collections.abc import Iterator
from typing import IO

PLAIN = b"WARC/"
GZIP = b"\x1f\x8b\x08"
ZST = b"\x28\xb5\x2f\xfd"

_PIECE = 1 << 16
_LONGEST_HEADER = 1 << 20


def record_end(file: IO[bytes], start: int) -> int | None:
    """Where the record, member or frame that starts here ends; None where it breaks off or is none."""
    file.seek(start)
    magic = file.read(len(PLAIN))
    file.seek(start)
    if magic == PLAIN:
        return _plain_end(file)
    last = deque(_unpacked(file, start), maxlen=1)
    return last[0][1] if last else None


def count_records(file: IO[bytes], start: int) -> int:
    """How many records the member or frame that starts here holds, as far as it can be read."""
    count, skip = 0, 0
    rest = b""
    for piece, _ in _unpacked(file, start):
        rest += piece
        while rest:
            skipped = min(skip, len(rest))
            rest, skip = rest[skipped:], skip - skipped
            head, blank_line, _ = rest.partition(b"\r\n\r\n")
            if skip or not blank_line:
                break
            count += head.lstrip().startswith(PLAIN)
            skip = len(head) + len(blank_line) + _content_length(head) + len(b"\r\n\r\n")
        if len(rest) > _LONGEST_HEADER:
            break
    return count


def _unpacked(file: IO[bytes], start: int) -> Iterator[tuple[bytes, int | None]]:
    """What a gzip member or zst frame unfolds to, piece by piece; its end comes with the last."""
    import zstandard

    file.seek(start)
    magic = file.read(len(ZST))
    file.seek(start)
    if magic.startswith(GZIP):
        yield from _unzipped(file, start)
    elif magic == ZST:
        decoder = zstandard.ZstdDecompressor().decompressobj()
        read = 0
        # Pieces are small since a frame may unfold to a thousand times as much.
        while piece := file.read(1 << 10):
            read += len(piece)
            try:
                unpacked = decoder.decompress(piece)
            except zstandard.ZstdError:
                return
            yield unpacked, start + read - len(decoder.unused_data) if decoder.eof else None
            if decoder.eof:
                return


def _unzipped(file: IO[bytes], start: int) -> Iterator[tuple[bytes, int | None]]:
    decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)
    read = 0
    while piece := file.read(_PIECE):
        read += len(piece)
        try:
            while piece and not decoder.eof:
                unpacked = decoder.decompress(piece, _PIECE)
                piece = decoder.unconsumed_tail
                yield unpacked, None
        except zlib.error:
            return
        if decoder.eof:
            yield b"", start + read - len(decoder.unused_data)
            return


def _plain_end(file: IO[bytes]) -> int | None:
    head = b""
    while (line := file.readline(_PIECE)).strip():
        head += line
    length = _content_length(head, default=-1)
    if length < 0 or not line:
        return None
    end = file.tell() + length + len(b"\r\n\r\n")
    file.seek(0, os.SEEK_END)
    return end if end <= file.tell() else None


def _content_length(head: bytes, default: int = 0) -> int:
    """The last Content-Length among these header lines."""
    length = default
    for line in head.splitlines():
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            length = int(value)
    return length
