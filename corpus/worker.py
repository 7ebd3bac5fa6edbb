"""A worker process of `corpus.workers`: pages in on standard input, articles out on standard output.

In: frames (`corpus.frames`), the first of them the `Orders`. Out: one frame before the first page (ready,
or what is wrong with the rules), then one a page, lesson or check, and before it what is to be kept. Not
for people to start.
"""

import os
import resource
import signal
import sys
import traceback
from collections import OrderedDict
from typing import BinaryIO

import msgspec

from corpus import lessons
from corpus.answered import Asker, Keep
from corpus.errors import CorpusError
from corpus.extract import Rules, extract, load_rules
from corpus.frames import (
    CHECK,
    KEPT,
    KEPT_PROFILES,
    LESSON,
    PATIENCE,
    PROFILE,
    READY,
    REFUSED,
    TICK,
    Check,
    Checked,
    Learned,
    Lesson,
    Orders,
    Packed,
    answer_frame,
    failure,
    kept_of,
    page_of,
    read_frame,
    unpack,
    write_frame,
)
from corpus.furniture import Reader
from corpus.pages import Page, TextPage, page_of_capture
from corpus.plaintext import extract_text
from corpus.records import Article, Rejection
from corpus.stages import EXTRACT
from crawler.archive import UrlRules, load_url_rules
from crawler.records import Capture


def main() -> None:
    """Answer every frame until the input ends."""
    # The parent decides when work ends; Ctrl-C reaches the whole foreground group.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A library that prints must not spoil the frames.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    source = sys.stdin.buffer
    try:
        orders = msgspec.msgpack.decode(read_frame(source) or b"", type=Orders)
        rules = load_rules(orders.files, orders.min_words, proven=orders.proven)
        urls = load_url_rules(orders.files["urls.toml"], "urls.toml")
        _warm_up(rules, urls)
    except CorpusError as error:
        write_frame(answers, REFUSED + str(error).encode())
        return
    resource.setrlimit(resource.RLIMIT_AS, (orders.memory_limit, orders.memory_limit))
    try:
        write_frame(answers, READY)

        def keep(key: bytes, packed: bytes) -> None:
            write_frame(answers, KEPT + key + packed)

        desk = Desk(rules, urls, keep if orders.keeps else None)
        _serve(source, answers, desk, orders.time_limit)
    except BrokenPipeError:
        # Nobody waits for the answer any more; the flush at exit must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), answers.fileno())


def _serve(source: BinaryIO, answers: BinaryIO, desk: "Desk", time_limit: float) -> None:
    def alarm() -> None:
        # The parent kills a page that takes too long; where the parent is gone, this does.
        signal.setitimer(signal.ITIMER_REAL, PATIENCE * time_limit + 10)

    def step() -> None:
        alarm()
        write_frame(answers, TICK)

    while frame := read_frame(source):
        alarm()
        if frame[:1] == PROFILE:
            desk.keep(frame)
        else:
            write_frame(answers, desk.answer(frame, step))
        signal.setitimer(signal.ITIMER_REAL, 0)


def _warm_up(rules: Rules, urls: UrlRules) -> None:
    """Import what extraction needs before memory is limited and pages are timed."""
    extract(Page(capture_id="", html="<html><body><p>warm</p></body></html>"), rules, urls)


class Desk:
    """Where frames are answered: the rules, and the profiles that were sent last."""

    def __init__(self, rules: Rules, urls: UrlRules, keep: Keep | None = None) -> None:
        self._rules, self._urls = rules, urls
        self._ask = Asker(keep)
        self._readers: OrderedDict[str, Reader] = OrderedDict()

    def keep(self, frame: bytes) -> None:
        """Have this profile at hand. The parent counts along, so that both know which ones are."""
        packed = msgspec.msgpack.decode(frame[1:], type=Packed)
        self._readers[packed.id] = Reader(unpack(packed))
        if len(self._readers) > KEPT_PROFILES:
            self._readers.popitem(last=False)

    def answer(self, frame: bytes, step: lessons.Step) -> bytes:
        """The answer to a frame, as one; whatever goes wrong with a page becomes its rejection."""
        try:
            self._ask.clear()
            return answer_frame(self._answer(frame, step))
        except MemoryError:
            failed = _failed(frame, "memory_limit", "the page needs more memory than a page may")
        except Exception:  # noqa: BLE001  one page's failure must not sink the rest
            failed = _failed(frame, "crashed", _last_lines(traceback.format_exc()))
        return answer_frame(failed)

    def _answer(self, frame: bytes, step: lessons.Step) -> Article | Rejection | Learned | Checked:
        if frame[:1] == LESSON:
            return self._learned(msgspec.msgpack.decode(frame[1:], type=Lesson), step)
        if frame[:1] == CHECK:
            return self._checked(msgspec.msgpack.decode(frame[1:], type=Check), step)
        return self._article(frame)

    def _article(self, frame: bytes) -> Article | Rejection:
        given, profile_id = page_of(frame)
        reader: Reader | None = None
        if profile_id:
            reader = self._readers[profile_id]
            self._readers.move_to_end(profile_id)
        if isinstance(given, TextPage):
            return extract_text(given, self._rules, self._urls)
        page = page_of_capture(given) if isinstance(given, Capture) else given
        if isinstance(page, Rejection):
            return page
        self._ask.hand(page, kept_of(frame))
        return extract(page, self._rules, self._urls, reader, self._ask)

    def _learned(self, lesson: Lesson, step: lessons.Step) -> Learned:
        pages = self._pages(lesson.pages)
        rules, urls = self._rules, self._urls
        return lessons.learn(lesson.host, pages, lesson.sizes, rules, urls, step, self._ask)

    def _checked(self, check: Check, step: lessons.Step) -> Checked:
        profile, pages = unpack(check.profile), self._pages(check.pages)
        rules, urls = self._rules, self._urls
        return lessons.check(profile, pages, check.audits, rules, urls, step, self._ask)

    def _pages(self, frames: tuple[bytes, ...]) -> list[Page]:
        """What of these is a page."""
        found: list[Page] = []
        for frame in frames:
            given = page_of(frame)[0]
            page = page_of_capture(given) if isinstance(given, Capture) else given
            if isinstance(page, Page):
                self._ask.hand(page, kept_of(frame))
                found.append(page)
        return found


def _failed(frame: bytes, reason: str, detail: str) -> Rejection | Learned | Checked:
    if frame[:1] == LESSON:
        return Learned(complaint=f"{reason}: {detail}")
    if frame[:1] == CHECK:
        return Checked(complaint=f"{reason}: {detail}")
    return failure(frame, EXTRACT, reason, detail)


def _last_lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-8:])[-2000:]


if __name__ == "__main__":
    main()
