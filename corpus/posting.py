"""Postings of a table's keys: of all, or of those that some texts have.

In: a column of keys, the rows that texts stand in. Out: postings as `corpus.meeting` takes them. To find the
keys of some texts all keys of the column are read once; whose they are is asked of the few that are left.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from corpus.meeting import U32, Bools, Kind, Sampled, postings_of
from corpus.rows import U64, Index, Rows, owners, starts_of, taken
from corpus.tables import OpenTable

_KEYS_AT_ONCE = 1 << 18  # looked through at a time: they stay in the processor's cache


def postings_in(table: OpenTable, at: Index, kind: Kind, who: Bools | None) -> Iterator[U64]:
    """The postings of all keys that some texts have; or those of all keys, of one band after the other."""
    with table.opened() as opened:
        if isinstance(kind, Sampled):
            yield postings_of(*_entries(opened.ragged(kind.column), at, who))
            return
        filled = np.flatnonzero(opened.ragged("grams").lengths[at])
        bands = opened.column(kind.column)[:, kind.bands]
        if who is not None:
            yield _of_bands(bands, at, filled, who)
            return
        keys = bands[at[filled]]
    for column in keys.T:
        yield postings_of(column, filled)


def _entries(keys: Rows, at: Index, who: Bools | None) -> tuple[U32, Index]:
    """The keys of the texts at these rows of a table, each with its text.

    Where some texts are named, of the keys that they have; a few others may be there, too.
    """
    if who is None:
        held = taken(keys, at)
        return held.values, owners(held.starts)
    return _entries_with(taken(keys, at[who]).values, keys, at)


def _entries_with(wanted: U32, keys: Rows, at: Index) -> tuple[U32, Index]:
    """The keys that are wanted, and a few others, of the texts at these rows, each with its text.

    Where a key is there, all texts that have it are.
    """
    text, others = _text_of(at, len(keys.starts) - 1)
    sieve = _Wanted(wanted)
    likely = sieve.among(keys.values)
    text = np.repeat(text, np.diff(np.searchsorted(likely, keys.starts)))
    stands = text >= 0
    more = taken(keys, at[others])
    some = sieve.among(more.values)
    return (
        np.append(keys.values[likely[stands]], more.values[some]),
        np.append(text[stands], others[owners(more.starts)[some]]),
    )


def postings_with(wanted: U32, keys: Rows, at: Index, which: Bools) -> U64:
    """The postings of keys that are wanted, and a few others, of the texts that are marked."""
    values, text = _entries_with(wanted, keys, at)
    some = which[text]
    return postings_of(values[some], text[some])


def _of_bands(bands: U32, at: Index, filled: Index, who: Bools) -> U64:
    """The postings of the bands' keys that some texts have; of all bands, the keys numbered anew.

    A few keys may be there that none of these has.
    """
    width = bands.shape[1]
    text, others = _text_of(at[filled], len(bands))
    row, band = np.divmod(_Wanted(bands[at[filled[who[filled]]]]).among(bands), width)
    stands = text[row] >= 0
    row, band = row[stands], band[stands]
    more = bands[at[filled[others]]]
    band = np.append(band, np.tile(np.arange(width), len(others))).astype(np.uint16)
    keys = np.append(bands[row, band[: len(row)]], more)
    texts = filled[np.append(text[row], np.repeat(others, width))]
    order = np.argsort(band, kind="stable")
    bounds = starts_of(np.bincount(band, minlength=width))
    parts = [order[a:b] for a, b in pairwise(bounds.tolist())]
    postings = np.concatenate([postings_of(keys[part], texts[part])[:-1] for part in parts])
    fresh = np.append(False, postings[1:] >> _SHIFT != postings[:-1] >> _SHIFT)[: len(postings)]
    fresh[bounds[1:-1][bounds[1:-1] < len(fresh)]] = True
    return np.append(np.cumsum(fresh).astype(np.uint64) << _SHIFT | postings & _LOW, ~np.uint64(0))


def _text_of(at: Index, count: int) -> tuple[Index, Index]:
    """The text that stands in each of so many rows, -1 where none does, and the other texts.

    Spells of one text stand in one row: all but the last of them are others.
    """
    text = np.full(count, -1)
    text[at] = np.arange(len(at))
    return text, np.flatnonzero(text[at] != np.arange(len(at)))


_SHIFT, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_MOST_BITS = 24


class _Wanted:
    """Tells keys that are wanted from most others; each column of them by itself."""

    def __init__(self, keys: U32) -> None:
        bits = min(_MOST_BITS, max(10, (16 * len(keys)).bit_length()))
        width = keys.shape[1] if keys.ndim > 1 else 1
        self._columns = np.arange(width, dtype=np.uint32) << np.uint32(bits)
        self._bits = np.uint32(32 - bits)
        self._seen = np.zeros((len(_FACTORS), width << bits), bool)
        for seen, factor in zip(self._seen, _FACTORS, strict=True):
            seen[self._places(keys.reshape(-1, width), factor)] = True

    def among(self, keys: U32) -> Index:
        """Where those that are wanted, and a few others, stand among all, row by row."""
        width, found = len(self._columns), [np.zeros(0, np.int64)]
        at_once = max(1, _KEYS_AT_ONCE // width)
        for begin in range(0, len(keys), at_once):
            block = np.asarray(keys[begin : begin + at_once]).reshape(-1, width)
            likely = np.flatnonzero(self._seen[0][self._places(block, _FACTORS[0])])
            again = block.ravel()[likely] * _FACTORS[1] >> self._bits
            likely = likely[self._seen[1][again + self._columns[likely % width]]]
            found.append(likely + begin * width)
        return np.concatenate(found)

    def _places(self, keys: U32, factor: np.uint32) -> U32:
        """Where the keys are marked: by other bits of them for each factor."""
        places: U32 = (keys * factor >> self._bits) + self._columns
        return places


_FACTORS = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77)
