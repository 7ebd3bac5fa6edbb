"""Extraction in worker processes, each page under a limit of time and memory.

In: pages or captures, any number. Out: an article or a rejection for each, in the input's order. A
page that hangs, explodes or kills its worker is a `Rejection`; the worker is replaced and the rest
goes on. Memory does not grow with the input.
"""

import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from corpus import worker as frames
from corpus.config import CorpusSettings
from corpus.errors import RuleError
from corpus.pages import Page, TextPage
from corpus.records import Article, Rejection
from crawler.records import Capture, Record

# Pages given to a worker at once: one at work, one waiting, so that it never waits for us.
_DEPTH = 2
# Pages between the oldest unanswered and the newest read, a worker: a slow page holds up only its
# place in the order, not the other workers.
_WINDOW = 16
_READ = 1 << 18
_START_SECONDS = 120.0
_STOP_SECONDS = 5.0
_LONGEST_WAIT = 60.0


class _Job(Record):
    """A page on its way, as the frame a worker reads, and what names it in a rejection."""

    number: int
    frame: bytes
    record_id: str
    url: str
    run_id: str


class ExtractPool:
    """Worker processes that extract pages; a context manager, since they must be ended.

    `time_limit` is seconds of wall-clock a page, `memory_limit` bytes of address space a worker;
    `files` holds the texts of "boilerplate.toml", "agencies.toml" and "urls.toml".
    """

    def __init__(
        self,
        workers: int,
        time_limit: float,
        memory_limit: int,
        *,
        files: Mapping[str, str],
        min_words: int,
    ) -> None:
        self._orders = msgspec.msgpack.encode(
            frames.Orders(dict(files), min_words, memory_limit, time_limit)
        )
        self._time_limit = time_limit
        self._workers = [_Worker() for _ in range(workers or _cores())]
        self._selector = selectors.DefaultSelector()

    @classmethod
    def of(cls, settings: CorpusSettings, files: Mapping[str, str]) -> Self:
        """A pool with the limits of the `[corpus]` table."""
        return cls(
            settings.workers,
            settings.page_seconds,
            settings.page_megabytes << 20,
            files=files,
            min_words=settings.min_words,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every worker, at once and for good."""
        for worker in self._workers:
            self._stop(worker)
        self._selector.close()

    def map(
        self, pages: Iterable[Page | TextPage | Capture | Rejection]
    ) -> Iterator[Article | Rejection]:
        """The answer to each page in the pages' order; rejections among them pass unchanged."""
        source = iter(pages)
        waiting: deque[_Job] = deque()
        answers: dict[int, Article | Rejection] = {}
        read = given = 0
        ended = False
        try:
            while True:
                while not ended and read - given < _WINDOW * len(self._workers):
                    if len(waiting) >= _DEPTH * len(self._workers):
                        break
                    page = next(source, None)
                    if page is None:
                        ended = True
                    elif isinstance(page, Rejection):
                        answers[read] = page
                        read += 1
                    else:
                        waiting.append(_job(read, page))
                        read += 1
                    self._hand_out(waiting)
                while given in answers:
                    yield answers.pop(given)
                    given += 1
                if ended and given == read:
                    return
                self._turn(waiting, answers)
        finally:
            for worker in self._workers:
                if worker.jobs:
                    self._stop(worker)

    # ------------------------------------------------------------------------------------ one turn

    def _hand_out(self, waiting: deque[_Job]) -> None:
        for depth in range(1, _DEPTH + 1):
            for worker in self._workers:
                if waiting and len(worker.jobs) < depth:
                    if not worker.process:
                        self._start(worker)
                    worker.give(waiting.popleft())
                    self._watch(worker)

    def _turn(self, waiting: deque[_Job], answers: dict[int, Article | Rejection]) -> None:
        """Move bytes until something happened or the next limit is near."""
        self._hand_out(waiting)
        now = time.monotonic()
        limits = [w.deadline(self._time_limit) for w in self._workers if w.jobs]
        wait = min(max(0.0, min(limits) - now), _LONGEST_WAIT) if limits else 0.0
        for selected, events in self._selector.select(wait):
            worker: _Worker = selected.data
            # One process has two pipes here: its end, seen on one, must not be met again on the other.
            if events & selectors.EVENT_WRITE and worker.process:
                worker.write()
            if events & selectors.EVENT_READ and worker.process:
                self._read(worker, waiting, answers)
            if worker.process:
                self._watch(worker)
        now = time.monotonic()
        for worker in self._workers:
            if worker.jobs and now >= worker.deadline(self._time_limit):
                self._overdue(worker, waiting, answers)

    def _read(
        self, worker: "_Worker", waiting: deque[_Job], answers: dict[int, Article | Rejection]
    ) -> None:
        if not worker.read():
            self._died(worker, waiting, answers)
            return
        while (frame := worker.next_frame()) is not None:
            kind, content = frame[:1], frame[1:]
            if kind == frames.READY:
                worker.ready = True
                worker.started = time.monotonic()
            elif kind == frames.REFUSED:
                raise RuleError(content.decode())
            else:
                answer = _answer(kind, content)
                answers[worker.finish().number] = answer
                if isinstance(answer, Rejection) and answer.reason == "memory_limit":
                    # Whatever is left of its memory, a fresh process has more.
                    self._retire(worker, waiting)
                    return

    def _overdue(
        self, worker: "_Worker", waiting: deque[_Job], answers: dict[int, Article | Rejection]
    ) -> None:
        if not worker.ready:
            raise RuntimeError(f"a worker did not start within {_START_SECONDS:.0f} s")
        detail = f"took longer than {self._time_limit:g} s; its worker was ended"
        self._blame(worker, "time_limit", detail, waiting, answers)

    def _died(
        self, worker: "_Worker", waiting: deque[_Job], answers: dict[int, Article | Rejection]
    ) -> None:
        self._unwatch(worker)
        status, complaint = worker.end(_STOP_SECONDS)
        if not worker.ready:
            raise RuntimeError(f"a worker ended with status {status} at its start:\n{complaint}")
        reason = "memory_limit" if "MemoryError" in complaint else "crashed"
        detail = f"its worker ended with status {status}\n{complaint}".strip()
        self._blame(worker, reason, detail, waiting, answers)

    def _blame(
        self,
        worker: "_Worker",
        reason: str,
        detail: str,
        waiting: deque[_Job],
        answers: dict[int, Article | Rejection],
    ) -> None:
        """The page at work is rejected; those that waited behind it go to another worker."""
        if worker.jobs:
            job = worker.finish()
            answers[job.number] = frames.failure(job.record_id, job.url, job.run_id, reason, detail)
        self._retire(worker, waiting)

    def _retire(self, worker: "_Worker", waiting: deque[_Job]) -> None:
        waiting.extendleft(reversed(worker.jobs))
        self._stop(worker)

    # ---------------------------------------------------------------------------------- processes

    def _start(self, worker: "_Worker") -> None:
        worker.start(self._orders)
        self._selector.register(worker.stdout, selectors.EVENT_READ, worker)

    def _watch(self, worker: "_Worker") -> None:
        """Wait for room in the pipe only while there is something to write."""
        if worker.process and worker.unsent and worker.stdin not in self._selector.get_map():
            self._selector.register(worker.stdin, selectors.EVENT_WRITE, worker)
        elif worker.process and not worker.unsent and worker.stdin in self._selector.get_map():
            self._selector.unregister(worker.stdin)

    def _unwatch(self, worker: "_Worker") -> None:
        """To be done while the pipes are open: of a closed one nobody knows what it was."""
        for pipe in (worker.stdin, worker.stdout):
            if not pipe.closed and pipe in self._selector.get_map():
                self._selector.unregister(pipe)

    def _stop(self, worker: "_Worker") -> None:
        if worker.process:
            self._unwatch(worker)
            worker.end(0.0)
            worker.clear()


class _Worker:
    """One process, its pipes, and the pages it has been given."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.clear()

    def clear(self) -> None:
        """As before any process."""
        self.process = None
        self.ready = False
        self.started = 0.0
        self.jobs: deque[_Job] = deque()
        self.unsent = bytearray()
        self._received = bytearray()
        self._complaints: IO[bytes] | None = None

    def start(self, orders: bytes) -> None:
        """A fresh process, which is told its orders first."""
        self.clear()
        root = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH", "")) if p)
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self.process = subprocess.Popen(
            # -P: a file of the user's folder must not pass for a module of ours.
            [sys.executable, "-P", "-m", "corpus.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env={**os.environ, "PYTHONPATH": path},
            bufsize=0,
            # Ctrl-C in the terminal is for the parent, which ends its workers itself.
            process_group=0,
        )
        os.set_blocking(self.stdin.fileno(), False)
        os.set_blocking(self.stdout.fileno(), False)
        self.started = time.monotonic()
        self._queue(orders)

    @property
    def stdin(self) -> IO[bytes]:
        """The pipe to the process."""
        assert self.process is not None
        assert self.process.stdin is not None
        return self.process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """The pipe from the process."""
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout

    def give(self, job: _Job) -> None:
        """One more page to answer."""
        if not self.jobs and self.ready:
            self.started = time.monotonic()
        self.jobs.append(job)
        self._queue(job.frame)

    def finish(self) -> _Job:
        """The page at work is done with; the next one's time begins."""
        self.started = time.monotonic()
        return self.jobs.popleft()

    def deadline(self, time_limit: float) -> float:
        """When the page at work, or the process's start, has taken too long.

        An answer on its way means that the page is done: then nothing is too late.
        """
        if self._received:
            return float("inf")
        return self.started + (time_limit if self.ready else _START_SECONDS)

    def _queue(self, content: bytes) -> None:
        self.unsent += frames.LENGTH.pack(len(content)) + content

    def write(self) -> None:
        """As much as the pipe takes. A process that is gone shows when its answers are read."""
        try:
            del self.unsent[: os.write(self.stdin.fileno(), memoryview(self.unsent)[:_READ])]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self.unsent.clear()

    def read(self) -> bool:
        """What has come; False at the end of the process's output."""
        try:
            received = os.read(self.stdout.fileno(), _READ)
        except BlockingIOError:
            return True
        self._received += received
        return bool(received)

    def next_frame(self) -> bytes | None:
        """The next whole frame among what has come."""
        head = frames.LENGTH.size
        if len(self._received) < head:
            return None
        (size,) = frames.LENGTH.unpack(self._received[:head])
        if len(self._received) < head + size:
            return None
        frame = bytes(self._received[head : head + size])
        del self._received[: head + size]
        return frame

    def end(self, patience: float) -> tuple[int, str]:
        """End the process after `patience` seconds: its exit status, and its last words."""
        assert self.process is not None
        if not self.stdin.closed:
            self.stdin.close()
        try:
            status = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.stdout.close()
        return status, self._last_words()

    def _last_words(self) -> str:
        if self._complaints is None:
            return ""
        with self._complaints as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 2000))
            words = file.read().decode(errors="replace")
        self._complaints = None
        return words.strip()


def _job(number: int, page: Page | TextPage | Capture) -> _Job:
    content = msgspec.msgpack.encode(page)
    if isinstance(page, Capture):
        return _Job(number, frames.CAPTURE + content, page.id, page.final_url, page.run_id)
    kind = frames.TEXT if isinstance(page, TextPage) else frames.PAGE
    return _Job(number, kind + content, page.capture_id, page.final_url, page.run_id)


def _answer(kind: bytes, content: bytes) -> Article | Rejection:
    if kind == frames.REJECTION:
        return msgspec.msgpack.decode(content, type=Rejection)
    return msgspec.msgpack.decode(content, type=Article)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
