"""`wirecorpus extract` and `wirecorpus cluster`: the corpus's stages as filters in a pipe.

In: files or standard input. Out: JSON lines on standard output, a summary on standard error, what was
rejected in `--rejections`. No data folder is touched; `extract --explain URL` reads in one.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

import click
import msgspec

from corpus import store
from corpus.cli.console import data_on_stdout, say
from corpus.config import CorpusSettings
from corpus.corrections import NONE, Corrections, read_corrections
from corpus.engines import ENGINES
from corpus.records import Count, Rejection, TextLine
from crawler.records import Record

if TYPE_CHECKING:
    from corpus.documents import Document

DAMAGE = ("not_json", "damaged", "bad_record")
"""Reasons that mean the input itself is not whole: exit status 5, after all the rest was done."""

TOLD = (*DAMAGE, "duplicate_id")
"""Reasons whose first places are told at once, and not only counted."""

FIRST = 5

F = TypeVar("F", bound=Callable[..., object])


class FilterSummary(Record):
    """What a filter says at its end."""

    done: int
    rejected: int
    reasons: tuple[Count, ...]
    exit_code: int


class _Rejections:
    """Where a filter's rejections go: counted always, kept where a file was named."""

    def __init__(self, file: BinaryIO | None) -> None:
        self.reasons: Counter[str] = Counter()
        self._file = file

    def add(self, rejection: Rejection) -> None:
        self.reasons[rejection.reason] += 1
        if self._file:
            self._file.write(msgspec.json.encode(rejection) + b"\n")
        if rejection.reason in TOLD and self.reasons[rejection.reason] <= FIRST:
            say(f"wirecorpus: {rejection.place or rejection.record_id}: {rejection.detail}")

    def summary(self, done: int) -> FilterSummary:
        reasons = tuple(Count(reason, n) for reason, n in self.reasons.most_common())
        code = 5 if any(self.reasons[reason] for reason in DAMAGE) else 0
        return FilterSummary(done, self.reasons.total(), reasons, code)


@contextmanager
def _rejections(path: Path | None, inputs: Iterable[str]) -> Iterator[_Rejections]:
    if path is None:
        yield _Rejections(None)
        return
    if path.exists() and any(Path(i).exists() and path.samefile(i) for i in inputs):
        raise click.ClickException(f"--rejections {path} is an input, too; name another file")
    with path.open("wb") as file:
        yield _Rejections(file)


def _end(summary: FilterSummary, what: str, *, quiet: bool, as_json: bool) -> int:
    """Say how it went, on standard error since the data is on standard output."""
    if as_json:
        click.echo(msgspec.json.encode(summary).decode(), err=True)
    elif not quiet:
        listed = ", ".join(f"{c.count} {c.name}" for c in summary.reasons)
        reasons = f" ({listed})" if listed else ""
        say(f"{summary.done} {what}, {summary.rejected} rejected{reasons}")
    return summary.exit_code


def _filter_options(command: F) -> F:
    for option in (
        click.option(
            "--json", "as_json", is_flag=True, help="The summary as JSON, on standard error."
        ),
        click.option("--quiet", is_flag=True, help="No summary on standard error."),
        click.option(
            "--rejections",
            "rejections_file",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write what was rejected, and why, to this file.",
        ),
    ):
        command = option(command)
    return command


def _explain_options(command: F) -> F:
    for option in (
        click.option(
            "--data",
            "data_folder",
            type=click.Path(path_type=Path, file_okay=False),
            help="With --explain URL: the data folder, instead of the configuration's.",
        ),
        click.option(
            "--config",
            "config_file",
            type=click.Path(path_type=Path),
            help="With --explain URL: the configuration file.  [default: wirecorpus.toml]",
        ),
        click.option(
            "--id", "capture_id", help="With --explain: the page with this id, not the first."
        ),
        click.option(
            "-o",
            "--out",
            type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
            help="With --explain: write the view to this file, not to standard output.",
        ),
        click.option(
            "--explain",
            "explained",
            is_flag=True,
            help="One page, of a FILE or by its URL, as an HTML view of what became of each block.",
        ),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE|FOLDER|URL|-]...")
