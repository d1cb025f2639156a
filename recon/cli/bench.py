"""`bench`: how fast, how lean and how right, each against a baseline of the same run on the same machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from recon.bench.compare import BASELINE_INCLUDES, Comparison, Measured, compare
from recon.bench.deciding import AT_ONCE, Decided, bench_deciding
from recon.bench.ledger import LedgerBench, bench_ledger, own_database
from recon.bench.line import Line
from recon.bench.matching import bench_matching
from recon.bench.parse import bench_parse
from recon.bench.splink_model import MODELS, splink_version
from recon.bench.triage import Timing, bench_queries, make_queue
from recon.bench.workbench import bench_workbench
from recon.cli.options import AsJson, ComputeOn, dask_address
from recon.cli.screen import emit, say, show_table, warn
from recon.config import settings


class NumberFirst(TyperGroup):
    """`bench 100000` is `bench path 100000`: the whole path is what one asks for most."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        names_a_command = bool(args) and (args[0] in self.commands or args[0] in ("-h", "--help"))
        return super().parse_args(ctx, args if names_a_command else ["path", *args])


app = typer.Typer(
    name="bench",
    cls=NumberFirst,
    help="Measure the whole path (bench N), or one part of it.",
    short_help="Measure the whole path (bench N), or one part of it.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def path(
    count: Annotated[int, typer.Argument(min=100, help="Movements: about that many rows a side.")] = 100_000,
    seed: Annotated[int, typer.Option(help="Of the generated rows.")] = 7,
    as_json: AsJson = False,
) -> None:
    """File -> parsed -> matched -> published, with memory, precision and recall; and the per-row baseline."""
    found = compare(count, seed=seed, say=(lambda _: None) if as_json else warn)
    if as_json:
        emit(found.document())
    else:
        _show(found)


@app.command()
def matching(
    count: Annotated[
        int, typer.Argument(min=100, help="Movements with keys: about that many rows a side.")
    ] = 1_000_000,
    size: Annotated[
        list[int] | None, typer.Option(min=100, help="Movements with keys once more, at another size; repeatable.")
    ] = None,
    keyless: Annotated[int, typer.Option(min=0, help="Movements without any key; 0 leaves them out.")] = 45_000,
    seed: Annotated[int, typer.Option(help="Of the generated rows.")] = 7,
    compute: ComputeOn = None,
    splink: Annotated[bool, typer.Option(help="Measure Splink on the rows without keys, if it is installed.")] = True,
    as_json: AsJson = False,
) -> None:
    """The engine alone: against the seed's loop, and how right learned scoring is where no key tells."""
    found = bench_matching(
        count,
        more_counts=size or (),
        keyless_count=keyless,
        seed=seed,
        with_splink=splink,
        dask_address=dask_address(compute, settings().dask_address),
    )
    if as_json:
        emit(found.document())
        return
    say("Rows with keys that collide:")
    _show_lines((*(sized.line for sized in found.sizes), found.loop))
    say(f"The engine handles {found.ratio:,.1f} times the loop's rows per second (target: 250 at a million).")
    for sized in found.sizes:
        pace = sized.line.rows_per_second / found.keyed.rows_per_second
        gigabytes = sized.peak_bytes / 1e9
        say(f"{sized.count:,} movements: {pace:.2f} of the first size's rows per second, {gigabytes:,.2f} GB at most.")
    if found.slope is not None:
        say(f"From the smallest size to the largest its cost grows with slope {found.slope:.2f} (target: 1.1 at most).")
    if not found.keyless:
        return
    say("Rows without ids, equal dates or whole texts, three quarters of their amounts changed:")
    _show_lines(found.keyless)
    if splink and splink_version() is None:
        say("Splink is not installed (pip install -r requirements-dev.txt): it was not measured.")
    elif splink:
        for name, words in MODELS.items():
            say(f"Splink, {name}: {words}.")


