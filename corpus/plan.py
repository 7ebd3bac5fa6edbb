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
from typing import NamedTuple

import msgspec
import numpy as np

from corpus import cluster, members, minhash, pairs, repeats, roundups, stories, terms, text
from corpus.choosing import grouped, held_together, published_order, represented
from corpus.commons import COMMON, Counter, commons
from corpus.containing import CONTENTS, Contained, Reader, containing, contains_links
from corpus.corrections import NONE, Corrections
from corpus.describe import Clustering, Groups, Link, Pairs, Stories
from corpus.engines import Engine
from corpus.errors import RuleError
from corpus.lineage import DESCENT, SKETCHES, Recipe, Step, Told, families
from corpus.linking import LINKED, Alike, linked
from corpus.meeting import Meeting, candidate_pairs
from corpus.nodes import (
    FurnitureOf,
    NodeMaker,
    Nodes,
    freed,
    nodes,
    nodes_layout,
    sites,
    wanted_nodes,
)
from corpus.obeying import Corrected, corrected
from corpus.quoting import QUOTING, Compared, Judge, may_quote, quoting
from corpus.records import Method
from corpus.relating import related
from corpus.rows import U64, Index, looked_up, mixed
from corpus.signing import DOCUMENTS
from corpus.tables import Layout, OpenTable, Table, text_of
from corpus.verifying import PAIRS, Verifier, as_figures, verified
from corpus.witness import EVIDENCE, links
from crawler.records import Record, decode_strict, digest_id

VERSION = "2"
"""Rises with every change that gives some set of documents other clusters."""


class DedupSettings(Record, forbid_unknown_fields=True):
    """configs/dedup.toml."""

    normaliser: text.NormaliserSettings
    furniture: repeats.FurnitureSettings
    signature: minhash.SignatureSettings
    candidates: minhash.CandidateSettings
    cluster: cluster.ClusterSettings
    roundups: roundups.RoundupSettings
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
    nodes: Table
    pairs: Table
    linked: Table
    quoting: Table
    contents: Table
    common: Table
    sketches: Table
    descent: Table
    families: Table
    evidence: Table


def layouts(settings: DedupSettings) -> dict[str, tuple[Layout, str]]:
    """Each table's layout, and a digest of what its rows depend on."""
    hashing = (text.VERSION, VERSION, msgspec.to_builtins(settings.normaliser))
    noding = (*hashing, *map(msgspec.to_builtins, (settings.signature, settings.candidates)))
    judging = (*noding, msgspec.to_builtins(settings.pairs))
    linking = (*judging, *map(msgspec.to_builtins, (settings.cluster, settings.roundups)))
    reading = (terms.VERSION, *hashing, msgspec.to_builtins(settings.stories))
    made: dict[str, tuple[Layout, tuple[object, ...]]] = {
        "documents": (DOCUMENTS, hashing),
        "nodes": (nodes_layout(settings.candidates), noding),
        "pairs": (PAIRS, judging),
        "linked": (LINKED, linking),
        "quoting": (QUOTING, linking),
        "contents": (CONTENTS, linking),
        "common": (COMMON, noding),
        "sketches": (SKETCHES, reading),
        "descent": (DESCENT, reading),
        "families": (LINKED, reading),
        "evidence": (EVIDENCE, reading),
    }
    return {
        name: (layout, digest_id("", msgspec.json.encode((str(layout), recipe)).decode()))
        for name, (layout, recipe) in made.items()
    }


class Work(NamedTuple):
    """What every step of the plan is told; `rows` are the documents, in the order of their keys."""

    tables: Tables
    rows: Index
    settings: DedupSettings
    window: float
    engine: Engine
    corrected: Corrected


class _Judged(NamedTuple):
    """The proposed pairs of nodes, their rows in the table of pairs, and the cluster of each node.

    `compilations` marks those, `contained` are the stories in them.
    """

    names: U64
    at: Index
    pairs: Index
    figures: Index
    odds: pairs.Floats
    labels: Index
    compilations: pairs.Bools
    contained: Contained


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
    ordered = _by_key(tables.documents, rows)
    said = corrected(corrections, tables.documents, ordered)
    return Work(tables, ordered, settings, window, engine, said)


def cluster_rows(work: Work) -> Clustering:
    """The clusters of the documents."""
    found, at = distinct(work)
    return _described(work, found, _judged(work, found, at))


