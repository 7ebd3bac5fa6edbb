"""A run's figures for Prometheus' node_exporter, as a text file (its "textfile collector").

In: a `CrawlReport` and the run's exit status. Out: the file, whole or as it was before. Metrics and labels
are named after the report's fields.
"""

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from crawler.records import CrawlReport

_OUTCOMES = (
    *("new", "changed", "unchanged", "gone", "moved", "failed", "refused", "put_off", "left_out"),
)


def write_metrics(path: Path, report: CrawlReport, exit_code: int) -> None:
    """Write the figures to `path`; a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text("\n".join((*metrics(report, exit_code), "")), encoding="utf-8")
    # node_exporter may run as another user than we do.
    temporary.chmod(0o644)
    temporary.replace(path)


def metrics(report: CrawlReport, exit_code: int) -> Iterator[str]:
    """The lines of the file (Prometheus text format 0.0.4)."""
    start, end = (datetime.fromisoformat(at) for at in (report.started_at, report.ended_at))
    yield from _gauge("last_run_timestamp_seconds", "When the last run ended.", end.timestamp())
    yield from _gauge("run_seconds", "How long it took.", (end - start).total_seconds())
    yield from _gauge("exit_code", "Its exit status (docs/cli.md).", exit_code)
    yield from _gauge("requests", "Requests in it.", report.requests)
    yield from _gauge("received_bytes", "Bytes of bodies received in it.", report.bytes)
    yield from _gauge("hosts_noted", "Hosts that were left or asked less often.", len(report.hosts))
    yield from _family(
        "articles",
        "Articles by source and outcome.",
        (
            ({"source": one.id, "outcome": what}, getattr(one, what))
            for one in report.sources
            for what in _OUTCOMES
        ),
    )
    yield from _family(
        "source_failed",
        "Whether a source could not be read.",
        (({"source": one.id}, int(one.failed_source)) for one in report.sources),
    )
    yield from _family(
        "alert",
        "What a person should look into, 1 each.",
        (({"source": one.source_id, "kind": one.kind}, 1) for one in report.alerts),
    )


def _gauge(name: str, meaning: str, value: float) -> Iterator[str]:
    return _family(name, meaning, [({}, value)])


def _family(
    name: str, meaning: str, samples: Iterable[tuple[dict[str, str], float]]
) -> Iterator[str]:
    yield f"# HELP wirecorpus_{name} {meaning}"
    yield f"# TYPE wirecorpus_{name} gauge"
    for labels, value in {_labels(labels): value for labels, value in samples}.items():
        yield f"wirecorpus_{name}{labels} {value:.15g}"


def _labels(labels: dict[str, str]) -> str:
    pairs = ",".join(f'{key}="{_escaped(value)}"' for key, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
