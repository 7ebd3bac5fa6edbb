"""One set of articles, clustered in several ways: `python -m tests.bench.equality`.

In: ../shared/data/clusters. Out, on standard output: a digest of each article's id, cluster and story for
all at once, in another order, by one process and by two, and day by day into a kept index, with the time
that each took. Equal digests are what is promised; a line says so. Asserts nothing.
"""

import gzip
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby
from pathlib import Path

import msgspec
import numpy as np

from corpus.clustering import add_documents, open_tables
from corpus.documents import document_of_line
from corpus.engines.local import LocalEngine
from corpus.plan import cluster_rows, work_on
from corpus.records import TextLine
from corpus.snapshot import cluster_lines
from tests.bench.labelled import SETTINGS, WINDOW

CLUSTERS = Path(__file__).parents[3] / "shared" / "data" / "clusters"
BATCH = 100  # articles added at a time where there are no days


def main() -> None:
    """All sets."""
    for name in ("sim-dev", "fnc1-dev"):
        with gzip.open(CLUSTERS / f"{name}.jsonl.gz") as file:
            lines = list(file)
        said = {
            "all at once": _digest([lines]),
            "one process": _digest([lines], "--workers", "1"),
            "two processes": _by_others(lines),
            "in another order": _digest([random.Random(1).sample(lines, len(lines))]),
        }
        with tempfile.TemporaryDirectory() as folder:
            said["day by day"] = _digest(_days(lines), "--index", folder)
        equal = "equal" if len({digest for digest, _ in said.values()}) == 1 else "DIFFERENT"
        print(f"equality {name}: {equal}")
        for how, (digest, seconds) in said.items():
            print(f"  {how:<17} {digest[:16]}  {seconds:.1f} s")


def _by_others(lines: Sequence[bytes]) -> tuple[str, float]:
    """The same with all parts of the work given to two processes, from the first on."""
    decoder = msgspec.json.Decoder(TextLine)
    started = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_tables(SETTINGS, Path(folder), durable=False) as tables,
        LocalEngine(2, here_first=0) as engine,
    ):
        documents = (document_of_line(decoder.decode(line)) for line in lines)
        add_documents(tables, documents, 0, SETTINGS, engine)
        work = work_on(tables, np.arange(len(lines)), SETTINGS, WINDOW, engine)
        found = chain.from_iterable(cluster_lines(cluster_rows(work)))
        rows = list(map(msgspec.to_builtins, found))
        return _digest_of(rows), time.perf_counter() - started


def _digest_of(rows: Iterable[Mapping[str, str]]) -> str:
    placed = sorted((row["id"], row["cluster_id"], row["story_id"]) for row in rows)
    return hashlib.sha256(json.dumps(placed).encode()).hexdigest()


def _days(lines: Sequence[bytes]) -> list[list[bytes]]:
    """The lines by day of publication; where there is none, so many at a time."""
    dated = [(str(json.loads(line).get("published") or "")[:10], line) for line in lines]
    if any(day for day, _ in dated):
        dated.sort(key=lambda row: row[0])
        return [[line for _, line in rows] for _, rows in groupby(dated, key=lambda row: row[0])]
    return [list(lines[n : n + BATCH]) for n in range(0, len(lines), BATCH)]


def _digest(days: Sequence[Sequence[bytes]], *options: str) -> tuple[str, float]:
    """A digest of where the articles ended after the last day, and the seconds of all days."""
    command = [sys.executable, "-m", "corpus.cli", "cluster", "-", "--quiet", *options]
    started, answer = time.perf_counter(), b""
    for day in days:
        answer = subprocess.run(
            command, input=b"".join(day), check=True, capture_output=True
        ).stdout
    took = time.perf_counter() - started
    return _digest_of(map(json.loads, answer.splitlines())), took


if __name__ == "__main__":
    main()
