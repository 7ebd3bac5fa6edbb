"""One worker process, its pipes, and the work it has been given.

In: frames to write, as far as its pipe takes them; out: the frames that came. Which work it is given and
what its answers mean is `corpus.workers`' affair.
"""

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
    """A frame on its way to a worker: `seconds` without a sign of life, and it has failed.

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
        self.started = 0.0
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

    def give(self, job: Job) -> None:
        """One more frame to answer; before it the profile that it needs, if that is not at hand there."""
        if not self.jobs and self.ready:
            self.started = time.monotonic()
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
        self.started = time.monotonic()
        return self.jobs.popleft()

    def deadline(self) -> float:
        """When the job at work, or the process's start, has taken too long.

        An answer on its way means that the job is done: then nothing is too late.
        """
        if self._received:
            return float("inf")
        return self.started + (self.jobs[0].seconds if self.ready else START_SECONDS)

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
