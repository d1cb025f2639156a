"""Reversing an entry: asked for once more, with a reason that stays with the reversal."""

from __future__ import annotations

from functools import partial

import streamlit as st

from recon.model.ledger import ReverseEntry
from recon.model.people import Action
from recon.queries.ledger import Entry
from recon.ui.guard import Desk
from recon.ui.ledger import address
from recon.ui.ledger.forms import NOTE_LIMIT
from recon.ui.ledger.sending import FormIncomplete, command_key, field, refusal, send
from recon.ui.people.allowed import guarded


def reverse_button(desk: Desk, entry: Entry) -> None:
    """Draw the button of an entry that is not reversed yet."""
    if entry.reversed_by is None:
        asked = _asked(entry)
        may = guarded(desk, Action.LEDGER)
        icon = ":material/undo:"
        st.button("Reverse", icon=icon, type="tertiary", key="reverse", on_click=_ask, args=(asked, True), **may)


def reverse_form(desk: Desk, entry: Entry) -> None:
    """Draw what it asks, once the button was pressed."""
    asked, form = _asked(entry), f"reverse_{entry.id}"
    if entry.reversed_by is not None or not st.session_state.get(asked):
        return
    key = command_key(form)
    with st.container(border=True, gap="small", key="reversal"):
        st.markdown("**Reverse this entry?** The opposite is posted; this entry stays.")
        st.text_input("Reason", key=f"reason_{key}", max_chars=NOTE_LIMIT)
        st.date_input("Booked on", value=desk.now.date(), key=f"day_{key}", format="YYYY-MM-DD")
        refusal(desk, form)

        left, right = st.columns(2, gap="small")
        left.button(
            f"Reverse {entry.id}",
            icon=":material/undo:",
            type="primary",
            key=f"submit_{key}",
            width="stretch",
            on_click=partial(
                send,
                desk,
                form,
                partial(_reversal, entry.id),
                said=f"Entry {entry.id} is reversed by entry {{id}}.",
                then=lambda event: address.show_entry(event.id),
            ),
        )
        right.button("Keep it", key=f"keep_{key}", on_click=_ask, args=(asked, False), width="stretch")


def _reversal(entry_id: int, _desk: Desk, key: str) -> ReverseEntry:
    reason = field("reason", key)
    if not reason:
        raise FormIncomplete("Give the reason: it stays with the reversal.")
    return ReverseEntry(key=key, entry_id=entry_id, booked_on=field("day", key), metadata={"reason": reason})


def _asked(entry: Entry) -> str:
    return f"reverse_{entry.id}_asked"


def _ask(asked: str, is_asked: bool) -> None:
    st.session_state[asked] = is_asked
