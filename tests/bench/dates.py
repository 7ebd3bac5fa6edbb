"""How many stories get their day of publication, and whether it is the right one.

    python -m tests.bench.dates [../shared/data] [--show]

In: the real pages with their gold dates (sets n4k and fundus), those of 2011-12 without (sites), and the
seeds with their traps. Out: right, wrong and null by set, "stated" from what the page states for
machines and its URL, "shown" with the lines beside the story too, and "lines only" as if a page had
nothing else. A day is right if it is the gold's, in UTC or in the zone in which either is written.
`--show` lists what is wrong.
"""

import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from corpus import extract
from corpus.blocks import Outline, key
from corpus.dates import Dates, page_dates
from corpus.dom import parse, without_unseen
from corpus.instants import Instant
from corpus.metadata import Statement, statement
from corpus.outline import walk
from corpus.pages import Page
from corpus.records import Article
from corpus.rulebook import load_rulebook
from corpus.shown_dates import ShownLine, shown_lines
from crawler.archive import load_url_rules

DATA = Path(__file__).parents[3] / "shared" / "data"
# The sites set was collected in the winter of 2011-12: a later day is one of rendering.
SITES_END = "2012-03"


class Sample(NamedTuple):
    """A page read as `extract` reads it, and the days that are right (None: nobody knows)."""

    name: str
    url: str
    stated: Statement
    seen: Outline
    lines: list[ShownLine]
    language: str
    days: frozenset[str] | None


def main() -> None:
    """Print the figures of each set."""
    arguments = [a for a in sys.argv[1:] if not a.startswith("-")]
    data = Path(arguments[0]) if arguments else DATA
    if not data.is_dir():
        print(f"{data} is not here: there is nothing to measure")
        return
    for name in ("n4k", "fundus", "sites"):
        measure(name, list(real_pages(data / "extraction", name)))
    measure("seeds", list(seed_pages(data / "seeds")))


def real_pages(data: Path, name: str) -> Iterator[Sample]:
    """The pages of a set."""
    with (data / "gold.jsonl").open(encoding="utf-8") as file:
        gold = {row["id"]: row.get("published") for row in map(json.loads, file)}
    with gzip.open(data / f"pages-{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            published = gold[row["id"]] or row.get("published")
            if published or name == "sites":
                yield sample(row["id"], row["url"], row["html"], days_of(published))


def seed_pages(data: Path) -> Iterator[Sample]:
    """The example documents in their layouts; where the gold has no date, none is right."""
    for page in sorted((data / "pages").glob("*.html")):
        gold = json.loads((data / "gold" / f"{page.stem[:3]}.json").read_text(encoding="utf-8"))
        url = f"http://{page.stem}.example/{page.stem[:3]}"
        days = days_of(gold["metadata"]["date_published"]) or frozenset()
        yield sample(page.stem, url, page.read_text(encoding="utf-8"), days)


def days_of(written: str | None) -> frozenset[str] | None:
    """The day of a gold date, as written and in UTC."""
    if not written:
        return None
    moment = datetime.fromisoformat(written)
    there = {moment.strftime("%Y-%m-%d")}
    return frozenset(
        there | {moment.astimezone(UTC).strftime("%Y-%m-%d")} if moment.tzinfo else there
    )


def sample(name: str, url: str, text: str, days: frozenset[str] | None) -> Sample:
    """The page with its blocks and the lines beside its story."""
    tree = parse(text)
    assert tree is not None
    stated = statement(tree, url)
    seen = walk(without_unseen(tree)).outline
    found = extract.extract(Page(capture_id=name, url=url, final_url=url, html=text), RULES, URLS)
    story = found.text.split("\n\n") if isinstance(found, Article) else []
    language = found.language if isinstance(found, Article) else stated.language
    lines = shown_lines(seen, body_of(seen, story), stated.headline)
    return Sample(name, url, stated, seen, lines, language, days)


FILES = load_rulebook().files
RULES, URLS = extract.load_rules(FILES, 25), load_url_rules(FILES["urls.toml"], "urls.toml")


def body_of(seen: Outline, story: list[str]) -> range:
    """The blocks from the story's first to its last."""
    wanted = {key(paragraph) for paragraph in story if len(paragraph) > 40}
    found = [n for n, block in enumerate(seen.blocks) if key(block.text) in wanted]
    return range(found[0], found[-1] + 1) if found else range(0)


def measure(name: str, samples: list[Sample]) -> None:
    """Print a line a way of asking."""
    ways: dict[str, Any] = {"stated": stated_only, "shown": all_there_is, "lines only": lines_only}
    for way, dates_of in ways.items():
        counts = Counter[str]()
        for page in samples:
            dates = dates_of(page)
            verdict = judged(dates, page.days)
            counts[verdict] += 1
            if dates.published is not None:
                counts[f"by {dates.source}"] += 1
            if verdict == "wrong" and "--show" in sys.argv:
                print(f"  {page.name} {page.url[:80]}: {dates}, not {sorted(page.days or ())}")
        print(f"{name:7} {way:10} {dict(sorted(counts.items()))}")


def stated_only(page: Sample) -> Dates:
    return page_dates(page.stated.dates, page.seen.moments, page.seen.heading_at, page.url, "")


def all_there_is(page: Sample) -> Dates:
    seen = page.seen
    return page_dates(
        page.stated.dates, seen.moments, seen.heading_at, page.url, "", page.lines, page.language
    )


def lines_only(page: Sample) -> Dates:
    return page_dates((), (), -1, "", "", page.lines, page.language)


def judged(dates: Dates, days: frozenset[str] | None) -> str:
    """Whether the day is the right one, as far as anybody knows."""
    if dates.published is None:
        return "null"
    if days is None:
        return "wrong" if dates.published >= SITES_END else "unknown"
    there = Instant(dates.published, dates.precision, zone=dates.zone).day
    return "right" if {there, dates.published[:10]} & days else "wrong"


if __name__ == "__main__":
    main()
