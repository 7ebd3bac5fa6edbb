"""Outcomes into WARC files.

In: outcomes of a run, as they come. Out: `warc/<date>/<run>-00001.warc.gz`, one gzip member a record,
and for each response its `Place`. The response is kept as it was sent (content coding and all, only the
chunks are gone, and brotli, which readers of WARC fail on); before it stand its metadata record (what we
asked for and why we were allowed to) and its request, so a torn tail never holds a response that lacks
them. Reading is `crawler.archive`'s.
"""

import errno
import os
import zlib
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.errors import DiskFull
from crawler.records import Outcome, Place
from crawler.rights import signals_of_response

NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

# `warcio check` raises AttributeError for a body in brotli once brotli 1.2 is installed (warcio 1.8.1,
# bufferedreaders.py); Common Crawl's archives hold unfolded bodies as well.
_UNFOLDED = ("br",)

# EFBIG is what a file size limit (ulimit -f) gives: no room either.
_NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))

# Measured on 75 KB of news pages: level 9 takes 1.7 ms and gives 16.7 KB, level 6 1.3 ms and 16.7 KB, level 4
# 0.8 ms and 17.3 KB; a body that is compressed already takes 1.5 ms at any level but 0, and no fewer bytes.
_LEVEL = 4
# Bytes: below this the headers, which do get smaller, weigh more than the time.
_SHORT = 4096


