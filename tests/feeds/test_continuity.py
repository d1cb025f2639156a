"""Files of a feed follow from each other, account by account, in the order of their days."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import pytest

from recon.feeds.continuity import control_of, links
from recon.model.feed import LinkState, Period

CAME_AT = datetime(2026, 4, 1, 6, 0, tzinfo=UTC)


def period(
    upload_id: int,
    days: tuple[int, int],
    balances: tuple[int | None, int | None],
    *,
    account: str | None = "DE1",
    currency: str = "EUR",
) -> Period:
    return Period(
        upload_id=upload_id,
        filename=f"day{upload_id}.csv",
        came_at=CAME_AT,
        account=account,
        currency=currency,
        first_on=date(2026, 3, days[0]),
        last_on=date(2026, 3, days[1]),
        opening=balances[0],
        closing=balances[1],
    )


def states(*periods: Period) -> list[tuple[int, int, LinkState]]:
    return [(link.before.upload_id, link.after.upload_id, link.state) for link in links(periods)]


def test_a_file_that_opens_with_the_closing_balance_before_it_continues() -> None:
    assert states(period(1, (2, 6), (100, 250)), period(2, (9, 13), (250, 90))) == [(1, 2, LinkState.CONTINUES)]


@pytest.mark.parametrize("opening", [249, 251])
def test_a_cent_more_or_less_differs(opening: int) -> None:
    (link,) = links([period(1, (2, 6), (100, 250)), period(2, (9, 13), (opening, 90))])
    control = control_of(link)
    assert link.state is LinkState.DIFFERS
    assert control is not None
    assert (control.stated, control.found, control.agrees) == (250, opening, False)
    assert "moved in between, in 2 days that no file covers." in control.says


def test_a_missing_file_shows_until_it_came_whatever_the_order() -> None:
    first, second, third = (
        period(1, (2, 2), (100, 150)),
        period(2, (3, 3), (150, 170)),
        period(3, (4, 4), (170, 160)),
    )
    assert states(first, third) == [(1, 3, LinkState.DIFFERS)]
    files = [first, second, third]
    random.Random(1).shuffle(files)
    assert states(*files) == [(1, 2, LinkState.CONTINUES), (2, 3, LinkState.CONTINUES)]


def test_two_files_of_one_day_continue_by_their_balances() -> None:
    assert states(period(1, (2, 2), (100, 150)), period(2, (2, 2), (150, 170))) == [(1, 2, LinkState.CONTINUES)]


def test_days_covered_again_are_an_overlap_and_the_chain_goes_on_from_the_furthest() -> None:
    march, again, april = period(1, (1, 20), (0, 90)), period(2, (5, 10), (7, 30)), period(3, (21, 30), (90, 10))
    found = links([march, again, april])
    assert [(link.before.upload_id, link.after.upload_id, link.state) for link in found] == [
        (1, 2, LinkState.OVERLAPS),
        (1, 3, LinkState.CONTINUES),
    ]
    assert control_of(found[0]) is None


def test_accounts_and_currencies_are_chains_of_their_own() -> None:
    assert states(
        period(1, (2, 2), (100, 150)),
        period(1, (2, 2), (5, 6), currency="USD"),
        period(1, (2, 2), (8, 9), account="DE2"),
        period(2, (3, 3), (6, 7), currency="USD"),
    ) == [(1, 2, LinkState.CONTINUES)]


def test_files_without_balances_are_no_links() -> None:
    assert states(period(1, (2, 2), (None, None)), period(2, (3, 3), (1, 2)), period(3, (4, 4), (2, None))) == []
