"""What a person sees in a terminal: tables on stdout, sentences and progress bars on stderr, bars only on a terminal.

Text from files may hold anything; `visible` shows its control characters instead of sending them to the terminal.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from recon.model.progress import Progress as OnProgress
from recon.model.progress import silent

UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
CELL_WIDTH: Final = 60


def emit(document: dict[str, Any]) -> None:
    """Print a JSON document to stdout."""
    typer.echo(json.dumps(document, indent=2))


def say(text: str) -> None:
    """Print a line for a person to stdout."""
    typer.echo(visible(text))


def warn(text: str) -> None:
    """Print a line for a person to stderr."""
    typer.echo(visible(text), err=True)


def visible(text: str) -> str:
    """The text with every character that has no shape of its own shown as U+FFFD."""
    return "".join("\ufffd" if unicodedata.category(char) in UNSEEN else char for char in text)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = ()) -> None:
    """Print rows under a header; the columns in `numbers` are aligned right."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in columns:
        is_number = name in numbers
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number, max_width=CELL_WIDTH)
    for row in rows:
        table.add_row(*(Text("" if cell is None else visible(str(cell))) for cell in row))
    Console(soft_wrap=False).print(table)


@contextmanager
def progress_bar() -> Iterator[OnProgress]:
    """A callable to report progress to: a bar for each stage on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield silent
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def report(stage: str, done_count: int, total_count: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total_count or None)
            bars.update(tasks[stage], completed=done_count, total=total_count or None)

        yield report
