"""`demo`: the sample company, as files to try the commands with, or as runs in the database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from recon.cli.database import database
from recon.cli.options import AsJson
from recon.cli.screen import emit, progress_bar, say
from recon.config import settings
from recon.demo import load_demo, write_demo
from recon.demo.load import WEEKS

FOLDER = Path("tieout-demo")


def demo(
    folder: Annotated[Path, typer.Argument(help="Where to write the files.")] = FOLDER,
    load: Annotated[bool, typer.Option("--load", help="Load runs of some weeks into the database instead.")] = False,
    weeks: Annotated[int, typer.Option(min=1, max=52, help="How many weeks to load.")] = WEEKS,
    as_json: AsJson = False,
) -> None:
    """Write a sample company's gateway, bank and billing exports, or load its runs into the database."""
    if load:
        chosen = settings()
        with database(chosen) as (engine, evidence), progress_bar() as report:
            run_ids = load_demo(
                engine,
                evidence,
                actor=chosen.actor,
                weeks=weeks,
                on_progress=lambda _, done, total: report("weeks", done, total),
            )
        if as_json:
            emit({"run_ids": list(run_ids)})
        else:
            say(f"{len(run_ids)} runs of the sample company are loaded. Open Overview to see them.")
        return
    files = write_demo(folder)
    if as_json:
        emit({"gateway": str(files.gateway), "bank": str(files.bank), "billing": str(files.billing)})
        return
    say(f"Three exports of a sample company are in {folder}. Try:")
    say(f"  python -m recon parse {files.bank}")
    say(f"  python -m recon match {files.gateway} {files.billing}")
