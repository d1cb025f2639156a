"""Ask a broker what our customers have with it, at the address the settings name.

A book that holds nobody but the sample company's customers is answered for by a sample broker, where none is set: it
says what our books say, but for a few differences worth finding. Any other broker without an address is an error, in
words: silence about it would look like a pass, and a warning as if something had been compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlsplit

import httpx
from sqlalchemy import Engine

from recon.config import Settings
from recon.connectors.brokers import BrokerStatement, HttpBroker, Wanted, pull
from recon.connectors.brokers.sample import transport
from recon.connectors.http import JsonApi, Patience
from recon.errors import TieoutError
from recon.model.books import Book, Broker
from recon.queries.broker_side import is_sample_book, our_side
from recon.workflows.sample_broker import sample_books

NAMES: Final = {Broker.GTN: "GTN", Broker.ZAG: "ZAG", Broker.VIEWTRADE: "ViewTrade"}
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class BrokerNotConfigured(TieoutError):
    code = "BROKER_NOT_CONFIGURED"

    def __init__(self, broker: Broker) -> None:
        setting = f"RECON_{broker.upper()}"
        super().__init__(
            f"{NAMES[broker]} is not set up, so nothing was compared. Set {setting}_URL and {setting}_TOKEN."
        )


class BrokerAddressRefused(TieoutError):
    code = "BROKER_ADDRESS"

    def __init__(self, broker: Broker) -> None:
        super().__init__(
            f"RECON_{broker.upper()}_URL is no address our token may go to. It must begin with https:// "
            "(http:// only for this machine)."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """How a broker is reached."""

    url: str
    token: str
    transport: httpx.AsyncBaseTransport | None


def ask_broker(
    engine: Engine,
    settings: Settings,
    broker: Broker,
    wanted: Wanted,
    *,
    book: Book,
    as_of: date,
    patience: Patience | None = None,
) -> BrokerStatement:
    """Everything the broker says now. Raises a TieoutError when it is not set up, or cannot be read as a whole."""
    line = _line(engine, settings, broker, book=book, as_of=as_of)
    api = JsonApi(line.url, token=line.token, patience=patience or Patience(), transport=line.transport)
    return pull(NAMES[broker], HttpBroker(api), wanted)


def _line(engine: Engine, settings: Settings, broker: Broker, *, book: Book, as_of: date) -> _Line:
    url, token = settings.broker(broker)
    if url is not None and token is not None:
        return _Line(url=_checked(broker, url), token=token, transport=None)
    if url is not None or not is_sample_book(engine, book):
        raise BrokerNotConfigured(broker)
    books = sample_books(our_side(engine, book=book, broker=broker, as_of=as_of), broker)
    return _Line(url="https://broker.sample", token="", transport=transport(books))


def _checked(broker: Broker, url: str) -> str:
    try:
        parts = urlsplit(url)
        is_fine = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    except ValueError:
        is_fine = False
    if not is_fine or not parts.hostname or parts.username is not None:
        raise BrokerAddressRefused(broker)
    return url
