"""What the workbench keeps in the URL: the run, the chosen rows of either side, and the row the other side is near to.

Rows are named by their lines, `source=4.17&reference=9`; a link shows another person exactly the same choice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

import streamlit as st

from recon.model.transactions import Side

AT_MOST: Final = 200
"""Rows of a side that can be chosen at once: more do not fit a URL, nor a person's view."""

_NEAR: Final = "near"
_REVISION: Final = "panes_revision"


def run_asked() -> int | None:
    """The run the URL asks for."""
    asked = st.query_params.get("run", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


def show_run(run_id: int) -> None:
    """Go to another run, with nothing chosen."""
    clear()
    st.query_params["run"] = str(run_id)


def chosen(side: Side) -> tuple[int, ...]:
    """The lines chosen of a side."""
    given = st.query_params.get(side.value, "").split(".")[:AT_MOST]
    return tuple(dict.fromkeys(int(line) for line in given if _is_line(line)))


def choose(side: Side, lines: Iterable[int]) -> None:
    """Choose exactly these of a side. The first row chosen at all is what the other side is sorted by."""
    kept = list(dict.fromkeys(lines))[:AT_MOST]
    _put(side.value, ".".join(map(str, kept)))
    both = {one: chosen(one) for one in Side}
    here = near()
    if here is not None and here[1] in both[here[0]]:
        return
    first = next(((one, lines[0]) for one, lines in both.items() if len(lines) == 1), None)
    _put(_NEAR, "" if first is None else f"{first[0]}-{first[1]}")


def near() -> tuple[Side, int] | None:
    """The row the other side is sorted by: its side and line."""
    side, _, line = st.query_params.get(_NEAR, "").partition("-")
    return (Side(side), int(line)) if side in {*Side} and _is_line(line) else None


def toggle(side: Side, line: int) -> None:
    """Choose a row, or choose it no more."""
    lines = chosen(side)
    choose(side, [one for one in lines if one != line] if line in lines else [*lines, line])
    redraw()


def only(side: Side, line: int) -> None:
    """Choose this row and nothing else."""
    clear()
    choose(side, [line])


def clear() -> None:
    """Choose nothing."""
    for name in (*(side.value for side in Side), _NEAR):
        st.query_params.pop(name, None)
    redraw()


def drop(side: Side, lines: Collection[int]) -> None:
    """Forget rows that are not open any more."""
    choose(side, [line for line in chosen(side) if line not in lines])


def redraw() -> None:
    """Forget what the grids have ticked: what is chosen was changed without a click in them."""
    st.session_state[_REVISION] = revision() + 1


def revision() -> int:
    """Changes whenever the grids have to be drawn anew."""
    return int(st.session_state.get(_REVISION, 0))


def _put(name: str, value: str) -> None:
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def _is_line(text: str) -> bool:
    """Carried rows have lines below 0."""
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < 19
