"""`ledger`: questions to the ledger from the command line."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from recon.cli.database import database
from recon.cli.exits import Exit
from recon.cli.options import AsJson
from recon.cli.screen import emit, say, show_table
from recon.config import settings
from recon.model.ledger import Replay
from recon.workflows.replay_ledger import replay_ledger

app = typer.Typer(
    name="ledger",
    help="Prove the ledger from its events.",
    short_help="Prove the ledger from its events.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def ledger() -> None:
    """Prove the ledger from its events."""


@app.command()
def replay(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Put right what differs; posting waits meanwhile.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Project every event again and compare: accounts, journal and balances are what the events say.

    Ends with 0 when they are, or were put right; with 1 when they are not.
    """
    with database(settings()) as (engine, _):
        found = replay_ledger(engine, rebuild=rebuild)
    is_proved = found.is_rebuilt or not found.differences
    if as_json:
        emit(asdict(found) | {"is_proved": is_proved})
    else:
        _show(found)
    raise typer.Exit(Exit.READ if is_proved else Exit.FAILED)


def _show(found: Replay) -> None:
    say(f"Events: {found.event_count:,}. Accounts: {found.account_count:,}. Journal entries: {found.entry_count:,}.")
    if not found.differences:
        say("Accounts, journal and balances are what the events say.")
        return
    rows = [(d.table, f"{d.missing_count:,}", f"{d.extra_count:,}", ", ".join(d.examples)) for d in found.differences]
    show_table(("table", "missing", "too many", "rows such as"), rows, numbers=("missing", "too many"))
    say(
        "These were put right from the events."
        if found.is_rebuilt
        else "The events count. Run it with --rebuild to put these right."
    )
