"""Table definition of periods signed off: each row closes a period of a reconciliation, or opens a closed one again.

Rows are only added. What was signed is in the evidence store under the digests a row has.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    func,
)

from recon.store.tables import metadata

period_close = Table(
    "period_close",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("reconciliation_id", ForeignKey("reconciliation.id"), nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("reopens_id", ForeignKey("period_close.id"), unique=True),  # the close that this takes back; none: a close
    Column("signed_by", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("reason", Text, nullable=False),
    Column("digest", Text),  # sha256 of the contents as JSON: what was signed
    Column("workbook_sha256", Text),  # of the pack as XLSX
    Column("document_sha256", Text),  # and as PDF
    Column("action_key", Text, nullable=False, unique=True),  # made when the form is drawn: sent twice, signed once
    CheckConstraint("first_on <= last_on", name="period"),
    CheckConstraint(
        "(reopens_id is null) = (digest is not null) and (digest is null) = (workbook_sha256 is null) "
        "and (digest is null) = (document_sha256 is null)",
        name="pack",
    ),
    Index(None, "reconciliation_id", "first_on"),
)
