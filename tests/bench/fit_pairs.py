"""Fit the `[pairs]` table of configs/dedup.toml, and say how well it does on what it was not fitted on.

    python -m tests.bench.fit_pairs ../shared/data/clusters

In: labelled copies, simulated (`sim-dev`) and real (`fnc1-dev`); simulation alone takes rewrites of one
event that share quotations for copies. Out: the table, with the digests of its data, to paste; and on
standard error the cross-validated figures. Pairs of the two halves are told apart by event or by text.
"""

import gzip
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from corpus import cluster, pairs, plan
from corpus.config import default_file
from corpus.nodes import Nodes
from corpus.records import TextLine
from corpus.rows import Index

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

KNOTS = (0.25, 0.5, 0.75)
LIMIT = 8.0
PENALTY = 1.0  # L2, on all but the intercept
REAL_WEIGHT = 50.0  # a real pair counts for so many simulated ones: there are 26 times fewer
FILES = ("sim-dev.jsonl.gz", "sim-dev.gold.jsonl", "fnc1-dev.jsonl.gz", "fnc1-dev.pairs.jsonl")


class Labelled(NamedTuple):
    """A set's candidate pairs: their columns, whether they are copies, which half each text is in.

    `known` is false where the gold leaves a pair open.
    """

    documents: Sequence[plan.Document]
    nodes: Nodes
    pairs: Index
    columns: Floats
    copies: Bools
    known: Bools
    halves: Index


def main(folder: Path) -> None:
    settings = plan.load_dedup_settings(default_file("dedup.toml").read_text(), "dedup.toml")
    cluster_of = {row["id"]: row for row in _rows(folder / FILES[1])}
    judged = {frozenset((row["a"], row["b"])): row["judged"] for row in _rows(folder / FILES[3])}
    simulated = _labelled(
        folder / FILES[0],
        settings,
        lambda a, b: "copy" if cluster_of[a]["cluster"] == cluster_of[b]["cluster"] else "not copy",
        lambda a: cluster_of[a]["event"],
    )
    real = _labelled(
        folder / FILES[2], settings, lambda a, b: judged.get(frozenset((a, b)), "not copy"), str
    )
    held_out = [np.zeros(len(simulated.pairs)), np.zeros(len(real.pairs))]
    times = [np.zeros(len(simulated.pairs)), np.zeros(len(real.pairs))]
    for half in (0, 1):
        weights = _fitted(simulated, real, half)
        for n, labelled in enumerate((simulated, real)):
            unseen = ~(labelled.halves == half).all(axis=1)
            held_out[n][unseen] += _odds(labelled.columns[unseen], weights)
            times[n][unseen] += 1
    odds = [
        np.clip(o / np.maximum(t, 1), -LIMIT, LIMIT) for o, t in zip(held_out, times, strict=True)
    ]
    gold = {name: row["cluster"] for name, row in cluster_of.items()}
    _say("sim-dev, held out", _agreement(gold, _clusters(simulated, odds[0], settings)))
    _say("fnc1-dev, held out", _judged(judged, _clusters(real, odds[1], settings)))
    _print_table(_fitted(simulated, real, None), folder)


def _labelled(
    path: Path,
    settings: plan.DedupSettings,
    judge: Callable[[str, str], str],
    group: Callable[[str], str],
) -> Labelled:
    with gzip.open(path) as lines:
        decoder = msgspec.json.Decoder(TextLine)
        documents = [plan.document_of_line(decoder.decode(line)) for line in lines]
    documents.sort(key=lambda d: (d.article_id, d.version))
    nodes = plan.distinct(documents, settings, 14.0)
    found = plan.propose(nodes, settings, 14.0)
    names = [documents[n].article_id for n in nodes.source]
    verdicts = [judge(names[a], names[b]) for a, b in found.tolist()]
    halves = np.array([_half(group(name)) for name in names])
    return Labelled(
        documents,
        nodes,
        found,
        pairs.design(pairs.figures(nodes.texts, found), KNOTS),
        np.array([verdict == "copy" for verdict in verdicts]),
        np.array([verdict != "open" for verdict in verdicts]),
        halves[found],
    )


