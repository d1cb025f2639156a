"""The first line of every page: settings, connections and who is here.

A page never runs outside `app.py`. Streamlit's legacy `pages/` mode, which would, is closed before the first
session, and `require()` closes it again and starts over should a page ever be reached that way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st
from sqlalchemy import Engine
from streamlit.errors import FragmentHandledException
from streamlit.runtime.pages_manager import PagesManager

from recon.config import Settings
from recon.config import settings as read_settings
from recon.ui import states
from recon.ui.people.acting import acting_name
from recon.workflows.open_stores import Evidence, open_stores


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a page works with. `now` is fixed for one drawing of the page."""

    settings: Settings
    engine: Engine
    evidence: Evidence
    actor: str
    now: datetime


def close_legacy_pages() -> None:
    """Turn off the mode in which Streamlit runs files of `pages/` without `app.py`, and so without its guard."""
    PagesManager.uses_pages_directory = False


def require() -> Desk:
    """The desk of the current user; stops the page when it was not reached through `app.py`."""
    if PagesManager.uses_pages_directory:
        close_legacy_pages()
        st.rerun()
    settings = read_settings()
    engine, evidence = stores()
    return Desk(settings=settings, engine=engine, evidence=evidence, actor=acting_name(settings), now=datetime.now(UTC))


@st.cache_resource(show_spinner=False)
def stores() -> tuple[Engine, Evidence]:
    """The process's one connection pool and evidence store."""
    return open_stores(read_settings())


@contextmanager
def problems_shown() -> Iterator[None]:
    """Turns whatever stops the page into a box that says what happened and what to do, never a traceback."""
    try:
        yield
    except FragmentHandledException:
        return  # a fragment's problem is shown where the fragment is
    except Exception as problem:  # noqa: BLE001 - the page's outermost border: shown with an id, logged whole
        states.failure(problem)


def show_script_problem(problem: Exception) -> bool:
    """The server's hook for what `problems_shown` cannot see: callbacks and fragments. True: it is on the page."""
    states.failure(problem)
    return True
