"""Comparisons while one waits: begun once, and their end told, a report or why there is none."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from recon.config import Settings
from recon.model.books import Book, Broker
from recon.workflows.ask_broker import BrokerNotConfigured
from recon.workflows.live_tie_outs import Comparison, LiveTieOuts, Made, TieOutKind
from tests.fakes.broker import TOKEN, FakeBroker, status
from tests.ledger.builders import Ledger
from tests.workflows.test_tie_out_broker import THEIRS, set_up


@pytest.fixture
def ann(engine: Engine) -> UUID:
    return Ledger(engine).customer("ann", book=Book.INDIA)


def ended(place: LiveTieOuts, wanted: Comparison) -> Made:
    deadline = time.monotonic() + 60
    while (made := place.made(wanted)) is None or made.is_live:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return made


@pytest.mark.parametrize("kind", TieOutKind)
@pytest.mark.usefixtures("ann")
def test_each_kind_gives_a_report(engine: Engine, kind: TieOutKind) -> None:
    with FakeBroker(THEIRS) as broker:
        place = LiveTieOuts(engine, set_up(broker))
        wanted = Comparison(kind=kind)
        assert place.made(wanted) is None
        place.start(wanted, actor="ana")
        place.start(wanted, actor="ana")
        report = ended(place, wanted).report
    assert report is not None
    assert (report.broker, report.book) == ("ViewTrade", Book.INDIA)
    assert report.customer_count == 3


@pytest.mark.usefixtures("ann")
def test_one_customers_failure_is_theirs_alone(engine: Engine) -> None:
    with FakeBroker(THEIRS) as broker:
        broker.faults.append(status(404, at="/v1/customers/ann"))
        place = LiveTieOuts(engine, set_up(broker))
        wanted = Comparison(kind=TieOutKind.HOLDINGS)
        place.start(wanted, actor="ana")
        report = ended(place, wanted).report
    assert report is not None
    assert list(report.unread) == ["ann"]
    assert {row.customer for row in report.rows} == {"eve"}


@pytest.mark.usefixtures("ann")
def test_a_broker_that_is_not_set_up_is_said(engine: Engine) -> None:
    values: dict[str, Any] = {"RECON_VIEWTRADE_TOKEN": TOKEN}
    place = LiveTieOuts(engine, Settings(**values, _env_file=None))
    wanted = Comparison(kind=TieOutKind.LEDGER, book=Book.UAE, broker=Broker.GTN)
    place.start(wanted, actor="ana")
    assert isinstance(ended(place, wanted).problem, BrokerNotConfigured)
