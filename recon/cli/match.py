"""`match`: read two files and reconcile them. Needs no database; `--out` is written whole or not at all."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from recon.cli.exits import Exit
from recon.cli.options import (
    AsJson,
    ComputeEngine,
    ComputeOn,
    Currency,
    RulesFile,
    answers_by_side,
    dask_address,
    existing,
)
from recon.cli.output_folder import OutputFolder
from recon.cli.readings import exit_status, question_document, reading_document, show_reading
from recon.cli.results import show_result
from recon.cli.screen import emit, progress_bar, warn
from recon.cli.toml_files import read_rules
from recon.config import settings
from recon.ingest import read_file
from recon.model.outcome import MatchStatus, Outcome
from recon.model.progress import Progress
from recon.model.reading import Reading
from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.report import discrepancy_rows, matched_rows, result_summary
from recon.workflows.cluster import crew_at
from recon.workflows.reconcile import reconcile_tables
from recon.workflows.result_rows import count_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """Both files, read; and how long each took."""

    readings: dict[Side, Reading]
    files: dict[Side, Path]
    seconds: dict[str, float]


def match(
    source: Annotated[Path, typer.Argument(help="The export under question.")],
    reference: Annotated[Path, typer.Argument(help="What it is held against.")],
    rules: RulesFile = None,
    currency: Currency = None,
    answer: Annotated[list[str] | None, typer.Option(metavar="SIDE.CODE=CHOICE", help="Answer a question.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write matches.csv, discrepancies.csv, summary.json there.")
    ] = None,
    compute: ComputeOn = None,
    as_json: AsJson = False,
) -> None:
    """Reconcile two files: every row matched, or shown with what is wrong, and a proof per currency.

    Ends with 0 when done, 2 when a file was refused, 3 when there are questions.
    """
    chosen = read_rules(rules, settings().default_rules())
    folder = OutputFolder(out) if out else None
    files = {Side.SOURCE: existing(source), Side.REFERENCE: existing(reference)}
    given = answers_by_side(answer or ())
    with progress_bar() as progress:
        sides = _read(files, currency, given, progress)
        status = exit_status(*sides.readings.values())
        outcome = _reconcile(sides, chosen, compute, progress) if status is Exit.READ else None
    document = _sides_document(sides)
    if outcome is not None:
        _warn_of_oddities(sides)
        document |= _summary(outcome, chosen, sides.seconds)
        if folder:
            _write(folder, sides, outcome, document)
    _tell(document, sides, outcome, as_json=as_json)
    raise typer.Exit(status)


def _read(
    files: dict[Side, Path], currency: str | None, answers: dict[Side, dict[str, str]], progress: Progress
) -> _Sides:
    readings: dict[Side, Reading] = {}
    seconds: dict[str, float] = {}
    for side, path in files.items():
        stage = f"read {side.value}"
        progress(stage, 0, 0)
        started = time.perf_counter()
        readings[side] = read_file(path, currency=currency, answers=answers[side])
        seconds[f"read_{side.value}"] = time.perf_counter() - started
        progress(stage, readings[side].rows_read, readings[side].rows_read)
    return _Sides(readings=readings, files=files, seconds=seconds)


def _warn_of_oddities(sides: _Sides) -> None:
    """What is allowed, and most likely a mistake."""
    if sides.files[Side.SOURCE].samefile(sides.files[Side.REFERENCE]):
        warn("Source and reference are the same file.")
    for side, reading in sides.readings.items():
        if not reading.table.num_rows:
            warn(f"{sides.files[side].name} has no rows: everything on the other side is missing here.")


def _reconcile(sides: _Sides, rules: Rules, compute: ComputeEngine | None, progress: Progress) -> Outcome:
    source, reference = (sides.readings[side].table for side in Side)
    with crew_at(dask_address(compute, settings().dask_address)) as crew:
        return reconcile_tables(source, reference, rules, on_progress=progress, crew=crew)


def _write(folder: OutputFolder, sides: _Sides, outcome: Outcome, document: dict[str, Any]) -> None:
    source, reference = (sides.readings[side].table for side in Side)
    folder.write(
        matches=matched_rows(outcome.matches, source, reference),
        discrepancies=discrepancy_rows(outcome.discrepancies, source, reference),
        summary=document,
    )


def _sides_document(sides: _Sides) -> dict[str, Any]:
    """Both readings, all questions under the codes `--answer` takes here, and the first refusal."""
    questions = [
        question_document(question, prefix=f"{side.value}.")
        for side, reading in sides.readings.items()
        for question in reading.questions
    ]
    refused = [
        {"side": side.value, "code": reading.refused.code, "problem": reading.refused.problem}
        for side, reading in sides.readings.items()
        if reading.refused
    ]
    return {
        **{
            side.value: {"file": sides.files[side].name} | reading_document(reading)
            for side, reading in sides.readings.items()
        },
        "questions": questions,
        "refused": refused[0] if refused else None,
    }


def _summary(outcome: Outcome, rules: Rules, seconds: dict[str, float]) -> dict[str, Any]:
    return result_summary(
        matched_count=count_of(outcome.matches, MatchStatus.MATCHED),
        suggested_count=count_of(outcome.matches, MatchStatus.SUGGESTED),
        proof=outcome.proof,
        totals=outcome.totals,
        rules=rules.as_dict(),
        seconds=seconds | outcome.seconds,
    )


def _tell(document: dict[str, Any], sides: _Sides, outcome: Outcome | None, *, as_json: bool) -> None:
    if as_json:
        emit(document)
        return
    for side, reading in sides.readings.items():
        show_reading(sides.files[side].name, reading, prefix=f"{side.value}.")
    if outcome is not None:
        show_result(document["counts"], outcome.proof)
