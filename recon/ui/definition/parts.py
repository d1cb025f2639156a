"""Each part of a definition as one line of Markdown, with the page that changes or shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import streamlit as st

from recon.errors import FeedNotFound
from recon.model.feed import feed_name
from recon.model.people import DEEDS
from recon.model.transactions import Side
from recon.model.triage import DUE_AFTER
from recon.queries import definitions
from recon.queries.attention import held_up
from recon.queries.carrying import carrying as carry_settings
from recon.queries.closes import closes_of
from recon.queries.definitions import DefinitionRow
from recon.queries.ledger_accounts import names_of
from recon.queries.newest_files import newest_files
from recon.queries.open_ages import AGES, open_ages
from recon.queries.people import policies
from recon.queries.rules import newest_rules
from recon.ui.feeds.listing import STATES, state_of
from recon.ui.format import RUN_STATUS, SIDES, clip, count, counted, day, md, when
from recon.ui.guard import Desk
from recon.ui.links import FEEDS, OPEN_ITEMS, RULES, RUNS, SETTINGS, WORKBENCH
from recon.ui.open_items.address import to_items
from recon.ui.settings.second_person import told
from recon.workflows.feed_standings import feed_standing

REPORTS: Final = "pages/reports.py"
_WAY: Final = ":material/chevron_right:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How a part stands, as Markdown, and where it is changed or shown."""

    text: str
    page: str | None = None
    label: str = ""
    query: Mapping[str, str] = field(default_factory=dict)


def link(said: Part) -> None:
    """Draw the way there, if there is one."""
    if said.page == SETTINGS:
        section = said.query["section"]
        st.button(said.label, icon=_WAY, type="tertiary", key=f"to_{section}", on_click=_show_section, args=(section,))
    elif said.page is not None:
        st.page_link(said.page, label=said.label, icon=_WAY, query_params=dict(said.query))


def _show_section(name: str) -> None:
    """Another section of the page one is on."""
    st.session_state["section"] = name


def owners(names: Sequence[str]) -> str:
    """Who they are."""
    return md(", ".join(names)) if names else ":gray[Nobody: what is not assigned waits for anyone]"


def feeds(desk: Desk, name: str) -> Mapping[str, Part]:
    """Side -> its newest file, how its feed stands, and what it is read by."""
    return {SIDES[side]: _feed(desk, feed_name(name, side)) for side in Side}


def _feed(desk: Desk, feed: str) -> Part:
    try:
        found = feed_standing(desk.engine, feed, now=desk.now)
    except FeedNotFound:
        return Part(text=":gray[No file yet]")
    way = Part(text=":gray[No file that belongs to it]", page=FEEDS, label="Feed", query={"feed": feed})
    newest = newest_files(desk.engine).get(feed)
    if newest is None:
        return way
    badge = STATES[state_of(found)].badge()
    came = f"{when(newest.came_at, now=desk.now)} · {counted(newest.rows_accepted, 'row')}"
    read_by = f" · mapping v{found.feed.mapping_version}" if found.feed.mapping_version else ""
    due = ""
    if found.expected is not None and found.expected.next_due_at is not None:
        due = f" · next due {when(found.expected.next_due_at, now=desk.now)}"
    fetched = " · fetched anew for each run" if newest.address else ""
    text = f"{md(clip(newest.filename, 36))} {badge}  \n:gray[{came}{read_by}{due}{fetched}]"
    return replace(way, text=text)


def rules(desk: Desk, name: str) -> Part:
    """The version the next run goes by."""
    saved = newest_rules(desk.engine, name)
    text = "The default ones of this desk"
    if saved is not None:
        by = f"saved {when(saved.created_at, now=desk.now)} by {md(clip(saved.created_by, 24))}"
        text = f"Version {saved.version} :gray[· {by} · {md(clip(saved.note, 48))}]"
    return Part(text=text, page=RULES, label="Rules", query={"for": name})


def runs(desk: Desk, row: DefinitionRow) -> str:
    """Whether it runs by itself, in whose name, and what held it up."""
    if row.runs_itself_by is None:
        return "When somebody asks"
    text = f"By itself :gray[· in the name of {md(clip(row.runs_itself_by, 24))}]"
    stopped = next((one for one in held_up(desk.engine) if one.reconciliation == row.name), None)
    return f"{text}  \n:orange[{md(clip(stopped.text, 120))}]" if stopped else text


