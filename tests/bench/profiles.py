"""What site profiles gain: coverage, F1 and CPU, on pages that were not learned from.

    python -m tests.bench.profiles [../shared/data/extraction] [PAGES]

In: the `sites` set of real pages with their gold bodies, where it is, and the made-up web of
`tests.newsweb`, where the full pipeline's text is the gold. Of each host a sample of eight pages (or so
many) is learned from, and all are scored. "hybrid" is the profile's text where it serves, else the full
pipeline's.
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
from corpus.dom import words
from corpus.furniture import Reader, learn
from corpus.pages import Page, page_of_html
from corpus.profiles import LearningPage, Profile
from corpus.records import Article, Rejection
from corpus.rulebook import load_rulebook
from corpus.upkeep import first_of
from crawler.archive import UrlRules, load_url_rules
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
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    if data.is_dir():
        measure("sites", real_sites(data), most)
    else:
        print(f"{data} is not here: the figures on real pages are left out")
    measure("newsweb", made_up_web(), most)


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


def measure(name: str, samples: Sequence[Sample], most: int) -> None:
    """Learn and serve each host, and print the figures."""
    files = load_rulebook().files
    rules, urls = extract.load_rules(files, 25), load_url_rules(files["urls.toml"], "urls.toml")
    clock: defaultdict[str, float] = defaultdict(float)
    alone: list[Score] = []
    hybrid: list[Score] = []
    reasons = Counter[str]()
    hosts = _by_host(samples)
    for host, pages in hosts.items():
        start = time.process_time()
        profile = _learned(host, [sample.page for sample in pages], most, rules, urls)
        clock["learn"] += time.process_time() - start
        reader = Reader(profile) if profile else None
        for sample in pages:
            start = time.process_time()
            own = extract.extract(sample.page, rules, urls)
            middle = time.process_time()
            answer = extract.extract(sample.page, rules, urls, reader)
            served = isinstance(answer, Article) and answer.extraction.method != "full"
            clock["full"] += middle - start
            clock["served"] += time.process_time() - middle if served else 0.0
            reasons["served" if served else _why(answer)] += 1
            full = own.text if isinstance(own, Article) else ""
            alone.append(_score(full, sample, full))
            hybrid.append(_score(answer.text if isinstance(answer, Article) else "", sample, full))
    total, count = max(1, sum(reasons.values())), reasons.pop("served", 0)
    print(f"{name}: {total} pages, {len(hosts)} hosts, learned from up to {most} pages each")
    print(f"  served {count / total:.3f}; others {dict(reasons)}")
    print(f"  F1 {_f1(alone)} in full, {_f1(hybrid)} hybrid")
    print(
        f"  CPU ms: {1000 * clock['full'] / total:.1f} a page in full, "
        f"{1000 * clock['served'] / max(1, count):.2f} a page served, "
        f"{1000 * clock['learn'] / max(1, len(hosts)):.0f} a host learned (pages in full, readability)"
    )


def _why(answer: Article | Rejection) -> str:
    if isinstance(answer, Rejection):
        return answer.reason
    return next((w for w in answer.extraction.warnings if w.startswith("profile")), "no_profile")


def _by_host(samples: Iterable[Sample]) -> Mapping[str, list[Sample]]:
    hosts: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        hosts[urlsplit(sample.page.url).netloc].append(sample)
    return hosts


def _learned(
    host: str, pages: Sequence[Page], most: int, rules: extract.Rules, urls: UrlRules
) -> Profile | None:
    """The host's profile from a sample of its pages, a larger one where that holds too few stories."""
    known = {page.capture_id: page for page in pages}
    for size in (most, 2 * most, 5 * most):
        answers = [extract.learning_page(known[key], rules, urls) for key in first_of(known, size)]
        lessons = [answer for answer in answers if isinstance(answer, LearningPage)]
        profile = learn(host, lessons, extract.STAGE_VERSION)
        if profile or size >= len(known):
            return profile
    return None


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