def _by_key(documents: Table, rows: Index) -> Index:
    """The rows in the order of (article_id, version, seen, text)."""
    ids = documents.ragged("id")
    bounds = zip(ids.starts[rows].tolist(), ids.starts[rows + 1].tolist(), strict=True)
    named = [ids.values[a:b].tobytes() for a, b in bounds]
    rest = (documents.column(name)[rows].tolist() for name in ("version", "seen", "text"))
    keys = list(zip(named, *rest, strict=True))
    order = sorted(range(len(rows)), key=keys.__getitem__)
    return rows[np.array(order, np.int64)]


def distinct(work: Work) -> tuple[Nodes, Index]:
    """The distinct texts without furniture, and where they stand in the table of nodes."""
    documents, settings = work.tables.documents, work.settings
    opened = OpenTable(documents.folder, documents.layout, documents.rows)
    of_sites = list(sites(documents, work.rows, work.window, settings.furniture.pages))
    step = FurnitureOf(opened, settings.furniture)
    answers = list(work.engine.each(step, (site for _, site in of_sites)))
    lengths = documents.ragged("grams").lengths[work.rows]
    given = freed([of for of, _ in of_sites], answers, lengths)
    found = nodes(documents, work.rows, given, work.corrected.kept, work.window)
    held = work.tables.nodes
    at = looked_up(found.key, held.column("key"))
    missing = np.flatnonzero(at < 0)
    _, once = np.unique(found.key[missing], return_index=True)
    missing = missing[np.sort(once)]
    maker = NodeMaker(opened, settings.signature, settings.candidates)
    wanted = wanted_nodes(documents, work.rows, found, given, missing)
    for columns in work.engine.each(maker, wanted):
        held.append(columns)
    if len(missing):
        held.seal()
        at = looked_up(found.key, held.column("key"))
    documents.release()
    return found, at


def propose(work: Work, found: Nodes, at: Index) -> Index:
    """The pairs of distinct texts worth comparing."""
    texts = Meeting(at, found.first, found.last, work.window)
    nodes = _opened(work.tables.nodes)
    return candidate_pairs(nodes, texts, work.settings.candidates, work.engine)


def _judged(work: Work, found: Nodes, at: Index) -> _Judged:
    """The nodes' clusters; compilations are found in a first round and kept apart in a second.

    A compilation can draw what it quotes into one cluster, and then seems to quote one story only. So
    each text is judged a second time by clusters in which those that may be compilations join nothing.
    What people said is obeyed in all.
    """
    tables, settings, engine = work.tables, work.settings, work.engine
    proposed = propose(work, found, at)
    verifier = Verifier(_opened(tables.nodes), settings.pairs)
    held = verified(tables.pairs, tables.nodes, (engine, verifier), found.key, at, proposed)
    odds = tables.pairs.column("odds")[held]
    founders = work.tables.documents.column("key")[work.rows[found.head]]
    names = mixed(found.key, found.first, founders)
    alike = Alike(proposed, odds, _twins(work, held, odds))
    said = work.corrected.of_texts(found.node)

    def labels_of(pairs: Alike) -> Index:
        texts = (names, found.weights)
        return linked(tables.linked, engine, settings.cluster, texts, pairs, said)

    rules = settings.roundups
    judge = Judge(_opened(tables.nodes), _opened(tables.pairs), rules)
    passages = judge.passages(held)
    quotes = may_quote(proposed, passages, np.arange(len(names)), rules.stories)
    apart = np.asarray(~quotes[proposed].any(axis=1), bool)
    compared = Compared(names, at, proposed, held)
    marks = np.zeros(len(names), bool)
    for first in (labels_of(alike), labels_of(alike.only(apart))):
        steps = engine, judge
        marks |= quoting(tables.quoting, steps, compared, passages, first, rules.stories)
    may = np.ones(len(proposed), bool)
    beside = np.flatnonzero(marks[proposed].any(axis=1))
    figures = as_figures(tables.pairs.column("figures")[held[beside]])
    may[beside] = roundups.joinable(proposed[beside], figures, marks, rules)
    labels = labels_of(alike.only(may))
    reader = Reader(_opened(tables.nodes), _opened(tables.pairs), settings.roundups)
    contained = containing(tables.contents, engine, reader, compared, labels, marks)
    return _Judged(names, at, proposed, held, odds, labels, marks, contained)


