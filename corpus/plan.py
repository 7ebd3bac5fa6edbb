"""The whole of clustering as one plan: hash, drop furniture, propose, verify, cluster, describe.

In: a set of `Document`s, the settings of configs/dedup.toml, the date window. Out: a `Clustering`,
a pure function of the set: no order of the input, no machine and no hash seed changes it. Cluster
and story records are made of it by `corpus.snapshot`.
"""

import math
import tomllib
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from corpus import cluster, members, minhash, pairs, repeats, roundups, text
from corpus.describe import Assignment, Clustering, Formed, VerifiedPair, Work, described
from corpus.documents import Document, day_of, document_of, document_of_line
from corpus.errors import RuleError
from corpus.nodes import Nodes, nodes, sign, without_furniture
from corpus.records import Method
from corpus.rows import Index
from crawler.records import Record, decode_strict, digest_id

__all__ = [
    "Assignment",
    "Clustering",
    "DedupSettings",
    "Document",
    "Formed",
    "VerifiedPair",
    "cluster_documents",
    "document_of",
    "document_of_line",
    "load_dedup_settings",
]

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


def load_dedup_settings(toml: str, where: str) -> DedupSettings:
    """The settings in the text of a dedup.toml, or an error that names the key."""
    try:
        table = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{where}: is not valid TOML: {error}") from None
    settings = decode_strict(table, DedupSettings, where)
    minhash.check(settings.signature, settings.candidates, where)
    pairs.check(settings.pairs, where)
    return settings


def cluster_documents(
    documents: Iterable[Document], settings: DedupSettings, window_days: float | None
) -> Clustering:
    """The clusters of the documents; `window_days` null compares across all dates."""
    ordered = sorted(documents, key=lambda d: (d.article_id, d.version, d.seen_at, d.text))
    window = math.inf if window_days is None else float(window_days)
    texts = distinct(ordered, settings, window)
    proposed = propose(texts, settings, window)
    found = pairs.figures(texts.texts, proposed)
    odds = pairs.log_odds(found, settings.pairs)
    labels = _labels(texts, proposed, found, odds, settings)
    work = Work(ordered, texts, labels, proposed, found, odds)
    return described(work, settings.relations, _method(settings, window))


def distinct(ordered: Sequence[Document], settings: DedupSettings, window: float) -> Nodes:
    """The documents' distinct texts, hashed, without furniture."""
    signed = without_furniture(
        sign((d.text for d in ordered), settings.normaliser),
        [d.host for d in ordered],
        [d.article_id for d in ordered],
        settings.furniture,
    )
    days = np.array([day_of(d.published_at, d.seen_at) for d in ordered], np.float64)
    return nodes(signed, days, window)


def propose(texts: Nodes, settings: DedupSettings, window: float) -> Index:
    """The pairs of distinct texts worth comparing."""
    lines = minhash.signatures(texts.texts.grams, settings.signature)
    return minhash.candidate_pairs(
        texts.texts.grams, lines, (texts.first, texts.last), window, settings.candidates
    )


def _labels(
    texts: Nodes, proposed: Index, found: pairs.Figures, odds: pairs.Floats, settings: DedupSettings
) -> Index:
    """The cluster of each text; compilations are found in a first round and kept apart in a second."""
    labels = cluster.average_link(texts.weights, proposed, odds, settings.cluster)
    marks = roundups.compilations(
        texts.texts, texts.leads, labels, proposed, found, settings.roundups
    )
    if not marks.any():
        return labels
    may = roundups.joinable(proposed, found, marks, settings.roundups)
    return cluster.average_link(texts.weights, proposed[may], odds[may], settings.cluster)


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
