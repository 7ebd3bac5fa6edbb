"""How well copies are found: `python -m tests.bench.copies`.

In: ../shared/data beside the project. Out, on standard output: for the simulation and for made-up
newsrooms the candidates' recall and number, and how well the clusters agree with the gold; for real
pages F1 of the judged pairs, and how far the customer's pages are from being copies. The model was fitted
on the first two newsrooms, the simulation and the real pages: `tests.bench.fit_pairs` prints what it does
on what it did not see. Asserts nothing.
"""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from corpus import pairs
from corpus.documents import Document
from tests.bench import templates
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
from tests.clustered import clustered

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


def filled_in() -> None:
    """Forms filled in anew that are joined, and copies with other figures or names that are not."""
    for name, texts in templates.sets(1).items():
        documents = [
            Document(article_id=str(n), text=t.text, host=t.host, published_at=t.published)
            for n, t in enumerate(texts)
        ]
        with clustered(documents, SETTINGS, 14.0) as found:
            placed = {a.article_id: (a.cluster_id, a.story_id) for a in found.assignments}
        ends = [(t.thing, *placed[str(n)]) for n, t in enumerate(texts)]
        for level, what in ((1, "copies"), (2, "stories")):
            print(f"{name}: {_together(ends, level)} as {what}")


def _together(ends: Sequence[tuple[str, str, str]], level: int) -> str:
    pairs = [
        (one[0] == other[0], one[level] == other[level]) for one, other in combinations(ends, 2)
    ]
    true, found = pairs.count((True, True)), pairs.count((False, True))
    return f"{true} of {true + pairs.count((True, False))} pairs together, {found} others"


def main() -> None:
    """All sets, one after the other."""
    filled_in()
    say(simulated(SHARED / "clusters"))
    say(judged(SHARED / "clusters"))
    say(examples(SHARED / "seeds"))
    for seed in SEEDS:
        say(made_up(SHARED, seed))


if __name__ == "__main__":
    main()
