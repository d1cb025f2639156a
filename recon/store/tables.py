"""Table definitions: PostgreSQL holds state; files and rows live in the evidence store.

Single amounts are BIGINT minor units, sums NUMERIC(38,0). Rows of a run carry the attempt that wrote them and count
only while it is the run's `published_attempt`. Triggers that keep the history append-only live in the migrations.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

DISCREPANCY_UNIT = (
    "case when currency = any ('{BIF,BYR,CLP,DJF,GNF,ISK,JPY,KMF,KRW,PYG,RWF,UGX,UYI,VND,VUV,XAF,XOF,XPF}') then 1"
    " when currency = any ('{BHD,IQD,JOD,KWD,LYD,OMR,TND}') then 1000"
    " when currency = any ('{CLF,UYW}') then 10000 else 100 end"
)
DISCREPANCY_DUE = (
    f"date + case when gross >= 10000 * ({DISCREPANCY_UNIT}) then 2"
    f" when gross >= 1000 * ({DISCREPANCY_UNIT}) then 5 else 10 end"
)
"""`recon.model.triage.due_on` in SQL, for every currency of `recon.money`."""

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _instant(name: str, *, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _now(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp())


feed = Table(
    "feed",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    _now("created_at"),
    Column("created_by", Text, nullable=False),
    Column("arrival", JSONB),  # recon.model.feed.Arrival as a dict: when a file is expected; none: whenever it comes
    _instant("arrival_since"),  # since when that has been expected
)

feed_mapping = Table(
    "feed_mapping",
    metadata,
    _id(),
    Column("feed_id", ForeignKey("feed.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("mapping", JSONB, nullable=False),  # recon.model.reading.Mapping as a dict
    _now("created_at"),
    Column("created_by", Text, nullable=False),
    UniqueConstraint("feed_id", "version"),
)

upload = Table(
    "upload",
    metadata,
    _id(),
    Column("sha256", Text, nullable=False, index=True),
    Column("filename", Text, nullable=False),  # as the sender named it: shown, never used as a path
    Column("size_bytes", BigInteger, nullable=False),
    _now("received_at"),
    Column("received_by", Text, nullable=False),
    Column("address", Text),  # where it was fetched from; none: somebody sent it
    CheckConstraint("length(sha256) = 64", name="sha256"),
)

reading = Table(
    "reading",
    metadata,
    _id(),
    Column("upload_id", ForeignKey("upload.id"), nullable=False),
    Column("reading_key", Text, nullable=False),  # hash of file, mapping, currency and reader version
    Column("format", Text, nullable=False),
    Column("encoding", Text),
    Column("mapping", JSONB, nullable=False),
    Column("rows_read", BigInteger, nullable=False),
    Column("rows_accepted", BigInteger, nullable=False),
    Column("rows_rejected", BigInteger, nullable=False),
    Column("rows_ignored", BigInteger, nullable=False),
    Column("notes", JSONB, nullable=False),
    Column("accounts", JSONB, nullable=False, server_default=text("'[]'::jsonb")),  # recon.model.reading.Account
    Column("controls", JSONB, nullable=False, server_default=text("'[]'::jsonb")),  # recon.model.reading.Control
    _now("read_at"),
    UniqueConstraint("upload_id", "reading_key"),
    CheckConstraint("rows_read = rows_accepted + rows_rejected + rows_ignored", name="no_row_vanishes"),
)

reconciliation = Table(
    "reconciliation",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    _now("created_at"),
    Column("created_by", Text, nullable=False),
    Column("carry_forward", Boolean, nullable=False, server_default="false"),  # its open items live on in the next run
    Column("calendar", Text, nullable=False, server_default=""),  # recon.calendar: whose business days count
    Column("source_due_days", SmallInteger),  # business days until a source row's counterpart is due; none: never said
    Column("reference_due_days", SmallInteger),
    Column("runs_itself_by", Text),  # who had it run by itself once both feeds have a new file; none: it does not
    _instant("runs_itself_since"),
    CheckConstraint("source_due_days between 0 and 366", name="source_due_days"),
    CheckConstraint("reference_due_days between 0 and 366", name="reference_due_days"),
    CheckConstraint("(runs_itself_by is null) = (runs_itself_since is null)", name="runs_itself"),
)

reconciliation_rules = Table(
    "reconciliation_rules",
    metadata,
    _id(),
    Column("reconciliation_id", ForeignKey("reconciliation.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("rules", JSONB, nullable=False),  # recon.model.rules.Rules as a dict
    Column("note", Text, nullable=False),
    _now("created_at"),
    Column("created_by", Text, nullable=False),
    UniqueConstraint("reconciliation_id", "version"),
)

run = Table(
    "run",
    metadata,
    _id(),
    Column("reconciliation_id", ForeignKey("reconciliation.id"), nullable=False),
    Column("run_key", Text, nullable=False),  # hash of both readings and the rules: the same key is the same run
    Column("rerun_of_id", ForeignKey("run.id")),  # "run again anyway": a new run, linked to the one it repeats
    Column("source_reading_id", ForeignKey("reading.id"), nullable=False),
    Column("reference_reading_id", ForeignKey("reading.id"), nullable=False),
    Column("rules", JSONB, nullable=False),
    Column("requested_by", Text, nullable=False),
    _now("requested_at"),
    Column("status", Text, nullable=False, server_default="queued"),
    Column("stage", Text),
    Column("rows_done", BigInteger, nullable=False, server_default="0"),
    Column("rows_total", BigInteger, nullable=False, server_default="0"),
    _instant("progress_at"),
    Column("attempt", SmallInteger, nullable=False, server_default="0"),  # only grows: it fences older attempts off
    Column("released_count", SmallInteger, nullable=False, server_default="0"),  # attempts given back unharmed
    Column("worker", Text),
    _instant("lease_until"),
    _instant("cancel_requested_at"),
    _instant("started_at"),
    _instant("finished_at"),
    Column("error_code", Text),
    Column("error_text", Text),
    Column("published_attempt", SmallInteger),
    Column("source_count", BigInteger),
    Column("reference_count", BigInteger),
    Column("matched_count", BigInteger),  # matches booked
    Column("matched_row_count", BigInteger),  # rows of both sides in a match
    Column("suggested_count", BigInteger),  # pairs suggested
    Column("discrepancy_count", BigInteger),
    Column("seconds", JSONB),  # stage -> seconds
    Column("confidence", JSONB),  # twenty counts: matches by confidence, in steps of 0.05
    Column("decision_count", BigInteger),  # earlier decisions of people that were replayed; not said of old runs
    Column("manifest", JSONB),  # file -> sha256 of the run's evidence
    Column("digest", Text),  # sha256 over the canonical result: equal runs have equal digests
    CheckConstraint("status in ('queued','running','succeeded','failed','cancelled')", name="status"),
    CheckConstraint("(status = 'succeeded') = (published_attempt is not null)", name="published"),
    Index(
        "run_key_once",
        "run_key",
        unique=True,
        postgresql_where=text("rerun_of_id is null and status not in ('failed','cancelled')"),
    ),
    Index("run_waiting", "requested_at", postgresql_where=text("status in ('queued','running')")),
    Index(None, "reconciliation_id", text("requested_at desc")),
)

run_total = Table(
    "run_total",
    metadata,
    Column("run_id", ForeignKey("run.id"), primary_key=True),
    Column("attempt", SmallInteger, primary_key=True),
    Column("side", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),  # recon.model.outcome.RowOutcome
    Column("row_count", BigInteger, nullable=False),
    Column("amount", Numeric(38, 0), nullable=False),
)

run_proof = Table(
    "run_proof",
    metadata,
    Column("run_id", ForeignKey("run.id"), primary_key=True),
    Column("attempt", SmallInteger, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("source_count", BigInteger, nullable=False),
    Column("source_total", Numeric(38, 0), nullable=False),
    Column("reference_count", BigInteger, nullable=False),
    Column("reference_total", Numeric(38, 0), nullable=False),
    Column("by_kind", JSONB, nullable=False),  # kind -> {"count": n, "amount": "minor units as text"}
    Column("unexplained", Numeric(38, 0), nullable=False),
)

discrepancy = Table(
    "discrepancy",
    metadata,
    _id(),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("attempt", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("side", Text),
    Column("source_line", BigInteger),
    Column("reference_line", BigInteger),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),  # its part of source total - reference total
    Column("gross", BigInteger, nullable=False),  # abs(amount), or of a zero difference the row's own size: for sorting
    Column("date", Date, nullable=False),  # of the source row, else of the reference row
    Column("txn_id", Text),
    Column("payment_ref", Text),
    Column("description", Text),
    Column("counterparty", Text),
    Column("pass", Text),
    Column("confidence", Float),
    Column("detail", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="open"),
    Column("resolution", Text),
    Column("comment", Text),
    _instant("resolved_at"),
    Column("resolved_by", Text),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("assignee", Text),
    Column("due_on", Date, Computed(DISCREPANCY_DUE, persisted=True), nullable=False),
    CheckConstraint("status in ('open','resolved')", name="status"),
    CheckConstraint("(status = 'resolved') = (resolution is not null)", name="resolution"),
)

DISCREPANCY_REFERENCE = "lower(left(coalesce(payment_ref, txn_id, ''), 80))"
DISCREPANCY_PARTY = "lower(left(coalesce(counterparty, description, ''), 80))"
"""What the queue sorts by under Reference and Counterparty; cut, because an index entry has a size limit."""

DISCREPANCY_WORDS = (
    "to_tsvector('simple', 'run' || run_id || 'x ' || translate("
    "coalesce(txn_id, '') || ' ' || coalesce(payment_ref, '') || ' ' || coalesce(counterparty, '')"
    " || ' ' || coalesce(description, ''), '-_/.:#@+<>&~=?|*', repeat(' ', 16)))"
)
"""What the search looks through: words of letters and digits, no stop words, no stems. Punctuation parts words, so that
PostgreSQL's parser cannot see numbers with signs, hosts or tags in a reference. The run is a word of its own: a search
reads one run's rows, not every run's."""

# The queue is one run and status, in one of these orders; a rare kind or currency is found by its own.
_orders: dict[str, tuple[Any, ...]] = {
    "id": (),
    "date": (discrepancy.c.date,),
    "gross": (discrepancy.c.gross,),
    "kind": (discrepancy.c.kind,),
    "currency": (discrepancy.c.currency, discrepancy.c.gross),
    "reference": (text(f"({DISCREPANCY_REFERENCE})"),),
    "party": (text(f"({DISCREPANCY_PARTY})"),),
    "due": (discrepancy.c.due_on, text("(-gross)")),  # of those due on one day, the largest first
}
for _name, _order in _orders.items():
    Index(
        f"discrepancy_by_{_name}",
        discrepancy.c.run_id,
        discrepancy.c.attempt,
        discrepancy.c.status,
        *_order,
        discrepancy.c.id,
    )
Index(
    "discrepancy_of_assignee",
    discrepancy.c.run_id,
    discrepancy.c.attempt,
    discrepancy.c.status,
    discrepancy.c.assignee,
    discrepancy.c.id,
    postgresql_where=discrepancy.c.assignee.is_not(None),
)
Index(
    "discrepancy_search",
    text(f"({DISCREPANCY_WORDS})"),
    postgresql_using="gin",
    postgresql_with={"gin_pending_list_limit": 16384},
    _table=discrepancy,
)
"""New rows wait in a list, which a search reads too, and enter the index many at a time: of a publication, when 16 MB
have come together, and the rest at the next vacuum. That is half the work of a publication that waits for 4 MB."""

discrepancy_tally = Table(
    "discrepancy_tally",
    metadata,
    _id(),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("attempt", SmallInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("date", Date, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    Column("amount", Numeric(38, 0), nullable=False),
    Column("gross", Numeric(38, 0), nullable=False),
    Column("assignee", Text),
    Column("due_on", Date, nullable=False),
    Index(None, "run_id", "attempt"),
)
"""How many discrepancies there are and what they come to: exact figures over a million rows in milliseconds.

