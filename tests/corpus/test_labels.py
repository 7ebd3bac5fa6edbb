"""What extractors agree on, and which pages tell one story."""

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import labels
from corpus.held import grams
from corpus.profiles import LearningPage
from corpus.tokens import words
from tests.corpus.made_up import paragraph, story
from tests.corpus.made_up_site import learning_page

BLOCKS = [*story(1, 3), "What comes next", "Read also: the mill"]


def test_two_extractors_must_both_hold_a_block() -> None:
    both = labels.labels(BLOCKS, ["\n".join(BLOCKS), "\n".join(BLOCKS[:2])])
    assert both == (True, True, False, False, False)


def test_of_three_extractors_two_suffice() -> None:
    assert labels.labels(BLOCKS[:1], [BLOCKS[0], BLOCKS[0], "another text"]) == (True,)
    assert labels.labels(BLOCKS[:1], [BLOCKS[0], "one text", "another text"]) == (False,)


def test_an_extractor_without_an_answer_has_no_vote() -> None:
    assert labels.labels(BLOCKS[:1], [BLOCKS[0], BLOCKS[0], " "]) == (True,)


def test_a_short_block_must_be_a_line_of_the_answer() -> None:
    inside = f"He asked what comes next. {BLOCKS[0]}"
    assert labels.labels(["What comes next"], [inside, inside]) == (False,)
    line = f"{BLOCKS[0]}\nWhat comes next\n"
    assert labels.labels(["What comes next"], [line, line]) == (True,)


def test_a_long_block_may_be_cut_short() -> None:
    text = " ".join(BLOCKS[0].split()[:30])
    assert labels.labels([BLOCKS[0]], [text, text]) == (True,)


def test_a_block_without_words_is_never_the_story() -> None:
    assert labels.labels(["* * *"], ["* * *", "* * *"]) == (False,)


def test_a_page_with_hardly_any_story_is_not_read() -> None:
    text = "The bridge is open."
    page = LearningPage(url="/1", html=f"<body><p>{text}</p></body>", texts=(text, text))
    assert labels.read(page) is None


def test_a_page_of_thousands_of_blocks_is_not_read() -> None:
    page = learning_page(1)
    long = LearningPage(url="/1", html=page.html + "<p>row</p>" * 4_000, texts=page.texts)
    assert labels.read(long) is None


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(1, 7)))
def test_one_page_stands_for_a_story_in_whatever_order_pages_come(order: list[int]) -> None:
    copied = "\n".join([*story(1, 6), paragraph(44)])
    html = learning_page(1).html.replace("</div>", f"<p>{paragraph(44)}</p></div>", 1)
    copy = LearningPage(url="/copy", html=html, texts=(copied, copied))
    read = [labels.read(learning_page(n)) for n in order]
    stories = [story for story in (labels.read(copy), *read) if story]
    kept = labels.distinct(stories, 20)
    assert len(stories) == 7
    assert len(kept) == 6
    assert [s.key for s in kept] == [s.key for s in labels.distinct(stories[::-1], 20)]


def test_agreement_is_whole_for_the_same_words_and_nothing_for_others() -> None:
    gold = grams(words("a bridge was opened in the rain on monday"))
    assert labels.agreement("A bridge was opened in the rain, on Monday", gold) == 1.0
    assert labels.agreement("Nobody at the mill had been asked", gold) == 0.0


def editions(shared: int, others: int) -> list[labels.Story]:
    """Pages that share most of their text, and stories of their own."""
    common = story(99, 6)
    pages = [
        learning_page(n, texts=("\n".join(lines),) * 2, html=page(n, lines))
        for n, lines in enumerate([[*story(n, 2), *common] for n in range(1, shared + 1)], 1)
    ]
    pages += [learning_page(n) for n in range(50, 50 + others)]
    read = [labels.read(one) for one in pages]
    assert all(read)
    return [one for one in read if one]


def page(n: int, lines: list[str]) -> str:
    body = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f"<html><head><title>Page {n}</title></head><body><article>{body}</article></body></html>"
    )


def test_editions_of_one_story_on_most_of_a_few_pages_are_one_story() -> None:
    assert len(labels.distinct(editions(5, 3), 20)) == 4


def test_what_is_on_all_of_a_few_pages_or_on_most_of_many_is_standing_text() -> None:
    assert len(labels.distinct(editions(6, 1), 20)) == 7
    assert len(labels.distinct(editions(10, 6), 20)) == 16
