"""Who may do what: a table of roles, and nothing that is not in it.

As long as nobody is listed, whoever is there is an administrator who may approve too: somebody must list the first
person. An administrator never approves, so that no one can both set the limits and pass them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from recon.model.people import Action, Person, PersonRole, Policy

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
    PersonRole.ADMIN: _WORK | {Action.RULES, Action.PEOPLE, Action.AUDIT},
    PersonRole.AUDITOR: frozenset({Action.AUDIT}),
}


def may(person: Person, action: Action) -> bool:
    """Whether the person may do it: deny by default."""
    return person.is_active and action in MAY[person.role]


def needs_second_person(
    person: Person,
    action: Action,
    amounts: Mapping[str, int],
    policies: Iterable[Policy],
    *,
    reconciliation_id: int | None = None,
) -> bool:
    """Whether any amount (minor units by currency, either sign) is more than the person may decide alone.

    The person's own limit counts for write-offs; a policy of the reconciliation stands before one for all of them.
    The lower of both holds.
    """
    chosen: dict[str, Policy] = {}
    for policy in policies:
        if policy.action is not action or policy.reconciliation_id not in (None, reconciliation_id):
            continue
        standing = chosen.get(policy.currency)
        if standing is None or standing.reconciliation_id is None:
            chosen[policy.currency] = policy
    limits = {currency: policy.above for currency, policy in chosen.items()}
    if action is Action.WRITE_OFF:
        for currency, limit in person.limits.items():
            limits[currency] = min(limit, limits.get(currency, limit))
    return any(abs(amount) > limits[currency] for currency, amount in amounts.items() if currency in limits)
