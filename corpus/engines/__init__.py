"""Engines: what runs the corpus-wide steps.

The plan (`corpus.plan`) is written once, against the verbs below; its steps are pure functions from
columns to columns, and rows of plain columns are all that stands between two of them. So another
engine can run the same steps over partitions of its own, in a DataFrame program.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from corpus.errors import RuleError

Part = TypeVar("Part")
Answer = TypeVar("Answer")

ENGINES = ("local", "spark")


class Engine(Protocol):
    """The verbs.

    `each` is a map over partitions, answers in the order of the parts. The function is pure and can
    be pickled, as can parts and answers. Parts are taken as they are needed, a few ahead.
    """

    def each(self, function: Callable[[Part], Answer], parts: Iterable[Part]) -> Iterator[Answer]:
        """The function of each part."""
        ...


def refuse_unbuilt(name: str) -> None:
    """An error for an engine that is known by name only."""
    if name == "spark":
        raise RuleError(
            "--engine spark: comes later; `--engine local` clusters a million articles on two cores"
        )
