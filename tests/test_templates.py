"""The forms of tests/bench/templates, and that no filling of one is a copy of another."""

from tests.bench.templates import TABLES, Text, copies, forms, posts
from tests.corpus.made_up import cluster_documents, document


def clusters(texts: list[Text]) -> dict[str, set[str]]:
    """The clusters that the texts of each thing are in."""
    found = cluster_documents(
        [
            document(str(n), t.text, host=t.host, published_at=t.published)
            for n, t in enumerate(texts)
        ]
    )
    things: dict[str, set[str]] = {}
    for line in found.lines:
        things.setdefault(texts[int(line.id)].thing, set()).add(line.cluster_id)
    return things


def test_the_same_seed_fills_forms_in_alike_and_another_one_does_not() -> None:
    assert forms(1) == forms(1)
    assert copies(1) == copies(1)
    assert not {t.text for t in forms(1)} & {t.text for t in forms(2)}


def test_no_blank_is_left_and_each_form_is_filled_in_anew() -> None:
    texts = [t.text for t in [*forms(1), *forms(1, alike=True)]]
    assert len(set(texts)) == len(texts) == 24 * len(TABLES["form"])
    assert not any(mark in text for text in texts for mark in "{}[]|")


def test_two_fillings_of_a_form_are_no_copies() -> None:
    found = clusters(forms(1, 2, alike=True))
    assert len(set.union(*found.values())) == len(found) == 2 * len(TABLES["form"])


def test_a_corrected_figure_makes_no_other_story_of_a_copy() -> None:
    found = clusters([t for t in copies(1) if t.kind in {"as filed", "figure corrected"}])
    assert all(len(ids) == 1 for ids in found.values())
    assert len(set.union(*found.values())) == len(found)


def test_a_post_has_the_first_paragraph_of_its_wire_below() -> None:
    texts = posts()
    assert len({t.text for t in texts}) == len(texts)
    assert all(t.text.count("\n\n") == 2 for t in texts)
