"""`python -m checks`: list the checks, run them, and end with 1 when one failed or could not be carried out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from checks import CHECKS, runner
from checks.check import Category, CheckBook, CheckStatus, ReconCheckResult, Variance
from recon.cli.database import database
from recon.cli.exits import Exit
from recon.cli.options import AsJson
from recon.cli.screen import emit, progress_bar, say, show_table
from recon.config import settings
from recon.errors import NameUnknown, TieoutError
from recon.model.checks import CatalogueLine, figure_text
from recon.workflows.checks_on_demand import record_asked

OfCategory = Annotated[Category | None, typer.Option("--category", help="Only checks of this category.")]
OfBook = Annotated[CheckBook | None, typer.Option("--book", help="Only this book.")]
OfName = Annotated[str | None, typer.Option("--check", metavar="NAME", help="Only this check.")]


class NothingChosen(TieoutError):
    code = "NO_CHECK"

    def __init__(self) -> None:
        super().__init__(
            "No check fits all of these. `python -m checks list` shows which there are, and for which books."
        )


class Commands(TyperGroup):
    """Tells a `TieoutError` as its sentence on stderr, with the exit status of wrong use."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except TieoutError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(Exit.REFUSED) from None


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def checks() -> None:
    """Ask the books: named checks, what must hold, and what does not."""


@app.command("list")
def list_checks(as_json: AsJson = False) -> None:
    """Every check with its category, its books and what must hold."""
    if as_json:
        emit({"checks": [_line(check.line) for check in CHECKS]})
        return
    rows = [(c.name, c.line.category.value, ", ".join(c.line.books), c.line.must_hold) for c in CHECKS]
    show_table(("check", "category", "books", "what must hold"), rows)


@app.command()
def run(category: OfCategory = None, book: OfBook = None, name: OfName = None, as_json: AsJson = False) -> None:
    """Run checks and record what they find. Ends with 1 when one failed or could not be carried out."""
    wanted = _chosen(category, book, name)
    with database(settings()) as (engine, _), progress_bar() as on_progress:
        with engine.begin() as conn:
            record_asked(conn, [(check.line.name, place) for check, place in wanted], actor=settings().actor)
        results = runner.run_checks(
            engine,
            wanted,
            as_of=datetime.now(UTC).date(),
            requested_by=settings().actor,
            on_progress=on_progress,
        )
    if as_json:
        emit({"results": [_document(result) for result in results]})
    else:
        _show(results)
    bad = {CheckStatus.FAIL, CheckStatus.ERROR}
    raise typer.Exit(Exit.FAILED if any(result.status in bad for result in results) else Exit.READ)


def _chosen(category: Category | None, book: CheckBook | None, name: str | None) -> tuple[runner.Wanted, ...]:
    names = [check.name for check in CHECKS]
    if name is not None and name not in names:
        raise NameUnknown(where="--check", name=name, known=names)
    wanted = runner.select(category=category, book=book, name=name)
    if not wanted:
        raise NothingChosen
    return wanted


def _show(results: tuple[ReconCheckResult, ...]) -> None:
    rows = [(r.status.value, r.check_name, r.book.value, f"{len(r.variances):,}", r.summary) for r in results]
    show_table(("status", "check", "book", "variances", "what was found"), rows, numbers=("variances",))
    counted = ", ".join(f"{sum(r.status is status for r in results)} {status}" for status in CheckStatus)
    say(f"{len(results)} runs: {counted}.")


def _line(line: CatalogueLine) -> dict[str, Any]:
    return {
        "name": line.name,
        "category": line.category.value,
        "books": [book.value for book in line.books],
        "applies_to": [book.value for book in line.books if line.applies(book)],
        "must_hold": line.must_hold,
        "guards_against": line.guards_against,
        "warns_when": line.warns_when,
        "fails_when": line.fails_when,
    }


def _document(result: ReconCheckResult) -> dict[str, Any]:
    return {
        "run_id": result.run_id,
        "check_name": result.check_name,
        "category": result.category.value,
        "book": result.book.value,
        "status": result.status.value,
        "summary": result.summary,
        "metrics": dict(result.metrics),
        "variances": [_variance(variance) for variance in result.variances],
        "ran_at": result.ran_at.isoformat(),
    }


def _variance(variance: Variance) -> dict[str, Any]:
    figures = ("expected", "actual", "difference", "explained", "unexplained")
    return {
        "subject": variance.subject.as_json(),
        **{name: figure_text(getattr(variance, name), variance.unit) for name in figures},
        "unit": variance.unit,
        "note": variance.note,
    }
