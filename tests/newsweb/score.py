"""How well a data folder knows the made-up web: articles found, pairs of copies, body text.

In: the truth, and the articles and clusters of a data folder. Out: a `Score`. Pages told in other words
or another language are left out of the pair score; whatever else is in no group of copies must stand
alone.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec
import zstandard

from corpus.records import Article, Cluster
from tests.newsweb.truth import Truth, url_key

T = TypeVar("T", Article, Cluster)


class Pairs(NamedTuple):
    """Pairs of pages: right ones, wrong ones, and those not found."""

    found: int
    wrong: int
    lost: int

    @property
    def precision(self) -> float:
        """Share of the answer's pairs that are copies; 1 for an empty answer."""
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of the copies' pairs that the answer has."""
        return self.found / (self.found + self.lost) if self.found + self.lost else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.found / (2 * self.found + self.wrong + self.lost or 1)


class Score(NamedTuple):
    """The figures of one data folder."""

    expected: int
    articles: int
    unknown: int
    rejected: int
    pairs: Pairs
    body_f1: float

    def lines(self) -> tuple[str, ...]:
        """The figures as a person reads them."""
        p = self.pairs
        pages = (
            f"{self.articles} of {self.expected} articles found, {self.unknown} more that are none"
        )
        rates = f"pair F1 {p.f1:.3f} (precision {p.precision:.3f}, recall {p.recall:.3f})"
        return (
            f"pages      {pages}, {self.rejected} rejected",
            f"copies     {rates}: {p.found} right, {p.wrong} wrong, {p.lost} lost",
            f"body text  token F1 {self.body_f1:.3f}",
        )


def score(
    known: Sequence[Truth],
    articles: Iterable[Article],
    clusters: Iterable[Cluster],
    rejected: int = 0,
) -> Score:
    """The answer measured against the truth; of an article's versions the newest counts."""
    expected = {t.url: t for t in known if t.expect == "article"}
    found, unknown = matched(known, newest_versions(articles))
    groups = {
        m.article_id: c.id for c in clusters for m in sorted(c.members, key=lambda m: m.version)
    }
    answer = {url: groups.get(article.id, f"alone {url}") for url, article in found.items()}
    scored = [t for t in known if t.is_pair_scored]
    right = [body_f1(t, found[u].text) if u in found else 0.0 for u, t in expected.items()]
    return Score(
        expected=len(expected),
        articles=sum(url in found for url in expected),
        unknown=unknown + sum(t.url in found for t in known if t.expect in ("rejection", "never")),
        rejected=rejected,
        pairs=pair_score({t.url: t.copy_group for t in scored}, answer),
        body_f1=sum(right) / len(right) if right else 0.0,
    )


def score_folder(data: Path, known: Sequence[Truth]) -> Score:
    """The newest snapshot of a data folder measured against the truth; `FileNotFoundError` without one."""
    clusters = _read(newest_snapshot(data) / "clusters.jsonl", Cluster)
    articles = (a for file in _shards(data, "articles") for a in _read(file, Article))
    rejected = sum(1 for file in _shards(data, "rejections") for _ in _lines(file))
    return score(known, articles, clusters, rejected)


def newest_snapshot(data: Path) -> Path:
    """The snapshot folder with the latest name."""
    found = sorted(p for p in (data / "snapshots").glob("*") if (p / "clusters.jsonl").is_file())
    if not found:
        raise FileNotFoundError(
            f"{data}: no snapshot with a clusters.jsonl; run `wirecorpus run` first"
        )
    return found[-1]


def newest_versions(articles: Iterable[Article]) -> tuple[Article, ...]:
    """Of each article the version with the highest number."""
    newest: dict[str, Article] = {}
    for article in articles:
        held = newest.get(article.id)
        if held is None or article.version >= held.version:
            newest[article.id] = article
    return tuple(newest.values())


def matched(known: Iterable[Truth], articles: Iterable[Article]) -> tuple[dict[str, Article], int]:
    """The articles by the truth's URL, and how many match no page; the first of two for one page holds."""
    names = {url_key(url): t.url for t in known for url in (t.url, *t.urls)}
    found: dict[str, Article] = {}
    unknown = 0
    for article in articles:
        keys = (url_key(u) for u in (article.canonical_url, article.url, article.final_url))
        page = next((names[key] for key in keys if key in names), None)
        if page is None:
            unknown += 1
        else:
            found.setdefault(page, article)
    return found, unknown


def pair_score(gold: Mapping[str, str], answer: Mapping[str, str]) -> Pairs:
    """Pairs within the answer's groups against pairs within the gold's ("" stands alone in both)."""
    right = set(_pairs(gold, gold))
    given = set(_pairs(gold, answer))
    return Pairs(len(right & given), len(given - right), len(right - given))


def body_f1(page: Truth, text: str) -> float:
    """F1 of the text's words against the clean text's, as bags; optional lines count for neither side."""
    optional = {_folded(line) for line in page.optional}
    kept = "\n".join(line for line in text.splitlines() if _folded(line) not in optional)
    wanted, given = Counter(_words(page.text)), Counter(_words(kept))
    shared = (wanted & given).total()
    total = wanted.total() + given.total()
    return 2 * shared / total if total else 1.0


def _pairs(pages: Iterable[str], groups: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    members: dict[str, list[str]] = {}
    for page in sorted(pages):
        if group := groups.get(page, ""):
            members.setdefault(group, []).append(page)
    for group_pages in members.values():
        yield from combinations(group_pages, 2)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _folded(line: str) -> str:
    return " ".join(_words(line))


def _shards(data: Path, kind: str) -> list[Path]:
    return sorted(p for p in (data / kind).rglob("*.jsonl*") if p.suffix in (".jsonl", ".zst"))


def _read(file: Path, record: type[T]) -> Iterator[T]:
    decoder = msgspec.json.Decoder(record)
    yield from (decoder.decode(line) for line in _lines(file))


def _lines(file: Path) -> Iterator[bytes]:
    body = file.read_bytes()
    if file.suffix == ".zst":
        body = zstandard.ZstdDecompressor().stream_reader(body).read()
    yield from (line for line in body.splitlines() if line.strip())
