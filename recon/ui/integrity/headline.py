"""The figures above the board: how much holds, what does not, and when it was last looked at."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from recon.money import exponents
from recon.queries.variances import UnitTotal, VarianceFilter, variance_totals
from recon.ui.format import compact_money, count, counted, when
from recon.ui.guard import Desk
from recon.ui.header import figures
from recon.ui.integrity.due import short
from recon.ui.integrity.look import Stand, figure_of, with_unit
from recon.ui.integrity.standing import Standing


def headline(desk: Desk, now: Standing) -> None:
    """Five figures."""
    number = {stand: sum(found is stand for found in now.known.values()) for stand in Stand}
    asked = len(now.known) - number[Stand.NOT_APPLICABLE]
    found = variance_totals(desk.engine, VarianceFilter())
    with figures(5):
        figure(
            "Checks that hold",
            f"{count(number[Stand.OK] + number[Stand.NOTHING])} of {count(asked)}",
            (count(number[Stand.NOTHING]), "with nothing to check yet") if number[Stand.NOTHING] else None,
            icon=":material/check_circle:",
        )
        figure(
            "Fail",
            count(number[Stand.FAIL]),
            (count(number[Stand.WARN]), "warn") if number[Stand.WARN] else None,
            icon=":material/cancel:",
        )
        _unknown(number)
        _variances(found)
        _last(desk, now)


def unexplained(found: tuple[UnitTotal, ...]) -> str:
    """Every unit's sum as one sentence, for a tooltip."""
    sums = [f"{with_unit(total.gross, total.unit)} in {count(total.variance_count)}" for total in found]
    return f"Unexplained: {'; '.join(sums)}. One fault may show in several checks." if sums else "Nothing is open."


def largest(found: tuple[UnitTotal, ...]) -> str | None:
    """What is unexplained in the unit with the most variances, currencies first, as a headline."""
    ranked = sorted((t for t in found if t.gross), key=lambda t: (t.unit not in exponents(), -t.variance_count, t.unit))
    if not ranked:
        return None
    first = ranked[0]
    if first.unit in exponents():
        return compact_money(int(first.gross), first.unit)
    return f"{figure_of(first.gross, first.unit)} {first.unit}"


def _unknown(number: Mapping[Stand, int]) -> None:
    not_set_up, errors = number[Stand.NOT_SET_UP], number[Stand.ERROR]
    never = number[Stand.NEVER]
    beside = (count(never), "not run yet") if never else (count(not_set_up), "not set up") if not_set_up else None
    figure(
        "Could not be made",
        count(errors),
        beside,
        icon=":material/report:",
        help="Checks that ended in an error, so that nothing is known. A check against a broker without an address "
        "is not set up: open it to see what to set.",
    )


def _variances(found: tuple[UnitTotal, ...]) -> None:
    total = sum(part.variance_count for part in found)
    amount = largest(found)
    figure(
        "Open variances",
        count(total),
        (amount, "unexplained") if amount else None,
        icon=":material/difference:",
        help=unexplained(found),
    )


def _last(desk: Desk, now: Standing) -> None:
    ended = [cell.last.finished_at for cell in now.cells.values() if cell.last]
    overdue = sum(clock.is_overdue for clock in now.clocks.values())
    due = [clock.next_due_at for clock in now.clocks.values() if clock.is_enabled and clock.next_due_at]
    missed = sum(clock.missed_count for clock in now.clocks.values())
    if overdue:
        beside: tuple[str, str] | None = (count(overdue), "overdue")
    else:
        beside = (short(min(due), now=desk.now), "next") if due else None
    figure(
        "Last run",
        f"{when(max(ended), now=desk.now)} UTC" if ended else "None yet",
        beside,
        icon=":material/schedule:",
        help=f"{counted(missed, 'slot')} of the last seven days passed with nobody to make the check."
        if missed
        else "",
    )


def figure(label: str, value: str, beside: tuple[str, str] | None, *, icon: str, help: str = "") -> None:
    """One headline figure. `beside`: a chip, and the words after it."""
    st.metric(
        label,
        value,
        delta=beside[0] if beside else None,
        delta_color="off",
        delta_arrow="off",
        delta_description=beside[1] or None if beside else None,
        icon=icon,
        border=True,
        height="stretch",
        help=help or None,
    )
