"""What the frontier is told once, and what it answers when it is asked what to do.

Records only; `crawler.frontier` has the rules.
"""

import math
from typing import Literal

from crawler.records import Record

Reason = Literal["", "max_runtime", "max_pages", "stopped"]
"""Why a run ends before everything that is due was asked for."""


class Manners(Record):
    """What the frontier is told once. `deadline` is unix seconds, delays are seconds."""

    user_agent: str
    delay: float
    per_host: int
    concurrency: int
    max_crawl_delay: float
    max_retry_after: float
    deadline: float = math.inf
    max_pages: float = math.inf
    skip_reserved: bool = False


class Allowance(Record):
    """What a source may take: articles in this run, and its own delay where that is longer."""

    max_pages: int
    delay: float = 0.0


class Wait(Record):
    """Nothing may start before `until`; infinite: not before an outcome is recorded."""

    until: float


class Done(Record):
    """Nothing is left to ask for in this run, or the run has to end."""

    reason: Reason = ""
