import pytest

from crawler.addresses import AddressRules, address_rules
from crawler.errors import ConfigError
from crawler.records import CrawlSettings

INTERNAL = [
    "127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "255.255.255.255", "224.0.0.1", "192.0.2.7", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "no address",
    "fec0::1", "64:ff9b:1::7f00:1", "64:ff9b:1:a::1", "::7f00:1", "::5db8:d822", "::ffff:0:127.0.0.1",
    "5f00::1", "3fff::1", "2001::1", "4000::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INTERNAL)
def test_no_internal_address_is_permitted_however_it_is_spelt(address: str) -> None:
    assert not AddressRules((), {}).permits(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_global_addresses_are_permitted(address: str) -> None:
    assert AddressRules((), {}).permits(address)


def test_allowed_networks_open_what_they_name_and_nothing_else() -> None:
    rules = AddressRules(("127.10.0.0/16",), {})
    assert rules.permits("127.10.3.4")
    assert rules.permits("::ffff:127.10.3.4")
    assert rules.is_private("127.10.3.4")
    assert not rules.permits("127.11.0.1")
    assert not rules.is_private("93.184.216.34")


def test_resolve_takes_host_and_port_before_host_alone() -> None:
    rules = AddressRules(
        (), {"a.example": "10.0.0.1", "a.example:81": "10.0.0.2:8081", "b.example": "[::1]:8082"}
    )
    assert rules.target("a.example", 80) == ("10.0.0.1", 80)
    assert rules.target("a.example", 81) == ("10.0.0.2", 8081)
    assert rules.target("b.example", 443) == ("::1", 8082)
    assert rules.target("c.example", 443) == ("c.example", 443)


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        (CrawlSettings(allow_networks=("everything",)), "everything"),
        (CrawlSettings(allow_networks=("127.10.0.1/16",)), "127.10.0.1/16"),
        (CrawlSettings(resolve={"a.example": "127.0.0.1:http"}), "127.0.0.1:http"),
        (CrawlSettings(resolve={"a.example": ":80"}), ":80"),
        (CrawlSettings(resolve={"a.example": "127.0.0.1:99999"}), "127.0.0.1:99999"),
    ],
)
def test_what_is_no_network_or_place_is_named(settings: CrawlSettings, word: str) -> None:
    with pytest.raises(ConfigError, match=r"w\.toml: \[crawl\]") as caught:
        address_rules(settings, "w.toml")
    assert word in str(caught.value)
