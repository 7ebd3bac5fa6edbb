"""What site profiles gain: coverage, F1 and CPU, on pages that were not learned from.

    python -m tests.bench.profiles [../shared/data/extraction] [STORIES]

In: the `sites` set of real pages with their gold bodies, where it is, and the made-up web of
`tests.newsweb`, where the full pipeline's text is the gold. Of each host the first pages, until there
are five (or so many) distinct stories, are learned from; the others are scored. "hybrid" is the
profile's text where it serves, else the full pipeline's.
"""

import gzip
import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import NamedTuple
from urllib.parse import urlsplit

from corpus import extract, labels
from corpus.dom import parse, walk, words
from corpus.furniture import Reader, learn
from corpus.pages import Page, page_of_html
from corpus.profiles import LearningPage, Profile, Served
from corpus.records import Article
from corpus.rulebook import load_rulebook
from corpus.upkeep import first_of
from crawler.archive import load_url_rules
from tests.newsweb.site import resources
from tests.newsweb.truth import truth

DATA = Path(__file__).parents[3] / "shared" / "data" / "extraction"
NEWSWEB_DAY = 3


class Sample(NamedTuple):
    """A page with its gold; `title` is a line (in lower-case words) that no gold holds."""

    page: Page
    gold: str | None = None
    title: str = ""


class Score(NamedTuple):
    """Of one page: 4-gram precision (None for an empty answer) and recall."""

    precision: float | None
    recall: float


def main() -> None:
    """Print a line a set."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    stories = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    if data.is_dir():
        measure("sites", real_sites(data), stories)
    else:
        print(f"{data} is not here: the figures on real pages are left out")
    measure("newsweb", made_up_web(), stories)


def real_sites(data: Path) -> list[Sample]:
    """The `sites` set."""
    with (data / "gold.jsonl").open(encoding="utf-8") as file:
        gold = {row["id"]: row for row in map(json.loads, file)}
    with gzip.open(data / "pages-sites.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = list(map(json.loads, file))
    return [
        Sample(
            Page(capture_id=r["id"], url=r["url"], final_url=r["url"], html=r["html"]),
            gold[r["id"]]["body"],
            gold[r["id"]].get("title_line", ""),
        )
        for r in rows
    ]


def made_up_web() -> list[Sample]:
    """The made-up web's stories."""
    served = resources(NEWSWEB_DAY)
    found: dict[str, Sample] = {}
    for row in truth(NEWSWEB_DAY):
        parts = urlsplit(row.url)
        answer = served.get((parts.netloc, parts.path))
        if answer and answer.status == 200 and row.url not in found:
            page = page_of_html(row.url, answer.body)
            address = Page(capture_id=row.url, url=row.url, final_url=row.url, html=page.html)
            found[row.url] = Sample(address)
    return list(found.values())


def measure(name: str, samples: Sequence[Sample], stories: int) -> None:
    """Learn and serve each host, and print the figures."""
    files = load_rulebook().files
    rules, urls = extract.load_rules(files, 25), load_url_rules(files["urls.toml"], "urls.toml")
    full: dict[str, str] = {}
    clock: defaultdict[str, float] = defaultdict(float)
    for sample in samples:
        start = time.process_time()
        answer = extract.extract(sample.page, rules, urls)
        clock["full"] += time.process_time() - start
        full[sample.page.capture_id] = answer.text if isinstance(answer, Article) else ""
    alone: list[Score] = []
    hybrid: list[Score] = []
    reasons = Counter[str]()
    for host, pages in _by_host(samples).items():
        start = time.process_time()
        profile, left = _learned(host, pages, full, stories)
        clock["learn"] += time.process_time() - start
        reader = Reader(profile) if profile else None
        for sample in left:
            own = full[sample.page.capture_id]
            start = time.process_time()
            answer_of = reader and reader.serve(sample.page.html, sample.page.url)
            clock["serve"] += time.process_time() - start
            text = answer_of.text if isinstance(answer_of, Served) else own
            reasons["served" if isinstance(answer_of, Served) else _why(answer_of)] += 1
            alone.append(_score(own, sample, own))
            hybrid.append(_score(text, sample, own))
    total, hosts = max(1, sum(reasons.values())), len(_by_host(samples))
    share = reasons.pop("served", 0) / total
    print(f"{name}: {total} pages left of {len(samples)}, {hosts} hosts, {stories} stories each")
    print(f"  served {share:.3f}; refused {dict(reasons)}")
    print(f"  F1 {_f1(alone)} in full, {_f1(hybrid)} hybrid")
    print(
        f"  CPU ms: {1000 * clock['full'] / max(1, len(samples)):.1f} a page in full, "
        f"{1000 * clock['serve'] / total:.2f} a page asked of a profile, "
        f"{1000 * clock['learn'] / max(1, hosts):.0f} a host learned (with readability)"
    )


def _why(answer: object) -> str:
    return getattr(answer, "reason", "no_profile")


def _by_host(samples: Iterable[Sample]) -> Mapping[str, list[Sample]]:
    hosts: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        hosts[urlsplit(sample.page.url).netloc].append(sample)
    return hosts


def _learned(
    host: str, samples: Sequence[Sample], full: Mapping[str, str], stories: int
) -> tuple[Profile | None, list[Sample]]:
    """The profile of the first pages that hold so many stories, and the pages left."""
    order = {sample.page.capture_id: sample for sample in samples}
    drawn = [order[key] for key in first_of(order, len(order))]
    pages: list[LearningPage] = []
    read: list[labels.Story] = []
    for n, sample in enumerate(drawn):
        page = sample.page
        texts = (full[page.capture_id], _readable(page.html))
        pages.append(LearningPage(url=page.url, html=page.html, texts=texts))
        story = labels.read(pages[-1])
        read += [story] if story else []
        if len(labels.distinct(read, stories)) >= stories:
            return learn(host, pages, extract.STAGE_VERSION), drawn[n + 1 :]
    return None, []


def _readable(html: str) -> str:
    """Readability's answer, a line a block."""
    from trafilatura.readability_lxml import Document
    from trafilatura.utils import load_html

    tree = load_html(html)
    found = parse(Document(tree).summary()) if tree is not None else None
    body = found.body if found else None
    return "\n".join(block.text for block in walk([body])) if body else ""


def _score(text: str, sample: Sample, own: str) -> Score:
    gold = _grams(own if sample.gold is None else sample.gold)
    answer = _grams(_without_title(text, sample.title))
    both = sum((gold & answer).values())
    precision = both / sum(answer.values()) if answer else None
    return Score(precision, both / sum(gold.values()) if gold else 1.0)


def _grams(text: str) -> Counter[tuple[str, ...]]:
    tokens = words(text)
    size = min(labels.GRAM, len(tokens))
    return Counter(zip(*(tokens[n:] for n in range(size)), strict=False))


def _without_title(text: str, title: str) -> str:
    lines = [line for line in text.split("\n") if re.search(r"\w", line)]
    for n, line in enumerate(lines[:5]):
        if title and " ".join(re.findall(r"\w+", line.lower())) == title:
            return "\n".join(lines[:n] + lines[n + 1 :])
    return text


def _f1(scores: Sequence[Score]) -> str:
    """The harmonic mean of mean precision and mean recall."""
    precision = mean([s.precision for s in scores if s.precision is not None] or [0.0])
    recall = mean([s.recall for s in scores] or [0.0])
    return f"{2 * precision * recall / max(1e-9, precision + recall):.4f}"


if __name__ == "__main__":
    main()
