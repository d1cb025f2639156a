"""The triage page as a person works with it: filters from the URL, a row opened, decisions made and answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from streamlit.testing.v1 import AppTest

from recon.config import Settings
from recon.model.outcome import DiscrepancyKind
from recon.model.people import Deed
from recon.model.triage import Command, Move, Resolution, Seen
from recon.queries.discrepancies import DiscrepancyFilter, Order, Sort
from recon.store.evidence import Evidence
from recon.store.tables import discrepancy, discrepancy_event
from recon.ui.triage.grid import GRID_KEY
from recon.workflows.manage_people import set_limits
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.run_in_foreground import finish_run
from recon.workflows.save_view import begin_with_view, save_view
from recon.workflows.triage_sheet import export_triage_sheet
from tests.builders import ITEMS, Item, published_run, readings_of
from tests.pages.conftest import Visit
from tests.pages.shown import buttons, metrics, text
from tests.workflows.sheets import edited
from tests.workflows.sides import submit_both

TODAY = datetime.now(UTC).date()


@pytest.fixture
def run_id(engine: Engine) -> int:
    return published_run(engine)


def rows(at: AppTest) -> Any:
    """The grid's cells."""
    return at.dataframe[0].value


def ids(engine: Engine, **where: Any) -> list[int]:
    query = select(discrepancy.c.id).order_by(discrepancy.c.id)
    for name, value in where.items():
        query = query.where(discrepancy.c[name] == value)
    with engine.connect() as connection:
        return list(connection.execute(query).scalars())


def statuses(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(select(discrepancy.c.status).order_by(discrepancy.c.id)).scalars())


def tick(at: AppTest, *places: int) -> AppTest:
    at.session_state[at.session_state[GRID_KEY]] = {"selection": {"rows": list(places), "columns": [], "cells": []}}
    return at.run()


def plain_text(markdown: str) -> str:
    return markdown.replace("\\", "")


def reason(at: AppTest) -> Any:
    return next(box for box in at.selectbox if box.label == "Reason")


def press(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def test_a_queue_shows_what_is_open_newest_first_with_exact_figures(visit: Visit, run_id: int) -> None:
    at = visit("triage")
    assert not at.exception
    assert len(rows(at)) == len(ITEMS)
    assert metrics(at)["Open discrepancies"] == "5"
    assert "142.50" in text(at)  # gross of EUR
    assert list(rows(at)["ID"]) == sorted(rows(at)["ID"], reverse=True)


def test_amounts_are_exact_in_every_currency_and_negative_in_brackets(visit: Visit, engine: Engine) -> None:
    amounts = {"EUR": -123_456, "JPY": 815, "KWD": 1_005, "USD": 2**62}
    published_run(engine, [Item(kind=DiscrepancyKind.DUPLICATE, amount=a, currency=c) for c, a in amounts.items()])
    shown = dict(zip(rows(at := visit("triage"))["Ccy"], rows(at)["Difference"], strict=True))
    assert shown == {"EUR": "(1,234.56)", "JPY": "815", "KWD": "1.005", "USD": "46,116,860,184,273,879.04"}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"q": "kestrel"}, 1),
        ({"kinds": "Duplicate"}, 1),
        ({"ccy": "JPY"}, 1),
        ({"min": "100"}, 2),
        ({"max": "9.99"}, 2),
        ({"from": (TODAY - timedelta(days=1)).isoformat()}, 0),
        ({"status": "Bogus", "sort": "nonsense", "kinds": "x", "d": "1e9"}, 5),
    ],
)
def test_filters_come_from_the_url_and_nonsense_in_it_is_no_filter(
    visit: Visit, run_id: int, query: dict[str, str], count: int
) -> None:
    at = visit("triage", **query)
    assert not at.exception
    assert (len(rows(at)) if at.dataframe else 0) == count


def test_a_filter_that_leaves_nothing_offers_to_be_cleared(visit: Visit, run_id: int) -> None:
    at = visit("triage", q="zzzz")
    assert "No discrepancy fits these filters" in text(at)
    at = press(at, "Clear filters")
    assert len(rows(at)) == 5


