"""A message goes to public addresses only, however a private one is written or wrapped."""

from __future__ import annotations

import socket
import time

import pytest

from recon.alerts.address import checked, resolve, resolve_within
from recon.alerts.problems import AddressRefused, NotSent

PRIVATE = (
    *("0.0.0.1", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254"),
    *("172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1"),
    *("198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8"),
    *("64:ff9b::7f00:1", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:10::1", "2001:db8::1"),
    *("2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1"),
    *("fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1"),
)
PUBLIC = ("8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e")


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused, match="private network"):
        checked((address,), allow_loopback=False)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_taken(address: str) -> None:
    assert [str(found) for found in checked((address,), allow_loopback=False)] == [address]


@pytest.mark.parametrize("private", ["10.0.0.1", "::1", "127.0.0.1"])
def test_one_private_address_among_public_ones_spoils_all(private: str) -> None:
    for allow_loopback in (False, True):
        with pytest.raises(AddressRefused):
            checked(("8.8.8.8", private), allow_loopback=allow_loopback)


def test_this_machine_may_be_the_receiver_only_when_it_is_allowed_to() -> None:
    assert len(checked(("127.0.0.1", "::1"), allow_loopback=True)) == 2
    with pytest.raises(AddressRefused):
        checked(("192.168.1.1",), allow_loopback=True)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "①②⑦.⓪.⓪.①", "localhost", "::1"])
def test_however_this_machine_is_written_it_is_found_out(host: str) -> None:
    try:
        found = resolve(host, 443)
    except (OSError, UnicodeError):
        return  # a system that does not read it so; then nothing is sent
    with pytest.raises(AddressRefused):
        checked(found, allow_loopback=False)


def test_a_name_that_is_not_known_is_a_failure_that_may_pass() -> None:
    def unknown(_host: str, _port: int) -> tuple[str, ...]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(NotSent, match="could not be resolved"):
        resolve_within(5, "nowhere.example", 443, unknown)


def test_a_resolver_that_hangs_is_left_behind() -> None:
    def hangs(_host: str, _port: int) -> tuple[str, ...]:
        time.sleep(1)
        return ("8.8.8.8",)

    with pytest.raises(NotSent):
        resolve_within(0.01, "slow.example", 443, hangs)
