"""robots.txt, feeds, sitemaps and URLs as others expect them to be read, by the scorer in ../shared/tools.

    python -m tests.bench.conformance          # every suite, and how long real robots files take
    python -m tests.bench.conformance SUITE    # the filter that the scorer runs: JSON lines in and out

URLs are answered as the crawler keeps them, without fragments and tracking parameters, so not all are spelt
as the URL standard has them; that both mean the same is tested in tests/crawler/test_urls.py.
"""

import base64
import gzip
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crawler.feeds import Unreadable, parse_feed
from crawler.robots import parse_robots, verdict
from crawler.sitemaps import parse_sitemap
from crawler.urls import UrlRules, canonical_url

SHARED = Path(__file__).parents[3] / "shared"
SCORER = SHARED / "tools" / "check_conformance.py"
ROBOTS = SHARED / "data" / "conformance" / "robots"
MOST_MS = 10.0
_BOT = "WireCorpusBot"
_REPEATS = 3


def main() -> None:
    """Print what the scorer says of each suite."""
    if not SCORER.is_file():
        print("conformance: ../shared is not here: left out")
        return
    for suite in ANSWERS:
        command = f"{sys.executable} -m tests.bench.conformance {suite}"
        words = [sys.executable, str(SCORER), suite, "--command", command, "--show", "0"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        print(f"conformance {suite:<12} {(done.stdout + done.stderr).strip()}", flush=True)
    rfc = [case for case in _cases() if case["rfc"]]
    right = sum(_robots(case)["allowed"] is case["allowed"] for case in rfc)
    slowest, name = max((_milliseconds(file), file.name) for file in ROBOTS.glob("real/*"))
    print(f"  bar: {right} of {len(rfc)} robots cases that follow the RFC; the others:")
    for case in _cases():
        if not case["rfc"] and _robots(case)["allowed"] is not case["allowed"]:
            print(f"    {case['name']}: we say {_robots(case)['allowed']}")
    print(f"  bar: the slowest robots file takes {slowest:.1f} ms ({name}), at most {MOST_MS:.0f}")


def _cases() -> list[dict[str, Any]]:
    lines = (ROBOTS / "google.jsonl").read_text("utf-8").splitlines()
    return [case | {"id": case["name"]} for case in map(json.loads, lines)]


def _milliseconds(file: Path) -> float:
    """CPU milliseconds to read a file and decide on a URL, the best of a few tries."""
    body = gzip.decompress(file.read_bytes())
    took = []
    for _ in range(_REPEATS):
        started = time.process_time()
        verdict(parse_robots(body), "https://news.example/2026/11/23/story.html?x=1", _BOT, "")
        took.append(time.process_time() - started)
    return 1000 * min(took)


# -------------------------------------------------------------------------------------- the filter


def _robots(case: dict[str, Any]) -> dict[str, Any]:
    robots = parse_robots(case["robots"].encode("utf-8", "surrogatepass"))
    return {"allowed": verdict(robots, case["url"], case["agent"], "").allowed}


def _feeds(case: dict[str, Any]) -> dict[str, Any]:
    feed = parse_feed(case["xml"].encode(), case["url"])
    entries = () if isinstance(feed, Unreadable) else feed.entries
    return {
        "entries": [{"url": e.url, "title": e.title, "published": e.published} for e in entries]
    }


def _sitemaps(case: dict[str, Any]) -> dict[str, Any]:
    found = parse_sitemap(base64.b64decode(case["body"]), case["url"])
    if isinstance(found, Unreadable):
        return {"kind": "none", "entries": []}
    pages: list[dict[str, Any]] = [
        {"url": p.url, "lastmod": p.lastmod, "title": p.title, "published": p.published}
        for p in found.urls
    ]
    return {
        "kind": found.kind,
        "entries": pages + [{"url": ref.url, "lastmod": ref.lastmod} for ref in found.children],
    }


def _urls(case: dict[str, Any]) -> dict[str, Any]:
    found = canonical_url(case["input"], UrlRules(), case["base"] or "")
    return {"href": found if isinstance(found, str) else None}


ANSWERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "robots": _robots,
    "real-robots": _robots,
    "feeds": _feeds,
    "sitemaps": _sitemaps,
    "urls": _urls,
}


def answer(suite: str) -> None:
    """Answer the cases of a suite."""
    for line in sys.stdin:
        case = json.loads(line)
        print(json.dumps({"id": case["id"]} | ANSWERS[suite](case)))


if __name__ == "__main__":
    answer(sys.argv[1]) if sys.argv[1:] else main()
