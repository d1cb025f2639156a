"""Project every event again and hold the result against the stored accounts, journal and balances."""

from __future__ import annotations

from sqlalchemy import Engine

from recon.ledger import posting_of
from recon.model.ledger import Replay
from recon.store import ledger_replay
from recon.store.ledger_replay import Replayed


def replay_ledger(engine: Engine, *, rebuild: bool = False) -> Replay:
    """What the events say against what is stored. `rebuild` puts differences right; commands wait meanwhile."""
    with ledger_replay.snapshot(engine, is_alone=rebuild) as conn:
        replayed = Replayed(conn)
        for events in ledger_replay.batches(conn):
            replayed.add((event, posting_of(event.fact)) for event in events)
        replayed.finish()
        differences = ledger_replay.differences(conn)
        if rebuild and differences:
            ledger_replay.put_in_place(conn)
        return Replay(
            event_count=replayed.event_count,
            account_count=replayed.account_count,
            entry_count=replayed.entry_count,
            differences=differences,
            is_rebuilt=rebuild and bool(differences),
        )
