"""Ask a second person to resolve discrepancies that come to more than one person may resolve so alone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Engine

from recon.model.correction import Correction
from recon.model.people import Action, Proposal
from recon.model.triage import Command, Move, Resolution, Seen
from recon.store import discrepancies, people
from recon.store.evidence import Evidence
from recon.triage import check
from recon.triage.deeds import added, deed_of
from recon.workflows.permit import permit
from recon.workflows.post_write_off import BOOKED, plan_booking
from recon.workflows.resolve_discrepancies import resolve

DOES = "resolve"


def propose_resolution(engine: Engine, command: Command, seen: Sequence[Seen], *, actor: str) -> int:
    """Ask that these discrepancies, as they were seen, are resolved so; the proposal's number."""
    check(command)
    assert seen, "a proposal is about something"
    with engine.begin() as conn:
        permit(conn, actor, Action.TRIAGE)
        if command.resolution in BOOKED:
            permit(conn, actor, Action.WRITE_OFF)
        assert command.resolution is not None, "only resolving needs a second person"
        sizes = discrepancies.sizes(conn, (row.id for row in seen))
        return people.propose(
            conn,
            deed_of(command.resolution),
            subject=f"discrepancy {seen[0].id}" if len(seen) == 1 else f"{len(seen):,} discrepancies",
            body={
                "does": DOES,
                "discrepancies": sorted([row.id, row.version] for row in seen),
                "resolution": command.resolution.value,
                "comment": command.comment.strip(),
                "books": plan_booking(conn, command, [row.id for row in seen]),
            }
            | ({"correction": command.correction.as_dict()} if command.correction else {}),
            amounts=added(sizes.values()),
            reason=command.comment.strip(),
            actor=actor,
            action_key=command.action_key,
        )


def resolve_proposed(conn: Connection, _evidence: Evidence, asked: Proposal) -> bool:
    """Resolve the discrepancies, all of them as they were when it was proposed, posted as was shown; or none."""
    command = Command(
        move=Move.RESOLVE,
        resolution=Resolution(asked.body["resolution"]),
        comment=asked.body["comment"],
        correction=Correction.from_dict(asked.body["correction"]) if "correction" in asked.body else None,
        action_key=f"proposal-{asked.id}",
    )
    seen = [Seen(id=id_, version=version) for id_, version in asked.body["discrepancies"]]
    if plan_booking(conn, command, [row.id for row in seen]) != asked.body.get("books", []):
        return False
    with conn.begin_nested() as attempt:
        is_whole = resolve(conn, command, seen, actor=asked.proposed_by).is_complete
        if not is_whole:
            attempt.rollback()
    return is_whole
