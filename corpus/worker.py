"""A worker process of `corpus.workers`: pages in on standard input, articles out on standard output.

In: frames (four bytes of length, then msgpack), the first of them the `Orders`. Out: one frame before
the first page (ready, or what is wrong with the rules), then one a page. Not for people to start.
"""

import os
import resource
import signal
import struct
import sys
import traceback
from typing import BinaryIO

import msgspec

from corpus.errors import CorpusError
from corpus.extract import STAGE, Rules, extract, load_rules
from corpus.pages import Page, TextPage, page_of_capture
from corpus.plaintext import extract_text
from corpus.records import Article, Rejection
from crawler.archive import UrlRules, load_url_rules
from crawler.records import Capture, Record

LENGTH = struct.Struct("!I")
# The first byte of a frame's content.
READY, REFUSED, PAGE, CAPTURE, ARTICLE, REJECTION = b"+", b"!", b"P", b"C", b"A", b"R"
TEXT = b"T"


class Orders(Record):
    """What a worker is told first: rule files by name, least words, limits (bytes, seconds a page)."""

    files: dict[str, str]
    min_words: int
    memory_limit: int
    time_limit: float


def main() -> None:
    """Answer every page until the input ends."""
    # The parent decides when work ends; Ctrl-C reaches the whole foreground group.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A library that prints must not spoil the frames.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    source = sys.stdin.buffer
    try:
        orders = msgspec.msgpack.decode(read_frame(source) or b"", type=Orders)
        rules = load_rules(orders.files, orders.min_words)
        urls = load_url_rules(orders.files["urls.toml"], "urls.toml")
        _warm_up(rules, urls)
    except CorpusError as error:
        write_frame(answers, REFUSED + str(error).encode())
        return
    resource.setrlimit(resource.RLIMIT_AS, (orders.memory_limit, orders.memory_limit))
    try:
        write_frame(answers, READY)
        while frame := read_frame(source):
            # The parent kills a page that takes too long; where the parent is gone, this does.
            signal.setitimer(signal.ITIMER_REAL, 2 * orders.time_limit + 10)
            write_frame(answers, answer_frame(_answer(frame, rules, urls)))
            signal.setitimer(signal.ITIMER_REAL, 0)
    except BrokenPipeError:
        # Nobody waits for the answer any more; the flush at exit must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), answers.fileno())


def _warm_up(rules: Rules, urls: UrlRules) -> None:
    """Import what extraction needs before memory is limited and pages are timed."""
    extract(Page(capture_id="", html="<html><body><p>warm</p></body></html>"), rules, urls)


def _answer(frame: bytes, rules: Rules, urls: UrlRules) -> Article | Rejection:
    """The page's answer; whatever goes wrong with a page becomes its rejection."""
    try:
        if frame[:1] == TEXT:
            return extract_text(msgspec.msgpack.decode(frame[1:], type=TextPage), rules, urls)
        page = _page(frame)
        return page if isinstance(page, Rejection) else extract(page, rules, urls)
    except MemoryError:
        return _failure(frame, "memory_limit", "the page needs more memory than a page may")
    except Exception:  # noqa: BLE001 - one page's failure must not sink the rest
        return _failure(frame, "crashed", _last_lines(traceback.format_exc()))


def _page(frame: bytes) -> Page | Rejection:
    if frame[:1] == CAPTURE:
        return page_of_capture(msgspec.msgpack.decode(frame[1:], type=Capture))
    return msgspec.msgpack.decode(frame[1:], type=Page)


class _Who(Record):
    """Of a page or a capture just what names it."""

    id: str = ""
    capture_id: str = ""
    final_url: str = ""
    run_id: str = ""


def _failure(frame: bytes, reason: str, detail: str) -> Rejection:
    who = msgspec.msgpack.decode(frame[1:], type=_Who)
    return failure(who.capture_id or who.id, who.final_url, who.run_id, reason, detail)


def failure(record_id: str, url: str, run_id: str, reason: str, detail: str) -> Rejection:
    """The rejection of a page that a limit or a fault stopped."""
    return msgspec.convert(
        {
            "record_id": record_id,
            "stage": STAGE,
            "reason": reason,
            "url": url,
            "place": url,
            "detail": detail,
            "run_id": run_id,
        },
        Rejection,
    )


def _last_lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-8:])[-2000:]


def answer_frame(answer: Article | Rejection) -> bytes:
    """The content of the frame that carries this answer."""
    kind = REJECTION if isinstance(answer, Rejection) else ARTICLE
    return kind + msgspec.msgpack.encode(answer)


def read_frame(source: BinaryIO) -> bytes | None:
    """The content of the next frame, None where the input ends."""
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    content = source.read(size)
    return content if len(content) == size else None


def write_frame(target: BinaryIO, content: bytes) -> None:
    """One frame, written out at once."""
    target.write(LENGTH.pack(len(content)) + content)
    target.flush()


if __name__ == "__main__":
    main()
