"""A feed has files and says when it expects them; a reading keeps the accounts and controls of its file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FEED_FILE = """
    CREATE TABLE feed_file (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        feed_id BIGINT NOT NULL,
        upload_id BIGINT NOT NULL,
        reading_id BIGINT NOT NULL,
        came_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
        came_by TEXT NOT NULL,
        totals JSONB NOT NULL,
        shared JSONB,
        accepted JSONB DEFAULT '[]'::jsonb NOT NULL,
        set_aside_at TIMESTAMP WITH TIME ZONE,
        set_aside_by TEXT,
        CONSTRAINT feed_file_pkey PRIMARY KEY (id),
        CONSTRAINT feed_file_feed_id_upload_id_key UNIQUE (feed_id, upload_id),
        CONSTRAINT feed_file_set_aside_check CHECK ((set_aside_at is null) = (set_aside_by is null)),
        CONSTRAINT feed_file_feed_id_fkey FOREIGN KEY(feed_id) REFERENCES feed (id),
        CONSTRAINT feed_file_upload_id_fkey FOREIGN KEY(upload_id) REFERENCES upload (id),
        CONSTRAINT feed_file_reading_id_fkey FOREIGN KEY(reading_id) REFERENCES reading (id)
    )
"""


def upgrade() -> None:
    op.add_column("feed", sa.Column("arrival", JSONB(), nullable=True))
    op.add_column("feed", sa.Column("arrival_since", sa.DateTime(timezone=True), nullable=True))
    for name in ("accounts", "controls"):
        empty = sa.text("'[]'::jsonb")
        op.add_column("reading", sa.Column(name, JSONB(), server_default=empty, nullable=False))
    op.execute(FEED_FILE)
    op.execute("CREATE INDEX feed_file_upload_id_idx ON feed_file (upload_id)")
