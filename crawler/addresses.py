"""Which addresses may be contacted, and where a host name is to be sought.

In: the `allow_networks` and `resolve` settings. Out: answers about addresses. The rule is "global
addresses and the allowed networks, nothing else"; the resolver and the socket are in
`crawler.fetch`, which asks here for the very address it is about to connect to.
"""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from crawler.errors import ConfigError
from crawler.records import CrawlSettings

_Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")
# All global unicast there is (IANA, IPv6 address space). Outside of it lie site-local, v4-compatible
# and v4-translated addresses, local NAT64 and segment routing, some of which `is_global` lets pass.
_UNICAST = IPv6Network("2000::/3")
_DOCUMENTATION = IPv6Network("3fff::/20")  # RFC 9637, unknown to Python 3.11


class AddressRules:
    """The allowed networks and the `resolve` map, made ready."""

    def __init__(self, allow_networks: tuple[str, ...], resolve: Mapping[str, str]) -> None:
        self._networks = tuple(ip_network(text) for text in allow_networks)
        self._resolve = {key.lower(): _host_and_port(value) for key, value in resolve.items()}

    def target(self, host: str, port: int) -> tuple[str, int]:
        """Host and port to resolve for this host and port: the map's, else the same."""
        mapped = self._resolve.get(f"{host}:{port}") or self._resolve.get(host)
        if mapped is None:
            return host, port
        return mapped[0], mapped[1] or port

    def permits(self, address: str) -> bool:
        """Whether this address may be connected to, seen through every kind of v4-in-v6."""
        try:
            ip = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return all(self._allowed(a) or _is_public(a) for a in _meant(ip))

    def is_private(self, address: str) -> bool:
        """Whether this address is in an allowed network, so that its owner set the pace."""
        try:
            return self._allowed(ip_address(address))
        except ValueError:
            return False

    def _allowed(self, ip: _Address) -> bool:
        return any(ip in network for network in self._networks)


def address_rules(settings: CrawlSettings, where: str) -> AddressRules:
    """The settings' rules; a `ConfigError` names the entry that is no network or address."""
    for text in settings.allow_networks:
        try:
            ip_network(text)
        except ValueError as error:
            raise ConfigError(
                f'{where}: [crawl] allow_networks: {error}; write e.g. "127.10.0.0/16"'
            ) from None
    for key, value in settings.resolve.items():
        try:
            _host_and_port(value)
        except ValueError:
            raise ConfigError(
                f"{where}: [crawl] resolve: '{key}' = '{value}' is no \"address:port\""
            ) from None
    return AddressRules(settings.allow_networks, settings.resolve)


def _is_public(ip: _Address) -> bool:
    if isinstance(ip, IPv6Address) and (ip not in _UNICAST or ip in _DOCUMENTATION):
        return False
    return ip.is_global and not ip.is_multicast


def _host_and_port(text: str) -> tuple[str, int]:
    """Host and port of "address:port", "[v6]:port" or a bare address (port 0)."""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
    elif text.count(":") > 1:
        host, port = text, ""
    else:
        host, _, port = text.partition(":")
    if not host or (port and not 0 < int(port) < 65_536):
        raise ValueError(text)
    return host, int(port or 0)


def _meant(ip: _Address) -> tuple[_Address, ...]:
    """The address itself, or with those that its v6 spelling makes a router or socket reach."""
    if isinstance(ip, IPv4Address):
        return (ip,)
    if ip.ipv4_mapped:
        return (ip.ipv4_mapped,)
    if ip in _NAT64:
        return (IPv4Address(int(ip) & 0xFFFFFFFF),)
    if ip.sixtofour:
        return (ip, ip.sixtofour)
    if ip.teredo:
        return (ip, *ip.teredo)
    return (ip,)
