"""Which web addresses may be asked for at all: syntax, names and IP ranges, decided without a network.

A foreign address is text that a stranger wrote. It is taken apart here and nowhere else, so that what is judged is what
is connected to: the host is brought into one canonical form (UTS 46 names, dotted-quad IPv4, plain IPv6) and every other
spelling of a number (octal, decimal, hexadecimal, shortened, percent-encoded) is refused rather than interpreted.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

import idna

from models.errors import ImportRefused

PORTS = {"http": 80, "https": 443}
MAX_URL = 8_000
"""RFC 9110 §4.1 asks for at least 8,000 octets."""

_NO_IPV4 = {
    "0.0.0.0/8": "this network",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "carrier-grade NAT",
    "127.0.0.0/8": "loopback",
    "169.254.0.0/16": "link-local, among them the metadata service of clouds",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "protocol assignments",
    "192.0.2.0/24": "documentation",
    "192.31.196.0/24": "AS112",
    "192.52.193.0/24": "AMT",
    "192.88.99.0/24": "6to4 relays",
    "192.168.0.0/16": "private",
    "192.175.48.0/24": "AS112",
    "198.18.0.0/15": "benchmarks",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved and broadcast",
    "168.63.129.16/32": "Azure's virtual host, metadata behind a public number",
}
"""IANA IPv4 Special-Purpose Address Registry, multicast, and one vendor's virtual host (learn.microsoft.com)."""

_IPV6_UNICAST = ipaddress.IPv6Network("2000::/3")
"""The only block from which IANA gives out global unicast addresses; all else is refused."""
_NO_IPV6 = {
    "2001::/23": "protocol assignments, among them Teredo",
    "2001:db8::/32": "documentation",
    "2002::/16": "6to4, which hides an IPv4 address and was withdrawn (RFC 7526)",
    "2620:4f:8000::/48": "AS112",
    "3fff::/20": "documentation",
}
"""IANA IPv6 Special-Purpose Address Registry, as far as it lies inside `2000::/3`."""
_CARRIES_IPV4 = ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/96")
"""IPv4-compatible, -mapped and -translated, and NAT64: the last 32 bits are the IPv4 address that is meant."""

_LOCAL_NAMES = {
    "localhost": "RFC 6761",
    "localdomain": "the usual search domain of one machine",
    "ip6-localhost": "Debian's /etc/hosts",
    "ip6-loopback": "Debian's /etc/hosts",
    "local": "RFC 6762",
    "internal": "reserved by ICANN in 2024; clouds' metadata services live below it",
    "home.arpa": "RFC 8375",
}
"""Names, with all below them, that never mean a public site."""

_BLOCKED4 = tuple(map(ipaddress.IPv4Network, _NO_IPV4))
_BLOCKED6 = tuple(map(ipaddress.IPv6Network, _NO_IPV6))
_INNER4 = tuple(map(ipaddress.IPv6Network, _CARRIES_IPV4))
_SCHEME = re.compile(r"([^/?#]*)://")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\]")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True)
class WebAddress:
    """An address taken apart. `host` is canonical: an ASCII name, dotted-quad IPv4, or IPv6 without brackets."""

    scheme: str
    host: str
    port: int
    rest: str
    """Path, query and fragment as they stood."""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.rest or '/'}"

    @property
    def origin(self) -> str:
        return str(WebAddress(self.scheme, self.host, self.port, "/")).rstrip("/")

    @property
    def is_ip(self) -> bool:
        """False for a name, which only a resolver can judge."""
        return is_ip(self.host)