def carrying(desk: Desk, name: str) -> str:
    """Whether they live on, by whose calendar, and when counterparts are due."""
    now = carry_settings(desk.engine, name)
    if not now.is_on:
        return "Not carried: every run stands for itself"
    said = [f"{side} {_days(now.due_days[side])}" for side in Side]
    return f"Carried on :gray[· {md(now.calendar) or 'Monday to Friday'} · due: {', '.join(said)}]"


def _days(number: int | None) -> str:
    return "at once" if number is None else f"T+{number}"


def last_run(desk: Desk, row: DefinitionRow) -> Part:
    """The run asked for last, of any kind."""
    if row.last_run_id is None or row.last_status is None:
        return Part(text=":gray[None yet]")
    at = when(row.last_requested_at, now=desk.now)
    text = f"Run {row.last_run_id} {RUN_STATUS[row.last_status].badge()} :gray[{at}]"
    return Part(text=text, page=RUNS, label="Run", query={"run": str(row.last_run_id)})


def open_now(desk: Desk, row: DefinitionRow) -> Part:
    """Open items: in transit, and missing by age in business days."""
    found = next(iter(open_ages(desk.engine, today=desk.now.date(), reconciliation_name=row.name)), None)
    if found is None:
        return Part(text="Nothing" if row.carry_forward else ":gray[Not carried]")
    ages = [f"{label}: {count(number)}" for (label, _), number in zip(AGES, found.missing, strict=True) if number]
    missing = f"{counted(found.missing_count, 'item')} missing" + (f" :gray[· {' · '.join(ages)}]" if ages else "")
    text = f"{count(found.in_transit)} in transit, {missing}"
    return Part(text=text, page=OPEN_ITEMS, label="Open items", query=to_items(row.name))


def due() -> Part:
    """Within how many days a discrepancy is to be resolved, by its size."""
    *larger, (_, days) = DUE_AFTER
    said = "; ".join(f"{number} from {size:,} on" for size, number in reversed(larger))
    return Part(text=f"{days} days after the date :gray[· {said}]")


def write_offs(desk: Desk, row: DefinitionRow) -> Part:
    """The accounts they are posted to, by currency."""
    named = definitions.accounts_of(desk.engine, row.id)
    way = Part(text=":gray[No accounts named: recorded, not posted]")
    if row.last_run_id is not None:
        way = replace(way, page=WORKBENCH, label="Workbench", query={"run": str(row.last_run_id)})
    if not named:
        return way
    names = names_of(desk.engine, [id_ for one in named for id_ in (one.account_id, one.counter_account_id)])
    said = [f"{one.currency} {md(names[one.account_id])} against {md(names[one.counter_account_id])}" for one in named]
    return replace(way, text="  \n".join(said))


def second_person(desk: Desk, row: DefinitionRow) -> Part:
    """What needs one here: what is said of this reconciliation, else what is said of all."""
    said = policies(desk.engine)
    lines = []
    for deed, terms in ((deed, terms) for deed, terms in DEEDS.items() if not terms.is_anywhere):
        of_deed = [one for one in said if one.action is deed]
        here = [one for one in of_deed if one.reconciliation_id == row.id]
        anywhere = [one for one in of_deed if one.reconciliation_id is None]
        if here or anywhere:
            lines.append(md(f"{terms.label} {told(here or anywhere)}"))
    text = "  \n".join(lines) if lines else ":gray[For nothing, but for the limits of single people]"
    return Part(text=text, page=SETTINGS, label="Limits", query={"section": "Second person"})


def signed_off(desk: Desk, row: DefinitionRow) -> Part:
    """The last period that was signed off and not opened again."""
    found = closes_of(desk.engine, row.id)
    reopened = {one.reopens_id for one in found}
    last = next((one for one in found if one.reopens_id is None and one.id not in reopened), None)
    text = ":gray[No period yet]"
    if last is not None:
        by = f"by {md(clip(last.signed_by, 24))} on {day(last.at.date())}"
        text = f"{day(last.first_on)} to {day(last.last_on)} :gray[{by}]"
    return Part(text=text, page=REPORTS, label="Reports", query={"view": "Sign off", "close_of": row.name})
