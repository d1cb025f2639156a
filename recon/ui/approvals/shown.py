"""What exactly would be done: the rows, the entry, the rules, as they were proposed and as they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import pandas as pd
import streamlit as st

from recon.model.correction import Booking, Correction
from recon.model.ledger import EntryReversed
from recon.model.people import Proposal, ProposalState
from recon.model.settlement import SettleMove
from recon.model.triage import Resolution
from recon.queries.ledger_accounts import names_of
from recon.queries.proposals import open_rows_of, proposed_rows
from recon.queries.write_offs import planned_sums
from recon.ui.format import KINDS, NONE, SIDES, clip, count, counted, day, figure, line_text, md, money
from recon.ui.guard import Desk
from recon.ui.ledger.look import BOOKS
from recon.ui.pager import ROW_HEIGHT, grid_height
from recon.ui.rules.differences import differences_text
from recon.ui.triage.books import told_booking, told_entry
from recon.ui.triage.decide import RESOLUTIONS
from recon.workflows.post_write_off import BOOKED
from recon.workflows.propose_posting import fact_of, lines_of
from recon.workflows.propose_rules import rules_of
from recon.workflows.propose_unmatch import proposed_members

ROWS_SHOWN: Final = 200
CHANGED: Final = "Some of this changed since. Approving it would do nothing: it has to be proposed again."
_RIGHT: Final = ("Difference", "Amount", "Open", "Debit", "Credit")


def what_would_be_done(desk: Desk, asked: Proposal) -> None:
    """Draw it."""
    _SHOWN[asked.body["does"]](desk, asked)


def _discrepancies(desk: Desk, asked: Proposal) -> None:
    rows = proposed_rows(desk.engine, asked, limit=ROWS_SHOWN)
    in_all = len(asked.body["discrepancies"])
    said = counted(in_all, "discrepancy", "discrepancies")
    if resolution := asked.body.get("resolution"):
        st.markdown(f"{said} resolved as **{RESOLUTIONS[Resolution(resolution)]}**")
    else:
        st.markdown(f"{counted(in_all, 'suggestion')} confirmed: the rows of each are matched")
    _grid(
        {
            "Date": [row.date for row in rows],
            "Kind": [KINDS[row.kind].label for row in rows],
            "Description": [clip(row.description or NONE, 80) for row in rows],
            "Difference": [figure(row.amount, row.currency) for row in rows],
            "Ccy": [row.currency for row in rows],
            "Reconciliation": [row.reconciliation for row in rows],
        },
        in_all=in_all,
    )
    if resolution and Resolution(resolution) in BOOKED:
        _booked(desk, asked)
    _warn(asked, has_changed=any(row.has_changed for row in rows))


def _booked(desk: Desk, asked: Proposal) -> None:
    """The entries that would be posted, a line a currency, as they were shown when it was proposed."""
    correction = Correction.from_dict(asked.body["correction"]) if asked.body.get("correction") else None
    if correction is not None and correction.booking is not Booking.POSTED:
        named = f"entry {correction.entry_id} is behind it" if correction.entry_id else "it was corrected elsewhere"
        st.caption(f"Nothing is posted: {named}.")
        return
    lines = asked.body.get("books", ())
    pairs = [(UUID(line["accounts"][0]), UUID(line["accounts"][1])) if line["accounts"] else None for line in lines]
    names = names_of(desk.engine, (id_ for pair in pairs if pair for id_ in pair))
    for line, pair in zip(lines, pairs, strict=True):
        st.caption(told_booking(line["losses"], line["gains"], line["currency"], pair, names))


def _settlement(desk: Desk, asked: Proposal) -> None:
    rows = open_rows_of(desk.engine, asked)
    seen = {(side, line): amount for side, line, amount in asked.body["rows"]}
    st.markdown(_settled(asked, len(seen)))
    _grid(
        {
            "Side": [SIDES[row.side] for row in rows],
            "Date": [row.date for row in rows],
            "Reference": [clip(row.reference or NONE, 40) for row in rows],
            "Text": [clip(row.text or NONE, 60) for row in rows],
            "Open": [figure(seen[row.side.value, row.line], row.currency) for row in rows],
            "Ccy": [row.currency for row in rows],
        },
        in_all=len(seen),
    )
    if asked.body["written_off"]:
        told_entry(desk, planned_sums(desk.engine, asked.body["run_id"], sorted(asked.body["written_off"].items())))
    is_as_seen = all(row.is_open and row.open_amount == seen[row.side.value, row.line] for row in rows)
    _warn(asked, has_changed=len(rows) != len(seen) or not is_as_seen)


def _settled(asked: Proposal, row_count: int) -> str:
    """`2 rows of run 8 are matched; 2.00 EUR is written off as Fee somebody kept`, as Markdown."""
    move, code = SettleMove[asked.body["move"]], asked.body.get("reason_code")
    reason = f" as **{RESOLUTIONS[Resolution(code)]}**" if code else ""
    are = "is" if row_count == 1 else "are"
    said = f"{counted(row_count, 'row')} of run {asked.body['run_id']} {are} {move.value}"
    if move is SettleMove.WRITE_OFF:
        return said + reason
    written_off = _told(asked.body.get("written_off", {}))
    return f"{said}; **{md(written_off)}** is written off{reason}" if written_off else said


def _match(desk: Desk, asked: Proposal) -> None:
    rows = proposed_members(desk.engine, desk.evidence, asked).to_pylist()
    st.markdown(
        f"{counted(len(rows), 'row')} of run {asked.body['run_id']} open again, and never paired with each other"
    )
    _grid(
        {
            "Side": [str(row["side"]).capitalize() for row in rows],
            "Line": [line_text(row["line"]) for row in rows],
            "Date": [row["date"] for row in rows],
            "Reference": [clip(row["payment_ref"] or row["txn_id"] or NONE, 40) for row in rows],
            "Amount": [figure(row["amount"], row["currency"]) for row in rows],
            "Ccy": [row["currency"] for row in rows],
        },
        in_all=len(rows),
    )


def _entry(desk: Desk, asked: Proposal) -> None:
    fact = fact_of(asked)
    lines = lines_of(fact)
    names = names_of(desk.engine, (line.account_id for line in lines))
    what = f"The opposite of entry {fact.reverses_id}" if isinstance(fact, EntryReversed) else "An entry"
    st.markdown(f"{what} in {BOOKS[fact.book]}, booked {day(fact.booked_on)}")
    _grid(
        {
            "Account": [clip(names.get(line.account_id, str(line.account_id)[:8]), 60) for line in lines],
            "Debit": [figure(line.amount, line.currency) if line.amount > 0 else "" for line in lines],
            "Credit": [figure(-line.amount, line.currency) if line.amount < 0 else "" for line in lines],
            "Ccy": [line.currency for line in lines],
        },
        in_all=len(lines),
    )


def _period(_desk: Desk, asked: Proposal) -> None:
    st.markdown(f"{md(asked.subject[:1].upper() + asked.subject[1:])}, is open again: what is in it can be changed")


def _rules(_desk: Desk, asked: Proposal) -> None:
    before, wanted = rules_of(asked)
    st.markdown(f"New runs of **{md(asked.body['reconciliation'])}** start from version {asked.body['after'] + 1}")
    st.markdown(differences_text(before, wanted) if before else "They are its first rules.")


_SHOWN: Final[Mapping[str, Callable[[Desk, Proposal], None]]] = {
    "resolve": _discrepancies,
    "confirm": _discrepancies,
    "settle": _settlement,
    "unmatch": _match,
    "post": _entry,
    "open_again": _period,
    "save_rules": _rules,
}


def _warn(asked: Proposal, *, has_changed: bool) -> None:
    if has_changed and asked.state is ProposalState.OPEN:
        st.warning(CHANGED, icon=":material/sync_problem:")


def _told(amounts: Mapping[str, int]) -> str:
    return " and ".join(money(amount, currency) for currency, amount in sorted(amounts.items()))


def _grid(columns: dict[str, list[Any]], *, in_all: int) -> None:
    frame = pd.DataFrame(columns).head(ROWS_SHOWN)
    config: dict[str, Any] = {
        name: st.column_config.TextColumn(alignment="right") for name in _RIGHT if name in columns
    }
    config["Ccy"] = st.column_config.TextColumn(width=50)
    st.dataframe(
        frame,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=grid_height(len(frame), at_most=10),
        placeholder=NONE,
        column_config=config,
        alt="What the proposal is about",
    )
    if in_all > len(frame):
        st.caption(f"The {count(len(frame))} largest of {count(in_all)}.")
