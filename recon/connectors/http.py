"""JSON over HTTP with patience and limits: so many calls at once, tries and bytes, and an end to all of it.

Rules it keeps: only what may pass is tried again (time-outs, 429, 5xx), after a random wait that grows, or as long as
the server asks; no redirect is followed, for it would take our token along; numbers keep their digits, none is a float.
"""

from __future__ import annotations

import asyncio
import json
import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from types import TracebackType
from typing import Any, Final, NoReturn, Self

import httpx

from recon.alerts.retry import retry_after

BODY_LIMIT: Final = 16 * 2**20
"""Bytes of an answer. We ask for it as it is; one that comes packed is refused, for a little may unpack to a lot."""

MAY_PASS: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


class CallFailed(Exception):
    """A call that came to nothing; the text completes "GTN ..." and names no address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long we wait, and for how much. Seconds."""

    tries: int = 5
    base: float = 0.5
    longest_wait: float = 60
    one_call: float = 20
    altogether: float = 240
    at_once: int = 8


class JsonApi:
    """A server's API for the length of an `async with`, which begins the time there is altogether."""

    def __init__(
        self,
        base_url: str,
        *,
        token: str,
        patience: Patience,
        transport: httpx.AsyncBaseTransport | None = None,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url.rstrip("/"),
            headers={
                "authorization": f"Bearer {token}",
                "accept": "application/json",
                "accept-encoding": "identity",
                "user-agent": "Tieout",
            },
            timeout=patience.one_call,
            limits=httpx.Limits(max_connections=patience.at_once),
            follow_redirects=False,
            trust_env=False,
            verify=_tls(),
            transport=transport,
        )
        self._patience = patience
        self._turn = asyncio.Semaphore(patience.at_once)
        self._end = clock() + patience.altogether
        self._chance, self._clock = chance, clock

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The JSON document at a path; numbers with a point come as Decimal. Raises CallFailed."""
        for done in range(self._patience.tries):
            try:
                async with self._turn:
                    status, wanted_wait, body = await self._ask(path, params or {})
            except (TimeoutError, httpx.TimeoutException):
                why, wanted_wait = "did not answer in time", None
            except httpx.HTTPError:
                why, wanted_wait = "could not be reached, or broke off its answer", None
            else:
                if status == 200:
                    return _document(body)
                why = _refusal(status)
                if status not in MAY_PASS:
                    raise CallFailed(why)
            if done + 1 < self._patience.tries:
                await self._wait(done, wanted_wait, why)
        raise CallFailed(f"{why}, {self._patience.tries} times")

    async def _ask(self, path: str, params: Mapping[str, str]) -> tuple[int, float | None, bytes]:
        left = self._end - self._clock()
        if left <= 0:
            raise CallFailed("took too long altogether; the rest was not asked for")
        async with (
            asyncio.timeout(min(self._patience.one_call, left)),
            self._client.stream("GET", path, params=dict(params)) as response,
        ):
            if response.status_code != 200:
                asked = retry_after(response.headers.get("retry-after"), now=datetime.now(UTC))
                return response.status_code, None if asked is None else asked.total_seconds(), b""
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "application/json" or response.headers.get("content-encoding", "identity") != "identity":
                raise CallFailed("answered with something that is not JSON")
            body = bytearray()
            async for chunk in response.aiter_raw(65_536):
                body += chunk
                if len(body) > BODY_LIMIT:
                    raise CallFailed(f"sent more than {BODY_LIMIT // 2**20} MB at once")
            return 200, None, bytes(body)

    async def _wait(self, done: int, wanted: float | None, why: str) -> None:
        """A random part of a time that doubles, so that many who failed together do not come back together."""
        usual = self._chance() * min(self._patience.base * 2**done, self._patience.longest_wait)
        wait = usual if wanted is None else max(usual, wanted)
        if wait > min(self._patience.longest_wait, self._end - self._clock()):
            raise CallFailed(f"{why}, and there is no time to wait as long as it asks")
        await asyncio.sleep(wait)


@cache
def _tls() -> ssl.SSLContext:
    """Made once: reading all certificate authorities takes longer than most calls."""
    return httpx.create_ssl_context(trust_env=False)


def _refusal(status: int) -> str:
    match status:
        case 401 | 403:
            return f"refused our token ({status})"
        case 404:
            return "knows nothing under that name (404)"
        case 429:
            return "asked us to slow down (429)"
        case _:
            return f"answered with status {status}"


def _document(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise CallFailed("answered with JSON that is cut off or broken") from None


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")
