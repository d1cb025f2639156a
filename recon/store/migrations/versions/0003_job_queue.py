"""The job queue's tables and functions, as procrastinate 3.10 wants them.

The .sql file beside this one is `procrastinate/sql/schema.sql` of that version (MIT licence), word for word, so that
this step stays what it was. A newer procrastinate brings files in `procrastinate/sql/migrations`: a new step each time,
which executes those that are new.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().connection.cursor().execute(script)  # many statements at once: the driver's own cursor takes them
