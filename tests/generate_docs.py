"""Writes docs/cli.md and docs/data-format.md from the code: `make docs`.

In: the click commands and the records. Out: two Markdown pages. tests/test_docs.py fails when a page
is not what the code says.
"""

import inspect
import typing
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import click
import msgspec

from corpus import clustering, records, workbook
from corpus.changes import Change, Totals
from corpus.cli import wirecorpus
from corpus.cli.console import EXIT_CODES
from corpus.cli.sites import SiteLine
from corpus.cli.summary import RunSummary
from corpus.comparison import Explanation
from corpus.corrections import CorrectionLine
from corpus.plan import ROWS, layouts
from corpus.rulebook import load_rulebook
from corpus.snapshot import MemberRow, PairRow
from corpus.snapshots import Manifest, ShardLine
from corpus.store import Stamp
from corpus.tables import Column
from crawler.folder import Format

DOCS = Path(__file__).parent.parent / "docs"

FILES: tuple[tuple[type[msgspec.Struct], str], ...] = (
    (records.Article, "articles/date=…/<run>.jsonl"),
    (records.Cluster, "snapshots/<time>/clusters.jsonl"),
    (records.Story, "snapshots/<time>/stories.jsonl"),
    (records.Rejection, "rejections/date=…/<run>.jsonl"),
    (records.ClusterLine, "what `wirecorpus cluster` writes"),
    (records.PageLine, "what `wirecorpus extract` reads"),
    (records.TextLine, "what `wirecorpus cluster` reads, and `wirecorpus extract` cleans"),
    (RunSummary, "runs/<run>.json, and what `run`, `crawl` and `build` print with `--json`"),
    (Manifest, "snapshots/<time>/manifest.json"),
    (ShardLine, "snapshots/<time>/articles.jsonl"),
    (MemberRow, "snapshots/<time>/members.parquet"),
    (PairRow, "snapshots/<time>/pairs.parquet"),
    (SiteLine, "what `wirecorpus sites` prints with `--json`"),
    (Change, "what `wirecorpus clusters diff` prints with `--json`"),
    (Totals, "its counts, on standard error"),
    (Explanation, "what `wirecorpus cluster --explain A B` prints with `--json`"),
    (CorrectionLine, "corrections.jsonl, which people write"),
    (Stamp, "<shard>.stamp"),
    (Format, "format.json"),
)


def cli_page() -> str:
    """docs/cli.md: every verb with its options, and the exit codes."""
    parts = [
        "# The command",
        "Made by `make docs` from the code; do not edit.",
        inspect.cleandoc(wirecorpus.help or ""),
        *_commands(wirecorpus, "wirecorpus"),
        "## Exit codes",
        "\n".join(
            [
                "| code | meaning |",
                "| --- | --- |",
                *(f"| {c} | {m} |" for c, m in EXIT_CODES.items()),
            ]
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _commands(group: click.Group, path: str) -> list[str]:
    parts = []
    for name, command in sorted(group.commands.items()):
        context = click.Context(command, info_name=f"{path} {name}")
        if isinstance(command, click.Group):
            parts += _commands(command, f"{path} {name}")
            continue
        usage = " ".join([f"{path} {name}", *command.collect_usage_pieces(context)])
        parts += [f"## {path} {name}", f"    {usage}", inspect.cleandoc(command.help or "")]
        rows = [p.get_help_record(context) for p in command.params if isinstance(p, click.Option)]
        cells = [f"| `{r[0]}` | {r[1]} |" for r in rows if r]
        if cells:
            parts.append("\n".join(["| option | meaning |", "| --- | --- |", *cells]))
    return parts


def data_format_page() -> str:
    """docs/data-format.md: every record that stands in a file, key by key."""
    parts = [
        "# The records",
        "Made by `make docs` from corpus/records.py; do not edit.",
        "`wirecorpus validate --schema NAME` prints the JSON Schema of one.",
        inspect.cleandoc(records.__doc__ or ""),
    ]
    seen: set[type] = set()
    for record, place in FILES:
        parts += _record(record, place, seen)
    parts += [f"## {workbook.WORKBOOK}", inspect.cleandoc(workbook.__doc__ or "")]
    parts += ["## index/clusters", inspect.cleandoc(clustering.__doc__ or ""), _tables()]
    return "\n\n".join(parts) + "\n"


def _tables() -> str:
    """The tables of an index, column by column."""
    lines = ["| table | a row is | columns |", "| --- | --- | --- |"]
    for name, (layout, _) in layouts(load_rulebook().dedup()).items():
        columns = ", ".join(f"`{column}` {_kind(kind)}" for column, kind in layout.items())
        lines.append(f"| `{name}` | {ROWS[name]} | {columns} |")
    return "\n".join(lines)


def _kind(column: Column) -> str:
    """A column's element type, as NumPy names it, and how many stand in a row."""
    if column.ragged:
        return f"{column.kind}[]"
    if column.beside:
        return f"{column.kind}[] as `{column.beside}`"
    return f"{column.kind}[{column.width}]" if column.width else column.kind


def _record(record: type[msgspec.Struct], place: str, seen: set[type]) -> list[str]:
    if record in seen:
        return []
    seen.add(record)
    hints = typing.get_type_hints(record)
    rows = [
        f"| `{field.encode_name}` | {_type(hints[field.name])} |"
        for field in msgspec.structs.fields(record)
    ]
    parts = [
        f"## {record.__name__}",
        *([f"Stands in: {place}"] if place else []),
        inspect.cleandoc(record.__doc__ or ""),
        "\n".join(["| key | type |", "| --- | --- |", *rows]),
    ]
    for hint in hints.values():
        for inner in _records_in(hint):
            parts += _record(inner, "", seen)
    return parts


def _records_in(hint: Any) -> list[type[msgspec.Struct]]:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return [hint]
    return [inner for arg in get_args(hint) for inner in _records_in(arg)]


def _type(hint: Any) -> str:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return "one of " + ", ".join(f'`"{a}"`' for a in args)
    if origin in (Union, UnionType):
        return " or ".join(_type(a) for a in args)
    if origin is tuple and args[-1] is Ellipsis:
        return f"list of {_type(args[0])}"
    if origin is tuple:
        return "[" + ", ".join(_type(a) for a in args) + "]"
    names = {str: "text", int: "integer", float: "number", bool: "true or false", NoneType: "null"}
    if hint in names:
        return names[hint]
    return f"[{hint.__name__}](#{hint.__name__.lower()})"


if __name__ == "__main__":
    (DOCS / "cli.md").write_text(cli_page(), encoding="utf-8")
    (DOCS / "data-format.md").write_text(data_format_page(), encoding="utf-8")
