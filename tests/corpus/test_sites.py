"""Which site a URL belongs to."""

from hypothesis import given
from hypothesis import strategies as st

from corpus.sites import is_front_page, leads_into_site, netloc, same_site

PAGE = "https://news.a.example/bridge"


def test_hosts_of_one_registered_domain_are_one_site() -> None:
    assert same_site(PAGE, "http://www.a.example:8080/")
    assert not same_site(PAGE, "https://b.example/")
    assert same_site("https://a.co.uk/", "https://www.a.co.uk/")
    assert not same_site("https://a.co.uk/", "https://b.co.uk/")


def test_a_front_page_is_a_host_without_a_page() -> None:
    assert is_front_page("https://a.example")
    assert is_front_page("https://a.example/")
    assert not is_front_page("https://a.example/?p=1")
    assert not is_front_page("/")


def test_a_link_leads_into_the_site_if_it_leads_to_another_page_of_it() -> None:
    assert leads_into_site("/toll", PAGE)
    assert leads_into_site("https://www.a.example/toll#top", PAGE)
    for href in ("#top", PAGE + "#top", "mailto:a@a.example", "https://b.example/toll"):
        assert not leads_into_site(href, PAGE)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_url_makes_it_fail(a: str, b: str) -> None:
    for url in (a, "https://" + a, "//[" + a):
        assert isinstance(is_front_page(url), bool)
        assert isinstance(leads_into_site(url, b), bool)
        assert isinstance(netloc(url), str)
        assert same_site(url, url)
