"""Which passages of a plain text are its story, by what text alone can tell.

In: the passages of a text that somebody else extracted, its titles, the rules of
configs/boilerplate.toml. Out: a fate for each passage. The story is the stretch with the most prose;
inside it only what is plainly something else is dropped. Tests of form and of vocabulary come first,
wordings are `corpus.boilerplate`'s.
"""

import re
from collections.abc import Iterator, Sequence

import msgspec

from corpus.boilerplate import BoilerplateRules, Line, verdicts
from corpus.captions import drop_captions
from corpus.shapes import Seen, Vocabulary, look, stems
from corpus.story import KEPT
from corpus.textlines import Passage
from crawler.records import Record

Fate = tuple[str, str]


class Sorting(Record):
    """A fate for each passage, and the headline's number among them, -1 without one."""

    fates: tuple[Fate, ...] = ()
    heading_at: int = -1


def sort(passages: Sequence[Passage], title: str, rules: BoilerplateRules) -> Sorting:
    """The fates of the passages; `title` is what the text's source says its headline is, or ""."""
    seen = _with_lists([look(passage, rules) for passage in passages])
    end = _end_of_page(seen)
    start, stop = _stretch([_worth(s) for s in seen[:end]])
    known = Vocabulary(seen, start, stop)
    start, stop = _stretch([_worth_knowing(s, known, n) for n, s in enumerate(seen[:end])])
    stop = _with_closing_list(seen, stop, end)
    known = Vocabulary(seen, start, stop)
    heading_at = _heading_at(seen, start, stop, title, known)
    fates: list[Fate] = [KEPT] * len(seen)
    for n in (*range(start), *range(stop, len(seen))):
        fates[n] = _outside(seen, n, n == heading_at, before=n < start)
    if 0 <= heading_at < len(seen):
        fates[heading_at] = ("headline", "headline-line")
    inside = [n for n in range(start, stop) if fates[n] == KEPT]
    _by_form(seen, inside, fates, known)
    titles = (title, seen[heading_at].text if heading_at >= 0 else "")
    left = [n for n in inside if fates[n] == KEPT]
    lines = [Line(seen[n].text) for n in left]
    for n, verdict in zip(left, verdicts(lines, titles, rules), strict=True):
        fates[n] = verdict
    drop_captions(seen, inside, fates)
    return Sorting(tuple(fates), heading_at)


# ------------------------------------------------------------------------------------- the stretch

_MOST_CREDIT = 50
# What a line of each kind costs the stretch that holds it, in words of prose.
_FURNITURE_COST = 10
_INSERT_COST = 4
_LABEL_COST = 8
_SHORT_LABEL_COST = 4
_TEASER_COST = 8
_KNOWN_LABEL_COST = 2
# Of a line's words, the story has this share if it is about the same thing; this, if it is not.
_CLAUSE_WORDS = 8
_AT_HOME = 0.6
_ELSEWHERE = 0.25
# A line of so many words that ends in a colon announces a list.
_ANNOUNCING = 5


def _stretch(worths: Sequence[int]) -> tuple[int, int]:
    """The run of passages with the most prose for the least of anything else; it may be empty."""
    best = (0, 0, 0)
    total = begin = 0
    for n, worth in enumerate(worths):
        if total <= 0:
            total, begin = 0, n
        total += worth
        if total > best[0]:
            best = (total, begin, n + 1)
    return best[1:]


def _worth_knowing(passage: Seen, known: Vocabulary, number: int) -> int:
    """Its worth, where it is known what the story is about."""
    worth, share = _worth(passage), known.share(passage.text, number)
    if share is None or passage.rule != KEPT:
        return worth
    if passage.shape in ("label", "teaser"):
        return max(worth, -_KNOWN_LABEL_COST) if share >= _AT_HOME else worth
    return worth // 3 if worth > 0 and share < _ELSEWHERE * known.weight else worth


def _with_closing_list(seen: Sequence[Seen], stop: int, end: int) -> int:
    """The end of the list that follows the story's last paragraph, perhaps under a line of its own."""
    if not 0 < stop < end:
        return stop
    first = run = stop + (not seen[stop].item)
    while run < end and seen[run].item and seen[run].rule == KEPT:
        run += 1
    return run if run - first >= _RUN else stop


