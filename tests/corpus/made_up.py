"""Texts for the clustering tests, made up here, and what clustering makes of them."""

import random
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from corpus.config import default_file
from corpus.corrections import NONE, Corrections, Obeyed
from corpus.describe import Assignment, Clustering, Formed, VerifiedPair
from corpus.documents import Document
from corpus.plan import DedupSettings, load_dedup_settings
from corpus.records import Cluster, ClusterLine, Method, Story
from corpus.snapshot import (
    MemberRow,
    PairRow,
    cluster_lines,
    clusters,
    member_rows,
    pair_columns,
    stories,
)
from tests.clustered import clustered

SETTINGS: DedupSettings = load_dedup_settings(default_file("dedup.toml").read_text(), "dedup.toml")

_SYLLABLES = (
    "ba",
    "den",
    "fo",
    "gri",
    "hal",
    "ko",
    "lum",
    "mer",
    "no",
    "pra",
    "sel",
    "tor",
    "vi",
    "wen",
)
_SMALL = ("the", "of", "and", "in", "after", "said", "with", "on", "for", "its")


def paragraph(seed: int, words: int = 45) -> str:
    """A paragraph that shares no run of words with one of another seed."""
    source = random.Random(seed)
    made = []
    for n in range(words):
        word = "".join(source.choices(_SYLLABLES, k=3)) if n % 3 else source.choice(_SMALL)
        made.append(word.capitalize() if source.random() < 0.15 else word)
    made[words // 2] = str(source.randint(2, 900))
    return " ".join(made) + "."


def story(seed: int, paragraphs: int = 8) -> list[str]:
    """The paragraphs of a story."""
    return [paragraph(seed * 1000 + n) for n in range(paragraphs)]


def document(name: str, paragraphs: list[str] | str, **more: object) -> Document:
    """A document of these paragraphs; every further field as given."""
    text = paragraphs if isinstance(paragraphs, str) else "\n\n".join(paragraphs)
    fields = {"article_id": name, "text": text, "host": f"{name}.example", "outlet": name}
    return Document(**{**fields, **more})  # type: ignore[arg-type]  # the caller's fields


SNAPSHOT = "2026-11-23T0600Z"


class Found(NamedTuple):
    """All that a clustering says."""

    assignments: tuple[Assignment, ...]
    clusters: tuple[Formed, ...]
    pairs: tuple[VerifiedPair, ...]
    method: Method
    obeyed: Obeyed
    records: tuple[Cluster, ...]
    stories: tuple[Story, ...]
    lines: tuple[ClusterLine, ...]
    members: tuple[MemberRow, ...]
    pair_rows: tuple[PairRow, ...]


def cluster_documents(
    documents: Iterable[Document],
    settings: DedupSettings = SETTINGS,
    window_days: float | None = 14,
    workers: int = 1,
    corrections: Corrections = NONE,
) -> Found:
    """The documents' clusters, and the records made of them."""
    with clustered(documents, settings, window_days, workers, corrections=corrections) as found:
        return found_of(found)


def found_of(found: Clustering) -> Found:
    """All that the clustering says."""
    records = tuple(clusters(found, SNAPSHOT))
    return Found(
        found.assignments,
        found.clusters,
        tuple(found.pairs),
        found.method,
        found.obeyed,
        records,
        tuple(stories(found, SNAPSHOT)),
        tuple(chain.from_iterable(cluster_lines(found))),
        tuple(row for record in records for row in member_rows(record)),
        tuple(
            PairRow(*row)
            for columns in pair_columns(found, SNAPSHOT)
            for row in zip(*columns, strict=True)
        ),
    )