def test_a_size_that_is_no_number_is_said_and_left_out(visit: Visit, run_id: int) -> None:
    at = visit("triage", min="ten")
    assert "Not an amount" in text(at)
    assert len(rows(at)) == 5


def test_a_header_sorts_the_whole_queue_and_again_the_other_way(visit: Visit, engine: Engine, run_id: int) -> None:
    at = visit("triage")
    for sort in ("-amount", "amount"):
        at.session_state[at.session_state[GRID_KEY]] = {
            "selection": {"rows": [], "columns": ["Difference"], "cells": []}
        }
        at.run()
        at = visit("triage", sort=sort)
        sizes = [abs(float(t.strip("()").replace(",", ""))) for t in rows(at)["Difference"] if t not in ("0",)]
        assert sizes == sorted(sizes, reverse=sort.startswith("-"))


def test_the_open_row_is_in_the_url_with_both_sides_and_what_can_be_done(
    visit: Visit, engine: Engine, run_id: int
) -> None:
    (one,) = ids(engine, kind="amount_mismatch")
    at = visit("triage", d=str(one))
    assert at.subheader[0].value == f"#{one}"
    assert plain_text(at.header[0].value) == "−2.50 EUR"
    assert {"Resolve", "Comment"} <= buttons(at)


def test_a_number_that_is_no_discrepancy_says_so_beside_the_queue(visit: Visit, run_id: int) -> None:
    at = visit("triage", d="424242")
    assert "424242" in at.warning[0].value
    assert len(rows(at)) == 5


def test_resolving_writes_it_down_and_opens_the_next(visit: Visit, engine: Engine, run_id: int) -> None:
    newest, following = ids(engine)[::-1][:2]
    at = visit("triage", d=str(newest))
    reason(at).select(Resolution.WRITTEN_OFF)
    at.text_area[0].input("Too small to chase.")
    at = press(at, "Resolve")
    assert not at.exception
    with engine.connect() as connection:
        row = connection.execute(select(discrepancy).where(discrepancy.c.id == newest)).one()
    assert (row.status, row.resolution, row.comment) == ("resolved", "written_off", "Too small to chase.")
    assert at.query_params["d"] == str(following)
    assert at.subheader[0].value == f"#{following}"
    assert metrics(at)["Open discrepancies"] == "4"
    assert metrics(at)["Resolved"] == "1"
    assert len(rows(at)) == 4
    assert reason(at).value == Resolution.WRITTEN_OFF  # the last reason is the next one's first
    assert not at.text_area[0].value


def test_a_comment_joins_the_history_and_leaves_it_open(visit: Visit, engine: Engine, run_id: int) -> None:
    (one,) = ids(engine, kind="duplicate")
    at = visit("triage", d=str(one))
    at.text_area[0].input("Asked the *bank*.")
    at = press(at, "Comment")
    assert statuses(engine) == ["open"] * 5
    assert "Asked the \\*bank\\*" in text(at)


def test_an_empty_comment_is_a_sentence(visit: Visit, engine: Engine, run_id: int) -> None:
    at = press(visit("triage", d=str(ids(engine)[0])), "Comment")
    assert "The comment is empty" in text(at)


def test_a_resolved_one_can_be_reopened(visit: Visit, engine: Engine, run_id: int) -> None:
    one = ids(engine)[0]
    decide(engine, "ivo", one)
    at = press(visit("triage", d=str(one), status="Resolved"), "Reopen")
    assert statuses(engine) == ["open"] * 5
    assert "**operator** reopened" in text(at)


def test_several_are_resolved_at_once(visit: Visit, engine: Engine, run_id: int) -> None:
    at = tick(visit("triage"), 0, 1, 2)
    assert at.subheader[0].value == "3 discrepancies selected"
    at = press(at, "Resolve 3")
    assert statuses(engine).count("resolved") == 3
    assert len(rows(at)) == 2
    assert not at.warning


def test_what_someone_else_changed_is_said_and_not_overwritten(visit: Visit, engine: Engine, run_id: int) -> None:
    at = tick(visit("triage"), 0, 1, 2)
    decide(engine, "j.okafor", ids(engine)[-1])
    at = press(at, "Resolve 3")
    assert "2 of 3 resolved, 1 was changed by j\\.okafor" in at.warning[0].value
    with engine.connect() as connection:
        events = connection.execute(select(discrepancy_event.c.actor)).scalars().all()
    assert sorted(events) == ["j.okafor", "operator", "operator"]


