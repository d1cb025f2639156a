"""Sign a period off, or open it again. What is signed is what was shown: its digest is named, and must still be so.

The pack is kept in the evidence store by its sha256, as JSON, XLSX and PDF; the signature is a row that never changes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

from sqlalchemy import Connection, Engine, text

from recon.errors import TieoutError
from recon.model.close import Close
from recon.model.people import Action, Deed
from recon.queries.audit import sealed_heads
from recon.report.close_document import write_close_document
from recon.report.close_workbook import write_close_workbook
from recon.store import closes
from recon.store.evidence import Evidence, blob_name
from recon.workflows.gather_close import gather_close
from recon.workflows.permit import permit, permit_alone


class CloseRefused(TieoutError):
    """A period may not be closed or opened as asked; the sentence says why and what to do."""

    code = "CLOSE_REFUSED"


def close_period(
    engine: Engine,
    evidence: Evidence,
    *,
    reconciliation_id: int,
    name: str,
    first_on: date,
    last_on: date,
    shown_digest: str,
    reason: str,
    action_key: str,
    actor: str,
) -> int:
    """Sign it off; the close's number, of the first time if the key was seen before.

    Raises CloseRefused where what was shown has changed, the period is closed already, or an amount is unexplained;
    NothingToClose; and what `permit` raises.
    """
    with engine.connect() as conn:
        permit(conn, actor, Action.CLOSE)
    said = reason_for(reason)
    with engine.begin() as conn:
        closes.lock(conn, reconciliation_id)
        known = closes.of_key(conn, action_key)
        if known is not None:
            return known.id
        _check(conn, reconciliation_id, first_on, last_on)
        gathered = gather_close(
            engine, evidence, reconciliation_id=reconciliation_id, name=name, first_on=first_on, last_on=last_on
        )
        if any(gathered.unexplained.values()):
            raise CloseRefused("An amount is unexplained: a run of this period does not tie out. Run it again first.")
        if gathered.pack.digest != shown_digest:
            raise CloseRefused("Something changed since this was shown: look at it again, then sign.")
        at = conn.execute(text("select clock_timestamp()")).scalar_one()
        own = " (who decided some of it, too)" if actor in gathered.deciders else ""
        signature = {"Signed by": f"{actor}{own}", "Signed at": f"{at:%Y-%m-%d %H:%M:%S} UTC", "Why": said}
        heads = {f"Head of {log}": head for log, head in sealed_heads(engine).items()}
        facts = {**signature, **gathered.pack.facts, "Digest": shown_digest, **heads}
        signed = replace(gathered.pack, facts=facts)
        evidence.put_file(BytesIO(gathered.pack.content()))
        return closes.add(
            conn,
            subject=f"reconciliation {reconciliation_id}",
            actor=actor,
            reconciliation_id=reconciliation_id,
            first_on=first_on,
            last_on=last_on,
            reason=said,
            digest=shown_digest,
            workbook_sha256=evidence.put_file(BytesIO(write_close_workbook(signed))),
            document_sha256=evidence.put_file(BytesIO(write_close_document(signed, at=at))),
            action_key=action_key,
        )


def reopen_period(engine: Engine, close_id: int, *, reason: str, action_key: str, actor: str) -> int:
    """Take a close back; the reopening's number.

    Raises CloseRefused if it is not in force, SecondPersonNeeded where a policy says so (then it can be proposed), and
    what `permit` raises.
    """
    said = reason_for(reason)
    with engine.begin() as conn:
        person = permit(conn, actor, Action.CLOSE)
        if (found := closes.find(conn, close_id)) is not None:
            permit_alone(conn, person, {Deed.REOPEN: {}}, reconciliation_id=found.reconciliation_id)
        return open_again(conn, close_id, reason=said, action_key=action_key, actor=actor)


def open_again(conn: Connection, close_id: int, *, reason: str, action_key: str, actor: str) -> int:
    """The same in the caller's transaction, by somebody who may."""
    if (found := closes.find(conn, close_id)) is not None:
        closes.lock(conn, found.reconciliation_id)
    known = closes.of_key(conn, action_key)
    if known is not None:
        return known.id
    found = close_in_force(conn, close_id)
    return closes.add(
        conn,
        subject=f"reconciliation {found.reconciliation_id}",
        actor=actor,
        reconciliation_id=found.reconciliation_id,
        first_on=found.first_on,
        last_on=found.last_on,
        reopens_id=close_id,
        reason=reason,
        action_key=action_key,
    )


def close_in_force(conn: Connection, close_id: int) -> Close:
    """The close, its reconciliation locked. Raises CloseRefused if it is not in force."""
    found = closes.find(conn, close_id)
    if found is not None:
        closes.lock(conn, found.reconciliation_id)
        found = closes.find(conn, close_id)
    if found is None or not found.is_in_force:
        raise CloseRefused(f"Close {close_id} is not in force: it was opened again, or never made.")
    return found


def _check(conn: Connection, reconciliation_id: int, first_on: date, last_on: date) -> None:
    standing: tuple[Close, ...] = closes.in_force(conn, reconciliation_id, first_on=first_on, last_on=last_on)
    if standing:
        one = standing[0]
        raise CloseRefused(
            f"{one.first_on} to {one.last_on} is closed already, by {one.signed_by}. Open it again first, or choose "
            "other days."
        )


def reason_for(reason: str) -> str:
    """The reason as it is kept. Raises CloseRefused where there is none."""
    if not reason.strip():
        raise CloseRefused("Say why: the reason stands beside the signature for good.")
    return reason.strip()


def pack_file(evidence: Evidence, sha256: str) -> bytes:
    """A file that a signature stands for. Raises `EvidenceMissing`."""
    with evidence.open(blob_name(sha256)) as opened:
        return opened.read()


def may_close(engine: Engine, actor: str) -> bool:
    """Whether this person may sign periods off; everyone may while nobody is listed."""
    try:
        with engine.connect() as conn:
            permit(conn, actor, Action.CLOSE)
    except TieoutError:
        return False
    return True
