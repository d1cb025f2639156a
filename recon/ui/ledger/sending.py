"""Sending a command to the ledger from a form, and what is said afterwards.

Rules it keeps: the key of a command is made when its form is drawn, so that a double click, a reconnect or a second tab
is one effect; it is renewed once the command was carried out, and with it the form. What is sent is what the fields say
at the click, which is not what they said when they were drawn.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import streamlit as st
from sqlalchemy.exc import DBAPIError

from recon.errors import TieoutError
from recon.model.ledger import Command, LedgerEvent, PostingCommand
from recon.model.people_refusals import SecondPersonNeeded
from recon.queries.ledger_accounts import names_of
from recon.ui import states
from recon.ui.approvals.offer import offer, show_offer, take_back
from recon.ui.format import md
from recon.ui.guard import Desk
from recon.workflows.command_ledger import command_ledger
from recon.workflows.propose_posting import propose_posting

_ANSWER: Final = "ledger_answer"
_IS_SENT: Final = "ledger_sent"
_ID: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


class FormIncomplete(TieoutError):
    code = "FORM_INCOMPLETE"


def command_key(form: str) -> str:
    """The key of the command this form will send; every widget of the form has it in its own key."""
    return str(st.session_state.setdefault(f"{form}_command", uuid.uuid4().hex))


def field(name: str, key: str) -> Any:
    """What a field of the form with this command key says now; texts without blanks around them."""
    value = st.session_state.get(f"{name}_{key}")
    return value.strip() if isinstance(value, str) else value


def send(
    desk: Desk,
    form: str,
    make: Callable[[Desk, str], Command],
    *,
    said: str,
    then: Callable[[LedgerEvent], None],
) -> None:
    """A callback: carry out what `make` makes of the fields and say `said`; a refusal stays until it is sent again."""
    take_back(form)
    try:
        command = make(desk, command_key(form))
        event = command_ledger(desk.engine, command, actor=desk.actor, today=desk.now.date())
    except SecondPersonNeeded as problem:
        st.session_state.pop(_ANSWER, None)
        offer(form, problem, partial(_propose, desk, form, command))
        return
    except (TieoutError, DBAPIError) as problem:
        st.session_state[_ANSWER] = form, problem  # the key stays: to press again is safe, whatever became of it
        return
    st.session_state.pop(f"{form}_command", None)
    st.session_state.pop(_ANSWER, None)
    st.session_state[_IS_SENT] = said.format(id=event.id)
    then(event)


def _propose(desk: Desk, form: str, command: Command) -> int:
    assert isinstance(command, PostingCommand), "only what posts an entry needs a second person"
    number = propose_posting(desk.engine, command, actor=desk.actor, today=desk.now.date())
    st.session_state.pop(f"{form}_command", None)
    return number


def say(sentence: str) -> None:
    """What was done beside the forms, to be said in passing."""
    st.session_state[_IS_SENT] = sentence


def was_sent() -> bool:
    """Whether a command was carried out since this was last asked; says so in passing."""
    said = st.session_state.pop(_IS_SENT, None)
    if said:
        st.toast(md(said), icon=":material/check_circle:")
    return said is not None


def refusal(desk: Desk, form: str) -> None:
    """Why this form's command was not carried out, with accounts by their names."""
    of, problem = st.session_state.get(_ANSWER, (None, None))
    if show_offer(form) or of != form:
        return
    if isinstance(problem, TieoutError):
        st.warning(md(_named(desk, str(problem))), icon=":material/block:")
    else:
        states.failure(problem)


def _named(desk: Desk, sentence: str) -> str:
    names = names_of(desk.engine, (uuid.UUID(found) for found in _ID.findall(sentence)))
    return _ID.sub(lambda found: names.get(uuid.UUID(found[0]), found[0]), sentence)
