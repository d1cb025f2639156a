"""Table definitions of the outbox: alerts that are to be delivered, and how the place they go to has been answering."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from recon.store.tables import metadata

alert = Table(
    "alert",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("webhook_id", Text, nullable=False, unique=True, server_default=text("'alert_' || gen_random_uuid()")),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("kind", Text, nullable=False),  # recon.alerts.message.Kind
    Column("payload", JSONB, nullable=False),  # recon.alerts.message.StatusChange as a dict
    Column("state", Text, nullable=False, server_default="pending"),
    Column("attempt", SmallInteger, nullable=False, server_default="0"),  # only grows: it fences older attempts off
    Column("try_count", SmallInteger, nullable=False, server_default="0"),  # since it was raised or sent again by hand
    Column("next_try_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("lease_until", DateTime(timezone=True)),
    Column(
        "expires_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=text("clock_timestamp() + interval '3 days'"),
    ),
    Column("delivered_at", DateTime(timezone=True)),
    Column("error_text", Text),  # why the last try failed
    CheckConstraint("state in ('pending','delivered','dead','kept')", name="state"),
    CheckConstraint("(state = 'delivered') = (delivered_at is not null)", name="delivered"),
    Index("alert_pending", "next_try_at", "id", postgresql_where=text("state = 'pending'")),
    Index("alert_dead", "id", postgresql_where=text("state = 'dead'")),
)
"""`kept`: there was no address to send it to; the page shows it, and that is all."""

alert_endpoint = Table(
    "alert_endpoint",
    metadata,
    Column("endpoint", Text, primary_key=True),  # sha256 of the address, which may hold a secret
    Column("failure_count", Integer, nullable=False, server_default="0"),  # in a row
    Column("paused_until", DateTime(timezone=True)),
    Column("failed_at", DateTime(timezone=True)),
    Column("delivered_at", DateTime(timezone=True)),
    Column("error_text", Text),
)
