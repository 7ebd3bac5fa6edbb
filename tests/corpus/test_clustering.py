import itertools
import random
import tempfile
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from corpus.clustering import add_documents, open_tables
from corpus.corrections import Correction, Corrections
from corpus.documents import Document
from corpus.engines.local import LocalEngine
from corpus.errors import Busy, DamagedData, RuleError
from corpus.plan import DedupSettings, cluster_rows, work_on
from corpus.seals import DamagedTable
from tests.clustered import clustered
from tests.corpus.made_up import (
    SETTINGS,
    Found,
    cluster_documents,
    document,
    found_of,
    paragraph,
    story,
)

WORDS = [f"w{n}" for n in range(5000)]
FURNITURE = [paragraph(501), paragraph(502)]
TEXTS = [
    story(1),
    story(1)[:3],
    [*story(1), paragraph(31)],
    [paragraph(32), *story(1)[1:]],
    [*FURNITURE, *story(1)[:4]],
    [*story(2, 4), FURNITURE[0]],
    [*FURNITURE, *story(3, 3)],
    [*FURNITURE, *story(4, 3)],
    [*story(2, 4), *story(1)[:2]],
    [story(n)[0] for n in (1, 2, 3, 4)],
    [*(story(n)[0] for n in (1, 2, 3, 4)), paragraph(77)],
    ["Closed."],
    [],
]
DRAWN = st.lists(
    st.tuples(
        st.integers(0, len(TEXTS) - 1),
        st.one_of(st.none(), st.integers(0, 70)),
        st.sampled_from(["", "one.example", "one.example", "two.example"]),
        st.integers(0, 3),
    ),
    max_size=24,
)


def documents_of(drawn: list[tuple[int, int | None, str, int]]) -> list[Document]:
    """Documents of a text, a day of publication, a host, and days until they were seen."""
    start = datetime(2026, 9, 1, tzinfo=UTC)
    made = []
    for n, (text, day, host, later) in enumerate(drawn):
        published = None if day is None else start + timedelta(days=day)
        seen = (published or start) + timedelta(days=later)
        made.append(
            document(
                f"d{n % 20:02}",
                TEXTS[text],
                version=1 + n // 20,
                host=host,
                published_at=published.isoformat() if published else None,
                seen_at=seen.isoformat() if later else "",
            )
        )
    return made


def unordered(found: Found) -> Found:
    return found._replace(lines=tuple(sorted(found.lines, key=str)))


def day_by_day(
    days: list[list[Document]],
    folder: Path,
    window: float | None = 14,
    rules: DedupSettings = SETTINGS,
) -> Found:
    for day in days[:-1]:
        with clustered(day, rules, window, 1, folder):
            pass
    with clustered(days[-1], rules, window, 1, folder) as found:
        return found_of(found)


def with_caps(limit: int, reach: int, most: int) -> DedupSettings:
    """Settings by which a key is hot with few texts, as it is with hundreds by those of the program."""
    met, told = SETTINGS.candidates, SETTINGS.stories.candidates
    met = replace(met, bucket_limit=limit, posting_limit=limit, reach=reach, most=most, shared=1)
    told = replace(told, limit=limit, reach=reach, most=most, shared=1)
    return replace(
        SETTINGS,
        candidates=met,
        stories=replace(SETTINGS.stories, candidates=told),
        cluster=replace(SETTINGS.cluster, crowd=limit),
        parting=replace(SETTINGS.parting, looked_at=most),
        furniture=replace(SETTINGS.furniture, sample=limit),
    )


