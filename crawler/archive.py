"""WARC files into captures, and what keeps WARC files whole.

In: WARC files, ours or others' (CC-NEWS, browsertrix, Heritrix), plain, gzipped or zst. Out: one
`Capture` a response, joined with what our metadata record says of it, and a `Damage` where a file
cannot be read on. One record at a time is held, its body bounded. Besides: cutting a torn tail, and
taking others' files in. Writing is `crawler.recorder`'s. The archive is keyed by canonical URL, so
what makes URLs canonical is to be had from here as well.
"""

import hashlib
import os
import re
import shutil
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from crawler.codings import decode
from crawler.config import default_file
from crawler.errors import DamagedArchive
from crawler.records import Capture, CaptureKind, Damage, RobotsVerdict, digest_id
from crawler.urls import Refused, UrlRules, canonical_url, load_url_rules

__all__ = [
    "DamagedArchive",
    "Refused",
    "UrlRules",
    "canonical_url",
    "default_file",
    "import_warc",
    "load_url_rules",
    "read_captures",
    "repair_tail",
]

MAX_BODY_BYTES = 10_000_000
"""A longer body is cut to this and marked as truncated."""

# Metadata stands right before its response; of foreign records that never get one, few are kept.
_NOTES_KEPT = 64
_PIECE = 1 << 16


def read_captures(
    path: Path, name: str, start: int = 0, max_body: int = MAX_BODY_BYTES
) -> Iterator[Capture | Damage]:
    """The captures of a WARC file from byte `start` (a record's) on, in its order.

    `name` is the file's name in the captures. A file that breaks off or is corrupt gives what stands
    before, then one `Damage`. Revisit records are captures of status 304 without a body; requests,
    metadata and what is not HTTP are none.
    """
    with path.open("rb") as file:
        reader = _Reader(file, name, start, max_body)
        yield from reader.captures()


def repair_tail(path: Path, start: int = 0) -> int:
    """Cut what follows the last whole record from byte `start` on; how many bytes that was."""
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        end = min(start, size)
        while end < size and (after := _record_end(file, end)) is not None:
            end = after
        if end < size:
            file.truncate(end)
            os.fsync(file.fileno())
        return size - end


def import_warc(source: Path, folder: Path, stamp: str) -> Path:
    """Take a WARC file of others into `folder`, a day's; where its content is in the archive, that file.

    The name begins with `stamp`, a time as run ids have it, since names order the archive; then come
    the content's digest, the source's name and its format's ending. Raises `DamagedArchive` for what is
    no WARC.
    """
    digest = hashlib.sha256()
    with source.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
        _check_is_warc(file, source)
        file.seek(0)
        ending = _ENDINGS.get(file.read(2), "")
    prefix = digest.hexdigest()[:12]
    for known in sorted(folder.parent.glob(f"*/*-{prefix}-*.warc*")):
        return known
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{stamp}-{prefix}-{_stem(source.name)}.warc{ending}"
    temporary = folder / f".{target.name}.part"
    shutil.copyfile(source, temporary)
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    return temporary.rename(target)


_ENDINGS = {b"\x1f\x8b": ".gz", b"\x28\xb5": ".zst"}
_NAME = re.compile(r"(.+?)(?:\.warc)?(?:\.gz|\.zst)?")


def _stem(name: str) -> str:
    """The file's name without what says that it is a WARC."""
    match = _NAME.fullmatch(name)
    return match[1] if match else name


def _check_is_warc(file: IO[bytes], source: Path) -> None:
    from fastwarc.warc import ArchiveIterator

    file.seek(0)
    try:
        if next(iter(ArchiveIterator(file, parse_http=False)), None) is not None:
            return
        reason = "holds no record"
    except OSError as error:
        reason = str(error)
    raise DamagedArchive(f"{source}: is no WARC file ({reason})")


# ---------------------------------------------------------------------------------------- reading


class _Torn(Exception):
    """A record is shorter than it says."""


