"""What the filters read: page lines, text lines, article records, WARC, HTML and text files, folders.

In: paths, or "-" for standard input. Out: pages (or texts) in order, and a rejection for every line or
place that is none, after which the rest is read on. Input is streamed: memory does not grow with it.
"""

import gzip
import io
import logging
import os
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from corpus.errors import RuleError
from corpus.pages import Page, TextPage, decode, page_of_line, page_of_text, page_of_text_line
from corpus.records import Article, PageLine, Rejection, RejectionReason, TextLine
from corpus.survey import Place, key_of
from crawler.archive import read_captures
from crawler.records import Capture, Damage, Record

Input = Page | TextPage | Capture | Rejection

R = TypeVar("R", bound=msgspec.Struct)

_log = logging.getLogger(__name__)

MAX_LINE = 256 << 20
"""Bytes of one line; a longer one is no record but a fault of the writer."""

WARC = (".warc", ".warc.gz", ".warc.zst")
HTML = (".html", ".htm", ".xhtml")
TEXT = (".txt",)


def read_pages(paths: Iterable[str]) -> Iterator[Input]:
    """The pages of all inputs, one after the other."""
    for path in list(paths) or ["-"]:
        yield from _reader(path)(path)


def read_texts(paths: Iterable[str]) -> Iterator[tuple[str, Article | TextLine | Rejection]]:
    """The texts of all inputs with their places: article records where lines say they are such."""
    as_article, as_line = msgspec.json.Decoder(Article), msgspec.json.Decoder(TextLine)

    def decoded(line: bytes) -> Article | TextLine:
        return as_article.decode(line) if line.startswith(_ARTICLE) else as_line.decode(line)

    for path in list(paths) or ["-"]:
        yield from _records(path, decoded, "cluster")


_ARTICLE = b'{"schema":"article/1",'


def may_be_story(capture: Capture) -> bool:
    """Whether a capture is a page's answer, not a listing's, a redirect's or a "not modified"."""
    return capture.kind in ("article", "") and not 300 <= capture.status < 400


def capture_at(archive: Path, place: Place) -> Capture | None:
    """The capture that was drawn at this place, without what its metadata record says of it."""
    for record in read_captures(archive, place.file, place.offset):
        if isinstance(record, Damage) or record.warc_offset > place.offset:
            return None
        if key_of(record) == place.key:
            return record
    return None


def damage_rejection(damage: Damage) -> Rejection:
    """The rejection that stands for a damaged place of an archive."""
    return _rejection(
        f"{damage.warc_file}@{damage.offset}",
        "damaged",
        f"{damage.warc_file}, byte {damage.offset}",
        damage.reason,
        "archive",
    )


def _reader(path: str) -> Callable[[str], Iterator[Input]]:
    if path != "-" and not Path(path).exists():
        raise RuleError(f"{path}: no such file or folder")
    if path != "-" and Path(path).is_dir():
        return _folder
    if path.lower().endswith(WARC):
        return _warc
    if path.lower().endswith(HTML):
        return _html
    if path.lower().endswith(TEXT):
        return _text
    return _page_lines


def _page_lines(path: str) -> Iterator[Input]:
    as_page, as_text = msgspec.json.Decoder(PageLine), msgspec.json.Decoder(TextLine)
    keys = msgspec.json.Decoder(_Keys)

    def decoded(line: bytes) -> PageLine | TextLine:
        told = keys.decode(line)
        if told.html is None and told.text is None:
            raise msgspec.ValidationError("Object missing required field `html` (or `text`)")
        # Where both stand, the page has more to tell than its text.
        return as_page.decode(line) if told.html is not None else as_text.decode(line)

    for n, (place, line) in enumerate(_records(path, decoded, "extract"), 1):
        if isinstance(line, Rejection):
            yield line
        elif not line.id:
            of = "page" if isinstance(line, PageLine) else "text"
            detail = f'the key "id" is empty; give every {of} an id of its own'
            yield _rejection(place, "bad_record", place, detail, "extract")
        elif isinstance(line, TextLine):
            yield page_of_text_line(line)
        else:
            yield page_of_line(line, n)


