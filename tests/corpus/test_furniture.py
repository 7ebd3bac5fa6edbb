"""What a site's pages teach."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.furniture import learn
from corpus.profiles import LearningPage, Profile
from corpus.serving import Served, serve
from tests.corpus.made_up import paragraph, story
from tests.corpus.made_up_site import HOST, STANDING, learned, learning_page, page, url

PAGES = [learning_page(n) for n in range(1, 8)]
PROFILE = learned(PAGES)


def test_the_container_is_the_element_that_holds_the_stories_and_little_else() -> None:
    (template,) = PROFILE.templates
    assert template.selector == "div.story-text"
    assert (template.pages, template.agreement) == (7, 1.0)


@settings(max_examples=8, deadline=None)
@given(st.permutations(PAGES))
def test_the_order_of_the_pages_does_not_change_the_profile(pages: list[LearningPage]) -> None:
    assert learn(HOST, pages, "extractors 1") == PROFILE


def test_a_page_given_twice_teaches_once() -> None:
    assert learn(HOST, [*PAGES, *PAGES[:3]], "extractors 1") == PROFILE


def test_four_stories_are_too_few() -> None:
    assert learn(HOST, PAGES[:4], "extractors 1") is None


def test_copies_of_one_story_are_one_story() -> None:
    copies = [
        LearningPage(url=f"{url(1)}?{n}", html=PAGES[0].html, texts=PAGES[0].texts)
        for n in range(3)
    ]
    assert learn(HOST, [*PAGES[:4], *copies], "extractors 1") is None


def test_what_most_pages_repeat_is_no_copy_of_a_story() -> None:
    consent = [paragraph(77_000 + n) for n in range(12)]
    pages = []
    for n in range(1, 7):
        text = "\n".join([*consent, *story(n, 6)])
        html = page(n, before="".join(f"<p>{line}</p>" for line in consent))
        pages.append(learning_page(n, html, (text, text)))
    profile = learned(pages)
    assert profile.stories == 6
    served = serve(profile, page(20, before=f"<p>{consent[0]}</p>"), url(20))
    assert isinstance(served, Served)
    assert consent[0] not in served.text


def test_pages_whose_extractors_disagree_teach_nothing() -> None:
    apart = [
        learning_page(n, texts=("\n".join(story(n, 6)), "\n".join(story(n + 50, 6))))
        for n in range(1, 8)
    ]
    assert learn(HOST, apart, "extractors 1") is None


def test_standing_text_that_all_extractors_take_for_the_story_moves_no_container() -> None:
    wrong = ["\n".join([*story(n, 6), STANDING]) for n in range(1, 7)]
    pages = [learning_page(n, texts=(text, text)) for n, text in enumerate(wrong, 1)]
    assert [t.selector for t in learned(pages).templates] == ["div.story-text"]


def test_a_second_make_of_pages_gets_a_template_of_its_own() -> None:
    def feature(n: int) -> str:
        banner = '<div class="banner"><p>Look here</p></div><div class="feature-page">'
        return page(n, container="feature-main").replace('<div class="page">', banner)

    others = [learning_page(n, feature(n)) for n in range(11, 15)]
    profile = learned([*PAGES, *others])
    assert {t.selector for t in profile.templates} == {"div.story-text", "div.feature-main"}
    for html in (page(30), feature(30)):
        assert isinstance(serve(profile, html, url(30)), Served)


def test_pages_without_classes_are_found_by_their_place() -> None:
    def bare(n: int) -> str:
        cells = "".join(f"<p>{text}</p>" for text in story(n, 6))
        return (
            f"<html><head><title>{story(n)[0][:60]}</title></head><body><table><tr><td>Menu</td>"
            f"<td>{cells}</td></tr></table><p>{STANDING}</p></body></html>"
        )

    profile = learned([learning_page(n, bare(n)) for n in range(1, 7)])
    served = serve(profile, bare(40), url(40))
    assert isinstance(served, Served)
    assert served.text == "\n\n".join(story(40, 6))


def test_where_no_element_can_be_read_as_the_labels_say_there_is_no_profile() -> None:
    # Story and comments alternate at one path, and no comment is said twice.
    def mixed(n: int) -> str:
        lines = [
            line
            for m, text in enumerate(story(n, 6))
            for line in (text, paragraph(n * 1000 + m + 700, 90))
        ]
        return page(n, body=lines)

    assert learn(HOST, [learning_page(n, mixed(n)) for n in range(1, 7)], "extractors 1") is None


def test_words_that_most_titles_have_are_known() -> None:
    assert {"ostby", "gazet"} <= set(PROFILE.title_words)
    assert len(PROFILE.title_words) < 5


@pytest.mark.parametrize("code", [msgspec.json, msgspec.msgpack])
def test_a_profile_survives_being_stored(code: object) -> None:
    stored = code.encode(PROFILE)  # type: ignore[attr-defined]  # both modules have it
    assert code.decode(stored, type=Profile) == PROFILE  # type: ignore[attr-defined]


def test_the_id_is_of_the_content_and_of_the_extractors_version() -> None:
    other = learn(HOST, PAGES, "extractors 2")
    assert other is not None
    assert other.id != PROFILE.id
    assert learned(PAGES).id == PROFILE.id
