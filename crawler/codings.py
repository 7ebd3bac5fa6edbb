"""HTTP content codings, with a bound on what they may unfold to.

In: a body as it was sent and its Content-Encoding. Out: the decoded body, cut at a limit. Measured
reason for not leaving this to httpx: an 809-byte brotli body makes it allocate 2 GiB at once. One
coding only: several on top of each other are met in bombs, not in news.
"""

import zlib
from collections.abc import Callable, Generator, Iterator
from typing import Literal

import brotli
import zstandard

from crawler.records import Record

ACCEPTED = "gzip, deflate, br, zstd"
"""The value of our Accept-Encoding header."""

_PIECE = 256 * 1024
_SLICE = 16 * 1024
# One is usual, and a blocked gzip (64 KiB a member) of the largest page has some hundred; a body of
# many empty ones is there to keep us busy.
_MEMBERS = 1_000
# Met in the wild as Content-Encoding of bodies that have none: charset names and MIME remnants.
_NO_CODING = frozenset(("", "identity", "none", "utf-8", "8bit", "binary"))


class Decoded(Record):
    """A decoded body. `fault` is "corrupt" where the coding broke off (`body` is what came before)."""

    body: bytes
    truncated: bool = False
    fault: Literal["", "corrupt", "unknown coding"] = ""


def decode(raw: bytes, coding: str, limit: int) -> Decoded:
    """The body without its content coding, at most `limit` bytes of it."""
    named = (one.strip() for one in coding.lower().split(","))
    name = ", ".join(one for one in named if one not in _NO_CODING)
    if not name:
        return Decoded(body=raw[:limit], truncated=len(raw) > limit)
    unfold = _CODINGS.get(name)
    if unfold is None:
        return Decoded(body=b"", fault="unknown coding")
    if not raw:
        return Decoded(body=b"")
    pieces: list[bytes] = []
    size = 0
    try:
        for piece in unfold(raw):
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                return Decoded(body=b"".join(pieces)[:limit], truncated=True)
    except (zlib.error, brotli.error, zstandard.ZstdError):
        return Decoded(body=b"".join(pieces), fault="corrupt")
    return Decoded(body=b"".join(pieces))


def _gzip(raw: bytes) -> Iterator[bytes]:
    """All members of a gzip body; what follows the last one is ignored, as browsers do."""
    at = 0
    for _ in range(_MEMBERS):
        if at and not raw.startswith(b"\x1f\x8b", at):
            return
        at = yield from _inflate(zlib.decompressobj(16 + zlib.MAX_WBITS), raw, at)
    if raw.startswith(b"\x1f\x8b", at):
        raise zlib.error(f"more than {_MEMBERS} members")


def _deflate(raw: bytes) -> Iterator[bytes]:
    """RFC 9110 8.4.1.2 means zlib's format; some servers send bare deflate (RFC 1951)."""
    zlib_header = len(raw) > 1 and raw[0] & 0x0F == 8 and (raw[0] << 8 | raw[1]) % 31 == 0
    decoder = zlib.decompressobj(zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS)
    yield from _inflate(decoder, raw, 0)


def _inflate(decoder: "zlib._Decompress", raw: bytes, at: int) -> Generator[bytes, None, int]:
    """What the stream that begins at byte `at` unfolds to; returns where it ends.

    It is fed in slices, since zlib copies what it has not used at every call.
    """
    rest = b""
    while not decoder.eof:
        if not rest:
            rest = raw[at : at + _SLICE]
            at += len(rest)
        fed = bool(rest)
        piece = decoder.decompress(rest, _PIECE)
        rest = decoder.unconsumed_tail
        if not piece and not fed and not decoder.eof:
            raise zlib.error("broken off")
        yield piece
    return at - len(decoder.unused_data)


def _brotli(raw: bytes) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    yield decoder.process(raw, output_buffer_limit=_PIECE)
    while not decoder.is_finished():
        piece = decoder.process(b"", output_buffer_limit=_PIECE)
        if not piece and decoder.can_accept_more_data():
            raise brotli.error("broken off")
        yield piece


def _zstd(raw: bytes) -> Iterator[bytes]:
    # RFC 9659: the window of a content coding is 8 MiB at most.
    reader = zstandard.ZstdDecompressor(max_window_size=8 << 20).stream_reader(
        raw, read_across_frames=True
    )
    size = 0
    while piece := reader.read(_PIECE):
        size += len(piece)
        yield piece
    # The reader ends without a word where the body broke off.
    if size < zstandard.frame_content_size(raw):
        raise zstandard.ZstdError("broken off")


_CODINGS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
