"""Pages of a site that is known, read by its profile."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.dom import MAX_TAGS, parse, titles, without_unseen
from corpus.profiles import LearningPage, Refusal
from corpus.serving import Reader, Served, serve
from corpus.story import KEPT
from tests.corpus.made_up import paragraph, story
from tests.corpus.made_up_site import (
    NEWSLETTER,
    STANDING,
    headline,
    learned,
    learning_page,
    page,
    url,
)

READER = Reader(learned())
# Story 20 is on no learning page.
STORY = story(20, 6)


def read(
    html: str, at: str, headlines: Sequence[str] = (), reader: Reader = READER
) -> Served | Refusal:
    """As `extract` asks a kept reader."""
    tree = parse(html)
    if tree is None:
        return Refusal("too_large")
    named = headlines or titles(tree)
    return reader.serve(without_unseen(tree), at, named)


def served(html: str) -> Served:
    answer = read(html, url(20))
    assert isinstance(answer, Served), answer
    return answer


def refusal(html: str, at: str = url(20)) -> str:
    answer = read(html, at)
    assert isinstance(answer, Refusal)
    return answer.reason


def fate(html: str, text: str) -> tuple[str, str]:
    answer = served(html)
    of_text = [f for n, f in answer.fates.items() if answer.outline.blocks[n].text == text]
    return of_text[-1]


def test_the_story_alone_is_served() -> None:
    assert served(page(20)).text == "\n\n".join(STORY)


def test_the_text_is_that_of_the_blocks_that_are_kept() -> None:
    answer = served(page(20, more=f"<h2>What comes after the bridge</h2><p>{paragraph(5)}</p>"))
    kept = [answer.outline.blocks[n].text for n, fate in answer.fates.items() if fate == KEPT]
    assert answer.text == "\n\n".join(kept)
    assert kept[-2:] == ["What comes after the bridge", paragraph(5)]


def test_the_answer_names_the_profile_and_the_template() -> None:
    answer = served(page(20))
    assert (answer.profile_id, answer.template) == (READER.profile.id, 0)


def test_a_path_that_was_never_the_story_is_dropped() -> None:
    assert fate(page(20), paragraph(20_500, 12)) == ("furniture", "profile-path")


def test_a_standing_text_is_dropped_at_a_path_of_the_story() -> None:
    assert fate(page(20, more=f"<p>{STANDING}</p>"), STANDING) == ("furniture", "profile-repeated")


def test_a_block_of_links_is_dropped() -> None:
    html = page(20, more='<p>Also: <a href="/mill">Old mill sold to the bank of Ostby</a></p>')
    assert fate(html, "Also: Old mill sold to the bank of Ostby") == ("related", "profile-links")


def test_a_caption_is_dropped() -> None:
    html = page(20, more="<figure><figcaption><p>The bridge at night</p></figcaption></figure>")
    assert fate(html, "The bridge at night") == ("caption", "profile-figcaption")


def test_a_paragraph_said_before_is_dropped() -> None:
    assert fate(page(20, more=f"<p>{STORY[0]}</p>"), STORY[0]) == ("duplicate", "profile-duplicate")


def test_a_plain_list_inside_the_story_is_kept() -> None:
    answer = served(page(20, more="<ul><li>a loaf of rye bread</li><li>two herrings</li></ul>"))
    assert answer.text.endswith("a loaf of rye bread\n\ntwo herrings")


def test_every_block_of_the_container_has_its_fate() -> None:
    answer = served(page(20, before='<p class="letter">By nobody in particular</p>'))
    inside = {n for n, block in enumerate(answer.outline.blocks) if block.inside}
    assert set(answer.fates) == inside
    texts = [answer.outline.blocks[n].text for n in sorted(inside)]
    assert texts[0] == "By nobody in particular"
    assert NEWSLETTER in texts


def test_a_page_of_another_make_is_refused() -> None:
    assert refusal(page(20, container="feature-main")) == "no_container"


def test_a_page_with_next_to_no_text_is_refused() -> None:
    assert refusal(page(20, body=[STORY[0]])) == "too_little_text"


def test_text_at_paths_never_seen_is_refused() -> None:
    lines = "".join(f"<p>{text}</p>" for text in STORY)
    html = page(
        20, body=[paragraph(4, 8)], before=f'<div class="new"><div class="own">{lines}</div></div>'
    )
    assert refusal(html) == "unseen_paths"


def test_a_container_full_of_furniture_is_refused() -> None:
    boxes = "".join(f'<p class="letter">{paragraph(n + 90_000, 60)}</p>' for n in range(12))
    assert refusal(page(20, more=boxes)) == "ratio"


def test_a_text_that_has_no_word_of_its_title_is_refused() -> None:
    assert refusal(page(20, title="Cathedral roofers finish early")) == "title"


def test_a_title_given_by_the_caller_counts_instead_of_the_pages_own() -> None:
    html = page(20, title="Cathedral roofers finish early")
    assert isinstance(read(html, url(20), [headline(20)]), Served)


def test_inflected_words_of_the_title_count() -> None:
    body = [*STORY[:-1], STORY[-1] + " Mosty naprawiono wczoraj."]
    assert isinstance(read(page(20, body=body, title="Naprawiony most zamknięty"), url(20)), Served)


def test_a_title_of_the_sites_words_alone_proves_nothing() -> None:
    assert isinstance(read(page(20, title="Ostby Gazette"), url(20)), Served)


def test_the_opening_of_another_page_is_refused_but_not_the_pages_own() -> None:
    known = page(3)
    assert refusal(known, url(99)) == "same_opening"
    assert isinstance(read(known, url(3)), Served)


def test_a_page_with_more_tags_than_an_article_has_is_refused_unread() -> None:
    assert refusal("<div>" * (MAX_TAGS + 1)) == "too_large"


def test_a_tag_with_no_end_of_attributes_is_refused_unread() -> None:
    assert refusal('<div class="story-text" ' + "a='b' " * 30_000 + ">") == "too_large"


def test_a_chinese_story_may_have_fewer_characters() -> None:
    reader = Reader(learned([chinese(n) for n in range(1, 7)]))
    short = chinese(20, lines=3)
    answer = read(short.html, short.url, reader=reader)
    assert isinstance(answer, Served)
    assert len(answer.text) < 200


def chinese(n: int, lines: int = 6) -> LearningPage:
    """A page of characters in a row that mean nothing."""
    body = [
        "".join(chr(0x4E00 + (n * 977 + m * 331 + k * (k + n)) % 5000) for k in range(45))
        for m in range(lines)
    ]
    text = "\n".join(body)
    return learning_page(n, page(n, body=body, title=body[0][:12]), (text, text))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_no_page_makes_it_fail(html: str) -> None:
    html = "".join(c for c in html if not "\ud800" <= c <= "\udfff")
    assert isinstance(read(html, url(1)), Refusal)
    assert isinstance(read(page(20, more=html), url(20)), Served | Refusal)


@pytest.mark.parametrize("n", [21, 22, 23])
def test_one_page_and_a_kept_reader_give_the_same(n: int) -> None:
    assert serve(READER.profile, page(n), url(n)) == read(page(n), url(n))


def test_a_stored_profile_reads_as_before() -> None:
    stored = msgspec.json.decode(msgspec.json.encode(READER.profile), type=type(READER.profile))
    assert serve(stored, page(20), url(20)) == read(page(20), url(20))
