"""Every workflow that somebody starts asks first what they may: each role against each of them, on a real database.

A workflow that takes an actor is in ATTEMPTS with what it takes to be allowed, or in LOOKS with the reason why it asks
nobody. A new one in neither fails here.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

import recon.workflows
from recon.config import Settings
from recon.model.checks import Category, CheckBook
from recon.model.feed import NOTHING_DECIDED
from recon.model.ledger import AccountType, Book, OpenAccount, PostEntry, WantedLine
from recon.model.people import Action, Deed, Person, PersonRole
from recon.model.people_refusals import NotAllowed, PersonInactive, PersonUnknown
from recon.model.rules import Rules
from recon.model.settlement import Ask, SeenRow, SettleMove
from recon.model.transactions import Side
from recon.model.triage import Command, Move, Resolution, Seen
from recon.queries.audit import AuditFilter
from recon.queries.discrepancies import DiscrepancyFilter
from recon.store.evidence import Evidence
from recon.triage.permissions import MAY
from recon.workflows import (
    cancel_run,
    checks_on_demand,
    close_period,
    command_ledger,
    confirm_suggestions,
    decide_on_filter,
    expect_files,
    fetch_transactions,
    import_journal,
    live_tie_outs,
    manage_people,
    name_owners,
    name_write_off_accounts,
    post_entries,
    post_waiting,
    proposals,
    propose_confirmation,
    propose_posting,
    propose_reopening,
    propose_resolution,
    propose_rules,
    propose_settlement,
    propose_unmatch,
    read_audit,
    read_for_feed,
    receive_upload,
    replay_ledger,
    resolve_discrepancies,
    run_by_itself,
    run_newest,
    save_carrying,
    save_mapping,
    save_rules,
    save_view,
    say_about_variance,
    say_no_duplicate,
    send_alerts_again,
    settle_rows,
    start_run,
    submit_run,
    suggest_rules,
    take_in_file,
    take_snapshots,
    triage_sheet,
    undo_answers,
    undo_settlement,
    unmatch_rows,
    verify,
)
from recon.workflows.permit import permit
from recon.workflows.read_upload import StoredReading
from recon.workflows.record_export import exported

NOTHING: Final[Any] = None
"""Stands where nobody gets to who is refused, and what others run into is not looked at."""

DAY: Final = date(2026, 3, 2)
DISMISS: Final = Command(move=Move.RESOLVE, resolution=Resolution.DISMISSED, action_key="k")
WRITE_OFF: Final = Command(move=Move.RESOLVE, resolution=Resolution.WRITTEN_OFF, action_key="k")
SEEN: Final = [Seen(id=1, version=1)]
OPEN: Final = OpenAccount(key="k", book=Book.UAE, currency="EUR", type=AccountType.USER)
LINES: Final = tuple(WantedLine(account_id=uuid4(), amount=amount, currency="EUR") for amount in ("1.00", "-1.00"))
ENTRY: Final = PostEntry(key="k", book=Book.UAE, lines=LINES)
CHECK: Final = checks_on_demand.AskedCheck(check_name="x", book=next(iter(CheckBook)), category=Category.INTERNAL)
STORED: Final = StoredReading(upload=NOTHING, key="x", reading_id=1, preview=NOTHING)
ASK: Final = Ask(
    run_id=1,
    move=SettleMove.MATCH,
    rows=(SeenRow(side=Side.SOURCE, line=2, open_amount=1), SeenRow(side=Side.REFERENCE, line=2, open_amount=1)),
    action_key="k",
)
RUN: Final = {"reconciliation": "x", "rules": Rules()}
PAIR: Final = {"source_line": 2, "reference_line": 2, "action_key": "k"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an attempt is made, and by whom."""

    engine: Engine
    evidence: Evidence
    actor: str


Attempt = Callable[[Place], Any]


def on(workflow: Callable[..., Any], *args: Any, with_evidence: bool = False, **named: Any) -> Attempt:
    """An attempt at a workflow with these arguments."""

    def attempt(at: Place) -> Any:
        where = (at.engine, at.evidence) if with_evidence else (at.engine,)
        return workflow(*where, *args, **named, actor=at.actor)

    return attempt


on_evidence = partial(on, with_evidence=True)

