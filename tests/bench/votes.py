"""Fit configs/votes.toml, and say how well it does on sites that it was not fitted on.

    python -m tests.bench.votes ../shared/data/extraction

In: real pages with their gold bodies, and the scorer beside them (`../tools/score_extraction.py`).
Out: the file, to paste; and on standard error the figures, each site's pages read with the weights of
all other sites. The rules of configs/boilerplate.toml run on what is kept, without hints of places.
"""

import gzip
import hashlib
import importlib.util
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from corpus import boilerplate, votes
from corpus.blocks import Block
from corpus.config import default_file
from corpus.dom import parse, without_unseen
from corpus.extractors import _NO_STORY, _load, _trafilatura, answers
from corpus.metadata import statement
from corpus.outline import walk
from crawler.hosts import registrable_domain
from crawler.urls import host_of

Floats = NDArray[np.float64]

SETS = ("n4k", "fundus", "sites")
FEATURES = votes.Evidence.__struct_fields__
LEAST, NEAREST = 0.4, 0.7
PENALTY = 0.5  # L2, on all but the base
LEAST_BODY = 200.0  # letters: a shorter gold does not make its blocks count for more
ROUNDS = 12


class Sample(NamedTuple):
    """A page: its blocks, what is said of them, and of the blocks with evidence whether gold has them.

    `alone` is what trafilatura's precision mode makes of the page by itself.
    """

    set: str
    site: str
    gold: Mapping[str, Any]
    blocks: Sequence[Block]
    titles: Sequence[str]
    ballot: votes.Ballot
    rows: Floats
    is_story: Floats
    letters: Floats
    alone: str
    ballot_ms: float
    alone_ms: float


def main(folder: Path) -> None:
    scorer = _scorer(folder.parent.parent / "tools" / "score_extraction.py")
    gold = {g["id"]: g for g in scorer.jsonl(folder / "gold.jsonl")}
    samples = [
        _sample(scorer, name, page, gold[page["id"]])
        for name in SETS
        for page in _pages(folder / f"pages-{name}.jsonl.gz")
    ]
    importance = _importance(samples)
    out_of_site = _leave_one_site_out(samples, importance)
    _report(scorer, samples, out_of_site)
    print(_toml(_fit(samples, importance), [folder / f"pages-{name}.jsonl.gz" for name in SETS]))


