"""`wirecorpus clusters`: what stands in snapshots, and what changed from one to another.

Nothing is changed here, and no lock is needed.
"""

from collections import Counter
from functools import partial
from pathlib import Path

import click
import msgspec

from corpus import store
from corpus.cli.console import data_on_stdout, print_json
from corpus.corrections import versioned
from corpus.errors import DamagedData, RuleError
from corpus.records import Cluster
from crawler import cli as crawling

SHOWN = 20
"""So many changes of a kind are listed as text."""

FILE = "clusters.jsonl"


@click.group()
def clusters() -> None:
    """What stands in snapshots, and what changed from one to another."""


@clusters.command()
@click.argument("before", default="previous", metavar="[BEFORE]")
@click.argument("after", default="newest", metavar="[AFTER]")
@crawling.config_option
@crawling.data_option
@click.option(
    "--json", "as_json", is_flag=True, help="Print a JSON line for each change; counts on stderr."
)
def diff(
    before: str, after: str, config_file: Path, data_folder: Path | None, as_json: bool
) -> int:
    """What changed between two snapshots: clusters merged, split, grown, new; articles that moved.

    A snapshot is named as in snapshots/ of the data folder, or "newest", or "previous" (the one before the
    newest); a path to a snapshot's folder or to a clusters.jsonl will do, too. Clusters are followed by
    their articles, whatever their ids. JSON lines come in the order of the later file, and last of what is
    gone.
    """
    from corpus.changes import Change, Comparison, Kind, rendered
    from corpus.former import Former

    files = [_clusters_file(name, config_file, data_folder) for name in (before, after)]
    named = tuple(map(_named, files))
    one, other = (partial(store.read_shard, file, Former) for file in files)
    found = Comparison(one, other)
    counts: Counter[Kind] = Counter()
    shown: list[Change] = []
    encoder = msgspec.json.Encoder()
    with data_on_stdout() as write:
        for change in found.changes():
            counts[change.change] += 1
            if as_json:
                write(encoder.encode(change) + b"\n")
            elif counts[change.change] <= SHOWN:
                shown.append(change)
        totals = found.totals(counts)
        if not as_json:
            for line in rendered(totals, shown, (named[0], named[1])):
                write(line.encode("utf-8", "replace") + b"\n")
    if as_json:
        click.echo(encoder.encode(totals).decode(), err=True)
    return 0


@clusters.command()
@click.argument("name", metavar="ID")
@click.option("--snapshot", default="newest", show_default=True, help="Of this snapshot.")
@crawling.config_option
@crawling.data_option
def show(name: str, snapshot: str, config_file: Path, data_folder: Path | None) -> int:
    """A cluster's record, as JSON: by its id, by one that it had before, or by an article in it.

    Of an article with several versions the last is meant; "a_…@2" names one.
    """
    file = _clusters_file(snapshot, config_file, data_folder)
    article, version = versioned(name)
    found: Cluster | None = None
    last = 0
    for cluster in store.read_shard(file, Cluster):
        if name in (cluster.id, *cluster.merged_from):
            found = cluster
            break
        for member in cluster.members:
            is_meant = member.article_id == name or (member.article_id, member.version) == (
                article,
                version,
            )
            if is_meant and member.version > last:
                found, last = cluster, member.version
    if found is None:
        raise RuleError(
            f"{file}: no cluster has the id '{name}', now or in a snapshot before, and no article of one"
        )
    print_json(found)
    return 0


def _named(file: Path) -> str:
    """A snapshot's name, or the path of a file that stands elsewhere."""
    return file.parent.name if file.parent.parent.name == "snapshots" else str(file)


def _refuse_others(file: Path) -> None:
    """An error for a file that somebody named and that has no clusters in it."""
    from corpus.former import Former

    first = next(iter(store.numbered_lines(file)), None)
    try:
        if first is not None:
            msgspec.json.decode(first[1], type=Former)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RuleError(
            f"{file}: is no clusters.jsonl: line 1: {error}; name a snapshot, its folder, or the"
            " clusters.jsonl in it"
        ) from None


def _whole(snapshot: Path) -> Path:
    """The clusters.jsonl of a snapshot, which is as the snapshot's manifest says."""
    from corpus.snapshots import read_manifest

    file, manifest = snapshot / FILE, read_manifest(snapshot)
    if manifest is None:
        fault = "its manifest.json cannot be read"
    else:
        sealed = {line.name: (line.bytes, line.sha256) for line in manifest.files}
        is_there = file.is_file() and file.stat().st_size == sealed.get(FILE, (-1, ""))[0]
        if is_there and store.file_sha256(file) == sealed[FILE][1]:
            return file
        fault = f"{FILE} was changed after it was made" if is_there else f"{FILE} is missing or cut"
    raise DamagedData(
        f"{snapshot}: {fault}; delete this folder, and run `wirecorpus build` where it is the newest,"
        " which makes it again"
    )


def _clusters_file(name: str, config_file: Path, data_folder: Path | None) -> Path:
    """The clusters.jsonl that is meant."""
    from corpus.snapshots import all_snapshots

    path, places = Path(name), {"newest": -1, "previous": -2}
    for file in (path, path / FILE) if name not in places else ():
        if file.is_file():
            _refuse_others(file)
            sealed = file.name == FILE and (file.parent / "manifest.json").is_file()
            return _whole(file.parent) if sealed else file
    data = data_folder or crawling.load_config(config_file, None).data
    crawling.check_format(data)
    found = all_snapshots(data)
    if name in places and len(found) >= -places[name]:
        return _whole(found[places[name]])
    if name not in places and name in {folder.name for folder in found}:
        return _whole(data / "snapshots" / name)
    known = ", ".join(folder.name for folder in found[-3:]) or "none"
    raise RuleError(
        f"{name}: is no snapshot of {data}, and no clusters.jsonl; the newest are: {known}"
    )
