"""The engine of one machine: NumPy in this process, and in others beside it once there is work for them.

In: functions and their parts. Out: answers in the order of the parts. Other processes are started only
after some seconds' worth of parts, since each costs a good part of a second of its own; this one goes on
taking parts. Nothing that is known of texts is known here.
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

_AHEAD = 8
"""Answers for each other process that wait for an earlier one, at most."""

_SHARE_OF_PARTS = 4
"""Of the memory that is kept for arrays, other processes keep one part in so many."""


class LocalEngine:
    """So many processes, this one among them (0: one a core); the others end with the block."""

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

    def begin(self, loaded: Callable[[], None]) -> None:
        """Start other processes now, where there will be work for them; each runs `loaded` meanwhile."""
        for _ in range(self.workers - 1):
            self._others().submit(loaded)
        self._here_first = 0.0

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
            yield from self._shared(function, source)
        except BrokenProcessPool:
            raise WorkerLost(
                "a process that clusters was killed, as happens where memory runs out; use --workers 1, or"
                " give it more memory"
            ) from None

    def _shared(
        self, function: Callable[[Part], Answer], source: Iterator[Part]
    ) -> Iterator[Answer]:
        """Answers of this process and others, some parts ahead.

        Each of the others has a part, and one to go on with where another one is left for this process.
        A part that stands alone is done here.
        """
        packed, others = pickle.dumps(function), self.workers - 1
        ahead: deque[Future[Answer]] = deque()
        part, more = next(source, _NONE), next(source, _NONE)
        alone = more is _NONE
        while ahead or part is not _NONE:
            busy = sum(not future.done() for future in ahead)
            if ahead and (ahead[0].done() or part is _NONE or len(ahead) > _AHEAD * others):
                yield ahead.popleft().result()
                continue
            if not alone and (busy < others or (busy < 2 * others and more is not _NONE)):
                ahead.append(self._others().submit(_run, packed, part))
            else:
                here: Future[Answer] = Future()
                here.set_result(function(part))
                ahead.append(here)
            part, more = more, next(source, _NONE)

    def _others(self) -> ProcessPoolExecutor:
        self._pool = self._pool or ProcessPoolExecutor(
            self.workers - 1, get_context("spawn"), keep_freed_memory, (_SHARE_OF_PARTS,)
        )
        return self._pool


_NONE: Any = object()


def _run(packed: bytes, part: Part) -> Any:
    return _function(packed)(part)


@lru_cache(maxsize=4)
def _function(packed: bytes) -> Callable[[Any], Any]:
    """The function, with what it has learned from earlier parts (hashes of words, open files)."""
    made: Callable[[Any], Any] = pickle.loads(packed)
    return made
