"""The whole of clustering as one plan: hash, drop furniture, propose, verify, cluster, describe.

In: the table of documents and which of its rows count, the settings of configs/dedup.toml, the date
window, people's corrections. Out: a `Clustering`, a pure function of the set: no order of the input, no
machine and no hash seed changes it. Every step is a pure function of columns, and what it gave is kept
in tables under a digest of all that it looked at: so what a new day does not touch is not done again, and
the answer is that of a plan that begins with nothing. Cluster and story records are made of it by
`corpus.snapshot`.
"""

import math
import tomllib
from functools import partial
from typing import NamedTuple

import msgspec
import numpy as np

from corpus import (
    background,
    cluster,
    members,
    minhash,
    pairs,
    parting,
    repeats,
    roundups,
    stories,
    terms,
    text,
)
from corpus.before import Arrays, Before
from corpus.choosing import grouped, held_together, published_order, represented, told_by
from corpus.commons import COMMON, Counter, commons
from corpus.containing import CONTENTS, contains_links
from corpus.corrections import NONE, Corrections
from corpus.describe import Clustering, Groups, Link, Pairs, Stories, came
from corpus.engines import Engine
from corpus.errors import RuleError
from corpus.freeing import FURNITURE, Known, freed
from corpus.judging import Judged, Judging, judged, proposed
from corpus.lineage import DESCENT, SKETCHES, Recipe, Step, Told, families
from corpus.nodes import NodeMaker, Nodes, made, nodes, nodes_layout
from corpus.obeying import Corrected, corrected
from corpus.quoting import QUOTING
from corpus.records import Method
from corpus.relating import related
from corpus.rows import Index, mixed
from corpus.signing import DOCUMENTS, by_key
from corpus.tables import Layout, Table, text_of
from corpus.verifying import PAIRS, Pairing, Rules, Verifier
from corpus.witness import EVIDENCE, links
from crawler.records import Record, decode_strict, digest_id

VERSION = "5"
"""Rises with every change that gives some set of documents other clusters."""


class DedupSettings(Record, forbid_unknown_fields=True):
    """configs/dedup.toml."""

    normaliser: text.NormaliserSettings
    furniture: repeats.FurnitureSettings
    signature: minhash.SignatureSettings
    candidates: minhash.CandidateSettings
    cluster: cluster.ClusterSettings
    roundups: roundups.RoundupSettings
    parting: parting.PartingSettings
    background: background.BackgroundSettings
    relations: members.RelationSettings
    pairs: pairs.PairModel
    stories: stories.StorySettings


def load_dedup_settings(toml: str, where: str) -> DedupSettings:
    """The settings in the text of a dedup.toml, or an error that names the key."""
    try:
        table = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{where}: is not valid TOML: {error}") from None
    settings = decode_strict(table, DedupSettings, where)
    minhash.check(settings.signature, settings.candidates, where)
    pairs.check(settings.pairs, where)
    stories.check(settings.stories, where)
    return settings


class Tables(NamedTuple):
    """What the plan works on and what it keeps: documents, nodes, pairs, and answers by digest."""

    documents: Table
    furniture: Table
    nodes: Table
    pairs: Table
    quoting: Table
    contents: Table
    common: Table
    sketches: Table
    descent: Table
    evidence: Table
    before: Before

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        return {name: held.rows for name, held in self._asdict().items() if isinstance(held, Table)}


def layouts(settings: DedupSettings) -> dict[str, tuple[Layout, str]]:
    """Each table's layout, and a digest of what its rows depend on."""
    hashing = (text.VERSION, VERSION, msgspec.to_builtins(settings.normaliser))
    noding = (*hashing, *map(msgspec.to_builtins, (settings.signature, settings.candidates)))
    judging = (*noding, *map(msgspec.to_builtins, rules_of(settings)))
    reading = (terms.VERSION, *hashing, msgspec.to_builtins(settings.stories))
    made: dict[str, tuple[Layout, tuple[object, ...]]] = {
        "documents": (DOCUMENTS, (text.VERSION, msgspec.to_builtins(settings.normaliser))),
        "furniture": (FURNITURE, (*hashing, msgspec.to_builtins(settings.furniture))),
        "nodes": (nodes_layout(settings.candidates), noding),
        "pairs": (PAIRS, judging),
        "quoting": (QUOTING, judging),
        "contents": (CONTENTS, judging),
        "common": (COMMON, noding),
        "sketches": (SKETCHES, reading),
        "descent": (DESCENT, reading),
        "evidence": (EVIDENCE, reading),
    }
    return {
        name: (layout, digest_id("", msgspec.json.encode((str(layout), recipe)).decode()))
        for name, (layout, recipe) in made.items()
    }


