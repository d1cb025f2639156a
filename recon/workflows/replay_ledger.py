"""Project every event again and hold the result against the stored accounts, journal and balances."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine

from recon.ledger import posting_of
from recon.model.ledger import Replay
from recon.model.people import Action
from recon.store import audit, ledger_replay
from recon.store.ledger_replay import Replayed
from recon.workflows.permit import permit

SYSTEM: Final = "system"


def replay_ledger(engine: Engine, *, rebuild: bool = False, actor: str = SYSTEM) -> Replay:
    """What the events say against what is stored. `rebuild` puts differences right; commands wait meanwhile.

    That it did is an audit event of `actor`, who must be allowed to post. Raises what `permit` raises.
    """
    if rebuild and actor != SYSTEM:
        with engine.connect() as conn:
            permit(conn, actor, Action.LEDGER)
    with ledger_replay.snapshot(engine, is_alone=rebuild) as conn:
        replayed = Replayed(conn)
        for events in ledger_replay.batches(conn):
            replayed.add((event, posting_of(event.fact)) for event in events)
        replayed.finish()
        differences = ledger_replay.differences(conn)
        if rebuild and differences:
            ledger_replay.put_in_place(conn)
            detail = {"differences": len(differences), "events": replayed.event_count}
            audit.record(conn, actor=actor, action="ledger_rebuilt", subject="ledger", detail=detail)
        return Replay(
            event_count=replayed.event_count,
            account_count=replayed.account_count,
            entry_count=replayed.entry_count,
            differences=differences,
            is_rebuilt=rebuild and bool(differences),
        )
