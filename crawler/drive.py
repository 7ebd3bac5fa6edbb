"""The loop between the frontier and the network: it asks, does, and says how it went.

In: a frontier, what fetches, what takes an outcome in, what sees to URLs that ended. Out: why it ended.
What to ask for and when is the frontier's decision, what to keep the taker's.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable

from crawler.frontier import Frontier
from crawler.records import Fetch, Outcome
from crawler.steps import Done, Wait

GRACE_SECONDS = 8.0
"""In-flight requests get this long to end once a stop is asked for."""


_BUSY_SECONDS = 0.02
# A short answer takes three: it is received, read and parsed, and noted to have ended.
_ROUNDS = 4


class SteadyClock:
    """Unix seconds that never step back, whatever is done to the machine's clock meanwhile."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def __call__(self) -> float:
        """Now."""
        return self._offset + time.monotonic()


class Driver:
    """Does what a frontier asks. `take` gets each outcome; what it raises ends the drive.

    `settle` is called where URLs ended that no request was needed for (robots.txt refuses them, say):
    it drains the frontier, and may add to it what a source waited for.
    """

    def __init__(
        self,
        frontier: Frontier,
        fetch: Callable[[Fetch], Awaitable[Outcome]],
        take: Callable[[Outcome], None],
        settle: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self._frontier = frontier
        self._fetch = fetch
        self._take = take
        self._settle = settle
        self._clock = clock
        self._tasks: set[asyncio.Task[Outcome]] = set()
        self._ended: deque[asyncio.Task[Outcome]] = deque()
        self._wake = asyncio.Event()
        self._given_up = False

    async def run(self) -> Done:
        """Go on until the frontier is done; no request outlives this."""
        try:
            while not self._given_up:
                await self._take_all()
                step = self._frontier.next(self._clock())
                if self._frontier.has_settled:
                    self._settle()
                    if not isinstance(step, Fetch):
                        continue
                match step:
                    case Fetch() as fetch:
                        self._begin(fetch)
                    case Wait(until=until):
                        await self._rest(until)
                    case Done() as done:
                        return done
            return Done("stopped")
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def sent(self, fetch: Fetch, at: float) -> None:
        """Take that a request is on its way; others may have waited to know."""
        self._frontier.sent(fetch, at)
        self._wake.set()

    def stop(self) -> None:
        """Start nothing more, and wait only so long for what is in flight."""
        self._frontier.stop()
        asyncio.get_running_loop().call_later(GRACE_SECONDS, self._give_up)
        self._wake.set()

    def _give_up(self) -> None:
        self._given_up = True
        self._wake.set()

    def _begin(self, fetch: Fetch) -> None:
        task = asyncio.ensure_future(self._fetch(fetch))
        self._tasks.add(task)
        task.add_done_callback(self._note_end)

    def _note_end(self, task: asyncio.Task[Outcome]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            self._ended.append(task)
        self._wake.set()

    async def _take_all(self) -> None:
        """Take in what ended, and what came in while that kept us busy.

        Otherwise a host with several requests in flight is asked once more though it has said no.
        """
        began = self._clock()
        while self._ended:
            self._take(self._ended.popleft().result())
            if not self._ended and self._clock() - began > _BUSY_SECONDS:
                await self._listen()
                began = self._clock()

    async def _listen(self) -> None:
        """Let answers that lie in the sockets come in."""
        for _ in range(_ROUNDS):
            await asyncio.sleep(0)

    async def _rest(self, until: float) -> None:
        """Wait until then, or until something ends."""
        alarm = None
        if until < math.inf:
            delay = max(0.0, until - self._clock())
            alarm = asyncio.get_running_loop().call_later(delay, self._wake.set)
        await self._wake.wait()
        self._wake.clear()
        if self._clock() > until + _BUSY_SECONDS:
            await self._listen()
        if alarm:
            alarm.cancel()
