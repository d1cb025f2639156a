"""What is answered about a file is kept for its feed: the next file is not asked about, the same is the same run."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import Engine

from recon.model.feed import feed_name
from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.store.evidence import Evidence
from recon.workflows import read_upload as module
from recon.workflows.read_for_feed import FeedReading, read_for_feed
from recon.workflows.receive_upload import receive_upload
from recon.workflows.save_mapping import forget_mapping, map_columns
from recon.workflows.start_run import start_run

FEED = feed_name("Bank vs ledger", Side.SOURCE)
UNDECIDED = b"date,reference,amount,currency\n03/04/2026,INV-1,10.00,EUR\n05/06/2026,INV-2,20.00,EUR\n"
NEXT_MONTH = b"date,reference,amount,currency\n03/05/2026,INV-3,30.00,EUR\n05/07/2026,INV-4,40.00,EUR\n"
TWICE_UNDECIDED = b"date,amount,net,currency\n03/04/2026,10.00,9.00,EUR\n05/06/2026,20.00,19.00,EUR\n"
DRIFTED = b"date,reference,net amount,currency\n03/05/2026,INV-3,30.00,EUR\n05/07/2026,INV-4,40.00,EUR\n"
DECIDED = b"date,reference,amount,currency\n2026-03-25,INV-1,10.00,EUR\n"
DAY_FIRST = {"DAY_MONTH_ORDER": "DMY"}


def read(
    engine: Engine, evidence: Evidence, content: bytes, *, answers: dict[str, str] | None = None, feed: str = FEED
) -> FeedReading:
    receipt = receive_upload(engine, evidence, io.BytesIO(content), filename="march.csv", actor="ana")
    return read_for_feed(engine, evidence, receipt.upload.id, feed=feed, actor="ana", answers=answers)


def asked(found: FeedReading) -> list[str]:
    return [question.code for question in found.stored.preview.questions]


def test_an_answer_is_kept_and_the_next_file_is_not_asked_about(engine: Engine, evidence: Evidence) -> None:
    first = read(engine, evidence, UNDECIDED)
    assert asked(first) == ["DAY_MONTH_ORDER"]
    assert first.mapping is None
    answered = read(engine, evidence, UNDECIDED, answers=DAY_FIRST)
    assert answered.mapping is not None
    assert (answered.mapping.version, answered.mapping.mapping) == (1, answered.stored.preview.mapping)
    following = read(engine, evidence, NEXT_MONTH)
    assert asked(following) == []
    assert following.mapping == answered.mapping
    assert [str(day) for day in following.stored.preview.table["date"].to_pylist()] == ["2026-05-03", "2026-07-05"]


def test_a_file_read_with_an_answer_and_then_by_its_saved_mapping_is_one_reading(
    engine: Engine, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = read(engine, evidence, UNDECIDED, answers=DAY_FIRST)
    monkeypatch.setattr(module, "CHILD", ("false",))  # it need not be parsed again
    again = read(engine, evidence, UNDECIDED)
    assert (again.stored.key, again.stored.reading_id) == (answered.stored.key, answered.stored.reading_id)


def test_answers_given_one_after_the_other_are_all_kept(engine: Engine, evidence: Evidence) -> None:
    assert asked(read(engine, evidence, TWICE_UNDECIDED)) == ["AMOUNT_COLUMN"]
    assert asked(read(engine, evidence, TWICE_UNDECIDED, answers={"AMOUNT_COLUMN": "net"})) == ["DAY_MONTH_ORDER"]
    assert asked(read(engine, evidence, TWICE_UNDECIDED)) == ["DAY_MONTH_ORDER"]
    done = read(engine, evidence, TWICE_UNDECIDED, answers=DAY_FIRST)
    assert done.stored.preview.mapping.roles["amount"] == "net"
    assert done.stored.preview.table["amount"].to_pylist() == [900, 1_900]


def test_an_answer_that_is_no_choice_is_asked_again_and_not_kept(engine: Engine, evidence: Evidence) -> None:
    found = read(engine, evidence, UNDECIDED, answers={"DAY_MONTH_ORDER": "sideways"})
    assert asked(found) == ["DAY_MONTH_ORDER"]
    assert found.mapping is None


def test_an_answer_for_one_feed_is_no_answer_for_another(engine: Engine, evidence: Evidence) -> None:
    read(engine, evidence, UNDECIDED, answers=DAY_FIRST)
    other = read(engine, evidence, UNDECIDED, feed=feed_name("Bank vs ledger", Side.REFERENCE))
    assert asked(other) == ["DAY_MONTH_ORDER"]


def test_a_header_that_drifted_stops_until_someone_says_so(engine: Engine, evidence: Evidence) -> None:
    read(engine, evidence, UNDECIDED, answers=DAY_FIRST)
    assert asked(read(engine, evidence, DRIFTED)) == ["HEADER_CHANGED"]
    kept = read(engine, evidence, DRIFTED, answers={"HEADER_CHANGED": "accept"})
    assert asked(kept) == []
    assert kept.mapping is not None
    assert kept.mapping.version == 2
    assert "net amount" in kept.mapping.mapping.header
    assert asked(read(engine, evidence, NEXT_MONTH)) == ["HEADER_CHANGED"]


def test_a_drift_that_leads_to_another_question_is_accepted_once(engine: Engine, evidence: Evidence) -> None:
    two_amounts = NEXT_MONTH.replace(b"amount", b"gross,net").replace(b".00", b".00,9.00")
    read(engine, evidence, UNDECIDED, answers=DAY_FIRST)
    accepted = read(engine, evidence, two_amounts, answers={"HEADER_CHANGED": "accept"})
    assert asked(accepted) == ["AMOUNT_COLUMN"]
    assert asked(read(engine, evidence, two_amounts)) == ["AMOUNT_COLUMN"]
    assert asked(read(engine, evidence, two_amounts, answers={"AMOUNT_COLUMN": "net"})) == []


def test_a_forgotten_mapping_asks_as_if_none_had_been(engine: Engine, evidence: Evidence) -> None:
    read(engine, evidence, UNDECIDED, answers=DAY_FIRST)
    forget_mapping(engine, feed=FEED, actor="ana")
    found = read(engine, evidence, NEXT_MONTH)
    assert asked(found) == ["DAY_MONTH_ORDER"]
    assert found.mapping is None


def test_columns_mapped_by_hand_are_used_and_what_they_leave_open_is_asked(engine: Engine, evidence: Evidence) -> None:
    read(engine, evidence, UNDECIDED, answers=DAY_FIRST)
    header = ("date", "amount", "net", "currency")
    saved = map_columns(engine, feed=FEED, columns=header, roles={"date": "date", "amount": "net"}, actor="ben")
    assert saved is not None
    assert (saved.version, saved.created_by) == (2, "ben")
    assert asked(read(engine, evidence, TWICE_UNDECIDED)) == ["DAY_MONTH_ORDER"]


def test_a_run_holds_both_feeds_to_how_their_files_were_read(engine: Engine, evidence: Evidence) -> None:
    sides = {side: read(engine, evidence, DECIDED, feed=feed_name("Bank vs ledger", side)).stored for side in Side}
    first = start_run(engine, evidence, reconciliation="Bank vs ledger", sides=sides, rules=Rules(), actor="ana")
    again = {side: read(engine, evidence, DECIDED, feed=feed_name("Bank vs ledger", side)) for side in Side}
    assert all(found.mapping and found.mapping.version == 1 for found in again.values())
    second = start_run(
        engine,
        evidence,
        reconciliation="Bank vs ledger",
        sides={side: found.stored for side, found in again.items()},
        rules=Rules(),
        actor="ana",
    )
    assert (second.run_id, second.cached) == (first.run_id, True)
    assert asked(read(engine, evidence, DRIFTED)) == ["HEADER_CHANGED"]


def test_a_refused_file_changes_nothing_of_its_feed(engine: Engine, evidence: Evidence) -> None:
    before = read(engine, evidence, UNDECIDED, answers=DAY_FIRST)
    found = read(engine, evidence, b"", answers={"DAY_MONTH_ORDER": "MDY"})
    assert found.stored.preview.refused is not None
    assert found.mapping == before.mapping
