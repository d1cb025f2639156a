"""Writing down what people say about a variance: its class and comments, in the row, its events and the audit log.

Rules it keeps: nobody overwrites a class they have not seen; a command sent twice (the same `action_key`) is one event.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from recon.errors import TieoutError
from recon.model.checks import VarianceClass
from recon.store import audit
from recon.store.check_tables import variance, variance_event


class VarianceNotFound(TieoutError):
    code = "VARIANCE_NOT_FOUND"

    def __init__(self, variance_id: object) -> None:
        super().__init__(f"There is no variance {variance_id}. Open Variances to see those that are open.")


class VarianceChanged(TieoutError):
    code = "VARIANCE_CHANGED"

    def __init__(self, actor: str) -> None:
        super().__init__(f"{actor} changed this variance meanwhile. Nothing was saved. Look at it again, then decide.")


def say(
    conn: Connection,
    variance_id: int,
    *,
    variance_class: VarianceClass | None,
    comment: str | None,
    seen_version: int,
    action_key: str,
    actor: str,
) -> None:
    """Set the class, or only add a comment when the class is None. Raises VarianceNotFound or VarianceChanged."""
    found = conn.execute(
        select(variance.c.version, variance.c["class"]).where(variance.c.id == variance_id).with_for_update()
    ).one_or_none()
    if found is None:
        raise VarianceNotFound(variance_id)
    event = variance_event.c
    of_it = event.variance_id == variance_id
    if conn.execute(select(event.id).where(of_it, event.action_key == action_key)).first() is not None:
        return
    if variance_class is not None:
        if found.version != seen_version:
            last = select(event.actor).where(of_it, event["class"].is_not(None)).order_by(event.id.desc()).limit(1)
            raise VarianceChanged(conn.execute(last).scalar_one())
        changed = {"class": variance_class.value, "version": found.version + 1}
        conn.execute(update(variance).where(variance.c.id == variance_id).values(changed))
    said = {"class": variance_class and variance_class.value, "comment": comment, "action_key": action_key}
    conn.execute(insert(variance_event).values({"variance_id": variance_id, "actor": actor, **said}))
    action = "variance_classified" if variance_class else "variance_commented"
    detail: dict[str, object] = {"reason": comment, "action_key": action_key}
    if variance_class is not None:
        detail |= {"before": {"class": found._mapping["class"]}, "after": {"class": variance_class.value}}
    audit.record(conn, actor=actor, action=action, subject=f"variance {variance_id}", detail=detail)