ROWS = {
    "documents": "an article version: hashes of its text, and the text itself, packed",
    "furniture": "a block of days of a site: the 5-grams that are furniture to its pages",
    "nodes": "a distinct text without furniture: its 5-grams, names and numbers, signature bands, sample",
    "pairs": "two distinct texts that were compared: figures and log-odds",
    "quoting": "a page beside the clusters that it may quote: whether it is a compilation",
    "contents": "a compilation: the stories in it",
    "common": "a cluster: how many 5-grams of each text another member has",
    "sketches": "a text: its content words, passage by passage",
    "descent": "two texts that may tell one story: log-odds and what they share",
    "evidence": "two texts that are linked in a story: the evidence in words",
}
"""What a row of each table is of; its `key` is a digest of that, and of all else that it depends on."""


def rules_of(settings: DedupSettings) -> Rules:
    """What pairs are judged by."""
    return Rules(settings.pairs, settings.cluster, settings.roundups)


class Work(NamedTuple):
    """What every step of the plan is told; `rows` are the documents, in the order of their keys.

    `before` is what the run before left, by the same `recipe`.
    """

    tables: Tables
    rows: Index
    settings: DedupSettings
    window: float
    engine: Engine
    corrected: Corrected
    recipe: str
    before: Arrays

    def judging(self, found: Nodes) -> Judging:
        """What judges these texts."""
        tables, settings = self.tables, self.settings
        return Judging(
            self.pairing(),
            tables.quoting,
            tables.contents,
            settings.candidates,
            settings.cluster,
            settings.roundups,
            settings.parting,
            settings.background,
            self.corrected.of_texts(found.node),
        )

    def pairing(self) -> Pairing:
        """What verifies pairs of texts."""
        nodes = self.tables.nodes
        verifier = Verifier(nodes.opened(), rules_of(self.settings))
        return Pairing(nodes, self.tables.pairs, self.engine, verifier)


def work_on(
    tables: Tables,
    rows: Index,
    settings: DedupSettings,
    window_days: float | None,
    engine: Engine,
    corrections: Corrections = NONE,
) -> Work:
    """The documents at these rows; `window_days` null compares across all dates."""
    window = math.inf if window_days is None else float(window_days)
    ordered = by_key(tables.documents, rows)
    said = corrected(corrections, tables.documents, ordered)
    recipe = digest_id("", msgspec.json.encode(settings).decode(), str(window), VERSION)
    return Work(tables, ordered, settings, window, engine, said, recipe, tables.before.read(recipe))


def cluster_rows(work: Work) -> Clustering:
    """The clusters of the documents; what they rest on is left for the next run."""
    found, at, known = _distinct(work)
    near, texts = judged(work.judging(found), found, at, work.window, work.before)
    clustering, told = _described(work, found, near)
    documents = {f"documents.{name}": values for name, values in known._asdict().items()}
    work.tables.before.write(work.recipe, work.tables.counts(), documents | texts | told)
    return clustering


def distinct(work: Work) -> tuple[Nodes, Index]:
    """The distinct texts without furniture, and where they stand in the table of nodes."""
    return _distinct(work)[:2]


def _distinct(work: Work) -> tuple[Nodes, Index, Known]:
    tables, settings, documents = work.tables, work.settings, work.tables.documents
    steps = work.engine, settings.furniture
    known = _known(work.before)
    given, known = freed(documents, work.rows, work.window, tables.furniture, steps, known)
    found = nodes(documents, work.rows, given, work.corrected.kept, work.window)
    sources = documents.opened(), tables.furniture.opened()
    maker = NodeMaker(sources, settings.signature, settings.candidates)
    at = made(tables.nodes, found, documents, work.rows, given, (work.engine, maker))
    documents.release()
    return found, at, known


def _known(before: Arrays) -> Known:
    """What documents lost to furniture in the run before."""
    if "documents.lost" not in before:
        return Known.nothing()
    return Known(*(before[f"documents.{name}"] for name in Known._fields))


def propose(work: Work, found: Nodes, at: Index) -> Index:
    """The pairs of distinct texts worth comparing."""
    return proposed(work.judging(found), found, at, work.window, work.before)


# --------------------------------------------------------------------------------------- in words