def _scorer(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_extraction", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _pages(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _sample(scorer: Any, name: str, page: Mapping[str, str], gold: Mapping[str, Any]) -> Sample:
    html = page["html"]
    started = time.process_time()
    alone = precise(html)
    alone_ms = 1000 * (time.process_time() - started)
    started = time.process_time()
    found = answers(html)
    ballot_ms = 1000 * (time.process_time() - started)
    tree = parse(html)
    assert tree is not None
    stated = statement(tree, page["url"])
    outline = walk(without_unseen(tree)).outline
    told = (outline.heading, stated.headline, stated.title)
    ballot = votes.Ballot(found, stated.body)
    known = votes.evidence(outline.blocks, ballot, told)
    chosen = [block for block, row in zip(outline.blocks, known, strict=True) if row is not None]
    rows = [msgspec.structs.astuple(row) for row in known if row is not None]
    is_story = _labels(scorer, [block.text for block in chosen], gold)
    return Sample(
        set=name,
        site=registrable_domain(host_of(page["url"])),
        gold=gold,
        blocks=outline.blocks,
        titles=told,
        ballot=ballot,
        rows=np.array(rows, float).reshape(len(rows), len(FEATURES)),
        is_story=np.array(is_story, float),
        letters=np.array([votes.letters(block.text) for block in chosen], float),
        alone=alone,
        ballot_ms=ballot_ms,
        alone_ms=alone_ms,
    )


def precise(html: str) -> str:
    """trafilatura's answer in its precision mode, with its own comparison of extractors."""
    from lxml.etree import strip_elements

    tree = _load(html)
    if tree is None:
        return ""
    strip_elements(tree, *_NO_STORY, with_tail=False)
    return _trafilatura(tree) or _trafilatura(html)


def _labels(scorer: Any, texts: Sequence[str], gold: Mapping[str, Any]) -> list[bool]:
    """Whether gold has half of a text's 4-grams; of less than six words, whether it is a line of it."""
    cjk = gold["lang"] in ("zh", "ja")
    grams = set(scorer.grams(scorer.tokens(gold["body"], cjk)))
    lines = {tuple(scorer.tokens(line, cjk)) for line in gold["body"].split("\n")}
    found = []
    for text in texts:
        tokens = scorer.tokens(text, cjk)
        own = set(scorer.grams(tokens))
        found.append(
            2 * len(own & grams) >= len(own) if len(tokens) >= 6 else tuple(tokens) in lines - {()}
        )
    return found


def _importance(samples: Sequence[Sample]) -> list[Floats]:
    """Of each row: its share of the page's story; the sets count alike."""
    pages = Counter(sample.set for sample in samples)
    return [
        np.minimum(1.0, s.letters / max(LEAST_BODY, float(s.letters @ s.is_story)))
        * (400 / pages[s.set])
        for s in samples
    ]


def _fit(samples: Sequence[Sample], importance: Sequence[Floats]) -> Floats:
    """The weights, by Newton's method."""
    rows = np.concatenate([sample.rows for sample in samples])
    wanted = np.concatenate([sample.is_story for sample in samples])
    weight = np.concatenate(list(importance))
    penalty = np.full(len(FEATURES), PENALTY)
    penalty[FEATURES.index("base")] = 1e-6
    found = np.zeros(len(FEATURES))
    for _ in range(ROUNDS):
        odds = _probability(rows, found)
        slope = rows.T @ (weight * (odds - wanted)) + penalty * found
        bend = (rows * (weight * odds * (1 - odds))[:, None]).T @ rows + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        found -= step * min(1.0, 3 / max(1e-9, float(np.abs(step).max())))
    return found


def _probability(rows: Floats, weights: Floats) -> Floats:
    odds: Floats = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
    return odds


def _leave_one_site_out(
    samples: Sequence[Sample], importance: Sequence[Floats]
) -> list[votes.Weights]:
    """For each page the weights fitted on the other sites' pages."""
    of_site: dict[str, votes.Weights] = {}
    for site in sorted({sample.site for sample in samples}):
        others = [n for n, sample in enumerate(samples) if sample.site != site]
        fitted = _fit([samples[n] for n in others], [importance[n] for n in others])
        of_site[site] = _weights(fitted)
    return [of_site[sample.site] for sample in samples]


def _weights(fitted: Floats) -> votes.Weights:
    named = dict(zip(FEATURES, map(float, fitted), strict=True))
    return votes.Weights(least=LEAST, nearest=NEAREST, weights=votes.Evidence(**named))


def _report(scorer: Any, samples: Sequence[Sample], weights: Sequence[votes.Weights]) -> None:
    rules = boilerplate.load_boilerplate(default_file("boilerplate.toml").read_text("utf-8"))
    scores: defaultdict[str, list[tuple[Any, Any]]] = defaultdict(list)
    contested: Counter[str] = Counter()
    votes_ms: defaultdict[str, float] = defaultdict(float)
    for sample, told in zip(samples, weights, strict=True):
        started = time.process_time()
        choice = votes.choose(sample.blocks, sample.ballot, sample.titles, told)
        votes_ms[sample.set] += 1000 * (time.process_time() - started)
        contested[sample.set] += choice.contested
        kept = [b.text for b, keep in zip(sample.blocks, choice.kept, strict=True) if keep]
        text = "\n\n".join(_cleaned(kept, sample, rules))
        scores[sample.set].append(
            (_score(scorer, sample, text), _score(scorer, sample, sample.alone))
        )
    for name, pairs in scores.items():
        ours, theirs = scorer.total([a for a, _ in pairs]), scorer.total([b for _, b in pairs])
        gains = np.array([a["f"] - b["f"] for a, b in pairs])
        source = np.random.default_rng(7)
        means = [float(source.choice(gains, len(gains)).mean()) for _ in range(2000)]
        low, high = np.quantile(means, [0.025, 0.975])
        pages = [sample for sample in samples if sample.set == name]
        print(
            f"{name}: P {ours['p']:.4f} R {ours['r']:.4f} F1 {ours['f1']:.4f} "
            f"page F1 {ours['page_f1']:.4f}; trafilatura's precision mode F1 {theirs['f1']:.4f} "
            f"page F1 {theirs['page_f1']:.4f}, gain [{low:+.4f}, {high:+.4f}]; "
            f"empty {sum(a['p'] is None for a, _ in pairs)}, {sum(b['p'] is None for _, b in pairs)}; "
            f"contested {contested[name]}; ms a page: precision mode "
            f"{np.mean([page.alone_ms for page in pages]):.1f}, answers "
            f"{np.mean([page.ballot_ms for page in pages]):.1f}, votes "
            f"{votes_ms[name] / len(pairs):.1f}",
            file=sys.stderr,
        )


def _cleaned(kept: Sequence[str], sample: Sample, rules: boilerplate.BoilerplateRules) -> list[str]:
    lines = [boilerplate.Line(text) for text in kept]
    judged = boilerplate.verdicts(lines, sample.titles, rules)
    return [text for text, (kind, _) in zip(kept, judged, strict=True) if not kind]


def _score(scorer: Any, sample: Sample, text: str) -> Any:
    gold = sample.gold
    text = scorer.without_title(text, gold.get("title_line"))
    return scorer.page_score(gold["body"], text, gold["lang"] in ("zh", "ja"))


def _toml(fitted: Floats, files: Sequence[Path]) -> str:
    lines = ["# Fitted by `python -m tests.bench.votes` on"]
    lines += [f"#   {f.name} {hashlib.sha256(f.read_bytes()).hexdigest()[:16]}" for f in files]
    lines += [f"least = {LEAST}", f"nearest = {NEAREST}", "", "[weights]"]
    lines += [f"{name} = {value:.3f}" for name, value in zip(FEATURES, fitted, strict=True)]
    return "\n".join(lines)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
