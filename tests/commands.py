"""The command as its user runs it: in a process of its own, on a folder of its own.

Tests of the whole flow share what stands here: a configuration for the made-up web, and the run.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.newsweb import NewsWeb
from tests.newsweb.demo import PORT
from tests.newsweb.demo import config as demo_config
from tests.newsweb.server import ADDRESS

SECONDS = 240
"""The longest that one command may take before the test fails."""

SMALL_CONFIG = """\
data = "data"
[crawl]
contact = "desk@gazette.example"
[[source]]
id = "gazette"
home = "http://www.gazette.example/"
"""
"""A configuration with nothing but what it must have."""

OF_THE_RUN = ("capture_id", "fetched_at", "first_seen_at", "run_id")
"""Keys of an article that say when and by which run it was fetched, not what it is."""


class Done(NamedTuple):
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


def arguments(*words: object) -> list[str]:
    """The command line of `wirecorpus`, as an installed interpreter runs it."""
    return [sys.executable, "-m", "corpus.cli", *map(str, words)]


def wirecorpus(*words: object, stdin: bytes = b"", cwd: Path | None = None) -> Done:
    """Run the command to its end."""
    done = subprocess.run(
        arguments(*words), input=stdin, capture_output=True, check=False, timeout=SECONDS, cwd=cwd
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def write_config(folder: Path, web: NewsWeb, **crawl: object) -> Path:
    """The demo's configuration in `folder`, pointed at this web; `crawl` sets keys of [crawl]."""
    text = demo_config().replace(f"{ADDRESS}:{PORT}", web.address)
    text = text.replace('data = "../demo"', 'data = "data"')
    for key in crawl:
        text = re.sub(rf"(?m)^{key} = .*\n", "", text)
    added = "".join(f"{key} = {json.dumps(value)}\n" for key, value in crawl.items())
    path = folder / "wirecorpus.toml"
    path.write_text(text.replace("[crawl]\n", f"[crawl]\n{added}", 1), encoding="utf-8")
    return path


def read_one_by_one(config: Path) -> Path:
    """The configuration, changed so that each page is read by itself, whatever came before it."""
    text = config.read_text("utf-8")
    assert "[corpus]" not in text
    config.write_text(
        text.replace("[crawl]\n", "[corpus]\nsite_profiles = false\n\n[crawl]\n", 1), "utf-8"
    )
    return config


def lines(files: Sequence[Path]) -> list[dict[str, Any]]:
    """All records of these JSONL files."""
    return [json.loads(x) for file in files for x in file.read_text("utf-8").splitlines()]


def articles(data: Path) -> list[dict[str, Any]]:
    """All article versions in a data folder."""
    return lines(sorted(data.glob("articles/date=*/*.jsonl")))


def clusters(data: Path) -> list[dict[str, Any]]:
    """The clusters of the newest snapshot."""
    return lines([max(data.glob("snapshots/*/clusters.jsonl"))])


def timeless(article: dict[str, Any]) -> str:
    """An article without what depends on the moment and the run in which it was fetched."""
    kept = {k: v for k, v in article.items() if k not in OF_THE_RUN}
    kept["http"] = {k: v for k, v in article["http"].items() if not k.startswith("warc_")}
    return json.dumps(kept, ensure_ascii=False)


def corpus_of(data: Path) -> list[str]:
    """The corpus line by line, without times and runs, in an order of its own."""
    return sorted(timeless(article) for article in articles(data))


def partition(data: Path) -> set[frozenset[tuple[str, int]]]:
    """Which article versions stand together."""
    return {
        frozenset((m["article_id"], m["version"]) for m in cluster["members"])
        for cluster in clusters(data)
    }


def tree(folder: Path, *below: str) -> dict[str, bytes]:
    """Every file's bytes under these folders of `folder`."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for name in below
        for file in sorted((folder / name).rglob("*"))
        if file.is_file()
    }
