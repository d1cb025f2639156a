"""Who may do what: a table of roles, and nothing that is not in it.

As long as nobody is listed, whoever is there is an administrator who may approve too: somebody must list the first
person. An administrator does not approve, so that no one can both set the limits and pass them; in an emergency one
may decide all the same, never on their own proposal, and everybody is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from recon.model.people import Action, Deed, Person, PersonRole, Policy

_WORK: Final = frozenset(
    {
        Action.IMPORT,
        Action.RUN,
        Action.TRIAGE,
        Action.MATCH,
        Action.WRITE_OFF,
        Action.LEDGER,
        Action.CHECKS,
        Action.ALERTS,
    }
)

MAY: Final[Mapping[PersonRole, frozenset[Action]]] = {
    PersonRole.VIEWER: frozenset(),
    PersonRole.OPERATOR: _WORK,
    PersonRole.APPROVER: frozenset({Action.APPROVE, Action.CLOSE}),
    PersonRole.ADMIN: _WORK | {Action.RULES, Action.PEOPLE, Action.AUDIT, Action.EMERGENCY},
    PersonRole.AUDITOR: frozenset({Action.AUDIT}),
}


def may(person: Person, action: Action) -> bool:
    """Whether the person may do it: deny by default."""
    return person.is_active and action in MAY[person.role]


def needs_second_person(
    person: Person,
    deed: Deed,
    amounts: Mapping[str, int],
    policies: Iterable[Policy],
    *,
    reconciliation_id: int | None = None,
) -> bool:
    """Whether any amount (minor units by currency, either sign) is more than the person may decide alone.

    What is said for the reconciliation stands before what is said for all of them. The person's own limit counts for
    write-offs and adjustments; the lower of both holds. A deed without an amount needs a second person where a policy
    says always.
    """
    own: dict[str | None, Policy] = {}
    everywhere: dict[str | None, Policy] = {}
    for policy in policies:
        if policy.action is deed and policy.reconciliation_id in (None, reconciliation_id):
            (everywhere if policy.reconciliation_id is None else own)[policy.currency] = policy
    if not amounts:
        return None in own or None in everywhere
    return any(
        _is_above(abs(amount), _of(currency, own, everywhere), _own_limit(person, deed, currency))
        for currency, amount in amounts.items()
    )


def _of(currency: str, *found: Mapping[str | None, Policy]) -> Policy | None:
    """The first policy that speaks of the currency: the reconciliation's, then everyone's; its own before always."""
    return next((one[key] for one in found for key in (currency, None) if key in one), None)


def _own_limit(person: Person, deed: Deed, currency: str) -> int | None:
    return person.limits.get(currency) if deed in (Deed.WRITE_OFF, Deed.ADJUST) else None


def _is_above(amount: int, policy: Policy | None, own_limit: int | None) -> bool:
    is_always = policy is not None and policy.above is None
    limits = [limit for limit in (policy.above if policy else None, own_limit) if limit is not None]
    return is_always or any(amount > limit for limit in limits)
