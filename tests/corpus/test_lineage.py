"""Stories as readers get them: ids after the first-seen cluster, links with evidence in words."""

import random

from corpus.documents import Document
from corpus.records import story_id
from tests.corpus.made_up import Found, cluster_documents
from tests.corpus.made_up_wires import OTHER_NEWSROOM, REWORDED, UPDATED, WIRE


def document(name: str, text: str, hour: int) -> Document:
    moment = f"2026-11-02T{hour:02}:00:00Z"
    return Document(article_id=name, text=text, host=name, published_at=moment, seen_at=moment)


DOCUMENTS = (
    document("wire", WIRE, 8),
    document("wire-too", WIRE, 9),
    document("reworded", REWORDED, 10),
    document("other", OTHER_NEWSROOM, 7),
)


def clustered(*documents: Document) -> Found:
    return cluster_documents(documents)


def test_a_story_is_named_after_its_first_seen_cluster() -> None:
    found = {a.article_id: a for a in clustered(*DOCUMENTS).assignments}
    assert (
        found["reworded"].story_id == found["wire"].story_id == story_id(found["wire"].cluster_id)
    )
    assert found["wire-too"].story_id == found["wire"].story_id
    assert found["reworded"].cluster_id != found["wire"].cluster_id
    assert found["other"].story_id == story_id(found["other"].cluster_id)


def test_a_link_says_in_words_what_the_clusters_share() -> None:
    (link,) = (link for story in clustered(*DOCUMENTS).stories for link in story.links)
    assert link.relation == "rewritten"
    assert "passages match" in link.evidence
    assert "Teller" in link.evidence


def test_the_story_record_has_its_clusters_and_links() -> None:
    found = clustered(*DOCUMENTS)
    told = found.stories
    assert sorted(len(story.clusters) for story in told) == [1, 2]
    linked = next(story for story in told if story.links)
    assert {linked.links[0].from_, linked.links[0].to} == set(linked.clusters)
    assert {c.story_id for c in found.records} == {story.id for story in told}


def test_stories_are_the_same_in_whatever_order_the_documents_come() -> None:
    documents = [*DOCUMENTS, document("updated", UPDATED, 14)]
    expected = clustered(*documents)
    random.Random(1).shuffle(documents)
    assert clustered(*documents)._replace(lines=()) == expected._replace(lines=())
