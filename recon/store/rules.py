"""The saved rules of reconciliations: each save adds a version, none is ever changed.

Every function runs in its caller's transaction.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from recon.errors import ReconciliationNotFound, RulesChanged
from recon.model.rules import Rules
from recon.model.saved_rules import SavedRules
from recon.store import audit
from recon.store.runs import rules_from
from recon.store.tables import reconciliation, reconciliation_rules


def versions(
    conn: Connection, name: str, *, limit: int | None = None, before: int | None = None
) -> tuple[SavedRules, ...]:
    """The versions of the reconciliation of that name, newest first; none when it has none, or does not exist.

    `before` leaves only those earlier than that version.
    """
    query = (
        select(*(reconciliation_rules.c[field] for field in SavedRules.__dataclass_fields__))
        .join_from(reconciliation, reconciliation_rules)
        .where(reconciliation.c.name == name)
        .order_by(reconciliation_rules.c.version.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(reconciliation_rules.c.version < before)
    found = conn.execute(query).mappings()
    return tuple(SavedRules(**{**row, "rules": rules_from(row["rules"])}) for row in found)


def newest(conn: Connection, name: str) -> SavedRules | None:
    """The version a new run of the reconciliation starts from; None when none was saved."""
    return next(iter(versions(conn, name, limit=1)), None)


def reconciliation_id(conn: Connection, name: str) -> int | None:
    """The number of the reconciliation of that name; None when there is none."""
    return conn.execute(select(reconciliation.c.id).where(reconciliation.c.name == name)).scalar_one_or_none()


def save(conn: Connection, name: str, rules: Rules, *, after: int, note: str, actor: str) -> SavedRules:
    """Make these the reconciliation's rules, as the version after `after` (0: the first); returns the newest.

    Saving what the newest version says already adds nothing. Raises `ReconciliationNotFound`, and `RulesChanged` when
    someone else saved a version after `after` that says something else.
    """
    found = select(reconciliation.c.id).where(reconciliation.c.name == name).with_for_update(key_share=True)
    number = conn.execute(found).scalar_one_or_none()
    if number is None:
        raise ReconciliationNotFound(name)
    standing = newest(conn, name)
    if standing is not None and standing.rules == rules:
        return standing
    version = standing.version if standing else 0
    if version != after:
        assert standing is not None, "a version that was shown does not go away"
        raise RulesChanged(version=standing.version, actor=standing.created_by)
    values = {"version": version + 1, "rules": rules.as_dict(), "note": note, "created_by": actor}
    created_at = conn.execute(
        insert(reconciliation_rules)
        .values(reconciliation_id=number, **values)
        .returning(reconciliation_rules.c.created_at)
    ).scalar_one()
    audit.record(
        conn,
        actor=actor,
        action="rules_saved",
        subject=f"reconciliation {number}",
        detail={
            "version": version + 1,
            "before": standing.rules.as_dict() if standing else None,
            "after": rules.as_dict(),
            "reason": note,
        },
    )
    return SavedRules(version=version + 1, rules=rules, note=note, created_at=created_at, created_by=actor)
