"""`wirecorpus attribute`: who wrote the story on one page, by which signals, and what did not count.

In: a path as the filters read them, or a URL and a data folder. Out: the attribution as a JSON line, or
with `--explain` as text for a person. Nothing is fetched.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from corpus.cli.console import say
from corpus.cli.explaining import explain
from corpus.cli.filters import DAMAGE
from corpus.inputs import Input
from corpus.pages import Page, page_of_capture
from corpus.records import Article, Rejection, Wire
from corpus.rulebook import load_rulebook
from crawler.records import Capture, Record

if TYPE_CHECKING:
    from corpus.creditlines import AgencyRules

_AROUND = 60  # characters shown on either side of a name


class Attribution(Record):
    """What `wirecorpus attribute` writes of a page."""

    capture_id: str
    url: str
    headline: str
    wire: Wire


@click.command()
@click.argument("page", metavar="FILE|URL|-", default="-")
@click.option(
    "--explain", "explained", is_flag=True, help="The signals found and those refused, with why."
)
@click.option("--id", "capture_id", help="The page with this id, not the first of the input.")
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="With a URL: the configuration file.  [default: wirecorpus.toml]",
)
@click.option(
    "--data",
    "data_folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="With a URL: the data folder, instead of the configuration's.",
)
def attribute(
    page: str,
    explained: bool,
    capture_id: str | None,
    config_file: Path | None,
    data_folder: Path | None,
) -> int:
    """Who wrote the story on one page, with the words that prove it.

    Reads what `extract` reads: an HTML file, JSON lines, a WARC file; or a URL, whose newest capture is
    looked up in the archive of a data folder and never fetched. Writes one JSON line {"capture_id",
    "url","headline","wire"}; of all pages of an input, `extract` writes the same in `wire`.

    With --explain, as text: each signal that counts, where it stands and by which rule of
    configs/agencies.toml; and each agency that is named elsewhere on the page, also in JSON-LD, meta
    elements and scripts, with the reason why that is no credit.
    """
    from corpus.agencies import load_agencies

    rules = load_agencies(load_rulebook().files["agencies.toml"])

    def view(answer: Article | Rejection, shown: Input) -> str:
        if isinstance(answer, Rejection):
            return f"rejected as {answer.reason}: {answer.detail}\n" if explained else ""
        return told(answer, rules, _source(shown)) if explained else _line(answer)

    answer = explain(
        [page], capture_id, None, config_file, data_folder, quiet=not explained, view=view
    )
    if isinstance(answer, Article):
        return 0
    if not explained:
        say(f"wirecorpus: {answer.place or answer.record_id}: {answer.reason}: {answer.detail}")
    return 5 if answer.reason in DAMAGE else 0


def _line(article: Article) -> str:
    made = Attribution(article.capture_id, article.final_url, article.headline, article.wire)
    return msgspec.json.encode(made).decode() + "\n"


def _source(page: Input) -> str:
    """The page's source, "" of one that has none."""
    read = page_of_capture(page) if isinstance(page, Capture) else page
    return read.html if isinstance(read, Page) else ""


def told(article: Article, rules: "AgencyRules", source: str = "") -> str:
    """The article's attribution for a person: verdict, signals, hints, and what was refused.

    With the page's `source`, also the fields that only machines read.
    """
    return "\n".join(_told(article, rules, source)) + "\n"


def _told(article: Article, rules: "AgencyRules", source: str) -> Iterator[str]:
    from corpus.dom import parse
    from corpus.field_refusals import field_refusals
    from corpus.refusals import refusals

    wire = article.wire
    verdict = {
        True: "wire copy",
        False: "no wire copy: it has a byline of its own",
        None: "not known",
    }
    said = "credited without a say in how much" if wire.agencies else "no ground either way"
    reason = f" ({said})" if wire.is_wire is None else ""
    yield article.headline or article.final_url
    yield f"is_wire: {verdict[wire.is_wire]}{reason}"
    if wire.agencies:
        yield f"agencies: {', '.join(wire.agencies)}; {wire.role}, confidence {wire.confidence:.3f}"
    if wire.story_ids:
        yield f"story ids: {', '.join(wire.story_ids)}"
    for n, proof in enumerate(wire.evidence):
        yield "" if n else "\nfound"
        yield f"  {proof.agency}  {proof.signal}, in {proof.where} at {proof.start}, rule {proof.rule}"
        yield f"      {proof.text}"
    for n, hint in enumerate(wire.hints):
        yield "" if n else "\nhints, which count for nothing"
        yield f"  {hint.agency}  in text at {hint.start}, rule {hint.rule}"
        yield f"      {hint.text}"
    tree = parse(source) if source else None
    fields = field_refusals(article, tree, rules) if tree else ()
    for n, refused in enumerate(chain(refusals(article, rules), fields)):
        yield "" if n else "\nrefused"
        yield f"  {refused.agency}  in {refused.where}: {refused.why}"
        yield f"      {_around(refused.line, refused.start, refused.end)}"


def _around(line: str, start: int, end: int) -> str:
    before, after = max(0, start - _AROUND), min(len(line), end + _AROUND)
    cut = ("… " if before else "", " …" if after < len(line) else "")
    return cut[0] + line[before:after].strip() + cut[1]