def _with_lists(seen: Sequence[Seen]) -> list[Seen]:
    """The passages, with the lines of a list that a line announces, and of data, as its items."""
    found = list(seen)
    for run in _runs_of_labels(seen, range(len(seen))):
        above = seen[run[0] - 1] if run[0] else None
        announced = (
            above and (above.shape, above.rule) == ("open", KEPT) and above.words >= _ANNOUNCING
        )
        data = [n for n in run if _is_datum(seen[n])]
        items = run if announced else data
        for n in items if len(items) >= _RUN else ():
            found[n] = msgspec.structs.replace(seen[n], item=True)
    return found


def _is_datum(passage: Seen) -> bool:
    """Whether a short line has a number that is no time of day: a result, a year and a name."""
    return 2 <= passage.words <= _DATUM_WORDS and bool(_NUMBER.search(passage.text))


_DATUM_WORDS = 8
_NUMBER = re.compile(r"(?<![\d:.$€£])\d+(?![\d:])")


def _worth(passage: Seen) -> int:
    is_furniture = passage.rule != KEPT and passage.words < _PARAGRAPH_WORDS
    if passage.shape == "prose" and not is_furniture:
        return min(passage.words, _MOST_CREDIT)
    if passage.rule != KEPT:
        return -(_INSERT_COST if _is_self_contained(passage) else _FURNITURE_COST)
    if passage.shape == "sentence" or (passage.shape == "open" and passage.words >= _CLAUSE_WORDS):
        return passage.words // 2
    if passage.shape == "open" or passage.item:
        return 0
    if passage.shape == "teaser":
        return -min(_TEASER_COST, passage.words)
    return -_SHORT_LABEL_COST if passage.words < _TITLE_LEAST else -_LABEL_COST


def _is_self_contained(passage: Seen) -> bool:
    """Whether it is furniture of the kind that stands between paragraphs."""
    return passage.rule[0] in _BETWEEN_PARAGRAPHS and passage.words > _LIST_HEADING_WORDS


_BETWEEN_PARAGRAPHS = ("related", "credit", "caption")
_PARAGRAPH_WORDS = 18


_ENDINGS = ("comments", "copyright")


