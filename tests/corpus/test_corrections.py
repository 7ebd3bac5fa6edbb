import itertools
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.corrections import Corrections, Obeyed, read_corrections
from corpus.documents import Document
from corpus.errors import RuleError
from tests.clustered import clustered
from tests.corpus.made_up import SETTINGS, Found, cluster_documents, document, found_of, story
from tests.corpus.made_up_wires import REWORDED, WIRE
from tests.corpus.test_clustering import DRAWN, documents_of, unordered


def corrections(*lines: str) -> Corrections:
    return read_corrections(enumerate((line.encode() for line in lines), 1), "corrections.jsonl")


def must(*ids: str) -> str:
    return '{"must": [' + ", ".join(f'"{name}"' for name in ids) + "]}"


def cannot(*ids: str) -> str:
    return must(*ids).replace("must", "cannot")


def corrected(documents: list[Document], *lines: str) -> Found:
    return cluster_documents(documents, corrections=corrections(*lines))


def groups(found: Found) -> set[frozenset[str]]:
    return {
        frozenset(m.article_id + (f"@{m.version}" if m.version > 1 else "") for m in record.members)
        for record in found.records
    }


def parted(*names: str) -> set[frozenset[str]]:
    """Clusters, each as the letters of its members."""
    return {frozenset(name) for name in names}


# ----------------------------------------------------------------------------------------- obeyed


def test_what_must_be_together_is_though_the_texts_have_nothing_in_common() -> None:
    documents = [document("a", story(1)), document("b", story(2)), document("c", story(3))]
    assert groups(corrected(documents)) == parted("a", "b", "c")
    assert groups(corrected(documents, must("a", "c"))) == parted("ac", "b")


def test_what_must_be_together_is_across_the_date_window() -> None:
    days = {"a": "2026-11-01", "b": "2026-12-20"}
    documents = [document(n, story(1), published_at=f"{d}T06:00:00Z") for n, d in days.items()]
    assert groups(corrected(documents)) == parted("a", "b")
    assert groups(corrected(documents, must("a", "b"))) == parted("ab")


def test_what_cannot_be_together_is_apart_though_one_copies_the_other() -> None:
    documents = [document("a", story(1)), document("b", story(1)[:6]), document("c", story(1)[:7])]
    found = groups(corrected(documents, cannot("a", "b")))
    assert found in (parted("ac", "b"), parted("a", "bc"))


def test_identical_texts_that_cannot_be_together_are_apart_and_others_stay() -> None:
    documents = [document(name, story(1)) for name in "abcd"]
    found = groups(corrected(documents, cannot("a", "b")))
    assert len(found) == 2
    assert not any({"a", "b"} <= group for group in found)
    assert any({"c", "d"} <= group for group in found)


def test_identical_texts_are_apart_also_where_only_their_partners_cannot_be_together() -> None:
    documents = [document(name, story(1)) for name in "ab"] + [document("c", story(2))]
    assert groups(corrected(documents, must("a", "c"), cannot("b", "c"))) == parted("ac", "b")


def test_a_line_may_name_many_of_which_no_two_cannot_be_together() -> None:
    documents = [document(name, story(1)) for name in "abc"]
    assert groups(corrected(documents, cannot("a", "b", "c"))) == parted("a", "b", "c")
    assert groups(corrected([*documents[:2], document("c", story(2))], must("a", "b", "c"))) == (
        parted("abc")
    )


def test_an_id_means_all_versions_and_an_id_with_a_number_means_one() -> None:
    documents = [
        document("a", story(1)),
        document("a", story(2), version=2),
        document("b", story(3)),
    ]
    assert groups(corrected(documents, must("a", "b"))) == {frozenset({"a", "a@2", "b"})}
    assert groups(corrected(documents, must("a@2", "b"))) == {
        frozenset({"a"}),
        frozenset({"a@2", "b"}),
    }


def test_two_versions_of_an_article_can_be_kept_apart() -> None:
    documents = [document("a", story(1)), document("a", story(1)[:7], version=2)]
    assert len(groups(corrected(documents, cannot("a@1", "a@2")))) == 2


def test_an_id_that_looks_like_a_version_is_the_articles_that_has_it() -> None:
    documents = [document("a@2", story(1)), document("b", story(2)), document("a", story(3))]
    found = corrected(documents, must("a@2", "b"))
    assert groups(found) == {frozenset({"a@2", "b"}), frozenset({"a"})}
    assert found.obeyed.unknown == ()


