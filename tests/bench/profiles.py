"""What site profiles gain in the `extract` filter: pages served, F1 and CPU.

    python -m tests.bench.profiles [../shared/data/extraction]

In: the `sites` set of real pages with their gold bodies, where it is, and five outlets of the made-up web
(`tests.newsweb`) with 200 stories of nonsense each. Every set goes through the filter twice, with profiles
and without; CPU seconds are of the command and its workers, start-up included. What a page costs once
the host is learned is measured apart, in this process: each page once, after other pages of its host, since
what is remembered of a page that comes again saves nothing on new ones.
"""

import gzip
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

import trafilatura

from corpus import extract, lessons
from corpus.frames import unpack
from corpus.furniture import Reader
from corpus.held import GRAM
from corpus.pages import Page, decode
from corpus.records import Article
from corpus.rulebook import load_rulebook
from corpus.survey import Survey, host_of
from corpus.tokens import words
from corpus.upkeep import SIZES, fate_of, refusal_of
from crawler.archive import load_url_rules
from tests.commands import arguments
from tests.corpus.made_up import paragraph
from tests.newsweb import layout, templates
from tests.newsweb.content import CopyRow, Story, outlets
from tests.newsweb.pages import page_of_story, plain_lines

DATA = Path(__file__).parents[3] / "shared" / "data" / "extraction"
STORIES = 200


class Sample(NamedTuple):
    """A page with its gold; `title` is a line (in lower-case words) that no gold holds."""

    page: Page
    gold: str
    title: str = ""


class Score(NamedTuple):
    """Of one page: 4-gram precision (None for an empty answer) and recall."""

    precision: float | None
    recall: float


def main() -> None:
    """Print some lines a set."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    if data.is_dir():
        measure("sites", real_sites(data))
    else:
        print(f"{data} is not here: the figures on real pages are left out")
    measure("newsweb", large_hosts())


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


def large_hosts(stories: int = STORIES) -> list[Sample]:
    """One outlet for each template of the made-up web, with so many stories."""
    by_template = {outlet.template: outlet for outlet in reversed(outlets())}
    found: list[Sample] = []
    for outlet in by_template.values():
        for n in range(stories):
            seed = int(f"{len(found) + 1}000")
            told = [
                paragraph(seed + k, 25 + (seed // 1000 * 7 + k * 13) % 50) for k in range(3 + n % 9)
            ]
            story = Story(
                id=f"{outlet.id}-{n}",
                language=outlet.language,
                topic="business",
                author="Ada Lorne",
                published=f"2026-11-{1 + n % 18:02}T{n % 24:02}:10:00Z",
                headline=" ".join(told[0].split()[:9]).capitalize(),
                text="\n\n".join(told),
                copy=(),
            )
            page = page_of_story(story, CopyRow(outlet=outlet.id), 1)
            html = templates.article(layout.view_of(page, 1))
            url = f"http://{outlet.host}{page.path}"
            decoded = decode(html.encode(), "")[0]
            address = Page(capture_id=url, url=url, final_url=url, html=decoded)
            found.append(Sample(address, "\n".join(plain_lines(page.lines))))
    return found


class Answer(NamedTuple):
    """What the filter wrote of a page."""

    text: str
    method: str
    refused: str


def measure(name: str, samples: Sequence[Sample]) -> None:
    """Put the set through the filter twice, and print the figures."""
    cpu_with, learned = filtered(samples)
    cpu_alone, alone = filtered(samples, "--no-profiles")
    known = {
        host_of(s.page.final_url)
        for s in samples
        if (a := learned.get(s.page.capture_id)) and (a.refused or a.method != "full")
    }
    of_known = [s.page.capture_id for s in samples if host_of(s.page.final_url) in known]
    served = sum(k in learned and learned[k].method != "full" for k in of_known)
    reasons = Counter(learned[k].refused or "none" for k in of_known if k in learned)
    hosts = {host_of(s.page.final_url) for s in samples}
    print(f"{name}: {len(samples)} pages of {len(hosts)} hosts, {len(known)} with a profile")
    print(
        f"  served {served / max(1, len(of_known)):.3f} of {len(of_known)}; refused {dict(reasons)}"
    )
    print(f"  F1 {f1(samples, learned)} with profiles, {f1(samples, alone)} without")
    print(f"  CPU s {cpu_with:.1f} with profiles, {cpu_alone:.1f} without")
    print(f"  CPU ms a page of a known host, in the worker: {inside(samples)}")


def filtered(samples: Sequence[Sample], *options: str) -> tuple[float, dict[str, Answer]]:
    """The filter's CPU seconds and its answers."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out:
        for sample in samples:
            row = {"id": sample.page.capture_id, "url": sample.page.url, "html": sample.page.html}
            given.write(json.dumps(row).encode() + b"\n")
        given.seek(0)
        command = arguments("extract", "-", "--quiet", *options)
        subprocess.run(command, stdin=given, stdout=out, check=True)
        out.seek(0)
        rows = list(map(json.loads, out))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, {row["capture_id"]: _answer(row) for row in rows}


