"""What the second level joins: `python -m tests.bench.stories`.

In: the made-up wires (those tuned on and those held out), the made-up web, and `../shared/data` beside the
project. Out, on standard output: precision and recall of pairs of texts, what went wrong, the example
documents' margins, and what is joined of real pages. Asserts nothing.
"""

import gzip
import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from corpus import stories, terms
from corpus.config import default_file
from corpus.documents import Document, document_of_line
from corpus.lineage import Recipe
from corpus.plan import load_dedup_settings
from corpus.records import TextLine
from tests.bench import wires
from tests.bench.scale import articles
from tests.clustered import clustered
from tests.newsweb.truth import truth

SHARED = Path(__file__).parents[3] / "shared" / "data"
SETTINGS = load_dedup_settings(default_file("dedup.toml").read_text(), "dedup.toml")
WINDOW = 14.0

Pair = tuple[str, str]


def made_up_wires(name: str, *files: str) -> None:
    """Stories and near copies of the made-up wires in these files, all of them one corpus."""
    texts = wires.load(*files)
    documents = [
        Document(
            article_id=f"{t.wire} {t.form} {n}",
            text=t.text,
            host=f"host{n}.example",
            published_at=t.published,
        )
        for n, t in enumerate(texts)
    ]
    said = _said(documents, WINDOW)
    gold = {d.article_id: t.story for d, t in zip(documents, texts, strict=True)}
    copies = {
        d.article_id: t.wire if t.copy else d.article_id
        for d, t in zip(documents, texts, strict=True)
    }
    language = {d.article_id: t.language for d, t in zip(documents, texts, strict=True)}
    story, cluster = said.story, said.cluster
    wires_in = len({t.wire for t in texts})
    print(f"{name}: {len(texts)} texts about {wires_in} wires")
    _say("  near copies", copies, cluster)
    _say("  stories", gold, story, show=True)
    one = {n for n in gold if language[n] == "en"}
    _say("  stories, English only", {n: gold[n] for n in one}, story)
    links = Counter(said.relations)
    print("  links: " + ", ".join(f"{relation} {n}" for relation, n in sorted(links.items())))


def made_up_web() -> None:
    """Stories of the made-up web, templates and round-ups among them."""
    pages = [p for p in truth(2) if p.expect == "article" and p.kind != "roundup"]
    documents = [
        Document(article_id=p.url, text=p.text, host=p.outlet, published_at=p.published)
        for p in pages
    ]
    story = _said(documents, WINDOW).story
    print(f"newsweb: {len(documents)} pages")
    _say("  stories", {p.url: p.story_group for p in pages}, story, show=True)


def examples() -> None:
    """The customer's documents: log-odds of each pair, and what is joined."""
    golds = [
        json.loads(p.read_text("utf-8")) for p in sorted((SHARED / "seeds" / "gold").glob("00*"))
    ]
    reader, weights = Recipe(SETTINGS.stories, SETTINGS.normaliser).ready()
    sketches = terms.sketches((gold["body_text"] for gold in golds), reader)
    pairs = np.array([*combinations(range(len(golds)), 2)])
    odds = stories.judge(sketches, weights, pairs, SETTINGS.stories).odds
    inside = [v for v, (_, b) in zip(odds, pairs.tolist(), strict=True) if b < 3]
    outside = [v for v, (_, b) in zip(odds, pairs.tolist(), strict=True) if b >= 3]
    print(
        f"examples: log-odds inside the family {min(inside):.1f} to {max(inside):.1f},"
        f" of any other pair at most {max(outside):.1f}"
    )
    documents = [
        Document(article_id=str(n), text=gold["body_text"]) for n, gold in enumerate(golds)
    ]
    said = _said(documents, WINDOW)
    story, cluster = said.story, said.cluster
    print(f"  stories {_groups(story)}; clusters {_groups(cluster)}")


def rumours() -> None:
    """Real reports of rumours: of what FNC-1 calls no copies, how many the second level joins."""
    texts, judged = wires.rumours(SHARED / "clusters")
    read = wires.read_by_us()
    documents = [Document(article_id=name, text=text) for name, text in texts.items()]
    said = _said(documents, None)
    story, cluster = said.story, said.cluster
    counts: Counter[tuple[str, bool]] = Counter()
    for pair, verdict in judged.items():
        counts[read.get(pair, verdict), len({story[name] for name in pair}) == 1] += 1
    clusters, told = len(set(cluster.values())), len(set(story.values()))
    print(f"fnc1-dev: {len(documents)} reports, {clusters} clusters, {told} stories")
    for verdict in ("copy", "open", "not copy", "same", "apart"):
        together, apart = counts[verdict, True], counts[verdict, False]
        what = "as we read them: " if verdict in {"same", "apart"} else ""
        print(f"  {what}{verdict}: {together} of {together + apart} pairs in one story")


