"""Who may do what, and from which amount on a second person is needed."""

from __future__ import annotations

import pytest

from recon.model.people import DEEDS, Action, Deed, Person, PersonRole, Policy
from recon.triage.permissions import MAY, may, needs_second_person


def person(role: PersonRole = PersonRole.OPERATOR, **limits: int) -> Person:
    return Person(name="ana", role=role, limits=limits, version=1)


def test_every_role_is_in_the_table() -> None:
    assert set(MAY) == set(PersonRole)


@pytest.mark.parametrize("action", Action)
def test_nobody_may_do_anything_once_inactive(action: Action) -> None:
    assert not any(may(Person(name="x", role=role, is_active=False), action) for role in PersonRole)


@pytest.mark.parametrize(
    ("action", "roles"),
    [
        (Action.IMPORT, {"operator", "admin"}),
        (Action.WRITE_OFF, {"operator", "admin"}),
        (Action.APPROVE, {"approver"}),
        (Action.RULES, {"admin"}),
        (Action.PEOPLE, {"admin"}),
        (Action.CLOSE, {"approver"}),
        (Action.AUDIT, {"admin", "auditor"}),
    ],
)
def test_an_action_is_for_these_roles_alone(action: Action, roles: set[str]) -> None:
    assert {role.value for role in PersonRole if may(person(role), action)} == roles


def test_nobody_both_sets_the_limits_and_approves_what_is_above_them() -> None:
    assert not any({Action.APPROVE, Action.PEOPLE} <= allowed for allowed in MAY.values())


def always(of: int | None = None) -> Policy:
    return Policy(action=Deed.WRITE_OFF, reconciliation_id=of)


def policy(above: int, currency: str = "EUR", of: int | None = None, action: Deed = Deed.WRITE_OFF) -> Policy:
    return Policy(action=action, currency=currency, above=above, reconciliation_id=of)


@pytest.mark.parametrize(
    ("amount", "policies", "limit", "needed"),
    [
        (100, (), None, False),
        (100, (policy(100),), None, False),
        (101, (policy(100),), None, True),
        (-101, (policy(100),), None, True),
        (101, (policy(100, currency="USD"),), None, False),
        (101, (policy(100, action=Deed.MATCH),), None, False),
        (101, (policy(100), policy(500, of=7)), None, False),
        (101, (policy(500, of=7), policy(100)), None, False),
        (501, (policy(100), policy(500, of=7)), None, True),
        (101, (policy(1, of=8),), None, False),
        (0, (always(),), None, True),
        (100, (always(), policy(100)), None, False),
        (101, (always(), policy(100)), None, True),
        (1, (policy(100), always(of=7)), None, True),
        (1, (policy(100, of=7), always()), None, False),
        (1, (always(of=8),), None, False),
        (101, (), 100, True),
        (101, (policy(500),), 100, True),
        (101, (policy(100),), 500, True),
    ],
)
def test_the_lower_of_policy_and_own_limit_holds(
    amount: int, policies: tuple[Policy, ...], limit: int | None, needed: bool
) -> None:
    who = person(**({} if limit is None else {"EUR": limit}))
    assert needs_second_person(who, Deed.WRITE_OFF, {"EUR": amount}, policies, reconciliation_id=7) is needed


def test_one_currency_above_its_limit_is_enough() -> None:
    amounts = {"EUR": 1, "JPY": 1000}
    assert needs_second_person(person(), Deed.WRITE_OFF, amounts, (policy(10), policy(999, currency="JPY")))


@pytest.mark.parametrize(
    ("policies", "needed"), [((), False), ((policy(0),), False), ((always(),), True), ((always(of=8),), False)]
)
def test_what_has_no_amount_needs_a_second_person_always_or_never(policies: tuple[Policy, ...], needed: bool) -> None:
    assert needs_second_person(person(), Deed.WRITE_OFF, {}, policies, reconciliation_id=7) is needed


@pytest.mark.parametrize("deed", Deed)
def test_the_own_limit_is_for_what_goes_into_the_books(deed: Deed) -> None:
    limited = needs_second_person(person(EUR=1), deed, {"EUR": 2}, ())
    assert limited is (deed in (Deed.WRITE_OFF, Deed.ADJUST))


def test_every_deed_is_told() -> None:
    assert set(DEEDS) == set(Deed)
