"""Whether a pattern takes time without end on a long line.

In: how a pattern is asked, and a line that it finds. Out: a line on which it is slow, if there is one.
Such a line is made of the one that matches: a piece of it stands there many times over, and then what
spoils the match. The limit is CPU time of this process, a hundred times what a sound pattern takes.
"""

import signal
from collections.abc import Callable, Iterator

LIMIT = 0.25
"""Seconds of CPU time."""
_SPOILED = "\x00"


class _TooLong(Exception):
    pass


def slow_line(ask: Callable[[str], object], line: str, longest: int, limit: float = LIMIT) -> str:
    """The line of so many characters on which to ask takes longer than the limit; "" if none is."""
    return next((long for long in _long_lines(line, longest) if _slow(ask, long, limit)), "")


def _long_lines(line: str, longest: int) -> Iterator[str]:
    """Lines that a pattern must try in many ways before it gives up."""
    for piece in sorted({*(f"{word} " for word in line.split()), *line} - {" "}):
        many = piece * (longest // len(piece))
        yield many + _SPOILED
        yield f"{line[: len(line) // 2]}{many}{_SPOILED}"
        yield f"{line} {many}{_SPOILED}"


def _slow(ask: Callable[[str], object], line: str, limit: float) -> bool:
    def stop(*_: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        ask(line)
    except _TooLong:
        return True
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return False
