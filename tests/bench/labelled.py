"""Sets of texts of which it is known what is a copy of what, and how well clusters agree with that.

In: ../shared/data/clusters and the made-up newsrooms. Out: each set's candidate pairs with their
figures and labels, and scores of a clustering. Everything is computed with the settings given.
"""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from corpus import cluster, pairs, parting, plan, printed, roundups
from corpus.config import default_file
from corpus.documents import document_of_line
from corpus.records import TextLine
from corpus.rows import Index, taken
from tests.bench.newsroom import gold_stories, lines, newsroom
from tests.compared import Compared, compared

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FOLDS = 5
WINDOW = 14.0
SETTINGS = plan.load_dedup_settings(default_file("dedup.toml").read_text(), "dedup.toml")


class Labelled(NamedTuple):
    """A set's texts and its candidate pairs: figures, whether they are copies, the folds of the two.

    `gold` is each document's cluster; where only pairs are judged it is empty, `judged` has their
    verdicts, and `known` is false for those left open. `kinds` are of documents. `digests` are of
    the data, to stand beside what was learned of it.
    """

    name: str
    made: Compared
    figures: pairs.Figures
    copies: Bools
    known: Bools
    folds: Index
    gold: Mapping[str, str]
    judged: Mapping[frozenset[str], str]
    kinds: Mapping[str, str]
    digests: Mapping[str, str]


def simulated(folder: Path, name: str = "sim-dev") -> Labelled:
    """A simulation of ../shared/data/clusters."""
    files = folder / f"{name}.jsonl.gz", folder / f"{name}.gold.jsonl"
    rows = {row["id"]: row for row in _rows(files[1])}
    with gzip.open(files[0]) as texts:
        return _with_gold(name, texts, rows, _digests(files))


def made_up(data: Path, seed: int) -> Labelled:
    """The pages of a made-up newsroom."""
    pages = newsroom(gold_stories(data / "extraction" / "gold.jsonl"), seed)
    texts = list(lines(pages))
    name = f"newsroom {seed}"
    digest = hashlib.sha256(b"".join(texts)).hexdigest()[:16]
    return _with_gold(name, texts, {page.id: page._asdict() for page in pages}, {name: digest})


def judged(folder: Path, name: str = "fnc1-dev") -> Labelled:
    """Real pages with judged pairs; what is not judged is no copy."""
    files = folder / f"{name}.jsonl.gz", folder / f"{name}.pairs.jsonl"
    verdicts = {frozenset((row["a"], row["b"])): row["judged"] for row in _rows(files[1])}
    with gzip.open(files[0]) as texts:
        return _with_verdicts(name, texts, verdicts, _digests(files))


def examples(folder: Path) -> Labelled:
    """The customer's pages: three of them tell one story in words of their own, and none is a copy."""
    files = sorted((folder / "gold").glob("00*.json"))
    found = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    texts = [
        json.dumps({"id": file.stem, "text": gold["body_text"]}).encode()
        for file, gold in zip(files, found, strict=True)
    ]
    pairs = combinations([file.stem for file in files], 2)
    verdicts = {frozenset(pair): "not copy" for pair in pairs}
    return _with_verdicts("examples", texts, verdicts, _digests(files))


def clusters(labelled: Labelled, odds: Floats) -> dict[str, int]:
    """The cluster of each document by these log-odds."""
    made, rules = labelled.made, SETTINGS.roundups
    found = made.pairs, labelled.figures
    every = np.ones(len(made.nodes.weights), bool)
    words = parting.Words(*(partial(taken, rows) for rows in (made.texts.grams, made.texts.names)))
    apart = parting.parted(words, *found, every, SETTINGS.parting)
    whole = ~(apart.left | apart.right)

    def linked(kept: Bools) -> Index:
        some, values = made.pairs[kept], odds[kept]
        same = some[cluster.twins(values, labelled.figures.jaccard[kept], SETTINGS.cluster)]
        return cluster.average_link(made.nodes.weights, some, values, SETTINGS.cluster, same=same)

    marks = printed.compilations(made.texts, made.leads, linked(whole), *found, rules)
    copies = labelled.figures.jaccard > rules.copy
    labels = linked(roundups.joinable(made.pairs, copies, marks | apart.pages) & whole)
    named = zip(made.documents, labels[made.nodes.node].tolist(), strict=True)
    return {document.article_id: label for document, label in named}


