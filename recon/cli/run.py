"""`run`: the stored run in the foreground. Both files are kept, read, matched and published; again is the same run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from recon.cli.continuity import settle_continuity, take_accepted
from recon.cli.database import database
from recon.cli.exits import Exit
from recon.cli.options import AsJson, ComputeOn, Currency, RulesFile, answers_by_side, dask_address, existing
from recon.cli.readings import exit_status, question_document, reading_head, show_reading
from recon.cli.results import show_result
from recon.cli.screen import emit, progress_bar, say, warn
from recon.cli.toml_files import read_rules
from recon.config import settings
from recon.model.feed import feed_name
from recon.model.transactions import Side
from recon.queries.open_items import RunCarried, run_carried
from recon.queries.rules import newest_rules
from recon.queries.runs import RunDetail, run_detail
from recon.report import result_summary
from recon.store.evidence import Evidence
from recon.workflows.fetch_transactions import fetch_transactions, is_address
from recon.workflows.read_for_feed import FeedReading, read_for_feed
from recon.workflows.read_upload import StoredReading
from recon.workflows.receive_upload import receive_upload
from recon.workflows.run_in_foreground import finish_run
from recon.workflows.save_carrying import CarryChange, save_carrying
from recon.workflows.start_run import start_run
from recon.workflows.submit_run import Submitted


def run(
    source: Annotated[str, typer.Option(metavar="FILE", help="The export under question.")],
    reference: Annotated[str, typer.Option(metavar="FILE", help="What it is held against; or ledger:BOOK/ACCOUNT.")],
    name: Annotated[str | None, typer.Option(help="Name of the reconciliation.")] = None,
    rules: RulesFile = None,
    currency: Currency = None,
    answer: Annotated[list[str] | None, typer.Option(metavar="SIDE.CODE=CHOICE", help="Answer a question.")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Day on which open items are due or not; else today."),
    ] = None,
    carry_forward: Annotated[
        bool | None,
        typer.Option("--carry-forward/--no-carry-forward", help="Let what stays open live on in the next run."),
    ] = None,
    corrects: Annotated[
        int | None, typer.Option(metavar="RUN", help="These are corrected files: they take the place of that run's.")
    ] = None,
    calendar: Annotated[
        str | None, typer.Option(metavar="CODE", help="Whose business days count: DE, DE-BY, XNYS, ECB.")
    ] = None,
    source_due: Annotated[
        int | None, typer.Option(metavar="DAYS", help="Business days until a source row's counterpart is due.")
    ] = None,
    reference_due: Annotated[
        int | None, typer.Option(metavar="DAYS", help="Business days until a reference row's counterpart is due.")
    ] = None,
    compute: ComputeOn = None,
    as_json: AsJson = False,
) -> None:
    """Reconcile two files and keep everything: the files, what was read, the result. Repeating it changes nothing.

    A side may be an account of the ledger instead: ledger:uae/Alice?from=2026-03-01&to=2026-03-31, days optional.

    Ends with 0 when published, 1 when the run failed or was cancelled, 2 when a file was refused, 3 with questions.
    """
    chosen = settings()
    places = {side: _place(said) for side, said in ((Side.SOURCE, source), (Side.REFERENCE, reference))}
    read_rules(rules, chosen.default_rules())  # a file that is wrong is told before anything is started
    given = answers_by_side(answer or ())
    accepted = take_accepted(given)
    reconciliation = name or " to ".join(_stem(place) for place in places.values())
    with database(chosen) as (engine, evidence), progress_bar() as progress:
        progress("read", 0, len(places))
        with ThreadPoolExecutor(len(places)) as pool:  # each is read by a process of its own
            read = partial(_read, engine, evidence, currency=currency)
            waiting = {
                side: pool.submit(read, place, feed=feed_name(reconciliation, side), answers=given[side])
                for side, place in places.items()
            }
            found = {side: one.result() for side, one in waiting.items()}
        progress("read", len(places), len(places))
        sides = settle_continuity(engine, found, accepted, actor=chosen.actor)
        status = exit_status(*(stored.preview for stored in sides.values()))
        if status is not Exit.READ:
            _tell_unread(sides, as_json=as_json)
            raise typer.Exit(status)
        change = CarryChange(
            is_on=carry_forward, calendar=calendar, source_due_days=source_due, reference_due_days=reference_due
        )
        if not change.is_empty:
            save_carrying(engine, reconciliation=reconciliation, change=change, actor=chosen.actor)
        saved = newest_rules(engine, reconciliation)
        wanted = read_rules(rules, saved.rules if saved else chosen.default_rules())
        submitted = start_run(
            engine,
            evidence,
            reconciliation=reconciliation,
            sides=sides,
            rules=wanted,
            actor=chosen.actor,
            rerun_of=corrects,
            as_of=as_of and as_of.date(),
        )
        finish_run(
            engine,
            evidence,
            submitted.run_id,
            lease_seconds=chosen.lease_seconds,
            dask_address=dask_address(compute, chosen.dask_address),
            on_progress=progress,
        )
        detail = run_detail(engine, submitted.run_id)
        carried = run_carried(engine, submitted.run_id)
    tell_run(detail, sides, submitted, carried, as_json=as_json)
    raise typer.Exit(Exit.READ if detail.run.status == "succeeded" else Exit.FAILED)


def _place(said: str) -> Path | str:
    """A file that is there, or an address to fetch from."""
    return said if is_address(said) else existing(Path(said))


def _stem(place: Path | str) -> str:
    """Of an address without its days, so that every month of an account is one reconciliation."""
    return place.stem if isinstance(place, Path) else place.partition("?")[0].partition(":")[2]


def _read(
    engine: Engine, evidence: Evidence, place: Path | str, *, feed: str, currency: str | None, answers: dict[str, str]
) -> FeedReading:
    actor = settings().actor
    if isinstance(place, Path):
        upload = receive_upload(engine, evidence, place, filename=place.name, actor=actor).upload
    else:
        upload = fetch_transactions(engine, evidence, place, actor=actor)
    return read_for_feed(engine, evidence, upload.id, feed=feed, actor=actor, currency=currency, answers=answers)


def sides_document(sides: dict[Side, StoredReading]) -> dict[str, Any]:
    """What was read of each side, and all that is open."""
    heads = {side: {"file": stored.upload.filename} | reading_head(stored.preview) for side, stored in sides.items()}
    refused = [{"side": side.value} | head["refused"] for side, head in heads.items() if head["refused"]]
    questions = [
        question_document(question, prefix=f"{side.value}.")
        for side, stored in sides.items()
        for question in stored.preview.questions
    ]
    return {side.value: head for side, head in heads.items()} | {
        "questions": questions,
        "refused": refused[0] if refused else None,
    }


def _tell_unread(sides: dict[Side, StoredReading], *, as_json: bool) -> None:
    if as_json:
        emit(sides_document(sides) | {"run_id": None, "cached": False})
        return
    _show_readings(sides)


def _show_readings(sides: dict[Side, StoredReading]) -> None:
    for side, stored in sides.items():
        show_reading(stored.upload.filename, stored.preview, prefix=f"{side.value}.", with_totals=False)


def tell_run(
    detail: RunDetail,
    sides: dict[Side, StoredReading],
    submitted: Submitted,
    carried: RunCarried | None,
    *,
    as_json: bool,
) -> None:
    """Tell how a run ended and what it found, with what was read of its files."""
    found = detail.run
    summary = result_summary(
        matched_count=found.matched_count or 0,
        suggested_count=found.suggested_count or 0,
        proof=detail.proof,
        totals=detail.totals,
        rules=detail.rules,
        seconds=detail.seconds,
    )
    if as_json:
        stands = {"run_id": submitted.run_id, "cached": submitted.cached, "status": found.status}
        stands |= {"decisions_replayed": detail.decision_count}
        error = {"error": None if found.error_code is None else {"code": found.error_code, "problem": found.error_text}}
        emit(stands | error | sides_document(sides) | summary | {"carried": carried and _carried_document(carried)})
        return
    _show_readings(sides)
    known = ", which was there already" if submitted.cached else ""
    say(f"Run {submitted.run_id} of {found.reconciliation}{known}: {found.status}.")
    if found.status == "succeeded":
        show_result(summary["counts"], detail.proof)
        if number := detail.decision_count:
            say(f"Earlier decisions replayed before the rest was matched: {number:,}.")
        if carried is not None:
            say(
                f"As of {carried.as_of}: carried {carried.carried_count:,} open items, cleared "
                f"{carried.cleared_count:,}, opened {carried.opened_count:,}; "
                f"{carried.earlier_count:,} rows were in earlier runs."
            )
    elif found.error_text:
        warn(found.error_text)


def _carried_document(carried: RunCarried) -> dict[str, Any]:
    return {
        "as_of": carried.as_of.isoformat(),
        "carried": carried.carried_count,
        "cleared": carried.cleared_count,
        "opened": carried.opened_count,
        "amended": carried.amendment_count,
        "rows": {side.value: asdict(rows) for side, rows in carried.sides.items()},
    }
