"""A reconciliation run with the newest files of its feeds, and what stands in the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from recon.model.feed import NOTHING_DECIDED, feed_name
from recon.model.ledger import AccountType
from recon.model.people import Person, PersonRole
from recon.model.people_refusals import NotAllowed
from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.queries.newest_files import newest_files
from recon.queries.runs import run_detail
from recon.store import feeds, tables
from recon.store.evidence import Evidence
from recon.workflows import read_upload
from recon.workflows.fetch_transactions import fetch_transactions
from recon.workflows.manage_people import list_person
from recon.workflows.read_for_feed import read_for_feed
from recon.workflows.receive_upload import receive_upload
from recon.workflows.run_newest import NewestRun, newest_reading, run_newest
from recon.workflows.save_rules import save_rules
from recon.workflows.store_reading import store_reading
from recon.workflows.submit_run import Submitted
from recon.workflows.take_in_file import set_file_aside
from tests.builders import unfinished_run
from tests.ledger.builders import Ledger

NAME = "Bank vs ledger"
HEADER = "date,description,amount,currency"


@pytest.fixture(autouse=True)
def files_are_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_upload, "_read_in_child", store_reading)


@pytest.fixture
def evidence(evidence_url: str) -> Evidence:
    return Evidence(evidence_url)


@pytest.fixture
def desk(engine: Engine, evidence: Evidence, tmp_path: Path) -> Desk:
    return Desk(engine, evidence, tmp_path)


class Desk:
    """A reconciliation whose files come one after the other."""

    def __init__(self, engine: Engine, evidence: Evidence, folder: Path) -> None:
        self.engine, self.evidence, self.folder = engine, evidence, folder
        with engine.begin() as conn:
            conn.execute(insert(tables.reconciliation).values(name=NAME, created_by="ana"))

    def send(self, side: Side, name: str, *rows: str, header: str = HEADER) -> None:
        """A file comes for a side, and is read for its feed."""
        path = self.folder / name
        path.write_text("\n".join((header, *rows)) + "\n")
        upload = receive_upload(self.engine, self.evidence, path, filename=name, actor="ana").upload
        read_for_feed(self.engine, self.evidence, upload.id, feed=feed_name(NAME, side), actor="ana")

    def send_open(self, side: Side, name: str) -> None:
        """A file whose days and months nobody tells apart any more: what was answered is forgotten."""
        path, feed = self.folder / name, feed_name(NAME, side)
        path.write_text(f"{HEADER}\n03/04/2026,Rent,-900.00,EUR\n")
        upload = receive_upload(self.engine, self.evidence, path, filename=name, actor="ana").upload
        answers = {"DAY_MONTH_ORDER": "DMY"}
        read_for_feed(self.engine, self.evidence, upload.id, feed=feed, actor="ana", answers=answers)
        with self.engine.begin() as conn:
            feeds.save(conn, feed, NOTHING_DECIDED, actor="ana")

    def run(self, *, actor: str = "ana") -> NewestRun:
        return run_newest(self.engine, self.evidence, reconciliation=NAME, default_rules=Rules(), actor=actor)

    def files_of(self, found: NewestRun) -> list[str]:
        return [file.filename for file in run_detail(self.engine, submitted(found).run_id).files]


def submitted(found: NewestRun) -> Submitted:
    assert found.submitted is not None, found.hurdles
    return found.submitted


def test_the_newest_file_of_each_side_is_run_and_again_is_the_same_run(desk: Desk) -> None:
    for month in ("march", "april"):
        desk.send(Side.SOURCE, f"{month} s.csv", f"2026-03-30,Rent {month},-900.00,EUR")
        desk.send(Side.REFERENCE, f"{month} r.csv", f"2026-03-30,Rent {month},-900.00,EUR")
    first, again = desk.run(), desk.run()
    assert desk.files_of(first) == ["april s.csv", "april r.csv"]
    assert (submitted(first).cached, submitted(again).cached) == (False, True)
    assert submitted(first).run_id == submitted(again).run_id
    desk.send(Side.SOURCE, "may s.csv", "2026-05-30,Rent may,-900.00,EUR")
    assert desk.files_of(desk.run()) == ["may s.csv", "april r.csv"]


def test_saved_rules_go_before_the_default_ones(desk: Desk) -> None:
    for side in Side:
        desk.send(side, f"{side}.csv", "2026-03-30,Rent,-900.00,EUR")
    first = desk.run()
    save_rules(desk.engine, reconciliation=NAME, rules=Rules(days_after=4), after=0, note="Slow bank", actor="ana")
    second = desk.run()
    assert submitted(second).run_id != submitted(first).run_id
    assert run_detail(desk.engine, submitted(second).run_id).rules == Rules(days_after=4).as_dict()


def test_rules_kept_by_an_earlier_version_are_the_same_rules(desk: Desk) -> None:
    for side in Side:
        desk.send(side, f"{side}.csv", "2026-03-30,Rent,-900.00,EUR")
    older = {name: value for name, value in Rules().as_dict().items() if name != "aliases"}
    sides = {side: newest_reading(desk.engine, desk.evidence, NAME, side, actor="ana") for side in Side}
    numbers = {f"{side}_reading_id": one.stored.reading_id for side, one in sides.items() if one}
    kept = unfinished_run(desk.engine, "queued", name=NAME, rules=older, **numbers)
    assert submitted(desk.run()).run_id == kept


def test_a_file_that_was_set_aside_is_not_the_newest(desk: Desk) -> None:
    for name in ("right.csv", "wrong.csv"):
        desk.send(Side.SOURCE, name, f"2026-03-30,{name},-900.00,EUR")
    desk.send(Side.REFERENCE, "r.csv", "2026-03-30,Rent,-900.00,EUR")
    wrong = newest_files(desk.engine, NAME)[feed_name(NAME, Side.SOURCE)]
    set_file_aside(desk.engine, wrong.file_id, is_aside=True, actor="ana")
    assert desk.files_of(desk.run()) == ["right.csv", "r.csv"]


def test_a_side_without_a_file_is_what_comes_first(desk: Desk) -> None:
    desk.send(Side.SOURCE, "s.csv", "2026-03-30,Rent,-900.00,EUR")
    found = desk.run()
    assert found.submitted is None
    assert found.hurdles == {Side.REFERENCE: "The reference has no file yet. Choose one."}
    assert list(found.sides) == [Side.SOURCE]


def test_a_question_is_a_persons_to_answer(desk: Desk) -> None:
    desk.send(Side.REFERENCE, "r.csv", "2026-04-03,Rent,-900.00,EUR")
    desk.send_open(Side.SOURCE, "open.csv")
    found = desk.run()
    assert found.submitted is None
    assert list(found.hurdles) == [Side.SOURCE]
    assert found.hurdles[Side.SOURCE].startswith("open.csv leaves a question open: ")


def test_what_was_run_already_needs_no_person(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for side in Side:
        desk.send(side, f"{side}.csv", "2026-03-30,Rent,-900.00,EUR")
    first = submitted(desk.run())
    monkeypatch.setattr("recon.workflows.run_newest.hurdle", lambda side, found: "It does not follow.")
    assert desk.run().submitted == Submitted(run_id=first.run_id, cached=True)
    desk.send(Side.SOURCE, "next.csv", "2026-04-30,Rent,-900.00,EUR")
    assert desk.run().submitted is None


def test_a_newer_reader_makes_no_file_news(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for side in Side:
        desk.send(side, f"{side}.csv", "2026-03-30,Rent,-900.00,EUR")
    first = desk.run()
    monkeypatch.setattr(read_upload, "reader_version", lambda: "the next")
    again = desk.run()
    assert (submitted(again).run_id, submitted(again).cached) == (submitted(first).run_id, True)


def test_a_side_from_the_ledger_is_fetched_anew(desk: Desk) -> None:
    ledger = Ledger(desk.engine)
    bank, alice = ledger.open(AccountType.LIABILITY, overdraft=True), ledger.open(metadata={"name": "Alice"})
    ledger.transfer(bank, alice, "5.00")
    desk.send(Side.SOURCE, "s.csv", "2026-03-31,Funding,5.00,USD")
    upload = fetch_transactions(desk.engine, desk.evidence, "ledger:uae/Alice", actor="ana")
    read_for_feed(desk.engine, desk.evidence, upload.id, feed=feed_name(NAME, Side.REFERENCE), actor="ana")
    first, again = desk.run(), desk.run()
    ledger.transfer(bank, alice, "9.00")
    changed = desk.run()
    assert submitted(again).run_id == submitted(first).run_id != submitted(changed).run_id
    assert changed.sides[Side.REFERENCE].stored.preview.rows_accepted == 2


def test_who_may_not_run_is_refused_before_anything_is_read(desk: Desk) -> None:
    list_person(desk.engine, Person(name="vic", role=PersonRole.VIEWER), actor="ana")
    with pytest.raises(NotAllowed):
        desk.run(actor="vic")
