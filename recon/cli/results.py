"""What came of a match, as the command line tells it to a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from recon.cli.screen import say, show_table
from recon.model.outcome import ProofLine
from recon.money import to_display


def show_result(counts: dict[str, Any], proof: Iterable[ProofLine]) -> None:
    """Pairs, discrepancies by kind, and the proof per currency. `counts` as in the JSON document."""
    say(f"{counts['matched']:,} matched, {counts['suggested']:,} suggested, {counts['discrepancies']:,} discrepancies.")
    found = [(kind, f"{count:,}") for kind, count in counts["by_kind"].items() if count]
    if found:
        show_table(("kind", "count"), found, numbers=("count",))
    columns = ("proof", "source", "reference", "difference", "unexplained")
    show_table(columns, [_proof_row(line) for line in proof], numbers=columns[1:])


def _proof_row(line: ProofLine) -> tuple[str, ...]:
    amounts = (line.source_total, line.reference_total, line.source_total - line.reference_total, line.unexplained)
    return (line.currency, *(to_display(amount, line.currency) for amount in amounts))
