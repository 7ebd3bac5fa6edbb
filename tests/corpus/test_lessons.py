"""A lesson takes as many pages as it needs, and proves what it taught."""

from corpus import lessons
from corpus.extract import load_rules
from corpus.frames import Learned, unpack
from corpus.pages import Page
from corpus.rulebook import load_rulebook
from crawler.archive import UrlRules
from tests.corpus import made_up_site as site
from tests.corpus.made_up import story

RULES = load_rules(load_rulebook().files, min_words=5)


def page(n: int, html: str = "") -> Page:
    return Page(
        capture_id=f"p{n}", url=site.url(n), final_url=site.url(n), html=html or site.page(n)
    )


def learn(pages: list[Page], *sizes: int) -> Learned:
    return lessons.learn(site.HOST, pages, sizes, RULES, UrlRules(), lambda: None)


def test_the_first_pages_suffice_where_they_hold_enough_stories() -> None:
    learned = learn([page(n) for n in range(1, 30)], 8, 16, 24)
    assert learned.profile
    assert (learned.pages, learned.stories, len(learned.audits)) == (8, 8, 5)
    assert unpack(learned.profile).made_by == lessons.made_by()


def test_more_pages_are_read_where_the_first_tell_too_few_stories() -> None:
    copies = [page(n, site.page(1)) for n in range(1, 7)]
    learned = learn([*copies, *(page(n) for n in range(7, 20))], 8, 12)
    assert learned.profile
    assert (learned.pages, learned.stories) == (12, 7)


def test_pages_of_which_no_article_is_made_teach_nothing() -> None:
    empty = [page(n, "<html><body><p>Nothing.</p></body></html>") for n in range(1, 7)]
    learned = learn([*empty, *(page(n) for n in range(7, 11))], 8, 16)
    assert learned == Learned(pages=10, stories=4, complaint="4 stories on 10 pages, 5 are needed")


def test_a_profile_that_reads_other_pages_wrongly_is_not_given() -> None:
    def in_two_parts(n: int) -> Page:
        rest = "".join(f"<p>{text}</p>" for text in story(n, 6)[3:])
        first = site.page(n, body=story(n, 3))
        return page(n, first.replace("<aside>", f'<div class="part-two">{rest}</div><aside>'))

    alike = [page(n) for n in range(1, 9)]
    learned = learn([*alike, *(in_two_parts(n) for n in range(9, 14))], 8)
    assert learned.profile is None
    assert max(learned.audits) < 0.85
    assert learned.complaint == "it reads other pages wrongly"
    forgiven = learn([*alike, in_two_parts(9), *(page(n) for n in range(10, 14))], 8)
    assert forgiven.profile


def test_a_check_audits_as_many_as_it_is_told() -> None:
    profile = site.learned()
    found = lessons.check(
        profile, [page(n) for n in range(20, 26)], 2, RULES, UrlRules(), lambda: None
    )
    assert found.outcomes.fates == ("served",) * 6
    assert [audit.page for audit in found.outcomes.audits] == ["p20", "p21"]
