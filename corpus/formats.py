"""Tables on disk: rows of records as Parquet.

In: `MemberRow` records, or the columns of `PairRow`. Out: one Parquet file, written to a temporary name
and renamed. The same rows give the same bytes within one pyarrow version. pyarrow is imported where it
is used.
"""

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from corpus.errors import DiskFull
from crawler.records import Record

R = TypeVar("R", bound=Record)

_ROWS_AT_ONCE = 50_000


def write_parquet(path: Path, rows: Iterable[Record], record: type[Record]) -> int:
    """Write the rows, all of type `record`, to `path`; the number of rows. All of them or no file."""
    names = record.__struct_fields__
    columns = (
        [[getattr(row, name) for row in batch] for name in names] for batch in _batches(rows)
    )
    return write_columns(path, columns, record)


def write_columns(
    path: Path, batches: Iterable[Sequence[Sequence[object]]], record: type[Record]
) -> int:
    """Write batches of the columns of `record` to `path`; the number of rows. All or no file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema(record)
    count = 0
    temporary = path.with_name(f".{path.name}.partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with pq.ParquetWriter(temporary, schema, compression="zstd", store_schema=False) as writer:
            for columns in batches:
                arrays = [
                    pa.array(column, field.type)
                    for column, field in zip(columns, schema, strict=True)
                ]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
                count += len(columns[0])
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"{path}: the disk is full; make room and run again") from None
        raise
    finally:
        temporary.unlink(missing_ok=True)
    return count


def _schema(record: type[Record]) -> Any:
    import pyarrow as pa

    kinds = {
        str: (pa.string(), False),
        str | None: (pa.string(), True),
        int: (pa.int64(), False),
        float: (pa.float64(), False),
        bool: (pa.bool_(), False),
    }
    hints = get_type_hints(record)
    fields = [(name, *kinds[hints[name]]) for name in record.__struct_fields__]
    return pa.schema([pa.field(name, kind, nullable=null) for name, kind, null in fields])


def _batches(rows: Iterable[R]) -> Iterator[list[R]]:
    source = iter(rows)
    while batch := list(islice(source, _ROWS_AT_ONCE)):
        yield batch
