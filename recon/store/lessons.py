"""Changes to rules that were proposed and dismissed, each in its caller's transaction, with its audit event."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from recon.errors import ReconciliationNotFound
from recon.store import audit
from recon.store.lesson_tables import dismissed_lesson
from recon.store.tables import reconciliation


def dismissed(conn: Connection, name: str) -> dict[str, int]:
    """What was dismissed for the reconciliation of that name: key -> how many pairs spoke for it."""
    query = select(dismissed_lesson.c.lesson_key, dismissed_lesson.c.pair_count).join_from(
        dismissed_lesson, reconciliation
    )
    return {row.lesson_key: row.pair_count for row in conn.execute(query.where(reconciliation.c.name == name))}


def dismiss(conn: Connection, name: str, key: str, *, pair_count: int, actor: str) -> None:
    """Remember it, with the most pairs that spoke for it; once is enough. Raises `ReconciliationNotFound`."""
    number = _id(conn, name)
    values = {"lesson_key": key, "pair_count": pair_count, "dismissed_by": actor}
    wanted = upsert(dismissed_lesson).values(reconciliation_id=number, **values)
    made = conn.execute(
        wanted.on_conflict_do_update(
            index_elements=["reconciliation_id", "lesson_key"],
            set_={"pair_count": wanted.excluded.pair_count, "dismissed_by": actor},
            where=dismissed_lesson.c.pair_count < wanted.excluded.pair_count,
        ).returning(dismissed_lesson.c.lesson_key)
    )
    if made.one_or_none() is not None:
        detail = {"suggestion": key, "matches": pair_count}
        audit.record(
            conn, actor=actor, action="rule_suggestion_dismissed", subject=f"reconciliation {number}", detail=detail
        )


def restore(conn: Connection, name: str, *, actor: str) -> None:
    """Forget everything that was dismissed. Raises `ReconciliationNotFound`."""
    number = _id(conn, name)
    gone = delete(dismissed_lesson).where(dismissed_lesson.c.reconciliation_id == number)
    keys = sorted(conn.execute(gone.returning(dismissed_lesson.c.lesson_key)).scalars())
    if keys:
        detail = {"suggestions": keys}
        audit.record(
            conn, actor=actor, action="rule_suggestions_restored", subject=f"reconciliation {number}", detail=detail
        )


def _id(conn: Connection, name: str) -> int:
    found = conn.execute(select(reconciliation.c.id).where(reconciliation.c.name == name)).scalar_one_or_none()
    if found is None:
        raise ReconciliationNotFound(name)
    return int(found)
