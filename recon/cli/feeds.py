"""`feeds`: what comes in, from where, whether it follows, and what is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from recon.cli.database import database
from recon.cli.exits import Exit
from recon.cli.options import AsJson
from recon.cli.readings import account_document, control_document
from recon.cli.screen import emit, say, show_table
from recon.config import settings
from recon.money import to_text
from recon.queries.feeds import FeedFile
from recon.workflows.feed_standings import FeedStanding, feed_standing, feed_standings

FILES_SHOWN = 20

app = typer.Typer(
    name="feeds",
    help="See what comes in, whether it follows, and what is missing.",
    short_help="See what comes in, whether it follows, and what is missing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def feeds() -> None:
    """See what comes in, whether it follows, and what is missing."""


@app.command("list")
def list_feeds(as_json: AsJson = False) -> None:
    """Every feed. Ends with 1 when a file is missing or a balance does not follow."""
    with database(settings()) as (engine, _):
        found = feed_standings(engine, now=datetime.now(UTC))
    if as_json:
        emit({"feeds": [_document(standing) for standing in found]})
    elif found:
        columns = ("feed", "newest file", "came", "rows", "rejected", "balances", "missing")
        show_table(columns, [_line(standing) for standing in found], numbers=("rows", "rejected", "missing"))
    else:
        say("No feed yet: one is made with the first file that is run.")
    raise typer.Exit(_status(*found))


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="The feed, as in 'Bank vs ledger / source'.")], as_json: AsJson = False
) -> None:
    """One feed with its files, newest first. Ends with 1 when one is missing or a balance does not follow."""
    with database(settings()) as (engine, _):
        found = feed_standing(engine, name, now=datetime.now(UTC))
    if as_json:
        emit(_document(found) | {"files": [_file_document(file) for file in found.files]})
    else:
        _show(found)
    raise typer.Exit(_status(found))


def _status(*found: FeedStanding) -> Exit:
    is_wrong = any(standing.breaks or _missing(standing) for standing in found)
    return Exit.FAILED if is_wrong else Exit.READ


def _missing(standing: FeedStanding) -> tuple[datetime, ...]:
    return standing.expected.missing if standing.expected else ()


def _line(standing: FeedStanding) -> tuple[str, ...]:
    newest = standing.newest
    return (
        standing.feed.name,
        newest.filename if newest else "",
        _stamp(newest.came_at) if newest else "",
        f"{newest.rows_accepted:,}" if newest else "",
        f"{newest.rows_rejected:,}" if newest else "",
        f"{len(standing.breaks)} do not follow" if standing.breaks else "follow" if standing.links else "",
        f"{len(_missing(standing)):,}" if standing.expected else "",
    )


def _show(found: FeedStanding) -> None:
    say(
        f"{found.feed.name}. Files: {found.feed.file_count:,}. Mapping: version {found.feed.mapping_version or 'none'}."
    )
    for due in _missing(found):
        say(f"The file due {_stamp(due)} has not come.")
    if found.expected and found.expected.next_due_at:
        say(f"The next file is due {_stamp(found.expected.next_due_at)}.")
    for control in found.breaks:
        say(control.says)
    rows = [
        (
            file.filename,
            _stamp(file.came_at),
            f"{file.rows_accepted:,}",
            f"{file.rows_rejected:,}",
            f"{sum(control.agrees for control in file.controls)} of {len(file.controls)}",
            f"{file.shared.known_count:,}" if file.shared else "",
        )
        for file in found.files[:FILES_SHOWN]
    ]
    columns = ("file", "came", "rows", "rejected", "controls agree", "rows known")
    show_table(columns, rows, numbers=columns[2:])
    if len(found.files) > FILES_SHOWN:
        say(f"The newest {FILES_SHOWN} of {len(found.files):,} files; --json has all of them.")


def _document(standing: FeedStanding) -> dict[str, Any]:
    feed, expected = standing.feed, standing.expected
    return {
        "feed": feed.name,
        "mapping_version": feed.mapping_version,
        "file_count": feed.file_count,
        "newest_file": standing.newest.filename if standing.newest else None,
        "last_came_at": _instant(feed.last_came_at),
        "arrival": feed.arrival.document() if feed.arrival else None,
        "missing": [_instant(due) for due in _missing(standing)],
        "next_due_at": _instant(expected.next_due_at) if expected else None,
        "continuity": [control_document(control) for _, control in standing.links if control],
    }


def _file_document(file: FeedFile) -> dict[str, Any]:
    return {
        "file": file.filename,
        "sha256": file.sha256,
        "came_at": _instant(file.came_at),
        "came_by": file.came_by,
        "format": file.format,
        "rows": {
            "read": file.rows_read,
            "accepted": file.rows_accepted,
            "rejected": file.rows_rejected,
            "ignored": file.rows_ignored,
            "known": file.shared.known_count if file.shared else None,
        },
        "totals": [
            {
                "currency": total.currency,
                "transactions": total.transactions,
                "credits": to_text(total.credits, total.currency),
                "debits": to_text(total.debits, total.currency),
                "first_date": total.first_date.isoformat(),
                "last_date": total.last_date.isoformat(),
            }
            for total in file.totals
        ],
        "accounts": [account_document(account) for account in file.accounts],
        "controls": [control_document(control) for control in file.controls],
        "accepted": [{"text": one.says, "by": one.by, "at": _instant(one.at)} for one in file.accepted],
        "set_aside": file.is_set_aside,
        "runs": list(file.run_ids),
    }


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
