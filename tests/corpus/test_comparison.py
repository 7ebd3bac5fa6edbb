from pathlib import Path

import pytest
from msgspec.structs import replace

from corpus.clustering import gathered
from corpus.comparison import Explanation, explained, rendered
from corpus.corrections import NONE, Correction, Corrections
from corpus.documents import Document
from corpus.errors import RuleError
from corpus.plan import DedupSettings
from tests.corpus.made_up import SETTINGS, document, paragraph, story
from tests.corpus.made_up_wires import REWORDED, TRANSLATED, WIRE

OTHERS = [document(f"other{n}", story(20 + n)) for n in range(3)]


def told(*documents: Document, window: float | None = 14.0) -> Explanation:
    """What is said of the first two of the documents."""
    one, other = documents[0].article_id, documents[1].article_id
    return told_of([*documents, *OTHERS], one, other, window)


def told_of(
    documents: list[Document],
    one: str,
    other: str,
    window: float | None = 14.0,
    corrections: Corrections = NONE,
    settings: DedupSettings = SETTINGS,
) -> Explanation:
    with gathered(documents, settings, window, 1, corrections=corrections) as work:
        return explained(work, one, other)


def test_a_cut_copy_is_told_with_its_figures_and_spans() -> None:
    found = told(document("whole", story(1)), document("cut", story(1)[:4]))
    assert (found.verdict, found.together, found.proposed) == ("copy", True, True)
    assert "sample" in found.agrees
    assert sum(span.words for span in found.spans) >= 4 * 40
    assert {f.name: f.value for f in found.features}["containment"] == 1.0


def test_the_shares_add_up_to_the_log_odds() -> None:
    found = told(document("one", story(1)), document("other", [*story(1)[:2], *story(2)[2:]]))
    total = found.intercept + sum(feature.log_odds for feature in found.features)
    limit = SETTINGS.pairs.limit
    assert max(-limit, min(limit, total)) == pytest.approx(found.log_odds, abs=0.01)


def test_strangers_are_no_copies_and_agree_by_nothing() -> None:
    found = told(document("one", story(1)), document("two", story(2)))
    assert (found.verdict, found.together, found.proposed) == ("not_copy", False, False)
    assert found.agrees == ()
    assert found.spans == ()


def test_identical_texts_agree_by_their_digest() -> None:
    found = told(document("one", story(1)), document("two", story(1)))
    assert (found.verdict, found.agrees, found.proposed) == ("identical", ("digest",), True)
    assert found.together


def test_where_people_decided_that_is_said() -> None:
    documents = [document("a", story(1)), document("b", story(1)), document("c", story(2))]
    lines = Correction(1, "must", ("a", "c")), Correction(2, "cannot", ("a", "b"))
    for other, verdict in (("c", "not_copy"), ("b", "copy")):
        found = told_of(documents, "a", other, corrections=Corrections(lines))
        assert (found.verdict, found.together) == (verdict, other == "c")
        assert "A correction decided that." in found.said


def test_copies_beyond_the_window_agree_but_were_not_proposed() -> None:
    early = document("one", story(1), published_at="2024-01-01T00:00:00Z")
    late = document("two", story(1)[:5], published_at="2024-03-01T00:00:00Z")
    found = told(early, late)
    assert found.agrees
    assert (found.proposed, found.within_window, found.days_apart) == (False, False, 60.0)
    assert found.said.startswith("Copies by themselves")
    assert found.said.endswith("further apart in time than the window, and so were not compared.")
    whole = told(early, document("two", story(1), published_at="2024-03-01T00:00:00Z"))
    assert whole.said.endswith("further apart in time than the window, and so were not compared.")
    near = told(early, late, window=None)
    assert (near.proposed, near.together) == (True, True)
    assert near.said.endswith("They ended in one cluster.")


def candidates(**changed: float) -> DedupSettings:
    return replace(SETTINGS, candidates=replace(SETTINGS.candidates, **changed))


def test_copies_that_were_not_compared_are_told_why() -> None:
    documents = [document("whole", story(1)), document("cut", story(1)[:2]), *OTHERS]
    hot = told_of(documents, "whole", "cut", settings=candidates(most=0))
    assert (hot.agrees, hot.proposed, hot.together) == (("sample",), False, False)
    assert hot.said.endswith("too many texts have in common what these two have.")
    unlike = told_of(documents, "whole", "cut", settings=candidates(shared=10_000))
    assert (unlike.agrees, unlike.proposed, unlike.together) == ((), False, False)
    assert unlike.said.endswith("nothing that proposes pairs agrees.")


