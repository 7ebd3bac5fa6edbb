"""`configs/demo.toml` made from the outlets, and the demo: the main job run against the made-up web.

In: the outlets; for the demo a free port 8431 of the loopback address. Out: the configuration's text; a
run of the real command, its score against the truth, and where to look.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.newsweb import announce
from tests.newsweb.content import OutletRow, outlets
from tests.newsweb.layout import section_link
from tests.newsweb.pages import outlet_sections
from tests.newsweb.score import newest_snapshot, score_folder
from tests.newsweb.server import ADDRESS, Access, NewsWeb
from tests.newsweb.truth import truth, url_key

PORT = 8431
ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "configs" / "demo.toml"

_HEAD = """\
# The demo: a small made-up news web on loopback (tests/newsweb), crawled and clustered by `make demo`.
# Written by `python -m tests.newsweb config`; a test fails when it is not what the outlets say.
data = "../demo"

[crawl]
bot_page = "https://example.org/bot"
contact = "demo@example.org"
delay = 0.05
revisit = ["1s", "7d"]                  # a second run asks for every story again, with validators
max_age_days = 36500                    # its news is of November 2026, whenever you run it
allow_networks = ["127.10.0.0/16"]

[crawl.resolve]
"""


def config() -> str:
    """The text of `configs/demo.toml`."""
    resolve = "".join(f'"{o.host}:80" = "{ADDRESS}:{PORT}"\n' for o in outlets())
    return _HEAD + resolve + "".join(f"\n{''.join(_source(o))}" for o in outlets())


def sources_of(outlet: OutletRow) -> dict[str, tuple[str, ...]]:
    """The URLs at which the outlet announces its stories: feeds, sitemaps, sections."""
    base = f"http://{outlet.host}"
    path = announce.sitemap_path(outlet)
    sections = [section_link(outlet, t).href for t in outlet_sections(outlet, 1)]
    return {
        "feeds": (base + announce.FEED_PATH[outlet.feed],) if outlet.feed else (),
        "sitemaps": (base + path,) if path else (),
        "sections": tuple(base + s for s in sections) if outlet.sections else (),
    }


def demo(day: int = 1, port: int = PORT) -> int:
    """Serve the web, run the main job on it, print the score; the run's exit status, 2 without a port."""
    try:
        web = NewsWeb(day=day, port=port)
    except OSError as error:
        print(
            f"demo: port {port} of {ADDRESS} cannot be used ({error.strerror}); end what listens there",
            file=sys.stderr,
        )
        return 2
    command = [sys.executable, "-m", "corpus.cli", "run", "--config", str(CONFIG)]
    with web:
        print(f"demo: {len(outlets())} made-up outlets serve at http://{web.address}/", flush=True)
        status = subprocess.run(command, cwd=ROOT, check=False).returncode
        asked = tuple(web.requests())
    print(f"\nThe run ended with exit status {status}.")
    print("\n".join(_found(CONFIG.parent / "../demo", day)))
    print(_conduct(asked, day))
    return status


def _source(outlet: OutletRow) -> Iterator[str]:
    yield "[[source]]\n"
    facts = {"id": outlet.id, "name": outlet.name, "country": outlet.country, "owner": outlet.owner}
    facts["home"] = f"http://{outlet.host}/"
    yield from (
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in facts.items()
    )
    for key, urls in sources_of(outlet).items():
        if len(urls) > 1:
            rows = "".join(f"    {json.dumps(url)},\n" for url in urls)
            yield f"{key} = [\n{rows}]\n"
        elif urls:
            yield f"{key} = [{json.dumps(urls[0])}]\n"


def _found(data: Path, day: int) -> Iterator[str]:
    """The score in three lines, and where to look."""
    data = data.resolve()
    try:
        snapshot = newest_snapshot(data)
        yield from score_folder(data, truth(day)).lines()
    except FileNotFoundError as error:
        yield f"no score: {error}"
        return
    yield "Where to look:"
    for name in ("report.html", "clusters.jsonl"):
        if (snapshot / name).is_file():
            yield f"  {_shown(snapshot / name)}"


def _conduct(asked: tuple[Access, ...], day: int) -> str:
    """How the crawl looked from the servers' side."""
    known = {url_key(u) for t in truth(day) for u in (t.url, *t.urls)}
    stories = [a for a in asked if url_key(f"{a.host}{a.path}") in known]
    conditional = sum(a.has_validators for a in stories)
    return (
        f"Asked of the servers: {len(asked)} requests, {len(stories)} of them for story pages, "
        f"{conditional} of those with validators, {sum(a.status == 304 for a in asked)} answered 304."
    )


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
