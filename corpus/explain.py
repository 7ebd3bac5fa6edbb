"""A page's article or rejection as an HTML file in which each block shows its fate and the rule.

In: the record alone: `text` and `stripped` in turn are the page as it was read, so nothing is extracted
again. Out: the file's text, for the person who writes rules. Where the page came from and where the
view goes is the affair of `corpus.cli`.
"""

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from corpus import htmlfile
from corpus.facts import facts_of_article, facts_of_rejection
from corpus.highlights import Line, Mark, lines, moved, pieces, plain
from corpus.records import Article, Evidence, Rejection, Stripped

COLOURS = 10
"""So many colours the style sheet has, each twice: with one pattern, and with another."""

LONG_LINES, LONG_CHARACTERS = 4, 600
"""A dropped block of more than this is shown folded."""

_RUNS = 400


class Block(NamedTuple):
    """A paragraph of the story (`kind` is ""), or a dropped block; [start, end) is in `text`."""

    anchor: str
    kind: str
    rule: str
    number: int
    after: int
    start: int
    end: int
    lines: tuple[Line, ...]
    opening: Line
    characters: int
    colour: int
    folded: bool
    open: bool


class Share(NamedTuple):
    """A row of the legend: a kind (`rule` is "") or a rule of it, and how much of the page it is."""

    kind: str
    rule: str
    colour: int
    blocks: int
    lines: int
    characters: int
    anchor: str


class Run(NamedTuple):
    """Neighbours of one kind in the map of the page."""

    kind: str
    colour: int
    characters: int
    blocks: int
    anchor: str


class Credit(NamedTuple):
    """A row of the table of evidence; `anchor` is "" where the view does not show the place."""

    evidence: Evidence
    anchor: str
    quoted: Line


def render(answer: Article | Rejection) -> str:
    """The view of a page, as the HTML of one self-contained file."""
    if isinstance(answer, Rejection):
        return _file(
            answer.url or answer.place or answer.record_id, rejection=facts_of_rejection(answer)
        )
    marks = {w: _marks(answer, w) for w in ("text", "byline", "url")}
    blocks = _blocks(answer, marks["text"])
    return _file(
        answer.headline or answer.url or answer.capture_id,
        headline=pieces(answer.headline),
        facts=facts_of_article(answer, marks["byline"], marks["url"]),
        blocks=blocks,
        legend=_legend(blocks),
        runs=_runs(blocks),
        kept=sum(b.characters for b in blocks if not b.kind),
        dropped=sum(b.characters for b in blocks if b.kind),
        wire=answer.wire,
        dateline=answer.dateline,
        credits=_credits(answer),
        language=answer.language if re.fullmatch(r"[A-Za-z0-9-]+", answer.language) else "",
    )


def _file(title: str, **values: object) -> str:
    shown = {"rejection": (), "blocks": (), **values}
    return htmlfile.render("explain", {"many": _many, "plain": plain}, title=plain(title), **shown)


# -------------------------------------------------------------------------------------- the page


def _blocks(article: Article, marks: Sequence[Mark]) -> tuple[Block, ...]:
    """The page in reading order: each paragraph, and what was dropped after it."""
    colours = _colours(block.kind for block in article.stripped)
    spans = article.paragraphs or (((0, len(article.text)),) if article.text else ())
    after: defaultdict[int, list[Block]] = defaultdict(list)
    for n, dropped in enumerate(article.stripped):
        place = max(-1, min(dropped.after_paragraph, len(spans) - 1))
        after[place].append(_dropped(n, dropped, place, colours, _marks(article, f"stripped[{n}]")))
    found = after[-1]
    for n, (start, end) in enumerate(spans):
        found += (_paragraph(n, start, end, article.text, marks), *after[n])
    return tuple(found)


def _paragraph(n: int, start: int, end: int, text: str, marks: Sequence[Mark]) -> Block:
    here = [mark for mark in marks if mark.start < end and start < mark.end]
    return Block(
        anchor=f"p{n}",
        kind="",
        rule="",
        number=n,
        after=n - 1,
        start=start,
        end=end,
        lines=lines(text[start:end], moved(here, -start)),
        opening=(),
        characters=end - start,
        colour=0,
        folded=False,
        open=True,
    )


