"""Where a message may go: to public addresses only, so that no setting makes us knock at doors inside the network.

Judged is what the name resolves to, never how it is written: `0177.0.0.1`, `2130706433` and `①②⑦.⓪.⓪.①` are all
127.0.0.1. All addresses must pass, and the connection is then made to one of those, so the name is not asked twice.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from recon.alerts.problems import AddressRefused, NotSent

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], tuple[str, ...]]

_BLOCKED: Final = tuple(
    ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
_UNICAST_V6: Final = ip_network("2000::/3")
"""All public IPv6 addresses. Outside are ::1, IPv4 in other clothes (::/96, ::ffff:0:0/96, 64:ff9b::/96), link-local,
site-local and multicast; inside, 6to4 (2002::/16) and Teredo wrap IPv4 addresses too and are blocked."""


def is_public(address: Address) -> bool:
    """Whether the address belongs to the public internet. Python's `is_global` alone lets translated addresses pass."""
    if isinstance(address, IPv6Address) and address not in _UNICAST_V6:
        return False
    return address.is_global and not any(address.version == n.version and address in n for n in _BLOCKED)


def checked(texts: tuple[str, ...], *, allow_loopback: bool) -> tuple[Address, ...]:
    """The addresses, if a message may go to every one of them. Raises AddressRefused.

    With `allow_loopback`, for development, this machine may be the receiver; a mix with other machines may not.
    """
    addresses = tuple(ip_address(text) for text in texts)
    if allow_loopback and all(address.is_loopback for address in addresses):
        return addresses
    if not all(is_public(address) for address in addresses):
        raise AddressRefused("its name leads into a private network")
    return addresses


def resolve(host: str, port: int) -> tuple[str, ...]:
    """What the system says the host's addresses are, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def resolve_within(seconds: float, host: str, port: int, resolve: Resolve = resolve) -> tuple[str, ...]:
    """The same, but given up after so long. Raises NotSent.

    The system's resolver cannot be stopped; a thread that hangs in it is left behind until it comes back by itself.
    """
    answers: list[tuple[str, ...]] = []

    def ask() -> None:
        try:
            answers.append(resolve(host, port))
        except (OSError, UnicodeError):
            answers.append(())

    thread = threading.Thread(target=ask, name="resolve", daemon=True)
    thread.start()
    thread.join(seconds)
    if not answers or not answers[0]:
        raise NotSent("Its name could not be resolved.")
    return answers[0]
