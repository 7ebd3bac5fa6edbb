import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.config import default_file
from corpus.documents import Document, document_of, document_of_line
from corpus.errors import RuleError
from corpus.plan import load_dedup_settings
from corpus.records import Article, Outlet, TextLine, Wire, cluster_id, story_id
from crawler.errors import ConfigError
from tests.corpus.made_up import SETTINGS, Found, cluster_documents, document, paragraph, story

TOML = default_file("dedup.toml").read_text()


def clustered(documents: list[Document], window_days: float | None = 14) -> Found:
    return cluster_documents(documents, SETTINGS, window_days)


def groups(clustering: Found) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for assignment in clustering.assignments:
        found.setdefault(assignment.cluster_id, set()).add(assignment.article_id)
    return {frozenset(group) for group in found.values()}


def relations(clustering: Found) -> dict[str, str]:
    return {a.article_id: a.relation for a in clustering.assignments}


def roles(clustering: Found) -> dict[str, str]:
    return {a.article_id: a.role for a in clustering.assignments}


# ---------------------------------------------------------------------------------------- clusters


def test_copies_come_together_and_strangers_stay_alone() -> None:
    whole = story(1)
    found = clustered(
        [
            document("verbatim", whole),
            document("cut", whole[:3]),
            document("localised", [*whole[:2], paragraph(7), paragraph(8), *whole[2:]]),
            document("updated", [paragraph(9), *whole[1:]]),
            document("stranger", story(2)),
        ]
    )
    assert groups(found) == {
        frozenset({"verbatim", "cut", "localised", "updated"}),
        frozenset({"stranger"}),
    }


def test_an_empty_set_has_no_clusters() -> None:
    assert clustered([]).clusters == ()


def test_texts_without_words_are_each_alone() -> None:
    assert len(groups(clustered([document("a", ""), document("b", ""), document("c", "—")]))) == 3


def test_identical_texts_of_one_word_are_one_cluster() -> None:
    assert len(groups(clustered([document("a", "Closed."), document("b", "closed")]))) == 1


def test_copies_that_appeared_further_apart_than_the_window_are_two_clusters() -> None:
    days = ("2026-11-01", "2026-11-10", "2026-12-20")
    documents = [document(day, story(1), published_at=f"{day}T06:00:00Z") for day in days]
    assert groups(clustered(documents)) == {frozenset(days[:2]), frozenset(days[2:])}
    assert len(groups(clustered(documents, None))) == 1


def test_a_document_of_unknown_date_joins_what_it_copies() -> None:
    dated = document("dated", story(1), published_at="2026-11-01T06:00:00Z")
    for unknown in (None, "", "yesterday", "1900-01-01T00:00:00Z"):
        undated = document("undated", [*story(1), paragraph(5)], published_at=unknown)
        assert len(groups(clustered([dated, undated]))) == 1


def test_furniture_does_not_make_pages_of_a_host_alike() -> None:
    above, below = [paragraph(501)], [paragraph(502), paragraph(503)]
    pages = [
        document(f"page{n}", [*above, *story(n, 4), *below], host="times.example") for n in range(6)
    ]
    copy = document("copy", story(0, 4), host="herald.example")
    assert groups(clustered([*pages, copy])) == {
        frozenset({"page0", "copy"}),
        *(frozenset({f"page{n}"}) for n in range(1, 6)),
    }


def test_pages_that_are_mostly_furniture_are_told_apart_once_the_host_has_enough_of_them() -> None:
    furniture = [paragraph(n) for n in range(500, 506)]
    pages = [
        document(f"page{n}", [furniture[0], paragraph(n), *furniture[1:]], host="times.example")
        for n in range(12)
    ]
    assert len(groups(clustered(pages))) == 12
    hostless = [msgspec.structs.replace(page, host="") for page in pages]
    assert len(groups(clustered(hostless))) == 1  # where the host is unknown, nothing can be told


def test_a_story_that_a_host_prints_three_times_is_not_its_furniture() -> None:
    whole = story(1)
    versions = [[*whole, paragraph(20 + n)] for n in range(3)]
    pages = [document(f"page{n}", text, host="times.example") for n, text in enumerate(versions)]
    others = [document(f"other{n}", story(10 + n), host="times.example") for n in range(5)]
    assert frozenset({"page0", "page1", "page2"}) in groups(clustered([*pages, *others]))


