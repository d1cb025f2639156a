"""Live brokers: our books beside what a broker says this moment, customer by customer, asked for with a button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from recon.model.books import Book, Broker
from recon.model.checks import Quantity
from recon.model.people import Action
from recon.ui import states
from recon.ui.format import NONE, Look, clip, count, counted, duration, instant, words
from recon.ui.guard import Desk, problems_shown, require
from recon.ui.integrity.look import figure_of
from recon.ui.ledger.listing import amount, badges
from recon.ui.ledger.look import BOOKS
from recon.ui.pager import ROW_HEIGHT, first_page, grid_height, pager
from recon.ui.people.allowed import guarded
from recon.workflows.ask_broker import NAMES
from recon.workflows.live_tie_outs import Comparison, LiveTieOuts, Made, TieOutKind
from recon.workflows.tie_out_broker import CustomerTieOut, TieOutReport

LIVE_EVERY: Final = "1s"
PAGE: Final = "live_page"
PAGE_SIZE: Final = 50
_HEIGHT: Final = 380

KINDS: Final[Mapping[TieOutKind, str]] = {
    TieOutKind.LEDGER: "Cash and securities",
    TieOutKind.HOLDINGS: "Share counts",
    TieOutKind.LRS: "LRS remittances",
}
ASKED: Final[Mapping[TieOutKind, str]] = {
    TieOutKind.LEDGER: "Each customer's cash and securities in our ledger, against what the broker has for them now.",
    TieOutKind.HOLDINGS: "Each customer's units of each instrument, against what the broker has for them now.",
    TieOutKind.LRS: "Each customer's remittances, against the deposits the broker has received for them.",
}
SIDES: Final = ((Book.INDIA, Broker.VIEWTRADE), (Book.UAE, Broker.GTN), (Book.UAE, Broker.ZAG))

OUTCOMES: Final[Mapping[str, Look]] = {
    "off": Look(label="Off", color="red", icon=":material/cancel:", slot=5),
    "unread": Look(label="Could not be read", color="violet", icon=":material/report:", slot=3),
    "on_the_way": Look(label="On its way", color="blue", icon=":material/schedule:", slot=0),
    "ties_out": Look(label="Ties out", color="green", icon=":material/check_circle:", slot=1),
}
"""In the order they are shown: what needs a person first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the result: figures of one customer, or why there are none."""

    outcome: str
    customer: str
    name: str
    what: str
    ours: str
    theirs: str
    difference: str
    on_its_way: str
    unit: str
    why: str


def live_brokers(desk: Desk) -> None:
    """Draw the choice, the button, and the last result of what is chosen."""
    place = _place(desk)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        kind = TieOutKind(
            st.segmented_control(
                "Compare",
                list(TieOutKind),
                default=TieOutKind.LEDGER,
                required=True,
                format_func=KINDS.__getitem__,
                key="live",
                **_bound(),
            )
        )
        sides = SIDES[:1] if kind is TieOutKind.LRS else SIDES
        chosen = st.selectbox(
            "With",
            range(len(sides)),
            format_func=lambda at: f"{NAMES[sides[at][1]]} · {BOOKS[sides[at][0]]}",
            key=f"live_with_{len(sides)}",
            label_visibility="collapsed",
            width=180,
        )
        book, broker = sides[chosen]
        wanted = Comparison(kind=kind, book=book, broker=broker)
        made = place.made(wanted)
        st.button(
            "Compare now",
            icon=":material/compare_arrows:",
            type="primary",
            key="compare_now",
            **guarded(desk, Action.CHECKS, disabled=made is not None and made.is_live),
            on_click=place.start,
            args=(wanted,),
            kwargs={"actor": desk.actor},
        )
    st.caption(f"{ASKED[kind]} Live and read-only: nothing is stored.")
    _result(place, wanted, made)


@st.cache_resource(show_spinner=False)
def _tie_outs(_desk: Desk, database: str) -> LiveTieOuts:
    return LiveTieOuts(_desk.engine, _desk.settings)


def _place(desk: Desk) -> LiveTieOuts:
    """The process's one place for comparisons."""
    return _tie_outs(desk, str(desk.engine.url))


def _result(place: LiveTieOuts, wanted: Comparison, made: Made | None) -> None:
    if made is None:
        states.empty_box(
            "Not compared yet",
            f"{NAMES[wanted.broker]} is asked customer by customer, which takes a few seconds or minutes.",
            icon=":material/compare_arrows:",
            height=_HEIGHT,
        )
    elif made.is_live:
        st.fragment(_wait, run_every=LIVE_EVERY)(place, wanted)
    elif made.problem is not None:
        states.failure(made.problem)
    elif made.report is not None:
        _report(made.report, made)