def parse_address(url: str, *, bare: bool = False) -> WebAddress:
    """An http(s) address taken apart; `bare` also takes one without its scheme. Raises `ImportRefused`, one sentence.

    User names and passwords are refused: they have no place in a public address, and hide the host from readers.
    """
    shown = repr(url if len(url) <= 200 else url[:200] + "…")
    head = re.split(r"[?#]", url, maxsplit=1)[0]
    if len(url) > MAX_URL or _FORBIDDEN.search(head):
        raise ImportRefused(
            f"{shown} is not a valid web address: it is too long or holds characters that none may hold."
        )
    found = _SCHEME.match(url)
    if found is None and not bare:
        raise ImportRefused(f"{shown} cannot be fetched: write the whole address, with https:// in front.")
    scheme = found.group(1).lower() if found else "http"
    if scheme not in PORTS:
        raise ImportRefused(f"{shown} cannot be fetched: only http and https addresses are.")
    after = url[found.end() :] if found else url.lstrip("/")
    authority = re.split(r"[/?#]", after, maxsplit=1)[0]
    rest = after[len(authority) :]
    if "@" in authority:
        raise ImportRefused("An address with a user name or password in it cannot be fetched: use a public address.")
    if not authority:
        raise ImportRefused(f"{shown} names no host: check the address.")
    host, port = _host_and_port(authority)
    canonical = _canonical(host) if host else None
    number = PORTS[scheme] if port == "" else int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0
    if canonical is None or not 0 < number < 65_536:
        raise ImportRefused(f"{shown} has no valid host and port: check the address.")
    return WebAddress(scheme, canonical, number, rest if rest.startswith("/") or not rest else f"/{rest}")


def is_allowed(url: str) -> bool:
    """Whether an address, with or without its scheme, may be asked for, as far as its text can tell.

    False for whatever is not a web address or leads to a host that is not public. A name is judged again, by the
    addresses it resolves to, when the connection is made; so is the port, which this leaves open.
    """
    try:
        address = parse_address(url, bare=True)
    except ImportRefused:
        return False
    return is_public(address.host) if address.is_ip else not is_local_name(address.host)


def is_public(text: str) -> bool:
    """Whether an IP address belongs to a public host. An IPv4 address inside an IPv6 one counts as that IPv4 address.

    The ranges are IANA's registries, not `ipaddress.is_global`, whose table changes with the version of Python and
    leaves out site-local, 6to4 and segment-routing addresses.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _BLOCKED4)
    if address.scope_id is not None:
        return False
    if any(address in network for network in _INNER4):
        return is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
    return address in _IPV6_UNICAST and not any(address in network for network in _BLOCKED6)


def is_ip(host: str) -> bool:
    """Whether a canonical host is an IP address rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(text: str) -> bool:
    """Whether an IP address is this machine: 127.0.0.0/8 or ::1, in no other spelling."""
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


def is_local_name(host: str) -> bool:
    """Whether a canonical name can only mean something in the local network."""
    return any(host == name or host.endswith(f".{name}") for name in _LOCAL_NAMES)


def _host_and_port(authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        host, bracket, port = authority.partition("]")
        if not bracket or (port and not port.startswith(":")):
            return "", ""
        return f"{host}]", port[1:]
    host, _, port = authority.partition(":")
    return host, port


def _canonical(host: str) -> str | None:
    """The one spelling of a host, or None when it has none."""
    if host.startswith("["):
        try:
            return str(ipaddress.IPv6Address(host[1:-1])) if "%" not in host else None
        except ValueError:
            return None
    try:
        mapped = host.lower() if host.isascii() else idna.uts46_remap(host, std3_rules=False, transitional=False)
    except idna.IDNAError:
        return None
    labels = [_ascii(label) for label in mapped.removesuffix(".").split(".")]
    if not all(_LABEL.fullmatch(label) for label in labels) or len(".".join(labels)) > 253:
        return None
    name = ".".join(labels)
    if not _NUMBER.fullmatch(labels[-1]):
        return name
    try:  # What ends in a number is an IPv4 address in its one canonical form, or nothing (WHATWG URL, § 3.5).
        return str(ipaddress.IPv4Address(name)) if name == mapped else None
    except ValueError:
        return None


def _ascii(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"
