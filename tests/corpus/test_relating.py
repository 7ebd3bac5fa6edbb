from corpus.corrections import Correction, Corrections
from corpus.records import Member
from tests.corpus.made_up import Found, cluster_documents, document, story


def members(found: Found) -> dict[str, Member]:
    return {member.article_id: member for cluster in found.records for member in cluster.members}


def test_a_member_that_is_no_copy_of_the_representative_names_the_one_that_it_is_a_copy_of() -> (
    None
):
    documents = [
        document("whole", story(1)),
        document("other", [*story(1), *story(9, 1)]),
        document("strange", story(2, 4)),
        document("cut", story(2, 4)[:3]),
    ]
    lines = Corrections((Correction(1, "must", ("whole", "strange")),))
    found = cluster_documents(documents, corrections=lines)
    (cluster,) = (c for c in found.records if c.size > 1)
    assert (cluster.size, cluster.representative.article_id) == (4, "whole")
    told = members(found)
    assert {name: (m.relation, m.through_id, m.through_version) for name, m in told.items()} == {
        "whole": ("exact", "", 0),
        "other": ("near", "", 0),
        "strange": ("near", "cut", 1),
        "cut": ("near", "strange", 1),
    }
    assert told["cut"].containment == 0.0


def test_what_only_a_correction_put_into_a_cluster_is_there_through_nobody() -> None:
    documents = [document("a", story(1)), document("b", story(1)), document("c", story(2, 3))]
    lines = Corrections((Correction(1, "must", ("a", "c")),))
    (cluster,) = cluster_documents(documents, corrections=lines).records
    (strange,) = (m for m in cluster.members if m.article_id == "c")
    assert (strange.relation, strange.through_id, strange.through_version) == ("near", "", 0)


def test_a_cut_of_which_editors_changed_many_words_is_still_an_excerpt() -> None:
    whole = story(1)
    changed = [
        " ".join("other" if n % 13 == 7 else w for n, w in enumerate(p.split())) for p in whole[:5]
    ]
    found = members(cluster_documents([document("whole", whole), document("cut", changed)]))
    assert 0.5 < found["cut"].wire_share < 0.75
    assert found["cut"].relation == "excerpt"
