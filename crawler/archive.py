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
from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import msgspec

from crawler.codings import decode
from crawler.config import default_file
from crawler.errors import DamagedArchive
from crawler.members import GZIP, PLAIN, ZST, count_records, record_end
from crawler.records import Capture, CaptureKind, Damage, PageLabel, RobotsVerdict, digest_id
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

# Contents of a file that later records of other addresses may refer to.
_CONTENTS_KEPT = 100_000
# Metadata stands right before its response; of foreign records that never get one, few are kept.
_NOTES_KEPT = 64
_PIECE = 1 << 16


def read_captures(
    path: Path, name: str, start: int = 0, max_body: int = MAX_BODY_BYTES
) -> Iterator[Capture | Damage]:
    """The captures of a WARC file from byte `start` (a record's) on, in its order.

    `name` is the file's name in the captures. A file that breaks off or is corrupt gives what stands
    before, then one `Damage`; a record without a date or web address gives a `Damage` in its place.
    A revisit record is a capture of status 304 without a body; one that says that another address, whose
    response stands before it in the file, had the same content, is a capture with that content. Requests,
    metadata and what is not HTTP are none. Records that share a gzip member or zst frame have its
    place, all the same.
    """
    with path.open("rb") as file, path.open("rb") as beside:
        reader = _Reader(file, beside, name, start, max_body)
        yield from reader.captures()


def repair_tail(path: Path, start: int = 0) -> int:
    """Cut what follows the last whole record from byte `start` on; how many bytes that was."""
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        end = min(start, size)
        while end < size and (after := record_end(file, end)) is not None:
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
    """One pass over a WARC file; `beside` is the same file, to look at places out of turn."""

    def __init__(
        self, file: IO[bytes], beside: IO[bytes], name: str, start: int, max_body: int
    ) -> None:
        self._file = file
        self._beside = beside
        self._name = name
        self._member = start
        self._left: int | None = None
        self._end_of = -1
        self._end: int | None = None
        self._max_body = max_body
        self._notes: OrderedDict[str, dict[str, str]] = OrderedDict()
        # The digest of the record that is held, as its writer gives it, and where others stand.
        self._digest = ""
        self._contents: OrderedDict[str, tuple[str, int]] = OrderedDict()
        self._size = file.seek(0, os.SEEK_END)
        file.seek(start)
        self._packed = file.read(len(PLAIN)) != PLAIN
        file.seek(start)

    def captures(self) -> Iterator[Capture | Damage]:
        """Each capture once the record after it, or the end of the file, shows its place."""
        held: Capture | Damage | None = None
        position, trouble = -1, ""
        records = self._records()
        while True:
            try:
                record = next(records, None)
                if record is None:
                    break
                if position >= 0:
                    self._settle_member(position, record.stream_pos)
                    if held:
                        yield self._placed(held, record.stream_pos)
                        held = None
                position = record.stream_pos
                held = self._capture(record)
            except _Torn:
                held = None
                trouble = "the record breaks off"
                break
            except OSError as error:
                trouble = str(error)
                break
        if position >= 0:
            self._settle_member(position, self._size)
        yield from self._last(held, trouble, found_any=position >= 0)

    def _records(self) -> Iterator[Any]:
        from fastwarc.warc import ArchiveIterator

        if self._member >= self._size:
            return
        yield from ArchiveIterator(self._file, parse_http=False)

    def _last(
        self, held: Capture | Damage | None, trouble: str, *, found_any: bool
    ) -> Iterator[Capture | Damage]:
        """The capture still held, if it is whole, and the damage after or in it."""
        if self._member >= self._size:
            return
        end = self._member_end() if found_any else None
        if held and end is not None:
            yield self._placed(held, end)
        if trouble or end is None or not self._only_blank_after(end):
            yield Damage(self._name, end or self._member, trouble or "the file breaks off")

    def _only_blank_after(self, end: int) -> bool:
        self._file.seek(end)
        return not self._file.read(_PIECE).strip()

    # fastwarc tells where its decoder stood, which is a record's own place only where it is the first
    # of its member. Once records are seen to share one, they are counted, member by member.

    def _settle_member(self, position: int, following: int) -> None:
        """Find the member of the record that was read at `position`, before one at `following`."""
        if self._left is None and position < following and self._begins_member(position):
            self._member = position
            return
        if self._left is None:
            self._left = count_records(self._beside, self._member) - 1
        if self._left <= 0:
            self._member = self._member_end() or self._member
            self._left = count_records(self._beside, self._member)
        self._left -= 1

    def _begins_member(self, position: int) -> bool:
        self._beside.seek(position)
        return not self._packed or self._beside.read(len(ZST)).startswith((GZIP, ZST))

    def _member_end(self) -> int | None:
        if self._end_of != self._member:
            self._end_of, self._end = self._member, record_end(self._beside, self._member)
        return self._end

    def _placed(self, held: Capture | Damage, following: int) -> Capture | Damage:
        """The capture or damage with its place, now that it is known where the next one begins."""
        if isinstance(held, Damage):
            return Damage(held.warc_file, self._member, held.reason)
        if self._left is not None or not self._begins_member(following):
            following = self._member_end() or following
        return msgspec.structs.replace(
            self._with_content(held), warc_offset=self._member, warc_length=following - self._member
        )

    def _with_content(self, held: Capture) -> Capture:
        """The capture; of a revisit record, with the content that another address had before it."""
        if not self._digest:
            return held
        if held.status == 200:
            self._contents[self._digest] = (held.final_url, self._member)
            if len(self._contents) > _CONTENTS_KEPT:
                self._contents.popitem(last=False)
        url, place = self._contents.get(self._digest, (held.final_url, 0))
        if held.status != 304 or url == held.final_url:
            return held
        with Path(self._file.name).open("rb") as file, Path(self._file.name).open("rb") as beside:
            reader = _Reader(file, beside, self._name, place, self._max_body)
            first = next((c for c in reader.captures() if isinstance(c, Capture)), None)
        if first is None or first.final_url != url:
            return held
        return msgspec.structs.replace(
            held,
            id=digest_id("x_", held.final_url, held.fetched_at, first.sha256),
            status=first.status,
            content_type=first.content_type,
            truncated=first.truncated,
            body=first.body,
            sha256=first.sha256,
        )

    def _capture(self, record: Any) -> Capture | Damage | None:
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
        url = headers.get("WARC-Target-URI", "").strip("<>")
        if not _WEB_ADDRESS.fullmatch(url):
            return Damage(self._name, 0, f"a record of no web address: {url[:200]!r}")
        fetched_at = _utc(headers.get("WARC-Date", ""))
        if not fetched_at:
            date = headers.get("WARC-Date", "")[:80]
            return Damage(self._name, 0, f"the record of {url[:200]} has no valid date: {date!r}")
        revisit = record.record_type == WarcRecordType.revisit
        not_modified = headers.get("WARC-Profile", "").endswith("server-not-modified")
        self._digest = "" if not_modified else headers.get("WARC-Payload-Digest", "")
        return self._of_http(record, headers, notes, url, fetched_at, revisit=revisit)

    def _note(self, record: Any, headers: dict[str, str]) -> None:
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
        record: Any,
        headers: dict[str, str],
        notes: dict[str, str],
        url: str,
        fetched_at: str,
        *,
        revisit: bool,
    ) -> Capture:
        http, status = _http_headers(record)
        raw = b"" if revisit else _whole(record, self._max_body)
        body, cut = (b"", False) if revisit else _content(raw, http, self._max_body)
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
            tdm_reservation=first.get("tdm-reservation") or notes.get("tdm_reservation", ""),
            tdm_policy=first.get("tdm-policy") or notes.get("tdm_policy", ""),
            robots=RobotsVerdict(
                allowed=_TRUTH.get(notes.get("robots_allowed", "")),
                rule=notes.get("robots_rule", ""),
                checked_at=notes.get("robots_checked_at", ""),
            ),
            truncated=cut or "WARC-Truncated" in headers or "fault" in notes,
            body=body,
            sha256=sha256,
            warc_file=self._name,
            label=_LABELS.get(notes.get("label", ""), ""),
            canonical=notes.get("canonical", ""),
            amp=notes.get("amp", ""),
            alternates=_alternates(notes.get("alternates", "")),
        )


