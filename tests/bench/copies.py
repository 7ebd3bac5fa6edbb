"""How well copies are found: `python -m tests.bench.copies`.

In: ../shared/data beside the project. Out, on standard output: for the simulation and for made-up
newsrooms the candidates' recall and number, and how well the clusters agree with the gold; for real
pages F1 of the judged pairs, and how far the customer's pages are from being copies. The model was fitted
on the first two newsrooms, the simulation and the real pages: `tests.bench.fit_pairs` prints what it does
on what it did not see. Asserts nothing.
"""

from pathlib import Path

from corpus import pairs
from tests.bench.labelled import (
    SETTINGS,
    Labelled,
    candidate_recall,
    clusters,
    examples,
    judged,
    made_up,
    scores,
    simulated,
)

SHARED = Path(__file__).parents[3] / "shared" / "data"
SEEDS = (1, 2, 3, 4)


def say(labelled: Labelled) -> None:
    """Print a set's figures."""
    odds = pairs.log_odds(labelled.figures, SETTINGS.pairs)
    figures = scores(labelled, clusters(labelled, odds))
    shown = "  ".join(f"{name} {value:.4f}" for name, value in figures.items())
    print(f"copies {labelled.name}: {shown}")
    if not labelled.copies.any():
        print(f"  the likeliest pair has log-odds {odds.max():.2f}")
    if labelled.gold:
        every, findable, a_document = candidate_recall(labelled)
        print(
            f"candidates {labelled.name}: recall {every:.4f}, {findable:.4f} of those that share"
            f" 5-grams, {a_document:.1f} a document"
        )


def main() -> None:
    """All sets, one after the other."""
    say(simulated(SHARED / "clusters"))
    say(judged(SHARED / "clusters"))
    say(examples(SHARED / "seeds"))
    for seed in SEEDS:
        say(made_up(SHARED, seed))


if __name__ == "__main__":
    main()