def _answer(row: dict[str, Any]) -> Answer:
    told = row["extraction"]
    return Answer(row["text"], told["method"], refusal_of(told["warnings"]))


def inside(samples: Sequence[Sample]) -> str:
    """What a page costs with its host's profile, without and by trafilatura, and a host's lesson."""
    files = load_rulebook().files
    rules, urls = extract.load_rules(files, 25), load_url_rules(files["urls.toml"], "urls.toml")
    survey = Survey()
    for n, sample in enumerate(samples):
        survey.add(sample.page, "", n)
    clock, count = defaultdict[str, float](float), Counter[str]()
    readers: dict[str, Reader] = {}
    for host, found in survey.samples.items():
        pages = [samples[place.offset].page for place in found.drawn]
        start = time.process_time()
        learned = lessons.learn(host, pages, SIZES, rules, urls, lambda: None)
        clock["lesson"] += time.process_time() - start
        count["lesson"] += 1
        if learned.profile:
            readers[host] = Reader(unpack(learned.profile))
    known: defaultdict[str, list[Page]] = defaultdict(list)
    for page in (sample.page for sample in samples):
        if (host := host_of(page.final_url)) in readers:
            known[host].append(page)
    for host, pages in known.items():
        for page in pages[::2]:
            extract.extract(page, rules, urls, readers[host])
    for host, pages in known.items():
        served: list[Page] = []
        for page in pages[1::2]:
            start = time.process_time()
            answer = extract.extract(page, rules, urls, readers[host])
            taken = time.process_time() - start
            is_served = isinstance(answer, Article) and fate_of(answer) == "served"
            what = "served" if is_served else "refused"
            served += [page] if is_served else []
            clock[what] += taken
            count[what] += 1
        # Host by host, as a machine may be slower a minute later.
        for what, work in (("full", extract.extract), ("trafilatura", precision)):
            for page in served:
                start = time.process_time()
                work(page, rules, urls)
                clock[what] += time.process_time() - start
                count[what] += 1
    parts = [f"{what} {1000 * clock[what] / n:.2f}" for what, n in count.items()]
    ratio = f"served of trafilatura {clock['served'] / max(1e-9, clock['trafilatura']):.3f}"
    return ", ".join((*parts, f"{ratio} (load {os.getloadavg()[0]:.1f})"))


def precision(page: Page, *_: object) -> object:
    """The page by trafilatura alone, in its precision mode."""
    return trafilatura.extract(page.html, favor_precision=True, include_comments=False)


def f1(samples: Sequence[Sample], answers: dict[str, Answer]) -> str:
    """The harmonic mean of mean precision and mean recall."""
    none = Answer("", "", "")
    scores = [_score(answers.get(s.page.capture_id, none).text, s) for s in samples]
    precision = mean([s.precision for s in scores if s.precision is not None] or [0.0])
    recall = mean([s.recall for s in scores] or [0.0])
    return f"{2 * precision * recall / max(1e-9, precision + recall):.4f}"


def _score(text: str, sample: Sample) -> Score:
    gold = _grams(sample.gold)
    answer = _grams(_without_title(text, sample.title))
    both = sum((gold & answer).values())
    precision = both / sum(answer.values()) if answer else None
    return Score(precision, both / sum(gold.values()) if gold else 1.0)


def _grams(text: str) -> Counter[tuple[str, ...]]:
    tokens = words(text)
    size = min(GRAM, len(tokens))
    return Counter(zip(*(tokens[n:] for n in range(size)), strict=False))


def _without_title(text: str, title: str) -> str:
    lines = [line for line in text.split("\n") if re.search(r"\w", line)]
    for n, line in enumerate(lines[:5]):
        if title and " ".join(re.findall(r"\w+", line.lower())) == title:
            return "\n".join(lines[:n] + lines[n + 1 :])
    return text


if __name__ == "__main__":
    main()