ATTEMPTS: Final[dict[str, tuple[Action, Attempt]]] = {
    "cancel_run": (Action.RUN, on(cancel_run.cancel_run, 1)),
    "ask_for_checks": (
        Action.CHECKS,
        on(checks_on_demand.ask_for_checks, checks_on_demand.ChecksOnDemand(("/nowhere",)), [CHECK]),
    ),
    "close_period": (
        Action.CLOSE,
        on_evidence(
            close_period.close_period,
            reconciliation_id=1,
            name="x",
            first_on=DAY,
            last_on=DAY,
            shown_digest="x",
            reason="x",
            action_key="k",
        ),
    ),
    "reopen_period": (Action.CLOSE, on(close_period.reopen_period, 1, reason="x", action_key="k")),
    "command_ledger": (Action.LEDGER, on(command_ledger.command_ledger, OPEN, today=DAY)),
    "confirm_suggestions": (Action.MATCH, on(confirm_suggestions.confirm_suggestions, 1, [1], action_key="k")),
    "reject_suggestions": (Action.MATCH, on(confirm_suggestions.reject_suggestions, 1, [1], action_key="k")),
    "decide_on_filter": (
        Action.TRIAGE,
        on(decide_on_filter.decide_on_filter, DISMISS, DiscrepancyFilter(run_id=1), ()),
    ),
    "expect_files": (Action.IMPORT, on(expect_files.expect_files, feed="x", arrival=None)),
    "set_zone": (Action.IMPORT, on(expect_files.set_zone, feed="x", zone="UTC")),
    "fetch_transactions": (Action.IMPORT, on_evidence(fetch_transactions.fetch_transactions, "ledger:x")),
    "import_journal": (
        Action.LEDGER,
        lambda at: import_journal.import_journal(
            at.engine, at.evidence, a_file(), book=Book.UAE, actor=at.actor, today=DAY
        ),
    ),
    "list_person": (Action.PEOPLE, on(manage_people.list_person, Person(name="eve", role=PersonRole.VIEWER))),
    "change_person": (Action.PEOPLE, on(manage_people.change_person, Person(name="x", role=PersonRole.VIEWER))),
    "set_limits": (Action.PEOPLE, on(manage_people.set_limits, Deed.NET)),
    "name_owners": (Action.RULES, on(name_owners.name_owners, reconciliation="x", owners=())),
    "name_write_off_accounts": (
        Action.LEDGER,
        on(
            name_write_off_accounts.name_write_off_accounts,
            1,
            currency="EUR",
            book=Book.UAE,
            accounts=(uuid4(), uuid4()),
        ),
    ),
    "post_entries": (Action.LEDGER, on(post_entries.post_entries, Book.UAE, [ENTRY], today=DAY)),
    "post_waiting": (Action.WRITE_OFF, on(post_waiting.post_waiting, 1, "EUR")),
    "approve": (Action.APPROVE, on_evidence(proposals.approve, 1, digest="x")),
    "approve in an emergency": (
        Action.EMERGENCY,
        on_evidence(proposals.approve, 1, digest="x", reason="x", is_emergency=True),
    ),
    "reject": (Action.APPROVE, on(proposals.reject, 1, reason="x")),
    "reject in an emergency": (Action.EMERGENCY, on(proposals.reject, 1, reason="x", is_emergency=True)),
    "propose_confirmation": (Action.MATCH, on(propose_confirmation.propose_confirmation, 1, [1], action_key="k")),
    "propose_posting": (Action.LEDGER, on(propose_posting.propose_posting, ENTRY, today=DAY)),
    "propose_reopening": (Action.CLOSE, on(propose_reopening.propose_reopening, 1, reason="x", action_key="k")),
    "propose_resolution": (Action.TRIAGE, on(propose_resolution.propose_resolution, DISMISS, SEEN)),
    "propose_resolution of a write-off": (
        Action.WRITE_OFF,
        on(propose_resolution.propose_resolution, WRITE_OFF, SEEN),
    ),
    "propose_rules": (
        Action.RULES,
        on(propose_rules.propose_rules, reconciliation="x", wanted=Rules(), after=0, note="x", action_key="k"),
    ),
    "propose_settlement": (Action.MATCH, on(propose_settlement.propose_settlement, ASK)),
    "propose_unmatch": (Action.MATCH, on_evidence(propose_unmatch.propose_unmatch, 1, **PAIR)),
    "export_audit": (Action.AUDIT, on(read_audit.export_audit, AuditFilter())),
    "read_for_feed": (Action.IMPORT, on_evidence(read_for_feed.read_for_feed, 1, feed="x")),
    "receive_upload": (
        Action.IMPORT,
        lambda at: receive_upload.receive_upload(
            at.engine, at.evidence, io.BytesIO(b"x"), filename="x", actor=at.actor
        ),
    ),
    "replay_ledger": (Action.LEDGER, on(replay_ledger.replay_ledger, rebuild=True)),
    "resolve_discrepancies": (Action.TRIAGE, on(resolve_discrepancies.resolve_discrepancies, DISMISS, SEEN)),
    "resolve_discrepancies as a write-off": (
        Action.WRITE_OFF,
        on(resolve_discrepancies.resolve_discrepancies, WRITE_OFF, SEEN),
    ),
    "run_by_itself": (Action.RULES, on(run_by_itself.run_by_itself, reconciliation="x", is_on=False)),
    "run_newest": (
        Action.RUN,
        on_evidence(run_newest.run_newest, reconciliation="x", default_rules=Rules()),
    ),
    "save_carrying": (
        Action.RULES,
        on(save_carrying.save_carrying, reconciliation="x", change=save_carrying.CarryChange()),
    ),
    "map_columns": (Action.IMPORT, on(save_mapping.map_columns, feed="x", columns=["a"], roles={})),
    "accept_remap": (Action.IMPORT, on(save_mapping.accept_remap, feed="x", mapping=NOTHING_DECIDED)),
    "forget_mapping": (Action.IMPORT, on(save_mapping.forget_mapping, feed="x")),
    "save_rules": (Action.RULES, on(save_rules.save_rules, **RUN, after=0, note="x")),
    "save_view": (Action.TRIAGE, on(save_view.save_view, "x", {}, is_shared=False)),
    "change_view": (Action.TRIAGE, on(save_view.change_view, 1, name="x", is_shared=False)),
    "begin_with_view": (Action.TRIAGE, on(save_view.begin_with_view, None)),
    "drop_view": (Action.TRIAGE, on(save_view.drop_view, 1)),
    "say_about_variance": (
        Action.CHECKS,
        on(
            say_about_variance.say_about_variance,
            1,
            variance_class=None,
            comment="x",
            seen_version=1,
            action_key="k",
        ),
    ),
    "send_alerts_again": (Action.ALERTS, on(send_alerts_again.send_alerts_again)),
    "settle_rows": (Action.MATCH, on(settle_rows.settle_rows, ASK)),
    "start_run": (Action.RUN, on_evidence(start_run.start_run, **RUN, sides=dict.fromkeys(Side, STORED))),
    "submit_run": (
        Action.RUN,
        on_evidence(submit_run.submit_run, **RUN, source_reading_id=1, reference_reading_id=2),
    ),
    "rerun": (Action.RUN, on_evidence(submit_run.rerun, 1)),
    "dismiss_suggestion": (Action.RULES, on(suggest_rules.dismiss_suggestion, "x", NOTHING)),
    "restore_suggestions": (Action.RULES, on(suggest_rules.restore_suggestions, "x")),
    "take_in_file": (Action.IMPORT, on_evidence(take_in_file.take_in_file, STORED, feed="x")),
    "accept_controls": (Action.IMPORT, on(take_in_file.accept_controls, NOTHING)),
    "set_file_aside": (Action.IMPORT, on(take_in_file.set_file_aside, 1, is_aside=True)),
    "take_snapshots": (Action.LEDGER, on(take_snapshots.take_snapshots, book=Book.UAE, as_of=DAY, today=DAY)),
    "import_triage_sheet": (Action.TRIAGE, on(triage_sheet.import_triage_sheet, 1, b"x")),
    "undo_answers": (Action.MATCH, on(undo_answers.undo_answers, 1, "k")),
    "undo_settlement": (Action.MATCH, on(undo_settlement.undo_settlement, 1)),
    "say_no_duplicate": (Action.MATCH, on_evidence(say_no_duplicate.say_no_duplicate, 1, [1], action_key="k")),
    "unmatch_rows": (Action.MATCH, on_evidence(unmatch_rows.unmatch_rows, 1, **PAIR)),
    "verify": (Action.AUDIT, on_evidence(verify.verify)),
    "LiveTieOuts.start": (
        Action.CHECKS,
        lambda at: live_tie_outs.LiveTieOuts(at.engine, Settings(_env_file=None)).start(
            live_tie_outs.Comparison(kind=live_tie_outs.TieOutKind.LEDGER), actor=at.actor
        ),
    ),
}
"""Name of the workflow (and of a variety of it) -> what one must be allowed, and how it is tried."""

