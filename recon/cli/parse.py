"""`parse`: read one file and say what is in it. Needs no database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from recon.cli.options import AsJson, Currency, answers_of, existing
from recon.cli.readings import exit_status, reading_document, show_reading
from recon.cli.screen import emit, progress_bar, show_table, visible
from recon.cli.toml_files import read_mapping
from recon.ingest import read_file
from recon.ingest.catalogue import known_formats


def _list_formats(is_wanted: bool) -> None:
    """Every format we read, and no file."""
    if is_wanted:
        show_table(("format", "what it is"), list(known_formats().items()))
        raise typer.Exit


ListFormats = Annotated[
    bool,
    typer.Option("--list-formats", help="Every format we read, and end.", is_eager=True, callback=_list_formats),
]


def parse(
    file: Annotated[Path, typer.Argument(help="The export to read.")],
    currency: Currency = None,
    mapping: Annotated[
        Path | None, typer.Option(metavar="M.toml", help="Which column means what: roles, answers, header.")
    ] = None,
    answer: Annotated[list[str] | None, typer.Option(metavar="CODE=CHOICE", help="Answer a question.")] = None,
    as_json: AsJson = False,
    list_formats: ListFormats = False,
) -> None:
    """Read one file: what was read, what was not and why, and what only you can decide.

    Ends with 0 when it was read, 2 when it was refused, 3 when there are questions.
    """
    del list_formats  # told before a file was looked for
    existing(file)
    known, answers = read_mapping(mapping), answers_of(answer or ())
    with progress_bar() as progress:
        progress(f"read {visible(file.name)}", 0, 0)
        reading = read_file(file, mapping=known, currency=currency, answers=answers)
    if as_json:
        emit(reading_document(reading))
    else:
        show_reading(file.name, reading)
    raise typer.Exit(exit_status(reading))
