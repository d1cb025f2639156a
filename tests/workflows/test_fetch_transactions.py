"""What is fetched is kept like a file: the same rows are one upload, and a run on them can be replayed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from recon.cli.options import NeedsDatabase, existing
from recon.connectors import CONNECTORS
from recon.model.ledger import AccountType
from recon.store.evidence import Evidence
from recon.workflows.fetch_transactions import fetch_transactions, is_address
from recon.workflows.read_for_feed import read_for_feed
from tests.ledger.builders import Ledger


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    made = Ledger(engine)
    bank = made.open(AccountType.LIABILITY, overdraft=True, metadata={"name": "Float"})
    made.transfer(bank, made.open(metadata={"name": "Alice"}), "500.00")
    return made


def test_the_same_transactions_are_one_upload_and_others_another(ledger: Ledger, evidence_url: str) -> None:
    evidence = Evidence(evidence_url)

    def fetched(address: str) -> int:
        return fetch_transactions(ledger.engine, evidence, address, actor="ana").id

    first = fetched("ledger:uae/Alice")
    assert fetched("ledger:uae/Alice") == first
    assert fetched("ledger:uae/Float") != first
    ledger.transfer(*(ledger.open(AccountType.ASSET, overdraft=True) for _ in range(2)), "1.00")
    assert fetched("ledger:uae/Alice") == first
    read = read_for_feed(ledger.engine, evidence, first, feed=None, actor="ana").stored.preview
    assert (read.format, read.rows_accepted, read.questions, read.refused) == ("parquet", 1, (), None)
    with ledger.engine.connect() as conn:
        query = "select distinct detail ->> 'address' from audit_event where action = 'transactions_fetched'"
        assert set(conn.execute(text(query)).scalars()) == {"ledger:uae/Alice", "ledger:uae/Float"}


def test_an_address_starts_with_a_connectors_name() -> None:
    assert [connector.NAME for connector in CONNECTORS if not is_address(f"{connector.NAME}:x")] == []
    assert not any(map(is_address, ("bank.csv", "C:\\bank.csv", "ledger", "ledger.csv", "other:uae/Alice")))
    with pytest.raises(NeedsDatabase, match="recon run"):
        existing(Path("ledger:uae/Alice"))
