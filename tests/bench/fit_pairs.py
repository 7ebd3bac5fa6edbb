"""Fit the `[pairs]` table of configs/dedup.toml, and say how well it does on what it was not fitted on.

    python -m tests.bench.fit_pairs ../shared/data

In: labelled copies, simulated (`sim-dev`, two made-up newsrooms) and real (`fnc1-dev`); simulation
alone takes rewrites of one event that share quotations for copies. Out: the table, with the digests of
its data, to paste; and on standard error figures of three kinds. *Cross-validated*: each pair is judged by
models that saw no pair with its events. *Another simulation*: all of a simulation is judged by a model that
saw no page of it, nor of its like. *Unseen seed*: a newsroom of other pages.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus import pairs
from tests.bench.labelled import (
    FOLDS,
    Labelled,
    clusters,
    examples,
    judged,
    made_up,
    scores,
    simulated,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

KNOTS = (0.25, 0.5, 0.75)
LIMIT = 8.0
PENALTY = 1.0  # L2, on all but the intercept
REAL_WEIGHT = 50.0  # a real pair counts for so many simulated ones: there are 40 times fewer
BY_HAND = {"refilled": -20.0}
"""Set after the others were fitted: the pairs have few forms; tests/bench/templates has more of them, and
copies that this must spare."""
TRAINING_SEEDS = (1, 2)
UNSEEN_SEEDS = (3, 4)


def main(data: Path) -> None:
    """Print the table, and the figures."""
    other, real = simulated(data / "clusters"), judged(data / "clusters")
    own = [made_up(data, seed) for seed in TRAINING_SEEDS]
    training = [other, real, examples(data / "seeds"), *own]
    for labelled, odds in zip(training, _held_out(training), strict=True):
        _say("cross-validated", labelled, odds)
    foreign, homely = _fitted([other, real]), _fitted([real, *own])
    final = _fitted(training)
    _say("another simulation", other, _odds(other, homely))
    for labelled in own:
        _say("another simulation", labelled, _odds(labelled, foreign))
    for seed in UNSEEN_SEEDS:
        labelled = made_up(data, seed)
        _say("another simulation", labelled, _odds(labelled, foreign))
        _say("unseen seed", labelled, _odds(labelled, final))
    for labelled in training:
        _say("in sample", labelled, _odds(labelled, final))
    _print_table(final, training)


def _held_out(training: Sequence[Labelled]) -> list[Floats]:
    """The log-odds of each set's pairs by the models that saw none of its two events."""
    sums = [np.zeros(len(labelled.copies)) for labelled in training]
    times = [np.zeros(len(labelled.copies)) for labelled in training]
    for fold in range(FOLDS):
        weights = _fitted(training, fold)
        for n, labelled in enumerate(training):
            unseen = (labelled.folds == fold).any(axis=1)
            sums[n][unseen] += _odds(labelled, weights)[unseen]
            times[n][unseen] += 1
    return [total / count for total, count in zip(sums, times, strict=True)]


def _fitted(training: Sequence[Labelled], fold: int | None = None) -> Floats:
    """The weights from all pairs, or from those without an event of the fold."""
    columns, copies, weights = [], [], []
    for labelled in training:
        used = labelled.known & (labelled.folds != fold).all(axis=1)
        columns.append(pairs.design(labelled.figures, KNOTS)[used])
        copies.append(labelled.copies[used])
        weights.append(np.full(int(used.sum()), REAL_WEIGHT if labelled.judged else 1.0))
    return _logistic(np.vstack(columns), np.concatenate(copies), np.concatenate(weights))


def _logistic(columns: Floats, copies: Bools, weights: Floats) -> Floats:
    """Newton's method on the penalised likelihood, but for what is given by hand; the intercept first."""
    given = np.zeros(columns.shape[1])
    for feature, weight in BY_HAND.items():
        given[pairs.FEATURES.index(feature) * (len(KNOTS) + 1)] = weight
    by_hand = np.repeat([feature in BY_HAND for feature in pairs.FEATURES], len(KNOTS) + 1)
    design = np.hstack([np.ones((len(columns), 1)), columns * ~by_hand])
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
    found[1:] += given
    return found


def _odds(labelled: Labelled, weights: Floats) -> Floats:
    columns = pairs.design(labelled.figures, KNOTS)
    odds: Floats = np.clip(columns @ weights[1:] + weights[0], -LIMIT, LIMIT)
    return odds


def _say(how: str, labelled: Labelled, odds: Floats) -> None:
    figures: Mapping[str, float] = scores(labelled, clusters(labelled, odds))
    shown = "  ".join(f"{name} {value:.4f}" for name, value in figures.items())
    print(f"{how:<19} {labelled.name:<11} {shown}", file=sys.stderr)


def _print_table(weights: Floats, training: Sequence[Labelled]) -> None:
    print("# Made by tests/bench/fit_pairs.py from these (first 16 digits of their SHA-256):")
    for labelled in training:
        for name, digest in labelled.digests.items():
            print(f"#   {name} {digest}")
    print(f"[pairs]\nintercept = {weights[0]:.4f}\nknots = {list(KNOTS)}\nlimit = {LIMIT}\n")
    print("[pairs.weights]")
    for name, row in zip(pairs.FEATURES, weights[1:].reshape(-1, len(KNOTS) + 1), strict=True):
        print(f"{name} = [{', '.join(f'{value:.4f}' for value in row)}]")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
