"""What the workbench keeps in the URL: the run, the chosen rows of either side, and the row the other side is near to.

Rows are named by their lines, `source=4.17&reference=9`; a link shows another person exactly the same choice. More rows
than a URL holds are kept by the session, and are no part of a link.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import streamlit as st

from recon.model.transactions import Side
from recon.ui.pager import first_page

AT_MOST: Final = 10_000
"""Rows of a side that can be chosen at once."""

_IN_URL: Final = 200
_MANY: Final = "many"
WALK: Final = "bench_walk_at"
"""Where the session keeps how many rows of the source come before the one a walk by keys is at."""

_NEAR: Final = "near"
_NOTHING: Final = "nothing"


def run_asked() -> int | None:
    """The run the URL asks for."""
    asked = st.query_params.get("run", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


def show_run(run_id: int) -> None:
    """Go to another run, with nothing chosen."""
    clear()
    st.query_params["run"] = str(run_id)


def key(side: Side, name: str) -> str:
    """The key of a widget of that side, which is also its name in the URL: `s_q`."""
    return f"{side.value[0]}_{name}"


def other(side: Side) -> Side:
    return Side.REFERENCE if side is Side.SOURCE else Side.SOURCE


def chosen(side: Side) -> tuple[int, ...]:
    """The lines chosen of a side."""
    given = st.query_params.get(side.value, "")
    if given == _MANY:
        kept: tuple[int, ...] = st.session_state.get(key(side, "many"), ())
        return kept
    return tuple(dict.fromkeys(int(line) for line in given.split(".")[:_IN_URL] if _is_line(line)))


def choose(side: Side, lines: Iterable[int]) -> None:
    """Choose exactly these of a side. The first row chosen at all is what the other side is sorted by."""
    kept = tuple(dict.fromkeys(lines))[:AT_MOST]
    st.session_state.pop(key(side, "many"), None)
    if len(kept) > _IN_URL:
        st.session_state[key(side, "many")] = kept
    _put(side.value, _MANY if len(kept) > _IN_URL else ".".join(map(str, kept)))
    _follow({one: chosen(one) for one in Side})


def near() -> tuple[Side, int] | None:
    """The row the other side is sorted by: its side and line."""
    side, _, line = st.query_params.get(_NEAR, "").partition("-")
    return (Side(side), int(line)) if side in {*Side} and _is_line(line) else None


def near_none() -> None:
    """Sort the other side by no row, as long as anything is chosen."""
    _put(_NEAR, _NOTHING)


def toggle(side: Side, line: int) -> None:
    """Choose a row, or choose it no more."""
    lines = chosen(side)
    choose(side, [one for one in lines if one != line] if line in lines else [*lines, line])
    redraw(side)


def only(side: Side, line: int) -> None:
    """Choose this row and nothing else."""
    clear()
    choose(side, [line])
    redraw(side)


def clear() -> None:
    """Choose nothing."""
    for side in Side:
        st.session_state.pop(key(side, "many"), None)
        if st.query_params.pop(side.value, None):
            redraw(side)
    st.query_params.pop(_NEAR, None)


def redraw(side: Side) -> None:
    """Forget what the grid of a side has ticked: what is chosen was changed without a click in it."""
    st.session_state[key(side, "revision")] = revision(side) + 1


def revision(side: Side) -> int:
    """Changes whenever the grid of the side has to be drawn anew."""
    return int(st.session_state.get(key(side, "revision"), 0))


def _follow(both: dict[Side, tuple[int, ...]]) -> None:
    """Keep what the other side is sorted by while it is chosen, else take the first single row there is."""
    here = near()
    is_kept = st.query_params.get(_NEAR) == _NOTHING and any(both.values())
    if is_kept or (here is not None and here[1] in both[here[0]]):
        return
    first = next(((side, lines[0]) for side, lines in both.items() if len(lines) == 1), None)
    _put(_NEAR, "" if first is None else f"{first[0]}-{first[1]}")
    for side, _ in filter(None, (here, first)):
        first_page(key(other(side), "page"))


def _put(name: str, value: str) -> None:
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def _is_line(text: str) -> bool:
    """Carried rows have lines below 0."""
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < 19