def test_copies_that_a_third_one_keeps_apart_or_brings_together_are_told_so() -> None:
    documents = [document(name, story(1)) for name in "abc"]
    lines = Corrections((Correction(1, "cannot", ("a", "b")),))
    found = [told_of(documents, "c", other, corrections=lines) for other in "ab"]
    assert sorted(one.together for one in found) == [False, True]
    (apart,) = (one.said for one in found if not one.together)
    assert apart.endswith(
        "The other members of their clusters, or the rule for compilations, decided that."
    )
    documents = [document("a", story(1)), document("b", story(2)), document("c", story(2)[:6])]
    lines = Corrections((Correction(1, "must", ("a", "b")),))
    strangers = told_of(documents, "a", "c", corrections=lines)
    assert strangers.together
    assert strangers.said.endswith("The other members of their cluster decided that.")


def test_a_compilation_and_a_story_in_it_are_kept_apart_by_the_rule() -> None:
    stories = {f"story{n}": story(n + 1, 8) for n in range(4)}
    leads = [lead for text in stories.values() for lead in text[:3]]
    documents = [document(name, text) for name, text in stories.items()]
    found = told_of([*documents, document("roundup", leads)], "roundup", "story0")
    assert (found.verdict, found.proposed, found.together) == ("copy", True, False)
    assert found.said.endswith("or the rule for compilations, decided that.")


def test_of_an_index_articles_are_told_that_did_not_come_again(tmp_path: Path) -> None:
    first = [document("one", story(3)), document("one", story(1), version=2), *OTHERS]
    with gathered(first, SETTINGS, 14.0, 1, tmp_path):
        pass
    with gathered([document("two", story(1)[:5])], SETTINGS, 14.0, 1, tmp_path) as work:
        late = explained(work, "one", "two")
    with gathered([], SETTINGS, 14.0, 1, tmp_path) as work:
        assert explained(work, "one", "two") == late
        with pytest.raises(RuleError, match="no article of the index has the id 'no'; it holds 6"):
            explained(work, "one", "no", "the index")
    assert (late.verdict, late.together) == ("copy", True)
    assert late == told_of([*first, document("two", story(1)[:5])], "one", "two")


def test_what_differs_is_told_for_each_side() -> None:
    one = [*story(1), "The mayor of Aldmoor spoke."]
    other = [*story(1), "The mayor of Brennick spoke."]
    found = told(document("one", one), document("two", other))
    assert (found.only_a.names, found.only_b.names) == (("Aldmoor",), ("Brennick",))


def test_texts_without_words_are_told_too() -> None:
    found = told(document("one", ""), document("two", "…"))
    assert (found.verdict, found.proposed, found.together) == ("not_copy", False, False)
    assert rendered(found)


def test_an_article_and_itself_are_identical() -> None:
    found = told_of([document("one", story(1))], "one", "one")
    assert found.verdict == "identical"


def test_of_several_versions_the_last_is_meant() -> None:
    first, second = document("one", story(1)), document("one", story(2), version=2)
    found = told_of([second, first, document("two", story(2))], "one", "two")
    assert found.verdict == "identical"


def test_a_version_that_is_named_is_meant() -> None:
    documents = [document("one", story(1)), document("one", story(2), version=2)]
    documents.append(document("two", story(2)))
    assert told_of(documents, "one@2", "two").verdict == "identical"
    assert told_of(documents, "one@1", "two").verdict == "not_copy"
    with pytest.raises(RuleError, match="'one' has no version 3 in the input; it has 1, 2"):
        told_of(documents, "one@3", "two")
    odd = [document("one@1", story(3)), *documents]
    assert told_of([*odd, document("three", story(3))], "one@1", "three").verdict == "identical"


def test_an_id_that_the_input_does_not_hold_is_refused() -> None:
    with pytest.raises(RuleError, match="no article of the input has the id 'nobody'"):
        told_of(OTHERS, "other1", "nobody")


