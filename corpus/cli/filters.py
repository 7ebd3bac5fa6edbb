"""`wirecorpus extract` and `wirecorpus cluster`: the corpus's stages as filters in a pipe.

In: files or standard input. Out: JSON lines on standard output, a summary on standard error, what was
rejected in `--rejections`. No data folder is touched.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from corpus.cli.console import say
from corpus.config import CorpusSettings
from corpus.records import Rejection, TextLine

DAMAGE = ("not_json", "damaged", "bad_record")
"""Reasons that mean the input itself is not whole: exit status 5, after all the rest was done."""

TOLD = (*DAMAGE, "duplicate_id")
"""Reasons whose first places are told at once, and not only counted."""

FIRST = 5


class _Rejections:
    """Where a filter's rejections go: counted always, kept where a file was named."""

    def __init__(self, path: Path | None) -> None:
        self.reasons: Counter[str] = Counter()
        self._file: BinaryIO | None = path.open("wb") if path else None

    def add(self, rejection: Rejection) -> None:
        self.reasons[rejection.reason] += 1
        if self._file:
            self._file.write(msgspec.json.encode(rejection) + b"\n")
        if rejection.reason in TOLD and self.reasons[rejection.reason] <= FIRST:
            say(f"wirecorpus: {rejection.place or rejection.record_id}: {rejection.detail}")

    def close(self) -> None:
        if self._file:
            self._file.close()

    def summary(self, done: int, what: str) -> str:
        listed = ", ".join(f"{n} {r}" for r, n in self.reasons.most_common())
        total = sum(self.reasons.values())
        return f"{done} {what}, {total} rejected" + (f" ({listed})" if listed else "")

    @property
    def exit_code(self) -> int:
        return 5 if any(self.reasons[reason] for reason in DAMAGE) else 0


@contextmanager
def _rejections(path: Path | None) -> Iterator[_Rejections]:
    kept = _Rejections(path)
    try:
        yield kept
    finally:
        kept.close()


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE|FOLDER|-]...")
@click.option(
    "--rejections",
    "rejections_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what was rejected, and why, to this file.",
)
@click.option("--workers", type=click.IntRange(0), default=0, help="Processes; 0: one a core.")
@click.option("--quiet", is_flag=True, help="No summary on standard error.")
def extract(files: tuple[str, ...], rejections_file: Path | None, workers: int, quiet: bool) -> int:
    """Pages in, article records out, in the same order.

    Reads JSON lines {"id","url","html"} from files or standard input, WARC files (.warc, .warc.gz,
    .warc.zst), HTML files and folders of them. Each page is extracted in a worker process with a
    limit of time and memory. An article's capture_id echoes the input's id.
    """
    from corpus.inputs import read_pages
    from corpus.rulebook import load_rulebook
    from corpus.workers import ExtractPool

    settings = CorpusSettings(workers=workers)
    out, done = sys.stdout.buffer, 0
    encoder = msgspec.json.Encoder()
    with (
        _rejections(rejections_file) as rejected,
        ExtractPool.of(settings, load_rulebook().files) as pool,
    ):
        for answer in pool.map(read_pages(files)):
            if isinstance(answer, Rejection):
                rejected.add(answer)
                continue
            out.write(encoder.encode(answer) + b"\n")
            done += 1
        out.flush()
    if not quiet:
        say(rejected.summary(done, "articles"))
    return rejected.exit_code


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE|-]...")
@click.option(
    "--rejections",
    "rejections_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what was rejected, and why, to this file.",
)
@click.option(
    "--window-days",
    type=click.IntRange(0),
    default=CorpusSettings().window_days,
    show_default=True,
    help="How far apart copies may be published; 0: any time.",
)
@click.option(
    "--engine",
    type=click.Choice(["local"]),
    default="local",
    show_default=True,
    help="What runs the corpus-wide steps.",
)
@click.option("--quiet", is_flag=True, help="No summary on standard error.")
def cluster(
    files: tuple[str, ...],
    rejections_file: Path | None,
    window_days: int,
    engine: str,  # noqa: ARG001  one engine so far; the option is part of the contract
    quiet: bool,
) -> int:
    """Articles in, one line an article out: its cluster, its story, its role.

    Reads article records, or JSON lines with at least "id" and "text" (optional: url, host, headline
    or title, date_published or published, first_seen_at), from files or standard input.
    """
    from corpus.documents import Document, document_of_line
    from corpus.inputs import read_lines
    from corpus.plan import cluster_documents
    from corpus.rulebook import load_rulebook
    from corpus.snapshot import cluster_lines

    documents: dict[tuple[str, int], Document] = {}
    places: dict[tuple[str, int], str] = {}
    with _rejections(rejections_file) as rejected:
        for path in files or ("-",):
            for place, line in read_lines(path, TextLine, "cluster"):
                if isinstance(line, Rejection):
                    rejected.add(line)
                    continue
                key = (line.id, line.version)
                if not line.id or key in documents:
                    rejected.add(_refused(line, place, places.get(key, "")))
                    continue
                documents[key], places[key] = document_of_line(line), place
        rules = load_rulebook().dedup()
        clustering = cluster_documents(documents.values(), rules, window_days or None)
        out, encoder = sys.stdout.buffer, msgspec.json.Encoder()
        for row in cluster_lines(clustering, documents.values()):
            out.write(encoder.encode(row) + b"\n")
        out.flush()
    if not quiet:
        say(rejected.summary(len(documents), "articles clustered"))
    return rejected.exit_code


def _refused(line: TextLine, place: str, first: str) -> Rejection:
    """Why a well-formed line is not taken: it has no id, or one that came before."""
    if line.id:
        detail = f"id {line.id!r} (version {line.version}) stood at {first} already"
        return Rejection(
            record_id=line.id, stage="cluster", reason="duplicate_id", place=place, detail=detail
        )
    detail = 'the key "id" is empty; give every text an id of its own'
    return Rejection(
        record_id=place, stage="cluster", reason="bad_record", place=place, detail=detail
    )