def _wait(place: LiveTieOuts, wanted: Comparison) -> None:
    with problems_shown():
        made = place.made(wanted)
        if made is None or not made.is_live:
            st.rerun()
        waited = duration(require().now - made.began_at)
        states.empty_box(
            f"Asking {NAMES[wanted.broker]} …",
            f"{waited} so far. You may leave the page and come back.",
            icon=":material/sync:",
            height=_HEIGHT,
        )


def _report(report: TieOutReport, made: Made) -> None:
    lines = lines_of(report)
    off = sum(1 for line in lines if line.outcome == "off")
    compared = counted(report.customer_count, "customer")
    unread = f", {counted(len(report.unread), 'customer')} could not be read" if report.unread else ""
    left, right = st.columns([7, 3], vertical_alignment="center")
    state = f":red[**{count(off)} off**]" if off else ":green[everything that could be compared ties out]"
    left.markdown(f"{compared} compared with {report.broker}: {state}{unread} :gray[· as of {instant(made.ended_at)}]")
    with right.container(horizontal=True, horizontal_alignment="right"):
        only_off = st.toggle("Hide what ties out", key="live_only_off", on_change=first_page, args=(PAGE,))
    shown = [line for line in lines if line.outcome != "ties_out"] if only_off else lines
    if not shown:
        states.empty_box("Nothing to show", "Everything ties out.", icon=":material/task_alt:", height=_HEIGHT)
        return
    place = st.container()
    offset = pager(len(shown), key=PAGE, page_size=PAGE_SIZE)
    with place:
        _table(shown[offset : offset + PAGE_SIZE])


def lines_of(report: TieOutReport) -> tuple[Line, ...]:
    """One line for each customer and figure, and one for each customer who could not be read; the worst first."""
    found = [_line(row) for row in report.by_customer()]
    found += [
        Line(outcome="unread", customer=customer, why=why, **dict.fromkeys(_FIGURES, NONE))
        for customer, why in sorted(report.unread.items())
    ]
    order = list(OUTCOMES)
    return tuple(sorted(found, key=lambda line: order.index(line.outcome)))


_FIGURES: Final = ("name", "what", "ours", "theirs", "difference", "on_its_way", "unit")


def _line(row: CustomerTieOut) -> Line:
    def told(value: Quantity) -> str:
        return figure_of(value, row.unit)

    outcome = "off" if row.off_count else "on_the_way" if row.difference else "ties_out"
    return Line(
        outcome=outcome,
        customer=row.customer,
        name=row.name or NONE,
        what=f"{words(row.compared)}, {row.of}" if row.of != row.unit else words(row.compared),
        ours=told(row.ours),
        theirs=told(row.theirs),
        difference=told(row.difference) if row.difference else NONE,
        on_its_way=told(row.explained) if row.explained else NONE,
        unit=row.unit,
        why="Our books do not know this customer." if row.name is None else "",
    )


def _table(lines: Sequence[Line]) -> None:
    text = st.column_config.TextColumn
    frame = pd.DataFrame(
        {
            "Result": [[OUTCOMES[line.outcome].label] for line in lines],
            "Customer": [clip(line.customer, 40) for line in lines],
            "Name": [clip(line.name, 60) for line in lines],
            "What": [clip(line.what, 40) for line in lines],
            "Our books": [line.ours for line in lines],
            "Broker": [line.theirs for line in lines],
            "Difference": [line.difference for line in lines],
            "On its way": [line.on_its_way for line in lines],
            "Unit": [clip(line.unit, 16) for line in lines],
            "Why": [clip(line.why or NONE, 200) for line in lines],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        height=grid_height(len(lines), at_most=16),
        row_height=ROW_HEIGHT,
        placeholder=NONE,
        alt="Our books beside the broker's, customer by customer",
        column_config={
            "Result": badges(OUTCOMES, 132),
            "Customer": text(width=96),
            "Name": text(width=150),
            "What": text(width=130),
            "Our books": amount(100),
            "Broker": amount(100),
            "Difference": amount(96),
            "On its way": amount(90),
            "Unit": text(width=56),
            "Why": text(width=240),
        },
    )


def _bound() -> dict[str, Any]:
    return {"bind": "query-params", "label_visibility": "collapsed", "on_change": first_page, "args": (PAGE,)}
