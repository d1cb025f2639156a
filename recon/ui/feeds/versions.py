"""Every version of a feed's mapping, newest first: who saved it, when, and what it changed of the one before."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from typing import Final

import streamlit as st

from recon.model.feed import SavedMapping
from recon.queries.feeds import mapping_versions
from recon.ui.format import clip, instant, md
from recon.ui.guard import Desk
from recon.ui.reconcile.mapping import role_label

PAGE_SIZE: Final = 6
_SHOWN: Final = "mapping_versions_shown"


def versions(desk: Desk, feed_id: int) -> None:
    """Draw the history."""
    found = mapping_versions(desk.engine, feed_id)
    shown = st.session_state.get(_SHOWN, PAGE_SIZE)
    with st.container(border=True, key="mapping_versions", gap="small"):
        st.markdown("**Versions** :gray[· only ever added]")
        if not found:
            st.caption("Nothing was decided about this feed's files yet: they are read by what they say themselves.")
        for place, version in enumerate(found[:shown]):
            before = found[place + 1] if place + 1 < len(found) else None
            _line(version, before, is_newest=place == 0)
        if len(found) > shown:
            st.button("Show earlier versions", key="more_versions", type="tertiary", on_click=_more, args=(shown,))


def _line(version: SavedMapping, before: SavedMapping | None, *, is_newest: bool) -> None:
    mark = " :green-badge[In use]" if is_newest and not version.is_forgotten else ""
    saved = f"{instant(version.created_at)} · {md(clip(version.created_by, 24))}"
    with st.container(gap=None):
        st.markdown(f"**Version {version.version}**{mark} :gray[· {saved}]")
        changes = list(changes_of(before, version))
        st.caption("  \n".join(changes) if changes else "Changes nothing.")


def changes_of(before: SavedMapping | None, now: SavedMapping) -> Iterator[str]:
    """What a version changed, one line each, as Markdown; of the first, all of it."""
    if now.is_forgotten:
        yield "Forgotten: the next file is read as if none had come before."
        return
    old = before.mapping if before else None
    yield from _parts("column", old.roles if old else {}, now.mapping.roles)
    yield from _parts("answer", old.answers if old else {}, now.mapping.answers)
    header = old.header if old else ()
    if header and header != now.mapping.header:
        added = [name for name in now.mapping.header if name not in header]
        gone = [name for name in header if name not in now.mapping.header]
        told = [f":green[+ {_names(added)}]"] * bool(added) + [f":red[− {_names(gone)}]"] * bool(gone)
        yield f"Header: {' '.join(told) or 'in another order'}"
    elif not header and now.mapping.header:
        yield f"Header of {len(now.mapping.header)} columns"


def _parts(what: str, old: MappingType[str, str], new: MappingType[str, str]) -> Iterator[str]:
    """Lines that were added, changed or dropped."""
    for key in sorted(old.keys() | new.keys()):
        label = md(role_label(key)) if what == "column" else md(key)
        if key not in old:
            yield f":green[+] {label}: {_value(new[key])}"
        elif key not in new:
            yield f":red[−] {label}: {_value(old[key])}"
        elif old[key] != new[key]:
            yield f":orange[~] {label}: {_value(old[key])} → {_value(new[key])}"


def _value(text: str) -> str:
    return md(clip(text, 60))


def _names(names: list[str]) -> str:
    return ", ".join(_value(name) for name in names)


def _more(shown: int) -> None:
    st.session_state[_SHOWN] = shown + PAGE_SIZE
