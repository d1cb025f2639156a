"""Say how a reconciliation carries its open items: whether at all, and when counterparts are due."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from recon.calendar import MAX_DAYS, calendar_of
from recon.errors import DueDaysInvalid
from recon.model.people import Action
from recon.model.transactions import Side
from recon.store import audit, carry, open_items, runs
from recon.store.carry import CarrySettings
from recon.workflows.permit import permit


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryChange:
    """What is to change; None stays as it is. Days: business days until a side's counterpart is due.

    For the sides it `forgets` it is as if nothing had ever been said of their days.
    """

    is_on: bool | None = None
    calendar: str | None = None
    source_due_days: int | None = None
    reference_due_days: int | None = None
    forgets: frozenset[Side] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to change."""
        return self == CarryChange()


def save_carrying(engine: Engine, *, reconciliation: str, change: CarryChange, actor: str) -> CarrySettings:
    """Make the change, and return what holds now. The next run goes by it; runs there are stay as they are.

    Raises `CalendarUnknown` and `DueDaysInvalid`.
    """
    for days in (change.source_due_days, change.reference_due_days):
        if days is not None and not 0 <= days <= MAX_DAYS:
            raise DueDaysInvalid(days, most=MAX_DAYS)
    code = None if change.calendar is None else calendar_of(change.calendar).code
    with engine.begin() as conn:
        permit(conn, actor, Action.RULES)
        number = runs.reconciliation_id(conn, name=reconciliation, actor=actor, carries=carry.OF_NEW.is_on)
        open_items.lock(conn, number)
        before = carry.settings(conn, number)
        said = {
            Side.SOURCE: _first(change.source_due_days, before.due_days[Side.SOURCE]),
            Side.REFERENCE: _first(change.reference_due_days, before.due_days[Side.REFERENCE]),
        }
        wanted = CarrySettings(
            is_on=before.is_on if change.is_on is None else change.is_on,
            calendar=before.calendar if code is None else code,
            due_days={side: None if side in change.forgets else days for side, days in said.items()},
        )
        if carry.save_settings(conn, number, wanted):
            detail = {"before": _document(before), "after": _document(wanted)}
            audit.record(
                conn, actor=actor, action="carrying_saved", subject=f"reconciliation {reconciliation}", detail=detail
            )
    return wanted


def _first(wanted: int | None, before: int | None) -> int | None:
    return before if wanted is None else wanted


def _document(settings: CarrySettings) -> dict[str, object]:
    days = {f"{side.value}_due_days": settings.due_days[side] for side in Side}
    return {"carry_forward": settings.is_on, "calendar": settings.calendar, **days}
