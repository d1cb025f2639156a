"""`verify`: the chains of the logs, all files of the evidence, runs done again; the first bad place in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from recon.cli.database import database
from recon.cli.exits import Exit
from recon.cli.options import AsJson
from recon.cli.screen import emit, progress_bar, say, warn
from recon.config import settings
from recon.errors import TieoutError
from recon.workflows.verify import Verified
from recon.workflows.verify import verify as verify_everything


class AnchorInvalid(TieoutError):
    code = "ANCHOR_INVALID"

    def __init__(self, given: str) -> None:
        super().__init__(f"--anchor {given} cannot be read. Write it as --anchor audit_event=<the digest noted then>.")


def verify(
    run: Annotated[int | None, typer.Option(help="Only what this run is made of, and the run itself.")] = None,
    all_runs: Annotated[bool, typer.Option("--all-runs", help="Do every published run again, not the newest.")] = False,
    anchor: Annotated[
        list[str] | None, typer.Option(metavar="LOG=DIGEST", help="A head noted elsewhere, as in a report.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify that nothing was changed since: logs, files, results. Ends with 0 when all holds, and with 1 when not."""
    anchors = _anchors(anchor or ())
    chosen = settings()
    with database(chosen) as (engine, evidence), progress_bar() as progress:
        found = verify_everything(
            engine,
            evidence,
            actor=chosen.actor,
            run_id=run,
            all_runs=all_runs,
            anchors=anchors or None,
            on_progress=progress,
        )
    if as_json:
        emit(found.document())
    else:
        _tell(found)
    raise typer.Exit(Exit.READ if found.is_sound else Exit.FAILED)


def _tell(found: Verified) -> None:
    if found.problems:
        more = len(found.problems) - 1
        say(found.problems[0] + (f" And {more:,} more, which --json lists." if more else ""))
        return
    sealed = sum(log.sealed_count for log in found.logs)
    unsealed = sum(log.unsealed_count for log in found.logs)
    same = [str(one.run_id) for one in found.replays if one.is_same]
    say(f"Logs: every seal holds over {sealed:,} rows; {unsealed:,} rows are not sealed yet.")
    say(f"Evidence: {found.evidence.file_count:,} files are as they were written.")
    say(f"Database: it shows of {found.shown_count:,} runs what their evidence says, and no state without its event.")
    say(f"Runs done again with the same result: {', '.join(same) or 'none'}.")
    for log, head in found.heads.items():
        say(f"Head of {log}: {head}")
    for one in found.replays:
        if not one.is_comparable:
            warn(f"Run {one.run_id} cannot be compared: {one.why}.")


def _anchors(given: Iterable[str]) -> dict[str, str]:
    anchors = {}
    for text in given:
        log, equals, digest = text.partition("=")
        if not equals or not log.strip() or not digest.strip():
            raise AnchorInvalid(text)
        anchors[log.strip()] = digest.strip().lower()
    return anchors