def test_people_read_the_verdict_the_figures_and_the_spans() -> None:
    found = told(document("whole", story(1)), document("cut", [*story(1)[:4], paragraph(77)]))
    text = rendered(found)
    assert text.startswith("whole and cut: copy\nCopies by themselves")
    for word in ("log-odds", "containment", "shared spans", "only in cut", "They ended in one"):
        assert word in text


def test_a_rewording_is_one_story_and_its_passages_are_told() -> None:
    found = told(document("wire", WIRE), document("reworded", REWORDED))
    assert (found.together, found.same_story) == (False, True)
    assert found.story_log_odds > 0
    assert any("Teller" in passage.words for passage in found.passages)
    assert "passage 1 in 1" in rendered(found)


def test_what_a_story_rests_on_is_told_of_the_texts_that_stand_for_the_clusters() -> None:
    cut = WIRE.rpartition("\n\n")[0]
    documents = [document("wire", WIRE), document("cut", cut), document("far", REWORDED)]
    found = told_of([*documents, *OTHERS], "cut", "far")
    kin = found.kinship
    assert (found.same_story, kin.a, kin.b, kin.model) == (True, "wire@1", "far@1", "retold")
    total = kin.intercept + sum(feature.log_odds for feature in kin.features)
    assert total == pytest.approx(kin.log_odds, abs=0.01)
    assert kin.keys >= kin.keys_needed
    assert "Kowalczyk" in {word.word for word in kin.words}
    assert len(kin.passages) <= kin.passages_a == 6
    assert [(tie.a, tie.b) for tie in kin.path] == [("wire@1", "far@1")]
    assert found.story_said.endswith("are in one story.")
    text = rendered(found)
    for word in (
        "judged     wire@1 and far@1",
        "told_most",
        "order",
        "Kowalczyk",
        "aligned    5 of 6",
    ):
        assert word in text


def test_of_two_in_one_cluster_the_texts_themselves_are_told() -> None:
    cut = WIRE.rpartition("\n\n")[0]
    texts = {"wire": WIRE, "again": WIRE, "cut": cut, "far": REWORDED}
    documents = [document(name, text) for name, text in texts.items()]
    found = told_of([*documents, *OTHERS], "again", "cut")
    assert found.story_said == "They are in one cluster, and so in one story."
    assert (found.kinship.a, found.kinship.b, found.kinship.path) == ("again@1", "cut@1", ())


def test_odds_against_a_story_shrink_with_the_shorter_text() -> None:
    found = told(document("one", WIRE), document("two", story(1)[:2]))
    kin = found.kinship
    total = kin.intercept + sum(feature.log_odds for feature in kin.features)
    limited = max(-SETTINGS.stories.limit, total)
    assert limited * kin.length_share == pytest.approx(kin.log_odds, abs=0.01)
    assert not found.same_story
    assert found.story_said.endswith("different things, or in another way.")
    assert "the shorter one's share of the longer" in rendered(found)


def test_a_story_that_two_texts_share_through_a_third_is_told_with_the_way() -> None:
    documents = [document("re", REWORDED), document("de", TRANSLATED), document("wire", WIRE)]
    found = told_of([*documents, *OTHERS], "re", "de")
    assert found.kinship.model == "translated"
    assert found.kinship.path[0].a == "re@1"
    assert found.kinship.path[-1].b == "de@1"
    odds = [tie.log_odds for tie in found.kinship.path]
    assert min(odds) >= found.kinship.log_odds


def test_why_two_tellings_of_one_story_are_apart_is_told() -> None:
    documents = [document("wire", WIRE), document("far", REWORDED), *OTHERS]
    lines = Corrections((Correction(1, "cannot", ("wire", "far")),))
    found = told_of(documents, "wire", "far", corrections=lines)
    assert (found.same_story, found.story_said) == (False, "A correction keeps them apart.")
    assert found.kinship.path == ()
    days = ("2024-01-01T00:00:00Z", "2024-03-01T00:00:00Z")
    late = [
        document(n, t, published_at=d) for n, t, d in zip("ab", (WIRE, REWORDED), days, strict=True)
    ]
    assert "further apart in time" in told_of([*late, *OTHERS], "a", "b").story_said
    same = told(document("one", story(1)), document("two", story(1)))
    assert same.story_said == "They are in one cluster, and so in one story."
