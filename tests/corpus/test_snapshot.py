from itertools import chain

import msgspec

from corpus.documents import Document
from corpus.records import Cluster, ClusterLine, Headline, Vote, story_id
from corpus.snapshot import cluster_lines
from tests.clustered import clustered
from tests.corpus.made_up import SETTINGS, cluster_documents, document, paragraph, story
from tests.corpus.made_up_wires import REWORDED, WIRE


def made(documents: list[Document]) -> tuple[Cluster, ...]:
    return cluster_documents(documents).records


def of_copies(**fields: list[object]) -> Cluster:
    """The cluster of identical texts, one for each value of the fields."""
    count = max(len(values) for values in fields.values())
    rows = [{name: values[n] for name, values in fields.items()} for n in range(count)]
    return made([document(f"d{n}", story(1), **row) for n, row in enumerate(rows)])[0]


def test_every_document_is_in_one_cluster_and_every_cluster_is_a_story() -> None:
    documents = [
        document("a", story(1)),
        document("b", story(1)[:4]),
        document("c", story(2)),
        document("d", ""),
    ]
    said = cluster_documents(documents)
    found, stories = said.records, said.stories
    assert sorted(m.article_id for c in found for m in c.members) == ["a", "b", "c", "d"]
    assert [story.clusters for story in stories] == [(c.id,) for c in found]
    assert [story.id for story in stories] == [c.story_id for c in found]
    assert all(not story.links for story in stories)


def test_clusters_stand_largest_first_then_first_seen_first() -> None:
    documents = [
        document("late", story(2), seen_at="2026-11-03T00:00:00Z"),
        document("early", story(3), seen_at="2026-11-01T00:00:00Z"),
        document("one", story(1), seen_at="2026-11-04T00:00:00Z"),
        document("two", story(1), seen_at="2026-11-05T00:00:00Z"),
    ]
    found = made(documents)
    assert [c.representative.article_id for c in found] == ["one", "early", "late"]
    assert found == made(documents[::-1])


def test_outlets_owners_and_countries_are_counted_once() -> None:
    cluster = of_copies(
        outlet=["Post", "Post", "Echo", "Sun"],
        owner=["Group", "Group", "Group", ""],
        country=["GB", "GB", "", "FR"],
    )
    assert (cluster.size, cluster.outlet_count, cluster.owner_count) == (4, 3, 2)
    assert cluster.countries == ("FR", "GB")


def test_agencies_are_ranked_by_the_members_that_credit_them() -> None:
    wire = of_copies(agencies=[("AP",), ("AP", "Reuters"), (), ("AP",)]).wire
    assert wire.agencies == ("AP", "Reuters")
    assert wire.votes == (Vote("AP", 3), Vote("Reuters", 1))
    assert (wire.confidence, wire.conflict) == (1.0, False)


def test_members_that_credit_different_agencies_are_in_conflict() -> None:
    wire = of_copies(agencies=[("AP",), ("AFP",), ("AP",)]).wire
    assert wire.agencies == ("AP", "AFP")
    assert (wire.confidence, wire.conflict) == (0.6667, True)


def test_agencies_without_a_name_contradict_nobody_and_rank_last() -> None:
    wire = of_copies(agencies=[("AP",), ("UNNAMED",), ("UNNAMED",)]).wire
    assert wire.agencies == ("AP", "UNNAMED")
    assert (wire.confidence, wire.conflict) == (0.3333, False)


def test_without_credits_there_is_no_wire() -> None:
    wire = of_copies(agencies=[(), ()]).wire
    assert (wire.agencies, wire.votes, wire.confidence, wire.conflict) == ((), (), 0.0, False)


def test_headlines_are_counted_and_a_change_of_typography_is_no_change() -> None:
    cluster = of_copies(
        headline=["Ferry “lost”", "Ferry 'lost'", "Boat missing", "Boat missing", ""],
        seen_at=[f"2026-11-0{n}T00:00:00Z" for n in range(1, 6)],
    )
    assert cluster.headline == "Ferry “lost”"
    assert cluster.headlines[0] == Headline("Boat missing", 2, "2026-11-03T00:00:00Z")
    assert [m.headline_changed for m in cluster.members] == [False, False, True, True, True]


