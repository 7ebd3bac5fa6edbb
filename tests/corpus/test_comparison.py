import pytest

from corpus.clustering import gathered
from corpus.comparison import Explanation, Sought, explained, rendered
from corpus.corrections import NONE, Correction, Corrections
from corpus.documents import Document
from corpus.errors import RuleError
from tests.corpus.made_up import SETTINGS, document, paragraph, story
from tests.corpus.made_up_wires import REWORDED, WIRE

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
) -> Explanation:
    sought = Sought(one, other)
    passing = sought.passing(documents)
    with gathered(passing, SETTINGS, window, 1, corrections=corrections) as work:
        return explained(work, sought)


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
    assert told(early, late, window=None).proposed


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