def _described(work: Work, found: Nodes, judged: Judged) -> tuple[Clustering, Arrays]:
    """The clusters with their representatives, how each member relates to it; what the next run is told."""
    tables, documents = work.tables, work.tables.documents
    lengths = tables.nodes.ragged("grams").lengths[judged.at]
    texts = (found.name, found.weights, judged.at, lengths)
    counter = Counter(tables.nodes.opened())
    common = commons(tables.common, work.engine, counter, texts, judged.labels)
    days, seen = (documents.column(name)[work.rows] for name in ("day", "seen"))
    order = published_order(days, seen)
    groups, reasons = represented(
        grouped(judged.labels[found.node], days, seen),
        order,
        common[found.node],
        lengths[found.node],
        documents.column("credited")[work.rows] == 1,
        work.settings.relations.complete,
    )
    one, other = judged.pairs[:, 0], judged.pairs[:, 1]
    together = judged.labels[one] == judged.labels[other]
    alike = np.flatnonzero(together & (judged.odds > 0))
    cluster_of = groups.cluster[found.source]
    held = held_together(
        len(groups.head),
        (cluster_of, found.weights),
        (judged.pairs[alike], tables.pairs.column("containment")[judged.held[alike]]),
    )
    figured, compared = related(work, found, judged, groups, lengths)
    method = _method(work.settings, work.window)
    heads = work.rows[found.head]
    ids = documents.ragged("id")

    def name(node: int) -> str:
        return text_of(ids, int(heads[node])).decode("utf-8", "surrogatepass")

    step = _step(work)
    speakers = told_by(groups, order, lengths[found.node])
    page, other = judged.parted.T
    heads_apart = page == found.node[groups.head[cluster_of[page]]]
    apart = np.stack((cluster_of[page], cluster_of[other]), axis=1)[heads_apart]
    told = _told(work, groups, speakers, judged.compilations[found.node], apart)
    kin, left = families(step, told, work.window, work.before)

    def linked_clusters() -> list[Link]:
        contained = contains_links(judged.contained, lengths, cluster_of, name)
        found = links(step, told, kin, tables.evidence)
        pairs = zip(found.pairs.tolist(), found.relations, found.evidence, strict=True)
        return [*contained, *(Link(old, new, how, said) for (old, new), how, said in pairs)]

    stories = Stories(kin.story, linked_clusters)
    clustering = Clustering(
        documents,
        work.rows,
        groups,
        reasons,
        held,
        figured,
        (partial(_shown, found, judged, together), tables.pairs),
        stories,
        method,
        work.corrected.obeyed,
    )
    return clustering, compared | left


def _step(work: Work) -> Step:
    tables, settings = work.tables, work.settings
    recipe = Recipe(settings.stories, settings.normaliser)
    return Step(tables.documents.opened(), tables.sketches, tables.descent, work.engine, recipe)


def _told(
    work: Work, groups: Groups, speakers: Index, compilations: pairs.Bools, parted: Index
) -> Told:
    """The clusters as stories are made of them: by the texts that stand for them, and their days."""
    documents, count = work.tables.documents, len(groups.head)
    day, seen = (documents.column(name)[work.rows] for name in ("day", "seen"))
    first, last = np.full((2, count), np.nan)
    np.fmin.at(first, groups.cluster, day)
    np.fmax.at(last, groups.cluster, day)
    rows = work.rows[speakers]
    text, key = documents.column("text")[rows], documents.column("key")
    lowest = work.rows[groups.order[groups.starts[:-1]]]
    founders = groups.founder
    order = np.lexsort((key[work.rows[founders]], came(day, seen)[founders]))
    rank = np.empty(count, np.int64)
    rank[order] = np.arange(count)
    names = mixed(text, key[lowest], first)
    apart = work.corrected.of_groups(groups.cluster)
    return Told(rows, names, first, last, rank, compilations[groups.head], apart, parted)


def _shown(found: Nodes, judged: Judged, together: pairs.Bools) -> Pairs:
    """The pairs found alike or in one cluster, and each identical text with the first of its kind."""
    shown = np.flatnonzero(together | (judged.odds > 0))
    source = found.source[found.node]
    copies = np.flatnonzero(source != np.arange(len(source)))
    left = np.concatenate((found.source[judged.pairs[shown, 0]], source[copies]))
    right = np.concatenate((found.source[judged.pairs[shown, 1]], copies))
    at = np.concatenate((judged.held[shown], np.full(len(copies), -1)))
    joined = np.concatenate((together[shown], np.ones(len(copies), bool)))
    a, b = np.minimum(left, right), np.maximum(left, right)
    order = np.lexsort((b, a))
    return Pairs(a[order], b[order], at[order], joined[order])


def _method(settings: DedupSettings, window: float) -> Method:
    return Method(
        settings_digest=digest_id("", msgspec.json.encode(settings).decode(), str(window)),
        scheme=settings.signature.scheme,
        num_perm=settings.signature.permutations,
        seed=settings.signature.seed,
        shingle=f"{settings.normaliser.shingle_words} words",
        normaliser=text.VERSION,
        version=VERSION,
    )
