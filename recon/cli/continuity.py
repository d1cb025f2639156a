"""A balance that does not follow from the file before it, asked of whoever runs the file: as the Reconcile page does.

It is told like any other question about a file. The answer lets this file pass; nothing of it holds for the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sqlalchemy import Engine

from recon.model.reading import Choice, Question
from recon.model.transactions import Side
from recon.workflows.read_for_feed import FeedReading
from recon.workflows.read_upload import StoredReading
from recon.workflows.take_in_file import accept_controls

CODE: Final = "CONTINUITY"
ACCEPT: Final = "accept"


def settle_continuity(
    engine: Engine, found: Mapping[Side, FeedReading], accepted: frozenset[Side], *, actor: str
) -> dict[Side, StoredReading]:
    """Each side as it was read, with the question where its balance does not follow and was not accepted."""
    sides = {}
    for side, one in found.items():
        sides[side] = one.stored
        if one.standing is None or not one.standing.open_controls:
            continue
        if side in accepted:
            accept_controls(engine, one.standing, actor=actor)
        else:
            sides[side] = _asking(one.stored, one.standing.open_controls[0].says)
    return sides


def take_accepted(given: Mapping[Side, dict[str, str]]) -> frozenset[Side]:
    """The sides whose balance is accepted, taken out of the answers: no reading asks for it."""
    return frozenset(side for side, answers in given.items() if answers.pop(CODE, None) == ACCEPT)


def _asking(stored: StoredReading, says: str) -> StoredReading:
    question = Question(
        code=CODE,
        column=None,
        text=f"It does not follow from the file before it. {says} A file may be missing in between: send it first.",
        choices=(Choice(value=ACCEPT, label="Run it all the same"),),
    )
    return replace(stored, preview=replace(stored.preview, questions=(*stored.preview.questions, question)))