def scores(labelled: Labelled, found: Mapping[str, Any]) -> dict[str, float]:
    """How well the clusters agree with the gold, or with the judged pairs."""
    if labelled.gold:
        return agreement(labelled.gold, found)
    joined = Counter(
        verdict for pair, verdict in labelled.judged.items() if len({found[n] for n in pair}) == 1
    )
    copies = sum(verdict == "copy" for verdict in labelled.judged.values())
    if not copies:
        return {"joined wrongly": joined["not copy"]}
    precision = joined["copy"] / max(joined["copy"] + joined["not copy"], 1)
    recall = joined["copy"] / copies
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return {"f1": f1, "precision": precision, "recall": recall}


def agreement(gold: Mapping[str, str], found: Mapping[str, Any]) -> dict[str, float]:
    """The adjusted Rand index, B-cubed F1, pair precision and recall."""

    def together(counts: Counter[Any]) -> int:
        return sum(n * (n - 1) // 2 for n in counts.values())

    overlaps = Counter((gold[name], found[name]) for name in gold)
    golds, founds = Counter(gold.values()), Counter(found[name] for name in gold)
    both, true, said = together(overlaps), together(golds), together(founds)
    chance = true * said / (len(gold) * (len(gold) - 1) / 2)
    precision = sum(n * n / founds[label] for (_, label), n in overlaps.items()) / len(gold)
    recall = sum(n * n / golds[label] for (label, _), n in overlaps.items()) / len(gold)
    return {
        "ari": (both - chance) / ((true + said) / 2 - chance),
        "b-cubed": 2 * precision * recall / (precision + recall),
        "precision": both / max(said, 1),
        "recall": both / true,
    }


def candidate_recall(labelled: Labelled) -> tuple[float, float, float]:
    """The share of gold pairs proposed; of those with three 5-grams in common; proposed a document.

    Gold pairs with fewer than three common 5-grams, or a containment under .06, nothing can find.
    """
    made = labelled.made
    groups: dict[str, list[int]] = {}
    for document, node in zip(made.documents, made.nodes.node.tolist(), strict=True):
        groups.setdefault(labelled.gold[document.article_id], []).append(node)
    true = {
        (min(pair), max(pair))
        for members in groups.values()
        for pair in combinations(members, 2)
        if pair[0] != pair[1]
    }
    wanted = np.array(sorted(true), np.int64)
    found = pairs.figures(made.texts, wanted)
    findable = (found.shared >= 3) & (found.containment >= 0.06)
    code = np.array([len(made.nodes.weights), 1])
    proposed = np.isin(wanted @ code, made.pairs @ code)
    a_document = len(made.pairs) / len(made.documents)
    return float(proposed.mean()), float(proposed[findable].mean()), a_document


def _with_verdicts(
    name: str,
    texts: Iterable[bytes],
    verdicts: Mapping[frozenset[str], str],
    digests: Mapping[str, str],
) -> Labelled:
    made, figures = _compared(texts)
    found = made.pairs
    names = [made.documents[n].article_id for n in made.nodes.source]
    said = [verdicts.get(frozenset((names[a], names[b])), "not copy") for a, b in found.tolist()]
    alike = figures.containment >= 0.2  # reports of one event: they stay in one fold
    groups = cluster.components(len(names), *found[alike].T)
    folds = np.array([_fold(names[n]) for n in groups.tolist()])
    return Labelled(
        name=name,
        made=made,
        figures=figures,
        copies=np.array([verdict == "copy" for verdict in said]),
        known=np.array([verdict != "open" for verdict in said]),
        folds=folds[found],
        gold={},
        judged=verdicts,
        kinds={},
        digests=digests,
    )


def _with_gold(
    name: str,
    texts: Iterable[bytes],
    rows: Mapping[str, Mapping[str, str]],
    digests: Mapping[str, str],
) -> Labelled:
    made, figures = _compared(texts)
    found = made.pairs
    sources = [rows[made.documents[n].article_id] for n in made.nodes.source]
    folds = np.array([_fold(row["event"]) for row in sources])
    copies = np.array([sources[a]["cluster"] == sources[b]["cluster"] for a, b in found.tolist()])
    return Labelled(
        name=name,
        made=made,
        figures=figures,
        copies=copies,
        known=np.ones(len(found), bool),
        folds=folds[found],
        gold={page: row["cluster"] for page, row in rows.items()},
        judged={},
        kinds={page: row["kind"] for page, row in rows.items()},
        digests=digests,
    )


def _compared(texts: Iterable[bytes]) -> tuple[Compared, pairs.Figures]:
    decoder = msgspec.json.Decoder(TextLine)
    made = compared((document_of_line(decoder.decode(line)) for line in texts), SETTINGS, WINDOW)
    return made, pairs.figures(made.texts, made.pairs)


def _fold(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % FOLDS


def _digests(files: Iterable[Path]) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:16] for file in files}


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
