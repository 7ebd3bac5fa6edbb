"""The engine of one machine: NumPy in this process, and a pool of others once there is work for them.

In: functions and their parts. Out: answers in the order of the parts. Other processes are started only
after some seconds' worth of parts, since each costs a good part of a second of its own. Nothing that
is known of texts is known here.
"""

import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from itertools import chain
from multiprocessing import get_context
from time import perf_counter
from types import TracebackType
from typing import Any, Self, TypeVar

from corpus.engines.allocating import keep_freed_memory
from corpus.errors import WorkerLost

Part = TypeVar("Part")
Answer = TypeVar("Answer")

HERE_FIRST = 10.0
"""Seconds' worth of parts that are done in this process before others are started."""

_SHARE_OF_PARTS = 4
"""Of the memory that is kept for arrays, other processes keep one part in so many."""


class LocalEngine:
    """A pool of `workers` processes (0: one a core), closed at the end of the block."""

    def __init__(self, workers: int = 0, here_first: float = HERE_FIRST) -> None:
        self.workers = workers or os.cpu_count() or 1
        self._here_first = here_first
        self._busy = 0.0
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        keep_freed_memory()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def each(self, function: Callable[[Part], Answer], parts: Iterable[Part]) -> Iterator[Answer]:
        """The function of each part, in their order."""
        source = iter(parts)
        for part in source:
            if self.workers > 1 and self._busy >= self._here_first:
                source = chain((part,), source)
                break
            started = perf_counter()
            answer = function(part)
            self._busy += perf_counter() - started
            yield answer
        try:
            yield from self._by_others(pickle.dumps(function), source)
        except BrokenProcessPool:
            raise WorkerLost(
                "a process that clusters was killed, as happens where memory runs out; use --workers 1, or"
                " give it more memory"
            ) from None

    def _by_others(self, packed: bytes, source: Iterator[Part]) -> Iterator[Answer]:
        """Answers of other processes, a few parts ahead."""
        ahead: deque[Future[Any]] = deque()
        for part in source:
            self._pool = self._pool or ProcessPoolExecutor(
                self.workers, get_context("spawn"), keep_freed_memory, (_SHARE_OF_PARTS,)
            )
            ahead.append(self._pool.submit(_run, packed, part))
            if len(ahead) > self.workers + 2:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _run(packed: bytes, part: Part) -> Any:
    return _function(packed)(part)


@lru_cache(maxsize=4)
def _function(packed: bytes) -> Callable[[Any], Any]:
    """The function, with what it has learned from earlier parts (hashes of words, open files)."""
    made: Callable[[Any], Any] = pickle.loads(packed)
    return made
