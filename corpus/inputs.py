"""What the filters read: page lines, text lines, WARC files, HTML files and folders of them.

In: paths, or "-" for standard input. Out: pages (or text lines) in order, and a rejection for every
line or place that is none. Input is streamed: memory does not grow with it.
"""

import gzip
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from corpus.errors import DamagedData, RuleError
from corpus.pages import Page, decode, page_of_line
from corpus.records import PageLine, Rejection
from crawler.archive import read_captures
from crawler.records import Capture, Damage

Input = Page | Capture | Rejection

R = TypeVar("R", bound=msgspec.Struct)

MAX_LINE = 256 << 20
"""Bytes of one line; a longer one is no record but a fault of the writer."""


def read_pages(paths: Iterable[str]) -> Iterator[Input]:
    """The pages of all inputs, one after the other."""
    for path in paths or ("-",):
        yield from _reader(path)(path)


def read_lines(path: str, record: type[R], stage: str) -> Iterator[tuple[str, R | Rejection]]:
    """The records of a JSON-lines input with their places ("file:line"); damaged lines as rejections."""
    decoder = msgspec.json.Decoder(record)
    name = "standard input" if path == "-" else path
    with _open(path) as file:
        for number, line in _lines(file, name):
            if not line.strip():
                continue
            place = f"{name}:{number}"
            try:
                yield place, decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                yield place, _bad_line(line, place, stage, error)


def _reader(path: str) -> Callable[[str], Iterator[Input]]:
    if path != "-" and not Path(path).exists():
        raise RuleError(f"{path}: no such file or folder")
    if path != "-" and Path(path).is_dir():
        return _folder
    if path.endswith((".warc", ".warc.gz", ".warc.zst")):
        return _warc
    if path.endswith((".html", ".htm", ".xhtml")):
        return _html
    return _page_lines


def _page_lines(path: str) -> Iterator[Input]:
    for n, (place, line) in enumerate(read_lines(path, PageLine, "extract"), 1):
        if isinstance(line, Rejection):
            yield line
        elif not line.id:
            detail = 'the key "id" is empty; give every page an id of its own'
            yield Rejection(
                record_id=place, stage="extract", reason="bad_record", place=place, detail=detail
            )
        else:
            yield page_of_line(line, n)


def _warc(path: str) -> Iterator[Input]:
    for record in read_captures(Path(path), path):
        if isinstance(record, Damage):
            yield damage_rejection(record)
        elif may_be_story(record):
            yield record


def may_be_story(capture: Capture) -> bool:
    """Whether a capture is a page's answer, not a listing's, a redirect's or a "not modified"."""
    return capture.kind in ("article", "") and not 300 <= capture.status < 400


def damage_rejection(damage: Damage) -> Rejection:
    """The rejection that stands for a damaged place of an archive."""
    return Rejection(
        record_id=f"{damage.warc_file}@{damage.offset}",
        stage="archive",
        reason="damaged",
        place=f"{damage.warc_file}, byte {damage.offset}",
        detail=damage.reason,
    )


def _html(path: str) -> Iterator[Input]:
    html, warnings = decode(Path(path).read_bytes(), "text/html")
    yield Page(capture_id=path, html=html, warnings=warnings)


def _folder(path: str) -> Iterator[Input]:
    for file in sorted(Path(path).rglob("*")):
        if file.suffix.lower() in (".html", ".htm", ".xhtml") and file.is_file():
            yield from _html(str(file))


def _bad_line(line: bytes, place: str, stage: str, error: Exception) -> Rejection:
    whole = line.endswith(b"\n")
    is_json = isinstance(error, msgspec.ValidationError)
    torn = "" if whole or is_json else "; the last line is torn: its writer was cut off"
    return Rejection(
        record_id=place,
        stage=stage,
        reason="bad_record" if is_json else "not_json",
        place=place,
        detail=f"{error}{torn}",
    )


def _lines(file: BinaryIO, name: str) -> Iterator[tuple[int, bytes]]:
    number = 0
    try:
        while line := file.readline(MAX_LINE):
            number += 1
            if len(line) == MAX_LINE:
                raise DamagedData(
                    f"{name}:{number}: a line of over {MAX_LINE >> 20} MiB; is it JSON lines?"
                )
            yield number, line
    except (EOFError, gzip.BadGzipFile) as error:
        raise DamagedData(
            f"{name}: the compressed file breaks off after line {number} ({error}); "
            "what stood before was read"
        ) from None


def _open(path: str) -> BinaryIO:
    if path == "-":
        return sys.stdin.buffer
    if path.endswith(".gz"):
        return io.BufferedReader(gzip.open(path, "rb"))
    if path.endswith(".zst"):
        import zstandard

        return io.BufferedReader(zstandard.open(path, "rb"))
    return Path(path).open("rb")