class Recorder:
    """The WARC files of one run, opened when there is something to write.

    What `flush` has returned for is on the disk. `data` is the data folder, `info` goes into each
    file's warcinfo record, `before_file` hears of a file before it exists. Raises `DiskFull` with
    everything before it kept whole.
    """

    def __init__(
        self,
        data: Path,
        run_id: str,
        date: str,
        max_bytes: int,
        info: Mapping[str, str],
        before_file: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._data = data
        self._folder = f"warc/{date}"
        self._run_id = run_id
        self._max_bytes = max_bytes
        self._info = dict(info)
        self._before_file = before_file
        self._number = 0
        self._file: int | None = None
        self._name = ""
        self._size = 0
        self._flushed = True
        self.sizes: dict[str, int] = {}

    def write(self, outcome: Outcome) -> Place:
        """Append metadata, request and response (or revisit), and say where the response lies."""
        if self._file is None or self._size >= self._max_bytes:
            self._open_next()
        batch = _Batch()
        uri, date = outcome.fetch.due.url, warc_date(outcome.started_at)
        response = _response(batch, outcome, uri, date)
        about = {
            "WARC-Date": date,
            "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID"),
        }
        batch.add(_metadata(batch, outcome, self._run_id, uri, about))
        batch.add(_request(batch, outcome, uri, about))
        start = batch.size
        batch.add(response, _level(response))
        place = Place(self._name, self._size + start, batch.size - start)
        self._append(batch.bytes)
        return place

    @property
    def files(self) -> tuple[str, ...]:
        """The files opened so far, relative to the data folder."""
        return tuple(self.sizes)

    def flush(self) -> None:
        """Have everything written so far on the disk."""
        if self._file is not None and not self._flushed:
            with _room(self._data / self._name):
                os.fsync(self._file)
            self._flushed = True

    def close(self) -> None:
        """Flush and let go of the file."""
        if self._file is not None:
            try:
                self.flush()
            finally:
                os.close(self._file)
                self._file = None

    def _open_next(self) -> None:
        self.close()
        self._number += 1
        name = f"{self._folder}/{self._run_id}-{self._number:05}.warc.gz"
        path = self._data / name
        self._before_file(name)
        with _room(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        self._name, self._size = name, 0
        batch = _Batch()
        batch.add(batch.create_warcinfo_record(path.name, self._info))
        self._append(batch.bytes)

    def _append(self, block: bytes) -> None:
        """Write the whole block, or cut what was written of it."""
        assert self._file is not None
        self._flushed = False
        rest = memoryview(block)
        try:
            with _room(self._data / self._name):
                while rest:
                    rest = rest[os.write(self._file, rest) :]
        except BaseException:
            os.ftruncate(self._file, self._size)
            raise
        self._size += len(block)
        self.sizes[self._name] = self._size


def warc_date(moment: float) -> str:
    """Unix seconds as RFC 3339 UTC, to the second."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"


@contextmanager
def _room(path: Path) -> Iterator[None]:
    """Turn a full disk into `DiskFull`."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFull(f"{path}: {error.strerror}; make room and run again") from error
        raise


class _Batch(WARCWriter):  # type: ignore[misc]  # warcio has no types
    """Records that go to the disk in one piece, each a gzip member of its own."""

    def __init__(self) -> None:
        self._buffer = BytesIO()
        super().__init__(self._buffer, gzip=False, warc_version="1.1")

    def add(self, record: object, level: int = _LEVEL) -> None:
        member = _Member(self._buffer, level)
        self._write_warc_record(member, record)

    @property
    def size(self) -> int:
        return self._buffer.tell()

    @property
    def bytes(self) -> bytes:
        return self._buffer.getvalue()


class _Member:
    """A gzip member, as warcio writes one but for the level, which is always 9 there."""

    def __init__(self, out: BytesIO, level: int) -> None:
        self._deflate = zlib.compressobj(level, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        self._out = out

    def write(self, block: bytes) -> None:
        self._out.write(self._deflate.compress(block))

    def flush(self) -> None:
        """End the member; warcio calls this once, after a record."""
        self._out.write(self._deflate.flush())


def _level(response: Any) -> int:
    """How hard to compress a response: a body that is kept as it came, compressed, gets no smaller."""
    coded = response.http_headers.get_header("Content-Encoding")
    return 0 if coded and response.length > _SHORT else _LEVEL


def _response(batch: _Batch, outcome: Outcome, uri: str, date: str) -> Any:
    """The response, or the revisit record that says "not modified since"."""
    revisit = outcome.status == 304 and outcome.fetch.due.captured_at
    about = {"WARC-Date": date, "WARC-IP-Address": outcome.address}
    if revisit:
        about["WARC-Profile"] = NOT_MODIFIED
        about["WARC-Refers-To-Target-URI"] = uri
        about["WARC-Refers-To-Date"] = outcome.fetch.due.captured_at
    if outcome.truncated:
        about["WARC-Truncated"] = "length"
    unfolded = outcome.header("Content-Encoding").strip().lower() in _UNFOLDED
    payload = outcome.body if unfolded and outcome.fault != "bad_encoding" else outcome.raw
    changed = {"transfer-encoding", *(("content-encoding", "content-length") if unfolded else ())}
    return batch.create_warc_record(
        uri,
        "revisit" if revisit else "response",
        payload=BytesIO(payload),
        length=len(payload),
        http_headers=_Headers(
            f"{outcome.status} {outcome.reason}",
            [(_kept_name(name, changed), value) for name, value in outcome.headers],
            protocol=outcome.version,
        ),
        warc_headers_dict={name: value for name, value in about.items() if value},
    )


class _Headers(StatusAndHeaders):  # type: ignore[misc]  # warcio has no types
    """Headers whose bytes stay as they were sent; warcio's own would percent-encode some."""

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        self.headers_buff = self.to_bytes(header_filter, encoding="latin-1")


def _kept_name(name: str, changed: Container[str]) -> str:
    """The header's name; a body without its chunks or coding must not claim to have them, or their length."""
    return f"X-Archive-Orig-{name}" if name.lower() in changed else name


def _request(batch: _Batch, outcome: Outcome, uri: str, about: Mapping[str, str]) -> Any:
    parts = urlsplit(uri)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return batch.create_warc_record(
        uri,
        "request",
        http_headers=_Headers(
            f"GET {target} HTTP/1.1", list(outcome.request_headers), is_http_request=True
        ),
        warc_headers_dict=dict(about),
    )


def _metadata(
    batch: _Batch, outcome: Outcome, run_id: str, uri: str, about: Mapping[str, str]
) -> Any:
    """What the response itself does not say: for whom it was asked, and by whose leave."""
    due, robots = outcome.fetch.due, outcome.fetch.robots
    fields = {
        "run_id": run_id,
        "source_id": due.source_id,
        "kind": due.kind,
        "requested_url": due.via[0] if due.via else uri,
        "robots_allowed": "" if robots.allowed is None else str(robots.allowed).lower(),
        "robots_rule": " ".join(robots.rule.split()),
        "robots_checked_at": robots.checked_at,
        **_signals(outcome),
        "label": outcome.page.label,
        "canonical": outcome.page.canonical,
        "amp": outcome.page.amp,
        "alternates": ", ".join(f"{lang} {url}" for lang, url in outcome.page.alternates),
        "fault": outcome.fault if outcome.fault == "bad_encoding" else "",
    }
    block = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value).encode()
    return batch.create_warc_record(
        uri,
        "metadata",
        payload=BytesIO(block),
        length=len(block),
        warc_content_type="application/warc-fields",
        warc_headers_dict=dict(about),
    )


def _signals(outcome: Outcome) -> dict[str, str]:
    """What the site says of mining this page, in its files, its headers and the page itself."""
    signals = signals_of_response(outcome.fetch.signals, outcome.headers, outcome.body)
    return {
        "tdm_reservation": signals.tdm_reservation,
        "tdm_policy": signals.tdm_policy,
        "content_usage": signals.content_usage,
        "ai_refused": ", ".join(signals.ai_refused),
        "x_robots_tag": signals.x_robots_tag,
        "meta_robots": signals.meta_robots,
    }