def _twins(work: Work, rows: Index, odds: pairs.Floats) -> pairs.Bools:
    """Which of the pairs at these rows of the table are of texts that hardly differ."""
    table, settings = work.tables.pairs, work.settings.cluster
    marks = np.zeros(len(rows), bool)
    likely = np.flatnonzero(odds >= settings.twin_odds)
    for n in range(0, len(likely), _PAIRS_AT_ONCE):
        some = likely[n : n + _PAIRS_AT_ONCE]
        jaccard = as_figures(table.column("figures")[rows[some]]).jaccard
        marks[some] = cluster.twins(odds[some], jaccard, settings)
    table.release()
    return marks


def _opened(table: Table) -> OpenTable:
    return OpenTable(table.folder, table.layout, table.rows)


# --------------------------------------------------------------------------------------- in words


def _described(work: Work, found: Nodes, judged: _Judged) -> Clustering:
    """The clusters with their representatives, and how each member relates to it."""
    tables, documents = work.tables, work.tables.documents
    lengths = tables.nodes.ragged("grams").lengths[judged.at]
    texts = (judged.names, found.weights, judged.at, lengths)
    counter = Counter(_opened(tables.nodes))
    common = commons(tables.common, work.engine, counter, texts, judged.labels)
    days, seen = (documents.column(name)[work.rows] for name in ("day", "seen"))
    groups, reasons = represented(
        grouped(judged.labels[found.node], days, seen),
        published_order(days, seen),
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
        (judged.pairs[alike], _containment(tables.pairs, judged.figures[alike])),
    )
    figured = related(work, found, judged.at, groups, lengths)
    shown = _shown(found, judged, together)
    method = _method(work.settings, work.window)
    heads = work.rows[found.head]
    ids = documents.ragged("id")

    def name(node: int) -> str:
        return text_of(ids, int(heads[node])).decode("utf-8", "surrogatepass")

    contained = list(contains_links(judged.contained, lengths, cluster_of, name))
    step = _step(work)
    told = _told(work, groups, judged.compilations[found.node])
    kin = families(step, told, work.window)

    def linked_clusters() -> list[Link]:
        found = links(step, told, kin, tables.evidence)
        pairs = zip(found.pairs.tolist(), found.relations, found.evidence, strict=True)
        return contained + [Link(old, new, how, said) for (old, new), how, said in pairs]

    shown_pairs = (shown, tables.pairs)
    stories = Stories(kin.story, linked_clusters)
    return Clustering(
        documents,
        work.rows,
        groups,
        reasons,
        held,
        figured,
        shown_pairs,
        stories,
        method,
        work.corrected.obeyed,
    )


def _step(work: Work) -> Step:
    tables, settings = work.tables, work.settings
    recipe = Recipe(settings.stories, settings.normaliser)
    documents = _opened(tables.documents)
    return Step(documents, tables.sketches, tables.descent, tables.families, work.engine, recipe)


def _told(work: Work, groups: Groups, compilations: pairs.Bools) -> Told:
    """The clusters as stories are made of them: by the texts that stand for them, and their days."""
    documents, count = work.tables.documents, len(groups.head)
    day, seen = (documents.column(name)[work.rows] for name in ("day", "seen"))
    first, last = np.full((2, count), np.nan)
    np.fmin.at(first, groups.cluster, day)
    np.fmax.at(last, groups.cluster, day)
    rows = work.rows[groups.head]
    text, key = documents.column("text")[rows], documents.column("key")
    lowest = work.rows[groups.order[groups.starts[:-1]]]
    order = np.lexsort((key[work.rows[groups.founder]], seen[groups.founder]))
    rank = np.empty(count, np.int64)
    rank[order] = np.arange(count)
    names = mixed(text, key[lowest], first)
    return Told(rows, names, first, last, rank, compilations[groups.head])


_PAIRS_AT_ONCE = 500_000


def _containment(table: Table, rows: Index) -> pairs.Floats:
    parts = [
        as_figures(table.column("figures")[rows[n : n + _PAIRS_AT_ONCE]]).containment
        for n in range(0, len(rows), _PAIRS_AT_ONCE)
    ]
    table.release()
    return np.concatenate([np.zeros(0), *parts])


def _shown(found: Nodes, judged: _Judged, together: pairs.Bools) -> Pairs:
    """The pairs found alike or in one cluster, and each identical text with the first of its kind."""
    shown = np.flatnonzero(together | (judged.odds > 0))
    source = found.source[found.node]
    copies = np.flatnonzero(source != np.arange(len(source)))
    left = np.concatenate((found.source[judged.pairs[shown, 0]], source[copies]))
    right = np.concatenate((found.source[judged.pairs[shown, 1]], copies))
    at = np.concatenate((judged.figures[shown], np.full(len(copies), -1)))
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