LOOKS: Final[dict[str, str]] = {
    "assignees": "names to choose from",
    "export_triage_sheet": "taking away what one may look at: whoever is listed may, and the log says so",
    "exported": "the same",
    "limited_person": "asks itself",
    "may_close": "asks itself",
    "may_read_audit": "asks itself",
    "newest_reading": "read_for_feed asks",
    "permit_often": "asks itself",
    "refusals": "asks itself",
    "undo_decision": "carries out what resolve_discrepancies asks about, step by step",
    "withdraw": "one's own, for whoever is listed",
    "ChecksOnDemand.ask": "ask_for_checks has asked",
    "VerifyOnDemand.start": "verify asks, in the child",
}
"""Workflow -> why it asks nobody, or who asks in its place."""


def a_file() -> Path:
    """Any file at all."""
    return Path(__file__)


def workflows() -> Iterator[str]:
    """Every function of a workflow that is given connections and an actor, by name."""
    for path in sorted(Path(recon.workflows.__path__[0]).glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                yield from _started(node, "engine")
            elif isinstance(node, ast.ClassDef):
                methods = (part for part in node.body if isinstance(part, ast.FunctionDef))
                yield from (f"{node.name}.{name}" for method in methods for name in _started(method, "self"))


def _started(node: ast.FunctionDef, first: str) -> Iterator[str]:
    names = [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)]
    if not node.name.startswith("_") and "actor" in names and names[0] == first:
        yield node.name


