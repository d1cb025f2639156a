"""Save a reconciliation's rules as its next version: its next run starts from them, runs there are keep theirs."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine

from recon.errors import NoteMissing
from recon.model.people import Action
from recon.model.rules import Rules
from recon.model.saved_rules import SavedRules
from recon.store import rules as store
from recon.workflows.permit import permit

NOTE_LIMIT: Final = 300
"""Characters of a note that are kept."""


def save_rules(engine: Engine, *, reconciliation: str, rules: Rules, after: int, note: str, actor: str) -> SavedRules:
    """Save rules that were made from version `after` (0: there was none); returns the newest version.

    Raises `NoteMissing`, and what `store.save` raises.
    """
    why = " ".join(note.split())[:NOTE_LIMIT]
    if not why:
        raise NoteMissing
    with engine.begin() as conn:
        permit(conn, actor, Action.RULES)
        return store.save(conn, reconciliation, rules, after=after, note=why, actor=actor)
