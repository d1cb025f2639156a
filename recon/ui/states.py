"""What a page shows when it has no rows, must wait, or cannot go on: a sentence, and one thing to do next."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

import streamlit as st
from sqlalchemy.exc import DBAPIError, OperationalError
from streamlit.delta_generator import DeltaGenerator

from recon.errors import TieoutError
from recon.ui.format import md

log = logging.getLogger(__name__)


def empty(
    title: str,
    text: str,
    *,
    icon: str = ":material/inbox:",
    action: str | None = None,
    on_click: Callable[[], None] | None = None,
    key: str = "empty_action",
    height: int | None = None,
) -> bool:
    """A bordered box in the middle of the space the rows would take. Returns True when its action was clicked.

    `title` and `text` are Markdown: escape what came from a file.
    """
    box = empty_box(title, text, icon=icon, key=key, height=height)
    return box.button(action, key=key, on_click=on_click) if action else False


def empty_box(
    title: str, text: str, *, icon: str = ":material/inbox:", key: str = "empty", height: int | None = None
) -> DeltaGenerator:
    """The same box, for more than one action: returns the centred column its actions go into."""
    box = st.container(
        border=True,
        height=height or "content",
        horizontal_alignment="center",
        vertical_alignment="center",
        key=f"{key}_box",
    )
    box.markdown(f"##### {icon} {title}", width="content")
    box.caption(text, width="content", text_alignment="center")
    return box


def failure(problem: Exception) -> None:
    """The box for a problem that stopped the page: the user's own to fix, the database's, or ours (with its id)."""
    if isinstance(problem, TieoutError):
        st.error(md(str(problem)), icon=":material/error:")
    elif is_database_down(problem):
        database_down()
    else:
        fault(problem)


def is_database_down(problem: Exception) -> bool:
    """Whether the database cannot be reached, rather than refuse one statement."""
    return isinstance(problem, OperationalError) or (isinstance(problem, DBAPIError) and problem.connection_invalidated)


def database_down() -> None:
    """The box for a database that does not answer; nothing on the page can be trusted until it does."""
    st.error(
        "Tieout cannot reach its database, so nothing can be shown or changed. Your files and results are safe. "
        "If you run Tieout yourself, start it with `make run`; otherwise tell whoever does.",
        title="The database does not answer",
        icon=":material/database_off:",
    )
    st.button("Try again", icon=":material/refresh:", key="database_retry")


def fault(problem: Exception) -> str:
    """The box for a fault of ours: logs the traceback under an id, shows the id alone. Returns the id."""
    error_id = secrets.token_hex(4)
    log.error("page failed, error id %s", error_id, exc_info=problem)
    st.error(
        f"The page could not be drawn. Nothing was changed by this. Try again; if it happens again, "
        f"report error id `{error_id}`, which names the entry in the log.",
        title="Something went wrong on our side",
        icon=":material/bug_report:",
    )
    return error_id
