"""How many proposals wait for the acting user, beside the name of the page in the navigation."""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import DBAPIError

from recon.model.people import Action
from recon.queries.proposals import inbox_counts
from recon.ui.guard import require
from recon.ui.people.allowed import why_not

NAME: Final = "Approvals"


def approvals_title() -> str:
    """`Approvals (3)` for who may decide; the name alone where nothing waits, or nobody can tell."""
    try:
        desk = require()
        if why_not(desk, Action.APPROVE) is not None:
            return NAME
        waiting = inbox_counts(desk.engine, actor=desk.actor).waiting
    except DBAPIError:  # the page beside it says so at length
        return NAME
    return f"{NAME} ({waiting})" if waiting else NAME