def test_hostile_text_is_shown_as_it_is(visit: Visit, engine: Engine) -> None:
    evil = "![x](http://evil/p.png) <script>"
    published_run(engine, [Item(kind=DiscrepancyKind.DUPLICATE, amount=1, counterparty=evil, detail=evil)])
    at = visit("triage", d=str(ids(engine)[0]))
    assert rows(at)["Counterparty"][0] == evil
    assert "![x](" not in text(at)


def test_an_older_run_can_be_opened_by_its_url(visit: Visit, engine: Engine, run_id: int) -> None:
    published_run(engine, [Item(kind=DiscrepancyKind.DUPLICATE, amount=1)], finished_at=datetime.now(UTC))
    assert len(rows(visit("triage"))) == 1
    assert len(rows(visit("triage", run=str(run_id)))) == 5


def test_a_queue_where_all_is_resolved_says_so(visit: Visit, engine: Engine, run_id: int) -> None:
    with engine.begin() as connection:
        connection.execute(update(discrepancy).values(status="resolved", resolution="timing"))
    assert "Nothing is open" in text(visit("triage"))


def test_without_a_run_it_says_where_to_begin(visit: Visit) -> None:
    at = visit("triage")
    assert "No run is published yet" in text(at)
    assert "Reconcile two files" in buttons(at)


def test_without_a_database_it_says_so_and_nothing_else(no_database: Visit) -> None:
    at = no_database("triage")
    assert not at.exception
    assert "database" in text(at)


def decide(engine: Engine, actor: str, discrepancy_id: int) -> None:
    command = Command(move=Move.RESOLVE, resolution=Resolution.TIMING, action_key=actor)
    assert resolve_discrepancies(engine, command, [Seen(id=discrepancy_id, version=1)], actor=actor).is_complete


def test_a_run_that_was_repeated_is_shown_and_said_to_be_replaced(visit: Visit, engine: Engine, run_id: int) -> None:
    source, reference = readings_of(engine, run_id)
    published_run(
        engine,
        [Item(kind=DiscrepancyKind.DUPLICATE, amount=1)],
        finished_at=datetime.now(UTC),
        rerun_of_id=run_id,
        source_reading_id=source,
        reference_reading_id=reference,
    )
    assert len(rows(visit("triage"))) == 1
    at = visit("triage", run=str(run_id))
    assert len(rows(at)) == 5
    assert "repeated on the same files" in text(at)
    assert len(rows(press(at, f"Open run {run_id + 1}"))) == 1


def test_a_run_that_published_nothing_is_a_sentence(visit: Visit, run_id: int) -> None:
    at = visit("triage", run="424242")
    assert "There is no run 424242" in at.error[0].value


def test_next_beyond_the_page_turns_the_page(visit: Visit, engine: Engine) -> None:
    published_run(engine, [Item(kind=DiscrepancyKind.DUPLICATE, amount=n) for n in range(1, 61)])
    last_on_page, first_beyond = ids(engine)[::-1][49:51]
    at = visit("triage", d=str(last_on_page))
    assert last_on_page in list(rows(at)["ID"])
    at = at.button(key="step_J").click().run()
    assert at.subheader[0].value == f"#{first_beyond}"
    assert first_beyond in list(rows(at)["ID"])
    at = at.button(key="step_K").click().run()
    assert at.subheader[0].value == f"#{last_on_page}"
    assert last_on_page in list(rows(at)["ID"])


def test_both_rows_and_the_nearest_ones_are_shown_from_the_evidence(
    visit: Visit, engine: Engine, settings: Settings
) -> None:
    evidence = Evidence(settings.evidence_location())
    finish_run(engine, evidence, submit_both(engine, evidence), lease_seconds=60)
    at = visit("triage", d=str(ids(engine, kind="amount_mismatch")[0]))
    assert not at.exception
    assert ":orange[**25\\.00**]" in at.table[0].value["Source"].tolist()
    assert ":orange[**23\\.00**]" in at.table[0].value["Reference"].tolist()
    at = visit("triage", d=str(ids(engine, kind="missing_in_reference")[0]))
    assert "Nearest rows" in text(at)
    assert "The amounts differ by" in text(at).replace("\\", "")


