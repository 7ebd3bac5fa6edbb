"""Which blocks of a page are its story, by the votes of several extractors and by where blocks stand.

In: a page's blocks, the extractors' answers, what the page's JSON-LD gives as its text, its titles,
and the weights of configs/votes.toml. Out: a `Choice`. A block is kept where the weighted evidence for
it exceeds a limit: a logistic model, fitted by `tests.bench.votes`. No extractor is run here, and no
wording is judged (`corpus.boilerplate`).
"""

import math
import re
import tomllib
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import mul
from typing import Protocol

import msgspec

from corpus.blocks import BYLINE, FIGURE, FURNITURE, SOURCE
from corpus.elements import STEP
from corpus.errors import RuleError
from corpus.held import Blocks
from corpus.tokens import wide_chars
from crawler.records import Record

FIRST = "trafilatura"
"""The extractor whose answer is the story where the votes give nothing that one can stand by."""


class BlockView(Protocol):
    """What must be known of a block: a `corpus.blocks.Block` knows it."""

    @property
    def text(self) -> str:
        """Its text, white space folded."""

    @property
    def link_chars(self) -> int:
        """How much of it is link text."""

    @property
    def place(self) -> int:
        """What the elements around it say of it, as `corpus.blocks` names them."""

    @property
    def path(self) -> str:
        """The block-level elements around it, as `corpus.outline` writes them."""


class Ballot(Record):
    """What extractors said of a page, by their names, and the text in its JSON-LD ("" without one)."""

    answers: dict[str, str]
    stated: str = ""


class Evidence(Record, gc=False, kw_only=True, forbid_unknown_fields=True):
    """What is known of a block, as numbers; and the weights of these numbers."""

    base: float = 0.0  # always 1
    votes: float = 0.0  # share of the extractors that hold it
    unanimous: float = 0.0
    refused: float = 0.0  # the others' mean agreement with the rest, as a share of all extractors
    path_votes: float = 0.0  # of the text at the same path, the share held, mean over extractors
    container: float = 0.0  # of the text that two extractors hold, the share in the same container
    in_article: float = 0.0
    linked: float = 0.0  # share of link text
    length: float = 0.0  # logarithm of letters; 0 at 54
    length_inside: float = 0.0  # the same, between blocks that two extractors hold
    sentence: float = 0.0  # ends like one
    colon: float = 0.0  # near its start, in no list
    heading: float = 0.0
    item: float = 0.0  # of a list
    stated: float = 0.0  # in the JSON-LD
    unstated: float = 0.0  # not in the JSON-LD, which has a text
    up_to_headline: float = 0.0
    past_headline: float = 0.0  # blocks, in hundreds, 1 at most
    distance: float = 0.0  # logarithm of blocks to the nearest that two extractors hold
    opening: float = 0.0  # before all text that two extractors hold
    closing: float = 0.0  # with the last 3 % of it, or after


class Weights(Record, forbid_unknown_fields=True):
    """A block is kept from the probability `least` on; `weights` are those of its evidence.

    `nearest` is the least F1 of letters between what is kept and some extractor's answer.
    """

    least: float
    nearest: float
    weights: Evidence


class Choice(Record):
    """The blocks that are the story; the extractor whose answer is nearest to them, and how near.

    `voted` are the blocks that some extractor holds. `agreement` is the F1 of letters between the two, 0
    where no block is kept. `contested`: the votes gave a text that is near no extractor's, and the
    `lead`'s answer was taken instead.
    """

    kept: tuple[bool, ...] = ()
    voted: tuple[bool, ...] = ()
    lead: str = ""
    agreement: float = 0.0
    contested: bool = False


def load_weights(text: str, where: str = "votes.toml") -> Weights:
    """The weights in the text of configs/votes.toml."""
    try:
        return msgspec.convert(tomllib.loads(text), Weights)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise RuleError(f"{where}: {error}") from None


def choose(
    blocks: Sequence[BlockView], ballot: Ballot, titles: Sequence[str], weights: Weights
) -> Choice:
    """The story's blocks; `titles` are what the page calls itself, in any spelling.

    Where they are near no extractor's answer, the first extractor's is the story, or where that is a
    line at most the answer that agrees best with the others.
    """
    page = _Page(blocks, ballot, titles)
    scales = msgspec.structs.astuple(weights.weights)
    limit = math.log(weights.least / (1 - weights.least))
    kept = [
        known is not None and sum(map(mul, scales, msgspec.structs.astuple(known))) >= limit
        for known in page.evidence()
    ]
    return page.choice(kept, weights.nearest)


def evidence(
    blocks: Sequence[BlockView], ballot: Ballot, titles: Sequence[str]
) -> tuple[Evidence | None, ...]:
    """What is known of each block; None where no extractor holds it or text around it."""
    return tuple(_Page(blocks, ballot, titles).evidence())


def letters(text: str) -> int:
    """Characters without white space; those of Chinese and Japanese say as much as three."""
    return len(text) - text.count(" ") + 2 * wide_chars(text)