class _Keys(Record):
    """Which of the two kinds a line is; a null counts as nothing."""

    html: object = None
    text: object = None


def _warc(path: str) -> Iterator[Input]:
    for record in read_captures(Path(path), _told(path)):
        if isinstance(record, Damage):
            yield damage_rejection(record)
        elif may_be_story(record):
            yield record


def _html(path: str) -> Iterator[Input]:
    html, warnings = decode(Path(path).read_bytes(), "text/html")
    yield Page(capture_id=_told(path), html=html, warnings=warnings)


def _text(path: str) -> Iterator[Input]:
    yield page_of_text(_told(path), Path(path).read_bytes())


def _told(path: str) -> str:
    """The path as records can hold it: bytes of a name that are not UTF-8 are replaced."""
    return os.fsencode(path).decode(errors="replace")


def _folder(path: str) -> Iterator[Input]:
    """The HTML, text and WARC files below a folder, by name; how many others there are is told."""
    files = sorted(file for file in Path(path).rglob("*") if file.is_file())
    readable = [file for file in files if file.name.lower().endswith((*WARC, *HTML, *TEXT))]
    if not readable:
        raise RuleError(f"{path}: no HTML, text or WARC file is in this folder")
    for file in readable:
        yield from _reader(str(file))(str(file))
    if others := sorted(set(files) - set(readable)):
        shown = ", ".join(_told(str(file)) for file in others[:3])
        _log.warning("%s: left out %d files of other kinds: %s", path, len(others), shown)


# ------------------------------------------------------------------------------------- JSON lines


def _records(
    path: str, decoded: Callable[[bytes], R], stage: str
) -> Iterator[tuple[str, R | Rejection]]:
    """The input's records with their places ("file:line"); what is none as a rejection."""
    name = "standard input" if path == "-" else _told(path)
    for number, line in _lines(path):
        place = f"{name}:{number}"
        if isinstance(line, str):
            yield place, _rejection(place, "damaged", place, line, stage)
        elif line.strip():
            try:
                record: R | Rejection = decoded(line)
            except msgspec.ValidationError as error:
                record = _rejection(place, "bad_record", place, str(error), stage)
            except RecursionError:
                record = _rejection(place, "not_json", place, "is nested too deeply", stage)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                torn = "" if line.endswith(b"\n") else "; the last line is torn"
                record = _rejection(place, "not_json", place, f"{error}{torn}", stage)
            yield place, record


def _lines(path: str) -> Iterator[tuple[int, bytes | str]]:
    """The lines from 1 on; a text in place of one says why it, or the rest, cannot be read."""
    number = 0
    with _open(path) as file:
        try:
            while line := file.readline(MAX_LINE):
                number += 1
                if number == 1:
                    line = line.removeprefix(b"\xef\xbb\xbf")  # some editors mark UTF-8
                if len(line) < MAX_LINE or line.endswith(b"\n"):
                    yield number, line
                    continue
                while (more := file.readline(MAX_LINE)) and not more.endswith(b"\n"):
                    continue
                yield number, f"a line of over {MAX_LINE >> 20} MiB is no record"
        except _broken_off(path) as error:
            yield number + 1, f"the compressed file breaks off here: {error}"


def _open(path: str) -> BinaryIO:
    if path == "-":
        if sys.stdin is None or sys.stdin.closed:
            raise RuleError("standard input: is closed, or was read already; name it (-) once")
        return sys.stdin.buffer
    if path.endswith(".gz"):
        return io.BufferedReader(gzip.open(path, "rb"))
    if path.endswith(".zst"):
        import zstandard

        return io.BufferedReader(zstandard.open(path, "rb"))
    return Path(path).open("rb")


def _broken_off(path: str) -> tuple[type[Exception], ...]:
    """What a decompressor raises where its file is cut or damaged."""
    if path.endswith(".zst"):
        import zstandard

        return EOFError, zstandard.ZstdError
    return EOFError, gzip.BadGzipFile, zlib.error


def _rejection(
    record_id: str, reason: RejectionReason, place: str, detail: str, stage: str
) -> Rejection:
    return Rejection(record_id=record_id, stage=stage, reason=reason, place=place, detail=detail)
