"""A data folder with articles of the made-up texts, as builds would have left them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from corpus import store
from corpus.config import CorpusSettings
from corpus.records import Article, Cluster, Outlet, Story
from corpus.rulebook import load_rulebook
from corpus.snapshots import Taken, take_snapshot


def article(name: str, paragraphs: Sequence[str], seen: str, version: int = 1) -> Article:
    """An article of an outlet of its own, seen on a day of November 2026."""
    moment = f"2026-11-{seen}T06:00:00Z"
    return Article(
        id=name,
        version=version,
        capture_id="",
        url=f"http://{name}.example/",
        canonical_url=f"http://{name}.example/",
        final_url=f"http://{name}.example/",
        outlet=Outlet(id=name, name=name),
        headline=f"Headline of {name}",
        fetched_at=moment,
        first_seen_at=moment,
        text="\n\n".join(paragraphs),
        text_sha256="",
    )


def write_day(data: Path, *articles: Article) -> None:
    """A shard of these articles, named by the day on which the first was seen."""
    day = articles[0].fetched_at[:10]
    with store.ShardWriter(data / "articles" / f"date={day}" / "run.jsonl") as shard:
        for one in articles:
            shard.write(one)
        shard.seal(store.Recipe("extract", "1", "", day))


def snapshot(data: Path) -> Taken:
    """The snapshot of all articles in the folder."""
    return take_snapshot(
        data,
        store.shards(data / "articles"),
        CorpusSettings(workers=1),
        load_rulebook(),
        lambda _what, _n: None,
    )


def clusters(data: Path, name: str) -> list[Cluster]:
    """The clusters of a snapshot."""
    return list(store.read_shard(data / "snapshots" / name / "clusters.jsonl", Cluster))


def stories(data: Path, name: str) -> list[Story]:
    """The stories of a snapshot."""
    return list(store.read_shard(data / "snapshots" / name / "stories.jsonl", Story))


def manifest(data: Path, name: str) -> dict[str, Any]:
    """A snapshot's manifest."""
    held: dict[str, Any] = msgspec.json.decode(
        (data / "snapshots" / name / "manifest.json").read_bytes()
    )
    return held
