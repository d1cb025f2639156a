"""From a variance to what is behind it: its figures, what it is about in words, and the ways to the books."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

import streamlit as st

from recon.model.checks import CheckBook, Subject, Variance
from recon.queries.customers import customer_of
from recon.queries.ledger_accounts import names_of
from recon.queries.variances import VarianceRow
from recon.ui.format import clip, day, md, words
from recon.ui.guard import Desk
from recon.ui.integrity.look import figure_of
from recon.ui.ledger.origin import runs_of

LEDGER = "pages/ledger.py"

Found = Variance | VarianceRow


def names_for(desk: Desk, found: Iterable[Found]) -> Mapping[UUID, str]:
    """What people call the accounts these are about."""
    return names_of(desk.engine, {one.subject.account_id for one in found if one.subject.account_id is not None})


def subject_text(subject: Subject, names: Mapping[UUID, str]) -> str:
    """What it is about, on one line: `IND-2004 · AAPL`, `Entry 152 · stripe ch_9`. Plain text."""
    return " · ".join(_parts(subject, names)) or "The book as a whole"


def figures_table(found: Found) -> None:
    """Expected, actual, their difference, and the part of it that is on its way."""
    unit = md(clip(found.unit, 20))
    pairs = [[("Expected", found.expected), ("Actual", found.actual)], [("Difference", found.difference)]]
    if found.explained:
        pairs[-1] += [("on its way", found.explained)]
    lines = (
        " ".join(f":gray[{label}] **{md(figure_of(value, found.unit))}**" for label, value in pair) for pair in pairs
    )
    st.markdown("  \n".join(f"{line} {unit}" for line in lines))
    if found.note:
        st.caption(md(clip(found.note, 400)))


def trace(desk: Desk, subject: Subject, book: CheckBook, names: Mapping[UUID, str]) -> None:
    """Links to whatever the variance names."""
    st.markdown("**Where to look**")
    count = 0
    for label, icon, query in _links(desk, subject, book, names):
        st.page_link(LEDGER, label=label, icon=icon, query_params=query)
        count += 1
    if subject.source_txn_id is not None:
        runs_of(desk, subject.source_txn_id)
    elif not count:
        st.caption(_nowhere(subject))


def _parts(subject: Subject, names: Mapping[UUID, str]) -> Iterator[str]:
    if subject.txn_id is not None:
        yield f"Entry {subject.txn_id}"
    if subject.customer is not None:
        yield clip(subject.customer, 40)
    elif subject.account_id is not None:
        yield clip(names.get(subject.account_id, str(subject.account_id)[:8]), 40)
    if subject.instrument is not None:
        yield clip(subject.instrument, 24)
    if subject.on is not None:
        yield day(subject.on)
    if subject.source_txn_id is not None:
        yield clip(f"{subject.source_system or ''} {subject.source_txn_id}", 48)
    if subject.item is not None:
        yield clip(words(subject.item), 40)
    if subject.currency is not None and not (subject.txn_id or subject.source_txn_id):
        yield clip(subject.currency, 8)


def _links(
    desk: Desk, subject: Subject, book: CheckBook, names: Mapping[UUID, str]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Label (Markdown), icon, and the query of the Ledger page."""
    if subject.txn_id is not None:
        to = {"tab": "Journal", "entry": str(subject.txn_id), "entry_q": str(subject.txn_id)}
        yield f"Entry {subject.txn_id}", ":material/receipt_long:", to
    elif subject.source_txn_id is not None:
        to = {"tab": "Journal", "entry_q": subject.source_txn_id}
        yield f"Entries of {md(clip(subject.source_txn_id, 32))}", ":material/receipt_long:", to
    if subject.account_id is not None:
        name = md(clip(names.get(subject.account_id, str(subject.account_id)[:8]), 32))
        yield f"Account {name}", ":material/account_balance:", {"account": str(subject.account_id)}
        yield f"Entries of {name}", ":material/receipt_long:", {"tab": "Journal", "of": str(subject.account_id)}
    if subject.customer is not None:
        customer = customer_of(desk.engine, book=book.value, external_ref=subject.customer)
        if customer is not None:
            to = {"tab": "Customers", "customer": str(customer)}
            yield f"Customer {md(clip(subject.customer, 32))}", ":material/person:", to


def _nowhere(subject: Subject) -> str:
    if subject.customer is not None:
        return "Our books do not know this customer."
    return "It names no entry, account or customer: the note says what is known."