@settings(max_examples=90, deadline=None)
@given(
    DRAWN,
    st.lists(st.integers(0, 24), max_size=3),
    st.randoms(use_true_random=False),
    st.sampled_from([SETTINGS, with_caps(1, 1, 1), with_caps(2, 1, 5), with_caps(3, 2, 2)]),
)
def test_however_the_days_are_cut_the_clusters_are_those_of_one_run(
    drawn: list[tuple[int, int | None, str, int]],
    cuts: list[int],
    chance: random.Random,
    rules: DedupSettings,
) -> None:
    documents = documents_of(drawn)
    whole = unordered(cluster_documents(documents, rules))
    chance.shuffle(documents)
    bounds = sorted({0, *(min(cut, len(documents)) for cut in cuts), len(documents)})
    days = [documents[a:b] for a, b in itertools.pairwise(bounds)] or [[]]
    with tempfile.TemporaryDirectory() as folder:
        assert unordered(day_by_day(days, Path(folder), rules=rules)) == whole


def test_two_processes_give_what_one_gives(tmp_path: Path) -> None:
    documents = [document(f"d{n}", [*story(n // 3)[: 4 + n % 4]]) for n in range(60)]
    with (
        open_tables(SETTINGS, tmp_path, durable=False) as tables,
        LocalEngine(2, here_first=0) as engine,
    ):
        for n in range(0, 60, 12):
            add_documents(tables, documents[n : n + 12], 0, SETTINGS, engine)
        found = found_of(cluster_rows(work_on(tables, np.arange(60), SETTINGS, 14, engine)))
    assert found == cluster_documents(documents)


def test_two_processes_obey_corrections_and_read_compilations_as_one_does(tmp_path: Path) -> None:
    documents = [document(f"d{n}", story(n // 3, 5)[: 4 + n % 2]) for n in range(18)]
    documents.append(document("roundup", [story(n, 5)[0] for n in range(5)]))
    lines = Correction(1, "must", ("d0", "d17")), Correction(2, "cannot", ("d3", "d4"))
    corrections = Corrections(lines)
    with (
        open_tables(SETTINGS, tmp_path, durable=False) as tables,
        LocalEngine(2, here_first=0) as engine,
    ):
        add_documents(tables, documents, 0, SETTINGS, engine)
        work = work_on(tables, np.arange(19), SETTINGS, 14, engine, corrections)
        found = found_of(cluster_rows(work))
    assert found == cluster_documents(documents, corrections=corrections)
    assert any(one.links for one in found.stories)
    assert found.obeyed.applied == 2


def test_what_the_index_has_is_not_added_again(tmp_path: Path) -> None:
    one, two = document("a", story(1)), document("b", story(1)[:4])
    found = day_by_day([[one, two], [one], [document("b", story(2))]], tmp_path)
    assert [line.id for line in found.lines] == ["a", "b"]
    assert {line.size for line in found.lines} == {2}


def test_an_index_made_by_other_settings_is_refused(tmp_path: Path) -> None:
    day_by_day([[document("a", story(1))]], tmp_path)
    folding = msgspec.structs.replace(SETTINGS.normaliser, shingle_words=4)
    other = msgspec.structs.replace(SETTINGS, normaliser=folding)
    with (
        pytest.raises(RuleError, match=r"other settings .* delete this folder"),
        clustered([], other, 14, 1, tmp_path),
    ):
        pass


def test_an_index_that_another_process_has_is_refused(tmp_path: Path) -> None:
    with (
        clustered([document("a", story(1))], SETTINGS, 14, 1, tmp_path),
        pytest.raises(Busy, match="another process"),
        clustered([], SETTINGS, 14, 1, tmp_path),
    ):
        pass


@pytest.mark.parametrize("table", ["nodes", "pairs", "quoting", "contents", "common", "sketches"])
def test_a_table_that_was_cut_is_put_aside_and_made_again(tmp_path: Path, table: str) -> None:
    documents = [document(f"d{n}", story(n // 3)[: 4 + n % 3]) for n in range(12)]
    documents.append(document("roundup", [story(n)[0] for n in range(4)]))
    whole = day_by_day([documents], tmp_path)
    cut = tmp_path / table / "key"
    cut.write_bytes(cut.read_bytes()[:-1])
    assert day_by_day([[]], tmp_path) == whole
    assert (tmp_path / f"{table}.damaged-1").is_dir()


@pytest.mark.parametrize("fault", ["cut", "unsealed", "unreadable"])
def test_an_index_whose_texts_are_damaged_is_not_begun_anew(tmp_path: Path, fault: str) -> None:
    day_by_day([[document("a", story(1)), document("b", story(1)[:5])]], tmp_path)
    held = tmp_path / "documents"
    if fault == "cut":
        (held / "key").write_bytes((held / "key").read_bytes()[:-1])
    elif fault == "unsealed":
        (held / "sealed.json").unlink()
    else:
        (held / "sealed.json").write_bytes(b"{")
    before = {path: path.read_bytes() for path in held.iterdir()}
    with (
        pytest.raises(DamagedData, match=r"documents|shorter|seal.*; put it back from a copy"),
        clustered([document("c", story(2))], SETTINGS, 14, 1, tmp_path),
    ):
        pass
    assert {path: path.read_bytes() for path in held.iterdir()} == before


def flipped(path: Path) -> None:
    """One bit in the middle of a file, turned."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "name", ["nodes/sample", "pairs/odds", "common/counts.ends", "sketches/terms"]
)
def test_a_bit_that_turned_in_what_was_worked_out_is_told_and_made_good_by_the_next_run(
    tmp_path: Path, name: str
) -> None:
    documents = [document(f"d{n}", story(n // 3)[: 4 + n % 3]) for n in range(12)]
    whole = day_by_day([documents], tmp_path / "whole")
    index = tmp_path / "days"
    day_by_day([documents[:9]], index)
    (index / "before.npz").unlink()  # what it remembers is not looked up
    flipped(index / name)
    table, file = name.split("/")
    with pytest.raises(
        DamagedData, match=rf"{table}: {file} is not as .* {table}.damaged-1: run again"
    ):
        day_by_day([documents[9:]], index)
    assert day_by_day([documents[9:]], index) == whole


@pytest.mark.parametrize("name", ["key", "grams", "text", "id.ends", "sealed.json"])
def test_a_bit_that_turned_in_the_texts_of_an_index_ends_every_run(
    tmp_path: Path, name: str
) -> None:
    documents = [document(f"d{n}", story(n // 3)[: 4 + n % 3]) for n in range(12)]
    day_by_day([documents[:9]], tmp_path)
    (tmp_path / "nodes" / "sealed.json").unlink()
    flipped(tmp_path / "documents" / name)
    for _ in range(2):
        with pytest.raises(DamagedData, match=r"documents: .*; put it back from a copy, or delete"):
            day_by_day([documents[9:]], tmp_path)


def test_damage_that_a_worker_process_meets_is_told(tmp_path: Path) -> None:
    documents = [document(f"d{n}", story(n // 3)[: 4 + n % 3]) for n in range(12)]
    with LocalEngine(1) as engine, open_tables(SETTINGS, tmp_path, durable=True) as tables:
        add_documents(tables, documents, 0, SETTINGS, engine)
    flipped(tmp_path / "documents" / "grams")
    with (
        pytest.raises(DamagedTable, match="grams is not as it was written"),
        LocalEngine(2, 0.0) as engine,
        open_tables(SETTINGS, tmp_path, durable=True) as tables,
    ):
        cluster_rows(work_on(tables, np.arange(12), SETTINGS, 14, engine))


def test_a_folder_that_is_no_index_is_refused_and_left_alone(tmp_path: Path) -> None:
    for name in ("documents/thesis.txt", "pairs/x", "lock"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    with (
        pytest.raises(RuleError, match="is no index of wirecorpus, and not empty"),
        clustered([document("a", story(1))], SETTINGS, 14, 1, tmp_path),
    ):
        pass
    assert {path.read_text() for path in tmp_path.rglob("*") if path.is_file()} == {"mine"}


def test_an_index_that_was_killed_before_its_first_seal_begins_anew(tmp_path: Path) -> None:
    day_by_day([[document("a", story(1))]], tmp_path)
    for seal in tmp_path.glob("*/sealed.json"):
        seal.unlink()
    found = day_by_day([[document("b", story(2))]], tmp_path)
    assert [line.id for line in found.lines] == ["b"]


def test_what_was_written_but_not_sealed_does_not_count(tmp_path: Path) -> None:
    documents = [document(f"d{n}", story(n // 3)[: 4 + n % 3]) for n in range(12)]
    whole = day_by_day([documents], tmp_path)
    for column in tmp_path.glob("*/*"):
        if column.name != "sealed.json":
            column.write_bytes(column.read_bytes() + b"half a row")
    assert day_by_day([[]], tmp_path) == whole


@pytest.mark.parametrize("left", [b"", b"no archive", None])
def test_what_a_run_left_for_the_next_may_be_damaged_or_gone(
    tmp_path: Path, left: bytes | None
) -> None:
    documents = [document(f"d{n}", story(n // 3)[: 4 + n % 3]) for n in range(12)]
    whole = day_by_day([documents], tmp_path / "whole")
    day_by_day([documents[:7]], tmp_path / "days")
    before = tmp_path / "days" / "before.npz"
    if left is None:
        before.unlink()
    else:
        before.write_bytes(left or before.read_bytes()[:-30])
    assert day_by_day([documents[7:]], tmp_path / "days") == whole


def test_what_a_run_left_by_other_settings_is_left_alone(tmp_path: Path) -> None:
    documents = [document(f"d{n}", story(n // 3)[: 4 + n % 3]) for n in range(12)]
    whole = day_by_day([documents], tmp_path / "whole", None)
    day_by_day([documents[:7]], tmp_path / "days", 14)
    assert day_by_day([documents[7:]], tmp_path / "days", None) == whole


def test_a_compilation_that_came_before_its_stories_contains_them_as_in_one_run(
    tmp_path: Path,
) -> None:
    quoted = [document(f"story{n}", story(n + 1, 4)) for n in range(5)]
    roundup = document("roundup", [story(n + 1, 4)[0] for n in range(5)])
    whole = unordered(cluster_documents([roundup, *quoted]))
    assert [len(one.links) for one in whole.stories if one.links] == [5]
    assert unordered(day_by_day([[roundup, quoted[4]], quoted[:3], quoted[3:4]], tmp_path)) == whole


def test_what_a_compilation_contains_is_worked_out_once(tmp_path: Path) -> None:
    documents = [document(f"story{n}", story(n + 1, 4)) for n in range(5)]
    documents.append(document("roundup", [story(n + 1, 4)[0] for n in range(5)]))
    day_by_day([documents], tmp_path)
    before = (tmp_path / "contents" / "key").read_bytes()
    assert len(before) == 8
    day_by_day([[document("stranger", story(9))]], tmp_path)
    assert (tmp_path / "contents" / "key").read_bytes() == before


def test_fifty_thousand_identical_stubs_are_one_cluster() -> None:
    stub = "This page is no longer available. Please go to the home page."
    documents = [document(f"d{n}", stub, host=f"h{n % 50}") for n in range(50_000)]
    with clustered(documents, SETTINGS, 14, 1) as found:
        assert found.groups.sizes.tolist() == [50_000]


def test_a_text_of_ten_megabytes_and_its_half_are_clustered_in_bounded_memory() -> None:
    chance = random.Random(1)
    words = [chance.choice(WORDS) for _ in range(1_400_000)]
    texts = {"whole": words, "half": words[:700_000], "word": ["a" * 10_000_000]}
    documents = [document(name, " ".join(text)) for name, text in texts.items()]
    tracemalloc.start()
    with clustered(documents, SETTINGS, 14, 1) as found:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert sorted(found.groups.sizes.tolist()) == [1, 2]
    assert most < 1 << 30


def test_texts_without_words_or_days_are_clusters_of_their_own() -> None:
    documents = [document(f"d{n:04}", "" if n % 2 else paragraph(n, 1)) for n in range(2000)]
    with clustered(documents, SETTINGS, 14, 1) as found:
        assert len(found) == 2000
        assert sum(found.groups.sizes[found.groups.cluster[1::2]]) == 1000