def test_a_compilation_is_with_what_people_say_and_does_not_contain_itself() -> None:
    stories = {f"story{n}": story(n + 1, 4) for n in range(4)}
    documents = [document(name, text) for name, text in stories.items()]
    documents.append(document("roundup", [text[0] for text in stories.values()]))
    found = corrected(documents, must("roundup", "story0"))
    assert frozenset({"roundup", "story0"}) in groups(found)
    (links,) = [one.links for one in found.stories if one.links]
    assert len(links) == 3
    assert all(link.from_ != link.to for link in links)


WIRES = [document("wire", WIRE), document("retold", REWORDED), document("cut", WIRE[:700])]


def stories(found: Found) -> set[frozenset[str]]:
    clusters = {c.id: {m.article_id for m in c.members} for c in found.records}
    return {frozenset().union(*(clusters[c] for c in told.clusters)) for told in found.stories}


def test_what_cannot_be_together_shares_no_story_either() -> None:
    assert stories(corrected(WIRES)) == {frozenset({"wire", "cut", "retold"})}
    found = corrected(WIRES, cannot("wire", "retold"))
    assert stories(found) == {frozenset({"wire", "cut"}), frozenset({"retold"})}
    assert all(told.links == () for told in found.stories)


def test_what_must_be_together_though_a_line_says_it_cannot_shares_a_story() -> None:
    found = corrected(WIRES, must("wire", "retold"), cannot("wire", "retold"))
    assert stories(found) == {frozenset({"wire", "cut", "retold"})}


def test_stories_part_and_come_together_again_as_lines_come_and_go(tmp_path: Path) -> None:
    line = corrections(cannot("wire", "retold"))
    for lines in (Corrections(), line, Corrections(), line):
        with clustered(WIRES, SETTINGS, 14, 1, tmp_path, lines) as found:
            assert stories(found_of(found)) == stories(cluster_documents(WIRES, corrections=lines))