@app.command()
def parse(
    rows: Annotated[int, typer.Argument(min=1_000, help="Movements of the CSV: about that many rows.")] = 1_000_000,
    statement: Annotated[int, typer.Option(min=100, help="Entries of each statement.")] = 8_000,
    seed: Annotated[int, typer.Option(help="Of the generated rows.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Reading files: a CSV beside pandas, statements beside the libraries others read them with."""
    found = bench_parse(rows, statement, seed=seed)
    if as_json:
        emit({"formats": [line.document() for line in found.lines], "peak_memory_mb": found.peak_memory_bytes // 10**6})
        return
    columns = ("format", "rows", "seconds", "rows/s", "beside", "its seconds", "times as fast")
    table = [
        (
            line.format,
            f"{line.rows:,}",
            f"{line.seconds:,.2f}",
            f"{line.rows / line.seconds:,.0f}",
            line.other,
            "not installed" if line.other_seconds is None else f"{line.other_seconds:,.2f}",
            "" if line.ratio is None else f"{line.ratio:,.1f}",
        )
        for line in found.lines
    ]
    show_table(columns, table, numbers=("rows", "seconds", "rows/s", "its seconds", "times as fast"))
    say(f"The process that read the CSV took {found.peak_memory_bytes / 1e6:,.0f} MB at its peak.")


def _show_lines(lines: tuple[Line, ...]) -> None:
    columns = ("way", "rows", "seconds", "of cpu", "rows/s", "paired", "precision", "recall")
    rows = [
        (
            line.way,
            f"{line.rows:,}",
            f"{line.seconds:,.2f}",
            f"{line.cpu_seconds:,.2f}",
            f"{line.rows_per_second:,.0f}",
            f"{line.share:.1%}",
            f"{line.precision:.4f}",
            f"{line.recall:.4f}",
        )
        for line in lines
    ]
    show_table(columns, rows, numbers=columns[1:])


@app.command()
def triage(
    rows: Annotated[int, typer.Argument(min=1_000, help="Discrepancies of the run.")] = 1_000_000,
    as_json: AsJson = False,
) -> None:
    """Triage and workbench on a run of very many discrepancies: what the pages ask, and what people decide there."""
    with own_database() as engine:
        run_id = make_queue(engine, rows)
        asked: Sequence[Timing] = bench_queries(engine, run_id, rows)
        decided = bench_deciding(engine, run_id, at_once=min(AT_ONCE, rows // 4))
        settled = tuple(bench_workbench(engine, rows))
    if as_json:
        timings = {"questions": asked, "workbench": settled}
        told: dict[str, Any] = {name: [asdict(each) for each in part] for name, part in timings.items()}
        emit({"discrepancies": rows, **told, "decisions": [asdict(each) for each in decided]})
        return
    _show_timings("asked of triage", asked)
    _show_decided(decided)
    _show_timings("done on the workbench", settled)


def _show_timings(what: str, timings: Sequence[Timing]) -> None:
    rows = [(t.question, f"{t.median_ms:.1f}", f"{t.slowest_ms:.1f}", f"{t.row_count:,}") for t in timings]
    show_table((what, "median ms", "slowest ms", "rows"), rows, numbers=("median ms", "slowest ms", "rows"))


def _show_decided(decided: Sequence[Decided]) -> None:
    rows = [
        (d.what, f"{d.count:,}", f"{d.seconds:.2f}", f"{d.per_second:,.0f}", f"{d.slowest_seconds:.3f}")
        for d in decided
    ]
    columns = ("decided on triage", "discrepancies", "seconds", "a second", "slowest answer s")
    show_table(columns, rows, numbers=columns[1:])


@app.command()
def ledger(
    transfers: Annotated[int, typer.Argument(min=10, help="How many, over twenty accounts.")] = 50_000,
    threads: Annotated[int, typer.Option(min=1, max=32, help="How many post at the same time.")] = 32,
    as_json: AsJson = False,
) -> None:
    """Transfers a second through the ledger, beside the same transfers as bare hand-written SQL."""
    with own_database() as engine:
        found = bench_ledger(engine, transfers, threads=threads)
    if as_json:
        emit(found.document())
    else:
        _show_ledger(found)


def _show_ledger(found: LedgerBench) -> None:
    columns = ("way", "transfers/s", "seconds", "posted", "refused", "sum", "lowest balance")
    rows = [
        (
            name,
            f"{way.per_second:,.0f}",
            f"{way.seconds:,.2f}",
            way.posted_count,
            way.refused_count,
            way.total,
            way.lowest,
        )
        for name, way in (("ledger", found.ledger), ("bare SQL", found.bare))
    ]
    say(f"{found.transfer_count:,} transfers, {found.thread_count} threads, {found.account_count} accounts:")
    show_table(columns, rows, numbers=columns[1:])
    say(f"The ledger carries {found.ratio:.2f} of what bare SQL does; deadlocks: {found.deadlock_count}.")


def _show(found: Comparison) -> None:
    say(f"Whole path, {found.path.rows:,} rows:")
    _show_measured(found.path)
    say(f"largest process: {found.peak_memory_bytes / 1e6:,.0f} MB\n".rstrip())
    say(f"Baseline, {found.baseline.rows:,} rows ({BASELINE_INCLUDES}):")
    _show_measured(found.baseline)
    say(f"The whole path handles {found.ratio:,.1f} times the baseline's rows per second.")


def _show_measured(measured: Measured) -> None:
    rows = [(name, seconds) for name, seconds in measured.stages.items()] + [("in all", measured.seconds)]
    table = [(name, f"{seconds:,.3f}", f"{measured.rows / seconds:,.0f}" if seconds else "") for name, seconds in rows]
    show_table(("stage", "seconds", "rows/s"), table, numbers=("seconds", "rows/s"))
    say(f"precision {measured.precision:.4f}, recall {measured.recall:.4f}")
