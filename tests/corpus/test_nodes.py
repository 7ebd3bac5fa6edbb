import math
from datetime import UTC, datetime, timedelta

from corpus.documents import Document
from corpus.nodes import Nodes
from corpus.pairs import Texts
from tests.compared import compared
from tests.corpus.made_up import SETTINGS, paragraph


def distinct(
    texts: list[str],
    days: list[float] | None = None,
    hosts: list[str] | None = None,
    window: float = 14,
) -> tuple[Nodes, Texts]:
    """The distinct texts of documents in their order, and their rows."""
    documents = [
        Document(
            article_id=f"{n:03}",
            text=text,
            host=hosts[n] if hosts else str(n),
            published_at=_day((days or [0.0] * len(texts))[n]),
        )
        for n, text in enumerate(texts)
    ]
    found = compared(documents, SETTINGS, window)
    return found.nodes, found.texts


def _day(day: float) -> str | None:
    known = datetime(2026, 1, 1, tzinfo=UTC)
    return None if math.isnan(day) else (known + timedelta(days=day)).isoformat()


A, B = paragraph(1), paragraph(2)


def test_texts_that_differ_in_typography_only_are_one() -> None:
    found, _ = distinct([A, B, A.upper(), A + " —"])
    one, other = found.node[:2].tolist()
    assert one != other
    assert found.node.tolist() == [one, other, one, one]
    assert found.weights[[one, other]].tolist() == [3, 1]


def test_texts_without_words_are_each_their_own() -> None:
    assert distinct(["", "", "…"])[0].weights.tolist() == [1, 1, 1]


def test_identical_texts_are_parted_by_a_silence_longer_than_the_window() -> None:
    found, _ = distinct([A, A, A, A], [0.0, 10.0, 20.0, 40.0])
    assert found.node.tolist() == [0, 0, 0, 1]
    assert (found.last - found.first).tolist() == [20.0, 0.0]


def test_an_undated_text_is_one_with_the_earliest_of_its_kind() -> None:
    found, _ = distinct([A, A, A], [40.0, math.nan, 0.0])
    assert found.node.tolist() == [1, 0, 0]


def test_distinct_texts_stand_in_the_order_of_their_days_the_undated_last() -> None:
    found, _ = distinct([A, B, paragraph(3)], [math.nan, 5.0, 2.0])
    assert found.source.tolist() == [2, 1, 0]
    assert math.isnan(found.first[-1])


def test_of_identical_texts_the_one_with_least_furniture_speaks() -> None:
    others = [f"{A} {paragraph(n, 200)}" for n in range(10, 14)]
    found, _ = distinct([A, A, *others], hosts=["one", "two", *["one"] * 4])
    assert found.source[found.node[0]] == 1  # on the first host it has become furniture
    assert found.node[0] == found.node[1]


def test_names_inside_furniture_go_with_it() -> None:
    block = "Read more in the Hartwell Almanac of 1931 every day"
    texts = [f"{paragraph(n)} {block}" for n in range(5)]
    with_host = distinct(texts, hosts=["one"] * 5)[1]
    without = distinct(texts, hosts=[""] * 5)[1]
    lost = without.names.lengths - with_host.names.lengths
    assert (lost >= 2).all()
