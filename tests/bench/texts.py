"""What `corpus.plaintext` does to texts: `python -m tests.bench.texts [--limit N] [--show]`.

In: ../shared/data beside the project. Out, on standard output: the five example documents from their
plain lines, in several layouts; the share of gold bodies that is kept where they are given as text; and
4-gram F1 against the gold of all the visible text of pages, a block a line, before and after. Asserts
nothing.
"""

import argparse
import gzip
import importlib.util
import json
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean
from typing import Any

from corpus.dom import parse, without_unseen
from corpus.extract import load_rules
from corpus.outline import walk
from corpus.pages import TextPage
from corpus.plaintext import extract_text
from corpus.records import Article
from corpus.rulebook import load_rulebook
from corpus.tokens import visible
from crawler.archive import load_url_rules

SHARED = Path(__file__).parents[3] / "shared"
SETS = ("n4k", "fundus", "sites")
FILES = load_rulebook().files
RULES, URLS = load_rules(FILES, 1), load_url_rules(FILES["urls.toml"], "urls.toml")

LAYOUTS: dict[str, Callable[[list[str]], str]] = {
    "a line each": "\n".join,
    "blank lines between": "\n\n".join,
    "wrapped at 72": lambda lines: "\n\n".join(textwrap.fill(line, 72) for line in lines),
    "wrapped and indented": lambda lines: "\n".join(
        textwrap.fill(line, 72, initial_indent="   ") for line in lines
    ),
}


def cleaned(name: str, text: str) -> str:
    """The story in this text, "" where it is rejected."""
    answer = extract_text(TextPage(capture_id=name, text=text), RULES, URLS)
    return answer.text if isinstance(answer, Article) else ""


def seeds(*, show: bool) -> None:
    """The scorer's report on the documents' plain lines, in place of its two HTML layouts."""
    scorer = _module(SHARED / "tools" / "score_seeds.py")
    folder = SHARED / "data" / "seeds"
    golds = {p.stem: json.loads(p.read_text("utf-8")) for p in folder.glob("gold/00*.json")}
    texts = {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("00*.txt"))}
    for layout in ("as given", *LAYOUTS):
        print(layout)
        answers = {
            name: cleaned(name, LAYOUTS[layout](text.split("\n")) if layout in LAYOUTS else text)
            for name, text in texts.items()
        }
        scorer.report(golds, [{"id": name} for name in answers], answers, show)


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def grams(text: str) -> Counter[tuple[str, ...]]:
    """Word 4-grams; of Chinese and Japanese, of characters."""
    words = _WORD.findall(_CJK.sub(r" \1 ", text))
    return Counter(zip(*(words[n:] for n in range(4)), strict=False))


_WORD = re.compile(r"\w+")
_CJK = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")


Scores = tuple[float, float, float]


def scores(gold: str, text: str) -> Scores:
    """Precision, recall and F1 of 4-grams."""
    wanted, found = grams(gold), grams(text)
    both = (wanted & found).total()
    sizes = wanted.total(), found.total()
    return both / max(1, sizes[1]), both / max(1, sizes[0]), 2 * both / max(1, sum(sizes))


def gold_bodies(limit: int, *, show: bool) -> None:
    """How much of clean texts is kept: all of it should be."""
    for name in SETS:
        rows = _every(limit, [row for row in _gold().values() if row["set"] == name])
        kept: list[tuple[float, str, str, str]] = []
        for row in rows:
            answer = cleaned(row["id"], row["body"])
            body = "\n".join(map(visible, row["body"].splitlines()))
            kept.append((scores(body, answer)[1], row["id"], body, answer))
        kept.sort(key=lambda k: k[0])
        whole = sum(share == 1 for share, *_ in kept)
        print(
            f"gold bodies, {name}: kept {mean(share for share, *_ in kept):.4f} of {len(kept)}, "
            f"{whole} whole; "
            + " ".join(f"{row_id} {share:.2f}" for share, row_id, *_ in kept[:10])
        )
        for share, row_id, body, answer in kept[: 25 if show else 0]:
            for line in filter(str.strip, body.splitlines()):
                if share < 1 and " ".join(line.split()) not in answer:
                    print(f"    {row_id} lost: {line[:150]}")


def pages(limit: int, *, show: bool) -> None:
    """All the visible text of pages, before and after."""
    golds = _gold()
    for name in SETS:
        found: list[tuple[Scores, Scores, str, str, str]] = []
        for row in _every(limit, list(_pages(name))):
            tree = parse(row["html"])
            if tree is None:
                continue
            outline = walk(without_unseen(tree)).outline
            dirty = "\n".join(block.text for block in outline.blocks)
            gold = "\n".join(map(visible, golds[row["id"]]["body"].splitlines()))
            answer = cleaned(row["id"], dirty)
            found.append((scores(gold, answer), scores(gold, dirty), row["id"], answer, gold))
        for label, rows in (
            ("cleaned", [after for after, *_ in found]),
            ("as it is", [before for _, before, *_ in found]),
        ):
            p, r, f1 = map(mean, zip(*rows, strict=True))
            print(f"pages, {name}, {label}: {len(rows)} P {p:.3f} R {r:.3f} page F1 {f1:.3f}")
        found.sort(key=lambda f: f[0][2])
        print("    worst:", " ".join(f"{row_id} {s[2]:.2f}" for s, _, row_id, *_ in found[:10]))
        for _, _, row_id, answer, gold in found[: 12 if show else 0]:
            _show(row_id, answer, gold)


def _show(row_id: str, answer: str, gold: str) -> None:
    print(f"    === {row_id}")
    wanted = {" ".join(line.split()) for line in gold.splitlines() if line.strip()}
    told = [line for line in answer.splitlines() if line]
    for line in told:
        if line not in wanted:
            print(f"        leaked: {line[:130]}")
    for line in wanted - set(told):
        print(f"        lost: {line[:130]}")


def _gold() -> dict[str, dict[str, Any]]:
    with (SHARED / "data" / "extraction" / "gold.jsonl").open(encoding="utf-8") as file:
        return {row["id"]: row for row in map(json.loads, file)}


def _pages(name: str) -> Iterator[dict[str, Any]]:
    path = SHARED / "data" / "extraction" / f"pages-{name}.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _every(limit: int, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most so many of them, from all over."""
    return rows[:: max(1, -(-len(rows) // limit))] if limit else rows


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=0, help="so many of each set")
    parser.add_argument("--show", action="store_true", help="the lines lost and leaked")
    parser.add_argument("--only", choices=("seeds", "gold", "pages"))
    given = parser.parse_args()
    if given.only in (None, "seeds"):
        seeds(show=given.show)
    if given.only in (None, "gold"):
        gold_bodies(given.limit, show=given.show)
    if given.only in (None, "pages"):
        pages(given.limit, show=given.show)


if __name__ == "__main__":
    main()
