"""The figures above the list: how many, how much, how old, and how many nobody has looked at."""

from __future__ import annotations

from datetime import timedelta

from recon.money import exponents
from recon.queries.variances import UnitTotal, VarianceFilter, variance_totals
from recon.ui.format import count, counted, percent
from recon.ui.guard import Desk
from recon.ui.header import figures
from recon.ui.integrity.headline import figure, largest, unexplained

OLD_AFTER_DAYS = 5


def headline(desk: Desk, found: tuple[UnitTotal, ...]) -> None:
    """Five figures of what is open, whatever the filter; `found`: its totals."""
    total = _number(found)
    left = _count(desk, VarianceFilter(only_unexplained=True))
    unsaid = _count(desk, VarianceFilter(classes=(None,)))
    old = _count(desk, VarianceFilter(seen_before=desk.now - timedelta(days=OLD_AFTER_DAYS)))
    today = total - _count(desk, VarianceFilter(seen_before=desk.now - timedelta(days=1)))
    others = sum(1 for part in found if part.gross and part.unit in exponents()) - 1
    with figures(5):
        figure(
            "Open variances",
            count(total),
            (count(total - left), "on the way") if total > left else None,
            icon=":material/difference:",
        )
        figure(
            "Unexplained",
            largest(found) or "0",
            (f"{others} more", "currency" if others == 1 else "currencies") if others > 0 else None,
            icon=":material/account_balance_wallet:",
            help=unexplained(found),
        )
        figure("New", count(today), ("last 24 h", ""), icon=":material/fiber_new:")
        figure(
            f"Older than {counted(OLD_AFTER_DAYS, 'day')}",
            count(old),
            (percent(old, total), "of what is open") if old else None,
            icon=":material/hourglass_bottom:",
        )
        figure(
            "Not classified",
            count(unsaid),
            (percent(unsaid, total), "of what is open") if unsaid else None,
            icon=":material/help:",
        )


def _count(desk: Desk, wanted: VarianceFilter) -> int:
    return _number(variance_totals(desk.engine, wanted))


def _number(found: tuple[UnitTotal, ...]) -> int:
    return sum(part.variance_count for part in found)
