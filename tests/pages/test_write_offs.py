"""What is written off or adjusted, as the Triage and Ledger pages show it before and after."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from recon.model.correction import Booking, Correction
from recon.model.outcome import DiscrepancyKind
from recon.model.triage import Command, Move, Resolution, Seen
from recon.queries.write_off_list import Shown
from recon.store.tables import discrepancy
from recon.ui.triage.books import told_booking
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from tests.builders import Item, published_run
from tests.pages.conftest import Visit
from tests.pages.shown import buttons, text
from tests.workflows.books import accounts, named_accounts

EUROS, YEN = 0, 1


@pytest.fixture
def run_id(engine: Engine) -> int:
    """5.00 EUR and 700 JPY."""
    items = [
        Item(kind=DiscrepancyKind.MISSING_IN_REFERENCE, amount=500, source_line=2, description="Kestrel"),
        Item(kind=DiscrepancyKind.MISSING_IN_REFERENCE, amount=700, source_line=3, currency="JPY", description="Osaka"),
    ]
    return published_run(engine, items)


def plain(markdown: str) -> str:
    """Without the marks that keep text from being Markdown."""
    return markdown.replace("\\", "")


def resolve(engine: Engine, place: int, resolution: Resolution, correction: Correction | None = None) -> int:
    """Resolve one of the two; its number."""
    with engine.connect() as conn:
        row = conn.execute(select(discrepancy).order_by(discrepancy.c.id).offset(place).limit(1)).one()
    command = Command(
        move=Move.RESOLVE, resolution=resolution, comment="Small.", correction=correction, action_key=f"{place}"
    )
    resolve_discrepancies(engine, command, [Seen(id=row.id, version=row.version)], actor="operator")
    return int(row.id)


def test_the_panel_says_what_is_posted_before_and_where_it_is_after(visit: Visit, engine: Engine, run_id: int) -> None:
    named_accounts(engine, run_id)
    at = visit("triage", run=str(run_id), sort="id", d="1")
    reason = next(box for box in at.selectbox if box.label == "Reason")
    reason.select(Resolution.WRITTEN_OFF).run()
    assert "Posts **5.00 EUR**: debit" in plain(text(at))
    resolve(engine, EUROS, Resolution.WRITTEN_OFF)
    assert "In the books" in text(visit("triage", run=str(run_id), d="1"))


@pytest.mark.parametrize("shown", Shown)
def test_every_list_of_write_offs_opens_empty_and_full(visit: Visit, engine: Engine, run_id: int, shown: Shown) -> None:
    accounts(engine)
    assert "here" in text(visit("ledger", tab="Write-offs", written_off=shown.value)) or shown is Shown.STANDING
    resolve(engine, EUROS, Resolution.WRITTEN_OFF)
    resolve(engine, YEN, Resolution.ADJUSTED, Correction(booking=Booking.ELSEWHERE))
    at = visit("ledger", tab="Write-offs", written_off=shown.value)
    assert not at.exception
    found = at.dataframe[0].value["Entry"].tolist() if at.dataframe else []
    assert found == {Shown.STANDING: ["Elsewhere", "None yet"], Shown.UNPOSTED: ["None yet"]}.get(shown, [])


def test_what_waits_is_posted_from_the_ledger_once_accounts_are_named(
    visit: Visit, engine: Engine, run_id: int
) -> None:
    resolve(engine, EUROS, Resolution.WRITTEN_OFF)
    accounts(engine)
    assert "Post 1 now" not in buttons(visit("ledger", tab="Write-offs"))
    named_accounts(engine, run_id)
    at = visit("ledger", tab="Write-offs")
    next(button for button in at.button if button.label == "Post 1 now").click().run()
    assert "Decided in" in text(at)
    assert "Reverse" not in buttons(at)


def test_a_loss_debits_the_account_and_a_gain_credits_it(engine: Engine) -> None:
    losses, receivable = accounts(engine)
    names = {losses: "Losses", receivable: "Receivable"}

    def told(lost: int, gained: int) -> str:
        return plain(told_booking(lost, gained, "EUR", (losses, receivable), names))

    assert told(500, 0).endswith("Posts **5.00 EUR**: debit Losses, credit Receivable")
    assert "Posts **2.00 EUR**: debit Receivable, credit Losses" in told(0, -200)
    assert told(500, -200).endswith("(losses 5.00 EUR, gains 2.00 EUR)")
    assert "no accounts are named" in told_booking(500, 0, "EUR", None, names)
