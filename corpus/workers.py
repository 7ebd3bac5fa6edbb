"""Extraction in worker processes, each page under a limit of time and memory.

In: pages or captures, any number, and the profiles to read them with; lessons and checks of profiles.
Out: an answer for each, in the input's order. A page that hangs, explodes or kills its worker is a
`Rejection`, a lesson a complaint; the worker is replaced and the rest goes on. Memory does not grow
with the input.
"""

import os
import selectors
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from hashlib import sha256
from typing import Self, TypeVar

import msgspec

from corpus import frames
from corpus.answered import KEY, key_of
from corpus.child import START_SECONDS, Answer, Child, Job
from corpus.config import CorpusSettings
from corpus.errors import RuleError
from corpus.pages import Page, TextPage
from corpus.records import Article, Rejection
from corpus.stages import EXTRACT
from corpus.workbook import Workbook
from crawler.records import Capture

# Pages given to a worker at once: one at work, one waiting, so that it never waits for us.
_DEPTH = 2
# Pages between the oldest unanswered and the newest read, a worker: a slow page holds up only its
# place in the order, not the other workers.
_WINDOW = 16
_STOP_SECONDS = 5.0
_LONGEST_WAIT = 60.0
# A step of a lesson reads a page with two extractors, or learns from all of them.
_STEP = 2

A = TypeVar("A", bound=Answer)

ProfileOf = Callable[[str], frames.Packed | None]
"""The profile that a page of this URL is to be read with."""