def test_a_run_published_meanwhile_does_not_take_the_queue_away(visit: Visit, engine: Engine, run_id: int) -> None:
    at = visit("triage")
    newer = published_run(engine, [Item(kind=DiscrepancyKind.DUPLICATE, amount=1)], finished_at=datetime.now(UTC))
    at = at.run()
    assert len(rows(at)) == 5
    assert f"Run {newer} was published since you opened this page" in text(at)
    assert len(rows(press(at, f"Open run {newer}"))) == 1


def test_a_link_to_a_discrepancy_opens_its_own_run(visit: Visit, engine: Engine, run_id: int) -> None:
    one = ids(engine)[0]
    published_run(engine, [Item(kind=DiscrepancyKind.DUPLICATE, amount=1)], finished_at=datetime.now(UTC))
    at = visit("triage", d=str(one))
    assert one in list(rows(at)["ID"])
    assert at.subheader[0].value == f"#{one}"


def test_with_nothing_open_the_first_is_one_key_away(visit: Visit, engine: Engine, run_id: int) -> None:
    at = press(visit("triage"), "Open the first")
    assert at.subheader[0].value == f"#{rows(at)['ID'][0]}"


def test_taking_one_is_written_down_shown_and_counted(visit: Visit, engine: Engine, run_id: int) -> None:
    one = ids(engine)[-1]
    at = press(visit("triage", d=str(one)), "Take it")
    assert dict(zip(rows(at)["ID"], rows(at)["Assigned"], strict=True))[one] == "operator"
    assert "**operator** assigned it to **operator**" in text(at)
    assert next(b for b in at.button if b.label == "Take it").disabled
    at = visit("triage", who="Mine")
    assert list(rows(at)["ID"]) == [one]
    assert len(rows(visit("triage", who="Unassigned"))) == 4


def test_ticked_ones_are_assigned_to_somebody_and_taken_back(visit: Visit, engine: Engine, run_id: int) -> None:
    at = tick(visit("triage"), 0, 1)
    at = next(box for box in at.selectbox if box.label == "Assign to").set_value("operator").run()
    assert list(rows(at)["Assigned"]).count("operator") == 2
    at = press(at, "Undo")
    assert list(rows(at)["Assigned"]).count("operator") == 0
    assert not at.exception


def test_a_decision_is_undone_by_one_key(visit: Visit, engine: Engine, run_id: int) -> None:
    at = press(tick(visit("triage"), 0, 1, 2), "Resolve 3")
    assert statuses(engine).count("resolved") == 3
    at = press(at, "Undo")
    assert statuses(engine) == ["open"] * 5
    assert len(rows(at)) == 5


def test_a_quick_view_sets_filters_and_order_and_is_lit_by_them(visit: Visit, engine: Engine, run_id: int) -> None:
    at = visit("triage", due="true")
    view = next(group for group in at.button_group if group.key == "view")
    assert view.value == "Overdue"
    at = visit("triage")
    at.button_group(key="view").set_value("Overdue").run()
    assert at.query_params["due"] == "true"
    assert at.query_params["sort"] == "due"


def test_a_saved_view_brings_its_filters_back(visit: Visit, engine: Engine, run_id: int) -> None:
    at = visit("triage", kinds="Duplicate", sort="-amount")
    at.text_input(key="view_name").input("Twice")
    at = press(at, "Save view")
    assert not at.exception
    at = press(visit("triage"), "Twice")
    assert list(rows(at)["Kind"]) == [["Duplicate"]]
    assert at.query_params["sort"] == "-amount"


def test_the_queue_opens_with_the_view_somebody_chose_unless_more_is_asked_for(
    visit: Visit, engine: Engine, run_id: int
) -> None:
    view = save_view(engine, "Twice", {"kinds": ["duplicate"], "sort": "due"}, is_shared=False, actor="operator")
    begin_with_view(engine, view, actor="operator")
    at = visit("triage")
    assert list(rows(at)["Kind"]) == [["Duplicate"]]
    assert at.query_params["sort"] == "due"
    at = at.button_group(key="view").set_value("Open").run()
    assert len(rows(at)) == len(rows(at.run())) == 5
    assert len(rows(visit("triage", who="Unassigned"))) == 5


