"""`newest`: a reconciliation is run with the newest files of its feeds, as one click on a page does it: for cron."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from recon.cli.database import database
from recon.cli.exits import Exit
from recon.cli.options import AsJson, ComputeOn, dask_address
from recon.cli.readings import exit_status
from recon.cli.run import sides_document, tell_run
from recon.cli.screen import emit, progress_bar, warn
from recon.config import settings
from recon.queries.open_items import run_carried
from recon.queries.runs import run_detail
from recon.workflows.run_in_foreground import finish_run
from recon.workflows.run_newest import NewestRun, run_newest


def newest(
    name: Annotated[str, typer.Argument(help="The reconciliation, as in 'Bank vs ledger'.")],
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Day on which open items are due or not; else today."),
    ] = None,
    compute: ComputeOn = None,
    as_json: AsJson = False,
) -> None:
    """Run a reconciliation with the newest file of each side, read as that side's files are. Again is the same run.

    A side that came from the ledger is fetched anew.

    Ends with 0 when published, also where nothing new has come, 1 when the run failed or was cancelled, 2 when a file
    was refused, 3 when something is missing or open that only a person can decide.
    """
    chosen = settings()
    with database(chosen) as (engine, evidence), progress_bar() as progress:
        progress("read", 0, 1)
        found = run_newest(
            engine,
            evidence,
            reconciliation=name,
            default_rules=chosen.default_rules(),
            actor=chosen.actor,
            as_of=as_of and as_of.date(),
        )
        progress("read", 1, 1)
        if found.submitted is None:
            _tell_hurdles(found, as_json=as_json)
            raise typer.Exit(_status(found))
        run_id = found.submitted.run_id
        finish_run(
            engine,
            evidence,
            run_id,
            lease_seconds=chosen.lease_seconds,
            dask_address=dask_address(compute, chosen.dask_address),
            on_progress=progress,
        )
        detail, carried = run_detail(engine, run_id), run_carried(engine, run_id)
    sides = {side: one.stored for side, one in found.sides.items()}
    tell_run(detail, sides, found.submitted, carried, as_json=as_json)
    raise typer.Exit(Exit.READ if detail.run.status == "succeeded" else Exit.FAILED)


def _status(found: NewestRun) -> Exit:
    is_refused = exit_status(*(one.stored.preview for one in found.sides.values())) is Exit.REFUSED
    return Exit.REFUSED if is_refused else Exit.QUESTIONS


def _tell_hurdles(found: NewestRun, *, as_json: bool) -> None:
    """Why there is no run, side by side."""
    if not as_json:
        for text in found.hurdles.values():
            warn(text)
        return
    read = sides_document({side: one.stored for side, one in found.sides.items()})
    hurdles = {side.value: text for side, text in found.hurdles.items()}
    emit(read | {"run_id": None, "cached": False, "hurdles": hurdles})
