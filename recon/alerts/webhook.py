"""Sending one message to one address: a POST that trusts the receiver with nothing, least of all our time.

The name is resolved once and the connection made to the address that was checked, under the name's certificate. No
redirect is followed, no proxy asked. Ten seconds is all it may take, however slowly bytes drip, and of the answer at
most 64 KB are read.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from recon.alerts.address import Address, Resolve, checked, resolve, resolve_within
from recon.alerts.problems import AddressRefused, NotSent

DEADLINE_SECONDS: Final = 10.0
READ_LIMIT: Final = 65_536
ADDRESSES_TRIED: Final = 3
TOO_SLOW: Final = "There was no answer in time."
HEADERS: Final = {"content-type": "application/json", "accept-encoding": "identity", "user-agent": "Tieout"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the receiver said; its words are not kept."""

    status: int
    retry_after: str | None


def send(
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    allow_loopback: bool = False,
    deadline_seconds: float = DEADLINE_SECONDS,
    resolve: Resolve = resolve,
    tls: ssl.SSLContext | None = None,
) -> Answer:
    """POST the body and return the answer. Raises NotSent when there is none, AddressRefused when none may be asked."""
    deadline = time.monotonic() + deadline_seconds
    target = _target(url, allow_loopback=allow_loopback)
    port = target.port or {"https": 443, "http": 80}[target.scheme]
    found = resolve_within(deadline_seconds, target.raw_host.decode(), port, resolve)
    addresses = checked(found, allow_loopback=allow_loopback)
    if target.scheme == "http" and not all(address.is_loopback for address in addresses):
        raise AddressRefused("it does not begin with https://")
    request = _Request(target=target, headers={**HEADERS, **headers}, body=body, tls=tls)
    return asyncio.run(_first_answer(request, addresses[:ADDRESSES_TRIED], deadline - time.monotonic()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    target: httpx.URL
    headers: Mapping[str, str]
    body: bytes
    tls: ssl.SSLContext | None


def _target(url: str, *, allow_loopback: bool) -> httpx.URL:
    try:
        target = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise AddressRefused("it is not an address") from None
    if target.scheme not in ("https", *(["http"] if allow_loopback else [])):
        raise AddressRefused("it does not begin with https://")
    if not target.host:
        raise AddressRefused("it names no host")
    if target.port is not None and not 0 < target.port < 65_536:
        raise AddressRefused("it names a port that there is not")
    if target.userinfo:
        raise AddressRefused("it carries a user name; sign messages with ALERT_WEBHOOK_SECRET instead")
    return target


async def _first_answer(request: _Request, addresses: tuple[Address, ...], seconds: float) -> Answer:
    """The answer of the first address that a connection can be made to, whatever it is."""
    answers: list[Answer] = []
    try:
        async with asyncio.timeout(seconds):
            for address in addresses:
                try:
                    await _ask(request, address, answers)
                except httpx.ConnectError:
                    continue
                break
    except TimeoutError:
        if not answers:
            raise NotSent(TOO_SLOW) from None
    except httpx.TimeoutException:
        raise NotSent(TOO_SLOW) from None
    except httpx.RemoteProtocolError:
        raise NotSent("It does not answer as a web server does.") from None
    except httpx.HTTPError:
        raise NotSent("The connection broke off.") from None
    if not answers:
        raise NotSent("No connection could be made, or its certificate is not valid.")
    return answers[0]


async def _ask(request: _Request, address: Address, answers: list[Answer]) -> None:
    """Send the request to that very address. The answer counts as soon as its head is there, whatever its body does."""
    pinned = request.target.copy_with(host=str(address))
    host, name = request.target.netloc.decode(), request.target.raw_host.decode()
    async with (
        httpx.AsyncClient(
            verify=request.tls or True, trust_env=False, follow_redirects=False, timeout=DEADLINE_SECONDS
        ) as client,
        client.stream(
            "POST",
            pinned,
            content=request.body,
            headers={**request.headers, "host": host},
            extensions={"sni_hostname": name},
        ) as response,
    ):
        answers.append(Answer(status=response.status_code, retry_after=response.headers.get("retry-after")))
        read = 0
        try:
            async for chunk in response.aiter_raw(READ_LIMIT):
                read += len(chunk)
                if read >= READ_LIMIT:
                    return
        except httpx.HTTPError:
            return  # what it said counts, however the rest of it ends
