"""Whether the files of a feed follow from each other: closing balance of one = opening balance of the next.

Each account and currency is a chain of its own, in the order of its days, whatever the order the files came in. A file
that goes over days of the one before it cannot be held against its closing balance: that is an overlap, and the chain
goes on from the balance that reaches furthest. Files that state no balances show gaps to nobody; they are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from recon.model.feed import Link, LinkState, Period
from recon.model.reading import Control, ControlKind
from recon.money import to_display


def links(periods: Iterable[Period]) -> tuple[Link, ...]:
    """The chain of every account and currency, by account, currency and day."""
    chains: dict[tuple[str, str], list[Period]] = {}
    for period in periods:
        if period.opening is not None and period.closing is not None:
            chains.setdefault((period.account or "", period.currency), []).append(period)
    return tuple(link for key in sorted(chains) for link in _chain(chains[key]))


def control_of(link: Link) -> Control | None:
    """The control a link is; None of an overlap, which is no question of balances."""
    if link.state is LinkState.OVERLAPS:
        return None
    before, after = link.before, link.after
    assert before.closing is not None
    assert after.opening is not None
    return Control(
        kind=ControlKind.CONTINUITY,
        account=after.account,
        currency=after.currency,
        stated=before.closing,
        found=after.opening,
        says=_says(link, before.closing, after.opening),
    )


def _chain(periods: Sequence[Period]) -> list[Link]:
    ordered = sorted(periods, key=_by_day)
    found, reached = [], ordered[0]
    for period in ordered[1:]:
        link = Link(before=reached, after=period, state=_state(reached, period))
        found.append(link)
        if period.last_on >= reached.last_on:
            reached = period
    return found


def _by_day(period: Period) -> tuple[object, ...]:
    """Order never depends on when a file came, but for files that say the very same."""
    return (period.first_on, period.last_on, period.opening, period.closing, period.filename, period.upload_id)


def _state(before: Period, after: Period) -> LinkState:
    if before.closing == after.opening and after.first_on >= before.last_on:
        return LinkState.CONTINUES
    return LinkState.OVERLAPS if after.first_on <= before.last_on else LinkState.DIFFERS


def _says(link: Link, closing: int, opening: int) -> str:
    before, after, currency = link.before, link.after, link.after.currency
    whose = f"Account {after.account}: " if after.account else ""
    text = (
        f"{whose}{after.filename} opens with {to_display(opening, currency)}, "
        f"{before.filename} closes with {to_display(closing, currency)}."
    )
    if link.state is LinkState.DIFFERS:
        text += f" {to_display(link.difference, currency)} moved in between"
        text += f", in {link.gap_days} days that no file covers." if link.gap_days > 1 else "."
    return text
