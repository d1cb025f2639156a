"""`alerts`: what became of the alerts, and another try for those that were given up."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Final

import typer

from recon.alerts.endpoint import endpoint_of
from recon.cli.database import database
from recon.cli.exits import Exit
from recon.cli.options import AsJson
from recon.cli.screen import emit, say, show_table
from recon.config import settings
from recon.errors import TieoutError
from recon.queries.alerts import UNDELIVERED, AlertLine, alert_lines
from recon.workflows.send_alerts_again import send_alerts_again

SHOWN: Final = 1_000

app = typer.Typer(
    name="alerts",
    help="See what became of alerts, and send again what was given up.",
    short_help="See what became of alerts, and send again what was given up.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class NoReceiver(TieoutError):
    code = "NO_RECEIVER"

    def __init__(self) -> None:
        super().__init__("There is nowhere to send alerts to. Set ALERT_WEBHOOK_URL, for the sidecar too.")


@app.callback()
def alerts() -> None:
    """See what became of alerts, and send again what was given up."""


@app.command("list")
def list_alerts(
    everything: Annotated[bool, typer.Option("--all", help="Delivered ones too.")] = False, as_json: AsJson = False
) -> None:
    """The alerts that were not delivered, newest first. Ends with 1 when some were given up."""
    with database(settings()) as (engine, _):
        lines = alert_lines(engine, states=None if everything else UNDELIVERED, limit=SHOWN)
    if as_json:
        emit({"alerts": [_document(line) for line in lines]})
    else:
        _show(lines)
    raise typer.Exit(Exit.FAILED if any(line.state == "dead" for line in lines) else Exit.READ)


@app.command()
def replay(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="Numbers of alerts; without, all that were given up.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Have alerts delivered that were given up. The sidecar sends them, under the ids they had."""
    if endpoint_of(settings()) is None:
        raise NoReceiver
    with database(settings()) as (engine, _):
        again = send_alerts_again(engine, numbers or None, actor=settings().actor)
    if as_json:
        emit({"alerts": list(again)})
    else:
        say(f"Alerts that are sent again: {len(again):,}.")


def _show(lines: tuple[AlertLine, ...]) -> None:
    if not lines:
        say("No alert waits: all were delivered, or there were none.")
        return
    columns = ("alert", "at", "check", "book", "change", "state", "tries", "why")
    show_table(columns, map(_row, lines), numbers=("alert", "tries"))


def _row(line: AlertLine) -> tuple[object, ...]:
    at, change = f"{line.at:%Y-%m-%d %H:%M}", f"{line.old_status or 'new'} -> {line.new_status}"
    return (line.alert_id, at, line.check_name, line.book, change, line.state, line.try_count, line.error_text)


def _document(line: AlertLine) -> dict[str, Any]:
    return asdict(line) | {"at": line.at.isoformat(), "next_try_at": line.next_try_at.isoformat()}
