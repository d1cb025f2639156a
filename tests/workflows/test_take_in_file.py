"""A file is told how it stands to those before it: by balances and by rows, whatever its bytes and its name."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import Engine

from recon.model.feed import feed_name
from recon.model.reading import ControlKind
from recon.model.transactions import Side
from recon.queries.feeds import feed_files, feed_rows, one_feed
from recon.store.evidence import Evidence
from recon.workflows import compare_rows, read_upload
from recon.workflows.expect_files import set_zone
from recon.workflows.feed_standings import feed_standing, missing_files
from recon.workflows.read_for_feed import read_for_feed
from recon.workflows.receive_upload import receive_upload
from recon.workflows.store_reading import store_reading
from recon.workflows.take_in_file import FileStanding, accept_controls, set_file_aside
from tests.builders import NOON

FEED = feed_name("Bank vs ledger", Side.SOURCE)
HEADER = "date,description,amount,balance,currency\n"
LINES = [
    f"2026-03-{day:02d},Order {day},{amount}.00,{balance}.00,EUR\n"
    for day, amount, balance in [(2, 10, 110), (3, -4, 106), (4, 2, 108), (5, 5, 113), (6, -3, 110), (9, 7, 117)]
]
MARCH, REST = HEADER + "".join(LINES[:3]), HEADER + "".join(LINES[3:])


@pytest.fixture(autouse=True)
def files_are_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in a process for each: what such a process is good for is tested with `read_upload`."""
    monkeypatch.setattr(read_upload, "_read_in_child", store_reading)


def send(engine: Engine, evidence: Evidence, content: str, filename: str, *, feed: str = FEED) -> FileStanding:
    receipt = receive_upload(engine, evidence, io.BytesIO(content.encode()), filename=filename, actor="ana")
    standing = read_for_feed(engine, evidence, receipt.upload.id, feed=feed, actor="ana").standing
    assert standing is not None
    return standing


def test_a_file_is_kept_with_its_totals_accounts_and_controls(engine: Engine, evidence: Evidence) -> None:
    send(engine, evidence, MARCH, "march.csv")
    (file,) = feed_files(engine, one_feed(engine, FEED).id)
    assert (file.filename, file.rows_accepted, file.came_by) == ("march.csv", 3, "ana")
    assert [(t.currency, t.credits, t.debits) for t in file.totals] == [("EUR", 1200, 400)]
    assert [(a.opening, a.closing) for a in file.accounts] == [(10000, 10800)]
    assert [(c.kind, c.agrees) for c in file.controls] == [(ControlKind.RUNNING_BALANCE, True)]


def test_the_same_upload_again_is_the_same_file(engine: Engine, evidence: Evidence) -> None:
    first, again = (send(engine, evidence, MARCH, "march.csv") for _ in range(2))
    assert again == first
    assert len(feed_files(engine, one_feed(engine, FEED).id)) == 1


def test_the_same_rows_in_another_order_and_under_another_name_all_came_before(
    engine: Engine, evidence: Evidence
) -> None:
    plain = "date,description,amount,currency\n"
    rows = ["2026-03-02,Order 1,10.00,EUR\n", "2026-03-02,Order 1,10.00,EUR\n", "2026-03-03,Order 2,-4.00,EUR\n"]
    send(engine, evidence, plain + "".join(rows), "march.csv")
    shared = send(engine, evidence, plain + "".join(reversed(rows)), "again.csv").shared
    assert (shared.known_count, shared.row_count) == (3, 3)
    assert [(file.filename, file.row_count) for file in shared.files] == [("march.csv", 3)]


def test_two_equal_rows_are_known_only_as_often_as_they_came(engine: Engine, evidence: Evidence) -> None:
    row = "2026-03-02,Order 1,10.00,EUR\n"
    send(engine, evidence, f"date,description,amount,currency\n{row}", "one.csv")
    shared = send(engine, evidence, f"date,description,amount,currency\n{row}{row}", "two.csv").shared
    assert (shared.known_count, shared.row_count) == (1, 2)


