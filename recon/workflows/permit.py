"""May this person do this, and alone? The first questions of every workflow that changes something."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine

from recon.errors import TieoutError
from recon.model.people import DEEDS, Action, Deed, Person, PersonRole
from recon.model.people_refusals import (
    NotAllowed,
    PersonInactive,
    PersonUnknown,
    SecondPersonNeeded,
)
from recon.money import to_display
from recon.store import people
from recon.triage.permissions import may, needs_second_person

FRESH_SECONDS: Final = 1.0
_KNOWN: Final[dict[tuple[str, ...], tuple[float, Any]]] = {}
"""What was last found of somebody, and when by the monotonic clock."""


def permit(conn: Connection, actor: str, action: Action) -> Person:
    """The person, when they may do it. Raises PersonUnknown for one who is not listed, PersonInactive and NotAllowed.

    As long as nobody is listed at all, everyone is an administrator, and may approve what another proposed.
    """
    found = acting(conn, actor)
    if refusal := _refusal(found, actor, action):
        raise refusal
    assert found is not None
    return found


def permit_present(conn: Connection, actor: str) -> Person:
    """The person, whatever they may do: listed and active is enough. Raises PersonUnknown and PersonInactive."""
    found = acting(conn, actor)
    if found is None:
        raise PersonUnknown(actor)
    if not found.is_active:
        raise PersonInactive(actor)
    return found


def permit_alone(
    conn: Connection, person: Person, amounts: Mapping[Deed, Mapping[str, int]], *, reconciliation_id: int | None = None
) -> None:
    """Raise SecondPersonNeeded where a deed comes to more (minor units by currency) than the person decides alone."""
    policies = people.policies(conn)
    for deed, by_currency in amounts.items():
        if needs_second_person(person, deed, by_currency, policies, reconciliation_id=reconciliation_id):
            raise SecondPersonNeeded(_told(by_currency), does=DEEDS[deed].does)


def is_limited(conn: Connection, person: Person, deed: Deed) -> bool:
    """Whether anything limits what the person may do of this alone: if not, nobody need add its amounts up."""
    return bool(person.limits) or any(policy.action is deed for policy in people.policies(conn))


def permit_often(engine: Engine, actor: str, action: Action) -> None:
    """The same for what is done a thousand times a second: asked again after a second, not every time."""

    def ask() -> None:
        with engine.connect() as conn:
            permit(conn, actor, action)

    _often((str(engine.url), actor, action.name), ask)


def limited_person(engine: Engine, actor: str, deeds: Collection[Deed]) -> Person | None:
    """The person whose limits are to be asked about; None where no policy speaks of any of these deeds.

    For what is done a thousand times a second: a policy may count a second late where another process set it.
    """

    def ask() -> Person | None:
        with engine.connect() as conn:
            is_any = any(policy.action in deeds for policy in people.policies(conn))
            return acting(conn, actor) if is_any else None

    found: Person | None = _often((str(engine.url), actor, *(deed.name for deed in deeds)), ask)
    return found


def forget() -> None:
    """Ask again from now on: people or policies changed."""
    _KNOWN.clear()


def refusals(engine: Engine, actor: str) -> dict[Action, str]:
    """Of each action the person may not do, the sentence that says so: for the screen, before anything is tried."""
    with engine.connect() as conn:
        found = acting(conn, actor)
    refused = {action: _refusal(found, actor, action) for action in Action}
    return {action: str(refusal) for action, refusal in refused.items() if refusal}


def acting(conn: Connection, actor: str) -> Person | None:
    """The person of that name; an administrator of version 0 while nobody is listed; None for a stranger."""
    found = people.find(conn, actor)
    if found is None and not people.is_anyone_listed(conn):
        return Person(name=actor, role=PersonRole.ADMIN)
    return found


def _often(key: tuple[str, ...], ask: Callable[[], Any]) -> Any:
    """What was found within the last second, else what is found now; what raises is not kept."""
    now = time.monotonic()
    at, found = _KNOWN.get(key, (-FRESH_SECONDS, None))
    if now - at >= FRESH_SECONDS:
        found = ask()
        _KNOWN[key] = now, found
    return found


def _told(amounts: Mapping[str, int]) -> str:
    """`12.50 EUR and 3 JPY`."""
    return " and ".join(to_display(abs(amount), currency) for currency, amount in sorted(amounts.items()))


def _refusal(found: Person | None, actor: str, action: Action) -> TieoutError | None:
    if found is None:
        return PersonUnknown(actor)
    if not found.is_active:
        return PersonInactive(actor)
    is_open = found.version == 0
    return None if is_open or may(found, action) else NotAllowed(actor, found.role.value, action.value)
