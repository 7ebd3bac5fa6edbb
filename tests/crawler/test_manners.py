import msgspec
import pytest

from crawler.errors import ConfigError
from crawler.manners import agent_line, allowance_of, check_contact, url_rules
from crawler.records import CrawlSettings, Source
from crawler.urls import canonical_url

SETTINGS = CrawlSettings(contact="crawler@uni.example")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"contact": ""}, "contact is missing; write your own address"),
        ({"contact": "you@example.org"}, "contact is the example's"),
        ({"contact": "a@b.example\r\nX-Evil: 1"}, "contact stands in every request"),
        ({"bot_page": "https://b.example/ü"}, "bot_page stands in every request"),
        ({"user_agent": "(bot)"}, "must begin with a product token"),
    ],
)
def test_who_we_are_must_be_told_and_tellable(change: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=r"w\.toml: \[crawl\]") as caught:
        check_contact(msgspec.structs.replace(SETTINGS, **change), "w.toml")
    assert words in str(caught.value)


def test_the_agent_line_names_program_page_and_contact() -> None:
    settings = msgspec.structs.replace(SETTINGS, bot_page="https://uni.example/bot")
    assert (
        agent_line(settings) == "WireCorpusBot/0.1 (+https://uni.example/bot; crawler@uni.example)"
    )
    assert agent_line(SETTINGS) == "WireCorpusBot/0.1 (crawler@uni.example)"


def test_a_source_may_have_a_budget_and_a_delay_of_its_own() -> None:
    plain, own = Source("a"), Source("b", max_pages=7, delay=9.0)
    assert (allowance_of(plain, SETTINGS).max_pages, allowance_of(plain, SETTINGS).delay) == (
        500,
        0,
    )
    assert (allowance_of(own, SETTINGS).max_pages, allowance_of(own, SETTINGS).delay) == (7, 9.0)


def test_the_packaged_url_rules_load() -> None:
    assert (
        canonical_url("HTTPS://A.example:443/1?utm_source=x", url_rules()) == "https://a.example/1"
    )