def _end_of_page(seen: Sequence[Seen]) -> int:
    """Where the comments, or the page's foot, begin: more of the prose stands before than after."""
    prose = [s.words if s.shape == "prose" else 0 for s in seen]
    before, total = 0, sum(prose)
    for n, passage in enumerate(seen):
        if passage.rule[0] in _ENDINGS and passage.words < _PARAGRAPH_WORDS:
            after = total - before - prose[n]
            if before > (after // 3 if passage.rule[0] == "comments" else after):
                return n
        before += prose[n]
    return len(seen)


# ------------------------------------------------------------------------- before and after the story


_WORD = re.compile(r"[^\W\d_]+")
_TITLE_STEMS = 2
_TITLE_WORDS = range(3, 31)
# A line with so much of its words in the story is about it; with less than so much, about another.
_ABOUT_IT = 0.3
_FOREIGN = 0.34


def _heading_at(seen: Sequence[Seen], start: int, stop: int, title: str, known: Vocabulary) -> int:
    """The headline: the line that is the title, or before the story the first that is about it."""
    told = _letters(title)
    head = range(min(start + 2, stop))
    if told:
        return next((n for n in head if _letters(seen[n].text) == told), -1)
    lines = [
        n
        for n in range(start)
        if seen[n].rule == KEPT
        and seen[n].shape in ("label", "sentence")
        and seen[n].words in _TITLE_WORDS
        and len(stems(seen[n].text)) >= _TITLE_STEMS
    ]
    if not lines:
        return -1
    shares = {n: known.share(seen[n].text) or 0.0 for n in lines}
    enough = min(_ABOUT_IT, max(shares.values()))
    return next(n for n in lines if shares[n] >= enough)


def _letters(text: str) -> str:
    return "".join(_WORD.findall(text.casefold()))


def _outside(seen: Sequence[Seen], n: int, heading: bool, *, before: bool) -> Fate:
    passage = seen[n]
    if heading:
        return "headline", "headline-line"
    if passage.rule != KEPT:
        return passage.rule
    if not _WORD.search(passage.text):
        return "ornament", "no-words"
    beside = [seen[m] for m in (n - 1, n + 1) if 0 <= m < len(seen)]
    listed = all(p.shape in ("label", "teaser") or p.rule[0] == "related" for p in beside)
    if passage.shape in ("label", "teaser") and passage.words >= 4 and listed:
        return "related", "headline-list"
    return "other", "before-the-prose" if before else "after-the-prose"


# ---------------------------------------------------------------------------------- inside the story

# "(Keep reading: what else was said)": a lead-in and a title, in brackets of their own.
_IN_BRACKETS = re.compile(r"[(\[]\W{0,2}[^\W\d_]+(?: [^\W\d_]+){0,3}: ?\S.{8,300}[^.][)\]]")
_BRACKET_WORDS = 40
_QUOTE_WORDS = range(6, 41)
_QUOTATION = re.compile(r"[\"“”„«‘'’].+[\"“”»’']")
_MOST_LINES = 2000
_INSERT_WORDS = range(7, 26)
_RUN = 3
_LIST_HEADING_WORDS = 5
_TITLE_LEAST = 5


def _by_form(
    seen: Sequence[Seen], inside: Sequence[int], fates: list[Fate], known: Vocabulary
) -> None:
    """Drop what its form gives away: inserts, runs of headlines, lists under a heading of lists."""
    for n in inside:
        if seen[n].words <= _BRACKET_WORDS and _IN_BRACKETS.fullmatch(seen[n].text):
            fates[n] = ("related", "lead-in-in-brackets")
    for n in _under_list_headings(seen, inside):
        fates[n] = ("related", "under-a-list-heading")
    for n in _pull_quotes(seen, inside):
        fates[n] = ("pullquote", "inside-another-paragraph")
    for run in _runs_of_labels(seen, inside):
        foreign = [n for n in run if _is_insert(seen[n], known)]
        if len(run) >= _RUN:
            foreign = run if 2 * len(foreign) > len(run) else []
        for n in foreign:
            fates[n] = ("related", "headline-of-another-story")


def _pull_quotes(seen: Sequence[Seen], inside: Sequence[int]) -> Iterator[int]:
    """The quotations that stand word for word in a paragraph; of very long texts none."""
    labels = [
        n
        for n in inside
        if seen[n].shape == "label"
        and seen[n].words in _QUOTE_WORDS
        and _QUOTATION.fullmatch(seen[n].text)
    ]
    if labels and len(inside) <= _MOST_LINES:
        prose = "\n".join(_folded(seen[n].text) for n in inside if seen[n].shape == "prose")
        yield from (n for n in labels if _folded(seen[n].text) in prose)


def _folded(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def _under_list_headings(seen: Sequence[Seen], inside: Sequence[int]) -> Iterator[int]:
    """The lines under "Related stories" and the like, with that line; a subheading may follow them."""
    heading = -1
    for n in inside:
        passage = seen[n]
        if passage.rule[0] == "related" and passage.words <= _LIST_HEADING_WORDS:
            heading = n
            continue
        listed = passage.shape in ("label", "teaser") and passage.words >= _TITLE_LEAST
        if heading >= 0 and listed:
            if heading == n - 1:
                yield heading
            yield n
        else:
            heading = -1


def _runs_of_labels(seen: Sequence[Seen], inside: Sequence[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for n in inside:
        if seen[n].shape == "label":
            run.append(n)
            continue
        if run:
            yield run
        run = []
    if run:
        yield run


def _is_insert(passage: Seen, known: Vocabulary) -> bool:
    """Whether this reads like a headline, and not of this story."""
    if passage.words not in _INSERT_WORDS or passage.item or passage.text[0].islower():
        return False
    share = known.share(passage.text)
    return share is not None and share < _FOREIGN