def test_all_of_a_filter_is_shown_before_it_is_decided(visit: Visit, engine: Engine, run_id: int) -> None:
    at = press(visit("triage"), "Decide on all 5")
    at = press(at, "Resolve all …")
    assert statuses(engine) == ["open"] * 5
    assert at.subheader[0].value == "Resolve 5 discrepancies?"
    assert "JPY" in text(at)
    at = press(at, "Resolve 5")
    assert statuses(engine) == ["resolved"] * 5
    assert press(at, "Undo").exception == []
    assert statuses(engine) == ["open"] * 5


def test_what_changed_before_all_was_confirmed_is_said_and_asked_again(
    visit: Visit, engine: Engine, run_id: int
) -> None:
    at = press(press(visit("triage"), "Decide on all 5"), "Resolve all …")
    decide(engine, "j.okafor", ids(engine)[0])
    at = press(at, "Resolve 5")
    assert "5 discrepancies were shown, now it is 4" in at.error[0].value
    assert statuses(engine).count("resolved") == 1
    at = press(at, "Resolve 4")
    assert statuses(engine) == ["resolved"] * 5


def test_a_write_off_above_the_limit_is_proposed_and_waits(visit: Visit, engine: Engine, run_id: int) -> None:
    set_limits(engine, Deed.WRITE_OFF, above={"EUR": 100}, actor="operator")
    (one,) = ids(engine, kind="missing_in_reference")
    at = visit("triage", d=str(one))
    reason(at).select(Resolution.WRITTEN_OFF)
    at = press(at, "Resolve")
    assert "more than you may write off alone" in at.warning[0].value
    at = press(at, "Propose it").run()  # the driver knows other pages only once all of this one was drawn
    assert "waits for a second person" in text(at)
    assert statuses(engine) == ["open"] * 5
    assert "Waits" in [state for (state,) in rows(at)["Status"]]
    assert "Proposal" in str([link.proto for link in at.get("page_link")])


def test_a_comment_thread_says_who_and_when(visit: Visit, engine: Engine, run_id: int) -> None:
    one = ids(engine)[0]
    decide(engine, "ivo", one)
    at = visit("triage", d=str(one), status="Resolved")
    at.text_area[0].input("Asked the bank.\nThey call back.")
    shown = text(press(at, "Comment"))
    assert "**operator** commented" in shown
    assert "**ivo** resolved: timing" in shown
    assert "Asked the bank\\.  \nThey call back\\." in shown


def test_an_edited_sheet_is_brought_back_and_what_was_not_done_is_listed(
    visit: Visit, engine: Engine, run_id: int
) -> None:
    wanted = DiscrepancyFilter(run_id=run_id)
    content = export_triage_sheet(engine, wanted, Order(by=Sort.ID, is_descending=False), actor="mara")
    content = edited(content, {2: {"reason": "fee"}, 3: {"reason": "magic"}})
    at = visit("triage")
    at.file_uploader[0].upload("queue.xlsx", content).run()
    assert not at.exception
    assert "5 rows came back: 1 applied, 3 unchanged, 1 not done" in text(at)
    assert at.dataframe[0].value["What became of it"].tolist() == ["Unknown reason"]
    assert statuses(engine).count("resolved") == 1
    assert "came back" not in text(press(at, "Close"))


def test_a_file_that_is_no_sheet_of_ours_is_a_sentence(visit: Visit, run_id: int) -> None:
    at = visit("triage")
    at.file_uploader[0].upload("queue.xlsx", b"no workbook").run()
    assert "nothing was changed" in at.error[0].value


def test_matching_by_hand_takes_its_row_to_the_workbench(visit: Visit, engine: Engine, run_id: int) -> None:
    (one,) = ids(engine, kind="missing_in_reference")
    at = press(visit("triage", d=str(one)), "Match")
    assert not at.exception
    assert {name: at.query_params[name] for name in ("run", "source", "near")} == {
        "run": str(run_id),
        "source": "3",
        "near": "source-3",
    }