def simulation() -> None:
    """Simulated copies: what the second level adds to the clusters, and what of it is of other events."""
    rows = [
        json.loads(line)
        for line in (SHARED / "clusters" / "sim-dev.gold.jsonl").read_text().splitlines()
    ]
    with gzip.open(SHARED / "clusters" / "sim-dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        documents = [
            Document(
                article_id=r["id"], text=r["text"], host=r["host"], published_at=r["published"]
            )
            for r in map(json.loads, lines)
        ]
    said = _said(documents, WINDOW)
    story, cluster = said.story, said.cluster
    event = {row["id"]: row["event"] for row in rows}
    lineage = {row["id"]: row["cluster"] for row in rows}
    added = _pairs(story) - _pairs(cluster)
    right = sum(lineage[a] == lineage[b] for a, b in added)
    known = sum(event[a] == event[b] for a, b in added)
    print(
        f"sim-dev: stories add {len(added)} pairs to the clusters', {right} of one lineage,"
        f" {known - right} others of one event, {len(added) - known} of two events"
    )


def real_pages() -> None:
    """Real pages of many sites: what is joined, to be read."""
    rows = [
        json.loads(line)
        for line in (SHARED / "extraction" / "gold.jsonl").read_text("utf-8").splitlines()
    ]
    documents = [Document(article_id=row["id"], text=row["body"], host=row["id"]) for row in rows]
    said = _said(documents, None)
    story, cluster = said.story, said.cluster
    added = _pairs(story) - _pairs(cluster)
    print(
        f"extraction gold: {len(documents)} pages, stories add {len(added)} pairs to the clusters':"
        f" {sorted(added)[:5]}"
    )


def in_a_crowd(count: int) -> None:
    """The made-up wires among so many other articles of the same fourteen days."""
    chance = random.Random(1)

    def some_day() -> str:
        return f"2026-02-{chance.randint(1, 14):02}T{chance.randrange(24):02}:00:00Z"

    decoder = msgspec.json.Decoder(TextLine)
    others = [document_of_line(decoder.decode(line)) for line in articles(count, "words")]
    texts = wires.load("tuned-1", "tuned-2", "held-out")
    told = [
        Document(article_id=f"{t.wire} {t.form} {n}", text=t.text, host=f"host{n}.example")
        for n, t in enumerate(texts)
    ]
    dated = [msgspec.structs.replace(d, published_at=some_day()) for d in (*told, *others)]
    story = _said(dated, WINDOW).story
    gold = {d.article_id: t.story for d, t in zip(told, texts, strict=True)}
    print(f"made-up wires among {count} articles of the same days")
    _say("  stories", gold, story)
    strangers = {story[d.article_id] for d in others} & {story[name] for name in gold}
    print(f"  stories with a stranger in them: {len(strangers)}")


class _Said(NamedTuple):
    """Each document's story and cluster, and the relations of the stories' links."""

    story: dict[str, str]
    cluster: dict[str, str]
    relations: list[str]


def _said(documents: Iterable[Document], window: float | None) -> _Said:
    with clustered(documents, SETTINGS, window) as found:
        placed = found.assignments
        return _Said(
            {a.article_id: a.story_id for a in placed},
            {a.article_id: a.cluster_id for a in placed},
            [link.relation for links in found.links.values() for link in links],
        )


def _pairs(labels: Mapping[str, str]) -> set[Pair]:
    groups: dict[str, list[str]] = {}
    for name, label in labels.items():
        groups.setdefault(label, []).append(name)
    return {pair for group in groups.values() for pair in combinations(sorted(group), 2)}


def _groups(labels: Mapping[str, str]) -> Sequence[Sequence[str]]:
    groups: dict[str, list[str]] = {}
    for name in sorted(labels):
        groups.setdefault(labels[name], []).append(name)
    return list(groups.values())


def _say(
    what: str, gold: Mapping[str, str], said: Mapping[str, str], *, show: bool = False
) -> None:
    true, found = _pairs(gold), _pairs({name: said[name] for name in gold})
    both = len(true & found)
    precision, recall = both / max(len(found), 1), both / max(len(true), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    print(f"{what}: P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}  ({len(true)} pairs)")
    if show:
        _tell("    joined wrongly", sorted(found - true))
        _tell("    missed", sorted(true - found))


def _tell(what: str, pairs: Iterable[Pair]) -> None:
    for one, other in list(pairs)[:20]:
        print(f"{what}: {one} | {other}")


def main() -> None:
    """All figures."""
    made_up_wires("made-up wires, tuned on", "tuned-1", "tuned-2")
    made_up_wires("made-up wires, held out", "held-out")
    made_up_web()
    if not SHARED.is_dir():
        print("../shared is not here: the figures on real texts are left out")
        return
    examples()
    rumours()
    simulation()
    real_pages()
    in_a_crowd(10_000)


if __name__ == "__main__":
    main()
