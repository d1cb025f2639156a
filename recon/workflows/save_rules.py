"""Save a reconciliation's rules as its next version: its next run starts from them, runs there are keep theirs."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine

from recon.errors import NoteMissing
from recon.model.people import Action, Deed
from recon.model.rules import Rules
from recon.model.saved_rules import SavedRules
from recon.store import rules as store
from recon.workflows.permit import permit, permit_alone

NOTE_LIMIT: Final = 300
"""Characters of a note that are kept."""


def save_rules(engine: Engine, *, reconciliation: str, rules: Rules, after: int, note: str, actor: str) -> SavedRules:
    """Save rules that were made from version `after` (0: there was none); returns the newest version.

    Raises `NoteMissing`, SecondPersonNeeded where a policy says so (then they can be proposed), and what `store.save`
    raises.
    """
    why = note_for(note)
    with engine.begin() as conn:
        person = permit(conn, actor, Action.RULES)
        number = store.reconciliation_id(conn, reconciliation)
        permit_alone(conn, person, {Deed.RULES: {}}, reconciliation_id=number)
        return store.save(conn, reconciliation, rules, after=after, note=why, actor=actor)


def note_for(note: str) -> str:
    """The note as it is kept. Raises `NoteMissing`."""
    why = " ".join(note.split())[:NOTE_LIMIT]
    if not why:
        raise NoteMissing
    return why
