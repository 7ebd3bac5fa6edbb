"""A text's rows: what clustering keeps of an article version, once, whatever else there is.

In: documents, a batch at a time. Out: columns for the table of documents: hashes of the text, and of
what else the plan looks at without reading the document again. Furniture is still in them.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from corpus.documents import Document, day_of, moment_of
from corpus.packed import packed
from corpus.rows import Index, Rows, owners, taken
from corpus.tables import Column, Layout, Table, text_of, text_rows
from corpus.text import Normaliser, NormaliserSettings

BATCH_CHARACTERS = 1 << 20
"""Texts that are hashed at a time."""

GRAM_MARKS = ("plain",)
"""Arrays of `corpus.text.Shingles` with a value for each of its 5-grams."""

DOCUMENTS: Layout = {
    "shard": Column("u8"),  # of the shard that it came from
    "key": Column("u8"),  # of the id and the version
    "text": Column("u8"),  # of the text as it stands
    "page": Column("u8"),
    "site": Column("u8"),  # 0: unknown
    "day": Column("f8"),  # of publication, NaN where unknown
    "seen": Column("f8"),  # -inf where unknown
    "version": Column("i8"),
    "credited": Column("u1"),
    "digest": Column("u8"),
    "id": Column("u1", ragged=True),
    "record": Column("u1", ragged=True),  # the document without its text
    "packed": Column("u1", ragged=True),  # its text
    "grams": Column("u4", ragged=True),
    "plain": Column("?", beside="grams"),
    "names": Column("u4", ragged=True),
    "name_grams": Column("u4", beside="names"),
    "lead": Column("u4", ragged=True),
}

Columns = Mapping[str, NDArray[Any] | Rows]


def batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """The documents in batches of about the same length."""
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.text) + 200
        if size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class Signer:
    """Documents to columns; holds the hashes of the words it has met."""

    def __init__(self, settings: NormaliserSettings) -> None:
        self._settings = settings
        self._normaliser: Normaliser | None = None

    def __reduce__(self) -> tuple[type["Signer"], tuple[NormaliserSettings]]:
        return Signer, (self._settings,)

    def __call__(self, documents: list[Document]) -> Columns:
        """The columns of a batch, all but the shard's."""
        self._normaliser = self._normaliser or Normaliser(self._settings)
        found = self._normaliser.shingles_of([d.text for d in documents])
        hashed = {name: values for name, values in found._asdict().items() if name in DOCUMENTS}
        return hashed | _described(documents)


def _described(documents: list[Document]) -> dict[str, NDArray[Any] | Rows]:
    return {
        "key": np.array([key_of(d.article_id, d.version) for d in documents], np.uint64),
        "text": _digests(d.text for d in documents),
        "page": _digests(d.article_id for d in documents),
        "site": _digests(d.host for d in documents),
        "day": np.array([day_of(d.published_at, d.seen_at) for d in documents], np.float64),
        "seen": np.array([_seen(d.seen_at) for d in documents], np.float64),
        "version": np.array([d.version for d in documents], np.int64),
        "credited": np.array([bool(d.agencies) for d in documents], np.uint8),
        "id": text_rows([d.article_id.encode("utf-8", "surrogatepass") for d in documents]),
        "packed": text_rows([packed(d.text) for d in documents]),
        "record": text_rows(
            [_encoder.encode(msgspec.structs.replace(d, text="")) for d in documents]
        ),
    }


def by_key(documents: Table, rows: Index) -> Index:
    """The rows of the table of documents in the order of (article_id, version, seen, text)."""
    held = documents.ragged("id")
    lengths = held.starts[rows + 1] - held.starts[rows]
    rest = [documents.column(name)[rows] for name in ("text", "seen", "version")]
    longest = int(lengths.max(initial=0))
    if longest > _LONG_ID:
        names = [text_of(held, row) for row in rows.tolist()]
        keys = list(zip(names, *(column.tolist() for column in reversed(rest)), strict=True))
        return rows[np.array(sorted(range(len(rows)), key=keys.__getitem__), np.int64)]
    numbers = _as_numbers(held, rows, longest)
    order = np.lexsort(numbers[::-1])
    ordered = numbers[:, order]
    if (ordered[:, 1:] == ordered[:, :-1]).all(axis=0).any():
        # Of equal numbers the shorter id comes first.
        order = np.lexsort((*rest, lengths, *numbers[::-1]))
    return rows[order]


def _as_numbers(ids: Rows, rows: Index, longest: int) -> NDArray[np.uint64]:
    """Ids, padded with zeros, as numbers of eight bytes, which sort as they do; the first bytes first."""
    padded = np.zeros((len(rows), 8 * max(1, -(-longest // 8))), np.uint8)
    for begin in range(0, len(rows), _IDS_AT_ONCE):
        some = taken(ids, rows[begin : begin + _IDS_AT_ONCE])
        owner = owners(some.starts)
        padded[begin + owner, np.arange(len(some.values)) - some.starts[owner]] = some.values
    return padded.view(">u8").astype(np.uint64).T


_LONG_ID = 128  # bytes
_IDS_AT_ONCE = 5_000

_encoder = msgspec.msgpack.Encoder()


def _seen(moment: str) -> float:
    seen = moment_of(moment)
    return -math.inf if math.isnan(seen) else seen


def _digests(texts: Iterable[str]) -> NDArray[np.uint64]:
    """A 64-bit number for each text, 0 for the empty one."""
    return np.array([digest_of(text) for text in texts], np.uint64)


def key_of(article_id: str, version: int) -> int:
    """A 64-bit number that stands for a version of an article."""
    return digest_of(f"{article_id}\n{version}")


def digest_of(text: str) -> int:
    """A 64-bit number that stands for the text, 0 for the empty one."""
    if not text:
        return 0
    raw = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(raw, "little") or 1