class ExtractPool:
    """Worker processes that extract pages; a context manager, since they must be ended.

    `time_limit` is seconds of computing a page (by the clock `frames.PATIENCE` times as many),
    `memory_limit` bytes of address space a worker; `files` holds the texts of "boilerplate.toml",
    "agencies.toml", "votes.toml" and "urls.toml". What extractors answer to captures, and what comes of
    lessons and checks, is kept in the `workbook` and looked up there; `lessons_digest` is that of the rules
    that the latter depend on. `pages_asked` counts the pages that extractors were asked for and could be
    kept.
    """

    def __init__(
        self,
        workers: int,
        time_limit: float,
        memory_limit: int,
        *,
        files: Mapping[str, str],
        min_words: int,
        workbook: Workbook | None = None,
        lessons_digest: str = "",
    ) -> None:
        keeps = workbook is not None
        self._orders = frames.Orders(dict(files), min_words, memory_limit, time_limit, keeps)
        self._workbook = workbook
        self._lessons_digest = lessons_digest.encode()
        self.pages_asked = 0
        self._time_limit = time_limit
        self._workers = [Child() for _ in range(workers or _cores())]
        self._selector = selectors.DefaultSelector()

    @classmethod
    def of(
        cls,
        settings: CorpusSettings,
        files: Mapping[str, str],
        workbook: Workbook | None = None,
        lessons_digest: str = "",
    ) -> Self:
        """A pool with the limits of the `[corpus]` table."""
        return cls(
            settings.workers,
            settings.page_seconds,
            settings.page_megabytes << 20,
            files=files,
            min_words=settings.min_words,
            workbook=workbook,
            lessons_digest=lessons_digest,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every worker, at once and for good."""
        for worker in self._workers:
            self._stop(worker)
        self._selector.close()

    def map(
        self,
        pages: Iterable[Page | TextPage | Capture | Rejection],
        profile_of: ProfileOf = lambda _: None,
    ) -> Iterator[Article | Rejection]:
        """The answer to each page in the pages' order; rejections among them pass unchanged."""
        jobs = (
            page if isinstance(page, Rejection) else self._page_job(number, page, profile_of)
            for number, page in enumerate(pages)
        )
        return _of_kind(self._answers(jobs), Article, Rejection)

    def learn(self, lessons: Iterable[frames.Lesson]) -> Iterator[frames.Learned]:
        """What came of each lesson, in their order. It has the page's limit of time for each step."""
        jobs = (
            self._study_job(number, frames.LESSON, lesson, frames.Learned)
            for number, lesson in enumerate(lessons)
        )
        return _of_kind(self._answers(jobs), frames.Learned)

    def check(self, checks: Iterable[frames.Check]) -> Iterator[frames.Checked]:
        """What came of each check, in their order."""
        jobs = (
            self._study_job(number, frames.CHECK, check, frames.Checked)
            for number, check in enumerate(checks)
        )
        return _of_kind(self._answers(jobs), frames.Checked)

    def frame_of(self, page: Page | TextPage | Capture, profile_id: str = "") -> bytes:
        """The frame that asks for this page, with what is kept of it."""
        kept = b""
        if self._workbook and isinstance(page, Capture) and (key := key_of(page)):
            kept = self._workbook.get(key)
        return frames.page_frame(page, profile_id, kept)

    def _page_job(self, number: int, page: Page | TextPage | Capture, profile_of: ProfileOf) -> Job:
        profile = profile_of(page.final_url)
        frame = self.frame_of(page, profile.id if profile else "")
        return Job(
            number, frame, self._time_limit, partial(frames.failure, frame, EXTRACT), profile
        )

    def _study_job(
        self,
        number: int,
        kind: bytes,
        study: frames.Lesson | frames.Check,
        record: type[frames.Learned] | type[frames.Checked],
    ) -> Job | Answer:
        def failed(reason: str, detail: str) -> Answer:
            return record(complaint=f"{reason}: {detail}")

        key = of = b""
        if self._workbook:
            key, whole = frames.study_digest(study)
            of = sha256(whole + self._lessons_digest).digest()
            kept = self._workbook.get(key)
            if kept.startswith(of):
                return frames.answer_of(kept[len(of) :])
        frame = kind + msgspec.msgpack.encode(study)
        return Job(number, frame, _STEP * self._time_limit, failed, None, key, of)

    def _keep(self, job: Job, frame: bytes, answer: Answer) -> None:
        """Keep what came of a lesson or check, unless it was broken off."""
        done = isinstance(answer, frames.Learned) and answer.pages
        done = done or (isinstance(answer, frames.Checked) and not answer.complaint)
        if self._workbook and job.key and done:
            self._workbook.put(job.key, job.of + frame)

    def _answers(self, jobs: Iterable[Job | Answer]) -> Generator[Answer, None, None]:
        """The answers in the order of the jobs."""
        source = iter(jobs)
        waiting: deque[Job] = deque()
        answers: dict[int, Answer] = {}
        read = given = 0
        ended = False
        try:
            while True:
                while not ended and read - given < _WINDOW * len(self._workers):
                    if len(waiting) >= _DEPTH * len(self._workers):
                        break
                    job = next(source, None)
                    if job is None:
                        ended = True
                    elif isinstance(job, Job):
                        waiting.append(job)
                        read += 1
                    else:
                        answers[read] = job
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

    def _hand_out(self, waiting: deque[Job]) -> None:
        for depth in range(1, _DEPTH + 1):
            for worker in self._workers:
                if waiting and len(worker.jobs) < depth:
                    if not worker.process:
                        self._start(worker)
                    worker.give(waiting.popleft())
                    self._watch(worker)

    def _turn(self, waiting: deque[Job], answers: dict[int, Answer]) -> None:
        """Move bytes until something happened or the next limit is near."""
        self._hand_out(waiting)
        now = time.monotonic()
        limits = [w.deadline() for w in self._workers if w.jobs]
        wait = min(max(0.0, min(limits) - now), _LONGEST_WAIT) if limits else 0.0
        for selected, events in self._selector.select(wait):
            worker: Child = selected.data
            # One process has two pipes here: its end, seen on one, must not be met again on the other.
            if events & selectors.EVENT_WRITE and worker.process:
                worker.write()
            if events & selectors.EVENT_READ and worker.process:
                self._read(worker, waiting, answers)
            if worker.process:
                self._watch(worker)
        for worker in self._workers:
            if worker.jobs and worker.is_overdue():
                self._overdue(worker, waiting, answers)

    def _read(self, worker: Child, waiting: deque[Job], answers: dict[int, Answer]) -> None:
        if not worker.read():
            self._died(worker, waiting, answers)
            return
        while (frame := worker.next_frame()) is not None:
            kind = frame[:1]
            if kind == frames.READY:
                worker.ready = True
                worker.alive()
            elif kind == frames.TICK:
                worker.alive()
            elif kind == frames.KEPT:
                self.pages_asked += 1
                if self._workbook:
                    self._workbook.put(frame[1 : 1 + KEY], frame[1 + KEY :])
            elif kind == frames.REFUSED:
                raise RuleError(frame[1:].decode())
            else:
                answer = frames.answer_of(frame)
                job = worker.finish()
                answers[job.number] = answer
                self._keep(job, frame, answer)
                if _out_of_memory(answer):
                    # Whatever is left of its memory, a fresh process has more.
                    self._retire(worker, waiting)
                    return

    def _overdue(self, worker: Child, waiting: deque[Job], answers: dict[int, Answer]) -> None:
        if not worker.ready:
            raise RuntimeError(f"a worker did not start within {START_SECONDS:.0f} s")
        detail = f"took longer than {worker.jobs[0].seconds:g} s; its worker was ended"
        self._blame(worker, "time_limit", detail, waiting, answers)

    def _died(self, worker: Child, waiting: deque[Job], answers: dict[int, Answer]) -> None:
        self._unwatch(worker)
        status, complaint = worker.end(_STOP_SECONDS)
        if not worker.ready:
            raise RuntimeError(f"a worker ended with status {status} at its start:\n{complaint}")
        reason = "memory_limit" if "MemoryError" in complaint else "crashed"
        detail = f"its worker ended with status {status}\n{complaint}".strip()
        self._blame(worker, reason, detail, waiting, answers)

    def _blame(
        self,
        worker: Child,
        reason: str,
        detail: str,
        waiting: deque[Job],
        answers: dict[int, Answer],
    ) -> None:
        """The job at work has failed; those that waited behind it go to another worker."""
        if worker.jobs:
            job = worker.finish()
            answers[job.number] = job.failed(reason, detail)
        self._retire(worker, waiting)

    def _retire(self, worker: Child, waiting: deque[Job]) -> None:
        waiting.extendleft(reversed(worker.jobs))
        self._stop(worker)

    # ---------------------------------------------------------------------------------- processes

    def _start(self, worker: Child) -> None:
        worker.start(msgspec.msgpack.encode(self._orders))
        # The first one proves the rules; the others need not do so again.
        self._orders = msgspec.structs.replace(self._orders, proven=True)
        self._selector.register(worker.stdout, selectors.EVENT_READ, worker)

    def _watch(self, worker: Child) -> None:
        """Wait for room in the pipe only while there is something to write."""
        if worker.process and worker.unsent and worker.stdin not in self._selector.get_map():
            self._selector.register(worker.stdin, selectors.EVENT_WRITE, worker)
        elif worker.process and not worker.unsent and worker.stdin in self._selector.get_map():
            self._selector.unregister(worker.stdin)

    def _unwatch(self, worker: Child) -> None:
        """To be done while the pipes are open: of a closed one nobody knows what it was."""
        for pipe in (worker.stdin, worker.stdout):
            if not pipe.closed and pipe in self._selector.get_map():
                self._selector.unregister(pipe)

    def _stop(self, worker: Child) -> None:
        if worker.process:
            self._unwatch(worker)
            worker.end(0.0)
            worker.clear()


def _of_kind(answers: Generator[Answer, None, None], *kinds: type[A]) -> Iterator[A]:
    """The answers; each kind of job has its own kinds. Whoever leaves off here ends the work, too."""
    with closing(answers):
        for answer in answers:
            assert isinstance(answer, kinds)
            yield answer


def _out_of_memory(answer: Answer) -> bool:
    if isinstance(answer, Rejection):
        return answer.reason == "memory_limit"
    return not isinstance(answer, Article) and answer.complaint.startswith("memory_limit")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