def _half(name: str) -> int:
    return hashlib.sha256(name.encode()).digest()[0] & 1


def _fitted(simulated: Labelled, real: Labelled, half: int | None) -> Floats:
    """The weights from the pairs of one half, or of both."""
    columns, copies, weights = [], [], []
    for labelled, weight in ((simulated, 1.0), (real, REAL_WEIGHT)):
        used = labelled.known & (True if half is None else (labelled.halves == half).all(axis=1))
        columns.append(labelled.columns[used])
        copies.append(labelled.copies[used])
        weights.append(np.full(int(used.sum()), weight))
    return _logistic(np.vstack(columns), np.concatenate(copies), np.concatenate(weights))


def _logistic(columns: Floats, copies: Bools, weights: Floats) -> Floats:
    """Newton's method on the penalised likelihood; the intercept first."""
    design = np.hstack([np.ones((len(columns), 1)), columns])
    penalty = np.full(design.shape[1], PENALTY)
    penalty[0] = 1e-9
    found = np.zeros(design.shape[1])
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        slope = design.T @ (weights * (chance - copies)) + penalty * found
        curve = (design * (weights * chance * (1 - chance))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        found -= step
        if np.abs(step).max() < 1e-8:
            break
    return found


def _odds(columns: Floats, weights: Floats) -> Floats:
    odds: Floats = columns @ weights[1:] + weights[0]
    return odds


def _clusters(labelled: Labelled, odds: Floats, settings: plan.DedupSettings) -> dict[str, int]:
    labels = cluster.average_link(labelled.nodes.weights, labelled.pairs, odds, settings.cluster)
    documents = zip(labelled.documents, labels[labelled.nodes.node].tolist(), strict=True)
    return {document.article_id: label for document, label in documents}


def _agreement(gold: Mapping[str, str], found: Mapping[str, int]) -> dict[str, float]:
    """Pair precision and recall, and the adjusted Rand index."""

    def together(counts: Counter[Any]) -> int:
        return sum(n * (n - 1) // 2 for n in counts.values())

    both = together(Counter((gold[name], found[name]) for name in gold))
    true, said = together(Counter(gold.values())), together(Counter(found[name] for name in gold))
    chance = true * said / (len(gold) * (len(gold) - 1) / 2)
    adjusted = (both - chance) / ((true + said) / 2 - chance)
    return {"ari": adjusted, "precision": both / said, "recall": both / true}


def _judged(verdicts: Mapping[frozenset[str], str], found: Mapping[str, int]) -> dict[str, float]:
    joined = Counter(v for pair, v in verdicts.items() if len({found[name] for name in pair}) == 1)
    copies = sum(verdict == "copy" for verdict in verdicts.values())
    precision = joined["copy"] / max(joined["copy"] + joined["not copy"], 1)
    recall = joined["copy"] / copies
    f1 = 2 * precision * recall / (precision + recall)
    return {"precision": precision, "recall": recall, "f1": f1}


def _say(what: str, figures: Mapping[str, float]) -> None:
    shown = "  ".join(f"{name} {value:.4f}" for name, value in figures.items())
    print(f"{what}: {shown}", file=sys.stderr)


def _print_table(weights: Floats, folder: Path) -> None:
    print("# Made by tests/bench/fit_pairs.py from these files (first 16 digits of their SHA-256):")
    for name in FILES:
        print(f"#   {name} {hashlib.sha256((folder / name).read_bytes()).hexdigest()[:16]}")
    print(f"[pairs]\nintercept = {weights[0]:.4f}\nknots = {list(KNOTS)}\nlimit = {LIMIT}\n")
    print("[pairs.weights]")
    for name, row in zip(pairs.FEATURES, weights[1:].reshape(-1, len(KNOTS) + 1), strict=True):
        print(f"{name} = [{', '.join(f'{value:.4f}' for value in row)}]")


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