def _dropped(
    n: int, block: Stripped, after: int, colours: dict[str, int], marks: Sequence[Mark]
) -> Block:
    shown = lines(block.text, marks)
    return Block(
        anchor=f"s{n}",
        kind=block.kind or "(no kind)",
        rule=block.rule,
        number=n,
        after=after,
        start=0,
        end=0,
        lines=shown,
        opening=pieces(next((x for x in block.text.split("\n") if x.strip()), "")[:160]),
        characters=len(block.text),
        colour=colours[block.kind],
        folded=len(shown) > LONG_LINES or len(block.text) > LONG_CHARACTERS,
        open=bool(marks),
    )


def _colours(kinds: Iterable[str]) -> dict[str, int]:
    """A colour for each kind: the same on most pages, and no two alike while there are enough."""
    taken: dict[str, int] = {}
    for kind in sorted(set(kinds)):
        wanted = zlib.crc32(kind.encode("utf-8", "replace")) % COLOURS
        once = ((wanted + step) % COLOURS for step in range(COLOURS))
        again = ((wanted + step) % COLOURS + COLOURS for step in range(COLOURS))
        taken[kind] = next((c for c in (*once, *again) if c not in taken.values()), wanted)
    return taken


def _legend(blocks: Sequence[Block]) -> tuple[Share, ...]:
    """What was dropped, by kind and below it by rule, the largest first."""
    dropped = [block for block in blocks if block.kind]
    found: list[Share] = []
    for kind in _by_size(dropped, [(b.kind, "") for b in dropped]):
        rules = [b for b in dropped if b.kind == kind.kind]
        found += (kind, *_by_size(rules, [(b.kind, b.rule or "(no rule)") for b in rules]))
    return tuple(found)


def _by_size(blocks: Sequence[Block], names: Sequence[tuple[str, str]]) -> list[Share]:
    groups: defaultdict[tuple[str, str], list[Block]] = defaultdict(list)
    for name, block in zip(names, blocks, strict=True):
        groups[name].append(block)
    shares = [
        Share(
            *name,
            colour=group[0].colour,
            blocks=len(group),
            lines=sum(len(block.lines) for block in group),
            characters=sum(block.characters for block in group),
            anchor=group[0].anchor,
        )
        for name, group in groups.items()
    ]
    return sorted(shares, key=lambda share: (-share.characters, share.kind, share.rule))


def _runs(blocks: Sequence[Block]) -> tuple[Run, ...]:
    """The map: the page's blocks in order, neighbours of one kind as one."""
    found = []
    for (kind, colour), same in groupby(blocks, key=lambda b: (b.kind, b.colour)):
        run = tuple(same)
        size = sum(block.characters for block in run)
        found.append(Run(kind, colour, max(1, size), len(run), run[0].anchor))
    return tuple(found) if len(found) <= _RUNS else ()


# ----------------------------------------------------------------------------------- attribution


def _marks(article: Article, where: str) -> tuple[Mark, ...]:
    """What is to be highlighted in the text that `where` names."""
    text = _text_of(article, where)
    found = []
    for n, evidence in enumerate(article.wire.evidence):
        start = _place(evidence, text) if evidence.where == where else -1
        if start >= 0:
            title = f"{evidence.agency} · {evidence.signal.replace('_', ' ')} · {evidence.rule}"
            end = start + len(evidence.text)
            found.append(Mark(start, end, f"e{n}", "evidence", evidence.agency, plain(title)))
    line = article.dateline
    if where == "text" and line.start < line.end:
        parts = (("place", line.place), ("agency", line.agency), ("date", line.date))
        title = "; ".join(f"{name} {value}" for name, value in parts if value)
        title = plain(f"dateline: {title}")
        found.append(Mark(line.start, line.end, "dateline", "dateline", "", title))
    return tuple(found)


def _text_of(article: Article, where: str) -> str:
    held = {"text": article.text, "byline": article.byline, "url": article.final_url}
    number = re.fullmatch(r"stripped\[(\d{1,9})\]", where)
    if number and int(number[1]) < len(article.stripped):
        return article.stripped[int(number[1])].text
    return held.get(where, "")


def _place(evidence: Evidence, text: str) -> int:
    """Where the words stand: as their offsets say, else where they are found, else -1."""
    if not evidence.text:
        return -1
    if text[evidence.start : evidence.end] == evidence.text:
        return evidence.start
    return text.find(evidence.text)


def _credits(article: Article) -> tuple[Credit, ...]:
    return tuple(
        Credit(e, f"e{n}" if _place(e, _text_of(article, e.where)) >= 0 else "", pieces(e.text))
        for n, e in enumerate(article.wire.evidence)
    )


def _many(number: int) -> str:
    return f"{number:,}"