def test_part_of_a_file_that_came_in_two_others_is_counted_once(engine: Engine, evidence: Evidence) -> None:
    send(engine, evidence, HEADER + "".join(LINES[:3]), "a.csv")
    send(engine, evidence, HEADER + "".join(LINES[2:5]), "b.csv")
    shared = send(engine, evidence, HEADER + "".join(LINES), "all.csv").shared
    assert (shared.known_count, shared.row_count) == (5, 6)
    assert {file.filename: file.row_count for file in shared.files} == {"a.csv": 3, "b.csv": 3}


def test_many_rows_are_compared_in_a_process_of_their_own(
    engine: Engine, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare_rows, "MOST_ROWS_HERE", 0)
    send(engine, evidence, MARCH, "march.csv")
    assert send(engine, evidence, HEADER + "".join(LINES), "all.csv").shared.known_count == 3


def test_rows_are_known_again_after_the_feed_got_a_zone(engine: Engine, evidence: Evidence) -> None:
    timed = MARCH.replace("2026-03-02,", "2026-03-02 09:15:00,").replace("2026-03-03,", "2026-03-03 10:00:00,")
    timed = timed.replace("2026-03-04,", "2026-03-04 11:30:00,")
    send(engine, evidence, timed, "march.csv")
    set_zone(engine, feed=FEED, zone="Europe/Berlin", actor="ana")
    assert send(engine, evidence, timed, "again.csv").shared.known_count == 3


def test_rows_of_another_feed_are_not_this_ones(engine: Engine, evidence: Evidence) -> None:
    send(engine, evidence, MARCH, "march.csv", feed=feed_name("Gateway vs ledger", Side.SOURCE))
    assert send(engine, evidence, MARCH + LINES[3], "more.csv").shared.known_count == 0
    assert [feed.name for feed in feed_rows(engine)] == ["Bank vs ledger / source", "Gateway vs ledger / source"]


def test_a_file_that_continues_says_so(engine: Engine, evidence: Evidence) -> None:
    send(engine, evidence, MARCH, "march.csv")
    standing = send(engine, evidence, REST, "rest.csv")
    assert [(control.kind, control.agrees) for control in standing.controls] == [(ControlKind.CONTINUITY, True)]
    assert standing.open_controls == ()


def test_a_gap_stays_open_until_a_person_accepts_it_or_the_file_comes(engine: Engine, evidence: Evidence) -> None:
    send(engine, evidence, HEADER + "".join(LINES[:3]), "first.csv")
    later = HEADER + "2026-03-12,A,1.00,200.00,EUR\n2026-03-13,B,1.00,201.00,EUR\n2026-03-16,C,1.00,202.00,EUR\n"
    standing = send(engine, evidence, later, "later.csv")
    (control,) = standing.open_controls
    assert (control.stated, control.found) == (10800, 19900)
    assert "91.00 EUR moved in between" in control.says
    accept_controls(engine, standing, actor="ben")
    again = send(engine, evidence, later, "later.csv")
    assert again.open_controls == ()
    assert [(one.by, one.says) for one in again.file.accepted] == [("ben", control.says)]
    assert feed_standing(engine, FEED, now=NOON).breaks == ()


def test_a_file_set_aside_is_held_against_nothing(engine: Engine, evidence: Evidence) -> None:
    first = send(engine, evidence, MARCH, "march.csv")
    set_file_aside(engine, first.file.id, is_aside=True, actor="ana")
    again = send(engine, evidence, HEADER + "".join(LINES), "all.csv")
    assert (again.shared.known_count, again.controls) == (0, ())
    set_file_aside(engine, first.file.id, is_aside=False, actor="ana")
    assert send(engine, evidence, HEADER + "".join(LINES), "all.csv").shared.known_count == 3


def test_nothing_is_missing_where_nothing_is_expected(engine: Engine, evidence: Evidence) -> None:
    send(engine, evidence, MARCH, "march.csv")
    assert missing_files(engine, now=NOON) == ()