# Letters, and the share of what two extractors hold: a text in JSON-LD that has less of the page is
# a teaser or a part, and says nothing of what it leaves out.
_LEAST_STATED, _LEAST_STATED_SHARE = 300, 0.8
# Letters: shorter blocks are often left out of the text in JSON-LD.
_SHORT_OF_STATED = 60
_LEAST_ANSWER = 200  # letters
_LEAST_SUBHEADS = 2
_LONGEST_SUBHEAD = 80  # characters
_NO_SUBHEAD = FURNITURE | FIGURE | BYLINE | SOURCE
_LENGTH_AT_ZERO = 4.0
_FARTHEST = 50  # blocks
_CLOSING = 0.97
_ITEMS = ("li", "td", "th", "dt", "dd")
_ANNOUNCES = (":", "：")
_COLON_WITHIN = 30  # characters
_SENTENCE_END = re.compile(r"[.!?…。！？؟।:][\"'”’»)\]]*$")
_HEADING = re.compile(r"h\d\b")


class _Page:
    """A page's blocks and who holds them."""

    def __init__(self, blocks: Sequence[BlockView], ballot: Ballot, titles: Sequence[str]) -> None:
        self._blocks = blocks
        index = Blocks([block.text for block in blocks])
        self._names = tuple(ballot.answers)
        self._held = [index.held(answer) for answer in ballot.answers.values()]
        self._stated = index.held(ballot.stated) if ballot.stated else ()
        self._titles = {_title_key(title) for title in titles} - {""}
        self._letters = [letters(block.text) for block in blocks]
        self._votes = [sum(h[n] for h in self._held) for n in range(len(blocks))]
        enough = min(2, len(self._names))
        self._strong = [n for n, votes in enumerate(self._votes) if votes >= enough > 0]
        self._trust = self._agreements()

    def evidence(self) -> Iterator[Evidence | None]:
        """What is known of each block."""
        strong, extractors = self._strong, len(self._names)
        first, last = (strong[0], strong[-1]) if strong else (len(self._blocks), -1)
        headline = self._headline()
        distances = self._distances()
        path_votes, containers = self._path_votes(), self._containers()
        strong_letters = [0] * len(self._blocks)
        for n in strong:
            strong_letters[n] = self._letters[n]
        total = sum(strong_letters)
        stated = sum(
            count for count, held in zip(self._letters, self._stated, strict=False) if held
        )
        is_stated = stated > max(_LEAST_STATED, _LEAST_STATED_SHARE * total)
        for n, (block, before) in enumerate(
            zip(self._blocks, accumulate(strong_letters), strict=True)
        ):
            votes, inside = self._votes[n], first <= n <= last
            if not votes and not inside:
                yield None
                continue
            text, letters = block.text, self._letters[n]
            length = math.log(letters + 1) - _LENGTH_AT_ZERO
            container, _, step = block.path.rpartition(STEP)
            is_item = step.partition(".")[0] in _ITEMS
            yield Evidence(
                base=1.0,
                votes=votes / extractors,
                unanimous=float(votes == extractors),
                refused=sum(
                    trust
                    for trust, held in zip(self._trust, self._held, strict=True)
                    if not held[n]
                )
                / extractors,
                path_votes=path_votes[block.path],
                container=containers.get(container, 0) / (total or 1),
                in_article=float("article" in block.path and _is_in_article(block.path)),
                linked=min(1.0, block.link_chars / len(text)),
                length=length,
                length_inside=length if inside else 0.0,
                sentence=float(bool(_SENTENCE_END.search(text[-8:]))),
                colon=float(":" in text[:_COLON_WITHIN] and not is_item),
                heading=float(bool(_HEADING.match(step))),
                item=float(is_item),
                stated=float(is_stated and self._stated[n]),
                unstated=float(is_stated and not self._stated[n] and letters > _SHORT_OF_STATED),
                up_to_headline=float(n <= headline),
                past_headline=min(1.0, max(0, n - headline) / 100),
                distance=math.log1p(min(_FARTHEST, distances[n])),
                opening=float(before == 0),
                closing=float(before >= _CLOSING * total),
            )

    def choice(self, kept: Sequence[bool], least: float) -> Choice:
        """The choice of these blocks if an answer is as near to them as `least`."""
        voted = tuple(votes > 0 for votes in self._votes)
        near = [self._f1(kept, held) for held in self._held]
        lead = max(range(len(near)), key=near.__getitem__, default=-1)
        if lead >= 0 and any(kept) and near[lead] >= least:
            whole = self._with_lists(self._with_subheads(kept))
            return Choice(whole, voted, self._names[lead], round(near[lead], 3))
        found = [n for n, held in enumerate(self._held) if any(held)]
        if not found:
            return Choice(voted, voted)
        lead = max(found, key=self._credit)
        return Choice(self._held[lead], voted, self._names[lead], 1.0, contested=any(kept))

    def _with_subheads(self, kept: Sequence[bool]) -> tuple[bool, ...]:
        """These blocks, and the subheads between them that are marked as such by a class alone.

        Extractors take a short `div` for nothing. Where a page has several of one make beside its
        paragraphs, and each stands before a paragraph, they are subheads.
        """
        numbers = [n for n, is_kept in enumerate(kept) if is_kept]
        beside = {self._blocks[n].path.rpartition(STEP)[0] for n in numbers}
        of_make: dict[str, list[int]] = {}
        for n in range(numbers[0] + 1, numbers[-1]):
            of_make.setdefault(self._blocks[n].path, []).append(n)
        found = list(kept)
        for path, made in of_make.items():
            if (
                len(made) >= _LEAST_SUBHEADS
                and path.rpartition(STEP)[0] in beside
                and all(kept[n + 1] and self._may_head(n) for n in made)
                and len({self._blocks[n].text for n in made}) == len(made)
            ):
                for n in made:
                    found[n] = True
        return tuple(found)

    def _with_lists(self, kept: Sequence[bool]) -> tuple[bool, ...]:
        """These blocks, and the lists that a paragraph of them announces: "The plan has three parts:".

        Short items have few votes each. They count where some extractor holds them, right below the
        paragraph, beside which their list stands.
        """
        found = list(kept)
        for n, is_kept in enumerate(kept):
            if not is_kept or not self._blocks[n].text.endswith(_ANNOUNCES):
                continue
            beside = self._blocks[n].path.rpartition(STEP)[0]
            for below in range(n + 1, len(kept)):
                if not self._is_item_beside(below, beside):
                    break
                found[below] = found[below] or self._votes[below] > 0
        return tuple(found)

    def _is_item_beside(self, n: int, container: str) -> bool:
        block = self._blocks[n]
        above, _, step = block.path.rpartition(STEP)
        outer, _, list_step = above.rpartition(STEP)
        return (
            step.partition(".")[0] == "li"
            and list_step.partition(".")[0] in ("ul", "ol")
            and outer == container
            and not block.link_chars
            and not block.place & _NO_SUBHEAD
        )

    def _may_head(self, n: int) -> bool:
        block = self._blocks[n]
        return (
            not block.link_chars
            and not block.place & _NO_SUBHEAD
            and 2 <= len(block.text) <= _LONGEST_SUBHEAD
            and not _SENTENCE_END.search(block.text)
        )

    def _credit(self, n: int) -> tuple[bool, bool, float]:
        """How far an answer may be taken as it is; of some letters no answer is a story."""
        size = sum(count for count, held in zip(self._letters, self._held[n], strict=True) if held)
        return size >= _LEAST_ANSWER, self._names[n] == FIRST, self._trust[n]

    def _agreements(self) -> list[float]:
        """For each extractor its mean F1 of letters with the others; 1 where there is but one."""
        pairs = [[self._f1(a, b) for b in self._held] for a in self._held]
        others = len(pairs) - 1
        return [(sum(row) - row[n]) / others if others else 1.0 for n, row in enumerate(pairs)]

    def _f1(self, one: Sequence[bool], other: Sequence[bool]) -> float:
        total = both = 0
        for letters, a, b in zip(self._letters, one, other, strict=True):
            total += letters * (a + b)
            both += letters * (a and b)
        return 2 * both / total if total else 0.0

    def _path_votes(self) -> dict[str, float]:
        """For each path the mean share of its text that an extractor holds."""
        held: dict[str, int] = {}
        total: dict[str, int] = {}
        for block, letters, votes in zip(self._blocks, self._letters, self._votes, strict=False):
            held[block.path] = held.get(block.path, 0) + letters * votes
            total[block.path] = total.get(block.path, 0) + letters * len(self._names)
        return {path: held[path] / (count or 1) for path, count in total.items()}

    def _containers(self) -> dict[str, int]:
        """For each container the letters in it that two extractors hold."""
        letters: dict[str, int] = {}
        for n in self._strong:
            container = self._blocks[n].path.rpartition(STEP)[0]
            letters[container] = letters.get(container, 0) + self._letters[n]
        return letters

    def _distances(self) -> list[int]:
        """For each block how many blocks away the nearest one is that two extractors hold."""
        distances = [_FARTHEST] * len(self._blocks)
        for order in (range(len(distances)), range(len(distances) - 1, -1, -1)):
            away = _FARTHEST
            strong = set(self._strong)
            for n in order:
                away = 0 if n in strong else away + 1
                distances[n] = min(distances[n], away)
        return distances

    def _headline(self) -> int:
        """The place of the block that is a title of the page, else of the first h1, else -1."""
        main = -1
        for n, block in enumerate(self._blocks):
            if _title_key(block.text) in self._titles:
                return n
            if main < 0 and block.path.rpartition(STEP)[2].partition(".")[0] == "h1":
                main = n
        return main


def _title_key(text: str) -> str:
    return "".join(text.split()).lower()


def _is_in_article(path: str) -> bool:
    return any(step.partition(".")[0] == "article" for step in path.split(STEP))