Lines are added, never changed (a resolved row is -1 open, +1 resolved), so that writers never wait for each other;
their sums are the figures. A trigger on `discrepancy` writes them in the transaction that changes the rows.
"""

discrepancy_event = Table(
    "discrepancy_event",
    metadata,
    _id(),
    Column("discrepancy_id", ForeignKey("discrepancy.id"), nullable=False, index=True),
    _now("at"),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),  # resolved, reopened, commented, assigned
    Column("resolution", Text),
    Column("comment", Text),
    Column("action_key", Text, nullable=False, index=True),  # made when the form is drawn: a double click is one event
    Column("assignee", Text),  # of assigned: to whom, none: to nobody
    UniqueConstraint("discrepancy_id", "action_key"),
)

audit_event = Table(
    "audit_event",
    metadata,
    _id(),
    _now("at"),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),  # upload_received, run_requested, run_published, ...
    Column("subject", Text, nullable=False),  # "run 12", "upload 3"
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    *(
        Index(f"audit_event_by_{name}", *columns, "at", "id")
        for name, columns in {"time": (), "actor": ("actor",), "action": ("action",), "subject": ("subject",)}.items()
    ),
)

AUDIT_WORDS = (
    "to_tsvector('simple', translate(actor || ' ' || action || ' ' || subject || ' ' || left(detail::text, 4000),"
    " '-_/.:#@+<>&~=?|*\"{}[],', repeat(' ', 22)))"
)
"""What the search of the audit log looks through, in words of letters and digits."""

Index("audit_event_search", text(f"({AUDIT_WORDS})"), postgresql_using="gin", _table=audit_event)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("process", Text, primary_key=True),  # sidecar:<host>:<pid>
    Column("role", Text, nullable=False),
    _instant("started_at", nullable=False),
    _instant("seen_at", nullable=False),
)
