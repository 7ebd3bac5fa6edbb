import math
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Document
from corpus.rows import Rows
from corpus.signing import BATCH_CHARACTERS, DOCUMENTS, Signer, batches, by_key, digest_of, key_of
from corpus.tables import Table
from tests.corpus.made_up import SETTINGS, document, story

IDS = st.text(st.sampled_from("ab\0ÿ"), max_size=20)


@given(st.lists(st.tuples(IDS, st.integers(1, 3)), max_size=12, unique=True), st.booleans())
def test_documents_come_by_id_and_version(named: list[tuple[str, int]], long: bool) -> None:
    prefix = "x" * 200 if long else ""
    documents = [
        Document(article_id=prefix + name, version=version, text="") for name, version in named
    ]
    with tempfile.TemporaryDirectory() as folder, Table(Path(folder), DOCUMENTS, "r") as table:
        columns = Signer(SETTINGS.normaliser)(documents)
        table.append({**columns, "shard": np.zeros(len(documents), np.uint64)})
        table.seal()
        found = [named[row] for row in by_key(table, np.arange(len(documents))).tolist()]
    assert found == sorted(named, key=lambda name: (name[0].encode(), name[1]))


def test_twelve_thousand_documents_come_by_id() -> None:
    names = [f"{n * 7919 % 12_000}{'-page' * (n % 3)}" for n in range(12_000)]
    with tempfile.TemporaryDirectory() as folder, Table(Path(folder), DOCUMENTS, "r") as table:
        columns = Signer(SETTINGS.normaliser)([Document(article_id=n, text="") for n in names])
        table.append({**columns, "shard": np.zeros(len(names), np.uint64)})
        table.seal()
        rows = np.arange(0, len(names), 2)
        found = [names[row] for row in by_key(table, rows).tolist()]
    assert found == sorted(names[::2])


def test_documents_are_signed_alike_in_every_batch() -> None:
    documents = [document(f"d{n}", story(n)) for n in range(4)]
    signer = Signer(SETTINGS.normaliser)
    whole, alone = signer(documents), signer(documents[2:3])
    for name in ("key", "text", "page", "site", "digest"):
        assert np.asarray(whole[name])[2] == np.asarray(alone[name])[0]
    grams, own = whole["grams"], alone["grams"]
    assert isinstance(grams, Rows)
    assert isinstance(own, Rows)
    assert grams.row(2).tolist() == own.row(0).tolist()


def test_what_is_unknown_is_marked_so() -> None:
    columns = Signer(SETTINGS.normaliser)([Document(article_id="a", text="")])
    known = {name: np.asarray(columns[name])[0] for name in ("site", "digest", "day", "seen")}
    assert (known["site"], known["digest"], known["seen"]) == (0, 0, -math.inf)
    assert math.isnan(known["day"])


def test_a_batch_is_full_of_characters_not_of_documents() -> None:
    short = [Document(article_id=str(n), text="word " * 10) for n in range(100)]
    long = [Document(article_id=f"l{n}", text="x" * BATCH_CHARACTERS) for n in range(2)]
    assert [len(batch) for batch in batches([*short, *long])] == [101, 1]
    assert list(batches([])) == []


def test_keys_tell_versions_apart_and_no_text_is_0() -> None:
    assert len({key_of("a", 1), key_of("a", 2), key_of("b", 1)}) == 3
    assert digest_of("") == 0
    assert digest_of("a") != 0