def test_dates_span_the_members_that_have_one() -> None:
    cluster = of_copies(
        published_at=["2026-11-02T00:00:00Z", None, "2026-11-01T00:00:00Z"],
        seen_at=["2026-11-03T00:00:00Z", "2026-11-02T12:00:00Z", "2026-11-05T00:00:00Z"],
    )
    assert (cluster.first_published_at, cluster.last_published_at) == (
        "2026-11-01T00:00:00Z",
        "2026-11-02T00:00:00Z",
    )
    assert (cluster.first_seen_at, cluster.last_seen_at) == (
        "2026-11-02T12:00:00Z",
        "2026-11-05T00:00:00Z",
    )
    undated = of_copies(published_at=[None, None])
    assert (undated.first_published_at, undated.first_seen_at) == (None, "")


def test_a_cluster_says_why_its_representative_stands_for_it() -> None:
    cluster = of_copies(agencies=[(), ("AP",)])
    assert cluster.representative.article_id == "d1"
    assert cluster.representative.reason == "complete, as are 2 of 2; credits AP"


def test_lines_come_in_the_documents_order() -> None:
    documents = [document("z", story(1)), document("a", story(2)), document("m", story(1)[:5])]
    lines = cluster_documents(documents).lines
    assert [line.id for line in lines] == ["z", "a", "m"]
    assert lines[0].cluster_id == lines[2].cluster_id != lines[1].cluster_id
    assert [(line.role, line.size) for line in lines] == [
        ("representative", 2),
        ("sole", 1),
        ("member", 2),
    ]
    assert lines[2].relation == "excerpt"


def test_versions_of_a_page_are_members_of_their_own() -> None:
    documents = [
        document("page", story(1)),
        document("page", [*story(1), paragraph(5)], version=2),
    ]
    (cluster,) = made(documents)
    assert {(m.article_id, m.version) for m in cluster.members} == {("page", 1), ("page", 2)}


def test_rows_for_tables_agree_with_the_clusters() -> None:
    documents = [document("a", story(1)), document("b", story(1)[:5]), document("c", story(2))]
    found = cluster_documents(documents)
    assert [(row.article_id, row.role, row.relation) for row in found.members] == [
        ("a", "representative", "exact"),
        ("b", "member", "excerpt"),
        ("c", "sole", "exact"),
    ]
    (pair,) = found.pair_rows
    assert (pair.a_id, pair.b_id, pair.same_cluster, pair.containment) == ("a", "b", True, 1.0)


def test_a_member_without_credit_is_told_which_agency_others_credit_and_which_ones_do() -> None:
    cluster = of_copies(agencies=[("AP",), (), ("AP", "AFP"), ("UNNAMED",)])
    possible = {member.article_id: member.possible_agency for member in cluster.members}
    told = [found for found in possible.values() if found]
    assert [(found.agency, found.share) for found in told] == [("AP", 0.6667)]
    assert set(told[0].members) < set(possible)
    assert len(told[0].members) == 2


def test_where_nobody_names_an_agency_no_member_has_a_possible_one() -> None:
    cluster = of_copies(agencies=[(), (), ("UNNAMED",)])
    assert not any(member.possible_agency for member in cluster.members)


def test_lines_stand_in_the_order_of_the_documents_and_say_where_each_ended() -> None:
    count = 12_000
    copies = {7: story(1), 5_007: story(1), 11_007: story(1)[:4]}
    documents = [
        document(f"d{7919 * n % count}é", copies.get(n, [f"Word{n}."])) for n in range(count)
    ]
    with clustered(documents, SETTINGS, 14, 1) as found:
        lines = list(chain.from_iterable(cluster_lines(found)))
        ended = {placed.article_id: placed for placed in found.assignments}
    assert [line.id for line in lines] == [d.article_id for d in documents]
    assert sorted(line.role for line in lines if line.size > 1) == [
        "member",
        "member",
        "representative",
    ]
    for line in lines:
        placed = ended[line.id]
        said = {
            name: getattr(placed, name) for name in ClusterLine.__struct_fields__ if name != "id"
        }
        assert msgspec.structs.asdict(line) == {"id": placed.article_id} | said


def test_a_story_of_clusters_seen_at_one_time_is_named_after_the_first_of_their_ids() -> None:
    for names in (("wire", "reworded"), ("reworded", "wire")):
        texts = zip(names, (WIRE, REWORDED), strict=True)
        documents = [Document(article_id=name, text=text, host=name) for name, text in texts]
        found = cluster_documents(documents)
        first, second = sorted(cluster.id for cluster in found.records)
        assert {cluster.story_id for cluster in found.records} == {story_id(first)}
        assert first != second