def test_a_round_up_draws_nothing_together() -> None:
    stories = {f"story{n}": story(n + 1, 4) for n in range(5)}
    quoted = [text[0] for text in stories.values()]
    documents = [document(name, text) for name, text in stories.items()]
    briefs = [document(f"brief{n}", [first]) for n, first in enumerate(quoted)]
    found = groups(clustered([*documents, *briefs, document("roundup", quoted)]))
    assert frozenset({"roundup"}) in found
    assert frozenset({"story0", "brief0"}) in found


@pytest.mark.parametrize("passages", [1, 5])
def test_a_page_that_prints_several_stories_whole_joins_none_of_them(passages: int) -> None:
    stories = {f"story{n}": story(n + 1, passages) for n in range(4)}
    page = [passage for text in stories.values() for passage in text]
    documents = [document(name, text) for name, text in stories.items()]
    found = groups(clustered([*documents, document("page", page)]))
    assert found == {frozenset({name}) for name in (*stories, "page")}


def test_copies_of_one_round_up_are_a_cluster() -> None:
    stories = [story(n + 1, 4) for n in range(5)]
    quoted = [text[0] for text in stories]
    documents = [document(f"story{n}", text) for n, text in enumerate(stories)]
    copies = [document("roundup1", quoted), document("roundup2", [*quoted, "More tomorrow."])]
    assert frozenset({"roundup1", "roundup2"}) in groups(clustered([*documents, *copies]))


# ------------------------------------------------------------------------- the same set, the same answer

TEXTS = st.sampled_from(
    [
        story(1),
        story(1)[:3],
        [*story(1), paragraph(31)],
        [paragraph(32), *story(1)[1:]],
        story(2, 4),
        [*story(2, 4), *story(1)[:2]],
        [story(1)[0], story(2)[0], story(3)[0]],
        story(3, 2),
        ["Closed."],
        [],
    ]
)
DATES = st.sampled_from(
    [None, "2026-11-01T06:00:00Z", "2026-11-05T06:00:00Z", "2026-12-20T06:00:00Z"]
)
DRAWN = st.lists(
    st.tuples(TEXTS, DATES, st.sampled_from(["", "one.example", "two.example"])), max_size=14
)


