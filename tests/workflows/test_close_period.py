"""Signing a period off: what was shown is what is kept, once, by who may; and a decision after it is told apart."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime

import openpyxl
import pytest
from sqlalchemy import Engine, select

from recon.model.close import ClosePack, Section
from recon.model.people import Deed, Person, PersonRole, ProposalState
from recon.model.people_refusals import NotAllowed, SecondPersonNeeded
from recon.model.triage import Command, Move, Resolution, Seen
from recon.money import Money
from recon.queries.after_close import closed_after, decided_after_close
from recon.queries.closes import closes_of
from recon.queries.proposals import find_proposal
from recon.report.close_document import write_close_document
from recon.report.close_workbook import write_close_workbook
from recon.store.evidence import Evidence, blob_name
from recon.store.tables import audit_event, discrepancy, reconciliation
from recon.workflows.close_period import CloseRefused, close_period, reopen_period
from recon.workflows.gather_close import Gathered, NothingToClose, gather_close
from recon.workflows.manage_people import list_person, set_limits
from recon.workflows.proposals import approve
from recon.workflows.propose_reopening import propose_reopening
from recon.workflows.propose_resolution import propose_resolution
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.seal_logs import seal_logs
from recon.workflows.verify import verify
from tests.workflows.pool import Pool, row
from tests.workflows.sides import submit_both
from tests.workflows.test_execute_run import execute

MARCH = {"first_on": date(2026, 3, 1), "last_on": date(2026, 3, 31)}


@dataclass(frozen=True, kw_only=True)
class Desk:
    engine: Engine
    evidence: Evidence
    id: int
    name: str

    def gather(self, **period: date) -> Gathered:
        asked = {**MARCH, **period}
        return gather_close(self.engine, self.evidence, reconciliation_id=self.id, name=self.name, **asked)

    def close(
        self, *, key: str = "k1", actor: str = "ana", reason: str = "Month end", shown: str = "", **period: date
    ) -> int:
        digest = shown or self.gather(**period).pack.digest
        return close_period(
            self.engine,
            self.evidence,
            reconciliation_id=self.id,
            name=self.name,
            **{**MARCH, **period},
            shown_digest=digest,
            reason=reason,
            action_key=key,
            actor=actor,
        )

    def rows(self) -> list[Seen]:
        with self.engine.connect() as conn:
            found = conn.execute(select(discrepancy.c.id, discrepancy.c.version).order_by(discrepancy.c.id)).all()
        return [Seen(id=one.id, version=one.version) for one in found]


@pytest.fixture
def desk(engine: Engine, evidence: Evidence) -> Desk:
    """One published run of March, with three discrepancies."""
    execute(engine, evidence, submit_both(engine, evidence))
    with engine.connect() as conn:
        one = conn.execute(select(reconciliation.c.id, reconciliation.c.name)).one()
    return Desk(engine=engine, evidence=evidence, id=one.id, name=one.name)


def section(pack: ClosePack, title: str) -> Section:
    (found,) = (one for one in pack.sections if one.title == title)
    return found


def test_a_pack_has_the_proof_what_is_open_and_the_files(desk: Desk) -> None:
    found = desk.gather()
    assert (found.run_ids, found.open_count, found.write_off_count) == ((1,), 3, 0)
    euros, _ = section(found.pack, "Proof").rows
    figures = (3, 7700, 3, 2600, 5100, 5100, 0)  # rows and total of both sides, difference, explained, unexplained
    assert tuple(cell.amount if isinstance(cell, Money) else cell for cell in euros) == (1, *figures)
    kinds = [line[1:3] for line in section(found.pack, "What explains the difference").rows if line[2]]
    assert kinds == [("amount mismatch", 1), ("missing in reference", 1), ("missing in source", 1)]
    assert section(found.pack, "Open by age").rows == (("8 to 30 days", 3, Money(amount=5100, currency="EUR")),)
    assert [row[2] for row in section(found.pack, "Files").rows] == ["gateway.csv", "bank.csv"]


def test_the_same_state_gives_the_same_digest_and_a_decision_another(desk: Desk) -> None:
    before = desk.gather().pack.digest
    assert desk.gather().pack.digest == before
    decide(desk, Resolution.TIMING)
    after = desk.gather()
    assert after.pack.digest != before
    assert after.open_count == 2


def decide(desk: Desk, resolution: Resolution) -> None:
    command = Command(move=Move.RESOLVE, resolution=resolution, comment="Seen.", action_key=f"key {resolution}")
    resolve_discrepancies(desk.engine, command, desk.rows()[:1], actor="ana")


def test_what_was_shown_is_kept_as_json_workbook_and_document(desk: Desk) -> None:
    seal_logs(desk.engine)
    desk.close()
    (one,) = closes_of(desk.engine)
    assert (one.signed_by, one.reason, one.is_in_force) == ("ana", "Month end", True)
    with desk.evidence.open(blob_name(str(one.digest))) as file:
        assert json.load(file)["title"] == "Bank vs ledger: 2026-03-01 to 2026-03-31"
    with desk.evidence.open(blob_name(str(one.workbook_sha256))) as file:
        book = openpyxl.load_workbook(io.BytesIO(file.read()))
    facts = {line[0].value: line[1].value for line in book["Summary"].iter_rows(min_col=1, max_col=2)}
    assert (facts["Signed by"], facts["Digest"]) == ("ana", one.digest)
    assert len(facts["Head of audit_event"]) == 64
    assert book["Open items"].max_row == 4
    with desk.evidence.open(blob_name(str(one.document_sha256))) as file:
        assert file.read(5) == b"%PDF-"


def test_a_signature_sent_twice_is_one_and_a_closed_period_is_not_closed_again(desk: Desk) -> None:
    digest = desk.gather().pack.digest
    assert desk.close(shown=digest) == desk.close(shown=digest)
    with pytest.raises(CloseRefused, match="closed already, by ana"):
        desk.close(key="k2", first_on=date(2026, 3, 2))
    assert len(closes_of(desk.engine)) == 1


def test_what_changed_since_it_was_shown_is_not_signed(desk: Desk) -> None:
    digest = desk.gather().pack.digest
    decide(desk, Resolution.TIMING)
    with pytest.raises(CloseRefused, match="Something changed"):
        desk.close(shown=digest)


def test_a_signature_needs_a_reason_and_runs(desk: Desk) -> None:
    with pytest.raises(CloseRefused, match="Say why"):
        desk.close(reason=" ")
    with pytest.raises(NothingToClose):
        desk.gather(first_on=date(2026, 4, 1), last_on=date(2026, 4, 30))


def test_a_close_is_opened_again_by_a_row_that_says_why(desk: Desk) -> None:
    number = desk.close()
    again = reopen_period(desk.engine, number, reason="Late file", action_key="r1", actor="ben")
    assert reopen_period(desk.engine, number, reason="Late file", action_key="r1", actor="ben") == again
    with pytest.raises(CloseRefused, match="not in force"):
        reopen_period(desk.engine, number, reason="Late file", action_key="r2", actor="ben")
    assert desk.close(key="k2") not in (number, again)
    assert [one.is_in_force for one in closes_of(desk.engine)] == [True, False, False]
    with desk.engine.connect() as conn:
        actions = conn.execute(select(audit_event.c.action).where(audit_event.c.action.like("period%"))).scalars().all()
    assert actions == ["period_closed", "period_reopened", "period_closed"]


def test_a_close_is_opened_again_by_two_people_where_a_policy_says_so(desk: Desk) -> None:
    for name, role in (("root", PersonRole.ADMIN), ("ben", PersonRole.APPROVER), ("bo", PersonRole.APPROVER)):
        list_person(desk.engine, Person(name=name, role=role), actor="root")
    number = desk.close(actor="ben")
    set_limits(desk.engine, Deed.REOPEN, is_always=True, reconciliation_id=desk.id, actor="root")
    with pytest.raises(SecondPersonNeeded, match="may not open a closed period again alone"):
        reopen_period(desk.engine, number, reason="Late file", action_key="r1", actor="ben")
    asked = [
        find_proposal(desk.engine, propose_reopening(desk.engine, number, reason="Late", action_key=key, actor="ben"))
        for key in ("p1", "p2")
    ]
    states = [approve(desk.engine, desk.evidence, one.id, digest=one.digest, actor="bo") for one in asked if one]
    assert states == [ProposalState.APPROVED, ProposalState.VOID]
    assert [one.is_in_force for one in closes_of(desk.engine)] == [False, False]


def test_only_who_approves_signs(desk: Desk) -> None:
    for name, role in (("root", PersonRole.ADMIN), ("olga", PersonRole.OPERATOR), ("ben", PersonRole.APPROVER)):
        list_person(desk.engine, Person(name=name, role=role), actor="root")
    for name in ("root", "olga"):
        with pytest.raises(NotAllowed):
            desk.close(actor=name)
    assert desk.close(actor="ben")


def test_a_decision_after_a_close_is_told_apart(desk: Desk) -> None:
    decide(desk, Resolution.TIMING)
    number = desk.close()
    rows = desk.rows()[1:2]
    command = Command(move=Move.RESOLVE, resolution=Resolution.TIMING, comment="Late.", action_key="late")
    resolve_discrepancies(desk.engine, command, rows, actor="ana")
    early, late, still = (row.id for row in desk.rows())
    assert closed_after(desk.engine, early) is None
    assert closed_after(desk.engine, still) is None
    found = closed_after(desk.engine, late)
    assert found is not None
    assert found.id == number
    assert decided_after_close(desk.engine, 1) == 1
    reopen_period(desk.engine, number, reason="Late", action_key="r", actor="ana")
    assert closed_after(desk.engine, late) is None
    assert decided_after_close(desk.engine, 1) == 0


def test_a_write_off_names_its_approver(desk: Desk) -> None:
    for name, role in (("root", PersonRole.ADMIN), ("olga", PersonRole.OPERATOR), ("ben", PersonRole.APPROVER)):
        list_person(desk.engine, Person(name=name, role=role), actor="root")
    set_limits(desk.engine, Deed.WRITE_OFF, above={"EUR": 0}, actor="root")
    command = Command(move=Move.RESOLVE, resolution=Resolution.WRITTEN_OFF, comment="Rounding.", action_key="w")
    asked = find_proposal(desk.engine, propose_resolution(desk.engine, command, desk.rows()[:1], actor="olga"))
    assert asked is not None
    approve(desk.engine, desk.evidence, asked.id, digest=asked.digest, actor="ben")
    (line,) = section(desk.gather().pack, "Write-offs and adjustments").rows
    assert line[1:] == ("olga", "ben", "written off", "Rounding.", Money(amount=200, currency="EUR"), "not posted")


def test_open_items_that_are_carried_are_those_of_the_pool(engine: Engine, evidence: Evidence) -> None:
    pool = Pool(engine=engine, evidence=evidence)
    pool.run([row("A", 100), row("B", 200)], [row("A", 100)])
    pool.run([row("C", 300, 9)], [row("B", 200, 3)])
    desk = Desk(engine=engine, evidence=evidence, id=pool.id, name="Gateway")
    found = desk.gather()
    assert found.run_ids == (1, 2)
    assert [(line[0], line[3]) for line in section(found.pack, "Open items").rows] == [("source", "C")]


def test_packs_are_among_the_files_that_are_verified(desk: Desk) -> None:
    desk.close()
    assert verify(desk.engine, desk.evidence, actor="ana").is_sound
    (one,) = closes_of(desk.engine)
    desk.evidence.local_path(blob_name(str(one.document_sha256))).unlink()
    found = verify(desk.engine, desk.evidence, actor="ana")
    assert found.problems[0].startswith("The PDF of close 1 is gone")


def test_text_in_a_pack_is_only_text(desk: Desk) -> None:
    pack = ClosePack(
        title="=A1 Жанна",
        facts={"Why": "=cmd|' /C calc'!A0"},
        sections=(Section(title="Open items", columns=("What",), rows=(("=1+1",), ("Жанна\u202e" * 50,))),),
    )
    book = openpyxl.load_workbook(io.BytesIO(write_close_workbook(pack)))
    assert {cell.data_type for sheet in book for line in sheet.iter_rows() for cell in line if cell.value} == {"s"}
    assert write_close_document(pack, at=datetime(2026, 4, 1, tzinfo=UTC)).startswith(b"%PDF-")