@_filter_options
@click.option("--workers", type=click.IntRange(0), default=0, help="Processes; 0: one a core.")
@click.option(
    "--no-profiles",
    is_flag=True,
    help="Learn nothing of sites, and write each article as soon as it is there.",
)
@_explain_options
def extract(
    files: tuple[str, ...],
    rejections_file: Path | None,
    workers: int,
    no_profiles: bool,
    explained: bool,
    out: Path | None,
    capture_id: str | None,
    config_file: Path | None,
    data_folder: Path | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Pages in, article records out, in the same order.

    Reads JSON lines {"id","url","html"} (optional: fetched_at) from files or standard input, WARC
    files (.warc, .warc.gz, .warc.zst), HTML files and folders of them. Each page is extracted in a
    worker process with a limit of time and memory. An article's capture_id echoes the input's id.

    Text that somebody else extracted is cleaned, too: .txt files, and JSON lines with "text" and no
    "html" (optional: url, headline or title, date_published or published, first_seen_at). Lines that
    are no part of the story are found by the text alone.

    Hosts with five pages or more are learned first, so the input is read to its end before anything
    is written; meanwhile it is kept in a temporary file (see TMPDIR).

    With --explain, one page out as an HTML view for the person who writes rules: in reading order, what
    was kept, and what was dropped with its kind and rule. A URL is never fetched: its newest capture is
    looked up in the archive of a data folder.
    """
    if not explained:
        _refuse(
            {"out": out, "id": capture_id, "config": config_file, "data": data_folder},
            "is for --explain only",
        )
        return _extract(
            files, rejections_file, workers, no_profiles=no_profiles, quiet=quiet, as_json=as_json
        )
    from corpus.cli.explaining import explain

    _refuse({"rejections": rejections_file, "workers": workers}, "is not for --explain")
    rejected = _Rejections(None)
    answer = explain(files, capture_id, out, config_file, data_folder, quiet=quiet or as_json)
    if isinstance(answer, Rejection):
        rejected.add(answer)
    summary = rejected.summary(1 - rejected.reasons.total())
    return _end(summary, "articles", quiet=quiet or not as_json, as_json=as_json)


def _refuse(options: Mapping[str, object], why: str) -> None:
    for name, value in options.items():
        if value:
            raise click.UsageError(f"--{name} {why}")


def _extract(
    files: tuple[str, ...],
    rejections_file: Path | None,
    workers: int,
    *,
    no_profiles: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    from corpus.batch import extracted
    from corpus.inputs import read_pages
    from corpus.rulebook import load_rulebook
    from corpus.workers import ExtractPool

    settings, done, encoder = CorpusSettings(workers=workers), 0, msgspec.json.Encoder()
    with (
        _rejections(rejections_file, files) as rejected,
        ExtractPool.of(settings, load_rulebook().files) as pool,
        data_on_stdout() as write,
    ):
        for answer in extracted(pool, read_pages(files), profiles=not no_profiles):
            if isinstance(answer, Rejection):
                rejected.add(answer)
                continue
            write(encoder.encode(answer) + b"\n")
            done += 1
    return _end(rejected.summary(done), "articles", quiet=quiet, as_json=as_json)


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE|-]...")
@_filter_options
@click.option(
    "--window-days",
    type=click.IntRange(0),
    default=CorpusSettings().window_days,
    show_default=True,
    help="How far apart copies may be published; 0: any time.",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="local",
    show_default=True,
    help="What runs the corpus-wide steps; spark comes later.",
)
@click.option("--workers", type=click.IntRange(0), default=0, help="Processes; 0: one a core.")
@click.option(
    "--index",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep what was worked out in this folder, and add to what it has.",
)
@click.option(
    "--corrections",
    "corrections_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='Obey the lines of this file: {"must": [id, id]} or {"cannot": [id, id]}.',
)
@click.option(
    "--explain",
    "explained",
    nargs=2,
    metavar="A B",
    help="Of the articles with these two ids: figures, shared spans, verdict. With --json as JSON.",
)
def cluster(
    files: tuple[str, ...],
    rejections_file: Path | None,
    window_days: int,
    engine: str,
    workers: int,
    index: Path | None,
    corrections_file: Path | None,
    explained: tuple[str, str] | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Articles in, one line an article out: its cluster, its story, its role.

    Reads article records, or JSON lines with at least "id" and "text" (optional: url, host, headline
    or title, date_published or published, first_seen_at), from files or standard input. Of a second
    line with the same id (and version) the first is kept. Days of publication before 1990, and more than a
    day after first_seen_at, count as unknown: such texts are compared with those of all days, whatever
    --window-days says; first_seen_at gives no text a day.

    With --index, the lines are of all articles in the folder, in the order in which they came; those
    that it has (by id and version) are passed over. So a day's articles are added in seconds, and the
    clusters are those of one run over all days.

    With --corrections, articles that a line of the file says must stand together do, and those that cannot
    do not and share no story, whatever their texts. An id means all versions of an article, "id@2" one. Ids
    that no article has are told on standard error.

    With --explain, two articles of the input (or of the index) are compared: each feature's value and
    its share of the log-odds, the spans of words that both have with their offsets, the names, numbers
    and quotations that only one has, what proposed the pair, and whether both ended in one cluster; then what
    the verdict on their stories rests on. All articles count, since furniture and clusters depend on
    them. Of an id with several versions the last is meant; "id@2" names one.

    Meanwhile what is worked out of the texts is kept in temporary files (see TMPDIR), about twenty bytes
    a word; memory does not grow with the texts. What a killed run left there the next one removes.
    """
    from corpus.clustering import gathered
    from corpus.comparison import explained as compared
    from corpus.comparison import rendered
    from corpus.engines import refuse_unbuilt
    from corpus.plan import cluster_rows
    from corpus.rulebook import load_rulebook
    from corpus.snapshot import cluster_lines

    refuse_unbuilt(engine)
    corrections = _corrections(corrections_file)
    encoder = msgspec.json.Encoder()
    rules = load_rulebook().dedup()
    with _rejections(rejections_file, files) as rejected:
        documents = _documents(files, rejected)
        with (
            gathered(documents, rules, window_days or None, workers, index, corrections) as work,
            data_on_stdout() as write,
        ):
            for warning in work.corrected.obeyed.warnings(str(corrections_file)):
                say(f"wirecorpus: {warning}")
            if explained:
                answer = compared(work, *explained, "the index" if index else "the input")
                write(encoder.encode(answer) + b"\n" if as_json else rendered(answer).encode())
                return rejected.summary(len(work.rows)).exit_code
            clustering = cluster_rows(work)
            for lines in cluster_lines(clustering):
                write(encoder.encode_lines(lines))
    summary = rejected.summary(len(clustering))
    return _end(summary, "articles clustered", quiet=quiet, as_json=as_json)


def _corrections(file: Path | None) -> Corrections:
    return read_corrections(store.numbered_lines(file), str(file)) if file else NONE


def _documents(files: Iterable[str], rejected: _Rejections) -> Iterator["Document"]:
    """The inputs' texts as documents, each id (and version) once."""
    from corpus.documents import day_of, document_of, document_of_line
    from corpus.inputs import read_texts
    from corpus.signing import key_of

    places: dict[int, str] = {}
    undated: list[tuple[str, str]] = []
    for place, line in read_texts(files):
        if isinstance(line, Rejection):
            rejected.add(line)
            continue
        key = key_of(line.id, line.version)
        if not line.id or key in places:
            rejected.add(_refused(line.id, line.version, place, places.get(key, "")))
            continue
        places[key] = place
        document = document_of_line(line) if isinstance(line, TextLine) else document_of(line)
        if document.published_at and math.isnan(day_of(document.published_at, document.seen_at)):
            undated.append((place, document.published_at))
        yield document
    if undated:
        place, first = undated[0]
        say(
            f"wirecorpus: {place}: {first[:40]!r} counts as no day of publication: that is RFC 3339, from"
            f" 1990 on, and not after the text was seen; {len(undated)} such texts are compared with those of"
            " all days"
        )


def _refused(line_id: str, version: int, place: str, first: str) -> Rejection:
    """Why a well-formed line is not taken: it has no id, or one that came before."""
    if line_id:
        detail = f"id {line_id[:200]!r} (version {version}) stood at {first} already"
        return Rejection(
            record_id=line_id, stage="cluster", reason="duplicate_id", place=place, detail=detail
        )
    detail = 'the key "id" is empty; give every text an id of its own'
    return Rejection(
        record_id=place, stage="cluster", reason="bad_record", place=place, detail=detail
    )
