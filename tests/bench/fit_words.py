"""Count the `[stories.words.known]` table of configs/dedup.toml: what common words of news pages weigh.

    python -m tests.bench.fit_words ../shared/data

In: texts of real pages in several languages (`extraction/gold.jsonl`) and one text of each event of
`clusters/sim-dev.jsonl.gz`. Out: the table on standard output: by weight, the words that stand on so many
pages of a language. Of words with one stem the first by the alphabet is shown. A word that is common in
one language counts as common in all.
"""

import gzip
import json
import math
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from corpus.config import default_file
from corpus.plan import load_dedup_settings
from corpus.terms import STEM, Reader, plain

SETTINGS = load_dedup_settings(default_file("dedup.toml").read_text(), "dedup.toml")
STEP = 0.5
PAGES = 60  # of a language, at least
LEAST = 4  # pages that have a word
CHARACTERS = 20_000


def main(folder: Path) -> None:
    """Print the table."""
    reader = Reader(SETTINGS.stories.words, SETTINGS.normaliser)
    pages: Counter[str] = Counter()
    having: dict[str, Counter[int]] = {}
    shown: dict[int, str] = {}
    for language, text in texts(folder):
        written: dict[int, str] = {}
        for word in reader.words(text[:CHARACTERS]):
            stem, form = word.term & int(STEM), plain(word.written)
            if reader.term(form) & int(STEM) == stem:
                written[stem] = min(written.get(stem, form), form)
        pages[language] += 1
        having.setdefault(language, Counter()).update(written.keys())
        for stem, form in written.items():
            shown[stem] = min(shown.get(stem, form), form)
    weights: dict[int, float] = {}
    for language, counts in having.items():
        for stem, count in counts.items():
            if pages[language] >= PAGES and count >= LEAST:
                weight = -math.log(count / pages[language])
                weights[stem] = min(weights.get(stem, weight), weight)
    print("# Counted by tests/bench/fit_words.py on pages: " + _told(pages))
    print("[stories.words.known]")
    levels: dict[float, list[str]] = {}
    for stem, weight in weights.items():
        level = max(STEP, round(weight / STEP) * STEP)
        if level <= SETTINGS.stories.align.heaviest - 1:
            levels.setdefault(level, []).append(shown[stem])
    for level in sorted(levels):
        words = textwrap.fill(" ".join(sorted(levels[level])), 108, break_on_hyphens=False)
        print(f'"{level}" = """\n{words}\n"""')


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Each text with its language."""
    with (folder / "extraction" / "gold.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            yield row["lang"], row["body"]
    events: dict[str, str] = {}
    with (folder / "clusters" / "sim-dev.gold.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["kind"] == "story":
                events.setdefault(row["event"], row["id"])
    wanted = set(events.values())
    with gzip.open(folder / "clusters" / "sim-dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["id"] in wanted:
                yield "en", row["text"]


def _told(pages: Counter[str]) -> str:
    return ", ".join(f"{language} {count}" for language, count in sorted(pages.items()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
