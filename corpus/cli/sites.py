"""`wirecorpus sites`: what was learned of each host, and how it does.

In: the newest of what builds remember of sites. Out: a table of hosts, or one host in full. Nothing is
changed, and no lock is needed.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import click
import msgspec

from corpus.cli.console import print_json
from corpus.cli.summary import table
from corpus.profiles import PathCount, Place, Profile, Template
from corpus.records import Count
from corpus.upkeep import FIRST_AUDITS, SiteState
from crawler import cli as crawling
from crawler.records import Record

SHOWN_PATHS = 8
SHOWN_NAMES = 5
_FINGERPRINT = 8  # bytes
_SHARE_KEPT = 0.5


class TemplateLine(Record, kw_only=True):
    """A template: `kept` and `dropped` are the paths with the most characters, and how many."""

    selector: str
    pages: int
    agreement: float
    smallest_body: int
    paths: int
    kept: tuple[Count, ...]
    dropped: tuple[Count, ...]
    places: tuple[Place, ...] = ()


class SiteLine(Record, kw_only=True):
    """What is remembered of a host; `audits` are the last ones, the newest last.

    `served` and `refused` count pages since the profile was made; `verdict` says why the last attempt at
    one failed, `lessons` how many did in a row.
    """

    host: str
    pages: int
    seen_at: str
    profile: str = ""
    learned_at: str = ""
    learned_from: int = 0
    made_by: str = ""
    stories: int = 0
    standing_texts: int = 0
    templates: tuple[TemplateLine, ...] = ()
    served: int = 0
    refused: tuple[Count, ...] = ()
    audited: int = 0
    audits: tuple[float, ...] = ()
    lessons: int = 0
    verdict: str = ""
    candidates: int = 0


@click.command()
@click.argument("host", required=False)
@crawling.config_option
@crawling.data_option
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON on standard output.")
def sites(host: str | None, config_file: Path, data_folder: Path | None, as_json: bool) -> int:
    """What was learned of the crawled sites: of all in a table, of HOST in full.

    `wirecorpus build` learns a host from five stories on, and reads its further pages by what it
    learned; a page that does not fit is read in full. Of a host that is not learned (yet) it is said why.
    """
    states = _states(data_folder or crawling.load_config(config_file, None).data)
    if host is not None:
        line = _line(_named(host, states))
        if as_json:
            print_json(line)
        else:
            click.echo("\n".join(_in_full(line)))
        return 0
    lines = [_line(state) for _, state in sorted(states.items())]
    if as_json:
        print_json(lines)
    elif lines:
        click.echo("\n".join(_listed(lines)))
    else:
        click.echo("nothing is known of any site yet; `wirecorpus build` learns them")
    return 0


def _states(data: Path) -> dict[str, SiteState]:
    from corpus.build import known_sites

    crawling.check_format(data)
    return known_sites(data)


def _named(host: str, states: Mapping[str, SiteState]) -> SiteState:
    """The host's state, or an error with the names that are most like it."""
    name = host.lower()
    if name in states:
        return states[name]
    within = [known for known in states if name in known or known in name]
    near = [*within, *difflib.get_close_matches(name, states, SHOWN_NAMES)]
    shown = ", ".join(dict.fromkeys(near[:SHOWN_NAMES]))
    hint = (
        f"; did you mean {shown}?" if shown else "; `wirecorpus sites` lists those that are known"
    )
    raise click.ClickException(f"nothing is known of {host}{hint}")


def _line(state: SiteState) -> SiteLine:
    upkeep = state.upkeep
    line = SiteLine(
        host=state.host,
        pages=state.pages,
        seen_at=state.seen_at,
        served=upkeep.served,
        refused=upkeep.reasons,
        audited=upkeep.audited,
        audits=upkeep.audits,
        lessons=state.lessons,
        verdict=state.verdict,
        candidates=len(state.candidates),
    )
    if not state.profile_id:
        return line
    profile = msgspec.json.decode(state.profile, type=Profile)
    return msgspec.structs.replace(
        line,
        profile=profile.id,
        learned_at=state.learned_at,
        learned_from=state.learned_from,
        made_by=profile.made_by,
        stories=profile.stories,
        standing_texts=len(profile.repeated) // _FINGERPRINT,
        templates=tuple(map(_template, profile.templates)),
    )


def _template(template: Template) -> TemplateLine:
    kept = [path for path in template.paths if path.body >= _SHARE_KEPT * path.all]
    dropped = [path for path in template.paths if path.body < _SHARE_KEPT * path.all]
    return TemplateLine(
        selector=template.selector,
        pages=template.pages,
        agreement=template.agreement,
        smallest_body=template.smallest_body,
        paths=len(template.paths),
        kept=_largest(kept),
        dropped=_largest(dropped),
        places=template.places,
    )


def _largest(paths: Iterable[PathCount]) -> tuple[Count, ...]:
    ordered = sorted(paths, key=lambda path: (-path.all, path.path))
    return tuple(Count(path.path or "(itself)", path.all) for path in ordered[:SHOWN_PATHS])


# ------------------------------------------------------------------------------------- for people


def _listed(lines: Iterable[SiteLine]) -> Iterator[str]:
    columns = ("host", "pages", "templates", "stories", "served", "refused", "last audits", "since")
    rows = [
        (
            line.host,
            str(line.pages),
            str(len(line.templates) or "·"),
            str(line.stories or "·"),
            str(line.served or "·"),
            str(sum(count.count for count in line.refused) or "·"),
            " ".join(f"{audit:.2f}" for audit in line.audits) or "·",
            line.learned_at[:10] or "·",
        )
        for line in lines
    ]
    return table(columns, rows)


def _in_full(line: SiteLine) -> Iterator[str]:
    yield f"{line.host}: {line.pages} pages, last seen {line.seen_at}"
    if line.profile:
        yield (
            f"  profile   {line.profile}, learned {line.learned_at} from {line.learned_from} pages "
            f"({line.stories} stories) by {line.made_by}"
        )
        refused = sum(count.count for count in line.refused)
        reasons = ", ".join(f"{count.name} {count.count}" for count in line.refused)
        yield f"  served    {line.served}; refused {refused}" + (f" ({reasons})" if reasons else "")
        audits = ", ".join(f"{audit:.2f}" for audit in line.audits) or "none yet"
        yield f"  audits    {line.audited}; the last: {audits}"
        yield f"  standing  {line.standing_texts} texts that stand on several pages"
    yield f"  advice    {_advice(line)}"
    for number, template in enumerate(line.templates, 1):
        yield ""
        yield (
            f"  template {number}: {template.selector}  ({template.pages} pages, agreement "
            f"{template.agreement:.2f}, smallest body {template.smallest_body} characters)"
        )
        for place in template.places:
            root = "" if place.inside else "body>"
            yield f"    {place.field:<9}{place.pages:>6}  {root}{place.path or '(itself)'}"
        yield from _paths("kept", template.kept)
        yield from _paths("dropped", template.dropped)


def _paths(what: str, counts: Iterable[Count]) -> Iterator[str]:
    for count in counts:
        yield f"    {what:<8}{count.count:>7}  {count.name}"


def _advice(line: SiteLine) -> str:
    tried = f"; the last lesson: {line.verdict}" if line.verdict else ""
    if not line.profile:
        return f"its pages are read in full{tried}"
    left = FIRST_AUDITS - line.audited
    audits = f"; {left} of the first {FIRST_AUDITS} audits are to come" if left > 0 else ""
    return f"its pages are read by the profile{audits}{tried}"
