"""What cannot be together, told by classes rather than by pairs.

In: marks, a row each: a thing, a line of people's corrections, and the thing's class there. Of one line two
things of different classes cannot be together. Out: whether groups of things are at odds. So a line of n
articles costs n marks, and not half of n² pairs. Nothing is joined here.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from corpus.rows import Index

Bools = NDArray[np.bool_]

NO_MARKS: Index = np.zeros((0, 3), np.int64)

Classes = dict[int, int]
"""A group's class by line."""

_SEVERAL = -1
"""The class of a group that must be together and has things of several classes: at odds with all others."""


def classes(group: Index, marks: Index) -> dict[int, Classes]:
    """The classes of each group that a mark is of; `group` is each thing's."""
    found: dict[int, Classes] = {}
    rows = zip(group[marks[:, 0]].tolist(), marks[:, 1].tolist(), marks[:, 2].tolist(), strict=True)
    for one, line, kind in rows:
        held = found.setdefault(one, {})
        held[line] = kind if held.get(line, kind) == kind else _SEVERAL
    return found


def at_odds(one: Classes, other: Classes) -> bool:
    """Whether two groups cannot be together."""
    if len(one) > len(other):
        one, other = other, one
    return any(
        line in other and (kind == _SEVERAL or other[line] != kind) for line, kind in one.items()
    )


def several(keys: Index, values: Index) -> Bools:
    """For each row whether its key stands with two values or more; keys are not negative."""
    count = int(keys.max(initial=-1)) + 1
    lowest, highest = np.full(count, np.iinfo(np.int64).max), np.full(count, -1)
    np.minimum.at(lowest, keys, values)
    np.maximum.at(highest, keys, values)
    return np.asarray((lowest < highest)[keys], bool)


def numbered(columns: Iterable[Index]) -> Index:
    """A number for each row of the columns, the same for the same values."""
    rows = np.stack(tuple(columns), axis=1)
    _, numbers = np.unique(rows, axis=0, return_inverse=True)
    return numbers.ravel()


def torn(group: Index, must: Index, marks: Index) -> Index:
    """The groups with two things that cannot be together, and need not be; `must` is each thing's part.

    Of a line in which a group has several parts and several classes, two parts differ in class.
    """
    groups = group[marks[:, 0]]
    keys = numbered((groups, marks[:, 1]))
    return np.unique(groups[several(keys, must[marks[:, 0]]) & several(keys, marks[:, 2])])