def test_a_line_of_thousands_is_obeyed() -> None:
    documents = [document(f"d{n}", story(n // 2, 2)) for n in range(40)]
    names = [f"d{n}" for n in range(40)] + [f"gone{n}" for n in range(20_000)]
    assert len(groups(corrected(documents, cannot(*names)))) == 40


# ------------------------------------------------------------------------------------------- told


def test_of_an_unknown_id_without_end_the_beginning_is_told() -> None:
    obeyed = Obeyed(unknown=("x" * 10_000, "y"))
    (told,) = obeyed.warnings("c")
    assert len(told) < 300
    assert "xxx…, y" in told


def test_unknown_ids_are_told_and_the_rest_of_the_line_is_obeyed() -> None:
    documents = [document("a", story(1)), document("b", story(2))]
    found = corrected(documents, must("a", "gone", "b"), must("a", "a@7"), cannot("x", "y"))
    assert groups(found) == parted("ab")
    assert (found.obeyed.lines, found.obeyed.applied) == (3, 1)
    assert list(found.obeyed.warnings("c.jsonl")) == [
        "c.jsonl: 4 ids are of no article here, and not obeyed: a@7, gone, x, y"
    ]


def test_one_known_id_of_a_line_joins_not_even_its_versions() -> None:
    documents = [document("a", story(1)), document("a", story(2), version=2)]
    assert len(groups(corrected(documents, must("a", "gone")))) == 2


def test_a_cannot_against_what_must_lines_say_together_is_void_and_told() -> None:
    documents = [document(name, story(n)) for n, name in enumerate("abc")]
    found = corrected(documents, must("a", "b"), cannot("a", "c"), must("b", "c"))
    assert groups(found) == parted("abc")
    assert (found.obeyed.applied, found.obeyed.void) == (2, (2,))
    assert list(found.obeyed.warnings("c.jsonl")) == [
        'c.jsonl: 1 line goes against what "must" lines say together, and is void: line 2'
    ]


def test_a_cannot_of_several_is_obeyed_in_part_where_some_of_them_must_be_together() -> None:
    documents = [document(name, story(1)) for name in "abc"]
    found = corrected(documents, must("a", "b"), cannot("a", "b", "c"))
    assert groups(found) == {frozenset("ab"), frozenset("c")}
    assert (found.obeyed.applied, found.obeyed.void, found.obeyed.in_part) == (2, (), (2,))
    (told,) = found.obeyed.warnings("c.jsonl")
    assert told.startswith("c.jsonl: 1 line goes in part against what ")
    assert told.endswith("; the other pairs are obeyed: line 2")
    whole = corrected(documents, must("a", "b", "c"), cannot("a", "b", "c"))
    assert (whole.obeyed.applied, whole.obeyed.void, whole.obeyed.in_part) == (1, (2,), ())


def test_without_lines_nothing_is_told() -> None:
    found = corrected([document("a", story(1))], "", " \r\n")
    assert found.obeyed == Obeyed()
    assert not list(found.obeyed.warnings("c.jsonl"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"must": ["a_1", "a_2"', "corrections.jsonl:2: Input data was truncated"),
        ('["a_1", "a_2"]', "Expected `object`, got `array`"),
        ('{"musst": ["a_1", "a_2"]}', "unknown field `musst`"),
        ('{"must": "a_1"}', "Expected `array`, got `str`"),
        ('{"note": "both"}', '"must" and "cannot", or neither'),
        ('{"must": ["a", "b"], "cannot": ["a", "c"]}', '"must" and "cannot", or neither'),
        ('{"must": ["a_1"]}', "needs the ids of two articles"),
        ('{"cannot": ["a_1", "a_1"]}', "each once"),
        ('{"cannot": ["a_1", ""]}', "needs the ids of two articles"),
        ('{"cannot": ["a_1", "a_2", "a_1@1"]}', "'a_1@1' is a version of 'a_1'"),
    ],
)
def test_a_malformed_line_is_an_error_that_names_it(line: str, said: str) -> None:
    with pytest.raises(RuleError) as caught:
        corrections(must("a", "b"), line)
    assert str(caught.value).startswith("corrections.jsonl:2: ")
    assert said in str(caught.value)


def test_a_line_that_is_not_utf_8_is_an_error() -> None:
    with pytest.raises(RuleError, match=r"c:1: "):
        read_corrections([(1, b'{"must": ["\xff", "b"]}')], "c")


def test_notes_change_no_digest_and_ids_do() -> None:
    plain = corrections(must("a", "b"))
    noted = corrections('\ufeff{"must":["a","b"],"note":"n","by":"me","date":"2026-11-23"}')
    assert noted.digest == plain.digest
    assert plain.digest not in (corrections(must("a", "c")).digest, corrections().digest)


# ------------------------------------------------------------------ the same set, the same answer


def names_itself(ids: list[str]) -> bool:
    return any(name.partition("@")[0] in ids for name in ids if "@" in name)


LINES = st.lists(
    st.tuples(
        st.sampled_from(["must", "cannot", "cannot"]),
        st.lists(
            st.sampled_from([*(f"d{n:02}" for n in range(8)), "d01@1", "d02@2", "none"]),
            min_size=2,
            max_size=3,
            unique=True,
        ),
    ).filter(lambda line: line[0] == "must" or not names_itself(line[1])),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(DRAWN, LINES, st.lists(st.integers(0, 24), max_size=2), st.randoms(use_true_random=False))
def test_with_corrections_the_clusters_are_those_of_one_run_however_the_days_are_cut(
    drawn: list[tuple[int, int | None, str, int]],
    said: list[tuple[str, list[str]]],
    cuts: list[int],
    chance: random.Random,
) -> None:
    documents = documents_of(drawn)
    lines = corrections(*((must if kind == "must" else cannot)(*ids) for kind, ids in said))
    whole = unordered(cluster_documents(documents, corrections=lines))
    chance.shuffle(documents)
    assert unordered(cluster_documents(documents, corrections=lines)) == whole
    bounds = sorted({0, *(min(cut, len(documents)) for cut in cuts), len(documents)})
    with tempfile.TemporaryDirectory() as folder:
        for a, b in list(itertools.pairwise(bounds))[:-1]:
            with clustered(documents[a:b], SETTINGS, 14, 1, Path(folder)):
                pass  # the corrections came later than these days
        with clustered(
            documents[bounds[-2] if len(bounds) > 1 else 0 :], SETTINGS, 14, 1, Path(folder), lines
        ) as found:
            assert unordered(found_of(found)) == whole


@settings(max_examples=60, deadline=None)
@given(DRAWN, LINES)
def test_whatever_people_say_is_obeyed_or_told(
    drawn: list[tuple[int, int | None, str, int]], said: list[tuple[str, list[str]]]
) -> None:
    lines = corrections(*((must if kind == "must" else cannot)(*ids) for kind, ids in said))
    found = cluster_documents(documents_of(drawn), corrections=lines)
    cluster_of = {f"{m.article_id}@{m.version}": r.id for r in found.records for m in r.members}
    for line in lines.lines:
        held = [
            {c for key, c in cluster_of.items() if name in (key, key.partition("@")[0])}
            for name in line.ids
        ]
        known = [clusters for clusters in held if clusters]
        if line.kind == "must" and len(known) > 1:
            assert len(set.union(*known)) == 1
        if line.kind == "cannot" and line.line not in (*found.obeyed.void, *found.obeyed.in_part):
            named = {n.partition("@")[0] for n in line.ids}
            if len(named) == len(line.ids):
                assert all(not a & b for a, b in itertools.combinations(known, 2))
