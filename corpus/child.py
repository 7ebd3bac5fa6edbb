"""One worker process, its pipes, and the work it has been given.

In: frames to write, as far as its pipe takes them; out: the frames that came. Which work it is given and
what its answers mean is `corpus.workers`' affair. A job's time is what its process computes, so that a page
is answered alike on a machine that has much else to do; only one that hardly gets on is ended by the clock.
"""

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from corpus import frames
from corpus.records import Article, Rejection

Answer = Article | Rejection | frames.Learned | frames.Checked

START_SECONDS = 120.0
_READ = 1 << 18


class Job(NamedTuple):
    """A frame on its way to a worker: `seconds` of computing without a sign of life, and it has failed.

    `profile` is what the page is to be read with; `failed` is the answer where there is none, by a
    reason in a word and by what is known of it. `key` is what the answer is to be kept under, with the
    digest `of` what it is the answer to.
    """

    number: int
    frame: bytes
    seconds: float
    failed: Callable[[str, str], Answer]
    profile: frames.Packed | None = None
    key: bytes = b""
    of: bytes = b""


class Child:
    """A process of `corpus.worker`; none before `start`, and none after `clear`."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.clear()

    def clear(self) -> None:
        """As before any process."""
        self.process = None
        self.ready = False
        self._clock: int | None = None
        self._started = self._next_look = self._computed = 0.0
        self.jobs: deque[Job] = deque()
        self.unsent = bytearray()
        self._profiles: OrderedDict[str, None] = OrderedDict()
        self._received = bytearray()
        self._complaints: IO[bytes] | None = None

    def start(self, orders: bytes) -> None:
        """A fresh process, which is told its orders first."""
        self.clear()
        root = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH", "")) if p)
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  closed with the process
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
        self._clock = _clock_of(self.process.pid)
        self.alive()
        self._queue(orders)

    def alive(self) -> None:
        """The process gave a sign of life: what is at work there has all its time before it."""
        self._started = self._next_look = time.monotonic()
        self._computed = self._seconds_computed()

    def _seconds_computed(self) -> float:
        """What the process has computed in all; where no clock tells (it is gone), it never waited."""
        try:
            return time.monotonic() if self._clock is None else time.clock_gettime(self._clock)
        except OSError:
            return time.monotonic()

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

    def give(self, job: Job) -> None:
        """One more frame to answer; before it the profile that it needs, if that is not at hand there."""
        if not self.jobs and self.ready:
            self.alive()
        self.jobs.append(job)
        if job.profile:
            self._at_hand(job.profile)
        self._queue(job.frame)

    def _at_hand(self, profile: frames.Packed) -> None:
        """The worker keeps the profiles used last, by the same count as here."""
        if profile.id in self._profiles:
            self._profiles.move_to_end(profile.id)
            return
        self._queue(frames.PROFILE + msgspec.msgpack.encode(profile))
        self._profiles[profile.id] = None
        if len(self._profiles) > frames.KEPT_PROFILES:
            self._profiles.popitem(last=False)

    def finish(self) -> Job:
        """The job at work is done with; the next one's time begins."""
        self.alive()
        return self.jobs.popleft()

    def deadline(self) -> float:
        """When it is to be seen whether the job at work, or the process's start, has taken too long.

        An answer on its way means that the job is done: then nothing is too late.
        """
        if self._received:
            return float("inf")
        return self._next_look + (self.jobs[0].seconds if self.ready else START_SECONDS)

    def is_overdue(self) -> bool:
        """Whether it has; where it was left without a processor for a while, it may go on for that long."""
        now = time.monotonic()
        if now < self.deadline():
            return False
        if not self.ready:
            return True
        limit = self.jobs[0].seconds
        computed = self._seconds_computed() - self._computed
        if computed >= limit - _NEAR or now - self._started >= frames.PATIENCE * limit:
            return True
        self._next_look = now - computed
        return False

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


_NEAR = 0.1


def _clock_of(pid: int) -> int | None:
    """The clock of what a process computes (POSIX `clock_getcpuclockid`), where the system has one."""
    ask = getattr(ctypes.CDLL(None), "clock_getcpuclockid", None)
    clock = ctypes.c_int()
    return clock.value if ask is not None and ask(pid, ctypes.byref(clock)) == 0 else None
