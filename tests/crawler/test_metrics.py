import re
from pathlib import Path

from crawler.metrics import metrics, write_metrics
from crawler.records import Alert, CrawlReport, HostNote, SourceOutcome

REPORT = CrawlReport(
    "r",
    "2026-11-23T06:00:00Z",
    "2026-11-23T06:01:30Z",
    requests=7,
    bytes=1234,
    sources=(SourceOutcome('a"b', new=3), SourceOutcome("c", failed_source=True)),
    hosts=(HostNote("a.example", "x"),),
    alerts=(Alert("c", "quiet", "…"), Alert("c", "quiet", "…")),
)


def test_the_figures_of_a_run_are_named_after_the_report() -> None:
    lines = list(metrics(REPORT, 3))
    assert "wirecorpus_run_seconds 90" in lines
    assert "wirecorpus_last_run_timestamp_seconds 1795413690" in lines
    assert 'wirecorpus_articles{source="a\\"b",outcome="new"} 3' in lines
    assert 'wirecorpus_source_failed{source="c"} 1' in lines
    assert lines.count('wirecorpus_alert{source="c",kind="quiet"} 1') == 1
    assert "wirecorpus_exit_code 3" in lines


def test_every_line_is_one_that_prometheus_takes() -> None:
    sample = re.compile(r'wirecorpus_[a-z_]+(\{([a-z]+="(\\.|[^"\\])*",?)+\})? [0-9.e+]+')
    for line in metrics(REPORT, 0):
        assert line.startswith("# ") or sample.fullmatch(line), line


def test_the_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "wirecorpus.prom"
    path.write_text("old")
    write_metrics(path, REPORT, 0)
    assert path.read_text().endswith("\n")
    assert [one.name for one in tmp_path.iterdir()] == ["wirecorpus.prom"]
