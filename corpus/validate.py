"""Whether records are what docs/data-format.md promises.

In: a line of a JSONL file. Out: the faults found in it, in words; none means valid. Two laws are
checked: the line is byte for byte what this program would write for the record (so every key is
there, in order, of its type), and what a record says of itself is true (digests, offsets, counts).
"""

import hashlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from corpus.records import Article, Cluster, Evidence, Rejection, Story, article_id

SCHEMAS: dict[str, type[msgspec.Struct]] = {
    "article/1": Article,
    "cluster/1": Cluster,
    "story/1": Story,
    "rejection/1": Rejection,
}


class _Tagged(msgspec.Struct, frozen=True):
    schema: str = ""


def line_faults(line: bytes) -> list[str]:
    """What is wrong with one line of a shard or snapshot."""
    torn = [] if line.endswith(b"\n") else ["the line is torn: it has no line end"]
    try:
        tag = msgspec.json.decode(line, type=_Tagged).schema
    except msgspec.DecodeError as error:
        return [*torn, f"no JSON object: {error}"]
    record = SCHEMAS.get(tag)
    if not tag:
        return [*torn, 'no "schema": it is no stored record (what `cluster` writes has none)']
    if record is None:
        return [*torn, f"schema {tag!r} is not known; known: {', '.join(SCHEMAS)}"]
    try:
        value = msgspec.json.decode(line, type=record)
    except msgspec.DecodeError as error:
        return [*torn, str(error)]
    faults = list(_record_faults(value))
    if msgspec.json.encode(value) != line.rstrip(b"\n"):
        faults.append("keys are missing, unknown, or not in their order")
    return [*torn, *faults]


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a record by its short name, such as "article".

    Every key is required, since every line has every key.
    """
    found = {tag.split("/")[0]: record for tag, record in SCHEMAS.items()}[name]
    schema = msgspec.json.schema(found)
    for part in schema["$defs"].values():
        if "properties" in part:
            part["required"] = list(part["properties"])
        part["description"] = inspect.cleandoc(part.get("description", ""))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _record_faults(record: msgspec.Struct) -> Iterator[str]:
    if isinstance(record, Article):
        yield from article_faults(record)
    elif isinstance(record, Cluster):
        yield from _cluster_faults(record)
    elif isinstance(record, Story):
        yield from _story_faults(record)


def article_faults(article: Article) -> Iterator[str]:
    """Where an article's ids, times, digests, offsets and counts do not hold."""
    text = article.text
    if article.id != article_id(article.canonical_url):
        yield "id is not the digest of canonical_url"
    if article.version < 1:
        yield f"version is {article.version}; the first is 1"
    for key in ("fetched_at", "first_seen_at"):
        moment = getattr(article, key)
        if moment and not _MOMENT.fullmatch(moment):
            yield f"{key} is {moment!r}, no RFC 3339 time in UTC"
    if article.first_seen_at > article.fetched_at:
        yield "first_seen_at is later than fetched_at"
    if hashlib.sha256(text.encode()).hexdigest() != article.text_sha256:
        yield "text_sha256 is not the digest of text"
    if len(text) != article.char_count:
        yield f"char_count is {article.char_count}, text has {len(text)}"
    if not 0 <= article.word_count <= len(text):
        yield f"word_count is {article.word_count}"
    spans = [text[start:end] for start, end in article.paragraphs]
    if "\n\n".join(spans) != text:
        yield "paragraphs joined by a blank line are not text"
    line = article.dateline
    if text[line.start : line.end] != line.text:
        yield "dateline does not stand at its place"
    for n, evidence in enumerate(article.wire.evidence):
        if not _stands(evidence, article):
            yield f"wire.evidence[{n}] ({evidence.agency}) does not stand at its place"


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_STRIPPED = re.compile(r"stripped\[(\d+)\]")


def _stands(evidence: Evidence, article: Article) -> bool:
    block = _STRIPPED.fullmatch(evidence.where)
    if evidence.where == "text":
        home = article.text
    elif evidence.where == "byline":
        home = article.byline
    elif block:
        n = int(block[1])
        home = article.stripped[n].text if n < len(article.stripped) else ""
    else:  # the page's head or address, which the record does not hold
        return evidence.where in ("json_ld", "meta", "page_state", "url") and bool(evidence.text)
    return home[evidence.start : evidence.end] == evidence.text


def _cluster_faults(cluster: Cluster) -> Iterator[str]:
    if cluster.size != len(cluster.members):
        yield f"size is {cluster.size}, members are {len(cluster.members)}"
    keys = {(m.article_id, m.version) for m in cluster.members}
    if len(keys) != len(cluster.members):
        yield "a member stands twice"
    chosen = cluster.representative
    if (chosen.article_id, chosen.version) not in keys:
        yield "the representative is no member"
    outlets = {m.outlet for m in cluster.members}
    if cluster.outlet_count != len(outlets):
        yield f"outlet_count is {cluster.outlet_count}, members name {len(outlets)}"
    if list(cluster.merged_from) != sorted({*cluster.merged_from} - {cluster.id}):
        yield "merged_from is not in order, or names a cluster twice, or this one"


def _story_faults(story: Story) -> Iterator[str]:
    for link in story.links:
        inside = {link.from_, link.to} & {*story.clusters}
        if link.from_ not in inside:
            yield f"a link is from {link.from_}, which is not of the story"
        if (link.relation == "contains") == (link.to in inside):
            yield f"a link {link.relation!r} is to {link.to}, on the wrong side of the story's bounds"