_TRUTH = {"true": True, "false": False}
_KINDS: dict[str, CaptureKind] = {
    kind: kind for kind in ("robots", "feed", "sitemap", "section", "article", "other")
}


def _kind(text: str) -> CaptureKind:
    return _KINDS.get(text, "")


_LABELS: dict[str, PageLabel] = {
    label: label for label in ("not_html", "soft_404", "consent", "paywall")
}


def _alternates(text: str) -> tuple[tuple[str, str], ...]:
    """Language and address of each, as the recorder writes them: "de https://…, fr https://…"."""
    pairs = (one.partition(" ") for one in text.split(", ") if one)
    return tuple((language, address) for language, _, address in pairs)


_WEB_ADDRESS = re.compile(r"https?://[^\s/?#\x00-\x1f]+[^\s\x00-\x1f]*", re.IGNORECASE)


def _utc(date: str) -> str:
    """A WARC-Date (RFC 3339, WARC 1.1: to any precision) in UTC to the second; "" where it is none."""
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        return ""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _http_headers(record: Any) -> tuple[list[tuple[str, str]], int]:
    """Headers and status of the response in a record; status 0 where it has none that can be read."""
    try:
        record.parse_http(quirks_mode=True)
    except OSError:
        return [], 0
    headers = record.http_headers
    if headers is None:
        return [], 0
    return list(headers.items()), int(headers.status_code or 0)


def _whole(record: Any, limit: int) -> bytes:
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