@settings(max_examples=40, deadline=None)
@given(DRAWN, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(
    drawn: list[tuple[list[str], str | None, str]], source: object
) -> None:
    documents = [
        document(f"d{n:02d}", text, published_at=date, host=host, version=1 + n % 2)
        for n, (text, date, host) in enumerate(drawn)
    ]
    shuffled = list(documents)
    source.shuffle(shuffled)  # type: ignore[attr-defined]
    assert clustered(shuffled)._replace(lines=()) == clustered(documents)._replace(lines=())


def test_a_clustering_lists_documents_and_pairs_by_id() -> None:
    found = clustered(
        [document("b", story(1)), document("a", story(1)[:4]), document("c", story(1))]
    )
    assert [a.article_id for a in found.assignments] == ["a", "b", "c"]
    assert [(p.a, p.b) for p in found.pairs] == [("a", "b"), ("b", "c")]
    assert all(pair.together for pair in found.pairs)


# ------------------------------------------------------------------------------------------- members


def test_the_cluster_is_named_after_its_first_seen_member() -> None:
    found = clustered(
        [
            document("a", story(1), seen_at="2026-11-02T00:00:00Z"),
            document("b", story(1), seen_at="2026-11-01T00:00:00Z", version=3),
        ]
    )
    assert {a.cluster_id for a in found.assignments} == {cluster_id("b", 3)}
    assert {a.story_id for a in found.assignments} == {story_id(cluster_id("b", 3))}


def test_relations_to_the_representative() -> None:
    whole = story(1)
    found = clustered(
        [
            document("head", whole, agencies=("AP",), published_at="2026-11-01T06:00:00Z"),
            document("exact", whole, published_at="2026-11-01T07:00:00Z"),
            document("restyled", [*whole[:7], "Reporting by the desk in the capital."]),
            document("cut", whole[:4]),
            document("localised", [*whole, paragraph(7), paragraph(8), paragraph(9)]),
            document("update", [paragraph(11), *whole[1:]], published_at="2026-11-01T12:00:00Z"),
        ]
    )
    assert roles(found)["head"] == "representative"
    assert relations(found) == {
        "head": "exact",
        "exact": "exact",
        "restyled": "near",
        "cut": "excerpt",
        "localised": "expanded",
        "update": "update",
    }


def test_a_later_version_of_the_representatives_page_is_an_update() -> None:
    whole = story(1)
    found = clustered(
        [
            document("page", whole, agencies=("AP",)),
            document("page", [*whole[:6], paragraph(3), *whole[6:]], version=2),
            document("copy", whole),
        ]
    )
    versions = {(a.article_id, a.version): a.relation for a in found.assignments}
    assert versions["page", 2] == "update"


def test_the_representative_is_complete_then_credited_then_earliest() -> None:
    whole = story(1)
    excerpt = document("excerpt", whole[:4], agencies=("AP",), published_at="2026-11-01T01:00:00Z")
    added = document(
        "added",
        [*whole, paragraph(3), paragraph(4)],
        agencies=("AP",),
        published_at="2026-11-01T02:00:00Z",
    )
    plain = document("plain", whole, published_at="2026-11-01T03:00:00Z")
    later = document("later", whole, agencies=("AP",), published_at="2026-11-01T05:00:00Z")
    credited = document("credited", whole, agencies=("AP",), published_at="2026-11-01T04:00:00Z")
    (formed,) = clustered([excerpt, added, plain, later, credited]).clusters
    assert formed.article_id == "credited"
    assert formed.reason == "complete, as are 4 of 5, and adds least; credits AP; earliest of these"


def test_of_two_texts_the_longer_stands_for_the_cluster() -> None:
    (formed,) = clustered([document("a", story(1)[:4]), document("b", story(1))]).clusters
    assert formed.article_id == "b"


def test_figures_are_shares_of_grams() -> None:
    found = clustered([document("whole", story(1)), document("cut", story(1)[:4])])
    cut = next(a for a in found.assignments if a.article_id == "cut")
    assert cut.containment == 1.0
    assert cut.wire_share == 1.0
    assert 0.4 < cut.jaccard < 0.6


def test_evidence_says_how_much_was_verified() -> None:
    copies = [document(f"copy{n}", story(1)) for n in range(4)]
    (formed,) = clustered([*copies, document("cut", story(1)[:5])]).clusters
    assert formed.evidence.pair_count == 10
    assert formed.evidence.density == 1.0
    assert formed.evidence.min_similarity == 1.0


def test_a_document_alone_is_its_own_representative() -> None:
    found = clustered([document("a", story(1))])
    assert roles(found) == {"a": "sole"}
    assert found.clusters[0].reason == "only member"


# ------------------------------------------------------------------------------------------- inputs


def test_an_article_becomes_a_document() -> None:
    article = Article(
        id="a_1",
        capture_id="c",
        version=2,
        url="https://m.times.example/x",
        canonical_url="https://times.example/x",
        final_url="https://m.times.example/x",
        outlet=Outlet(id="times", name="The Times of Example", country="GB", owner="Group"),
        headline="Port closed",
        date_published="2026-11-01T06:00:00Z",
        fetched_at="2026-11-03T00:00:00Z",
        first_seen_at="2026-11-02T00:00:00Z",
        text="The port is closed.",
        text_sha256="0",
        wire=Wire(agencies=("AP",)),
        language="en",
    )
    assert document_of(article) == Document(
        article_id="a_1",
        version=2,
        text="The port is closed.",
        host="times.example",
        outlet="The Times of Example",
        owner="Group",
        country="GB",
        headline="Port closed",
        published_at="2026-11-01T06:00:00Z",
        seen_at="2026-11-03T00:00:00Z",
        agencies=("AP",),
    )


def test_a_line_may_name_its_host_headline_and_date_in_either_way() -> None:
    one = document_of_line(
        TextLine(
            id="1", text="t", url="http://u:p@Times.example:8080/x", title="T", published="2026"
        )
    )
    assert (one.host, one.headline, one.published_at) == ("times.example:8080", "T", "2026")
    other = document_of_line(
        TextLine(id="1", text="t", host="h", headline="H", date_published="2025")
    )
    assert (other.host, other.headline, other.published_at) == ("h", "H", "2025")
    assert (
        document_of_line(TextLine(id="1", text="t", url="http://[broken", published="")).host == ""
    )


# ------------------------------------------------------------------------------------------ settings


def test_an_unknown_key_is_refused_with_the_likely_one() -> None:
    with pytest.raises(
        ConfigError, match=r"dedup.toml candidates: unknown key 'band'; did you mean 'bands'\?"
    ):
        load_dedup_settings(TOML.replace("bands =", "band ="), "dedup.toml")


def test_a_wrong_type_is_refused_by_its_key() -> None:
    with pytest.raises(ConfigError, match=r"'candidates.bands' must be a whole number, not text"):
        load_dedup_settings(TOML.replace("bands = 32", 'bands = "32"'), "dedup.toml")


def test_a_missing_table_is_refused() -> None:
    with pytest.raises(ConfigError, match="'furniture' is missing"):
        load_dedup_settings(
            "[normaliser]\nshingle_words = 5\nphrases = {}\nwords = {}\nsuffixes = {}\ndropped = []",
            "d",
        )


def test_broken_toml_is_refused() -> None:
    with pytest.raises(RuleError, match=r"dedup\.toml: is not valid TOML"):
        load_dedup_settings("[normaliser", "dedup.toml")


@pytest.mark.parametrize(
    ("was", "put", "named"),
    [
        ("\nreach = 8", "\nreach = 65", r"\[candidates\] reach"),
        ("\nposting_limit = 64", "\nposting_limit = 7", r"\[candidates\] reach"),
        ("\nreach = 4", "\nreach = 25", r"\[stories.candidates\] reach"),
        ("\nreach = 4", "\nreach = 0", r"\[stories.candidates\] reach"),
    ],
)
def test_what_is_hot_must_not_reach_farther_than_what_is_not(
    was: str, put: str, named: str
) -> None:
    changed = TOML.replace(was, put)
    assert changed != TOML
    with pytest.raises(RuleError, match=named):
        load_dedup_settings(changed, "dedup.toml")


def test_the_method_names_what_signatures_depend_on() -> None:
    method = clustered([]).method
    assert (method.scheme, method.num_perm, method.seed, method.shingle) == (
        "affine32",
        128,
        1,
        "5 words",
    )
    assert method.settings_digest != clustered([], 7).method.settings_digest


# ------------------------------------------------------------------------------------- compilations


def contained(found: Found) -> dict[str, dict[str, str]]:
    """What each compilation contains, and the evidence, by the representatives of the clusters."""
    names = {record.id: record.representative.article_id for record in found.records}
    held: dict[str, dict[str, str]] = {}
    for one in found.stories:
        for link in one.links:
            assert link.relation == "contains"
            assert link.from_ in one.clusters
            assert link.to not in one.clusters
            held.setdefault(names[link.from_], {})[names[link.to]] = link.evidence
    return held


QUOTED = {f"story{n}": story(n + 1, 4) for n in range(4)}
LEADS = [text[0] for text in QUOTED.values()]


def test_a_compilation_links_to_the_clusters_that_it_contains_and_says_why() -> None:
    documents = [document(name, text) for name, text in QUOTED.items()]
    documents.append(document("copy0", [*QUOTED["story0"], paragraph(9)]))
    found = contained(clustered([*documents, document("roundup", LEADS)]))
    assert list(found) == ["roundup"]
    assert found["roundup"].keys() == {"copy0", "story1", "story2", "story3"}
    said = found["roundup"]["story1"]
    assert re.fullmatch(
        r"41 of the compilation's \d+ 5-grams stand in this story and in no shorter one;"
        r" 41 of its lead's \d+; log-odds -?\d+\.\d \(roundup and story1\)",
        said,
    ), said


def test_copies_of_one_compilation_have_one_link_to_a_cluster() -> None:
    documents = [document(name, text) for name, text in QUOTED.items()]
    copies = [document("roundup1", LEADS), document("roundup2", [*LEADS, "More tomorrow."])]
    found = contained(clustered([*documents, *copies]))
    assert [len(links) for links in found.values()] == [4]


def test_without_compilations_there_are_no_links() -> None:
    assert contained(clustered([document("a", story(1)), document("b", story(2))])) == {}
    assert contained(clustered([])) == {}


@pytest.mark.parametrize(("stories", "quoted"), [(3, 4), (4, 4), (5, 5), (6, 3)])
def test_a_page_that_quotes_half_of_single_stories_joins_none_of_them(
    stories: int, quoted: int
) -> None:
    """Nor their copies' clusters, nor a story with one of them; it contains them all."""
    documents = [document(f"story{n}", story(n + 1)) for n in range(stories)]
    documents.append(
        document("roundup", [text for n in range(stories) for text in story(n + 1)[:quoted]])
    )
    found = clustered(documents)
    assert len(groups(found)) == stories + 1
    assert len({assignment.story_id for assignment in found.assignments}) == stories + 1
    (links,) = (its.links for its in found.stories if its.links)
    assert [link.relation for link in links] == ["contains"] * stories
