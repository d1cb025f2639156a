"""The forms of the settings: listing and changing people, and saying what needs a second person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

import streamlit as st

from recon.errors import TieoutError
from recon.model.people import DEEDS, Deed, Person, PersonRole, Policy
from recon.money import exponent, to_text
from recon.ui import states
from recon.ui.format import md
from recon.ui.guard import Desk
from recon.workflows.manage_people import change_person, list_person, set_limits

ROLES: Final = {
    PersonRole.OPERATOR: "imports, runs, works on discrepancies, matches, writes off, posts",
    PersonRole.APPROVER: "decides what others propose, signs periods off",
    PersonRole.ADMIN: "is an operator who also saves rules and lists people; approves only in an emergency",
    PersonRole.AUDITOR: "reads everything, the audit log too",
    PersonRole.VIEWER: "looks",
}
"""What each may, as its sentence goes on."""

EVERYWHERE: Final = "Every reconciliation"
_DONE: Final = "people_changes"


def list_form(desk: Desk) -> None:
    """The form for somebody new."""
    with st.form(_form("list"), border=False):
        name = st.text_input("Name", max_chars=80, placeholder="As it shall stand in the log")
        role = _role_input()
        limits = _limits_input({})
        if st.form_submit_button("List", type="primary", icon=":material/person_add:"):
            _do(
                lambda: list_person(desk.engine, Person(name=name, role=role, limits=_limits(limits)), actor=desk.actor)
            )


def change_form(desk: Desk, person: Person) -> None:
    """The form for somebody who is listed."""
    st.markdown(f"**{md(person.name)}**")
    with st.form(_form(f"change_{person.name}"), border=False):
        role = _role_input(person.role)
        limits = _limits_input(person.limits)
        is_active = st.toggle("Active", value=person.is_active, help="Who is not active may do nothing any more.")
        if st.form_submit_button("Save", type="primary", icon=":material/check:"):
            _do(
                lambda: change_person(
                    desk.engine,
                    Person(
                        name=person.name,
                        role=role,
                        is_active=is_active,
                        limits=_limits(limits),
                        version=person.version,
                    ),
                    actor=desk.actor,
                )
            )


def limits_form(desk: Desk, deed: Deed, policies: Sequence[Policy], reconciliations: Mapping[int, str]) -> None:
    """The form for what holds for one deed, everywhere or in one reconciliation."""
    terms = DEEDS[deed]
    places = [None] if terms.is_anywhere else [None, *reconciliations]
    place = st.selectbox(
        "In",
        places,
        format_func=lambda key: EVERYWHERE if key is None else reconciliations[key],
        key=f"limits_place_{deed.name}",
        disabled=terms.is_anywhere,
    )
    said = [policy for policy in policies if policy.action is deed and policy.reconciliation_id == place]
    with st.form(_form(f"limits_{deed.name}_{place}"), border=False):
        text = ""
        if terms.amount is not None:
            text = st.text_input(
                "A second person above",
                value=told_limits({policy.currency: policy.above for policy in said if policy.currency}),
                placeholder="500.00 EUR, 40000 JPY",
                help=f"The amount is {terms.amount}.",
            )
        is_always = st.toggle(
            "Always" if terms.amount is None else "Always in every other currency",
            value=any(policy.currency is None for policy in said),
        )
        if st.form_submit_button("Save", type="primary", icon=":material/check:", key=f"save_limits_{deed.name}"):
            _do(
                lambda: set_limits(
                    desk.engine,
                    deed,
                    above=_limits(text),
                    is_always=is_always,
                    reconciliation_id=place,
                    actor=desk.actor,
                )
            )


def told_limits(limits: Mapping[str, int | None]) -> str:
    """`500.00 EUR, 40000 JPY`."""
    return ", ".join(f"{to_text(amount or 0, currency)} {currency}" for currency, amount in sorted(limits.items()))


def _role_input(role: PersonRole = PersonRole.OPERATOR) -> PersonRole:
    chosen: PersonRole = st.selectbox(
        "Role",
        list(ROLES),
        index=list(ROLES).index(role),
        format_func=lambda one: one.value.capitalize(),
        help="  \n".join(f"**{one.value.capitalize()}** {may}" for one, may in ROLES.items()),
    )
    return chosen


def _limits_input(limits: Mapping[str, int]) -> str:
    return st.text_input(
        "May write off alone, up to",
        value=told_limits(limits),
        placeholder="500.00 EUR, 40000 JPY",
        help="Write-offs and adjustments. Without an amount, only what is said for everyone counts.",
    )


def _limits(text: str) -> dict[str, int]:
    """`500.00 EUR, 40000 JPY` as minor units by currency. Raises LimitUnreadable."""
    found: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        amount, _, currency = part.rpartition(" ")
        found[currency.upper()] = _minor(amount, currency.upper())
    return found


def _minor(text: str, currency: str) -> int:
    try:
        amount = Decimal(text.strip()).scaleb(exponent(currency))
    except (InvalidOperation, TieoutError):
        raise LimitUnreadable(f"{text} {currency}") from None
    if not amount.is_finite() or amount < 0 or amount != amount.to_integral_value():
        raise LimitUnreadable(f"{text} {currency}")
    return int(amount)


class LimitUnreadable(TieoutError):
    code = "LIMIT_UNREADABLE"

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is no amount we can read. Write an amount and its currency, as in 500.00 EUR.")


def _do(change: Callable[[], None]) -> None:
    """Make the change and begin afresh; say in the form what stands in the way."""
    try:
        change()
    except TieoutError as problem:
        states.failure(problem)
        return
    st.session_state[_DONE] = _done_count() + 1
    st.rerun()


def _form(name: str) -> str:
    """The key of a form: another one after each change, so that what was sent does not stand in it any more."""
    return f"{name}_{_done_count()}"


def _done_count() -> int:
    return int(st.session_state.get(_DONE, 0))