@pytest.fixture
def staff(engine: Engine) -> Engine:
    """One person of each role, named like it; and one who left."""
    for role in sorted(PersonRole):  # admin, who lists the others, comes first
        manage_people.list_person(engine, Person(name=role.value, role=role), actor="admin")
    manage_people.list_person(engine, Person(name="gone", role=PersonRole.OPERATOR), actor="admin")
    gone = Person(name="gone", role=PersonRole.OPERATOR, is_active=False, version=1)
    manage_people.change_person(engine, gone, actor="admin")
    return engine


def events(engine: Engine) -> int:
    with engine.connect() as conn:
        return int(conn.execute(text("select count(*) from audit_event")).scalar_one())


def test_every_workflow_somebody_starts_is_in_the_table() -> None:
    named = {name.partition(" ")[0] for name in ATTEMPTS}
    assert sorted(workflows()) == sorted(named | LOOKS.keys())


def test_who_may_not_is_refused_by_every_workflow_and_nothing_is_changed(staff: Engine, evidence: Evidence) -> None:
    before = events(staff)
    for name, (action, attempt) in ATTEMPTS.items():
        for role in PersonRole:
            if action not in MAY[role]:
                with pytest.raises(NotAllowed, match=f"{role.value} is listed as {role.value} and may not"):
                    attempt(Place(engine=staff, evidence=evidence, actor=role.value))
                assert events(staff) == before, f"{name} by {role.value}"


def test_strangers_and_who_left_are_refused_by_every_workflow(staff: Engine, evidence: Evidence) -> None:
    for _, attempt in ATTEMPTS.values():
        with pytest.raises(PersonUnknown):
            attempt(Place(engine=staff, evidence=evidence, actor="mallory"))
        with pytest.raises(PersonInactive):
            attempt(Place(engine=staff, evidence=evidence, actor="gone"))


def test_who_may_is_refused_by_none(staff: Engine, evidence: Evidence) -> None:
    """What they run into then is another matter: there is nothing here to work on."""
    for name, (action, attempt) in ATTEMPTS.items():
        for role in (role for role in PersonRole if action in MAY[role]):
            try:
                attempt(Place(engine=staff, evidence=evidence, actor=role.value))
            except NotAllowed as refusal:
                pytest.fail(f"{name} by {role.value}: {refusal}")
            except Exception:  # noqa: BLE001, S110 - a missing run, file or row
                pass


def test_taking_away_is_for_whoever_is_listed(staff: Engine) -> None:
    assert exported(staff, lambda: b"x", subject="run 1", file="x.csv", actor="viewer") == b"x"
    with pytest.raises(PersonUnknown):
        exported(staff, lambda: b"x", subject="run 1", file="x.csv", actor="mallory")


def test_every_action_is_asked_about_somewhere(staff: Engine) -> None:
    assert {action for action, _ in ATTEMPTS.values()} == set(Action)
    with staff.connect() as conn:
        assert permit(conn, "admin", Action.PEOPLE).role is PersonRole.ADMIN
