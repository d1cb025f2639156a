"""What a run says of the open items it carried: plain sentences, and a line for every column that changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from recon.model.transactions import Side
from recon.queries.open_items import AmendedRow, ClearedLater, RunCarried, SideCarried
from recon.ui.runs.carried import amended_frame, carried_sentences

NOTHING = SideCarried(file_count=900, earlier_count=0, amended_count=0, carried_count=0, row_count=900)
PLAIN = RunCarried(
    as_of=date(2026, 3, 31),
    carried_count=0,
    cleared_count=0,
    opened_count=1,
    looks_back=False,
    replaces_id=None,
    replaced_by_id=None,
    sides=dict.fromkeys(Side, NOTHING),
    amendment_count=0,
    cleared_later=(),
)


def test_a_first_run_says_what_it_left_open() -> None:
    assert carried_sentences(PLAIN) == ["It carried no open items of earlier runs. 1 row of its own stayed open."]


def test_a_run_says_what_it_cleared_and_what_was_cleared_since() -> None:
    known = replace(NOTHING, earlier_count=812)
    found = replace(
        PLAIN,
        carried_count=120,
        cleared_count=12,
        opened_count=40,
        sides={Side.SOURCE: known, Side.REFERENCE: NOTHING},
        replaces_id=6,
        cleared_later=(ClearedLater(run_id=8, count=12), ClearedLater(run_id=9, count=3)),
    )
    assert carried_sentences(found) == [
        "It carried 120 open items of earlier runs and cleared 12 of them. 40 rows of its own stayed open.",
        "812 of 900 source rows were in earlier runs already, and were not counted again.",
        "It took the place of run 6.",
        "Cleared since, of what it left open: 12 by run 8, 3 by run 9.",
    ]


def test_a_run_that_looks_back_says_that_it_changed_nothing() -> None:
    said = carried_sentences(replace(PLAIN, looks_back=True, replaced_by_id=None))
    assert said[1] == "This run repeats one that is not the newest, so it changed no open item."


def test_every_column_that_changed_has_a_line() -> None:
    changed = {"amount": ("200", "250"), "counterparty": (None, "Acme *bold*")}
    row = AmendedRow(side=Side.SOURCE, line=7, txn_id="ch_1", was_open=False, changed=changed)
    frame = amended_frame([row])
    assert frame["What"].tolist() == ["Amount", "Counterparty"]
    assert frame["Before"].tolist() == ["200", "–"]
    assert set(frame["Treated as"]) == {"settled before, left out"}