class _Reader:
    """One pass over a WARC file."""

    def __init__(self, file: IO[bytes], name: str, start: int, max_body: int) -> None:
        self._file = file
        self._name = name
        self._position = start
        self._found_any = False
        self._max_body = max_body
        self._notes: OrderedDict[str, dict[str, str]] = OrderedDict()
        self._size = file.seek(0, os.SEEK_END)
        file.seek(start)

    def captures(self) -> Iterator[Capture | Damage]:
        """Each capture once the record after it, or the end of the file, shows its length."""
        held: Capture | None = None
        trouble = ""
        records = self._records()
        while True:
            try:
                record = next(records, None)
                if record is None:
                    break
                if held:
                    yield _with_length(held, record.stream_pos)
                    held = None
                self._position, self._found_any = record.stream_pos, True
                held = self._capture(record)
            except _Torn:
                held = None
                trouble = "the record breaks off"
                break
            except OSError as error:
                trouble = str(error)
                break
        yield from self._last(held, trouble)

    def _records(self) -> Iterator[Any]:
        from fastwarc.warc import ArchiveIterator

        if self._position >= self._size:
            return
        yield from ArchiveIterator(self._file, parse_http=False)

    def _last(self, held: Capture | None, trouble: str) -> Iterator[Capture | Damage]:
        """The capture still held, if it is whole, and the damage after or in it."""
        if self._position >= self._size:
            return
        end = _record_end(self._file, self._position) if self._found_any else None
        if held and end is not None:
            yield _with_length(held, end)
        if trouble or end is None or not self._only_blank_after(end):
            yield Damage(self._name, end or self._position, trouble or "the file breaks off")

    def _only_blank_after(self, end: int) -> bool:
        self._file.seek(end)
        return not self._file.read(_PIECE).strip()

    def _capture(self, record: Any) -> Capture | None:  # noqa: ANN401  fastwarc's record
        """The record as a capture, if it is one; metadata is noted for the response it is about."""
        from fastwarc.warc import WarcRecordType

        headers = dict(record.headers.items())
        if record.record_type == WarcRecordType.metadata:
            self._note(record, headers)
        if record.record_type not in (WarcRecordType.response, WarcRecordType.revisit):
            return None
        if not record.is_http:
            return None
        notes = self._notes.pop(headers.get("WARC-Record-ID", ""), {})
        revisit = record.record_type == WarcRecordType.revisit
        return self._of_http(record, headers, notes, revisit=revisit)

    def _note(self, record: Any, headers: dict[str, str]) -> None:  # noqa: ANN401
        about = headers.get("WARC-Concurrent-To")
        if not about or not headers.get("Content-Type", "").startswith("application/warc-fields"):
            return
        lines = _whole(record, _PIECE).decode("utf-8", "replace").split("\r\n")
        self._notes[about] = {
            key: value.strip() for key, _, value in (line.partition(":") for line in lines)
        }
        if len(self._notes) > _NOTES_KEPT:
            self._notes.popitem(last=False)

    def _of_http(
        self,
        record: Any,  # noqa: ANN401
        headers: dict[str, str],
        notes: dict[str, str],
        *,
        revisit: bool,
    ) -> Capture:
        url = headers.get("WARC-Target-URI", "").strip("<>")
        http, status = _http_headers(record)
        raw = b"" if revisit else _whole(record, self._max_body)
        body, cut = (b"", False) if revisit else _content(raw, http, self._max_body)
        fetched_at = headers.get("WARC-Date", "")[:19] + "Z"
        sha256 = hashlib.sha256(body).hexdigest()
        first = {key.lower(): value for key, value in reversed(http)}
        return Capture(
            id=digest_id("x_", url, fetched_at, sha256),
            url=notes.get("requested_url", url),
            final_url=url,
            fetched_at=fetched_at,
            run_id=notes.get("run_id", ""),
            source_id=notes.get("source_id", ""),
            kind=_kind(notes.get("kind", "")),
            status=304 if revisit else status,
            content_type=first.get("content-type", ""),
            etag=first.get("etag", ""),
            last_modified=first.get("last-modified", ""),
            x_robots_tag=tuple(v for k, v in http if k.lower() == "x-robots-tag"),
            tdm_reservation=first.get("tdm-reservation", ""),
            tdm_policy=first.get("tdm-policy", ""),
            robots=RobotsVerdict(
                allowed=_TRUTH.get(notes.get("robots_allowed", "")),
                rule=notes.get("robots_rule", ""),
                checked_at=notes.get("robots_checked_at", ""),
            ),
            truncated=cut or "WARC-Truncated" in headers,
            body=body,
            sha256=sha256,
            warc_file=self._name,
            warc_offset=record.stream_pos,
        )


_TRUTH = {"true": True, "false": False}
_KINDS: dict[str, CaptureKind] = {
    kind: kind for kind in ("robots", "feed", "sitemap", "section", "article", "other")
}


def _kind(text: str) -> CaptureKind:
    return _KINDS.get(text, "")


def _with_length(capture: Capture, end: int) -> Capture:
    return msgspec.structs.replace(capture, warc_length=end - capture.warc_offset)


def _http_headers(record: Any) -> tuple[list[tuple[str, str]], int]:  # noqa: ANN401
    """Headers and status of the response in a record; status 0 where it has none that can be read."""
    try:
        record.parse_http(quirks_mode=True)
    except OSError:
        return [], 0
    headers = record.http_headers
    if headers is None:
        return [], 0
    return list(headers.items()), int(headers.status_code or 0)


def _whole(record: Any, limit: int) -> bytes:  # noqa: ANN401
    """The rest of a record, one byte more than the limit at most; `_Torn` where there is less than said."""
    expected = min(record.content_length, limit + 1)
    found: bytes = record.reader.read(expected) if expected else b""
    if len(found) < expected:
        raise _Torn
    return found


def _content(raw: bytes, http: list[tuple[str, str]], limit: int) -> tuple[bytes, bool]:
    """The body without transfer and content coding, and whether anything of it is missing."""
    cut = len(raw) > limit
    first = {key.lower(): value for key, value in reversed(http)}
    if "chunked" in first.get("transfer-encoding", "").lower():
        raw = _without_chunks(raw)
    decoded = decode(raw, first.get("content-encoding", ""), limit)
    if decoded.fault and not decoded.body and not cut:
        # Archives of others often keep the header of a coding that they undid.
        return raw[:limit], len(raw) > limit
    return decoded.body, cut or decoded.truncated or bool(decoded.fault)


def _without_chunks(raw: bytes) -> bytes:
    """The body without its chunk sizes; as it is where it has none (undone by the archiver)."""
    pieces: list[bytes] = []
    at = 0
    while at < len(raw):
        line_end = raw.find(b"\r\n", at, at + 64)
        try:
            length = int(raw[at:line_end].partition(b";")[0], 16) if line_end > at else -1
        except ValueError:
            length = -1
        if length < 0:
            return raw if not pieces else b"".join(pieces)
        if length == 0:
            break
        pieces.append(raw[line_end + 2 : line_end + 2 + length])
        at = line_end + 2 + length + 2
    return b"".join(pieces)


# ------------------------------------------------------------------------------------ whole records


def _record_end(file: IO[bytes], start: int) -> int | None:
    """Where the record that starts here ends; None where it breaks off or is no record."""
    file.seek(start)
    magic = file.read(8)
    file.seek(start)
    if magic.startswith(b"\x1f\x8b"):
        return _gzip_end(file, start)
    if magic.startswith(b"WARC/"):
        return _plain_end(file)
    if magic.startswith(b"\x28\xb5\x2f\xfd"):
        return _zst_end(file, start)
    return None


def _gzip_end(file: IO[bytes], start: int) -> int | None:
    decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)
    read = 0
    while piece := file.read(_PIECE):
        read += len(piece)
        try:
            while piece and not decoder.eof:
                decoder.decompress(piece, _PIECE)
                piece = decoder.unconsumed_tail
        except zlib.error:
            return None
        if decoder.eof:
            return start + read - len(decoder.unused_data)
    return None


def _plain_end(file: IO[bytes]) -> int | None:
    length = None
    while (line := file.readline(_PIECE)).strip():
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            length = int(value)
    if length is None or not line:
        return None
    end = file.tell() + length + len(b"\r\n\r\n")
    file.seek(0, os.SEEK_END)
    return end if end <= file.tell() else None


def _zst_end(file: IO[bytes], start: int) -> int | None:
    import zstandard

    decoder = zstandard.ZstdDecompressor().decompressobj()
    read = 0
    while piece := file.read(1 << 10):
        read += len(piece)
        try:
            decoder.decompress(piece)
        except zstandard.ZstdError:
            return None
        if decoder.eof:
            return start + read - len(decoder.unused_data)
    return None
